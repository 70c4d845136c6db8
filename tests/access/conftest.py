"""An office of the directory: an application over a database of its own, with organizations, a curator, and their keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database
from tests.access.office import Office, furnish
from tests.api.conftest import client, gazetteer_file, seeded
from tests.api.served import StandingClock, served
from tests.gazetteer_cache import cached_gazetteer

__all__ = ["client", "gazetteer_file", "seeded"]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def office(database: Database, database_url: str, clock: StandingClock, tmp_path: Path) -> Iterator[Office]:
    """On each engine in turn; at the tests' NOW until the clock is moved."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "gazetteer.bin").symlink_to(cached_gazetteer())
    with served(folder, database_url=database_url, clock=clock) as client:
        yield furnish(database, client, clock)
