"""A log for tests, events in it, and hands that reach past the triggers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlmodel import Session, col, select

from app.access.audit import AuditLog, record_event
from app.access.principals import Principal
from app.db import Database
from app.models.audit import AuditEvent
from tests.factories import NOW

LOG = AuditLog.of(b"s" * 32)
CURATOR = Principal(kind="curator", id="4f9QzK3bX1aT", scopes=frozenset({"directory:publish"}))
ORGANIZATION = UUID("5a7d3c0e-0000-4000-8000-000000000001")
SERVICE = UUID("5a7d3c0e-0000-4000-8000-000000000002")

TRIGGERS = {
    "sqlite": ("no_update", "no_delete", "next_link"),
    "postgresql": ("no_change", "no_truncate", "next_link"),
}


def add(session: Session, fields: Mapping[str, object] | None = None, **changed: Any) -> int:
    """One event more, in which a test names only what matters to it."""
    known: dict[str, Any] = {
        "actor": CURATOR, "action": "capacity.reported", "entity_type": "service", "entity_id": str(SERVICE),
        "organization_id": ORGANIZATION, "request_id": "00ff00ff00ff00ff", "fields": fields or {}, "now": NOW,
    }  # fmt: skip
    return record_event(session, LOG, **known | changed)


def add_many(database: Database, number: int) -> None:
    with database.write() as session:
        for position in range(number):
            add(session, {"available": position})


def events(database: Database) -> list[AuditEvent]:
    with database.read() as session:
        return list(session.exec(select(AuditEvent).order_by(col(AuditEvent.seq))))


@contextmanager
def past_the_triggers(database: Database) -> Iterator[Connection]:
    """What somebody can do who owns the database but does not know the secret."""
    with database.write() as session:
        link = session.connection()
        of_table = "" if database.is_sqlite else " ON audit_event"
        for name in TRIGGERS[link.dialect.name]:
            link.execute(text(f"DROP TRIGGER audit_event_{name}{of_table}"))
        yield link


def update(link: Connection, seq: int, change: str) -> None:
    run(link, f"UPDATE audit_event SET {change} WHERE seq = {seq}")  # noqa: S608


def run(link: Connection, *statements: str) -> None:
    for statement in statements:
        link.execute(text(statement))
