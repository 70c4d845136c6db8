"""A page of ours that is left open: nothing on it goes on being free after its figure is over, whatever the device's clock does."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from app.directory.hours import LONDON
from tests.api.served import ANSWERS_WITHIN_S, NOW
from tests.browser.hosting import StandingService
from tests.browser.visiting import Visitor

SANDWELL = "E08000028"
FREE = "Example Casework Sandwell"
ASK = "○ ask about places"
HELD = timedelta(minutes=45)


def _free(service: StandingService) -> dict[str, Any]:
    listed = httpx.get(f"{service.origin}/v1/snapshot", timeout=ANSWERS_WITHIN_S).json()["services"]
    found: dict[str, Any] = next(one for one in listed if one["name"] == FREE)
    return found


def _closes(service: StandingService) -> datetime:
    """When it closes that is to open next; the clock stands a minute after it has opened."""
    service.clock.now = datetime.fromisoformat(_free(service)["open"]["until"]) + timedelta(minutes=1)
    opening = _free(service)["open"]
    assert opening["now"]
    return datetime.fromisoformat(opening["until"])


def _card(page: Page) -> Locator:
    return page.locator("li.card").filter(has=page.get_by_role("heading", name=FREE))


def _asked(visitor: Visitor, service: StandingService, path: str) -> Page:
    page = visitor.page()
    page.goto(f"{service.origin}{path}")
    page.locator("#area").select_option(SANDWELL)
    page.locator("#need").select_option("casework_advocacy")
    page.get_by_role("button", name="Find").click()
    page.locator("#results").wait_for()
    return page


def _later(page: Page, passed: timedelta) -> None:
    page.clock.fast_forward(passed // timedelta(milliseconds=1))


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_a_figure_is_shown_for_three_quarters_of_an_hour_at_most(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    page = _asked(visitor, service, path)
    name = page.locator("li.card").filter(has_text="places free").locator("h2").first.text_content()
    # By its text: it may stand in a part of the page that is folded up.
    card = page.locator("li.card").filter(has=page.locator("h2", has_text=name))
    status = card.locator("p.status")
    expect(status).to_contain_text("places free reported")
    _later(page, HELD - timedelta(minutes=1))
    expect(status).to_contain_text("places free reported")
    _later(page, timedelta(minutes=2))
    expect(status).to_have_text(ASK)
    assert "places free" not in (card.text_content() or "")


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_it_ends_with_the_figure(visitor: Visitor, service: StandingService, path: str) -> None:
    until = datetime.fromisoformat(_free(service)["capacity"]["valid_until"])
    service.clock.now = until - timedelta(minutes=10)
    page = _asked(visitor, service, path)
    expect(_card(page).locator("p.status")).to_contain_text("places free")
    # The clock of the phone is set back by a day: what has passed has passed all the same.
    page.clock.set_system_time(service.clock.now - timedelta(days=1))
    _later(page, timedelta(minutes=11))
    expect(_card(page).locator("p.status")).to_have_text(ASK)


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_nobody_is_said_to_be_open_who_has_closed(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    until = _closes(service)
    service.clock.now = until - timedelta(minutes=10)
    page = _asked(visitor, service, path)
    # By its text: it may stand in a part of the page that is folded up.
    card = page.locator("li.card").filter(has=page.locator("h2", has_text=FREE))
    words = f"open until {until.astimezone(LONDON):%H:%M}"
    expect(card).to_contain_text(words)
    _later(page, timedelta(minutes=9))
    expect(card).to_contain_text(words)
    _later(page, timedelta(minutes=2))
    expect(card).not_to_contain_text("open until")


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_what_never_closes_is_not_said_of_a_page_of_last_night(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    page = _asked(visitor, service, path)
    answers = page.locator("li.card:has(h2)")
    said = ("open day and night", "open until", "closed until")
    assert any(words in (answers.all_text_contents()[0]) for words in said)
    _later(page, HELD + timedelta(minutes=1))
    text = " ".join(answers.all_text_contents())
    assert not [words for words in said if words in text]


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_paper_has_nothing_that_is_over_when_it_is_read(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    page = _asked(visitor, service, path)
    page.emulate_media(media="print")
    printed = page.locator("main").inner_text()
    assert "covers Sandwell" in printed
    assert not [said for said in ("places free", "reported", "open until", "open day") if said in printed]


def test_without_scripts_a_page_says_from_when_it_is(visitor: Visitor, service: StandingService) -> None:
    page = visitor.page(java_script_enabled=False, standing=False)
    page.goto(f"{service.origin}/find")
    page.locator("#area").select_option(SANDWELL)
    page.get_by_role("button", name="Find services").click()
    stamp = f"As of {NOW.astimezone(LONDON):%d %b %Y, %H:%M}."
    expect(page.get_by_text(stamp)).to_be_visible()
    page.goto(f"{service.origin}/find/services/{_free(service)['id']}")
    expect(page.get_by_text(stamp)).to_be_visible()


def test_the_page_of_one_service_does_the_same(visitor: Visitor, service: StandingService) -> None:
    _closes(service)
    page = visitor.page()
    page.goto(f"{service.origin}/find/services/{_free(service)['id']}")
    status = page.locator("main > p.status")
    expect(status).to_contain_text("places free reported")
    expect(page.get_by_text("Open until")).to_be_visible()
    _later(page, HELD + timedelta(minutes=1))
    expect(status).to_have_text(ASK)
    expect(page.get_by_text("Open until")).to_be_hidden()
