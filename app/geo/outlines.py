"""Outlines of a few neighbouring areas as paths of SVG: small enough to stand inside every page that shows them.

They are for recognising the areas, and say nothing that their stored shapes do not. North is up, and a degree of
longitude is as long as it is in the middle of the areas: at this size no other projection looks different. Areas are
simplified together, so that neighbours go on sharing their border, and rounded to whole units.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[Any]
Integers = npt.NDArray[np.integer]

WIDTH: Final = 280
"""Units from the westernmost point to the easternmost. For the seven boroughs of the West Midlands one is 190 m."""
TOLERANCE: Final = 3.25
"""Units, as `coverage_simplify` takes them: corners that span less than its square go."""
MARGIN: Final = 3
"""Units of paper around the areas, so that a thick border is not cut off."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One area. `middle` is where a word can stand: the point inside that is furthest from the border."""

    path: str
    middle: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outlines:
    """Areas by code, on one sheet of `width` × `height` units with the origin at its top left."""

    width: int
    height: int
    by_code: Mapping[str, Outline]

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


def draw_outlines(geometries: Mapping[str, Mapping[str, Any]]) -> Outlines | None:
    """Outlines of GeoJSON polygons in WGS84, at least one, in ascending order of their codes.

    None where one of them cannot be drawn: it crosses itself, or has no size on a sheet that holds all of them.
    """
    codes = sorted(geometries)
    shapes = np.array([shapely.from_geojson(json.dumps(geometries[code])) for code in codes])
    sheet = on_sheet(shapes)
    try:
        simple = shapely.transform(shapely.coverage_simplify(sheet, TOLERANCE), np.round)
        drawn = [Outline(_path(shape), _middle(shape)) for shape in simple]
    except shapely.errors.ShapelyError:
        return None
    if not all(one.path for one in drawn):
        return None
    return Outlines(
        width=WIDTH + 2 * MARGIN,
        height=math.ceil(shapely.total_bounds(sheet)[3]) + MARGIN,
        by_code=dict(zip(codes, drawn, strict=True)),
    )


def on_sheet(shapes: Geometries) -> Geometries:
    """Shapes in degrees (WGS84) in units of the sheet, y downwards as in SVG."""
    west, south, east, north = shapely.total_bounds(shapes)
    across = WIDTH / (east - west)
    down = across / math.cos(math.radians((south + north) / 2))
    moved: Geometries = shapely.transform(
        shapes,
        lambda at: np.column_stack([(at[:, 0] - west) * across, (north - at[:, 1]) * down]) + MARGIN,
    )
    return moved


def _path(shape: shapely.Geometry) -> str:
    """With relative steps, which are short. Rings that have lost their area by rounding are left out."""
    rings = [
        shapely.get_coordinates(ring).astype(np.int64)
        for polygon in shapely.get_parts(shape)
        for ring in shapely.get_rings(polygon)
        if shapely.area(shapely.polygons(ring))
    ]
    return "".join(f"M{_numbers(ring[:1])}l{_numbers(np.diff(ring[:-1], axis=0))}z" for ring in rings)


def _numbers(points: Integers) -> str:
    """As SVG allows them: a minus sign parts two numbers as well as a space."""
    return " ".join(_steps(points)).replace(" -", "-")


def _steps(points: Integers) -> Iterator[str]:
    for x, y in points.tolist():
        yield f"{x} {y}"


def _middle(shape: shapely.Geometry) -> tuple[int, int]:
    largest = max(shapely.get_parts(shape), key=shapely.area)
    radius = shapely.maximum_inscribed_circle(largest, tolerance=1)
    x, y = shapely.get_coordinates(radius)[0]
    return round(x), round(y)
