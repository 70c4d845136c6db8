"""What is known of capacity, beside the catalogue: public figures by service, and the same as columns for search.

A new report replaces this map and leaves the catalogue alone. A confidential service is not in it: its public status
is a constant, so nothing that is reported about it can move a public byte.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt

from app.directory.freshness import STATUS_RANK, Figure, capacity_at
from app.models.codes import CAPACITY_GROUPS

GROUPS: tuple[str | None, ...] = (None, *(group for group in CAPACITY_GROUPS if group != "anyone"))
UNKNOWN_RANK = STATUS_RANK["unknown"]
NEVER_US = np.iinfo(np.int64).min
FOREVER_US = np.iinfo(np.int64).max
_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RankSteps:
    """The rank of each service's status over time, in steps: step k holds until `until_us[k]`, then the next one.

    After the last step the status is unknown. Shapes: (steps, services); times are microseconds since 1970, UTC.
    """

    rank: npt.NDArray[np.uint8]
    until_us: npt.NDArray[np.int64]
    _now: list[tuple[int, int, npt.NDArray[np.uint8]]] = field(default_factory=list)

    def at(self, rows: npt.NDArray[np.int32], now_us: int) -> npt.NDArray[np.uint8]:
        """The rank of the status of each of `rows` at one moment.

        The ranks of all services are kept until the next of them expires; they depend on the time alone.
        """
        known = self._now[0] if self._now else None
        if known is None or not known[0] <= now_us < known[1]:
            known = (now_us, *self._all_at(now_us))
            self._now[:1] = [known]
        return known[2].take(rows)

    def _all_at(self, now_us: int) -> tuple[int, npt.NDArray[np.uint8]]:
        """The next expiry, and the rank of every service until then."""
        ahead = self.until_us > now_us
        ranks = np.full(self.rank.shape[1], UNKNOWN_RANK, np.uint8)
        for step in range(len(self.rank) - 1, -1, -1):
            ranks = np.where(ahead[step], self.rank[step], ranks)
        return int(self.until_us.min(where=ahead, initial=FOREVER_US)), ranks


@dataclass(frozen=True, slots=True)
class CapacityMap:
    """Figures by service id, and the steps of their rank by group of people (None: any of them)."""

    figures: Mapping[UUID, tuple[Figure, ...]]
    steps: Mapping[str | None, RankSteps]

    def of(self, service_id: UUID) -> tuple[Figure, ...]:
        return self.figures.get(service_id, ())


def build_capacity(figures: Mapping[UUID, Sequence[Figure]], service_ids: Sequence[UUID]) -> CapacityMap:
    """The map over `service_ids`, which are the rows of the catalogue; figures of other services are left out."""
    known = {service_id: tuple(figures[service_id]) for service_id in service_ids if service_id in figures}
    rows = [(row, known[service_id]) for row, service_id in enumerate(service_ids) if service_id in known]
    return CapacityMap(known, {group: _steps(rows, group, len(service_ids)) for group in GROUPS})


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC, exactly: a float would lose the very second at which a figure expires."""
    days = moment - _EPOCH
    return (days.days * 86_400 + days.seconds) * 1_000_000 + days.microseconds


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _steps(rows: Iterable[tuple[int, tuple[Figure, ...]]], group: str | None, count: int) -> RankSteps:
    found: list[tuple[int, list[tuple[int, int]]]] = []
    for row, figures in rows:
        timeline = _timeline(figures, group)
        if timeline:
            found.append((row, timeline))
    depth = max((len(timeline) for _, timeline in found), default=0)
    rank = np.full((depth, count), UNKNOWN_RANK, np.uint8)
    until = np.full((depth, count), NEVER_US, np.int64)
    for row, timeline in found:
        for step, (until_us, status_rank) in enumerate(timeline):
            rank[step, row], until[step, row] = status_rank, until_us
    return RankSteps(rank, until)


def _timeline(figures: tuple[Figure, ...], group: str | None) -> list[tuple[int, int]]:
    """(until, rank) of each step: at every expiry the best of what is left is taken again."""
    if len(figures) == 1:
        # Nearly all services: a write rebuilds this map, so it has to be quick.
        return [
            (microseconds(one.valid_until), STATUS_RANK[one.status]) for one in figures if one.is_for(group)
        ]
    steps: list[tuple[int, int]] = []
    for expiry in sorted({one.valid_until for one in figures}):
        rank = STATUS_RANK[capacity_at(figures, expiry - _JUST_BEFORE, group).status]
        if steps and steps[-1][1] == rank:
            steps[-1] = (microseconds(expiry), rank)
        else:
            steps.append((microseconds(expiry), rank))
    return steps
