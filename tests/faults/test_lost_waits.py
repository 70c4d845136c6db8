"""PostgreSQL waits for a standby that does not answer: whoever wrote is told that the outcome is not known, never "done"."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import make_url

from tests.api.checks import assert_private_problem
from tests.databases import Postgres
from tests.providing import Provided, capacity_of, new_key

BODY = {"unit": "bed_space", "status": "full", "available": 0}

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


Link = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def administrator(postgres: Postgres, database_url: str) -> Iterator[Link]:
    """Somebody with every right, who has told this database to wait for a standby wherever one is named."""
    with psycopg.connect(
        host=str(postgres.folder), user="directory", dbname="postgres", autocommit=True
    ) as link:
        link.execute(f'ALTER DATABASE "{make_url(database_url).database}" SET synchronous_commit = on')
        try:
            yield link
        finally:
            name_standby(link, "")


@pytest.fixture
def sides(administrator: Link, sides: Provided) -> Provided:
    """As ever, but opened after the database was told: a connection goes by what held when it was made."""
    return sides


def name_standby(link: Link, name: str) -> None:
    link.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    link.execute("SELECT pg_reload_conf()")


def waiting(link: Link) -> list[int]:
    found = link.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return [int(str(row[0])) for row in found]


@contextmanager
def cutting_off(link: Link) -> Iterator[None]:
    """Meanwhile whoever waits for the standby is told to stop waiting, as an impatient operator would."""
    stop = threading.Event()

    def cut() -> None:
        while not stop.wait(0.02):
            for pid in waiting(link):
                link.execute("SELECT pg_cancel_backend(%s)", [pid])

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        yield
    finally:
        stop.set()
        cutter.join()


def lose_the_standby(sides: Provided, postgres: Postgres, link: Link) -> None:
    """Name a standby that there is not. The server takes that up in its own time: until a commit has waited for it."""
    name_standby(link, "nobody")
    notices: list[str] = []
    with psycopg.connect(
        host=str(postgres.folder), user="directory", dbname=sides.database.url.database or "", autocommit=True
    ) as probe:
        probe.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        with cutting_off(link):
            while not notices:
                probe.execute("SELECT pg_logical_emit_message(true, 'probe', '')")
    assert "canceling wait for synchronous replication" in notices[0]


def retried_once_the_standby_is_there(sides: Provided, link: Link, key: str) -> None:
    name_standby(link, "")
    with cutting_off(link):
        # Whoever is early waits once more, and is told again that nobody can tell.
        while (
            answer := sides.ask("PUT", capacity_of(sides.a.open), BODY, Idempotency_Key=key)
        ).status_code == 503:
            assert_private_problem(sides.client.app, answer, 503, "outcome-unknown")
    assert answer.status_code == 200
    assert len(sides.stored()["capacity_report"]) == 1


def test_a_wait_that_is_cut_off_is_an_unknown_outcome_though_the_database_says_done(
    sides: Provided, postgres: Postgres, administrator: Link
) -> None:
    key = new_key()
    lose_the_standby(sides, postgres, administrator)

    with cutting_off(administrator):
        answer = sides.ask("PUT", capacity_of(sides.a.open), BODY, Idempotency_Key=key)

    assert_private_problem(sides.client.app, answer, 503, "outcome-unknown")
    # That is why it is not a failure either.
    assert len(sides.stored()["capacity_report"]) == 1
    retried_once_the_standby_is_there(sides, administrator, key)


def test_a_wait_without_end_ends_at_our_deadline(
    sides: Provided, postgres: Postgres, administrator: Link
) -> None:
    key = new_key()
    lose_the_standby(sides, postgres, administrator)
    sides.client.app.state.database.commit_deadline_s = 0.5

    answer = sides.ask("PUT", capacity_of(sides.a.open), BODY, Idempotency_Key=key)

    assert_private_problem(sides.client.app, answer, 503, "outcome-unknown")
    retried_once_the_standby_is_there(sides, administrator, key)
