"""The order of the answer, as one number per service: smaller is better, and no two are equal.

Design section 7: (a child's services first) → covers the place → accepts this person → accepts this referrer → can be
reached → open now → capacity → distance where people are sent to a place → id. Each step takes a few bits of a 64-bit key, so sorting is
one pass, and because rows stand in the order of their ids, the row number is the last step.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from app.directory.columns import NO, YES, Columns, Levels
from app.search.candidates import Candidates

PERSON_CRITERIA: Final = ("exploitation", "sex", "age", "with_children", "language", "avoid_area")
REFERRER_CRITERIA: Final = ("referrer", "stage")
MAX_NEAR_MISSES: Final = 3

DISTANCE_BITS: Final = 21
"""2,097 km in metres: more than Great Britain is long."""
MAX_DISTANCE_M: Final = 1 << DISTANCE_BITS
ROW_BITS: Final = 24

SORTED_WHOLE: Final = 200
"""Up to so many keys, sorting all costs less than first finding the best; more than any `limit`."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Positions in the candidates, best first, and how many candidates match in all."""

    results: npt.NDArray[np.intp]
    near_misses: npt.NDArray[np.intp]
    total: int


def rank(found: Candidates, columns: Columns, *, is_child: bool, limit: int) -> Ranked:
    """The best `limit` candidates without a NO, and the best near misses (exactly one NO)."""
    key = sort_key(found, columns, is_child=is_child)
    summed = sum_of_levels(found, found.levels)
    matching = (summed < NO).nonzero()[0]
    near = (summed // NO == 1).nonzero()[0]
    return Ranked(
        results=_best(key, matching, limit),
        near_misses=_best(key, near, MAX_NEAR_MISSES),
        total=len(matching),
    )


def sum_of_levels(found: Candidates, criteria: Iterable[str]) -> Levels:
    """Of the criteria that were asked about: how many times NO says how many refuse, and 0 that there is no doubt."""
    asked = [found.levels[name] for name in criteria if name in found.levels]
    return reduce(np.add, asked) if asked else np.zeros(len(found.rows), np.uint16)


def sort_key(found: Candidates, columns: Columns, *, is_child: bool) -> npt.NDArray[np.int64]:
    """The packed rank of each candidate."""
    # Up to the distance eleven bits are enough: narrow numbers are quick to shift.
    steps: npt.NDArray[np.integer] = found.covers
    if is_child:
        steps = steps | (columns.child_role.take(found.rows).astype(np.uint16) << 1)
    for criteria in (PERSON_CRITERIA, REFERRER_CRITERIA):
        steps = (steps << 1) | (sum_of_levels(found, criteria) != YES)
    steps = (steps << 3) | found.answers_rank
    steps = (steps << 3) | found.capacity_rank
    metres = ranked_distance(found, columns).astype(np.int64)
    packed: npt.NDArray[np.int64] = (
        (steps.astype(np.int64) << (DISTANCE_BITS + ROW_BITS)) | (metres << ROW_BITS) | found.rows
    )
    return packed


def ranked_distance(found: Candidates, columns: Columns) -> npt.NDArray[np.float64]:
    """Metres for services that people are sent to; 0 for all others, which are not pushed down for having no pin."""
    metres = np.where(columns.sent_to.take(found.rows), found.distance_m, 0.0)
    # A place of which every location lies in the area to avoid has no distance that counts.
    return np.where(metres < MAX_DISTANCE_M, metres, 0.0)


def _best(key: npt.NDArray[np.int64], positions: npt.NDArray[np.intp], number: int) -> npt.NDArray[np.intp]:
    keys = key.take(positions)
    if len(keys) > SORTED_WHOLE:
        best = keys.argpartition(number - 1)[:number]
        positions, keys = positions.take(best), keys.take(best)
    return positions.take(keys.argsort()[:number])


def matching_rows(found: Candidates) -> list[int]:
    """Rows of all candidates without a NO, in the order of their ids: a list to be read page by page."""
    rows: list[int] = found.rows[sum_of_levels(found, found.levels) < NO].tolist()
    return rows
