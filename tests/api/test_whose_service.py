"""Organization A against organization B, over every route there is: nothing of B's can be read or changed with A's key.

The routes are walked, so that a new one is covered by itself. A service of somebody else and one that does not exist are
the same answer, byte for byte apart from the request id.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from tests.providing import Provided, capacity_of, new_key

ABOUT_THE_KEY_ITSELF = {("GET", "/v1/provider/me"), ("POST", "/v1/provider/keys/rotate")}
"""Routes of providers that name no service: what they answer is of the key's own organization (tested with each)."""


def operations(sides: Provided) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in sides.client.app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def example_of(operation: dict[str, Any], service_id: UUID) -> Any:
    """The first example of a route's body, about this service wherever it names one."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = list(content.get("examples", {}).values())
    return _about(examples[0]["value"], str(service_id)) if examples else None


def _about(value: Any, service_id: str) -> Any:
    if isinstance(value, dict):
        return {
            name: service_id if name == "service_id" else _about(part, service_id)
            for name, part in value.items()
        }
    if isinstance(value, list):
        # One will do: two would be two reports about one service.
        return [_about(value[0], service_id)] if value else value
    return value


def names_a_service(path: str, operation: dict[str, Any]) -> bool:
    return "{service_id}" in path or "service_id" in json.dumps(operation.get("requestBody", {}))


def addressed(path: str, service_id: UUID, proposal_id: str | None = None) -> str:
    """The address of a route about this service. What else it names is nobody's, unless it is a proposal that is given."""
    path = (
        path.replace("{service_id}", str(service_id)).replace("{key_id}", "0" * 12).replace("{version}", "1")
    )
    path = path.replace("{proposal_id}", proposal_id or str(UUID(int=0))).replace("{device_id}", "0" * 12)
    return re.sub(r"\{\w+_id\}", str(UUID(int=0)), path)


def asked(
    sides: Provided,
    operation: dict[str, Any],
    service_id: UUID,
    *,
    to: tuple[str, str],
    proposal_id: str | None = None,
) -> httpx.Response:
    """A's request of this route about this service, with every header that the route takes."""
    method, path = to
    taken = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
    headers = {"Idempotency-Key": new_key(), "If-Match": '"0123456789abcdef0123456789abcdef"'}
    return sides.ask(
        method,
        addressed(path, service_id, proposal_id),
        example_of(operation, service_id),
        **{name: value for name, value in headers.items() if name in taken},
    )


def without_request_id(response: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    request_id = response.headers["x-request-id"]
    headers = [
        (name, value.replace(request_id, ""))
        for name, value in response.headers.multi_items()
        # Counts the requests of the address, whatever they are about.
        if name != "ratelimit"
    ]
    return response.status_code, response.content.replace(request_id.encode(), b""), headers


def test_every_address_of_the_api_is_in_the_document_that_is_walked(sides: Provided) -> None:
    known = {(method, path) for method, path, _ in operations(sides)}
    found = {
        (method, route.path_format)
        for route in iter_route_contexts(sides.client.app.routes)
        for method in (route.methods or ())
        if (route.path_format or "").startswith("/v1/") and method != "HEAD"
    }
    assert found <= known
    assert len(found) > 20


def test_every_route_of_providers_names_a_service_or_is_about_the_key(sides: Provided) -> None:
    for method, path, operation in operations(sides):
        if path.startswith("/v1/provider/"):
            is_about_key = (method, path) in ABOUT_THE_KEY_ITSELF
            assert names_a_service(path, operation) != is_about_key, (method, path)


def test_a_service_of_somebody_else_is_one_that_does_not_exist(sides: Provided) -> None:
    # B has something to be read, confirmed and undone.
    for service_id in (sides.b.open, sides.b.refuge):
        told = {"unit": "bed_space", "status": "accepting", "available": 1}
        assert sides.ask("PUT", capacity_of(service_id), told, token=sides.b.token).status_code == 200
    before = sides.stored()
    tried = 0
    for method, path, operation in operations(sides):
        if not path.startswith("/v1/provider/") or not names_a_service(path, operation):
            continue
        unknown = without_request_id(asked(sides, operation, uuid4(), to=(method, path)))
        for service_id in (sides.b.open, sides.b.refuge):
            answer = without_request_id(asked(sides, operation, service_id, to=(method, path)))
            assert answer == unknown, (method, path)
            assert answer[0] == 404, (method, path)
        tried += 1
    assert tried >= 8
    assert sides.stored() == before


def test_the_same_requests_about_an_own_service_find_it(sides: Provided) -> None:
    # The control: it is whose the service is that decides, and not something else about these requests.
    proposed = {"changes": {"description": "Other words."}}
    made = sides.ask("POST", f"/v1/provider/services/{sides.a.open}/proposals", proposed).json()
    for method, path, operation in operations(sides):
        if path.startswith("/v1/provider/") and names_a_service(path, operation):
            answer = asked(sides, operation, sides.a.open, to=(method, path), proposal_id=made["id"])
            assert answer.status_code in (200, 202, 412), (method, path, answer.text)
            assert str(answer.status_code) in operation["responses"]


def test_no_other_write_is_open_to_a_provider_and_none_to_nobody(sides: Provided) -> None:
    before = sides.stored()
    tried = 0
    for method, path, operation in operations(sides):
        if method == "GET" or "security" not in operation or path.startswith("/v1/provider/"):
            continue
        answer = asked(sides, operation, sides.a.open, to=(method, path))
        assert answer.status_code in (403, 404, 405, 401), (method, path)
        tried += 1
    for method, path, operation in operations(sides):
        if "security" in operation:
            target = addressed(path, sides.a.open)
            body = example_of(operation, sides.a.open)
            nobody = sides.client.request(method, target, json=body)
            assert nobody.status_code == 401, (method, path)
    assert tried >= 3
    assert sides.stored() == before


def test_a_key_for_some_services_is_for_no_other_of_its_organization(sides: Provided) -> None:
    limited = sides.key(sides.a, service_ids=frozenset({sides.a.open}))

    mine = sides.ask("GET", capacity_of(sides.a.open), token=limited)
    other = sides.ask("GET", capacity_of(sides.a.refuge), token=limited)
    shown = sides.ask("GET", "/v1/provider/me", token=limited).json()

    assert (mine.status_code, other.status_code) == (200, 404)
    assert [one["id"] for one in shown["services"]] == [str(sides.a.open)]


@pytest.mark.parametrize("scope", ["capacity:write", "service:propose"])
def test_a_key_does_what_its_scope_says_and_nothing_else(sides: Provided, scope: str) -> None:
    token = sides.key(sides.a, scopes=frozenset({scope}))
    report = sides.ask("PUT", capacity_of(sides.a.open), {"unit": "bed_space", "status": "full"}, token=token)
    proposal = sides.ask(
        "POST",
        f"/v1/provider/services/{sides.a.open}/proposals",
        {"changes": {"description": "Somebody who listens longer."}},
        token=token,
    )
    expected = (200, 403) if scope == "capacity:write" else (403, 202)
    assert (report.status_code, proposal.status_code) == expected


def test_a_curator_by_telephone_reports_about_any_service_and_a_provider_about_none_that_way(
    sides: Provided,
) -> None:
    body = {"unit": "bed_space", "status": "full", "available": 0}
    for service_id in (sides.a.open, sides.b.refuge):
        path = f"/v1/curation/services/{service_id}/capacity"
        told = sides.ask("PUT", path, body, token=sides.curator)
        assert told.json()["figures"][0]["source"] == "telephone"
        assert sides.ask("PUT", path, body).status_code == 403
        assert sides.ask("PUT", capacity_of(service_id), body, token=sides.curator).status_code == 403
    missing = sides.ask("PUT", f"/v1/curation/services/{uuid4()}/capacity", body, token=sides.curator)
    assert missing.status_code == 404
