"""The search: `search(query, directory, now)`, and its answer as JSON.

A pure function of its three arguments: the same question to the same Directory at the same moment gives the same
bytes. Only the few services that are shown are turned into text, each from its pre-encoded summary.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json

from app.directory.columns import CHILD_NEED
from app.directory.freshness import RING_TO_ASK, CapacityView, Figure, best_figure, view_of
from app.directory.openings import Opening
from app.directory.routes import EntryRoute
from app.directory.snapshot import Directory, Entry
from app.directory.wording import listed
from app.geo.places import Place, place_of_area, place_of_point, place_of_postcode, public_place
from app.referral.choosing import choose_route
from app.search.candidates import find_candidates
from app.search.distances import shown_distance
from app.search.query import SearchQuery, check_codes
from app.search.ranking import rank
from app.search.reasons import Standing, places_words, reasons_for, why_not

CHILD_MESSAGE = (
    "Anyone under 18, or who may be: ring the council's children's services first, and the guardianship service. "
    "In danger now: 999."
)
CHILD_MESSAGE_JSON = to_json(CHILD_MESSAGE)
LONGEST_CHILD_CARD = 20
"""A place has one authority's children's services, or two at a border; a card that is longer is not read."""
CHILD_QUERY = SearchQuery(need=CHILD_NEED, age_group="child")


@dataclass(slots=True)
class Result:
    """One service of the answer, with why it stands there. `distance_m` is None where no distance may be shown."""

    entry: Entry
    reasons: list[str]
    distance_m: int | None
    capacity: CapacityView
    figure: Figure | None
    """Of which `capacity` is the view."""
    opening: Opening
    route: EntryRoute | None
    route_opening: Opening | None
    """Where the route has hours of its own, or those of the service that it leads through."""
    places: str | None
    """What is said of its places, among the reasons too."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A service that fails exactly one criterion, and which."""

    entry: Entry
    why_not: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search gives; `children` is the child card's services, or None when the person is an adult."""

    place: Place | None
    results: list[Result]
    near_misses: list[NearMiss]
    children: list[Entry] | None
    total: int
    directory: Directory


def find_place(query: SearchQuery, directory: Directory) -> Place | None:
    """Where the person is, or None without an origin. Raises the postcode problems, OutsideUk, OutsideArea, UnknownArea."""
    catalogue = directory.catalogue
    if query.postcode is not None:
        return place_of_postcode(
            query.postcode, catalogue.gazetteer, catalogue.areas, home_area=directory.home_area
        )
    if query.lat is not None and query.lon is not None:
        return place_of_point(
            query.lat, query.lon, catalogue.gazetteer, catalogue.areas, home_area=directory.home_area
        )
    if query.area is not None:
        return place_of_area(query.area, catalogue.areas, home_area=directory.home_area)
    return None


def search(query: SearchQuery, directory: Directory, now: datetime) -> Answer:
    """The ranked, explained answer at `now`. Raises ValidationFailed for unknown codes, and as `find_place`."""
    check_codes(query, directory)
    place = find_place(query, directory)
    found = find_candidates(query, place, directory, now)
    ranked = rank(found, directory.catalogue.columns, is_child=query.is_child, limit=query.limit)
    standing = Standing.of(query, place, found, directory=directory, now=now)
    entries = directory.catalogue.entries
    return Answer(
        place=place,
        results=[_result(entries[row], standing) for row in ranked.results],
        near_misses=[NearMiss(entries[row], why_not(entries[row], standing)) for row in ranked.near_misses],
        children=None if query.is_adult else child_card(place, directory, now),
        total=ranked.total,
        directory=directory,
    )


def child_card(place: Place | None, directory: Directory, now: datetime) -> list[Entry]:
    """Children's services that cover the place, then the guardianship service; both only where they are known."""
    if place is None:
        return []
    found = find_candidates(CHILD_QUERY, place, directory, now)
    best = rank(found, directory.catalogue.columns, is_child=True, limit=LONGEST_CHILD_CARD)
    entries = [directory.catalogue.entries[row] for row in best.results]
    return [entry for entry in entries if entry.record.child_card_role is not None]


def childrens_services_missing(answer: Answer) -> str | None:
    """Of the authorities of the place whose children's services the child card does not have, where to look for those; None where
    it has all, and without a card.
    """
    if answer.place is None or answer.children is None:
        return None
    areas = answer.directory.catalogue.areas
    called = [one for one in answer.children if one.record.child_card_role == "childrens_services"]
    # Districts and polygons have no codes to compare: of such a service nobody is told that it is not there.
    if any(not one.area_codes for one in called):
        return None
    missing = [
        authority.name
        for authority in answer.place.local_authorities
        if not any(authority.code in areas.authorities_in(code) for one in called for code in one.area_codes)
    ]
    if not missing:
        return None
    return (
        f"Not in this directory: children's services for {listed(missing)}. They are the county council's where there is one: "
        "look on the council's website, or ask the police there."
    )


def _result(entry: Entry, standing: Standing) -> Result:
    opening = standing.openings[entry.hours_pattern]
    figure = figure_of(
        entry, standing.directory, standing.capacity_at, standing.group, beds=standing.asks_for_beds
    )
    capacity = _view(entry, figure, standing.capacity_at)
    places = places_words(entry, capacity, reachable=standing.reaches(entry))
    route = choose_route(
        entry.routes,
        standing.openings,
        referrer=standing.referrer,
        stage=standing.stage,
        age_group=standing.age_group,
    )
    distance_m = shown_distance(entry, standing.here, standing.avoided)
    route_opening = None if route is None else route.opening(standing.openings)
    reasons = reasons_for(
        entry,
        standing,
        opening=opening,
        places=places,
        distance_m=distance_m,
        route_opening=route_opening,
    )
    return Result(entry, reasons, distance_m, capacity, figure, opening, route, route_opening, places)


def figure_of(
    entry: Entry, directory: Directory, now: datetime, group: str | None = None, *, beds: bool = True
) -> Figure | None:
    """What is shown to a person as in COUNTING_FOR, who needs a bed or something else; None of a confidential service."""
    return (
        None
        if entry.confidential
        else best_figure(directory.capacity.of_row[entry.row], now, group, beds=beds)
    )


def capacity_of(
    entry: Entry, directory: Directory, now: datetime, group: str | None = None, *, beds: bool = True
) -> CapacityView:
    """As `figure_of`, but how it is shown; the constant "ring to ask" for a confidential service."""
    return _view(entry, figure_of(entry, directory, now, group, beds=beds), now)


def _view(entry: Entry, figure: Figure | None, now: datetime) -> CapacityView:
    return RING_TO_ASK if entry.confidential else view_of(figure, now)


def answer_json(answer: Answer) -> bytes:
    """The body of an answer (docs/search.md, section 6), put together from pre-encoded parts."""
    directory = answer.directory
    place = b"null" if answer.place is None else to_json(public_place(answer.place))
    results = b",".join([_result_json(result) for result in answer.results])
    near = b",".join(
        [
            b'{"service":' + miss.entry.summary + b',"why_not":' + to_json(miss.why_not) + b"}"
            for miss in answer.near_misses
        ]
    )
    children = b"null"
    if answer.children is not None:
        services = b",".join([entry.summary for entry in answer.children])
        missing = childrens_services_missing(answer)
        children = b"".join(
            (
                b'{"message":', CHILD_MESSAGE_JSON,
                b',"services":[', services,
                b'],"missing":', b"null" if missing is None else to_json(missing),
                b"}",
            )
        )  # fmt: skip
    return b"".join(
        (
            b'{"place":', place,
            b',"results":[', results,
            b'],"near_misses":[', near,
            b'],"children":', children,
            b',"always":', directory.catalogue.always_json,
            b',"total":', str(answer.total).encode(),
            b',"data_as_of":"', directory.as_of_text.encode(),
            b'","demonstration":', b"true}" if directory.demonstration else b"false}",
        )
    )  # fmt: skip


def _result_json(result: Result) -> bytes:
    distance, route, route_open = result.distance_m, result.route, result.route_opening
    return b"".join(
        (
            b'{"service":', result.entry.summary,
            b',"reasons":', to_json(result.reasons),
            b',"distance_km":', b"null" if distance is None else str(round(distance / 1000, 1)).encode(),
            b',"distance_basis":', b"null" if distance is None else b'"location"',
            b',"capacity":', result.capacity.json,
            b',"open":', result.opening.json,
            b',"referral_route":', b"null" if route is None else route.json_at(route_open),
            b"}",
        )
    )  # fmt: skip
