"""Which services cover the place and answer the question, and how each stands on every criterion.

The question is what is asked for (place, need, reach, words): a service that does not answer it is not looked at
further. The criteria are about the person and the moment; each gives a level, NO, ASK or YES, per service. A service
with no NO is a result, one with a single NO is a near miss.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import shapely

from app.directory.blocks import COVERS, MAY, Block
from app.directory.capacity_map import microseconds
from app.directory.columns import ASK, NO, YES
from app.directory.freshness import NO_PLACE, STATUS_RANK, group_for
from app.directory.snapshot import CLOSED, HOURS_UNKNOWN, OPEN, Directory
from app.geo.places import Place
from app.search.query import SearchQuery

Levels = npt.NDArray[np.uint8]

CHILD_AGES = (0, 17)
ADULT_AGES = (18, 120)
NO_DISTANCE = np.iinfo(np.int64).max
OPEN_LEVELS: Levels = np.zeros(3, np.uint8)
OPEN_LEVELS[[OPEN, HOURS_UNKNOWN, CLOSED]] = YES, ASK, NO
_PLACE_RANKS = frozenset(STATUS_RANK[status] for status in NO_PLACE)
FIRST_RANK_WITHOUT_PLACE = min(_PLACE_RANKS)


@dataclass(slots=True)
class Candidates:
    """Services that answer the question, with their level on each criterion that was asked about.

    All arrays have one value per row. `distance_m` is whole metres to the nearest public location that is not in the
    area to avoid, or NO_DISTANCE; `place_rank` and `open` are ranks, best first.
    """

    rows: npt.NDArray[np.int32]
    covers: Levels
    levels: dict[str, Levels] = field(default_factory=dict)
    capacity_rank: Levels = field(default_factory=lambda: np.zeros(0, np.uint8))
    open_rank: Levels = field(default_factory=lambda: np.zeros(0, np.uint8))
    distance_m: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


def find_candidates(
    query: SearchQuery, place: Place | None, directory: Directory, now: datetime
) -> Candidates:
    """Candidates in ascending row order (that is, by service id)."""
    columns = directory.catalogue.columns
    block = _covering(place, query.need, directory)
    rows, covers = block.rows, block.covers
    keep = np.ones(len(rows), bool)
    if query.is_child:
        keep &= ~columns.accommodation.take(rows)
    if query.reach is not None:
        keep &= columns.reach[query.reach].take(rows)
    if query.text is not None:
        words = query.text.casefold().split()
        entries = directory.catalogue.entries
        keep &= np.fromiter(
            (
                kept and all(word in entries[row].words for word in words)
                for row, kept in zip(rows, keep, strict=True)
            ),
            np.bool_,
            len(rows),
        )
    if not keep.all():
        rows, covers = rows[keep], covers[keep]

    found = Candidates(rows, covers)
    at = query.open_at or now
    group = group_for(is_child=query.is_child, with_children=bool(query.with_children), sex=query.sex)
    found.capacity_rank = directory.capacity.steps[group].at(rows, microseconds(now))
    found.open_rank = directory.catalogue.open_states(at).rank.take(columns.hours_pattern.take(rows))
    found.distance_m, avoidance = _distances(query, place, directory, rows)
    _add_person_levels(found, query, directory)
    _add_moment_levels(found, query, directory, avoidance)
    return found


def _covering(place: Place | None, need: str | None, directory: Directory) -> Block:
    """Services that cover, or may cover, the place."""
    index = directory.catalogue.coverage
    if place is None:
        return index.all_services.for_need(need)
    if place.area_code is not None:
        return index.block(place.area_code).for_need(need)
    blocks = [index.block(authority.code).for_need(need) for authority in place.local_authorities]
    if len(blocks) == 1:
        rows, covers = blocks[0].rows, blocks[0].covers
    else:
        every = np.concatenate([block.rows for block in blocks])
        whole = np.concatenate([block.covers == COVERS for block in blocks])
        rows, inverse = np.unique(every, return_inverse=True)
        covered = np.bincount(inverse, weights=whole, minlength=len(rows))
        covers = np.where(covered == len(blocks), COVERS, MAY).astype(np.uint8)
    if not index.districts and not index.polygons:
        return Block(rows, covers)
    return _looked_at_closely(Block(rows, covers), place, directory)


def _looked_at_closely(block: Block, place: Place, directory: Directory) -> Block:
    """Decide for the place at hand about services that cover postcode districts or a polygon of their own."""
    index = directory.catalogue.coverage
    covers = block.covers.copy()
    keep = np.ones(len(covers), bool)
    for number in np.flatnonzero(block.covers == MAY):
        row = int(block.rows[number])
        districts, polygon = index.districts.get(row), index.polygons.get(row)
        if districts is None and polygon is None:
            continue
        exact = place.precision in ("unit", "point")
        if districts is not None and place.outward in districts:
            covers[number] = COVERS
        elif polygon is not None and place.position is not None and exact:
            inside = shapely.intersects_xy(polygon, place.position.easting, place.position.northing)
            covers[number] = COVERS if inside else MAY
            keep[number] = inside or _also_by_code(row, place, directory)
        elif polygon is None:
            keep[number] = _also_by_code(row, place, directory)
    return Block(block.rows[keep], covers[keep])


def _also_by_code(row: int, place: Place, directory: Directory) -> bool:
    """Whether a listed area of the service has any authority of the place (so that it stays as MAY)."""
    areas = directory.catalogue.areas
    listed = {area.code for area in directory.catalogue.entries[row].record.coverage.areas}
    return any(
        not listed.isdisjoint((authority.code, *areas.ancestors(authority.code)))
        for authority in place.local_authorities
        if authority.code in areas
    )


def _distances(
    query: SearchQuery, place: Place | None, directory: Directory, rows: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], Levels | None]:
    """Whole metres to the nearest usable location of each row, and the level on `avoid_area` when it is asked."""
    columns = directory.catalogue.columns
    start = columns.position_start.take(rows)
    number = columns.position_start.take(rows + 1) - start
    located = np.flatnonzero(number)
    distance = np.full(len(rows), NO_DISTANCE, np.int64)
    avoidance = None if query.avoid_area is None else _avoidance_without_location(directory, rows)
    if not len(located):
        return distance, avoidance
    ends = np.cumsum(number[located])
    begins = ends - number[located]
    flat = (
        np.arange(ends[-1]) - np.repeat(begins, number[located]) + np.repeat(start[located], number[located])
    )
    metres = np.zeros(len(flat), np.int64)
    if place is not None and place.position is not None:
        metres = np.rint(
            np.hypot(
                columns.easting.take(flat) - place.position.easting,
                columns.northing.take(flat) - place.position.northing,
            )
        ).astype(np.int64)
    if query.avoid_area is not None and avoidance is not None:
        avoided = directory.catalogue.areas.authorities_in(query.avoid_area)
        inside = np.array([columns.position_authority[one] in avoided for one in flat])
        metres[inside] = NO_DISTANCE
        outside = np.maximum.reduceat(~inside, begins)
        site = columns.reach["site"].take(rows[located])
        avoidance[located] = np.where(
            np.maximum.reduceat(inside, begins), np.where(outside, YES, np.where(site, NO, ASK)), YES
        )
    if place is not None and place.position is not None:
        distance[located] = np.minimum.reduceat(metres, begins)
    return distance, avoidance


def _avoidance_without_location(directory: Directory, rows: npt.NDArray[np.int32]) -> Levels:
    """A place to go to whose position is not public must be asked about; who comes or telephones is no danger.

    A confidential service is not ranked lower for it: all of them would be, and the reasons say what to ask.
    """
    columns = directory.catalogue.columns
    unlocated_site = columns.reach["site"].take(rows) & ~columns.confidential.take(rows)
    return np.where(unlocated_site, ASK, YES).astype(np.uint8)


def _add_person_levels(found: Candidates, query: SearchQuery, directory: Directory) -> None:
    columns, rows, levels = directory.catalogue.columns, found.rows, found.levels
    if query.exploitation is not None:
        levels["exploitation"] = columns.exploitation[query.exploitation].take(rows)
    if query.sex is not None:
        levels["sex"] = columns.sex[query.sex].take(rows)
    if query.age is not None or query.age_group is not None:
        levels["age"] = _age_levels(query, directory, rows)
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


def _age_levels(query: SearchQuery, directory: Directory, rows: npt.NDArray[np.int32]) -> Levels:
    """YES when every age that the person may have is accepted, NO when none is, ASK otherwise."""
    columns = directory.catalogue.columns
    youngest, oldest = (
        (query.age, query.age) if query.age is not None else CHILD_AGES if query.is_child else ADULT_AGES
    )
    minimum, maximum = columns.minimum_age.take(rows), columns.maximum_age.take(rows)
    accepted = np.where((minimum <= youngest) & (maximum >= oldest), YES, ASK)
    level = np.where((minimum > oldest) | (maximum < youngest), NO, accepted)
    return np.where(columns.age_stated.take(rows), level, ASK).astype(np.uint8)


def _add_moment_levels(
    found: Candidates, query: SearchQuery, directory: Directory, avoidance: Levels | None
) -> None:
    columns, rows, levels = directory.catalogue.columns, found.rows, found.levels
    if query.has_capacity:
        levels["has_capacity"] = np.where(found.capacity_rank >= FIRST_RANK_WITHOUT_PLACE, NO, YES).astype(
            np.uint8
        )
    if query.open_at is not None:
        levels["open_at"] = OPEN_LEVELS[found.open_rank]
    if query.within_km is not None:
        # Only a place where people are sent can be too far; one without a public position stays if it covers.
        too_far = (found.distance_m > query.within_km * 1000) & (found.distance_m != NO_DISTANCE)
        levels["within_km"] = np.where(too_far & columns.reach["site"].take(rows), NO, YES).astype(np.uint8)
    if avoidance is not None:
        levels["avoid_area"] = avoidance
