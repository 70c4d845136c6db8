"""Opening hours for the reference: whether one minute of one date is open, by the rules in words in `app/directory/hours.py`
and `timetables.py`. Bank holidays are those that GOV.UK publishes.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

from app.directory.hours import ScheduleRow

LONDON = ZoneInfo("Europe/London")


def is_open(rows: Sequence[ScheduleRow], at: datetime) -> bool | None:
    """Open, closed or not known at a moment, by asking about that minute of that date."""
    if not rows:
        return None
    local = at.astimezone(LONDON)
    if local.fold:
        # Every time of the repeated hour has already been; it stays as it was at the hour's end.
        local = local.replace(minute=59, fold=0)
    day, minute = local.date(), local.hour * 60 + local.minute
    return is_open_at_minute(rows, day, minute)


def is_open_at_minute(rows: Sequence[ScheduleRow], day: date, minute: int) -> bool | None:
    if any(row.kind == "closed" and speaks_of(row, day) for row in rows):
        return False
    words = [
        *said_by_hours_begun(rows, day, minute, night=False),
        *said_by_hours_begun(rows, day - timedelta(days=1), minute + 24 * 60, night=True),
    ]
    if True in words:
        return True
    if None in words:
        return None
    has_extra = any(row.kind == "extra" and speaks_of(row, day) for row in rows)
    has_weekly = any(row.kind == "weekly" and in_force(row, day) for row in rows)
    return False if has_extra or has_weekly else None


def said_by_hours_begun(
    rows: Sequence[ScheduleRow], day: date, minute: int, *, night: bool
) -> list[bool | None]:
    """What hours that begin on a date say about a minute counted from its midnight: True open, None not known.

    `night` asks about the date after, whose bank holiday then counts too.
    """
    said: list[bool | None] = []
    if any(row.kind == "closed" and speaks_of(row, day) for row in rows):
        return said
    extra = [row for row in rows if row.kind == "extra" and speaks_of(row, day)]
    weekly = [row for row in rows if row.kind == "weekly" and speaks_of(row, day)]
    for row in extra or weekly:
        rule_of_begin = row.bank_holidays if row.kind == "weekly" and is_bank_holiday(day) else "open"
        if rule_of_begin == "closed":
            continue
        if rule_of_begin == "unknown" and not night:
            said.append(None)
            continue
        opens, closes = clock_minutes(row)
        if not opens <= minute < closes:
            continue
        after = day + timedelta(days=1)
        rule_of_morning = (
            row.bank_holidays if night and row.kind == "weekly" and is_bank_holiday(after) else "open"
        )
        if rule_of_morning == "closed":
            continue
        said.append(None if "unknown" in (rule_of_begin, rule_of_morning) else True)
    return said


def in_force(row: ScheduleRow, day: date) -> bool:
    return (row.valid_from or date.min) <= day <= (row.valid_to or date.max)


def speaks_of(row: ScheduleRow, day: date) -> bool:
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
    return in_force(row, day) and (weekday in row.byday or not row.byday)


def clock_minutes(row: ScheduleRow) -> tuple[int, int]:
    """Opening and closing in minutes after midnight; a closing time at or before the opening time is a day later."""
    opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in (row.opens_at or "", row.closes_at or ""))
    return opens, closes if closes > opens else closes + 24 * 60


@lru_cache(maxsize=1)
def proclaimed() -> frozenset[date]:
    holidays = BankHolidays(use_cached_holidays=True)
    return frozenset(one["date"] for one in holidays.get_holidays(division=BankHolidays.ENGLAND_AND_WALES))


def is_bank_holiday(day: date) -> bool:
    """As proclaimed, with Christmas Day, Boxing Day and New Year's Day themselves when they fall on a weekend."""
    return day in proclaimed() or (day.month, day.day) in ((12, 25), (12, 26), (1, 1))
