"""`/ogc`: OGC API Features, for map programs. Every address answers with a slash at its end too: some programs add one."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.api.conditional import cached
from app.api.documented import Responses, inline_schema, ok, ok_as, parameters_of, problems
from app.api.ogc_shapes import CollectionOut, Collections, Conformance, Landing, OgcItem, OgcItems
from app.api.state import Moment, moment_of
from app.api.strict import read_parameters, refuse_parameters
from app.errors import ConditionInvalid, InvalidInput, NotFound, ParameterInvalid, Problem, Unavailable
from app.feed import ogc
from app.feed.encoded import EncodedOnce
from app.feed.features import FeatureLayer
from app.feed.ogc_definition import definition_json
from app.feed.ogc_query import ItemsQuery

router = APIRouter(tags=["maps"])

Read = TypeVar("Read")

PROBLEMS: tuple[type[Problem], ...] = (ParameterInvalid, ConditionInvalid, Unavailable)
ITEMS = "/ogc/collections/{collection_id}/items"


def _geojson(shape: type[BaseModel], description: str) -> Responses:
    return ok_as(ogc.GEOJSON, inline_schema(shape), description, cached=True)


@router.get("/ogc/", include_in_schema=False)
@router.get("/ogc", responses=ok(Landing, "Where everything is.", cached=True) | problems(*PROBLEMS))
def read_landing_page(request: Request) -> Response:
    """The address to give to QGIS ("WFS / OGC API – Features") and to GDAL (`OAPIF:`)."""
    moment = _without_parameters(request)
    return _cached(request, moment, ogc.landing_json(_base(request)))


@router.get("/ogc/api/", include_in_schema=False)
@router.get(
    "/ogc/api",
    responses=ok_as(ogc.DEFINITION, {"type": "object"}, "An OpenAPI 3.0 document.", cached=True)
    | problems(*PROBLEMS),
)
def read_definition(request: Request) -> Response:
    """The definition of `/ogc` alone, for map programs, which read their page size from it."""
    moment = _without_parameters(request)
    body = definition_json(_base(request), request.app.version)
    return _cached(request, moment, body, ogc.DEFINITION)


@router.get("/ogc/conformance/", include_in_schema=False)
@router.get(
    "/ogc/conformance",
    responses=ok(Conformance, "Core and GeoJSON.", cached=True) | problems(*PROBLEMS),
)
def read_conformance(request: Request) -> Response:
    """The conformance classes of OGC API Features that hold here."""
    moment = _without_parameters(request)
    return _cached(request, moment, ogc.conformance_json())


@router.get("/ogc/collections/", include_in_schema=False)
@router.get(
    "/ogc/collections",
    responses=ok(Collections, "All collections.", cached=True) | problems(*PROBLEMS),
)
def list_collections(request: Request) -> Response:
    """The collections: what services cover, where they meet people, and the areas with a shape."""
    moment = _without_parameters(request)
    layers = {one.id: _layer(request, moment, one) for one in ogc.COLLECTIONS.values()}
    return _cached(request, moment, ogc.collections_json(_base(request), layers))


@router.get("/ogc/collections/{collection_id}/", include_in_schema=False)
@router.get(
    "/ogc/collections/{collection_id}",
    responses=ok(CollectionOut, "The collection.", cached=True) | problems(*PROBLEMS, NotFound),
)
def read_collection(request: Request, collection_id: str) -> Response:
    """One collection with its extent, which is that of its features."""
    moment = _without_parameters(request)
    collection = _collection(collection_id)
    body = ogc.collection_json(_base(request), collection, _layer(request, moment, collection))
    return _cached(request, moment, body)


@router.get(f"{ITEMS}/", include_in_schema=False)
@router.get(
    ITEMS,
    responses=_geojson(OgcItems, "A page of features.") | problems(*PROBLEMS, NotFound),
    openapi_extra={"parameters": parameters_of(ItemsQuery)},
)
def list_features(request: Request, collection_id: str) -> Response:
    """Features, page by page: those with a shape first, then by id.

    Where somebody looks at the map may say whom they look for: an answer to `bbox` is kept nowhere, and has no ETag.
    """
    query = _in_the_manner_of_ogc(lambda: read_parameters(request, ItemsQuery))
    moment = moment_of(request)
    collection = _collection(collection_id)
    layer = _layer(request, moment, collection)
    body = _in_the_manner_of_ogc(
        lambda: ogc.items_json(_base(request), collection, layer, query, directory=moment.directory)
    )
    if query.bbox is not None:
        return Response(body, media_type=ogc.GEOJSON)
    return _cached(request, moment, body, ogc.GEOJSON)


@router.get(f"{ITEMS}/{{feature_id}}/", include_in_schema=False)
@router.get(
    f"{ITEMS}/{{feature_id}}", responses=_geojson(OgcItem, "The feature.") | problems(*PROBLEMS, NotFound)
)
def read_feature(request: Request, collection_id: str, feature_id: str) -> Response:
    """One feature by its id."""
    moment = _without_parameters(request)
    collection = _collection(collection_id)
    layer = _layer(request, moment, collection)
    number = layer.number_of.get(feature_id)
    if number is None:
        raise NotFound
    body = ogc.item_json(_base(request), collection, layer.features[number])
    return _cached(request, moment, body, ogc.GEOJSON)


def _base(request: Request) -> str:
    return f"{request.app.state.public_url}/ogc"


def _collection(collection_id: str) -> ogc.Collection:
    try:
        return ogc.COLLECTIONS[collection_id]
    except KeyError:
        raise NotFound from None


def _layer(request: Request, moment: Moment, collection: ogc.Collection) -> FeatureLayer:
    kept: EncodedOnce = request.app.state.encoded
    return kept.of(moment.directory, collection.make)


def _without_parameters(request: Request) -> Moment:
    _in_the_manner_of_ogc(lambda: refuse_parameters(request))
    return moment_of(request)


def _in_the_manner_of_ogc(read: Callable[[], Read]) -> Read:
    """What is wrong with a parameter is 400 in this standard; everywhere else here it is 422."""
    try:
        return read()
    except InvalidInput as problem:
        raise ParameterInvalid(errors=problem.errors) from None


def _cached(request: Request, moment: Moment, body: bytes, media_type: str = ogc.JSON) -> Response:
    return cached(request, body, media_type=media_type, now=moment.now, changes_at=None)
