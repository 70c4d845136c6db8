"""Which of a service's referral routes to show to this referrer, for this person, at this moment."""

from collections.abc import Sequence

from app.directory.openings import Opening
from app.directory.routes import EntryRoute, Routes


def choose_route(
    routes: Routes,
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
    usable = routes.usable_by(referrer)
    if len(usable) < 2:
        return usable[0] if usable else None
    wanted = None if is_child is None else "child" if is_child else "adult"

    def order(route: EntryRoute) -> tuple[int, bool, int]:
        return (
            0 if stage is None else _fit(stage, route.record.stages),
            wanted is not None and route.age_group not in (None, wanted),
            openings[route.hours_pattern].rank,
        )

    # The first of equals: their order is the service's own.
    return min(usable, key=order)


def _fit(stage: str, listed: Sequence[str]) -> int:
    """0 a route for this stage, 1 for nobody knows which, 2 for others."""
    if stage in listed or "any" in listed or stage == "any":
        return 0
    return 2 if listed else 1
