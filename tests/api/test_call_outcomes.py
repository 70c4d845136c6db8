"""One tap after a call: what it says to the next officer and to a curator, and how little of it is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.access.audit import AuditLog
from app.access.audit_check import verify
from app.curation.flagging import HostArea, flag_confidential
from app.geo.gazetteer import Gazetteer
from app.models.audit import AuditEvent, IdempotentAnswer
from app.models.calls import CallOutcome
from tests.api.checks import assert_private_problem
from tests.api.served import NOW
from tests.factories import WEST_MIDLANDS_POLICE, contents, make_publication
from tests.officers import (
    TO_LOOK_AT,
    calls_of,
    curator_key,
    device,
    enrolled,
    officer_key,
    publish_lines,
    result_of,
    searched,
    tap,
)
from tests.providing import Provided, new_key, secret_of_the_tests

HOUR = datetime(2026, 11, 25, 10, tzinfo=UTC)
ONE_HOUR = timedelta(hours=1)


def rows(sides: Provided) -> list[CallOutcome]:
    with sides.database.read() as session:
        return list(session.exec(select(CallOutcome).order_by(CallOutcome.hour, CallOutcome.outcome)))  # type: ignore[arg-type]


def words(sides: Provided, token: str, service_id: UUID) -> list[str]:
    found: list[str] = result_of(searched(sides, token), service_id)["officer"]["calls"]["in_words"]
    return found


def to_look_at(sides: Provided, token: str | None = None, **page: Any) -> dict[str, Any]:
    answer = sides.client.get(
        TO_LOOK_AT, params=page, headers={"Authorization": f"Bearer {token or sides.curator}"}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# This hour


def test_two_officers_who_found_it_full_are_two(sides: Provided) -> None:
    first, second = device(sides), device(sides)

    alone = tap(sides, first, sides.a.refuge)
    both = tap(sides, second, sides.a.refuge)

    assert alone.json()["calls"]["in_words"] == ["one officer found it full this hour"]
    assert both.json() == {
        "service_id": str(sides.a.refuge),
        "calls": {
            "helped": 0, "full": 2, "no_answer": 0, "wrong_number": 0,
            "in_words": ["two officers found it full this hour"],
        },
    }  # fmt: skip
    assert words(sides, first, sides.a.refuge) == ["two officers found it full this hour"]
    assert words(sides, first, sides.b.refuge) == []
    assert both.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in both.headers


def test_one_officer_who_taps_again_is_one_and_the_last_tap_counts(sides: Provided) -> None:
    token = device(sides)
    said = [tap(sides, token, sides.a.open, one).json() for one in ("full", "full", "no_answer", "helped")]
    assert said[-1]["calls"]["in_words"] == ["one officer was helped this hour"]
    assert [(one.outcome, one.hour) for one in rows(sides)] == [("helped", HOUR)]


def test_several_outcomes_are_told_one_after_the_other(sides: Provided) -> None:
    found = ("wrong_number", "no_answer", "helped", "helped")
    said = [tap(sides, device(sides), sides.a.open, outcome).json() for outcome in found]
    assert said[-1]["calls"]["in_words"] == [
        "two officers were helped this hour",
        "one officer got no answer this hour",
        "one officer found the number wrong this hour",
    ]


def test_in_the_next_hour_nobody_is_told_any_more(sides: Provided) -> None:
    token = device(sides)
    tap(sides, token, sides.a.open)
    sides.clock.now = HOUR + ONE_HOUR - timedelta(microseconds=1)
    before = words(sides, token, sides.a.open)
    sides.clock.now = HOUR + ONE_HOUR
    assert (before, words(sides, token, sides.a.open)) == (["one officer found it full this hour"], [])
    # And the same device counts anew.
    assert tap(sides, token, sides.a.open).json()["calls"]["full"] == 1
    assert len(rows(sides)) == 2


def test_a_force_that_shares_a_key_counts_once_and_a_curator_counts(sides: Provided) -> None:
    shared = officer_key(sides)
    said = [tap(sides, token, sides.a.open).json() for token in (shared, shared, sides.curator)]
    assert [one["calls"]["full"] for one in said] == [1, 1, 2]


def test_many_taps_of_one_device_at_once_count_once(sides: Provided) -> None:
    token = device(sides)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: tap(sides, token, sides.a.open), range(16)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert any(answer.status_code == 200 for answer in answers)
    assert len(rows(sides)) == 1


def test_many_devices_at_once_all_count(sides: Provided) -> None:
    tokens = [device(sides) for _ in range(6)]
    sides.clock.now = HOUR + ONE_HOUR
    for token in tokens:
        tap(sides, token, sides.b.open)
    sides.clock.now = HOUR + 2 * ONE_HOUR
    # Each of them also sweeps what the others sweep.
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda token: tap(sides, token, sides.a.open), tokens))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert words(sides, tokens[0], sides.a.open) == ["six officers found it full this hour"]
    assert {one.caller is None for one in rows(sides) if one.service_id == sides.b.open} == {True}


# How little is kept


def test_nothing_that_is_kept_says_who_rang_or_at_which_minute(sides: Provided) -> None:
    found = enrolled(sides)
    # That the curator's key was used is written a moment later.
    sides.client.app.state.last_used.flush()
    before = contents(sides.database)

    tap(sides, found["token"], sides.a.refuge, "full", Idempotency_Key=new_key())

    after = contents(sides.database)
    changed = {table for table in after if after[table] != before[table]}
    assert changed - {"officer_device"} == {"call_outcome", "audit_event", "idempotent_answer"}
    for table in changed - {"officer_device"}:
        (new,) = set(after[table]) - set(before[table])
        assert found["id"] not in new
        # NOW is 10:20:30: every moment in the row is a whole hour.
        assert "20, 30" not in new
        assert "10:20" not in new
    with sides.database.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "call_outcome_recorded")).one()
        answer = session.exec(select(IdempotentAnswer)).one()
    assert (event.actor_type, event.actor_id, event.request_id) == ("device", "unnamed", "")
    assert (event.entity_type, event.entity_id) == ("service", str(sides.a.refuge))
    assert event.recorded_at == HOUR
    assert answer.expires_at == HOUR + timedelta(hours=48)


def test_the_chain_of_the_audit_log_holds_with_events_of_the_hour_in_it(sides: Provided) -> None:
    token = device(sides)
    tap(sides, token, sides.a.open)
    sides.report()
    tap(sides, token, sides.b.open)
    with sides.database.read() as session:
        assert verify(session, AuditLog.of(secret_of_the_tests())).holds


def test_taps_of_one_device_cannot_be_put_together(sides: Provided) -> None:
    token = device(sides)
    for service_id in (sides.a.open, sides.b.open):
        tap(sides, token, service_id, Idempotency_Key=new_key())
    sides.clock.now += ONE_HOUR
    tap(sides, token, sides.a.open, Idempotency_Key=new_key())
    with sides.database.read() as session:
        retriers = session.exec(select(IdempotentAnswer.principal_id)).all()
    assert len(set(retriers)) == 3
    # In this hour the caller is known apart from others; of the hours before, nobody is.
    callers = {
        one.hour: [other.caller for other in rows(sides) if other.hour == one.hour] for one in rows(sides)
    }
    assert callers[HOUR] == [None, None]
    assert len(callers[HOUR + ONE_HOUR]) == 1
    assert callers[HOUR + ONE_HOUR][0] is not None


def test_in_one_hour_a_device_has_another_mark_at_every_service(sides: Provided) -> None:
    token = device(sides)
    for service_id in (sides.a.open, sides.b.open, sides.a.refuge):
        tap(sides, token, service_id)
    assert len({one.caller for one in rows(sides)}) == 3


def test_after_thirty_days_a_call_is_gone(sides: Provided) -> None:
    tap(sides, device(sides), sides.a.open, "wrong_number")
    sides.clock.now = HOUR + timedelta(days=30)
    both = curator_key(sides, "proposals:review", "officer:read")
    assert to_look_at(sides, both)["total"] == 1
    tap(sides, both, sides.b.open)
    assert len(rows(sides)) == 2

    sides.clock.now += timedelta(microseconds=1)

    assert to_look_at(sides, both)["total"] == 0
    tap(sides, both, sides.b.open)
    assert [one.service_id for one in rows(sides)] == [sides.b.open]


# Asked again, asked wrongly, asked by somebody else


def test_the_same_request_again_is_answered_as_the_first_time(sides: Provided) -> None:
    token, key = device(sides), new_key()
    first = tap(sides, token, sides.a.open, Idempotency_Key=key)
    stored = sides.stored()
    tap(sides, device(sides), sides.a.open)

    sides.clock.now += ONE_HOUR
    again = tap(sides, token, sides.a.open, Idempotency_Key=key)

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    # Not a second call, though the hour is another.
    assert {one.hour for one in rows(sides)} == {HOUR}
    assert len(stored["call_outcome"]) == 1
    other = tap(sides, token, sides.a.open, "helped", Idempotency_Key=key)
    assert_private_problem(sides.client.app, other, 409, "idempotency-key-reused")
    # The key of one device is not that of another.
    assert "idempotency-replayed" not in tap(sides, device(sides), sides.a.open, Idempotency_Key=key).headers


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b'{"outcome":"maybe"}', 422, "validation"),
        (b'{"outcome":true}', 422, "validation"),
        (b'{"outcome":1}', 422, "validation"),
        (b'{"outcome":["maybe"]}', 422, "validation"),
        (b'{"outcome":null}', 422, "validation"),
        (b"{}", 422, "validation"),
        (b"[]", 422, "validation"),
        (b"", 400, "malformed"),
        (b'{"outcome":"full","outcome":"helped"}', 400, "duplicate-member"),
        (b'{"outcome":"full","note":"a woman with two children"}', 422, "unknown-member"),
        (b'{"outcome":"full","person":"x"}', 422, "unknown-member"),
        (b'{"outcome":"full","called_at":"2026-11-25T10:20:30Z"}', 422, "unknown-member"),
        (b'{"outcome":"\\ud800"}', 422, "validation"),
    ],
)
def test_only_an_outcome_can_be_said(refusing: Provided, body: bytes, status: int, slug: str) -> None:
    headers = {"Authorization": f"Bearer {refusing.curator}", "Content-Type": "application/json"}
    answer = refusing.client.post(calls_of(refusing.a.open), content=body, headers=headers)
    if slug == "validation" and b"ud800" in body:
        assert answer.status_code in (400, 422)
    else:
        assert_private_problem(refusing.client.app, answer, status, slug)
    assert rows(refusing) == []


def test_a_condition_is_refused_rather_than_ignored(refusing: Provided) -> None:
    answer = tap(refusing, refusing.curator, refusing.a.open, If_Match='"x"')
    assert_private_problem(refusing.client.app, answer, 400, "condition-invalid")


def test_only_officers_say_it_and_only_of_what_is_published(sides: Provided) -> None:
    app = sides.client.app
    assert_private_problem(
        app, sides.client.post(calls_of(sides.a.open), json={"outcome": "full"}), 401, "unauthenticated"
    )
    assert_private_problem(app, tap(sides, sides.a.token, sides.a.open), 403, "forbidden")
    reviewer = curator_key(sides, "proposals:review")
    assert_private_problem(app, tap(sides, reviewer, sides.a.open), 403, "forbidden")
    token = device(sides)
    assert_private_problem(app, tap(sides, token, uuid4()), 404, "not-found")
    with sides.database.write() as session:
        session.connection().exec_driver_sql("UPDATE service SET record_state = 'paused'")
    assert_private_problem(app, tap(sides, token, sides.a.open), 404, "not-found")
    assert rows(sides) == []


# What a curator sees


def test_a_wrong_number_marks_a_service_and_so_do_two_calls_in_vain(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    hallux = publish_lines(sides, gazetteer)
    first, second = device(sides), device(sides)
    tap(sides, first, sides.a.open, "wrong_number")
    tap(sides, first, sides.b.refuge, "no_answer")
    tap(sides, first, hallux, "full")
    alone = to_look_at(sides)
    sides.clock.now += ONE_HOUR
    tap(sides, first, sides.b.refuge, "no_answer")
    tap(sides, second, sides.b.refuge, "helped")

    found = to_look_at(sides)

    assert [one["service_id"] for one in alone["results"]] == [str(sides.a.open)]
    assert (found["total"], found["next"]) == (2, None)
    assert found["results"][0] == {
        "service_id": str(sides.b.refuge), "name": "Example b-refuge", "organization_id": str(sides.b.organization_id),
        "reasons": ["no_answer"], "helped": 1, "full": 0, "no_answer": 2, "wrong_number": 0,
        "last_hour": "2026-11-25T11:00:00Z",
        "this_hour": {
            "helped": 1, "full": 0, "no_answer": 1, "wrong_number": 0,
            "in_words": ["one officer was helped this hour", "one officer got no answer this hour"],
        },
    }  # fmt: skip
    assert (found["results"][1]["reasons"], found["results"][1]["last_hour"]) == (
        ["wrong_number"], "2026-11-25T10:00:00Z",
    )  # fmt: skip
    assert found["results"][1]["this_hour"]["in_words"] == []


def test_one_officer_who_taps_no_answer_twice_in_an_hour_marks_nothing(sides: Provided) -> None:
    token = device(sides)
    for _ in range(3):
        tap(sides, token, sides.a.open, "no_answer")
    assert to_look_at(sides)["total"] == 0


def test_the_list_comes_page_by_page(sides: Provided) -> None:
    token = device(sides)
    # Two in the same hour: the id decides.
    for service_id in (sides.a.open, sides.a.refuge):
        tap(sides, token, service_id, "wrong_number")
    sides.clock.now += ONE_HOUR
    for service_id in (sides.b.open, sides.b.refuge):
        tap(sides, token, service_id, "wrong_number")
    whole = to_look_at(sides)["results"]
    assert len(whole) == 4

    pages, cursor = [], None
    while True:
        page = to_look_at(sides, limit=1, **({} if cursor is None else {"cursor": cursor}))
        assert page["total"] == 4
        pages += page["results"]
        cursor = page["next"]
        if cursor is None:
            break

    assert pages == whole


def test_the_list_is_for_who_reviews(sides: Provided) -> None:
    app = sides.client.app
    assert_private_problem(app, sides.client.get(TO_LOOK_AT), 401, "unauthenticated")
    for token in (device(sides), sides.a.token, curator_key(sides, "officer:read")):
        assert_private_problem(app, sides.ask("GET", TO_LOOK_AT, token=token), 403, "forbidden")
    for page in ("?limit=0", "?limit=true"):
        wrong = sides.ask("GET", f"{TO_LOOK_AT}{page}", token=sides.curator)
        assert_private_problem(app, wrong, 422, "validation")
    assert_private_problem(
        app, sides.ask("GET", f"{TO_LOOK_AT}?cursor=x", token=sides.curator), 400, "cursor-invalid"
    )


# What becomes of it


def test_a_service_that_becomes_confidential_loses_what_was_found_there(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    # Under the new id they would tell, to whoever has seen the list, which service this was.
    for service_id in (sides.a.open, sides.b.open):
        tap(sides, device(sides), service_id, "wrong_number", Idempotency_Key=new_key())
    with sides.database.write() as session:
        flag_confidential(
            session,
            sides.a.open,
            host_area=HostArea(WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,)),
            publication=make_publication(session, gazetteer, now=NOW),
        )
    assert [one.service_id for one in rows(sides)] == [sides.b.open]
    with sides.database.read() as session:
        kept = session.exec(select(IdempotentAnswer.route)).all()
    assert kept == [calls_of(sides.b.open)]
