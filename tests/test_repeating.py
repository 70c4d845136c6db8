"""What a server does again and again goes on after a failure, and says once that it fails and once that it works again."""

from threading import Event

from structlog.testing import capture_logs

from app.repeating import Repeated

ENOUGH_S = 30


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
