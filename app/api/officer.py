"""Officers' reads: the public search and the public record, with private facts joined by id when the order is settled."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json
from sqlmodel import Session

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, SessionIfThere, caller_if_known, storage_problems
from app.api.documented import body_of, ok, problems
from app.api.officer_routes import beyond_public_routes, words_for
from app.api.officer_shapes import OfficerOut, OfficerSearchAnswer, OfficerServiceOut, officer_out
from app.api.representations import service_json
from app.api.search import BODY_PROBLEMS, PLACE_PROBLEMS, SEARCH_EXAMPLES
from app.api.state import moment_of
from app.api.strict import json_body, refuse_parameters
from app.capacity.standing import standings_of
from app.directory.officer_facts import officer_facts
from app.errors import NotFound, StorageFull, Unavailable, UnknownParameter
from app.search.answer import Result, answer_json, search
from app.search.query import SearchQuery

router = APIRouter(tags=["officer"])

OfficerIfKnown = Annotated[Principal | None, caller_if_known("officer:read")]
"""None while the database is away and nobody can be recognized: at three in the morning the public answer is better than
none, and it is what anybody gets without a key.
"""


@router.post(
    "/v1/officer/services/search",
    responses=ok(
        OfficerSearchAnswer, "The public search's answer, and what officers may know of each result."
    )
    | problems(*CALLER_PROBLEMS, *BODY_PROBLEMS, *PLACE_PROBLEMS),
    openapi_extra={"requestBody": body_of(SearchQuery, SEARCH_EXAMPLES)},
)
def search_for_officers(
    request: Request,
    by: OfficerIfKnown,
    query: Annotated[SearchQuery, json_body(SearchQuery)],
    session: SessionIfThere,
) -> Response:
    """Who can take this person, here, now; with live figures, lines for professionals, and what others found this hour.

    The same question as `POST /v1/services/search`, and the same answer in the same order, with the same totals and
    reasons: private facts never move it. `officer` beside each result and near miss has what is not public, also of
    confidential services, which have no location here either. A service whose public routes are for others, while one for
    professionals takes this referrer, is a near miss that says so, at the end of those of the public search. Neither the question nor the answer is stored. While the database is
    away, the public answer comes all the same, with `live_facts` false.
    """
    moment = moment_of(request)
    answer = search(query, moment.directory, moment.now)
    shown = json.loads(answer_json(answer))
    beyond = beyond_public_routes(query, moment.directory, moment.now)
    entries = [one.entry for one in (*answer.results, *beyond)]
    entries += [one.entry for one in answer.near_misses]
    ids = list(dict.fromkeys(entry.record.id for entry in entries))
    facts = facts_of(by, session, ids, now=moment.now)
    by_professional_route(shown["near_misses"], beyond, query, facts)
    for one in (*shown["results"], *shown["near_misses"]):
        one["officer"] = _of(facts, one["service"]["id"])
    return _answer(shown, facts)


@router.get(
    "/v1/officer/services/{service_id:uuid}",
    responses=ok(OfficerServiceOut, "The public record, and what officers may know of the service.")
    | problems(*CALLER_PROBLEMS, NotFound, UnknownParameter),
)
def read_service_for_officers(
    request: Request, service_id: UUID, by: OfficerIfKnown, session: SessionIfThere
) -> Response:
    """One service as the public sees it, with `officer` beside it as in the search for officers."""
    refuse_parameters(request)
    moment = moment_of(request)
    entry = moment.entry(service_id)
    shown = json.loads(service_json(entry, moment.directory, moment.now))
    facts = facts_of(by, session, [service_id], now=moment.now)
    shown["officer"] = _of(facts, str(service_id))
    return _answer(shown, facts)


Facts = Mapping[str, OfficerOut] | None
"""By service id; None when they cannot be had."""


def facts_of(by: Principal | None, session: Session | None, ids: Sequence[UUID], *, now: datetime) -> Facts:
    """What only somebody who was recognized may know, of these services. None while the database is away."""
    if by is None or session is None:
        return None
    try:
        with storage_problems():
            found = officer_facts(session, ids, now)
            standings = standings_of(session, list(found))
    except (Unavailable, StorageFull):
        return None
    return {
        str(standing.service_id): officer_out(found[standing.service_id], standing, now)
        for standing in standings
    }


def by_professional_route(
    near_misses: list[dict[str, Any]], beyond: Sequence[Result], query: SearchQuery, facts: Facts
) -> None:
    """Tell in the near misses, as JSON has them, what is open by a route for professionals; others are added at the end."""
    told = {miss["service"]["id"]: miss for miss in near_misses}
    for one in beyond:
        service_id = str(one.entry.record.id)
        officer = _of(facts, service_id)
        words = None if officer is None else words_for(officer.referral_routes, query)
        if words is None:
            continue
        if service_id in told:
            told[service_id]["why_not"] = [words]
        else:
            near_misses.append({"service": json.loads(one.entry.summary), "why_not": [words]})


def _of(facts: Facts, service_id: str) -> OfficerOut | None:
    return None if facts is None else facts.get(service_id)


def _answer(shown: dict[str, Any], facts: Facts) -> Response:
    return Response(to_json(shown | {"live_facts": facts is not None}), media_type="application/json")
