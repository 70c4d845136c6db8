"""Which of a service's referral routes to show to this referrer, for this person, at this moment."""

from collections.abc import Sequence

from app.directory.columns import AgeGroup, lists_stage
from app.directory.openings import Opening
from app.directory.routes import EntryRoute, Routes


def choose_route(
    routes: Routes,
    openings: Sequence[Opening],
    *,
    referrer: str | None,
    stage: str | None,
    age_group: AgeGroup,
) -> EntryRoute | None:
    """The route that fits best, or None when there is none that this referrer may use for this person.

    A route for children is not for an adult, and the other way round; where the age is not known (`age_group` None), what
    is for everybody comes first. A route that names the referrer comes before one whose referrers are not known; then the
    stage in the same way, what can be used before what has lost its number, open before unknown before closed, and the order
    in which the service lists them.
    `openings` are of the moment that is asked about, by number of the pattern.
    """
    usable = routes.usable_by(referrer, age_group)
    if len(usable) < 2:
        return usable[0] if usable else None

    def order(route: EntryRoute) -> tuple[int, bool, bool, int]:
        return (
            0 if stage is None else _fit(stage, route.record.stages, age_group),
            age_group is None and route.age_group is not None,
            not route.is_usable,
            openings[route.hours_pattern].rank,
        )

    # The first of equals: their order is the service's own.
    return min(usable, key=order)


def _fit(stage: str, listed: Sequence[str], age_group: AgeGroup) -> int:
    """0 a route for this stage, 1 for nobody knows which, 2 for others."""
    if stage == "any" or lists_stage(listed, stage, age_group):
        return 0
    return 2 if listed else 1
