"""The small country's gazetteer, written once."""

from collections.abc import Iterator

import pytest

from app.geo.gazetteer import Gazetteer
from tests.search.small_country import build_small_gazetteer


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazetteer]:
    with build_small_gazetteer(tmp_path_factory.mktemp("gazetteer") / "postcodes.gazetteer") as opened:
        yield opened
