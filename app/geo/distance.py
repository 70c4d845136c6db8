"""Positions on the Ordnance Survey grid and distances between them.

On the grid a distance is a plain hypotenuse. The grid's scale differs from 1 by at most 0.05 % between eastings 130 km
and 670 km, which is all of England, Wales and mainland Scotland (0.1 % in the Outer Hebrides and Scilly).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from convertbng.cutil import convert_osgb36_to_ll, convert_to_osgb36
from geopy.distance import geodesic

from app.errors import FieldError, OutsideUk, ValidationFailed

SOUTH, NORTH, WEST, EAST = 49.0, 61.5, -9.0, 2.5
"""A box around the United Kingdom in degrees: enough to tell a swapped pair from a place."""

SNAP_DECIMALS = 3
"""Coordinates of a person are used to about 100 m: enough for a distance, too coarse for a door."""


@dataclass(frozen=True, slots=True, repr=False)
class GridPoint:
    """A position in metres on the British National Grid (OSGB36, EPSG:27700)."""

    easting: float
    northing: float

    def __repr__(self) -> str:
        # Often it is where somebody is: not for tracebacks and logs.
        return "<GridPoint>"


def hypotenuse_m(a: GridPoint, b: GridPoint) -> float:
    """Metres between two points on the grid."""
    return math.hypot(a.easting - b.easting, a.northing - b.northing)


def geodesic_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two (latitude, longitude) pairs on the WGS84 ellipsoid: the reference, not for hot paths."""
    return float(geodesic(a, b).km)


def parse_lat_lon(lat: float, lon: float) -> tuple[float, float]:
    """The pair in degrees (WGS84), snapped to `SNAP_DECIMALS`.

    Raises ValidationFailed for what is no latitude or longitude, OutsideUk for what is far from the United Kingdom.
    """
    wrong = [
        FieldError(pointer, f"a number of degrees from -{limit} to {limit}")
        for pointer, value, limit in (("/lat", lat, 90), ("/lon", lon, 180))
        if not (math.isfinite(value) and abs(value) <= limit)
    ]
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))
    if not (SOUTH <= lat <= NORTH and WEST <= lon <= EAST):
        raise OutsideUk
    # Adding zero turns -0.0 into 0.0.
    return round(lat, SNAP_DECIMALS) + 0.0, round(lon, SNAP_DECIMALS) + 0.0


def to_grid(lat: float, lon: float) -> GridPoint:
    """WGS84 degrees to the grid, by OSTN15. Raises OutsideUk where the grid does not reach."""
    eastings, northings = convert_to_osgb36(lon, lat)
    easting, northing = float(eastings[0]), float(northings[0])
    if not (math.isfinite(easting) and math.isfinite(northing)):
        raise OutsideUk
    return GridPoint(easting, northing)


def to_lat_lon(point: GridPoint) -> tuple[float, float]:
    """A grid position as (latitude, longitude) in WGS84 degrees, by OSTN15. Raises OutsideUk off the grid."""
    lons, lats = convert_osgb36_to_ll(point.easting, point.northing)
    lat, lon = float(lats[0]), float(lons[0])
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise OutsideUk
    return lat, lon


def to_grid_array(lon_lat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of (longitude, latitude) to rows of (easting, northing): the form `shapely.transform` wants.

    Raises OutsideUk when any row lies off the grid.
    """
    return _converted(convert_to_osgb36, lon_lat)


def to_lon_lat_array(grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of (easting, northing) to rows of (longitude, latitude). Raises OutsideUk when any row lies off the grid."""
    return _converted(convert_osgb36_to_ll, grid)


def _converted(convert: Any, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if not len(rows):
        return np.empty((0, 2))
    first, second = convert(np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1]))
    pairs = np.column_stack([first, second])
    if not np.isfinite(pairs).all():
        raise OutsideUk
    return pairs
