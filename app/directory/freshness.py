"""Capacity as the public sees it: past its time a figure is `unknown`, at that very second and with no job running.

A figure is fresh for the first third of its life, then ageing until `valid_until`. Times are shown floored to the hour,
and what the public sees changes only at moments that follow from those, so that nobody can tell when a person was taken
in, neither from a time that is shown nor from the moment at which it changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, get_args

from app.models.capacity import CapacityReport

Freshness = Literal["fresh", "ageing", "unknown"]
FRESHNESSES: tuple[Freshness, ...] = get_args(Freshness)

STATUS_RANK = {
    "accepting": 0,
    "limited": 1,
    "assess_first": 2,
    "unknown": 2,
    "waiting_list": 3,
    "full": 4,
    "closed_temporarily": 4,
}
"""Best first, as design section 7 ranks them. A service with several figures that count shows the best of them."""

RANKED_STATUSES = (
    "accepting",
    "limited",
    "assess_first",
    "unknown",
    "waiting_list",
    "full",
    "closed_temporarily",
)
"""Among equals the earlier one is shown: a known status says more than `unknown`."""

BEDS = frozenset({"bed_space", "household_unit"})
"""Units in which people stay."""

NO_PLACE = frozenset({"waiting_list", "full", "closed_temporarily"})
"""What `has_capacity` drops, and what stands beside no free place. `unknown` stays: nobody is turned away for want of a
figure.
"""


@dataclass(frozen=True, slots=True)
class CapacityView:
    """The one status shown for a service, with its JSON. `is_reported` is False where nothing was ever said of it."""

    status: str
    json: bytes
    is_reported: bool


NEVER_REPORTED = CapacityView(
    "unknown",
    b'{"status":"unknown","confirmed_at":null,"valid_until":null,"freshness":"unknown"}',
    is_reported=False,
)
RING_TO_ASK = CapacityView("assess_first", b'{"status":"assess_first"}', is_reported=False)
"""Of a confidential service, always: nothing that is reported about it moves a public byte."""


@lru_cache(maxsize=4096)
def views_of(status: str, confirmed: str, until: str) -> Mapping[Freshness, CapacityView]:
    """A figure while it is fresh, ageing and unknown: figures of the same hours are shown alike, and share this."""

    def view(freshness: Freshness) -> CapacityView:
        shown, valid_until = ("unknown", "null") if freshness == "unknown" else (status, f'"{until}"')
        json = f'{{"status":"{shown}","confirmed_at":"{confirmed}","valid_until":{valid_until},"freshness":"{freshness}"}}'
        return CapacityView(shown, json.encode(), is_reported=True)

    return {freshness: view(freshness) for freshness in FRESHNESSES}


@dataclass(frozen=True, slots=True)
class Figure:
    """The public part of the latest report for one unit and group. `valid_until` is a whole hour from when it is recorded."""

    unit: str
    applies_to: str
    status: str
    confirmed_at: datetime
    valid_until: datetime
    ageing_at: datetime
    waits_days: int | None = None
    available: int | None = None
    maximum: int | None = None
    _views: Mapping[Freshness, CapacityView] = field(init=False, repr=False, compare=False)
    """As answers show it while it is fresh, ageing and unknown."""

    def __post_init__(self) -> None:
        views = views_of(self.status, shown_time(self.confirmed_at), shown_time(self.valid_until))
        object.__setattr__(self, "_views", views)

    def is_for(self, group: str | None) -> bool:
        """Whether it counts for a group of people; None asks for anybody at all."""
        return group is None or self.applies_to in ("anyone", group)

    def status_at(self, now: datetime) -> str:
        return self.status if now < self.valid_until else "unknown"

    def freshness_at(self, now: datetime) -> Freshness:
        if now >= self.valid_until or self.status == "unknown":
            return "unknown"
        return "fresh" if now < self.ageing_at else "ageing"

    def view_at(self, now: datetime) -> CapacityView:
        """How answers show it at one moment; times are floored to the hour."""
        return self._views[self.freshness_at(now)]


def floor_to_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def free_places(status: str, available: int | None) -> int | None:
    """How many places a report says are free: not known, where its status says that nobody is taken.

    No such report is taken any more, but earlier ones are stored. Their status stands: an officer who drives to a bed that
    is not free loses more than one who rings about a bed that is.
    """
    return None if available and status in NO_PLACE else available


def public_figure(report: CapacityReport, *, counts_public: bool) -> Figure:
    """The public part of a stored report, which may be a row of its columns; counts only where the provider chose to."""
    confirmed_at = floor_to_hour(report.seen_at or report.observed_at)
    return Figure(
        unit=report.unit,
        applies_to=report.applies_to,
        status=report.status,
        confirmed_at=confirmed_at,
        valid_until=report.valid_until,
        # From what is shown alone: anything exact would tell the minute of the report to whoever watches for the change.
        ageing_at=confirmed_at + (floor_to_hour(report.valid_until) - confirmed_at) / 3,
        waits_days=report.waits_days,
        available=free_places(report.status, report.available) if counts_public else None,
        maximum=report.maximum if counts_public else None,
    )


def figures_for(figures: Sequence[Figure], group: str | None, *, beds: bool) -> list[Figure]:
    """The figures that count for a person of a group (None: nothing is known) who needs a bed, or something else.

    Of a unit that was reported for the group itself, what was reported for anyone does not count; full beds are full, however
    many places there are in a class. Other units count only where nothing was reported of those that are needed.
    """
    named = set() if group is None else {one.unit for one in figures if one.applies_to == group}
    of_person = [
        one for one in figures if one.is_for(group) and (one.unit not in named or one.applies_to == group)
    ]
    return [one for one in of_person if (one.unit in BEDS) == beds] or of_person


def best_figure(
    figures: Sequence[Figure], now: datetime, group: str | None = None, *, beds: bool = True
) -> Figure | None:
    """The best at `now` of `figures_for` a person; None without any."""
    relevant = figures_for(figures, group, beds=beds)
    if len(relevant) < 2:
        return relevant[0] if relevant else None
    return min(
        relevant, key=lambda one: (RANKED_STATUSES.index(one.status_at(now)), one.unit, one.applies_to)
    )


def capacity_at(
    figures: Sequence[Figure], now: datetime, group: str | None = None, *, beds: bool = True
) -> CapacityView:
    """What is shown of a service with these figures, to a person as in `figures_for`."""
    if not figures:
        return NEVER_REPORTED
    # Nearly all services have one figure.
    only = figures[0] if len(figures) == 1 and figures[0].is_for(group) else None
    best = only or best_figure(figures, now, group, beds=beds)
    return NEVER_REPORTED if best is None else best.view_at(now)


def next_capacity_change(figures: Iterable[Figure], now: datetime) -> datetime | None:
    """The next moment at which what the public sees changes by itself, or None."""
    moments = [moment for one in figures for moment in (one.ageing_at, one.valid_until) if moment > now]
    return min(moments, default=None)


def group_for(*, is_child: bool, with_children: bool, sex: str | None) -> str | None:
    """Whose places to look at for this person: children, families, women or men; None when nothing is known."""
    if is_child:
        return "children"
    if with_children:
        return "families"
    return sex if sex in ("women", "men") else None


def shown_time(moment: datetime) -> str:
    """An instant as JSON text, floored to the hour (RFC 3339, UTC)."""
    return f"{moment.astimezone(UTC).isoformat(timespec='hours')[:13]}:00:00Z"
