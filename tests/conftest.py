"""Fixtures of the whole suite: a database of its own for every test, on both engines, and no way to the network."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.databases import Postgres, SqliteTemplate
from tests.machine import (
    NO_BROWSER,
    NO_FAKETIME,
    NO_GDAL,
    NO_POSTGRES,
    do_without,
    find_browser,
    find_faketime,
    find_ogrinfo,
    find_postgres,
)

if TYPE_CHECKING:
    from app.db import Database
    from app.geo.gazetteer import Gazetteer

# No timed assertions: a busy machine must not fail a test. Examples are the same for everybody until `--hypothesis-seed`.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


def pytest_report_header() -> list[str]:
    programs, browser = find_postgres(), find_browser()
    return [
        f"databases: sqlite, {f'postgresql ({programs})' if programs else NO_POSTGRES}",
        f"browser: {browser or NO_BROWSER}",
        f"another time: {find_faketime() or NO_FAKETIME}",
        f"maps: {find_ogrinfo() or NO_GDAL}",
    ]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL with a migrated template; skips, or fails with REQUIRE_POSTGRES=1, where there is none."""
    from app.db import migrate

    programs = find_postgres()
    if programs is None:
        do_without(NO_POSTGRES, unless="REQUIRE_POSTGRES")
    with Postgres(programs) as cluster:
        cluster.create_template(migrate)
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated SQLite file to copy."""
    from app.db import migrate

    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"), migrate)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database of this test alone. A test that asks for it runs on both engines."""
    source = request.getfixturevalue("postgres" if request.param == "postgresql" else "sqlite_template")
    url = source.create()
    yield url
    source.drop(url)


@pytest.fixture(scope="session")
def gazetteer() -> "Iterator[Gazetteer]":
    """All of Great Britain."""
    from app.geo.gazetteer import Gazetteer
    from tests.gazetteer_cache import cached_gazetteer

    with Gazetteer.open(cached_gazetteer()) as opened:
        yield opened


@pytest.fixture
def database(database_url: str) -> "Iterator[Database]":
    """The database of `database_url` with the areas and the vocabulary, on both engines, and with no record."""
    from tests.factories import opened, store_reference

    with opened(database_url) as found:
        with found.write() as session:
            store_reference(session)
        yield found


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Only this machine can be reached: a test that leaves it would depend on, and tell, somebody else."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_far(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_far(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        _refuse_far(socket.AF_INET, (host,))
        return getaddrinfo(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Settings of whoever runs the tests must not decide what they find."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DIRECTORY_")]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _log_as_by_default() -> None:
    """The log belongs to the process, and an application that another test started there may have asked for less."""
    from app.logs import configure_logging

    configure_logging("info")


def _refuse_far(family: int, address: Any) -> None:
    if family == socket.AF_UNIX:
        return
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host in {None, "", "localhost"}:
        return
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    if not near:
        pytest.fail("a test tried to leave this machine; fake the outside at the transport")
