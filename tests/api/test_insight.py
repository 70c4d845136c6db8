"""Insight over HTTP: for curators, declared as it is, kept nowhere, and a page that no other page can frame or script."""

import pytest

from app.curation.insight_shapes import Insight
from tests.api.checks import assert_private_problem
from tests.api.test_openapi import validator
from tests.officers import device
from tests.providing import Provided

INSIGHT = "/v1/curation/insight"
REPORT = f"{INSIGHT}/report"


def test_a_curator_gets_it_as_declared(sides: Provided) -> None:
    response = sides.ask("GET", INSIGHT, token=sides.curator)
    found = Insight.model_validate_json(response.content)
    document = sides.client.app.openapi()
    schema = document["paths"][INSIGHT]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator(document, schema).validate(response.json())
    assert response.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in response.headers
    assert found.services == 4
    assert found.freshness.confidential == 2
    assert found.made_at == sides.clock.now


def test_the_page_has_a_policy_of_its_own(sides: Provided) -> None:
    response = sides.ask("GET", REPORT, token=sides.curator)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-store"
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'")
    assert "<h1>Support in West Midlands" in response.text


@pytest.mark.parametrize("path", [INSIGHT, REPORT])
def test_nobody_else_gets_it(sides: Provided, path: str) -> None:
    assert_private_problem(sides.client.app, sides.client.get(path), 401, "unauthenticated")
    for token in (sides.a.token, device(sides)):
        assert_private_problem(sides.client.app, sides.ask("GET", path, token=token), 403, "forbidden")
    asked = sides.ask("GET", f"{path}?borough=canary", token=sides.curator)
    assert_private_problem(sides.client.app, asked, 422, "unknown-parameter")


def test_what_officers_found_is_counted_at_once(sides: Provided) -> None:
    tapped = sides.ask(
        "POST",
        f"/v1/officer/services/{sides.a.open}/call-outcomes",
        {"outcome": "wrong_number"},
        token=device(sides),
    )
    assert tapped.status_code == 200
    (found,) = sides.ask("GET", INSIGHT, token=sides.curator).json()["calls"]
    assert (found["service_id"], found["wrong_number"], found["helped"]) == (str(sides.a.open), 1, 0)
