"""Outlines as pages have them: read back from their paths, they fit together, and the areas that they are of."""

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import shapely

from app.directory.area_shapes import AreaShapes
from app.geo.distance import to_grid_array
from app.geo.outlines import MARGIN, WIDTH, Outlines, draw_outlines
from tests.gazetteer_cache import ROOT

MOST_BYTES = 1000
"""Gzipped, of all paths. What a page adds to them is weighed with the page."""
BOROUGHS = {
    one["id"]: one["geometry"]
    for one in json.loads((ROOT / "seed_data" / "areas" / "boroughs.geojson").read_text(encoding="utf-8"))[
        "features"
    ]
}
SQUARE = {"type": "Polygon", "coordinates": [[[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]]]}
RING = {
    "type": "Polygon",
    "coordinates": [
        [[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]],
        [[-1.7, 52.3], [-1.7, 52.7], [-1.3, 52.7], [-1.3, 52.3], [-1.7, 52.3]],
    ],
}
WITH_ISLAND = {
    "type": "MultiPolygon",
    "coordinates": [
        SQUARE["coordinates"],
        [[[-3, 52], [-2.8, 52], [-2.8, 52.2], [-3, 52.2], [-3, 52]]],
        [[[-3, 52.9], [-2.9999, 52.9], [-2.9999, 52.9001], [-3, 52.9]]],
    ],
}


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    drawn = draw_outlines(BOROUGHS)
    assert drawn is not None
    return drawn


def rings(path: str) -> list[shapely.Geometry]:
    """The polygons of a path's rings, by what SVG 2 (section 9.3) says of `M`, `l` and `z`."""
    assert re.fullmatch(r"(M\d+ \d+l-?\d+(?:(?: |(?=-))-?\d+)*z)+", path)
    found: list[shapely.Geometry] = []
    for start, steps in re.findall(r"M([^l]+)l([^z]+)z", path):
        points = [[int(number) for number in re.findall(r"-?\d+", text)] for text in (start, steps)]
        moves = np.array(points[0] + points[1]).reshape(-1, 2)
        found.append(shapely.Polygon(np.cumsum(moves, axis=0)))
    return found


def shapes_of(outlines: Outlines) -> np.ndarray[Any, Any]:
    return np.array([shapely.union_all(rings(one.path)) for one in outlines.by_code.values()])


def placed(geometries: Mapping[str, Any], outlines: Outlines) -> np.ndarray[Any, Any]:
    """The unsimplified shapes, fitted onto the same sheet from their extent alone."""
    shapes = np.array([shapely.from_geojson(json.dumps(geometries[code])) for code in outlines.by_code])
    west, south, east, north = shapely.total_bounds(shapes)
    scale = np.array([WIDTH / (east - west), -(outlines.height - 2 * MARGIN) / (north - south)])
    moved: np.ndarray[Any, Any] = shapely.transform(shapes, lambda at: (at - [west, north]) * scale + MARGIN)
    return moved


def test_neighbours_still_share_their_borders(outlines: Outlines) -> None:
    shapes = shapes_of(outlines)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(shapes)
    assert shapely.area(whole) == pytest.approx(shapely.area(shapes).sum())
    assert shapely.get_type_id(whole) == shapely.GeometryType.POLYGON
    assert shapely.get_num_interior_rings(whole) == 0


def test_each_outline_is_close_to_its_shape(outlines: Outlines) -> None:
    drawn, true = shapes_of(outlines), placed(BOROUGHS, outlines)
    agreement = shapely.area(shapely.intersection(drawn, true)) / shapely.area(shapely.union(drawn, true))
    assert agreement.min() >= 0.9
    assert shapely.contains(drawn, shapely.point_on_surface(true)).all()


def test_words_stand_inside(outlines: Outlines) -> None:
    middles = shapely.points([one.middle for one in outlines.by_code.values()])
    assert (shapely.distance(middles, shapely.boundary(shapes_of(outlines))) > 15).all()
    assert shapely.contains(shapes_of(outlines), middles).all()


def test_everything_is_on_the_sheet(outlines: Outlines) -> None:
    west, north, east, south = shapely.total_bounds(shapes_of(outlines))
    assert (west, north) == (MARGIN, MARGIN)
    assert (east, south) == (outlines.width - MARGIN, pytest.approx(outlines.height - MARGIN, abs=1))
    assert outlines.view_box == f"0 0 {outlines.width} {outlines.height}"


def test_north_is_up_and_a_kilometre_is_as_long_either_way(outlines: Outlines) -> None:
    walsall, solihull, coventry, wolverhampton = (
        outlines.by_code[f"E080000{number}"].middle for number in (30, 29, 26, 31)
    )
    assert walsall[1] < solihull[1]
    assert wolverhampton[0] < walsall[0] < solihull[0] < coventry[0]
    grid = shapely.transform(
        np.array([shapely.from_geojson(json.dumps(one)) for one in BOROUGHS.values()]), to_grid_array
    )
    west, south, east, north = shapely.total_bounds(grid)
    drawn_west, drawn_north, drawn_east, drawn_south = shapely.total_bounds(shapes_of(outlines))
    across, down = (east - west) / (drawn_east - drawn_west), (north - south) / (drawn_south - drawn_north)
    assert across == pytest.approx(down, rel=0.02)


def test_they_are_small(outlines: Outlines) -> None:
    paths = "".join(one.path for one in outlines.by_code.values())
    assert len(gzip.compress(paths.encode(), 9)) < MOST_BYTES


def test_the_same_shapes_give_the_same_bytes(outlines: Outlines) -> None:
    assert draw_outlines(dict(reversed(BOROUGHS.items()))) == outlines


def test_holes_and_islands_are_kept_and_specks_are_not() -> None:
    outlines = draw_outlines({"ring": RING, "island": WITH_ISLAND})
    assert outlines is not None
    assert len(rings(outlines.by_code["ring"].path)) == 2
    assert len(rings(outlines.by_code["island"].path)) == 2
    with_hole = shapely.Polygon(
        *[shapely.get_coordinates(one) if n == 0 else [shapely.get_coordinates(one)]
          for n, one in enumerate(rings(outlines.by_code["ring"].path))]
    )  # fmt: skip
    assert with_hole.contains(shapely.Point(outlines.by_code["ring"].middle))


def test_a_map_with_a_hole_in_it_is_not_drawn() -> None:
    shapes = AreaShapes({code: (shape, True) for code, shape in BOROUGHS.items()})
    drawn = shapes.outlines(BOROUGHS)
    assert drawn is not None
    assert list(drawn.by_code) == sorted(BOROUGHS)
    assert shapes.outlines(reversed(BOROUGHS)) is drawn, "drawn once"
    assert shapes.outlines([*BOROUGHS, "E08000001"]) is None
    assert shapes.outlines([]) is None
    assert AreaShapes({}).outlines(BOROUGHS) is None


@pytest.mark.parametrize(
    "ring",
    [
        [[-1.5, 52.5], [-1.4999, 52.5], [-1.4999, 52.5001], [-1.5, 52.5]],
        [[-3, 52], [-2.5, 52.5], [-2.5, 52], [-3, 52.5], [-3, 52]],
        [[-3, 52], [-2.5, 52], [-3, 52], [-2.5, 52], [-3, 52]],
    ],
    ids=["too small", "a bow tie", "a line"],
)
def test_what_cannot_be_drawn_stops_nothing(ring: list[list[float]]) -> None:
    odd = {"type": "Polygon", "coordinates": [ring]}
    assert draw_outlines({"odd": odd, "square": SQUARE}) is None
