"""What is stored of the records that a file is about, as the JSON that a submission of them would be.

Read in bulk: one select per table for five hundred organizations, and nothing is validated, because it was once.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import inspect
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from app.curation.editing import said_of_organization, said_of_service, service_keys
from app.curation.record_states import SENT_OR_KNOWN, was_public
from app.directory.projection import is_published
from app.directory.stored import (
    BATCH,
    TABLES_OF_ROWS,
    RowSet,
    StoredOrganization,
    assemble,
    belongs_to,
)
from app.directory.term_links import TermCodes
from app.importing.comparing import comparable
from app.models.locations import Location
from app.models.organizations import Organization
from app.models.referral import ReferralRoute
from app.models.services import Contact, Service, ServiceArea
from app.models.taxonomies import Attribute

_REFERRED_TO = (Organization, Service, Location, ReferralRoute, ServiceArea, Contact)
"""Tables of which a row's id is part of what is said, or of its order."""

Said = dict[str, Any]
"""A record as JSON, as its submission says it: an organization without its services, or a service."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """A record as it is stored. `state` is the record state of a service; of an organization, what the public has of it.

    `is_known`: people ring, or once rang, what it says, or will without anybody's further approval: its contacts take two.
    """

    id: UUID
    said: Said
    state: str
    is_known: bool

    @property
    def shown_on(self) -> str:
        """What a difference was shown on: a draft that the public knew is another one than a draft that nobody has seen."""
        return f"known_{self.state}" if self.is_known and self.state == "draft" else self.state

    @property
    def holds_its_organization(self) -> bool:
        """Of a service: as in `record_states`, whether its organization's contacts take two people for it."""
        return self.is_known or self.state in SENT_OR_KNOWN

    @property
    def is_public(self) -> bool:
        """Of an organization: whether a service of it is public now."""
        return self.state == "published"

    @property
    def digest(self) -> str:
        """Equal as long as nobody has changed what the record says, also what the public does not see of it."""
        return digest_of(comparable(self.said))


@dataclass(frozen=True, slots=True)
class StoredParty:
    """An organization with all its services, archived ones too, by key."""

    organization: StoredState
    source: str
    demonstration: bool
    runs_refuge: bool
    services: Mapping[str, StoredState] = field(default_factory=dict)


def digest_of(value: object) -> str:
    """SHA-256 of JSON whose members stand in one order."""
    return hashlib.sha256(to_json(_sorted(value))).hexdigest()


def stored_parties(session: Session, organization_ids: Iterable[UUID]) -> dict[UUID, StoredParty]:
    """Organizations by id. What this session has changed must be flushed."""
    ids = list(organization_ids)
    found: dict[UUID, StoredParty] = {}
    terms = TermCodes.load(session) if ids else None
    for start in range(0, len(ids), BATCH):
        batch = _read(session, ids[start : start + BATCH], terms or TermCodes({}, {}))
        keys = service_keys(session, batch)
        found |= {one.organization.id: _party(one, keys) for one in batch}
    return found


def _read(session: Session, ids: Sequence[UUID], terms: TermCodes) -> list[StoredOrganization]:
    rows = RowSet()
    for kind in TABLES_OF_ROWS:
        order = [col(getattr(kind, name)) for name in ("position", "id") if name in kind.model_fields]
        # A name of a row that nothing refers to costs as much as the rest of the row.
        wanted = [one for one in inspect(kind).columns if one.key != "id" or kind in _REFERRED_TO]
        columns = select_columns(*wanted).where(belongs_to(kind, organizations=ids))
        rows.take(kind, session.connection().execute(columns.order_by(*order)).all())
    links = terms.read_links(session, belongs_to(Attribute, organizations=ids))
    return assemble(rows, links, first_responders=())


def _party(stored: StoredOrganization, keys: Mapping[UUID, str]) -> StoredParty:
    row = stored.organization
    services = {
        one.service.source_id: StoredState(
            one.service.id,
            to_jsonable_python(said_of_service(one, keys)),
            one.service.record_state,
            was_public(one.service.record_state, one.service.published_at),
        )
        for one in stored.services
    }
    is_known = any(one.holds_its_organization for one in services.values())
    has_public = any(is_published(one.service) for one in stored.services)
    return StoredParty(
        organization=StoredState(
            row.id,
            to_jsonable_python(said_of_organization(stored)),
            "published" if has_public else "known" if is_known else "not_public",
            is_known,
        ),
        source=row.source,
        demonstration=row.demonstration,
        runs_refuge=stored.has_confidential_service,
        services=services,
    )


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list | tuple) else value
