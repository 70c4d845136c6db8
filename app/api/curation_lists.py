"""Services of every state, in a list: what is public, what is not yet, and what is no more."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.callers import CALLER_PROBLEMS, ReadSession
from app.api.curating import Curator
from app.api.curation_shapes import NamedOrganization
from app.api.documented import ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.shapes import Shape
from app.api.strict import read_parameters
from app.curation.curated import list_services
from app.curation.record_states import RecordState
from app.errors import CursorInvalid, UnknownParameter, ValidationFailed

router = APIRouter(tags=["curation"])

LIST = "curated services"


class ServiceQuery(PageQuery):
    """A page of services."""

    state: Annotated[RecordState | None, Field(description="Only records in this state.")] = None
    organization_id: Annotated[
        UUID | None, Field(strict=False, description="Only services of this organization.")
    ] = None


class ListedRecord(Shape):
    id: UUID
    organization: NamedOrganization
    name: str
    state: RecordState
    confidential: bool


class ListOfRecords(Shape):
    """Services of any state, the one that was changed last first; `next` is the cursor of the next page."""

    results: list[ListedRecord]
    total: int
    next: str | None


@router.get(
    "/v1/curation/services",
    responses=ok(ListOfRecords, "Services of any state.")
    | problems(*CALLER_PROBLEMS, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(ServiceQuery)},
)
def list_records(request: Request, _by: Curator, session: ReadSession) -> Response:
    """Services in every state, drafts and archived ones too."""
    query = read_parameters(request, ServiceQuery)
    key: bytes = request.app.state.cursor_key
    of = f"{LIST} {query.state} {query.organization_id}"
    page = list_services(
        session,
        state=query.state,
        organization_id=query.organization_id,
        after=read_position(key, query, of=of),
        limit=query.limit,
    )
    shown = ListOfRecords(
        results=[
            ListedRecord(
                id=one.id,
                organization=NamedOrganization(id=one.organization_id, name=one.organization_name),
                name=one.name,
                state=one.state,  # type: ignore[arg-type]
                confidential=one.confidential,
            )
            for one in page.services
        ],
        total=page.total,
        next=next_cursor(key, page.position, of=of),
    )
    return Response(shown.model_dump_json(), media_type="application/json")
