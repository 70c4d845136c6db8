"""Which of a service's referral routes to show to this referrer, for this person, at this moment."""

from collections.abc import Sequence
from datetime import datetime

from app.directory.hours import Hours
from app.directory.records import PublicRoute
from app.directory.snapshot import open_rank


def choose_route(
    routes: Sequence[PublicRoute],
    hours: Sequence[Hours],
    *,
    referrer: str | None,
    stage: str | None,
    is_child: bool | None,
    at: datetime,
) -> PublicRoute | None:
    """The route that fits best, or None when there is none that this referrer may use.

    A route that names the referrer comes before one whose referrers are not known; then the stage in the same way,
    the age group, open before unknown before closed, and the order in which the service lists them.
    `is_child` None means that the age is not known.
    """
    best: tuple[tuple[int, int, int, int, int], PublicRoute] | None = None
    for position, (route, route_hours) in enumerate(zip(routes, hours, strict=True)):
        by_referrer = _fit(referrer, route.referrers)
        if by_referrer is None:
            continue
        by_stage = _fit(stage, route.stages, any_code="any")
        wanted = None if is_child is None else "child" if is_child else "adult"
        wrong_age = route.age_group is not None and wanted is not None and route.age_group != wanted
        key = (
            by_referrer,
            2 if by_stage is None else by_stage,
            int(wrong_age),
            open_rank(route_hours.state(at)),
            position,
        )
        if best is None or key < best[0]:
            best = (key, route)
    return None if best is None else best[1]


def _fit(asked: str | None, listed: Sequence[str], any_code: str | None = None) -> int | None:
    """0 listed, 1 not known, None not listed."""
    if (
        asked is None
        or asked in listed
        or (any_code is not None and (any_code in listed or asked == any_code))
    ):
        return 0
    return 1 if not listed else None
