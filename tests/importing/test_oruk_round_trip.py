"""What our feed says, read back into an empty directory, is the same public directory: nothing public is lost on the way."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.curation.publishing import publish
from app.curation.seed_files import read_seed
from app.db import Database
from app.directory.capacity_map import build_capacity
from app.directory.loading import load_catalogue
from app.directory.snapshot import Catalogue, Entry
from app.feed.oruk_feed import Now, OrukFeed
from app.geo.gazetteer import Gazetteer
from app.importing.oruk_reading import read_oruk
from app.importing.parsed import ParsedFile
from app.models.organizations import FirstResponder, Organization
from app.models.services import Service
from tests.api.served import NOW, Client
from tests.databases import SqliteTemplate
from tests.factories import SEED_DATA, make_publication, opened
from tests.feed.unusual import unusual_catalogue
from tests.importing.sending import Desk

SOURCE = "feed"


def harvested(client: Client, per_page: int = 20) -> bytes:
    """Every service as a careful consumer fetches them: all pages, then each by its id, written as an array."""
    ids: list[str] = []
    page = 1
    while True:
        found = client.get("/oruk/services", params={"page": page, "per_page": per_page}).json()
        ids += [one["id"] for one in found["contents"] if one["status"] != "defunct"]
        if found["last_page"]:
            break
        page += 1
    return b"[" + b",".join(client.get(f"/oruk/services/{one}").content for one in ids) + b"]"


def imported(database: Database, gazetteer: Gazetteer, parsed: ParsedFile, invented: set[str]) -> Catalogue:
    """The catalogue of a directory into which the file was published; `invented` are keys of organizations."""
    with database.write() as session:
        publication = make_publication(session, gazetteer, source=SOURCE, now=NOW)
        for is_invented in (False, True):
            of_kind = [one for one in parsed.submissions if (one.key in invented) == is_invented]
            publish(
                session,
                of_kind,
                replace(publication, demonstration=is_invented),
                before_recording=lambda: store_first_responders(session),
            )
    with database.read() as session:
        return load_catalogue(session, gazetteer)


def store_first_responders(session: Session) -> None:
    """The list is a curator's, not a feed's: the one of the seed, with the organizations as they are stored here."""
    names = {one.key: one.name for one in read_seed(SEED_DATA).organizations}
    stored = {row.name: row.id for row in session.exec(select(Organization))}
    listed = set(session.exec(select(FirstResponder.name)))
    for one in read_seed(SEED_DATA).first_responders:
        organization_id = stored.get(names.get(one.organization or "", ""))
        if one.name not in listed and organization_id is not None:
            session.add(
                FirstResponder(organization_id=organization_id, **one.model_dump(exclude={"organization"}))
            )
    session.flush()


def named_alike(session: Session) -> Mapping[UUID, UUID]:
    """By the id that a record has here, the id that it had in the feed."""
    services = session.exec(select(Service.id, Service.source_id)).all()
    organizations = session.exec(select(Organization.id, Organization.source_id)).all()
    return {row_id: UUID(source_id) for row_id, source_id in (*services, *organizations)}


def public(entry: Entry, names: Mapping[UUID, UUID]) -> dict[str, Any]:
    """A record without ids and times, which differ from one directory to the other, and without the order of what has none."""
    record = entry.record.model_dump(mode="json", exclude={"id", "last_modified"})
    record["organization"]["id"] = str(names.get(entry.record.organization.id, entry.record.organization.id))
    for location in record["locations"]:
        del location["id"]
    for route, original in zip(record["referral_routes"], entry.record.referral_routes, strict=True):
        del route["id"]
        if original.via_service_id is not None:
            route["via_service_id"] = str(names.get(original.via_service_id, original.via_service_id))
    record["contacts"] = sorted(record["contacts"], key=json.dumps)
    record["locations"] = sorted(record["locations"], key=json.dumps)
    return record | {"shapes": sorted(entry.polygons, key=json.dumps), "words": entry.words}


def assert_same_directory(before: Catalogue, after: Catalogue, names: Mapping[UUID, UUID]) -> None:
    old = {entry.record.id: public(entry, {}) for entry in before.entries}
    new = {names[entry.record.id]: public(entry, names) for entry in after.entries}
    assert new.keys() == old.keys()
    for service_id, record in old.items():
        assert new[service_id] == record
    old_organizations = {one.id: of_organization(one, {}) for one in before.organizations.values()}
    new_organizations = {names[one.id]: of_organization(one, names) for one in after.organizations.values()}
    assert new_organizations == old_organizations
    pins = [
        sorted((at.real, at.imag) for entry in found.entries for at, _ in entry.positions)
        for found in (before, after)
    ]
    assert pins[0] == pins[1]


def of_organization(record: Any, names: Mapping[UUID, UUID]) -> dict[str, Any]:
    found: dict[str, Any] = record.model_dump(mode="json", exclude={"id", "last_modified"})
    services = [(one.name, str(names.get(one.id, one.id))) for one in record.services]
    return found | {
        "services": sorted(services),
        "identifiers": sorted(found["identifiers"], key=json.dumps),
    }


def test_the_demonstration_comes_back_as_it_was(
    either_client: Client, database: Database, gazetteer: Gazetteer
) -> None:
    before: Catalogue = either_client.app.state.holder.current.catalogue
    parsed = read_oruk(harvested(either_client))

    assert parsed.problems == ()
    assert parsed.rows == len(before.entries) > 60
    invented = {str(one.id) for one in before.organizations.values() if one.demonstration}
    after = imported(database, gazetteer, parsed, invented)

    with database.read() as session:
        assert_same_directory(before, after, named_alike(session))


def test_reading_the_same_feed_again_changes_nothing(
    client: Client, database: Database, gazetteer: Gazetteer
) -> None:
    parsed = read_oruk(harvested(client))
    assert read_oruk(harvested(client, per_page=7)) == parsed
    imported(database, gazetteer, parsed, set())
    with database.write() as session:
        publication = make_publication(session, gazetteer, source=SOURCE, now=NOW + timedelta(days=1))
        again = publish(session, parsed.submissions, publication)
    assert not again.changed


def test_unusual_records_come_back_as_they_were(
    database: Database, gazetteer: Gazetteer, sqlite_template: SqliteTemplate
) -> None:
    url = sqlite_template.create()
    with opened(url) as other:
        before = unusual_catalogue(other, gazetteer)
    feed = OrukFeed(before)
    now = Now(build_capacity({}, before.service_ids), NOW)
    lines = b"\n".join(one.full(now) for one in feed.services)

    parsed = read_oruk(lines)

    assert parsed.problems == ()
    after = imported(database, gazetteer, parsed, set())
    with database.read() as session:
        assert_same_directory(before, after, named_alike(session))
    sqlite_template.drop(url)


def test_what_our_feed_has_no_more_goes_from_the_directory_that_reads_it(
    desk: Desk, gazetteer: Gazetteer, sqlite_template: SqliteTemplate
) -> None:
    """Its numbers may be taken down there, and its place; another publisher's silence says nothing."""
    url = sqlite_template.create()
    with opened(url) as other:
        before = unusual_catalogue(other, gazetteer)
    sqlite_template.drop(url)
    now = Now(build_capacity({}, before.service_ids), NOW)
    (whole,) = [
        json.loads(one.full(now)) for one in OrukFeed(before).services if "drawn" in one.name.casefold()
    ]
    desk.bring_in(*read_oruk(json.dumps(whole).encode()).submissions, publishes_new=True)
    less = {
        name: value
        for name, value in whole.items()
        if name not in ("phones", "contacts", "schedules", "email", "service_at_locations", "maximum_age")
    }
    less["organization"] = {name: value for name, value in whole["organization"].items() if name != "phones"}

    def gone(feed: dict[str, Any]) -> set[str]:
        checked = desk.check(read_oruk(json.dumps(feed).encode()))
        assert checked.problems == []
        assert {change.new or None for one in checked.records for change in one.changes} <= {None}
        return {change.pointer for one in checked.records for change in one.changes}

    assert {one.split("/")[1] for one in gone(less)} == {
        "phones", "contacts", "hours", "email", "locations", "eligibility",
    }  # fmt: skip
    foreign = {name: value for name, value in less.items() if not name.startswith("x_")} | {
        "x_confidential": False,
        "organization": {name: value for name, value in less["organization"].items() if name[:2] != "x_"},
    }
    (organization,) = read_oruk(json.dumps(foreign).encode()).submissions
    (service,) = organization.services
    assert {"phones", "hours"}.isdisjoint(service.model_fields_set | organization.model_fields_set)


@pytest.mark.parametrize("form", ["page", "list", "ndjson", "organizations"])
def test_every_form_of_the_feed_reads_alike(client: Client, form: str) -> None:
    whole = client.get("/oruk/services", params={"full": "true"})
    if form == "page":
        content = whole.content
    elif form == "list":
        content = json.dumps(whole.json()["contents"]).encode()
    elif form == "ndjson":
        content = client.get("/oruk/services", params={"full": "true", "format": "ndjson"}).content
    else:
        organizations = client.get("/oruk/organizations", params={"full_service": "true"}).json()["contents"]
        content = json.dumps([one for each in organizations for one in each["services"]]).encode()
    parsed = read_oruk(content)
    assert parsed.problems == ()
    expected = read_oruk(harvested(client)).submissions
    assert {one.key: one for one in parsed.submissions}.keys() == {one.key for one in expected}
    by_key = {service.key: service for one in parsed.submissions for service in one.services}
    assert by_key == {service.key: service for one in expected for service in one.services}
