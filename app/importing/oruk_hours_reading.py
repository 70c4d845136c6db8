"""Opening hours of a feed as rows of hours: our own exactly, others as far as a weekly row can say them."""

import re
from datetime import date

from app.importing.oruk_nodes import Draft, Node, draft_at

_CLOCK = re.compile(
    r"([01][0-9]|2[0-4]):([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_RARER = ("count", "bymonthday", "byweekno", "byyearday")
"""Members of a rule (RFC 5545) by which it holds on fewer days than its days of the week say."""
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def read_schedules(owner: Node, name: str) -> list[Draft]:
    """Rows in the order of the schedules. What no row can say is noted and left out."""
    return [row for schedule in owner.nodes(name) if (row := _row(schedule)) is not None]


def _row(schedule: Node) -> Draft | None:
    kind = schedule.one_of("x_kind", ("weekly", "extra", "closed"))
    row = draft_at(schedule.at)
    is_rarer = kind is None and _is_monthly(schedule)
    # The days of such a rule may be "the first Monday" (1MO).
    days = [] if is_rarer else _days(schedule)
    opens_at = _clock(schedule, "opens_at")
    closes_at = _clock(schedule, "x_closes_at") or _clock(schedule, "closes_at")
    if not schedule.has("x_closes_at") and opens_at == "00:00" and closes_at == "23:59":
        # How the UK profile says the whole day.
        closes_at = "24:00"
    if kind is None and (not days or opens_at is None or closes_at is None):
        schedule.notes.warning(
            "schedule-not-taken",
            schedule.at,
            "These hours are not weekly hours with days and times, and are left out.",
            fix="Give freq WEEKLY with byday, opens_at and closes_at.",
        )
        return None
    row.put("kind", kind or "weekly", schedule.cell("x_kind"))
    row.put("byday", days or None, schedule.cell("byday"))
    row.put("opens_at", opens_at, schedule.cell("opens_at"))
    row.put("closes_at", closes_at, schedule.cell("closes_at"))
    # A rule that begins later, or has ended, is no rule of today: nobody may stand at the door because of it.
    begins, ends = _days_of(schedule, "valid_from", "dtstart"), _days_of(schedule, "valid_to", "until")
    row.put("valid_from", max(begins, default=None), schedule.cell("valid_from"))
    row.put("valid_to", min(ends, default=None), schedule.cell("valid_to"))
    holidays = schedule.one_of("x_bank_holidays", ("open", "closed", "unknown"))
    row.put("bank_holidays", holidays, schedule.cell("x_bank_holidays"))
    return row


def _is_monthly(schedule: Node) -> bool:
    interval = schedule.number("interval")
    is_rarer = any(schedule.has(name) for name in _RARER)
    return (
        schedule.one_of("freq", ("WEEKLY", "MONTHLY")) == "MONTHLY" or interval not in (None, 1) or is_rarer
    )


def _days_of(schedule: Node, *names: str) -> list[date]:
    return [day for name in names if (day := read_day(schedule, name)) is not None]


def _days(schedule: Node) -> list[str]:
    text = schedule.text("byday")
    if text is None:
        return []
    days = [part.strip().upper() for part in text.split(",") if part.strip()]
    if not all(day in _DAYS for day in days):
        schedule.notes.problem(
            "unknown-code",
            schedule.cell("byday"),
            "These are not days of a week.",
            fix=f"Give days as in MO,TU: {', '.join(_DAYS)}.",
        )
        return []
    return list(dict.fromkeys(days))


def _clock(schedule: Node, name: str) -> str | None:
    text = schedule.text(name)
    if text is None:
        return None
    found = _CLOCK.fullmatch(text)
    if found is None:
        schedule.notes.problem(
            "time-invalid", schedule.cell(name), "This is not a time of day.", fix="Write it as in 09:00:00."
        )
        return None
    if found[3] is not None:
        schedule.notes.warning(
            "time-zone-ignored",
            schedule.cell(name),
            "The zone of this time is ignored: it is read as the hour that is on the door.",
            fix="Write civil time without a zone.",
        )
    return f"{found[1]}:{found[2]}"


def read_day(owner: Node, name: str) -> date | None:
    """A calendar date, also from the beginning of a date with a time."""
    text = owner.text(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        owner.notes.problem(
            "date-invalid", owner.cell(name), "This is not a date.", fix="Write it as in 2026-11-25."
        )
        return None
