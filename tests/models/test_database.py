"""Sessions: what a write promises, what a connection is set to, and what happens without the file."""

import os
import threading
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.db import Database, has_wal_reset_race, migrate, warn_of_unsafe_sqlite
from app.directory.announcing import announce
from app.directory.loading import current_revision
from tests.databases import SqliteTemplate
from tests.factories import opened


@pytest.fixture
def sqlite_url(sqlite_template: SqliteTemplate) -> str:
    return sqlite_template.create()


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_what_is_written_is_there_for_the_next_reader(database: Database) -> None:
    with database.write() as session:
        announce(session, catalogue=True)

    with database.read() as session:
        assert current_revision(session) == (1, 0)


def test_an_exception_takes_the_whole_write_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012
        announce(session, catalogue=True)
        session.flush()
        raise ZeroDivisionError

    with database.read() as session:
        assert current_revision(session) == (0, 0)


def test_nothing_written_through_a_reading_session_is_kept(database: Database) -> None:
    with database.read() as session:
        announce(session, catalogue=True)
        session.flush()

    with database.read() as session:
        assert current_revision(session) == (0, 0)


def test_a_reader_sees_one_moment_while_others_write(database: Database) -> None:
    with database.read() as reading:
        before = current_revision(reading)
        with database.write() as writing:
            announce(writing, catalogue=True, capacity=True)

        assert current_revision(reading) == before


def test_two_writers_queue_and_neither_is_lost(database: Database) -> None:
    first_has_begun = threading.Event()
    failures: Queue[Exception] = Queue()

    def second() -> None:
        first_has_begun.wait()
        try:
            with database.write() as session:
                announce(session, capacity=True)
        except OperationalError as failure:
            failures.put(failure)

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as session:
        announce(session, capacity=True)
        session.flush()
        first_has_begun.set()
    thread.join()

    assert failures.empty()
    with database.read() as session:
        assert current_revision(session) == (0, 2)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("busy_timeout", 2000),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("mmap_size", 0),
    ],
)
def test_every_pooled_connection_is_set_to_be_safe(sqlite_url: str, pragma: str, value: object) -> None:
    with (
        opened(sqlite_url) as database,
        database.read() as one,
        database.read() as other,
        database.write() as writing,
    ):
        found = [
            session.connection().execute(text(f"PRAGMA {pragma}")).scalar()
            for session in (one, other, writing)
        ]

    # Without memory mapping there is no answer at all.
    assert [0 if one is None else one for one in found] == [value] * 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_is_silent_is_given_up_on_within_seconds(database: Database) -> None:
    """The system's own patience with a machine that is gone is a quarter of an hour."""
    with database.read() as reading, database.write() as writing:
        for session in (reading, writing):
            link: Any = session.connection().connection.driver_connection
            known = {
                name: int(value) for name, value in link.info.get_parameters().items() if value.isdecimal()
            }
            assert known["tcp_user_timeout"] <= 5000
            assert known["keepalives_idle"] + known["keepalives_interval"] * known["keepalives_count"] <= 12


def test_a_missing_file_is_an_error_and_never_a_new_directory(tmp_path: Path) -> None:
    path = tmp_path / "directory.sqlite"
    with opened(f"sqlite:///{path}") as database:
        with pytest.raises(FileNotFoundError), database.read():
            pass
        with pytest.raises(FileNotFoundError), database.write():
            pass

    assert not path.exists()


def test_a_connection_that_is_open_does_not_go_on_with_a_file_that_was_moved(sqlite_url: str) -> None:
    path = path_of(sqlite_url)
    with opened(sqlite_url) as database:
        with database.write() as session:
            announce(session, catalogue=True)
        path.rename(path.with_suffix(".away"))

        with pytest.raises(FileNotFoundError), database.read():
            pass
        with pytest.raises(FileNotFoundError), database.write():
            pass


def test_a_file_that_was_replaced_is_read_anew(sqlite_url: str, sqlite_template: SqliteTemplate) -> None:
    path = path_of(sqlite_url)
    with opened(sqlite_url) as database:
        with database.write() as session:
            announce(session, catalogue=True)
        # As a backup is put back: with the write-ahead log of the old file out of the way.
        for old in path.parent.glob(f"{path.name}-*"):
            old.unlink()
        path_of(sqlite_template.create()).replace(path)

        with database.read() as session:
            assert current_revision(session) == (0, 0)


@pytest.mark.parametrize("name", ["a directory.sqlite", "50%25 off?.sqlite", "number #1.sqlite"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    from sqlalchemy import URL

    url = URL.create("sqlite", database=str(tmp_path / name)).render_as_string()
    migrate(url)

    with opened(url) as database, database.read() as session:
        assert current_revision(session) == (0, 0)
    assert {file.name for file in tmp_path.iterdir()} == {name}


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        migrate(f"sqlite:///{tmp_path / 'new' / 'directory.sqlite'}")
    finally:
        os.umask(before)

    assert (tmp_path / "new" / "directory.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("version", "races"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_builds_with_the_wal_reset_race_are_known(version: tuple[int, ...], races: bool) -> None:
    assert has_wal_reset_race(version) is races


def test_production_refuses_a_build_with_the_race(monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    monkeypatch.setattr("app.db.sqlite_module", lambda: sqlite3)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))

    with pytest.raises(RuntimeError):
        warn_of_unsafe_sqlite(production=True)
    warn_of_unsafe_sqlite(production=False)
