"""Making a confidential service public again: one person asks, another approves (design section 6.2).

Nothing comes back with it. What flagging deleted is gone, so the record starts without any location, and what is to be
shown has to be published anew.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from app.curation.flagging import gathered
from app.curation.record_rows import Publication
from app.curation.recording import record_publication
from app.directory.announcing import announce
from app.directory.plain_text import plain_line
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.models.confidentiality import UnflaggingRequest

REQUEST_LIFE = timedelta(days=14)
"""How long the second person may take: what was true of a place a year ago is no reason to show it now."""


def request_unflagging(session: Session, service_id: UUID, *, person: str, publication: Publication) -> UUID:
    """Ask, as `person`, that a service be confidential no longer; the id of the request, which lives for REQUEST_LIFE.

    Raises NotFound, ValidationFailed (no name) and Conflict where the service is not confidential.
    """
    stored, _ = gathered(session, service_id)
    if not stored.service.confidential:
        raise Conflict("The service is not confidential.")
    request = UnflaggingRequest(
        service_id=service_id, requested_by=_named(person), requested_at=publication.now
    )
    session.add(request)
    session.flush()
    return request.id


def unflag_confidential(session: Session, request_id: UUID, *, person: str, publication: Publication) -> None:
    """Approve a request as a second person: the service is public from now on, without any location, under the same id.

    Raises NotFound, ValidationFailed (no name, or the name of whoever asked) and Conflict (approved already, or too old).
    """
    request = session.get(UnflaggingRequest, request_id)
    if request is None:
        raise NotFound
    approver = _named(person)
    if approver.casefold() == request.requested_by.casefold():
        raise ValidationFailed(errors=(FieldError("/person", "another person than the one who asked"),))
    if request.approved_at is not None:
        raise Conflict("The request is approved already.")
    if publication.now > request.requested_at + REQUEST_LIFE:
        raise Conflict("The request is too old: ask again.")
    stored, of = gathered(session, request.service_id)
    request.approved_by, request.approved_at = approver, publication.now
    service = stored.service
    service.confidential = False
    service.host_area_code = service.narrow_coverage_consent_on = None
    session.flush()
    # The database has carried the flag on to the rows of the service: they are read again.
    session.expire_all()
    record_publication(session, [of.organization.id], publication)
    announce(session, catalogue=True, capacity=True)


def _named(person: str) -> str:
    """Raises ValidationFailed where nobody is named."""
    try:
        return " ".join(plain_line(person, max_length=200).split())
    except ValueError:
        raise ValidationFailed(errors=(FieldError("/person", "the name of a person"),)) from None
