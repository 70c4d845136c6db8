"""Taking down while others write: it is done at once, whoever edits or reports, and neither of them fails on it.

On PostgreSQL: SQLite has one writer at a time.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from app.capacity.reporting import CapacityClaim, Reporter, report_capacity
from app.curation.curated import curated_service
from app.curation.publishing import publish
from app.curation.taking_down import Part, Why, take_down, take_down_organization
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.models.history import Change
from app.models.services import Service
from tests.databases import Postgres
from tests.factories import NOW, make_organization, make_publication, make_service, opened, store_reference

UNSAFE = Why("unsafe", None, "tester")
VIA = {"key": "via", "name": "Through", "channel": "via_service", "via_service": "line"}


@pytest.fixture
def database(postgres: Postgres, gazetteer: Gazetteer) -> Iterator[Database]:
    """A line of one organization, and two services of another, one of which is reached through it."""
    url = postgres.create()
    with opened(url) as opened_database:
        with opened_database.write() as session:
            store_reference(session)
            parties = [
                make_organization(make_service("line"), key="first"),
                make_organization(make_service("led"), make_service("other", routes=[VIA]), key="second"),
            ]
            publish(session, parties, make_publication(session, gazetteer))
        yield opened_database
    postgres.drop(url)


Known = Callable[[str], Service]


@pytest.fixture
def known(database: Database) -> Known:
    def service(key: str) -> Service:
        with database.read() as session:
            return session.exec(select(Service).where(Service.source_id == key)).one()

    return service


def state_of(session: Session, service_id: UUID) -> str:
    return session.get_one(Service, service_id).record_state


def test_what_others_lead_through_is_taken_down_while_one_of_them_is_edited(
    database: Database, gazetteer: Gazetteer, known: Known
) -> None:
    line, other = known("line").id, known("other").id
    with database.write() as editor:
        # As an edit stands before it is written down for the public.
        record = curated_service(editor, other, lock=True)
        record.stored.service.description = "Edited."
        editor.add(record.stored.service)
        editor.flush()

        with database.write() as session:
            take_down(
                session,
                line,
                Part(),
                why=UNSAFE,
                publication=make_publication(session, gazetteer),
            )

    with database.read() as session:
        assert state_of(session, line) == "paused"
        assert session.get_one(Service, other).description == "Edited."


def test_without_an_editor_the_one_that_leads_through_it_is_in_the_change_list(
    database: Database, gazetteer: Gazetteer, known: Known
) -> None:
    with database.write() as session:
        before = len(session.exec(select(Change)).all())
        take_down(
            session, known("line").id, Part(), why=UNSAFE, publication=make_publication(session, gazetteer)
        )
        changed = session.exec(select(Change).order_by(col(Change.id))).all()
        kinds = {
            one.record_id: one.kind for one in changed if one.changed_at == max(c.changed_at for c in changed)
        }
    assert len(changed) > before
    assert {known("line").id, known("other").id} <= set(kinds)


def test_an_organization_is_taken_down_while_a_service_of_it_is_reported_on(
    database: Database, gazetteer: Gazetteer, known: Known
) -> None:
    last = max(known("led"), known("other"), key=lambda one: one.id)

    def down() -> None:
        with database.write() as session:
            take_down_organization(
                session, last.organization_id, UNSAFE, make_publication(session, gazetteer)
            )

    with ThreadPoolExecutor(1) as threads:
        with database.write() as session:
            # As a provider's report begins.
            held = select(Service.id).where(Service.id == last.id).with_for_update(key_share=True)
            session.exec(held).one()
            taken = threads.submit(down)
            wait([taken], timeout=0.5)
            claim = CapacityClaim(unit="bed_space", status="full")
            report_capacity(session, last.id, claim, by=Reporter("key"), now=NOW)
        taken.result()

    with database.read() as session:
        assert {state_of(session, known(key).id) for key in ("led", "other")} == {"paused"}
