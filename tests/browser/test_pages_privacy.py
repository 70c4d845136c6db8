"""Nothing of a question is left anywhere, the way out leads away, and paper has the numbers and not what it is about."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.served import Server, StandingClock
from tests.browser.hosting import StandingService
from tests.browser.visiting import Visitor, open_a_service
from tests.machine import find_browser

POSTCODE = "B69 3DE"
EXIT = "https://www.bbc.co.uk/weather"
PUBLIC = ("/find", "/find/know", "/find/safety", "/find/privacy", "/find/accessibility", "/officer/", "/officer/enrol", "/officer/offline",
          "/officer/left", "/provider/", "/curator/")  # fmt: skip
SAYS_WHAT_IT_IS = ("slavery", "survivor", "victim", "refuge", "exploit", "abuse")


def ask_on_find(page: Page, origin: str, need: str, *, has_scripts: bool = True) -> None:
    page.goto(f"{origin}/find")
    page.locator("#postcode").fill(POSTCODE)
    page.locator("#need").select_option(need)
    page.locator("#sex").select_option("women")
    page.locator("#age_group").select_option("child")
    page.get_by_role("button", name="Find services").click()
    page.locator("#results").wait_for()
    # What was found is there a moment before the script, which says that it listens.
    if has_scripts:
        page.get_by_text("or press Shift three times").wait_for()


def ask_as_officer(page: Page, origin: str, need: str) -> None:
    page.goto(f"{origin}/officer/")
    page.locator("form").get_by_text("Under 18", exact=True).click()
    page.locator("form").get_by_text("Woman", exact=True).click()
    page.locator("#postcode").fill(POSTCODE)
    page.locator("#need").select_option(need)
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator("#results").wait_for()


ASK: dict[str, Callable[[Page, str, str], None]] = {"/find": ask_on_find, "/officer/": ask_as_officer}
NEED = "legal_immigration"


def forms_of(fact: str) -> set[str]:
    return {fact, fact.replace(" ", ""), fact.replace(" ", "+"), fact.replace(" ", "%20"), fact.lower()}


@pytest.mark.parametrize("path", ASK)
def test_nothing_of_a_question_is_in_an_address_a_title_or_the_browser(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    page = visitor.page()
    ASK[path](page, service.origin, NEED)
    assert page.url == f"{service.origin}{path}"
    # The officer's screen tells itself where a form was sent from, and nobody else; /find tells nobody at all.
    own = ("",) if path == "/find" else ("", f"{service.origin}/officer/")
    assert page.evaluate("document.referrer") in own
    link = page.locator("main a[href^='/find/services/']")
    if link.count():
        link.first.click()
        page.locator("main .status").wait_for()
        assert page.evaluate("document.referrer") == "", (
            "the next page does not learn where somebody came from"
        )
    for request in visitor.requests:
        assert urlsplit(request.url).query == ""
        assert request.url.startswith(service.origin)
        assert request.all_headers().get("referer", "") in own
        for fact in (*forms_of(POSTCODE), NEED, "women", "child"):
            assert fact not in request.url
    kept = visitor.kept(page)
    assert (kept["local"], kept["session"], kept["cookie"], kept["cookies"], kept["databases"]) == (
        {},
        {},
        "",
        [],
        0,
    )
    stored = page.evaluate(
        """async () => {
            let all = "";
            for (const name of await caches.keys())
                for (const one of await (await caches.open(name)).keys()) all += one.url + " ";
            return all + JSON.stringify(history.state) + document.title + window.name;
        }"""
    )
    for fact in (*forms_of(POSTCODE), NEED, "women", "child"):
        assert fact not in stored
    assert visitor.console == []


@pytest.mark.parametrize("path", ASK)
def test_a_question_is_not_on_the_screen_again_after_its_answer(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    page = visitor.page()
    ASK[path](page, service.origin, NEED)
    # The hint of the field has a postcode of its own, which is nobody's question.
    assert POSTCODE not in page.content()
    expect(page.locator("#postcode")).to_have_value("")
    assert page.locator("form").first.get_attribute("autocomplete") == "off"
    # What a browser would send again it has kept, also in the file from which it opens its tabs anew.
    for again in (page.reload, lambda: (page.goto(f"{service.origin}/find/privacy"), page.go_back())):
        again()
        assert page.url == f"{service.origin}{path}"
        assert page.locator("#results").count() == 0
    sent = [one for one in visitor.requests if one.is_navigation_request() and one.method == "POST"]
    assert len(sent) == 1
    page.goto(f"{service.origin}{path}")
    assert page.locator("input[type=text]").evaluate_all("all => all.map(one => one.value)") == [""]
    assert page.locator("#need").input_value() == ""


def test_the_log_says_that_somebody_asked_and_not_what(browser: Browser, server: Server) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    with Visitor.of(browser, StandingClock()) as visitor:
        for ask in ASK.values():
            page = visitor.page(standing=False)
            ask(page, origin, NEED)
        page = visitor.page(standing=False)
        page.goto(f"{origin}/find")
        page.locator("#postcode").fill("B69 3D?")
        page.get_by_role("button", name="Find services").click()
        page.get_by_role("alert").wait_for()
    lines = server.output.read_text() + server.errors.read_text()
    routes = [json.loads(line).get("route") for line in lines.splitlines() if line.startswith("{")]
    assert {"/find", "/officer/"} <= set(routes)
    for fact in (*forms_of(POSTCODE), "B69 3D?", NEED, "women", '"child"', "E08000028", "Chrome"):
        assert fact not in lines, fact


# The way out


@pytest.fixture
def leaving(visitor: Visitor) -> Page:
    # With the clock of the browser: one of the tests' own does not say how a page was come to.
    page = visitor.page(standing=False)
    page.route(
        "https://www.bbc.co.uk/**",
        lambda route: route.fulfill(content_type="text/html", body="<title>Weather</title><h1>Sunny</h1>"),
    )
    return page


def press_the_link(page: Page) -> None:
    page.get_by_role("link", name="Exit this page").click()


def press_shift(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [press_the_link, press_shift])
def test_who_leaves_what_was_found_does_not_come_back_to_it(
    leaving: Page, visitor: Visitor, service: StandingService, leave: Callable[[Page], None]
) -> None:
    ask_on_find(leaving, service.origin, NEED)
    leave(leaving)
    leaving.wait_for_url(EXIT)
    assert "referer" not in visitor.requests[-1].all_headers()
    leaving.go_back()
    expect(leaving.get_by_role("heading", level=1)).to_have_text("Find support")
    assert leaving.locator(".card").count() == 0


def test_who_leaves_the_page_of_a_service_does_not_come_back_to_it_or_to_what_was_found(
    leaving: Page, service: StandingService
) -> None:
    ask_on_find(leaving, service.origin, NEED)
    open_a_service(leaving)
    name = leaving.locator("h1").inner_text()
    press_the_link(leaving)
    leaving.wait_for_url(EXIT)
    leaving.go_back()
    expect(leaving.get_by_role("heading", level=1)).to_have_text("Find support")
    assert leaving.locator(".card").count() == 0
    assert name not in leaving.locator("main").inner_text()


def test_the_page_is_blank_before_the_next_one_has_answered(
    visitor: Visitor, service: StandingService
) -> None:
    page = visitor.page()
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Sunny"))
    ask_on_find(page, service.origin, NEED)
    seen = page.evaluate(
        """() => {
            document.querySelector("a.exit").click();
            return [document.title.trim(), document.body.textContent, document.body.hidden];
        }"""
    )
    assert seen == ["", "", True]
    page.wait_for_url(EXIT)


def test_without_scripts_the_way_out_is_a_link_that_tells_nothing(
    visitor: Visitor, service: StandingService
) -> None:
    page = visitor.page(java_script_enabled=False, standing=False)
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Sunny"))
    ask_on_find(page, service.origin, NEED, has_scripts=False)
    press_the_link(page)
    page.wait_for_url(EXIT)
    assert "referer" not in visitor.requests[-1].all_headers()


def test_what_a_browser_keeps_of_the_page_to_come_back_to_has_nothing_in_it(
    service: StandingService, visitor: Visitor
) -> None:
    """The same in a browser that keeps whole pages for "Back", which test browsers do not by themselves."""
    launched = visitor.browser.browser_type.launch(
        executable_path=find_browser(), ignore_default_args=["--disable-back-forward-cache"]
    )
    try:
        with Visitor.of(launched, service.clock) as keeping:
            page = keeping.page(standing=False)
            page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Sunny"))
            ask_on_find(page, service.origin, NEED)
            open_a_service(page)
            press_the_link(page)
            page.wait_for_url(EXIT)
            page.go_back()
            expect(page.get_by_role("heading", level=1)).to_have_text("Find support")
            assert page.locator(".card").count() == 0
    finally:
        launched.close()


# Paper, and what others see of a page


@pytest.mark.parametrize("path", ASK)
def test_paper_has_the_numbers_and_neither_form_nor_way_out(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    page = visitor.page(color_scheme="dark")
    ASK[path](page, service.origin, NEED)
    page.emulate_media(media="print")
    for hidden in page.locator("form, nav, .exit, footer, details.mistake").all():
        expect(hidden).to_be_hidden()
    rung = page.locator("a.call:visible, .always a:visible")
    assert rung.count() > 1
    # Printers leave backgrounds out: the number has to be dark by itself.
    inks = page.locator("a.call:visible").evaluate_all("all => all.map(one => getComputedStyle(one).color)")
    assert set(inks) == {"rgb(0, 0, 0)"}
    expect(page.locator(".always a").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(11, 12, 12)"


@pytest.mark.parametrize("path", PUBLIC)
def test_a_title_does_not_say_what_the_page_is_about(
    visitor: Visitor, service: StandingService, path: str
) -> None:
    """Titles stand in histories, in the list of open pages, at the top of a printed page, and in a shared screen."""
    page = visitor.page(java_script_enabled=False, standing=False)
    answer = page.goto(f"{service.origin}{path}")
    assert answer is not None
    assert answer.status == 200
    assert page.title()
    assert not [word for word in SAYS_WHAT_IT_IS if word in page.title().lower()]
    assert answer.headers["cache-control"] in ("no-store", "private, no-store")
