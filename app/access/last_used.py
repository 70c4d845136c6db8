"""When a key or device was last used, to about ten minutes, without a write for every read.

A use that comes ten minutes or more after the last one that this process wrote down is handed to one thread, which
writes it in a transaction of its own and drops it where the database is busy: no request waits for it or fails by it.
A crash loses ten minutes of it.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, update

from app.access.principals import Principal
from app.db import Database
from app.models.access import ApiKey, OfficerDevice

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
        with self._lock:
            before = self._written.get(principal.id)
            if before is not None and now < before + EVERY:
                return
            if len(self._written) >= _FORGET_ABOVE:
                self._written.clear()
            self._written[principal.id] = now
        self._writer.submit(self._write, principal, now)

    def flush(self) -> None:
        """Return when what was noted before is written or dropped."""
        self._writer.submit(lambda: None).result()

    def close(self) -> None:
        self._writer.shutdown(wait=True)

    def _write(self, principal: Principal, now: datetime) -> None:
        if principal.kind == "device":
            seen = (
                update(OfficerDevice)
                .where(
                    col(OfficerDevice.public_id) == principal.id,
                    col(OfficerDevice.last_seen_at) < now - EVERY,
                )
                .values(last_seen_at=now)
            )
        else:
            seen = (
                update(ApiKey)
                .where(
                    col(ApiKey.public_id) == principal.id,
                    or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) < now - EVERY),
                )
                .values(last_used_at=now)
            )
        try:
            with self._database.write() as session:
                session.exec(seen)
        except (SQLAlchemyError, OSError):
            # Busy, full or away: the next use is ten minutes off, and nothing depends on this one.
            return
