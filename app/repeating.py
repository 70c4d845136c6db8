"""What every server process does again and again beside answering, in a thread of its own."""

import threading
from collections.abc import Callable

import structlog

logger = structlog.get_logger()


class Repeated:
    """Does something when it starts and then every so many seconds. `name` is the thread's, and that of its log events."""

    def __init__(self, name: str, act: Callable[[], object], *, every_s: float) -> None:
        self._failing, self._working_again = f"{name}_failing", f"{name}_working_again"
        self._act = act
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let what is under way be done, but do not wait long for what hangs."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        failing = False
        while not self._stopping.is_set():
            try:
                self._act()
            except Exception:
                # Whatever it is, the service goes on, and so do the repetitions; one line when it starts, one when it ends.
                if not failing:
                    logger.warning(self._failing, exc_info=True)
                failing = True
            else:
                if failing:
                    logger.info(self._working_again)
                failing = False
            self._stopping.wait(self._every_s)
