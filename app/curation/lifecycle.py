"""Taking a service a step further: `record_states` says which steps there are, here they are taken."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.people import require_in_force
from app.curation.curated import CuratedService
from app.curation.locating_texts import require_showable
from app.curation.record_rows import Publication
from app.curation.record_states import STEPS, Step
from app.curation.recording import Published, record_publication
from app.directory.stored import BATCH
from app.errors import Conflict, Forbidden
from app.models.curation import ApprovalRequest
from app.models.services import Service


def take_step(
    session: Session, record: CuratedService, step: Step, *, person: UUID, publication: Publication
) -> Published:
    """Take a step, by a named person, in the transaction in which the record was locked.

    Raises Conflict where the record is not in a state for it or is taken down, or who sent it is disabled, and Forbidden where
    it needs another person.
    """
    move = STEPS[step]
    if record.state not in move.before:
        raise Conflict("The record is in another state: read what may be done with it.")
    if record.is_taken_down and move.makes_public:
        what = "record" if record.takedown is not None else "organization"
        raise Conflict(f"The {what} was taken down. Two people put it back, and nothing else does.")
    if move.by_another and (record.approval is None or record.approval.sent_by_person == person):
        raise Forbidden("It takes somebody else than the person who sent the record for approval.")
    if move.by_another and record.approval is not None:
        again = "Send it back, look at it, and send it for approval again."
        require_in_force(session, record.approval.sent_by_person, "sent it for approval", again)
    if record.approval is not None:
        session.delete(record.approval)
    if move.after == "awaiting_approval":
        session.add(ApprovalRequest(service_id=record.id, sent_by_person=person, sent_at=publication.now))
    return put_into_state(session, record, move.after, publication)


def back_to_draft(session: Session, service_ids: Iterable[UUID]) -> None:
    """What was changed while it awaited approval is a draft again: approved is what was sent, and nothing else."""
    ids = sorted(service_ids)
    for start in range(0, len(ids), BATCH):
        waiting = select(Service).where(
            col(Service.id).in_(ids[start : start + BATCH]), Service.record_state == "awaiting_approval"
        )
        for service in session.exec(waiting).all():
            request = session.get(ApprovalRequest, service.id)
            if request is not None:
                session.delete(request)
            service.record_state = "draft"
            session.add(service)
    session.flush()


def put_into_state(
    session: Session, record: CuratedService, state: str, publication: Publication
) -> Published:
    """Bring a service into a state, whatever it was in, and write down what the public reads differently for it.

    Raises ConfidentialFact where it becomes public with a text that nobody has read since there is a refuge beside it.
    """
    if state == "published":
        require_showable(session, record.stored, record.of)
    set_state(session, record, state, publication)
    return record_publication(session, [record.organization_id], publication)


def set_state(session: Session, record: CuratedService, state: str, publication: Publication) -> None:
    """The first half of `put_into_state`, for several services that are written down together."""
    service = record.stored.service
    service.record_state = state
    if state == "published":
        service.published_at = service.published_at or publication.now
    session.add(service)
    session.flush()
