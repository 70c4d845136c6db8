"""The bundle for the widget: every public service, in the order of a search by the person themselves that asks nothing.

Whoever has it can look for a need, a language or a council area without telling the service. Its bytes depend on the
Directory and the moment alone. They change by themselves when something opens, closes, ages or runs out, and every
quarter of an hour, when `generated_at` moves on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from app.directory.columns import ACCOMMODATION, ADULT_FROM, CHILD_ROLES
from app.directory.freshness import NEVER_REPORTED, NO_PLACE, CapacityView, next_capacity_change, not_ended
from app.directory.openings import Opening
from app.directory.routes import EntryRoute
from app.directory.row_sets import in_order
from app.directory.snapshot import Catalogue, Directory, Entry, OpenStates
from app.directory.wording import FOR_WHOM as FOR_WHOM_WORDS
from app.geo.areas import Area
from app.referral.choosing import choose_route
from app.search.answer import CHILD_MESSAGE, capacity_of, figure_of
from app.search.candidates import find_candidates
from app.search.query import SearchQuery
from app.search.ranking import best_of, refused_by, steps_of

STEP: Final = timedelta(minutes=15)
"""`generated_at` moves in such steps: an entity tag that moved every second would spare nobody a download."""
LIFE: Final = timedelta(minutes=45)
"""From `generated_at` on. At least half an hour is left of it when it is sent: long enough for a lift without signal,
too short for yesterday's list."""
CONFIRMED_WITHIN: Final = timedelta(minutes=5)
"""A Directory that was not compared with the database for so long is shown as old as it is."""
FOR_WHOM: Final = ("self", "friend_public")
"""Whose way in is shown: the person's own, or else that of anybody who helps."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The JSON, and the moment at which it changes without anybody's doing."""

    body: bytes
    changes_at: datetime


def make_bundle(directory: Directory, now: datetime, *, attribution: str) -> Bundle:
    """Of all public services at an aware moment."""
    catalogue = directory.catalogue
    found = find_candidates(SearchQuery(referrer=FOR_WHOM[0]), None, directory, now)
    # All of them: those that take no one but professionals stand behind, and are not left out.
    refused, steps = refused_by(found), steps_of(found, catalogue.columns, is_child=False)
    order = best_of(found.rows ^ refused, steps, found) + best_of(refused, steps, found)
    entries = [catalogue.entries[row] for row in order]
    states = catalogue.open_states(now)
    may_cover = _may_cover(catalogue)
    services = [_service_json(entry, directory, now, states, may_cover=may_cover) for entry in entries]
    generated_at = _generated_at(directory, now)
    shared = to_json(
        {
            "children": {"message": CHILD_MESSAGE, "services": _child_card(entries)},
            "needs": _needs(catalogue, entries),
            "accommodation_needs": sorted(ACCOMMODATION),
            "languages": _languages(entries),
            "areas": _areas(directory, entries),
            "generated_at": _instant(generated_at),
            "valid_until": _instant(generated_at + LIFE),
            "demonstration": directory.demonstration,
            "attribution": attribution,
        }
    )
    body = b"".join(
        (b'{"services":[', b",".join(services), b'],"always":', catalogue.always_json, b",", shared[1:])
    )
    return Bundle(body, _changes_at(directory, now, states, generated_at=generated_at))


def _generated_at(directory: Directory, now: datetime) -> datetime:
    confirmed = now if now - directory.as_of <= CONFIRMED_WITHIN else directory.as_of
    since = confirmed.astimezone(UTC)
    return since - (since - datetime.combine(since.date(), datetime.min.time(), UTC)) % STEP


def _changes_at(
    directory: Directory, now: datetime, states: OpenStates, *, generated_at: datetime
) -> datetime:
    if now - directory.as_of > CONFIRMED_WITHIN:
        # The next look of the thread that watches may find the database again.
        return now
    figures = (one for of_service in directory.capacity.figures.values() for one in of_service)
    by_itself = next_capacity_change(figures, now) or states.until
    return min(by_itself, states.until, generated_at + STEP, directory.as_of + CONFIRMED_WITHIN)


def _service_json(
    entry: Entry,
    directory: Directory,
    now: datetime,
    states: OpenStates,
    *,
    may_cover: Mapping[int, list[str]],
) -> bytes:
    record = entry.record
    route = _way_in(entry, states)
    route_open = None if route is None else route.opening(states.openings)
    steady = to_json(
        {
            "coverage": {
                "everywhere": record.coverage.everywhere,
                "areas": sorted(entry.area_codes),
                "may_cover": may_cover.get(entry.row, []),
            },
            "languages": [language.code for language in record.languages],
            "interpreter": record.interpreter,
            "eligibility": {
                "sex_accepted": record.eligibility.sex_accepted,
                "minimum_age": record.eligibility.minimum_age,
                "maximum_age": record.eligibility.maximum_age,
                "with_children": record.eligibility.with_children,
            },
            "information_flow": {
                "police": record.information_flow.police,
                "home_office_enforcement": record.information_flow.home_office_enforcement,
            },
            "hours": record.hours.in_words,
        }
    )
    return b"".join(
        (
            entry.summary[:-1], b",", steady[1:-1],
            b',"capacity":', _places(entry, directory, now).json,
            b',"open":', states.openings[entry.hours_pattern].json,
            b',"referral_route":', b"null" if route is None else _route_json(route, route_open),
            b"}",
        )
    )  # fmt: skip


def _places(entry: Entry, directory: Directory, now: datetime) -> CapacityView:
    """What the widget shows to whoever looks. Where "full" holds for some of those whom the service takes and not for others, it
    says to ask: it does not know who looks.
    """
    whose = _places_for(entry)
    figure = figure_of(entry, directory, now, whose)
    if figure is not None and figure.applies_to == "anyone":
        is_without = figure.status_at(now) in NO_PLACE
        for one in not_ended(directory.capacity.of_row[entry.row], now):
            status = one.status_at(now)
            if one.unit == figure.unit and status != "unknown" and (status in NO_PLACE) != is_without:
                return NEVER_REPORTED
    return capacity_of(entry, directory, now, whose)


def _places_for(entry: Entry) -> str:
    """Whose places the widget may show, which knows nobody and has no words for groups: those for anyone whom the service
    takes. Of a bed for women in a house for all it says to ask.
    """
    accepted = entry.record.eligibility
    if accepted.maximum_age is not None and accepted.maximum_age < ADULT_FROM:
        return "children"
    return accepted.sex_accepted if accepted.sex_accepted in ("women", "men") else "other"


def _way_in(entry: Entry, states: OpenStates) -> EntryRoute | None:
    chosen = (
        choose_route(entry.routes, states.openings, referrer=referrer, stage=None, age_group=None)
        for referrer in FOR_WHOM
    )
    return next((route for route in chosen if route is not None), None)


def _route_json(route: EntryRoute, opening: Opening | None) -> bytes:
    """As answers show it. The widget has no words for whom it is, and may show it to somebody else: its name says so."""
    shown = route.json_at(opening)
    if route.age_group is None:
        return shown
    return to_json({**from_json(shown), "name": f"{route.record.name} ({FOR_WHOM_WORDS[route.age_group]})"})


def _child_card(entries: Iterable[Entry]) -> list[UUID]:
    """Children's services, then the guardianship service; which of them cover the person's place is for the widget."""
    called = [entry.record for entry in entries if entry.record.child_card_role is not None]
    return [record.id for record in sorted(called, key=lambda one: CHILD_ROLES[one.child_card_role])]


def _needs(catalogue: Catalogue, entries: Iterable[Entry]) -> list[dict[str, str]]:
    """Those that some service has, in the order of the vocabulary."""
    offered = {need for entry in entries for need in entry.record.needs}
    names = catalogue.term_names.get("need", {})
    return [{"code": code, "name": name} for code, name in names.items() if code in offered]


def _languages(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    spoken = {language.code: language for entry in entries for language in entry.record.languages}
    return [one.model_dump() for one in sorted(spoken.values(), key=lambda one: (one.name, one.code))]


def _areas(directory: Directory, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The authorities of the home area, and every other area that some service lists, with the authorities inside."""
    areas = directory.catalogue.areas
    home = areas.authorities_in(directory.home_area)
    codes = home.union(*(entry.area_codes for entry in entries))

    def shown(area: Area) -> dict[str, Any]:
        return {
            "code": area.code,
            "name": area.name,
            "area_type": area.area_type,
            "home": area.code in home,
            "authorities": sorted(areas.authorities_in(area.code)),
        }

    return [
        shown(area) for area in sorted((areas[code] for code in codes), key=lambda one: (one.name, one.code))
    ]


def _may_cover(catalogue: Catalogue) -> dict[int, list[str]]:
    """By row, the authorities of which the service covers postcode districts or an area drawn by hand."""
    found: dict[int, list[str]] = defaultdict(list)
    for code, rows in sorted(catalogue.coverage.touching.items()):
        if catalogue.areas[code].area_type == "local_authority":
            for row in in_order(rows):
                found[row].append(code)
    return found


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
