"""What is kept for a time only is gone after it, though nobody rings, writes or reports any more."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.access.idempotency import IdempotencyScope, StoredAnswer, fingerprint_of, remember
from app.capacity.calls import caller_mark, record_call
from app.curation.mistakes import mistakes_of, report_mistake
from app.curation.publishing import publish
from app.curation.retention import sweep
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.models.calls import CallOutcome
from app.models.services import Service
from tests.factories import NOW, contents, count, make_organization, make_publication

CALLS = 250
"""More than one sweep takes."""


@pytest.fixture
def service_id(database: Database, gazetteer: Gazetteer) -> UUID:
    """A service that was rung, reported on and written about, all within one hour."""
    with database.write() as session:
        publish(session, [make_organization()], make_publication(session, gazetteer))
        found = session.exec(select(Service.id)).one()
        for number in range(CALLS):
            mark = caller_mark(b"k" * 32, f"device:{number}", found, NOW)
            record_call(session, found, "no_answer", caller=mark, now=NOW)
        report_mistake(session, found, "wrong_phone", now=NOW)
        scope = IdempotencyScope("x", "PUT", "/v1", "0" * 64, fingerprint_of(b"", None), None)
        remember(session, scope, StoredAnswer(200, b"{}"), now=NOW)
    return found


def callers(database: Database) -> int:
    with database.read() as session:
        return len([one for one in session.exec(select(CallOutcome.caller)) if one is not None])


def test_each_goes_when_its_time_is_over(database: Database, service_id: UUID) -> None:
    kept = ("call_outcome", "idempotent_answer", "mistake_report")

    def left_after(**past: float) -> tuple[int, ...]:
        sweep(database, lambda: NOW + timedelta(**past))
        return (callers(database), *(count(database, table) for table in kept))

    assert left_after(minutes=1) == (CALLS, CALLS, 1, 1)
    assert left_after(hours=1) == (0, CALLS, 1, 1)
    assert left_after(hours=49) == (0, CALLS, 0, 1)
    assert left_after(days=31) == (0, 0, 0, 1)
    assert left_after(days=91) == (0, 0, 0, 0)
    with database.read() as session:
        assert mistakes_of(session, service_id) == {}


def test_where_nothing_is_over_nothing_is_written(database: Database, service_id: UUID) -> None:
    before = contents(database)

    sweep(database, lambda: NOW)

    assert contents(database) == before
