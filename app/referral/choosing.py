"""Which of a service's referral routes to show to this referrer, for this person, at this moment."""

from collections.abc import Sequence

from app.directory.openings import Opening
from app.directory.snapshot import EntryRoute


def choose_route(
    routes: Sequence[EntryRoute],
    openings: Sequence[Opening],
    *,
    referrer: str | None,
    stage: str | None,
    is_child: bool | None,
) -> EntryRoute | None:
    """The route that fits best, or None when there is none that this referrer may use.

    A route that names the referrer comes before one whose referrers are not known; then the stage in the same way,
    the age group, open before unknown before closed, and the order in which the service lists them.
    `openings` are of the moment that is asked about, by number of the pattern; `is_child` None means that the age is
    not known.
    """
    usable = [route for route in routes if _fit(referrer, route.record.referrers) is not None]
    if len(usable) < 2:
        return usable[0] if usable else None
    wanted = None if is_child is None else "child" if is_child else "adult"

    def order(route: EntryRoute) -> tuple[int, int, bool, int]:
        record = route.record
        by_stage = _fit(stage, record.stages, any_code="any")
        return (
            _fit(referrer, record.referrers) or 0,
            2 if by_stage is None else by_stage,
            record.age_group is not None and wanted is not None and record.age_group != wanted,
            openings[route.hours_pattern].rank,
        )

    # The first of equals: their order is the service's own.
    return min(usable, key=order)


def _fit(asked: str | None, listed: Sequence[str], any_code: str | None = None) -> int | None:
    """0 listed, 1 not known, None not listed."""
    if (
        asked is None
        or asked in listed
        or (any_code is not None and (any_code in listed or asked == any_code))
    ):
        return 0
    return 1 if not listed else None
