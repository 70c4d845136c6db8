"""`/curator/`: signing in, and the board that says what needs somebody now."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access.page_sessions import AtPage
from app.api.callers import ReadSession, WriteSession
from app.api.curation_queue import read_queue
from app.api.insight import read_insight
from app.api.state import moment_of
from app.errors import Forbidden, Problem
from app.web.borough_map import map_of_board
from app.web.curator_desk import POLICY, Desk, as_asked, desk_of, to_sign_in, told
from app.web.forms import form_of, form_or_problem
from app.web.page_session import COOKIES, SignInForm, TokenForm, require_form_of, signed_in, signed_out
from app.web.pages import TEMPLATES

router = APIRouter(include_in_schema=False)

KIND_WORDS = {
    "proposal": ("proposal to decide", "proposals to decide"),
    "approval": ("record to approve", "records to approve"),
    "mistake": ("mistake reported", "mistakes reported"),
    "calls": ("call in vain", "calls in vain"),
    "takedown": ("taken down", "taken down"),
    "capacity": ("figure run out", "figures run out"),
    "overdue": ("fact overdue", "facts overdue"),
    "import": ("import to decide", "imports to decide"),
}
"""What waits, by kind: one of it, and several."""
SHOWN = 25


@router.get("/curator")
async def without_slash() -> Response:
    return Response(status_code=308, headers={"Location": "/curator/"})


@router.get("/curator/")
def curator_page(request: Request, session: ReadSession) -> Response:
    """The board; or the page to sign in, for everybody else."""
    desk = desk_of(request, session)
    if desk is None:
        return _sign_in_page(request, None, again=COOKIES["curator"] in request.cookies)
    return _board(desk)


@router.post("/curator/sign-in")
def curator_sign_in(
    request: Request,
    form: Annotated[SignInForm | Problem, form_or_problem(SignInForm, with_key=True)],
    session: WriteSession,
) -> Response:
    """A curator's key for a session at the desk."""
    try:
        return signed_in(request, session, form, "curator", to="/curator/")
    except Forbidden:
        raise
    except Problem as problem:
        session.rollback()
        return _sign_in_page(request, problem)


@router.post("/curator/sign-out")
def curator_sign_out(
    request: Request, form: Annotated[TokenForm, form_of(TokenForm)], session: WriteSession
) -> Response:
    desk = desk_of(request, session)
    if desk is None:
        return to_sign_in()
    at_page: AtPage = desk.at_page
    require_form_of(request, at_page, form)
    return signed_out(request, session, at_page, "curator", to="/curator/")


def _board(desk: Desk) -> Response:
    queue: Any = None
    insight: Any = None
    if desk.may("directory:publish", "proposals:review"):
        queue = told(read_queue(as_asked(desk.request, query=f"limit={SHOWN}"), desk.by, desk.session))
    if desk.may("proposals:review"):
        insight = told(read_insight(as_asked(desk.request), desk.by, desk.session))
    asked = desk.request.query_params.get("need")
    need = next((row["need"] for row in insight["board"] if row["need"] == asked), None) if insight else None
    return desk.show(
        "curator_board.html",
        queue=queue,
        insight=insight,
        need=need,
        map=map_of_board(insight, moment_of(desk.request).directory, need=need) if insight else None,
        kind_words=_kind_words,
        where=_where,
    )


def _kind_words(kind: str, count: int) -> str:
    one, several = KIND_WORDS.get(kind, (kind, kind))
    return one if count == 1 else several


def _where(entry: dict[str, Any]) -> str:
    """The page of the desk on which something waiting is dealt with."""
    kind = entry["kind"]
    if kind == "proposal":
        return f"/curator/proposals/{entry['id']}"
    if kind == "takedown":
        return "/curator/takedowns"
    if kind == "import":
        return f"/curator/imports/{entry['id']}"
    return f"/curator/services/{entry['service_id']}" if entry["service_id"] else "/curator/services"


def _sign_in_page(request: Request, problem: Problem | None, *, again: bool = False) -> Response:
    page = TEMPLATES.get_template("curator_sign_in.html").render(
        problem=problem, again=again, undone=False, demonstration=moment_of(request).directory.demonstration
    )
    status = problem.status if problem is not None else 401 if again else 200
    headers = {"Content-Security-Policy": POLICY, **(problem.headers if problem is not None else {})}
    return Response(page, status, media_type="text/html", headers=headers)
