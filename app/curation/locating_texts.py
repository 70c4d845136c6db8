"""Texts that nobody submits anew, for the lint: what is stored beside a service that becomes confidential, and what is shown
again beside a refuge.

`publishing` reads what is submitted. What was archived, or belongs to somebody else, is in no submission.
"""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlmodel import Session, SQLModel, col, select

from app.directory.confidentiality import lint_confidential, require_unlocatable
from app.directory.stored import BATCH, StoredOrganization, StoredService, load_organizations
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
    yield from _ways_through(session, [stored.service.id], besides=[of.organization.id])


def fields_that_locate(session: Session) -> list[str]:
    """JSON pointers, from `/services/{id}` or `/organizations/{id}`, of the texts in which a refuge could be located as they are
    stored: of its own organization, archived services apart, and of ways in through it. What was written before there was a
    rule, or beside the service, was read by nobody.
    """
    refuges = session.exec(select(Service.id, Service.organization_id).where(col(Service.confidential))).all()
    owners = sorted({owner for _, owner in refuges})
    texts = dict(_ways_through(session, [one for one, _ in refuges], besides=owners))
    for of in load_organizations(session, owners) if owners else ():
        for pointer, text in texts_of_organization(of):
            texts[f"/organizations/{of.organization.id}{pointer.removeprefix('/organization')}"] = text
        for one in of.services:
            if one.service.record_state != "archived":
                texts |= texts_of_service(one, f"/services/{one.service.id}")
    return list(dict.fromkeys(one.pointer for one in lint_confidential(texts)))


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


def _ways_through(
    session: Session, service_ids: Sequence[UUID], *, besides: Collection[UUID]
) -> Iterator[Text]:
    """Of ways in that lead through any of these, of other organizations than `besides`."""
    for start in range(0, len(service_ids), BATCH):
        through = (
            select(ReferralRoute, Service.organization_id)
            .join(Service, col(ReferralRoute.service_id) == col(Service.id))
            .where(
                col(ReferralRoute.via_service_id).in_(service_ids[start : start + BATCH]),
                col(Service.record_state) != "archived",
            )
            .order_by(col(ReferralRoute.service_id), col(ReferralRoute.position))
        )
        for route, owner in session.exec(through):
            if owner not in besides:
                yield from _of_row(f"/services/{route.service_id}/routes/{route.position}", route)


def _prose(at: str, rows: Sequence[SQLModel]) -> Iterator[Text]:
    is_list = at.rpartition("/")[2] in ("phones", "contacts", "routes", "assurance")
    for position, row in enumerate(rows):
        yield from _of_row(f"{at}/{position}" if is_list else at, row)


def _of_row(at: str, row: SQLModel) -> Iterator[Text]:
    for name in PROSE[type(row)]:
        text = getattr(row, name)
        if text:
            yield f"{at}/{name}", text
