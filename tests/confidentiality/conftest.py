"""Fixtures of the two worlds: made once for all tests that only ask."""

from collections.abc import Iterator

import pytest

from tests.confidentiality.comparing import known_to_all
from tests.confidentiality.worlds import Pair, both_served
from tests.gazetteer_cache import cached_gazetteer


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two worlds, served. Tests leave them as they found them."""
    with both_served(tmp_path_factory.mktemp("worlds") / "pair", cached_gazetteer()) as worlds:
        known_to_all(worlds)
        yield worlds
