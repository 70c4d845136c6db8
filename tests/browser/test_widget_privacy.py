"""Nobody learns what was sought: not the service, not its log, not the page's site, and not the next person at the screen."""

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.api.served import Server, StandingClock
from tests.browser.embedding import FALLBACK, Finder, host_page
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import Visitor

SOUGHT = {"need": "legal_immigration", "language": "sqi", "age": "adult", "area": "E08000029"}
POSTCODE = "B69 3DE"
AREA_OF_IT = "E08000028"
FIELDS_OF_A_BROWSER = {"accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "host",
                       "origin", "user-agent", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-fetch-dest",
                       "sec-fetch-mode", "sec-fetch-site", "cache-control", "pragma", "sec-gpc", "priority", "dnt",
                       "access-control-request-headers", "access-control-request-method", "sec-fetch-storage-access"}  # fmt: skip


def seek_everything(finder: Finder) -> None:
    for field, value in SOUGHT.items():
        finder.choose(field, value)
    finder.find(POSTCODE)
    expect(finder.count).to_be_focused()
    finder.inside("summary:visible").first.click()


def told(request: Request) -> str:
    """Everything that a request says."""
    return json.dumps([request.method, request.url, request.all_headers(), request.post_data])


def test_the_requests_are_these_and_say_nothing_of_what_is_sought(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(host.put("/help", host_page(service.origin)))
    seek_everything(Finder.on(page))
    from_widget = [one for one in visitor.requests if one.url.startswith(service.origin)]
    assert [f"{one.method} {urlsplit(one.url).path}" for one in from_widget] == [
        "GET /widget/v1.js",
        "GET /v1/snapshot",
        "POST /v1/place",
    ]
    assert {urlsplit(one.url).netloc for one in visitor.requests} == {
        urlsplit(service.origin).netloc,
        urlsplit(host.origin).netloc,
    }
    for request in from_widget:
        assert urlsplit(request.url).query == ""
        headers = request.all_headers()
        assert set(headers) <= FIELDS_OF_A_BROWSER, "no cookie, no referrer, nothing of its own"
        # The browser itself names the site, never the page (RFC 6454).
        assert headers.get("origin", host.origin) == host.origin
        assert not [value for value in SOUGHT.values() if value in told(request)]
    posted = from_widget[-1]
    assert posted.post_data == json.dumps({"postcode": POSTCODE}, separators=(",", ":"))
    assert POSTCODE.replace(" ", "") not in told(posted).replace("+", "").replace("%20", "")


def test_nothing_is_left_in_the_browser(visitor: Visitor, host: HostSite, service: StandingService) -> None:
    page = visitor.page()
    page.goto(host.put("/help", host_page(service.origin)))
    before, title = visitor.kept(page), page.title()
    seek_everything(Finder.on(page))
    assert visitor.kept(page) == before
    assert before == {
        "local": {}, "session": {}, "cookie": "", "databases": 0, "caches": 0, "workers": 0, "history": 2, "cookies": [],
    }  # fmt: skip
    assert page.url == f"{host.origin}/help"
    assert page.title() == title
    assert visitor.console == []
    assert POSTCODE not in page.content()
    typed = (
        Finder.on(page)
        .inside("input")
        .evaluate_all("all => all.map(one => [one.autocomplete, one.name, one.value])")
    )
    assert typed == [["off", "", ""]]


def test_what_was_sought_is_gone_after_a_reload(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(host.put("/help", host_page(service.origin)))
    seek_everything(Finder.on(page))
    page.reload()
    finder = Finder.on(page)
    for field in (*SOUGHT, "postcode"):
        expect(finder.inside(f"#{field}")).to_have_value("")


def test_the_log_of_the_service_says_that_somebody_asked_and_not_what(
    browser: Browser, server: Server, host: HostSite
) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    with Visitor.of(browser, StandingClock()) as visitor:
        page = visitor.page(standing=False)
        page.goto(host.put("/help", host_page(origin)))
        seek_everything(Finder.on(page))
    lines = server.output.read_text() + server.errors.read_text()
    routes = [json.loads(line).get("route") for line in lines.splitlines() if line.startswith("{")]
    assert {"/v1/snapshot", "/v1/place", "/widget/{name}"} <= set(routes)
    for fact in (*SOUGHT.values(), POSTCODE, POSTCODE.replace(" ", ""), AREA_OF_IT, "127.0.0.2", "Chrome"):
        assert fact.lower() not in lines.lower().replace("under", ""), fact


# The way out


def on_the_way(visitor: Visitor, host: HostSite, service: StandingService) -> Page:
    """A visitor who came from another page to the one with the widget."""
    exit_to = host.put("/weather", "<title>Weather</title><h1>Sunny</h1>")
    page = visitor.page()
    page.goto(host.put("/before", "<title>Before</title>"))
    element = f'<support-finder data-exit="{exit_to}">{FALLBACK}</support-finder>'
    page.goto(host.put("/help", host_page(service.origin, element=element)))
    Finder.on(page)
    return page


def press_the_button(page: Page) -> None:
    page.get_by_role("button", name="Exit this page").click()


def press_shift_three_times(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [press_the_button, press_shift_three_times])
def test_exit_leads_elsewhere_and_back_does_not_lead_here_again(
    visitor: Visitor, host: HostSite, service: StandingService, leave: object
) -> None:
    page = on_the_way(visitor, host, service)
    assert callable(leave)
    leave(page)
    page.wait_for_url("**/weather")
    path, headers = host.asked[-1]
    assert path == "/weather"
    assert "referer" not in headers
    page.go_back()
    assert page.url == f"{host.origin}/before"
    page.go_forward()
    assert page.url == f"{host.origin}/weather"


def test_the_page_is_blank_before_the_next_one_has_answered(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = on_the_way(visitor, host, service)
    seek_everything(Finder.on(page))
    # In one go: what there is to see at the very moment at which the next page is asked for.
    seen = page.evaluate(
        """() => {
            document.querySelector('support-finder').shadowRoot.querySelector('.exit').click();
            return [document.title, document.documentElement.textContent, document.querySelectorAll('body, main').length];
        }"""
    )
    assert seen == ["…", "…", 0]
    page.wait_for_url("**/weather")


def test_shift_for_capitals_or_now_and_then_is_no_way_out(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = on_the_way(visitor, host, service)
    finder = Finder.on(page)
    finder.inside("#postcode").click()
    for letter in "ABCDE":
        page.keyboard.press(f"Shift+{letter}")
    for _ in range(4):
        page.keyboard.press("Shift")
        page.clock.fast_forward(3000)
    assert page.url == f"{host.origin}/help"
    expect(finder.inside("#postcode")).to_have_value("ABCDE")


@pytest.mark.parametrize(
    "address", ["javascript:document.title='canary'", "data:text/html,canary", "//", "ftp://x.example", ""]
)
def test_exit_leads_to_web_pages_only(
    visitor: Visitor, host: HostSite, service: StandingService, address: str
) -> None:
    page = visitor.page()
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    element = f'<support-finder data-exit="{address}">{FALLBACK}</support-finder>'
    page.goto(host.put("/help", host_page(service.origin, element=element)))
    Finder.on(page)
    press_the_button(page)
    page.wait_for_url("https://www.bbc.co.uk/weather")


def test_the_way_out_stays_at_the_top_of_the_window(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = on_the_way(visitor, host, service)
    finder = Finder.on(page)
    finder.inside(".card").nth(7).scroll_into_view_if_needed()
    box = finder.inside(".exit").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 60
    assert box["height"] >= 44
