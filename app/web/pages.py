"""`/find`: a plain form and its results, rendered on the server, working without JavaScript.

A search answers its POST with the page itself: a redirect would carry the question in an address. Nothing is stored in
the browser, and a postcode that cannot be used never hides the numbers to ring.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import Field, ValidationError

from app.api.callers import storage_problems
from app.api.mistakes import count_mistake
from app.api.problems import validation_problem
from app.api.reference import LONDON
from app.api.state import Moment, moment_of
from app.api.strict import read_form, refuse_parameters
from app.config import Settings
from app.curation.mistakes import Mistake
from app.db import Database
from app.directory.boroughs import boroughs_of
from app.directory.records import PublicService
from app.directory.reviews import overdue_facts
from app.directory.snapshot import Directory
from app.directory.texts import Term
from app.directory.wording import FOR_WHOM
from app.errors import FieldError, NotFound, OutcomeUnknown, Problem, ValidationFailed
from app.geo.attribution import attribution
from app.search.answer import Answer, Result, childrens_services_missing, search
from app.search.query import SearchQuery
from app.search.reasons import CAPACITY_WORDS, TO_REFER
from app.web.ages import how_long_ago, seconds_open, seconds_shown
from app.web.borough_map import map_of_directory
from app.web.forgetting import ForgettingTemplate
from app.web.forms import PageForm, form_or_problem
from app.web.plain_words import PLACE_MISSING, Told, in_plain_words, wait_in_words

router = APIRouter(include_in_schema=False)

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.template_class = ForgettingTemplate
TEMPLATES.globals["for_whom_words"] = FOR_WHOM
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The scripts are those of the exit and of a page that is left open; every page works without them."""
STATUS_SHAPES = {
    "accepting": "●",
    "limited": "◐",
    "full": "■",
    "closed_temporarily": "■",
    "waiting_list": "□",
}
FIRST, SHOWN = 10, 50
"""Results before "more", and with it: everybody who is counted in the heading can be read."""
CHOICES = ("need", "sex", "age_group", "referrer")
LABELS = {
    "postcode": "Postcode, or its first half",
    "area": "Or council area",
    "need": "What is needed",
    "sex": "Person",
    "age_group": "Age",
    "referrer": "Who is asking",
}
"""What the form calls its fields."""
STATIC_FILES = {
    "pages.css": "text/css",
    "demo.css": "text/css",
    "map.css": "text/css",
    "builder.js": "text/javascript",
    "exit.js": "text/javascript",
    "ageing.js": "text/javascript",
    "once.js": "text/javascript",
    "left.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class FindForm(PageForm):
    """The fields of the form, all text, which the search reads: one that cannot be used must not lose the others."""

    postcode: Annotated[str | None, Field(max_length=4096)] = None
    area: str | None = None
    need: str | None = None
    sex: str | None = None
    age_group: str | None = None
    referrer: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows beside the form: an answer, or what is wrong; `chosen` are the codes chosen from lists."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    answer: Answer | None = None
    problem: Problem | None = None
    reported: bool = False

    @property
    def told(self) -> Told | None:
        """What is wrong, and in which field of the form."""
        return None if self.problem is None else in_plain_words(self.problem, LABELS)


@router.get("/")
@router.get("/find")
async def find_page(request: Request) -> Response:
    """The empty form, with the national numbers.

    The query is not looked at: mail programs and social networks append marks of their own to a link, and whoever
    follows it needs the page and not a lesson.
    """
    return _page(request, moment_of(request), Shown())


@router.post("/find")
async def find_services(request: Request) -> Response:
    """The form with its results, or with what is wrong beside the field; 200 either way has the numbers to ring."""
    moment = moment_of(request)
    chosen: dict[str, str] = {}
    try:
        form = await read_form(request, FindForm)
        # What was chosen from lists is shown again; the postcode is not: the page may be read over a shoulder.
        chosen = {name: value for name in (*CHOICES, "area") if (value := getattr(form, name)) is not None}
        if form.postcode is None and form.area is None:
            raise ValidationFailed(PLACE_MISSING)
        wanted = form.model_dump(exclude_none=True)
        if form.postcode is not None:
            wanted.pop("area", None)
        query = _query(wanted)
        answer = search(query, moment.directory, moment.now)
    except Problem as problem:
        # Its traceback holds what was typed, in a ring that Python's collector may pass over while the page is made.
        problem.__context__ = problem.__cause__ = None
        return _page(request, moment, Shown(chosen, problem=problem.with_traceback(None)))
    return _page(request, moment, Shown(chosen, answer=answer))


def _query(wanted: dict[str, str]) -> SearchQuery:
    try:
        return SearchQuery(**wanted, limit=SHOWN)  # type: ignore[arg-type]
    except ValidationError as failure:
        raise validation_problem(failure.errors(include_input=False, include_url=False)) from None


class MistakeForm(PageForm):
    """What somebody says is wrong with an entry; as text, so that the page can say what it lacks and keep the rest."""

    service_id: Annotated[str, Field(max_length=100)] = ""
    category: Annotated[str, Field(max_length=100)] = ""

    def mistake(self) -> Mistake:
        """Raises ValidationFailed, naming the field."""
        if self.category not in get_args(Mistake):
            raise ValidationFailed(errors=(FieldError("/category", "one of the list"),))
        return cast("Mistake", self.category)

    def about(self, moment: Moment) -> PublicService:
        """Raises NotFound, alike for what is no id."""
        try:
            return moment.entry(UUID(self.service_id)).record
        except ValueError:
            raise NotFound from None


@router.post("/find/mistakes")
def report_mistake_on_page(
    request: Request, form: Annotated[MistakeForm | Problem, form_or_problem(MistakeForm)]
) -> Response:
    """Count what was reported, and say so. The address of the page says nothing of which service it was."""
    database: Database = request.app.state.database
    moment = moment_of(request)
    service: PublicService | None = None
    try:
        if isinstance(form, Problem):
            raise form
        service = form.about(moment)
        mistake = form.mistake()
        # Not by a dependency: whoever is on a page is answered with the page, also while the database is away.
        with storage_problems(), database.write() as session:
            count_mistake(request, session, service.id, mistake)
    except Problem as problem:
        return public_page(
            request,
            moment,
            "mistake.html",
            problem=problem,
            told=in_plain_words(problem, {"category": "What is wrong?"}),
            unknown=isinstance(problem, OutcomeUnknown),
            wait=wait_in_words(problem),
            service=service,
            chosen="" if isinstance(form, Problem) else form.category,
            mistakes=_mistakes(moment.directory),
        )
    return _page(request, moment, Shown(reported=True))


def _mistakes(directory: Directory) -> list[Term]:
    return [
        term for one in directory.catalogue.texts.vocabulary if one.code == "mistake" for term in one.terms
    ]


@router.get("/static/{name}")
async def static_file(request: Request, name: str) -> Response:
    """The few files of our own that pages use."""
    refuse_parameters(request)
    media_type = STATIC_FILES.get(name)
    if media_type is None:
        raise NotFound
    text = (HERE / "static" / name).read_bytes()
    return Response(text, media_type=media_type, headers={"Cache-Control": "public, max-age=3600"})


def _page(request: Request, moment: Moment, shown: Shown) -> Response:
    directory, answer, problem = moment.directory, shown.answer, shown.problem
    texts = directory.catalogue.texts
    home = directory.catalogue.areas[directory.home_area]
    place = None if answer is None else answer.place
    sought = [] if place is None else [one.code for one in place.local_authorities]
    return public_page(
        request,
        moment,
        "find.html",
        problem=problem,
        chosen=shown.chosen,
        choices={
            name: [term for one in texts.vocabulary if one.code == name for term in one.terms]
            for name in CHOICES
        },
        boroughs=boroughs_of(directory),
        map=map_of_directory(directory, sought),
        home=home,
        reported=shown.reported,
        mistakes=_mistakes(directory),
        told=shown.told,
        labels=LABELS,
        answer=answer,
        children_missing=None if answer is None else childrens_services_missing(answer),
        first=FIRST,
        results=[] if answer is None else [_shown(one, moment) for one in answer.results],
    )


def public_page(
    request: Request, moment: Moment, template: str, *, problem: Problem | None = None, **values: Any
) -> Response:
    """A page for anybody, with the numbers to ring, the exit and the attribution; its status is that of the problem."""
    directory = moment.directory
    settings: Settings = request.app.state.settings
    page = TEMPLATES.get_template(template).render(
        problem=problem,
        run_out=RUN_OUT,
        at=moment.now.astimezone(LONDON),
        always=directory.catalogue.texts.always,
        demonstration=directory.demonstration,
        attribution=attribution(directory.catalogue.gazetteer.edition.attribution_year),
        exit_url=settings.exit_url,
        owner=settings.owner_name,
        **values,
    )
    headers = {"Content-Security-Policy": POLICY, **(problem.headers if problem is not None else {})}
    status = 200 if problem is None else problem.status
    return Response(page, status, media_type="text/html", headers=headers)


def shape_of(status: str) -> str:
    """What stands before the words, so that nobody has to tell colours apart."""
    return STATUS_SHAPES.get(status, "○")


RUN_OUT = f"{shape_of('unknown')} {CAPACITY_WORDS['unknown']}"
"""What a page that is left open says of a figure past its time."""


def _shown(result: Result, moment: Moment) -> dict[str, Any]:
    """What the template shows of one result, in the words of the page."""
    record, directory, now = result.entry.record, moment.directory, moment.now
    figure, status = result.figure, result.places
    route = None if result.route is None else result.route.record
    return {
        "service": record,
        "overdue_since": overdue_since(record, now),
        "age": None if figure is None else how_long_ago(figure.confirmed_at, now),
        "ends": None if figure is None else seconds_shown(figure.valid_until, now),
        "reasons": reasons_shown(result, now, besides=status),
        "status": status,
        "shape": shape_of(result.capacity.status),
        "route": route,
        "via": directory.catalogue.service_through(route),
        "conditions": directory.catalogue.conditions_of(route),
    }


def reasons_shown(result: Result, now: datetime, *, besides: str | None) -> list[tuple[str, int | None]]:
    """The reasons but for what is said of places, each with the seconds for which an open page may say it; None: for ever."""
    end_of = {result.opening.words: seconds_open(result.opening.state, now)}
    if result.route_opening is not None:
        end_of[TO_REFER + result.route_opening.words] = seconds_open(result.route_opening.state, now)
    return [(reason, end_of.get(reason)) for reason in result.reasons if reason != besides]


def overdue_since(record: PublicService, now: datetime) -> str | None:
    """The day by which the details were to be checked again, in words; None while none of them is overdue."""
    overdue = overdue_facts(record.assurance, now)
    days = [one.review_by for one in record.assurance if one.fact in overdue]
    return f"{min(days):%-d %B %Y}" if days else None
