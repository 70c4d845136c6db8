"""Structured logs: one JSON line per event on standard output, with fields from an allow-list.

Nothing that a person searched for may reach a log, so a field that is not listed here is dropped before it is
written, and exceptions are logged by type and place, never by message: a message may hold the input.

Nothing fails, or waits for long, because a line cannot be written: with a full disk, or a reader that has ended or stands still,
the service goes on without.
"""

import io
import logging
import re
import select
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "event", "level", "ts", "logger", "method", "route", "status", "ms", "request_id", "outcome",
        "error", "frames", "services", "organizations", "catalogue", "capacity", "edition", "rows", "seconds",
        "sqlite_version", "database", "host", "port", "env", "pid", "service_id", "count", "stage", "version",
        "key_id",
    }
)  # fmt: skip


PATIENCE_MS = 200
"""How long a line waits for whoever reads the log; once it has, the next do not, until there is room again."""


class _Output:
    """Standard output as it is at each moment (what was there at first may have been replaced), where writing never fails
    and never waits for long: a line that cannot be written is left out.

    A thread that ended of a line would leave its work undone: of the one that watches the database, what was taken down would
    stay in view. And a reader that stands still would make everybody wait who asks.
    """

    def __init__(self) -> None:
        self._stands_still = False

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            if self._has_room():
                sys.stdout.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stdout.flush()

    def _has_room(self) -> bool:
        try:
            number = sys.stdout.fileno()
        except io.UnsupportedOperation:
            return True
        # A pipe is ready when it has room for 4 KiB, which no line has; a file is at any time. Of several threads each needs a
        # poll of its own.
        ready = select.poll()
        ready.register(number, select.POLLOUT)
        self._stands_still = not ready.poll(0 if self._stands_still else PATIENCE_MS)
        return not self._stands_still


output = _Output()

_requests = logging.getLogger("directory.requests")


def log_request(*, method: str, route: str, status: int, ms: float, request_id: str) -> None:
    """The one line of a request, with these fields and no others: `route` is a template, never a path with values.

    It is the same line as structlog's, written directly, because every search pays for it: 2 µs instead of 13. Nothing
    in it needs escaping: a template and an id of our own, and a method from a list.
    """
    if _requests.isEnabledFor(logging.INFO):
        output.write(
            f'{{"event":"request","level":"info","method":"{method}","ms":{ms},"request_id":"{request_id}",'
            f'"route":"{route}","status":{status},"ts":"{datetime.now(UTC).isoformat()}"}}\n'
        )
        output.flush()


def _keep_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in [name for name in event if name not in ALLOWED_FIELDS]:
        del event[name]
    return event


_TOKEN = re.compile(r"ssd_(?:live|test)_[a-z]_([0-9A-Za-z]{12})_[0-9A-Za-z]+")


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second line of defence: whatever a field holds, a key in it keeps its public id only."""
    for name, value in event.items():
        if isinstance(value, str) and "ssd_" in value:
            event[name] = _TOKEN.sub(r"ssd_…_\1", value)
    return event


def _exception_without_message(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()[1]
    elif isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event["error"] = type(failure).__name__
        event["frames"] = [
            f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(failure.__traceback__)[-6:]
        ]
    return event


class _RedactedFormatter(logging.Formatter):
    """Records of libraries: logger, level and template only; their arguments may hold a query."""

    def format(self, record: logging.LogRecord) -> str:
        event: MutableMapping[str, Any] = {
            # One line: what asyncio writes after the first holds the failure itself, message and all.
            "event": str(record.msg).partition("\n")[0],
            "logger": record.name,
            "level": record.levelname.lower(),
        }
        if record.exc_info:
            event["exc_info"] = record.exc_info
        event = _without_secrets(None, "", _exception_without_message(None, "", event))
        event = structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts")(None, "", event)
        return str(structlog.processors.JSONRenderer(sort_keys=True)(None, "", event))


def configure_logging(level: str) -> None:
    """Send structlog and the standard library's loggers to standard output as JSON lines; `level` as in Settings."""
    structlog.configure(
        processors=[
            _exception_without_message,
            _keep_allowed,
            _without_secrets,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, output)),
        cache_logger_on_first_use=False,
    )
    # What it makes of a line that it cannot form goes to standard error, with what the line was about.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(output)
    handler.setFormatter(_RedactedFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _requests.setLevel(level.upper())
    # The server's access log prints the address with its query: ours has the route template instead.
    logging.getLogger("uvicorn.access").handlers[:] = []
    logging.getLogger("uvicorn.access").propagate = False
