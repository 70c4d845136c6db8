"""The session of a request: one transaction, durable before the reply, and honest when the database is not well."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from app.api.callers import ReadSession, WriteSession
from app.api.problems import install_problem_handlers
from app.db import CommitUncertain, Database, is_full
from app.errors import Conflict
from app.models.access import Person
from tests.access.office import KEYS, Office
from tests.api.served import Client
from tests.databases import Postgres
from tests.factories import opened


def example() -> Person:
    """There can be one of that name."""
    return Person(name="Example", folded_name="example", created_by="test")


def add_one(session: WriteSession) -> dict[str, bool]:
    session.add(example())
    return {"done": True}


def add_and_fail(session: WriteSession) -> None:
    session.add(example())
    session.flush()
    raise Conflict


def names(session: ReadSession) -> list[str]:
    return list(session.exec(select(Person.name).order_by(col(Person.name))))


@pytest.fixture
def small(database: Database) -> Iterator[Client]:
    """An application of three routes over a database, to look at each end that a request can come to."""
    app = FastAPI()
    app.state.database = database
    app.state.public_url = ""
    install_problem_handlers(app)
    app.post("/one")(add_one)
    app.post("/fail")(add_and_fail)
    app.get("/names")(names)
    with start_blocking_portal() as portal, Client(app, portal) as client:
        yield client


def assert_unavailable(response: httpx.Response) -> None:
    assert response.status_code == 503
    assert response.json()["type"].endswith("/problems/unavailable")
    assert response.headers["retry-after"] == "2"
    assert "999" in response.text


def test_what_a_route_adds_is_stored_when_the_reply_comes(small: Client) -> None:
    assert small.post("/one").json() == {"done": True}
    assert small.get("/names").json() == ["Example"]


def test_what_a_route_adds_before_it_fails_is_not_stored(small: Client) -> None:
    assert small.post("/fail").status_code == 409
    assert small.get("/names").json() == []


def test_what_the_database_refuses_at_the_end_is_never_a_success(small: Client) -> None:
    # The row is sent when the route has returned, and the reply waits for it.
    assert small.post("/one").status_code == 200
    with pytest.raises(IntegrityError):
        small.post("/one")
    assert small.get("/names").json() == ["Example"]


def test_a_locked_database_is_503_and_can_be_tried_again(
    small: Client, database: Database, database_url: str
) -> None:
    with opened(database_url) as other, other.write() as session:
        # A writer has the whole file on SQLite.
        session.connection().execute(text("SELECT 1" if database.is_sqlite else "LOCK TABLE person"))
        assert_unavailable(small.post("/one"))
    assert small.post("/one").status_code == 200


@contextmanager
def gone(database: Database) -> Iterator[None]:
    """The file is somewhere else, or there is no server at the address."""
    if database.path is not None:
        away = database.path.rename(database.path.with_suffix(".away"))
        yield
        away.rename(database.path)
    else:
        reader, database._reader = (
            database._reader,
            Database("postgresql+psycopg://x@/x?host=/nowhere")._reader,
        )
        yield
        database._reader = reader


def test_a_database_that_is_gone_is_503_and_the_public_search_goes_on(office: Office) -> None:
    token = office.token("curator")
    with gone(office.client.app.state.database):
        assert_unavailable(office.get(KEYS, token))
        assert office.client.post("/v1/services/search", json={"area": "E08000028"}).status_code == 200
    assert office.get(KEYS, token).status_code == 200


def test_a_full_disk_of_postgresql_is_known_by_its_code() -> None:
    # PostgreSQL has no limit for one database that a test could reach; SQLite's is in tests/faults.
    assert is_full(OperationalError("", None, psycopg.errors.DiskFull()))
    assert not is_full(OperationalError("", None, psycopg.errors.LockNotAvailable()))


def test_a_connection_lost_at_the_commit_leaves_a_doubt(postgres: Postgres) -> None:
    url = postgres.create()
    database, killer = Database(url), Database(url)

    def cut(session: Session) -> None:
        number = session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
        with killer.write() as other:
            other.connection().execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})

    def lose_after_writing() -> None:
        with database.write() as session:
            session.add(example())
            session.flush()
            cut(session)

    def lose_before_writing() -> None:
        with database.write() as session:
            cut(session)
            session.add(example())

    with pytest.raises(CommitUncertain):
        lose_after_writing()
    # Lost before the commit was sent: certainly not done, and no doubt about it.
    with pytest.raises(OperationalError):
        lose_before_writing()
    database.close()
    killer.close()
    postgres.drop(url)
