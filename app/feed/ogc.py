"""The directory as OGC API Features (Part 1: Core, and GeoJSON), so that QGIS and GDAL open it by its address.

Three collections over the layers of `app.feed.features`. Every link is made of the service's public address, never of what
a client calls us. No id has a dot in it: QGIS cuts collection ids there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from pydantic_core import to_json

from app.directory.snapshot import Directory
from app.feed.features import Feature, FeatureLayer, area_layer, coverage_layer, location_layer
from app.feed.ogc_query import MOST_FEATURES, ItemsQuery, box_of, check_datetime
from app.geo.attribution import LICENCE_URL, attribution

JSON, GEOJSON = "application/json", "application/geo+json"
DEFINITION = "application/vnd.oai.openapi+json;version=3.0"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS_TO: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
"""Not `oas30`: that would be a promise about the definition that nobody has tested."""

Link = dict[str, str]


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection: its id in addresses, what it is, and the function that makes its layer."""

    id: str
    title: str
    description: str
    make: Callable[[Directory], FeatureLayer]


COLLECTIONS: Final = {
    one.id: one
    for one in (
        Collection(
            "services_coverage",
            "What services cover",
            "A feature for each service and each area that it covers: not where it stands. Coverage is decided by GSS code "
            "(`area_code`); shapes are for looking at, and null where none is stored.",
            coverage_layer,
        ),
        Collection(
            "service_locations",
            "Where services meet people",
            "A feature for each service and each public place, at the position of its postcode. Services in confidential "
            "places have no place here, and never will.",
            location_layer,
        ),
        Collection(
            "areas",
            "Areas",
            "Local authorities and police force areas of which there is a shape for display, by GSS code.",
            area_layer,
        ),
    )
}


def landing_json(base: str) -> bytes:
    """The landing page. `base` is the public address of `/ogc`."""
    root = base.removesuffix("/ogc")
    return to_json(
        {
            "title": "Support directory",
            "description": "Care and support for survivors of modern slavery: what services cover, and where they meet people.",
            "attribution": "Open Government Licence v3.0",
            "links": [
                _link(base, "self", JSON, "This page"),
                _link(
                    f"{base}/api", "service-desc", DEFINITION, "The definition of this interface (OpenAPI)"
                ),
                _link(f"{root}/docs", "service-doc", "text/html", "The documentation of the whole service"),
                _link(f"{base}/conformance", "conformance", JSON, "What this interface conforms to"),
                _link(f"{base}/collections", "data", JSON, "The collections"),
                _link(LICENCE_URL, "license", "text/html", "Open Government Licence v3.0"),
            ],
        }
    )


def conformance_json() -> bytes:
    return to_json({"conformsTo": CONFORMS_TO})


def collections_json(base: str, layers: dict[str, FeatureLayer]) -> bytes:
    return to_json(
        {
            "links": [_link(f"{base}/collections", "self", JSON, "The collections")],
            "collections": [_described(base, COLLECTIONS[one], layer) for one, layer in layers.items()],
        }
    )


def collection_json(base: str, collection: Collection, layer: FeatureLayer) -> bytes:
    return to_json(_described(base, collection, layer))


def _described(base: str, collection: Collection, layer: FeatureLayer) -> dict[str, Any]:
    here = f"{base}/collections/{collection.id}"
    # Without a single shape there is no extent to speak of, and the member may be left out.
    extent = {} if layer.bounds is None else {"extent": {"spatial": {"bbox": [layer.bounds], "crs": CRS84}}}
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        **extent,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(here, "self", JSON, collection.title),
            _link(f"{here}/items", "items", GEOJSON, "The features"),
            _link(LICENCE_URL, "license", "text/html", "Open Government Licence v3.0"),
        ],
    }


def items_json(
    base: str, collection: Collection, layer: FeatureLayer, query: ItemsQuery, *, directory: Directory
) -> bytes:
    """A page of features. Raises ValidationFailed for a box or a time that is none."""
    if query.datetime is not None:
        # Nothing here has a time, and what has none matches every time (section 7.15.4).
        check_datetime(query.datetime)
    found = layer.features if query.bbox is None else layer.touching(box_of(query.bbox))
    page = found[query.offset : query.offset + min(query.limit, MOST_FEATURES)]
    links = [_link(_items(base, collection, query), "self", GEOJSON, "This page")]
    if query.offset + len(page) < len(found) and page:
        following = query.model_copy(update={"offset": query.offset + len(page)})
        links.append(_link(_items(base, collection, following), "next", GEOJSON, "The next page"))
    links.append(_link(f"{base}/collections/{collection.id}", "collection", JSON, collection.title))
    about = {
        "numberMatched": len(found),
        "numberReturned": len(page),
        "links": links,
        "attribution": attribution(directory.catalogue.gazetteer.edition.attribution_year),
        "demonstration": directory.demonstration,
    }
    features = b",".join([one.json for one in page])
    return b'{"type":"FeatureCollection",' + to_json(about)[1:-1] + b',"features":[' + features + b"]}"


def item_json(base: str, collection: Collection, feature: Feature) -> bytes:
    here = f"{base}/collections/{collection.id}"
    links = [
        _link(f"{here}/items/{quote(feature.id)}", "self", GEOJSON, "This feature"),
        _link(here, "collection", JSON, collection.title),
    ]
    return feature.json_with(b',"links":' + to_json(links))


def _items(base: str, collection: Collection, query: ItemsQuery) -> str:
    """The address of a page: what was asked, with the parameters in one order."""
    asked = query.model_dump(exclude_none=True, exclude_defaults=True)
    # Commas, colons and slashes mean nothing of their own in a query (RFC 3986, section 3.4), and read better.
    text = urlencode(asked, safe=",:/")
    return f"{base}/collections/{collection.id}/items" + (f"?{text}" if text else "")


def _link(href: str, rel: str, media_type: str, title: str) -> Link:
    return {"href": href, "rel": rel, "type": media_type, "title": title}
