"""Looking at imports: which there are, what each would change, what is wrong with its file."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, ReadSession, caller
from app.api.cursors import make_cursor, read_cursor
from app.api.documented import ok, parameters_of, problems
from app.api.import_shapes import (
    ImportList,
    ImportOut,
    PositionQuery,
    ProblemList,
    RecordList,
    import_out,
    problem_out,
    record_out,
)
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.strict import read_parameters, refuse_parameters
from app.api.uploads import WORKBOOK, attached, file_answer
from app.errors import (
    CursorInvalid,
    DuplicateParameter,
    NotFound,
    Problem,
    UnknownParameter,
    ValidationFailed,
)
from app.importing.applying import find_import
from app.importing.listing import as_csv, differences, list_imports, problems_of
from app.importing.template import template_workbook
from app.importing.words_loading import words_from

router = APIRouter(tags=["imports"])

Importer = Annotated[Principal, caller("import:run")]

READ_PROBLEMS: tuple[type[Problem], ...] = (
    *CALLER_PROBLEMS, UnknownParameter, DuplicateParameter, ValidationFailed,
)  # fmt: skip


@router.get(
    "/v1/curation/imports/template",
    responses=file_answer("An Excel workbook to fill in.", WORKBOOK)
    | problems(*CALLER_PROBLEMS, UnknownParameter),
)
def read_template(request: Request, _by: Importer, session: ReadSession) -> Response:
    """The workbook that is handed out to be filled in, with the words and areas of this directory."""
    refuse_parameters(request)
    return attached(template_workbook(words_from(session)), WORKBOOK, "directory-template.xlsx")


@router.get(
    "/v1/curation/imports",
    responses=ok(ImportList, "Imports, newest first.") | problems(*READ_PROBLEMS, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PageQuery)},
)
def read_imports(request: Request, _by: Importer, session: ReadSession) -> Response:
    """Every import, also those whose records are no longer kept."""
    query = read_parameters(request, PageQuery)
    key: bytes = request.app.state.cursor_key
    found, total = list_imports(session, after=read_position(key, query, of="imports"), limit=query.limit)
    page = found[: query.limit]
    last = (page[-1].created_at, page[-1].id) if len(found) > query.limit else None
    return _json(
        ImportList(
            results=[import_out(one) for one in page],
            total=total,
            next=next_cursor(key, last, of="imports"),
        )
    )


@router.get(
    "/v1/curation/imports/{import_id:uuid}",
    responses=ok(ImportOut, "The import.") | problems(*CALLER_PROBLEMS, NotFound, UnknownParameter),
)
def read_import(request: Request, import_id: UUID, _by: Importer, session: ReadSession) -> Response:
    """One import and where it stands."""
    refuse_parameters(request)
    return _json(import_out(find_import(session, import_id)))


@router.get(
    "/v1/curation/imports/{import_id:uuid}/diff",
    responses=ok(RecordList, "Records that are not as they are stored, in the order of the file.")
    | problems(*READ_PROBLEMS, NotFound, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PositionQuery)},
)
def read_diff(request: Request, import_id: UUID, _by: Importer, session: ReadSession) -> Response:
    """What the file would change, field by field, old and new; what is in doubt; and what it does not have.

    What is missing from the file stays in the directory.
    """
    page = _Page.of(request, _list_name("diff", import_id))
    find_import(session, import_id)
    found, total = differences(session, import_id, after=page.after, limit=page.limit)
    shown = found[: page.limit]
    last = shown[-1].row.position if len(found) > page.limit else None
    return _json(RecordList(results=[record_out(one) for one in shown], total=total, next=page.next(last)))


@router.get(
    "/v1/curation/imports/{import_id:uuid}/diff.csv",
    responses=file_answer("A line for each field that differs.", "text/csv")
    | problems(*CALLER_PROBLEMS, NotFound, UnknownParameter),
)
def read_diff_as_csv(request: Request, import_id: UUID, _by: Importer, session: ReadSession) -> Response:
    """The whole difference as a sheet, safe to open in a spreadsheet."""
    refuse_parameters(request)
    find_import(session, import_id)
    return attached(
        b"".join(as_csv(session, import_id)), "text/csv; charset=utf-8", f"import-{import_id}.csv"
    )


@router.get(
    "/v1/curation/imports/{import_id:uuid}/problems",
    responses=ok(ProblemList, "Faults of the file, in its order.")
    | problems(*READ_PROBLEMS, NotFound, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PositionQuery)},
)
def read_problems(request: Request, import_id: UUID, _by: Importer, session: ReadSession) -> Response:
    """What is wrong with the file, by sheet, row and column, and how to mend it."""
    page = _Page.of(request, _list_name("problems", import_id))
    find_import(session, import_id)
    found, total = problems_of(session, import_id, after=page.after, limit=page.limit)
    shown = found[: page.limit]
    last = shown[-1].position if len(found) > page.limit else None
    return _json(ProblemList(results=[problem_out(one) for one in shown], total=total, next=page.next(last)))


def cursor_after(request: Request, of: Literal["diff", "problems"], import_id: UUID, position: int) -> str:
    """The cursor with which a list of an import goes on after a position, for a page of ours that has numbers."""
    key: bytes = request.app.state.cursor_key
    return make_cursor(key, position.to_bytes(8), of=_list_name(of, import_id))


def _list_name(of: Literal["diff", "problems"], import_id: UUID) -> str:
    return f"{of} {import_id}"


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a list in the order of a file: the cursor is the position of the last one that was seen."""

    after: int
    limit: int
    key: bytes
    of_list: str

    @classmethod
    def of(cls, request: Request, of_list: str) -> "_Page":
        query = read_parameters(request, PositionQuery)
        key: bytes = request.app.state.cursor_key
        after = -1
        if query.cursor is not None:
            position = read_cursor(key, query.cursor, of=of_list)
            if len(position) != 8:
                raise CursorInvalid
            after = int.from_bytes(position)
        return cls(after, query.limit, key, of_list)

    def next(self, last: int | None) -> str | None:
        return None if last is None else make_cursor(self.key, last.to_bytes(8), of=self.of_list)


def _json(shown: BaseModel) -> Response:
    return Response(shown.model_dump_json(), media_type="application/json")
