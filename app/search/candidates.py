"""Which services cover the place and answer the question, and how each stands on every criterion.

The question is what is asked for (place, need, reach, words): a service that does not answer it is not looked at
further. The criteria are about the person and the moment; each gives a level, YES, ASK or NO, per service. A service
with no NO is a result, one with a single NO is a near miss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat

import numpy as np
import numpy.typing as npt

from app.directory.blocks import COVERS, MAY, Block, CoverageIndex, Rows
from app.directory.capacity_map import microseconds
from app.directory.columns import ADULT_AGES, ASK, CHILD_AGES, NO, YES, Levels, Ranks
from app.directory.freshness import NO_PLACE, STATUS_RANK, group_for
from app.directory.openings import CLOSED, HOURS_UNKNOWN, OPEN, Opening
from app.directory.snapshot import Directory
from app.geo.places import Place
from app.search.distances import Metres, grid_position, metres_and_avoidance, metres_to_go
from app.search.query import SearchQuery

OPEN_LEVELS: Levels = np.zeros(3, np.uint16)
OPEN_LEVELS[[OPEN, HOURS_UNKNOWN, CLOSED]] = YES, ASK, NO
_PLACE_RANKS = frozenset(STATUS_RANK[status] for status in NO_PLACE)
FIRST_RANK_WITHOUT_PLACE = min(_PLACE_RANKS)


@dataclass(slots=True)
class Candidates:
    """Services that answer the question, with their level on each criterion that was asked about.

    All arrays have one value per row. `capacity_rank` and `answers_rank` are ranks, best first, of places free and of how
    readily somebody answers; `metres` are to where people are sent, 0 where they are not. `openings` are by number of the
    pattern.
    """

    rows: Rows
    covers: Levels
    levels: dict[str, Levels] = field(default_factory=dict)
    capacity_rank: Ranks = field(default_factory=lambda: np.zeros(0, np.uint8))
    answers_rank: Ranks = field(default_factory=lambda: np.zeros(0, np.uint8))
    metres: Metres = field(default_factory=lambda: np.zeros(0))
    openings: Sequence[Opening] = ()

    def at(self, positions: npt.NDArray[np.intp]) -> list["Candidate"]:
        """A few of them by their positions here, in that order."""
        levels = [of_criterion[positions].tolist() for of_criterion in self.levels.values()]
        of_each = zip(*levels, strict=True) if levels else repeat(())
        return list(map(Candidate, self.rows[positions].tolist(), self.covers[positions].tolist(), of_each))


@dataclass(slots=True)
class Candidate:
    """One of them, as plain numbers. `levels` are by criterion, in the order of Candidates' own."""

    row: int
    covers: int
    levels: tuple[int, ...]


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
    steps = directory.capacity.steps[group, query.asks_for_beds]
    found.capacity_rank = steps.at(rows, microseconds(max(at, now)), is_present=at <= now)
    states = directory.catalogue.open_states(at, is_present=query.open_at is None)
    found.openings, found.answers_rank = states.openings, states.rank[rows]
    _add_person_levels(found, query, directory)
    _add_moment_levels(found, query)
    _add_distance_levels(found, query, place, directory)
    return found


def _answers_the_question(query: SearchQuery, directory: Directory, rows: Rows) -> npt.NDArray[np.bool_]:
    """No accommodation where a child may be, the reach that is asked for, all the words that are asked for."""
    columns, entries = directory.catalogue.columns, directory.catalogue.entries
    keep = np.ones(len(rows), bool)
    if query.is_child:
        keep &= ~columns.accommodation[rows]
    if query.reach is not None:
        keep &= columns.reach[query.reach][rows]
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
    keep = directory.catalogue.columns.has_need[need][rows]
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


def _add_person_levels(found: Candidates, query: SearchQuery, directory: Directory) -> None:
    columns, rows, levels = directory.catalogue.columns, found.rows, found.levels
    if query.exploitation is not None:
        levels["exploitation"] = columns.exploitation[query.exploitation][rows]
    if query.sex is not None:
        levels["sex"] = columns.sex[query.sex][rows]
    if query.age is not None or query.age_group is not None:
        group = CHILD_AGES if query.is_child else ADULT_AGES
        span = group if query.age is None else (query.age, query.age)
        levels["age"] = columns.ages[span][rows]
    if query.with_children:
        levels["with_children"] = columns.with_children[rows]
    if query.language is not None:
        by_interpreter = columns.interpreter[rows]
        spoken = columns.speaks.get(query.language)
        levels["language"] = by_interpreter if spoken is None else np.where(spoken[rows], YES, by_interpreter)
    if query.referrer is not None:
        levels["referrer"] = columns.referrer[query.referrer, query.person_age_group][rows]
    if query.stage is not None:
        levels["stage"] = columns.stage[query.referrer, query.stage, query.person_age_group][rows]


def _add_moment_levels(found: Candidates, query: SearchQuery) -> None:
    levels = found.levels
    if query.has_capacity:
        levels["has_capacity"] = np.where(found.capacity_rank >= FIRST_RANK_WITHOUT_PLACE, NO, YES).astype(
            np.uint16
        )
    if query.open_at is not None:
        levels["open_at"] = OPEN_LEVELS[found.answers_rank % len(OPEN_LEVELS)]


def _add_distance_levels(
    found: Candidates, query: SearchQuery, place: Place | None, directory: Directory
) -> None:
    here = grid_position(place)
    if query.avoid_area is None:
        found.metres, avoidance = metres_to_go(here, directory, found.rows), None
    else:
        avoided = directory.catalogue.areas.authorities_in(query.avoid_area)
        found.metres, avoidance = metres_and_avoidance(here, avoided, directory, found.rows)
    if query.within_km is not None:
        # Only a place where people are sent can be too far; one without a public position stays if it covers.
        found.levels["within_km"] = np.where(found.metres > query.within_km * 1000, NO, YES).astype(np.uint16)
    if avoidance is not None:
        found.levels["avoid_area"] = avoidance
