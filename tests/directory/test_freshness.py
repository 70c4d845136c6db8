"""Capacity over time: what was reported holds until it expires, to the very microsecond, and not longer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.directory.freshness import capacity_at, next_capacity_change, public_figure
from app.models.capacity import CapacityReport
from app.models.codes import CAPACITY_GROUPS, CAPACITY_STATUSES

START = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)

BEST_FIRST = ("accepting", "limited", "assess_first", "unknown", "waiting_list", "full", "closed_temporarily")
"""docs/search.md, section 5, with a status that is known before one that is not."""


def report(
    status: str = "accepting",
    *,
    observed_at: datetime = START,
    life: timedelta = timedelta(hours=12),
    unit: str = "bed_space",
    applies_to: str = "anyone",
) -> CapacityReport:
    return CapacityReport(
        service_id=UUID(int=1),
        unit=unit,
        applies_to=applies_to,
        status=status,
        available=None,
        maximum=None,
        observed_at=observed_at,
        valid_until=observed_at + life,
        source="page",
    )


@dataclass
class Told:
    """What the model remembers of the latest report of a unit and group."""

    status: str
    told_at: datetime
    expires_at: datetime


class Clock(RuleBasedStateMachine):
    """Reports come in, time goes by; a few lines of arithmetic say what may be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.told: dict[tuple[str, str], Told] = {}
        self.reports: dict[tuple[str, str], CapacityReport] = {}

    @rule(
        unit=st.sampled_from(("bed_space", "class_place")),
        group=st.sampled_from(CAPACITY_GROUPS),
        status=st.sampled_from(CAPACITY_STATUSES),
        life=st.timedeltas(min_value=A_MICROSECOND, max_value=timedelta(days=3)),
    )
    def report_comes_in(self, unit: str, group: str, status: str, life: timedelta) -> None:
        self.told[unit, group] = Told(status, self.now, self.now + life)
        self.reports[unit, group] = report(
            status, observed_at=self.now, life=life, unit=unit, applies_to=group
        )

    @rule(passed=st.timedeltas(min_value=A_MICROSECOND, max_value=timedelta(days=1)))
    def time_passes(self, passed: timedelta) -> None:
        self.now += passed

    @rule()
    def time_passes_to_just_before_the_next_expiry(self) -> None:
        coming = [told.expires_at for told in self.told.values() if told.expires_at > self.now]
        if coming:
            self.now = min(coming) - A_MICROSECOND

    @rule()
    def time_passes_to_the_next_expiry(self) -> None:
        coming = [told.expires_at for told in self.told.values() if told.expires_at > self.now]
        if coming:
            self.now = min(coming)

    @invariant()
    def the_best_of_what_is_still_true_is_shown(self) -> None:
        figures = [public_figure(one, counts_public=False) for one in self.reports.values()]
        for group in (None, "women", "children"):
            for beds in (True, False):
                true_now = {
                    told.status if self.now < told.expires_at else "unknown"
                    for told in self._counting(group, beds=beds)
                }
                expected = next((status for status in BEST_FIRST if status in true_now), "unknown")
                assert capacity_at(figures, self.now, group, beds=beds).status == expected

    def _counting(self, group: str | None, *, beds: bool) -> list[Told]:
        """What was told for the group, or for anyone of units without it; of beds before other units, or after them."""
        counting: dict[bool, list[Told]] = {True: [], False: []}
        standing = {key: told for key, told in self.told.items() if not self._is_ended(*key)}
        for (unit, applies_to), told in standing.items():
            if (
                group is None
                or applies_to == group
                or (applies_to == "anyone" and (unit, group) not in standing)
            ):
                counting[unit == "bed_space"].append(told)
        return counting[beds] or counting[not beds]

    def _is_ended(self, unit: str, applies_to: str) -> bool:
        """By "no place" for anyone, told later or holding alone."""
        told, anyone = self.told[unit, applies_to], self.told.get((unit, "anyone"))
        if applies_to == "anyone" or anyone is None:
            return False
        says_nothing = told.status == "unknown" or self.now >= told.expires_at
        return anyone.status in ("waiting_list", "full", "closed_temporarily") and (
            anyone.told_at > told.told_at or (says_nothing and self.now < anyone.expires_at)
        )

    @invariant()
    def nothing_changes_before_it_is_said_to(self) -> None:
        figures = [public_figure(one, counts_public=False) for one in self.reports.values()]
        change = next_capacity_change(figures, self.now)
        expiries = [told.expires_at for told in self.told.values() if told.expires_at > self.now]
        assert (change is not None) >= bool(expiries)
        if change is None:
            return
        assert self.now < change
        assert all(change <= expiry for expiry in expiries)
        for figure in figures:
            last = change - A_MICROSECOND
            assert (figure.status_at(last), figure.freshness_at(last)) == (
                figure.status_at(self.now),
                figure.freshness_at(self.now),
            )


TestClock = Clock.TestCase


@pytest.mark.parametrize("status", CAPACITY_STATUSES)
def test_past_its_time_a_figure_is_unknown_at_that_very_moment(status: str) -> None:
    figure = public_figure(report(status), counts_public=True)
    expiry = START + timedelta(hours=12)

    assert capacity_at([figure], expiry - A_MICROSECOND).status == status
    assert capacity_at([figure], expiry).status == "unknown"
    assert figure.freshness_at(expiry) == "unknown"


def test_a_figure_lives_as_long_by_the_real_clock_when_the_clocks_change() -> None:
    # In the night of 28 March 2026, 22:30 to 10:30 is eleven hours on the clock of the wall.
    figure = public_figure(report(life=timedelta(hours=12)), counts_public=False)

    assert figure.status_at(datetime(2026, 3, 29, 10, 29, 59, tzinfo=UTC)) == "accepting"
    assert figure.status_at(datetime(2026, 3, 29, 10, 30, tzinfo=UTC)) == "unknown"


def test_nothing_reported_is_unknown() -> None:
    view = capacity_at([], START)

    assert (view.status, view.is_reported) == ("unknown", False)
    assert next_capacity_change([], START) is None


def test_counts_are_shown_only_where_the_provider_chose_to() -> None:
    told = report()
    told.available, told.maximum = 2, 5

    assert public_figure(told, counts_public=True).available == 2
    hidden = public_figure(told, counts_public=False)
    assert (hidden.available, hidden.maximum) == (None, None)


@pytest.mark.parametrize("status", CAPACITY_STATUSES)
def test_a_place_that_nobody_gets_is_not_shown_as_free(status: str) -> None:
    """Reports from before such a one was refused are stored: their status stands, not their number."""
    told = report(status)
    told.available, told.maximum = 2, 5

    figure = public_figure(told, counts_public=True)

    nobody_taken = status in ("waiting_list", "full", "closed_temporarily")
    assert (figure.status, figure.available) == (status, None if nobody_taken else 2)


def test_the_minute_of_a_report_is_not_shown() -> None:
    assert public_figure(report(), counts_public=False).confirmed_at == START.replace(minute=0)
