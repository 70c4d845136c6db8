"""What a database is asked while a test looks."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Engine, event

BY_ITSELF = ("directory-watcher", "last-used", "reminders", "retention", "imports_clearing")
"""Threads of a process that look at the database whenever it is their time."""


@contextmanager
def counted_statements(*engines: Engine) -> Iterator[list[str]]:
    """The statements that these are asked while the block runs, but for what a process does by itself."""
    said: list[str] = []

    def note(*arguments: Any) -> None:
        if not threading.current_thread().name.startswith(BY_ITSELF):
            said.append(arguments[2])

    with ExitStack() as listening:
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
            listening.callback(event.remove, engine, "before_cursor_execute", note)
        yield said
