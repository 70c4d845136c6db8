"""Nothing old looks fresh: by the clock of the page itself, a figure that is over is unknown, whatever the list said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.api.served import ANSWERS_WITHIN_S, NOW
from tests.browser.embedding import Finder, change_snapshot, host_page
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import Visitor

FREE = "Example Casework Sandwell"
Opened = Callable[..., Finder]


@pytest.fixture
def opened(visitor: Visitor, host: HostSite, service: StandingService) -> Opened:
    """Opens a page with the widget; `behind` is how much the page's clock is slow."""

    def open_page(behind: timedelta = timedelta()) -> Finder:
        page = visitor.page()
        page.clock.set_system_time(NOW - behind)
        page.goto(host.put("/help", host_page(service.origin)))
        finder = Finder.on(page)
        finder.show_all()
        return finder

    return open_page


def capacity_of(service: StandingService, name: str) -> dict[str, Any]:
    listed = httpx.get(f"{service.origin}/v1/snapshot", timeout=ANSWERS_WITHIN_S).json()["services"]
    found: dict[str, Any] = next(one for one in listed if one["name"] == name)["capacity"]
    return found


def until(service: StandingService, name: str) -> timedelta:
    """How long the figure of a service is still good for."""
    return datetime.fromisoformat(capacity_of(service, name)["valid_until"]) - NOW


def no_more_lists(finder: Finder) -> None:
    """The service cannot be reached any more: what the page shows is up to the page."""
    finder.element.page.route("**/v1/snapshot", lambda route: route.abort())


def test_a_status_is_a_word_a_shape_and_a_colour(opened: Opened) -> None:
    finder = opened()
    free = finder.card(FREE).locator(".status")
    expect(free).to_have_text("● Places free")
    full = finder.card("Example English Classes").locator(".status")
    expect(full).to_have_text("■ Full now")
    unknown = finder.card("Support centre").locator(".status")
    expect(unknown).to_have_text("○ Ask about places")
    colours = {one.evaluate("one => getComputedStyle(one).color") for one in (free, full, unknown)}
    assert len(colours) == 3


def test_no_number_stands_for_what_is_not_known(opened: Opened) -> None:
    finder = opened()
    for line in finder.inside(".status").all_inner_texts():
        assert not any(character.isdigit() for character in line)


def test_a_figure_that_runs_out_while_the_page_is_open_becomes_ask(
    opened: Opened, service: StandingService
) -> None:
    finder = opened()
    left = until(service, FREE)
    # The list itself is good for longer than the figure in this test, and cannot be had anew.
    assert timedelta(minutes=1) < left
    page = finder.element.page
    status, age = finder.card(FREE).locator(".status"), finder.card(FREE).locator(".status + span")
    expect(status).to_have_text("● Places free")
    no_more_lists(finder)
    finder.element.evaluate("host => { host.finder.end = Infinity }")
    page.clock.fast_forward((left - timedelta(minutes=1)) // timedelta(milliseconds=1))
    expect(status).to_have_text("● Places free")
    page.clock.fast_forward("01:00")
    expect(status).to_have_text("○ Ask about places")
    expect(age).to_be_hidden()
    assert "Places free" not in finder.card(FREE).inner_text()


def test_a_list_that_cannot_be_had_anew_loses_what_it_says_of_capacity_and_opening(opened: Opened) -> None:
    finder = opened()
    page = finder.element.page
    no_more_lists(finder)
    assert "Open now" in finder.words()
    names = finder.names()
    page.clock.fast_forward("46:00")
    expect(finder.card(FREE).locator(".status")).to_have_text("○ Ask about places")
    words = finder.words()
    for said in (
        "Places free",
        "Few places left",
        "Full now",
        "Waiting list",
        "Open now",
        "Open day and night",
        "Closed until",
    ):
        assert said not in words
    assert finder.names() == names
    assert "0121 496 0012" in words


@pytest.mark.parametrize("behind", [timedelta(days=1), timedelta(days=400)])
def test_a_clock_that_is_slow_keeps_nothing_fresh(
    opened: Opened, service: StandingService, behind: timedelta
) -> None:
    finder = opened(behind)
    page = finder.element.page
    expect(finder.card(FREE).locator(".status")).to_have_text("● Places free")
    no_more_lists(finder)
    page.clock.fast_forward("46:00")
    expect(finder.card(FREE).locator(".status")).to_have_text("○ Ask about places")


def test_a_clock_that_is_set_back_meanwhile_keeps_nothing_fresh(opened: Opened) -> None:
    finder = opened()
    page = finder.element.page
    no_more_lists(finder)
    page.clock.fast_forward("30:00")
    page.clock.set_system_time(NOW - timedelta(days=3))
    page.clock.fast_forward("16:00")
    expect(finder.card(FREE).locator(".status")).to_have_text("○ Ask about places")


def test_a_clock_that_is_fast_says_ask_and_never_free(opened: Opened) -> None:
    finder = opened(timedelta(days=-2))
    expect(finder.card(FREE).locator(".status")).to_have_text("○ Ask about places")
    assert "Open now" not in finder.words()


def test_a_figure_ages_by_itself(opened: Opened, service: StandingService) -> None:
    finder = opened()
    said = capacity_of(service, FREE)
    confirmed, valid_until = (datetime.fromisoformat(said[name]) for name in ("confirmed_at", "valid_until"))
    age = finder.card(FREE).locator(".status + span")
    ages_in = confirmed + (valid_until - confirmed) / 3 - NOW
    assert ages_in > timedelta(), "fresh at first"
    expect(age).not_to_contain_text("call to check")
    expect(age).to_contain_text("updated")
    no_more_lists(finder)
    finder.element.evaluate("host => { host.finder.end = Infinity }")
    finder.element.page.clock.fast_forward((ages_in + timedelta(seconds=1)) // timedelta(milliseconds=1))
    expect(age).to_contain_text("call to check")


def test_a_service_that_closes_is_not_said_to_be_open(opened: Opened, service: StandingService) -> None:
    finder = opened()
    outreach = finder.card("Example Outreach")
    expect(outreach).to_contain_text("Open now, until \u206617:00\u2069")
    no_more_lists(finder)
    finder.element.evaluate("host => { host.finder.end = Infinity }")
    finder.element.page.clock.fast_forward("06:39:31")
    expect(outreach).not_to_contain_text("Open now")
    expect(outreach).to_contain_text("0121 496 0011")


def test_the_list_is_had_anew_every_five_minutes_and_the_reader_keeps_their_place(
    opened: Opened, visitor: Visitor, service: StandingService
) -> None:
    finder = opened()
    page = finder.element.page
    finder.choose("need", "casework_advocacy")
    finder.show_all()
    finder.card("Example Outreach").locator("summary").click()
    finder.inside("#postcode").fill("B1 1")
    finder.card(FREE).locator("summary").focus()
    focused = "host => host.shadowRoot.activeElement.id"
    before = finder.element.evaluate(focused)
    asked = len([one for one in visitor.asked() if one.endswith("/v1/snapshot")])
    service.clock.now = NOW + timedelta(hours=7)
    with page.expect_response("**/v1/snapshot"):
        page.clock.fast_forward("05:31")
    expect(finder.card("Example Outreach")).to_contain_text("Closed until")
    assert len([one for one in visitor.asked() if one.endswith("/v1/snapshot")]) == asked + 1
    assert finder.card("Example Outreach").locator("details").get_attribute("open") is not None
    expect(finder.inside("#need")).to_have_value("casework_advocacy")
    expect(finder.inside("#postcode")).to_have_value("B1 1")
    assert finder.element.evaluate(focused) == before


def test_a_page_that_comes_back_after_a_while_looks_at_its_clock(opened: Opened) -> None:
    finder = opened()
    page = finder.element.page
    no_more_lists(finder)
    # As after a sleep: time has passed, and no timer has run.
    page.clock.set_system_time(NOW + timedelta(hours=10))
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(finder.card(FREE).locator(".status")).to_have_text("○ Ask about places")


def test_a_page_that_wakes_up_has_the_list_anew_at_once(opened: Opened, service: StandingService) -> None:
    finder = opened()
    page = finder.element.page
    # As after a night: the clock has moved on, and what counts milliseconds has stood still with the machine.
    service.clock.now = NOW + timedelta(hours=10)
    page.clock.set_system_time(service.clock.now)
    with page.expect_response("**/v1/snapshot"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.parametrize("lost", ["always", "areas", "children"])
def test_a_list_that_cannot_be_shown_does_not_stop_the_clock_of_the_one_that_is(
    opened: Opened, lost: str
) -> None:
    finder = opened()
    page = finder.element.page
    names, status = finder.names(), finder.card(FREE).locator(".status")
    finder.inside("#postcode").fill("B1 1")

    def spoil(snapshot: dict[str, Any]) -> None:
        del snapshot[lost]
        # As if nothing else were wrong with it, and good for a year.
        snapshot["valid_until"] = (NOW + timedelta(days=365)).isoformat()
        snapshot["services"] = snapshot["services"][:1]

    change_snapshot(page, spoil)
    with page.expect_response("**/v1/snapshot"):
        page.clock.fast_forward("05:31")
    expect(status).to_have_text("● Places free")
    page.clock.fast_forward("41:00")
    expect(status).to_have_text("○ Ask about places")
    assert finder.names() == names
    expect(finder.inside("#postcode")).to_have_value("B1 1")


def test_time_goes_on_while_a_list_does_not_come(opened: Opened) -> None:
    finder = opened()
    page = finder.element.page
    page.route("**/v1/snapshot", lambda _: None)
    # Older browsers cannot say how long to wait for an answer.
    page.evaluate("delete AbortSignal.timeout")
    page.clock.fast_forward("05:31")
    page.clock.fast_forward("41:00")
    expect(finder.card(FREE).locator(".status")).to_have_text("○ Ask about places")
