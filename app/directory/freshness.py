"""Capacity as the public sees it: past its time a figure is `unknown`, at that very second and with no job running.

A figure is fresh for the first third of its life, then ageing until `valid_until`. Times are shown floored to the hour,
and what the public sees changes only at moments that follow from those, so that nobody can tell when a person was taken
in, neither from a time that is shown nor from the moment at which it changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args

from app.models.capacity import CapacityReport
from app.models.codes import CAPACITY_GROUPS

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
"""Best first, as docs/search.md, section 5, ranks them. A service with several figures that count shows the best of them."""

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


CLOCK_SKEW = timedelta(minutes=2)
"""How far two clocks may differ, a sender's and ours, or ours and that of the server which stored a figure."""

COUNTING_FOR: Mapping[str | None, frozenset[str]] = {
    None: frozenset(CAPACITY_GROUPS),
    "children": frozenset({"anyone", "children"}),
    "families": frozenset({"anyone", "families"}),
    "women": frozenset({"anyone", "women"}),
    "men": frozenset({"anyone", "men"}),
    "adult": frozenset({"anyone", "women", "men"}),
    "other": frozenset({"anyone"}),
}
"""Of which groups figures count, by whose places are looked for: a group, an adult of whom no more is known, somebody of
another sex, or nobody known (None)."""


@dataclass(frozen=True, slots=True)
class CapacityView:
    """The one status shown for a service, with its JSON. `is_reported` is False where nothing was ever said of it.
    `applies_to` is the group that it was reported for; None where it says nothing.
    """

    status: str
    json: bytes
    is_reported: bool
    applies_to: str | None = None


NEVER_REPORTED = CapacityView(
    "unknown",
    b'{"status":"unknown","applies_to":null,"confirmed_at":null,"valid_until":null,"freshness":"unknown"}',
    is_reported=False,
)
RING_TO_ASK = CapacityView("assess_first", b'{"status":"assess_first"}', is_reported=False)
"""Of a confidential service, always: nothing that is reported about it moves a public byte."""


@lru_cache(maxsize=4096)
def views_of(status: str, group: str, confirmed: str, until: str) -> Mapping[Freshness, CapacityView]:
    """A figure while it is fresh, ageing and unknown: figures of the same hours are shown alike, and share this."""

    def view(freshness: Freshness) -> CapacityView:
        is_known = freshness != "unknown"
        shown = status if is_known else "unknown"
        applies_to, valid_until = (f'"{group}"', f'"{until}"') if is_known else ("null", "null")
        json = (
            f'{{"status":"{shown}","applies_to":{applies_to},"confirmed_at":"{confirmed}",'
            f'"valid_until":{valid_until},"freshness":"{freshness}"}}'
        )
        return CapacityView(shown, json.encode(), is_reported=True, applies_to=group if is_known else None)

    return {freshness: view(freshness) for freshness in FRESHNESSES}


@dataclass(frozen=True, slots=True)
class Figure:
    """The public part of the latest report for one unit and group. `valid_until` is a whole hour from when it is recorded.

    `seen_at` is exact and shown nowhere: it only says which of two figures is the newer one, as the moment does at which
    each of them came.
    """

    unit: str
    applies_to: str
    status: str
    confirmed_at: datetime
    valid_until: datetime
    ageing_at: datetime
    seen_at: datetime
    waits_days: int | None = None
    available: int | None = None
    maximum: int | None = None
    holds_from: datetime = field(init=False, repr=False, compare=False)
    """Before this nobody can have seen it: a clock had run ahead, and how old it is by now is not known."""
    _views: Mapping[Freshness, CapacityView] = field(init=False, repr=False, compare=False)
    """As answers show it while it is fresh, ageing and unknown."""

    def __post_init__(self) -> None:
        views = views_of(
            self.status, self.applies_to, shown_time(self.confirmed_at), shown_time(self.valid_until)
        )
        object.__setattr__(self, "_views", views)
        object.__setattr__(self, "holds_from", self.confirmed_at - CLOCK_SKEW)

    def is_for(self, group: str | None) -> bool:
        """Whether it counts for such a person, as in COUNTING_FOR."""
        return self.applies_to in COUNTING_FOR[group]

    def is_ended_by(self, other: "Figure", now: datetime) -> bool:
        """Whether the other one, for anyone, says that there is no place, and is newer, or holds when this one does not."""
        return (
            other.unit == self.unit
            and other.applies_to == "anyone" != self.applies_to
            and other.status in NO_PLACE
            and (
                other.seen_at > self.seen_at or (self.status_at(now) == "unknown" and now < other.valid_until)
            )
        )

    def status_at(self, now: datetime) -> str:
        return self.status if self.holds_from <= now < self.valid_until else "unknown"

    def freshness_at(self, now: datetime) -> Freshness:
        if self.status_at(now) == "unknown":
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
        seen_at=report.seen_at or report.observed_at,
        waits_days=report.waits_days,
        available=free_places(report.status, report.available) if counts_public else None,
        maximum=report.maximum if counts_public else None,
    )


def not_ended(figures: Sequence[Figure], now: datetime) -> list[Figure]:
    """Those that still stand: "full" for anyone ends what was said before it for a group. What is shown, listed or confirmed is
    of these.
    """
    return [one for one in figures if not any(one.is_ended_by(other, now) for other in figures)]


def figures_for(figures: Sequence[Figure], group: str | None, *, beds: bool, now: datetime) -> list[Figure]:
    """The figures that count at `now` for a person as in COUNTING_FOR, who needs a bed, or something else.

    Of a unit that was reported for the group itself, what was reported for anyone does not count; full beds are full, however
    many places there are in a class. Other units count only where nothing was reported of those that are needed. But "full"
    for anyone ends what was said before it for a group: who says it may not think of the other figure.
    """
    standing = not_ended(figures, now)
    named = {one.unit for one in standing if one.applies_to == group}
    of_person = [
        one for one in standing if one.is_for(group) and (one.unit not in named or one.applies_to == group)
    ]
    return [one for one in of_person if (one.unit in BEDS) == beds] or of_person


def best_figure(
    figures: Sequence[Figure], now: datetime, group: str | None = None, *, beds: bool = True
) -> Figure | None:
    """The best at `now` of `figures_for` a person; None without any."""
    if len(figures) < 2:
        # Nearly all services have one figure.
        return figures[0] if figures and figures[0].is_for(group) else None
    relevant = figures_for(figures, group, beds=beds, now=now)
    return min(
        relevant,
        key=lambda one: (RANKED_STATUSES.index(one.status_at(now)), one.unit, one.applies_to),
        default=None,
    )


def view_of(figure: Figure | None, now: datetime) -> CapacityView:
    """How a figure is shown at a moment."""
    return NEVER_REPORTED if figure is None else figure.view_at(now)


def capacity_at(
    figures: Sequence[Figure], now: datetime, group: str | None = None, *, beds: bool = True
) -> CapacityView:
    """What is shown of a service with these figures, to a person as in `figures_for`."""
    return view_of(best_figure(figures, now, group, beds=beds), now)


def next_capacity_change(figures: Iterable[Figure], now: datetime) -> datetime | None:
    """The next moment at which what the public sees changes by itself, or None."""
    moments = [
        moment
        for one in figures
        for moment in (one.holds_from, one.ageing_at, one.valid_until)
        if moment > now
    ]
    return min(moments, default=None)


def shown_time(moment: datetime) -> str:
    """An instant as JSON text, floored to the hour (RFC 3339, UTC)."""
    return f"{moment.astimezone(UTC).isoformat(timespec='hours')[:13]}:00:00Z"
