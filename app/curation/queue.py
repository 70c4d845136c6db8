"""What needs a curator now, from everywhere, the longest waiting first.

Each kind of thing gives its own entries, a part at a time in the order of (since, id); the queue is their merger. Another
room adds a kind of its own by a function like these (`QueueKind`), passed to `needs_you_now` beside `KINDS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, literal, or_, select, tuple_
from sqlmodel import Session, col

from app.capacity.calls import KEPT as CALLS_KEPT
from app.capacity.calls import UNANSWERED
from app.capacity.expiring import with_latest_figures
from app.curation.proposals import OPEN
from app.directory.reviews import today_in_london
from app.models.calls import CallOutcome
from app.models.capacity import CapacityReport
from app.models.curation import ApprovalRequest, MistakeReport, Takedown
from app.models.history import Assurance
from app.models.organizations import Organization
from app.models.proposals import Proposal
from app.models.services import Service

Position = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One thing to do. `id` is that of what is to be looked at: a proposal, a takedown, an import, or the service itself.

    `count`: how many reports, facts or figures stand behind it. `about` is a code of the kind, such as what was reported.
    """

    kind: str
    id: UUID
    since: datetime
    name: str
    organization_id: UUID | None = None
    service_id: UUID | None = None
    count: int = 1
    about: str | None = None


@dataclass(frozen=True, slots=True)
class QueuePart:
    """The first entries after a position, and how many there are of the kind at all."""

    entries: Sequence[QueueEntry]
    total: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the queue: at most `limit` entries after a position, of what there is at `now`."""

    now: datetime
    after: Position | None
    limit: int


QueueKind = Callable[[Session, Asked], QueuePart]
"""One kind of thing to do."""
Wanted = Select[*tuple[Any, ...]]
"""A select with the columns of an entry."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Part of the queue. `counts` by kind, of all there is; `position` is what the next part goes on after."""

    entries: tuple[QueueEntry, ...]
    counts: dict[str, int]
    position: Position | None


def needs_you_now(session: Session, kinds: Mapping[str, QueueKind], asked: Asked) -> Queue:
    """The part of the queue of these kinds, the longest waiting first."""
    one_more = replace(asked, limit=asked.limit + 1)
    parts = {name: kind(session, one_more) for name, kind in kinds.items()}
    found = sorted(
        (one for part in parts.values() for one in part.entries), key=lambda one: (one.since, one.id)
    )
    page = tuple(found[: asked.limit])
    more = len(found) > asked.limit
    counts = {name: part.total for name, part in parts.items()}
    return Queue(page, counts, (page[-1].since, page[-1].id) if more else None)


def waiting_proposals(session: Session, asked: Asked) -> QueuePart:
    """Proposals that nobody has decided; `about`: waiting, or asked about."""
    row = Proposal
    name, owner = _name_and_owner(row)
    wanted: Wanted = (
        select(
            col(row.id).label("id"),
            col(row.proposed_at).label("since"),
            name.label("name"),
            owner.label("organization_id"),
            col(row.service_id).label("service_id"),
            literal(1).label("count"),
            col(row.state).label("about"),
        )
        .select_from(row)
        .outerjoin(Service, col(row.service_id) == col(Service.id))
        .outerjoin(Organization, col(row.organization_id) == col(Organization.id))
        .where(col(row.state).in_(OPEN))
    )
    return _part(session, "proposal", wanted, asked)


def waiting_approvals(session: Session, asked: Asked) -> QueuePart:
    """Records that somebody has sent for approval."""
    row = ApprovalRequest
    wanted: Wanted = (
        _of_service(col(row.sent_at), literal(1), literal(None))
        .join(row, col(row.service_id) == col(Service.id))
        .where(col(Service.record_state) == "awaiting_approval")
    )
    return _part(session, "approval", wanted, asked)


def reported_mistakes(session: Session, asked: Asked) -> QueuePart:
    """Services about which the public reports mistakes; `about` is `unsafe` where that is among them."""
    row = MistakeReport
    unsafe = func.max(case((col(row.category) == "unsafe", "unsafe"), else_=None))
    wanted: Wanted = (
        _of_service(func.min(col(row.hour)), func.sum(col(row.count)), unsafe)
        .join(row, col(row.service_id) == col(Service.id))
        .group_by(col(Service.id), col(Service.name), col(Service.organization_id))
    )
    return _part(session, "mistake", wanted, asked)


def calls_in_vain(session: Session, asked: Asked) -> QueuePart:
    """Services where officers found a wrong number, or nobody twice."""
    row = CallOutcome
    wrong = func.sum(case((col(row.outcome) == "wrong_number", 1), else_=0))
    unanswered = func.sum(case((col(row.outcome) == "no_answer", 1), else_=0))
    about = case((wrong > 0, "wrong_number"), else_="no_answer")
    wanted: Wanted = (
        _of_service(func.min(col(row.hour)), wrong + unanswered, about)
        .join(row, col(row.service_id) == col(Service.id))
        .where(
            col(row.hour) >= asked.now - CALLS_KEPT,
            col(row.dismissed).is_(False),
            col(row.outcome).in_(("wrong_number", "no_answer")),
            col(Service.record_state) != "archived",
        )
        .group_by(col(Service.id), col(Service.name), col(Service.organization_id))
        .having(or_(wrong > 0, unanswered >= UNANSWERED))
    )
    return _part(session, "calls", wanted, asked)


def expired_capacity(session: Session, asked: Asked) -> QueuePart:
    """Services of which the newest figure of some unit and group has run out, or says `unknown`, as after a restore."""
    row = CapacityReport
    over_at = case((col(row.status) == "unknown", col(row.observed_at)), else_=col(row.valid_until))
    wanted: Wanted = (
        with_latest_figures(
            select(
                col(Service.id).label("id"),
                func.min(over_at).label("since"),
                col(Service.name).label("name"),
                col(Service.organization_id).label("organization_id"),
                col(Service.id).label("service_id"),
                func.count().label("count"),
                literal(None).label("about"),
            )
        )
        .where(over_at <= asked.now)
        .group_by(col(Service.id), col(Service.name), col(Service.organization_id))
    )
    return _part(session, "capacity", wanted, asked)


def taken_down(session: Session, asked: Asked) -> QueuePart:
    """What is taken down; `about` is the reason, or that somebody has asked to put it back."""
    row = Takedown
    wanted: Wanted = (
        select(
            col(row.id).label("id"),
            col(row.taken_down_at).label("since"),
            func.coalesce(col(Service.name), col(Organization.name)).label("name"),
            col(row.organization_id).label("organization_id"),
            col(row.service_id).label("service_id"),
            literal(1).label("count"),
            case((col(row.asked_at).is_not(None), "put_back_asked"), else_=col(row.reason)).label("about"),
        )
        .select_from(row)
        .join(Organization, col(row.organization_id) == col(Organization.id))
        .outerjoin(Service, col(row.service_id) == col(Service.id))
        .where(col(row.put_back_at).is_(None))
    )
    return _part(session, "takedown", wanted, asked)


def overdue_facts(session: Session, asked: Asked) -> QueuePart:
    """Public services, and organizations that run one, with facts whose review is past, since the midnight after the first of them."""
    row = Assurance
    first: Any = func.min(col(row.review_by))
    of_whom: Any = func.coalesce(col(row.service_id), col(row.organization_id))
    name, owner = _name_and_owner(row)
    running = select(col(Service.organization_id)).where(col(Service.record_state) == "published")
    wanted: Wanted = (
        select(
            of_whom.label("id"),
            first.label("since"),
            name.label("name"),
            owner.label("organization_id"),
            col(row.service_id).label("service_id"),
            func.count().label("count"),
            literal(None).label("about"),
        )
        .select_from(row)
        .outerjoin(Service, col(row.service_id) == col(Service.id))
        .outerjoin(Organization, col(row.organization_id) == col(Organization.id))
        .where(
            col(row.review_by) < today_in_london(asked.now),
            or_(col(Service.record_state) == "published", col(row.organization_id).in_(running)),
        )
        .group_by(of_whom, name, owner, col(row.service_id))
    )
    link = session.connection()
    total = link.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    part = wanted
    if asked.after is not None:
        moment, row_id = asked.after
        # The last day of review that does not begin after the position.
        day = moment.astimezone(UTC).date() - timedelta(days=1)
        is_same = _since(day) == moment
        later = first > day
        part = part.having(or_(later, (first == day) & (of_whom > row_id)) if is_same else later)
    rows = link.execute(part.order_by(first, of_whom).limit(asked.limit)).mappings()
    entries = [QueueEntry("overdue", **{**one, "since": _since(one["since"])}) for one in rows]
    return QueuePart(entries, total)


def _since(review_by: date) -> datetime:
    return datetime.combine(review_by + timedelta(days=1), time(), UTC)


KINDS: dict[str, QueueKind] = {
    "proposal": waiting_proposals,
    "approval": waiting_approvals,
    "mistake": reported_mistakes,
    "calls": calls_in_vain,
    "takedown": taken_down,
    "capacity": expired_capacity,
    "overdue": overdue_facts,
}


def _name_and_owner(row: type[Proposal] | type[Assurance]) -> tuple[Any, Any]:
    """Of rows that are of a service or of an organization, with both joined to them."""
    return (
        func.coalesce(col(Service.name), col(Organization.name)),
        func.coalesce(col(Service.organization_id), col(row.organization_id)),
    )


def _of_service(since: Any, count: Any, about: Any) -> Wanted:
    return select(
        col(Service.id).label("id"),
        since.label("since"),
        col(Service.name).label("name"),
        col(Service.organization_id).label("organization_id"),
        col(Service.id).label("service_id"),
        count.label("count"),
        about.label("about"),
    ).select_from(Service)


def _part(session: Session, kind: str, wanted: Wanted, asked: Asked) -> QueuePart:
    """The first rows after a position, of a select with the columns of an entry."""
    rows = wanted.subquery()
    link = session.connection()
    total = link.execute(select(func.count()).select_from(rows)).scalar_one()
    part = select(rows)
    if asked.after is not None:
        part = part.where(tuple_(rows.c.since, rows.c.id) > asked.after)
    found = link.execute(part.order_by(rows.c.since, rows.c.id).limit(asked.limit)).mappings()
    return QueuePart([QueueEntry(kind, **one) for one in found], total)
