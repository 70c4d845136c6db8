"""The order of the answer, as one number per service: smaller is better, and no two are equal.

Design section 7: (a child's services first) → covers the place → accepts this person → accepts this referrer → can be
reached → open now → capacity → distance where people are sent to a place → id. Each step takes a few bits of a 64-bit key, so sorting is
one pass, and because rows stand in the order of their ids, the row number is the last step.
"""

from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal

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
    refusals = refusals_of(found)
    matching = np.flatnonzero(refusals == 0)
    near = np.flatnonzero(refusals == 1)
    return Ranked(
        results=_best(key, matching, limit),
        near_misses=_best(key, near, MAX_NEAR_MISSES),
        total=len(matching),
    )


def refusals_of(found: Candidates) -> npt.NDArray[np.uint8]:
    """How many criteria say NO to each candidate."""
    refused = [(level == NO).view(np.uint8) for level in found.levels.values()]
    return reduce(np.add, refused) if refused else np.zeros(len(found.rows), np.uint8)


def sort_key(found: Candidates, columns: Columns, *, is_child: bool) -> npt.NDArray[np.int64]:
    """The packed rank of each candidate."""
    # Up to the distance eleven bits are enough: narrow numbers are quick to shift.
    steps = (found.covers != COVERS).astype(np.uint16)
    if is_child:
        steps |= columns.child_role.take(found.rows).astype(np.uint16) << 1
    steps = (steps << 1) | _any_doubt(found, PERSON_CRITERIA)
    steps = (steps << 1) | _any_doubt(found, REFERRER_CRITERIA)
    steps = (steps << 1) | ~columns.reachable.take(found.rows)
    steps = (steps << 2) | found.open_rank
    steps = (steps << 3) | found.capacity_rank
    metres = ranked_distance(found, columns).astype(np.int64)
    packed: npt.NDArray[np.int64] = (
        (steps.astype(np.int64) << (DISTANCE_BITS + ROW_BITS)) | (metres << ROW_BITS) | found.rows
    )
    return packed


def ranked_distance(found: Candidates, columns: Columns) -> npt.NDArray[np.float64]:
    """Metres for services that people are sent to; 0 for all others, which are not pushed down for having no pin."""
    sent_to = columns.reach["site"].take(found.rows) & (found.distance_m != NO_DISTANCE)
    return np.where(sent_to, np.minimum(found.distance_m, (1 << DISTANCE_BITS) - 1), 0)


def _any_doubt(found: Candidates, criteria: tuple[str, ...]) -> npt.NDArray[np.bool_] | Literal[False]:
    asked = [found.levels[name] for name in criteria if name in found.levels]
    return reduce(np.minimum, asked) != YES if asked else False


def _best(key: npt.NDArray[np.int64], positions: npt.NDArray[np.intp], number: int) -> npt.NDArray[np.intp]:
    keys = key[positions]
    if len(keys) > SORTED_WHOLE:
        best = np.argpartition(keys, number - 1)[:number]
        positions, keys = positions[best], keys[best]
    return positions[np.argsort(keys)[:number]]


def matching_rows(found: Candidates) -> list[int]:
    """Rows of all candidates without a NO, in the order of their ids: a list to be read page by page."""
    rows: list[int] = found.rows[refusals_of(found) == 0].tolist()
    return rows
