"""A thing that is sent twice is done once: the header, what makes two requests the same, and the answer that is kept."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from app.access.idempotency import (
    KEPT,
    SWEPT_AT_ONCE,
    IdempotencyScope,
    StoredAnswer,
    fingerprint_of,
    forget_answers,
    key_of,
    recall,
    remember,
)
from app.db import Database
from app.errors import IdempotencyKeyReused, Malformed, ValidationFailed
from app.models.audit import IdempotentAnswer
from app.models.history import Change
from app.models.organizations import Organization
from tests.databases import Postgres
from tests.factories import NOW, contents, count, opened

SECRET = b"k" * 32
SENT = "8e03978e-40d5-43dd-bc93-6894a57f9324"
BODY = b'{"status": "full", "available": 0}'
ANSWER = StoredAnswer(status=200, body=b'{"version": 7}', etag='"7"')


def scope(**changed: Any) -> IdempotencyScope:
    key = key_of([changed.pop("sent", SENT)], secret=SECRET)
    known: dict[str, Any] = {
        "principal_id": "4f9QzK3bX1aT",
        "method": "PUT",
        "route": "/v1/provider/services/5a7d3c0e-0000-4000-8000-000000000002/capacity",
        "key": key,
        "fingerprint": fingerprint_of(BODY, '"6"'),
        "organization_id": None,
    }
    return IdempotencyScope(**known | changed)


@pytest.mark.parametrize("sent", ["a", SENT, "a" * 200, "!#+-./:;=?@[]^_`{|}~", "'single'"])
def test_a_key_is_the_same_with_and_without_quotes(sent: str) -> None:
    hashed = key_of([sent], secret=SECRET)
    assert hashed == key_of([f'"{sent}"'], secret=SECRET) == key_of([f' \t"{sent}" '], secret=SECRET)
    assert hashed is not None
    assert len(hashed) == 64
    assert hashed != key_of([sent], secret=b"l" * 32)
    assert hashed != key_of([f"{sent[:-1]}z"], secret=SECRET)


def test_a_quote_and_a_backslash_are_escaped_as_in_structured_fields() -> None:
    assert key_of([r'"a\"b\\c"'], secret=SECRET) != key_of([r'"abc"'], secret=SECRET)


def test_no_header_is_no_key() -> None:
    assert key_of([], secret=SECRET) is None


@pytest.mark.parametrize(
    "sent",
    [
        [""], [" "], ['""'], ["a b"], ['"a b"'], ["a,b"], ["é"], ["a\x7f"], ["a\tb"], ["a" * 201], [f'"{"a" * 201}"'],
        ['"a'], ['a"'], ['a"b'], [r'"a\b"'], [r"a\b"], ['"a";b=1'], ["a\n"], ["\u00a0a"], ['"a", "b"'],
        [SENT, SENT], ["a", "b"],
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name_and_not_repeated(sent: list[str]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        key_of(sent, secret=SECRET)
    (error,) = refused.value.errors
    assert error.pointer == "/headers/Idempotency-Key"
    assert error.detail == "sent once, 1 to 200 visible ASCII characters"


@given(st.text(max_size=205))
def test_whatever_is_sent_is_hashed_or_refused(sent: str) -> None:
    try:
        assert key_of([sent], secret=SECRET) is not None
    except ValidationFailed:
        assert not (sent.isascii() and sent.isalnum() and len(sent) <= 200)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_spaces_order_and_escapes_make_no_other_request(sent: object) -> None:
    one = json.dumps(sent, indent=3, sort_keys=True).encode()
    other = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()
    assert fingerprint_of(one, '"1"') == fingerprint_of(other, '"1"')


def test_another_body_or_condition_is_another_request() -> None:
    bodies = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"a": 1}',
        b'{"a": "1"}',
        b'{"a": true}',
        b'{"a": 1, "b": 1}',
        b'[{"a": 1}]',
    ]
    prints = {fingerprint_of(body, if_match) for body in bodies for if_match in (None, "", '"1"', '"2"', "*")}
    assert len(prints) == len(bodies) * 5


@pytest.mark.parametrize(
    "body", [b"{", b"NaN", b'{"a": 1e999}', b"\xff", b'"\\ud800"', b"9" * 20, b"[" * 5000, b"9" * 5000]
)
def test_a_body_that_has_no_canonical_form_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        fingerprint_of(body, None)


def test_a_key_as_sent_and_a_template_are_refused() -> None:
    with pytest.raises(ValueError, match="as `key_of` gives it"):
        scope(key=SENT)
    with pytest.raises(ValueError, match="not its template"):
        scope(route="/v1/provider/services/{service_id}/capacity")


def recalled(database: Database, of: IdempotencyScope, *, now: datetime = NOW) -> StoredAnswer | None:
    with database.write() as session:
        return recall(session, of, now=now)


def keep(database: Database, of: IdempotencyScope, *, now: datetime = NOW) -> None:
    with database.write() as session:
        assert recall(session, of, now=now) is None
        remember(session, of, ANSWER, now=now)


def test_the_same_request_gets_the_same_answer(database: Database) -> None:
    keep(database, scope())

    assert recalled(database, scope()) == ANSWER
    assert recalled(database, scope()) == ANSWER
    assert (
        recalled(database, scope(fingerprint=fingerprint_of(b'{"available":0,"status":"full"}', '"6"')))
        == ANSWER
    )


def test_an_answer_without_an_etag_is_kept_too(database: Database) -> None:
    bare = StoredAnswer(status=204, body=b"")
    with database.write() as session:
        remember(session, scope(), bare, now=NOW)
    assert recalled(database, scope()) == bare


def test_the_key_itself_is_nowhere(database: Database) -> None:
    keep(database, scope())

    assert SENT not in str(contents(database))
    if database.path is not None:
        stored = b"".join(file.read_bytes() for file in database.path.parent.glob(f"{database.path.name}*"))
        assert ANSWER.body in stored
        assert SENT.encode() not in stored


@pytest.mark.parametrize(
    "fingerprint", [fingerprint_of(b'{"status": "limited"}', '"6"'), fingerprint_of(BODY, '"7"')]
)
def test_a_key_for_something_else_is_a_conflict(database: Database, fingerprint: str) -> None:
    keep(database, scope())

    with pytest.raises(IdempotencyKeyReused):
        recalled(database, scope(fingerprint=fingerprint))
    assert recalled(database, scope()) == ANSWER


@pytest.mark.parametrize(
    "changed",
    [
        {"principal_id": "another00000"},
        {"method": "POST"},
        {"route": "/v1/provider/services/5a7d3c0e-0000-4000-8000-000000000003/capacity"},
        {"sent": "another"},
    ],
)
def test_somebody_elses_or_another_routes_key_is_another(database: Database, changed: dict[str, str]) -> None:
    keep(database, scope())

    assert recalled(database, scope(**changed)) is None
    keep(database, scope(**changed))
    assert count(database, "idempotent_answer") == 2


def test_an_answer_is_kept_for_two_days(database: Database) -> None:
    keep(database, scope())
    moment = timedelta(microseconds=1)

    assert recalled(database, scope(), now=NOW + KEPT - moment) == ANSWER
    assert recalled(database, scope(), now=NOW + KEPT) is None
    keep(database, scope(fingerprint=fingerprint_of(b"{}", None)), now=NOW + KEPT)
    assert recalled(database, scope(fingerprint=fingerprint_of(b"{}", None)), now=NOW + KEPT) == ANSWER


def test_what_has_expired_goes_in_passing_some_at_a_time(database: Database) -> None:
    with database.write() as session:
        for number in range(SWEPT_AT_ONCE + 20):
            remember(session, scope(sent=f"old-{number}"), ANSWER, now=NOW)
        remember(session, scope(sent="young"), ANSWER, now=NOW + timedelta(hours=1))
    assert count(database, "idempotent_answer") == SWEPT_AT_ONCE + 21

    keep(database, scope(sent="new"), now=NOW + KEPT)
    assert count(database, "idempotent_answer") == 22
    keep(database, scope(sent="newer"), now=NOW + KEPT)
    assert count(database, "idempotent_answer") == 3
    assert recalled(database, scope(sent="young"), now=NOW + KEPT) == ANSWER


def test_the_effect_and_the_answer_are_there_together_or_not_at_all(database: Database) -> None:
    with database.write() as session:
        effect(session)
        remember(session, scope(), ANSWER, now=NOW)
        session.rollback()

    assert (count(database, "change"), count(database, "idempotent_answer")) == (0, 0)
    assert recalled(database, scope()) is None


@pytest.mark.parametrize("status", [199, 300, 409, 422, 503])
def test_a_refusal_is_not_kept(database: Database, status: int) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        remember(session, scope(), replace(ANSWER, status=status), now=NOW)


def effect(session: Session) -> None:
    session.add(Change(record_type="service", record_id=uuid4(), kind="updated"))


def at_once(act: Callable[[], str]) -> list[str]:
    """What eight threads say that begin together."""
    start = Barrier(8)

    def begin(_: int) -> str:
        start.wait()
        for _ in range(50):
            try:
                return act()
            except OperationalError:
                # Its turn did not come in time: the same request is sent again, as a client does.
                continue
        return "no turn in fifty tries"

    with ThreadPoolExecutor(8) as pool:
        return sorted(pool.map(begin, range(8)))


def test_eight_at_once_with_one_key_do_it_once(database: Database) -> None:
    def put() -> str:
        with database.write() as session:
            if recall(session, scope(), now=NOW) is not None:
                return "replayed"
            effect(session)
            remember(session, scope(), ANSWER, now=NOW)
        return "done"

    assert at_once(put) == ["done", *["replayed"] * 7]
    assert (count(database, "change"), count(database, "idempotent_answer")) == (1, 1)


def test_without_looking_first_the_index_still_lets_one_through(database: Database) -> None:
    def put() -> str:
        try:
            with database.write() as session:
                effect(session)
                remember(session, scope(), ANSWER, now=NOW)
        except IntegrityError:
            return "refused"
        return "done"

    assert at_once(put) == ["done", *["refused"] * 7]
    assert (count(database, "change"), count(database, "idempotent_answer")) == (1, 1)


def test_different_keys_do_not_wait_for_each_other(postgres: Postgres) -> None:
    """On PostgreSQL; on SQLite every writer waits for every other."""
    url = postgres.create()
    with opened(url) as database, database.write() as one, database.write() as other:
        assert recall(one, scope(), now=NOW) is None
        assert recall(other, scope(sent="another"), now=NOW) is None
        remember(other, scope(sent="another"), ANSWER, now=NOW)
        other.commit()
        remember(one, scope(), ANSWER, now=NOW)
    postgres.drop(url)


def test_a_replay_waits_for_the_standby_like_the_first_answer(postgres: Postgres) -> None:
    """PostgreSQL holds back a commit only if its transaction has written: a replay has to, and a first look has not."""
    url = postgres.create()
    with opened(url) as database:
        keep(database, scope())
        for of, has_written in ((scope(sent="new"), False), (scope(), True)):
            with database.write() as session:
                recall(session, of, now=NOW)
                xid = session.connection().execute(text("SELECT pg_current_xact_id_if_assigned()")).scalar()
                assert (xid is not None) is has_written
    postgres.drop(url)


def organization(session: Session) -> UUID:
    row = Organization(source="test", source_id=str(uuid4()), name="Example", description="")
    session.add(row)
    session.flush()
    return row.id


def test_what_is_forgotten_is_that_organizations_and_nobodys(database: Database) -> None:
    with database.write() as session:
        one, other = organization(session), organization(session)
        for number, of in enumerate((one, other, one, None)):
            remember(session, scope(sent=f"key-{number}", organization_id=of), ANSWER, now=NOW)
        forget_answers(session, one)

    with database.read() as session:
        assert session.exec(select(IdempotentAnswer.organization_id)).all() == [other]
        assert session.exec(select(func.count()).select_from(Organization)).one() == 2
