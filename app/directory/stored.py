"""Stored records gathered whole: one service with everything that belongs to it, read in one select per table.

This is the last place that sees private facts; only `projection` turns what it gives into something public.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, false, inspect, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from app.directory.taken_down import NOTHING_TAKEN_DOWN, TakenDown
from app.directory.term_links import Links, TermCodes
from app.models.history import Assurance
from app.models.locations import Location, ServiceAtLocation
from app.models.organizations import FirstResponder, Organization, OrganizationIdentifier
from app.models.referral import ReferralRoute
from app.models.services import (
    Contact,
    Eligibility,
    InformationFlow,
    Language,
    Phone,
    Schedule,
    Service,
    ServiceArea,
)
from app.models.taxonomies import Attribute

Row = TypeVar("Row", bound=SQLModel)
One = TypeVar("One")
Other = TypeVar("Other")

BATCH = 500
"""Ids per select: SQLite takes at most 32,766 bound values, and small lists keep the statement cache useful."""

RECORD_TABLES: tuple[type[SQLModel], ...] = (
    Organization, OrganizationIdentifier, Service, Location, ServiceAtLocation, ServiceArea, Eligibility, Language,
    Phone, Contact, InformationFlow, ReferralRoute, Schedule, Attribute, Assurance,
)  # fmt: skip
"""Every table of an organization and its services, in an order in which rows can be added: what is referred to first."""

TABLES_OF_ROWS = tuple(kind for kind in RECORD_TABLES if kind is not Attribute)
"""Those that are read row by row; of attributes, the codes are enough (`term_links`)."""


class RowSet:
    """Rows by their table, each table's in the order in which they were added.

    `for_reading` makes rows seven times quicker, but such that no session takes them: to be read, or inserted in bulk.
    """

    def __init__(self, *, for_reading: bool = False) -> None:
        self._rows: dict[type[SQLModel], list[Any]] = defaultdict(list)
        self._for_reading = for_reading

    def make(self, table: type[SQLModel], /, **values: Any) -> None:
        self._rows[table].append(table.model_construct(**values) if self._for_reading else table(**values))

    def add(self, *rows: SQLModel) -> None:
        for row in rows:
            self._rows[type(row)].append(row)

    def take(self, table: type[SQLModel], rows: Iterable[Any]) -> None:
        """Rows as the driver gives them, with the columns as attributes: enough to project a whole directory from."""
        self._rows[table].extend(rows)

    def of(self, kind: type[Row]) -> list[Row]:
        return self._rows[kind]


@dataclass(slots=True)
class StoredRoute:
    """A referral route with its codes and hours."""

    route: ReferralRoute
    referrers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    schedules: list[Schedule] = field(default_factory=list)


@dataclass(slots=True)
class StoredService:
    """A service row with everything that belongs to it."""

    service: Service
    areas: list[ServiceArea] = field(default_factory=list)
    eligibility: Eligibility | None = None
    languages: list[Language] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    flows: list[InformationFlow] = field(default_factory=list)
    needs: tuple[str, ...] = ()
    exploitation: tuple[str, ...] = ()
    routes: list[StoredRoute] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)
    assurances: list[Assurance] = field(default_factory=list)


@dataclass(slots=True)
class StoredOrganization:
    """An organization with its services in every record state."""

    organization: Organization
    identifiers: list[OrganizationIdentifier] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    assurances: list[Assurance] = field(default_factory=list)
    services: list[StoredService] = field(default_factory=list)
    is_first_responder: bool = False
    taken_down: TakenDown = field(default_factory=lambda: NOTHING_TAKEN_DOWN)

    @property
    def has_confidential_service(self) -> bool:
        """Any state counts: a paused refuge is still a refuge."""
        return any(stored.service.confidential for stored in self.services)


def load_organizations(session: Session, ids: Sequence[UUID] | None = None) -> list[StoredOrganization]:
    """Organizations, all or those with the given ids, with every service and its children, ordered by id.

    Rows of organizations and services belong to the session; those of other tables are for reading only.
    """
    # What follows reads past the session.
    session.flush()
    terms = TermCodes.load(session)
    responders = set(session.exec(select(FirstResponder.organization_id)))
    found: list[StoredOrganization] = []
    batches = [None] if ids is None else [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    for batch in batches:
        rows = RowSet(for_reading=True)
        for kind in TABLES_OF_ROWS:
            order = [col(getattr(kind, name)) for name in ("position", "id") if name in kind.model_fields]
            of_these = () if batch is None else (belongs_to(kind, organizations=batch),)
            if kind in (Organization, Service):
                rows.add(*session.exec(select(kind).where(*of_these).order_by(*order)))
            else:
                columns = select_columns(*inspect(kind).columns).where(*of_these).order_by(*order)
                found_rows = session.connection().execute(columns)
                if batch is None:
                    rows.take(kind, found_rows.all())
                else:
                    for values in found_rows.mappings():
                        rows.make(kind, **values)
        of_links = () if batch is None else (belongs_to(Attribute, organizations=batch),)
        links = terms.read_links(session, *of_links)
        found.extend(assemble(rows, links, first_responders=responders))
        taken_down = TakenDown.load(session, batch)
        for stored in found:
            stored.taken_down = taken_down.get(stored.organization.id, stored.taken_down)
    return sorted(found, key=lambda stored: stored.organization.id)


def belongs_to(
    kind: type[SQLModel], *, organizations: Collection[UUID] = (), services: Collection[UUID] | None = None
) -> ColumnElement[bool]:
    """The condition for rows of a table that belong to these organizations or to these services.

    Where `services` is None, all services of the organizations are meant. Takes as many ids as one select (`BATCH`).
    """
    table: Any = kind
    if kind is Organization:
        return col(Organization.id).in_(organizations)
    if services is None:
        of_service: Any = select(Service.id).where(col(Service.organization_id).in_(organizations))
    else:
        of_service = services
    if kind is Service:
        return col(Service.id).in_(of_service)
    owners: list[ColumnElement[bool]] = []
    if "service_id" in kind.model_fields:
        owners.append(col(table.service_id).in_(of_service))
    if "organization_id" in kind.model_fields:
        owners.append(col(table.organization_id).in_(organizations))
    if "referral_route_id" in kind.model_fields:
        of_route = select(ReferralRoute.id).where(col(ReferralRoute.service_id).in_(of_service))
        owners.append(col(table.referral_route_id).in_(of_route))
    return or_(false(), *owners)


def assemble(
    rows: RowSet, links: Links, *, first_responders: Collection[UUID | None]
) -> list[StoredOrganization]:
    """Put rows together with the codes that they link to. Those of a child table stay in the order in which they come."""
    organizations = {row.id: StoredOrganization(row) for row in rows.of(Organization)}
    services = {row.id: StoredService(row) for row in rows.of(Service)}
    routes = {row.id: StoredRoute(row) for row in rows.of(ReferralRoute)}

    for organization in organizations.values():
        organization.is_first_responder = organization.organization.id in first_responders
    for identifier in rows.of(OrganizationIdentifier):
        organizations[identifier.organization_id].identifiers.append(identifier)
    for service in services.values():
        organizations[service.service.organization_id].services.append(service)
    _attach_to_services(rows, services, routes)
    for phone in rows.of(Phone):
        _owner(phone.service_id, services, phone.organization_id, organizations).phones.append(phone)
    for assurance in rows.of(Assurance):
        owner = _owner(assurance.service_id, services, assurance.organization_id, organizations)
        owner.assurances.append(assurance)
    for schedule in rows.of(Schedule):
        _owner(schedule.service_id, services, schedule.referral_route_id, routes).schedules.append(schedule)
    for service_id, service in services.items():
        service.needs = links.get((service_id, "need"), ())
        service.exploitation = links.get((service_id, "exploitation"), ())
    for route_id, route in routes.items():
        route.referrers, route.stages = (
            links.get((route_id, "referrer"), ()),
            links.get((route_id, "stage"), ()),
        )
    return list(organizations.values())


def _attach_to_services(
    rows: RowSet, services: Mapping[UUID, StoredService], routes: Mapping[UUID, StoredRoute]
) -> None:
    locations = {row.id: row for row in rows.of(Location)}
    for area in rows.of(ServiceArea):
        services[area.service_id].areas.append(area)
    for eligibility in rows.of(Eligibility):
        services[eligibility.service_id].eligibility = eligibility
    for language in rows.of(Language):
        services[language.service_id].languages.append(language)
    for contact in rows.of(Contact):
        services[contact.service_id].contacts.append(contact)
    for flow in rows.of(InformationFlow):
        services[flow.service_id].flows.append(flow)
    for link in rows.of(ServiceAtLocation):
        services[link.service_id].locations.append(locations[link.location_id])
    for route in routes.values():
        services[route.route.service_id].routes.append(route)


def _owner(
    one_id: UUID | None, ones: Mapping[UUID, One], other_id: UUID | None, others: Mapping[UUID, Other]
) -> One | Other:
    """What a row belongs to: of its two owners exactly one is named (the tables' CHECK `one_owner`)."""
    if one_id is not None:
        return ones[one_id]
    if other_id is not None:
        return others[other_id]
    raise ValueError("a row without an owner")
