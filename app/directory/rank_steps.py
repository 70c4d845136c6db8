"""The rank of every service's capacity status over time, as sets of services that a search reads in one step.

A report changes a few services: `replaced` gives a copy with theirs changed, and searches under way keep the old one.
Figures expire by themselves, at the very microsecond; the thread that watches works out the next expiries ahead of time
(`look_ahead`), so that no search has to.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from app.directory.freshness import STATUS_RANK
from app.directory.row_sets import RowSet, rows_where

RANKS = tuple(range(max(STATUS_RANK.values()) + 1))
UNKNOWN_RANK = STATUS_RANK["unknown"]
NEVER_US = np.iinfo(np.int64).min
FOREVER_US = np.iinfo(np.int64).max

LOOK_AHEAD_US = 10_000_000
SEEN_ENOUGH_US = 3_000_000
"""As long as so much is known ahead, nothing is worked out anew: several looks of the thread that watches."""
MOST_PERIODS = 64
"""Each keeps a bit of every rank per service. Where figures expire faster than this, the thread looks less far ahead."""

Timeline = Sequence[tuple[int, int]]
"""Steps of one service in their order: (until, rank)."""
Ranks = npt.NDArray[np.uint8]
ByRank = tuple[RowSet, ...]
"""The services of each rank, best first; every service is in one of them."""


@dataclass(frozen=True, slots=True)
class KnownRanks:
    """All services by rank in consecutive periods: those of period k hold from `since_us[k]` until the next begins."""

    since_us: Sequence[int]
    until_us: int
    by_rank: Sequence[ByRank]

    def covers(self, begin_us: int, end_us: int) -> bool:
        return self.since_us[0] <= begin_us and end_us <= self.until_us

    def at(self, now_us: int) -> ByRank:
        return self.by_rank[bisect_right(self.since_us, now_us) - 1]


@dataclass(frozen=True, slots=True)
class RankSteps:
    """The rank of each service's status over time, in steps: step k holds until `until_us[k]`, then the next one.

    After the last step the status is unknown. Shapes: (steps, services); times are microseconds since 1970, UTC.
    """

    rank: Ranks
    until_us: npt.NDArray[np.int64]
    _known: list[KnownRanks] = field(default_factory=list)

    @classmethod
    def of_none(cls, count: int) -> Self:
        """Steps of that many services of which nothing was ever reported."""
        return cls(np.empty((0, count), np.uint8), np.empty((0, count), np.int64))

    def replaced(self, timelines: Mapping[int, Timeline]) -> "RankSteps":
        """A copy in which the services of these rows have these steps and no others."""
        depth = max(len(self.rank), *map(len, timelines.values()), 0)
        missing = ((0, depth - len(self.rank)), (0, 0))
        rank = np.pad(self.rank, missing, constant_values=UNKNOWN_RANK)
        until = np.pad(self.until_us, missing, constant_values=NEVER_US)
        rows = list(timelines)
        rank[:, rows], until[:, rows] = UNKNOWN_RANK, NEVER_US
        for step in range(depth):
            here = [row for row in rows if len(timelines[row]) > step]
            until[step, here] = [timelines[row][step][0] for row in here]
            rank[step, here] = [timelines[row][step][1] for row in here]
        # As deep as the longest needs, so that what was replaced leaves no trace.
        needed = int((until > NEVER_US).any(axis=1).sum())
        return RankSteps(rank[:needed], until[:needed])

    def at(self, now_us: int, *, is_present: bool = True) -> ByRank:
        """All services by the rank of their status at one moment.

        They are kept until the next of them expires, and depend on the time alone. Those of a moment that somebody asked
        about are not: they would be a record of the question.
        """
        known = self._known[0] if self._known else None
        if known is None or not known.since_us[0] <= now_us < known.until_us:
            if not is_present:
                return _by_rank(_ranks_at(self.rank, self.until_us, now_us))
            known = self._periods(now_us, now_us)
            self._known[:1] = [known]
        return known.at(now_us)

    def look_ahead(self, now_us: int) -> None:
        """Work out the sets of the next seconds, unless they are known: `at` then only looks them up."""
        if not (self._known and self._known[0].covers(now_us, now_us + SEEN_ENOUGH_US)):
            self._known[:1] = [self._periods(now_us, now_us + LOOK_AHEAD_US)]

    def _periods(self, begin_us: int, end_us: int) -> KnownRanks:
        """From one moment until the first expiry after another, or after as many periods as may be kept."""
        expiries = self.until_us[self.until_us > begin_us]
        moments = np.unique(expiries[expiries <= end_us])[: MOST_PERIODS - 1].tolist()
        last = moments[-1] if moments else begin_us
        until = int(expiries.min(where=expiries > last, initial=FOREVER_US))
        ranks = [_ranks_at(self.rank, self.until_us, begin_us)]
        for moment in moments:
            ended = (self.until_us == moment).any(axis=0).nonzero()[0]
            following = ranks[-1].copy()
            following[ended] = _ranks_at(self.rank[:, ended], self.until_us[:, ended], moment)
            ranks.append(following)
        return KnownRanks((begin_us, *moments), until, [_by_rank(one) for one in ranks])


def _by_rank(ranks: Ranks) -> ByRank:
    return tuple([rows_where(ranks == rank) for rank in RANKS])


def _ranks_at(rank: Ranks, until_us: npt.NDArray[np.int64], now_us: int) -> Ranks:
    ranks = np.full(rank.shape[1], UNKNOWN_RANK, np.uint8)
    for step in range(len(rank) - 1, -1, -1):
        np.copyto(ranks, rank[step], where=until_us[step] > now_us)
    return ranks
