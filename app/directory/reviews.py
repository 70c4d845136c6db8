"""When a public fact is overdue: from the midnight in London after its `review_by`, on every surface, with no job running."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.directory.records import PublicAssurance

LONDON = ZoneInfo("Europe/London")
LONGEST = timedelta(days=366)
"""A fact that nobody looks at for a year is not known to hold."""


def today_in_london(now: datetime) -> date:
    return now.astimezone(LONDON).date()


def latest_review(today: date) -> date:
    """The last day that anybody may set for looking at a fact again, by hand or in a file."""
    return today + LONGEST


def overdue_facts(assurance: Sequence[PublicAssurance], now: datetime) -> tuple[str, ...]:
    """Names of the facts whose review is past, in the order of the record: nobody has looked at them in time."""
    today = today_in_london(now)
    return tuple(one.fact for one in assurance if one.review_by < today)


def next_overdue_at(assurance: Sequence[PublicAssurance], now: datetime) -> datetime | None:
    """The next midnight at which one more fact becomes overdue; None where none is left to."""
    today = today_in_london(now)
    days = [one.review_by for one in assurance if today <= one.review_by < date.max]
    if not days:
        return None
    return datetime.combine(min(days) + timedelta(days=1), time(), LONDON)
