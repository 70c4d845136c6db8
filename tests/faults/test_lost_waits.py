"""PostgreSQL waits for a standby that does not answer: whoever wrote is told that the outcome is not known, never "done"."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.api.checks import assert_private_problem
from tests.databases import Postgres
from tests.providing import Provided, capacity_of, new_key

BODY = {"unit": "bed_space", "status": "full", "available": 0}

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def administrator(postgres: Postgres, sides: Provided) -> Iterator["psycopg.Connection[tuple[object]]"]:
    """Somebody with every right, who has made commits to this database wait for a standby that there is not."""
    name = sides.database.url.database or ""
    with psycopg.connect(
        host=str(postgres.folder), user="directory", dbname="postgres", autocommit=True
    ) as link:
        link.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        link.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        link.execute("SELECT pg_reload_conf()")
        # Connections made from now on wait; those in the pool were made before.
        sides.client.app.state.database.close()
        try:
            yield link
        finally:
            link.execute("ALTER SYSTEM RESET synchronous_standby_names")
            link.execute("SELECT pg_reload_conf()")


def waiting(link: "psycopg.Connection[tuple[object]]") -> list[int]:
    found = link.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return [int(str(row[0])) for row in found]


def retried_once_the_standby_is_there(
    sides: Provided, link: "psycopg.Connection[tuple[object]]", key: str
) -> None:
    link.execute("ALTER SYSTEM RESET synchronous_standby_names")
    link.execute("SELECT pg_reload_conf()")
    answer = sides.ask("PUT", capacity_of(sides.a.open), BODY, Idempotency_Key=key)
    assert answer.status_code == 200
    assert len(sides.stored()["capacity_report"]) == 1


def test_a_wait_that_is_cut_off_is_an_unknown_outcome_though_the_database_says_done(
    sides: Provided, administrator: "psycopg.Connection[tuple[object]]"
) -> None:
    key, stop = new_key(), threading.Event()

    def cut_off_whoever_waits() -> None:
        while not stop.wait(0.02):
            for pid in waiting(administrator):
                administrator.execute("SELECT pg_cancel_backend(%s)", [pid])

    cutter = threading.Thread(target=cut_off_whoever_waits)
    cutter.start()
    try:
        answer = sides.ask("PUT", capacity_of(sides.a.open), BODY, Idempotency_Key=key)
    finally:
        stop.set()
        cutter.join()

    assert_private_problem(sides.client.app, answer, 503, "outcome-unknown")
    # That is why it is not a failure either.
    assert len(sides.stored()["capacity_report"]) == 1
    retried_once_the_standby_is_there(sides, administrator, key)


def test_a_wait_without_end_ends_at_our_deadline(
    sides: Provided, administrator: "psycopg.Connection[tuple[object]]"
) -> None:
    key = new_key()
    sides.client.app.state.database.commit_deadline_s = 0.5

    answer = sides.ask("PUT", capacity_of(sides.a.open), BODY, Idempotency_Key=key)

    assert_private_problem(sides.client.app, answer, 503, "outcome-unknown")
    retried_once_the_standby_is_there(sides, administrator, key)
