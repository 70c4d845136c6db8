"""The one way in: a submission is checked, turned into rows, compared with what is stored, and published.

Publishing the same submission twice changes nothing: rows have ids derived from their record, and a revision and change
entry are written only when the *public* record differs from the last published one (`recording`).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, select

from app.curation.confidential_facts import require_confidential, require_ways_unlocatable
from app.curation.record_rows import Publication, add_children, organization_row, service_row
from app.curation.recording import Published, record_publication
from app.curation.remembered_takedowns import forget_what_nobody_says
from app.curation.row_changes import keep_rows, replace_rows
from app.curation.stored_keys import require_one_place, require_stored_keys
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.curation.submitted_fields import require_fields
from app.directory.stored import BATCH, RECORD_TABLES, Row, RowSet, belongs_to
from app.errors import FieldError, ValidationFailed
from app.models.curation import Takedown
from app.models.locations import Location, ServiceAtLocation
from app.models.organizations import Organization
from app.models.services import Service

__all__ = ["Published", "publish", "source_uuid"]

NewState = Literal["published", "draft"]

SOURCE_NAMESPACE = uuid5(NAMESPACE_URL, "urn:support-directory:source")


def source_uuid(source: str, source_id: str) -> UUID:
    """The same id for the same record of the same source, so that importing twice changes nothing."""
    return uuid5(SOURCE_NAMESPACE, f"{source}\n{source_id}")


def publish(
    session: Session,
    submissions: Sequence[OrganizationSubmission],
    publication: Publication,
    *,
    new_state: NewState = "published",
    restoring: bool = False,
    before_recording: Callable[[], object] = lambda: None,
) -> Published:
    """Store and publish organizations, each with all its services of this source.

    A service that its organization's submission no longer has is archived, and comes back with it; one that is paused, a
    draft or awaits approval is updated and stays what it is, and one that was taken down, by itself or with its organization,
    does not come back published.
    With `new_state` draft, what is new is stored and shown to nobody. `restoring`: keys of stored rows may be those of rows
    that are gone, which come back as they were. `before_recording` runs between storing and recording, for what else the
    public record depends on (the First Responder list). Raises ConfidentialFact or ValidationFailed, naming fields by JSON
    pointer from their organization's submission, before anything is written.
    """
    stored = _stored_services(session, publication.source)
    taken_down = _taken_down(session)
    known = {key: service.id for key, service in stored.items()}
    for service in _services(submissions):
        known.setdefault(service.key, new_service_id(service, publication.source))
    _require_once(submissions)
    require_stored_keys(session, submissions, stored, restoring=restoring)
    require_one_place(session, submissions, publication.source)
    refuges = _running_refuges(session, publication)
    confidential = {key for key, service in stored.items() if service.confidential}
    confidential |= {service.key for service in _services(submissions) if service.confidential}
    for submission in submissions:
        require_fields(submission, publication, known)
        require_confidential(submission, publication.areas, runs_refuge=submission.key in refuges)
        require_ways_unlocatable(submission, confidential)
        _require_same_confidentiality(submission, stored)

    organization_ids = _store_organizations(session, submissions, publication)
    touched = dict.fromkeys(organization_ids.values())
    rows = [
        _service_row(
            service,
            (known[service.key], organization_ids[submission.key]),
            stored.get(service.key),
            state=_state(
                stored.get(service.key),
                new_state,
                is_down=not taken_down.isdisjoint({known[service.key], organization_ids[submission.key]}),
            ),
            publication=publication,
        )
        for submission in submissions
        for service in submission.services
    ]
    touched |= _store_services(session, rows, set(organization_ids.values()), stored=stored)
    for start in range(0, len(submissions), BATCH):
        batch = submissions[start : start + BATCH]
        wanted = RowSet()
        for submission in batch:
            add_children(submission, organization_ids[submission.key], known, publication, rows=wanted)
        service_ids = [known[service.key] for service in _services(batch)]
        owners = [organization_ids[submission.key] for submission in batch]
        replace_rows(session, _stored_children(session, owners, service_ids, wanted=wanted), wanted)
    forget_what_nobody_says(session, list(touched))
    before_recording()
    return record_publication(session, list(touched), publication)


def new_service_id(service: ServiceSubmission, source: str) -> UUID:
    """The id of a service that is not stored yet."""
    # An id derived from a known key would let anyone who has the key confirm a guess about a confidential record.
    return uuid4() if service.confidential else source_uuid(source, f"service/{service.key}")


def _new_organization_id(submission: OrganizationSubmission, source: str) -> UUID:
    # A key is often a charity number, which leads to the register's address.
    if any(service.confidential for service in submission.services):
        return uuid4()
    return source_uuid(source, f"organization/{submission.key}")


def _running_refuges(session: Session, publication: Publication) -> set[str]:
    """Keys of stored organizations with a confidential service in any state: a paused refuge is still a refuge."""
    with_refuge = (
        select(Organization.source_id)
        .join(Service, col(Service.organization_id) == col(Organization.id))
        .where(Organization.source == publication.source, col(Service.confidential))
    )
    return set(session.exec(with_refuge))


def _services(submissions: Iterable[OrganizationSubmission]) -> list[ServiceSubmission]:
    return [service for submission in submissions for service in submission.services]


def _stored_services(session: Session, source: str) -> dict[str, Service]:
    return {row.source_id: row for row in session.exec(select(Service).where(Service.source == source))}


def _taken_down(session: Session) -> set[UUID]:
    """Ids of services, and of whole organizations."""
    row = Takedown
    is_whole = col(row.scope) == "organization"
    ids = session.exec(
        select(case((is_whole, col(row.organization_id)), else_=col(row.service_id))).where(
            col(row.put_back_at).is_(None)
        )
    )
    return {one for one in ids if one is not None}


def _require_once(submissions: Sequence[OrganizationSubmission]) -> None:
    organizations: set[str] = set()
    services: set[str] = set()
    for submission in submissions:
        if submission.key in organizations:
            raise ValidationFailed(errors=(FieldError("/key", "another key than other organizations"),))
        organizations.add(submission.key)
        for position, service in enumerate(submission.services):
            if service.key in services:
                pointer = f"/services/{position}/key"
                raise ValidationFailed(errors=(FieldError(pointer, "another key than other services"),))
            services.add(service.key)


def _require_same_confidentiality(submission: OrganizationSubmission, stored: dict[str, Service]) -> None:
    """Flagging purges what was kept, and un-flagging needs two people: neither is a side effect of an import."""
    for position, service in enumerate(submission.services):
        found = stored.get(service.key)
        if found is not None and found.confidential != service.confidential:
            pointer = f"/services/{position}/confidential"
            raise ValidationFailed(errors=(FieldError(pointer, "cannot be changed by this way in"),))


def _store_organizations(
    session: Session, submissions: Sequence[OrganizationSubmission], publication: Publication
) -> dict[str, UUID]:
    of_source = select(Organization).where(Organization.source == publication.source)
    stored = {row.source_id: row for row in session.exec(of_source)}
    rows: list[Organization] = []
    for submission in submissions:
        found = stored.get(submission.key)
        row_id = found.id if found else _new_organization_id(submission, publication.source)
        row = organization_row(submission, row_id, publication)
        if found is not None:
            row.last_modified_at = found.last_modified_at
        rows.append(row)
    keep_rows(session, rows)
    return {row.source_id: row.id for row in rows}


def _service_row(
    submission: ServiceSubmission,
    ids: tuple[UUID, UUID],
    found: Service | None,
    *,
    state: str,
    publication: Publication,
) -> Service:
    service_id, organization_id = ids
    row = service_row(submission, service_id, organization_id, publication=publication)
    row.record_state = state
    row.published_at = publication.now if state == "published" else None
    if found is not None:
        row.version, row.last_modified_at = found.version, found.last_modified_at
        row.published_at = found.published_at or row.published_at
    return row


def _state(found: Service | None, new_state: NewState, *, is_down: bool) -> str:
    """What a submitted service is from now on: only what is new, or comes back out of the archive, becomes public."""
    state = new_state if found is None or found.record_state == "archived" else found.record_state
    # A draft stays one: paused, it would be a put-back away from the public, with contacts that nobody approved.
    return "paused" if is_down and state == "published" else state


def _store_services(
    session: Session, rows: Sequence[Service], organization_ids: set[UUID], *, stored: dict[str, Service]
) -> dict[UUID, None]:
    """Write all service rows, before any child: a route may lead through a service of any organization.

    Archives what these organizations no longer have; gives the organizations that had the services until now.
    """
    wanted = {row.id for row in rows}
    before = {found.organization_id: None for found in stored.values() if found.id in wanted}
    for found in stored.values():
        left_out = found.organization_id in organization_ids and found.id not in wanted
        if left_out and found.record_state == "published":
            found.record_state = "archived"
            session.add(found)
    keep_rows(session, rows)
    session.flush()
    return before


def _stored_children(
    session: Session, organization_ids: Sequence[UUID], service_ids: Sequence[UUID], *, wanted: RowSet
) -> RowSet:
    """What is stored of these organizations and services beside their own rows."""
    found = RowSet()
    for kind in RECORD_TABLES:
        if kind not in (Organization, Service, Location):
            condition = belongs_to(kind, organizations=organization_ids, services=service_ids)
            found.add(*_rows(session, kind, condition))
    # A place that another service still uses is not theirs alone to take away.
    others = select(ServiceAtLocation.location_id).where(
        col(ServiceAtLocation.service_id).not_in(service_ids)
    )
    # By the row of one that is taken down it is known again, under whatever name it comes back. Beside a refuge none is kept
    # for that: `remembered_takedowns`.
    with_refuge = select(Service.organization_id).where(col(Service.confidential))
    down = select(Takedown.location_id).where(
        col(Takedown.put_back_at).is_(None), col(Takedown.organization_id).not_in(with_refuge)
    )
    kept = {*session.exec(others), *session.exec(down)} - {row.id for row in wanted.of(Location)}
    places = _rows(session, Location, belongs_to(Location, organizations=organization_ids))
    found.add(*(row for row in places if row.id not in kept))
    return found


def _rows(session: Session, kind: type[Row], condition: ColumnElement[bool]) -> Sequence[Row]:
    return session.exec(select(kind).where(condition)).all()
