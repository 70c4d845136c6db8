"""What a curator says about somebody's sheet for the next time: its columns, and which stored records its keys are."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, WRITE_PROBLEMS, ReadSession, WriteSession, act_of, caller
from app.api.documented import body_of, ok, problems
from app.api.import_shapes import AliasIn, AliasOut, MappingIn, MappingList, MappingOut, mapping_out
from app.api.imports import REJECTIONS
from app.api.strict import JSON_PROBLEMS, json_body, refuse_parameters
from app.api.uploads import UPLOAD_PROBLEMS, Upload, file_body
from app.errors import UnknownParameter
from app.importing.bounded import guess_mapping
from app.importing.confirming import confirm_alias, save_mapping
from app.importing.listing import list_mappings
from app.importing.mapping import ColumnMapping

router = APIRouter(tags=["imports"])

Importer = Annotated[Principal, caller("import:run")]

MAPPING_EXAMPLE: dict[str, Any] = {
    "name": "Example sheet",
    "mapping": {
        "columns": [
            {"header": "Organisation", "column": "organization"},
            {"header": "Project", "column": "service"},
        ]
    },
}
ALIAS_EXAMPLE: dict[str, Any] = {
    "source": "test",
    "record_type": "service",
    "key": "outreach-team",
    "record_id": "00000000-0000-4000-8000-000000000000",
}


@router.post(
    "/v1/curation/import-mappings/guess",
    responses=ok(
        ColumnMapping,
        "A guess for every column; the uncertain ones are not read until somebody confirms them.",
    )
    | problems(*CALLER_PROBLEMS, UnknownParameter, *UPLOAD_PROBLEMS, *REJECTIONS),
    openapi_extra={"requestBody": file_body({}, kinds="csv xlsx")},
)
def post_guess(request: Request, _by: Importer, content: Upload) -> ColumnMapping:
    """What each column of a sheet seems to hold, to be confirmed and saved. Nothing is kept of the sheet."""
    refuse_parameters(request)
    return guess_mapping(content)


@router.get(
    "/v1/curation/import-mappings",
    responses=ok(MappingList, "Every mapping, by name.") | problems(*CALLER_PROBLEMS, UnknownParameter),
)
def read_mappings(request: Request, _by: Importer, session: ReadSession) -> MappingList:
    """Saved mappings: `mapping` of an import names one."""
    refuse_parameters(request)
    found = [mapping_out(one) for one in list_mappings(session)]
    return MappingList(results=found, total=len(found), next=None)


@router.post(
    "/v1/curation/import-mappings",
    responses=ok(MappingOut, "Saved.") | problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS),
    openapi_extra={"requestBody": body_of(MappingIn, {"two columns": MAPPING_EXAMPLE})},
)
def post_mapping(
    request: Request,
    by: Importer,
    body: Annotated[MappingIn, json_body(MappingIn)],
    session: WriteSession,
) -> MappingOut:
    """Save a mapping under a name, in place of the one that had it."""
    return mapping_out(save_mapping(session, body.name, body.mapping, act=act_of(request, by)))


@router.post(
    "/v1/curation/import-aliases",
    responses=ok(AliasOut, "Known from now on.")
    | problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS),
    openapi_extra={"requestBody": body_of(AliasIn, {"a service under another key": ALIAS_EXAMPLE})},
)
def post_alias(
    request: Request,
    by: Importer,
    body: Annotated[AliasIn, json_body(AliasIn)],
    session: WriteSession,
) -> Response:
    """Say that a key of a source is a record that is stored under another key. Send the file again afterwards."""
    confirm_alias(
        session,
        body.source,
        body.record_type,
        key=body.key,
        record_id=body.record_id,
        act=act_of(request, by),
    )
    return Response(AliasOut(**body.model_dump()).model_dump_json(), media_type="application/json")
