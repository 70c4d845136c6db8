"""When a key was last used is known to ten minutes and costs next to nothing: no write for every read, no wait, no failure."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text

from app.access.last_used import EVERY, LastUsed
from app.access.principals import Principal
from app.models.access import ApiKey
from tests.access.office import KEYS, Office
from tests.factories import NOW


def last_used_at(office: Office, public_id: str) -> datetime | None:
    with office.database.read() as session:
        return session.get_one(ApiKey, public_id).last_used_at


def holder(office: Office) -> Principal:
    made = office.make()
    return Principal(kind="provider", id=made.token.public_id, scopes=made.scopes)


def test_ten_thousand_uses_are_one_write(office: Office) -> None:
    principal, last_used, updates = holder(office), LastUsed(office.database), []
    event.listen(office.database._writer, "before_cursor_execute", lambda *said: updates.append(said[2]))
    for second in range(10_000):
        last_used.note(principal, NOW + timedelta(seconds=second % 600))
    last_used.close()
    assert len([statement for statement in updates if statement.startswith("UPDATE")]) == 1
    assert last_used_at(office, principal.id) == NOW


def test_the_next_write_is_ten_minutes_later(office: Office) -> None:
    principal, last_used = holder(office), LastUsed(office.database)
    last_used.note(principal, NOW)
    last_used.note(principal, NOW + EVERY - timedelta(microseconds=1))
    last_used.flush()
    assert last_used_at(office, principal.id) == NOW
    last_used.note(principal, NOW + EVERY + timedelta(microseconds=1))
    last_used.close()
    assert last_used_at(office, principal.id) == NOW + EVERY + timedelta(microseconds=1)


def test_of_several_processes_the_first_writes(office: Office) -> None:
    principal = holder(office)
    processes = [LastUsed(office.database) for _ in range(4)]
    for number, one in enumerate(processes):
        one.note(principal, NOW + timedelta(minutes=number))
        one.close()
    assert last_used_at(office, principal.id) == NOW


def test_a_busy_database_drops_it_and_nobody_waits(office: Office, request: pytest.FixtureRequest) -> None:
    principal, last_used = holder(office), LastUsed(office.database)
    with office.database.write() as session:
        # Somebody holds the row, or on SQLite the whole database.
        session.connection().execute(text("UPDATE api_key SET label = 'Example'"))
        last_used.note(principal, NOW)
        last_used.flush()
    last_used.close()
    assert last_used_at(office, principal.id) is None


def test_a_request_with_a_key_is_noted(office: Office) -> None:
    made = office.make("curator")
    assert office.get(KEYS, made.token.text).status_code == 200
    office.client.app.state.last_used.flush()
    assert last_used_at(office, made.token.public_id) == office.clock.now
    # One that is not taken is not.
    bad = office.make("curator")
    office.get(KEYS, office.secrets.again("curator", bad.token.public_id).text)
    office.client.app.state.last_used.flush()
    assert last_used_at(office, bad.token.public_id) is None
