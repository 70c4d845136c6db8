"""What curators do with proposals: look at each field, ring the old number about a new one, take up, refuse or ask.

A change of whom people reach takes two named persons: one rings a number that is stored already and writes down what was
said, another approves. Neither approves what they proposed themselves. What has moved since a proposal was made is not
overwritten: those fields are left out, or nothing is done.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from app.access.people import names_of, require_in_force
from app.access.principals import Principal
from app.curation.changes import proposed, values_of
from app.curation.changing import apply, is_known, require_editable, with_pointers
from app.curation.curated import (
    Curated,
    CuratedService,
    curated_organization,
    curated_service,
    moment_tag,
    person_of,
)
from app.curation.proposals import OPEN, ProposalRecord, record_of
from app.curation.record_diff import FieldDifference, record_diff
from app.curation.record_rows import Publication
from app.directory.confidentiality import require_unlocatable
from app.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from app.models.proposals import Proposal

LONDON = ZoneInfo("Europe/London")
CallOutcome = Literal["confirmed", "not_confirmed", "not_reached"]


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """A number of the record as it is stored now, and whose it is. `number` is what is dialled."""

    number: str
    printed: str
    whose: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """What was said on the old number. `number` is None where nothing is stored that could be rung."""

    called_on: date
    number: str | None
    outcome: CallOutcome


@dataclass(frozen=True, slots=True)
class Review:
    """A proposal with its record as it is now. `conflicts` are fields that have been changed since it was made."""

    row: Proposal
    record: Curated
    new: dict[str, Any]
    differences: tuple[FieldDifference, ...]
    conflicts: tuple[str, ...]
    people: dict[UUID, str]

    @property
    def proposal(self) -> ProposalRecord:
        return record_of(self.row)

    @property
    def version(self) -> str:
        """Of what is decided about: the proposal, and the record that it would change."""
        return moment_tag(self.row.id, self.row.version, self.record.version)

    @property
    def needs_call_back(self) -> bool:
        return is_known(self.record) and any(one.is_contact for one in self.differences)

    @property
    def call_back(self) -> CallBack | None:
        row = self.row
        if row.called_on is None:
            return None
        return CallBack(row.called_on, row.called_number, row.call_outcome)  # type: ignore[arg-type]

    @property
    def numbers(self) -> tuple[StoredNumber, ...]:
        """What may be rung about it: what was stored before anybody proposed anything, and nobody has taken down as unsafe."""
        services = (
            [self.record.stored] if isinstance(self.record, CuratedService) else self.record.of.services
        )
        found = [
            *((one.e164, one.number, "service") for service in services for one in service.phones),
            *(
                (one.route.phone_e164, one.route.phone_number, "referral route")
                for service in services
                for one in service.routes
            ),
            *((one.e164, one.number, "organization") for one in self.record.of.phones),
        ]
        down = self.record.of.taken_down.phones
        named = {
            e164: StoredNumber(e164, printed or e164, whose)
            for e164, printed, whose in found
            if e164 and e164 not in down
        }
        return tuple(named.values())


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Part of a list, oldest first. `position` is what the next part goes on after; None when this is the last."""

    proposals: tuple[Proposal, ...]
    total: int
    position: tuple[datetime, UUID] | None


def list_proposals(
    session: Session,
    states: Collection[str] = OPEN,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> ProposalPage:
    """Proposals in these states, whoever made them, the one that waits longest first."""
    row = Proposal
    wanted = col(row.state).in_(states)
    part = select(row).where(wanted)
    if after is not None:
        part = part.where(tuple_(col(row.proposed_at), col(row.id)) > after)
    found: Sequence[Proposal] = session.exec(
        part.order_by(col(row.proposed_at), col(row.id)).limit(limit + 1)
    ).all()
    total = session.exec(select(func.count()).select_from(row).where(wanted)).one()
    page = found[:limit]
    more = len(found) > limit
    return ProposalPage(tuple(page), total, (page[-1].proposed_at, page[-1].id) if more else None)


def review_of(session: Session, proposal_id: UUID, *, lock: bool = False) -> Review:
    """Raises NotFound. With `lock`, nobody else decides, or edits the record, until the transaction ends."""
    row = session.get(Proposal, proposal_id)
    if row is None:
        raise NotFound
    record: Curated
    if row.service_id is not None:
        record = curated_service(session, row.service_id, lock=lock)
    elif row.organization_id is not None:
        record = curated_organization(session, row.organization_id, lock=lock)
    else:
        raise NotFound
    # Read again behind the lock: somebody may have decided, or flagged the service, meanwhile.
    found = session.exec(select(Proposal).where(Proposal.id == proposal_id)).first()
    if found is None:
        raise NotFound
    session.refresh(found)
    return _review(session, found, record)


def _review(session: Session, row: Proposal, record: Curated) -> Review:
    new: dict[str, Any] = json.loads(row.new)
    base: dict[str, Any] = json.loads(row.base)
    now = values_of(record.submission, new)
    by_provider = row.origin == "provider"
    if row.state in OPEN:
        wanted = values_of(proposed(record.submission, new, tuple(new), by_provider=by_provider), new)
        differences = record_diff(now, wanted)
        conflicts = tuple(name for name in new if name not in base or base[name] != now[name])
    else:
        # What it was about; the record has gone on since.
        differences, conflicts = record_diff(base, new), ()
    people = names_of(session, (row.proposed_by_person, row.called_by_person, row.decided_by_person))
    return Review(row, record, new, differences, conflicts, people)


def record_call_back(
    session: Session, review: Review, call: CallBack, *, by: Principal, now: datetime
) -> None:
    """Write down what was said when a stored number was rung. A later call replaces it.

    Raises Conflict where no call is needed or it is decided, and ValidationFailed for a number that is not stored.
    """
    person, row = person_of(by), review.row
    _require_open(row)
    if not review.needs_call_back:
        raise Conflict("No contact would change: there is nothing to ring about.")
    stored = {one.number for one in review.numbers}
    if call.number is None and stored:
        raise ValidationFailed(
            errors=(FieldError("/number", "one of `numbers`: stored now, and not taken down"),)
        )
    if call.number is not None and call.number not in stored:
        raise ValidationFailed(
            errors=(FieldError("/number", "one of `numbers`: stored now, and not taken down"),)
        )
    first, last = row.proposed_at.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    if not first <= call.called_on <= last:
        raise ValidationFailed(
            errors=(FieldError("/called_on", "a day from that of the proposal until today"),)
        )
    row.called_on, row.called_number, row.call_outcome = call.called_on, call.number, call.outcome
    row.called_by_person = person
    _moved(session, row)


def approve(
    session: Session,
    review: Review,
    fields: Collection[str] | None,
    *,
    by: Principal,
    publication: Publication,
) -> tuple[FieldDifference, ...]:
    """Take up a proposal, or these fields of it, as the second person where a contact changes. Gives what has changed.

    Raises Conflict, naming the fields that were changed since the proposal was made; Forbidden where it needs another
    person; and what publishing raises.
    """
    person, row, record = person_of(by), review.row, review.record
    _require_open(row)
    require_editable(record)
    wanted = tuple(review.new) if fields is None else tuple(dict.fromkeys(fields))
    unknown = [name for name in wanted if name not in review.new]
    if unknown or not wanted:
        raise ValidationFailed(errors=(FieldError("/fields", "fields of the proposal, at least one"),))
    conflicts = [name for name in wanted if name in review.conflicts]
    if conflicts:
        raise Conflict(
            "Some fields were changed since this was proposed. Take up the others, or refuse it.",
            errors=tuple(FieldError(f"/{name}", "was changed since") for name in conflicts),
        )
    if row.proposed_by_person == person:
        raise Forbidden("Another person approves than the one who proposed it.")
    require_in_force(
        session, row.proposed_by_person, "proposed it", "Refuse it; who still wants it proposes it anew."
    )
    changes = proposed(record.submission, review.new, wanted, by_provider=row.origin == "provider")
    differences = record_diff(values_of(record.submission, wanted), values_of(changes, wanted))
    if is_known(record) and any(one.is_contact for one in differences):
        _require_confirmed(session, review, person)
    with_pointers(record, "/new", lambda: apply(session, record, changes, publication))
    row.state, row.applied = "approved", json.dumps(wanted)
    _decided(session, row, by, publication.now)
    return differences


def _require_confirmed(session: Session, review: Review, person: UUID) -> None:
    row = review.row
    if row.call_outcome != "confirmed":
        raise Conflict(
            "A contact changes: ring a number that is stored now, and write down what was said, first."
        )
    if row.called_by_person == person:
        raise Forbidden("Another person approves than the one who rang.")
    stored = {one.number for one in review.numbers}
    if row.called_number is None and stored:
        raise Conflict("There is a number to ring by now: ring it, and write down what was said.")
    # Taken down, or replaced, it may have been somebody else's: what was said there confirms nothing.
    if row.called_number is not None and row.called_number not in stored:
        raise Conflict("The number that was rung is not there any more: ring one that is stored.")
    require_in_force(session, row.called_by_person, "rang", "Somebody else rings again.")


def refuse(session: Session, review: Review, reason: str, *, by: Principal, now: datetime) -> None:
    """Say no, and why; the provider reads it. Raises Conflict where it is decided already."""
    person_of(by)
    _require_open(review.row)
    _require_no_place(review, "/reason", reason)
    review.row.state, review.row.reason = "refused", reason
    _decided(session, review.row, by, now)


def ask(session: Session, review: Review, question: str, *, by: Principal) -> None:
    """Put a question to the provider before deciding. Raises Conflict where it is decided already."""
    person_of(by)
    _require_open(review.row)
    _require_no_place(review, "/question", question)
    review.row.state, review.row.question = "asked", question
    _moved(session, review.row)


def _require_no_place(review: Review, pointer: str, text: str) -> None:
    if review.record.of.has_confidential_service:
        require_unlocatable({pointer: text})


def _require_open(row: Proposal) -> None:
    if row.state not in OPEN:
        raise Conflict("It was decided already.")


def _decided(session: Session, row: Proposal, by: Principal, now: datetime) -> None:
    row.decided_by, row.decided_by_person, row.decided_at = by.signature, by.person_id, now
    _moved(session, row)


def _moved(session: Session, row: Proposal) -> None:
    row.version += 1
    session.add(row)
    session.flush()
