"""Whether a service answers at a moment, and until when: schedule rows over the clock of Europe/London.

Search asks hundreds of patterns about one moment, so equal patterns are one object that remembers its interval.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from opening_hours import State

from app.directory.schedules import HoursText, ScheduleRow, checked, public_hours, words
from app.directory.timetables import evaluator

__all__ = ["Hours", "HoursText", "OpenState", "ScheduleRow", "public_hours"]

LONDON: Final = ZoneInfo("Europe/London")

HORIZON: Final = timedelta(days=365)
"""How far ahead a change is looked for."""

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
"""Outside these years nothing is claimed: bank holidays are proclaimed, not computed, so far off."""

_WORDS: Final = {State.OPEN: True, State.CLOSED: False, State.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class OpenState:
    """`now` is None where it is not known. `until` is the aware UTC moment at which `now` becomes another
    value (known to not known is a change too); None if that is not within 365 days.
    """

    now: bool | None
    until: datetime | None


_NOT_KNOWN: Final = OpenState(now=None, until=None)


class Hours:
    """The hours of a service. Equal patterns are equal, hash alike and are usually the same object.

    The rules for nights, exceptions and bank holidays are those of `timetables.timetable`. Rows are in civil
    time, counted on the real clock at the clock changes:

    - a civil time that occurs twice (01:00 to 02:00 on the last Sunday of October) is its first occurrence,
      for opening and for closing, as in RFC 5545 section 3.3.5; hours that close at 01:30 do not open again
      when 01:00 comes round a second time, and hours from 00:00 to 08:00 last nine hours;
    - a civil time that does not occur (01:00 to 02:00 on the last Sunday of March) is the moment the clock
      goes forward, 01:00 UTC. (RFC 5545 would make 01:30 later than 02:10 and turn such hours round.) Hours
      wholly inside that hour do not happen, and hours from 00:00 to 08:00 last seven hours.
    """

    __slots__ = ("_hash", "_memo", "rows")

    def __init__(self, checked_rows: tuple[ScheduleRow, ...]) -> None:
        """Use `Hours.of`, which checks the rows and shares equal patterns."""
        self.rows = checked_rows
        self._hash = hash(checked_rows)
        self._memo: tuple[datetime, datetime, OpenState] | None = None

    @classmethod
    def of(cls, rows: Iterable[ScheduleRow]) -> "Hours":
        """The pattern of these rows; without rows it is not known, for ever.

        Raises ValidationFailed with pointers into the array of rows (`/0/opens_at`).
        """
        return _shared(checked(rows))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Hours) and self.rows == other.rows)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Hours({'; '.join(self.in_words())})"

    def state(self, at: datetime) -> OpenState:
        """The state at an aware moment; it depends on the rows and the moment alone.

        ValueError for a naive moment. Exact to the minute; years before 2000 and after 2099 are not known.
        """
        if at.tzinfo is not UTC:
            if at.utcoffset() is None:
                raise ValueError("a moment needs a time zone")
            try:
                at = at.astimezone(UTC)
            except OverflowError:  # the first and last hours of the years 1 and 9999
                return _NOT_KNOWN
        # Read once and replaced whole: other threads see the old tuple or the new one.
        memo = self._memo
        if memo is not None and memo[0] <= at < memo[1]:
            return memo[2]
        return self._work_out(at)

    def _work_out(self, at: datetime) -> OpenState:
        if not self.rows or not FIRST_YEAR <= at.year <= LAST_YEAR:
            return _NOT_KNOWN
        reading = _reading(at)
        pattern = evaluator(self.rows, reading.year)
        end_of_pattern = datetime.combine(date(reading.year + 2, 1, 1), time.min)
        now = pattern.state(reading)[0]
        change, until = end_of_pattern, _moment(end_of_pattern)
        # Bounded intervals, not `next_change`: that one searches to the year 9999, for seconds.
        for _, change, _, _ in pattern.intervals(reading, end_of_pattern):
            until = _moment(change)
            # Two changes inside the hour left out in March fall on one moment and may undo each other.
            if change == end_of_pattern or pattern.state(_reading(until))[0] != now:
                break
        if until - at <= HORIZON and change != end_of_pattern:
            found = OpenState(now=_WORDS[now], until=until)
            self._memo = (at, until, found)
        else:
            found = OpenState(now=_WORDS[now], until=None)
            self._memo = (at, until - HORIZON, found)
        return found

    def in_words(self) -> tuple[str, ...]:
        """The hours in plain English: usual hours, bank holidays, dates with other hours, closed dates."""
        return words(self.rows)


@lru_cache(maxsize=4096)
def _shared(rows: tuple[ScheduleRow, ...]) -> Hours:
    return Hours(rows)


def _reading(at: datetime) -> datetime:
    """The civil time at a moment. In the second pass through a repeated hour it stays at the hour's last
    minute, since every civil time in it has already happened.
    """
    local = at.astimezone(LONDON)
    if local.fold:
        local = local.replace(minute=59, second=59, fold=0)
    return local.replace(tzinfo=None)


def _moment(reading: datetime) -> datetime:
    """When a civil time happens, in UTC: the first of two; for one left out, when the clock goes forward."""
    moment = reading.replace(tzinfo=LONDON).astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != reading:
        # The offset before the gap makes it that much too late; the clock goes forward on the full hour.
        moment = moment.replace(minute=0, second=0, microsecond=0)
    return moment
