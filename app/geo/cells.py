"""An index of points on the grid by 1 km cell: what lies in a box, and what is nearest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.geo.distance import GridPoint

Integers = npt.NDArray[np.integer]

CELL_M = 1000
CELLS_EAST = 700
CELLS_NORTH = 1300
"""The grid is 700 km by 1300 km (Ordnance Survey, "A guide to coordinate systems in Great Britain", section 7)."""


@dataclass(frozen=True, slots=True)
class CellIndex:
    """`start` says for each cell, west to east and then south to north, where its rows begin in `rows`."""

    easting: Integers
    northing: Integers
    start: Integers
    rows: Integers

    def in_box(self, west: float, south: float, *, east: float, north: float) -> Integers:
        """Row numbers of the points in a rectangle (metres), its edges included."""
        left, right = _cells(west, east, CELLS_EAST)
        bottom, top = _cells(south, north, CELLS_NORTH)
        if left >= right or bottom >= top:
            return np.empty(0, np.int32)
        lines = range(bottom * CELLS_EAST, top * CELLS_EAST, CELLS_EAST)
        rows: Integers = np.concatenate(
            [self.rows[self.start[line + left] : self.start[line + right]] for line in lines]
        )
        eastings, northings = self.easting[rows], self.northing[rows]
        inside = (eastings >= west) & (eastings <= east) & (northings >= south) & (northings <= north)
        return rows[inside]

    def nearest(self, point: GridPoint, *, within_m: float) -> int | None:
        """Row number of the nearest point, or None when none lies within `within_m`."""
        reach = min(float(CELL_M), within_m)
        while True:
            rows = self.in_box(
                point.easting - reach,
                point.northing - reach,
                east=point.easting + reach,
                north=point.northing + reach,
            )
            if len(rows):
                distances = np.hypot(self.easting[rows] - point.easting, self.northing[rows] - point.northing)
                best = int(np.argmin(distances))
                # A nearer one may stand outside the box when this one is in a corner of it.
                if distances[best] <= reach:
                    return int(rows[best])
            if reach >= within_m:
                return None
            reach = min(reach * 2, within_m)


def index_cells(easting: Integers, northing: Integers, among: npt.NDArray[np.bool_]) -> CellIndex:
    """The index of the rows flagged in `among`, which must lie on the grid."""
    located = np.flatnonzero(among).astype(np.int32)
    cells = (northing[located] // CELL_M) * CELLS_EAST + easting[located] // CELL_M
    counts = np.bincount(cells, minlength=CELLS_EAST * CELLS_NORTH)
    start = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
    return CellIndex(easting, northing, start, located[np.argsort(cells, kind="stable")])


def _cells(low: float, high: float, count: int) -> tuple[int, int]:
    """The range of cells that an interval of metres touches, cut to the grid."""
    return max(int(low // CELL_M), 0), min(int(high // CELL_M) + 1, count)
