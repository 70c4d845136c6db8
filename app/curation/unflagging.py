"""Making a confidential service public again: one curator asks, another approves (SAFETY.md, promise 4).

Nothing comes back with it. What flagging deleted is gone, so the record starts without any location, and what is to be
shown has to be published anew.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from app.access.people import require_in_force
from app.curation.flagging import gathered
from app.curation.record_rows import Publication
from app.curation.recording import record_publication
from app.directory.announcing import announce
from app.errors import Conflict, Forbidden, NotFound
from app.models.confidentiality import UnflaggingRequest

REQUEST_LIFE = timedelta(days=14)
"""How long the second person may take: what was true of a place a year ago is no reason to show it now."""


def request_unflagging(
    session: Session, service_id: UUID, *, person: UUID, publication: Publication
) -> UnflaggingRequest:
    """Ask, as `person`, that a service be confidential no longer. The request lives for REQUEST_LIFE.

    Raises NotFound and Conflict where the service is not confidential.
    """
    stored, _ = gathered(session, service_id)
    if not stored.service.confidential:
        raise Conflict("The service is not confidential.")
    request = UnflaggingRequest(
        service_id=service_id, requested_by_person=person, requested_at=publication.now
    )
    session.add(request)
    session.flush()
    return request


def unflag_confidential(
    session: Session, request_id: UUID, *, person: UUID, publication: Publication
) -> UnflaggingRequest:
    """Approve a request as a second person: the service is public from now on, without any location, under the same id.

    Raises NotFound, Forbidden (whoever asked) and Conflict (approved already, too old, or asked by somebody disabled since).
    """
    request = session.get(UnflaggingRequest, request_id)
    if request is None:
        raise NotFound
    if person == request.requested_by_person:
        raise Forbidden("Another person approves than the one who asked.")
    if request.approved_at is not None:
        raise Conflict("The request is approved already.")
    if publication.now > request.requested_at + REQUEST_LIFE:
        raise Conflict("The request is too old: ask again.")
    require_in_force(session, request.requested_by_person, "asked", "Ask again.")
    stored, of = gathered(session, request.service_id)
    request.approved_by_person, request.approved_at = person, publication.now
    service = stored.service
    service.confidential = False
    service.host_area_code = service.narrow_coverage_consent_on = None
    session.flush()
    # The database has carried the flag on to the rows of the service: they are read again.
    session.expire_all()
    record_publication(session, [of.organization.id], publication)
    announce(session, catalogue=True, capacity=True)
    return request
