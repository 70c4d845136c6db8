"""How long figures live: ends at whole hours, never longer than was said, and never shorter for being confirmed again."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.capacity.lives import DEFAULT_LIFE, LONGEST_LIFE, end_of_life, life_in_hours
from app.directory.freshness import floor_to_hour
from app.models.codes import CAPACITY_UNITS

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda passed: START + passed)
UNITS = st.sampled_from(CAPACITY_UNITS)


def test_every_unit_has_a_life_and_a_longest_one() -> None:
    assert set(DEFAULT_LIFE) == set(LONGEST_LIFE) == set(CAPACITY_UNITS)
    assert all(HOUR <= DEFAULT_LIFE[unit] <= LONGEST_LIFE[unit] for unit in CAPACITY_UNITS)


@given(unit=UNITS, observed_at=MOMENTS)
def test_a_default_life_ends_at_a_whole_hour_at_most_an_hour_early(unit: str, observed_at: datetime) -> None:
    ends_at = end_of_life(unit, observed_at, None)
    assert ends_at == floor_to_hour(ends_at)
    assert observed_at + DEFAULT_LIFE[unit] - HOUR < ends_at <= observed_at + DEFAULT_LIFE[unit]


@given(unit=UNITS, observed_at=MOMENTS, asked=st.timedeltas(timedelta(microseconds=1), timedelta(days=130)))
def test_a_life_is_what_was_asked_for_or_refused(unit: str, observed_at: datetime, asked: timedelta) -> None:
    try:
        ends_at = end_of_life(unit, observed_at, observed_at + asked)
    except ValueError:
        assert asked > LONGEST_LIFE[unit] or floor_to_hour(observed_at + asked) <= observed_at
        return
    assert observed_at < ends_at <= observed_at + asked <= observed_at + LONGEST_LIFE[unit]
    assert ends_at == floor_to_hour(ends_at)


@given(unit=UNITS, moments=st.lists(MOMENTS, min_size=2, max_size=6))
def test_confirming_again_and_again_neither_shortens_nor_lengthens_a_life(
    unit: str, moments: list[datetime]
) -> None:
    observed_at, *later = sorted(moments)
    ends_at = end_of_life(unit, observed_at, None)
    life = life_in_hours(observed_at, ends_at)
    for moment in later:
        ends_at = end_of_life(unit, moment, moment + life_in_hours(observed_at, ends_at))
        observed_at = moment
        assert life_in_hours(observed_at, ends_at) == life


@pytest.mark.parametrize("minutes", [1, 39])
def test_a_life_that_ends_before_the_next_whole_hour_is_refused(minutes: int) -> None:
    observed_at = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)
    with pytest.raises(ValueError, match="whole hour"):
        end_of_life("bed_space", observed_at, observed_at + timedelta(minutes=minutes))
    assert end_of_life("bed_space", observed_at, observed_at + timedelta(minutes=40)).hour == 11
