"""Whether services are open at one moment, worked out once for every pattern of hours, with its words and its JSON.

Hundreds of services share a few dozen patterns, and all that is shown of a pattern depends on the moment alone. So it
is made when something opens or closes, and a search only looks it up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.directory.hours import HORIZON, LONDON, Hours, OpenState
from app.directory.records import ProjectedService
from app.directory.schedules import ScheduleRow

OPEN, HOURS_UNKNOWN, CLOSED = 0, 1, 2
"""Rank of "open now": an unknown line may answer, a closed one will not."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """One pattern of hours at one moment: the state, its rank, and how answers show it."""

    state: OpenState
    rank: int
    words: str
    json: bytes

    @classmethod
    def of(cls, state: OpenState, today: date) -> "Opening":
        """`today` is the date in England, on which "until 17:00" needs no day."""
        return cls(state, open_rank(state), opening_words(state, today), open_json(state))


@dataclass(frozen=True, slots=True)
class HoursPatterns:
    """The distinct patterns of services and of their routes. `number` finds one by its rows."""

    patterns: tuple[Hours, ...]
    number: Mapping[tuple[ScheduleRow, ...], int]

    @classmethod
    def of(cls, services: Sequence[ProjectedService]) -> "HoursPatterns":
        distinct = dict.fromkeys(rows for one in services for rows in (one.hours, *one.route_hours))
        number = {rows: position for position, rows in enumerate(distinct)}
        return cls(tuple(Hours.of(rows) for rows in number), number)

    def at(self, moment: datetime) -> tuple[tuple[Opening, ...], datetime]:
        """All of them at an aware moment, and until when none of them changes, nor the date."""
        local = moment.astimezone(LONDON)
        openings = tuple([Opening.of(one.state(moment), local.date()) for one in self.patterns])
        midnight = datetime.combine(local.date() + _DAY, time.min, LONDON).astimezone(UTC)
        # Nobody looks farther ahead than the horizon: a pattern without a change until then may change after it.
        until = min(
            (one.state.until for one in openings if one.state.until is not None), default=moment + HORIZON
        )
        return openings, min(until, midnight)


def open_rank(state: OpenState) -> int:
    return HOURS_UNKNOWN if state.now is None else OPEN if state.now else CLOSED


def opening_words(state: OpenState, today: date) -> str:
    """On a date in England, for example "open until 17:00", "open until midnight", "closed until Monday 09:00", "opening hours not
    known".
    """
    if state.now is None:
        return "opening hours not known"
    if state.until is None:
        return "open day and night" if state.now else "closed"
    return f"{'open' if state.now else 'closed'} until {_moment_words(state.until.astimezone(LONDON), today)}"


def _moment_words(until: datetime, today: date) -> str:
    days = (until.date() - today).days
    if days == 0:
        return f"{until:%H:%M}"
    if days == 1 and until.time() == time.min:
        # "Saturday 00:00", read on a Friday evening, sounds like a day later.
        return "midnight"
    return f"{until:%A %H:%M}" if days < 7 else f"{until.day} {until:%B %H:%M}"


def open_json(state: OpenState) -> bytes:
    """`open` of an answer: `now` true, false or null, and the moment until which that holds (RFC 3339, UTC)."""
    now = b"null" if state.now is None else b"true" if state.now else b"false"
    until = b"null" if state.until is None else f'"{state.until.isoformat()[:19]}Z"'.encode()
    return b'{"now":' + now + b',"until":' + until + b"}"
