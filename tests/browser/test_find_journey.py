"""`/find` walked to the number that is rung: by a survivor without mouse and scripts, by somebody worried, by a professional."""

import json
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.api.served import ANSWERS_WITHIN_S, ROOT
from tests.browser.hosting import StandingService
from tests.browser.visiting import PHONE, Visitor
from tests.browser.walking import (
    asked,
    choose_by_keyboard,
    first_rung,
    id_of,
    is_called,
    numbers_of,
    record_of,
    tab_to,
    term,
)

SANDWELL, COVENTRY = "E08000028", "E08000026"
HELPLINES: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "seed_data" / "helplines.yaml").read_text(encoding="utf-8")
)
HELPLINE = "Modern Slavery & Exploitation Helpline"


def dialled(name: str) -> str:
    """The number of a helpline, from the file that it comes from."""
    (found,) = [one["phone"] for one in HELPLINES if one["name"] == name]
    return str(found).replace(" ", "")


@pytest.fixture
def plain(visitor: Visitor, service: StandingService) -> Page:
    """The page as somebody has it whose browser runs no scripts."""
    page = visitor.page(java_script_enabled=False, standing=False)
    page.goto(f"{service.origin}/find")
    return page


def find_by_keyboard(page: Page, **chosen: str) -> None:
    for field, name in chosen.items():
        choose_by_keyboard(page, field, name)
    tab_to(page, is_called("Find services"))
    page.keyboard.press("Enter")
    page.locator("#results").wait_for()


def test_a_survivor_without_mouse_and_scripts_comes_to_a_number(
    plain: Page, service: StandingService
) -> None:
    # Danger first: on the screen before anything is pressed, and the first number that the keyboard comes to.
    danger = plain.get_by_role("region", name="In danger now")
    expect(danger).to_be_in_viewport(ratio=1)
    assert "press 55" in danger.inner_text()
    passed = tab_to(plain, is_called("999"))
    assert [one for one in passed if one.startswith("tel:")] == ["tel:999"]
    heading = plain.locator("h1").bounding_box()
    box = danger.bounding_box()
    assert box is not None
    assert heading is not None
    assert box["y"] < heading["y"]

    need = term(service.origin, "need", "casework_advocacy")
    who = term(service.origin, "referrer", "self")
    find_by_keyboard(plain, area="Sandwell", need=need, age_group="18 or over", referrer=who)

    question = {"area": SANDWELL, "need": "casework_advocacy", "age_group": "adult", "referrer": "self"}
    results = asked(service.origin, **question)["results"]
    names = plain.locator(".results h2").all_text_contents()
    assert names == [one["service"]["name"] for one in results]
    # Some are reached by a form only: the first number that is rung is that of the first who has one.
    name, number = next(
        (one["service"]["name"], numbers[0])
        for one in results
        if (numbers := numbers_of(service.origin, one))
    )
    passed = tab_to(plain, lambda one: one.get_attribute("class") == "call")
    assert [one for one in passed if one.startswith("tel:")] == ["tel:999", f"tel:{number}"]
    expect(plain.locator(".card", has_text=name)).to_contain_text("covers Sandwell")

    # The way to what happens to their information, and there the same number.
    plain.locator("#results").focus()
    tab_to(plain, is_called(name))
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", level=1)).to_have_text(name)
    assert plain.locator("main").locator(".call").first.get_attribute("href") == f"tel:{number}"
    information = plain.get_by_role("heading", name="What happens to your information")
    expect(information).to_be_visible()
    told = plain.locator("main").inner_text()
    for recipient in ("Police:", "Immigration enforcement:", "National Referral Mechanism:"):
        assert recipient in told
    tab_to(plain, is_called("Exit this page"))


def test_a_night_line_that_needs_no_name_says_so_and_says_who_is_told(
    plain: Page, service: StandingService
) -> None:
    record = record_of(service.origin, id_of(service.origin, "Example Night Line"))
    assert record["anonymous_contact"] is True
    plain.goto(f"{service.origin}/find/services/{record['id']}")
    words = plain.locator("main").inner_text()
    assert "You can talk to them without giving your name." in words
    assert "Immigration enforcement: never" in words
    assert first_rung(plain) == record["phones"][0]["e164"]


def test_somebody_who_is_worried_about_another_is_told_whom_to_ring_and_not_to_step_in(
    visitor: Visitor, service: StandingService
) -> None:
    page = visitor.page(size=PHONE)
    page.goto(f"{service.origin}/find")
    worried = page.get_by_role("region", name="Worried about somebody else?")
    expect(worried).to_contain_text("Do not speak to whoever may be exploiting them")
    worried.get_by_role("link", name="national numbers").click()
    last = page.get_by_role("region", name="National numbers")
    expect(last).to_be_in_viewport()
    helpline = last.get_by_role("listitem").filter(has_text=HELPLINE)
    assert first_rung(helpline) == dialled(HELPLINE)
    # In the order of the file, on every page.
    rung = last.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href').slice(4))")
    assert rung == [one["phone"].replace(" ", "") for one in HELPLINES]

    page.locator("#referrer").select_option(label=term(service.origin, "referrer", "friend_public"))
    page.locator("#area").select_option(label="Sandwell")
    page.get_by_role("button", name="Find services").click()
    page.locator("#results").wait_for()
    # Under 18 has not been ruled out: the council's children's services stand before everything else.
    children = asked(service.origin, area=SANDWELL, referrer="friend_public")["children"]["services"]
    assert first_rung(page.locator("main")) == children[0]["phones"][0]["e164"]


def test_a_professional_sees_the_way_to_refer_and_how_old_the_figure_is(
    visitor: Visitor, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(f"{service.origin}/find")
    chosen = {"need": "casework_advocacy", "sex": "women", "age_group": "adult", "referrer": "council"}
    page.locator("#postcode").fill("B69 3DE")
    for field, code in chosen.items():
        page.locator(f"#{field}").select_option(code)
    page.get_by_role("button", name="Find services").click()

    results = asked(service.origin, postcode="B69 3DE", **chosen)["results"]
    assert results
    cards = page.locator(".results .card")
    for card, result in zip(cards.all(), results, strict=True):
        words = card.text_content() or ""
        assert all(reason in words for reason in result["reasons"] if reason != "ask about places")
        if result["referral_route"]:
            assert f"How to refer: {result['referral_route']['name']}" in words
        rung = card.locator("a.call").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert rung == [f"tel:{number}" for number in numbers_of(service.origin, result)]

    (casework,) = [one for one in results if one["service"]["name"] == "Example Casework Sandwell"]
    page.get_by_role("link", name="Example Casework Sandwell", exact=True).click()
    words = page.locator("main").inner_text()
    assert casework["capacity"]["status"] == "accepting"
    assert "places free" in words
    assert "reported " in words
    assert "How to get help here" in words
    assert "Where this comes from" in words


def test_a_file_for_the_whole_list_is_on_the_page_of_developers(
    visitor: Visitor, service: StandingService
) -> None:
    page = visitor.page(standing=False)
    page.goto(f"{service.origin}/find")
    page.get_by_role("link", name="For developers").click()
    page.wait_for_url("**/docs")
    document = json.loads(httpx.get(f"{service.origin}/openapi.json", timeout=ANSWERS_WITHIN_S).text)
    assert "/v1/exports/services.csv" in document["paths"]
