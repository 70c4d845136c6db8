"""The audit log after somebody has been at it: whatever they did to the table, the check names the first broken link."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection
from sqlmodel import Session

from app.access import audit_check
from app.access.audit import AuditLog, Head, head
from app.access.audit_check import (
    CHANGED,
    MISSING,
    OUT_OF_PLACE,
    PAGE,
    REWRITTEN,
    UNREADABLE,
    Verdict,
    export_head,
    read_head,
    verify,
)
from app.db import Database
from app.errors import ImportRejected
from app.models.audit import AuditEvent
from tests.access.chain import LOG, add, add_many, events, past_the_triggers, run, update
from tests.factories import NOW

ZEROS = "0" * 64
COPIED = (
    "INSERT INTO audit_event SELECT {seq}, recorded_at, actor_type, actor_id, organization_id, action, entity_type,"
    " entity_id, request_id, field_hashes, {previous}, {mac} FROM audit_event WHERE seq = {of}"
)
FORGED = "'" + "f" * 64 + "'"
OTHER_HASH = "CASE substr({0}, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr({0}, 2)"


@pytest.fixture
def chained(database: Database) -> Database:
    """Six events."""
    add_many(database, 6)
    return database


def verdict_on(database: Database, log: AuditLog = LOG, checkpoint: Head | None = None) -> Verdict:
    with database.read() as session:
        return verify(session, log, head=checkpoint)


def found_in(database: Database, checkpoint: Head | None = None) -> tuple[int | None, str]:
    verdict = verdict_on(database, checkpoint=checkpoint)
    assert verdict.holds == (verdict.broken_at is None)
    return verdict.broken_at, verdict.reason


def head_of(database: Database) -> Head:
    with database.read() as session:
        return head(session)


def test_a_chain_that_nobody_touched_holds(chained: Database) -> None:
    assert verdict_on(chained) == Verdict(head_of(chained))
    with past_the_triggers(chained):
        pass
    assert verdict_on(chained).holds


def test_an_empty_log_holds(database: Database) -> None:
    assert verdict_on(database) == Verdict(Head(0, ZEROS))


@pytest.mark.parametrize(
    "change",
    [
        "recorded_at = '2026-11-24 12:30:00.000001+00:00'",
        "actor_type = 'provider'",
        "actor_id = '4f9QzK3bX1aU'",
        "organization_id = NULL",
        "action = 'capacity.Reported'",
        "entity_type = 'services'",
        "entity_id = ''",
        "request_id = '00ff00ff00ff00fe'",
        "field_hashes = replace(field_hashes, 'available', 'availablf')",
        "field_hashes = field_hashes || ' '",
        f"mac = {OTHER_HASH.format('mac')}",
        f"mac = {FORGED}",
        "mac = upper(mac)",
    ],
)
def test_a_changed_event_is_named(chained: Database, change: str) -> None:
    with past_the_triggers(chained) as link:
        update(link, 3, change)

    assert found_in(chained) == (3, CHANGED)
    assert verdict_on(chained).head == Head(2, events(chained)[1].mac)


def test_a_changed_link_is_named(chained: Database) -> None:
    with past_the_triggers(chained) as link:
        update(link, 3, f"previous = {OTHER_HASH.format('previous')}")

    assert found_in(chained) == (3, OUT_OF_PLACE)


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_an_event_taken_out_is_named(chained: Database, seq: int) -> None:
    with past_the_triggers(chained) as link:
        run(link, f"DELETE FROM audit_event WHERE seq = {seq}")  # noqa: S608

    assert found_in(chained) == (seq, MISSING)


def test_closing_the_gap_does_not_hide_it(chained: Database) -> None:
    with past_the_triggers(chained) as link:
        run(link, "DELETE FROM audit_event WHERE seq = 3")
        for seq in (4, 5, 6):
            update(link, seq, f"seq = {seq - 1}")
    assert found_in(chained) == (3, OUT_OF_PLACE)


def test_nor_does_mending_the_links(chained: Database) -> None:
    before = events(chained)[1].mac
    with past_the_triggers(chained) as link:
        run(link, "DELETE FROM audit_event WHERE seq = 3")
        update(link, 4, f"previous = '{before}'")
        for seq in (4, 5, 6):
            update(link, seq, f"seq = {seq - 1}")
    assert found_in(chained) == (3, CHANGED)


def test_events_that_changed_places_are_named(chained: Database) -> None:
    with past_the_triggers(chained) as link:
        for seq, new in ((3, 99), (4, 3), (99, 4)):
            update(link, seq, f"seq = {new}")
    assert found_in(chained) == (3, OUT_OF_PLACE)


def put_in(link: Connection, *, at: int, of: int, previous: str, mac: str) -> None:
    """A copy of one event before another, which moves up with all after it."""
    for seq in range(6, at - 1, -1):
        update(link, seq, f"seq = {seq + 1}")
    run(link, COPIED.format(seq=at, of=of, previous=previous, mac=mac))


def test_an_event_put_in_is_named(chained: Database) -> None:
    second = events(chained)[1]
    with past_the_triggers(chained) as link:
        # Two events cannot follow the same one: the forger has to change the one that did.
        update(link, 3, f"previous = {FORGED}")
        put_in(link, at=3, of=1, previous=f"'{second.mac}'", mac=FORGED)

    assert found_in(chained) == (3, CHANGED)


def test_an_event_put_before_the_first_is_named(chained: Database) -> None:
    with past_the_triggers(chained) as link:
        put_in(link, at=1, of=2, previous=FORGED, mac="mac")

    assert found_in(chained) == (1, OUT_OF_PLACE)


@pytest.mark.parametrize(
    ("previous", "mac", "reason"),
    [(FORGED, "mac", OUT_OF_PLACE), ("mac", "mac", CHANGED), ("mac", FORGED, CHANGED)],
    ids=["a copy", "a copy with its link mended", "an invented one"],
)
def test_an_event_added_by_hand_is_named(chained: Database, previous: str, mac: str, reason: str) -> None:
    with past_the_triggers(chained) as link:
        run(link, COPIED.format(seq=7, of=6, previous=previous, mac=mac))

    assert found_in(chained) == (7, reason)
    assert found_in(chained, head_of(chained)) == (7, reason)


def test_the_newest_events_are_missed_only_against_a_checkpoint(chained: Database) -> None:
    checkpoint = head_of(chained)
    with past_the_triggers(chained) as link:
        run(link, "DELETE FROM audit_event WHERE seq >= 5")

    # What is left is a whole chain: this is what a checkpoint is for.
    assert found_in(chained) == (None, "")
    assert found_in(chained, checkpoint) == (5, MISSING)


def test_a_log_emptied_altogether_is_missed_against_a_checkpoint(chained: Database) -> None:
    checkpoint = head_of(chained)
    with past_the_triggers(chained) as link:
        run(link, "DELETE FROM audit_event")

    assert found_in(chained, checkpoint) == (1, MISSING)


def test_a_chain_written_anew_with_the_secret_is_seen_against_a_checkpoint(chained: Database) -> None:
    checkpoint = head_of(chained)
    with past_the_triggers(chained) as link, Session(link) as session:
        run(link, "DELETE FROM audit_event WHERE seq >= 5")
        for _ in range(4):
            add(session, {"available": 0})

    assert found_in(chained) == (None, "")
    assert found_in(chained, checkpoint) == (6, REWRITTEN)


def test_a_chain_that_grew_since_the_checkpoint_holds(chained: Database) -> None:
    checkpoint = head_of(chained)
    add_many(chained, 3)

    assert found_in(chained, checkpoint) == (None, "")
    assert found_in(chained, Head(0, ZEROS)) == (None, "")


def test_under_another_secret_the_first_event_looks_changed(chained: Database) -> None:
    verdict = verdict_on(chained, AuditLog.of(b"t" * 32))

    assert (verdict.broken_at, verdict.reason) == (1, CHANGED)


@pytest.mark.parametrize("page", [1, 2, 3, 5, 6, 7])
def test_the_size_of_a_page_changes_nothing(
    chained: Database, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_check, "PAGE", page)
    assert found_in(chained) == (None, "")

    with past_the_triggers(chained) as link:
        run(link, "DELETE FROM audit_event WHERE seq = 4")

    assert found_in(chained) == (4, MISSING)


def test_a_long_chain_is_not_held_in_memory(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add_many(database, 2 * PAGE + 1)
    seen: list[int] = []
    whole = audit_check._what_is_wrong
    with database.read() as session:

        def counted(log: AuditLog, last: Head, event: AuditEvent) -> str:
            seen.append(len(session.identity_map))
            return whole(log, last, event)

        monkeypatch.setattr(audit_check, "_what_is_wrong", counted)
        assert verify(session, LOG).head.seq == 2 * PAGE + 1
    assert max(seen) <= PAGE


UNREADABLE_ON_SQLITE = {
    "action = CAST(x'ff41' AS TEXT)": UNREADABLE,
    "recorded_at = 'never'": UNREADABLE,
    "organization_id = 'nobody'": UNREADABLE,
    "action = x'41'": CHANGED,
    "action = 7": CHANGED,
    "mac = x'41'": CHANGED,
    "mac = 'é' || substr(mac, 2)": CHANGED,
}  # fmt: skip


@pytest.mark.parametrize("change", UNREADABLE_ON_SQLITE)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_bytes_that_are_no_text_are_named_too(chained: Database, change: str) -> None:
    """PostgreSQL refuses them; a byte of a SQLite file can be anything."""
    with past_the_triggers(chained) as link:
        run(link, "PRAGMA ignore_check_constraints = ON")
        update(link, 3, change)
        run(link, "PRAGMA ignore_check_constraints = OFF")
    assert found_in(chained) == (3, UNREADABLE_ON_SQLITE[change])


def test_a_checkpoint_is_read_as_it_was_written(chained: Database) -> None:
    exported = export_head(LOG, head_of(chained), now=NOW)

    assert read_head(LOG, exported) == head_of(chained)
    assert json.loads(exported)["exported_at"] == "2026-11-24T12:30:00+00:00"


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 4},
        {"seq": 5.5},
        {"mac": "f" * 64},
        {"exported_at": "2026-11-24T12:30:01+00:00"},
        {"more": 1},
        {"check": "f" * 64},
        {"check": 7},
        {"check": "é"},
    ],
)
def test_a_changed_checkpoint_is_refused(changed: dict[str, object]) -> None:
    exported = json.loads(export_head(LOG, Head(6, "a" * 64), now=NOW))

    with pytest.raises(ImportRejected):
        read_head(LOG, json.dumps(exported | changed))


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "null", "{}", '{"check": "x"', "[" * 100_000, '{"check":"a","seq":NaN}']
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ImportRejected):
        read_head(LOG, text)


def test_a_checkpoint_of_another_service_is_refused() -> None:
    exported = export_head(AuditLog.of(b"t" * 32), Head(3, ZEROS), now=datetime(2026, 11, 25, tzinfo=UTC))

    with pytest.raises(ImportRejected):
        read_head(LOG, exported)
