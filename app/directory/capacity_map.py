"""What is known of capacity, beside the catalogue: public figures by service and by row, and as columns for search.

A new report replaces this map and leaves the catalogue alone. A confidential service is not in it: its public status
is a constant, so nothing that is reported about it can move a public byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.directory.freshness import COUNTING_FOR, STATUS_RANK, Figure, capacity_at
from app.directory.rank_steps import RankSteps, Timeline

Asked = tuple[str | None, bool]
"""Whose places are looked for, as in COUNTING_FOR, and whether it is beds that are needed."""
ASKED: tuple[Asked, ...] = tuple((group, beds) for group in COUNTING_FOR for beds in (True, False))
_JUST_BEFORE = timedelta(microseconds=1)
NONE_AHEAD = datetime.max.replace(tzinfo=UTC)
"""For figures that no clock can have run ahead of."""


@dataclass(frozen=True, slots=True)
class CapacityMap:
    """Figures by service id, the same by row, and the steps of their rank by what is asked for."""

    figures: Mapping[UUID, tuple[Figure, ...]]
    of_row: Sequence[tuple[Figure, ...]]
    steps: Mapping[Asked, RankSteps]

    def of(self, service_id: UUID) -> tuple[Figure, ...]:
        return self.figures.get(service_id, ())

    def replaced(
        self,
        figures: Mapping[UUID, Sequence[Figure]],
        row_of: Mapping[UUID, int],
        *,
        now: datetime = NONE_AHEAD,
    ) -> "CapacityMap":
        """A map in which these services have these figures and no others; those without a row are left out.

        Right from `now` on: a clock that goes back makes another one.
        """
        known = {service_id: tuple(found) for service_id, found in figures.items() if service_id in row_of}
        of_row = list(self.of_row)
        for service_id, found in known.items():
            of_row[row_of[service_id]] = found
        timelines = {row_of[service_id]: _timelines(found, now) for service_id, found in known.items()}
        return CapacityMap(
            {**self.figures, **known},
            of_row,
            {
                asked: steps.replaced({row: of_all.get(asked, ()) for row, of_all in timelines.items()})
                for asked, steps in self.steps.items()
            },
        )

    def look_ahead(self, now: datetime) -> None:
        """Work out now what expires in the next seconds, so that no search has to."""
        for steps in self.steps.values():
            steps.look_ahead(microseconds(now))


def build_capacity(
    figures: Mapping[UUID, Sequence[Figure]], service_ids: Sequence[UUID], *, now: datetime = NONE_AHEAD
) -> CapacityMap:
    """The map over `service_ids`, which are the rows of the catalogue; figures of other services are left out."""
    count = len(service_ids)
    empty = CapacityMap({}, [()] * count, {asked: RankSteps.of_none(count) for asked in ASKED})
    return empty.replaced(figures, {service_id: row for row, service_id in enumerate(service_ids)}, now=now)


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC, exactly: a float would lose the very second at which a figure expires."""
    days = moment - _EPOCH
    return (days.days * 86_400 + days.seconds) * 1_000_000 + days.microseconds


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _timelines(figures: tuple[Figure, ...], now: datetime) -> Mapping[Asked, Timeline]:
    """The steps of a service, from `now` on, for all that its figures say something of."""
    ahead = [one.holds_from for one in figures if one.holds_from > now]
    if len(figures) != 1 or ahead:
        moments = sorted({*ahead, *(one.valid_until for one in figures)})
        return {asked: _timeline(figures, asked, moments) for asked in ASKED}
    # Nearly all services: after a publication all of them are built, so it has to be quick.
    (one,) = figures
    only = ((microseconds(one.valid_until), STATUS_RANK[one.status]),)
    return {(group, beds): only for group, beds in ASKED if one.is_for(group)}


def _timeline(figures: tuple[Figure, ...], asked: Asked, moments: Sequence[datetime]) -> Timeline:
    """At every one of `moments`, when a figure ends or begins, the best of what holds is taken again."""
    group, beds = asked
    steps: list[tuple[int, int]] = []
    for moment in moments:
        rank = STATUS_RANK[capacity_at(figures, moment - _JUST_BEFORE, group, beds=beds).status]
        if steps and steps[-1][1] == rank:
            steps[-1] = (microseconds(moment), rank)
        else:
            steps.append((microseconds(moment), rank))
    return steps
