"""Recording what an officer found when ringing a service, and which services a curator has to look at for it.

Nothing of the person that the officer rang for is asked, and who rang is forgotten with the hour: `app.models.calls`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import rfc8785
from sqlalchemy import ColumnElement, case, delete, func, or_, tuple_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.access.audit import keyed_hash
from app.directory.calls import CallTally
from app.directory.freshness import floor_to_hour
from app.models.calls import CallOutcome
from app.models.services import Service

Outcome = Literal["helped", "full", "no_answer", "wrong_number"]

KEPT = timedelta(days=30)
"""Long enough for a curator who comes back from leave; what was found earlier says nothing of today."""
UNANSWERED = 2
"""One call in vain is a call in vain; two are a line that somebody has to look at."""
SWEPT_AT_ONCE = 100
"""Rows of the past that one call takes care of: enough to keep up, too few to be felt."""


def caller_mark(key: bytes, signature: str, service_id: UUID, now: datetime) -> str:
    """What tells two officers apart at one service in one hour. `signature` is that of the key or device."""
    hour = floor_to_hour(now).isoformat()
    return keyed_hash(key, rfc8785.dumps([signature, str(service_id), hour]))


def record_call(session: Session, service_id: UUID, outcome: Outcome, *, caller: str, now: datetime) -> None:
    """Record what the caller found in this hour, instead of what the same caller found earlier in it.

    Whoever calls this holds the service locked. What is past is swept in passing.
    """
    row, hour = CallOutcome, floor_to_hour(now)
    known = session.exec(
        select(row).where(row.service_id == service_id, row.hour == hour, row.caller == caller)
    ).first()
    if known is None:
        known = row(service_id=service_id, hour=hour, outcome=outcome, caller=caller)
    known.outcome, known.dismissed = outcome, False
    session.add(known)
    session.flush()
    sweep_calls(session, now)


def sweep_calls(session: Session, now: datetime) -> int:
    """Delete what is a month old, and forget who rang in hours that are over: some of it, and of how many rows."""
    row = CallOutcome
    old = _some(col(row.hour) < now - KEPT)
    gone = session.exec(delete(row).where(old).execution_options(synchronize_session=False))
    past = _some((col(row.hour) < floor_to_hour(now)) & col(row.caller).is_not(None))
    unnamed = update(row).where(past).values(caller=None)
    forgotten = session.exec(unnamed.execution_options(synchronize_session=False))
    return int(gone.rowcount + forgotten.rowcount)


def has_calls_to_sweep(session: Session, now: datetime) -> bool:
    row = CallOutcome
    old = col(row.hour) < now - KEPT
    past = (col(row.hour) < floor_to_hour(now)) & col(row.caller).is_not(None)
    return session.exec(select(row.id).where(or_(old, past)).limit(1)).first() is not None


def _some(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    # What another caller is sweeping is left to it: nobody waits for a broom, and no two wait for each other.
    some = (
        select(CallOutcome.id)
        .where(wanted)
        .order_by(col(CallOutcome.hour), col(CallOutcome.id))
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return col(CallOutcome.id).in_(some)


def tallies_of_thirty_days(session: Session, now: datetime) -> Mapping[UUID, CallTally]:
    """Everything that officers found and that is still kept, by service; one that nobody rang is left out."""
    row = CallOutcome
    counted = (
        select(row.service_id, row.outcome, func.count())
        .where(col(row.hour) >= now - KEPT)
        .group_by(col(row.service_id), col(row.outcome))
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    for service_id, outcome, count in session.exec(counted):
        counts[service_id][outcome] = count
    return {service_id: CallTally(**found) for service_id, found in counts.items()}


def dismiss_calls(session: Session, service_id: UUID) -> int:
    """A curator has dealt with what officers found so far; how many calls that were. Officers are still told this hour's."""
    row = CallOutcome
    open_ones = update(row).where(col(row.service_id) == service_id, col(row.dismissed).is_(False))
    done = session.exec(open_ones.values(dismissed=True).execution_options(synchronize_session=False))
    return int(done.rowcount)


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A service where officers found a wrong number, or nobody, in the last thirty days; all they found, and when last."""

    service_id: UUID
    name: str
    organization_id: UUID
    calls: CallTally
    last_hour: datetime

    @property
    def reasons(self) -> list[Outcome]:
        found: list[Outcome] = []
        if self.calls.wrong_number:
            found.append("wrong_number")
        if self.calls.no_answer >= UNANSWERED:
            found.append("no_answer")
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. `position` is what the next part goes on after; None when this is the last."""

    services: Sequence[ToLookAt]
    total: int
    position: tuple[datetime, UUID] | None


def services_to_look_at(
    session: Session, *, after: tuple[datetime, UUID] | None = None, limit: int, now: datetime
) -> Page:
    """Services whose number was found wrong, or where nobody answered twice, the last that was rung first.

    Without what a curator has dealt with.
    """
    row = CallOutcome
    counts = {name: func.sum(case((col(row.outcome) == name, 1), else_=0)) for name in CallTally.__slots__}
    last_hour: Any = func.max(row.hour)
    key = tuple_(last_hour, col(Service.id))
    marked = (
        select_columns(
            col(Service.id), col(Service.name), col(Service.organization_id), last_hour, *counts.values()
        )
        .join(Service, col(row.service_id) == col(Service.id))
        .where(
            col(row.hour) >= now - KEPT,
            col(row.dismissed).is_(False),
            col(Service.record_state) != "archived",
        )
        .group_by(col(Service.id), col(Service.name), col(Service.organization_id))
        .having(or_(counts["wrong_number"] > 0, counts["no_answer"] >= UNANSWERED))
    )
    link = session.connection()
    total = link.execute(select_columns(func.count()).select_from(marked.subquery())).scalar_one()
    part = marked if after is None else marked.having(key < after)
    ordered = part.order_by(last_hour.desc(), col(Service.id).desc()).limit(limit + 1)
    found = [
        ToLookAt(one[0], one[1], one[2], CallTally(*(int(count) for count in one[4:])), one[3])
        for one in link.execute(ordered)
    ]
    page = found[:limit]
    more = len(found) > limit
    return Page(page, total, (page[-1].last_hour, page[-1].service_id) if more else None)
