"""Which services cover the place and answer the question, and how each stands on every criterion.

The question is what is asked for (place, need, reach, words): a service that does not answer it is not looked at
further. The criteria are about the person and the moment; each gives a level, YES, ASK or NO, per service. A service
with no NO is a result, one with a single NO is a near miss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.directory.answering import ByReadiness, not_open
from app.directory.capacity_map import microseconds
from app.directory.columns import ADULT_AGES, ADULT_FROM, CHILD_AGES, Columns
from app.directory.covering import CoverageIndex, Covering
from app.directory.freshness import NO_PLACE, STATUS_RANK
from app.directory.levels import ASK, NO, Levels
from app.directory.openings import Opening
from app.directory.row_sets import RowSet, in_order, rows_among
from app.directory.snapshot import Directory
from app.geo.places import Place
from app.search.distances import Metres, avoidance, grid_position, metres_to_go
from app.search.query import SearchQuery

ENGLISH: Final = "eng"
"""Every service here works in it, whether it lists it or not."""
EVERYBODY: Final = Levels.of_sets()
FIRST_RANK_WITHOUT_PLACE = min(STATUS_RANK[status] for status in NO_PLACE)


@dataclass(slots=True)
class Candidates:
    """Services that answer the question, with the levels of all services on each criterion that was asked about.

    Those in `part` may cover the place, or cover a part of it; all others cover it whole. `answering` and `capacity` are all
    services in sets, best first: by how readily somebody answers, and by places free. `metres` gives those to where people
    are sent, 0 where they are not; None where no distance counts. `openings` are by number of the pattern.
    """

    rows: RowSet
    part: RowSet
    levels: dict[str, Levels] = field(default_factory=dict)
    answering: ByReadiness = ()
    capacity: Sequence[RowSet] = ()
    metres: Metres | None = None
    openings: Sequence[Opening] = ()


def find_candidates(
    query: SearchQuery, place: Place | None, directory: Directory, now: datetime
) -> Candidates:
    """Who answers the question, and how each stands."""
    covering = _covering(place, directory)
    rows = _answering_the_question(query, directory, covering.rows)
    found = Candidates(rows, covering.part & rows)
    at = query.open_at or now
    steps = directory.capacity.steps[query.places_for, query.asks_for_beds]
    found.capacity = steps.at(microseconds(max(at, now)), is_present=at <= now)
    whom = query.referrer, query.person_age_group
    states = directory.catalogue.open_states(at, is_present=query.open_at is None, whom=whom)
    found.openings, found.answering = states.openings, states.answering[whom]
    _add_person_levels(found, query, directory)
    _add_moment_levels(found, query)
    _add_distance_levels(found, query, place, directory)
    return found


def _answering_the_question(query: SearchQuery, directory: Directory, rows: RowSet) -> RowSet:
    """Of `rows`, those with the need, the reach and all the words that are asked for; no accommodation where a child may be."""
    columns = directory.catalogue.columns
    if query.need is not None:
        rows &= columns.has_need[query.need]
    if query.is_child:
        rows &= ~columns.accommodation
    if query.reach is not None:
        rows &= columns.reach[query.reach]
    if query.text is not None:
        entries, words = directory.catalogue.entries, query.text.casefold().split()
        rows = rows_among(row for row in in_order(rows) if all(word in entries[row].words for word in words))
    return rows


def _covering(place: Place | None, directory: Directory) -> Covering:
    """Services that cover the place, or may: the best of what areas, districts and polygons say of each."""
    index = directory.catalogue.coverage
    if place is None:
        return Covering(index.running)
    listed, closely = _covering_by_area(place, index), _covering_closely(place, index)
    if not closely.rows:
        return listed
    whole = listed.whole | closely.whole
    return Covering(whole, (listed.part | closely.part) & ~whole)


def _covering_by_area(place: Place, index: CoverageIndex) -> Covering:
    """By the areas that services list: whole when every authority of the place lies in them."""
    if place.area_code is not None:
        return index.of_area(place.area_code)
    if len(place.local_authorities) == 1:
        return index.of_area(place.local_authorities[0].code)
    return Covering.every([index.of_area(authority.code).whole for authority in place.local_authorities])


def _covering_closely(place: Place, index: CoverageIndex) -> Covering:
    """By postcode district or polygon; of most places, nobody."""
    if place.area_code is not None:
        return Covering(0, index.touching.get(place.area_code, 0))
    whole = index.in_district.get(place.outward, 0) if place.outward is not None else 0
    part = 0
    if place.precision not in ("unit", "point"):
        for authority in place.local_authorities:
            part |= index.near_polygon.get(authority.code, 0)
    elif place.position is not None and len(index.polygon_rows):
        whole |= index.with_polygon_around(place.position.easting, place.position.northing)
    return Covering(whole, part)


def _add_person_levels(found: Candidates, query: SearchQuery, directory: Directory) -> None:
    columns, levels = directory.catalogue.columns, found.levels
    if query.exploitation is not None:
        levels["exploitation"] = columns.exploitation[query.exploitation]
    # Of whom nothing is asked nobody is refused or asked about: the reasons say whom a service is for.
    if query.sex is not None:
        levels["sex"] = columns.sex[query.sex]
    else:
        levels["sex_not_asked"] = EVERYBODY
    if query.person_age_group is not None:
        levels["age"] = columns.ages[_ages_of(query)]
    else:
        levels["for_children"] = columns.for_children
    if query.with_children:
        levels["with_children"] = columns.with_children
    if query.language not in (None, ENGLISH):
        levels["language"] = columns.language.get(query.language, columns.interpreter)
    levels |= referral_levels(query, directory.catalogue.columns)


def referral_levels(query: SearchQuery, columns: Columns) -> dict[str, Levels]:
    """On who refers and at which stage, as far as they were asked about."""
    levels: dict[str, Levels] = {}
    if query.referrer is not None:
        levels["referrer"] = columns.referrer[query.referrer, query.person_age_group]
    if query.stage is not None:
        levels["stage"] = columns.stage[query.referrer, query.stage, query.person_age_group]
    if not query.is_child:
        return levels
    # Whom to ring first for a child refuses nobody for who rings, or when: at most it has to be asked about.
    first = columns.child_roles[0] | columns.child_roles[1]
    return {name: one.asking(first) if one.no & first else one for name, one in levels.items()}


def _ages_of(query: SearchQuery) -> tuple[int, int]:
    """The youngest and oldest that the person may be. Who says 19 and may be younger is treated as a child."""
    if query.age is not None and (query.is_child == (query.age < ADULT_FROM)):
        return query.age, query.age
    return CHILD_AGES if query.is_child else ADULT_AGES


def _add_moment_levels(found: Candidates, query: SearchQuery) -> None:
    if query.has_capacity:
        without = 0
        for rows in found.capacity[FIRST_RANK_WITHOUT_PLACE:]:
            without |= rows
        found.levels["has_capacity"] = Levels.of_sets(no=without)
    if query.open_at is not None:
        unknown, closed = not_open(found.answering)
        found.levels["open_at"] = Levels.of_sets(ask=unknown, no=closed)


def _add_distance_levels(
    found: Candidates, query: SearchQuery, place: Place | None, directory: Directory
) -> None:
    here, entries = grid_position(place), directory.catalogue.entries
    avoided = None if query.avoid_area is None else directory.catalogue.areas.authorities_in(query.avoid_area)
    if here is not None:
        found.metres = lambda row: metres_to_go(entries[row], here, avoided)
        if query.within_km is not None:
            # Only a place where people are sent can be too far; one without a public position stays if it covers.
            most = query.within_km * 1000
            too_far = [row for row in in_order(found.rows) if found.metres(row) > most]
            found.levels["within_km"] = Levels.of_sets(no=rows_among(too_far))
    if avoided is not None:
        levels = [(row, avoidance(entries[row], avoided)) for row in in_order(found.rows)]
        found.levels["avoid_area"] = Levels.of_sets(
            ask=rows_among(row for row, level in levels if level == ASK),
            no=rows_among(row for row, level in levels if level == NO),
        )
