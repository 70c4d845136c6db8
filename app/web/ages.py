"""How old something is, in the words of somebody who has seconds: rounded so that nothing looks fresher than it is."""

from datetime import datetime, timedelta

from app.directory.hours import OpenState

HOUR = timedelta(hours=1)
SHOWN_FOR = timedelta(minutes=45)
"""How long an open page may say of anything that it is free or open: as long as the widget does without a new list."""


def how_long_ago(then: datetime, now: datetime) -> str:
    """For example "this hour", "3 h ago", "2 days ago". A part of an hour or day counts as a whole one."""
    passed = now - then
    if passed < HOUR:
        return "this hour"
    hours = -(-passed // HOUR)
    if hours < 48:
        return f"{hours} h ago"
    return f"{-(-passed // timedelta(days=1))} days ago"


def seconds_shown(until: datetime, now: datetime) -> int | None:
    """For how many seconds a page made at `now` may say what holds until then, see `static/ageing.js`; None: it is over."""
    return int(min(until - now, SHOWN_FOR).total_seconds()) if now < until else None


def seconds_open(state: OpenState, now: datetime) -> int | None:
    """The same of words about being open or closed; None where it is not known, which holds whatever time it is."""
    if state.now is None:
        return None
    return seconds_shown(now + SHOWN_FOR if state.until is None else state.until, now)
