"""Services, directories and scenes from short descriptions: what is not said is as in PLAIN."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.directory.capacity_map import build_capacity
from app.directory.hours import ScheduleRow
from app.directory.records import (
    AreaName,
    Coverage,
    OrganizationName,
    Position,
    ProjectedService,
    PublicEligibility,
    PublicFlows,
    PublicHours,
    PublicLanguage,
    PublicLocation,
    PublicOrganization,
    PublicPhone,
    PublicRoute,
    PublicService,
)
from app.directory.snapshot import Directory, build_catalogue
from app.directory.texts import AlwaysLine, CodeList, SharedTexts, Term
from app.geo.gazetteer import Gazetteer
from app.search.query import SearchQuery
from tests.search.reference import World
from tests.search.small_country import (
    AREAS,
    ENGLAND,
    POSTCODES,
    WEST_MIDLANDS_POLICE,
    build_areas,
    covered,
)

LONDON = ZoneInfo("Europe/London")
MICROSECOND = timedelta(microseconds=1)

NEEDS = {
    "casework_advocacy": "One worker who stands by the person",
    "safe_house": "Safe house",
    "emergency_accommodation": "Somewhere to stay tonight",
    "move_on_housing": "Housing to move on to",
    "child_young_person": "Children and young people",
    "mental_health": "Mental health",
}
EXPLOITATION = {
    "labour": "Labour exploitation",
    "sexual": "Sexual exploitation",
    "unknown_or_mixed": "Not known",
    "debt_bondage": "Debt bondage",
    "bonded_to_a_ship": "Bonded to a ship",
}
KIND_OF = {"debt_bondage": "labour", "bonded_to_a_ship": "debt_bondage"}
"""Of forms of exploitation, the wider one that each is a kind of."""
REFERRERS = {"police": "Police", "self": "The person themselves", "health": "Health services"}
STAGES = {"any": "Any stage", "pre_nrm": "Before the NRM", "in_nrm": "In the NRM", "child_route": "Child"}

TEXTS = SharedTexts(
    vocabulary=tuple(
        CodeList(
            code=code,
            name=code,
            description=code,
            uri=None,
            terms=tuple(
                Term(code=term, name=name, description=name, parent=KIND_OF.get(term))
                for term, name in names.items()
            ),
        )
        for code, names in (
            ("need", NEEDS),
            ("exploitation", EXPLOITATION),
            ("referrer", REFERRERS),
            ("stage", STAGES),
        )
    ),
    always=(AlwaysLine(name="Emergency services", phone="999"),),
)

# What a service says

EVERY_DAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_DAYS = EVERY_DAY[:5]


def weekly(
    opens: str, closes: str, byday: tuple[str, ...] = EVERY_DAY, *, bank_holidays: str = "open", **dates: date
) -> ScheduleRow:
    first, last = dates.get("first"), dates.get("last")
    return ScheduleRow("weekly", byday, opens, closes, first, last, bank_holidays)


def on_dates(kind: str, opens: str | None, closes: str | None, *, first: date, last: date) -> ScheduleRow:
    """An exception: `extra` hours, or `closed`."""
    return ScheduleRow(kind, (), opens, closes, first, last, "closed")


Facets = dict[str, Any]
"""Values of a service by field, from which `build_service` makes it."""

PLAIN: Facets = {
    "name": "Haven",
    "status": "active",
    "description": "",
    "organization": 1,
    "reach": "outreach_area",
    "confidential": False,
    "needs": ("casework_advocacy",),
    "exploitation": (),
    "everywhere": False,
    "areas": (ENGLAND,),
    "districts": (),
    "polygons": (),
    "sex_accepted": "any",
    "trans_inclusive": "ask",
    "minimum_age": None,
    "maximum_age": None,
    "with_children": "ask",
    "languages": (),
    "interpreter": "ask",
    "routes": (),
    "hours": (),
    "numbers": ("voice",),
    "positions": (),
    "child_card_role": None,
    "figures": (),
}


@dataclass(frozen=True, slots=True)
class Route:
    """A referral route, as far as it is generated. `via` is the number of a service."""

    referrers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    age_group: Literal["adult", "child"] | None = None
    via: int | None = None
    hours: tuple[ScheduleRow, ...] = ()
    channel: Literal["phone", "walk_in"] = "phone"
    has_contact: bool = True
    """What leads through another service has none of its own, and nor has a door to walk in by."""


LANGUAGE_NAMES = {"sqi": "Albanian", "vie": "Vietnamese"}


def build_service(number: int, facets: Facets) -> ProjectedService:
    """The public record of service `number`, from facets (those absent are PLAIN)."""
    says = PLAIN | facets
    confidential = says["confidential"]
    hours = PublicHours(schedules=(), in_words=())
    polygons = () if confidential else tuple(says["polygons"])
    record = PublicService(
        id=service_id(number),
        organization=OrganizationName(
            id=UUID(int=says["organization"]), name=f"Example {('One', 'Two')[says['organization'] % 2]}"
        ),
        name=says["name"],
        description=says["description"],
        status=says["status"],
        reach=says["reach"],
        confidential=confidential,
        demonstration=True,
        url=None,
        email=None,
        needs=says["needs"],
        exploitation=says["exploitation"],
        coverage=Coverage(
            everywhere=says["everywhere"],
            areas=covered(*says["areas"]),
            postcode_districts=says["districts"],
            polygons=len(polygons),
        ),
        eligibility=PublicEligibility(
            sex_accepted=says["sex_accepted"],
            trans_inclusive=says["trans_inclusive"],
            minimum_age=says["minimum_age"],
            maximum_age=says["maximum_age"],
            with_children=says["with_children"],
            no_recourse_to_public_funds="ask",
            couples="ask",
            pets="ask",
            step_free="ask",
            description=None,
        ),
        languages=tuple(
            PublicLanguage(code=code, name=LANGUAGE_NAMES[code], autonym=LANGUAGE_NAMES[code])
            for code in says["languages"]
        ),
        interpreter=says["interpreter"],
        phones=tuple(
            PublicPhone(number="0121 496 0100", e164="+441214960100", phone_type=kind, description=None)
            for kind in says["numbers"]
        ),
        contacts=(),
        hours=hours,
        locations=tuple(_location(position) for position in says["positions"] if not confidential),
        referral_routes=tuple(
            _route(number, position, route) for position, route in enumerate(says["routes"])
        ),
        information_flow=PublicFlows(
            police="unknown",
            home_office_enforcement="unknown",
            home_office_nrm="unknown",
            council="unknown",
            funder="unknown",
        ),
        anonymous_contact=None,
        privacy_url=None,
        application_process=None,
        fees_description=None,
        child_card_role=says["child_card_role"],
        assurance=(),
        last_modified=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return ProjectedService(
        record=record,
        positions=tuple(says["positions"]),
        polygons=polygons,
        # As the projection does: of what does not run, no hours hold.
        hours=tuple(says["hours"]) if record.is_running else (),
        route_hours=tuple(route.hours for route in says["routes"]),
    )


def service_id(number: int) -> UUID:
    """Ids whose order is not that of the numbers."""
    return UUID(int=(number * 7919 % 251 << 96) + number)


def _location(position: Position) -> PublicLocation:
    return PublicLocation(
        id=UUID(int=position.easting),
        name="Example House",
        address_1=None,
        city=None,
        postal_code=None,
        local_authority=AreaName(code=position.authority_code, name=position.authority_code)
        if position.authority_code
        else None,
    )


def _route(number: int, position: int, route: Route) -> PublicRoute:
    return PublicRoute(
        id=UUID(int=number * 100 + position),
        name="Referral",
        channel=route.channel if route.via is None else "via_service",
        contact="0121 496 0100"
        if route.via is None and route.has_contact and route.channel != "walk_in"
        else None,
        via_service_id=None if route.via is None else service_id(route.via),
        referrers=route.referrers,
        stages=route.stages,
        age_group=route.age_group,
        consent=None,
        response_time=None,
        information_needed=None,
        notes=None,
        hours=PublicHours(schedules=(), in_words=()),
    )


def build_world(facets_by_number: dict[int, Facets]) -> World:
    """The world of these services, in the order given."""
    services = tuple(build_service(number, facets) for number, facets in facets_by_number.items())
    figures = {
        service_id(number): tuple(facets.get("figures", ()))
        for number, facets in facets_by_number.items()
        if facets.get("figures")
        and not facets.get("confidential")
        and facets.get("status", "active") == "active"
    }
    return World(services, figures, AREAS, POSTCODES, NEEDS, KIND_OF)


def build_directory(world: World, gazetteer: Gazetteer, as_of: datetime) -> Directory:
    """The real Directory of a world."""
    organizations: dict[UUID, PublicOrganization] = {}
    for service in world.services:
        one = service.record.organization
        known = organizations.get(one.id)
        listed = (
            *(known.services if known else ()),
            OrganizationName(id=service.record.id, name=service.record.name),
        )
        organizations[one.id] = PublicOrganization(
            id=one.id,
            name=one.name,
            description="",
            website=None,
            email=None,
            demonstration=True,
            first_responder=False,
            identifiers=(),
            phones=(),
            services=listed,
            assurance=(),
            last_modified=as_of,
        )
    catalogue = build_catalogue(
        world.services,
        tuple(organizations.values()),
        areas=build_areas(),
        gazetteer=gazetteer,
        texts=TEXTS,
    )
    capacity = build_capacity(world.figures, catalogue.service_ids)
    return Directory(catalogue, capacity, as_of=as_of, demonstration=True, home_area=WEST_MIDLANDS_POLICE)


@dataclass(frozen=True, slots=True)
class Scene:
    """A world and some questions to it, asked at one moment one after the other. `says` is what its services were built from."""

    says: dict[int, Facets]
    queries: tuple[SearchQuery, ...]
    now: datetime

    @property
    def world(self) -> World:
        return build_world(self.says)

    def __repr__(self) -> str:
        """What is said beyond PLAIN, as far as anybody would read it."""
        told = {
            number: {field: value for field, value in says.items() if value != PLAIN[field]}
            for number, says in self.says.items()
        }
        asked = [query.model_dump(exclude_none=True) for query in self.queries]
        return f"<Scene at {self.now}: {asked} of {told}>"[:6000]
