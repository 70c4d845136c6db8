"""Texts that nobody submits anew, for the lint: what is stored beside a service that becomes confidential, and what is shown
again beside a refuge.

`publishing` reads what is submitted. What was archived, or belongs to somebody else, is in no submission.
"""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, SQLModel, col, select

from app.directory.confidentiality import require_unlocatable
from app.directory.stored import StoredOrganization, StoredService
from app.models.history import Assurance
from app.models.organizations import Organization
from app.models.referral import ReferralRoute
from app.models.services import Contact, Eligibility, Phone, Service

Text = tuple[str, str]
"""JSON pointer (RFC 6901) of a field, and what stands there."""

PROSE: dict[type[SQLModel], tuple[str, ...]] = {
    Organization: ("name", "description", "website", "email"),
    Service: (
        "name", "description", "url", "email", "application_process", "fees_description", "privacy_url",
    ),
    Eligibility: ("description",),
    Phone: ("description",),
    Contact: ("role", "email"),
    ReferralRoute: ("name", "email", "form_url", "information_needed", "notes"),
    Assurance: ("source", "source_url"),
}  # fmt: skip
"""Columns in which people write."""


def texts_of_organization(of: StoredOrganization) -> Iterator[Text]:
    """What is written about an organization itself, below `/organization`."""
    yield from _prose("/organization", [of.organization])
    yield from _prose("/organization/phones", of.phones)
    yield from _prose("/organization/assurance", of.assurances)


def texts_of_service(stored: StoredService, at: str = "") -> Iterator[Text]:
    yield from _prose(at, [stored.service])
    yield from _prose(f"{at}/eligibility", [stored.eligibility] if stored.eligibility else [])
    yield from _prose(f"{at}/phones", stored.phones)
    yield from _prose(f"{at}/contacts", stored.contacts)
    yield from _prose(f"{at}/routes", [route.route for route in stored.routes])
    yield from _prose(f"{at}/assurance", stored.assurances)


def texts_beside(session: Session, stored: StoredService, of: StoredOrganization) -> Iterator[Text]:
    """What other records say beside a service, each below `/services/{id}`: the other services of its organization, and the ways
    in of anybody that lead through it, which bear its name. Archived ones are read when they come back.
    """
    for one in of.services:
        if one.service.id != stored.service.id and one.service.record_state != "archived":
            yield from texts_of_service(one, f"/services/{one.service.id}")
    through = (
        select(ReferralRoute)
        .join(Service, col(ReferralRoute.service_id) == col(Service.id))
        .where(
            ReferralRoute.via_service_id == stored.service.id,
            col(Service.organization_id) != of.organization.id,
            col(Service.record_state) != "archived",
        )
        .order_by(col(ReferralRoute.service_id), col(ReferralRoute.position))
    )
    for route in session.exec(through):
        yield from _of_row(f"/services/{route.service_id}/routes/{route.position}", route)


def require_showable(session: Session, stored: StoredService, of: StoredOrganization) -> None:
    """Raise ConfidentialFact where a service that becomes public would say where a refuge is: one of its own organization,
    or one that a way in of it leads through.
    """
    if of.has_confidential_service:
        require_unlocatable(dict(texts_of_service(stored)))
        return
    targets = [one.route.via_service_id for one in stored.routes if one.route.via_service_id is not None]
    refuges = set(
        session.exec(select(Service.id).where(col(Service.id).in_(targets), col(Service.confidential)))
    )
    texts = [
        text
        for number, one in enumerate(stored.routes)
        if one.route.via_service_id in refuges
        for text in _of_row(f"/routes/{number}", one.route)
    ]
    require_unlocatable(dict(texts))


def _prose(at: str, rows: Sequence[SQLModel]) -> Iterator[Text]:
    is_list = at.rpartition("/")[2] in ("phones", "contacts", "routes", "assurance")
    for position, row in enumerate(rows):
        yield from _of_row(f"{at}/{position}" if is_list else at, row)


def _of_row(at: str, row: SQLModel) -> Iterator[Text]:
    for name in PROSE[type(row)]:
        text = getattr(row, name)
        if text:
            yield f"{at}/{name}", text
