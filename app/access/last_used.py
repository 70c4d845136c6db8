"""When a key, device or session at a page was last used, to about ten minutes, without a write for every read.

A use that comes ten minutes or more after the last one that this process wrote down is handed to one thread, which
writes it in a transaction of its own and drops it where the database is busy: no request waits for it or fails by it.
A crash loses ten minutes of it.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Update, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, update

from app.access.principals import Principal
from app.db import Database
from app.models.access import ApiKey, OfficerDevice, PageSession

EVERY = timedelta(minutes=10)
_FORGET_ABOVE = 10_000
"""Keys remembered at most; there are some hundreds of them in a region."""


class LastUsed:
    """One per process. `close` writes what is waiting."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written: dict[str, datetime] = {}
        self._lock = Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="last-used")

    def note(self, principal: Principal, now: datetime) -> None:
        """The principal acts at `now`. Returns at once."""
        if self._is_due(principal.id, now):
            self._writer.submit(self._write, _use_of(principal, now))

    def note_session(self, public_id: str, now: datetime) -> None:
        """Somebody acts at a page at `now`. Returns at once."""
        if self._is_due(public_id, now):
            seen = (
                update(PageSession)
                .where(col(PageSession.public_id) == public_id, col(PageSession.last_seen_at) < now - EVERY)
                .values(last_seen_at=now)
            )
            self._writer.submit(self._write, seen)

    def _is_due(self, public_id: str, now: datetime) -> bool:
        with self._lock:
            before = self._written.get(public_id)
            if before is not None and now < before + EVERY:
                return False
            if len(self._written) >= _FORGET_ABOVE:
                self._written.clear()
            self._written[public_id] = now
            return True

    def flush(self) -> None:
        """Return when what was noted before is written or dropped."""
        self._writer.submit(lambda: None).result()

    def close(self) -> None:
        self._writer.shutdown(wait=True)

    def _write(self, use: Update) -> None:
        try:
            with self._database.write() as session:
                session.exec(use)
        except (SQLAlchemyError, OSError):
            # Busy, full or away: the next use is ten minutes off, and nothing depends on this one.
            return


def _use_of(principal: Principal, now: datetime) -> Update:
    if principal.kind == "device":
        return (
            update(OfficerDevice)
            .where(
                col(OfficerDevice.public_id) == principal.id,
                col(OfficerDevice.last_seen_at) < now - EVERY,
            )
            .values(last_seen_at=now)
        )
    return (
        update(ApiKey)
        .where(
            col(ApiKey.public_id) == principal.id,
            or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) < now - EVERY),
        )
        .values(last_used_at=now)
    )
