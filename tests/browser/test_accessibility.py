"""Pages and the widget for everybody: axe finds nothing at any width, direction or scheme, and the keyboard is enough."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.embedding import Finder, host_page
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import (
    PHONE,
    SMALL_PHONE,
    WIDTHS,
    Visitor,
    is_wider_than_its_window,
    open_a_service,
    violations,
)

PAGES = (
    "/demo", "/widget", "/find", "/find/know", "/find/safety", "/find/privacy", "/find/accessibility", "/officer/", "/officer/enrol",
    "/officer/offline", "/officer/left", "/provider/", "/curator/",
)  # fmt: skip
WITH_WIDGET = ("/demo", "/widget")
TARGET_PX, TARGET_IN_TEXT_PX = 44, 24


@pytest.fixture
def opened(visitor: Visitor, service: StandingService) -> Callable[..., Page]:
    """Opens a page of the service and waits for the widget in it; the rest is for the browser's context."""

    def open_page(path: str, **context: object) -> Page:
        page = visitor.page(**context)  # type: ignore[arg-type]
        page.goto(f"{service.origin}{path}")
        if path in WITH_WIDGET:
            Finder.on(page)
        return page

    return open_page


def open_everything(page: Page) -> None:
    """The widget with details, an error and all its cards to be seen."""
    finder = Finder.on(page)
    finder.choose("area", "E08000028")
    finder.show_all()
    finder.find("nowhere")
    for summary in finder.inside("summary:visible").all()[:3]:
        summary.click()


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: size["width"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(
    opened: Callable[..., Page], visitor: Visitor, path: str, size: dict[str, int]
) -> None:
    page = opened(path, size=size)
    assert violations(page) == []
    if path in WITH_WIDGET:
        open_everything(page)
        assert violations(page) == []
    assert not is_wider_than_its_window(page)
    assert visitor.console == []


@pytest.mark.parametrize(
    "context", [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"contrast": "more"}], ids=str
)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_in_other_schemes(
    opened: Callable[..., Page], path: str, context: dict[str, str]
) -> None:
    page = opened(path, **context)
    if path in WITH_WIDGET:
        open_everything(page)
    assert violations(page) == []


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str)
@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_axe_finds_nothing_in_answers(
    opened: Callable[..., Page], path: str, context: dict[str, str]
) -> None:
    page = opened(path, **context)
    page.fill("#postcode", "B69 3DE")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".card")
    for summary in page.locator("summary:visible").all()[:4]:
        summary.click()
    assert violations(page) == []
    assert not is_wider_than_its_window(page)
    if path == "/find":
        open_a_service(page)
        assert violations(page) == []
        assert not is_wider_than_its_window(page)
    else:
        # Within a thumb's reach on the screen of a phone.
        box = page.locator(".card a.call").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 640


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str)
def test_axe_finds_nothing_where_something_is_wrong(
    opened: Callable[..., Page], service: StandingService, context: dict[str, str]
) -> None:
    page = opened("/find", **context)
    for path in ("/find/nothing", "/officer/nothing", "/provider/nothing"):
        page.goto(f"{service.origin}{path}")
        page.get_by_role("heading", name="Not found").wait_for()
        assert violations(page) == []
        assert not is_wider_than_its_window(page)
    page.goto(f"{service.origin}/find")
    page.fill("#postcode", "B69 3DE")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".card")
    # As from a browser that does not ask for what is required.
    page.locator("form[action='/find/mistakes']").first.evaluate(
        "one => { one.noValidate = true; one.submit() }"
    )
    page.get_by_role("heading", name="Choose from the list").wait_for()
    assert violations(page) == []
    assert not is_wider_than_its_window(page)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_axe_finds_nothing_on_somebody_elses_page(
    visitor: Visitor, host: HostSite, service: StandingService, direction: str
) -> None:
    page = visitor.page()
    html = host_page(service.origin).replace("<html ", f'<html dir="{direction}" ')
    page.goto(host.put("/help", html))
    open_everything(page)
    assert violations(page) == []
    assert not is_wider_than_its_window(page)


def test_with_forced_colours_a_status_is_still_a_word_and_a_shape(opened: Callable[..., Page]) -> None:
    finder = Finder.on(opened("/demo", forced_colors="active"))
    status = finder.inside(".status").first
    assert status.inner_text()[0] in "●◐■□○"
    assert len(status.inner_text().split()) > 1
    assert finder.inside(".card").first.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"


@pytest.mark.parametrize("path", WITH_WIDGET)
def test_what_is_pressed_is_large_enough(opened: Callable[..., Page], path: str) -> None:
    finder = Finder.on(opened(path))
    finder.show_all()
    for selector, least in (
        ("button:visible, .call:visible, summary:visible, select:visible, input:visible", TARGET_PX),
        (".sf a:visible", TARGET_IN_TEXT_PX),
    ):
        heights = finder.inside(selector).evaluate_all(
            "all => all.map(one => [one.textContent, one.getBoundingClientRect().height])"
        )
        assert heights
        assert [(text, height) for text, height in heights if height < least] == []


def test_at_four_times_the_size_nothing_is_cut_off(opened: Callable[..., Page]) -> None:
    # 1280 px at 400 %: WCAG 2.2, 1.4.10.
    page = opened("/demo", size={"width": 320, "height": 256})
    open_everything(page)
    assert not is_wider_than_its_window(page)


# The keyboard alone


def focused(page: Page) -> str:
    """What has the focus, also inside a shadow root: an id, or else its text."""
    return str(
        page.evaluate(
            """() => {
                let one = document.activeElement;
                while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
                return one.id || one.textContent.trim();
            }"""
        )
    )


def test_a_person_without_a_mouse_finds_a_number(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    passed: list[str] = []
    while not passed or passed[-1] != "postcode":
        page.keyboard.press("Tab")
        passed.append(focused(page))
    assert passed == ["Exit this page", "999", "age", "need", "postcode"]
    page.keyboard.type("B69 3DE")
    page.keyboard.press("Enter")
    expect(finder.count).to_be_focused()
    active = "document.querySelector('support-finder').shadowRoot.activeElement"
    while page.evaluate(f"{active}.className") != "call":
        page.keyboard.press("Tab")
    assert page.evaluate(f"{active}.href").startswith("tel:")
    while page.evaluate(f"{active}.tagName") != "SUMMARY":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{active}.parentElement.open") is True


def test_the_focus_can_be_seen(opened: Callable[..., Page]) -> None:
    page = opened("/demo")
    finder = Finder.on(page)
    finder.inside(".exit").focus()
    page.keyboard.press("Tab")
    style = "one => [getComputedStyle(one).outlineStyle, getComputedStyle(one).outlineWidth]"
    assert finder.inside(".danger a").evaluate(style) == ["solid", "3px"]


def test_the_keyboard_is_never_caught(visitor: Visitor, host: HostSite, service: StandingService) -> None:
    page = visitor.page()
    after = '<p><a id="after" href="#x">After</a></p>'
    page.goto(host.put("/help", host_page(service.origin).replace("</main>", f"{after}</main>")))
    finder = Finder.on(page)
    finder.inside(".sf button").last.focus()
    page.keyboard.press("Tab")
    assert focused(page) == "after"
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "Print these numbers"


def test_what_was_found_is_announced_once(visitor: Visitor, host: HostSite, service: StandingService) -> None:
    page = visitor.page()
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    finder.element.evaluate(
        """host => {
            window.announced = [];
            const look = (one) => one.getAttribute('role') === 'status' && window.announced.push(one.textContent);
            new MutationObserver(all => all.forEach(one => look(one.target))).observe(host.shadowRoot, { childList: true, subtree: true });
        }"""
    )
    finder.choose("need", "legal_immigration")
    said = page.evaluate("window.announced")
    assert said == [finder.count.inner_text()]
    finder.find("B69 3DE")
    expect(finder.count).to_be_focused()
    assert page.evaluate("window.announced") == said, "the focus on the count says it"


# The page that explains it


def test_the_builder_changes_the_text_to_copy_and_the_preview(opened: Callable[..., Page]) -> None:
    page = opened("/widget")
    before = page.locator("#snippet").input_value()
    page.locator("#b-borough").select_option("E08000027")
    page.locator("#b-need").select_option("safe_house")
    page.locator("#b-exit").fill('https://example.org/?a="><script>alert(1)</script>')
    page.locator("#b-exit").blur()
    page.locator("#b-brand").select_option("#5b2a6e")
    text = page.locator("#snippet").input_value()
    assert 'data-borough="E08000027" data-need="safe_house"' in text
    assert 'data-exit="https://example.org/?a=&quot;>&lt;script>alert(1)&lt;/script>"' in text
    assert text.partition("\n")[2] == before.partition("\n")[2], "the numbers and the script stay"
    assert page.locator("#style").input_value() == "support-finder {\n  --sf-brand: #5b2a6e;\n}"
    finder = Finder.on(page)
    expect(finder.inside("#area")).to_have_value("E08000027")
    colour = finder.inside(".body").evaluate("one => getComputedStyle(one).borderTopColor")
    assert colour == "rgb(91, 42, 110)"
    assert page.locator("script").count() == 2
    page.locator("#b-exit").fill("javascript:alert(1)")
    page.locator("#b-exit").blur()
    assert "javascript" not in page.locator("#snippet").input_value()


def test_the_text_to_copy_works_on_another_page(
    opened: Callable[..., Page], visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    snippet = opened("/widget").locator("#snippet").input_value()
    page = visitor.page(size=PHONE)
    html = f"<!doctype html><html lang=en><title>Help</title><main><h1>Help</h1>{snippet}</main>"
    page.goto(host.put("/copied", html))
    assert len(Finder.on(page).names()) == 10


@pytest.mark.parametrize("path", WITH_WIDGET)
def test_without_scripts_the_pages_are_whole(visitor: Visitor, service: StandingService, path: str) -> None:
    page = visitor.page(java_script_enabled=False, standing=False, size=SMALL_PHONE)
    page.goto(f"{service.origin}{path}")
    expect(page.get_by_role("link", name="08000 121 700").first).to_be_visible()
    if path == "/widget":
        assert "<support-finder" in page.locator("#snippet").input_value()
        expect(page.locator("#builder")).to_be_hidden()


def test_the_invented_page_says_that_it_is_invented(opened: Callable[..., Page]) -> None:
    page = opened("/demo")
    expect(page.get_by_role("note").first).to_contain_text("An invented page.")
    expect(page.get_by_role("note").first).to_contain_text("Do not rely on it")
    assert page.locator("meta[name=robots]").get_attribute("content") == "noindex"
