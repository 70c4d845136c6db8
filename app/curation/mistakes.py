"""What anybody reports about a service: a category, counted by the hour. Nothing is kept of who reported it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select, update

from app.directory.freshness import floor_to_hour
from app.errors import NotFound
from app.models.curation import MistakeReport
from app.models.services import Service

Mistake = Literal[
    "closed", "wrong_phone", "wrong_address", "wrong_hours", "wrong_eligibility", "unsafe", "other"
]

KEPT = timedelta(days=90)
"""A report that no curator has dealt with in three months is about another state of the entry."""


def report_mistake(session: Session, service_id: UUID, mistake: Mistake, *, now: datetime) -> None:
    """Count it. Raises NotFound for a service that is not stored any more."""
    # Two reports at once wait for each other here, and the second finds the row of the first.
    locked = select(Service.id).where(Service.id == service_id).with_for_update(key_share=True)
    if session.exec(locked).first() is None:
        raise NotFound
    row, hour = MistakeReport, floor_to_hour(now)
    this = (col(row.service_id) == service_id, col(row.hour) == hour, col(row.category) == mistake)
    counted = update(row).where(*this).values(count=col(row.count) + 1)
    done = session.exec(counted.execution_options(synchronize_session=False))
    if not done.rowcount:
        session.add(row(service_id=service_id, hour=hour, category=mistake))
        session.flush()
    sweep_mistakes(session, now)


def sweep_mistakes(session: Session, now: datetime) -> int:
    """Delete what nobody has dealt with in time; how many rows."""
    row = MistakeReport
    # What another process is sweeping is left to it, and no two wait for each other.
    old = select(row.id).where(col(row.hour) < now - KEPT).with_for_update(skip_locked=True)
    gone = delete(row).where(col(row.id).in_(old)).execution_options(synchronize_session=False)
    return int(session.exec(gone).rowcount)


def has_mistakes_to_sweep(session: Session, now: datetime) -> bool:
    row = MistakeReport
    return session.exec(select(row.id).where(col(row.hour) < now - KEPT).limit(1)).first() is not None


def mistakes_of(session: Session, service_id: UUID) -> Mapping[str, int]:
    """How often each was reported and not yet dealt with."""
    found: dict[str, int] = {}
    row = MistakeReport
    for category, count in session.exec(select(row.category, row.count).where(row.service_id == service_id)):
        found[category] = found.get(category, 0) + count
    return dict(sorted(found.items()))


def dismiss_mistakes(session: Session, service_id: UUID) -> int:
    """Somebody has dealt with what was reported about a service; how many reports that were."""
    total = sum(mistakes_of(session, service_id).values())
    gone = delete(MistakeReport).where(col(MistakeReport.service_id) == service_id)
    session.exec(gone.execution_options(synchronize_session=False))
    return total
