"""The OpenAPI document, the self-hosted pages that show it, and a page for every type of problem."""

import base64
import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any

import fastapi_standalone_docs
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from starlette.staticfiles import StaticFiles

from app.api.problems import MEDIA_TYPE
from app.api.strict import refuse_parameters
from app.errors import (
    HeadersTooLarge,
    InternalError,
    KeyMisplaced,
    Malformed,
    Misdirected,
    NotFound,
    Problem,
    TooManyRequests,
    UriTooLong,
    problem_catalogue,
)

router = APIRouter(include_in_schema=False)

EDGE_PROBLEMS: tuple[type[Problem], ...] = (
    Malformed,
    UriTooLong,
    Misdirected,
    HeadersTooLarge,
    TooManyRequests,
    KeyMisplaced,
    InternalError,
)
"""What every address may answer, whatever it is for."""

DOCS_ASSETS = Path(fastapi_standalone_docs.__file__).parent / "static"
DESCRIPTION = """
Who can take this survivor of modern slavery, here, now, and how do I refer them?

Services that give care and support to victims and survivors in the West Midlands: what they are, how a referral is
made, their capacity, and the area they cover. Nobody is promised anything: a listed place is "ring to confirm".

* Every problem is `application/problem+json` (RFC 9457) with a stable `type` and the national numbers.
* Unknown parameters and members are refused, and nothing that you send is repeated, stored or logged.
* Capacity past its `valid_until` is `unknown`. Honour `max-age`: beds go.
* Confidential services have no location, no distance and no capacity but "ring to ask".
"""


def install_documents(app: FastAPI) -> None:
    """Self-hosted `/docs`, `/redoc` and `/openapi.json`: nothing is loaded from anybody else's server."""
    app.mount("/docs/assets", StaticFiles(directory=DOCS_ASSETS))
    app.include_router(router)
    app.openapi = lambda: openapi_document(app)  # type: ignore[method-assign]


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document, made once: problems under their own media type, and headers that every answer carries."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            license_info=app.license_info,
        )
        for path in document["paths"].values():
            for operation in path.values():
                _tell_the_truth(operation)
        app.openapi_schema = document
    return app.openapi_schema


PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemShape"}}}


def _tell_the_truth(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "`" not in responses.get("422", {"description": "`"})["description"]:
        # The framework's own answer to a wrong part of a path: here every text is taken, and may be found nowhere.
        del responses["422"]
    for kind in EDGE_PROBLEMS:
        known = responses.setdefault(str(kind.status), {"description": "", "content": PROBLEM_CONTENT})
        if f"`{kind.slug}`" not in known["description"]:
            said = f"{known['description']}; " if known["description"] else ""
            known["description"] = f"{said}{kind.title} (`{kind.slug}`)"
    for status, response in responses.items():
        if int(status) >= 400:
            content = response.get("content", {})
            if "application/json" in content:
                response["content"] = {MEDIA_TYPE: content["application/json"]}
        response.setdefault("headers", {})["X-Request-Id"] = {
            "description": "Names this answer in the service's log.",
            "schema": {"type": "string"},
        }
        if status == "304":
            response.pop("content", None)


@router.get("/openapi.json")
async def openapi_json(request: Request) -> Response:
    refuse_parameters(request)
    body: bytes | None = getattr(request.app.state, "openapi_bytes", None)
    if body is None:
        import json

        body = request.app.state.openapi_bytes = json.dumps(
            request.app.openapi(), ensure_ascii=False
        ).encode()
    return Response(body, media_type="application/json", headers={"Cache-Control": "public, max-age=60"})


@router.get("/docs")
async def swagger(request: Request) -> Response:
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=request.app.title,
        swagger_js_url="/docs/assets/swagger/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger/swagger-ui.css",
        swagger_favicon_url="/docs/assets/fastapi/favicon.png",
    )
    return _with_policy(bytes(page.body).decode())


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    page = get_redoc_html(
        openapi_url="/openapi.json",
        title=request.app.title,
        redoc_js_url="/docs/assets/redoc/redoc.standalone.js",
        redoc_favicon_url="/docs/assets/fastapi/favicon.png",
        with_google_fonts=False,
    )
    return _with_policy(bytes(page.body).decode())


def _with_policy(page: str) -> Response:
    """A policy that names the page's own inline script by its hash, and nothing from elsewhere."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})


@router.get("/problems/{slug}")
async def problem_page(request: Request, slug: str) -> Response:
    """What a type of problem means and what to do, for a person."""
    refuse_parameters(request)
    kind = problem_catalogue().get(slug)
    if kind is None:
        raise NotFound
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(kind.title)}</title><main><h1>{escape(kind.title)}</h1>"
        f"<p>{escape(kind.explanation)}</p><p>Status {kind.status}, type <code>{escape(slug)}</code>.</p></main></html>"
    )
    return Response(page, media_type="text/html", headers={"Cache-Control": "public, max-age=3600"})
