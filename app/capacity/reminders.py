"""Reminding providers, once, that a figure is about to run out or has run out.

When: `expiring` from a third of a figure's life before its end (at least 30 minutes and at most 24 hours before; see
`app/capacity/expiring.py`), `expired` from its end. Not after seven days, so that a service that has given up is left
to a curator's telephone call, and not for a service that never reported: it has not asked for our letters.

Whom: the address its organization has chosen (`reminder_address`), otherwise the role mailbox it publishes. In a
demonstration, whose records are of real organizations, and for invented records anywhere: a chosen address only.

Once, however many processes run: a row in `reminder` is claimed in a short transaction of its own before anything is
sent, and marked after. Nothing is sent while the database is locked, and the database is not locked while something
is sent. A refusal gives the claim back for a later attempt. A claim that nobody ends (the process died, or the reply of
the mail server was lost) is taken over after CLAIM_LIFE, once. So a message is received once in normal running, at
most twice after a crash, and not at all when that happens twice. The clocks of the machines are taken to be less than
CLAIM_LIFE apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from pydantic_core import PydanticCustomError
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select, update

from app.capacity.expiring import MOST_NOTICE, Life, last_seen_at, with_latest_figures
from app.directory.contact_points import parse_email
from app.errors import FieldError, NotFound, ValidationFailed
from app.models.capacity import CapacityReport
from app.models.organizations import Organization
from app.models.reminders import REMINDER_KINDS, Reminder, ReminderAddress
from app.models.services import Service

REMIND_WITHIN = timedelta(days=7)
CLAIM_LIFE = timedelta(minutes=15)
"""Longer than handing in one message can take: five steps of TIMEOUT_S each, and a margin for a server that drips."""
MOST_TAKEOVERS = 1
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DueFigure:
    """A figure to be reminded of; together with the service, the key of a row in `reminder`."""

    unit: str
    applies_to: str
    valid_until: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class DueService:
    """One message: a service whose figures are due. `address` is None where it can go to the log only."""

    service_id: UUID
    service_name: str
    address: str | None
    figures: tuple[DueFigure, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one message. `message_id` stays the same when the claim is taken over."""

    token: UUID
    message_id: UUID


def due_services(session: Session, *, published_addresses: bool, now: datetime) -> list[DueService]:
    """What is to be reminded of at `now` and is neither sent nor in somebody's hands, by service.

    Statuses and counts are not read: the process that answers the public has no need of them.
    """
    row = CapacityReport
    found = (
        with_latest_figures(
            select_columns(
                col(Service.id),
                col(Service.name),
                col(Service.demonstration),
                col(Organization.email),
                col(ReminderAddress.email),
                col(row.unit),
                col(row.applies_to),
                last_seen_at(),
                col(row.valid_until),
            )
        )
        .outerjoin(ReminderAddress, col(ReminderAddress.organization_id) == col(Organization.id))
        .where(col(row.valid_until) > now - REMIND_WITHIN, col(row.valid_until) <= now + MOST_NOTICE)
        .order_by(col(Service.id), col(row.unit), col(row.applies_to))
    )
    # Untyped: the outer joins make null what the models say is not.
    rows: Iterable[Sequence[Any]] = session.connection().execute(found)
    dealt_with = _dealt_with(session, now)
    due: dict[tuple[UUID, str, str | None], list[DueFigure]] = defaultdict(list)
    for service_id, name, invented, published, chosen, unit, applies_to, seen_at, valid_until in rows:
        if chosen is None and (invented or not published_addresses):
            continue
        kind = Life(seen_at, valid_until).state_at(now)
        figure = DueFigure(unit, applies_to, valid_until, kind)
        if kind in REMINDER_KINDS and (service_id, figure) not in dealt_with:
            due[service_id, name, _linted(chosen or published)].append(figure)
    return [DueService(*service, tuple(figures)) for service, figures in due.items()]


def _dealt_with(session: Session, now: datetime) -> set[tuple[UUID, DueFigure]]:
    """What was sent, or is in somebody's hands, or has to wait for its next attempt."""
    rows = session.exec(select(Reminder).where(col(Reminder.valid_until) > now - REMIND_WITHIN))
    return {
        (row.service_id, DueFigure(row.unit, row.applies_to, row.valid_until, row.kind))
        for row in rows
        if not _is_free(row, now)
    }


def _is_free(row: Reminder, now: datetime) -> bool:
    """Whether a reminder that somebody has begun may be begun again."""
    if row.sent_at is not None:
        return False
    if row.retry_at is not None:
        return row.retry_at <= now
    return row.takeovers < MOST_TAKEOVERS and row.claimed_at <= now - CLAIM_LIFE


def _linted(address: str | None) -> str | None:
    """An address that is one, whatever way it came into the database: it becomes a header."""
    try:
        return parse_email(address) if address else None
    except PydanticCustomError:
        return None


def claim_reminders(session: Session, due: DueService, *, now: datetime) -> Claim | None:
    """Take the reminders of one service for this process; None when others have them all.

    Raises IntegrityError where another process takes one at this very moment. To be committed before anything is sent.
    """
    token = uuid4()
    taken: list[UUID] = []
    for figure in due.figures:
        row = session.exec(
            select(Reminder).where(
                Reminder.service_id == due.service_id,
                Reminder.unit == figure.unit,
                Reminder.applies_to == figure.applies_to,
                Reminder.valid_until == figure.valid_until,
                Reminder.kind == figure.kind,
            )
        ).first()
        if row is None:
            row = Reminder(service_id=due.service_id, **asdict(figure), claim=token, claimed_at=now)
            session.add(row)
            session.flush()
            taken.append(row.id)
        elif _is_free(row, now) and _take_again(session, row, token, now):
            taken.append(row.id)
    return Claim(token, taken[0]) if taken else None


def _take_again(session: Session, row: Reminder, token: UUID, now: datetime) -> bool:
    """Whether this process, and no other that saw the same row, has it now."""
    was_left = int(row.retry_at is None)
    taken = session.exec(
        update(Reminder)
        .where(
            col(Reminder.id) == row.id,
            col(Reminder.claim).is_not_distinct_from(row.claim),
            col(Reminder.claimed_at) == row.claimed_at,
            col(Reminder.sent_at).is_(None),
        )
        .values(claim=token, claimed_at=now, retry_at=None, takeovers=row.takeovers + was_left)
        .execution_options(synchronize_session=False)
    )
    return taken.rowcount == 1


def mark_sent(session: Session, claim: Claim, *, channel: Literal["mail", "log"], now: datetime) -> None:
    """The message of this claim is out. Nothing happens where another process has taken it over meanwhile."""
    for row in _held(session, claim):
        row.sent_at, row.channel = now, channel


def give_back(session: Session, claim: Claim, *, now: datetime) -> None:
    """The message of this claim was refused: somebody may try again later, and later still each time."""
    for row in _held(session, claim):
        row.claim, row.retry_at = None, now + min(FIRST_RETRY * 2**row.failures, LONGEST_RETRY)
        row.failures += 1


def _held(session: Session, claim: Claim) -> Sequence[Reminder]:
    return session.exec(select(Reminder).where(Reminder.claim == claim.token).with_for_update()).all()


def choose_address(session: Session, organization_id: UUID, email: str | None, *, now: datetime) -> None:
    """Send an organization's reminders to this role mailbox; None: to the one it publishes, again.

    Raises NotFound, and ValidationFailed for what is more or less than one plain address.
    """
    if session.get(Organization, organization_id) is None:
        raise NotFound
    chosen = session.get(ReminderAddress, organization_id)
    if email is None:
        if chosen is not None:
            session.delete(chosen)
        return
    try:
        linted = parse_email(email)
    except PydanticCustomError as refused:
        raise ValidationFailed(errors=(FieldError("/email", refused.message()),)) from None
    if chosen is None:
        session.add(ReminderAddress(organization_id=organization_id, email=linted, chosen_at=now))
    else:
        chosen.email, chosen.chosen_at = linted, now


def address_of(session: Session, organization_id: UUID, *, published_addresses: bool) -> str | None:
    """Where an organization's reminders go; None: to the log. Raises NotFound."""
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    chosen = session.get(ReminderAddress, organization_id)
    if chosen is not None:
        return _linted(chosen.email)
    return _linted(organization.email) if published_addresses and not organization.demonstration else None
