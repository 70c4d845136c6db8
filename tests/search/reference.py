"""The rules of docs/search.md once more, service by service, with loops and without any index.

Written from that page; shares no code with `app/search` or with the indexes of `app/directory`. It is slow and plain on
purpose: where the two differ, one of them does not do what the page says.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from convertbng.cutil import convert_osgb36_to_ll, convert_to_osgb36

from app.directory.freshness import Figure
from app.directory.records import ProjectedService, PublicRoute
from app.directory.schedules import ScheduleRow
from app.geo.areas import Area
from app.search.query import SearchQuery
from tests.search.reference_hours import is_open

YES, ASK, NO = "yes", "ask", "no"
COVERS, MAY_COVER, ELSEWHERE = 0, 1, 2
NOT_FOR_CHILDREN = ("emergency_accommodation", "safe_house", "move_on_housing")
STATUSES_BEST_FIRST = (
    "accepting", "limited", "assess_first", "unknown", "waiting_list", "full", "closed_temporarily",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownPostcode:
    """A row of the postcode directory: `B1 1AA`, metres on the grid, GSS code of its authority."""

    text: str
    easting: int
    northing: int
    authority: str
    terminated: bool = False

    @property
    def outward(self) -> str:
        return self.text.split(" ")[0]


@dataclass(frozen=True, slots=True)
class World:
    """Everything an answer depends on but the question and the moment.

    `names_of_needs` are the needs of the vocabulary; `figures` have no confidential services. `kind_of` gives, of forms of
    exploitation, the wider one that each is a kind of.
    """

    services: tuple[ProjectedService, ...]
    figures: Mapping[UUID, tuple[Figure, ...]]
    areas: tuple[Area, ...]
    postcodes: tuple[KnownPostcode, ...]
    names_of_needs: Mapping[str, str]
    kind_of: Mapping[str, str]

    def __repr__(self) -> str:
        return f"<World of {len(self.services)} services>"


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a search. `kind` is unit, sector, district, position or area."""

    kind: str
    authorities: frozenset[str]
    position: tuple[float, float] | None
    outward: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    query: SearchQuery
    world: World
    where: Where | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A result, as far as the page says what it is."""

    id: UUID
    coverage: int
    distance_km: float | None
    capacity: str
    open_now: bool | None
    route: UUID | None
    route_open: bool | None
    """None also without hours, or without a route."""


@dataclass(frozen=True, slots=True)
class Expected:
    """`near_misses` are (id, the criterion that failed); `child_card` is None where it is not shown."""

    results: tuple[Shown, ...]
    total: int
    near_misses: tuple[tuple[UUID, str], ...]
    child_card: tuple[UUID, ...] | None


def expected_answer(query: SearchQuery, world: World, now: datetime) -> Expected:
    """The answer by docs/search.md, from section 2 to section 6."""
    asked = Asked(query, world, find_where(query, world), now)
    results, near_misses = judged_and_ordered(asked)
    return Expected(
        tuple(shown(service, asked) for service in results[: query.limit]),
        len(results),
        tuple(near_misses[:3]),
        child_card(asked),
    )


def judged_and_ordered(asked: Asked) -> tuple[list[ProjectedService], list[tuple[UUID, str]]]:
    """All results, and all near misses as (id, the criterion that failed), each in the order of section 5."""
    passing: list[tuple[tuple[Any, ...], ProjectedService]] = []
    missing: list[tuple[tuple[Any, ...], UUID, str]] = []
    for service in asked.world.services:
        if is_dropped_at_once(service, asked):
            continue
        criteria = judged(service, asked)
        failed = [name for name, verdict in criteria.items() if verdict == NO]
        order = place_in_order(service, asked, criteria)
        if not failed:
            passing.append((order, service))
        elif len(failed) == 1:
            missing.append((order, service.record.id, failed[0]))
    passing.sort(key=lambda one: one[0])
    missing.sort(key=lambda one: one[0])
    return [service for _, service in passing], [(id_, criterion) for _, id_, criterion in missing]


# 1. Where

Ring = tuple[tuple[float, float], ...]


def find_where(query: SearchQuery, world: World) -> Where | None:
    if query.postcode is not None:
        return where_of_postcode(query.postcode, world)
    if query.lat is not None and query.lon is not None:
        return where_of_position(query.lat, query.lon, world)
    if query.area is not None:
        return Where("area", authorities_inside(query.area, world), None, None)
    return None


def where_of_postcode(text: str, world: World) -> Where:
    """Of a unit, its own row. Of a sector or district, the mean and the authorities of the rows not terminated, or of
    all rows where all are.
    """
    text = text.upper()
    for row in world.postcodes:
        if row.text == text:
            return Where("unit", frozenset({row.authority}), (row.easting, row.northing), row.outward)
    outward = text.split(" ")[0]
    kind = "sector" if " " in text else "district"
    rows = [
        row
        for row in world.postcodes
        if (row.text.startswith(text) if kind == "sector" else row.outward == outward)
    ]
    current = [row for row in rows if not row.terminated] or rows
    easting = sum(row.easting for row in current) / len(current)
    northing = sum(row.northing for row in current) / len(current)
    return Where(kind, frozenset(row.authority for row in current), (easting, northing), outward)


def where_of_position(lat: float, lon: float, world: World) -> Where:
    here = grid_of(round(lon, 3), round(lat, 3))
    nearest = min(world.postcodes, key=lambda row: math.dist(here, (row.easting, row.northing)))
    if math.dist(here, (nearest.easting, nearest.northing)) > 2000:
        raise ValueError("a position without a postcode within 2 km")
    return Where("position", frozenset({nearest.authority}), here, nearest.outward)


def lies_in(authority: str, world: World) -> set[str]:
    """An authority's own code, and those of the force, region and country that it lies in."""
    found = {authority}
    for area in world.areas:
        if area.code == authority:
            found |= {code for code in (area.police_force, area.region, area.country) if code is not None}
    return found


def authorities_inside(code: str, world: World) -> frozenset[str]:
    return frozenset(
        area.code
        for area in world.areas
        if area.area_type == "local_authority" and code in lies_in(area.code, world)
    )


def coverage_of(service: ProjectedService, asked: Asked) -> int:
    """COVERS, MAY_COVER or ELSEWHERE: the best that areas, districts and polygons say."""
    if asked.where is None:
        return COVERS
    return min(
        covered_by_code(service, asked.world, asked.where),
        covered_by_district(service, asked.world, asked.where),
        covered_by_polygon(service, asked.world, asked.where),
    )


def covered_by_code(service: ProjectedService, world: World, where: Where) -> int:
    coverage = service.record.coverage
    if coverage.everywhere:
        return COVERS
    listed = {area.code for area in coverage.areas}
    covered = [bool(listed & lies_in(authority, world)) for authority in where.authorities]
    if all(covered):
        return COVERS
    return MAY_COVER if any(covered) else ELSEWHERE


def covered_by_district(service: ProjectedService, world: World, where: Where) -> int:
    for district in service.record.coverage.postcode_districts:
        if where.kind != "area":
            if where.outward == district:
                return COVERS
            continue
        rows = [row for row in world.postcodes if row.outward == district]
        current = [row for row in rows if not row.terminated] or rows
        if any(row.authority in where.authorities for row in current):
            return MAY_COVER
    return ELSEWHERE


def covered_by_polygon(service: ProjectedService, world: World, where: Where) -> int:
    polygons = rings_of(service.polygons)
    if where.kind in ("unit", "position"):
        if where.position is None:
            return ELSEWHERE
        here = degrees_of(*where.position)
        return COVERS if any(holds(polygon, here) for polygon in polygons) else ELSEWHERE
    touched = {row.authority for row in postcodes_of(polygons, world)}
    return MAY_COVER if touched & where.authorities else ELSEWHERE


def postcodes_of(polygons: Sequence[tuple[Ring, ...]], world: World) -> list[KnownPostcode]:
    """The postcodes inside; where there are none, the nearest one within 2 km of the middle."""
    if not polygons:
        return []
    inside = [
        row
        for row in world.postcodes
        if any(holds(polygon, degrees_of(row.easting, row.northing)) for polygon in polygons)
    ]
    if inside:
        return inside
    corners = [grid_of(*corner) for corner in polygons[0][0][:-1]]
    middle = (
        sum(east for east, _ in corners) / len(corners),
        sum(north for _, north in corners) / len(corners),
    )
    near = [row for row in world.postcodes if math.dist(middle, (row.easting, row.northing)) <= 2000]
    return sorted(near, key=lambda row: math.dist(middle, (row.easting, row.northing)))[:1]


@lru_cache(maxsize=256)
def rings_of(texts: tuple[str, ...]) -> tuple[tuple[Ring, ...], ...]:
    """Each polygon as its outer ring and then its holes, in (longitude, latitude)."""
    return tuple(
        tuple(tuple((point[0], point[1]) for point in ring) for ring in json.loads(text)["coordinates"])
        for text in texts
    )


def holds(polygon: tuple[Ring, ...], point: tuple[float, float]) -> bool:
    """Whether a ray to the east crosses the edges an odd number of times; a hole's edges count like the outer ones."""
    lon, lat = point
    crossings = 0
    for ring in polygon:
        for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
            if (lat_a > lat) != (lat_b > lat):
                crossing_at = lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
                crossings += crossing_at > lon
    return crossings % 2 == 1


@lru_cache(maxsize=1024)
def degrees_of(easting: float, northing: float) -> tuple[float, float]:
    lons, lats = convert_osgb36_to_ll(easting, northing)
    return float(lons[0]), float(lats[0])


def grid_of(lon: float, lat: float) -> tuple[float, float]:
    eastings, northings = convert_to_osgb36(lon, lat)
    return float(eastings[0]), float(northings[0])


# 2. The question


def is_child(query: SearchQuery) -> bool:
    if query.age_group is None and query.stage == "child_route":
        return True
    return query.age_group in ("child", "unsure") or (query.age is not None and query.age < 18)


def is_dropped_at_once(service: ProjectedService, asked: Asked) -> bool:
    record = service.record
    if record.status != "active" or coverage_of(service, asked) == ELSEWHERE:
        return True
    if asked.query.need is not None and asked.query.need not in record.needs:
        return True
    if asked.query.reach is not None and asked.query.reach != record.reach:
        return True
    if asked.query.text is not None:
        texts = [record.name, record.organization.name, record.description]
        texts += [asked.world.names_of_needs[need] for need in record.needs]
        for word in asked.query.text.lower().split():
            if not any(word in text.lower() for text in texts):
                return True
    return is_child(asked.query) and any(need in record.needs for need in NOT_FOR_CHILDREN)


# 3. The criteria


def judged(service: ProjectedService, asked: Asked) -> dict[str, str]:
    """Yes, ask or no for each criterion that was asked about."""
    verdicts: dict[str, str] = {}
    if asked.query.exploitation is not None:
        verdicts["exploitation"] = judged_exploitation(service, asked.query.exploitation, asked.world)
    if asked.query.sex is not None:
        verdicts["sex"] = judged_sex(service, asked.query.sex)
    if asked.query.age is not None or asked.query.age_group is not None or is_child(asked.query):
        verdicts["age"] = judged_age(service, asked.query)
    else:
        verdicts["for_children"] = judged_for_children(service)
    if asked.query.with_children:
        verdicts["with_children"] = service.record.eligibility.with_children
    if asked.query.language is not None and asked.query.language != "eng":
        spoken = [language.code for language in service.record.languages]
        verdicts["language"] = YES if asked.query.language in spoken else service.record.interpreter
    if asked.query.referrer is not None:
        verdict = judged_referrer(service, asked, asked.query.referrer)
        verdicts["referrer"] = judged_of_whoever_refers(service, asked, verdict)
    if asked.query.stage is not None:
        verdict = judged_stage(service, asked, asked.query.stage)
        verdicts["stage"] = judged_of_whoever_refers(service, asked, verdict)
    if asked.query.has_capacity:
        is_out = status_of(service, asked) in ("waiting_list", "full", "closed_temporarily")
        verdicts["has_capacity"] = NO if is_out else YES
    if asked.query.open_at is not None:
        verdicts["open_at"] = (YES, ASK, NO)[who_answers(service, asked)]
    if asked.query.within_km is not None:
        verdicts["within_km"] = judged_within(service, asked)
    if asked.query.avoid_area is not None:
        verdicts["avoid_area"] = judged_avoid_area(service, asked.query.avoid_area, asked.world)
    return verdicts


def judged_for_children(service: ProjectedService) -> str:
    """Of somebody whose age is not known: they may be too old for what is for children alone."""
    oldest = service.record.eligibility.maximum_age
    return ASK if oldest is not None and oldest < 18 else YES


def judged_of_whoever_refers(service: ProjectedService, asked: Asked, verdict: str) -> str:
    """Whom to ring first for a child turns nobody away for who rings or when."""
    called_first = service.record.child_card_role is not None and is_child(asked.query)
    return ASK if called_first and verdict == NO else verdict


def judged_exploitation(service: ProjectedService, asked: str, world: World) -> str:
    listed = service.record.exploitation
    if asked == "unknown_or_mixed" or any(is_kind_of(asked, one, world) for one in listed):
        return YES
    if not listed or "unknown_or_mixed" in listed or any(is_kind_of(one, asked, world) for one in listed):
        return ASK
    return NO


def is_kind_of(kind: str, wider: str, world: World) -> bool:
    """Whether it is that, or a kind of it, or a kind of a kind."""
    return kind == wider or (kind in world.kind_of and is_kind_of(world.kind_of[kind], wider, world))


def judged_sex(service: ProjectedService, sex: str) -> str:
    accepted = service.record.eligibility.sex_accepted
    if accepted == "any":
        return YES
    if sex in ("women", "men"):
        if accepted is None:
            return ASK
        return YES if accepted == sex else NO
    if sex == "other" and accepted is not None and service.record.eligibility.trans_inclusive == "no":
        return NO
    return ASK


def judged_age(service: ProjectedService, query: SearchQuery) -> str:
    eligibility = service.record.eligibility
    if eligibility.minimum_age is None and eligibility.maximum_age is None:
        return ASK
    youngest = 0 if eligibility.minimum_age is None else eligibility.minimum_age
    oldest = 120 if eligibility.maximum_age is None else eligibility.maximum_age
    accepted = [youngest <= age <= oldest for age in ages_of_the_person(query)]
    if all(accepted):
        return YES
    return ASK if any(accepted) else NO


def ages_of_the_person(query: SearchQuery) -> list[int]:
    may_be_younger = is_child(query) and query.age is not None and query.age >= 18
    if query.age is not None and not may_be_younger:
        return [query.age]
    if is_child(query):
        return list(range(18))
    return list(range(18, 121))


def public_routes(service: ProjectedService, world: World) -> list[PublicRoute]:
    """A route through a service that is not in the directory, or does not run, is not public: nobody could follow it."""
    known = {one.record.id for one in world.services if one.record.status == "active"}
    return [
        route
        for route in service.record.referral_routes
        if route.via_service_id is None or route.via_service_id in known
    ]


def is_for_the_person(route: PublicRoute, query: SearchQuery) -> bool:
    if is_child(query):
        return route.age_group != "adult"
    if query.age is not None or query.age_group == "adult":
        return route.age_group != "child"
    return True


def judged_referrer(service: ProjectedService, asked: Asked, referrer: str) -> str:
    routes = public_routes(service, asked.world)
    if not routes:
        return ASK
    verdict = NO
    for route in routes:
        if is_for_the_person(route, asked.query):
            if referrer in route.referrers:
                return YES
            if not route.referrers:
                verdict = ASK
    return verdict


def judged_stage(service: ProjectedService, asked: Asked, stage: str) -> str:
    routes = public_routes(service, asked.world)
    for_the_person = [route for route in routes if is_for_the_person(route, asked.query)]
    usable = for_the_person
    if asked.query.referrer is not None:
        usable = [route for route in usable if asked.query.referrer in route.referrers or not route.referrers]
    for routes_in_turn in (usable, for_the_person, routes):
        if routes_in_turn:
            naming = [
                one for one in routes_in_turn if one in usable and asked.query.referrer in one.referrers
            ]
            if stage == "any" or any(lists_stage(one, asked.query) for one in naming or routes_in_turn):
                return YES
            in_doubt = any(lists_stage(one, asked.query) or not one.stages for one in routes_in_turn)
            return ASK if in_doubt else NO
    return ASK


def lists_stage(route: PublicRoute, query: SearchQuery) -> bool:
    """Whether the route is for the stage that was asked about, or for every one; a child's route is for a child at any."""
    if is_child(query) and "child_route" in route.stages:
        return True
    return query.stage in route.stages or "any" in route.stages


def judged_within(service: ProjectedService, asked: Asked) -> str:
    if asked.query.within_km is None or service.record.reach != "site":
        return YES
    metres = whole_metres(service, asked)
    return NO if metres is not None and metres > asked.query.within_km * 1000 else YES


def judged_avoid_area(service: ProjectedService, avoided: str, world: World) -> str:
    is_site = service.record.reach == "site"
    if service.record.confidential:
        return YES
    if not service.positions:
        is_to_stay = any(need in NOT_FOR_CHILDREN for need in service.record.needs)
        return ASK if is_site or is_to_stay else YES
    inside = authorities_inside(avoided, world)
    authorities = [position.authority_code for position in service.positions]
    if any(authority is not None and authority not in inside for authority in authorities):
        return YES
    return NO if is_site and None not in authorities else ASK


def whole_metres(service: ProjectedService, asked: Asked) -> int | None:
    """To the nearest usable location; None without one or without a position of the place."""
    if asked.where is None or asked.where.position is None or service.record.confidential:
        return None
    usable = service.positions
    if asked.query.avoid_area is not None:
        avoided = authorities_inside(asked.query.avoid_area, asked.world)
        usable = tuple(
            one for one in usable if one.authority_code is not None and one.authority_code not in avoided
        )
    metres = [round(math.dist(asked.where.position, (one.easting, one.northing))) for one in usable]
    return min(metres, default=None)


# 4. Capacity


def status_of(service: ProjectedService, asked: Asked) -> str:
    if service.record.confidential:
        return "assess_first"
    moment = asked.now
    if asked.query.open_at is not None and asked.query.open_at > moment:
        moment = asked.query.open_at
    own, groups = groups_of(asked.query)
    told = [
        figure
        for figure in asked.world.figures.get(service.record.id, ())
        if not is_ended(figure, asked.world.figures[service.record.id], moment)
    ]
    applying = []
    for figure in told:
        has_own = any(one.applies_to == own for one in told if one.unit == figure.unit)
        if figure.applies_to == own or (figure.applies_to in groups and not has_own):
            applying.append(figure)
    beds = [one for one in applying if one.unit in ("bed_space", "household_unit")]
    others = [one for one in applying if one not in beds]
    if asked.query.need is None or asked.query.need in NOT_FOR_CHILDREN:
        counting = beds or others
    else:
        counting = others or beds
    statuses = [figure.status if moment < figure.valid_until else "unknown" for figure in counting]
    return min(statuses, key=STATUSES_BEST_FIRST.index, default="unknown")


def is_ended(figure: Figure, told: Sequence[Figure], moment: datetime) -> bool:
    """Whether "no place for anyone" was said of the unit later, or holds where this figure says nothing any more."""
    if figure.applies_to == "anyone":
        return False
    for other in told:
        if other.unit == figure.unit and other.applies_to == "anyone":
            if other.status not in ("waiting_list", "full", "closed_temporarily"):
                continue
            says_nothing = figure.status == "unknown" or moment >= figure.valid_until
            if other.seen_at > figure.seen_at or (says_nothing and moment < other.valid_until):
                return True
    return False


def groups_of(query: SearchQuery) -> tuple[str | None, tuple[str, ...]]:
    """The person's own group, if one is known, and all whose figures apply where there is none of it."""
    if is_child(query):
        return "children", ("anyone",)
    if query.with_children:
        return "families", ("anyone",)
    if query.sex in ("women", "men"):
        return query.sex, ("anyone",)
    if query.sex == "other":
        return None, ("anyone",)
    if query.age is not None or query.age_group == "adult":
        return None, ("anyone", "women", "men")
    return None, ("anyone", "women", "men", "families", "children")


# 5. Order


def place_in_order(service: ProjectedService, asked: Asked, criteria: Mapping[str, str]) -> tuple[Any, ...]:
    """The nine steps, in order."""
    card = {"childrens_services": 0, "guardianship": 1, None: 2}[service.record.child_card_role]
    about_the_person = (
        "exploitation", "sex", "age", "for_children", "with_children", "language", "avoid_area",
    )  # fmt: skip
    about_the_referrer = ("referrer", "stage")
    metres = whole_metres(service, asked) if service.record.reach == "site" else None
    return (
        card if is_child(asked.query) else 0,
        not can_be_reached(service, asked),
        coverage_of(service, asked),
        any(criteria.get(name, YES) != YES for name in about_the_person),
        any(criteria.get(name, YES) != YES for name in about_the_referrer),
        who_answers(service, asked),
        {
            "accepting": 0,
            "limited": 1,
            "assess_first": 2,
            "unknown": 2,
            "waiting_list": 3,
            "full": 4,
            "closed_temporarily": 4,
        }[status_of(service, asked)],
        metres or 0,
        service.record.id,
    )


def can_be_reached(service: ProjectedService, asked: Asked) -> bool:
    """Whether there is a number of its own, or a way in for whoever refers that there is something to do about."""
    return bool(service.record.phones) or any(
        is_usable(route, service, asked.world) for route in usable_routes(service, asked)
    )


def who_answers(service: ProjectedService, asked: Asked) -> int:
    """0 somebody, 1 nobody knows, 2 nobody: the best of the hours that count."""
    ways_in = [one for one in usable_routes(service, asked) if shown_contact(one, asked.world) is not None]
    with_hours = [one for one in ways_in if route_hours(one, service, asked.world)]
    moment = asked.query.open_at or asked.now
    states = [is_open(route_hours(one, service, asked.world), moment) for one in with_hours]
    if service.record.phones or not with_hours or len(with_hours) < len(ways_in):
        states.append(is_open(service.hours, moment))
    return 0 if True in states else 1 if None in states else 2


def shown_contact(route: PublicRoute, world: World) -> str | None:
    """What a route says to use, or the first number that is rung of the service that it leads through."""
    if route.via_service_id is None:
        return route.contact
    (through,) = (one for one in world.services if one.record.id == route.via_service_id)
    return next((phone.number for phone in through.record.phones if phone.phone_type == "voice"), None)


# 6. What is shown


def shown(service: ProjectedService, asked: Asked) -> Shown:
    metres = whole_metres(service, asked)
    route = chosen_route(service, asked)
    return Shown(
        service.record.id,
        coverage_of(service, asked),
        distance_km=None if metres is None else round(metres / 1000, 1),
        capacity=status_of(service, asked),
        open_now=is_open(service.hours, asked.query.open_at or asked.now),
        route=None if route is None else route.id,
        route_open=None if route is None else route_is_open(route, service, asked),
    )


def usable_routes(service: ProjectedService, asked: Asked) -> list[PublicRoute]:
    query = asked.query
    routes = [one for one in public_routes(service, asked.world) if is_for_the_person(one, query)]
    if query.referrer is None:
        return routes
    naming = [one for one in routes if query.referrer in one.referrers]
    return naming or [one for one in routes if not one.referrers]


def chosen_route(service: ProjectedService, asked: Asked) -> PublicRoute | None:
    query, routes = asked.query, usable_routes(service, asked)
    age_is_known = is_child(query) or query.age is not None or query.age_group == "adult"

    def order(numbered: tuple[int, PublicRoute]) -> tuple[Any, ...]:
        number, route = numbered
        of_stage = 2
        if query.stage in (None, "any") or lists_stage(route, query):
            of_stage = 0
        elif not route.stages:
            of_stage = 1
        return (
            of_stage,
            not age_is_known and route.age_group is not None,
            not is_usable(route, service, asked.world),
            {True: 0, None: 1, False: 2}[route_is_open(route, service, asked)],
            number,
        )

    found = sorted(enumerate(routes), key=order)
    return found[0][1] if found else None


def is_usable(route: PublicRoute, service: ProjectedService, world: World) -> bool:
    """Whether there is something to ring, write to or fill in, or a known place to go to."""
    with_number = {one.record.id for one in world.services if one.record.phones}
    return (
        route.contact is not None
        or route.via_service_id in with_number
        or (route.channel == "walk_in" and bool(service.record.locations))
    )


def route_is_open(route: PublicRoute, service: ProjectedService, asked: Asked) -> bool | None:
    return is_open(route_hours(route, service, asked.world), asked.query.open_at or asked.now)


def route_hours(route: PublicRoute, service: ProjectedService, world: World) -> tuple[ScheduleRow, ...]:
    """Its own, or those of the service that it leads through; empty where neither are known."""
    own = dict(zip([one.id for one in service.record.referral_routes], service.route_hours, strict=True))
    if own[route.id] or route.via_service_id is None:
        return own[route.id]
    (through,) = (one for one in world.services if one.record.id == route.via_service_id)
    return through.hours


def child_card(asked: Asked) -> tuple[UUID, ...] | None:
    """What a child's search for `child_young_person` finds at the place and has its place on the card: at most twenty,
    in that order.

    Without a place the card is its message alone: whose children's services it is depends on where the child is.
    """
    query = asked.query
    if not is_child(query) and (query.age is not None or query.age_group == "adult"):
        return None
    if asked.where is None:
        return ()
    for_a_child = SearchQuery(
        postcode=query.postcode,
        lat=query.lat,
        lon=query.lon,
        area=query.area,
        need="child_young_person",
        age_group="child",
    )
    found, _ = judged_and_ordered(replace(asked, query=for_a_child))
    on_card = [service.record.id for service in found if service.record.child_card_role is not None]
    return tuple(on_card[:20])
