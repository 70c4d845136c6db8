"""Fixtures over the served application: one seeded database for all tests that only read, on either engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.served import Client, Server, StandingClock, running_server, seed, seeded_folder, served
from tests.curating import Curator, Curators
from tests.databases import SqliteTemplate
from tests.gazetteer_cache import cached_gazetteer
from tests.providing import Provided, provided


@pytest.fixture(scope="session")
def gazetteer_file() -> Path:
    return cached_gazetteer()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, gazetteer_file: Path) -> Path:
    """A data folder with the demonstration. Read-only: tests that change something copy it."""
    return seeded_folder(tmp_path_factory.mktemp("seeded") / "var", gazetteer_file)


@pytest.fixture(scope="session")
def client(seeded: Path) -> Iterator[Client]:
    """The application over the seeded SQLite file, at NOW."""
    with served(seeded) as started:
        yield started


@pytest.fixture(scope="session")
def postgres_client(request: pytest.FixtureRequest, seeded: Path) -> Iterator[Client]:
    cluster = request.getfixturevalue("postgres")
    url = cluster.create()
    seed(url, seeded / "gazetteer.bin")
    with served(seeded, database_url=url) as started:
        yield started
    cluster.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_client(request: pytest.FixtureRequest) -> Client:
    """The same application over each engine in turn."""
    wanted = "client" if request.param == "sqlite" else "postgres_client"
    found: Client = request.getfixturevalue(wanted)
    return found


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def timed_client(seeded: Path, clock: StandingClock) -> Iterator[Client]:
    """The application with a clock that the test moves."""
    with served(seeded, clock=clock) as started:
        yield started


@pytest.fixture(scope="session")
def server(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server process over the seeded folder, for what only a socket shows."""
    with running_server(seeded, tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def sides(database_url: str, tmp_path: Path, gazetteer_file: Path) -> Iterator[Provided]:
    """Two organizations with keys over the served application, on either engine."""
    with provided(database_url, tmp_path / "var", gazetteer_file) as found:
        yield found


@pytest.fixture(scope="module")
def refusing(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory, gazetteer_file: Path
) -> Iterator[Provided]:
    """The same over SQLite, once for all tests of what is refused and therefore changes nothing."""
    url = sqlite_template.create()
    with provided(url, tmp_path_factory.mktemp("refusing") / "var", gazetteer_file) as found:
        yield found
    sqlite_template.drop(url)


@pytest.fixture
def one(sides: Provided) -> Curator:
    """A named curator."""
    return Curators(sides).named("Example One")


@pytest.fixture
def two(sides: Provided) -> Curator:
    """Another person."""
    return Curators(sides).named("Example Two")
