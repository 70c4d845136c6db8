"""The Open Referral UK feed at /oruk: the records of `app.feed` as pages, lines and single answers.

Lists are put together in a thread, because the first one after a publication encodes every record. An answer to somebody
who searches is kept nowhere; what a harvester reads has an entity tag, and an age that ends with the next change.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from app.api.conditional import cached
from app.api.documented import Responses, body_of, ok, parameters_of, problems
from app.api.state import Moment, moment_of
from app.api.strict import JSON_PROBLEMS, read_json, read_parameters, refuse_parameters
from app.directory.snapshot import DirectoryHolder
from app.errors import (
    ConditionInvalid,
    DuplicateParameter,
    NotFound,
    PostcodeInvalid,
    PostcodeNoLocation,
    PostcodeNotFound,
    Problem,
    Unavailable,
    UnknownParameter,
    ValidationFailed,
)
from app.feed.oruk_extensions import OrukShape
from app.feed.oruk_feed import Now, OrukFeed, Record
from app.feed.oruk_pages import (
    OrganizationPage,
    ServiceAtLocationPage,
    ServicePage,
    TaxonomyPage,
    TaxonomyTermPage,
    page_of,
)
from app.feed.oruk_query import (
    OrganizationQuery,
    Paging,
    PlaceQuery,
    ServiceQuery,
    TaxonomyQuery,
    TermQuery,
)
from app.feed.oruk_selection import (
    select_at_locations,
    select_organizations,
    select_services,
    select_taxonomies,
    select_terms,
)
from app.feed.oruk_shapes import (
    OrganizationRecord,
    Service,
    ServiceAtLocationRecord,
    Taxonomy,
    TaxonomyTerm,
)
from app.geo.attribution import attribution

router = APIRouter(tags=["oruk"])

VERSION = "HSDS-UK-3.0"
"""Consumers make the address of the specification from it: a later number leads the official validator nowhere."""
PROFILE = "https://github.com/OpenReferralUK/uk-profile"
"""Of the UK profile, so that who looks for feeds of that profile finds this one."""
DESCRIPTION = (
    "Care and support for survivors of modern slavery. A listed place is nobody's promise: ring to confirm. Never try to find "
    "a confidential service. Capacity (x_capacity) is of the moment of the answer: honour max-age and valid_until."
)

READ: tuple[type[Problem], ...] = (NotFound, UnknownParameter, ConditionInvalid, Unavailable)
LIST: tuple[type[Problem], ...] = (
    UnknownParameter, DuplicateParameter, ValidationFailed, ConditionInvalid, Unavailable,
)  # fmt: skip
PLACE: tuple[type[Problem], ...] = (PostcodeInvalid, PostcodeNotFound, PostcodeNoLocation)
ID_PARAMETER = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Of the record.",
    "schema": {"type": "string", "format": "uuid"},
}

Query = TypeVar("Query", bound=Paging)
Select = Callable[[OrukFeed, Query], Sequence[Record]]


class FullService(BaseModel):
    """What may be asked of one organization."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    full_service: Annotated[bool, Field(description="With whole services.")] = False


class Publisher(OrukShape):
    name: str
    website: str


class Metadata(OrukShape):
    """What this feed is."""

    version: str
    profile: str
    openapi_url: str
    description: str
    publisher: Publisher
    x_demonstration: bool
    x_licence: str
    x_attribution: str


def feed_of(request: Request, moment: Moment) -> OrukFeed:
    holder: DirectoryHolder = request.app.state.holder
    return holder.made_of(moment.directory.catalogue, OrukFeed)


async def _list(request: Request, query: Query, select: Select[Query], *, sent: bool = False) -> Response:
    """A page or lines. `sent`: the query came in a body."""
    moment = moment_of(request)
    now = Now(moment.directory.capacity, moment.now)

    def answer() -> Response:
        records = select(feed_of(request, moment), query)
        made = page_of(records, query, now, demonstration=moment.directory.demonstration)
        if sent or query.is_search:
            # What somebody looks for says who they are: such an answer is kept nowhere.
            return Response(made.body, media_type=made.media_type)
        return cached(
            request, made.body, media_type=made.media_type, now=moment.now, changes_at=made.changes_at
        )

    return await run_in_threadpool(answer)


def _one(request: Request, find: Callable[[OrukFeed], Record | None]) -> Response:
    refuse_parameters(request)
    moment = moment_of(request)
    record = find(feed_of(request, moment))
    if record is None:
        raise NotFound
    now = Now(moment.directory.capacity, moment.now)
    return cached(
        request,
        record.full(now),
        media_type="application/json",
        now=moment.now,
        changes_at=record.changes_at(now),
    )


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["id"]
    return found


def _listed(shape: type[BaseModel], of: str, *more: type[Problem]) -> Responses:
    found = ok(shape, f"A page of {of}; with `format=ndjson` one of them on each line.", cached=True)
    found[200]["content"] = {"application/x-ndjson": {"schema": {"type": "string"}}}
    return found | problems(*LIST, *more)


def _read(shape: type[BaseModel], of: str) -> Responses:
    return ok(shape, f"The {of}.", cached=True) | problems(*READ)


def _posted(shape: type[BaseModel], of: str, *more: type[Problem]) -> Responses:
    found = ok(shape, f"A page of {of}; with `format` `ndjson` one of them on each line.")
    found[200]["content"] = {"application/x-ndjson": {"schema": {"type": "string"}}}
    return found | problems(*JSON_PROBLEMS, Unavailable, *more)


def _with_id() -> dict[str, Any]:
    return {"parameters": [ID_PARAMETER]}


def _metadata(request: Request) -> Response:
    refuse_parameters(request)
    moment = moment_of(request)
    address: str = request.app.state.public_url
    body = Metadata(
        version=VERSION,
        profile=PROFILE,
        openapi_url=f"{address}/oruk/openapi.json",
        description=DESCRIPTION,
        publisher=Publisher(name=request.app.state.settings.owner_name, website=address),
        x_demonstration=moment.directory.demonstration,
        x_licence="Open Government Licence v3.0",
        x_attribution=attribution(moment.directory.catalogue.gazetteer.edition.attribution_year),
    )
    return cached(request, to_json(body), media_type="application/json", now=moment.now, changes_at=None)


METADATA: Responses = ok(Metadata, "What this feed is.", cached=True) | problems(
    UnknownParameter, ConditionInvalid, Unavailable
)


@router.get("/oruk", responses=METADATA)
async def read_oruk(request: Request) -> Response:
    """Version, profile and OpenAPI document of the feed."""
    return _metadata(request)


@router.get("/oruk/", responses=METADATA)
async def read_oruk_base(request: Request) -> Response:
    """The same, for consumers that put a slash behind the base address."""
    return _metadata(request)


@router.get(
    "/oruk/services",
    responses=_listed(ServicePage, "services"),
    openapi_extra={"parameters": parameters_of(ServiceQuery)},
)
async def list_oruk_services(request: Request) -> Response:
    """Services with their single fields and their organization, or whole with `full`.

    One that was taken out stays in the list as `defunct`, by its id alone.
    """
    return await _list(request, read_parameters(request, ServiceQuery), select_services)


@router.post(
    "/oruk/services",
    responses=_posted(ServicePage, "services"),
    openapi_extra={
        "requestBody": body_of(
            ServiceQuery, {"open on Saturdays": {"day": "SA", "per_page": 20, "full": True}}
        )
    },
)
async def post_oruk_services(request: Request) -> Response:
    """The same list with what is asked in the body, so that it stands in no address."""
    refuse_parameters(request)
    return await _list(request, await read_json(request, ServiceQuery), select_services, sent=True)


@router.get("/oruk/services/{id:uuid}", responses=_read(Service, "service"), openapi_extra=_with_id())
async def read_oruk_service(request: Request) -> Response:
    """One service, whole, with its capacity at this moment. One that was taken out is `defunct`."""
    return _one(request, lambda feed: feed.service_by_id.get(_id(request)))


@router.get(
    "/oruk/service_at_locations",
    responses=_listed(ServiceAtLocationPage, "services at locations", *PLACE),
    openapi_extra={"parameters": parameters_of(PlaceQuery)},
)
async def list_oruk_service_at_locations(request: Request) -> Response:
    """Services at locations; a service without a public place has one that is `virtual`.

    `postcode` keeps those that cover it; `proximity` keeps public places near it. A search for a place belongs in the body
    of a POST.
    """
    return await _list(request, read_parameters(request, PlaceQuery), select_at_locations)


@router.post(
    "/oruk/service_at_locations",
    responses=_posted(ServiceAtLocationPage, "services at locations", *PLACE),
    openapi_extra={
        "requestBody": body_of(
            PlaceQuery,
            {
                "covers a postcode": {"postcode": "B69 3DE"},
                "near it": {"postcode": "B1 1BB", "proximity": 5000},
            },
        )
    },
)
async def post_oruk_service_at_locations(request: Request) -> Response:
    """The same list with what is asked in the body, so that a postcode stands in no address."""
    refuse_parameters(request)
    return await _list(request, await read_json(request, PlaceQuery), select_at_locations, sent=True)


@router.get(
    "/oruk/service_at_locations/{id:uuid}",
    responses=_read(ServiceAtLocationRecord, "service at a location"),
    openapi_extra=_with_id(),
)
async def read_oruk_service_at_location(request: Request) -> Response:
    """One service at one location, with the whole service. `name` and `status` are those of the service."""
    return _one(request, lambda feed: feed.at_location_by_id.get(_id(request)))


@router.get(
    "/oruk/organizations",
    responses=_listed(OrganizationPage, "organizations"),
    openapi_extra={"parameters": parameters_of(OrganizationQuery)},
)
async def list_oruk_organizations(request: Request) -> Response:
    """Organizations with a public service; with `full` or `full_service` their services as well."""
    return await _list(request, read_parameters(request, OrganizationQuery), select_organizations)


@router.get(
    "/oruk/organizations/{id:uuid}",
    responses=_read(OrganizationRecord, "organization") | problems(*LIST, NotFound),
    openapi_extra={"parameters": [ID_PARAMETER, *parameters_of(FullService)]},
)
async def read_oruk_organization(request: Request) -> Response:
    """One organization with its services: their single fields, or whole with `full_service`."""
    query = read_parameters(request, FullService)
    moment = moment_of(request)
    record = feed_of(request, moment).organization_by_id.get(_id(request))
    if record is None:
        raise NotFound
    now = Now(moment.directory.capacity, moment.now)
    body = record.full_service(now) if query.full_service else record.full(now)
    changes_at = record.changes_at(now) if query.full_service else None
    return cached(request, body, media_type="application/json", now=moment.now, changes_at=changes_at)


@router.get(
    "/oruk/taxonomies",
    responses=_listed(TaxonomyPage, "taxonomies"),
    openapi_extra={"parameters": parameters_of(TaxonomyQuery)},
)
async def list_oruk_taxonomies(request: Request) -> Response:
    """Open Eligibility, support needs, referral routes, and the areas of the ONS."""
    return await _list(request, read_parameters(request, TaxonomyQuery), select_taxonomies)


@router.get("/oruk/taxonomies/{id:uuid}", responses=_read(Taxonomy, "taxonomy"), openapi_extra=_with_id())
async def read_oruk_taxonomy(request: Request) -> Response:
    """One taxonomy with all its terms."""
    found = _id(request)
    return _one(request, lambda feed: next((one for one in feed.taxonomies if one.id == found), None))


@router.get(
    "/oruk/taxonomy_terms",
    responses=_listed(TaxonomyTermPage, "terms"),
    openapi_extra={"parameters": parameters_of(TermQuery)},
)
async def list_oruk_taxonomy_terms(request: Request) -> Response:
    """Terms of all taxonomies, with their definitions."""
    return await _list(request, read_parameters(request, TermQuery), select_terms)


@router.get(
    "/oruk/taxonomy_terms/{id:uuid}",
    responses=_read(TaxonomyTerm, "term"),
    openapi_extra=_with_id(),
)
async def read_oruk_taxonomy_term(request: Request) -> Response:
    """One term with its definition."""
    found = _id(request)
    return _one(request, lambda feed: next((one for one in feed.terms_listed if one.id == found), None))
