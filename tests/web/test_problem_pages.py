"""What fails before a page's own function begins is said by a page too, to a browser that asks for one."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.directory.snapshot import DirectoryHolder
from tests.api.served import served
from tests.api.test_officer_search import take_away
from tests.officers import DEVICES, curator_key, device
from tests.providing import Provided
from tests.web.test_find_page import page

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
OWN = BROWSER | {"sec-fetch-site": "same-origin"}
WITHOUT_RECORDS = [
    ("GET", "/provider/"),
    ("GET", "/curator/"),
    ("GET", "/curator/proposals"),
    ("POST", "/officer/enrol"),
    ("POST", "/officer/leave"),
    ("POST", "/provider/sign-in"),
    ("POST", "/provider/sign-out"),
    ("POST", "/curator/sign-in"),
]


@pytest.mark.parametrize(("method", "path"), WITHOUT_RECORDS)
def test_while_the_database_is_away_a_browser_gets_a_page_that_says_what_still_works(
    *, sides: Provided, database_url: str, request: pytest.FixtureRequest, method: str, path: str
) -> None:
    desk = curator_key(sides, "proposals:review")
    cookies = [f"__Host-device={device(sides)}"]
    for room, key in (("provider", sides.a.token), ("curator", desk)):
        signed_in = sides.client.post(f"/{room}/sign-in", data={"key": key}, headers=OWN)
        cookies.append(signed_in.headers["set-cookie"].partition(";")[0])
    link = sides.ask("POST", DEVICES, {"label": "Example phone"}, token=sides.curator).json()["code"]
    fields = {
        "/officer/enrol": {"code": link},
        "/provider/sign-in": {"key": sides.a.token},
        "/curator/sign-in": {"key": desk},
        "/provider/sign-out": {"form_token": "x"},
    }.get(path)
    headers = OWN | {"cookie": "; ".join(cookies)}
    take_away(sides, database_url, request)

    answer = sides.client.request(method, path, data=fields, headers=headers)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "unsafe" not in answer.headers["content-security-policy"]
    found = page(answer)
    assert "This does not work just now" in found.words
    assert ("Nothing was saved." in found.words) == (method == "POST")
    assert ("The link was not used up" in found.words) == (path == "/officer/enrol")
    links = {tag.get("href") for tag in found.all("a")}
    assert {"tel:999", "tel:08081570000", "/find", "/officer/"} <= links
    assert found.all("script") == []
    assert not any(secret in answer.text for secret in (link, sides.a.token, desk))
    assert sides.client.get("/find", headers=BROWSER).status_code == 200


def test_whoever_asks_for_json_gets_a_problem_also_from_a_page(
    sides: Provided, database_url: str, request: pytest.FixtureRequest
) -> None:
    signed_in = sides.client.post("/provider/sign-in", data={"key": sides.a.token}, headers=OWN)
    cookie = signed_in.headers["set-cookie"].partition(";")[0]
    take_away(sides, database_url, request)
    for accept in ("*/*", "application/json"):
        answer = sides.client.get("/provider/", headers={"accept": accept, "cookie": cookie})
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    # An address of the API has no pages, whoever asks.
    answer = sides.client.get("/v1/provider/me", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


def test_before_anything_is_loaded_there_is_999(sides: Provided) -> None:
    sides.client.app.state.holder = DirectoryHolder()
    for path in ("/find", "/officer/", "/provider/"):
        answer = sides.client.get(path, headers=BROWSER)
        assert answer.status_code == 503
        assert "tel:999" in {tag.get("href") for tag in page(answer).all("a")}


@pytest.mark.parametrize(
    ("method", "path", "fields", "status", "said"),
    [
        ("GET", "/find/nothing", None, 404, "Not found"),
        ("GET", "/find/services/00000000-0000-4000-8000-000000000001", None, 404, "Not found"),
        ("GET", "/find/services/canary", None, 404, "Not found"),
        ("GET", "/curator/services/canary", None, 404, "Not found"),
        ("GET", "/provider/sign-in", None, 404, "Not found"),
        ("GET", "/find/mistakes", None, 405, "This address is of a form"),
        ("POST", "/provider/sign-out", {"canary": "1"}, 422, "Nothing was saved. It did not arrive"),
        ("POST", "/provider/sign-out", {"form_token": "canary" * 50}, 422, "Nothing was saved. It did not arrive"),
        ("POST", "/curator/sign-out", {"canary": "1"}, 422, "Nothing was saved. It did not arrive"),
    ],
)  # fmt: skip
def test_what_is_not_there_or_was_tampered_with_is_said_in_plain_words(
    *, sides: Provided, method: str, path: str, fields: dict[str, str] | None, status: int, said: str
) -> None:
    answer = sides.client.request(method, path, data=fields, headers=OWN)
    assert answer.status_code == status
    words = page(answer).words
    assert said in words
    for word in ("canary", "member", "parameter", "pointer", "Allow header"):
        assert word not in words


@pytest.mark.parametrize("path", ["/find", "/officer/", "/provider/", "/curator/"])
def test_whoever_has_asked_too_often_gets_a_page_with_the_numbers(seeded: Path, path: str) -> None:
    # A whole police station may have one address.
    with served(seeded, requests_per_minute=3) as limited:
        answers = [limited.get(path, headers=BROWSER) for _ in range(4)]
        assert limited.get(path).headers["content-type"] == "application/problem+json"
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    found = page(answers[-1])
    assert "Too many tries from here" in found.words
    assert "Try again in " in found.words
    links = {tag.get("href") for tag in found.all("a")}
    assert {"tel:999", "tel:08000121700"} <= links or {"tel:999", "tel:08081570000"} <= links
    # What would be refused as well is not offered.
    assert ("or search" in found.words) == (path in ("/provider/", "/curator/"))


def test_a_fault_of_ours_is_said_by_a_page_that_shows_nothing_of_it(sides: Provided) -> None:
    sound = sides.client.app.state.holder.current
    # A gazetteer that knows its edition and nothing else.
    damaged = SimpleNamespace(edition=sound.catalogue.gazetteer.edition)
    broken = DirectoryHolder()
    broken.replace(replace(sound, catalogue=replace(sound.catalogue, gazetteer=cast("Any", damaged))))
    sides.client.app.state.holder = broken
    answer = sides.client.post("/find", data={"postcode": "B69 3DE"}, headers=OWN)
    assert answer.status_code == 500
    found = page(answer)
    assert "Something failed here" in found.words
    assert "Nothing was saved" not in found.words, "nobody knows"
    assert "tel:999" in {tag.get("href") for tag in found.all("a")}
    assert not any(word in answer.text for word in ("B69", "3DE", "AttributeError", "SimpleNamespace"))


def test_where_the_page_fails_as_well_there_is_the_problem_with_its_numbers(sides: Provided) -> None:
    sides.client.app.state.clock = lambda: 1 / 0
    answer = sides.client.get("/find", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert len(answer.json()["always"]) > 1
