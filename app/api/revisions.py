"""The published states of a record, what differs between two of them, and going back to one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession
from app.api.curating import (
    EDIT_HEADERS,
    EDIT_PROBLEMS,
    Curator,
    Outcome,
    Publisher,
    edit_once,
    hashed,
    publication_for,
)
from app.api.curation_records import EDIT_ANSWERS, EditAnswer
from app.api.curation_shapes import DifferenceOut, difference_out
from app.api.cursors import make_cursor, read_cursor
from app.api.documented import ok, parameters_of, problems
from app.api.keysets import PageQuery
from app.api.shapes import Shape
from app.api.strict import read_parameters, refuse_parameters
from app.api.writing import Nothing, Write, no_body
from app.curation.changing import change_record
from app.curation.curated import Curated, curated_organization, curated_service, read_again
from app.curation.record_diff import record_diff
from app.curation.rolling_back import KeptRevision, changes_back_to, revision_of, revisions_of
from app.errors import CursorInvalid, DuplicateParameter, NotFound, UnknownParameter, ValidationFailed

router = APIRouter(tags=["curation"])


class RevisionQuery(PageQuery):
    """A page of revisions, newest first."""


class DifferenceQuery(BaseModel):
    """Which other state to compare with."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    to: Annotated[
        int | None,
        Field(ge=1, description="The later version; left out, the one that is public now, if any."),
    ] = None


class ListedRevision(Shape):
    """A published state. `is_public` false: from then on the public did not see the record."""

    version: int
    published_at: datetime
    author: Annotated[str, Field(description="Kind and public id of a key, or the name of an import.")]
    is_public: bool


class ListOfRevisions(Shape):
    """Newest first; `next` is the cursor of the next page."""

    results: list[ListedRevision]
    next: str | None


class RevisionOut(ListedRevision):
    """A published state with the public record as it was; null where it was not public."""

    record: dict[str, Any] | None


class RevisionDifference(Shape):
    """What the public read differently in the later of two states."""

    version: int
    to: Annotated[int, Field(description="The version that it is compared with.")]
    differences: list[DifferenceOut]


READ = problems(*CALLER_PROBLEMS, NotFound, UnknownParameter)
READ_LIST = problems(
    *CALLER_PROBLEMS, NotFound, UnknownParameter, DuplicateParameter, ValidationFailed, CursorInvalid
)
READ_DIFFERENCE = problems(*CALLER_PROBLEMS, NotFound, UnknownParameter, DuplicateParameter, ValidationFailed)
LIST_PARAMETERS = {"parameters": parameters_of(RevisionQuery)}
DIFFERENCE_PARAMETERS = {"parameters": parameters_of(DifferenceQuery)}


@router.get(
    "/v1/curation/services/{service_id:uuid}/revisions",
    responses=ok(ListOfRevisions, "Newest first.") | READ_LIST,
    openapi_extra=LIST_PARAMETERS,
)
def list_service_revisions(
    request: Request, service_id: UUID, _by: Curator, session: ReadSession
) -> Response:
    """Every published state of a service. One that was made confidential begins with the state of that moment."""
    return _list(request, session, curated_service(session, service_id))


@router.get(
    "/v1/curation/organizations/{organization_id:uuid}/revisions",
    responses=ok(ListOfRevisions, "Newest first.") | READ_LIST,
    openapi_extra=LIST_PARAMETERS,
)
def list_organization_revisions(
    request: Request, organization_id: UUID, _by: Curator, session: ReadSession
) -> Response:
    """Every published state of an organization."""
    return _list(request, session, curated_organization(session, organization_id))


@router.get(
    "/v1/curation/services/{service_id:uuid}/revisions/{version:int}",
    responses=ok(RevisionOut, "The state.") | READ,
)
def read_service_revision(
    request: Request, service_id: UUID, version: int, *, _by: Curator, session: ReadSession
) -> Response:
    """One published state of a service, as the public read it."""
    return _one(request, revision_of(session, curated_service(session, service_id), version))


@router.get(
    "/v1/curation/organizations/{organization_id:uuid}/revisions/{version:int}",
    responses=ok(RevisionOut, "The state.") | READ,
)
def read_organization_revision(
    request: Request, organization_id: UUID, version: int, *, _by: Curator, session: ReadSession
) -> Response:
    """One published state of an organization, as the public read it."""
    return _one(request, revision_of(session, curated_organization(session, organization_id), version))


@router.get(
    "/v1/curation/services/{service_id:uuid}/revisions/{version:int}/differences",
    responses=ok(RevisionDifference, "Field by field.") | READ_DIFFERENCE,
    openapi_extra=DIFFERENCE_PARAMETERS,
)
def compare_service_revisions(
    request: Request, service_id: UUID, version: int, *, _by: Curator, session: ReadSession
) -> Response:
    """What the public read differently in a later state of a service, field by field."""
    return _differences(request, session, curated_service(session, service_id), version)


@router.get(
    "/v1/curation/organizations/{organization_id:uuid}/revisions/{version:int}/differences",
    responses=ok(RevisionDifference, "Field by field.") | READ_DIFFERENCE,
    openapi_extra=DIFFERENCE_PARAMETERS,
)
def compare_organization_revisions(
    request: Request, organization_id: UUID, version: int, *, _by: Curator, session: ReadSession
) -> Response:
    """What the public read differently in a later state of an organization, field by field."""
    return _differences(request, session, curated_organization(session, organization_id), version)


@router.post(
    "/v1/curation/services/{service_id:uuid}/revisions/{version:int}/roll-back",
    responses=EDIT_ANSWERS | problems(*EDIT_PROBLEMS),
    openapi_extra={"parameters": EDIT_HEADERS},
)
def roll_a_service_back(
    request: Request,
    service_id: UUID,
    version: int,
    *,
    by: Publisher,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Go back to an earlier public state of a service, as a new revision.

    Its confirmations and review dates come back with it: nothing is made fresh. What the public does not see stays as it is
    now. Where a contact of then differs from now, nothing is changed at once, and another person approves.
    """
    record = curated_service(session, service_id, lock=True)
    return _roll_back(request, session, record, version, by=by, sent=sent)


@router.post(
    "/v1/curation/organizations/{organization_id:uuid}/revisions/{version:int}/roll-back",
    responses=EDIT_ANSWERS | problems(*EDIT_PROBLEMS),
    openapi_extra={"parameters": EDIT_HEADERS},
)
def roll_an_organization_back(
    request: Request,
    organization_id: UUID,
    version: int,
    *,
    by: Publisher,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Go back to an earlier public state of an organization, as a new revision. Its services stay as they are."""
    record = curated_organization(session, organization_id, lock=True)
    return _roll_back(request, session, record, version, by=by, sent=sent)


def _roll_back(
    request: Request, session: Session, record: Curated, version: int, *, by: Publisher, sent: Nothing
) -> Response:
    write = Write.of(request, session, by, sent)

    def act() -> Outcome:
        publication = publication_for(request, session, by)
        revision = revision_of(session, record, version)
        changes = changes_back_to(session, record, revision, publication.areas)
        made = change_record(session, record, changes, by=by, publication=publication)
        answer = EditAnswer(
            differences=[difference_out(one) for one in made.differences], proposal_id=made.proposal_id
        )
        fields = {"rolled_back_to": version} | hashed(made.differences)
        status = 200 if made.proposal_id is None else 202
        return Outcome(answer, read_again(session, record).version, fields, status)

    return edit_once(write, record, "rolled_back", act)


def _list(request: Request, session: Session, record: Curated) -> Response:
    query = read_parameters(request, RevisionQuery)
    key: bytes = request.app.state.cursor_key
    of = f"revisions {record.id}"
    before = None if query.cursor is None else _version(read_cursor(key, query.cursor, of=of))
    found = revisions_of(session, record, before=before, limit=query.limit + 1)
    page = found[: query.limit]
    more = len(found) > query.limit
    shown = ListOfRevisions(
        results=[ListedRevision(**_listed(one)) for one in page],
        next=make_cursor(key, page[-1].version.to_bytes(8), of=of) if more else None,
    )
    return Response(shown.model_dump_json(), media_type="application/json")


def _version(position: bytes) -> int:
    if len(position) != 8:
        raise CursorInvalid
    return int.from_bytes(position)


def _one(request: Request, revision: KeptRevision) -> Response:
    refuse_parameters(request)
    shown = RevisionOut(**_listed(revision), record=revision.record)
    return Response(shown.model_dump_json(), media_type="application/json")


def _differences(request: Request, session: Session, record: Curated, version: int) -> Response:
    query = read_parameters(request, DifferenceQuery)
    newest = revisions_of(session, record, limit=1)
    if not newest:
        raise NotFound
    earlier = revision_of(session, record, version)
    later = newest[0] if query.to is None else revision_of(session, record, query.to)
    shown = RevisionDifference(
        version=earlier.version,
        to=later.version,
        differences=[difference_out(one) for one in record_diff(earlier.record, later.record)],
    )
    return Response(shown.model_dump_json(), media_type="application/json")


def _listed(one: KeptRevision) -> dict[str, Any]:
    return {
        "version": one.version,
        "published_at": one.published_at,
        "author": one.author,
        "is_public": one.content is not None,
    }
