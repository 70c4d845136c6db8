"""The order of the answer, as one number per service: smaller is better.

Design section 7: (a child's services first) → covers the place → accepts this person → accepts this referrer → can be
reached → open now → capacity → distance where people are sent to a place → id. Each step takes a few bits of a whole
number, so sorting is one pass; rows stand in the order of their ids, and equals stay in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from app.directory.columns import NO, Columns, Levels
from app.search.candidates import Candidates

PERSON_CRITERIA: Final = ("exploitation", "sex", "age", "with_children", "language", "avoid_area")
REFERRER_CRITERIA: Final = ("referrer", "stage")
MAX_NEAR_MISSES: Final = 3

MAX_DISTANCE_M: Final = np.array(1 << 21, np.float64)
"""2,097 km: more than Great Britain is long. The steps before the distance have fewer bits than a float has beside it."""

# Arrays without a dimension: what stands beside small arrays costs as much as they do, and a Python number twice that.
_NONE, _ONE, _RANK_BITS, _NO_BITS = (np.array(number, np.uint16) for number in (0, 1, 3, NO.bit_length() - 1))

SORTED_WHOLE: Final = 100
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
    refusals = sum_of_levels(found, found.levels) >> _NO_BITS
    matching = (refusals == _NONE).nonzero()[0]
    near = (refusals == _ONE).nonzero()[0]
    return Ranked(
        results=_best(key, matching, limit),
        near_misses=_best(key, near, MAX_NEAR_MISSES),
        total=len(matching),
    )


def sum_of_levels(found: Candidates, criteria: Iterable[str]) -> Levels:
    """Of the criteria that were asked about: how many times NO says how many refuse, and 0 that there is no doubt."""
    levels = found.levels
    asked = [levels[name] for name in criteria if name in levels]
    return reduce(np.add, asked) if asked else np.zeros(len(found.rows), np.uint16)


def sort_key(found: Candidates, columns: Columns, *, is_child: bool) -> npt.NDArray[np.float64]:
    """The packed rank of each candidate, whole numbers."""
    steps = found.covers
    if is_child:
        steps = steps | (columns.child_role[found.rows].astype(np.uint16) << _ONE)
    for criteria in (PERSON_CRITERIA, REFERRER_CRITERIA):
        steps = (steps << _ONE) | np.minimum(sum_of_levels(found, criteria), _ONE)
    steps = (((steps << _RANK_BITS) | found.answers_rank) << _RANK_BITS) | found.capacity_rank
    return steps * MAX_DISTANCE_M + found.metres


def _best(key: npt.NDArray[np.float64], positions: npt.NDArray[np.intp], number: int) -> npt.NDArray[np.intp]:
    keys = key[positions]
    if len(keys) > SORTED_WHOLE:
        worst = np.partition(keys, number - 1)[number - 1]
        good = (keys <= worst).nonzero()[0]
        positions, keys = positions[good], keys[good]
    return positions[keys.argsort(kind="stable")[:number]]


def matching_rows(found: Candidates) -> list[int]:
    """Rows of all candidates without a NO, in the order of their ids: a list to be read page by page."""
    rows: list[int] = found.rows[sum_of_levels(found, found.levels) < NO].tolist()
    return rows
