"""`/officer/` at three in the morning, on a phone, with one thumb: which number is rung for a child, a woman, a man, a family."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.api.served import ROOT
from tests.browser.hosting import StandingService
from tests.browser.visiting import Visitor
from tests.browser.walking import asked, first_rung, has_id, is_called, numbers_of, tab_to

AT_THREE = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
IN_REACH_PX = 640
TARGET_PX = 44
SEED = ROOT / "seed_data"
BIRMINGHAM, SANDWELL = "E08000025", "E08000028"
POSTCODES = {"sandwell": "B69 3DE", "wolverhampton": "WV1 1RG"}


def of_file(path: str) -> Any:
    return yaml.safe_load((SEED / path).read_text(encoding="utf-8"))


def childrens_numbers(council: str) -> list[str]:
    """What the council's file says of its children's services."""
    services = of_file(f"organizations/{council}-council.yaml")["services"]
    (found,) = [one for one in services if one.get("child_card_role") == "childrens_services"]
    return [_dialled(one["number"]) for one in found.get("phones", [])]


def helplines() -> list[str]:
    return [_dialled(one["phone"]) for one in of_file("helplines.yaml")]


def _dialled(number: str) -> str:
    return number.replace(" ", "")


def as_printed(number: str) -> str:
    """A number of Great Britain as it is dialled there."""
    return "0" + number.removeprefix("+44") if number.startswith("+44") else number


@pytest.fixture
def at_three(visitor: Visitor, service: StandingService) -> Page:
    """The empty screen on the phone of somebody on duty."""
    service.clock.now = AT_THREE
    page = visitor.page()
    page.goto(f"{service.origin}/officer/")
    return page


def tap(page: Page, *words: str) -> None:
    for one in words:
        page.locator("form").get_by_text(one, exact=True).click()


def find(page: Page, postcode: str = "") -> None:
    page.get_by_label("Postcode, or its first half").fill(postcode)
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator("#results, [role=alert]").wait_for()


def in_reach(page: Page) -> bool:
    """Whether a thumb comes to the first number without scrolling."""
    box = page.locator("main a[href^='tel:']:not([href='tel:999'])").first.bounding_box()
    assert box is not None
    return box["y"] + box["height"] <= IN_REACH_PX


@pytest.mark.parametrize("words", ["Under 18", "Not sure"])
@pytest.mark.parametrize("council", POSTCODES)
def test_for_a_child_the_council_is_rung_first(at_three: Page, council: str, words: str) -> None:
    tap(at_three, words)
    find(at_three, POSTCODES[council])
    # Where no number of the council is confirmed, it says so, and the guardians come next.
    (guardians,) = [one["phone"] for one in of_file("helplines.yaml") if one["name"].startswith("Children:")]
    wanted = [*childrens_numbers(council), _dialled(guardians)]
    assert as_printed(first_rung(at_three.locator("main"))) == wanted[0]
    card = at_three.get_by_role("region", name="Under 18, or might be: these first")
    rung = card.locator("a[href^='tel:']").evaluate_all(
        "all => all.map(one => one.getAttribute('href').slice(4))"
    )
    assert [as_printed(one) for one in rung] == wanted
    if not childrens_numbers(council):
        expect(card).to_contain_text("number not confirmed")
    assert in_reach(at_three)


@pytest.mark.parametrize(
    ("who", "asked_for"),
    [
        ("Woman", {"sex": "women", "need": "emergency_accommodation"}),
        ("Man", {"sex": "men", "need": "emergency_accommodation"}),
        ("Woman", {"sex": "women", "need": "safe_house"}),
    ],
)
def test_for_an_adult_the_best_that_answers_is_rung(
    at_three: Page, service: StandingService, who: str, asked_for: dict[str, str]
) -> None:
    tap(at_three, "Adult", who)
    at_three.locator("#need").select_option(asked_for["need"])
    at_three.get_by_label("Not in (area to avoid)").select_option(label="Birmingham")
    find(at_three, POSTCODES["sandwell"])

    answer = asked(
        service.origin,
        postcode=POSTCODES["sandwell"],
        age_group="adult",
        referrer="police",
        avoid_area=BIRMINGHAM,
        **asked_for,
    )
    results = answer["results"]
    numbers = [numbers_of(service.origin, one) for one in results]
    assert first_rung(at_three.locator("main")) == next(one[0] for one in numbers if one)
    assert in_reach(at_three)
    first = at_three.locator("main > .results > .card")
    assert 1 <= first.count() <= 3
    for card, result in zip(first.all(), results, strict=False):
        words = card.inner_text()
        assert result["service"]["name"] in words
        assert "ring to ask about places" in words, "nobody at three knows whether there is a bed"
        if result["service"]["confidential"]:
            assert "say which area to avoid when you ring" in words
    assert answer["children"] is None
    # Last on the screen whatever stands above it.
    last = at_three.locator("main > :last-child")
    rung = last.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href').slice(4))")
    assert rung == helplines()


def test_what_somebody_told_in_the_morning_is_to_be_asked_about_at_night(
    at_three: Page, service: StandingService
) -> None:
    """A figure for the night is good for twelve hours, in the demonstration from two hours before NOW on."""
    tap(at_three, "Adult", "Man")
    at_three.locator("#area").select_option(SANDWELL)
    find(at_three)
    answer = asked(service.origin, area=SANDWELL, age_group="adult", sex="men", referrer="police")
    run_out = [
        one["service"]["name"]
        for one in answer["results"]
        if one["capacity"]["status"] == "unknown" and one["service"]["name"].startswith("Example")
    ]
    assert run_out
    for summary in at_three.locator("summary", has_text="more").all():
        summary.click()
    for name in run_out:
        card = at_three.locator(".card").filter(has=at_three.get_by_role("heading", name=name))
        if card.count():
            assert "ask about places" in card.locator(".status").first.inner_text()


def test_a_postcode_that_is_none_loses_nothing_and_leads_to_the_areas(
    at_three: Page, service: StandingService
) -> None:
    tap(at_three, "Adult", "Woman")
    at_three.locator("#need").select_option("safe_house")
    find(at_three, "B69 3D?")
    alert = at_three.get_by_role("alert")
    expect(alert).to_contain_text("Choose a council area instead")
    expect(at_three.get_by_label("Adult")).to_be_checked()
    expect(at_three.get_by_label("Woman")).to_be_checked()
    expect(at_three.locator("#need")).to_have_value("safe_house")
    expect(at_three.locator("#postcode")).to_have_value("")
    assert [one for one in helplines() if one not in at_three.content().replace(" ", "")] == []

    at_three.locator("#area").select_option(label="Sandwell")
    find(at_three)
    question = {"area": SANDWELL, "age_group": "adult", "sex": "women", "need": "safe_house"}
    results = asked(service.origin, referrer="police", **question)["results"]
    assert first_rung(at_three.locator("main")) == next(
        numbers[0] for one in results if (numbers := numbers_of(service.origin, one))
    )


def test_without_scripts_and_with_the_keyboard_alone(visitor: Visitor, service: StandingService) -> None:
    service.clock.now = AT_THREE
    page = visitor.page(java_script_enabled=False, standing=False)
    page.goto(f"{service.origin}/officer/")
    passed = tab_to(page, lambda one: one.get_attribute("name") == "age_group")
    assert [one for one in passed if one.startswith("tel:")] == ["tel:999"]
    page.keyboard.press("Space")
    expect(page.get_by_label("Under 18")).to_be_checked()
    tab_to(page, has_id("postcode"))
    page.keyboard.type(POSTCODES["sandwell"])
    tab_to(page, is_called("Find"))
    page.keyboard.press("Enter")
    page.locator("#results").wait_for()
    passed = tab_to(
        page, lambda one: (one.get_attribute("href") or "tel:999")[:5] not in ("tel:9", "#main", "/offi")
    )
    assert as_printed(passed[-1].removeprefix("tel:")) == childrens_numbers("sandwell")[0]


def test_every_number_that_always_works_has_a_line_of_its_own_for_a_thumb(at_three: Page) -> None:
    lines = at_three.locator(".always li")
    expect(lines).not_to_have_count(0)
    for line in lines.all():
        link, name = line.locator("a"), line.locator("strong")
        box, above, around = link.bounding_box(), name.bounding_box(), line.bounding_box()
        assert box is not None
        assert above is not None
        assert around is not None
        assert box["height"] >= TARGET_PX
        assert box["x"] == around["x"]
        assert box["y"] >= above["y"] + above["height"]
