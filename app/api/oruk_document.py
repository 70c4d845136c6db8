"""The feed's own OpenAPI document: the operations under /oruk, as a feed's base address has them, without references.

The official validator resolves the same internal reference only twice, and then fails a feed that is right; so every
reference is replaced by what it names. Otherwise it is what `/openapi.json` says.
"""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from app.api.strict import refuse_parameters

router = APIRouter(include_in_schema=False)

BASE = "/oruk"
TITLE = "Open Referral UK feed"


def feed_document(app: FastAPI) -> dict[str, Any]:
    """The document of the feed, with no `$ref` in it."""
    whole = app.openapi()
    paths = {
        path.removeprefix(BASE) or "/": operations
        for path, operations in whole["paths"].items()
        # The base address with a slash is the one without.
        if path == BASE or (path.startswith(f"{BASE}/") and path != f"{BASE}/")
    }
    found: dict[str, Any] = _resolved(
        {
            "openapi": whole["openapi"],
            "info": whole["info"] | {"title": TITLE},
            "servers": [{"url": f"{app.state.public_url}{BASE}"}],
            "paths": paths,
        },
        whole["components"]["schemas"],
    )
    return found


def _resolved(part: Any, schemas: Mapping[str, Any]) -> Any:
    """What is said, with each reference replaced by the schema; words beside a reference stay (JSON Schema 2020-12)."""
    if isinstance(part, list):
        return [_resolved(member, schemas) for member in part]
    if not isinstance(part, dict):
        return part
    here = {name: _resolved(member, schemas) for name, member in part.items() if name != "$ref"}
    if "$ref" not in part:
        return here
    named: dict[str, Any] = _resolved(schemas[part["$ref"].rpartition("/")[2]], schemas)
    return named | here


@router.get("/oruk/openapi.json")
async def oruk_openapi_json(request: Request) -> Response:
    refuse_parameters(request)
    body: bytes | None = getattr(request.app.state, "oruk_openapi_bytes", None)
    if body is None:
        document = feed_document(request.app)
        body = request.app.state.oruk_openapi_bytes = json.dumps(document, ensure_ascii=False).encode()
    return Response(body, media_type="application/json", headers={"Cache-Control": "public, max-age=60"})
