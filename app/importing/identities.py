"""Which stored record each record of a file is.

By our own id (a key that is the UUID of a stored record), by the key within the source, or by a key of which a person
has said what it stands for. A name is never enough: it only makes a suggestion, for the person to confirm.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from app.errors import FieldError
from app.models.imports import ImportAlias
from app.models.organizations import Organization, OrganizationIdentifier
from app.models.services import Service

RecordType = Literal["organization", "service"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored record in the index: enough to find it."""

    id: UUID
    source: str
    key: str
    name: str
    organization_id: UUID
    state: str = "published"
    confidential: bool = False


class OfAnotherSource(Exception):
    """A record of the file names a stored one that somebody else is the source of."""


class UnknownId(Exception):
    """A record of the file names one by an id that no stored record of its kind has."""


@dataclass(frozen=True, slots=True)
class Index:
    """Every stored organization and service, looked up by key, id and name, from the point of view of one source."""

    source: str
    organizations: Mapping[str, Entry]
    services: Mapping[str, Entry]
    by_id: Mapping[UUID, Entry]
    aliases: Mapping[tuple[str, str], UUID]
    organizations_named: Mapping[str, list[Entry]]
    services_named: Mapping[tuple[UUID, str], list[Entry]]
    registered: Mapping[tuple[str, str], UUID] = field(default_factory=dict)
    """Organizations by (scheme, identifier) of a registration."""

    @classmethod
    def load(cls, session: Session, source: str) -> "Index":
        read = session.connection().execute
        organizations = [
            Entry(row.id, row.source, row.source_id, row.name, row.id)
            for row in read(select_columns(*_columns(Organization, "id", "source", "source_id", "name")))
        ]
        services = [
            Entry(
                *(row.id, row.source, row.source_id, row.name, row.organization_id),
                *(row.record_state, row.confidential),
            )
            for row in read(
                select_columns(
                    *_columns(Service, "id", "source", "source_id", "name", "organization_id"),
                    *_columns(Service, "record_state", "confidential"),
                )
            )
        ]
        organizations_named: dict[str, list[Entry]] = defaultdict(list)
        for one in organizations:
            organizations_named[folded(one.name)].append(one)
        services_named: dict[tuple[UUID, str], list[Entry]] = defaultdict(list)
        for one in services:
            services_named[one.organization_id, folded(one.name)].append(one)
        of = col(OrganizationIdentifier.organization_id)
        registrations = session.exec(
            select(OrganizationIdentifier.identifier_scheme, OrganizationIdentifier.identifier, of)
        )
        return cls(
            source=source,
            organizations={one.key: one for one in organizations if one.source == source},
            services={one.key: one for one in services if one.source == source},
            by_id={one.id: one for one in (*organizations, *services)},
            aliases=load_aliases(session, source),
            organizations_named=organizations_named,
            services_named=services_named,
            registered={(scheme, number): owner for scheme, number, owner in registrations},
        )

    def find(self, record_type: RecordType, key: str, named: UUID | None = None) -> Entry | None:
        """The stored record with this key; with `named`, the one of that id, whatever its key.

        Raises UnknownId and OfAnotherSource.
        """
        of_source = self.organizations if record_type == "organization" else self.services
        if named is None:
            if key in of_source:
                return of_source[key]
            alias = self.aliases.get((record_type, key))
            if alias is not None:
                return self.by_id.get(alias)
        wanted = named or _uuid(key)
        entry = self.by_id.get(wanted) if wanted is not None else None
        if entry is None or (entry.id == entry.organization_id) != (record_type == "organization"):
            if named is not None:
                raise UnknownId
            return None
        if entry.source != self.source:
            raise OfAnotherSource
        return entry

    def elsewhere(self, name: str, identifiers: list[tuple[str, str]]) -> Iterator[Entry]:
        """Organizations of other sources that look like the same one: registered alike, or called alike."""
        seen = set()
        registered = (self.by_id.get(row_id) for one in identifiers if (row_id := self.registered.get(one)))
        for entry in (*registered, *self.organizations_named.get(folded(name), ())):
            if entry is not None and entry.source != self.source and entry.id not in seen:
                seen.add(entry.id)
                yield entry

    def namesake(self, record_type: RecordType, name: str, *, of: UUID | None = None) -> Entry | None:
        """The one record of this source that is called so; None where there is none, or more than one."""
        if record_type == "organization":
            found = [
                one for one in self.organizations_named.get(folded(name), ()) if one.source == self.source
            ]
        else:
            found = list(self.services_named.get((of, folded(name)), ())) if of is not None else []
        return found[0] if len(found) == 1 else None


_NOT_IN_NAMES = re.compile(r"[\W_]+")


def load_aliases(session: Session, source: str) -> dict[tuple[str, str], UUID]:
    """Records of which a person has said which they are, by kind and key in the source."""
    found = session.exec(select(ImportAlias).where(ImportAlias.source == source))
    return {
        (one.record_type, one.key): row_id
        for one in found
        if (row_id := one.service_id or one.organization_id) is not None
    }


def folded(name: str) -> str:
    """A name as people compare it: letters and digits only, in small letters."""
    return _NOT_IN_NAMES.sub("", name.casefold())


def repeated_keys(keys: list[str]) -> Iterator[FieldError]:
    """Positions of keys that stood in the list before, as `/position`."""
    seen: set[str] = set()
    for position, key in enumerate(keys):
        if key in seen:
            yield FieldError(f"/{position}", "another key than other records of the file")
        seen.add(key)


def _columns(table: type[SQLModel], *names: str) -> list[Any]:
    return [col(getattr(table, name)) for name in names]


def _uuid(key: str) -> UUID | None:
    if len(key) != 36:
        return None
    try:
        return UUID(key)
    except ValueError:
        return None
