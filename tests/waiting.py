"""Waiting for what cannot be waited for: of another process, or of a page."""

import time
from collections.abc import Callable

HAPPENS_WITHIN_S = 60


def wait_until(happened: Callable[[], bool]) -> None:
    """A question, asked until the answer is yes.

    Pages are asked like this too. Playwright's own `wait_for_function` asks a second time from inside the page, where our
    Content-Security-Policy rightly forbids it to read a text as script: it fails whenever the first answer is no.
    """
    end = time.monotonic() + HAPPENS_WITHIN_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)
