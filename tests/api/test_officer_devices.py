"""Officers' devices on the routes of officers: enrolled once, ended at once, and over by themselves."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from app.access.devices import SESSION_IDLE, SESSION_LIVES
from tests.api.checks import assert_private_problem
from tests.officers import DEVICES, device, enrolled, searched, tap
from tests.providing import Provided

A_MICROSECOND = timedelta(microseconds=1)

Use = Callable[[Provided, str], httpx.Response]
USES: dict[str, Use] = {
    "search": searched,
    "one service": lambda sides, token: sides.ask("GET", f"/v1/officer/services/{sides.a.open}", token=token),
    "a call": lambda sides, token: tap(sides, token, sides.a.open),
}


@pytest.fixture(params=USES)
def use(request: pytest.FixtureRequest) -> Use:
    return USES[request.param]


def refused(sides: Provided, answer: httpx.Response) -> None:
    assert_private_problem(sides.client.app, answer, 401, "unauthenticated")


def noted(sides: Provided) -> None:
    """When a device was used is written by a thread of its own, which is done with it now."""
    sides.client.app.state.last_used._writer.submit(lambda: None).result()


def test_a_device_that_is_lost_is_ended_for_its_next_request(sides: Provided, use: Use) -> None:
    lost, other = enrolled(sides), device(sides)
    assert use(sides, lost["token"]).status_code == 200

    ended = sides.ask("POST", f"{DEVICES}/{lost['id']}/revoke", token=sides.curator)

    assert ended.status_code == 200
    refused(sides, use(sides, lost["token"]))
    assert use(sides, other).status_code == 200


def test_a_device_that_is_not_used_for_a_fortnight_is_ended(sides: Provided, use: Use) -> None:
    token = device(sides)
    sides.clock.now += SESSION_IDLE - A_MICROSECOND
    assert use(sides, token).status_code == 200
    noted(sides)
    # Used: from here it is a fortnight again.
    sides.clock.now += SESSION_IDLE - A_MICROSECOND
    assert use(sides, token).status_code == 200
    noted(sides)
    sides.clock.now += SESSION_IDLE
    refused(sides, use(sides, token))


def test_a_device_in_daily_use_is_ended_after_ninety_days(sides: Provided, use: Use) -> None:
    token, began = device(sides), sides.clock.now
    while sides.clock.now + timedelta(days=10) < began + SESSION_LIVES:
        sides.clock.now += timedelta(days=10)
        assert use(sides, token).status_code == 200
        noted(sides)
    sides.clock.now = began + SESSION_LIVES - A_MICROSECOND
    assert use(sides, token).status_code == 200
    noted(sides)
    sides.clock.now += A_MICROSECOND
    refused(sides, use(sides, token))


def test_the_code_of_a_link_is_no_session_and_works_once(sides: Provided, use: Use) -> None:
    link = sides.ask("POST", DEVICES, {"label": "Example phone"}, token=sides.curator).json()
    refused(sides, use(sides, link["code"]))
    first = sides.client.post("/v1/officer/devices/enrol", json={"code": link["code"]})
    second = sides.client.post("/v1/officer/devices/enrol", json={"code": link["code"]})
    assert first.status_code == 201
    refused(sides, second)
    assert use(sides, first.json()["token"]).status_code == 200


def test_a_device_does_nothing_else(sides: Provided) -> None:
    token = device(sides)
    for method, path in (("GET", DEVICES), ("GET", "/v1/curation/keys"), ("GET", "/v1/provider/me")):
        assert_private_problem(sides.client.app, sides.ask(method, path, token=token), 403, "forbidden")
