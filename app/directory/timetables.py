"""What the rows of a service mean together, date by date, and as an OpenStreetMap opening-hours expression.

opening-hours-py evaluates the expression. Three of its habits are kept out: its own bank holidays are
incomplete for England; a night is still open in the morning after a date that is off; and with a time zone it
reopens in the repeated hour of October what had closed. So every date that differs from the usual week is
written out, a night is two pieces, one on each side of midnight, and times are civil times without a zone
(`hours.py` puts them on the real clock).
"""

from datetime import date, timedelta
from functools import lru_cache

from opening_hours import OpeningHours

from app.directory.schedules import DAY_MINUTES, WEEKDAYS, ScheduleRow

_DAY = timedelta(days=1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_A_MONDAY = date(2024, 1, 1)

Piece = tuple[int, int, str]
"""First minute, minute after the last, and `open` or `unknown`."""

Timetable = tuple[str, tuple[Piece, ...]]
"""What a date is outside its pieces (`off` or `unknown`), and the pieces; `open` ones win over `unknown`."""


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """Bank holidays of England, by the package `holidays` (GB, ENG).

    Substitute days are in it, and so are 25 and 26 December and 1 January themselves when they fall on a
    weekend: GOV.UK lists only the substitutes, but who closes for bank holidays is not open on Christmas Day.
    """
    import holidays  # half a second with its calendars: not for commands that never ask

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year, observed=True))


def _is_bank_holiday(day: date) -> bool:
    return day in bank_holidays(day.year)


def timetable(rows: tuple[ScheduleRow, ...], day: date) -> Timetable:
    """The whole of one civil date. Rules, in order:

    1. A `closed` row closes the date from midnight to midnight: the night that began the evening before stops
       at midnight, and no night begins. It wins over `extra`. Better to hide an open door than to send
       someone to a shut one.
    2. Hours belong to the date they begin on, and otherwise run on past midnight. On a date with `extra` rows
       only these begin.
    3. On a bank holiday a weekly row that is `closed` gives nothing, neither hours that begin nor a night
       from the evening before; one that is `unknown` makes the whole date unknown (or, where only its night
       reaches the date, that night). A night that begins on the bank holiday is unknown to its end. What
       another row says for certain stands.
    4. A date for which no weekly row is in force and which is no exception is unknown: nobody said it is
       closed.
    """
    if _is_closed(rows, day):
        return ("off", ())
    replaced = any(row.kind == "extra" and row.falls_on(day) for row in rows)
    usual = any(row.kind == "weekly" and row.in_force(day) for row in rows)
    outside = "off" if replaced or usual else "unknown"
    pieces: set[Piece] = set()
    for row, state in _begun(rows, day):
        if state == "unknown":
            outside = "unknown"
        else:
            begins, ends = row.minutes()
            pieces.add((begins, min(ends, DAY_MINUTES), state))
    for row, state in _begun(rows, day - _DAY):
        ends = row.minutes()[1] - DAY_MINUTES
        on_holiday = row.bank_holidays if row.kind == "weekly" and _is_bank_holiday(day) else "open"
        if ends > 0 and on_holiday != "closed":
            pieces.add((0, ends, "unknown" if on_holiday == "unknown" else state))
    return (outside, tuple(sorted(pieces)))


def _is_closed(rows: tuple[ScheduleRow, ...], day: date) -> bool:
    return any(row.kind == "closed" and row.falls_on(day) for row in rows)


def _begun(rows: tuple[ScheduleRow, ...], day: date) -> list[tuple[ScheduleRow, str]]:
    """The rows whose hours begin on the date, each with `open` or `unknown`."""
    if _is_closed(rows, day):
        return []
    extra = [(row, "open") for row in rows if row.kind == "extra" and row.falls_on(day)]
    if extra:
        return extra
    weekly = [row for row in rows if row.kind == "weekly" and row.falls_on(day)]
    if not _is_bank_holiday(day):
        return [(row, "open") for row in weekly]
    return [(row, row.bank_holidays) for row in weekly if row.bank_holidays != "closed"]


def usual_week(rows: tuple[ScheduleRow, ...], day: date) -> tuple[Timetable, ...]:
    """Monday to Sunday around the date, away from exceptions, bank holidays and ends of validity."""
    in_force = tuple(
        ScheduleRow("weekly", row.byday, row.opens_at, row.closes_at, None, None, "open")
        for row in rows
        if row.kind == "weekly" and row.in_force(day)
    )
    return tuple(timetable(in_force, _A_MONDAY + index * _DAY) for index in range(len(WEEKDAYS)))


def expression(rows: tuple[ScheduleRow, ...], first: date, last: date) -> str:
    """The dates `first` to `last` in OpenStreetMap syntax: usual weeks, then every date that differs.

    Each date falls under one rule, or two where it differs; the later rule replaces the earlier.
    """
    starts = {first}
    for row in rows:
        if row.kind == "weekly":
            starts.update(_within((row.valid_from, row.valid_to and _after(row.valid_to)), first, last))
    spans = sorted(starts)
    week_of: dict[date, tuple[Timetable, ...]] = {start: usual_week(rows, start) for start in spans}
    rules: list[str] = []
    for start, following in zip(spans, [*spans[1:], last + _DAY], strict=True):
        days_alike: dict[Timetable, list[str]] = {}
        for weekday, usual in zip(WEEKDAYS, week_of[start], strict=True):
            days_alike.setdefault(usual, []).append(weekday.title())
        dates = _osm_dates(start, following - _DAY)
        rules.extend(_rule(f"{dates} {','.join(days)}", usual) for usual, days in days_alike.items())
    different: list[tuple[date, date, Timetable]] = []
    for day in sorted(_dates_that_may_differ(rows, first, last) | starts):
        start = max(span for span in spans if span <= day)
        found = timetable(rows, day)
        if found == week_of[start][day.weekday()]:
            continue
        if different and different[-1][1] == day - _DAY and different[-1][2] == found:
            different[-1] = (different[-1][0], day, found)
        else:
            different.append((day, day, found))
    rules.extend(_rule(_osm_dates(begin, end), found) for begin, end, found in different)
    return "; ".join(rules)


@lru_cache(maxsize=2048)
def evaluator(rows: tuple[ScheduleRow, ...], year: int) -> OpeningHours:
    """The pattern of this year and the next, in civil time without a zone; it ends there."""
    return OpeningHours(expression(rows, date(year, 1, 1), date(year + 1, 12, 31)))


def _dates_that_may_differ(rows: tuple[ScheduleRow, ...], first: date, last: date) -> set[date]:
    """Bank holidays and exceptions, each with the date after it, which a night may reach."""
    dates = {day for year in range(first.year, last.year + 1) for day in bank_holidays(year)}
    for row in rows:
        if row.kind != "weekly":
            begin = max(row.valid_from or first, first - _DAY)
            end = min(row.valid_to or last, last)
            dates.update(begin + index * _DAY for index in range((end - begin).days + 1))
    dates |= {day + _DAY for day in dates}
    return {day for day in dates if first <= day <= last}


def _within(days: tuple[date | None, ...], first: date, last: date) -> set[date]:
    return {day for day in days if day is not None and first <= day <= last}


def _after(day: date) -> date:
    return day + _DAY if day < date.max else day


def _rule(selector: str, of_the_day: Timetable) -> str:
    """One normal rule, which replaces the date, and additional rules after commas, certain hours last."""
    outside, pieces = of_the_day
    rules = [f"{selector} unknown"] if outside == "unknown" else []
    for state in ("unknown", "open"):
        times = ",".join(
            f"{_osm_clock(begin)}-{_osm_clock(end)}" for begin, end, piece in pieces if piece == state
        )
        if times:
            rules.append(f"{selector} {times} {state}")
    return ", ".join(rules) if rules else f"{selector} off"


def _osm_dates(first: date, last: date) -> str:
    return _osm_date(first) if first == last else f"{_osm_date(first)}-{_osm_date(last)}"


def _osm_date(day: date) -> str:
    return f"{day.year:04} {_MONTHS[day.month - 1]} {day.day:02}"


def _osm_clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
