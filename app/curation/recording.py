"""What is written down when a record is published: its public state as a revision, and an entry of the change list.

Both only when the public would now read something else, so that loading the same thing twice leaves no trace.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from app.curation.record_rows import Publication
from app.directory.announcing import announce
from app.directory.projection import is_public, project_organization, project_service
from app.directory.records import ProjectedService, PublicOrganization
from app.directory.stored import BATCH, StoredOrganization, load_organizations
from app.models.history import Change, Revision
from app.models.organizations import Organization
from app.models.referral import ReferralRoute
from app.models.services import Service

RecordType = Literal["service", "organization"]
REMOVED = ""
"""Content of a revision that says: from here on the public does not see the record."""


@dataclass(frozen=True, slots=True)
class Published:
    """How many services and organizations are new to the public, or read differently than before."""

    services: int = 0
    organizations: int = 0

    @property
    def changed(self) -> bool:
        return self.services + self.organizations > 0


def record_publication(
    session: Session, organization_ids: Sequence[UUID], publication: Publication
) -> Published:
    """Write revisions and change entries for what the public would now read differently, and tell every process.

    Other organizations whose referral routes lead through a service that comes or goes, or that stops or starts to run, are
    recorded too: with it, such a route comes and goes. One that somebody else is editing at this moment is recorded when it is
    next published: whoever takes something down neither waits for it nor fails on it.
    """
    at = after_the_last(session, publication.now)
    changes, come_or_gone = _record(session, organization_ids, publication, at)
    others = _leading_through(session, come_or_gone).difference(organization_ids)
    changes += _record(session, _held_by_nobody_else(session, others), publication, at)[0]
    if changes:
        announce(session, catalogue=True)
    services = sum(one.record_type == "service" for one in changes)
    return Published(services, len(changes) - services)


def after_the_last(session: Session, now: datetime) -> datetime:
    """The time of what is published now in the change list, where time never goes back: had a clock run ahead, whoever asks for
    what is new since the last entry would miss everything, takedowns too, until that time has come.
    """
    last = session.exec(select(Change.changed_at).order_by(col(Change.changed_at).desc()).limit(1)).first()
    return now if last is None or last <= now else last + timedelta(microseconds=1)


def _record(
    session: Session, organization_ids: Sequence[UUID], publication: Publication, at: datetime
) -> tuple[list[Change], set[UUID]]:
    """What was written down, and the services that a route could lead through before and cannot now, or the other way round."""
    changes: list[Change] = []
    come_or_gone: set[UUID] = set()
    for start in range(0, len(organization_ids), BATCH):
        found = load_organizations(session, organization_ids[start : start + BATCH])
        last = _last_revisions(session, found)
        hidden = hidden_targets(session, found)
        for stored in found:
            for revision, change in recorded(stored, publication, last, at=at, hidden=hidden):
                session.add(revision)
                session.add(change)
                changes.append(change)
                before = last.get(change.record_id)
                if change.record_type == "service" and _runs(before) != _runs(revision):
                    come_or_gone.add(change.record_id)
    session.flush()
    return changes, come_or_gone


def _runs(revision: Revision | None) -> bool:
    """Whether the public sees the service, and somebody there takes people: only then are there routes through it."""
    if revision is None or revision.content == REMOVED:
        return False
    return bool(json.loads(revision.content)["record"]["status"] == "active")


def _leading_through(session: Session, service_ids: Collection[UUID]) -> set[UUID]:
    """Organizations with a referral route through one of these services."""
    if not service_ids:
        return set()
    # Few routes lead through a service, and any number of services may come at once: all are read, in one select.
    through = col(ReferralRoute.via_service_id)
    owners = select(through, Service.organization_id).join(
        Service, col(ReferralRoute.service_id) == col(Service.id)
    )
    found = session.exec(owners.where(through.is_not(None)).distinct())
    return {owner for service_id, owner in found if service_id in service_ids}


def _held_by_nobody_else(session: Session, organization_ids: Collection[UUID]) -> list[UUID]:
    """Those of these that nobody else is editing on PostgreSQL, held until the transaction ends. Two that wait for each other's
    would come to nothing, and so would two that write the same revision.
    """
    ids, row = sorted(organization_ids), Organization
    found: list[UUID] = []
    for start in range(0, len(ids), BATCH):
        these = select(row.id).where(col(row.id).in_(ids[start : start + BATCH])).order_by(col(row.id))
        found.extend(session.exec(these.with_for_update(key_share=True, skip_locked=True)))
    held = set(found)
    for one in [*session.identity_map.values()] if held else ():
        # Read before they were held, they may be old.
        owner = (
            one.organization_id
            if isinstance(one, Service)
            else one.id
            if isinstance(one, Organization)
            else None
        )
        if owner in held:
            session.expire(one)
    return found


def recorded(
    stored: StoredOrganization,
    publication: Publication,
    last: Mapping[UUID, Revision],
    *,
    at: datetime | None = None,
    hidden: Collection[UUID] = (),
) -> Iterator[tuple[Revision, Change]]:
    """The revision and change entry of each record whose public state is not that of its `last` revision.

    A route through a service in `hidden` (not public, or not running) is not public, as in the snapshot, and does not count.
    Moves the record's `last_modified_at`, and a service's `version`, with it. `at`: their time in the change list, where that
    is not the publication's own.
    """
    at = at or publication.now
    is_listed = False
    for one in stored.services:
        projected = project_service(one, stored, publication.areas) if is_public(one) else None
        is_listed |= projected is not None
        content = (
            REMOVED if projected is None else _service_content(without_routes_through(projected, hidden))
        )
        made = _made("service", one.service, content, publication=publication, at=at, last=last)
        if made is not None:
            one.service.version = made[0].version
            yield made
    # The public knows an organization by its services: without any it is not there.
    content = _organization_content(project_organization(stored)) if is_listed else REMOVED
    made = _made("organization", stored.organization, content, publication=publication, at=at, last=last)
    if made is not None:
        yield made


def _service_content(projected: ProjectedService) -> str:
    # What is public beside the record moves the snapshot too: pins, drawn areas, whether counts are shown.
    return projected.model_dump_json(
        include={"record", "positions", "polygons", "counts_public"},
        # A postcode stands in the record.
        exclude={"record": {"last_modified"}, "positions": {"__all__": {"postal_code"}}},
    )


def _organization_content(record: PublicOrganization) -> str:
    return record.model_dump_json(exclude={"last_modified"})


def _made(
    record_type: RecordType,
    row: Service | Organization,
    content: str,
    *,
    publication: Publication,
    at: datetime,
    last: Mapping[UUID, Revision],
) -> tuple[Revision, Change] | None:
    before = last.get(row.id)
    known = REMOVED if before is None else before.content
    if content == known:
        return None
    row.last_modified_at = at
    revision = Revision(
        service_id=row.id if record_type == "service" else None,
        organization_id=row.id if record_type == "organization" else None,
        version=1 if before is None else before.version + 1,
        published_at=publication.now,
        author=publication.author,
        content=content,
    )
    kind = "removed" if content == REMOVED else "published" if known == REMOVED else "updated"
    return revision, Change(changed_at=at, record_type=record_type, record_id=row.id, kind=kind)


def without_routes_through(projected: ProjectedService, hidden: Collection[UUID]) -> ProjectedService:
    routes = projected.record.referral_routes
    kept = tuple(route for route in routes if route.via_service_id not in hidden)
    if len(kept) == len(routes):
        return projected
    record = projected.record.model_copy(update={"referral_routes": kept})
    return projected.model_copy(update={"record": record})


def hidden_targets(session: Session, found: Sequence[StoredOrganization]) -> frozenset[UUID]:
    """Services that routes of these organizations lead through and that are not public, or do not run."""
    targets: set[UUID] = {
        route.route.via_service_id
        for stored in found
        for one in stored.services
        for route in one.routes
        if route.route.via_service_id is not None
    }
    running = select(Service.id).where(
        col(Service.id).in_(targets),
        col(Service.record_state) == "published",
        col(Service.status) == "active",
    )
    return frozenset(targets.difference(session.exec(running).all()))


def _last_revisions(session: Session, found: Sequence[StoredOrganization]) -> dict[UUID, Revision]:
    organizations = [one.organization.id for one in found]
    services = [one.service.id for stored in found for one in stored.services]
    last: dict[UUID, Revision] = {}
    for owner, ids in ((Revision.organization_id, organizations), (Revision.service_id, services)):
        for start in range(0, len(ids), BATCH):
            newest = (
                select(col(owner).label("owner"), func.max(Revision.version).label("version"))
                .where(col(owner).in_(ids[start : start + BATCH]))
                .group_by(col(owner))
                .subquery()
            )
            is_newest = and_(col(owner) == newest.c.owner, col(Revision.version) == newest.c.version)
            for revision in session.exec(select(Revision).join(newest, is_newest)):
                record_id = revision.service_id or revision.organization_id
                if record_id is not None:
                    last[record_id] = revision
    return last
