"""What stands behind the services: organizations, areas, vocabulary, guidance, First Responders and changes."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from app.api.conditional import cached
from app.api.cursors import make_cursor, read_cursor, read_id_cursor
from app.api.documented import ok, parameters_of, problems
from app.api.shapes import Shape
from app.api.state import Moment, moment_of
from app.api.strict import read_parameters, refuse_parameters
from app.directory.records import PublicOrganization
from app.directory.texts import ChangeEntry, CodeList, FirstResponderName, GuidanceText
from app.errors import (
    ConditionInvalid,
    CursorInvalid,
    DuplicateParameter,
    NotFound,
    Problem,
    Unavailable,
    UnknownArea,
    UnknownParameter,
    ValidationFailed,
)
from app.geo.areas import Area, Areas
from app.geo.attribution import attribution
from app.gss import GSS
from app.search.query import Instant

router = APIRouter(tags=["reference"])

LONDON = ZoneInfo("Europe/London")

LIST_PROBLEMS: tuple[type[Problem], ...] = (
    UnknownParameter, DuplicateParameter, ValidationFailed, CursorInvalid, ConditionInvalid, Unavailable,
)  # fmt: skip


class PageQuery(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    limit: Annotated[int, Field(ge=1, le=100, description="Number of results.")] = 50
    cursor: Annotated[str | None, Field(description="Next page, from `next` of the page before.")] = None


class AreaQuery(PageQuery):
    """A page of areas."""

    area_type: Annotated[
        Literal["local_authority", "police_force", "region", "country"] | None,
        Field(description="Only areas of this type."),
    ] = None
    within: Annotated[
        str | None,
        Field(pattern=GSS, description="Only areas in this police force area, region or country."),
    ] = None


class ChangeQuery(PageQuery):
    """A page of changes, oldest first."""

    since: Annotated[
        Instant | None,
        Field(description="Only changes at or after this moment (RFC 3339 with offset)."),
    ] = None


class OrganizationList(Shape):
    results: list[PublicOrganization]
    total: int
    next: str | None


class AreaOut(Shape):
    """An area with what it lies in. The geometry is in `/v1/areas/{code}`."""

    code: str
    name: str
    area_type: Literal["local_authority", "police_force", "region", "country"]
    police_force: str | None
    region: str | None
    country: str | None


class AreaDetail(AreaOut):
    """An area with its shape for display (GeoJSON, WGS84), or null where none is stored."""

    local_authorities: list[str]
    geometry: dict[str, object] | None
    approximate: bool
    attribution: str


class AreaList(Shape):
    results: list[AreaOut]
    total: int
    next: str | None


class Vocabulary(Shape):
    results: list[CodeList]
    total: int
    next: None


class GuidanceOut(GuidanceText):
    """A text with whether its review is overdue today."""

    overdue: bool


class GuidanceList(Shape):
    results: list[GuidanceOut]
    total: int
    next: None
    first_responders: list[FirstResponderName]


class ChangeList(Shape):
    results: list[ChangeEntry]
    total: int
    next: str | None


def _json(request: Request, moment: Moment, body: bytes, changes_at: datetime | None = None) -> Response:
    return cached(request, body, media_type="application/json", now=moment.now, changes_at=changes_at)


@router.get(
    "/v1/organizations",
    responses=ok(OrganizationList, "Organizations with at least one public service.", cached=True)
    | problems(*LIST_PROBLEMS),
    openapi_extra={"parameters": parameters_of(PageQuery)},
)
async def list_organizations(request: Request) -> Response:
    """Organizations in the order of their ids, page by page."""
    query = read_parameters(request, PageQuery)
    moment = moment_of(request)
    key: bytes = request.app.state.cursor_key
    found = list(moment.directory.catalogue.organizations.values())
    after = read_id_cursor(key, query.cursor, of="organizations") if query.cursor is not None else None
    rest = found if after is None else [one for one in found if one.id > after]
    page = rest[: query.limit]
    more = len(rest) > query.limit
    next_cursor = make_cursor(key, page[-1].id.bytes, of="organizations") if more else None
    return _json(request, moment, to_json(OrganizationList(results=page, total=len(found), next=next_cursor)))


@router.get(
    "/v1/organizations/{organization_id:uuid}",
    responses=ok(PublicOrganization, "The organization.", cached=True)
    | problems(NotFound, UnknownParameter, ConditionInvalid, Unavailable),
)
async def read_organization(request: Request, organization_id: UUID) -> Response:
    """One organization with the names of its public services."""
    refuse_parameters(request)
    moment = moment_of(request)
    found = moment.directory.catalogue.organizations.get(organization_id)
    if found is None:
        raise NotFound
    return _json(request, moment, found.model_dump_json().encode())


def _area(area: Area) -> AreaOut:
    return AreaOut(
        code=area.code,
        name=area.name,
        area_type=area.area_type,
        police_force=area.police_force,
        region=area.region,
        country=area.country,
    )


def _selected(areas: Areas, query: AreaQuery) -> list[Area]:
    found = [area for area in areas if query.area_type is None or area.area_type == query.area_type]
    if query.within is not None:
        inside = areas.authorities_in(query.within)
        found = [
            area for area in found if area.code != query.within and areas.authorities_in(area.code) <= inside
        ]
    return found


@router.get(
    "/v1/areas",
    responses=ok(AreaList, "Areas in the order of their codes.", cached=True)
    | problems(*LIST_PROBLEMS, UnknownArea),
    openapi_extra={"parameters": parameters_of(AreaQuery)},
)
async def list_areas(request: Request) -> Response:
    """Areas by GSS code: local authorities, police force areas, regions and countries."""
    query = read_parameters(request, AreaQuery)
    moment = moment_of(request)
    key: bytes = request.app.state.cursor_key
    of = f"areas {query.area_type} {query.within}"
    found = sorted(_selected(moment.directory.catalogue.areas, query), key=lambda area: area.code)
    after = read_cursor(key, query.cursor, of=of).decode() if query.cursor is not None else ""
    rest = [area for area in found if area.code > after]
    page = rest[: query.limit]
    next_cursor = make_cursor(key, page[-1].code.encode(), of=of) if len(rest) > query.limit else None
    body = AreaList(
        results=[_area(area) for area in page], total=len(found), next=next_cursor
    ).model_dump_json()
    return _json(request, moment, body.encode())


@router.get(
    "/v1/areas/{code}",
    responses=ok(AreaDetail, "The area.", cached=True)
    | problems(NotFound, UnknownParameter, ConditionInvalid, Unavailable),
)
async def read_area(request: Request, code: str) -> Response:
    """One area with its local authorities and, where one is stored, its shape for display."""
    refuse_parameters(request)
    moment = moment_of(request)
    catalogue = moment.directory.catalogue
    if code not in catalogue.areas:
        raise NotFound
    body = AreaDetail(
        **_area(catalogue.areas[code]).model_dump(),
        local_authorities=sorted(catalogue.areas.authorities_in(code)),
        geometry=catalogue.shapes.geometry(code),
        approximate=catalogue.shapes.approximate(code),
        attribution=attribution(catalogue.gazetteer.edition.attribution_year),
    )
    return _json(request, moment, body.model_dump_json().encode())


@router.get(
    "/v1/vocabulary",
    responses=ok(Vocabulary, "Every code list.", cached=True)
    | problems(UnknownParameter, ConditionInvalid, Unavailable),
)
async def read_vocabulary(request: Request) -> Response:
    """Every code list with its terms and their definitions."""
    refuse_parameters(request)
    moment = moment_of(request)
    lists = moment.directory.catalogue.texts.vocabulary
    return _json(request, moment, to_json(Vocabulary(results=list(lists), total=len(lists), next=None)))


@router.get(
    "/v1/guidance",
    responses=ok(GuidanceList, "Guidance and First Responders.", cached=True)
    | problems(UnknownParameter, ConditionInvalid, Unavailable),
)
async def read_guidance(request: Request) -> Response:
    """Duties and prompts with source and review date, and who may refer to the National Referral Mechanism.

    Dated data, not legal advice: past `review_by` a text is marked overdue.
    """
    refuse_parameters(request)
    moment = moment_of(request)
    texts = moment.directory.catalogue.texts
    here = moment.now.astimezone(LONDON)
    today = here.date()
    # At midnight a review may become overdue.
    midnight = datetime.combine(today + timedelta(days=1), time(), LONDON)
    body = GuidanceList(
        results=[GuidanceOut(**one.model_dump(), overdue=one.review_by < today) for one in texts.guidance],
        total=len(texts.guidance),
        next=None,
        first_responders=list(texts.first_responders),
    )
    return _json(request, moment, body.model_dump_json().encode(), midnight)


@router.get(
    "/v1/changes",
    responses=ok(ChangeList, "Changes, oldest first.", cached=True) | problems(*LIST_PROBLEMS),
    openapi_extra={"parameters": parameters_of(ChangeQuery)},
)
async def list_changes(request: Request) -> Response:
    """What was published, updated and removed. Follow `next` to the end; next time ask `since` ten minutes before the last
    `changed_at`, and pass over the entries whose `id` you have: of two writers at once, the later may be done first.

    Capacity is not a change of a record and is not listed here.
    """
    query = read_parameters(request, ChangeQuery)
    moment = moment_of(request)
    key: bytes = request.app.state.cursor_key
    of = f"changes {query.since}"
    found = [
        one
        for one in moment.directory.catalogue.changes
        if query.since is None or one.changed_at >= query.since
    ]
    start = 0
    if query.cursor is not None:
        after = read_id_cursor(key, query.cursor, of=of)
        seen = [number for number, one in enumerate(found) if one.id == after]
        if not seen:
            raise CursorInvalid
        start = seen[0] + 1
    page = found[start : start + query.limit]
    more = len(found) > start + query.limit
    next_cursor = make_cursor(key, page[-1].id.bytes, of=of) if more else None
    return _json(request, moment, to_json(ChangeList(results=page, total=len(found), next=next_cursor)))
