"""Fixtures for faults: the same two organizations with keys, over databases that something happens to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gazetteer_cache import cached_gazetteer
from tests.providing import Provided, provided


@pytest.fixture(scope="session")
def gazetteer_file() -> Path:
    return cached_gazetteer()


@pytest.fixture
def sides(database_url: str, tmp_path: Path, gazetteer_file: Path) -> Iterator[Provided]:
    """Two organizations with keys over the served application, on either engine."""
    with provided(database_url, tmp_path / "var", gazetteer_file) as found:
        yield found
