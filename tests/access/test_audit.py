"""The audit log while it is written: one chain however many write, nothing of a value, and a table that only grows."""

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, OperationalError

from app.access.audit import CHAINED, GENESIS, AuditLog, canonical, head
from app.access.audit_check import verify
from app.access.principals import COMMAND_LINE
from app.db import Database
from app.models.audit import AuditEvent
from tests.access.chain import CURATOR, LOG, ORGANIZATION, SERVICE, add, add_many, events, run
from tests.factories import NOW, contents, count

CANARY = "0121 496 0999 Kerfuffle"


def test_an_event_says_who_did_what_and_follows_the_one_before(database: Database) -> None:
    with database.write() as session:
        assert (head(session).seq, head(session).mac) == (0, GENESIS)
        assert add(session, {"status": "full"}) == 1
        assert add(session, actor=COMMAND_LINE, organization_id=None, request_id="") == 2

    first, second = events(database)
    assert (first.actor_type, first.actor_id, first.action) == ("curator", CURATOR.id, "capacity.reported")
    assert (first.organization_id, first.entity_type, first.entity_id) == (
        ORGANIZATION,
        "service",
        str(SERVICE),
    )
    assert (first.recorded_at, first.request_id, first.previous) == (NOW, "00ff00ff00ff00ff", GENESIS)
    assert (second.actor_type, second.actor_id, second.organization_id) == ("command_line", "host", None)
    assert second.previous == first.mac
    with database.read() as session:
        assert verify(session, LOG).holds


def test_names_of_fields_are_kept_and_no_value_is_anywhere(database: Database) -> None:
    with database.write() as session:
        add(session, {"phones.0.number": CANARY, "places": [{"name": CANARY}], "available": 7031})

    (event,) = events(database)
    assert sorted(json.loads(event.field_hashes)) == ["available", "phones.0.number", "places"]
    assert {table: rows for table, rows in contents(database).items() if CANARY in str(rows)} == {}
    assert "7031" not in str(contents(database)["audit_event"])
    if database.path is not None:
        stored = b"".join(file.read_bytes() for file in database.path.parent.glob(f"{database.path.name}*"))
        assert CURATOR.id.encode() in stored
        assert CANARY.encode() not in stored


def test_whoever_has_the_secret_can_check_what_a_value_was(database: Database) -> None:
    with database.write() as session:
        seq = add(session, {"available": 3})

    kept = json.loads(events(database)[0].field_hashes)["available"]
    assert kept == LOG.field_hash(seq, "available", 3)
    assert kept != LOG.field_hash(seq, "available", 4)
    assert kept != AuditLog.of(b"t" * 32).field_hash(seq, "available", 3)


def test_equal_values_do_not_look_equal(database: Database) -> None:
    """Else a confidential service's figures could be read by comparing them with those that another one shows."""
    with database.write() as session:
        for _ in range(3):
            add(session, {"available": 0, "maximum": 0, "waits_days": None, "status": None})

    hashes = [found for event in events(database) for found in json.loads(event.field_hashes).values()]
    assert len(set(hashes)) == len(hashes) == 12


def test_the_keys_are_three_and_are_not_shown() -> None:
    keys = {LOG.chain_key, LOG.field_key, LOG.head_key}
    assert len(keys) == 3
    assert repr(LOG) == "AuditLog()"


MOMENT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MOMENT, MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))),
        (frozenset({"b", "a", "c"}), {"c", "a", "b"}),
        ({"b": 1, "a": [True, None]}, {"a": (True, None), "b": 1}),
        (SERVICE, str(SERVICE)),
        (date(2026, 11, 25), "2026-11-25"),
        (1.0, 1),
    ],
)
def test_one_value_has_one_hash(one: object, other: object) -> None:
    assert LOG.field_hash(1, "field", one) == LOG.field_hash(1, "field", other)


@pytest.mark.parametrize(
    "value",
    [b"bytes", datetime(2026, 11, 25), object(), float("nan"), 2**60, "\ud800"],  # noqa: DTZ001
    ids=["bytes", "naive", "object", "nan", "too large", "surrogate"],
)
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        LOG.field_hash(1, "field", value)


@pytest.mark.parametrize("name", ["0121 496 0999", "Name", "", "a" * 81, "naïve"])
def test_a_name_that_could_be_a_value_is_refused(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="as in the code"), database.write() as session:
        add(session, {name: 1})
    assert count(database, "audit_event") == 0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value, its members in another order."""
    if isinstance(value, dict):
        members = [(name, shuffled(inner, chance)) for name, inner in value.items()]
        chance.shuffle(members)
        return dict(members)
    if isinstance(value, list):
        return tuple(shuffled(inner, chance) for inner in value)
    return value


@given(value=VALUES, chance=st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(value: object, chance: random.Random) -> None:
    assert LOG.field_hash(1, "field", value) == LOG.field_hash(1, "field", shuffled(value, chance))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
EVENTS = st.builds(
    AuditEvent.model_construct,
    seq=st.integers(1, 2**31 - 1),
    recorded_at=st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    actor_type=TEXTS,
    actor_id=TEXTS,
    organization_id=st.none() | st.uuids(),
    action=TEXTS,
    entity_type=TEXTS,
    entity_id=TEXTS,
    request_id=TEXTS,
    field_hashes=TEXTS,
    previous=st.just(GENESIS),
    mac=st.just(GENESIS),
)


@given(event=EVENTS)
def test_the_canonical_form_is_json_that_says_the_event_and_nothing_else(event: AuditEvent) -> None:
    said = json.loads(canonical(event))
    assert list(said) == sorted(CHAINED)
    assert datetime.fromisoformat(said.pop("recorded_at")) == event.recorded_at
    organization = said.pop("organization_id")
    assert (UUID(organization) if organization else None) == event.organization_id
    assert said == {name: getattr(event, name) for name in said}


@given(one=EVENTS, other=EVENTS)
def test_two_events_have_one_canonical_form_only_if_they_are_equal(
    one: AuditEvent, other: AuditEvent
) -> None:
    alike = all(getattr(one, name) == getattr(other, name) for name in CHAINED)
    assert (canonical(one) == canonical(other)) is alike


def test_every_column_is_in_the_chain() -> None:
    """A column that is added later has to be decided on: old events were hashed without it."""
    assert {*CHAINED, "previous", "mac"} == set(AuditEvent.model_fields)


CHANGES: dict[str, str] = {
    "update": "UPDATE audit_event SET action = 'x' WHERE seq = 2",
    "update to the same": "UPDATE audit_event SET action = action",
    "delete": "DELETE FROM audit_event WHERE seq = 3",
    "delete all": "DELETE FROM audit_event",
    "a second 2": "INSERT INTO audit_event SELECT 2, recorded_at, actor_type, actor_id, organization_id, action,"
    " entity_type, entity_id, request_id, field_hashes, mac, previous FROM audit_event WHERE seq = 3",
    "a gap": "INSERT INTO audit_event SELECT 5, recorded_at, actor_type, actor_id, organization_id, action,"
    " entity_type, entity_id, request_id, field_hashes, mac, previous FROM audit_event WHERE seq = 3",
    "next, of another before": "INSERT INTO audit_event SELECT 4, recorded_at, actor_type, actor_id, organization_id,"
    " action, entity_type, entity_id, request_id, field_hashes, previous, mac FROM audit_event WHERE seq = 3",
}
ON_SQLITE_ONLY = {
    "replace": CHANGES["a second 2"].replace("INSERT", "REPLACE"),
    "replace by the unique hash": CHANGES["next, of another before"].replace("INSERT", "REPLACE"),
}
ON_POSTGRES_ONLY = {
    "truncate": "TRUNCATE audit_event",
    "as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM audit_event",
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_table_refuses_everything_but_the_next_event(database: Database, change: str) -> None:
    refused(database, CHANGES[change])


def test_the_table_refuses_what_only_one_of_the_databases_knows(database: Database) -> None:
    for change in (ON_SQLITE_ONLY if database.is_sqlite else ON_POSTGRES_ONLY).values():
        refused(database, change)


def refused(database: Database, change: str) -> None:
    if count(database, "audit_event") == 0:
        add_many(database, 3)
    before = contents(database)
    with pytest.raises(IntegrityError), database.write() as session:
        run(session.connection(), *change.split("; "))
    assert contents(database) == before


def test_what_is_rolled_back_leaves_no_gap(database: Database) -> None:
    add_many(database, 2)
    with database.write() as session:
        assert add(session) == 3
        session.rollback()
    with database.write() as session:
        assert add(session) == 3
    with database.read() as session:
        assert verify(session, LOG).head.seq == 3


def retried(act: Callable[[], object]) -> None:
    """As a client does that is told 503: on a slow disk SQLite gives up after two seconds of waiting."""
    for _ in range(50):
        try:
            act()
            return
        except OperationalError:
            continue
    pytest.fail("no turn in fifty tries")


def test_eight_writers_at_once_make_one_chain(database: Database) -> None:
    def one_event(name: str) -> None:
        with database.write() as session:
            add(session, action=name)

    def write_some(writer: int) -> None:
        for turn in range(10):
            retried(partial(one_event, f"{writer}.{turn}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write_some, range(8)))

    assert sorted(event.action for event in events(database)) == sorted(
        f"{writer}.{turn}" for writer in range(8) for turn in range(10)
    )
    with database.read() as session:
        verdict = verify(session, LOG)
    assert (verdict.holds, verdict.head.seq) == (True, 80)
