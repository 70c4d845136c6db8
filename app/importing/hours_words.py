"""Opening hours in a cell, read and written: `Mon-Fri 9am-5pm; Sat 10:00-13:00; closed on bank holidays`, or `24/7`.

    hours    24/7, or entries with ; , or a new line between
    entry    days times [from DATE] [until DATE] [bank holidays]      usual hours
             extra DATE [to DATE] [days] times                        these hours in place of the usual ones
             closed DATE [to DATE] [days]                             closed on these dates
             days closed                                              says nothing more than leaving the days out
             bank holidays                                            for all entries that say nothing about them

A time has minutes, or am or pm. "9-5" is not read: nobody may stand at a closed door at eleven because a machine was
sure that "till 9" meant the evening.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from app.curation.submissions import HoursSubmission, ScheduleSubmission, Weekday
from app.directory.schedules import MOST_ROWS, WEEKDAYS
from app.importing.faults import Fault
from app.importing.plain_words import calendar_date

_ALWAYS = re.compile(
    r"24/7|24x7|24-7|always open|24 ?(?:hours|hrs)(?: a day)?,? (?:7|seven) days(?: a week)?(?:,? 365 days(?: a year)?)?|day and night,? every day"
)
_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = {"mo": 0, "mon": 0, "monday": 0, "mondays": 0, "tu": 1, "tue": 1, "tues": 1, "tuesday": 1, "tuesdays": 1, "we": 2,
        "wed": 2, "weds": 2, "wednesday": 2, "wednesdays": 2, "th": 3, "thu": 3, "thur": 3, "thurs": 3, "thursday": 3,
        "thursdays": 3, "fr": 4, "fri": 4, "friday": 4, "fridays": 4, "sa": 5, "sat": 5, "saturday": 5, "saturdays": 5,
        "su": 6, "sun": 6, "sunday": 6, "sundays": 6}  # fmt: skip
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAYS = "|".join(sorted(_DAY, key=len, reverse=True))
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<date>\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}\s\d{{4}})
    | (?P<holidays>\(?\s*(?:(?:including|incl\.?|except|excluding|not|open(?:\son)?|closed(?:\son)?|usual\shours\son)\s(?:all\s)?bank\sholidays
                  |hours\son\sbank\sholidays\snot\sknown)\s*\)?)
    | (?P<days>every\sday|daily|7\sdays\sa\sweek|seven\sdays\sa\sweek|weekdays?|weekends?)\b
    | (?P<day>{_DAYS})\b
    | (?P<time>\d{{1,2}}[:.]\d{{2}}(?:\s?[ap]\.?m\b\.?)?|\d{{1,2}}\s?[ap]\.?m\b\.?|noon|midday|midnight)
    | (?P<allday>24\s?(?:hours|hrs)|all\sday)\b
    | (?P<word>from|to|until|til|till|and|extra|closed|on)\b
    | (?P<mark>[-–—,;:&\n.])
    )""",
    re.VERBOSE,
)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s?([ap])?")
_ONE_DIGIT = re.compile(r"\d[:.]\d{2}")
_EITHER_HALF = re.compile(r"(?:[1-9]|1[01])[:.]\d{2}")
"""A time without am or pm that is no clock's by its form: a clock has 08:00, and 13 hours and more in the afternoon."""
_HOLIDAY_RULES = (
    ("open", ("including", "incl", "open", "usual")),
    ("closed", ("except", "excluding", "not", "closed")),
)
_HOLIDAY_WORDS = {
    "open": "open on bank holidays",
    "closed": "closed on bank holidays",
    "unknown": "hours on bank holidays not known",
}
_TO = ("to", "until", "til", "till", "-", "–", "—")
_UNCLEAR = "hours-unclear"


def read_hours(text: str) -> HoursSubmission:
    """Schedule rows in the order in which they are written, or "24/7". Raises Fault."""
    said = re.sub(r"[ \t\r\u00a0\u202f]+", " ", text).strip(" \n.").casefold()
    if _ALWAYS.fullmatch(said):
        return "24/7"
    reading = _Reading(_tokens(said))
    rows = reading.rows()
    if not rows or len(rows) > MOST_ROWS:
        raise Fault(_UNCLEAR)
    return rows


def write_hours(hours: HoursSubmission) -> str:
    """What `read_hours` reads as the same rows; hours must not be empty."""
    if hours == "24/7":
        return hours
    rules = {row.bank_holidays for row in hours}
    same = rules.pop() if len(rules) == 1 else None
    entries = [_entry(row, says_holidays=same is None) for row in hours]
    if same not in (None, "unknown"):
        entries.append(_HOLIDAY_WORDS[cast(str, same)])
    return "; ".join(entries)


@dataclass(slots=True)
class _Entry:
    """What has been read of one entry."""

    kind: str = "weekly"
    days: list[int] = field(default_factory=list)
    spells: list[tuple[str, str]] = field(default_factory=list)
    valid_from: date | None = None
    valid_to: date | None = None
    bank_holidays: str | None = None
    is_closed: bool = False


class _Reading:
    """One pass over the tokens. Anything out of place is a fault."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._entries: list[_Entry] = []
        self._holidays: str | None = None
        self._is_loose = False
        """Whether a rule for bank holidays stands after an entry without brackets."""

    def rows(self) -> tuple[ScheduleSubmission, ...]:
        while self._at < len(self._tokens):
            if self._next("mark") in (",", ";", "\n", "&", ".") or self._next("word") == "and":
                self._at += 1
            elif (rule := self._take("holidays")) is not None:
                if self._holidays is not None:
                    raise Fault(_UNCLEAR)
                self._holidays = _holiday_rule(rule)
            else:
                self._entries.append(self._entry())
        # "Mon-Fri 9am-5pm; Sat 9am-1pm closed on bank holidays" leaves open whether all of it is meant.
        if self._is_loose and any(entry.bank_holidays is None and entry.spells for entry in self._entries):
            raise Fault(_UNCLEAR)
        return tuple(row for entry in self._entries for row in self._rows_of(entry))

    def _entry(self) -> _Entry:
        entry = _Entry()
        word = self._next("word")
        if word in ("closed", "extra"):
            self._at += 1
            entry.kind = word
            self._skip("word", "on")
            entry.valid_from = entry.valid_to = self._date()
            if self._skip_to():
                entry.valid_to = self._date()
            self._skip("word", "on")
        if entry.kind == "weekly" or self._next("day") or self._next("days"):
            entry.days = self._days()
        if entry.kind == "weekly" and self._take_word("closed"):
            entry.is_closed = True
            return entry
        if entry.kind != "closed":
            entry.spells = self._spells()
        if entry.kind == "weekly":
            self._validity(entry)
        if (said := self._take("holidays")) is not None:
            entry.bank_holidays = _holiday_rule(said)
            self._is_loose |= not said.startswith("(")
        return entry

    def _validity(self, entry: _Entry) -> None:
        if self._next("word") == "from":
            self._at += 1
            entry.valid_from = self._date()
        if self._next("word") in ("until", "til", "till", "to"):
            self._at += 1
            entry.valid_to = self._date()

    def _days(self) -> list[int]:
        found: list[int] = []
        while True:
            if (group := self._take("days")) is not None:
                found += (
                    range(5)
                    if group.startswith("weekday")
                    else (5, 6)
                    if group.startswith("weekend")
                    else range(7)
                )
            else:
                first = self._day()
                found += self._range_from(first) if self._skip_to() else [first]
            if not self._another("day", "days"):
                break
        if len(set(found)) != len(found):
            raise Fault(_UNCLEAR)
        self._skip("mark", ":")
        if self._next("mark") == "," and self._following() in ("time", "allday"):
            self._at += 1
        return found

    def _range_from(self, first: int) -> list[int]:
        last = self._day()
        return [(first + step) % 7 for step in range((last - first) % 7 + 1)]

    def _spells(self) -> list[tuple[str, str]]:
        if self._take("allday") is not None:
            return [("00:00", "24:00")]
        self._skip("word", "from")
        found = []
        while True:
            opens = self._take("time")
            if opens is None or not self._skip_to():
                raise Fault(_UNCLEAR)
            closes = self._take("time")
            if closes is None:
                raise Fault(_UNCLEAR)
            found.append(_spell(opens, closes))
            if not self._another("time"):
                return found

    def _another(self, *kinds: str) -> bool:
        """Whether a comma or "and" leads to one more of the same, and not to the next entry; it is stepped over."""
        leads_on = self._next("mark") in (",", "&") or self._next("word") == "and"
        if leads_on and self._following() in kinds:
            self._at += 1
            return True
        return False

    def _following(self) -> str:
        return self._tokens[self._at + 1][0] if self._at + 1 < len(self._tokens) else ""

    def _rows_of(self, entry: _Entry) -> Iterable[ScheduleSubmission]:
        if entry.is_closed:
            open_days = {day for other in self._entries if other.spells for day in other.days}
            if not open_days or open_days & set(entry.days):
                raise Fault(_UNCLEAR)
            return
        spells: list[tuple[str | None, str | None]] = [*entry.spells] or [(None, None)]
        for opens_at, closes_at in spells:
            yield ScheduleSubmission.model_validate(
                {
                    "kind": entry.kind,
                    "byday": tuple(WEEKDAYS[day] for day in entry.days),
                    "opens_at": opens_at,
                    "closes_at": closes_at,
                    "valid_from": entry.valid_from,
                    "valid_to": entry.valid_to,
                    "bank_holidays": entry.bank_holidays or self._holidays or "unknown",
                }
            )

    def _day(self) -> int:
        name = self._take("day")
        if name is None or name not in _DAY:
            raise Fault(_UNCLEAR)
        return _DAY[name]

    def _date(self) -> date:
        written = self._take("date")
        if written is None:
            raise Fault(_UNCLEAR)
        return calendar_date(written)

    def _next(self, kind: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at][0] == kind:
            return self._tokens[self._at][1]
        return None

    def _take(self, kind: str) -> str | None:
        found = self._next(kind)
        if found is not None:
            self._at += 1
        return found

    def _take_word(self, word: str) -> bool:
        return self._next("word") == word and self._take("word") is not None

    def _skip(self, kind: str, text: str) -> None:
        if self._next(kind) == text:
            self._at += 1

    def _skip_to(self) -> bool:
        if self._next("mark") in _TO or self._next("word") in _TO:
            self._at += 1
            return True
        return False


def _tokens(said: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    said = said.rstrip()
    while at < len(said):
        match = _TOKEN.match(said, at)
        if match is None or match.lastgroup is None:
            raise Fault(_UNCLEAR)
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _spell(opens: str, closes: str) -> tuple[str, str]:
    """Both times as a clock shows them. Raises Fault where either half of the day could be meant."""
    found = _clock(opens, closing=False), _clock(closes, closing=True)
    # "10:30-9:30" ends in the evening for whoever wrote it; a clock would have it open all night.
    if _ONE_DIGIT.fullmatch(closes) and found[1] <= found[0] < "13:00":
        raise Fault(_UNCLEAR)
    # "8:00-10pm" is an evening, or a long day. "9:30-5pm" is a day: no evening begins after it ends.
    if _EITHER_HALF.fullmatch(opens) and closes not in {"noon", "midday"}:
        last = _CLOCK.match("12:00am" if closes == "midnight" else closes)
        if last is not None and (last[3] == "p" or (last[3], last[1]) == ("a", "12")):
            until = "12:00" if last[3] == "a" else f"{int(last[1]) % 12:02}:{last[2] or '00'}"
            if found[0] < until:
                raise Fault(_UNCLEAR)
    return found


def _clock(text: str, *, closing: bool) -> str:
    if text in ("noon", "midday"):
        return "12:00"
    if text == "midnight":
        return "24:00" if closing else "00:00"
    found = _CLOCK.match(text)
    if found is None:
        raise Fault(_UNCLEAR)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise Fault(_UNCLEAR)
        hour = hour % 12 + (12 if half == "p" else 0)
    elif len(found[1]) == 1 and 1 <= hour <= 7:
        # "9:30-5:00" ends in the afternoon for whoever wrote it, and at five in the morning for a clock.
        raise Fault(_UNCLEAR)
    if minute > 59 or (hour > 23 and not (closing and (hour, minute) == (24, 0))):
        raise Fault(_UNCLEAR)
    return f"{hour:02}:{minute:02}"


def _holiday_rule(said: str) -> str:
    words = said.strip("( ")
    return next((rule for rule, starts in _HOLIDAY_RULES if words.startswith(starts)), "unknown")


def _entry(row: ScheduleSubmission, *, says_holidays: bool) -> str:
    parts = []
    if row.kind == "weekly":
        parts += [_days_text(row.byday), f"{row.opens_at}-{row.closes_at}"]
        if row.valid_from:
            parts.append(f"from {row.valid_from.isoformat()}")
        if row.valid_to:
            parts.append(f"until {row.valid_to.isoformat()}")
    else:
        parts.append(f"{row.kind} {row.valid_from and row.valid_from.isoformat()}")
        if row.valid_to != row.valid_from:
            parts.append(f"to {row.valid_to and row.valid_to.isoformat()}")
        if row.byday:
            parts.append(_days_text(row.byday))
        if row.kind == "extra":
            parts.append(f"{row.opens_at}-{row.closes_at}")
    if says_holidays:
        parts.append(f"({_HOLIDAY_WORDS[row.bank_holidays]})")
    return " ".join(parts)


def _days_text(days: tuple[Weekday, ...]) -> str:
    """Days in their order, three or more that follow one another as a range."""
    numbers = [WEEKDAYS.index(day) for day in days]
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    said: list[str] = []
    for run in runs:
        names = [_DAY_NAMES[number] for number in run]
        said += [f"{names[0]}-{names[-1]}"] if len(run) > 2 else names
    return ", ".join(said)
