"""The one way in: a submission is linted, turned into rows, compared with what is stored, and published.

Publishing the same submission twice changes nothing: rows have ids derived from their record, and a new version,
revision and change entry are written only when the *public* record differs from the last published one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlmodel import Session, SQLModel, col, select

from app.curation.record_rows import Publication, children_of, links_of
from app.curation.submissions import OrganizationSubmission, ServiceSubmission, texts_of
from app.directory.announcing import announce
from app.directory.confidentiality import require_unlocatable
from app.directory.projection import is_public, project_organization, project_service
from app.directory.records import PublicRecord
from app.directory.stored import load_organizations
from app.errors import ConfidentialFact, FieldError, ValidationFailed
from app.geo.areas import Areas
from app.models.history import Change, Revision
from app.models.organizations import Organization
from app.models.services import Eligibility, Service

SOURCE_NAMESPACE = uuid5(NAMESPACE_URL, "urn:support-directory:source")


@dataclass(frozen=True, slots=True)
class Published:
    """How many services and organizations are new to the public, or read differently than before."""

    services: int = 0
    organizations: int = 0

    @property
    def changed(self) -> bool:
        return self.services + self.organizations > 0


def source_uuid(source: str, source_id: str) -> UUID:
    """The same id for the same record of the same source, so that importing twice changes nothing."""
    return uuid5(SOURCE_NAMESPACE, f"{source}\n{source_id}")


def publish(
    session: Session,
    submissions: Sequence[OrganizationSubmission],
    publication: Publication,
    *,
    before_recording: Callable[[], None] = lambda: None,
) -> Published:
    """Store and publish organizations with their services.

    `before_recording` runs between the two, for what else the public record depends on (the First Responder list).
    Raises ConfidentialFact or ValidationFailed, naming fields by JSON pointer from the organization's submission,
    before anything of that organization is written; the caller's transaction decides about the rest.
    """
    for submission in submissions:
        for position, service in enumerate(submission.services):
            check_confidentiality(service, f"/services/{position}", publication.areas)
    known = _ids_by_key(session, publication.source)
    organization_ids = []
    for submission in submissions:
        organization_ids.append(_store_organization(session, submission, publication))
        for service in submission.services:
            known.setdefault(service.key, _new_id(service, publication.source))
    session.flush()
    # Services first, all of them: a referral route may lead through a service of any organization.
    for submission, organization_id in zip(submissions, organization_ids, strict=True):
        for service in submission.services:
            _store_service(session, service, known[service.key], organization_id, publication)
    session.flush()
    for submission, organization_id in zip(submissions, organization_ids, strict=True):
        wanted = children_of(submission, organization_id, known, publication)
        _replace(session, wanted, organization_id, [known[service.key] for service in submission.services])
    session.flush()
    before_recording()
    return record_publication(session, organization_ids, publication)


def check_confidentiality(service: ServiceSubmission, at: str, areas: Areas) -> None:
    """Refuse what would locate a confidential service, naming each field (design section 6.2)."""
    if not service.confidential:
        return
    wrong: list[FieldError] = []
    if service.host_area is None or areas[service.host_area].area_type == "local_authority":
        wrong.append(FieldError(f"{at}/host_area", "a police force area, region or country"))
    wrong.extend(
        FieldError(f"{at}/locations/{position}", "a confidential service has no location")
        for position, _ in enumerate(service.locations)
    )
    wrong.extend(
        FieldError(f"{at}/coverage/{name}", "a confidential service covers whole areas only")
        for name in ("postcode_districts", "polygons")
        if getattr(service.coverage, name)
    )
    if service.counts_public:
        wrong.append(FieldError(f"{at}/counts_public", "counts of a confidential service are not public"))
    if service.host_area is not None and service.narrow_coverage_consent_on is None:
        wrong.extend(
            FieldError(
                f"{at}/coverage/areas/{position}", "narrower than the host area without recorded consent"
            )
            for position, code in enumerate(service.coverage.areas)
            if _narrower(code, service.host_area, areas)
        )
    for position, phone in enumerate(service.phones):
        if phone.number.is_geographic:
            wrong.append(FieldError(f"{at}/phones/{position}/number", "a local number leads to the town"))
    for position, route in enumerate(service.routes):
        if route.phone is not None and route.phone.is_geographic:
            wrong.append(FieldError(f"{at}/routes/{position}/phone", "a local number leads to the town"))
        if route.channel == "walk_in":
            wrong.append(
                FieldError(f"{at}/routes/{position}/channel", "nobody walks in to a confidential place")
            )
    if wrong:
        raise ConfidentialFact(errors=tuple(wrong))
    require_unlocatable({pointer: text for pointer, text in texts_of(service, at) if _is_prose(pointer)})


def _is_prose(pointer: str) -> bool:
    """Keys, codes, dates and times are checked by their own types; numbers above."""
    checked_elsewhere = {
        "key",
        "via_service",
        "review_by",
        "confirmed_on",
        "opens_at",
        "closes_at",
        "number",
        "phone",
    }
    names = pointer.strip("/").split("/")
    return not (checked_elsewhere & set(names[2:])) and "areas" not in names and "host_area" not in names


def _narrower(code: str, host_area: str, areas: Areas) -> bool:
    covered, host = areas.authorities_in(code), areas.authorities_in(host_area)
    return covered < host


def record_publication(
    session: Session, organization_ids: Sequence[UUID], publication: Publication
) -> Published:
    """Write revisions and change entries for what the public would now read differently, and tell every process."""
    services = organizations = 0
    for stored in load_organizations(session, organization_ids):
        for one in stored.services:
            record = project_service(one, stored, publication.areas).record if is_public(one) else None
            services += _record(session, "service", one.service, record, publication)
        record_of_organization = project_organization(stored)
        organizations += _record(
            session, "organization", stored.organization, record_of_organization, publication
        )
    if services or organizations:
        announce(session, catalogue=True)
    return Published(services, organizations)


def _record(
    session: Session,
    kind: str,
    row: Service | Organization,
    record: PublicRecord | None,
    publication: Publication,
) -> bool:
    owner = Revision.service_id if kind == "service" else Revision.organization_id
    last = session.exec(
        select(Revision).where(owner == row.id).order_by(col(Revision.version).desc()).limit(1)
    ).first()
    content = "" if record is None else record.model_dump_json(exclude={"last_modified"})
    if (last is None and record is None) or (last is not None and last.content == content):
        return False
    change = "removed" if record is None else "published" if last is None or not last.content else "updated"
    version = 1 if last is None else last.version + 1
    session.add(
        Revision(
            service_id=row.id if kind == "service" else None,
            organization_id=row.id if kind == "organization" else None,
            version=version,
            published_at=publication.now,
            author=publication.author,
            content=content,
        )
    )
    session.add(Change(changed_at=publication.now, record_type=kind, record_id=row.id, kind=change))
    row.last_modified_at = publication.now
    session.add(row)
    return True


def _ids_by_key(session: Session, source: str) -> dict[str, UUID]:
    found = session.exec(select(Service.source_id, Service.id).where(Service.source == source))
    return {key: service_id for key, service_id in found}


def _new_id(service: ServiceSubmission, source: str) -> UUID:
    # An id derived from a known key would let anyone who has the key confirm a guess about a confidential record.
    return uuid4() if service.confidential else source_uuid(source, f"service/{service.key}")


def _store_organization(
    session: Session, submission: OrganizationSubmission, publication: Publication
) -> UUID:
    found = session.exec(
        select(Organization).where(
            Organization.source == publication.source, Organization.source_id == submission.key
        )
    ).first()
    row = found or Organization(
        id=source_uuid(publication.source, f"organization/{submission.key}"),
        source=publication.source,
        source_id=submission.key,
        name=submission.name,
        description=submission.description,
        last_modified_at=publication.now,
    )
    row.name, row.description = submission.name, submission.description
    row.website = submission.website
    row.email = submission.email
    row.demonstration = publication.demonstration
    session.add(row)
    return row.id


def _store_service(
    session: Session,
    submission: ServiceSubmission,
    service_id: UUID,
    organization_id: UUID,
    publication: Publication,
) -> None:
    found = session.get(Service, service_id)
    if found is not None and found.confidential != submission.confidential:
        # Flagging purges what was kept, and un-flagging needs two people: neither is a side effect of an import.
        raise ValidationFailed(errors=(FieldError("/confidential", "cannot be changed by this way in"),))
    row = found or Service(
        id=service_id,
        organization_id=organization_id,
        source=publication.source,
        source_id=submission.key,
        name=submission.name,
        description=submission.description,
        reach=submission.reach,
        confidential=submission.confidential,
        host_area_code=submission.host_area,
        record_state="published",
        published_at=publication.now,
        last_modified_at=publication.now,
    )
    row.organization_id = organization_id
    row.covers_everywhere = submission.coverage.everywhere
    row.host_area_code = submission.host_area
    row.demonstration = publication.demonstration
    for name in (
        "name", "description", "url", "email", "status", "reach", "narrow_coverage_consent_on", "application_process",
        "fees_description", "interpreter", "counts_public", "anonymous_contact", "privacy_url", "child_card_role",
    ):  # fmt: skip
        setattr(row, name, getattr(submission, name))
    session.add(row)


def _replace(
    session: Session,
    wanted: dict[type[SQLModel], list[SQLModel]],
    organization_id: UUID,
    service_ids: list[UUID],
) -> None:
    """Bring child rows to the wanted state: new ones added, changed ones updated, left-out ones deleted."""
    for kind, rows in wanted.items():
        kept = {_key(row) for row in rows}
        for stale in _existing(session, kind, organization_id, service_ids):
            if _key(stale) not in kept:
                session.delete(stale)
        session.flush()
        for row in rows:
            session.merge(row)
        session.flush()


def _key(row: SQLModel) -> UUID:
    """The primary key: eligibility has its service's, everything else its own."""
    key: UUID = row.service_id if isinstance(row, Eligibility) else row.id  # type: ignore[attr-defined]
    return key


def _existing(
    session: Session, kind: type[SQLModel], organization_id: UUID, service_ids: list[UUID]
) -> Iterable[SQLModel]:
    statement = select(kind)
    return session.exec(statement.where(links_of(kind, organization_id, service_ids))).all()
