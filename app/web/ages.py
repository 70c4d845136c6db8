"""How old something is, in the words of somebody who has seconds: rounded so that nothing looks fresher than it is."""

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


def how_long_ago(then: datetime, now: datetime) -> str:
    """For example "this hour", "3 h ago", "2 days ago". A part of an hour or day counts as a whole one."""
    passed = now - then
    if passed < HOUR:
        return "this hour"
    hours = -(-passed // HOUR)
    if hours < 48:
        return f"{hours} h ago"
    return f"{-(-passed // timedelta(days=1))} days ago"
