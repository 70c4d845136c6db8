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

from app.directory.columns import NO, YES, Columns, Levels
from app.search.candidates import Candidates

PERSON_CRITERIA: Final = ("exploitation", "sex", "age", "with_children", "language", "avoid_area")
REFERRER_CRITERIA: Final = ("referrer", "stage")
MAX_NEAR_MISSES: Final = 3

MAX_DISTANCE_M: Final = float(1 << 21)
"""2,097 km: more than Great Britain is long. The steps before the distance have fewer bits than a float has beside it."""

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
    refusals = sum_of_levels(found, found.levels) // NO
    matching = (refusals == 0).nonzero()[0]
    near = (refusals == 1).nonzero()[0]
    return Ranked(
        results=_best(key, matching, limit),
        near_misses=_best(key, near, MAX_NEAR_MISSES),
        total=len(matching),
    )


def sum_of_levels(found: Candidates, criteria: Iterable[str]) -> Levels:
    """Of the criteria that were asked about: how many times NO says how many refuse, and 0 that there is no doubt."""
    asked = [found.levels[name] for name in criteria if name in found.levels]
    return reduce(np.add, asked) if asked else np.zeros(len(found.rows), np.uint16)


def sort_key(found: Candidates, columns: Columns, *, is_child: bool) -> npt.NDArray[np.float64]:
    """The packed rank of each candidate, whole numbers."""
    steps: npt.NDArray[np.integer] = found.covers
    if is_child:
        steps = steps | (columns.child_role.take(found.rows).astype(np.uint16) << 1)
    for criteria in (PERSON_CRITERIA, REFERRER_CRITERIA):
        steps = (steps << 1) | (sum_of_levels(found, criteria) != YES)
    steps = (steps << 6) | (found.answers_rank << 3) | found.capacity_rank
    return steps * MAX_DISTANCE_M + found.metres


def _best(key: npt.NDArray[np.float64], positions: npt.NDArray[np.intp], number: int) -> npt.NDArray[np.intp]:
    keys = key.take(positions)
    if len(keys) > SORTED_WHOLE:
        worst = np.partition(keys, number - 1)[number - 1]
        good = (keys <= worst).nonzero()[0]
        positions, keys = positions.take(good), keys.take(good)
    return positions.take(keys.argsort(kind="stable")[:number])


def matching_rows(found: Candidates) -> list[int]:
    """Rows of all candidates without a NO, in the order of their ids: a list to be read page by page."""
    rows: list[int] = found.rows[sum_of_levels(found, found.levels) < NO].tolist()
    return rows
