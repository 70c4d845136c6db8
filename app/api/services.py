"""Services: the list (with the search in query parameters), and one service with its routes, coverage and capacity."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from app.api.conditional import cached
from app.api.cursors import make_cursor, read_id_cursor
from app.api.documented import Responses, inline_schema, ok, parameters_of, problems
from app.api.representations import (
    capacity_detail_json,
    earliest,
    service_changes_at,
    service_json,
)
from app.api.search import PLACE_PROBLEMS
from app.api.shapes import CapacityOut, SearchAnswer, ServiceList, ServiceOut, Shape
from app.api.state import Moment, moment_of
from app.api.strict import read_parameters, refuse_parameters
from app.directory.freshness import next_capacity_change
from app.directory.records import Coverage, PublicRoute
from app.directory.snapshot import Entry
from app.errors import (
    ConditionInvalid,
    CursorInvalid,
    DuplicateParameter,
    FieldError,
    NotFound,
    Problem,
    Unavailable,
    UnknownParameter,
    ValidationFailed,
)
from app.search.answer import answer_json, search
from app.search.candidates import find_candidates
from app.search.query import SearchQuery, check_codes
from app.search.ranking import matching_rows

router = APIRouter(tags=["services"])

READ_PROBLEMS: tuple[type[Problem], ...] = (NotFound, UnknownParameter, ConditionInvalid, Unavailable)


class ListQuery(SearchQuery):
    """A search, or without an origin a list that can be read page by page."""

    cursor: Annotated[str | None, Field(description="Next page of a list without an origin.")] = None


class RouteList(Shape):
    results: list[PublicRoute]
    total: int
    next: None


class Feature(BaseModel):
    """A GeoJSON feature (RFC 7946)."""

    model_config = ConfigDict(extra="forbid")

    type: str
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class CoverageCollection(BaseModel):
    """What the service covers, as GeoJSON. Coverage is decided by code; shapes are for display."""

    model_config = ConfigDict(extra="forbid")

    type: str
    features: list[Feature]
    coverage: Coverage


LIST_RESPONSES: Responses = {
    200: {
        "model": SearchAnswer | ServiceList,
        "description": "With an origin, the ranked answer of the search; without, a page of services.",
    },
    304: {"description": "The client has these very bytes (If-None-Match); only of a list without filters."},
}
COVERAGE_RESPONSES: Responses = {
    200: {
        "content": {"application/geo+json": {"schema": inline_schema(CoverageCollection)}},
        "description": "One feature per covered area.",
    },
    304: {"description": "The client has these very bytes (If-None-Match)."},
}


@router.get(
    "/v1/services",
    responses=LIST_RESPONSES
    | problems(
        UnknownParameter,
        DuplicateParameter,
        ValidationFailed,
        CursorInvalid,
        ConditionInvalid,
        Unavailable,
        *PLACE_PROBLEMS,
    ),
    openapi_extra={"parameters": parameters_of(ListQuery)},
)
async def list_services(request: Request) -> Response:
    """List, filter and rank services.

    For developers and standards. People's searches belong in the body of `POST /v1/services/search`: an address with a
    postcode in it is kept by histories and logs on its way.
    """
    query = read_parameters(request, ListQuery)
    moment = moment_of(request)
    if query.has_origin:
        if query.cursor is not None:
            raise ValidationFailed(errors=(FieldError("/cursor", "is for a list without an origin"),))
        answer = search(query, moment.directory, moment.now)
        return Response(answer_json(answer), media_type="application/json")
    return _page(request, query, moment)


def _page(request: Request, query: ListQuery, moment: Moment) -> Response:
    directory, now = moment.directory, moment.now
    check_codes(query, directory)
    rows = matching_rows(find_candidates(query, None, directory, now))
    filters = query.model_dump_json(exclude={"cursor", "limit"}, exclude_none=True)
    key: bytes = request.app.state.cursor_key
    start = 0
    if query.cursor is not None:
        after = read_id_cursor(key, query.cursor, of=f"services {filters}")
        entries = directory.catalogue.entries
        start = next((n for n, row in enumerate(rows) if entries[row].record.id > after), len(rows))
    page = [directory.catalogue.entries[row] for row in rows[start : start + query.limit]]
    more = len(rows) > start + query.limit
    next_cursor = make_cursor(key, page[-1].record.id.bytes, of=f"services {filters}") if more else None
    body = b"".join(
        (
            b'{"results":[', b",".join([service_json(entry, directory, now, query) for entry in page]),
            b'],"total":', str(len(rows)).encode(),
            b',"next":', to_json(next_cursor),
            b',"demonstration":', to_json(directory.demonstration), b"}",
        )
    )  # fmt: skip
    if query.model_fields_set - {"cursor", "limit"}:
        # What somebody filters for says what they look for: such an answer is kept nowhere.
        return Response(body, media_type="application/json")
    changes_at = earliest(service_changes_at(entry, directory, now) for entry in page)
    return cached(request, body, media_type="application/json", now=now, changes_at=changes_at)


def _read(request: Request, service_id: UUID) -> tuple[Moment, Entry]:
    refuse_parameters(request)
    moment = moment_of(request)
    return moment, moment.entry(service_id)


def _answer(request: Request, moment: Moment, body: bytes, changes_at: datetime | None) -> Response:
    return cached(request, body, media_type="application/json", now=moment.now, changes_at=changes_at)


@router.get(
    "/v1/services/{service_id:uuid}",
    responses=ok(ServiceOut, "The service.", cached=True) | problems(*READ_PROBLEMS),
)
async def read_service(request: Request, service_id: UUID) -> Response:
    """Everything public about one service, with its capacity and whether it is open at this moment."""
    moment, entry = _read(request, service_id)
    body = service_json(entry, moment.directory, moment.now)
    return _answer(request, moment, body, service_changes_at(entry, moment.directory, moment.now))


@router.get(
    "/v1/services/{service_id:uuid}/referral-routes",
    responses=ok(RouteList, "The routes in the service's own order.", cached=True) | problems(*READ_PROBLEMS),
)
async def list_referral_routes(request: Request, service_id: UUID) -> Response:
    """How a referral to this service is made: who may use each route, by which channel, with what consent."""
    moment, entry = _read(request, service_id)
    routes = entry.record.referral_routes
    body = RouteList(results=list(routes), total=len(routes), next=None).model_dump_json().encode()
    return _answer(request, moment, body, None)


@router.get(
    "/v1/services/{service_id:uuid}/coverage", responses=COVERAGE_RESPONSES | problems(*READ_PROBLEMS)
)
async def read_coverage(request: Request, service_id: UUID) -> Response:
    """What the service covers, as GeoJSON. Areas without a stored shape have a null geometry; their code decides."""
    moment, entry = _read(request, service_id)
    coverage = entry.record.coverage
    shapes = moment.directory.catalogue.shapes
    features = [
        {
            "type": "Feature",
            "id": area.code,
            "geometry": shapes.geometry(area.code),
            "properties": {
                "code": area.code,
                "name": area.name,
                "area_type": area.area_type,
                "approximate": shapes.approximate(area.code),
            },
        }
        for area in coverage.areas
    ]
    features.extend(
        {
            "type": "Feature",
            "id": f"polygon-{number}",
            "geometry": geometry,
            "properties": {
                "code": None,
                "name": "area of its own",
                "area_type": "polygon",
                "approximate": False,
            },
        }
        for number, geometry in enumerate(entry.polygons)
    )
    body = to_json({"type": "FeatureCollection", "features": features, "coverage": coverage})
    return cached(request, body, media_type="application/geo+json", now=moment.now, changes_at=None)


@router.get(
    "/v1/services/{service_id:uuid}/capacity",
    responses=ok(CapacityOut, "Status and figures.", cached=True) | problems(*READ_PROBLEMS),
)
async def read_capacity(request: Request, service_id: UUID) -> Response:
    """The capacity of one service as the public sees it. Do not keep it beyond its `max-age`: beds go."""
    moment, entry = _read(request, service_id)
    body = capacity_detail_json(entry, moment.directory, moment.now)
    changes_at = next_capacity_change(moment.directory.capacity.of(service_id), moment.now)
    return _answer(request, moment, body, changes_at)
