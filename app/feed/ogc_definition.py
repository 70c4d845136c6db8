"""The definition of `/ogc` that map programs read to learn how many features they may ask for at once (OpenAPI 3.0).

The service's own document is OpenAPI 3.1, which the programs of today do not take, and fifty times as long.
"""

from typing import Any

from pydantic_core import to_json

from app.feed.ogc import COLLECTIONS, GEOJSON, JSON
from app.feed.ogc_query import DEFAULT_LIMIT, MOST_FEATURES
from app.geo.attribution import LICENCE_URL

OBJECT = {"type": "object"}


def definition_json(base: str, version: str) -> bytes:
    """The definition for the service whose `/ogc` has the public address `base`."""
    paths: dict[str, Any] = {
        "/": _get("getLandingPage", "The landing page", JSON),
        "/conformance": _get("getConformance", "What this interface conforms to", JSON),
        "/collections": _get("getCollections", "The collections", JSON),
    }
    for one in COLLECTIONS.values():
        here = f"/collections/{one.id}"
        paths[here] = _get(f"describe_{one.id}", one.title, JSON)
        paths[f"{here}/items"] = _get(
            f"get_{one.id}", f"{one.title}: the features", GEOJSON, "bbox", "datetime", "limit", "offset"
        )
        paths[f"{here}/items/{{featureId}}"] = _get(
            f"get_one_of_{one.id}", f"{one.title}: one feature", GEOJSON, "featureId"
        )
    return to_json(
        {
            "openapi": "3.0.3",
            "info": {
                "title": "Support directory: OGC API Features",
                "version": version,
                "license": {"name": "Open Government Licence v3.0 (data)", "url": LICENCE_URL},
            },
            "servers": [{"url": base}],
            "paths": paths,
            "components": {
                "parameters": _PARAMETERS,
                "responses": {
                    "Problem": {
                        "description": "A parameter is unknown or wrong, or there is nothing here (RFC 9457).",
                        "content": {"application/problem+json": {"schema": OBJECT}},
                    }
                },
            },
        }
    )


_PARAMETERS: dict[str, Any] = {
    "bbox": {
        "name": "bbox",
        "in": "query",
        "description": "Only features that touch this box: west, south, east, north in degrees (WGS84).",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
    },
    "datetime": {
        "name": "datetime",
        "in": "query",
        "description": "A moment or an interval (RFC 3339). No feature has a time of its own, so all of them match any.",
        "style": "form",
        "explode": False,
        "schema": {"type": "string"},
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "Number of features.",
        "style": "form",
        "explode": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": DEFAULT_LIMIT},
    },
    "offset": {
        "name": "offset",
        "in": "query",
        "description": "Number of features to leave out at the beginning.",
        "style": "form",
        "explode": False,
        "schema": {"type": "integer", "minimum": 0, "default": 0},
    },
    "featureId": {
        "name": "featureId",
        "in": "path",
        "required": True,
        "description": "Id of the feature.",
        "schema": {"type": "string"},
    },
}


def _get(operation_id: str, summary: str, media_type: str, *parameters: str) -> dict[str, Any]:
    return {
        "get": {
            "operationId": operation_id,
            "summary": summary,
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters],
            "responses": {
                "200": {"description": summary, "content": {media_type: {"schema": OBJECT}}},
                "default": {"$ref": "#/components/responses/Problem"},
            },
        }
    }
