"""`/officer/` as an officer meets it: an answer whoever asks, professional facts for an enrolled phone, and nothing stored."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.access.devices import SESSION_IDLE
from app.capacity.reporting import add_reports
from app.directory.columns import ACCOMMODATION
from app.geo.gazetteer import Gazetteer
from app.web.ages import how_long_ago
from tests.api.served import NOW, Client, StandingClock
from tests.capacity.making import contradiction
from tests.factories import BIRMINGHAM, SANDWELL, make_organization, make_service
from tests.officers import DEVICES, LINES, SECRETS, enrolled, publish_lines, published
from tests.providing import Provided
from tests.web.test_find_page import HELPLINES, page

COOKIE = "__Host-device"
OWN = {"sec-fetch-site": "same-origin"}
EVERY_STATE: dict[str, dict[str, str] | None] = {
    "empty": None,
    "adult": {"postcode": "B69 3DE", "age_group": "adult", "sex": "women", "need": "casework_advocacy"},
    "child": {"postcode": "WV1 1RG", "age_group": "child"},
    "unsure": {"area": "E08000025", "age_group": "unsure", "avoid_area": "E08000028"},
    "family": {"postcode": "CV1 5FB", "with_children": "true", "age_group": "adult"},
    "outside": {"postcode": "B77 1AG"},
    "blank": {"sex": "men"},
    "invalid": {"postcode": "canary!"},
    "not found": {"postcode": "ZZ99 9ZZ"},
    "no location": {"postcode": "JE2 3AB"},
    "wrong code": {"postcode": "B1 1BB", "need": "canary"},
    "wrong form": {"postcode": "B1 1BB", "canary": "1"},
}


def cookie(token: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={token}"}


def ask(client: Client, token: str | None = None, **fields: str) -> httpx.Response:
    return client.post("/officer/", data=fields, headers=cookie(token) if token else {})


@pytest.fixture(params=EVERY_STATE)
def response(request: pytest.FixtureRequest, client: Client) -> httpx.Response:
    fields = EVERY_STATE[request.param]
    return client.get("/officer/") if fields is None else ask(client, **fields)


def test_every_state_has_the_numbers_and_says_nothing_of_the_question(response: httpx.Response) -> None:
    found = page(response)
    numbers = {tag["href"] for tag in found.all("a") if tag.get("href", "").startswith("tel:")}
    assert {f"tel:{number.replace(' ', '')}" for number in HELPLINES} <= numbers
    for said in ("canary", "B69", "WV1", "CV1", "B77", "ZZ99", "JE2"):
        assert said not in response.text
    assert response.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in response.headers
    assert "set-cookie" not in response.headers
    assert "unsafe" not in response.headers["content-security-policy"]
    assert [tag for tag in found.all("script") if not tag["src"].startswith("/officer/")] == []


def test_what_is_wrong_never_blocks_the_screen(client: Client) -> None:
    answer = ask(client, postcode="canary!")
    assert answer.status_code == 422
    found = page(answer)
    assert found.all("div")[0].get("role") == "alert" or "alert" in [
        one.get("role") for one in found.all("div")
    ]
    assert "Choose a council area instead" in found.words


def test_the_address_without_a_slash_leads_on_and_carries_nothing(client: Client) -> None:
    answer = client.get("/officer?postcode=B11BB")
    assert (answer.status_code, answer.headers["location"]) == (308, "/officer/")


def test_three_answers_first_each_with_a_reason_and_a_way_in(client: Client) -> None:
    found = page(ask(client, postcode="B69 3DE", age_group="adult"))
    first = found.text[found.text.index("best first") :].split("Ask again")[0]
    assert [number for number in range(1, 9) if f"\n{number}. " in first] == [1, 2, 3]
    assert first.count("covers Sandwell") + first.count("covers the whole country") == 3
    # What it counts and does not show it does not pass over.
    assert re.search(r"The best 20 of [2-9][0-9] are here\. Ask again", found.words)
    few = page(ask(client, postcode="B69 3DE", age_group="adult", need="emergency_accommodation"))
    assert "are here. Ask again" not in few.words


def test_what_a_way_in_says_of_itself_is_read_and_that_it_was_not_looked_at_in_time(
    timed_client: Client, clock: StandingClock
) -> None:
    note, late = (
        "Hours not confirmed. If nobody answers, ring the Salvation Army",
        "have not been: ring to confirm",
    )

    def shown() -> list[str]:
        return [
            page(ask(timed_client, area=SANDWELL, need="helpline")).words,
            page(timed_client.get("/officer/offline")).words,
        ]

    assert [(note in words, late in words) for words in shown()] == [(True, False)] * 2
    clock.now += timedelta(days=900)
    assert [(note in words, late in words) for words in shown()] == [(True, True)] * 2


@pytest.mark.parametrize("age_group", ["child", "unsure"])
def test_a_child_is_sent_to_no_house_for_adults(client: Client, age_group: str) -> None:
    found = page(ask(client, area="E08000025", age_group=age_group))
    assert "these first" in found.words
    asked = client.post("/v1/services/search", json={"area": "E08000025", "age_group": "adult", "limit": 50})
    houses = {"emergency_accommodation", "safe_house", "move_on_housing"}
    for one in asked.json()["results"]:
        if houses & set(one["service"]["needs"]):
            assert one["service"]["name"] not in found.text


def test_the_order_is_that_of_the_search_with_what_is_full_at_the_end(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    publish_lines(sides, gazetteer)
    sides.report(status="full", available=0)
    sides.refresh()
    client = sides.client
    question: dict[str, Any] = {"area": SANDWELL, "age_group": "adult", "sex": "women"}
    asked = client.post("/v1/services/search", json=question | {"referrer": "police", "limit": 20}).json()
    full = [
        one["service"]["name"]
        for one in asked["results"]
        if one["capacity"]["status"] in ("full", "closed_temporarily")
    ]
    wanted = [one["service"]["name"] for one in asked["results"] if one["service"]["name"] not in full]
    shown = re.findall(r'<h2 id="s\d+">\d+\. (.*?)</h2>', ask(client, **question).text)
    assert [name.replace("&#39;", "'").replace("&amp;", "&") for name in shown] == wanted + full
    assert full
    assert wanted


def test_a_phone_that_is_not_enrolled_sees_what_everybody_sees(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id = publish_lines(sides, gazetteer)
    answer = ask(sides.client, area=SANDWELL)
    assert [secret for secret in SECRETS if secret in answer.text] == []
    assert "call-outcome" not in answer.text
    before = sides.stored()
    for headers in (
        {},
        OWN,
        OWN | cookie("ssd_test_d_nonsense"),
        OWN | cookie(sides.a.token),
        OWN | cookie("x" * 5000),
    ):
        tapped = sides.client.post(
            f"/officer/services/{service_id}/call-outcome", data={"outcome": "full"}, headers=headers
        )
        assert tapped.status_code == 403
    assert sides.stored() == before


def test_an_enrolled_phone_sees_lines_figures_and_calls(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id = publish_lines(sides, gazetteer)
    sides.report(sides.a.refuge, status="limited", available=2, maximum=6)
    token = enrolled(sides)["token"]

    answer = ask(sides.client, token, area=SANDWELL)

    assert [secret for secret in SECRETS if secret not in answer.text] == []
    assert "2 free of 6" in page(answer).words
    assert f"/officer/services/{service_id}/call-outcome" in answer.text
    assert "2 free" not in page(ask(sides.client, area=SANDWELL)).words


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("closed_temporarily", "closed to new people for now"),
        ("full", "full now"),
        ("waiting_list", "waiting list"),
        ("assess_first", "ring to ask about places: 2 free of 4"),
    ],
)
def test_a_number_never_hides_that_nobody_is_taken(
    sides: Provided, gazetteer: Gazetteer, status: str, said: str
) -> None:
    """Reports from before such a one was refused are stored, and have to be read rightly."""
    publish_lines(sides, gazetteer)
    with sides.database.write() as session:
        add_reports(session, [contradiction(sides.a.refuge, status, now=NOW)])
    token = enrolled(sides)["token"]
    shown = ask(sides.client, token, area=SANDWELL).text
    assert f">{said}</td>" in shown
    answer = sides.ask("POST", "/v1/officer/services/search", {"area": SANDWELL}, token=token).json()
    (figure,) = (
        figure
        for one in answer["results"]
        if one["service"]["id"] == str(sides.a.refuge)
        for figure in one["officer"]["capacity"]
    )
    assert (figure["status"], figure["available"]) == (status, 2 if status == "assess_first" else None)


def test_an_outcome_of_a_phone_that_is_not_enrolled_is_not_saved_and_the_page_says_why(
    sides: Provided,
) -> None:
    token = enrolled(sides)["token"]
    sides.clock.now += SESSION_IDLE + timedelta(hours=1)
    before = sides.stored()
    tap, sent = f"/officer/services/{sides.a.open}/call-outcome", OWN | cookie(token)

    told = sides.client.post(tap, data={"outcome": "full"}, headers=sent)
    to_script = sides.client.post(
        tap, data={"outcome": "full"}, headers=sent | {"accept": "application/json"}
    )

    assert told.status_code == to_script.status_code == 403
    assert "was not saved: this phone is not enrolled any more. Enrol it again" in page(told).words
    assert "/officer/enrol" in {tag.get("href") for tag in page(told).all("a")}
    assert to_script.headers["content-type"] == "application/problem+json"
    assert sides.stored() == before


WEEKDAYS = (
    {"kind": "weekly", "byday": ("MO", "TU", "WE", "TH", "FR"), "opens_at": "09:00", "closes_at": "17:00"},
)
DESKS: list[dict[str, Any]] = [
    {"key": "child", "name": "Desk for children", "age_group": "child", "referrers": ["police"], "phone": "0306 999 0721"},
    {"key": "adult", "name": "Desk for adults", "age_group": "adult", "referrers": ["police"], "phone": "0306 999 0722"},
    {"key": "ward", "name": "Desk for wards", "referrers": ["nhs"], "phone": "0306 999 0723"},
    {"key": "whose", "name": "Desk of nobody", "phone": "0306 999 0724"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("age_group", "desk"),
    [("adult", "Desk for adults (for adults only)"), ("child", "Desk for children (for under-18s only)")],
)
def test_a_phone_shows_the_routes_for_professionals_that_are_for_this_person_and_the_police(
    sides: Provided, gazetteer: Gazetteer, age_group: str, desk: str
) -> None:
    extra: dict[str, Any] = {
        "channel": "phone",
        "stages": ["any"],
        "visibility": "professional",
        "hours": WEEKDAYS,
    }
    publish_lines(sides, gazetteer, routes=[*LINES["routes"], *({**one, **extra} for one in DESKS)])

    words = page(ask(sides.client, enrolled(sides)["token"], area=SANDWELL, age_group=age_group)).words

    assert desk in words
    assert sum(one["name"] in words for one in DESKS) == 2
    assert "Desk of nobody (ask whether police may use it)" in words
    assert "Monday to Friday" in words


def test_the_number_that_a_referral_leads_through_comes_first_and_the_own_one_after_it(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    through = make_organization(
        make_service(
            "office",
            phones=[{"number": "0306 999 0731", "description": "Office"}],
            routes=[
                {"key": "on", "name": "By night", "channel": "via_service", "via_service": "line", "referrers": ["police"]}
            ],
        ),
        make_service("line", name="Line for the night", phones=[{"number": "0306 999 0732"}]),
        key="organization-office",
    )  # fmt: skip
    published(sides, gazetteer, through, key="office")

    for html in (
        ask(sides.client, area=SANDWELL, age_group="adult").text,
        sides.client.get("/officer/offline").text,
    ):
        card = html[
            html.index(">Example office<")
            if ">Example office<" in html
            else html.index("Example office</h2>") :
        ]
        card = card[: card.index("</li>")]
        assert [number in card for number in ("tel:+443069990732", "tel:+443069990731")] == [True, True]
        assert card.index("tel:+443069990732") < card.index("tel:+443069990731")
        assert "Line for the night" in card


def test_the_saved_list_has_no_way_in_that_is_for_others(sides: Provided, gazetteer: Gazetteer) -> None:
    routes = [
        {"key": "council", "name": "Desk of the council", "channel": "phone", "phone": "0306 999 0741", "referrers": ["council"]}
    ]  # fmt: skip
    organization = make_organization(
        make_service("closed", phones=[{"number": "0306 999 0742"}], routes=routes),
        key="organization-closed",
    )
    published(sides, gazetteer, organization, key="closed")

    html = sides.client.get("/officer/offline").text

    assert "Desk of the council" not in html
    assert "0306 999 0741" not in html
    assert (
        "Its public ways in are not for police: ring and ask."
        in page(sides.client.get("/officer/offline")).words
    )


def test_the_saved_list_has_whom_to_ring_first_for_a_child(client: Client) -> None:
    html = client.get("/officer/offline").text
    card = html[html.index('id="child-card"') : html.index('id="count"')]
    first = client.post("/v1/services/search", json={"area": BIRMINGHAM, "age_group": "child"}).json()
    called = [one["name"] for one in first["children"]["services"]]
    assert called
    assert [name for name in called if name not in unescape(card)] == []
    sheltering = html.count(" data-sheltering")
    needs = [one["needs"] for one in client.get("/v1/snapshot").json()["services"]]
    assert 0 < sheltering == sum(bool(ACCOMMODATION & set(one)) for one in needs)


@pytest.mark.parametrize("how", ["revoked", "idle", "gone"])
def test_a_session_that_is_over_is_none(sides: Provided, gazetteer: Gazetteer, how: str) -> None:
    publish_lines(sides, gazetteer)
    made = enrolled(sides)
    assert SECRETS[0] in ask(sides.client, made["token"], area=SANDWELL).text
    if how == "revoked":
        sides.ask("POST", f"{DEVICES}/{made['id']}/revoke", token=sides.curator)
    elif how == "idle":
        sides.clock.now += SESSION_IDLE + timedelta(hours=1)
    else:
        left = sides.client.post("/officer/leave", headers=OWN | cookie(made["token"]))
        assert left.status_code == 303
        assert left.headers["clear-site-data"] == '"cache", "storage"'
        assert "Max-Age=0" in left.headers["set-cookie"]
    assert SECRETS[0] not in ask(sides.client, made["token"], area=SANDWELL).text


@pytest.mark.parametrize("before_the_code", [" ", "http://localhost/officer/enrol#"])
def test_a_link_enrols_once_and_opening_it_changes_nothing(sides: Provided, before_the_code: str) -> None:
    link = sides.ask("POST", DEVICES, {"label": "Example phone"}, token=sides.curator).json()
    before = sides.stored()
    assert sides.client.get("/officer/enrol").status_code == 200
    assert sides.stored() == before

    first = sides.client.post(
        "/officer/enrol", data={"code": f"{before_the_code}{link['code']} "}, headers=OWN
    )

    assert (first.status_code, first.headers["location"]) == (303, "/officer/")
    kept = first.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=ssd_test_d_")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(kept.split("; "))
    token = kept.split(";")[0].removeprefix(f"{COOKIE}=")
    assert "enrolled" in page(ask(sides.client, token, area=SANDWELL)).words

    again = sides.client.post("/officer/enrol", data={"code": link["code"]}, headers=OWN)
    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    assert link["code"] not in again.text
    assert "does not work" in page(again).words


def test_enrolling_a_phone_again_ends_its_earlier_session_and_no_other(sides: Provided) -> None:
    mine, other = enrolled(sides, "One"), enrolled(sides, "Two")
    link = sides.ask("POST", DEVICES, {"label": "One, again"}, token=sides.curator).json()
    used = {"code": link["code"]}
    refused = sides.client.post(
        "/officer/enrol", data={"code": "nonsense"}, headers=OWN | cookie(mine["token"])
    )
    assert refused.status_code in (401, 422)
    states = _states(sides)
    assert {states[mine["id"]], states[other["id"]]} == {"active"}

    again = sides.client.post("/officer/enrol", data=used, headers=OWN | cookie(mine["token"]))

    assert again.status_code == 303
    assert _states(sides) == {mine["id"]: "revoked", other["id"]: "active", link["id"]: "active"}


def _states(sides: Provided) -> dict[str, str]:
    devices = sides.ask("GET", DEVICES, token=sides.curator).json()["results"]
    return {one["id"]: one["state"] for one in devices}


@pytest.mark.parametrize("code", ["", "nonsense", "ssd_test_l_000000000000_" + "0" * 49, "x" * 300])
def test_a_code_that_is_none_is_refused_in_words(sides: Provided, code: str) -> None:
    refused = sides.client.post("/officer/enrol", data={"code": code}, headers=OWN)
    assert refused.status_code in (401, 422)
    assert "does not work" in page(refused).words


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {},
    ],
)
def test_what_changes_something_comes_from_a_page_of_ours(
    sides: Provided, gazetteer: Gazetteer, headers: dict[str, str]
) -> None:
    service_id = publish_lines(sides, gazetteer)
    token = enrolled(sides)["token"]
    link = sides.ask("POST", DEVICES, {"label": "Another"}, token=sides.curator).json()
    before = sides.stored()
    sent = headers | cookie(token)
    tap = f"/officer/services/{service_id}/call-outcome"
    assert sides.client.post(tap, data={"outcome": "full"}, headers=sent).status_code == 403
    assert sides.client.post("/officer/leave", headers=sent).status_code == 403
    assert sides.client.post("/officer/enrol", data={"code": link["code"]}, headers=sent).status_code == 403
    assert sides.stored() == before


def test_an_origin_of_ours_is_enough_where_a_browser_sends_no_fetch_metadata(sides: Provided) -> None:
    token = enrolled(sides)["token"]
    host = sides.client.base_url
    sent = cookie(token) | {"origin": f"http://{host.netloc.decode()}"}
    assert sides.client.post("/officer/leave", headers=sent).status_code == 303


def test_a_tap_is_kept_and_the_next_officer_sees_it(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id = publish_lines(sides, gazetteer)
    tap = f"/officer/services/{service_id}/call-outcome"
    first, second = enrolled(sides, "One")["token"], enrolled(sides, "Two")["token"]

    plain = sides.client.post(tap, data={"outcome": "full"}, headers=OWN | cookie(first))
    script = sides.client.post(
        tap, data={"outcome": "full"}, headers=OWN | cookie(second) | {"accept": "application/json"}
    )

    assert "Noted: full" in page(plain).words
    assert script.json()["calls"]["in_words"] == ["two officers found it full this hour"]
    assert "Two officers found it full this hour" in page(ask(sides.client, first, area=SANDWELL)).words
    unknown = sides.client.post(
        f"/officer/services/{uuid4()}/call-outcome", data={"outcome": "full"}, headers=OWN | cookie(first)
    )
    assert unknown.status_code == 404
    wrong = sides.client.post(tap, data={"outcome": "canary"}, headers=OWN | cookie(first))
    assert wrong.status_code == 422
    assert "canary" not in wrong.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_with_the_database_away_the_public_answer_still_comes(sides: Provided, gazetteer: Gazetteer) -> None:
    publish_lines(sides, gazetteer)
    token = enrolled(sides)["token"]
    path = sides.database.path
    assert path is not None
    away = path.rename(path.with_suffix(".away"))
    try:
        answer = ask(sides.client, token, area=SANDWELL)
        assert answer.status_code == 200
        assert "Example hallux" in answer.text
        assert SECRETS[0] not in answer.text
        for said in (answer.text, sides.client.get("/officer/", headers=cookie(token)).text):
            assert "Lines and figures for professionals cannot be shown just now." in said
            assert "Enrol this phone" not in said, "it is enrolled, and a curator would be woken for nothing"
        for said in (ask(sides.client, area=SANDWELL).text, sides.client.get("/officer/").text):
            assert "Enrol this phone" in said
            assert "just now" not in said
    finally:
        away.rename(path)


def test_the_saved_list_has_public_facts_only_and_no_capacity(sides: Provided, gazetteer: Gazetteer) -> None:
    publish_lines(sides, gazetteer)
    token = enrolled(sides)["token"]
    empty = sides.client.get("/officer/offline", headers=cookie(token)).text
    assert "Example hallux" in empty
    assert [secret for secret in SECRETS if secret in empty] == []

    sides.report(sides.a.open, status="limited", available=1, maximum=4)
    sides.report(sides.a.refuge, status="full", available=0, maximum=4)
    sides.refresh()

    assert sides.client.get("/officer/offline").text == empty


def test_the_saved_list_says_when_it_was_made_and_until_when(client: Client) -> None:
    made, until = (moment.strftime("%d %b %Y, %H:%M") for moment in (NOW, NOW + timedelta(days=1)))
    found = page(client.get("/officer/offline"))
    assert f"Made {made}, to be relied on until {until}." in found.words


def test_the_worker_keeps_what_is_there_and_nothing_of_a_question(client: Client) -> None:
    worker = client.get("/officer/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "connect-src 'self'" in worker.headers["content-security-policy"]
    kept = json.loads(re.search(r"const KEPT = (\[.*?\]);", worker.text).group(1))  # type: ignore[union-attr]
    assert [path for path in kept if client.get(path).status_code != 200] == []
    # Every file that the saved list refers to is kept with it.
    saved = page(client.get("/officer/offline"))
    needed = {tag.get("src") or tag["href"] for tag in saved.all("script", "link")}
    assert needed <= set(kept)
    manifest = client.get("/officer/manifest.webmanifest").json()
    assert manifest["scope"] == manifest["start_url"] == "/officer/"
    assert client.get("/officer/pages.css").status_code == 404


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(minutes=59), "this hour"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=1, minutes=1), "2 h ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(hours=49), "3 days ago"),
    ],
)
def test_an_age_is_never_rounded_down(passed: timedelta, words: str) -> None:
    assert how_long_ago(NOW - passed, NOW) == words
