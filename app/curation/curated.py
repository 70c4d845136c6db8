"""A record as a curator has it: everything that is stored, its state, and the version that a change is made on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

import rfc8785
from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from app.access.principals import Principal
from app.curation.editing import (
    said_of_organization,
    service_keys,
    service_submission_of,
    submission_of,
)
from app.curation.record_states import Step, steps_from
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.curation.taken_down_again import said_again
from app.directory.stored import StoredOrganization, StoredService, load_organizations
from app.errors import Forbidden, NotFound
from app.models.curation import ApprovalRequest, Takedown, TakedownAgain
from app.models.organizations import Organization
from app.models.services import Service


@dataclass(frozen=True)
class CuratedService:
    """One service with everything that is stored of it. `version` names all of it: any change moves it, seen or unseen.

    `keys` are the keys of services by id, for routes that lead through them.
    """

    stored: StoredService
    of: StoredOrganization
    keys: Mapping[UUID, str]
    approval: ApprovalRequest | None
    takedown: Takedown | None
    taken_down_again: Sequence[TakedownAgain] = ()
    organization_takedown: Takedown | None = None

    @cached_property
    def submission(self) -> ServiceSubmission:
        """What it says. Raises StoredRecordInvalid: what was spoilt cannot be edited. It can be taken down, without this."""
        return service_submission_of(self.stored, self.keys)

    @property
    def id(self) -> UUID:
        return self.stored.service.id

    @property
    def organization_id(self) -> UUID:
        return self.of.organization.id

    @property
    def state(self) -> str:
        return self.stored.service.record_state

    @property
    def steps(self) -> tuple[Step, ...]:
        return steps_from(self.state, is_taken_down=self.is_taken_down)

    @property
    def is_taken_down(self) -> bool:
        return self.takedown_in_force is not None

    @property
    def takedown_in_force(self) -> Takedown | None:
        """Its own, or that of its whole organization: a service that came later is down with it as well."""
        return self.takedown or self.organization_takedown

    @property
    def people(self) -> tuple[UUID | None, ...]:
        """Ids of the persons that it names."""
        sent_by = () if self.approval is None else (self.approval.sent_by_person,)
        taken = self.takedown_in_force
        asked = () if taken is None else (taken.asked_by_person, taken.put_back_by_person)
        return (*sent_by, *asked)

    @property
    def version(self) -> str:
        sent_at = None if self.approval is None else self.approval.sent_at.isoformat()
        taken_down = [
            None if one is None else str(one.id) for one in (self.takedown, self.organization_takedown)
        ]
        again = [str(one.id) for one in self.taken_down_again]
        return _tag(
            self.submission.model_dump(mode="json"), self.state, sent_at, *taken_down, *again, *self._beside
        )

    @property
    def _beside(self) -> tuple[object, ...]:
        """What whoever approves has read of the organization: it may become public with the service."""
        if self.state != "awaiting_approval":
            return ()
        said = said_of_organization(self.of)
        return tuple(said[name] for name in ("description", "website", "email", "phones", "identifiers"))


@dataclass(frozen=True)
class CuratedOrganization:
    """One organization; its services stand for themselves."""

    of: StoredOrganization
    keys: Mapping[UUID, str]

    @cached_property
    def submission(self) -> OrganizationSubmission:
        """What it says, with its services. Raises StoredRecordInvalid, as that of a service."""
        return submission_of(self.of, self.keys)

    @property
    def id(self) -> UUID:
        return self.of.organization.id

    @property
    def version(self) -> str:
        return _tag(self.submission.model_dump(mode="json", exclude={"services"}))


def curated_service(session: Session, service_id: UUID, *, lock: bool = False) -> CuratedService:
    """Raises NotFound. With `lock`, nobody else edits the organization or its services until the transaction ends."""
    organization_id = session.exec(select(Service.organization_id).where(Service.id == service_id)).first()
    if organization_id is None:
        raise NotFound
    of, keys = _organization(session, organization_id, lock=lock)
    stored = next((one for one in of.services if one.service.id == service_id), None)
    if stored is None:
        # Flagged while we waited for the lock: it goes by another id now.
        raise NotFound
    takedown = session.exec(
        select(Takedown).where(Takedown.service_id == service_id, col(Takedown.put_back_at).is_(None))
    ).first()
    whole = whole_organization_down(session, organization_id)
    shown = takedown or whole
    return CuratedService(
        stored,
        of,
        keys,
        session.get(ApprovalRequest, service_id),
        takedown,
        () if shown is None else said_again(session, [shown.id]).get(shown.id, ()),
        whole,
    )


def whole_organization_down(session: Session, organization_id: UUID) -> Takedown | None:
    """The takedown of the organization itself, where it is in force."""
    row = Takedown
    return session.exec(
        select(row).where(
            row.organization_id == organization_id,
            row.scope == "organization",
            col(row.put_back_at).is_(None),
        )
    ).first()


def curated_organization(
    session: Session, organization_id: UUID, *, lock: bool = False
) -> CuratedOrganization:
    """Raises NotFound. With `lock` as above."""
    of, keys = _organization(session, organization_id, lock=lock)
    return CuratedOrganization(of, keys)


def _organization(
    session: Session, organization_id: UUID, *, lock: bool
) -> tuple[StoredOrganization, Mapping[UUID, str]]:
    if lock:
        # On PostgreSQL editors of one organization queue here (on SQLite they do from their first statement).
        row = (
            select(Organization.id).where(Organization.id == organization_id).with_for_update(key_share=True)
        )
        session.exec(row).first()
        # What was read before the wait may be old.
        session.expire_all()
    found = load_organizations(session, [organization_id])
    if not found:
        raise NotFound
    return found[0], service_keys(session, found)


Curated = CuratedService | CuratedOrganization


def read_again(session: Session, record: Curated) -> Curated:
    """The record as it is after an edit, in the same transaction."""
    session.expire_all()
    if isinstance(record, CuratedService):
        return curated_service(session, record.id)
    return curated_organization(session, record.id)


def person_of(by: Principal) -> UUID:
    """The named person who acts. Raises Forbidden where nobody is named: such an act needs to be somebody's."""
    if by.person_id is None:
        raise Forbidden("This is done by a named person, with a curator's key.")
    return by.person_id


def moment_tag(*parts: object) -> str:
    """A strong entity tag of what has these versions."""
    return _tag(*(str(part) for part in parts))


def _tag(*parts: object) -> str:
    return f'"{hashlib.blake2b(rfc8785.dumps(list(parts)), digest_size=16).hexdigest()}"'  # type: ignore[arg-type]


def last_modified(one: Curated) -> datetime:
    row = one.stored.service if isinstance(one, CuratedService) else one.of.organization
    return row.last_modified_at


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service in a list, by its state."""

    id: UUID
    organization_id: UUID
    organization_name: str
    name: str
    state: str
    confidential: bool
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class ServicePage:
    """Part of a list. `position` is what the next part goes on after; None when this is the last."""

    services: tuple[ListedService, ...]
    total: int
    position: tuple[datetime, UUID] | None


def list_services(
    session: Session,
    *,
    state: str | None,
    organization_id: UUID | None,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> ServicePage:
    """Services of any state, the one that was changed last first."""
    row = Service
    wanted = [
        *((col(row.record_state) == state,) if state is not None else ()),
        *((col(row.organization_id) == organization_id,) if organization_id is not None else ()),
    ]
    key = tuple_(col(row.last_modified_at), col(row.id))
    found = session.exec(
        select(row, Organization.name)
        .join(Organization, col(row.organization_id) == col(Organization.id))
        .where(*wanted, *((key < after,) if after is not None else ()))
        .order_by(col(row.last_modified_at).desc(), col(row.id).desc())
        .limit(limit + 1)
    ).all()
    total = session.exec(select(func.count()).select_from(row).where(*wanted)).one()
    page = tuple(
        ListedService(
            id=one.id,
            organization_id=one.organization_id,
            organization_name=name,
            name=one.name,
            state=one.record_state,
            confidential=one.confidential,
            last_modified=one.last_modified_at,
        )
        for one, name in found[:limit]
    )
    more = len(found) > limit
    return ServicePage(page, total, (page[-1].last_modified, page[-1].id) if more else None)
