"""The feed of one snapshot: its records in order, each encoded once, when it is first asked for.

What changes by itself (capacity) is added to the bytes of a record for every answer; nothing else of it moves.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

from pydantic_core import to_json

from app.directory.capacity_map import CapacityMap
from app.directory.freshness import next_capacity_change
from app.directory.records import PublicOrganization
from app.directory.snapshot import Catalogue, Entry
from app.directory.texts import ChangeEntry
from app.feed.oruk_capacity import capacity_members
from app.feed.oruk_extensions import OrukShape
from app.feed.oruk_places import service_at_locations
from app.feed.oruk_records import last_modified_of, moment, organization_shape, service_shape
from app.feed.oruk_shapes import LIST_FIELDS, ServiceAtLocation
from app.feed.oruk_terms import Terms
from app.feed.positions import position_of
from app.geo.distance import GridPoint

REMOVED_NAME = "Removed"
"""Of every service that was taken out: its own name may be what had to go."""


@dataclass(frozen=True, slots=True)
class Now:
    """What the moving part of a record is made of."""

    capacity: CapacityMap
    at: datetime


class Record(Protocol):
    """An entry of a list, in its three forms."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...

    @property
    def minimal(self) -> bytes: ...

    @property
    def listed(self) -> bytes: ...

    def full(self, now: Now) -> bytes: ...

    def changes_at(self, now: Now) -> datetime | None:
        """The next moment at which `full` changes without anybody's doing."""


def encoded(shape: OrukShape, *, only: frozenset[str] | None = None) -> bytes:
    return shape.model_dump_json(exclude_none=True, include=None if only is None else set(only)).encode()


class _Encoded(NamedTuple):
    listed: bytes
    whole: bytes
    """Without the closing brace, so that capacity can follow."""
    term_ids: frozenset[UUID]
    taxonomy_ids: frozenset[UUID]


@dataclass(frozen=True, eq=False)
class ServiceRecord:
    """A public service."""

    entry: Entry
    catalogue: Catalogue
    terms: Terms

    @property
    def id(self) -> UUID:
        return self.entry.record.id

    @property
    def name(self) -> str:
        return self.entry.record.name

    @cached_property
    def last_modified(self) -> datetime:
        return last_modified_of(self.entry.record, self.catalogue)

    @cached_property
    def _encoded(self) -> _Encoded:
        shape = service_shape(self.entry, self.catalogue, self.terms)
        terms = [
            link.taxonomy_term
            for links in (shape.attributes, *(area.attributes for area in shape.service_areas or ()))
            for link in links or ()
        ]
        return _Encoded(
            encoded(shape, only=LIST_FIELDS),
            encoded(shape)[:-1],
            frozenset(one.id for one in terms),
            frozenset(one.taxonomy_id for one in terms),
        )

    @property
    def term_ids(self) -> frozenset[UUID]:
        """Of the service and of the areas that it covers."""
        return self._encoded.term_ids

    @property
    def taxonomy_ids(self) -> frozenset[UUID]:
        return self._encoded.taxonomy_ids

    @cached_property
    def minimal(self) -> bytes:
        return _minimal(self.id, self.name, self.entry.record.status, self.last_modified)

    @property
    def listed(self) -> bytes:
        return self._encoded.listed

    def full(self, now: Now) -> bytes:
        confidential = self.entry.record.confidential
        figures = () if confidential else now.capacity.of(self.id)
        members = capacity_members(self.id, figures, confidential=confidential, now=now.at)
        return b"".join((self._encoded.whole, members, b"}"))

    def changes_at(self, now: Now) -> datetime | None:
        if self.entry.record.confidential:
            return None
        return next_capacity_change(now.capacity.of(self.id), now.at)


@dataclass(frozen=True, eq=False)
class RemovedRecord:
    """A service that was taken out: its id, when, and nothing that was taken out with it."""

    change: ChangeEntry
    name: str = REMOVED_NAME

    @property
    def id(self) -> UUID:
        return self.change.record_id

    @property
    def last_modified(self) -> datetime:
        return self.change.changed_at

    @cached_property
    def minimal(self) -> bytes:
        return _minimal(self.id, self.name, "defunct", self.last_modified)

    @property
    def listed(self) -> bytes:
        return self.minimal

    def full(self, now: Now) -> bytes:  # noqa: ARG002 - stands still
        return self.minimal

    def changes_at(self, now: Now) -> datetime | None:  # noqa: ARG002 - never by itself
        return None


@dataclass(frozen=True, eq=False)
class ServiceAtLocationRecord:
    """A public service at one place; `point` is that of the postcode in its address, for distances."""

    service: ServiceRecord
    shape: ServiceAtLocation
    point: GridPoint | None

    @property
    def id(self) -> UUID:
        return self.shape.id

    @property
    def name(self) -> str:
        return self.service.name

    @cached_property
    def _head(self) -> bytes:
        named = {
            "name": self.name,
            "status": self.service.entry.record.status,
            "last_modified": moment(self.service.last_modified),
        }
        return encoded(self.shape)[:-1] + b"," + to_json(named)[1:-1] + b',"service":'

    @cached_property
    def minimal(self) -> bytes:
        return _minimal(self.id, self.name, self.service.entry.record.status, self.service.last_modified)

    @property
    def listed(self) -> bytes:
        return b"".join((self._head, self.service.listed, b"}"))

    def full(self, now: Now) -> bytes:
        return b"".join((self._head, self.service.full(now), b"}"))

    def changes_at(self, now: Now) -> datetime | None:
        return self.service.changes_at(now)


@dataclass(frozen=True, eq=False)
class OrganizationRecord:
    """An organization with a public service."""

    record: PublicOrganization
    services: tuple[ServiceRecord, ...]
    catalogue: Catalogue

    @property
    def id(self) -> UUID:
        return self.record.id

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def last_modified(self) -> datetime:
        return self.record.last_modified

    @cached_property
    def minimal(self) -> bytes:
        # The list of organizations has no status; without a description no schema takes it.
        return to_json(
            {
                "id": self.id,
                "name": self.name,
                "description": self.record.description,
                "x_last_modified": moment(self.last_modified),
            }
        )

    @cached_property
    def listed(self) -> bytes:
        return encoded(organization_shape(self.record, self.catalogue))

    def full(self, now: Now) -> bytes:  # noqa: ARG002 - single fields of services stand still
        return self._with(one.listed for one in self.services)

    def full_service(self, now: Now) -> bytes:
        return self._with(one.full(now) for one in self.services)

    def _with(self, services: Iterable[bytes]) -> bytes:
        return b"".join((self.listed[:-1], b',"services":[', b",".join(services), b"]}"))

    def changes_at(self, now: Now) -> datetime | None:
        moments = [one.changes_at(now) for one in self.services]
        return min((one for one in moments if one is not None), default=None)


@dataclass(frozen=True, eq=False)
class FixedRecord:
    """A taxonomy or a term: the same in every form, but for the terms of a taxonomy."""

    shape: Any
    whole: OrukShape

    @property
    def id(self) -> UUID:
        found: UUID = self.shape.id
        return found

    @property
    def name(self) -> str:
        return str(self.shape.name)

    @cached_property
    def minimal(self) -> bytes:
        return encoded(self.shape)

    @property
    def listed(self) -> bytes:
        return self.minimal

    @cached_property
    def _whole(self) -> bytes:
        return encoded(self.whole)

    def full(self, now: Now) -> bytes:  # noqa: ARG002 - stands still
        return self._whole

    def changes_at(self, now: Now) -> datetime | None:  # noqa: ARG002 - never by itself
        return None


ListedService = ServiceRecord | RemovedRecord
Kind = TypeVar("Kind", bound=Record)


class OrukFeed:
    """All records over one catalogue, ordered by name and then by id. Made once per snapshot."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.terms = Terms.of(catalogue.texts, catalogue.areas)
        self._by_row = [ServiceRecord(entry, catalogue, self.terms) for entry in catalogue.entries]
        removed = [RemovedRecord(change) for change in _removed(catalogue)]
        self.services: tuple[ListedService, ...] = _ordered([*self._by_row, *removed])
        self.service_by_id = {one.id: one for one in self.services}

    @cached_property
    def at_locations(self) -> tuple[ServiceAtLocationRecord, ...]:
        found = []
        for service in self._by_row:
            record = service.entry.record
            public = {one.id: one for one in record.locations}
            for shape in service_at_locations(record, self.catalogue):
                place = public.get(shape.location_id)
                point = None if place is None else position_of(place, self.catalogue.gazetteer)
                found.append(ServiceAtLocationRecord(service, shape, point))
        return _ordered(found)

    @cached_property
    def at_location_by_id(self) -> dict[UUID, ServiceAtLocationRecord]:
        return {one.id: one for one in self.at_locations}

    @cached_property
    def organizations(self) -> tuple[OrganizationRecord, ...]:
        services: dict[UUID, list[ServiceRecord]] = defaultdict(list)
        for service in self._by_row:
            services[service.entry.record.organization.id].append(service)
        return _ordered(
            [
                OrganizationRecord(one, _ordered(services[one.id]), self.catalogue)
                for one in self.catalogue.organizations.values()
            ]
        )

    @cached_property
    def organization_by_id(self) -> dict[UUID, OrganizationRecord]:
        return {one.id: one for one in self.organizations}

    @cached_property
    def taxonomies(self) -> tuple[FixedRecord, ...]:
        return tuple(
            FixedRecord(one, one.model_copy(update={"taxonomy_terms": self.terms.within(one.id)}))
            for one in self.terms.taxonomies
        )

    @cached_property
    def terms_listed(self) -> tuple[FixedRecord, ...]:
        return tuple(FixedRecord(one, one) for one in self.terms.terms)


def _removed(catalogue: Catalogue) -> list[ChangeEntry]:
    """The last removal of every service that is not there now, as the change list has it."""
    last = {
        one.record_id: one
        for one in catalogue.changes
        if one.record_type == "service" and one.kind == "removed" and one.record_id not in catalogue.row_of
    }
    return list(last.values())


def _ordered(records: Sequence[Kind]) -> tuple[Kind, ...]:
    return tuple(sorted(records, key=lambda one: (one.name, str(one.id))))


def _minimal(record_id: UUID, name: str, status: str, last_modified: datetime) -> bytes:
    return to_json({"id": record_id, "name": name, "status": status, "last_modified": moment(last_modified)})
