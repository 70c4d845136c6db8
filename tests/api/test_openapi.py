"""The OpenAPI document tells the truth: every example runs, every parameter is taken, every answer is declared."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest

from app.api.edge import PRIVATE_PREFIXES
from app.errors import InvalidInput, problem_catalogue
from tests.api.addresses import MISTAKES_OF, OGC, POSTED, confidential_id, readable
from tests.api.checks import assert_problem, operation_of
from tests.api.served import Client, Server


@pytest.fixture(scope="module")
def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def validator(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Validator:
    """A validator of one schema of the document (JSON Schema 2020-12), with its components in reach."""
    return jsonschema_rs.validator_for(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **schema,
            "components": document["components"],
        },
        validate_formats=True,
    )


def declared_schema(operation: dict[str, Any], status: int, media_type: str) -> dict[str, Any]:
    schema: dict[str, Any] = operation["responses"][str(status)]["content"][media_type]["schema"]
    return schema


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for member in part.values():
            yield from references(member)
    elif isinstance(part, list):
        for member in part:
            yield from references(member)


def test_every_reference_leads_to_a_schema(document: dict[str, Any]) -> None:
    for reference in references(document):
        found: Any = document
        assert reference.startswith("#/")
        for step in reference[2:].split("/"):
            found = found[step]
        assert found
    assert document["openapi"].startswith("3.1")
    assert "$defs" not in json.dumps(document)


def test_every_schema_is_a_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.validator_for({**schema, "components": document["components"]})
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            jsonschema_rs.validator_for(parameter["schema"])


def test_operations_have_names_words_and_ids_of_their_own(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["description"].strip(), (path, method)
        assert operation["tags"], (path, method)


def test_paths_in_the_document_are_those_of_the_api(client: Client, document: dict[str, Any]) -> None:
    for path in [*readable(client), *POSTED]:
        method = "POST" if path in POSTED else "GET"
        known = operation_of(document, method, path) is not None
        is_documented = (
            path.startswith(("/v1/", "/health/", "/oruk", "/ogc")) and path != "/oruk/openapi.json"
        )
        assert known == is_documented


def body_examples(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of what is public; those that need a key are tried in `test_private_examples`."""
    for path, method, operation in operations(document):
        if path.startswith(PRIVATE_PREFIXES):
            continue
        content = operation.get("requestBody", {}).get("content", {})
        for media in content.values():
            for name, example in media.get("examples", {}).items():
                yield path, f"{method} {name}", example["value"]
            for number, example in enumerate(media["schema"].get("examples", [])):
                yield path, f"{method} schema {number}", example


def test_every_example_of_a_body_is_answered_as_declared(
    either_client: Client, document: dict[str, Any]
) -> None:
    found = list(body_examples(document))
    assert {path for path, _, _ in found} == {*POSTED, MISTAKES_OF}, "every body has an example"
    for path, name, value in found:
        if path == MISTAKES_OF:
            continue
        operation = document["paths"][path]["post"]
        assert validator(
            document, operation["requestBody"]["content"]["application/json"]["schema"]
        ).is_valid(value)
        response = either_client.post(path, json=value)
        assert response.status_code == 200, name
        validator(document, declared_schema(operation, 200, "application/json")).validate(response.json())


def test_every_example_of_a_search_finds_somebody(either_client: Client, document: dict[str, Any]) -> None:
    for path, name, value in body_examples(document):
        if path == "/v1/services/search":
            assert either_client.post(path, json=value).json()["results"], name


def test_no_other_example_goes_untried(document: dict[str, Any]) -> None:
    text = json.dumps(
        {
            path: {m: {**o, "requestBody": None} for m, o in found.items()}
            for path, found in document["paths"].items()
        }
    )
    assert '"example"' not in text
    assert '"examples"' not in text


def test_every_get_is_answered_as_declared(either_client: Client, document: dict[str, Any]) -> None:
    for path in readable(either_client):
        operation = operation_of(document, "GET", path)
        if operation is not None:
            response = either_client.get(path)
            media_type = response.headers["content-type"].removesuffix("; charset=utf-8")
            schema = declared_schema(operation, 200, media_type)
            validator(document, schema).validate(response.json() if "json" in media_type else response.text)


VALUES = {
    "postcode": "B69 3DE", "lat": "52.505", "lon": "-2.015", "area": "E08000028", "need": "casework_advocacy",
    "exploitation": "sexual", "sex": "women", "age": "30", "age_group": "adult", "with_children": "true", "language": "sqi",
    "referrer": "police", "stage": "pre_nrm", "reach": "site", "has_capacity": "true", "open_at": "2026-11-25T10:00:00Z",
    "within_km": "20", "avoid_area": "E08000025", "text": "refuge", "limit": "5", "area_type": "local_authority",
    "within": "E23000014", "since": "2026-01-01T00:00:00Z", "page": "1", "per_page": "5", "format": "ndjson", "search": "law",
    "taxonomy_term_id": "265b19f4-6a16-5941-9ea5-7c5288f9637f", "taxonomy_id": "47ad5303-ecfa-52d3-9fb8-ed250a32ec85",
    "parent_id": "1d8ce841-0752-56fd-9056-3231b95cd2a6", "top_only": "true", "modified_after": "2026-01-01T00:00:00Z",
    "minimal": "true", "full": "true", "full_service": "true", "organization_id": "265b19f4-6a16-5941-9ea5-7c5288f9637f",
    "minimum_age": "18", "maximum_age": "25", "x_age": "30", "start_time": "09:00", "end_time": "17:00:00", "day": "SA",
    "proximity": "5000", "bbox": "-2.2,52.3,-1.4,52.7", "datetime": "2026-01-01T00:00:00Z", "offset": "1",
}  # fmt: skip
TOGETHER = {
    "lat": {"lon": "-2.015"},
    "lon": {"lat": "52.505"},
    "within_km": {"postcode": "B69 3DE"},
    "proximity": {"postcode": "B69 3DE"},
}


def test_every_declared_parameter_is_taken_and_does_what_it_says(
    client: Client, document: dict[str, Any]
) -> None:
    vocabulary = {
        one["code"]: [term["code"] for term in one["terms"]]
        for one in client.get("/v1/vocabulary").json()["results"]
    }
    tried, addresses = 0, readable(client)
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", []):
            name = parameter["name"]
            # Lists that need a key are read page by page in the tests of who may read them.
            if parameter["in"] != "query" or path.startswith(PRIVATE_PREFIXES):
                continue
            assert parameter["description"], name
            address = next(
                (one for one in addresses if operation_of(document, method.upper(), one) is operation), path
            )
            if name == "cursor":
                value = client.get(address, params={"limit": 1}).json()["next"]
            else:
                value = vocabulary[name][0] if name in vocabulary else VALUES[name]
            response = client.request(method, address, params={name: value} | TOGETHER.get(name, {}))
            assert response.status_code == 200, (path, name)
            # The same value means something: with a wrong one the answer is a problem, so it is not just ignored.
            wrong = client.request(method, address, params={name: "\u202e"} | TOGETHER.get(name, {}))
            assert wrong.status_code in (400, 422), (path, name)
            tried += 1
    assert tried > 20


def test_a_parameter_that_is_declared_elsewhere_is_refused(client: Client, document: dict[str, Any]) -> None:
    names = {
        p["name"] for _, _, o in operations(document) for p in o.get("parameters", []) if p["in"] == "query"
    }
    for path in readable(client):
        operation = operation_of(document, "GET", path)
        if operation is None:
            continue
        own = {parameter["name"] for parameter in operation.get("parameters", [])}
        refusal = (400, "parameter-invalid") if path in OGC else (422, "unknown-parameter")
        for name in names - own:
            assert_problem(client.app, client.get(path, params={name: VALUES.get(name, "x")}), *refusal)


def test_every_declared_problem_is_in_the_catalogue_with_its_status(document: dict[str, Any]) -> None:
    catalogue = problem_catalogue()
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            slugs = re.findall(r"\(`([a-z-]+)`\)", response["description"])
            if int(status) >= 400:
                assert slugs, (path, method, status)
                assert set(response["content"]) == {"application/problem+json"}
            assert {catalogue[slug].status for slug in slugs} <= {int(status)}


def test_every_problem_about_input_is_declared_somewhere(document: dict[str, Any]) -> None:
    said = json.dumps(document["paths"])
    later = {"import-rejected"}
    routing = {"method-not-allowed"}
    for slug, kind in problem_catalogue().items():
        if slug not in later | routing and kind is not InvalidInput:
            assert f"(`{slug}`)" in said


def test_every_problem_has_a_page(client: Client) -> None:
    for slug, kind in problem_catalogue().items():
        response = client.get(f"/problems/{slug}")
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert f"Status {kind.status}" in response.text


def test_the_capacity_of_a_confidential_service_is_declared_as_the_constant_it_is(client: Client) -> None:
    answer = client.get(f"/v1/services/{confidential_id(client)}/capacity").json()
    assert answer == {"capacity": {"status": "assess_first"}, "figures": []}


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_pages_of_the_document_load_nothing_from_elsewhere(client: Client, page: str) -> None:
    response = client.get(page)
    html = response.text
    loaded = re.findall(
        r"""<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=["']([^"']*)["']""", html
    )
    assert loaded
    for address in loaded:
        assert urlsplit(address).netloc == ""
        assert client.get(address).status_code == 200
    assert "//fonts." not in html
    policy = response.headers["content-security-policy"]
    script_rules = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in script_rules
    assert re.search(r"https?:|\*", policy) is None


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_policy_names_each_script_in_the_page_by_its_hash(client: Client, page: str) -> None:
    import base64
    import hashlib

    response = client.get(page)
    policy = response.headers["content-security-policy"]
    inline = [
        text
        for text in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", response.text, re.DOTALL)
        if text
    ]
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline
    }
    assert set(re.findall(r"'sha256-[^']+'", policy)) == hashes
    assert re.findall(r"""\son[a-z]+=["']""", response.text) == []


SCHEMATHESIS_SETTINGS = """
[checks.missing_required_header]
# Without If-Match 428, without Idempotency-Key 400; and whoever tries many keys that are none is told to wait.
expected-statuses = [400, 401, 428, 429]
"""


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(SCHEMATHESIS_SETTINGS)
    checked = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"http://127.0.0.1:{server.port}/openapi.json",
            "--phases=examples,coverage,fuzzing",
            "--checks=all",
            "--max-examples=10",
            "--seed=20261125",
            # No schema can say which postcodes there are, or that a search has one origin.
            "--exclude-checks=positive_data_acceptance",
            "--warnings=off",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-6000:]
    assert "No issues found" in checked.stdout
    assert re.search(r"Tested: (\d+)", checked.stdout)
