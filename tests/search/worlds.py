"""Generated directories, questions and moments, with ties everywhere: few distinct values, so that order is decided late.

A world's services are variations of a few kinds. What `projection` guarantees is kept: a confidential service has no
polygon and no figures. It may have positions here all the same, for nothing may come of them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.directory.capacity_map import build_capacity
from app.directory.freshness import Figure
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
    AREA_CODES,
    AREAS,
    BIRMINGHAM,
    DISTRICTS,
    ENGLAND,
    GWENT_POLICE,
    LICHFIELD,
    LOCATIONS,
    NEWPORT,
    POLYGONS,
    POSTCODES,
    SANDWELL,
    SECTORS,
    STAFFORDSHIRE_POLICE,
    STANDPOINTS,
    TAMWORTH,
    WALES,
    WALSALL,
    WEST_MIDLANDS,
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
}
REFERRERS = {"police": "Police", "self": "The person themselves", "health": "Health services"}
STAGES = {"any": "Any stage", "pre_nrm": "Before the NRM", "in_nrm": "In the NRM"}

TEXTS = SharedTexts(
    vocabulary=tuple(
        CodeList(
            code=code,
            name=code,
            description=code,
            uri=None,
            terms=tuple(
                Term(code=term, name=name, description=name, parent=None) for term, name in names.items()
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


HOURS: tuple[tuple[ScheduleRow, ...], ...] = (
    (),
    (weekly("00:00", "24:00"),),
    (weekly("09:00", "17:00", WORKING_DAYS, bank_holidays="closed"),),
    (weekly("09:00", "17:00", WORKING_DAYS, bank_holidays="unknown"),),
    (weekly("20:00", "06:00"),),
    (weekly("20:00", "06:00", bank_holidays="closed"),),
    (weekly("20:00", "06:00", ("FR", "SA"), bank_holidays="unknown"),),
    (weekly("01:15", "01:45"), weekly("12:00", "14:00", ("MO", "WE"), bank_holidays="closed")),
    (weekly("00:30", "02:30", ("SU",)),),
    (
        weekly("09:00", "17:00", bank_holidays="closed"),
        on_dates("closed", None, None, first=date(2026, 3, 28), last=date(2026, 4, 2)),
        on_dates("extra", "10:00", "02:00", first=date(2026, 10, 24), last=date(2026, 10, 25)),
    ),
    (weekly("08:00", "20:00", first=date(2026, 4, 1), last=date(2026, 10, 24)),),
    (weekly("00:00", "24:00", last=date(2028, 6, 30)),),
)

MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-07-15T11:30:00+00:00",  # a Wednesday noon in London
        "2026-07-15T16:00:00+00:00",  # the minute offices close
        "2026-07-15T15:59:59.999999+00:00",
        "2026-07-17T22:30:00+00:00",  # a Friday night
        "2026-07-19T02:00:00+00:00",
        "2026-03-29T00:59:59.999999+00:00",  # the clock goes forward
        "2026-03-29T01:00:00+00:00",
        "2026-03-28T20:30:00+00:00",
        "2026-10-25T00:20:00+00:00",  # 01:20 for the first time, and again
        "2026-10-25T01:20:00+00:00",
        "2026-10-25T01:59:59.999999+00:00",
        "2026-12-25T12:00:00+00:00",
        "2026-12-26T03:00:00+00:00",  # Boxing Day, a Saturday
        "2026-12-28T10:00:00+00:00",  # its substitute
        "2026-05-04T10:00:00+00:00",
        "2026-05-03T23:30:00+00:00",
    )
)  # fmt: skip
FAR_MOMENTS = (datetime(2028, 6, 28, 12, tzinfo=UTC), datetime(2031, 6, 11, 12, tzinfo=UTC))
"""Years ahead, where what is said now has run out."""

COVERAGES = (
    {"everywhere": True},
    {"areas": (ENGLAND,)},
    {"areas": (WALES, GWENT_POLICE)},
    {"areas": (WEST_MIDLANDS,)},
    {"areas": (WEST_MIDLANDS_POLICE,)},
    {"areas": (WEST_MIDLANDS_POLICE, STAFFORDSHIRE_POLICE)},
    {"areas": (STAFFORDSHIRE_POLICE,)},
    {"areas": (BIRMINGHAM,)},
    {"areas": (SANDWELL, WALSALL)},
    {"areas": (TAMWORTH, WEST_MIDLANDS_POLICE)},
    {"areas": (NEWPORT, LICHFIELD)},
    {"areas": ()},
)

WORDS = ("Haven", "Bridge", "Straßenhilfe")
DESCRIPTIONS = ("A place to talk.", "Talk, rest and safe passage.", "")
TEXT_QUERIES = (
    "talk",
    "haven TALK",
    "safe house",
    "worker",
    "example two",
    "bridge rest",
    "a",
    "nothing here",
)

Facets = dict[str, Any]
"""Values of a service by field, from which `build_service` makes it."""

PLAIN: Facets = {
    "name": "Haven",
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
        status="active",
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
        phones=(
            PublicPhone(number="0121 496 0100", e164="+441214960100", phone_type="voice", description=None),
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
        hours=tuple(says["hours"]),
        route_hours=tuple(() for _ in says["routes"]),
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
        channel="phone" if route.via is None else "via_service",
        contact="0121 496 0100" if route.via is None else None,
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
        if facets.get("figures") and not facets.get("confidential")
    }
    return World(services, figures, AREAS, POSTCODES, NEEDS)


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


# Strategies


def some_of(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


def placed() -> st.SearchStrategy[Facets]:
    """Where people are met and what is covered; mostly by code, sometimes by district or polygon as well."""
    by_code = st.sampled_from(COVERAGES)
    districts = st.one_of(st.just(()), some_of(*DISTRICTS))
    polygons = st.one_of(st.just(()), some_of(*POLYGONS))
    positions = st.one_of(
        st.just(()), st.lists(st.sampled_from(LOCATIONS), min_size=1, max_size=3).map(tuple)
    )
    return st.builds(
        lambda coverage, districts, polygons, positions, reach, confidential: {
            **coverage,
            "districts": districts,
            "polygons": polygons,
            "positions": positions,
            "reach": reach,
            "confidential": confidential,
        },
        by_code,
        districts,
        polygons,
        positions,
        st.sampled_from(("site", "site", "outreach_area", "remote", "national")),
        st.sampled_from((False, False, False, True)),
    )


def accepting() -> st.SearchStrategy[Facets]:
    """Whom the service is for."""
    ages = st.sampled_from(((None, None), (18, None), (None, 17), (16, 25), (18, 120), (0, None), (25, 59)))
    answers = st.sampled_from(("yes", "no", "ask"))
    return st.builds(
        lambda sex, trans, ages, children, kinds, languages, interpreter, needs, role: {
            "sex_accepted": sex,
            "trans_inclusive": trans,
            "minimum_age": ages[0],
            "maximum_age": ages[1],
            "with_children": children,
            "exploitation": kinds,
            "languages": languages,
            "interpreter": interpreter,
            "needs": needs,
            "child_card_role": role,
        },
        st.sampled_from(("women", "men", "any", None)),
        answers,
        ages,
        answers,
        some_of(*EXPLOITATION),
        some_of(*LANGUAGE_NAMES),
        answers,
        st.lists(st.sampled_from(tuple(NEEDS)), min_size=1, max_size=3, unique=True).map(tuple),
        st.sampled_from((None, None, "childrens_services", "guardianship")),
    )


def referring() -> st.SearchStrategy[Facets]:
    """Routes; one may lead through a service that is there, or through one that is not."""
    routes = st.builds(
        Route, some_of(*REFERRERS), some_of(*STAGES), via=st.sampled_from((None, None, None, 0, 77))
    )
    return st.lists(routes, max_size=2).map(lambda found: {"routes": tuple(found)})


def spoken_of() -> st.SearchStrategy[Facets]:
    return st.builds(
        lambda name, description, organization, hours: {
            "name": name,
            "description": description,
            "organization": organization,
            "hours": hours,
        },
        st.sampled_from(WORDS),
        st.sampled_from(DESCRIPTIONS),
        st.integers(1, 3),
        st.sampled_from(HOURS),
    )


def reported(now: datetime) -> st.SearchStrategy[Facets]:
    """Figures of one or more units and groups that expire around now, to the microsecond."""
    lives = (
        timedelta(days=3),
        MICROSECOND,
        timedelta(0),
        -MICROSECOND,
        timedelta(hours=-5),
        timedelta(seconds=1),
    )
    figures = st.builds(
        lambda unit, group, status, life: Figure(
            unit,
            group,
            status=status,
            confirmed_at=now - timedelta(days=4),
            valid_until=now + life,
            ageing_at=now - timedelta(days=1),
        ),
        st.sampled_from(("bed_space", "caseworker_place")),
        st.sampled_from(("anyone", "women", "men", "families", "children")),
        st.sampled_from(
            ("accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown")
        ),
        st.sampled_from(lives),
    )
    several = st.lists(figures, max_size=3, unique_by=lambda one: (one.unit, one.applies_to))
    return several.map(lambda found: {"figures": tuple(found)})


def kinds_of_service(now: datetime) -> st.SearchStrategy[Facets]:
    """Everything that a service says, at once."""
    return st.builds(lambda *parts: _merged(parts), *_facets(now))


def _facets(now: datetime) -> tuple[st.SearchStrategy[Facets], ...]:
    return placed(), accepting(), referring(), spoken_of(), reported(now)


@st.composite
def worlds(draw: st.DrawFn, now: datetime) -> dict[int, Facets]:
    """Up to 25 services: each of one of a few kinds, most of them with one thing changed."""
    kinds = draw(st.lists(kinds_of_service(now), min_size=1, max_size=4), label="kinds")
    changed = st.one_of(st.just({}), *_facets(now))
    count = draw(st.integers(0, 25))
    chosen: dict[int, Facets] = {}
    for number in draw(st.permutations(range(count))):
        chosen[number] = draw(st.sampled_from(kinds)) | draw(changed)
    return chosen


def _merged(parts: tuple[Facets, ...]) -> Facets:
    merged: Facets = {}
    for part in parts:
        merged |= part
    return merged


def origins() -> st.SearchStrategy[Facets]:
    units = st.sampled_from(tuple(row.text for row in POSTCODES))
    postcodes = st.one_of(st.just("B1 1AA"), units, st.sampled_from(SECTORS), st.sampled_from(DISTRICTS))
    return st.one_of(
        postcodes.map(lambda text: {"postcode": text}),
        postcodes.map(lambda text: {"postcode": text}),
        st.sampled_from(STANDPOINTS).map(lambda pair: {"lat": pair[0], "lon": pair[1]}),
        st.sampled_from(AREA_CODES).map(lambda code: {"area": code}),
        st.just({}),
    )


DISTANCES_KM = (5.0, 4.9999, 5.0005, 5.001, 0.001, 0.0004, 2.0, 25.0, 200.0)

ASKED: dict[str, st.SearchStrategy[Any]] = {
    "need": st.sampled_from(tuple(NEEDS)),
    "exploitation": st.sampled_from(tuple(EXPLOITATION)),
    "sex": st.sampled_from(("women", "men", "other", "unknown")),
    "age": st.sampled_from((0, 16, 17, 18, 24, 40, 120)),
    "age_group": st.sampled_from(("adult", "child", "unsure")),
    "with_children": st.booleans(),
    "language": st.sampled_from(("sqi", "vie", "pol")),
    "referrer": st.sampled_from(tuple(REFERRERS)),
    "stage": st.sampled_from(tuple(STAGES)),
    "reach": st.sampled_from(("site", "outreach_area", "remote", "national")),
    "has_capacity": st.booleans(),
    "open_at": st.sampled_from(MOMENTS + FAR_MOMENTS),
    "within_km": st.sampled_from(DISTANCES_KM),
    "avoid_area": st.sampled_from(AREA_CODES),
    "text": st.sampled_from(TEXT_QUERIES),
    "limit": st.sampled_from((1, 2, 5, 50)),
}
"""Every field of a question but its origin. All of them are here: a test compares with SearchQuery."""


@st.composite
def queries(draw: st.DrawFn) -> SearchQuery:
    """An origin and a few other fields: with many at once hardly a service is left."""
    asked = draw(origins())
    for name in sorted(draw(st.sets(st.sampled_from(tuple(ASKED)), max_size=5))):
        asked[name] = draw(ASKED[name])
    if "postcode" not in asked and "lat" not in asked:
        asked.pop("within_km", None)
    return SearchQuery.model_validate({"limit": 50} | asked)


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


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    now = draw(st.sampled_from(MOMENTS))
    return Scene(draw(worlds(now)), tuple(draw(st.lists(queries(), min_size=1, max_size=3))), now)
