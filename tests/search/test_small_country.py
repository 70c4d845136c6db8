"""What the comparison takes for granted of its own material."""

import json

import shapely

from app.geo.distance import GridPoint, parse_lat_lon, to_grid, to_grid_array
from app.search.query import SearchQuery
from tests.search.small_country import POLYGONS, POSTCODES, STANDPOINTS
from tests.search.worlds import ASKED


def test_nothing_lies_so_near_an_edge_that_the_way_of_reckoning_decides() -> None:
    """The app asks about polygons on the grid, the reference in degrees: a straight line differs by a metre or so."""
    standpoints = [to_grid(*parse_lat_lon(*pair)) for pair in STANDPOINTS]
    points = [GridPoint(row.easting, row.northing) for row in POSTCODES] + standpoints
    for text in POLYGONS:
        edges = shapely.boundary(shapely.transform(shapely.from_geojson(text), to_grid_array))
        assert min(shapely.distance(edges, shapely.Point(one.easting, one.northing)) for one in points) > 20
        assert json.loads(text)["type"] == "Polygon"


def test_every_field_of_a_question_is_asked() -> None:
    assert set(SearchQuery.model_fields) == {*ASKED, "postcode", "lat", "lon", "area"}
