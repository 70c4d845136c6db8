"""A page of ours that is left open: nothing on it goes on being free after its figure is over, whatever the device's clock does."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.hosting import StandingService
from tests.browser.visiting import Visitor

SANDWELL = "E08000028"
FREE = "Example Casework Sandwell"
ASK = "○ ask about places"
HELD = timedelta(minutes=45)


def _free(service: StandingService) -> dict[str, Any]:
    listed = httpx.get(f"{service.origin}/v1/snapshot").json()["services"]
    found: dict[str, Any] = next(one for one in listed if one["name"] == FREE)
    return found


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


def test_the_page_of_one_service_does_the_same(visitor: Visitor, service: StandingService) -> None:
    page = visitor.page()
    page.goto(f"{service.origin}/find/services/{_free(service)['id']}")
    status = page.locator("main > p.status")
    expect(status).to_contain_text("places free reported")
    _later(page, HELD + timedelta(minutes=1))
    expect(status).to_have_text(ASK)
