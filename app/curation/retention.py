"""What is kept for a time only goes when the time is over, also where nobody rings, writes or reports any more.

Whoever adds a row sweeps some of the old ones in passing; on a directory that is used less, that may be weeks later.
"""

from collections.abc import Callable
from datetime import datetime

from app.access.idempotency import has_answers_to_sweep, sweep_answers
from app.capacity.calls import has_calls_to_sweep, sweep_calls
from app.curation.mistakes import has_mistakes_to_sweep, sweep_mistakes
from app.db import Database

SWEPT_EVERY_S = 3600.0

_WAITS = (has_answers_to_sweep, has_calls_to_sweep, has_mistakes_to_sweep)
_SWEEPS = (sweep_answers, sweep_calls, sweep_mistakes)


def sweep(database: Database, clock: Callable[[], datetime]) -> None:
    """Delete all of it, a part at a time. A server has nothing to write most of the time."""
    while True:
        with database.read() as session:
            now = clock()
            if not any(waits(session, now) for waits in _WAITS):
                return
        with database.write() as session:
            swept = sum(sweeps(session, now) for sweeps in _SWEEPS)
        if not swept:
            # Another process has it in hand.
            return
