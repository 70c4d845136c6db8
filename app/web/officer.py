"""`/officer/`: one screen for an officer at three in the morning, with one thumb: who can take this person, here, now.

Anybody may read it: it is the public search. An enrolled device sees, beside each result, what only professionals may know,
and can say with one tap what it found when it rang. Nothing of a question is stored, in the browser or here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field, ValidationError

from app.access.principals import Principal
from app.api.callers import SessionIfThere, WriteSession
from app.api.calls import CallOutcomeIn, record_call_outcome
from app.api.officer import Facts, facts_of
from app.api.officer_routes import beyond_public_routes, may_take, words_for
from app.api.officer_shapes import OfficerFigure, OfficerOut
from app.api.problems import validation_problem
from app.api.reference import LONDON
from app.api.state import Moment, moment_of
from app.capacity.calls import Outcome
from app.directory.freshness import NO_PLACE, floor_to_hour
from app.directory.records import PublicPhone, PublicService
from app.directory.snapshot import Directory
from app.errors import Forbidden, Problem, ValidationFailed
from app.gss import GSS
from app.search.answer import Answer, Result, childrens_services_missing, search
from app.search.query import CODE, SearchQuery
from app.search.reasons import CAPACITY_WORDS
from app.web.ages import HOUR, SHOWN_FOR, how_long_ago, seconds_shown
from app.web.device_session import device_if_known, device_of
from app.web.forms import PageForm, form_of, form_or_problem
from app.web.own_page import require_own_page
from app.web.pages import RUN_OUT, TEMPLATES, overdue_since, reasons_shown, shape_of
from app.web.plain_words import PLACE_MISSING, in_plain_words

router = APIRouter(include_in_schema=False)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FIRST = 3
"""Answers before anything else: nobody reads ten at three in the morning."""
SHOWN = 20
WITHOUT_ROOM = frozenset({"full", "closed_temporarily"})
ASKED_BY = "police"
"""The referrer of every question here, where the vocabulary has it."""
LABELS = {
    "age_group": "How old are they?",
    "sex": "Who?",
    "postcode": "Postcode, or its first half",
    "area": "Or council area",
    "need": "What now?",
    "avoid_area": "Not in (area to avoid)",
}
"""What the screen calls its fields."""
OUTCOMES = (
    ("helped", "They helped"),
    ("full", "Full"),
    ("no_answer", "No answer"),
    ("wrong_number", "Wrong number"),
)


class OfficerForm(PageForm):
    """The fields of the screen. A place is a postcode or a council area; a postcode goes before."""

    age_group: Literal["adult", "child", "unsure"] | None = None
    sex: Literal["women", "men", "other", "unknown"] | None = None
    with_children: Literal["true"] | None = None
    need: Annotated[str | None, Field(pattern=CODE)] = None
    postcode: Annotated[str | None, Field(max_length=4096)] = None
    area: Annotated[str | None, Field(pattern=GSS)] = None
    avoid_area: Annotated[str | None, Field(pattern=GSS)] = None

    @property
    def chosen(self) -> dict[str, str]:
        """What is shown as chosen again. Not the postcode: the screen is read over a shoulder."""
        return {
            name: value
            for name in type(self).model_fields
            if name != "postcode" and (value := getattr(self, name)) is not None
        }

    def query(self, directory: Directory) -> SearchQuery:
        """Raises ValidationFailed where the fields make no question."""
        if self.postcode is None and self.area is None:
            raise ValidationFailed(PLACE_MISSING)
        asked: dict[str, Any] = self.model_dump(exclude_none=True)
        if self.postcode is not None:
            asked.pop("area", None)
        if "with_children" in asked:
            asked["with_children"] = True
        if ASKED_BY in directory.catalogue.term_names.get("referrer", ()):
            asked["referrer"] = ASKED_BY
        try:
            return SearchQuery(**asked, limit=SHOWN)
        except ValidationError as failure:
            raise validation_problem(failure.errors(include_input=False, include_url=False)) from None


NOTHING_ASKED = SearchQuery()


@dataclass(frozen=True, slots=True)
class Screen:
    """What the screen shows beside the form. `device`: the enrolled one that it is shown to, if that could be found out."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    answer: Answer | None = None
    problem: Problem | None = None
    facts: Facts = None
    device: Principal | None = None
    is_sure: bool = True
    query: SearchQuery = NOTHING_ASKED

    @property
    def lacks_facts(self) -> bool:
        """Whether what only professionals may know could not be read: nobody is to believe that there is nothing of it."""
        is_asked = self.answer is not None and self.device is not None
        return not self.is_sure or (is_asked and self.facts is None)


@router.get("/officer")
async def without_slash() -> Response:
    """The offline pack works below `/officer/` only. The query is left behind: it may hold anything."""
    return Response(status_code=308, headers={"Location": "/officer/"})


@router.get("/officer/")
def officer_page(request: Request, session: SessionIfThere) -> Response:
    """The empty screen, with the duties and the national numbers."""
    device, is_sure = device_if_known(request, session)
    return _page(moment_of(request), Screen(device=device, is_sure=is_sure))


@router.post("/officer/")
def find_for_officers(
    request: Request,
    form: Annotated[OfficerForm | Problem, form_or_problem(OfficerForm)],
    session: SessionIfThere,
) -> Response:
    """The answer to its POST, on the same screen: an address would carry the question into the history."""
    moment = moment_of(request)
    device, is_sure = device_if_known(request, session)
    if isinstance(form, Problem):
        return _page(moment, Screen(problem=form, device=device, is_sure=is_sure))
    try:
        query = form.query(moment.directory)
        answer = search(query, moment.directory, moment.now)
    except Problem as problem:
        return _page(moment, Screen(form.chosen, problem=problem, device=device, is_sure=is_sure))
    # Public routes may be for others where officers have one: what nobody without a device is shown.
    beyond = [] if device is None else beyond_public_routes(query, moment.directory, moment.now)
    ids = [one.entry.record.id for one in (*answer.results, *beyond)]
    facts = facts_of(device, session, ids, now=moment.now)
    screen = Screen(form.chosen, answer=answer, facts=facts, device=device, is_sure=is_sure, query=query)
    return _page(moment, screen, by_route=_by_professional_route(beyond, query, facts))


class OutcomeForm(PageForm):
    """What was found when the number was rung."""

    outcome: Outcome


@router.post("/officer/services/{service_id:uuid}/call-outcome")
def keep_call_outcome(
    request: Request,
    service_id: UUID,
    form: Annotated[OutcomeForm, form_of(OutcomeForm)],
    session: WriteSession,
) -> Response:
    """One tap after a call: the same as `POST /v1/officer/services/{id}/call-outcomes`, from the page.

    A script gets the JSON answer and stays on the screen; without one there is a page that says what to ring next.
    """
    require_own_page(request)
    device = device_of(request, session)
    if device is None:
        if _wants_json(request):
            raise Forbidden
        return shown(moment_of(request), "officer_noted.html", status=403, outcome=None)
    kept = record_call_outcome(
        request, service_id, by=device, sent=CallOutcomeIn(outcome=form.outcome), session=session
    )
    if _wants_json(request):
        return kept
    return shown(moment_of(request), "officer_noted.html", outcome=dict(OUTCOMES)[form.outcome])


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def shown(moment: Moment, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of this room, with what every one of them needs."""
    directory = moment.directory
    page = TEMPLATES.get_template(template).render(
        always=directory.catalogue.texts.always,
        demonstration=directory.demonstration,
        at=moment.now.astimezone(LONDON),
        page_ends=int(SHOWN_FOR.total_seconds()),
        **values,
    )
    return Response(page, status, media_type="text/html", headers={"Content-Security-Policy": POLICY})


def _by_professional_route(beyond: list[Result], query: SearchQuery, facts: Facts) -> list[Result]:
    """Those that a route for professionals is open to, with that as the first reason."""
    found = []
    for one in beyond:
        officer = None if facts is None else facts.get(str(one.entry.record.id))
        words = None if officer is None else words_for(officer.referral_routes, query)
        if words is not None:
            found.append(replace(one, reasons=[words, *one.reasons]))
    return found


def _page(moment: Moment, screen: Screen, by_route: Sequence[Result] = ()) -> Response:
    directory, answer, problem = moment.directory, screen.answer, screen.problem
    texts = directory.catalogue.texts
    areas = directory.catalogue.areas
    boroughs = sorted(
        (areas[code] for code in areas.authorities_in(directory.home_area)), key=lambda area: area.name
    )
    cards = [] if answer is None else [_card(one, screen, moment) for one in answer.results]
    with_room = [card for card in cards if not card["without_room"]]
    today = moment.now.astimezone(LONDON).date()
    response = shown(
        moment,
        "officer.html",
        status=200 if problem is None else problem.status,
        chosen=screen.chosen,
        needs=[term for one in texts.vocabulary if one.code == "need" for term in one.terms],
        boroughs=boroughs,
        told=None if problem is None else in_plain_words(problem, LABELS),
        answer=answer,
        children_missing=None if answer is None else childrens_services_missing(answer),
        first=with_room[:FIRST],
        more=with_room[FIRST:],
        full=[card for card in cards if card["without_room"]],
        by_route=[_card(one, screen, moment) for one in by_route],
        device=screen.device,
        lacks_facts=screen.lacks_facts,
        outcomes=OUTCOMES,
        run_out=RUN_OUT,
        ask=CAPACITY_WORDS["unknown"],
        duties=[(one, one.review_by < today) for one in texts.guidance if one.audience == "officer"],
        home=areas[directory.home_area],
    )
    for name, value in problem.headers.items() if problem is not None else ():
        response.headers[name] = value
    return response


def _card(result: Result, screen: Screen, moment: Moment) -> dict[str, Any]:
    """What the screen shows of one result. Figures of a device's own eyes come after the public status, never instead."""
    directory, now = moment.directory, moment.now
    record, figure, status = result.entry.record, result.figure, result.capacity.status
    words = result.places
    route = None if result.route is None else result.route.record
    via = directory.catalogue.service_through(route)
    officer = None if screen.facts is None else screen.facts.get(str(record.id))
    return {
        "service": record,
        "overdue_since": overdue_since(record, now),
        "status": words,
        "shape": shape_of(status),
        "age": None if figure is None else how_long_ago(figure.confirmed_at, now),
        "ends": None if figure is None else seconds_shown(figure.valid_until, now),
        "reasons": reasons_shown(result, now, besides=words),
        "phones": numbers_of(record, via),
        "route": route,
        "conditions": directory.catalogue.conditions_of(route),
        "via": via,
        "officer": officer,
        # For this person and for the police, or nobody knows: the others are in vain, and one is for a child only.
        "routes": []
        if officer is None
        else [
            (one, directory.catalogue.conditions_of(one))
            for one in officer.referral_routes
            if may_take(one, screen.query)
        ],
        "figures": []
        if officer is None
        else [
            (one, _places(one), how_long_ago(one.seen_at, now), seconds_shown(one.valid_until, now))
            for one in officer.capacity
        ],
        "calls_end": seconds_shown(floor_to_hour(now) + HOUR, now),
        "has_more": officer is not None and _has_more(officer, screen.query),
        "without_room": status in WITHOUT_ROOM,
    }


def _places(figure: OfficerFigure) -> str:
    """What a figure says of its places. The status comes first: a place that stays empty while a house is closed, or that
    others wait for, is not free, whatever its number says.
    """
    words = CAPACITY_WORDS[figure.status]
    if figure.available is None or figure.status in NO_PLACE:
        return words
    return f"{words}: {figure.available} free" + (
        f" of {figure.maximum}" if figure.maximum is not None else ""
    )


def numbers_of(record: PublicService, via: PublicService | None) -> list[tuple[PublicPhone, str]]:
    """The numbers to use, each with the name of the service that it belongs to where that is another: the one that a referral
    leads through comes first, for that is the number to ring, and then all of the service itself.
    """
    through = [] if via is None else [(phone, via.name) for phone in via.phones]
    known = {phone.e164 for phone, _ in through}
    return through + [(phone, "") for phone in record.phones if phone.e164 not in known]


def _has_more(officer: OfficerOut, query: SearchQuery) -> bool:
    """Whether anything is known here that the public does not see, calls of this hour aside."""
    return bool(
        officer.phones
        or officer.organization_phones
        or officer.contacts
        or officer.capacity
        or any(may_take(route, query) for route in officer.referral_routes)
    )
