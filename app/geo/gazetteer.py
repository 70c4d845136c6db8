"""The look-up from a postcode, or a point, to its place and local authorities: a read-only file, read into memory whole.

Every process on every machine may hold one; it is not part of the system of record. What it gives back never carries
the postcode that was asked for.

It is not mapped: somebody who copies another file over this one would change what a look-up reads under its hands, and
whoever reads past the end of a file that was cut is killed by the system (SIGBUS), every process of the service at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import shapely

from app.errors import PostcodeNoLocation, PostcodeNotFound, Unavailable
from app.geo.cells import CellIndex, Integers
from app.geo.distance import GridPoint
from app.geo.gazetteer_layout import (
    COLUMNS,
    INWARD_CODES,
    LIVE,
    NO_LOCATION,
    SECTOR_SIZE,
    STATUSES,
    TERMINATED,
    UNKNOWN,
    Counts,
    Edition,
    Header,
    body_of,
    parse_header,
    read_header,
)
from app.geo.postcodes import Postcode, Precision

PostcodeStatus = Literal["live", "terminated", "unknown"]

NEAREST_WITHIN_M = 2000.0
"""How far from a postcode a point may lie and still take its authority (a choice of ours, not of a source)."""


@dataclass(frozen=True, slots=True)
class AuthorityShare:
    """A local authority (GSS code) and its share of the place's postcodes, above 0 and at most 1."""

    code: str
    share: float


@dataclass(frozen=True, slots=True, repr=False)
class Locality:
    """Where a postcode or point lies. `authorities` is never empty, biggest share first; shares sum to 1."""

    precision: Precision | Literal["point"]
    outward: str
    position: GridPoint
    authorities: tuple[AuthorityShare, ...]
    status: PostcodeStatus

    def __repr__(self) -> str:
        return f"<Locality {self.precision}>"


@dataclass(frozen=True, slots=True)
class Points:
    """Postcode points: metres on the grid, and an index into `Gazetteer.authority_codes` for each."""

    easting: Integers
    northing: Integers
    authority: Integers


class Gazetteer:
    """Opened with `Gazetteer.open(path)`. Safe to read from many threads; replacing the file leaves it as it was."""

    def __init__(self, header: Header, body: memoryview) -> None:
        self._arrays: dict[str, Integers] = {}
        for name, kind in COLUMNS.items():
            offset, count = header.columns[name]
            self._arrays[name] = np.frombuffer(body, dtype=kind, count=count, offset=offset)
        # Single entries come faster from a memoryview than from an array.
        self._inward, self._easting, self._northing, self._authority, self._status = (
            self._arrays[name].data for name in ("inward", "easting", "northing", "authority", "status")
        )
        self._cells = CellIndex(
            *(self._arrays[name] for name in ("easting", "northing", "cell_start", "cell_rows"))
        )
        self.edition: Edition = header.edition
        self.counts: Counts = header.counts
        self.authority_codes = header.authorities
        self._whole = tuple((AuthorityShare(code, 1.0),) for code in header.authorities)
        self._districts = {one.outward: one for one in header.districts}
        self._spans: dict[str, tuple[int, int]] = {}
        start = 0
        for one in header.districts:
            self._spans[one.outward] = (start, start + one.rows)
            start += one.rows
        self._outwards = tuple(self._spans)
        self._starts = [span[0] for span in self._spans.values()]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the file. Raises Unavailable when it is absent, damaged or of another layout: build it again."""
        try:
            content = memoryview(path.read_bytes())
            start, length = read_header(content[:16].tobytes())
            header = parse_header(content[start : start + length].tobytes())
            return cls(header, body_of(content, start + length, header))
        except (OSError, ValueError, KeyError, TypeError) as failure:
            raise Unavailable(
                "The postcode look-up is absent or cannot be read. `directory gazetteer build` makes it."
            ) from failure

    def close(self) -> None:
        """Let it go. Results that were given out stay good; look-ups do not work any more."""
        for view in (self._inward, self._easting, self._northing, self._authority, self._status):
            view.release()
        self._arrays.clear()
        del self._cells

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def locate(self, postcode: Postcode) -> Locality:
        """Where a unit lies, or the mean position and the authorities of a sector's or district's postcodes.

        Means and shares are over postcodes not known to be terminated, or over all where every one is.
        Raises PostcodeNotFound, or PostcodeNoLocation when the directory has it without a grid reference.
        """
        outward, inward = postcode.outward, postcode.inward
        span = self._spans.get(outward)
        if span is None:
            raise PostcodeNotFound
        if inward is None:
            return self._district(outward)
        if postcode.precision is Precision.SECTOR:
            return self._sector(outward, int(inward))
        code = INWARD_CODES[inward]
        row = bisect_left(self._inward, code, *span)
        if row == span[1] or self._inward[row] != code:
            raise PostcodeNotFound
        return self._row(row, Precision.UNIT, outward)

    def nearest(self, point: GridPoint, *, within_m: float = NEAREST_WITHIN_M) -> Locality | None:
        """The postcode nearest to the point (its position, not the point's), or None when none is within `within_m`."""
        row = self._cells.nearest(point, within_m=within_m)
        if row is None:
            return None
        return self._row(row, "point", self._outwards[bisect_right(self._starts, row) - 1])

    def points_in_box(self, south_west: GridPoint, north_east: GridPoint) -> Points:
        """All postcode points of a rectangle of the grid, its edges included, terminated ones too."""
        rows = self._cells.in_box(
            south_west.easting, south_west.northing, east=north_east.easting, north=north_east.northing
        )
        return Points(*(self._arrays[name][rows] for name in ("easting", "northing", "authority")))

    def authorities_within(self, area: shapely.Geometry) -> frozenset[str]:
        """Codes of the authorities with a postcode inside an area on the grid (metres).

        An area too small to hold a postcode takes the authority nearest to it.
        """
        if shapely.is_empty(area):
            return frozenset()
        west, south, east, north = shapely.bounds(area)
        points = self.points_in_box(GridPoint(west, south), GridPoint(east, north))
        shapely.prepare(area)
        inside = shapely.intersects_xy(area, points.easting, points.northing)
        found = frozenset(self.authority_codes[index] for index in np.unique(points.authority[inside]))
        if found:
            return found
        middle = shapely.point_on_surface(area)
        near = self.nearest(GridPoint(shapely.get_x(middle), shapely.get_y(middle)))
        return frozenset() if near is None else frozenset(one.code for one in near.authorities)

    def authorities_of_district(self, outward: str) -> tuple[AuthorityShare, ...]:
        """The authorities of an outward code, biggest share first; empty when it is unknown or has no place."""
        district = self._districts.get(outward)
        return () if district is None else self._shares(district.authorities)

    def districts(self) -> Iterator[str]:
        """Outward codes with a place, in the order of the alphabet."""
        return (one.outward for one in self._districts.values() if one.authorities)

    def _row(self, row: int, precision: Precision | Literal["point"], outward: str) -> Locality:
        easting = self._easting[row]
        if easting == NO_LOCATION:
            raise PostcodeNoLocation
        return Locality(
            precision,
            outward,
            GridPoint(easting, self._northing[row]),
            self._whole[self._authority[row]],
            STATUSES[self._status[row]],
        )

    def _district(self, outward: str) -> Locality:
        district = self._districts[outward]
        if district.easting is None or district.northing is None:
            raise PostcodeNoLocation
        return Locality(
            Precision.DISTRICT,
            outward,
            GridPoint(district.easting, district.northing),
            self._shares(district.authorities),
            STATUSES[district.status],
        )

    def _sector(self, outward: str, digit: int) -> Locality:
        span = self._spans[outward]
        start = bisect_left(self._inward, digit * SECTOR_SIZE, *span)
        stop = bisect_left(self._inward, (digit + 1) * SECTOR_SIZE, *span)
        if start == stop:
            raise PostcodeNotFound
        summary = summarize(
            *(self._arrays[name][start:stop] for name in ("easting", "northing", "authority", "status"))
        )
        if summary is None:
            raise PostcodeNoLocation
        easting, northing, status, authorities = summary
        return Locality(
            Precision.SECTOR,
            outward,
            GridPoint(easting, northing),
            self._shares(authorities),
            STATUSES[status],
        )

    def _shares(self, counted: tuple[tuple[int, int], ...]) -> tuple[AuthorityShare, ...]:
        if len(counted) == 1:
            return self._whole[counted[0][0]]
        total = sum(count for _, count in counted)
        return tuple(AuthorityShare(self.authority_codes[index], count / total) for index, count in counted)


def summarize(
    easting: Integers, northing: Integers, authority: Integers, status: Integers
) -> tuple[float, float, int, tuple[tuple[int, int], ...]] | None:
    """Mean easting and northing, status, and (authority index, postcodes) most first, of some rows; None without a place.

    Counts those not known to be terminated, or all where every one is. `live` where any of them is.
    """
    located = easting != NO_LOCATION
    current = located & (status != TERMINATED)
    counted = current if current.any() else located
    if not counted.any():
        return None
    numbers, counts = np.unique(authority[counted], return_counts=True)
    most_first = sorted(
        zip(numbers.tolist(), counts.tolist(), strict=True), key=lambda one: (-one[1], one[0])
    )
    if (status[counted] == LIVE).any():
        overall = LIVE
    else:
        overall = UNKNOWN if (status[counted] == UNKNOWN).any() else TERMINATED
    return (
        float(easting[counted].mean(dtype=np.float64)),
        float(northing[counted].mean(dtype=np.float64)),
        overall,
        tuple(most_first),
    )
