"""`/find/services/{id}` and the pages beside it: everything a person needs to decide, and nothing made up."""

import re
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from tests.api.addresses import service_ids
from tests.api.served import Client, StandingClock
from tests.factories import SANDWELL
from tests.officers import SECRETS, publish_lines
from tests.providing import Provided
from tests.web.test_find_page import HELPLINES, assert_harmless, find, page

INFORMATION = ["/find/know", "/find/safety", "/find/privacy", "/find/accessibility"]


def of(service_id: object) -> str:
    return f"/find/services/{service_id}"


def used(phone: dict[str, str]) -> str:
    """The link of a number: one that is rung, or one that is written to."""
    return f"{'tel' if phone['phone_type'] == 'voice' else 'sms'}:{phone['e164']}"


def test_every_service_has_a_page_that_says_what_its_record_says(client: Client) -> None:
    for service_id in service_ids(client):
        record = client.get(f"/v1/services/{service_id}").json()
        response = client.get(of(service_id))
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        assert_harmless(response)
        shown = page(response)
        dialled = {
            link["href"] for link in shown.all("a") if link.get("href", "").startswith(("tel:", "sms:"))
        }
        assert {used(phone) for phone in record["phones"] if phone["phone_type"] != "whatsapp"} <= dialled
        assert {f"tel:{number.replace(' ', '')}" for number in HELPLINES} <= dialled
        assert record["name"] in shown.words
        assert all(language["name"] in shown.words for language in record["languages"])
        assert record["name"] not in shown.text[: shown.text.index("Skip to main content")], (
            "the title of the page, which histories keep, says nothing"
        )
        levels = [int(tag[1]) for tag, _ in shown.tags if tag in ("h1", "h2", "h3")]
        assert levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))


def test_what_is_not_known_is_said_to_be_and_never_looks_like_no(client: Client) -> None:
    seen = 0
    for service_id in service_ids(client):
        record = client.get(f"/v1/services/{service_id}").json()
        words = page(client.get(of(service_id))).words
        unknown = [name for name, told in record["information_flow"].items() if told == "unknown"]
        assert words.count(": not known") == len(unknown)
        seen += len(unknown)
        # The duty to notify is no duty to name: "always" alone would keep people from the police and the councils.
        named = "without the name of an adult who does not agree" in words
        assert named == (record["information_flow"]["home_office_nrm"] == "always")
        if record["anonymous_contact"] is None:
            assert "It is not known whether you can talk to them without giving your name" in words
    assert seen


def test_it_says_all_that_is_known_of_whom_it_accepts_and_asks_about_the_rest_of_a_bed(
    client: Client,
) -> None:
    pages = {}
    for service_id in service_ids(client):
        record = client.get(f"/v1/services/{service_id}").json()
        words = pages[record["name"]] = page(client.get(of(service_id))).words
        funds = record["eligibility"]["no_recourse_to_public_funds"]
        is_bed = {"emergency_accommodation", "safe_house", "move_on_housing"} & set(record["needs"])
        assert ("Also for people without recourse to public funds." in words) == (funds == "yes")
        assert ("Not for people without recourse to public funds." in words) == (funds == "no")
        asked = re.search(r"Ask about: [^.]*people without recourse to public funds", words)
        assert bool(asked) == (funds == "ask" and bool(is_bed))
        for area in record["coverage"]["areas"]:
            assert area["name"] in words
        for district in record["coverage"]["postcode_districts"]:
            assert f"postcodes that begin with {district}" in words
    assert "There is a way in without steps." in pages["Example Drop-in"]
    night_line = pages["Example Night Line"]
    assert "health staff and a charity or community group" in night_line, (
        "every referrer, not the first three"
    )


def test_results_lead_to_the_page_of_each_service(client: Client) -> None:
    answer = find(client, area=SANDWELL)
    shown = page(answer)
    pages = [link["href"] for link in shown.all("a") if link.get("href", "").startswith("/find/services/")]
    assert {client.get(link).status_code for link in pages} == {200}
    # A way in through a service whose number is not known leads to the page of that one too.
    links = re.findall(r'<h2 id="s\d+"><a href="([^"]+)"', answer.text)
    found = client.post("/v1/services/search", json={"area": SANDWELL, "limit": 50}).json()
    assert links == [f"/find/services/{one['service']['id']}" for one in found["results"]]
    assert found["total"] == len(links) > 10, "what the heading counts can be read"


def test_lines_for_professionals_are_not_on_it(sides: Provided, gazetteer: object) -> None:
    service_id = publish_lines(sides, gazetteer)  # type: ignore[arg-type]
    text = sides.client.get(of(service_id)).text
    assert "0306 999 0701" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_the_page_of_a_house_is_the_same_whatever_it_reports(sides: Provided) -> None:
    before = sides.client.get(of(sides.a.refuge)).text
    assert "confidential place" in before
    assert 'class="status"' not in before, "nobody can be reached: there is no asking about places"
    sides.report(sides.a.refuge, status="full", available=0)
    sides.refresh()
    assert sides.client.get(of(sides.a.refuge)).text == before


def test_a_figure_past_its_time_is_to_be_asked_about(sides: Provided) -> None:
    sides.report(sides.a.open, status="accepting", available=3)
    sides.refresh()
    assert "places free reported this hour" in page(sides.client.get(of(sides.a.open))).words
    sides.clock.now += timedelta(hours=13)
    words = page(sides.client.get(of(sides.a.open))).words
    assert "ask about places" in words
    assert "places free" not in words


def test_an_overdue_fact_says_so(timed_client: Client, clock: StandingClock) -> None:
    service_id = service_ids(timed_client)[0]
    assert "Overdue" not in page(timed_client.get(of(service_id))).words
    clock.now += timedelta(days=900)
    assert "Overdue" in page(timed_client.get(of(service_id))).words


def test_a_service_that_is_not_public_has_no_page(client: Client) -> None:
    response = client.get(of(uuid4()))
    assert response.status_code == 404
    assert client.get(of("nothing")).status_code == 404


@pytest.mark.parametrize("address", INFORMATION)
def test_the_pages_beside_it_stand_on_their_own(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert_harmless(response)
    assert set(INFORMATION) <= {link.get("href") for link in page(response).all("a")}


def test_every_text_is_read_somewhere_and_who_may_refer_and_by_when_they_were_to_be_read_again(
    timed_client: Client, clock: StandingClock
) -> None:
    told = timed_client.get("/v1/guidance").json()
    read = {one: page(timed_client.get(one)).words for one in ("/find/know", "/find/safety", "/officer/")}
    for text in told["results"]:
        [place] = [one for one, words in read.items() if " ".join(text["body"].split()) in words]
        assert (place == "/officer/") == (text["audience"] == "officer")
    assert len(told["first_responders"]) > 20
    assert [one["name"] for one in told["first_responders"] if one["name"] not in read["/find/know"]] == []
    assert "overdue" not in read["/find/know"]
    clock.now += timedelta(days=900)
    late = page(timed_client.get("/find/know")).words
    assert late.count("overdue: it should have been read again by") > 10


def test_the_exit_is_on_every_page_for_visitors(client: Client) -> None:
    for address in ("/find", *INFORMATION, of(service_ids(client)[0])):
        [exit_link] = [link for link in page(client.get(address)).all("a") if link.get("class") == "exit"]
        assert exit_link["href"] == "https://www.bbc.co.uk/weather"
        assert "noreferrer" in exit_link["rel"]


def test_who_cannot_speak_or_hear_is_told_how_else(client: Client) -> None:
    for path in ("/find", *INFORMATION):
        assert "/find/safety#without-a-call" in {link.get("href") for link in page(client.get(path)).all("a")}
    texts = {one["slug"]: one for one in client.get("/v1/guidance").json()["results"]}
    words = page(client.get("/find/safety")).words
    for slug in ("danger-now", "danger-without-a-call"):
        assert texts[slug]["title"] in words
        assert texts[slug]["body"].partition(":")[0].partition(".")[0] in words
    assert "Text 999 if your phone is registered" in words
