"""Which services cover the place and answer the question, and how each stands on every criterion.

The question is what is asked for (place, need, reach, words): a service that does not answer it is not looked at
further. The criteria are about the person and the moment; each gives a level, YES, ASK or NO, per service. A service
with no NO is a result, one with a single NO is a near miss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from app.directory.blocks import COVERS, MAY, Block, CoverageIndex
from app.directory.capacity_map import microseconds
from app.directory.columns import ADULT_AGES, ASK, CHILD_AGES, NO, YES, Levels, Ranks
from app.directory.freshness import NO_PLACE, STATUS_RANK, group_for
from app.directory.openings import CLOSED, HOURS_UNKNOWN, OPEN, Opening
from app.directory.snapshot import Directory
from app.geo.places import Place
from app.search.query import SearchQuery

Metres = npt.NDArray[np.float64]

NO_DISTANCE = np.inf
OPEN_LEVELS: Levels = np.zeros(3, np.uint16)
OPEN_LEVELS[[OPEN, HOURS_UNKNOWN, CLOSED]] = YES, ASK, NO
_PLACE_RANKS = frozenset(STATUS_RANK[status] for status in NO_PLACE)
FIRST_RANK_WITHOUT_PLACE = min(_PLACE_RANKS)


@dataclass(slots=True)
class Candidates:
    """Services that answer the question, with their level on each criterion that was asked about.

    All arrays have one value per row. `distance_m` is whole metres to the nearest public location that is not in the
    area to avoid, or NO_DISTANCE; `capacity_rank` and `answers_rank` are ranks, best first, of places free and of how
    readily somebody answers. `openings` are by number of the pattern.
    """

    rows: npt.NDArray[np.int32]
    covers: Levels
    levels: dict[str, Levels] = field(default_factory=dict)
    capacity_rank: Ranks = field(default_factory=lambda: np.zeros(0, np.uint8))
    answers_rank: Ranks = field(default_factory=lambda: np.zeros(0, np.uint8))
    distance_m: Metres = field(default_factory=lambda: np.zeros(0))
    openings: Sequence[Opening] = ()


def find_candidates(
    query: SearchQuery, place: Place | None, directory: Directory, now: datetime
) -> Candidates:
    """Candidates in ascending row order (that is, by service id)."""
    block = _covering(place, query.need, directory)
    rows, covers = block.rows, block.covers
    if query.is_child or query.reach is not None or query.text is not None:
        keep = _answers_the_question(query, directory, rows)
        rows, covers = rows[keep], covers[keep]

    found = Candidates(rows, covers)
    at = query.open_at or now
    group = group_for(is_child=query.is_child, with_children=bool(query.with_children), sex=query.sex)
    found.capacity_rank = directory.capacity.steps[group].at(rows, microseconds(now))
    states = directory.catalogue.open_states(at, is_present=query.open_at is None)
    found.openings, found.answers_rank = states.openings, states.rank.take(rows)
    found.distance_m, avoidance = _distances(query, place, directory, rows)
    _add_person_levels(found, query, directory)
    _add_moment_levels(found, query, directory, avoidance)
    return found


def _answers_the_question(
    query: SearchQuery, directory: Directory, rows: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """No accommodation where a child may be, the reach that is asked for, all the words that are asked for."""
    columns, entries = directory.catalogue.columns, directory.catalogue.entries
    keep = np.ones(len(rows), bool)
    if query.is_child:
        keep &= ~columns.accommodation.take(rows)
    if query.reach is not None:
        keep &= columns.reach[query.reach].take(rows)
    if query.text is not None:
        words = query.text.casefold().split()
        having = (
            kept and all(word in entries[row].words for word in words)
            for row, kept in zip(rows, keep, strict=True)
        )
        keep &= np.fromiter(having, np.bool_, len(rows))
    return keep


def _covering(place: Place | None, need: str | None, directory: Directory) -> Block:
    """Services that cover, or may cover, the place: the best of what areas, districts and polygons say of each."""
    index = directory.catalogue.coverage
    if place is None:
        return index.all_services.for_need(need)
    by_area = _covering_by_area(place, need, index)
    closely = _covering_closely(place, index)
    if not closely:
        return by_area
    rows, inverse = np.unique(
        np.concatenate([by_area.rows, *(one.rows for one in closely)]), return_inverse=True
    )
    covers = np.full(len(rows), MAY, np.uint16)
    np.minimum.at(covers, inverse, np.concatenate([by_area.covers, *(one.covers for one in closely)]))
    if need is None:
        return Block(rows, covers)
    keep = directory.catalogue.columns.has_need[need].take(rows)
    return Block(rows[keep], covers[keep])


def _covering_by_area(place: Place, need: str | None, index: CoverageIndex) -> Block:
    """By the areas that services list: whole when every authority of the place lies in them."""
    if place.area_code is not None:
        return index.block(place.area_code).for_need(need)
    blocks = [index.block(authority.code).for_need(need) for authority in place.local_authorities]
    if len(blocks) == 1:
        return blocks[0]
    rows, times = np.unique(np.concatenate([block.rows for block in blocks]), return_counts=True)
    return Block(rows, np.where(times == len(blocks), COVERS, MAY).astype(np.uint16))


def _covering_closely(place: Place, index: CoverageIndex) -> list[Block]:
    """By postcode district or polygon: blocks with rows, of any need; none for most places."""
    if place.area_code is not None:
        said = [index.touching.get(place.area_code)]
    else:
        said = [index.in_district.get(place.outward)] if place.outward is not None else []
        if place.precision not in ("unit", "point"):
            said += [index.near_polygon.get(authority.code) for authority in place.local_authorities]
        elif place.position is not None and len(index.polygon_rows):
            said.append(index.with_polygon_around(place.position.easting, place.position.northing))
    return [block for block in said if block is not None and len(block.rows)]


def _distances(
    query: SearchQuery, place: Place | None, directory: Directory, rows: npt.NDArray[np.int32]
) -> tuple[Metres, Levels | None]:
    """Whole metres to the nearest usable location of each row, and the level on `avoid_area` when it is asked."""
    if query.avoid_area is not None:
        return _distances_and_avoidance(place, query.avoid_area, directory, rows)
    columns = directory.catalogue.columns
    if place is None or place.position is None:
        return np.full(len(rows), NO_DISTANCE), None
    metres = np.abs(
        columns.first_position.take(rows) - complex(place.position.easting, place.position.northing)
    )
    several = columns.several.take(rows).nonzero()[0]
    if len(several):
        of_all, begins, _ = _metres_to_all(place, directory, rows[several])
        metres[several] = np.minimum.reduceat(of_all, begins)
    return np.rint(metres), None


def _distances_and_avoidance(
    place: Place | None, avoid_area: str, directory: Directory, rows: npt.NDArray[np.int32]
) -> tuple[Metres, Levels]:
    """The same, leaving out locations inside the area to avoid."""
    columns = directory.catalogue.columns
    distance = np.full(len(rows), NO_DISTANCE)
    avoidance = _avoidance_without_location(directory, rows)
    located = np.flatnonzero(columns.position_start.take(rows + 1) - columns.position_start.take(rows))
    if not len(located):
        return distance, avoidance
    metres, begins, flat = _metres_to_all(place, directory, rows[located])
    avoided = directory.catalogue.areas.authorities_in(avoid_area)
    authorities = [columns.position_authority[one] for one in flat]
    # A location whose authority is not known may be inside: it is not used, and has to be asked about.
    unknown = np.array([authority is None for authority in authorities])
    inside = np.array([authority in avoided for authority in authorities]) | unknown
    metres[inside] = NO_DISTANCE
    somewhere_else = np.maximum.reduceat(~inside, begins)
    surely_there = columns.reach["site"].take(rows[located]) & ~np.maximum.reduceat(unknown, begins)
    avoidance[located] = np.where(somewhere_else, YES, np.where(surely_there, NO, ASK))
    distance[located] = np.rint(np.minimum.reduceat(metres, begins))
    return distance, avoidance


def _metres_to_all(
    place: Place | None, directory: Directory, rows: npt.NDArray[np.int32]
) -> tuple[Metres, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Metres to every location of rows that each have some, where each row's begin, and the locations' numbers."""
    columns = directory.catalogue.columns
    start = columns.position_start.take(rows).astype(np.int64)
    number = columns.position_start.take(rows + 1) - start
    ends = np.cumsum(number)
    begins = ends - number
    flat = np.arange(ends[-1]) + np.repeat(start - begins, number)
    if place is None or place.position is None:
        return np.full(len(flat), NO_DISTANCE), begins, flat
    metres = np.hypot(
        columns.easting.take(flat) - place.position.easting,
        columns.northing.take(flat) - place.position.northing,
    )
    return metres, begins, flat


def _avoidance_without_location(directory: Directory, rows: npt.NDArray[np.int32]) -> Levels:
    """A place to go to whose position is not public must be asked about; who comes or telephones is no danger.

    A confidential service is not ranked lower for it: all of them would be, and the reasons say what to ask.
    """
    columns = directory.catalogue.columns
    unlocated_site = columns.reach["site"].take(rows) & ~columns.confidential.take(rows)
    return np.where(unlocated_site, ASK, YES).astype(np.uint16)


def _add_person_levels(found: Candidates, query: SearchQuery, directory: Directory) -> None:
    columns, rows, levels = directory.catalogue.columns, found.rows, found.levels
    if query.exploitation is not None:
        levels["exploitation"] = columns.exploitation[query.exploitation].take(rows)
    if query.sex is not None:
        levels["sex"] = columns.sex[query.sex].take(rows)
    if query.age is not None or query.age_group is not None:
        group = CHILD_AGES if query.is_child else ADULT_AGES
        span = group if query.age is None else (query.age, query.age)
        levels["age"] = columns.ages[span].take(rows)
    if query.with_children:
        levels["with_children"] = columns.with_children.take(rows)
    if query.language is not None:
        by_interpreter = columns.interpreter.take(rows)
        spoken = columns.speaks.get(query.language)
        levels["language"] = (
            by_interpreter if spoken is None else np.where(spoken.take(rows), YES, by_interpreter)
        )
    if query.referrer is not None:
        levels["referrer"] = columns.referrer[query.referrer].take(rows)
    if query.stage is not None:
        levels["stage"] = columns.stage[query.referrer, query.stage].take(rows)


def _add_moment_levels(
    found: Candidates, query: SearchQuery, directory: Directory, avoidance: Levels | None
) -> None:
    columns, rows, levels = directory.catalogue.columns, found.rows, found.levels
    if query.has_capacity:
        levels["has_capacity"] = np.where(found.capacity_rank >= FIRST_RANK_WITHOUT_PLACE, NO, YES).astype(
            np.uint16
        )
    if query.open_at is not None:
        levels["open_at"] = OPEN_LEVELS[found.answers_rank % len(OPEN_LEVELS)]
    if query.within_km is not None:
        # Only a place where people are sent can be too far; one without a public position stays if it covers.
        too_far = (found.distance_m > query.within_km * 1000) & (found.distance_m != NO_DISTANCE)
        levels["within_km"] = np.where(too_far & columns.reach["site"].take(rows), NO, YES).astype(np.uint16)
    if avoidance is not None:
        levels["avoid_area"] = avoidance
