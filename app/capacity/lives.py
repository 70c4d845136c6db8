"""How long a figure is believed, by what it counts. Past its time it is `unknown`, so a life is a promise, kept short.

Every life ends at a whole hour: the public sees `valid_until`, and the minute would tell when somebody was taken in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from app.directory.freshness import floor_to_hour

DEFAULT_LIFE: Mapping[str, timedelta] = MappingProxyType(
    {
        # A bed is filled in a night; what was free at noon is asked for again by midnight.
        "bed_space": timedelta(hours=12),
        "household_unit": timedelta(hours=12),
        # A helpline seldom reports; when it does, it is about today (lines down, nobody on shift), not about the week.
        "call_line": timedelta(hours=24),
        "caseworker_place": timedelta(days=7),
        "appointment": timedelta(days=7),
        "class_place": timedelta(days=30),
    }
)
"""A bed holds for a night, a place with a caseworker for a week; `household_unit` is like a bed, and `call_line` is of our choice."""

LONGEST_LIFE: Mapping[str, timedelta] = MappingProxyType(
    {
        # Long enough for "closed for repairs until next week"; nobody knows of a bed for longer.
        "bed_space": timedelta(days=7),
        "household_unit": timedelta(days=7),
        "call_line": timedelta(days=7),
        "caseworker_place": timedelta(days=30),
        "appointment": timedelta(days=30),
        # A term.
        "class_place": timedelta(days=120),
    }
)
"""What a sender may ask for. A figure that is still true is confirmed, not made to last."""


def end_of_life(unit: str, observed_at: datetime, asked: datetime | None) -> datetime:
    """When a figure ends: as `asked`, or after the unit's default life, floored to the whole hour (UTC).

    Raises ValueError, in words for the sender, where nothing would be left of it, or it would last too long. A life is
    never rounded up: a figure must not hold for longer than whoever gave it said it would.
    """
    ends_at = observed_at + DEFAULT_LIFE[unit] if asked is None else asked
    floored = floor_to_hour(ends_at)
    if floored <= observed_at:
        raise ValueError("at or after the next whole hour after observed_at: lives end at whole hours")
    if ends_at > observed_at + LONGEST_LIFE[unit]:
        raise ValueError(f"at most {_in_words(LONGEST_LIFE[unit])} after observed_at for this unit")
    return floored


def life_in_hours(observed_at: datetime, valid_until: datetime) -> timedelta:
    """How long a figure was meant to hold, in whole hours, so that confirming it again and again does not shorten it."""
    return valid_until - floor_to_hour(observed_at)


def _in_words(life: timedelta) -> str:
    return f"{life.days} days"
