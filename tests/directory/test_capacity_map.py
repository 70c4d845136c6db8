"""Ranks over time: whatever was replaced, and however far ahead they were worked out, they are those of the figures."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory import capacity_map, rank_steps
from app.directory.capacity_map import ASKED, CapacityMap, build_capacity, microseconds
from app.directory.freshness import STATUS_RANK, Figure, capacity_at
from app.directory.rank_steps import MOST_PERIODS, RankSteps
from app.models.codes import CAPACITY_GROUPS, CAPACITY_STATUSES, CAPACITY_UNITS

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(1, 5)]
UNLISTED = UUID(int=99)
ROW_OF = {service_id: row for row, service_id in enumerate(IDS)}
MICROSECOND = timedelta(microseconds=1)
LOOKS = (-3, 0, 1, 2 - 1e-6, 7, 14 - 1e-6, 30)
"""Seconds from START at which somebody looks ahead: before, among and after the expiries, and right before one."""

Figures = Mapping[UUID, Sequence[Figure]]


def make_figure(unit: str, applies_to: str, status: str, seconds: int) -> Figure:
    until = START + timedelta(seconds=seconds)
    seen_at = START - timedelta(minutes=seconds % 3)
    return Figure(unit, applies_to, status, START - timedelta(hours=1), until, START, seen_at)


figures = st.builds(
    make_figure,
    st.sampled_from(CAPACITY_UNITS[:2]),
    st.sampled_from(CAPACITY_GROUPS),
    st.sampled_from(CAPACITY_STATUSES),
    st.integers(0, 15),
)
of_a_service = st.lists(figures, max_size=4, unique_by=lambda one: (one.unit, one.applies_to)).map(
    lambda found: tuple(sorted(found, key=lambda one: (one.unit, one.applies_to)))
)
writes = st.lists(
    st.dictionaries(st.sampled_from([*IDS, UNLISTED]), of_a_service, min_size=1), min_size=1, max_size=6
)


def differences(one: CapacityMap, other: CapacityMap) -> list[str]:
    """In what two maps differ."""
    found = [name for name in ("figures", "of_row") if getattr(one, name) != getattr(other, name)]
    return found + [
        f"{name} of {asked}"
        for asked in ASKED
        for name in ("rank", "until_us")
        if not np.array_equal(getattr(one.steps[asked], name), getattr(other.steps[asked], name))
    ]


def after(written: Sequence[Figures]) -> CapacityMap:
    """The map after these writes, each taken up by itself."""
    capacity = build_capacity({}, IDS)
    for one in written:
        capacity = capacity.replaced(one, ROW_OF)
    return capacity


def ranks_of(by_rank: Sequence[int], count: int) -> list[int]:
    """The rank of each service, from the sets of all ranks; one that is in none of them, or in two, is -1."""
    found = [[rank for rank, rows in enumerate(by_rank) if rows >> row & 1] for row in range(count)]
    return [ranks[0] if len(ranks) == 1 else -1 for ranks in found]


def wrong_ranks(capacity: CapacityMap, *, look: float) -> list[str]:
    """Where the ranks are not those of the figures, at every expiry and a microsecond before, having looked ahead `look` seconds after START."""
    expiries = {figure.valid_until for found in capacity.figures.values() for figure in found}
    wrong = []
    for moment in sorted({START, *expiries, *(expiry - MICROSECOND for expiry in expiries)}):
        capacity.look_ahead(START + timedelta(seconds=look))
        for group, beds in ASKED:
            expected = [
                STATUS_RANK[capacity_at(capacity.of(service_id), moment, group, beds=beds).status]
                for service_id in IDS
            ]
            for is_present in (False, True):
                by_rank = capacity.steps[group, beds].at(microseconds(moment), is_present=is_present)
                if ranks_of(by_rank, len(IDS)) != expected:
                    wrong.append(f"{group}, beds {beds}, at {moment}, looked at {look}, present {is_present}")
    return wrong


@given(written=writes)
def test_a_map_that_was_written_to_is_the_one_built_from_nothing(written: list[Figures]) -> None:
    last = {service_id: found for one in written for service_id, found in one.items()}
    assert differences(after(written), build_capacity(last, IDS)) == []


@given(written=writes)
def test_a_write_leaves_the_map_before_it_as_it_was(written: list[Figures]) -> None:
    before = after(written[:-1])
    before.replaced(written[-1], ROW_OF)
    assert differences(before, after(written[:-1])) == []


@given(written=writes, look=st.sampled_from(LOOKS))
def test_ranks_are_those_of_the_figures_to_the_microsecond(written: list[Figures], look: float) -> None:
    assert wrong_ranks(after(written), look=look) == []


def test_what_was_seen_ahead_is_not_worked_out_in_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    one = make_figure("bed_space", "anyone", "accepting", 1)
    capacity = build_capacity({IDS[0]: [one]}, IDS)
    capacity.look_ahead(START)
    monkeypatch.delattr(RankSteps, "_periods")

    ranks = [
        ranks_of(capacity.steps[None, True].at(microseconds(moment)), 1)[0]
        for moment in (START, one.valid_until - MICROSECOND, one.valid_until)
    ]

    assert ranks == [STATUS_RANK["accepting"], STATUS_RANK["accepting"], STATUS_RANK["unknown"]]


def test_however_many_expire_in_a_moment_only_so_many_periods_are_kept() -> None:
    many = {
        UUID(int=number): [
            Figure("bed_space", "anyone", "full", START, START + timedelta(milliseconds=number), START, START)
        ]
        for number in range(1, 3 * MOST_PERIODS)
    }
    capacity = build_capacity(many, list(many))
    capacity.look_ahead(START)

    (known,) = capacity.steps[None, True]._known
    assert len(known.by_rank) == MOST_PERIODS
    for number in range(len(many) + 1):
        by_rank = capacity.steps[None, True].at(microseconds(START + timedelta(milliseconds=number)))
        assert by_rank[STATUS_RANK["unknown"]].bit_count() == number


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {}


def fault(put_in: Callable[[pytest.MonkeyPatch], None]) -> Callable[[pytest.MonkeyPatch], None]:
    FAULTS[put_in.__name__] = put_in
    return put_in


@fault
def old_steps_stay_below_the_new(patch: pytest.MonkeyPatch) -> None:
    real = RankSteps.replaced

    def forgetful(self: RankSteps, timelines: Mapping[int, Any]) -> RankSteps:
        return real(self, {row: steps for row, steps in timelines.items() if steps})

    patch.setattr(RankSteps, "replaced", forgetful)


@fault
def a_group_keeps_the_steps_of_another(patch: pytest.MonkeyPatch) -> None:
    real = capacity_map._timelines
    patch.setattr(
        capacity_map,
        "_timelines",
        lambda found, now: dict.fromkeys(ASKED, real(found, now).get((None, True), ())),
    )


@fault
def what_was_seen_ahead_is_kept_past_its_end(patch: pytest.MonkeyPatch) -> None:
    real = RankSteps._periods

    def stubborn(self: RankSteps, begin_us: int, end_us: int) -> rank_steps.KnownRanks:
        known = real(self, begin_us, end_us)
        return rank_steps.KnownRanks(known.since_us, rank_steps.FOREVER_US, known.by_rank)

    patch.setattr(RankSteps, "_periods", stubborn)


@fault
def the_last_microsecond_is_lost(patch: pytest.MonkeyPatch) -> None:
    real = rank_steps._ranks_at
    patch.setattr(rank_steps, "_ranks_at", lambda rank, until, now: real(rank, until, now + 1))


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short = make_figure("bed_space", "women", "accepting", 1)
    long = make_figure("household_unit", "anyone", "full", 14)
    written: list[Figures] = [
        {IDS[0]: (short, long), IDS[1]: (short,)},
        {IDS[0]: (long,), IDS[1]: (make_figure("bed_space", "men", "full", 5),)},
    ]
    last = {service_id: found for one in written for service_id, found in one.items()}
    expected = build_capacity(last, IDS)

    def found() -> list[str]:
        capacity = after(written)
        return [
            *differences(capacity, expected),
            *(line for look in LOOKS for line in wrong_ranks(capacity, look=look)),
        ]

    assert found() == []
    FAULTS[name](monkeypatch)
    assert found() != []
