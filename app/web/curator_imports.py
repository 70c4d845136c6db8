"""`/curator/imports`: a sheet is checked, every fault told with its row, every difference ticked, applied whole, taken back."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.api.callers import ReadSession, WriteSession, storage_problems
from app.api.import_reading import (
    cursor_after,
    read_diff,
    read_import,
    read_imports,
    read_problems,
    read_template,
)
from app.api.import_shapes import ApplicationIn, ApprovalIn
from app.api.imports import post_application, post_approval, post_import, post_notes, post_refusal, post_undo
from app.api.problems import validation_problem
from app.api.strict import FORM_TYPE, read_body
from app.api.uploads import Reader
from app.api.writing import Nothing
from app.db import Database
from app.errors import Problem, UnknownParameter
from app.importing.listing import NumberedPage, numbered_page
from app.models.imports import ImportProblem, ImportRecord
from app.web.curator_desk import Desk, as_asked, desk_of, done, said, to_sign_in, told
from app.web.forms import form_of
from app.web.page_session import COOKIES, TokenForm, require_form_of
from app.web.uploaded import Uploaded, read_upload

router = APIRouter(include_in_schema=False)

STATES = {
    "checked": "Checked: nothing is changed yet",
    "awaiting_second_person": "Waits for another person",
    "applied": "Applied",
    "undone": "Taken back",
    "refused": "Not taken",
    "failed": "Failed: nothing was changed",
    "expired": "Too old to be applied",
}
SHOWN = 100
"""Differences on a page, and faults."""
MOST_FIELDS = 2000


class ApplyForm(TokenForm):
    """What to apply: all that is not in doubt, or the ticked records."""

    digest: Annotated[str, Field(max_length=64)] = ""
    which: Annotated[str, Field(max_length=10)] = "all"
    only: tuple[Annotated[str, Field(max_length=36)], ...] = ()
    page: Annotated[str, Field(max_length=10)] = ""
    """On which page of the differences it stands, to show that one again."""


class ApproveForm(TokenForm):
    selection_digest: Annotated[str, Field(max_length=64)] = ""


async def _apply_form(request: Request) -> ApplyForm:
    # Ticks of one name are one list; everything else stands once, as in every form.
    body = (await read_body(request, FORM_TYPE)).decode("ascii", "replace")
    try:
        pairs = parse_qsl(body, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise UnknownParameter from None
    fields = dict(pairs) | {"only": tuple(value for name, value in pairs if name == "only")}
    try:
        return ApplyForm.model_validate(
            {name: fields[name] for name in ApplyForm.model_fields if name in fields}
        )
    except ValidationError as failure:
        raise validation_problem(failure.errors(include_input=False, include_url=False)) from None


async def _upload(request: Request) -> Uploaded | Problem | None:
    """The form with a file; None for somebody who has not signed in, whose 20 MB are not taken into memory."""
    if not await run_in_threadpool(_is_at_desk, request):
        return None
    return await read_upload(request)


def _is_at_desk(request: Request) -> bool:
    if COOKIES["curator"] not in request.cookies:
        return False
    database: Database = request.app.state.database
    with storage_problems(), database.read() as session:
        return desk_of(request, session) is not None


@router.get("/curator/imports")
def imports_page(request: Request, session: ReadSession) -> Response:
    """Every import, and the form for another."""
    desk = desk_of(request, session)
    return to_sign_in() if desk is None else _list(desk)


@router.get("/curator/imports/template")
def template_at_desk(request: Request, session: ReadSession) -> Response:
    """The workbook to fill in."""
    desk = desk_of(request, session)
    if desk is None:
        return to_sign_in()
    return read_template(as_asked(request), desk.require("import:run"), session)


@router.post("/curator/imports")
def upload_at_desk(
    request: Request, sent: Annotated[Uploaded | Problem | None, Depends(_upload)], session: ReadSession
) -> Response:
    """Check a file. With "notes" the same sheet comes back, with what is wrong beside each row."""
    desk = desk_of(request, session)
    if desk is None or sent is None:
        return to_sign_in()
    if isinstance(sent, Problem):
        return _list(desk, sent)
    require_form_of(request, desk.at_page, TokenForm(form_token=sent.fields.get("form_token", "")[:100]))
    by = desk.require("import:run")
    query = urlencode(
        {"source": sent.fields.get("source", ""), "new": "published" if "publish" in sent.fields else "draft"}
    )
    reader: Reader = request.app.state.import_reader
    try:
        with reader.held():
            if "notes" in sent.fields:
                return post_notes(as_asked(request, query=query), by, sent.content)
            made = told(post_import(as_asked(request, query=query), by, sent.content))
    except Problem as problem:
        return _list(desk, problem)
    return Response(status_code=303, headers={"Location": f"/curator/imports/{made['id']}"})


@router.get("/curator/imports/{import_id:uuid}")
def import_page(request: Request, import_id: UUID, session: ReadSession) -> Response:
    desk = desk_of(request, session)
    if desk is None:
        return to_sign_in()
    asked = request.query_params
    return _one(desk, import_id, page=asked.get("page", ""), fault_page=asked.get("faults", ""))


@router.post("/curator/imports/{import_id:uuid}/apply")
def apply_at_desk(
    request: Request,
    import_id: UUID,
    form: Annotated[ApplyForm, Depends(_apply_form)],
    session: WriteSession,
) -> Response:
    """Apply what was looked at, whole; or ask another person, where that is needed."""

    def act(desk: Desk) -> object:
        by = desk.require("import:run")
        only = list(form.only) if form.which == "ticked" else None
        body = said(ApplicationIn, digest=form.digest, only=only)
        return post_application(as_asked(request), import_id, by=by, body=body, session=session)

    return _done(request, session, import_id, form, act=act, page=form.page)


@router.post("/curator/imports/{import_id:uuid}/approve")
def approve_import_at_desk(
    request: Request,
    import_id: UUID,
    form: Annotated[ApproveForm, form_of(ApproveForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("import:run")
        body = said(ApprovalIn, selection_digest=form.selection_digest)
        return post_approval(as_asked(request), import_id, by=by, body=body, session=session)

    return _done(request, session, import_id, form, act=act)


@router.post("/curator/imports/{import_id:uuid}/refuse")
def refuse_import_at_desk(
    request: Request,
    import_id: UUID,
    form: Annotated[TokenForm, form_of(TokenForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("import:run")
        return post_refusal(as_asked(request), import_id, by=by, body=Nothing(), session=session)

    return _done(request, session, import_id, form, act=act)


@router.post("/curator/imports/{import_id:uuid}/undo")
def undo_import_at_desk(
    request: Request,
    import_id: UUID,
    form: Annotated[TokenForm, form_of(TokenForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("import:run")
        return post_undo(as_asked(request), import_id, by=by, body=Nothing(), session=session)

    return _done(request, session, import_id, form, act=act)


def _done(
    request: Request,
    session: WriteSession,
    import_id: UUID,
    form: TokenForm,
    *,
    act: Callable[[Desk], object],
    page: str = "",
) -> Response:
    return done(
        request,
        session,
        form,
        act,
        to=f"/curator/imports/{import_id}",
        again=lambda desk, problem: _one(desk, import_id, problem, page=page),
    )


def _list(desk: Desk, problem: Problem | None = None) -> Response:
    by = desk.require("import:run")
    listed = told(read_imports(as_asked(desk.request, query="limit=50"), by, desk.session))
    return desk.show("curator_imports.html", problem=problem, listed=listed, states=STATES)


def _one(
    desk: Desk, import_id: UUID, problem: Problem | None = None, *, page: str = "", fault_page: str = ""
) -> Response:
    by = desk.require("import:run")

    def read(function: Any, query: str = "") -> Any:
        return told(function(as_asked(desk.request, query=query), import_id, by, desk.session))

    def part(of: Literal["diff", "problems"], at: NumberedPage) -> Any:
        cursor = "" if at.after < 0 else f"&cursor={cursor_after(desk.request, of, import_id, at.after)}"
        return read(read_diff if of == "diff" else read_problems, f"limit={SHOWN}{cursor}")

    one = read(read_import)
    of_diff = numbered_page(desk.session, ImportRecord, import_id, number=_number(page), size=SHOWN)
    of_faults = numbered_page(desk.session, ImportProblem, import_id, number=_number(fault_page), size=SHOWN)
    return desk.show(
        "curator_import.html",
        problem=problem,
        one=one,
        diff=part("diff", of_diff),
        faults=part("problems", of_faults),
        of_diff=of_diff,
        of_faults=of_faults,
        states=STATES,
    )


def _number(asked: str) -> int:
    """The number of a page; whatever is none is the first, as the query of a link to a page is never refused."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
