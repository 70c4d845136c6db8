"""The widget on other people's pages: hostile styles, strict policies, no scripts, no service, other languages, paper."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.web.catalogues import read_catalogues
from app.web.widget import FOLDER
from tests.browser.embedding import (
    FALLBACK,
    Finder,
    catch_printing,
    change_snapshot,
    host_page,
    print_from,
    speak,
    translated,
)
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import Visitor, is_wider_than_its_window, violations

HOSTILE = """
<style>
* { color: red !important; background: #000 !important; font: italic 5px/1 cursive !important; text-transform: uppercase !important;
    letter-spacing: 1em !important; text-indent: -99em !important; text-align: right !important; direction: rtl !important;
    white-space: nowrap !important; word-spacing: 3em !important; cursor: none !important; pointer-events: none !important;
    visibility: hidden !important; list-style: square !important; user-select: none !important; line-height: 0 !important; }
button, a, input, select { display: none !important }
</style>
"""
INHERITED = ["color", "backgroundColor", "fontStyle", "fontFamily", "textTransform", "letterSpacing", "textIndent", "textAlign",
             "direction", "whiteSpace", "wordSpacing", "cursor", "pointerEvents", "visibility", "userSelect"]  # fmt: skip
LOOKS = """host => [...host.shadowRoot.querySelectorAll('.title, .card h4, .exit, .call, select, summary')].slice(0, 12)
    .map(one => [one.className, ...NAMES.map(name => getComputedStyle(one)[name])])""".replace(
    "NAMES", json.dumps(INHERITED)
)
ENGLISH: dict[str, Any] = json.loads((FOLDER / "messages" / "en.json").read_text(encoding="utf-8"))


def test_hostile_styles_of_the_page_stay_outside(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(host.put("/plain", host_page(service.origin)))
    plain = Finder.on(page).element.evaluate(LOOKS)
    page.goto(host.put("/hostile", host_page(service.origin, head=HOSTILE)))
    finder = Finder.on(page)
    assert finder.element.evaluate(LOOKS) == plain
    finder.inside(".card summary").first.click()
    expect(finder.inside(".card dl").first).to_be_visible()


@pytest.mark.parametrize("size", ["62.5%", "24px"])
def test_letters_are_never_small_whatever_the_page_makes_of_its_root(
    visitor: Visitor, host: HostSite, service: StandingService, size: str
) -> None:
    page = visitor.page()
    page.goto(
        host.put("/help", host_page(service.origin, head=f"<style>html {{ font-size: {size} }}</style>"))
    )
    finder = Finder.on(page)
    sizes = finder.inside(".card p").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 13
    assert finder.count.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 16


def policy(service: StandingService) -> str:
    """The strictest policy that the documentation says is enough."""
    return (
        f"default-src 'none'; script-src {service.origin}; connect-src {service.origin}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_a_strict_policy_of_the_page_is_kept(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    catch_printing(page)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', event => { (window.broken ||= []).push(event.violatedDirective) })"
    )
    page.goto(host.put("/help", host_page(service.origin), Content_Security_Policy=policy(service)))
    finder = Finder.on(page)
    finder.find("B69 3DE")
    expect(finder.count).to_be_focused()
    assert (
        finder.inside(".exit").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(179, 32, 44)"
    )
    printed = print_from(finder)
    assert "0800 808 3733" in printed["text"]
    assert visitor.console == []
    assert page.evaluate("window.broken") is None


def test_without_scripts_the_page_shows_what_it_carries(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page(java_script_enabled=False, standing=False)
    page.goto(host.put("/help", host_page(service.origin)))
    expect(page.get_by_role("link", name="08000 121 700")).to_be_visible()
    expect(page.get_by_role("link", name="Find support")).to_be_visible()


@pytest.mark.parametrize("answer", ["none", "500", "not JSON", "another shape", "a redirect"])
def test_without_the_list_there_is_999_the_way_out_and_what_the_page_carries(
    visitor: Visitor, host: HostSite, service: StandingService, answer: str
) -> None:
    page = visitor.page()
    allow = {"access-control-allow-origin": "*"}
    answers: dict[str, dict[str, Any]] = {
        "500": {"status": 500, "headers": allow, "body": "{}"},
        "not JSON": {"status": 200, "headers": allow, "body": "<html>"},
        "another shape": {"status": 200, "headers": allow, "body": '{"services": [{}], "always": null}'},
        "a redirect": {"status": 200, "body": "no permission to read this"},
    }
    page.route(
        "**/v1/snapshot",
        lambda route: route.fulfill(**answers[answer]) if answer in answers else route.abort(),
    )
    page.goto(host.put("/help", host_page(service.origin)))
    expect(page.get_by_role("link", name="08000 121 700")).to_be_visible()
    expect(page.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(page.get_by_text("The list of services could not be loaded")).to_be_visible()
    assert violations(page) == []
    page.unroute("**/v1/snapshot")
    page.get_by_role("button", name="Try again").click()
    finder = Finder.on(page)
    expect(finder.count).to_be_focused()
    assert len(finder.names()) == 10
    page.get_by_role("button", name="Exit this page").is_visible()


OLDER = (
    "delete AbortSignal.timeout; delete Object.hasOwn; delete ShadowRoot.prototype.adoptedStyleSheets; "
    "delete CSSStyleSheet.prototype.replaceSync;"
)
"""What a phone lacks that gets no more updates, such as one that ends at iOS 15."""


def test_an_older_browser_has_the_finder_with_its_looks(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.add_init_script(OLDER)
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    assert len(finder.names()) == 10
    assert (
        finder.inside(".exit").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(179, 32, 44)"
    )
    finder.find("B69 3DE")
    expect(finder.inside("#area")).to_have_value("E08000028")


@pytest.mark.parametrize(
    "lacking", ["Array.prototype.flat", "Intl.DateTimeFormat", "Element.prototype.append"]
)
def test_a_browser_that_cannot_run_it_shows_what_the_page_carries(
    visitor: Visitor, host: HostSite, service: StandingService, lacking: str
) -> None:
    page = visitor.page()
    page.add_init_script(f"delete {lacking}")
    page.goto(host.put("/help", host_page(service.origin)), wait_until="networkidle")
    expect(page.get_by_role("link", name="08000 121 700")).to_be_visible()
    expect(page.get_by_role("link", name="Find support")).to_be_visible()


def test_without_the_service_the_page_shows_what_it_carries(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.route("**/widget/v1.js", lambda route: route.abort())
    page.goto(host.put("/help", host_page(service.origin)))
    expect(page.get_by_role("link", name="08000 121 700")).to_be_visible()


def test_a_pinned_script_loads_with_its_integrity_and_not_with_another(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(f"{service.origin}/widget")
    snippet = page.locator("#pinned").input_value()
    element = f"<support-finder>{FALLBACK}</support-finder>"
    html = f"<!doctype html><html lang=en><title>Help</title><main><h1>Help</h1>{element}</main>"
    page.goto(host.put("/pinned", html + snippet))
    Finder.on(page)
    page.goto(host.put("/broken", html + snippet.replace("sha384-", "sha384-A")))
    expect(page.get_by_role("link", name="08000 121 700")).to_be_visible()
    assert page.evaluate("!!document.querySelector('support-finder').shadowRoot") is False


# What a record may hold


NASTY = (
    "<img src=x onerror=\"document.title='canary'\">",
    "<script>document.title='canary'</script>",
    "{{7*7}}${7*7}",
    "\u202egnirts a\u202c\u2066\u2067",
    "W" * 400,
    "&lt;b&gt;&#x3c;",
    "'\"><svg/onload=document.title='canary'>",
)
ADDRESSES = (
    "javascript:document.title='canary'",
    "JaVaScRiPt:document.title=1",
    "data:text/html,<b>",
    "//evil.example",
    "vbscript:x",
)


def test_names_and_addresses_do_nothing(visitor: Visitor, host: HostSite, service: StandingService) -> None:
    page = visitor.page()

    def spoil(snapshot: dict[str, Any]) -> None:
        for number, one in enumerate(snapshot["services"]):
            text, address = NASTY[number % len(NASTY)], ADDRESSES[number % len(ADDRESSES)]
            one.update(name=text, url=address, hours=[text])
            one["organization"]["name"] = text
            one["phones"] = [{"number": text, "e164": address, "description": text}]
            one["referral_route"] = {
                "name": f"{text} {text}", "channel": "web_form", "contact": address, "via_service_id": None, "via_service_name": text,
                "consent": None, "response_time": None,
            }  # fmt: skip
        for line in snapshot["always"]:
            line.update(name=NASTY[0], description=NASTY[1])
        for need in snapshot["needs"]:
            need["name"] = NASTY[0]
        for area in snapshot["areas"]:
            area["name"] = NASTY[6]
        snapshot["attribution"] = NASTY[1]
        snapshot["children"]["message"] = NASTY[0]

    change_snapshot(page, spoil)
    catch_printing(page)
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    finder.show_all()
    for summary in finder.inside("summary").all()[:8]:
        summary.click()
    assert page.title() == "Help and advice"
    assert finder.inside("img, script, svg, b b, iframe").count() == 0
    addresses = finder.inside(".sf a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert addresses
    assert {address.partition(":")[0] for address in addresses} <= {"tel"}
    assert all(set(address[4:]) <= set("+0123456789") for address in addresses)
    assert NASTY[0] in finder.words()
    assert not is_wider_than_its_window(page)
    assert [one for one in visitor.asked() if service.origin not in one and host.origin not in one] == []
    printed = print_from(finder)
    assert NASTY[0] in printed["text"]
    assert page.title() == "Help and advice"


# Languages


@pytest.fixture
def with_arabic(tmp_path: Path) -> Any:
    """English, an invented Arabic with all its plural forms, and a Somali draft."""
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH), encoding="utf-8")
    forms = ("zero", "one", "two", "few", "many", "other")
    arabic = translated(ENGLISH, "ar", direction="rtl", mark="ع", forms=forms)
    (tmp_path / "ar.json").write_text(json.dumps(arabic), encoding="utf-8")
    draft = translated(ENGLISH, "so", direction="ltr", mark="so", forms=("one", "other")) | {
        "status": "draft"
    }
    (tmp_path / "so.json").write_text(json.dumps(draft), encoding="utf-8")
    return read_catalogues(tmp_path)


@pytest.fixture
def arabic(
    visitor: Visitor, host: HostSite, service: StandingService, with_arabic: Any
) -> Callable[[str], Page]:
    def opened(language: str) -> Page:
        page = visitor.page()
        speak(page, with_arabic)
        element = f'<support-finder lang="{language}">{FALLBACK}</support-finder>'
        page.goto(host.put("/help", host_page(service.origin, element=element)))
        return page

    return opened


@pytest.mark.parametrize("language", ["ar", "AR", "ar-EG"])
def test_a_reviewed_language_is_spoken_from_right_to_left(
    arabic: Callable[[str], Page], language: str
) -> None:
    page = arabic(language)
    finder = Finder.on(page)
    expect(finder.inside(".sf")).to_have_attribute("dir", "rtl")
    expect(finder.inside(".sf")).to_have_attribute("lang", "ar")
    expect(finder.count).to_have_text("ع many 82 services found")
    expect(finder.inside(".exit")).to_have_text("ع Exit this page")
    number = finder.inside(".call bdi").first
    assert number.evaluate("one => getComputedStyle(one).direction") == "ltr"
    exit_box, card = finder.inside(".exit").bounding_box(), finder.inside(".card").first.bounding_box()
    assert exit_box
    assert card
    assert exit_box["x"] < 60, "the far end of the line is on the left"
    assert finder.inside(".card").first.evaluate("one => getComputedStyle(one).borderRightWidth") == "8px"
    assert violations(page) == []
    assert not is_wider_than_its_window(page)
    assert "updated" not in finder.words().replace("ع updated", ""), "no English of the browser's in between"


@pytest.mark.parametrize("language", ["so", "xx", "", "../en", "constructor", "__proto__"])
def test_what_is_not_reviewed_is_not_offered_and_english_stands_in(
    arabic: Callable[[str], Page], visitor: Visitor, language: str
) -> None:
    finder = Finder.on(arabic(language))
    expect(finder.inside(".sf")).to_have_attribute("lang", "en")
    assert finder.inside("#interface option").all_inner_texts() == ["English", "ع"]
    assert [one for one in visitor.asked() if "messages" in one] == []


def test_another_language_can_be_chosen_and_what_was_chosen_stays(arabic: Callable[[str], Page]) -> None:
    finder = Finder.on(arabic("en"))
    finder.choose("need", "casework_advocacy")
    names = finder.names()
    finder.choose("interface", "ar")
    expect(finder.inside(".sf")).to_have_attribute("dir", "rtl")
    expect(finder.inside("#need")).to_have_value("casework_advocacy")
    expect(finder.inside("#interface")).to_be_focused()
    assert finder.names() == names
    finder.choose("interface", "en")
    expect(finder.inside(".sf")).to_have_attribute("dir", "ltr")


def test_words_that_cannot_be_had_are_english(arabic: Callable[[str], Page], host: HostSite) -> None:
    page = arabic("en")
    finder = Finder.on(page)
    page.route("**/widget/v1/messages/ar", lambda route: route.abort())
    finder.choose("interface", "ar")
    expect(finder.inside(".sf")).to_have_attribute("lang", "en")
    expect(finder.count).to_have_text("82 services found")


# Paper


def test_a_card_to_print_has_numbers_first_and_does_not_say_what_it_is(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    catch_printing(page)
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    finder.choose("area", "E08000028")
    finder.choose("need", "casework_advocacy")
    printed = print_from(finder)
    assert printed["title"] == "Numbers"
    assert printed["images"] == 0
    assert printed["first"].startswith("0")
    assert "0121 496 0012 Example Casework Sandwell" in printed["text"]
    assert "Example Outreach" not in printed["text"], "only what is found"
    assert printed["text"].strip().splitlines()[-1].startswith("0800 043 4303")
    for word in ("slavery", "trafficking", "free"):
        assert word not in printed["title"].lower()
    assert page.title() == "Help and advice"
    expect(finder.inside("iframe")).to_have_count(0)


def test_the_page_itself_prints_the_list_without_the_form(
    visitor: Visitor, host: HostSite, service: StandingService
) -> None:
    page = visitor.page()
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    page.emulate_media(media="print")
    expect(finder.inside("form")).to_be_hidden()
    expect(finder.inside(".exit")).to_be_hidden()
    expect(finder.inside(".card").first).to_be_visible()
    # What is free or open now is over when the paper is read.
    words = finder.inside(".list").first.inner_text()
    assert not [said for said in ("free", "Ask about places", "updated", "Open") if said in words]
