"""The order of the answer, as one number per service: smaller is better, and no two are equal.

Design section 7: (a child's services first) → covers the place → accepts this person → accepts this referrer → open now
→ capacity → distance where people are sent to a place → id. Each step takes a few bits of a 64-bit key, so sorting is
one pass, and because rows stand in the order of their ids, the row number is the last step.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from app.directory.blocks import COVERS
from app.directory.columns import NO, YES, Columns
from app.search.candidates import NO_DISTANCE, Candidates

PERSON_CRITERIA: Final = ("exploitation", "sex", "age", "with_children", "language", "avoid_area")
REFERRER_CRITERIA: Final = ("referrer", "stage")
MAX_NEAR_MISSES: Final = 3

DISTANCE_BITS: Final = 21
"""2,097 km in metres: more than Great Britain is long."""
ROW_BITS: Final = 24


@dataclass(frozen=True, slots=True)
class Ranked:
    """Positions in the candidates, best first, and how many candidates match in all."""

    results: npt.NDArray[np.intp]
    near_misses: npt.NDArray[np.intp]
    total: int


def rank(found: Candidates, columns: Columns, *, is_child: bool, limit: int) -> Ranked:
    """The best `limit` candidates without a NO, and the best near misses (exactly one NO)."""
    refusals = np.zeros(len(found.rows), np.uint8)
    for level in found.levels.values():
        refusals += level == NO
    key = sort_key(found, columns, is_child=is_child)
    matching = np.flatnonzero(refusals == 0)
    near = np.flatnonzero(refusals == 1)
    return Ranked(
        results=_best(key, matching, limit),
        near_misses=_best(key, near, MAX_NEAR_MISSES),
        total=len(matching),
    )


def sort_key(found: Candidates, columns: Columns, *, is_child: bool) -> npt.NDArray[np.int64]:
    """The packed rank of each candidate."""
    key = np.zeros(len(found.rows), np.int64)
    if is_child:
        key += columns.child_role.take(found.rows)
    key = (key << 1) | (found.covers != COVERS)
    key = (key << 1) | _any_doubt(found, PERSON_CRITERIA)
    key = (key << 1) | _any_doubt(found, REFERRER_CRITERIA)
    key = (key << 2) | found.open_rank
    key = (key << 3) | found.capacity_rank
    key = (key << DISTANCE_BITS) | ranked_distance(found, columns)
    packed: npt.NDArray[np.int64] = (key << ROW_BITS) | found.rows
    return packed


def ranked_distance(found: Candidates, columns: Columns) -> npt.NDArray[np.int64]:
    """Metres for services that people are sent to; 0 for all others, which are not pushed down for having no pin."""
    sent_to = columns.reach["site"].take(found.rows) & (found.distance_m != NO_DISTANCE)
    return np.where(sent_to, np.minimum(found.distance_m, (1 << DISTANCE_BITS) - 1), 0)


def _any_doubt(found: Candidates, criteria: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    doubt = np.zeros(len(found.rows), bool)
    for name in criteria:
        level = found.levels.get(name)
        if level is not None:
            doubt |= level != YES
    return doubt


def _best(key: npt.NDArray[np.int64], positions: npt.NDArray[np.intp], number: int) -> npt.NDArray[np.intp]:
    keys = key[positions]
    if len(keys) > number:
        best = np.argpartition(keys, number - 1)[:number]
        positions, keys = positions[best], keys[best]
    return positions[np.argsort(keys)]


def matching_rows(found: Candidates) -> list[int]:
    """Rows of all candidates without a NO, in the order of their ids: a list to be read page by page."""
    refused = np.zeros(len(found.rows), bool)
    for level in found.levels.values():
        refused |= level == NO
    return [int(row) for row in found.rows[~refused]]
