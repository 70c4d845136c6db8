"""Changing some fields of a stored record: what is not changed stays, with its rows and their ids."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from app.curation.editing import edit_organization, edit_service, service_keys, submission_of
from app.curation.flagging import HostArea, flag_confidential
from app.curation.publishing import Published, publish, source_uuid
from app.curation.record_rows import Publication
from app.curation.seeding import seed_demonstration
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.db import Database
from app.directory.contact_points import parse_phone
from app.directory.stored import load_organizations
from app.errors import NotFound, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models.organizations import Organization
from app.models.services import Service
from tests.curation.test_publishing import EVERYTHING
from tests.factories import (
    NOW,
    SEED_DATA,
    WEST_MIDLANDS_POLICE,
    contents,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
    opened,
)

LATER = NOW + timedelta(days=3)
FULL = source_uuid("test", "service/full")


def publication_of(session: Session, gazetteer: Gazetteer) -> Publication:
    return make_publication(session, gazetteer, source="not of the record", now=LATER)


@pytest.fixture
def full(database: Database, gazetteer: Gazetteer) -> Database:
    """An organization with a service that has everything, and a refuge with a route and a role mailbox."""
    refuge = make_refuge(
        phones=[{"number": "0800 808 3733"}],
        contacts=[{"role": "Second"}, {"role": "First"}, {"role": "Duty desk", "visibility": "professional"}],
        routes=[{"key": "ring", "name": "Ring", "channel": "phone", "phone": "0800 808 3733"},
                {"key": "via", "name": "Ask them", "channel": "via_service", "via_service": "elsewhere"}],
    )  # fmt: skip
    everything = EVERYTHING | {
        "coverage": {
            "areas": [WEST_MIDLANDS_POLICE],
            "polygons": [_square(-2.0), _square(-1.9), _square(-1.8)],
        }
    }
    with database.write() as session:
        publish(
            session,
            [
                make_organization(make_service("full", **everything)),
                make_organization(refuge, key="other"),
                make_organization(make_service("elsewhere"), key="third"),
            ],
            make_publication(session, gazetteer),
        )
    return database


def _square(west: float) -> dict[str, Any]:
    ring = [[west, 52.4], [west + 0.05, 52.4], [west + 0.05, 52.45], [west, 52.45], [west, 52.4]]
    return {"type": "Polygon", "coordinates": [ring]}


def publish_again(database: Database, gazetteer: Gazetteer) -> Published:
    """Every organization as it is, through the one way in."""
    services = organizations = 0
    with database.write() as session:
        ids = session.exec(select(Organization.id)).all()
        for organization_id in ids:
            done = edit_organization(
                session, organization_id, lambda same: same, publication_of(session, gazetteer)
            )
            services += done.services
            organizations += done.organizations
    return Published(services, organizations)


def test_a_record_published_again_as_it_is_stored_changes_no_row(
    full: Database, gazetteer: Gazetteer
) -> None:
    before = contents(full)
    assert not publish_again(full, gazetteer).changed
    assert contents(full) == before


def test_the_whole_demonstration_published_again_changes_no_row(
    database_url: str, gazetteer: Gazetteer
) -> None:
    with opened(database_url) as empty:
        with empty.write() as session:
            seed_demonstration(session, SEED_DATA, gazetteer, now=NOW)
        before = contents(empty)
        assert not publish_again(empty, gazetteer).changed
        assert contents(empty) == before


def test_a_service_that_was_flagged_goes_on_being_editable(database: Database, gazetteer: Gazetteer) -> None:
    with database.write() as session:
        publish(session, [make_organization(make_service("full", **EVERYTHING | {"locations": []}))],
                make_publication(session, gazetteer))  # fmt: skip
        new_id = flag_confidential(
            session,
            FULL,
            host_area=HostArea(code=WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,)),
            publication=make_publication(session, gazetteer),
        )
    assert not publish_again(database, gazetteer).changed
    with database.write() as session:
        done = edit_service(
            session, new_id, _renamed("Example under another name"), publication_of(session, gazetteer)
        )
    assert done == Published(services=1, organizations=1)


def _renamed(name: str) -> Callable[[ServiceSubmission], ServiceSubmission]:
    return lambda service: service.model_copy(update={"name": name})


def test_one_field_is_changed_and_no_other_row(full: Database, gazetteer: Gazetteer) -> None:
    before = contents(full)
    number = parse_phone("0121 496 0777")

    def another_number(service: ServiceSubmission) -> ServiceSubmission:
        first = service.phones[0].model_copy(update={"number": number})
        return service.model_copy(update={"phones": (first, *service.phones[1:])})

    with full.write() as session:
        done = edit_service(session, FULL, another_number, publication_of(session, gazetteer))
    assert done == Published(services=1, organizations=0)
    after = contents(full)
    assert {table for table in after if after[table] != before[table]} == {
        "phone", "service", "revision", "change", "directory_revision",
    }  # fmt: skip
    with full.read() as session:
        row = session.get_one(Service, FULL)
        assert (row.source, row.version, row.record_state) == ("test", 2, "published")


def test_a_service_that_is_not_there_or_archived_cannot_be_edited(
    full: Database, gazetteer: Gazetteer
) -> None:
    with full.write() as session:
        publication = publication_of(session, gazetteer)
        with pytest.raises(NotFound):
            edit_service(session, uuid4(), _renamed("Anything"), publication)
        with pytest.raises(NotFound):
            edit_organization(session, uuid4(), lambda same: same, publication)
        session.get_one(Service, FULL).record_state = "archived"
        with pytest.raises(NotFound):
            edit_service(session, FULL, _renamed("Anything"), publication)


def test_what_is_wrong_is_refused_with_its_field_and_nothing_is_written(
    full: Database, gazetteer: Gazetteer
) -> None:
    before = contents(full)
    with full.write() as session, pytest.raises(ValidationFailed) as refused:
        edit_service(
            session,
            FULL,
            lambda service: service.model_copy(update={"needs": ("no_such_need",)}),
            publication_of(session, gazetteer),
        )
    assert [error.pointer for error in refused.value.errors] == ["/services/0/needs/0"]
    assert contents(full) == before


@pytest.mark.parametrize("list_name", ["routes", "locations"])
def test_no_key_takes_a_row_from_another_record(full: Database, gazetteer: Gazetteer, list_name: str) -> None:
    def stored(session: Session) -> OrganizationSubmission:
        owner = session.exec(select(Service.organization_id).where(col(Service.id) == FULL)).one()
        found = load_organizations(session, [owner])
        return submission_of(found[0], service_keys(session, found))

    before = contents(full)
    with full.write() as session:
        rows = getattr(stored(session).services[0], list_name)
        for key in (rows[0].key, "stored-nothing", f"stored-{UUID(int=5)}"):
            thief = make_service("thief", **{list_name: [rows[0].model_dump(mode="json") | {"key": key}]})
            with pytest.raises(ValidationFailed) as refused:
                publish(
                    session, [make_organization(thief, key="thief")], make_publication(session, gazetteer)
                )
            assert [error.pointer for error in refused.value.errors] == [f"/services/0/{list_name}/0/key"]
    assert contents(full) == before
