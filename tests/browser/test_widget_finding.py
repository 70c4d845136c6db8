"""What a person finds with the widget: the server's list in the server's order, with what does not fit left out."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.api.served import ANSWERS_WITHIN_S
from tests.browser.embedding import FALLBACK, Finder, host_page
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import Visitor

Opened = Callable[..., Finder]


@pytest.fixture
def snapshot(service: StandingService) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{service.origin}/v1/snapshot", timeout=ANSWERS_WITHIN_S).json()
    return found


@pytest.fixture
def opened(visitor: Visitor, host: HostSite, service: StandingService) -> Opened:
    """Opens a page with the widget; `element` is what stands in it."""

    def open_page(element: str = f"<support-finder>{FALLBACK}</support-finder>") -> Finder:
        page = visitor.page()
        page.goto(host.put("/help", host_page(service.origin, element=element)))
        return Finder.on(page)

    return open_page


def area_of(snapshot: dict[str, Any], name: str) -> str:
    return next(str(area["code"]) for area in snapshot["areas"] if area["name"] == name and area["home"])


def covers(service: dict[str, Any], code: str, snapshot: dict[str, Any]) -> bool:
    inside = {area["code"]: area["authorities"] for area in snapshot["areas"]}
    coverage = service["coverage"]
    return (
        coverage["everywhere"]
        or any(code in inside[area] for area in coverage["areas"])
        or code in coverage["may_cover"]
    )


def test_the_list_is_there_without_a_search_and_in_the_order_of_the_server(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    names = [one["name"] for one in snapshot["services"]]
    assert finder.names() == names[:10]
    expect(finder.count).to_have_text(f"{len(names)} services found")
    assert finder.all_names() == names


def test_999_stands_first_and_the_helplines_last(opened: Opened, snapshot: dict[str, Any]) -> None:
    finder = opened()
    words = finder.words()
    assert words.index("Call 999") < words.index("services found")
    last = words.rindex("How to get help here")
    for line in snapshot["always"]:
        assert line["phone"] in words[last:]


def test_a_line_for_texts_is_not_one_to_ring(opened: Opened, snapshot: dict[str, Any]) -> None:
    finder = opened()
    finder.show_all()
    phones = [phone for service in snapshot["services"] for phone in service["phones"]]
    rung = {phone["e164"] for phone in phones if phone["phone_type"] == "voice"}
    texted = {phone["e164"] for phone in phones if phone["phone_type"] in ("sms", "text")} - rung
    assert texted
    found = set(finder.inside("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))"))
    assert {f"sms:{number}" for number in texted} <= found
    assert not {f"tel:{number}" for number in texted} & found
    (words,) = set(finder.inside(f'a[href="sms:{min(texted)}"]').all_inner_texts())
    assert words.startswith("Text ")


@pytest.mark.parametrize("need", ["legal_immigration", "safe_house", "education_esol"])
def test_a_need_hides_what_does_not_have_it(opened: Opened, snapshot: dict[str, Any], need: str) -> None:
    finder = opened()
    finder.choose("need", need)
    wanted = [one["name"] for one in snapshot["services"] if need in one["needs"]]
    assert finder.all_names() == wanted
    assert 0 < len(wanted) < len(snapshot["services"])
    expect(finder.inside("[role=status]")).to_have_text(re.compile(rf"^{len(wanted)} services? found$"))


@pytest.mark.parametrize("borough", ["Birmingham", "Coventry", "Sandwell"])
def test_an_area_hides_what_does_not_cover_it(opened: Opened, snapshot: dict[str, Any], borough: str) -> None:
    finder = opened()
    code = area_of(snapshot, borough)
    finder.choose("area", code)
    wanted = [one["name"] for one in snapshot["services"] if covers(one, code, snapshot)]
    assert finder.all_names() == wanted
    assert 0 < len(wanted) < len(snapshot["services"])


def test_a_language_hides_services_without_it_and_without_interpreters(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    finder.choose("language", "vie")
    wanted = [
        one["name"] for one in snapshot["services"] if "vie" in one["languages"] or one["interpreter"] != "no"
    ]
    assert finder.all_names() == wanted
    assert finder.inside("#language option[value=vie]").inner_text() == "Tiếng Việt (Vietnamese)"


def test_filters_add_up_and_can_be_taken_back(opened: Opened, snapshot: dict[str, Any]) -> None:
    finder = opened()
    code = area_of(snapshot, "Sandwell")
    finder.choose("area", code)
    finder.choose("need", "casework_advocacy")
    both = finder.all_names()
    assert both == [
        one["name"]
        for one in snapshot["services"]
        if "casework_advocacy" in one["needs"] and covers(one, code, snapshot)
    ]
    finder.choose("area", "")
    finder.choose("need", "")
    assert len(finder.all_names()) == len(snapshot["services"])


def test_a_postcode_gives_what_covers_its_council_and_does_not_stay_on_the_screen(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    finder.find("b69 3de")
    expect(finder.inside("#area")).to_have_value(area_of(snapshot, "Sandwell"))
    expect(finder.inside("#postcode")).to_have_value("")
    expect(finder.count).to_be_focused()
    code = area_of(snapshot, "Sandwell")
    assert finder.all_names() == [one["name"] for one in snapshot["services"] if covers(one, code, snapshot)]


def test_a_place_outside_is_told_politely_and_still_gets_what_covers_it(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    finder.find("B77 1AG")
    expect(finder.inside("#area option:checked")).to_have_text("Tamworth")
    assert "This place is outside the area of this directory" in finder.words()
    wanted = [one["name"] for one in snapshot["services"] if covers(one, "E07000199", snapshot)]
    assert finder.all_names() == wanted
    assert wanted
    finder.choose("area", "")
    assert "outside" not in finder.words()
    expect(finder.inside("#area option")).to_have_count(8)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nowhere", "Enter a whole postcode"),
        ("B1", "Enter a whole postcode"),
        ("<b>B1 1BB", "Enter a whole postcode"),
        ("ZZ99 9ZZ", "That postcode is not known"),
        ("JE2 3AB", "That postcode is not known"),
    ],
)
def test_a_wrong_postcode_is_told_beside_the_field_and_the_list_stays(
    opened: Opened, typed: str, said: str
) -> None:
    finder = opened()
    before = finder.names()
    finder.find(typed)
    error, field = finder.inside("#error"), finder.inside("#postcode")
    expect(error).to_contain_text(said)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "error" in (field.get_attribute("aria-describedby") or "")
    assert finder.names() == before
    finder.choose("area", "E08000028")
    expect(error).to_be_hidden()
    assert field.get_attribute("aria-invalid") is None


def test_only_a_whole_postcode_is_ever_sent(opened: Opened, visitor: Visitor) -> None:
    finder = opened()
    for typed in ("B1", "B69", "B69 3", "Birmingham", "B69 3DE B1 1BB", "   "):
        finder.find(typed)
    assert [one for one in visitor.asked() if "/v1/place" in one] == []
    finder.find("B693DE")
    expect(finder.count).to_be_focused()
    assert [one.post_data for one in visitor.requests if "/v1/place" in one.url] == ['{"postcode":"B693DE"}']


@pytest.mark.parametrize("late", [200, 503])
def test_an_answer_that_comes_late_takes_nobody_back(opened: Opened, late: int) -> None:
    """With a poor signal: an area was chosen, or another postcode typed, before the first answer was there."""
    finder = opened()
    page, waiting = finder.element.page, list[Route]()

    def hold(route: Route) -> None:
        waiting.append(route)

    def answer(route: Route) -> None:
        with page.expect_response("**/v1/place"):
            if late == 200:
                route.continue_()
            else:
                route.fulfill(status=late, headers={"access-control-allow-origin": "*"}, body="{}")

    page.route("**/v1/place", hold)
    with page.expect_request("**/v1/place"):
        finder.find("B69 3DE")
    finder.choose("area", "E08000026")
    answer(waiting[0])
    expect(finder.inside("#area")).to_have_value("E08000026")
    with page.expect_request("**/v1/place"):
        finder.find("WV1 1AA")
    finder.inside("#postcode").fill("CV1 2")
    answer(waiting[1])
    expect(finder.inside("#area")).to_have_value("E08000026")
    expect(finder.inside("#postcode")).to_have_value("CV1 2")
    expect(finder.inside("#error")).to_be_hidden()
    expect(finder.inside("#postcode")).to_be_focused()


@pytest.mark.parametrize("status", [None, 429, 503])
def test_without_the_service_a_postcode_leads_to_the_areas(opened: Opened, status: int | None) -> None:
    finder = opened()
    allow = {"access-control-allow-origin": "*"}
    finder.element.page.route(
        "**/v1/place",
        lambda route: route.fulfill(status=status, headers=allow, body="{}") if status else route.abort(),
    )
    finder.find("B69 3DE")
    expect(finder.inside("#error")).to_contain_text("could not be looked up. Choose a council area")
    assert len(finder.names()) == 10


def test_for_a_child_there_is_no_refuge_and_the_first_calls_come_first(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    finder.choose("area", area_of(snapshot, "Sandwell"))
    finder.choose("age", "child")
    words = finder.words()
    card = words.index("Under 18, or might be?")
    assert card < words.index("How to get help here")
    assert "Children's services, Sandwell" in words[card:]
    assert "Independent Child Trafficking Guardians" in words[card:]
    sheltered = {
        one["name"]
        for one in snapshot["services"]
        if set(one["needs"]) & {"safe_house", "emergency_accommodation", "move_on_housing"}
    }
    adults = {one["name"] for one in snapshot["services"] if (one["eligibility"]["minimum_age"] or 0) > 17}
    shown = set(finder.all_names())
    assert shown
    assert not shown & (sheltered | adults)


def test_while_nobody_said_how_old_the_first_calls_for_a_child_stand_beside_the_list(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    assert "Choose a council area to see its number" in finder.words()
    assert "Children's services, Sandwell:" not in finder.words()
    finder.choose("area", area_of(snapshot, "Sandwell"))
    assert "Children's services, Sandwell: Call 0121 569 2355" in finder.words()
    finder.choose("age", "adult")
    assert "Under 18, or might be?" not in finder.words()
    children = {one["name"] for one in snapshot["services"] if (one["eligibility"]["maximum_age"] or 99) < 18}
    assert children
    assert not children & set(finder.all_names())


def test_when_nothing_fits_the_numbers_stay_and_the_area_can_be_widened(
    opened: Opened, snapshot: dict[str, Any]
) -> None:
    finder = opened()
    need, area = next(
        (need["code"], area["code"])
        for need in snapshot["needs"]
        for area in snapshot["areas"]
        if area["home"]
        and not any(
            need["code"] in one["needs"] and covers(one, area["code"], snapshot)
            for one in snapshot["services"]
        )
    )
    finder.choose("need", need)
    everywhere = finder.all_names()
    assert everywhere
    finder.choose("area", area)
    expect(finder.count).to_have_text("0 services found")
    assert "Ring a number below" in finder.words()
    assert "08000 121 700" in finder.words()
    finder.inside("button").filter(has_text="Look in all areas").click()
    assert finder.all_names() == everywhere


def test_numbers_can_be_rung(opened: Opened, snapshot: dict[str, Any]) -> None:
    finder = opened()
    finder.show_all()
    for service in snapshot["services"]:
        for phone in service["phones"]:
            card = finder.card(service["name"])
            if phone["phone_type"] == "whatsapp":
                expect(card.locator("span", has_text=f"WhatsApp {phone['number']}").first).to_be_visible()
                continue
            scheme = "tel" if phone["phone_type"] == "voice" else "sms"
            link = card.locator(f"a.call[href='{scheme}:{phone['e164']}']").first
            expect(link.locator("bdi[dir=ltr]")).to_have_text(phone["number"])


def test_how_to_get_help_says_whom_to_ring_and_what_is_passed_on(opened: Opened) -> None:
    finder = opened()
    finder.show_all()
    house = finder.card("Example House for women")
    house.locator("summary").click()
    text = house.inner_text()
    assert "confidential place" in text
    assert "Ring to ask about places" in text
    assert "Women only · Aged 18 and over" in text
    assert "Through \u2068Example Night Line\u2069" in text
    assert "What it tells the police\nonly what you agree to" in text
    assert "What it tells immigration enforcement\nnothing" in text
    assert "română" in text


def test_more_services_are_shown_ten_at_a_time_with_the_focus_on_the_first_of_them(opened: Opened) -> None:
    finder = opened()
    names = finder.names()
    finder.more.click()
    assert len(finder.names()) == 20
    focused = finder.element.evaluate("host => host.shadowRoot.activeElement.textContent")
    assert focused == finder.names()[len(names)]


@pytest.mark.parametrize(
    ("attributes", "fields"),
    [
        ('data-borough="Walsall"', {"area": "E08000030", "need": ""}),
        ('data-borough="E08000026" data-need="legal_immigration"', {"area": "E08000026", "need": "legal_immigration"}),
        ('data-borough="London" data-need="nothing"', {"area": "", "need": ""}),
        ('data-borough="E92000001" data-postcode="B1 1BB"', {"area": "", "need": ""}),
    ],
)  # fmt: skip
def test_a_page_can_choose_an_area_and_a_need_from_the_start(
    opened: Opened, attributes: str, fields: dict[str, str]
) -> None:
    finder = opened(f"<support-finder {attributes}>{FALLBACK}</support-finder>")
    for name, value in fields.items():
        expect(finder.inside(f"#{name}")).to_have_value(value)


@pytest.mark.parametrize(("said", "level"), [("", 2), ('data-heading="3"', 3), ('data-heading="9"', 2), ('data-heading="<b>"', 2)])  # fmt: skip
def test_its_headings_begin_where_the_page_says(opened: Opened, said: str, level: int) -> None:
    finder = opened(f"<support-finder {said}>{FALLBACK}</support-finder>")
    assert finder.inside(".title").evaluate("one => one.tagName") == f"H{level}"
    assert finder.count.evaluate("one => one.tagName") == f"H{level + 1}"
    assert finder.inside(".card").first.locator(f"h{level + 2}").count() == 1


def test_a_plain_element_will_do_where_editors_remove_others(opened: Opened) -> None:
    finder = opened(f"<div data-support-finder data-borough='Dudley'>{FALLBACK}</div>")
    expect(finder.inside("#area")).to_have_value("E08000027")


def test_several_on_one_page_load_the_list_once_and_do_not_disturb_each_other(
    opened: Opened, visitor: Visitor
) -> None:
    first = opened(
        f"<support-finder>{FALLBACK}</support-finder><support-finder data-need='safe_house'>{FALLBACK}</support-finder>"
        f"<div data-support-finder>{FALLBACK}</div>"
    )
    page: Page = first.element.page
    second, third = Finder.on(page, 1), Finder.on(page, 2)
    assert [one for one in visitor.asked() if one.endswith("/v1/snapshot")] == [
        f"GET {next(one.url for one in visitor.requests if one.url.endswith('/v1/snapshot'))}"
    ]
    alone = first.names()
    second.choose("area", "E08000026")
    assert first.names() == third.names() == alone
    assert second.names() != alone
