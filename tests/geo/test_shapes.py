"""Shapes for looking at: derived ones fit together and the truth, official ones are read as published."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from app.errors import ImportRejected, OutsideArea, UnknownArea
from app.geo.areas import Areas
from app.geo.distance import GridPoint, to_grid_array
from app.geo.gazetteer import Gazetteer
from app.geo.shapes import derive_shapes, read_official_shapes
from tests.gazetteer_cache import ROOT

BOROUGHS = [f"E080000{number}" for number in range(25, 32)]
SEED = ROOT / "seed_data" / "areas" / "boroughs.geojson"


@pytest.fixture(scope="module")
def derived(gazetteer: Gazetteer, areas: Areas) -> dict[str, Any]:
    return derive_shapes(gazetteer, areas, BOROUGHS)


def geometries(shapes: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in shapes["features"]])


def on_grid(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    converted: np.ndarray[Any, Any] = shapely.transform(shapes, to_grid_array)
    return converted


def test_neighbours_have_no_gaps_and_no_overlaps(derived: dict[str, Any]) -> None:
    shapes = geometries(derived)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes, gap_width=0.001)
    whole = shapely.union_all(shapes)
    assert shapely.area(whole) == pytest.approx(shapely.area(shapes).sum())
    # Seven boroughs around one another: no hole in the middle of them.
    assert shapely.get_num_interior_rings(whole) == 0


def test_each_shape_is_close_to_the_official_one(derived: dict[str, Any], reference: Path) -> None:
    official = json.loads((reference / "lad_wm.geojson").read_text(encoding="utf-8"))
    truth = {one["id"]: shapely.from_geojson(json.dumps(one["geometry"])) for one in official["features"]}
    found = on_grid(geometries(derived))
    expected = on_grid(np.array([truth[one["id"]] for one in derived["features"]]))
    agreement = shapely.area(shapely.intersection(found, expected)) / shapely.area(
        shapely.union(found, expected)
    )
    for one, share in zip(derived["features"], agreement, strict=True):
        print(f"{one['properties']['name']}: {share:.3f}")  # noqa: T201  # the figure is asked for, shown with -rP
    assert agreement.min() >= 0.90


def test_nearly_every_postcode_lies_in_the_shape_of_its_authority(
    derived: dict[str, Any], gazetteer: Gazetteer
) -> None:
    for one, shape in zip(derived["features"], on_grid(geometries(derived)), strict=True):
        index = gazetteer.authority_codes.index(one["id"])
        west, south, east, north = shapely.bounds(shape)
        points = gazetteer.points_in_box(GridPoint(west, south), GridPoint(east, north))
        inside = shapely.contains_xy(shape, points.easting, points.northing)
        assert (points.authority[inside] == index).mean() > 0.985
        assert inside[points.authority == index].mean() > 0.985


def test_shapes_are_geojson_as_the_standard_says(derived: dict[str, Any]) -> None:
    assert [one["id"] for one in derived["features"]] == BOROUGHS
    for one in derived["features"]:
        assert one["properties"]["approximate"] is True
        assert one["properties"]["code"] == one["id"]
        polygons = [one["geometry"]["coordinates"]]
        if one["geometry"]["type"] == "MultiPolygon":
            polygons = one["geometry"]["coordinates"]
        for rings in polygons:
            for number, ring in enumerate(rings):
                assert ring[0] == ring[-1]
                # RFC 7946, 3.1.6: outer rings go counterclockwise, holes clockwise.
                assert shapely.is_ccw(shapely.linearrings(ring)) == (number == 0)
                for lon, lat in ring:
                    assert -2.3 < lon < -1.4
                    assert 52.3 < lat < 52.7
                    assert (lon, lat) == (round(lon, 5), round(lat, 5))
    assert "© Crown copyright and database right 2025" in derived["attribution"]
    assert "crs" not in derived


def geojson_text(shapes: dict[str, Any]) -> str:
    """The collection as text with a line for each feature, so that a change shows which area it is of."""
    head = {name: value for name, value in shapes.items() if name != "features"}
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in shapes["features"]]
    start = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1]
    return start + ',"features":[\n' + ",\n".join(lines) + "\n]}\n"


def test_the_shapes_of_the_seed_are_those_of_the_gazetteer_and_small(derived: dict[str, Any]) -> None:
    text = SEED.read_text(encoding="utf-8")
    assert json.loads(text) == derived
    assert text == geojson_text(derived)
    assert len(text.encode()) < 60_000


def test_an_authority_on_the_coast_ends_near_its_postcodes(gazetteer: Gazetteer, areas: Areas) -> None:
    # Isle of Anglesey: 711 km2 of land (ONS standard area measurements); the sea around it has no postcodes.
    shape = on_grid(geometries(derive_shapes(gazetteer, areas, ["W06000001"])))[0]
    assert 600e6 < shapely.area(shape) < 1_400e6


def test_an_authority_without_a_postcode_has_no_shape(gazetteer: Gazetteer, areas: Areas) -> None:
    with pytest.raises(OutsideArea):
        derive_shapes(gazetteer, areas, ["N09000003"])
    with pytest.raises(UnknownArea):
        derive_shapes(gazetteer, areas, ["E08000099"])


# Official shapes

SQUARE = [[[-1.9, 52.4], [-1.9, 52.5], [-1.8, 52.5], [-1.8, 52.4], [-1.9, 52.4]]]
GRID_SQUARE = [[[406000, 286000], [406000, 287000], [407000, 287000], [407000, 286000], [406000, 286000]]]
GRID_CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def official(**changed: Any) -> dict[str, Any]:
    properties = {"FID": 1, "LAD24CD": "E08000025", "LAD24NM": "Birmingham", "LAD24NMW": " "}
    one = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": SQUARE},
    }
    return {"type": "FeatureCollection", "features": [one]} | changed


def written(folder: Path, document: Any) -> Path:
    path = folder / "official.geojson"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


def with_geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    document = official()
    document["features"][0]["geometry"] = {"type": kind, "coordinates": coordinates}
    return document


def with_properties(**properties: Any) -> dict[str, Any]:
    document = official()
    document["features"][0]["properties"] = properties
    return document


@pytest.mark.parametrize(
    ("crs", "coordinates"),
    [
        (None, SQUARE),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, SQUARE),
        ({"type": "name", "properties": {"name": "EPSG:4326"}}, SQUARE),
        (GRID_CRS, GRID_SQUARE),
        ({"type": "name", "properties": {"name": "EPSG:27700"}}, GRID_SQUARE),
    ],
)
def test_official_shapes_are_read_in_either_system(tmp_path: Path, crs: Any, coordinates: Any) -> None:
    document = with_geometry("Polygon", coordinates) | ({} if crs is None else {"crs": crs})
    found = read_official_shapes(written(tmp_path, document))
    (one,) = found["features"]
    assert (one["id"], one["properties"]["name"], one["properties"]["approximate"]) == (
        "E08000025",
        "Birmingham",
        False,
    )
    (shape,) = geometries(found)
    middle = shapely.transform(shapely.centroid(shape), to_grid_array)
    # 52.45 N is 0.0304 degrees (3,386 m) south of B1 1BB, 1.85 W some 10.18 km east of the grid's middle line.
    expected = (410_180, 283_562) if coordinates is SQUARE else (406_500, 286_500)
    assert (shapely.get_x(middle), shapely.get_y(middle)) == pytest.approx(expected, abs=200)
    assert shapely.is_ccw(shapely.get_exterior_ring(shape))
    assert "crs" not in found


def test_police_force_areas_are_read_with_holes_parts_and_heights(tmp_path: Path) -> None:
    hole = [[-1.86, 52.44], [-1.84, 52.44], [-1.84, 52.46], [-1.86, 52.46], [-1.86, 52.44]]
    island = [[[-1.7, 52.4, 5], [-1.7, 52.5, 5], [-1.6, 52.5, 5], [-1.7, 52.4, 5]]]
    document = with_geometry("MultiPolygon", [[SQUARE[0], hole], island])
    document["features"][0]["properties"] = {"pfa23cd": "E23000014", "pfa23nm": "West Midlands"}
    (shape,) = geometries(read_official_shapes(written(tmp_path, document)))
    assert shapely.get_num_geometries(shape) == 2
    assert shapely.area(shape) == pytest.approx(0.01 - 0.0004 + 0.005)
    assert not shapely.has_z(shape)


def test_the_reference_shapes_are_read(tmp_path: Path, reference: Path) -> None:
    document = json.loads((reference / "lad_wm.geojson").read_text(encoding="utf-8"))
    for one in document["features"]:
        one["properties"] = {"LAD25CD": one["id"], "LAD25NM": "x"}
    found = read_official_shapes(written(tmp_path, document))
    assert sorted(one["id"] for one in found["features"]) == BOROUGHS


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "empty": (lambda: b"", "not GeoJSON"),
    "cut short": (lambda: json.dumps(official()).encode()[:-30], "not GeoJSON"),
    "Latin-1": (lambda: json.dumps(official(), ensure_ascii=False).replace("Birmingham", "Môn").encode("latin-1"), "not GeoJSON"),
    "nested beyond reason": (lambda: b"[" * 100_000, "not GeoJSON"),
    "a list": (list, "FeatureCollection"),
    "a lone feature": (lambda: official()["features"][0], "FeatureCollection"),
    "features of another kind": (lambda: official(features={}), "no list of features"),
    "no features": (lambda: official(features=[]), "no areas"),
    "a feature that is none": (lambda: official(features=[1]), "Feature 1"),
    "two of one code": (lambda: official(features=official()["features"] * 2), "Feature 2: the code is there twice"),
    "another system": (lambda: official(crs={"properties": {"name": "EPSG:3857"}}), "other than WGS84"),
    "on the grid without saying so": (lambda: with_geometry("Polygon", GRID_SQUARE), "Feature 1"),
    "degrees that say they are metres": (lambda: official(crs=GRID_CRS), "Feature 1"),
    "latitude first": (lambda: with_geometry("Polygon", [[[y, x] for x, y in SQUARE[0]]]), "Feature 1"),
    "a point": (lambda: with_geometry("Point", [-1.9, 52.4]), "Feature 1"),
    "no geometry": (lambda: official(features=[official()["features"][0] | {"geometry": None}]), "Feature 1"),
    "no coordinates": (lambda: with_geometry("Polygon", []), "Feature 1"),
    "an open ring": (lambda: with_geometry("Polygon", [SQUARE[0][:-1]]), "Feature 1"),
    "words for coordinates": (lambda: with_geometry("Polygon", [[["a", "b"]] * 4]), "Feature 1"),
    "not a number": (lambda: with_geometry("Polygon", [[[float("nan"), 52.4]] * 4]), "Feature 1"),
    "no code": (lambda: with_properties(name="Birmingham"), "Feature 1"),
    "two codes": (lambda: with_properties(LAD24CD="E08000025", LAD25CD="E08000025", LAD24NM="x"), "Feature 1"),
    "no name": (lambda: with_properties(LAD24CD="E08000025"), "Feature 1"),
    "a code of another form": (lambda: with_properties(LAD24CD="00CN", LAD24NM="Birmingham"), "Feature 1"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_of_shapes_is_refused_with_the_reason(tmp_path: Path, wrong: str) -> None:
    make, reason = WRONG[wrong]
    with pytest.raises(ImportRejected) as refused:
        read_official_shapes(written(tmp_path, make()))
    assert reason in refused.value.detail
