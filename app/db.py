"""Engines and sessions: one class, `Database`, for SQLite and PostgreSQL, and the migration of either.

Reads and writes have engines of their own. On SQLite a writer takes the lock at its start (`BEGIN IMMEDIATE`), so two
writers queue instead of failing half-way, and a commit is on the disk when it returns (WAL with `synchronous=FULL`).
"""

import hashlib
import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast
from urllib.parse import quote

import psycopg
import structlog
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

if TYPE_CHECKING:
    from alembic.config import Config

logger = structlog.get_logger()

BUSY_TIMEOUT_MS = 2000
"""How long a writer waits for another before it gives up with 503."""

STATEMENT_TIMEOUT_S = 5

COMMIT_DEADLINE_S = 8.0
"""How long a commit on PostgreSQL may take. `statement_timeout` does not end a wait for the standby, so this side does."""


def sqlite_module() -> ModuleType:
    """The driver with the newest SQLite: `pysqlite3` bundles one where the platform has a wheel of it."""
    try:
        import pysqlite3.dbapi2 as bundled
    except ImportError:
        return sqlite3
    return cast(ModuleType, bundled)


def has_wal_reset_race(version: tuple[int, ...]) -> bool:
    """Whether a SQLite version can corrupt a WAL database (3.7.0 to 3.51.2, mended in 3.50.7 and 3.44.6)."""
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)
    return not mended


def take_turn(session: Session, lock: int) -> None:
    """On PostgreSQL wait until no other transaction has this turn, and have it until the end of one's own. On SQLite one writes
    at a time anyway.
    """
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def turn_of(name: bytes) -> int:
    """A number for `take_turn`; two names that share one by chance only wait for each other."""
    return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


class CommitUncertain(Exception):
    """A commit was sent, and whether it holds is not known: never a success, never a failure."""


def is_full(failure: SQLAlchemyError) -> bool:
    """Whether a statement failed for want of room on the disk."""
    cause = getattr(failure, "orig", None)
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate == psycopg.errors.DiskFull.sqlstate
    return _sqlite_code(cause) == sqlite3.SQLITE_FULL


_ANOTHER_SCHEMA = "its schema is of another version, or was never made: `directory migrate`"
_DAMAGED = "its file is damaged: restore the backup"
_NO_ROOM = "there is no room on its disk"
_WHY_NOT_POSTGRES = {
    None: "it cannot be connected to: it does not run, or DIRECTORY_DATABASE_URL names another host, user, password or database",
    "25006": "it takes no changes: it is a standby, or its server was closed to changes",
    "42501": "its user may not do that",
    "42703": _ANOTHER_SCHEMA,
    "42P01": _ANOTHER_SCHEMA,
    "53100": _NO_ROOM,
    "53300": "it has no connection left",
    "55P03": "another process holds it: try again",
    "57014": "it took too long: try again",
    "XX001": _DAMAGED,
    "XX002": "an index of it is damaged: have it made anew (REINDEX), or restore the backup",
}
"""By SQLSTATE, which a connection that was never made has not (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
_WHY_NOT_SQLITE = {
    sqlite3.SQLITE_ERROR: _ANOTHER_SCHEMA,
    sqlite3.SQLITE_BUSY: "another process holds it: try again",
    sqlite3.SQLITE_READONLY: "this account may not write its file",
    sqlite3.SQLITE_IOERR: "its disk fails",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: _NO_ROOM,
    sqlite3.SQLITE_CANTOPEN: "this account may not open its file, or make another beside it",
    sqlite3.SQLITE_NOTADB: "its file is no database, or damaged: restore the backup",
}


def why_unusable(failure: SQLAlchemyError) -> str:
    """What is wrong with the database and what to do, for whoever runs it; never its address or a value."""
    return _reason(failure) or f"it failed ({type(failure).__name__})"


def lacks_tables(failure: SQLAlchemyError) -> bool:
    """Of SQLite: whether the file is sound, and what was asked for was never made in it."""
    return _sqlite_code(getattr(failure, "orig", None)) == sqlite3.SQLITE_ERROR


def is_unusable(failure: Exception) -> bool:
    """Whether it is the database that fails, and not what was asked of it: gone, away, busy, full, damaged, of another schema, or
    closed to changes, as a standby is after a failover.

    Which of the driver's exceptions that is differs: of a damaged file SQLite raises its most general one, and PostgreSQL for
    a table that is not there the one for a wrong statement.
    """
    if isinstance(failure, FileNotFoundError | OperationalError | NoConnection):
        return True
    if not isinstance(failure, DBAPIError):
        return False
    # A value that the driver itself refuses has no code, as a connection that was never made: that is an OperationalError.
    return getattr(failure.orig, "sqlstate", "") is not None and _reason(failure) is not None


def _reason(failure: SQLAlchemyError) -> str | None:
    cause = getattr(failure, "orig", None)
    if isinstance(cause, psycopg.Error):
        return _WHY_NOT_POSTGRES.get(cause.sqlstate)
    return _WHY_NOT_SQLITE.get(_sqlite_code(cause) or 0)


def _sqlite_code(cause: object) -> int | None:
    """The primary result code (https://sqlite.org/rescode.html), without what extends it."""
    code = getattr(cause, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


class Database:
    """The system of record at one address.

    `read()` and `write()` give sessions; `write()` commits when its block ends well and rolls back otherwise.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database) if self.is_sqlite and self.url.database else None
        self._file: tuple[int, int] | None = None
        self.commit_deadline_s = COMMIT_DEADLINE_S
        if self.path is not None:
            self._reader = _sqlite_engine(self.path, pool_size, begin="BEGIN")
            self._writer = _sqlite_engine(self.path, pool_size, begin="BEGIN IMMEDIATE")
        else:
            # One consistent view for a whole read, as SQLite gives it: a snapshot must not mix two publications.
            self._reader = _postgres_engine(self.url, pool_size, isolation="REPEATABLE READ")
            self._writer = _postgres_engine(self.url, pool_size, isolation="READ COMMITTED")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing it adds is kept. Raises FileNotFoundError when the SQLite file is gone."""
        self._look_at_file()
        session = Session(self._reader, expire_on_commit=False)
        try:
            yield session
        finally:
            # Where the connection is lost by now, so is what there was to take back: what was read holds.
            with suppress(DBAPIError):
                session.close()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed, durably, when the block ends without an exception.

        Raises FileNotFoundError when the SQLite file is gone, and CommitUncertain when the answer to a commit is lost.
        """
        self._look_at_file()
        with Session(self._writer, expire_on_commit=False) as session:
            yield session
            # What fails up to here was never committed; only the commit itself can leave a doubt.
            session.flush()
            self._commit(session)

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    def _commit(self, session: Session) -> None:
        link = session.connection().info if session.in_transaction() else {}
        try:
            with self._deadline(session):
                session.commit()
        except DBAPIError as failure:
            if failure.connection_invalidated or _sqlite_code(failure.orig) == sqlite3.SQLITE_IOERR:
                raise CommitUncertain from failure
            raise
        if link.pop(_NOT_REPLICATED, False):
            raise CommitUncertain

    @contextmanager
    def _deadline(self, session: Session) -> Iterator[None]:
        """Hang up on a PostgreSQL that does not answer in time. What it did with the commit is then not known."""
        if self.is_sqlite or not session.in_transaction():
            yield
            return
        driver = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
        timer = threading.Timer(self.commit_deadline_s, _hang_up, [driver])
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            # Until it is known that nobody will hang up, the connection must not serve another request.
            timer.join()

    def _look_at_file(self) -> None:
        """Never read or write a file that was moved away or replaced: an open connection would go on as if nothing were."""
        if self.path is None:
            return
        try:
            found = self.path.stat()
        except OSError as failure:
            # Its folder may not be entered, or its disk fails: it is as far away as one that is not there.
            raise FileNotFoundError(failure.errno, failure.strerror, str(self.path)) from failure
        if self._file not in (None, (found.st_dev, found.st_ino)):
            self.close()
        self._file = (found.st_dev, found.st_ino)


def _hang_up(connection: "psycopg.Connection[Any]") -> None:
    """End the connection under whoever is waiting on it; a descriptor of our own, since theirs may be closed meanwhile."""
    try:
        descriptor = os.dup(connection.fileno())
    except (psycopg.Error, OSError):
        return
    with socket.socket(fileno=descriptor) as link, suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def _sqlite_engine(path: Path, pool_size: int, *, begin: str) -> Engine:
    driver = sqlite_module()
    # mode=rw: a process that finds no file must say so, not make an empty directory that answers "nobody can help".
    file_url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(
        file_url,
        module=driver,
        hide_parameters=True,
        pool_size=pool_size,
        pool_timeout=STATEMENT_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",
            "mmap_size=0",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine, "checkin")
    def _forget_pages(connection: Any, _record: Any) -> None:
        # SQLite keeps whole pages of the file in memory: rows that are not for the public, in the public process.
        if connection is not None:
            connection.execute("PRAGMA shrink_memory").close()

    return engine


_NOT_REPLICATED = "commit_not_replicated"
_GIVEN_UP_ON = {
    "tcp_user_timeout": STATEMENT_TIMEOUT_S * 1000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""A server that is silent, since its machine or the network between is gone: without these the system sends the same again for a
quarter of an hour, and officers wait as long, and so does what was taken down. One that is only slow answers at this level.
"""


def _note_lost_wait(connection: "psycopg.Connection[Any]", record: Any) -> None:
    """A wait for the standby that is cut off ends in success, with a warning: the row may be on one machine only."""

    def note(diagnostic: psycopg.errors.Diagnostic) -> None:
        if "synchronous replication" in (diagnostic.message_primary or ""):
            record.info[_NOT_REPLICATED] = True

    connection.add_notice_handler(note)


def _postgres_engine(
    url: URL, pool_size: int, *, isolation: Literal["REPEATABLE READ", "READ COMMITTED"]
) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        isolation_level=isolation,
        pool_size=pool_size,
        pool_pre_ping=True,
        pool_timeout=STATEMENT_TIMEOUT_S,
        connect_args={
            "connect_timeout": 3,
            **_GIVEN_UP_ON,
            "application_name": "support-directory",
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_S}s -c lock_timeout=2s -c timezone=UTC",
        },
    )
    event.listen(engine, "connect", _note_lost_wait)
    return engine


def warn_of_unsafe_sqlite(*, production: bool) -> None:
    """Log a warning, or in production raise RuntimeError, when this SQLite build can corrupt a WAL database."""
    driver = sqlite_module()
    if has_wal_reset_race(tuple(driver.sqlite_version_info)):
        if production:
            raise RuntimeError(
                f"SQLite {driver.sqlite_version} has the WAL-reset race; install pysqlite3 or use PostgreSQL"
            )
        logger.warning("sqlite_has_wal_reset_race", sqlite_version=driver.sqlite_version)


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`, making the SQLite file (mode 0600) if there is none.

    Raises RuntimeError for a revision that this code does not know, of the database's or as asked.
    """
    from alembic import command
    from alembic.util import CommandError

    database = make_url(url)
    if database.get_backend_name() == "sqlite" and database.database:
        path = Path(database.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    config = migration_config(url)
    try:
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
    except CommandError as failure:
        raise RuntimeError(
            "the schema of the database, or the one asked for, is of a version that this code does not know: "
            "run the code that made it"
        ) from failure


class KnownRevisions(NamedTuple):
    """Of the schema, as this code has them."""

    all: frozenset[str]
    heads: frozenset[str]


def known_revisions() -> KnownRevisions:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(migration_config("sqlite://"))
    return KnownRevisions(
        frozenset(one.revision for one in scripts.walk_revisions()), frozenset(scripts.get_heads())
    )


def migration_config(url: str) -> "Config":
    """Alembic's settings for the database at `url`."""
    from alembic.config import Config

    # Its default is the standard output of the moment at which Alembic was first imported, which may be closed by now.
    config = Config(stdout=sys.stdout)
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["url"] = url
    return config
