"""Whose hours count when somebody has to answer now: those of a service's own numbers, and of the ways in for whoever refers.

At three in the morning an office is closed, and the police line beside it may not be. So a service is as open as the best of
what can be rung for this person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.directory.columns import AGE_GROUPS, AgeGroup
from app.directory.openings import CLOSED, Opening
from app.directory.routes import Routes
from app.directory.row_sets import RowSet, rows_where

Whom = tuple[str | None, AgeGroup]
"""Who refers somebody of which age group, as far as either is known."""

Numbers = npt.NDArray[np.int32]
ByReadiness = tuple[RowSet, ...]
"""Services by how readily somebody answers, best first: what can be reached at all, open, unknown and closed, and then the
same of what cannot."""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A service by itself: the pattern of its hours, whether it has a number of its own, and its routes."""

    hours_pattern: int
    has_number: bool
    routes: Routes


@dataclass(frozen=True, slots=True)
class AnsweringHours:
    """For whoever refers, the patterns of hours that count, of every service: one of them that is open is enough.

    The distinct sets of patterns stand one after another in `counting`, each from its place in `starts` on; `of_service` gives
    their numbers by row. `out_of_reach` is 1, by row, of a service that has no number, address or form for them, else 0.
    """

    counting: Numbers
    starts: Numbers
    of_service: Mapping[Whom, Numbers]
    out_of_reach: Mapping[Whom, bytes]

    @classmethod
    def of(cls, lines: Sequence[OwnLine], *, referrers: Iterable[str]) -> "AnsweringHours":
        """Of services in the order of their rows."""
        numbers: dict[frozenset[int], int] = {}

        def column(whom: Whom) -> Numbers:
            return np.array(
                [numbers.setdefault(_counting(one, whom), len(numbers)) for one in lines], np.int32
            )

        everybody = [(referrer, age_group) for referrer in (None, *referrers) for age_group in AGE_GROUPS]
        of_service = {whom: column(whom) for whom in everybody}
        out_of_reach = {whom: bytes(not _leads_on(one, whom) for one in lines) for whom in everybody}
        counting = np.array([pattern for patterns in numbers for pattern in patterns], np.int32)
        starts = np.cumsum([0, *map(len, numbers)], dtype=np.int32)[:-1]
        return cls(counting, starts, of_service, out_of_reach)

    def at(self, openings: Sequence[Opening], whom: Whom | None = None) -> Mapping[Whom, ByReadiness]:
        """All services by readiness while the patterns are as in `openings`: for one referrer and person, or for all."""
        of_pattern = np.array([one.rank for one in openings], np.uint8)
        ranks = np.minimum.reduceat(of_pattern[self.counting], self.starts)
        return {one: self._sets(ranks, one) for one in (self.of_service if whom is None else (whom,))}

    def _sets(self, ranks: npt.NDArray[np.uint8], whom: Whom) -> ByReadiness:
        behind = np.frombuffer(self.out_of_reach[whom], np.uint8) * (CLOSED + 1)
        of_service = ranks[self.of_service[whom]] + behind
        return tuple([rows_where(of_service == rank) for rank in range(2 * (CLOSED + 1))])


def out_of_reach(answering: ByReadiness) -> RowSet:
    """Who has no number, address or form for them."""
    _, _, _, would_be_open, unknown, closed = answering
    return would_be_open | unknown | closed


def not_open(answering: ByReadiness) -> tuple[RowSet, RowSet]:
    """Of whom it is not known whether they answer, and who does not, whether they can be reached at all or not."""
    _, unknown, closed, _, unknown_too, closed_too = answering
    return unknown | unknown_too, closed | closed_too


def _leads_on(line: OwnLine, whom: Whom) -> bool:
    """Whether there is a number of the service's own, or a way in for them that leads to anybody or can be walked into."""
    return line.has_number or any(route.is_usable for route in line.routes.usable_by(*whom))


def _counting(line: OwnLine, whom: Whom) -> frozenset[int]:
    """The service's own hours count where it has a number, for a way in that has no hours, and where nothing else is known."""
    usable = [route for route in line.routes.usable_by(*whom) if route.contact is not None]
    patterns = {route.hours_pattern for route in usable if route.has_hours}
    if line.has_number or not all(route.has_hours for route in usable) or not patterns:
        patterns.add(line.hours_pattern)
    return frozenset(patterns)
