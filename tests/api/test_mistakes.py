"""Anybody reports a mistake out of a short list: counted by the hour, nothing kept of whoever did, for curators alone."""

from datetime import timedelta
from typing import Any

import pytest

from app.access.throttle import REPORTS_PER_HOUR
from app.models.codes import MISTAKES
from tests.api.addresses import MISTAKES_OF
from tests.api.checks import assert_problem
from tests.api.test_openapi import validator
from tests.curating import QUEUE, Curator, record_of, seen
from tests.providing import Provided


def path(service_id: object) -> str:
    return f"/v1/services/{service_id}/mistakes"


def report(
    sides: Provided, category: str = "wrong_phone", service_id: object = None, address: str = "192.0.2.7"
) -> Any:
    return sides.client.post(
        path(service_id or sides.a.open), json={"category": category}, extensions={"address": address}
    )


def test_reports_are_counted_by_the_hour_and_not_one_by_one(one: Curator) -> None:
    sides = one.sides
    for number, category in enumerate(("wrong_phone", "wrong_phone", "closed")):
        answer = report(sides, category, address=f"192.0.2.{number}")
        assert (answer.status_code, answer.json()) == (202, {"reported": True})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-store"
    sides.clock.now += timedelta(hours=1)
    report(sides, "wrong_phone", address="192.0.2.9")
    rows = sides.stored()["mistake_report"]
    assert len(rows) == 3
    (entry,) = one.get(f"{QUEUE}?kind=mistake")["results"]
    assert (entry["service_id"], entry["count"]) == (str(sides.a.open), 4)


def test_every_example_is_taken_and_answered_as_declared(sides: Provided) -> None:
    document = sides.client.app.openapi()
    operation = document["paths"][MISTAKES_OF]["post"]
    (example,) = operation["requestBody"]["content"]["application/json"]["examples"].values()
    answer = sides.client.post(path(sides.a.open), json=example["value"])
    schema = operation["responses"]["202"]["content"]["application/json"]["schema"]
    validator(document, schema).validate(answer.json())
    assert answer.status_code == 202


def test_nothing_is_kept_of_whoever_reported(one: Curator) -> None:
    sides = one.sides
    before = sides.stored()
    report(sides, address="203.0.113.77")
    after = sides.stored()
    assert [table for table in after if after[table] != before[table]] == ["mistake_report"]
    assert "203.0.113.77" not in str(after)


def test_a_report_moves_no_public_byte(one: Curator) -> None:
    sides = one.sides
    before = seen(sides, sides.a.open).content, sides.client.get("/v1/changes").content
    report(sides, "unsafe")
    assert (seen(sides, sides.a.open).content, sides.client.get("/v1/changes").content) == before


def test_a_refuge_is_reported_like_any_other_service(sides: Provided) -> None:
    of_refuge, of_open = report(sides, service_id=sides.a.refuge), report(sides)
    assert (of_refuge.status_code, of_refuge.content) == (of_open.status_code, of_open.content)


def test_what_is_not_public_is_not_found_alike(one: Curator) -> None:
    sides = one.sides
    one.take_down(sides.b.open)
    sides.refresh()
    unknown = report(sides, service_id="00000000-0000-4000-8000-000000000000")
    taken = report(sides, service_id=sides.b.open)
    for answer in (unknown, taken):
        assert_problem(sides.client.app, answer, 404, "not-found")
    assert sides.stored()["mistake_report"] == []


@pytest.mark.parametrize(
    "body", [{}, {"category": "rude"}, {"category": None}, {"category": 1}, {"category": "closed", "text": "My name is"},
             {"category": "closed", "postcode": "B69 3DE"}, []],
)  # fmt: skip
def test_only_a_category_is_taken(refusing: Provided, body: Any) -> None:
    answer = refusing.client.post(
        path(refusing.a.open), json=body, extensions={"address": f"198.51.100.{len(str(body))}"}
    )
    assert answer.status_code == 422
    assert "My name is" not in answer.text
    assert refusing.stored()["mistake_report"] == []


def test_every_category_is_taken(sides: Provided) -> None:
    for number, category in enumerate(MISTAKES):
        assert report(sides, category, address=f"192.0.2.{number}").status_code == 202


def test_one_address_may_report_a_few_and_another_goes_on(sides: Provided) -> None:
    for _ in range(REPORTS_PER_HOUR):
        assert report(sides).status_code == 202
    answer = report(sides)
    assert_problem(sides.client.app, answer, 429, "too-many-requests")
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert report(sides, address="192.0.2.8").status_code == 202
    # Reading goes on.
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 200


def test_another_page_may_send_it(sides: Provided) -> None:
    asking = {"origin": "https://www.example.org", "access-control-request-method": "POST",
              "access-control-request-headers": "content-type"}  # fmt: skip
    answer = sides.client.options(path(sides.a.open), headers=asking)
    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_what_was_dealt_with_is_put_aside_and_comes_again_when_it_is_reported_again(one: Curator) -> None:
    sides = one.sides
    report(sides)
    dismissed = one.ask("POST", record_of(sides.a.open, "/dismiss"), {"of": "mistakes"})
    assert dismissed.json() == {"service_id": str(sides.a.open), "of": "mistakes", "dismissed": 1}
    assert one.get(f"{QUEUE}?kind=mistake")["total"] == 0
    report(sides, "closed", address="192.0.2.8")
    assert one.get(f"{QUEUE}?kind=mistake")["total"] == 1
