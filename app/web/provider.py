"""`/provider/`: ten seconds to say how many places there are, with a thumb: steppers, statuses, "nothing changed", undo.

The same reports as over the API, by the same functions, signed with the key that opened the page. Opening a page or a link
changes nothing: mail programs look at links.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.page_sessions import AtPage
from app.api.callers import ReadSession, WriteSession
from app.api.conditional import require_named_match
from app.api.provider_capacity import once_reported
from app.api.reference import LONDON
from app.api.state import moment_of
from app.api.writing import Write
from app.capacity.correcting import UNDO_WITHIN, confirm_capacity, undo_capacity
from app.capacity.owning import own_service, own_services
from app.capacity.reporting import Reporter, report_capacity
from app.capacity.standing import RecordedReport, ServiceFacts, Standing, recorded, standings_of
from app.directory.freshness import NO_PLACE, RING_TO_ASK, view_of
from app.errors import Forbidden, NotFound, Problem, TooManyRequests, Unauthenticated
from app.search.reasons import capacity_words
from app.web.ages import SHOWN_FOR, how_long_ago, seconds_shown
from app.web.forms import form_of, form_or_problem
from app.web.page_session import (
    COOKIES,
    SignInForm,
    TokenForm,
    form_token,
    require_form_of,
    signed_in,
    signed_out,
    who_is_at,
)
from app.web.pages import STATUS_SHAPES, TEMPLATES
from app.web.provider_form import GROUPS, STATUSES, Refused, ReportForm, VersionForm, forms_of

router = APIRouter(include_in_schema=False)

TELL_AGAIN_AFTER = timedelta(hours=24)
PAGE_ENDS = int(SHOWN_FOR.total_seconds())
"""For how many seconds a page that is left open says what the public sees, and how long ago something was told."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@router.get("/provider")
async def without_slash() -> Response:
    return Response(status_code=308, headers={"Location": "/provider/"})


@router.get("/provider/")
def provider_page(request: Request, session: ReadSession) -> Response:
    """Every service of the key that was signed in with, or the page to sign in."""
    try:
        at_page = who_is_at(request, session, "provider")
    except (Unauthenticated, TooManyRequests) as problem:
        # Whoever was signed in here is told that this is over; a cookie of another page says nothing of the kind.
        return _sign_in_page(request, problem if COOKIES["provider"] in request.cookies else None)
    return _page(request, session, at_page)


@router.post("/provider/sign-in")
def provider_sign_in(
    request: Request,
    form: Annotated[SignInForm | Problem, form_or_problem(SignInForm, with_key=True)],
    session: WriteSession,
) -> Response:
    """A key, or the key of a link, for a session at this page."""
    try:
        return signed_in(request, session, form, "provider", to="/provider/")
    except Forbidden:
        raise
    except Problem as problem:
        session.rollback()
        return _sign_in_page(request, problem)


@router.post("/provider/sign-out")
def provider_sign_out(
    request: Request, form: Annotated[TokenForm, form_of(TokenForm)], session: WriteSession
) -> Response:
    try:
        at_page = who_is_at(request, session, "provider")
    except (Unauthenticated, TooManyRequests) as problem:
        return _sign_in_page(request, problem)
    require_form_of(request, at_page, form)
    return signed_out(request, session, at_page, "provider", to="/provider/")


@router.post("/provider/services/{service_id:uuid}/report")
def report_at_page(
    request: Request,
    service_id: UUID,
    form: Annotated[ReportForm, form_of(ReportForm)],
    session: WriteSession,
) -> Response:
    """Save one figure. Somebody who saw an older state is shown the newer one first."""

    def report(by: Reporter, now: datetime) -> list[RecordedReport]:
        return recorded([report_capacity(session, service_id, form.claim(), by=by, now=now)])

    return _written(request, session, service_id, form, action="capacity_reported", report=report)


@router.post("/provider/services/{service_id:uuid}/confirm")
def confirm_at_page(
    request: Request,
    service_id: UUID,
    form: Annotated[VersionForm, form_of(VersionForm)],
    session: WriteSession,
) -> Response:
    """Nothing has changed: every figure again, as seen now."""

    def confirm(by: Reporter, now: datetime) -> list[RecordedReport]:
        return recorded(confirm_capacity(session, service_id, by=by, now=now))

    return _written(request, session, service_id, form, action="capacity_confirmed", report=confirm)


@router.post("/provider/services/{service_id:uuid}/undo")
def undo_at_page(
    request: Request,
    service_id: UUID,
    form: Annotated[VersionForm, form_of(VersionForm)],
    session: WriteSession,
) -> Response:
    """Take back what was saved last, within ten minutes."""

    def undo(by: Reporter, now: datetime) -> list[RecordedReport]:
        return recorded(undo_capacity(session, service_id, by=by, now=now))

    return _written(request, session, service_id, form, action="capacity_undone", report=undo)


def _written(
    request: Request,
    session: Session,
    service_id: UUID,
    form: ReportForm | VersionForm,
    *,
    action: str,
    report: Callable[[Reporter, datetime], Sequence[RecordedReport]],
) -> Response:
    """What `report` stores, as over the API; then the page anew, or the page with what is wrong."""
    try:
        at_page = who_is_at(request, session, "provider")
    except (Unauthenticated, TooManyRequests) as problem:
        # Whoever comes back to a page of last night has to read that nothing was saved, and where to go on.
        return _sign_in_page(request, problem, unsaved=True)
    require_form_of(request, at_page, form)
    by = at_page.by
    if "capacity:write" not in by.scopes:
        raise Forbidden
    now: datetime = request.app.state.clock()
    write = Write(request, session, by, form, now, form.version)
    try:
        facts = own_service(session, service_id, of=by, lock=True)
        reporter = Reporter("page", by.signature)
        once_reported(write, facts, action, lambda: report(reporter, now), require=require_named_match)
    except NotFound:
        raise
    except Problem as problem:
        # Nothing of a refused report is kept, and the page is read anew.
        session.rollback()
        return _page(request, session, at_page, wrong=Refused(service_id, form, problem))
    return Response(status_code=303, headers={"Location": f"/provider/#s-{service_id}"})


def _sign_in_page(request: Request, problem: Problem | None, *, unsaved: bool = False) -> Response:
    status = 200 if problem is None else problem.status
    answer = _shown(request, "provider_sign_in.html", status=status, problem=problem, unsaved=unsaved)
    for name, value in problem.headers.items() if problem is not None else ():
        answer.headers[name] = value
    return answer


def _page(request: Request, session: Session, at_page: AtPage, *, wrong: Refused | None = None) -> Response:
    now: datetime = request.app.state.clock()
    services = own_services(session, at_page.by)
    standings = standings_of(session, [one.id for one in services])
    shown = [
        _service(facts, standing, at_page, now, typed=None if wrong is None else wrong.typed_for(facts.id))
        for facts, standing in zip(services, standings, strict=True)
    ]
    forms = [form for one in shown for form in (*one["figures"], one["another"])]
    errors = () if wrong is None else wrong.problem.errors
    return _shown(
        request,
        "provider.html",
        status=200 if wrong is None else wrong.problem.status,
        services=shown,
        page_ends=PAGE_ENDS,
        form_token=form_token(request, at_page),
        wrong=wrong,
        statuses=STATUSES,
        groups=GROUPS,
        nobody_taken=NO_PLACE,
        errors=[] if wrong is None else wrong.in_words,
        wrong_fields={one.pointer.lstrip("/") for one in errors},
        wrong_form=next((one["id"] for one in forms if one["typed"]), None),
        may_report="capacity:write" in at_page.by.scopes,
        ends=at_page.expires_at.astimezone(LONDON),
    )


def _shown(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    moment = moment_of(request)
    texts = moment.directory.catalogue.texts
    names = moment.directory.catalogue.term_names
    page = TEMPLATES.get_template(template).render(
        units=[term for one in texts.vocabulary if one.code == "capacity_unit" for term in one.terms],
        unit_names=names.get("capacity_unit", {}),
        demonstration=moment.directory.demonstration,
        **values,
    )
    return Response(page, status, media_type="text/html", headers={"Content-Security-Policy": POLICY})


def _service(
    facts: ServiceFacts, standing: Standing, at_page: AtPage, now: datetime, *, typed: ReportForm | None
) -> dict[str, Any]:
    """What the page shows of one service: what was told, exactly, and what the public has of it; `typed` was not saved."""
    forms = forms_of(standing, now, typed)
    told_at = max((one.last_seen_at for one in standing.figures), default=None)
    figure = None if facts.confidential else standing.public_figure(facts, now)
    public = RING_TO_ASK if facts.confidential else view_of(figure, now)
    return {
        "facts": facts,
        "version": standing.version,
        "figures": forms[:-1],
        "another": forms[-1],
        "says_something": any(one.status != "unknown" for one in standing.not_ended(now)),
        "told": None if told_at is None else how_long_ago(told_at, now),
        "is_old": told_at is not None and now - told_at > TELL_AGAIN_AFTER,
        "public": capacity_words(public),
        "public_ends": PAGE_ENDS if figure is None else seconds_shown(figure.valid_until, now) or PAGE_ENDS,
        "shape": STATUS_SHAPES.get(public.status, "○"),
        "saved": _saved(standing, at_page, now),
    }


def _saved(standing: Standing, at_page: AtPage, now: datetime) -> datetime | None:
    """When this key saved what can still be taken back; None when there is nothing of the kind (see `undo_capacity`)."""
    recorded_at = max((one.recorded_at for one in standing.figures), default=None)
    if recorded_at is None or not recorded_at <= now <= recorded_at + UNDO_WITHIN:
        return None
    last = [one for one in standing.figures if one.recorded_at == recorded_at]
    if any(one.reported_by != at_page.by.signature or one.undoes_id is not None for one in last):
        return None
    return recorded_at.astimezone(LONDON)
