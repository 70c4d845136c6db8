"""Schedule rows: what one may say, how it is checked, and how it is written for people and for JSON.

A row is plain values in the words of HSDS and iCalendar. What the rows of a service mean together is in
`timetables.py`; whether it is open at a moment is in `hours.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict

from app.errors import FieldError, ValidationFailed

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""RFC 5545 section 3.3.10 (`byday`), in the order of `date.weekday()`."""

DAY_MINUTES = 24 * 60

MOST_ROWS = 200
"""More rows than any service needs; bounds what one record can cost the search."""

_KINDS = ("weekly", "extra", "closed")
_BANK_HOLIDAYS = ("open", "closed", "unknown")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ON_BANK_HOLIDAYS = {
    "open": "usual hours on bank holidays",
    "closed": "closed on bank holidays",
    "unknown": "hours on bank holidays not known",
}


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One row of a schedule, in civil time of Europe/London.

    `kind` is `weekly` (usual hours), `extra` (these hours replace the usual ones on `valid_from` to
    `valid_to`) or `closed` (nothing begins on those dates and nothing runs into them). `byday` may be empty
    for `extra` and `closed`: every date of the range. Times are `HH:MM`; `closes_at` may be `24:00`, and a
    closing time at or before the opening time is on the next date. `bank_holidays` says what a weekly row
    does on the bank holidays of England and means nothing on the other kinds.
    """

    kind: str
    byday: tuple[str, ...]
    opens_at: str | None
    closes_at: str | None
    valid_from: date | None
    valid_to: date | None
    bank_holidays: str

    def in_force(self, day: date) -> bool:
        """Whether the date lies in the row's validity, whatever its weekday."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def falls_on(self, day: date) -> bool:
        """Whether the row speaks of this date."""
        return self.in_force(day) and (not self.byday or WEEKDAYS[day.weekday()] in self.byday)

    def minutes(self) -> tuple[int, int]:
        """Opening and closing in minutes after midnight; past 1440 is the next date."""
        if self.opens_at is None or self.closes_at is None:
            raise ValueError("a closed row has no hours")
        begins, ends = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (self.opens_at, self.closes_at))
        return begins, ends if ends > begins else ends + DAY_MINUTES


class HoursText(TypedDict):
    """A schedule row as JSON; dates are ISO 8601 calendar dates."""

    kind: str
    byday: list[str]
    opens_at: str | None
    closes_at: str | None
    valid_from: str | None
    valid_to: str | None
    bank_holidays: str


def row_errors(row: ScheduleRow) -> tuple[FieldError, ...]:
    """What is wrong with one row, with pointers into that row (`/opens_at`); empty when it can be kept."""
    errors: list[FieldError] = []
    if row.kind not in _KINDS:
        errors.append(FieldError("/kind", "one of weekly, extra, closed"))
    if any(day not in WEEKDAYS for day in row.byday):
        errors.append(FieldError("/byday", "a list of MO, TU, WE, TH, FR, SA, SU"))
    elif row.kind == "weekly" and not row.byday:
        errors.append(FieldError("/byday", "a weekly row names at least one day"))
    if row.bank_holidays not in _BANK_HOLIDAYS:
        errors.append(FieldError("/bank_holidays", "one of open, closed, unknown"))
    errors.extend(_clock_errors(row))
    if row.kind in ("extra", "closed"):
        dates = (("/valid_from", row.valid_from), ("/valid_to", row.valid_to))
        errors.extend(
            FieldError(pointer, "an exception has a first and a last date")
            for pointer, day in dates
            if not day
        )
    if row.valid_from is not None and row.valid_to is not None and row.valid_to < row.valid_from:
        errors.append(FieldError("/valid_to", "not before valid_from"))
    return tuple(errors)


def _clock_errors(row: ScheduleRow) -> list[FieldError]:
    errors: list[FieldError] = []
    for pointer, clock in (("/opens_at", row.opens_at), ("/closes_at", row.closes_at)):
        if row.kind == "closed":
            if clock is not None:
                errors.append(FieldError(pointer, "a closed row has no times"))
        elif clock is None:
            errors.append(FieldError(pointer, "a time is needed"))
        elif not (_CLOCK.fullmatch(clock) or (clock == "24:00" and pointer == "/closes_at")):
            errors.append(FieldError(pointer, "a time of day as HH:MM, 00:00 to 23:59 (24:00 to close)"))
    return errors


def checked(rows: Iterable[ScheduleRow]) -> tuple[ScheduleRow, ...]:
    """The rows once each, in one fixed order, so that equal patterns are equal tuples.

    Raises ValidationFailed with pointers into the array of rows (`/0/opens_at`).
    """
    given = tuple(rows)
    if len(given) > MOST_ROWS:
        raise ValidationFailed(errors=(FieldError("", f"at most {MOST_ROWS} rows"),))
    errors = tuple(
        FieldError(f"/{position}{error.pointer}", error.detail)
        for position, row in enumerate(given)
        for error in row_errors(row)
    )
    if errors:
        raise ValidationFailed(errors=errors)
    in_week_order = {replace(row, byday=tuple(day for day in WEEKDAYS if day in row.byday)) for row in given}
    return tuple(sorted(in_week_order, key=_order))


def _order(row: ScheduleRow) -> tuple[int, date, date, tuple[int, ...], str, str, str]:
    return (
        _KINDS.index(row.kind),
        row.valid_from or date.min,
        row.valid_to or date.max,
        tuple(WEEKDAYS.index(day) for day in row.byday),
        row.opens_at or "",
        row.closes_at or "",
        row.bank_holidays,
    )


def public_hours(rows: Iterable[ScheduleRow]) -> list[HoursText]:
    """The rows for JSON, in the fixed order of `checked`, so that the same hours always give the same bytes.

    Raises ValidationFailed as `checked` does.
    """
    return [
        HoursText(
            kind=row.kind,
            byday=list(row.byday),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            valid_from=row.valid_from.isoformat() if row.valid_from else None,
            valid_to=row.valid_to.isoformat() if row.valid_to else None,
            bank_holidays=row.bank_holidays,
        )
        for row in checked(rows)
    ]


def words(rows: tuple[ScheduleRow, ...]) -> tuple[str, ...]:
    """Checked rows in plain English: usual hours, bank holidays, dates with other hours, dates closed."""
    if not rows:
        return ("hours not known",)
    weekly = [row for row in rows if row.kind == "weekly"]
    holiday_words = sorted({_ON_BANK_HOLIDAYS[row.bank_holidays] for row in weekly})
    said: list[str] = []
    spans = dict.fromkeys((row.valid_from, row.valid_to, row.bank_holidays) for row in weekly)
    for first, last, bank_holidays in spans:
        tail = _span(first, last)
        if len(holiday_words) > 1:
            tail += f" ({_ON_BANK_HOLIDAYS[bank_holidays]})"
        alike = [
            row
            for row in weekly
            if (row.valid_from, row.valid_to, row.bank_holidays) == (first, last, bank_holidays)
        ]
        said.extend(f"{usual}{tail}" for usual in _usual_hours(alike))
    if len(holiday_words) == 1:
        said.extend(holiday_words)
    replaced: dict[str, list[ScheduleRow]] = {}
    for row in rows:
        if row.kind == "extra":
            replaced.setdefault(_dates(row), []).append(row)
    for dates, extra in replaced.items():
        said.append(f"{dates} {_times(extra)} in place of the usual hours")
    said.extend(f"closed {_dates(row)}" for row in rows if row.kind == "closed")
    return tuple(said)


def _usual_hours(rows: list[ScheduleRow]) -> list[str]:
    """Days with the same hours said together, whichever way the rows were cut."""
    days_by_times: dict[str, list[int]] = {}
    for index, weekday in enumerate(WEEKDAYS):
        of_the_day = [row for row in rows if weekday in row.byday]
        if of_the_day:
            days_by_times.setdefault(_times(of_the_day), []).append(index)
    return [f"{_days(days)} {times}" for times, days in days_by_times.items()]


def _times(rows: list[ScheduleRow]) -> str:
    spells = sorted({row.minutes() for row in rows})
    return _listed([_spell(begins, ends) for begins, ends in spells])


def _spell(begins: int, ends: int) -> str:
    if (begins, ends) == (0, DAY_MINUTES):
        return "24 hours"
    next_date = " the next day" if ends > DAY_MINUTES else ""
    return f"{_clock(begins)} to {_clock(ends)}{next_date}"


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute % DAY_MINUTES, 60)
    return f"{hours:02}:{minutes:02}" if hours or minutes else "midnight"


def _days(days: list[int]) -> str:
    if len(days) == len(WEEKDAYS):
        return "every day"
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names: list[str] = []
    for run in runs:
        if len(run) > 2:
            names.append(f"{_DAY_NAMES[run[0]]} to {_DAY_NAMES[run[-1]]}")
        else:
            names.extend(_DAY_NAMES[day] for day in run)
    return _listed(names)


def _dates(row: ScheduleRow) -> str:
    """The dates of an exception."""
    if row.valid_from is None or row.valid_to is None:
        raise ValueError("an exception has a first and a last date")
    if row.valid_to == row.valid_from:
        return _date(row.valid_from)
    span = f"{_date(row.valid_from)} to {_date(row.valid_to)}"
    if len(row.byday) in (0, len(WEEKDAYS)):
        return span
    return f"{span} on {_days([WEEKDAYS.index(day) for day in row.byday])}"


def _span(first: date | None, last: date | None) -> str:
    return (f" from {_date(first)}" if first else "") + (f" until {_date(last)}" if last else "")


def _date(day: date) -> str:
    # Month names from a fixed calendar, not strftime: the words must not follow the machine's locale.
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
