"""Every route says who may call it, or is on the list of what is public; and the OpenAPI document says the same."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.access.principals import Principal
from app.access.scopes import SCOPES
from app.api.callers import Caller, caller
from app.api.edge import PRIVATE_PREFIXES
from app.web.forms import FormReader
from tests.access.office import DEVICES, ENROL, KEYS, OWN_ROTATION, PEOPLE, Office
from tests.api.checks import operation_of
from tests.api.served import Client
from tests.api.test_openapi import validator

PUBLIC = {
    ("POST", "/v1/services/{service_id}/mistakes"), ("POST", "/find/mistakes"), ("POST", "/v1/services/search"), ("POST", "/v1/place"), ("GET", "/v1/services"), ("GET", "/v1/services/{service_id}"),
    ("GET", "/v1/services/{service_id}/referral-routes"), ("GET", "/v1/services/{service_id}/coverage"),
    ("GET", "/v1/services/{service_id}/capacity"), ("GET", "/v1/organizations"),
    ("GET", "/v1/organizations/{organization_id}"), ("GET", "/v1/areas"), ("GET", "/v1/areas/{code}"),
    ("GET", "/v1/vocabulary"), ("GET", "/v1/guidance"), ("GET", "/v1/changes"), ("GET", "/health/live"),
    ("GET", "/health/ready"), ("GET", "/"), ("GET", "/find"), ("POST", "/find"), ("GET", "/find/services/{service_id}"),
    ("GET", "/find/know"), ("GET", "/find/safety"), ("GET", "/find/privacy"), ("GET", "/find/accessibility"), ("GET", "/static/{name}"),
    ("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/redoc"), ("GET", "/problems/{slug}"),
    *(("GET", f"/v1/exports/{name}") for name in
      ("services.csv", "organizations.csv", "coverage.geojson", "locations.geojson")),
    *(("GET", f"/ogc{path}{slash}") for slash in ("", "/") for path in
      ("", "/api", "/conformance", "/collections", "/collections/{collection_id}", "/collections/{collection_id}/items",
       "/collections/{collection_id}/items/{feature_id}")),
    # Takes the code of a one-time link, which is what it checks.
    ("POST", ENROL),
    ("GET", "/officer"), ("GET", "/officer/"), ("POST", "/officer/"), ("GET", "/officer/offline"),
    ("GET", "/officer/sw.js"), ("GET", "/officer/manifest.webmanifest"), ("GET", "/officer/{name}"),
    ("GET", "/officer/enrol"), ("POST", "/officer/enrol"), ("POST", "/officer/leave"),
    ("GET", "/officer/left"), ("GET", "/provider"), ("GET", "/provider/"), ("POST", "/provider/sign-in"), ("GET", "/provider/{name}"),
    ("GET", "/curator"), ("GET", "/curator/"), ("POST", "/curator/sign-in"), ("GET", "/curator/curator.css"),
    ("GET", "/v1/snapshot"), ("GET", "/widget"), ("GET", "/widget/{name}"), ("GET", "/widget/v1/messages/{language}"),
    ("GET", "/demo"),
    ("GET", "/oruk"), ("GET", "/oruk/"), ("GET", "/oruk/openapi.json"), ("POST", "/oruk/services"),
    ("POST", "/oruk/service_at_locations"),
    *(
        ("GET", f"/oruk/{name}{rest}")
        for name in ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")
        for rest in ("", "/{id}")
    ),
}  # fmt: skip
"""What anybody may call. A new route that is not here declares its scope with `caller`, or this test fails."""

SIGNED_IN: dict[tuple[str, str], dict[str, str]] = {
    ("POST", "/officer/services/{service_id}/call-outcome"): {"outcome": "full"},
    ("POST", "/provider/sign-out"): {"form_token": "0"},
    ("POST", "/provider/services/{service_id}/report"): {
        "version": '"0"', "unit": "bed_space", "applies_to": "anyone", "status": "full",
    },
    ("POST", "/provider/services/{service_id}/confirm"): {"version": '"0"'},
    ("POST", "/provider/services/{service_id}/undo"): {"version": '"0"'},
}  # fmt: skip
"""Forms of pages, which somebody with a session in a cookie sends, and a good one of each."""
PAGES = ("/officer", "/provider", "/curator")


def callers_of(dependant: Dependant) -> Iterator[Caller]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Caller):
            yield inner.call
        yield from callers_of(inner)


def declared(app: FastAPI) -> dict[tuple[str, str], frozenset[str]]:
    """(method, path) of every route → the scopes of which whoever calls holds one; none for a public one."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            scopes = frozenset(scope for one in callers_of(route.dependant) for scope in one.scopes)
            for method in route.methods or ():
                found[method, route.path_format] = scopes
    return found


def undeclared(app: FastAPI) -> set[tuple[str, str]]:
    closed = {route for route, scopes in declared(app).items() if not scopes} - PUBLIC - set(SIGNED_IN)
    return closed - desk_routes(app)


def desk_routes(app: FastAPI) -> set[tuple[str, str]]:
    """What a curator reaches with a session: everything of the desk that is not on the list of what is public."""
    return {(method, path) for method, path in declared(app) if path.startswith("/curator/")} - PUBLIC


def test_every_route_declares_a_scope_or_is_public(client: Client) -> None:
    routes = declared(client.app)
    assert undeclared(client.app) == set()
    assert {route for route in PUBLIC if routes.get(route) != frozenset()} == set(), (
        "the list is of what there is"
    )
    assert len(routes) > len(PUBLIC)


def test_a_route_without_a_scope_is_found() -> None:
    router = APIRouter()

    @router.get("/v1/curation/forgotten")
    def forgotten() -> None: ...

    @router.get("/v1/curation/guarded")
    def guarded(_: Annotated[Principal, caller("audit:read")]) -> None: ...

    app = FastAPI()
    app.include_router(router)
    assert ("GET", "/v1/curation/forgotten") in undeclared(app)
    assert ("GET", "/v1/curation/guarded") not in undeclared(app)


def test_what_needs_a_key_stands_where_nothing_is_cached_or_open_to_other_pages(client: Client) -> None:
    for (_, path), scopes in declared(client.app).items():
        assert path.startswith(PRIVATE_PREFIXES) == bool(scopes) or path == ENROL or path.startswith(PAGES)


@pytest.mark.parametrize("route", SIGNED_IN)
@pytest.mark.parametrize("cookie", ["", "__Host-provider", "__Host-device"])
def test_a_form_of_a_page_is_taken_from_nobody_without_a_session(
    office: Office, route: tuple[str, str], cookie: str
) -> None:
    method, path = route
    address = path.replace("{service_id}", str(office.services[office.shelter][0]))
    # Our own page, and a key where a session belongs.
    headers = {"sec-fetch-site": "same-origin"}
    if cookie:
        headers["cookie"] = f"{cookie}={office.token()}"
    answer = office.client.request(method, address, data=SIGNED_IN[route], headers=headers)
    assert answer.status_code in (401, 403)
    assert "access-control-allow-origin" not in answer.headers


def forms_of(app: FastAPI) -> dict[tuple[str, str], dict[str, str]]:
    """(method, path) of every form of a page → what is at least to be filled in."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            for inner in route.dependant.dependencies:
                if isinstance(inner.call, FormReader):
                    fields = inner.call.shape.model_fields.items()
                    needed = {name: "0" for name, field in fields if field.is_required()}
                    found["POST", route.path_format] = needed | {"form_token": "0"}
    return found


@pytest.mark.parametrize("cookie", ["", "__Host-curator", "__Host-provider", "__Host-device"])
def test_nothing_of_the_desk_is_shown_or_done_without_a_session(office: Office, cookie: str) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    if cookie:
        # A key is no session, whosever it is.
        headers["cookie"] = f"{cookie}={office.token('curator')}"
    routes, forms = desk_routes(office.client.app), forms_of(office.client.app)
    assert len(routes) > 20
    for method, path in routes:
        address = re.sub(r"\{\w+_id\}", str(office.services[office.shelter][0]), path).replace(
            "{version}", "1"
        )
        sent: dict[str, Any] = {}
        if (method, path) == ("POST", "/curator/imports"):
            sent = {"data": {"form_token": "0"}, "files": {"file": ("0", b"0")}}
        elif method == "POST":
            sent = {"data": forms.get((method, path), {"form_token": "0"})}
        answer = office.client.request(method, address, headers=headers, **sent)
        if answer.status_code == 401:
            # A form is answered with the page to sign in, which says that nothing was done.
            assert method == "POST"
            assert "Nothing was done." in answer.text, path
        else:
            assert (answer.status_code, answer.headers.get("location")) == (303, "/curator/"), path
        assert answer.headers["cache-control"] == "private, no-store"


def test_every_scope_of_a_route_exists() -> None:
    for wrong in ((), ("root",), ("keys:admin", "root")):
        with pytest.raises(ValueError, match="scopes are"):
            Caller(*wrong)
    assert Caller(*SCOPES).scopes == set(SCOPES)


def test_openapi_says_which_routes_need_a_key(client: Client) -> None:
    document: dict[str, Any] = client.get("/openapi.json").json()
    scheme = document["components"]["securitySchemes"]["bearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for (method, path), scopes in declared(client.app).items():
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            assert not scopes, f"{path} needs a key and is not in the document"
            continue
        assert operation.get("security", []) == ([{"bearerAuth": []}] if scopes else []), path
        wanted = {"429": "too-many-requests"}
        if scopes:
            wanted |= {"401": "unauthenticated", "403": "forbidden", "503": "unavailable"}
        for status, slug in wanted.items():
            assert f"(`{slug}`)" in operation["responses"][status]["description"], (path, slug)


def test_without_a_key_every_guarded_route_is_401_and_with_a_lesser_one_403(office: Office) -> None:
    # Keys of one scope each: all other routes are closed to them.
    lesser = {
        scope: office.token("curator", scopes=frozenset({scope})) for scope in ("audit:read", "import:run")
    }
    guarded = {route: scopes for route, scopes in declared(office.client.app).items() if scopes}
    for number, ((method, path), scopes) in enumerate(guarded.items()):
        address = re.sub(r"\{\w+_id\}", str(office.services[office.shelter][0]), path).replace(
            "{version}", "1"
        )
        here = {"address": f"203.0.113.{number}"}
        anonymous = office.client.request(method, address, extensions=here)
        assert anonymous.status_code == 401, path
        assert "access-control-allow-origin" not in anonymous.headers
        assert anonymous.headers["cache-control"] == "private, no-store"
        token = next(token for scope, token in lesser.items() if scope not in scopes)
        response = office.client.request(method, address, headers={"authorization": f"Bearer {token}"})
        assert response.status_code == 403, path
    assert len(guarded) >= 9


def test_no_page_of_another_origin_may_send_a_key(office: Office) -> None:
    asking = {
        "origin": "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    for path in (KEYS, OWN_ROTATION, ENROL):
        response = office.client.options(path, headers=asking)
        assert response.status_code == 405
        assert not [name for name in response.headers if name.startswith("access-control-")]
    public = office.client.options("/v1/services/search", headers=asking)
    assert "authorization" not in public.headers["access-control-allow-headers"]


def test_every_answer_is_as_declared_and_every_example_runs(office: Office) -> None:
    document = office.client.app.openapi()
    curator, provider = office.token("curator"), office.make()
    key_id = office.make().token.public_id
    device = office.post(DEVICES, curator, example(document, DEVICES))
    owner = {"organization_id": str(office.shelter)}
    rotate, revoke, end = (
        f"{KEYS}/{{key_id}}/rotate",
        f"{KEYS}/{{key_id}}/revoke",
        f"{DEVICES}/{{device_id}}/revoke",
    )
    posted = {
        KEYS: office.post(KEYS, curator, example(document, KEYS) | owner),
        DEVICES: device,
        OWN_ROTATION: office.post(OWN_ROTATION, provider.token.text, example(document, OWN_ROTATION)),
        rotate: office.post(rotate.format(key_id=key_id), curator, example(document, rotate)),
        revoke: office.post(revoke.format(key_id=key_id), curator, example(document, revoke)),
        ENROL: office.post(ENROL, None, {"code": device.json()["code"]}),
        end: office.post(end.format(device_id=device.json()["id"]), curator),
    }
    for path, response in posted.items():
        assert response.status_code == (200 if path in (revoke, end) else 201), response.text
        answers = document["paths"][path]["post"]["responses"]
        schema = answers[str(response.status_code)]["content"]["application/json"]["schema"]
        validator(document, schema).validate(response.json())
    for path in (KEYS, DEVICES, PEOPLE):
        response = office.get(path, curator)
        operation = operation_of(document, "GET", path)
        assert operation
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        validator(document, schema).validate(response.json())
        assert response.json()["total"] == len(response.json()["results"]) > 0
        assert response.json()["next"] is None


def example(document: dict[str, Any], path: str) -> dict[str, Any]:
    media = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    [found] = media["examples"].values()
    value: dict[str, Any] = found["value"]
    return value
