"""Making a phone one that professional facts are shown on, and ending that: `/officer/enrol` and `/officer/leave`.

The one-time link carries its code behind `#`, which a browser sends to nobody; a script moves it into the form, and without
one it, or the whole link, is pasted in. Opening the link changes nothing: mail programs open links to look at them.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access.devices import enrol, revoke_device
from app.access.tokens import TokenSecrets
from app.api.callers import SessionIfThere, WriteSession, act_of, refused_key, request_id_of
from app.api.state import moment_of
from app.errors import Problem, Unauthenticated
from app.web.device_session import COOKIE, device_if_known, device_of, forget, remember
from app.web.forms import CodeOrLink, PageForm, form_or_problem
from app.web.officer import shown
from app.web.own_page import require_own_page

router = APIRouter(include_in_schema=False)


class EnrolmentForm(PageForm):
    """The code of a link, or the link."""

    code: CodeOrLink


@router.get("/officer/enrol")
def enrolment_page(request: Request, session: SessionIfThere) -> Response:
    """A button to press, and nothing done yet."""
    device, _ = device_if_known(request, session)
    return shown(moment_of(request), "officer_enrol.html", problem=None, device=device)


@router.post("/officer/enrol")
def enrol_device(
    request: Request,
    form: Annotated[EnrolmentForm | Problem, form_or_problem(EnrolmentForm)],
    session: WriteSession,
) -> Response:
    """Exchange the code, once, for the session of this device, which the browser keeps and no script can read. One that it
    kept until now ends.
    """
    require_own_page(request)
    state = request.app.state
    secrets: TokenSecrets = state.token_secrets
    now: datetime = state.clock()
    try:
        if isinstance(form, Problem):
            raise form
        link = secrets.read(form.code)
        earlier = device_of(request, session)
        enrolled = enrol(
            session, secrets, link, log=state.audit_log, now=now, request_id=request_id_of(request)
        )
        if earlier is not None:
            # The browser is about to forget it, and nobody would end it before it ran out.
            revoke_device(session, earlier.id, act_of(request, earlier))
    except Unauthenticated:
        return _refused(request, refused_key(request))
    except Problem as problem:
        return _refused(request, problem)
    answer = Response(status_code=303, headers={"Location": "/officer/"})
    remember(answer, enrolled.token.text)
    return answer


def _refused(request: Request, problem: Problem) -> Response:
    page = shown(
        moment_of(request), "officer_enrol.html", status=problem.status, problem=problem, device=None
    )
    for name, value in problem.headers.items():
        page.headers[name] = value
    return page


@router.post("/officer/leave")
def leave(request: Request, session: WriteSession) -> Response:
    """End this device's session for good, and take what was kept for being offline from the browser."""
    require_own_page(request)
    device = device_of(request, session)
    if device is not None:
        revoke_device(session, device.id, act_of(request, device))
    answer = Response(status_code=303, headers={"Location": "/officer/left"})
    forget(answer)
    return answer


@router.get("/officer/left")
async def left_page(request: Request) -> Response:
    """Says that nothing is kept any more, and sees to it; not with the script of the other pages, which keeps the saved list. Who
    comes back to this address later, with a session, is not told that it is over.
    """
    if COOKIE in request.cookies:
        return Response(status_code=303, headers={"Location": "/officer/"})
    return shown(moment_of(request), "officer_left.html")
