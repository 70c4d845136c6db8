"""Services that the public search leaves out, or tells as a near miss, only because their public routes are for others.

The public search knows public routes alone, and says "not open to referral by police" of a service that police refer to by a
route for professionals. Which services these may be is worked out on public facts, so it is the same whatever is private;
whether there is such a route is then read beside them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from app.directory.columns import fits_age, lists_stage
from app.directory.levels import NO
from app.directory.records import PublicRoute
from app.directory.snapshot import Directory
from app.search.answer import Result, search
from app.search.candidates import referral_levels
from app.search.query import SearchQuery
from app.search.reasons import TO_REFER

PROFESSIONAL_ROUTE = "public routes are for others: use the route for professionals"
ASK_ABOUT_IT = "public routes are for others: ask whether you may use the route for professionals"
LOOKED_AT = 500
MOST_BEYOND = 50


def beyond_public_routes(query: SearchQuery, directory: Directory, now: datetime) -> list[Result]:
    """What fits in everything but that no public route takes this referrer or stage, best first; without a public route.

    The same search without these two questions, so who may be a child is given no accommodation here either.
    """
    if query.referrer is None and query.stage is None:
        return []
    asked = query.model_copy(update={"referrer": None, "stage": None, "limit": LOOKED_AT})
    found = search(asked, directory, now).results
    levels = referral_levels(query, directory.catalogue.columns).values()
    refused = [one for one in found if any(of.of_row[one.entry.row] == NO for of in levels)]
    return [_without_public_route(one) for one in refused[:MOST_BEYOND]]


def _without_public_route(one: Result) -> Result:
    reasons = [reason for reason in one.reasons if not reason.startswith(TO_REFER)]
    return replace(one, route=None, route_opening=None, reasons=reasons)


def words_for(routes: Iterable[PublicRoute], query: SearchQuery) -> str | None:
    """What is said of a service with these routes for professionals. None where none of them is for this question."""
    fitting = [route for route in routes if may_take(route, query)]
    if not fitting:
        return None
    is_sure = any(
        route.referrers
        and (query.stage is None or route.stages)
        and (route.contact is not None or route.via_service_id is not None or route.channel == "walk_in")
        for route in fitting
    )
    return PROFESSIONAL_ROUTE if is_sure else ASK_ABOUT_IT


def may_take(route: PublicRoute, query: SearchQuery) -> bool:
    """Whether a route is for the question's person, referrer and stage, or may be."""
    for_person = fits_age(route.age_group, query.person_age_group)
    return for_person and _knows(route.referrers, query.referrer) and _takes_stage(route, query)


def _takes_stage(route: PublicRoute, query: SearchQuery) -> bool:
    if query.stage is None or query.stage == "any" or not route.stages:
        return True
    return lists_stage(route.stages, query.stage, query.person_age_group)


def _knows(listed: Sequence[str], code: str | None) -> bool:
    """Whether a code is listed, or may be: an empty list is not known."""
    return code is None or not listed or code in listed
