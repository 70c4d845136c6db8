"""The order of the answer: services are divided step by step, the better ones first, until enough of them are found.

docs/search.md, section 5: (a child's services first) → can be reached → covers the place → accepts this person → accepts this
referrer → open now → capacity → distance where people are sent to a place → id. A step is a few sets of services, best first.
What is alike in every step is sorted by distance; rows stand in the order of their ids, and equals stay in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.directory.answering import out_of_reach
from app.directory.columns import Columns
from app.directory.row_sets import RowSet, in_order
from app.search.candidates import Candidates

PERSON_CRITERIA: Final = (
    "exploitation",
    "sex",
    "age",
    "for_children",
    "with_children",
    "language",
    "avoid_area",
)
REFERRER_CRITERIA: Final = ("referrer", "stage")
MAX_NEAR_MISSES: Final = 3

Step = Sequence[RowSet]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of results and of near misses, best first, and how many candidates match in all."""

    results: list[int]
    near_misses: list[int]
    total: int


def rank(found: Candidates, columns: Columns, *, is_child: bool, limit: int) -> Ranked:
    """The best `limit` candidates without a NO, and the best near misses (exactly one NO)."""
    refused = refused_again = 0
    for levels in found.levels.values():
        refused_again |= refused & levels.no
        refused |= levels.no
    refused &= found.rows
    matching = found.rows ^ refused
    steps = steps_of(found, columns, is_child=is_child)
    return Ranked(
        results=best_of(matching, steps, found, limit),
        near_misses=best_of(refused & ~refused_again, steps, found, MAX_NEAR_MISSES),
        total=matching.bit_count(),
    )


def refused_by(found: Candidates) -> RowSet:
    """The candidates with a NO."""
    refused = 0
    for levels in found.levels.values():
        refused |= levels.no
    return refused & found.rows


def steps_of(found: Candidates, columns: Columns, *, is_child: bool) -> list[Step]:
    """The steps of the ranking, without those that divide nothing."""
    steps: list[Step] = [columns.child_roles] if is_child else []
    second_best = (
        out_of_reach(found.answering) & found.rows,
        found.part,
        _in_doubt(found, PERSON_CRITERIA),
        _in_doubt(found, REFERRER_CRITERIA),
    )
    steps += [(found.rows ^ rows, rows) for rows in second_best if rows]
    return [*steps, found.answering, found.capacity]


def _in_doubt(found: Candidates, criteria: Iterable[str]) -> RowSet:
    """The candidates for whom one of these is not a YES."""
    rows = 0
    for name in criteria:
        levels = found.levels.get(name)
        if levels is not None:
            rows |= levels.ask | levels.no
    return rows & found.rows


def best_of(rows: RowSet, steps: Sequence[Step], found: Candidates, limit: int | None = None) -> list[int]:
    """The first `limit` of some candidates, or all of them, in their order."""
    best: list[int] = []
    for alike in _divided(rows, steps):
        best += _nearest_first(alike, found)
        if limit is not None and len(best) >= limit:
            break
    return best[:limit]


def _divided(rows: RowSet, steps: Sequence[Step], first: int = 0) -> Iterator[RowSet]:
    """Sets of rows that are alike in every step from the `first` on, best first."""
    if first == len(steps):
        yield rows
        return
    for level in steps[first]:
        here = rows & level
        if here:
            yield from _divided(here, steps, first + 1)
            rows ^= here
            if not rows:
                return


def _nearest_first(alike: RowSet, found: Candidates) -> list[int]:
    rows = in_order(alike)
    if found.metres is not None and len(rows) > 1:
        rows.sort(key=found.metres)
    return rows


def matching_rows(found: Candidates) -> list[int]:
    """Rows of all candidates without a NO, in the order of their ids: a list to be read page by page."""
    return in_order(found.rows ^ refused_by(found))
