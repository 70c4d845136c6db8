"""Making a public service confidential (SAFETY.md, promise 4); `unflagging` is the way back.

Flagging forgets: what would lead to the door is deleted, with every older state of the record, and the service goes on
under a new random id, because the old one stands in other people's copies.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import Session, SQLModel, col, select

from app.access.idempotency import forget_answers
from app.curation.curated import curated_service
from app.curation.locating_texts import texts_beside, texts_of_organization, texts_of_service
from app.curation.record_rows import Publication
from app.curation.recording import after_the_last, record_publication
from app.curation.remembered_takedowns import forget_what_nobody_says
from app.directory.announcing import announce
from app.directory.confidentiality import require_unlocatable
from app.directory.stored import StoredOrganization, StoredRoute, StoredService, load_organizations
from app.errors import ConfidentialFact, Conflict, FieldError, NotFound, ValidationFailed
from app.geo.areas import Areas
from app.models.curation import Takedown, TakedownAgain
from app.models.history import Change, Revision
from app.models.imports import ImportBatch, ImportRecord
from app.models.locations import Location, ServiceAtLocation
from app.models.organizations import Organization
from app.models.proposals import Proposal
from app.models.referral import ReferralRoute
from app.models.services import Service, ServiceArea
from app.models.taxonomies import Attribute

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class HostArea:
    """Where a confidential service is, as roughly as it may be said, and what it covers from now on.

    `code` is a police force area, region or country. `coverage` are GSS codes that replace what the service covered;
    empty keeps its areas. Coverage narrower than the host area needs the day on which the provider consented.
    """

    code: str
    coverage: Sequence[str] = ()
    narrow_coverage_consent_on: date | None = None


def flag_confidential(
    session: Session, service_id: UUID, *, host_area: HostArea, publication: Publication
) -> UUID:
    """Make a public service confidential, and give its new id. All of it happens in the caller's transaction, or nothing.

    Deleted: links to locations, and locations that no other service uses; local numbers, and routes by them or by walking
    in; postcode districts and polygons; capacity reports; what officers found when they rang; every older
    revision of the organization and its services; what was proposed for them, what imports hold of them, and what was noted
    when something of them was taken down; mistakes that were reported; the answers kept for whoever wrote about them. A draft
    that awaits approval is a draft again. The change list gets a removal of the old id. What is taken down stays so
    (`remembered_takedowns`).
    `purging`, after the commit, clears what the database still holds.

    Raises NotFound, Conflict (it is confidential already), ValidationFailed (host area, coverage) and ConfidentialFact
    where a text that stays would locate it, be it of another service of the organization or of a way in that leads through it:
    those have to be reworded first, and the service can be paused meanwhile.
    """
    # Whoever proposes or edits something of the organization waits, or has committed what is forgotten with the rest.
    record = curated_service(session, service_id, lock=True)
    stored, of = record.stored, record.of
    if stored.service.confidential:
        raise Conflict("The service is confidential already.")
    covered = list(host_area.coverage) or [row.area_code for row in stored.areas if row.area_code is not None]
    _require_wide(host_area, covered, publication.areas, everywhere=stored.service.covers_everywhere)
    kept = _kept(stored)
    texts = (*texts_of_organization(of), *texts_of_service(kept), *texts_beside(session, stored, of))
    require_unlocatable(dict(texts))

    was_public = stored.service.published_at is not None
    known_ids = [one.service.id for one in of.services]
    new_id = _moved(session, kept, covered, host_area=host_area)
    _delete_locations(session, of.organization.id)
    if was_public:
        # Of a draft nobody has heard: its removal would be the first that anybody hears.
        at = after_the_last(session, publication.now)
        session.add(Change(changed_at=at, record_type="service", record_id=service_id, kind="removed"))
    session.flush()
    session.expire_all()
    forget_what_nobody_says(session, [of.organization.id])
    _forget_notes(session, of.organization.id)
    record_publication(session, [of.organization.id], publication)
    # Before anything is forgotten: whoever stages a file holds the counters, and has committed by now or sees the flag.
    announce(session, catalogue=True, capacity=True)
    _forget_history(session, of.organization.id)
    _forget_proposals(session, of.organization.id)
    _forget_imports(session, of.organization.id, known_ids)
    forget_answers(session, of.organization.id)
    return new_id


def gathered(session: Session, service_id: UUID) -> tuple[StoredService, StoredOrganization]:
    """A service with everything of it, and its organization. Raises NotFound."""
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound
    (of,) = load_organizations(session, [service.organization_id])
    (stored,) = (one for one in of.services if one.service.id == service_id)
    return stored, of


def _require_wide(host: HostArea, covered: Sequence[str], areas: Areas, *, everywhere: bool) -> None:
    """The host area is a wide one, and what is covered is no part of it alone unless the provider consented."""
    if host.code not in areas or not areas.is_wide(host.code):
        raise ValidationFailed(
            errors=(
                FieldError("/host_area/code", "a police force area, region or country of several councils"),
            )
        )
    unknown = [number for number, code in enumerate(covered) if code not in areas]
    if unknown:
        raise ValidationFailed(
            errors=tuple(
                FieldError(f"/host_area/coverage/{number}", "the code of a known area") for number in unknown
            )
        )
    if everywhere and not host.coverage:
        return
    inside = areas.authorities_in(host.code)
    touched = frozenset[str]().union(*(areas.authorities_in(code) & inside for code in covered))
    narrow = bool(touched) and touched != inside and host.narrow_coverage_consent_on is None
    if narrow or not covered:
        expected = "areas that together cover the host area, or the provider's consent to narrower ones"
        raise ConfidentialFact(errors=(FieldError("/host_area/coverage", expected),))


def _kept(stored: StoredService) -> StoredService:
    """What may stay of a service: no local number, nobody walking in."""
    return StoredService(
        service=stored.service,
        eligibility=stored.eligibility,
        languages=stored.languages,
        phones=[phone for phone in stored.phones if not phone.is_geographic],
        contacts=stored.contacts,
        schedules=stored.schedules,
        flows=stored.flows,
        routes=[route for route in stored.routes if not _leads_there(route.route)],
        assurances=stored.assurances,
    )


def _leads_there(route: ReferralRoute) -> bool:
    return route.channel == "walk_in" or (route.channel in ("phone", "sms") and route.phone_is_geographic)


def _moved(session: Session, kept: StoredService, covered: Sequence[str], *, host_area: HostArea) -> UUID:
    """The kept rows again under a new id, and the old service with everything of it deleted.

    Every row gets a random id: an id derived from the old one would tell which service this was.
    """
    old, new_id = kept.service, uuid4()
    links = session.exec(select(Attribute).where(_of_service(old.id))).all()
    new = _copy(
        old,
        id=new_id,
        confidential=True,
        host_area_code=host_area.code,
        narrow_coverage_consent_on=host_area.narrow_coverage_consent_on,
        covers_everywhere=old.covers_everywhere and not host_area.coverage,
        counts_public=False,
        version=1,
        # Who sent it for approval sent something else.
        record_state="draft" if old.record_state == "awaiting_approval" else old.record_state,
    )
    # The key is unique, and both rows are there until what refers to the old one refers to the new.
    old.source_id = str(old.id)
    session.add(old)
    session.flush()
    session.add(new)
    session.flush()
    session.exec(
        update(ReferralRoute)
        .where(col(ReferralRoute.via_service_id) == old.id)
        .values(via_service_id=new_id)
        .execution_options(synchronize_session=False)
    )
    session.exec(
        update(Takedown)
        .where(col(Takedown.service_id) == old.id)
        .values(service_id=new_id)
        .execution_options(synchronize_session=False)
    )
    owner: dict[str, Any] = {"service_id": new_id}
    guarded = owner | {"service_confidential": True}
    rows: list[SQLModel] = [
        *(ServiceArea(**guarded, area_code=code) for code in dict.fromkeys(covered)),
        *(_copy(phone, id=uuid4(), **guarded) for phone in kept.phones),
        *(_copy(row, id=uuid4(), **owner) for row in (*kept.languages, *kept.contacts, *kept.schedules)),
        *(_copy(row, id=uuid4(), **owner) for row in (*kept.flows, *kept.assurances)),
        *(_copy(row, id=uuid4(), **owner) for row in links if row.service_id is not None),
    ]
    if kept.eligibility is not None:
        rows.append(_copy(kept.eligibility, **owner))
    of_routes: list[SQLModel] = []
    for one in kept.routes:
        route, of_route = _route_copies(one, links, guarded)
        rows.append(route)
        of_routes += of_route
    session.exec(
        delete(Service).where(col(Service.id) == old.id).execution_options(synchronize_session=False)
    )
    session.expunge_all()
    session.add_all(rows)
    session.flush()
    session.add_all(of_routes)
    session.flush()
    return new_id


def _of_service(service_id: UUID) -> Any:
    routes = select(ReferralRoute.id).where(ReferralRoute.service_id == service_id)
    return or_(col(Attribute.service_id) == service_id, col(Attribute.referral_route_id).in_(routes))


def _route_copies(
    one: StoredRoute, links: Sequence[Attribute], guarded: dict[str, Any]
) -> tuple[SQLModel, list[SQLModel]]:
    """A route under a new id, and its hours and codes. A local number that another channel carries along is left out."""
    route_id = uuid4()
    changed = dict(guarded)
    if one.route.phone_is_geographic:
        changed |= {"phone_number": None, "phone_e164": None, "phone_is_geographic": False}
    owner = {"referral_route_id": route_id}
    codes = [link for link in links if link.referral_route_id == one.route.id]
    children: list[SQLModel] = [_copy(row, id=uuid4(), **owner) for row in (*one.schedules, *codes)]
    return _copy(one.route, id=route_id, **changed), children


def _copy(row: Row, **changed: object) -> Row:
    return type(row)(**(row.model_dump() | changed))


def _delete_locations(session: Session, organization_id: UUID) -> None:
    """Take away the places of the organization that nobody uses any more, those kept for a takedown among them."""
    used = select(ServiceAtLocation.location_id)
    session.exec(
        delete(Location)
        .where(col(Location.organization_id) == organization_id, col(Location.id).not_in(used))
        .execution_options(synchronize_session=False)
    )


def _forget_history(session: Session, organization_id: UUID) -> None:
    """Delete every revision of the organization and its services but the newest of each, which is the state of now.

    Older ones have what is withheld from now on: the office next door, the landline, the charity number.
    """
    services = select(Service.id).where(Service.organization_id == organization_id)
    for owner, is_theirs in (
        (Revision.organization_id, col(Revision.organization_id) == organization_id),
        (Revision.service_id, col(Revision.service_id).in_(services)),
    ):
        newest = (
            select(col(owner).label("owner"), func.max(Revision.version).label("version"))
            .where(is_theirs)
            .group_by(col(owner))
            .subquery()
        )
        is_older = (
            select(newest.c.owner)
            .where(newest.c.owner == col(owner), newest.c.version > col(Revision.version))
            .exists()
        )
        session.exec(delete(Revision).where(is_theirs, is_older).execution_options(synchronize_session=False))


def _forget_proposals(session: Session, organization_id: UUID) -> None:
    """Delete what was proposed for the organization or any service of it: it was checked as that of a place that is no
    secret.
    """
    services = select(Service.id).where(Service.organization_id == organization_id)
    session.exec(
        delete(Proposal)
        .where(
            or_(
                col(Proposal.service_id).in_(services),
                col(Proposal.organization_id) == organization_id,
            )
        )
        .execution_options(synchronize_session=False)
    )


def _forget_notes(session: Session, organization_id: UUID) -> None:
    """Delete what was noted when something was taken down: that may be the door. What is down stays down, with its reason."""
    of_it = col(Takedown.organization_id) == organization_id
    again = col(TakedownAgain.takedown_id).in_(select(Takedown.id).where(of_it))
    for statement in (
        update(Takedown).where(of_it).values(note=None),
        update(TakedownAgain).where(again).values(note=None),
    ):
        session.exec(statement.execution_options(synchronize_session=False))


def _forget_imports(session: Session, organization_id: UUID, service_ids: Collection[UUID]) -> None:
    """Delete what is staged of the organization, and what it was before an import: neither can be applied or undone now.

    That is also what another file holds of it: checked before the organization was stored, when it had no id yet; one that
    has its service under another organization; one of another source in which it was taken for the same. `service_ids` are
    those of its services, with the one under which the flagged service was known.
    """
    row, batch = ImportRecord, ImportBatch
    owner = session.exec(select(Organization).where(Organization.id == organization_id)).one()
    keys = session.exec(select(Service.source_id).where(Service.organization_id == organization_id)).all()
    of_source = select(batch.id).where(batch.source == owner.source)
    undecided = select(batch.id).where(col(batch.state).in_(("checked", "awaiting_second_person", "failed")))
    ids = [organization_id, *service_ids]
    theirs = or_(
        col(row.organization_id) == organization_id,
        col(row.record_id).in_(ids),
        and_(
            col(row.import_id).in_(of_source),
            or_(
                col(row.organization_key) == owner.source_id,
                and_(col(row.record_type) == "service", col(row.key).in_(keys)),
            ),
        ),
    )
    in_doubt = or_(*(col(row.conflicts).contains(str(one)) for one in ids))
    for statement in (
        delete(row).where(or_(theirs, and_(in_doubt, col(row.import_id).in_(undecided)))),
        # What was applied stays, to be taken back, without what it was held against.
        update(row).where(in_doubt).values(conflicts="[]"),
    ):
        session.exec(statement.execution_options(synchronize_session=False))
