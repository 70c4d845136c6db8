"""New records: written by a curator as drafts, which nobody sees until somebody else has approved them."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.curation.assuring import require_reviews
from app.curation.editing import edit_organization
from app.curation.publishing import publish
from app.curation.record_rows import Publication
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.directory.reviews import today_in_london
from app.errors import Conflict, FieldError
from app.models.organizations import Organization
from app.models.services import Service

SOURCE = "curation"
"""Of records that a curator wrote, instead of an import or a seed file."""


def draft_organization(
    session: Session, submission: OrganizationSubmission, publication: Publication
) -> UUID:
    """Store an organization with its services, all of them drafts; its id.

    Raises what publishing raises, and Conflict where a key is taken.
    """
    taken = session.exec(
        select(Organization.id).where(Organization.source == SOURCE, Organization.source_id == submission.key)
    ).first()
    if taken is not None:
        raise Conflict("There is an organization with this key.", errors=(FieldError("/key", "a new key"),))
    _require_new_keys(session, submission.services, SOURCE, at="/services/{}")
    today = today_in_london(publication.now)
    require_reviews(submission.assurance, "", today=today)
    for position, service in enumerate(submission.services):
        require_reviews(service.assurance, f"/services/{position}", today=today)
    publish(session, [submission], publication, new_state="draft")
    found = select(Organization.id).where(
        Organization.source == SOURCE, Organization.source_id == submission.key
    )
    return session.exec(found).one()


def draft_service(
    session: Session, organization_id: UUID, submission: ServiceSubmission, publication: Publication
) -> UUID:
    """Store a service of a known organization as a draft; its id.

    Raises NotFound, what publishing raises (with pointers from the service), and Conflict where the key is taken.
    """
    source = session.exec(select(Organization.source).where(Organization.id == organization_id)).first()
    if source is not None:
        _require_new_keys(session, [submission], source, at="")
    require_reviews(submission.assurance, "", today=today_in_london(publication.now))

    def with_draft(organization: OrganizationSubmission) -> OrganizationSubmission:
        return organization.model_copy(update={"services": (*organization.services, submission)})

    edit_organization(session, organization_id, with_draft, publication, new_state="draft")
    found = select(Service.id).where(Service.source == source, Service.source_id == submission.key)
    return session.exec(found).one()


def _require_new_keys(
    session: Session,
    services: tuple[ServiceSubmission, ...] | list[ServiceSubmission],
    source: str,
    *,
    at: str,
) -> None:
    """A key that is taken would move somebody else's service here."""
    keys = [one.key for one in services]
    taken = set(
        session.exec(
            select(Service.source_id).where(Service.source == source, col(Service.source_id).in_(keys))
        )
    )
    wrong = tuple(
        FieldError(f"{at.format(number)}/key", "a new key") for number, key in enumerate(keys) if key in taken
    )
    if wrong:
        raise Conflict("There is a service with this key.", errors=wrong)
