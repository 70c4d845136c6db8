"""What consumers of the feed do: read one page and then each record, page through it, ask again, read it in a browser."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest

from app.feed.oruk_query import DEFAULT_PER_PAGE, MOST_PER_PAGE, OrganizationQuery, PlaceQuery, TermQuery
from tests.api.checks import assert_problem
from tests.api.served import NOW, Client, StandingClock
from tests.feed.harvesting import LISTS, each, ids, listed
from tests.feed.oruk_page import documented_extensions, documented_parameters

ADDRESSES = ["", "/", *(f"/{name}" for name in LISTS)]


def values_of(part: Any, name: str) -> Iterator[Any]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == name:
                yield value
            yield from values_of(value, name)
    elif isinstance(part, list):
        for one in part:
            yield from values_of(one, name)


def test_who_reads_the_first_page_and_then_each_id_has_everything(either_client: Client) -> None:
    first = either_client.get("/oruk/services").json()
    assert first["last_page"]
    assert first["total_items"] == len(first["contents"]) <= DEFAULT_PER_PAGE
    whole = [either_client.get(f"/oruk/services/{one['id']}").json() for one in first["contents"]]
    public = either_client.get("/v1/services", params={"limit": 50}).json()["total"]
    assert len(whole) == public


def test_times_are_those_of_a_time_span(either_client: Client) -> None:
    # .NET's TimeSpan has hours to 23 and no zone: 24:00:00 would be 24 days.
    times = [
        time
        for service in each(either_client, "services")
        for schedules in values_of(service, "schedules")
        for row in schedules
        for time in (row.get("opens_at"), row.get("closes_at"))
        if time is not None
    ]
    assert "23:59:00" in times
    for time in times:
        assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d", time)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("per_page", [1, 7, MOST_PER_PAGE])
def test_paging_neither_loses_nor_repeats(client: Client, name: str, per_page: int) -> None:
    if per_page == 1 and name == "taxonomy_terms":
        per_page = 50
    whole = ids(client, name, per_page=per_page)
    assert whole == ids(client, name)
    assert len(set(whole)) == len(whole)
    entries = listed(client, name, per_page=per_page)
    assert [(one["name"], one["id"]) for one in entries] == sorted(
        (one["name"], one["id"]) for one in entries
    )


@pytest.mark.parametrize("name", LISTS)
def test_the_envelope_says_where_one_is(client: Client, name: str) -> None:
    total = client.get(f"/oruk/{name}").json()["total_items"]
    pages = -(-total // 3)
    for number in {1, 2, pages, pages + 1, pages + 1000}:
        page = client.get(f"/oruk/{name}", params={"page": number, "per_page": 3}).json()
        size = max(0, min(3, total - 3 * (number - 1)))
        assert {key: value for key, value in page.items() if key != "contents"} == {
            "total_items": total,
            "total_pages": pages,
            "page_number": number,
            "size": size,
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": size == 0,
            "x_demonstration": True,
        }
        assert len(page["contents"]) == size


@pytest.mark.parametrize("name", LISTS)
def test_nothing_found_is_an_empty_page(client: Client, name: str) -> None:
    page = client.get(f"/oruk/{name}", params={"search": "zzzz nothing of the kind"}).json()
    assert page == {
        "total_items": 0,
        "total_pages": 0,
        "page_number": 1,
        "size": 0,
        "first_page": True,
        "last_page": True,
        "empty": True,
        "x_demonstration": True,
        "contents": [],
    }


def test_what_one_record_names_is_there(client: Client) -> None:
    known = {name: set(ids(client, name)) for name in LISTS}
    for service in each(client, "services"):
        assert service["organization"]["id"] == service["organization_id"]
        assert service["organization_id"] in known["organizations"]
        for link in service["service_at_locations"]:
            assert link["id"] in known["service_at_locations"]
            assert link["location"]["id"] == link["location_id"]
            assert link["service_id"] == service["id"]
        for attributes in values_of(service, "attributes"):
            for attribute in attributes:
                assert attribute["taxonomy_term"]["id"] == attribute["taxonomy_term_id"]
                assert attribute["taxonomy_term_id"] in known["taxonomy_terms"]
        documents = {one["id"] for one in service.get("required_documents", ())}
        for route in service.get("x_referral_routes", ()):
            assert set(route.get("required_document_ids", ())) <= documents
            assert route.get("via_service_id", service["id"]) in known["services"]
    for term in listed(client, "taxonomy_terms"):
        assert term["taxonomy_id"] in known["taxonomies"]
        assert term.get("parent_id", term["id"]) in known["taxonomy_terms"]
    for taxonomy in each(client, "taxonomies"):
        of_it = [one["id"] for one in listed(client, "taxonomy_terms", taxonomy_id=taxonomy["id"])]
        assert [one["id"] for one in taxonomy["taxonomy_terms"]] == of_it


def test_every_id_is_of_one_record_only(client: Client) -> None:
    for service in each(client, "services"):
        children = [
            one["id"]
            for name in (
                "phones",
                "schedules",
                "service_areas",
                "languages",
                "contacts",
                "attributes",
                "additional_urls",
            )
            for one in service.get(name, ())
        ]
        assert len(children) == len(set(children))


@pytest.mark.parametrize("name", LISTS)
def test_an_id_that_is_not_there_is_a_problem(client: Client, name: str) -> None:
    for unknown in (str(uuid4()), "x", "00000000", "%7B" + str(uuid4()) + "%7D"):
        assert_problem(client.app, client.get(f"/oruk/{name}/{unknown}"), 404, "not-found")
    one = ids(client, name)[0]
    answer = client.get(f"/oruk/{name}/{one}", params={"include": "everything"})
    assert_problem(client.app, answer, 422, "unknown-parameter")


@pytest.mark.parametrize("address", ADDRESSES)
def test_any_page_may_read_it_with_or_without_an_origin(client: Client, address: str) -> None:
    for path in (f"/oruk{address}", f"/oruk{address}?x=1", "/oruk/nothing", f"/oruk/services/{uuid4()}"):
        for headers in ({}, {"origin": "https://council.example"}, {"origin": "null"}):
            for method in ("GET", "HEAD"):
                answer = client.request(method, path, headers=headers)
                assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    asked = {"origin": "https://council.example", "access-control-request-method": "POST"}
    preflight = client.options(f"/oruk{address}", headers=asked)
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?full=true",
        "?minimal=true",
        "?format=ndjson",
        "?page=2&per_page=3",
        "?modified_after=2026-01-01T00:00:00Z",
    ],
)
def test_a_harvester_asks_again_for_nothing(client: Client, query: str) -> None:
    for name in ("services", "service_at_locations", "organizations"):
        first = client.get(f"/oruk/{name}{query}")
        again = client.get(f"/oruk/{name}{query}", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["access-control-allow-origin"] == "*"
        headed = client.head(f"/oruk/{name}{query}")
        assert (headed.headers["etag"], headed.content) == (first.headers["etag"], b"")


@pytest.mark.parametrize(
    "query",
    [
        "search=law",
        "day=SA",
        "minimum_age=18",
        "x_age=30",
        "postcode=B1+1BB",
        "postcode=B1+1BB&proximity=500",
    ],
)
def test_what_somebody_looks_for_is_kept_nowhere(client: Client, query: str) -> None:
    answer = client.get(f"/oruk/service_at_locations?{query}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def max_age(said: str) -> int:
    found = re.fullmatch(r"public, max-age=(\d+)", said)
    return int(found[1]) if found else 0


def test_no_answer_is_kept_longer_than_it_is_true(timed_client: Client, clock: StandingClock) -> None:
    paths = [
        "/oruk/services?full=true",
        "/oruk/services?full=true&format=ndjson",
        "/oruk/organizations?full_service=true",
    ]
    paths += [f"/oruk/services/{one}" for one in ids(timed_client, "services")]
    paths += [f"/oruk/service_at_locations/{one}" for one in ids(timed_client, "service_at_locations")[:20]]
    changed = set()
    directory = timed_client.app.state.holder.current
    moments = sorted(
        {
            moment
            for figures in directory.capacity.figures.values()
            for one in figures
            for moment in (one.ageing_at, one.valid_until)
            if moment > NOW
        }
    )
    assert moments
    for moment in moments[:6]:
        clock.now = moment - timedelta(seconds=30)
        before = {path: timed_client.get(path) for path in paths}
        clock.now = moment
        for path, answer in before.items():
            after = timed_client.get(path)
            if after.content != answer.content:
                changed.add(path)
                assert max_age(answer.headers["cache-control"]) <= 30
    assert len(changed) > 3


def test_capacity_is_unknown_at_the_second_at_which_it_ends(
    timed_client: Client, clock: StandingClock
) -> None:
    reported = [one for one in each(timed_client, "services") if "valid_until" in one["x_capacity"]]
    assert reported
    for service in reported:
        figures = [one for one in service["x_capacity"]["figures"] if "valid_until" in one]
        clock.now = max(datetime.fromisoformat(one["valid_until"]) for one in figures) + timedelta(hours=1)
        over = timed_client.get(f"/oruk/services/{service['id']}").json()
        assert over["x_capacity"]["status"] == "unknown"
        assert "capacities" not in over
        assert not any(
            name in figure
            for figure in over["x_capacity"]["figures"]
            for name in ("valid_until", "waits_days")
        )
        clock.now = NOW


def test_counts_stand_where_the_provider_publishes_them_and_nowhere_else(client: Client) -> None:
    with_counts = [one for one in each(client, "services") if "capacities" in one]
    assert with_counts
    for service in with_counts:
        assert not service["x_confidential"]
        for one in service["capacities"]:
            assert one["available"] <= one.get("maximum", one["available"])


def test_the_document_of_the_feed_has_no_references_and_tells_the_truth(client: Client) -> None:
    base = client.get("/oruk").json()
    document = client.get(base["openapi_url"].partition("8000")[2]).json()
    assert list(values_of(document, "$ref")) == []
    assert document["servers"] == [{"url": base["openapi_url"].removesuffix("/openapi.json")}]
    singles = {f"/{name}/{{id}}" for name in LISTS}
    assert document["paths"].keys() == {"/", *(f"/{name}" for name in LISTS), *singles}
    for path, operations in document["paths"].items():
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        name = path.split("/")[1]
        address = f"/oruk{path}".replace("{id}", ids(client, name)[0] if "{id}" in path else "")
        answer = client.get(address)
        assert answer.status_code == 200
        validator.validate(answer.json())
        for parameter in operations["get"].get("parameters", ()):
            jsonschema_rs.validator_for(parameter["schema"])


def test_every_extension_is_described_in_the_document_and_on_the_page(client: Client) -> None:
    document = client.get("/oruk/openapi.json").json()
    declared = {
        name
        for properties in values_of(document, "properties")
        for name in properties
        if name.startswith("x_")
    }
    used: set[str] = set()

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            used.update(name for name in part if name.startswith("x_"))
            for value in part.values():
                collect(value)
        elif isinstance(part, list):
            for one in part:
                collect(one)

    for name in LISTS:
        collect(each(client, name))
    assert used <= declared
    assert declared == documented_extensions()


def test_every_parameter_is_on_the_page() -> None:
    models = (PlaceQuery, OrganizationQuery, TermQuery)
    assert documented_parameters() == {name for model in models for name in model.model_fields}
