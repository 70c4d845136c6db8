"""The real gazetteer and areas, and the reference material where it lies beside the checkout."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.geo.areas import Areas, read_areas
from app.geo.gazetteer import Gazetteer
from tests.gazetteer_cache import ROOT, cached_gazetteer


@pytest.fixture(scope="session")
def gazetteer() -> Iterator[Gazetteer]:
    with Gazetteer.open(cached_gazetteer()) as opened:
        yield opened


@pytest.fixture(scope="session")
def areas() -> Areas:
    return Areas(read_areas(ROOT / "seed_data" / "areas" / "areas.csv"))


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data; tests that compare with it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no reference data beside the checkout (../shared/data)")
    return folder
