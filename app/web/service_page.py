"""`/find/services/{id}`: one service, in words: how to get help, what happens to your information, when, and how sure it is.

Everything comes from the public record in memory. What is not known is said to be not known, and never looks like "no".
"""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.reference import LONDON
from app.api.state import Moment, moment_of
from app.directory.openings import opening_words
from app.directory.records import PublicRoute, PublicService
from app.directory.snapshot import Entry
from app.directory.wording import AREA_WORDS, accepted_words, listed, whom_words
from app.search.answer import capacity_of, figure_of
from app.search.reasons import places_words, referrer_words
from app.web.ages import how_long_ago, seconds_open, seconds_shown
from app.web.borough_map import map_of_service
from app.web.pages import public_page, shape_of

router = APIRouter(include_in_schema=False)

RECIPIENTS = (
    ("police", "Police"),
    ("home_office_enforcement", "Immigration enforcement"),
    ("home_office_nrm", "Home Office, for the National Referral Mechanism"),
    ("council", "Council"),
    ("funder", "Whoever pays for the service"),
)


@router.get("/find/services/{service_id:uuid}")
async def service_page(request: Request, service_id: UUID) -> Response:
    """Not stored anywhere: which service somebody looks at may say what happened to them."""
    moment = moment_of(request)
    entry = moment.entry(service_id)
    return public_page(request, moment, "service.html", **_shown(entry, moment))


def _shown(entry: Entry, moment: Moment) -> dict[str, Any]:
    record, now = entry.record, moment.now
    today = now.astimezone(LONDON).date()
    capacity, figure = capacity_of(entry, moment.directory, now), figure_of(entry, moment.directory, now)
    opening = entry.hours.state(now)
    conditions = moment.directory.catalogue.term_names.get("information_condition", {})
    return {
        "service": record,
        "status": places_words(entry, capacity, reachable=entry.wording.warning is None),
        "shape": shape_of(capacity.status),
        "age": None if figure is None else how_long_ago(figure.confirmed_at, now),
        "ends": None if figure is None else seconds_shown(figure.valid_until, now),
        "opening": opening_words(opening, today),
        "opening_ends": seconds_open(opening, now),
        "routes": [_route(one.record, moment) for one in entry.routes.all],
        "flows": [
            (words, _told(getattr(record.information_flow, name), conditions)) for name, words in RECIPIENTS
        ],
        "without_name": _meaning("information_recipient", "home_office_nrm", moment)
        if record.information_flow.home_office_nrm == "always"
        else None,
        "who": _who(record),
        "accepted": accepted_words(record),
        "where": _where(record),
        "map": map_of_service(entry, moment.directory),
        "assurance": _assurance(record, today),
        "mistakes": _terms("mistake", moment),
    }


def _terms(taxonomy: str, moment: Moment) -> list[Any]:
    return [
        term
        for one in moment.directory.catalogue.texts.vocabulary
        if one.code == taxonomy
        for term in one.terms
    ]


def _meaning(taxonomy: str, code: str, moment: Moment) -> str | None:
    return next((term.description for term in _terms(taxonomy, moment) if term.code == code), None)


def _told(condition: str, names: Any) -> str:
    words: str = names.get(condition, condition)
    return words[0].lower() + words[1:]


def _route(route: PublicRoute, moment: Moment) -> dict[str, Any]:
    return {
        "record": route,
        "via": moment.directory.catalogue.service_through(route),
        "who": listed([referrer_words(code, moment.directory) for code in route.referrers], in_full=True),
        "conditions": moment.directory.catalogue.conditions_of(route),
    }


def _who(record: PublicService) -> str:
    words = whom_words(record.eligibility)
    more = f" {record.eligibility.description}" if record.eligibility.description else ""
    return f"{words[0].upper()}{words[1:]}.{more}"


def _where(record: PublicService) -> str:
    coverage = record.coverage
    if coverage.everywhere:
        return "Anywhere in the country."
    names = [area.name + AREA_WORDS.get(area.area_type, "") for area in coverage.areas]
    names += [f"postcodes that begin with {district}" for district in coverage.postcode_districts]
    if coverage.polygons:
        names.append("an area that they drew themselves")
    return f"For people in {listed(names, in_full=True)}." if names else "Ask where people have to be."


def _assurance(record: PublicService, today: date) -> list[tuple[Any, bool]]:
    return [(one, one.review_by < today) for one in record.assurance]
