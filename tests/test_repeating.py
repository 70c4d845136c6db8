"""What a server does again and again goes on after a failure, and says once that it fails and once that it works again."""

from collections.abc import Iterator
from threading import Event

import pytest
import structlog
from structlog.testing import capture_logs

from app.repeating import Repeated

ENOUGH_S = 30


@pytest.fixture(autouse=True)
def every_level() -> Iterator[None]:
    """An application made by an earlier test in the same process may have asked for warnings only."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


def test_a_failure_ends_nothing_and_is_told_once() -> None:
    worked = Event()
    left = [OSError(), OSError()]

    def act() -> None:
        if left:
            raise left.pop()
        worked.set()

    repeated = Repeated("sweeping", act, every_s=0.001)
    with capture_logs() as logged:
        repeated.start()
        assert worked.wait(ENOUGH_S)
        repeated.stop()
    assert [one["event"] for one in logged] == ["sweeping_failing", "sweeping_working_again"]
