"""Every public answer has its declared shape: the bytes are put together by hand, so the shapes are held against them."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from app.api.health import Live, Ready
from app.api.reference import AreaDetail, AreaList, ChangeList, GuidanceList, OrganizationList, Vocabulary
from app.api.services import CoverageCollection, RouteList
from app.api.shapes import CapacityOut, PlaceOut, SearchAnswer, ServiceList, ServiceOut
from app.api.snapshot import Snapshot
from app.directory.records import PublicOrganization
from tests.api.addresses import service_ids
from tests.api.served import Client

LISTS: dict[str, type[BaseModel]] = {
    "/v1/services": ServiceList,
    "/v1/organizations": OrganizationList,
    "/v1/areas": AreaList,
    "/v1/vocabulary": Vocabulary,
    "/v1/guidance": GuidanceList,
    "/v1/changes": ChangeList,
    "/health/live": Live,
    "/health/ready": Ready,
}
SERVICE_PARTS: dict[str, type[BaseModel]] = {
    "": ServiceOut,
    "/referral-routes": RouteList,
    "/coverage": CoverageCollection,
    "/capacity": CapacityOut,
}


def assert_of(shape: type[BaseModel], body: bytes) -> Any:
    """The body has the shape, all of its members and no others, and nothing reads differently after a round trip."""
    adapter: TypeAdapter[BaseModel] = TypeAdapter(shape)
    read = adapter.validate_json(body)
    again = json.loads(adapter.dump_json(read))
    assert again == json.loads(body)
    return again


@pytest.mark.parametrize("path", LISTS)
def test_lists_have_their_shape(either_client: Client, path: str) -> None:
    answer = assert_of(LISTS[path], either_client.get(path).content)
    if path.startswith("/v1/"):
        assert answer["total"] >= len(answer["results"]) > 0
        assert "next" in answer


def test_the_snapshot_has_its_shape(either_client: Client) -> None:
    snapshot = assert_of(Snapshot, either_client.get("/v1/snapshot").content)
    assert len(snapshot["services"]) == either_client.get("/v1/services", params={"limit": 1}).json()["total"]


@pytest.mark.parametrize("part", SERVICE_PARTS)
def test_every_service_has_its_shape(either_client: Client, part: str) -> None:
    for one in service_ids(either_client):
        assert_of(SERVICE_PARTS[part], either_client.get(f"/v1/services/{one}{part}").content)


def test_every_organization_and_area_has_its_shape(either_client: Client) -> None:
    listed = either_client.get("/v1/organizations", params={"limit": 100}).json()["results"]
    for organization in listed:
        body = either_client.get(f"/v1/organizations/{organization['id']}").content
        assert assert_of(PublicOrganization, body) == organization
    for area in ("E08000025", "E23000014", "E12000005", "E92000001"):
        assert_of(AreaDetail, either_client.get(f"/v1/areas/{area}").content)


SEARCHES: list[dict[str, Any]] = [
    {},
    {"postcode": "B1 1BB"},
    {
        "postcode": "B31",
        "need": "emergency_accommodation",
        "sex": "women",
        "age_group": "adult",
        "referrer": "police",
    },
    {"postcode": "B77 1AG"},
    {"postcode": "ZE1 0AA"},
    {"area": "E23000014", "limit": 50},
    {"area": "E92000001", "has_capacity": True},
    {"lat": 52.48, "lon": -1.9, "within_km": 10, "avoid_area": "E08000025"},
    {"postcode": "B69 3DE", "age": 15},
    {"postcode": "B69 3DE", "age_group": "unsure", "need": "safe_house"},
    {"postcode": "CV1 5FB", "sex": "men", "need": "emergency_accommodation"},
    {"postcode": "WV1 1RG", "open_at": "2026-12-25T03:00:00Z", "language": "vie", "with_children": True},
    {"text": "no service has these words"},
]


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_search_answers_have_their_shape(either_client: Client, search: dict[str, Any]) -> None:
    answer = assert_of(SearchAnswer, either_client.post("/v1/services/search", json=search).content)
    assert list(answer) == [
        "place",
        "results",
        "near_misses",
        "children",
        "always",
        "total",
        "data_as_of",
        "demonstration",
    ]
    assert answer["demonstration"] is True
    assert answer["always"][0]["phone"] == "999"
    assert len(answer["near_misses"]) <= 3
    assert len(answer["results"]) == min(answer["total"], search.get("limit", 10))


@pytest.mark.parametrize("postcode", ["B1 1BB", "B1 1", "B1", "B31", "B77 1AG", "CH4", "ZE1 0AA"])
def test_places_have_their_shape(either_client: Client, postcode: str) -> None:
    place = assert_of(PlaceOut, either_client.post("/v1/place", json={"postcode": postcode}).content)
    assert sum(one["share"] for one in place["local_authorities"]) == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("parameters", [{"postcode": "B69 3DE", "need": "casework_advocacy", "age": 30, "has_capacity": True}, {"lat": 52.5, "lon": -1.9, "limit": 3}, {"area": "E08000028", "with_children": False}])  # fmt: skip
def test_get_and_post_give_the_same_answer(either_client: Client, parameters: dict[str, Any]) -> None:
    texts = {
        name: json.dumps(value) if not isinstance(value, str) else value for name, value in parameters.items()
    }
    posted = either_client.post("/v1/services/search", json=parameters).json()
    got = either_client.get("/v1/services", params=texts).json()
    assert posted | {"data_as_of": ""} == got | {"data_as_of": ""}


def test_nothing_of_a_confidential_service_tells_where_or_how_full(either_client: Client) -> None:
    found = 0
    for one in service_ids(either_client):
        service = either_client.get(f"/v1/services/{one}").json()
        if not service["confidential"]:
            continue
        found += 1
        assert service["locations"] == []
        assert service["capacity"] == {"status": "assess_first"}
        assert service["coverage"]["postcode_districts"] == []
        assert service["coverage"]["polygons"] == 0
    assert found > 3
    answer = either_client.post("/v1/services/search", json={"postcode": "B1 1BB", "limit": 50}).json()
    hidden = [result for result in answer["results"] if result["service"]["confidential"]]
    assert hidden
    for result in hidden:
        assert (result["distance_km"], result["distance_basis"]) == (None, None)
        assert result["capacity"] == {"status": "assess_first"}
