"""OGC API Features as its standard (17-069r4) has it: links that lead somewhere, pages without loss, boxes, and 400 for the rest."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.ogc_shapes import CollectionOut, Collections, Conformance, Landing, OgcItem, OgcItems
from tests.api.addresses import OGC, OGC_COLLECTIONS, confidential_id
from tests.api.checks import assert_problem
from tests.api.served import Client

COVERAGE = "/ogc/collections/services_coverage/items"
AREAS = "/ogc/collections/areas/items"
BIRMINGHAM_CENTRE = (-1.90345, 52.48043)


def target_of(href: str, client: Client) -> str:
    """The address of a link to this very service, as its settings name it."""
    parts = urlsplit(href)
    public = urlsplit(client.app.state.public_url)
    assert (parts.scheme, parts.netloc) == (public.scheme, public.netloc)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def linked(client: Client, target: str, rel: str) -> str | None:
    links: list[dict[str, str]] = client.get(target).json()["links"]
    found = [one["href"] for one in links if one["rel"] == rel]
    return target_of(found[0], client) if found else None


def pages(client: Client, target: str) -> Iterator[dict[str, Any]]:
    following: str | None = target
    while following is not None:
        yield client.get(following).json()
        following = linked(client, following, "next")


def features(client: Client, target: str) -> list[dict[str, Any]]:
    return [feature for page in pages(client, target) for feature in page["features"]]


def shape_of(feature: dict[str, Any]) -> shapely.Geometry:
    return shapely.geometry.shape(feature["geometry"])


def test_every_answer_has_the_shape_of_the_standard(either_client: Client) -> None:
    Landing.model_validate_json(either_client.get("/ogc").content)
    Conformance.model_validate_json(either_client.get("/ogc/conformance").content)
    collections = Collections.model_validate_json(either_client.get("/ogc/collections").content)
    assert tuple(one.id for one in collections.collections) == OGC_COLLECTIONS
    for one in collections.collections:
        assert (
            CollectionOut.model_validate_json(either_client.get(f"/ogc/collections/{one.id}").content) == one
        )
        items = OgcItems.model_validate_json(either_client.get(f"/ogc/collections/{one.id}/items").content)
        assert items.number_returned == len(items.features) > 0
        first = items.features[0]
        item = OgcItem.model_validate_json(
            either_client.get(f"/ogc/collections/{one.id}/items/{first.id}").content
        )
        assert (item.id, item.properties, item.geometry) == (first.id, first.properties, first.geometry)


def test_every_link_leads_to_what_it_says(client: Client) -> None:
    waiting, seen = ["/ogc"], set()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        response = client.get(here)
        assert response.status_code == 200, here
        if not here.startswith("/ogc") or here == "/ogc/api":
            continue
        for link in (
            response.json()["links"]
            + [link for one in response.json().get("collections", ()) for link in one["links"]]
            if here != "/ogc/conformance"
            else []
        ):
            if link["rel"] == "license":
                continue
            target = target_of(link["href"], client)
            said = client.get(target).headers["content-type"]
            assert said.removesuffix("; charset=utf-8") == link["type"], target
            waiting.append(target)
    assert {"/ogc/api", "/ogc/conformance", "/docs", f"{COVERAGE}?offset=100"} <= seen
    assert {link["rel"] for link in client.get("/ogc").json()["links"]} >= {
        "self", "service-desc", "service-doc", "conformance", "data",
    }  # fmt: skip


def test_it_conforms_to_core_and_geojson_and_promises_no_more(client: Client) -> None:
    assert client.get("/ogc/conformance").json()["conformsTo"] == [
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    ]


@pytest.mark.parametrize("path", OGC)
def test_a_slash_at_the_end_changes_nothing(client: Client, path: str) -> None:
    plain, slashed = client.get(path), client.get(f"{path}/")
    assert (plain.status_code, plain.content) == (slashed.status_code, slashed.content)
    assert plain.headers["content-type"] == slashed.headers["content-type"]


@pytest.mark.parametrize("collection", OGC_COLLECTIONS)
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_lose_and_repeat_nothing(client: Client, collection: str, limit: int) -> None:
    here = f"/ogc/collections/{collection}/items"
    seen = list(pages(client, f"{here}?limit={limit}"))
    ids = [feature["id"] for page in seen for feature in page["features"]]
    assert len(ids) == len(set(ids))
    assert {page["numberMatched"] for page in seen} == {len(ids)}
    assert all(page["numberReturned"] == len(page["features"]) <= limit for page in seen)
    assert all(page["numberReturned"] == limit for page in seen[:-1])


def test_more_than_the_most_is_no_error_and_gives_the_most(client: Client) -> None:
    whole = client.get(COVERAGE, params={"limit": 1000}).json()
    assert client.get(COVERAGE, params={"limit": 10_000_000}).json()["features"] == whole["features"]
    beyond = client.get(COVERAGE, params={"offset": 999_999}).json()
    assert (beyond["numberReturned"], beyond["numberMatched"]) == (0, whole["numberMatched"])
    assert not [link for link in beyond["links"] if link["rel"] == "next"]


def test_no_id_has_a_dot_or_needs_escaping(client: Client) -> None:
    for collection in OGC_COLLECTIONS:
        for feature in features(client, f"/ogc/collections/{collection}/items?limit=1000"):
            assert re.fullmatch(r"[A-Za-z0-9_-]+", feature["id"])


def test_features_with_a_shape_come_first(client: Client) -> None:
    shown = [one["geometry"] is not None for one in features(client, f"{COVERAGE}?limit=1000")]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 2


def test_the_extent_is_that_of_the_features(client: Client) -> None:
    for collection in OGC_COLLECTIONS:
        found = features(client, f"/ogc/collections/{collection}/items?limit=1000")
        bounds = shapely.GeometryCollection([shape_of(one) for one in found if one["geometry"]]).bounds
        spatial = client.get(f"/ogc/collections/{collection}").json()["extent"]["spatial"]
        assert spatial["bbox"] == [list(bounds)]
        assert spatial["crs"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corner=st.tuples(st.floats(-2.4, -1.2), st.floats(52.2, 52.8)),
    size=st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)),
)
def test_a_box_gives_what_touches_it_and_nothing_else(
    client: Client, corner: tuple[float, float], size: tuple[float, float]
) -> None:
    (lon, lat), (wide, high) = corner, size
    box = (lon, lat, lon + wide, lat + high)
    asked = ",".join(map(repr, box))
    for collection in ("services_coverage", "service_locations", "areas"):
        here = f"/ogc/collections/{collection}/items?limit=1000"
        place = shapely.box(*box) if wide and high else shapely.MultiPoint([box[:2], box[2:]]).envelope
        wanted = [
            one["id"]
            for one in features(client, here)
            if one["geometry"] and shapely.intersects(shape_of(one), place)
        ]
        assert [one["id"] for one in features(client, f"{here}&bbox={asked}")] == wanted


@pytest.mark.parametrize(
    "box",
    [
        "-180,-90,180,90",
        "-2.2,52.3,-100,-1.4,52.7,300",
        "-2.2,+52.3,-1.4,52.7",
        "-22e-1,52.3,-1.4,52.7",
        "-3,52,-4,53",
    ],
    ids=["the world", "with heights", "plus", "exponent", "round the back of the world"],
)
def test_unusual_boxes_of_the_standard_are_taken(client: Client, box: str) -> None:
    found = client.get(AREAS, params={"bbox": box})
    assert found.status_code == 200
    assert found.json()["numberMatched"] == 8


def test_a_point_is_a_box_too(client: Client) -> None:
    lon, lat = BIRMINGHAM_CENTRE
    found = client.get(AREAS, params={"bbox": f"{lon},{lat},{lon},{lat}"}).json()["features"]
    assert [one["properties"]["area_name"] for one in found] == ["Birmingham", "West Midlands"]
    nowhere = client.get(AREAS, params={"bbox": "10,-20,30,-5"}).json()
    assert (nowhere["numberMatched"], nowhere["features"]) == (0, [])
    # Across 180°, where Britain is not.
    assert client.get(AREAS, params={"bbox": "170,50,-170,60"}).json()["numberMatched"] == 0


WRONG_BOXES = [
    "", "1,2,3", "1,2,3,4,5", ",".join(["1"] * 7), ",".join(["1"] * 100), "a,b,c,d", "nan,nan,nan,nan", "inf,1,2,3", "1e999,1,2,3",
    "1e400,50,2,51", "-1.5,53,-1.4,52", "-181,50,2,51", "-1,50,181,51", "-1,-91,2,51", "-1,50,2,90.1", "52.3;-2.2;52.7;-1.4",
    "[-2,52,-1,53]", "-2,52,-1,53,", "-2, 52,-1,53", "-2,52,-1,５３", "0x1,2,3,4", "1_0,2,30,4", "-2,52,-1,53\u202e", "-2,52,5,-1,53,x",
    "--2,52,-1,53", "1" * 301,
]  # fmt: skip


@pytest.mark.parametrize("box", WRONG_BOXES)
def test_what_is_no_box_is_400_and_names_it(client: Client, box: str) -> None:
    problem = assert_problem(client.app, client.get(AREAS, params={"bbox": box}), 400, "parameter-invalid")
    assert [error.pointer for error in problem.errors] == ["/bbox"]


@pytest.mark.parametrize(
    "moment",
    ["2026-11-25T10:20:30Z", "2026-11-25T10:20:30.5+01:00", "2026-01-01T00:00:00Z/2026-12-31T00:00:00Z", "../2026-01-01T00:00:00Z",
     "2026-01-01T00:00:00Z/..", "/2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z/"],
)  # fmt: skip
def test_a_time_is_taken_and_matches_what_has_none(client: Client, moment: str) -> None:
    found = client.get(AREAS, params={"datetime": moment})
    assert found.status_code == 200
    assert found.json()["numberMatched"] == 8


@pytest.mark.parametrize(
    "moment",
    ["", "..", "../..", "/", "yesterday", "2026-11-25", "2026-11-25T10:20:30", "2026-02-30T00:00:00Z", "2026-11-25T25:00:00Z",
     "0000-01-01T00:00:00Z", "2026-12-31T00:00:00Z/2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z/x", "1764064800"],
)  # fmt: skip
def test_what_is_no_time_is_400(client: Client, moment: str) -> None:
    problem = assert_problem(
        client.app, client.get(AREAS, params={"datetime": moment}), 400, "parameter-invalid"
    )
    assert [error.pointer for error in problem.errors] == ["/datetime"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=1.5", "limit=x", "limit=", "offset=-1", "offset=x", "limit=99999999999"],
)
def test_what_is_no_number_is_400(client: Client, query: str) -> None:
    problem = assert_problem(client.app, client.get(f"{AREAS}?{query}"), 400, "parameter-invalid")
    assert [error.pointer for error in problem.errors] == [f"/{query.partition('=')[0]}"]


@pytest.mark.parametrize("path", OGC)
@pytest.mark.parametrize(
    "query", ["f=canary", "crs=canary", "Limit=5", "callback=canary", "bbox-crs=canary", "=", "%ff=1"]
)
def test_an_unknown_parameter_is_400(client: Client, path: str, query: str) -> None:
    assert_problem(client.app, client.get(f"{path}?{query}"), 400, "parameter-invalid")


def test_a_parameter_sent_twice_is_400(client: Client) -> None:
    problem = assert_problem(client.app, client.get(f"{AREAS}?limit=5&limit=6"), 400, "parameter-invalid")
    assert [error.pointer for error in problem.errors] == ["/limit"]


@pytest.mark.parametrize(
    "path",
    ["/ogc/collections/services", "/ogc/collections/AREAS", "/ogc/collections/areas.json", "/ogc/collections/x/items", "/ogc/x",
     f"{AREAS}/E08000025.json", f"{AREAS}/E99999999", f"{AREAS}/0", f"{AREAS}/..%2f", f"{COVERAGE}/E08000025", "/ogc//", "/ogc/items"],
)  # fmt: skip
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    assert_problem(
        client.app, client.get("http://localhost/", extensions={"target": path.encode()}), 404, "not-found"
    )


def test_where_somebody_looks_is_kept_nowhere(client: Client) -> None:
    asked = client.get(AREAS, params={"bbox": "-2,52,-1,53"})
    assert asked.headers["cache-control"] == "no-store"
    assert "etag" not in asked.headers
    # The next page of the same box is linked, with the box, for whoever asked.
    paged = client.get(COVERAGE, params={"bbox": "-2,52,-1,53", "limit": "1"}).json()
    (following,) = (link["href"] for link in paged["links"] if link["rel"] == "next")
    assert following.endswith("/items?bbox=-2,52,-1,53&limit=1&offset=1")


def test_a_page_that_nobody_asked_about_may_be_kept_for_a_minute(client: Client) -> None:
    for path in OGC:
        assert client.get(path).headers["cache-control"] == "public, max-age=60"


def test_a_confidential_service_covers_areas_and_stands_nowhere(client: Client) -> None:
    house = confidential_id(client)
    covered = [
        one for one in features(client, f"{COVERAGE}?limit=1000") if one["properties"]["service_id"] == house
    ]
    assert covered
    assert {one["properties"]["area_type"] for one in covered} <= {
        "local_authority",
        "police_force",
        "region",
        "country",
        "everywhere",
    }
    located = features(client, "/ogc/collections/service_locations/items?limit=1000")
    assert not [one for one in located if one["properties"]["confidential"]]
    assert house not in {one["properties"]["service_id"] for one in located}


def test_no_map_says_how_full_anything_is(client: Client) -> None:
    for collection in OGC_COLLECTIONS:
        for feature in features(client, f"/ogc/collections/{collection}/items?limit=1000"):
            assert not {"capacity", "available", "maximum", "valid_until"} & feature["properties"].keys()


def test_the_definition_is_of_what_there_is(client: Client) -> None:
    definition = client.get("/ogc/api").json()
    assert definition["openapi"] == "3.0.3"
    assert definition["servers"] == [{"url": f"{client.app.state.public_url}/ogc"}]
    for path, operations in definition["paths"].items():
        here = f"/ogc{path}".replace("{featureId}", "x")
        response: httpx.Response = client.get(here)
        if not here.endswith("/x"):
            assert response.status_code == 200, here
            assert response.headers["content-type"] in operations["get"]["responses"]["200"]["content"]
        for parameter in operations["get"]["parameters"]:
            name = parameter["$ref"].rpartition("/")[2]
            assert definition["components"]["parameters"][name]["name"] == name
    most = definition["components"]["parameters"]["limit"]["schema"]["maximum"]
    assert client.get(COVERAGE, params={"limit": most}).status_code == 200
