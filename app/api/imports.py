"""Imports: a file is checked, its difference looked at, applied, approved by another person, undone."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.background import BackgroundTask

from app.access.principals import Principal
from app.api.callers import (
    CALLER_PROBLEMS,
    WRITE_PROBLEMS,
    WriteSession,
    act_of,
    caller,
    storage_problems,
)
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.flagging import purge_files
from app.api.import_shapes import (
    ApplicationIn,
    ApprovalIn,
    FileQuery,
    ImportOut,
    import_out,
)
from app.api.state import moment_of
from app.api.strict import json_body, read_parameters
from app.api.uploads import UPLOAD_PROBLEMS, WORKBOOK, Upload, attached, file_answer, file_body
from app.api.writing import (
    IDEMPOTENCY_HEADER,
    RECORD_PROBLEMS,
    Change,
    Done,
    Nothing,
    Write,
    no_body,
)
from app.errors import (
    ConfidentialFact,
    DuplicateParameter,
    ImportRejected,
    PreconditionFailed,
    Problem,
    UnknownParameter,
    ValidationFailed,
)
from app.importing.applying import (
    apply_import,
    approve_import,
    mark_failed,
    refuse_import,
)
from app.importing.confirming import find_mapping
from app.importing.receiving import Reception, audited
from app.importing.selecting import Selection
from app.importing.staging import ImportOptions
from app.importing.undoing import undo_import
from app.models.imports import ImportBatch

router = APIRouter(tags=["imports"])

Importer = Annotated[Principal, caller("import:run")]

QUERY_PROBLEMS: tuple[type[Problem], ...] = (UnknownParameter, DuplicateParameter, ValidationFailed)
REJECTIONS = tuple(sorted(ImportRejected.__subclasses__(), key=lambda kind: kind.slug))
"""Why a file as a whole is not taken."""

ONE_ORGANIZATION: list[dict[str, Any]] = [
    {
        "key": "example-advice",
        "name": "Example Advice",
        "description": "An invented charity.",
        "assurance": [{"mark": "second_hand", "source": "Example sheet, row 2", "review_by": "2027-05-31"}],
        "services": [
            {
                "key": "example-advice-outreach",
                "name": "Example outreach",
                "description": "Somebody who listens.",
                "reach": "outreach_area",
                "needs": ["casework_advocacy"],
                "coverage": {"areas": ["E08000028"]},
                "assurance": [
                    {"mark": "second_hand", "source": "Example sheet, row 2", "review_by": "2027-05-31"}
                ],
            }
        ],
    }
]


def reception_of(request: Request) -> Reception:
    """Raises Unavailable while the first snapshot is being loaded: it has the postcodes."""
    state = request.app.state
    gazetteer = moment_of(request).directory.catalogue.gazetteer
    return Reception(state.database, gazetteer, state.settings.demonstration)


@router.post(
    "/v1/curation/imports",
    status_code=201,
    responses=ok(ImportOut, "Checked: nothing of the directory is changed.", status=201)
    | ok(ImportOut, "The same file was checked before, and nothing was published since: that import.")
    | problems(
        *CALLER_PROBLEMS, *QUERY_PROBLEMS, *WRITE_PROBLEMS, *UPLOAD_PROBLEMS, *REJECTIONS, ConfidentialFact
    ),
    openapi_extra={
        "parameters": parameters_of(FileQuery),
        "requestBody": file_body({"one organization": ONE_ORGANIZATION}),
    },
)
def post_import(request: Request, by: Importer, content: Upload) -> Response:
    """Check a file: CSV, Excel workbook, Open Referral UK JSON, or a list of our own organizations as JSON.

    A file with faults gives an import that is `refused` and a list of them, and nothing else of it is kept. Otherwise
    what it would change can be looked at and applied. Nothing is ever deleted because a file does not have it.
    """
    query = read_parameters(request, FileQuery)
    with storage_problems():
        reception = reception_of(request)
        with reception.database.read() as session:
            mapping = None if query.mapping is None else find_mapping(session, query.mapping)
        received = reception.receive(
            content,
            ImportOptions(query.source, publishes_new=query.new == "published"),
            mapping=mapping,
            act=act_of(request, by),
        )
    return _json(import_out(received.batch), 201 if received.is_new else 200)


@router.post(
    "/v1/curation/imports/notes",
    responses=file_answer("The same sheet with a column of notes.", "text/csv", WORKBOOK)
    | problems(*CALLER_PROBLEMS, *QUERY_PROBLEMS, *UPLOAD_PROBLEMS, *REJECTIONS),
    openapi_extra={"parameters": parameters_of(FileQuery), "requestBody": file_body({}, kinds="csv xlsx")},
)
def post_notes(request: Request, by: Importer, content: Upload) -> Response:
    """The sheet again, with a note in every row that is wrong or would change something. Nothing is kept of it."""
    query = read_parameters(request, FileQuery)
    with storage_problems():
        reception = reception_of(request)
        with reception.database.read() as session:
            mapping = None if query.mapping is None else find_mapping(session, query.mapping)
        options = ImportOptions(query.source, publishes_new=query.new == "published")
        copy = reception.noted(content, options, mapping=mapping, act=act_of(request, by))
    is_workbook = copy.startswith(b"PK")
    return attached(
        copy,
        WORKBOOK if is_workbook else "text/csv; charset=utf-8",
        f"notes.{'xlsx' if is_workbook else 'csv'}",
    )


@router.post(
    "/v1/curation/imports/{import_id:uuid}/apply",
    responses=ok(ImportOut, "Applied, whole.")
    | ok(ImportOut, "It waits for another named person: `needs_second_person` says why.", status=202)
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, PreconditionFailed, ConfidentialFact),
    openapi_extra={
        "requestBody": body_of(ApplicationIn, {"all that is not in doubt": {"digest": "0" * 64}}),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def post_application(
    request: Request,
    import_id: UUID,
    *,
    by: Importer,
    body: Annotated[ApplicationIn, json_body(ApplicationIn)],
    session: WriteSession,
) -> Response:
    """Apply an import in one transaction: all records without a conflict, only some, or all but some.

    More than a fifth of the source's records changed, any contact of a public record, any confidentiality, or the end of a
    service: then nothing is done yet and another named person has to approve the same selection.
    """
    selection = Selection(body.only, body.leave or ())

    def act(write: Write) -> ImportBatch:
        publication = reception_of(request).publication(
            session, source="import", author=by.signature, now=write.now
        )
        return apply_import(
            session, import_id, digest=body.digest, selection=selection, by=by, publication=publication
        )

    return _decided(request, session, by, body, action="import_applied", act=act, import_id=import_id)


@router.post(
    "/v1/curation/imports/{import_id:uuid}/approve",
    responses=ok(ImportOut, "Applied, whole.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, PreconditionFailed, ConfidentialFact),
    openapi_extra={
        "requestBody": body_of(ApprovalIn, {"what was asked for": {"selection_digest": "0" * 64}}),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def post_approval(
    request: Request,
    import_id: UUID,
    *,
    by: Importer,
    body: Annotated[ApprovalIn, json_body(ApprovalIn)],
    session: WriteSession,
) -> Response:
    """Apply what another person asked for, after looking at it. Two keys of one person are one person."""

    def act(write: Write) -> ImportBatch:
        publication = reception_of(request).publication(
            session, source="import", author=by.signature, now=write.now
        )
        return approve_import(
            session, import_id, digest=body.selection_digest, by=by, publication=publication
        )

    return _decided(request, session, by, body, action="import_approved", act=act, import_id=import_id)


@router.post(
    "/v1/curation/imports/{import_id:uuid}/refuse",
    responses=ok(ImportOut, "It is not applied.") | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
def post_refusal(
    request: Request,
    import_id: UUID,
    *,
    by: Importer,
    body: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Decide that an import is not applied."""
    return _decided(
        request,
        session,
        by,
        body,
        action="import_refused",
        act=lambda _write: refuse_import(session, import_id),
        import_id=import_id,
    )


@router.post(
    "/v1/curation/imports/{import_id:uuid}/undo",
    responses=ok(ImportOut, "Every record is as it was before.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConfidentialFact),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
def post_undo(
    request: Request,
    import_id: UUID,
    *,
    by: Importer,
    body: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Take an applied import back, whole. One person can: what comes back was approved before.

    Refused, with the list, where a record was changed since, and where what a record was has been forgotten, because somebody
    has made a service of its organization confidential since. What was added is archived. A service that the import made
    confidential stays so.
    """

    def act(write: Write) -> ImportBatch:
        publication = reception_of(request).publication(
            session, source="import", author=by.signature, now=write.now
        )
        return undo_import(session, import_id, by=by, publication=publication)

    return _decided(request, session, by, body, action="import_undone", act=act, import_id=import_id)


def _decided(
    request: Request,
    session: Session,
    by: Principal,
    body: BaseModel,
    *,
    action: str,
    act: Callable[[Write], ImportBatch],
    import_id: UUID,
) -> Response:
    """One decision about an import: recorded as one event, however many records it touches."""
    write = Write.of(request, session, by, body)

    def done() -> Done:
        batch = act(write)
        waits = batch.state == "awaiting_second_person"
        change = Change(
            action="import_requested" if waits else action,
            entity_type="import",
            entity_id=batch.id,
            organization_id=None,
            fields=audited(batch),
        )
        return Done(changes=(change,), answer=import_out(batch), status=202 if waits else 200)

    try:
        response = write.once(done, organization_id=None)
        if json.loads(bytes(response.body)).get("counts", {}).get("flagged"):
            response.background = BackgroundTask(purge_files, request.app.state.database)
        return response
    except Problem:
        raise
    except Exception:
        # Whatever it is, nothing of it is kept. That it was tried is written down where that can be done.
        session.rollback()
        with suppress(SQLAlchemyError, OSError), request.app.state.database.write() as own:
            mark_failed(own, import_id)
        raise


def _json(shown: BaseModel, status: int) -> Response:
    return Response(shown.model_dump_json(), status, media_type="application/json")
