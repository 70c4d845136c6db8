"""What every answer must be, whatever was asked: used by all tests of the HTTP surface."""

import json
import re
from typing import Any
from urllib.parse import unquote_plus

import httpx
from fastapi import FastAPI

from app.api.problems import ProblemShape
from app.curation.changes import ServiceChanges
from app.curation.submissions import (
    AssuranceSubmission,
    CoverageSubmission,
    EligibilitySubmission,
    OrganizationSubmission,
    PhoneSubmission,
    ServiceSubmission,
)
from app.errors import problem_catalogue
from app.feed.oruk_query import OrganizationQuery, PlaceQuery, TermQuery

SHORTEST_TELLTALE = 4
"""Shorter values (a 5, `nan`) stand in every other sentence by chance."""


def assert_problem(app: FastAPI, response: httpx.Response, status: int, slug: str) -> ProblemShape:
    """A problem as agreed: RFC 9457, traceable, with the numbers to ring, open to any page, silent on what was sent."""
    problem = _assert_any_problem(app, response, status, slug)
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "no-store"
    return problem


def assert_private_problem(app: FastAPI, response: httpx.Response, status: int, slug: str) -> ProblemShape:
    """The same where a key is needed: kept nowhere, and for no page of anybody else's."""
    problem = _assert_any_problem(app, response, status, slug)
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["cache-control"] == "private, no-store"
    return problem


def _assert_any_problem(app: FastAPI, response: httpx.Response, status: int, slug: str) -> ProblemShape:
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), (
        response.text[:300]
    )
    problem = ProblemShape.model_validate_json(response.content)
    assert problem.type.endswith(f"/problems/{slug}")
    assert problem.status == status
    assert problem.title == problem_catalogue()[slug].title
    assert problem.request_id
    assert problem.request_id == response.headers["x-request-id"]
    assert "999" in [line.phone for line in problem.always]
    assert len(problem.always) > 1
    assert "access-control-allow-credentials" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"
    repeated = [value for value in sent_values(response.request) if value in everything_said(response)]
    assert repeated == []
    assert_declared(app, response.request, status, slug)
    return problem


def everything_said(response: httpx.Response) -> str:
    """Body and headers, with what JSON and HTML escape read as plain text as well."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.multi_items())
    body = response.text
    if response.headers.get("content-type", "").endswith("json"):
        body += json.dumps(json.loads(body), ensure_ascii=False)
    return f"{headers}\n{body}"


def sent_values(request: httpx.Request) -> set[str]:
    """Every text that the sender chose, from the query and the body; not the names of what is offered."""
    found: set[str] = set()
    for part in request.url.query.decode("latin-1").split("&"):
        found.update(unquote_plus(piece) for piece in part.split("="))
    body = request.content
    try:
        found.update(_leaves(json.loads(body)))
    except (ValueError, RecursionError):
        found.add(body.decode("latin-1").strip())
    return {value for value in found if len(value) >= SHORTEST_TELLTALE} - OFFERED


def _leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {leaf for part in value.values() for leaf in _leaves(part)}
    if isinstance(value, list):
        return {leaf for part in value for leaf in _leaves(part)}
    return {str(value)} if not isinstance(value, bool) and value is not None else set()


OFFERED = {
    "postcode", "area", "need", "exploitation", "age_group", "with_children", "language", "referrer", "stage", "reach",
    "has_capacity", "open_at", "within_km", "avoid_area", "text", "limit", "cursor", "since", "within", "area_type", "bbox", "datetime", "offset",
    "true", "false", "women", "adult", "child", "police", "unknown",
    "unit", "applies_to", "status", "available", "maximum", "waits_days", "observed_at", "valid_until", "accepting", "limited",
    "reports", "changes", "bed_space", "outcome", "source", "note", *ServiceChanges.model_fields, *PhoneSubmission.model_fields,
    *CoverageSubmission.model_fields, *EligibilitySubmission.model_fields, *PlaceQuery.model_fields,
    *OrganizationQuery.model_fields, *TermQuery.model_fields, *ServiceSubmission.model_fields,
    *OrganizationSubmission.model_fields, *AssuranceSubmission.model_fields, "phone", "location_id", "step", "fact", "fields",
    "reason", "question", "number", "called_on", "category",
}  # fmt: skip
"""Names that a problem may well say: they point to the field that is wrong."""


def operation_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """The operation that OpenAPI declares for a request; HEAD is what GET declares."""
    wanted = {"HEAD": "get"}.get(method, method.lower())
    # A path without parameters comes before one with, as in OpenAPI (4.8.8.1, path templating).
    for template, operations in sorted(document["paths"].items(), key=lambda one: "{" in one[0]):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            found: dict[str, Any] | None = operations.get(wanted)
            return found
    return None


def assert_declared(app: FastAPI, request: httpx.Request, status: int, slug: str) -> None:
    """A documented operation names the problem among its answers."""
    operation = operation_of(app.openapi(), request.method, request.url.path)
    if operation is None:
        return
    declared = operation["responses"].get(str(status), {"description": "nothing"})
    assert f"(`{slug}`)" in declared["description"]
    assert "application/problem+json" in declared["content"]
