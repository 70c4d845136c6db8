"""Taking something out of the public directory at once, with a reason that stays here, and putting it back.

One person takes down: at night there is only one, and what is taken down wrongly costs a call to the helpline. Two named
persons put back, one asking and another agreeing: whatever was thought unsafe is shown again to people in danger, and who
holds one stolen key must not be able to show it. Every process shows it no more within two seconds, caches within a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from app.access.people import is_disabled
from app.curation.curated import (
    CuratedService,
    curated_organization,
    curated_service,
    whole_organization_down,
)
from app.curation.lifecycle import back_to_draft, put_into_state, set_state
from app.curation.record_rows import Publication
from app.curation.record_states import CAN_BE_TAKEN_DOWN
from app.curation.recording import record_publication
from app.curation.remembered_takedowns import numbers_of
from app.curation.taken_down_again import said_again
from app.curation.texts_to_reword import texts_that_name
from app.directory.announcing import announce
from app.directory.confidentiality import require_unlocatable
from app.directory.contact_points import parse_phone
from app.directory.stored import StoredOrganization
from app.directory.withdrawn import Withdrawn
from app.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from app.models.curation import Takedown, TakedownAgain
from app.models.locations import Location

Reason = Literal["unsafe", "place_exposed", "wrong_contact", "closed", "asked_by_service", "legal", "other"]


@dataclass(frozen=True, slots=True)
class Why:
    """`by` is the signature of whoever takes down. The note is for curators: it is never public and never repeated."""

    reason: Reason
    note: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Part:
    """One number (E.164) or one place, of the organization that runs a service; with neither, the whole service."""

    phone: str | None = None
    location_id: UUID | None = None

    @property
    def scope(self) -> str:
        return "service" if self == Part() else "number" if self.phone is not None else "place"


def take_down(
    session: Session, service_id: UUID, part: Part, *, why: Why, publication: Publication
) -> Takedown:
    """Take down a service, or a number or place wherever its organization shows it.

    Again, nothing else is hidden, but what is said is kept beside the first reason (`taken_down_again`), and what was asked
    about putting it back has to be asked anew.

    Raises NotFound, ValidationFailed for a number or place that is not stored there, Conflict for what was never public.
    """
    record = curated_service(session, service_id, lock=True)
    _require_no_place(record.of, why)
    if part == Part():
        paused = _pause(session, record, why, publication)
        record_publication(session, [record.organization_id], publication)
        return paused
    _require_stored(session, record.of, part)
    found = _in_force(session, record.organization_id, part)
    if found is not None:
        return _down_again(session, found, why, publication)
    place = _place(record.of, part.location_id)
    taken = Takedown(
        organization_id=record.organization_id,
        scope=part.scope,
        phone_e164=part.phone,
        location_id=part.location_id,
        known_postcode=None if place is None else place.postal_code,
        known_street=None if place is None else place.address_1,
        reason=why.reason,
        note=why.note,
        taken_down_by=why.by,
        taken_down_at=publication.now,
    )
    _show_anew(session, taken, publication)
    return taken


def take_down_organization(
    session: Session, organization_id: UUID, why: Why, publication: Publication
) -> list[Takedown]:
    """Take down an organization, and every service of it that is, or may become by one step, public.

    Gives the takedown of the organization first. It stands for whatever is added to the organization later, and also where
    nothing of it is public: an import of one service would make it so. Each is put back for itself. Raises NotFound.
    """
    organization = curated_organization(session, organization_id, lock=True)
    _require_no_place(organization.of, why)
    found = whole_organization_down(session, organization_id)
    if found is not None:
        whole = _down_again(session, found, why, publication)
    else:
        whole = Takedown(
            organization_id=organization_id,
            scope="organization",
            reason=why.reason,
            note=why.note,
            taken_down_by=why.by,
            taken_down_at=publication.now,
        )
        session.add(whole)
        session.flush()
    ids = [
        one.service.id for one in organization.of.services if one.service.record_state in CAN_BE_TAKEN_DOWN
    ]
    paused = [_pause(session, curated_service(session, one), why, publication) for one in ids]
    # Once, and last: it takes the counters, and whoever reports on one of the services while we wait for that waits for those.
    record_publication(session, [organization_id], publication)
    return [whole, *paused]


def put_back(session: Session, takedown_id: UUID, *, person: UUID, publication: Publication) -> Takedown:
    """Ask that it be shown again, as the first person; as the second, agree, and it is.

    Raises NotFound, Forbidden, and Conflict where it was put back, or its whole organization is down. Putting an organization
    back shows no service: each has a takedown of its own, or is paused, a draft or archived, and its next step shows it.
    """
    taken = session.get(Takedown, takedown_id)
    if taken is None:
        raise NotFound
    # Whoever decides about the same thing waits here.
    curated_organization(session, taken.organization_id, lock=True)
    taken = session.exec(select(Takedown).where(Takedown.id == takedown_id)).first()
    if taken is None:
        raise NotFound
    if taken.put_back_at is not None:
        raise Conflict("It was put back already.")
    if taken.scope == "service" and whole_organization_down(session, taken.organization_id) is not None:
        raise Conflict("The whole organization was taken down: two people put that back first.")
    # What somebody asked whose key was in wrong hands is no half of anything: who asks now is the first.
    if taken.asked_by_person is None or is_disabled(session, taken.asked_by_person):
        taken.asked_by_person, taken.asked_at = person, publication.now
        session.add(taken)
        session.flush()
        return taken
    if taken.asked_by_person == person:
        raise Forbidden("Another person agrees than the one who asked to put it back.")
    taken.put_back_by_person, taken.put_back_at = person, publication.now
    if taken.service_id is None:
        # Where it is the organization that comes back, this only writes it down.
        _show_anew(session, taken, publication)
        return taken
    record = curated_service(session, taken.service_id)
    session.add(taken)
    session.flush()
    if record.state == "paused" and taken.state_before is not None:
        put_into_state(session, record, taken.state_before, publication)
    return taken


@dataclass(frozen=True, slots=True)
class TakedownPage:
    """Part of a list, oldest first. `position` is what the next part goes on after; None when this is the last."""

    takedowns: tuple[Takedown, ...]
    total: int
    position: tuple[datetime, UUID] | None


def takedowns_in_force(
    session: Session, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> TakedownPage:
    """What is taken down now, the longest first."""
    row = Takedown
    in_force = col(row.put_back_at).is_(None)
    part = select(row).where(in_force)
    if after is not None:
        part = part.where(tuple_(col(row.taken_down_at), col(row.id)) > after)
    found: Sequence[Takedown] = session.exec(
        part.order_by(col(row.taken_down_at), col(row.id)).limit(limit + 1)
    ).all()
    total = session.exec(select(func.count()).select_from(row).where(in_force)).one()
    page = found[:limit]
    more = len(found) > limit
    return TakedownPage(tuple(page), total, (page[-1].taken_down_at, page[-1].id) if more else None)


def _pause(session: Session, record: CuratedService, why: Why, publication: Publication) -> Takedown:
    """The caller writes down what the public reads differently for it."""
    if record.takedown is not None:
        return _down_again(session, record.takedown, why, publication)
    if record.state not in CAN_BE_TAKEN_DOWN:
        raise Conflict("The service is not public: there is nothing to take down.")
    awaited = record.state == "awaiting_approval"
    taken = Takedown(
        organization_id=record.organization_id,
        scope="service",
        service_id=record.id,
        # Paused, what nobody has approved would be a put-back away from the public.
        state_before="draft" if awaited else record.state,
        reason=why.reason,
        note=why.note,
        taken_down_by=why.by,
        taken_down_at=publication.now,
    )
    session.add(taken)
    if awaited:
        back_to_draft(session, [record.id])
    else:
        set_state(session, record, "paused", publication)
    return taken


def _down_again(session: Session, taken: Takedown, why: Why, publication: Publication) -> Takedown:
    """Who takes down again thinks it unsafe now: a question from before is no longer the first half of an agreement."""
    taken.asked_by_person = taken.asked_at = None
    session.add(taken)
    first = Why(taken.reason, taken.note, taken.taken_down_by)  # type: ignore[arg-type]
    again = said_again(session, [taken.id]).get(taken.id, ())
    # The same word of the same person, sent twice, is one.
    if why != first and all(
        (why.reason, why.note, why.by) != (one.reason, one.note, one.taken_down_by) for one in again
    ):
        session.add(
            TakedownAgain(
                takedown_id=taken.id,
                reason=why.reason,
                note=why.note,
                taken_down_by=why.by,
                taken_down_at=publication.now,
            )
        )
    session.flush()
    return taken


def _show_anew(session: Session, taken: Takedown, publication: Publication) -> None:
    session.add(taken)
    session.flush()
    record_publication(session, [taken.organization_id], publication)
    # Where no public field has changed: a line for professionals went.
    announce(session, catalogue=True)


def _in_force(session: Session, organization_id: UUID, part: Part) -> Takedown | None:
    row = Takedown
    return session.exec(
        select(row).where(
            row.organization_id == organization_id,
            col(row.put_back_at).is_(None),
            col(row.phone_e164) == part.phone if part.phone else col(row.location_id) == part.location_id,
        )
    ).first()


def _place(of: StoredOrganization, location_id: UUID | None) -> Location | None:
    places = (place for service in of.services for place in service.locations)
    return next((one for one in places if one.id == location_id), None)


def _require_stored(session: Session, of: StoredOrganization, part: Part) -> None:
    """What is named must be there, so that a slip of the finger does not pass for a number taken down."""
    numbers = numbers_of(of)
    places = {place.id for service in of.services for place in service.locations}
    if part.phone is not None and part.phone not in numbers and not _is_in_a_text(session, of, part.phone):
        raise ValidationFailed(errors=(FieldError("/phone", "a number of this record, as it is dialled"),))
    if part.location_id is not None and part.location_id not in places:
        raise ValidationFailed(errors=(FieldError("/location_id", "a place of this record"),))


def _is_in_a_text(session: Session, of: StoredOrganization, number: str) -> bool:
    """A number that stands in no line may be rung all the same, where a description says it."""
    try:
        return parse_phone(number).e164 == number and any(texts_that_name(session, of, Withdrawn((number,))))
    except ValueError:
        return False


def _require_no_place(of: StoredOrganization, why: Why) -> None:
    if why.note is not None and of.has_confidential_service:
        require_unlocatable({"/note": why.note})
