"""Every record of every endpoint holds against the published schemas, over the demonstration and an invented country."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.curation.seed_files import read_vocabulary
from app.curation.synthetic import synthetic_directory
from app.directory.capacity_map import CapacityMap
from app.directory.texts import CodeList, SharedTexts, Term
from app.feed import oruk_extensions
from app.feed.oruk_feed import Now, OrukFeed
from app.geo.gazetteer import Gazetteer
from tests.api.served import NOW, Client
from tests.databases import SqliteTemplate
from tests.factories import SEED_DATA, opened, real_areas
from tests.feed.harvesting import LISTS, each, listed
from tests.feed.oruk_schemas import (
    BUNDLE,
    HSDS,
    HSDS_NAMES,
    OF_LISTS,
    OF_RECORDS,
    PUBLISHED,
    UK,
    faults,
    needs_published_schemas,
)
from tests.feed.unusual import unusual_catalogue

pytestmark = needs_published_schemas()
INVENTED = 300
NOTHING_REPORTED = Now(CapacityMap({}, (), {}), NOW)


@pytest.fixture(scope="module")
def unusual(sqlite_template: SqliteTemplate, gazetteer: Gazetteer) -> Iterator[OrukFeed]:
    url = sqlite_template.create()
    with opened(url) as database:
        yield OrukFeed(unusual_catalogue(database, gazetteer))
    sqlite_template.drop(url)


def members(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield name, value
            yield from members(value)
    elif isinstance(part, list):
        for one in part:
            yield from members(one)


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_of_a_list_holds(either_client: Client, name: str) -> None:
    found = listed(either_client, name)
    assert found
    assert [fault for one in found for fault in faults(OF_LISTS[name], one)] == []


@pytest.mark.parametrize("name", LISTS)
def test_every_record_holds(either_client: Client, name: str) -> None:
    assert [fault for one in each(either_client, name) for fault in faults(OF_RECORDS[name], one)] == []


def test_a_service_at_a_location_is_also_what_the_published_document_takes_it_for(client: Client) -> None:
    # The document gives that address the schema of a service.
    for one in each(client, "service_at_locations"):
        assert faults(OF_RECORDS["services"], one) == []


@pytest.mark.parametrize("name", LISTS)
def test_every_record_holds_against_what_the_official_validator_ships(client: Client, name: str) -> None:
    singular = {"taxonomies": "taxonomy"}.get(name, name.removesuffix("s"))
    for one in each(client, name):
        assert faults(f"{BUNDLE}/{singular}.json", one) == []
    if name != "organizations":  # whose list has the schema of one organization there
        assert faults(f"{BUNDLE}/{singular}_list.json", client.get(f"/oruk/{name}").json()) == []


def test_the_base_address_holds(client: Client) -> None:
    for path in ("/oruk", "/oruk/"):
        said = client.get(path).json()
        assert faults(f"{BUNDLE}/api_details.json", said) == []
        assert said["version"] == "HSDS-UK-3.0"


@pytest.mark.parametrize("member", HSDS_NAMES)
def test_fields_of_hsds_3_1_hold_under_their_names(client: Client, unusual: OrukFeed, member: str) -> None:
    services = [
        *each(client, "services"),
        *(json.loads(one.full(NOTHING_REPORTED)) for one in unusual.services),
    ]
    found = [part for one in services for part in one.get(member, ())]
    assert found
    for part in found:
        assert faults(f"{HSDS}/{HSDS_NAMES[member]}.json", part) == []


def test_services_and_organizations_hold_as_hsds_3_1(client: Client) -> None:
    for name, schema in (("services", "service"), ("organizations", "organization")):
        assert [fault for one in each(client, name) for fault in faults(f"{HSDS}/{schema}.json", one)] == []


def test_an_invented_country_holds(gazetteer: Gazetteer) -> None:
    texts = SharedTexts(
        vocabulary=tuple(
            CodeList(
                code=one.code,
                name=one.name,
                description=one.description,
                uri=one.uri,
                terms=tuple(Term(**term.model_dump()) for term in one.terms),
            )
            for one in read_vocabulary(SEED_DATA / "vocabulary.yaml")
        )
    )
    directory = synthetic_directory(INVENTED, real_areas(), gazetteer, texts, now=NOW)
    feed = OrukFeed(directory.catalogue)
    assert len(feed.services) == INVENTED
    assert_whole_feed_holds(feed, Now(directory.capacity, NOW))


def test_unusual_records_hold(unusual: OrukFeed) -> None:
    assert_whole_feed_holds(unusual, NOTHING_REPORTED)


def assert_whole_feed_holds(feed: OrukFeed, now: Now) -> None:
    lists: dict[str, Any] = {
        "services": feed.services,
        "service_at_locations": feed.at_locations,
        "organizations": feed.organizations,
        "taxonomies": feed.taxonomies,
        "taxonomy_terms": feed.terms_listed,
    }
    for name, records in lists.items():
        for one in records:
            assert faults(OF_LISTS[name], json.loads(one.minimal)) == []
            assert faults(OF_LISTS[name], json.loads(one.listed)) == []
            assert faults(OF_RECORDS[name], json.loads(one.full(now))) == []


def test_nothing_is_null_or_empty_and_every_name_is_the_standards_or_begins_with_x(client: Client) -> None:
    known = {
        name
        for folder in (HSDS, UK)
        for file in (PUBLISHED / folder).rglob("*.json")
        for name, value in members(json.loads(file.read_text(encoding="utf-8")))
        if name == "properties"
        for name in value
    }
    for name in LISTS:
        for record in each(client, name):
            for field, value in members(record):
                assert value is not None
                assert value not in ("", [], {}), field
                assert field in known or field.startswith("x_") or _within_extension(field), field


def _within_extension(field: str) -> bool:
    return any(
        field in shape.model_fields
        for shape in vars(oruk_extensions).values()
        if isinstance(shape, type) and issubclass(shape, oruk_extensions.OrukShape)
    )
