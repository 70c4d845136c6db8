"""The maps of the boroughs in a browser: axe sees them opened, at every width and in every scheme, and they need no colour."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.access.keys import WantedKey, make_key
from app.access.people import add_person
from app.db import Database
from tests.browser.hosting import StandingService
from tests.browser.visiting import (
    DESKTOP,
    PHONE,
    WIDTHS,
    Visitor,
    is_wider_than_its_window,
    open_a_service,
    violations,
)
from tests.providing import act_of_the_host, token_secrets

SCHEMES: tuple[dict[str, str], ...] = (
    {},
    {"color_scheme": "dark"},
    {"forced_colors": "active"},
    {"contrast": "more"},
)
TARGET_PX = 44
Opened = Callable[..., Page]


@pytest.fixture
def opened(visitor: Visitor, service: StandingService) -> Opened:
    """The form, the results for a postcode, or the page of a service, with its map opened."""

    def open_page(which: str, **context: object) -> Page:
        page = visitor.page(**context)  # type: ignore[arg-type]
        page.goto(f"{service.origin}/find")
        if which != "form":
            page.fill("#postcode", "B69 3DE")
            page.get_by_role("button", name="Find services", exact=True).click()
            page.wait_for_selector(".card")
        if which == "service":
            open_a_service(page)
        page.locator(".area summary").click()
        expect(page.locator(".area table")).to_be_visible()
        return page

    return open_page


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: size["width"])
@pytest.mark.parametrize("which", ["form", "results", "service"])
def test_axe_finds_nothing_in_an_opened_map(
    opened: Opened, visitor: Visitor, which: str, size: dict[str, int]
) -> None:
    page = opened(which, size=size)
    assert violations(page) == []
    assert not is_wider_than_its_window(page)
    assert visitor.console == []


@pytest.mark.parametrize("context", SCHEMES[1:], ids=str)
@pytest.mark.parametrize("which", ["form", "results", "service"])
def test_axe_finds_nothing_in_other_schemes(opened: Opened, which: str, context: dict[str, str]) -> None:
    assert violations(opened(which, **context)) == []


def test_it_is_closed_until_it_is_asked_for(visitor: Visitor, service: StandingService) -> None:
    page = visitor.page()
    page.goto(f"{service.origin}/find")
    expect(page.locator(".area svg").first).to_be_hidden()
    expect(page.get_by_role("button", name="Find services in Sandwell")).to_be_hidden()


def test_for_a_screen_reader_it_is_one_image_and_a_table(opened: Opened) -> None:
    page = opened("results")
    [image] = page.locator(".area").get_by_role("img").all()
    expect(image).to_have_accessible_name(re.compile(r"^Map of the 7 council areas of West Midlands: "))
    assert page.locator(".area").get_by_role("rowheader").count() == 7
    sandwell = page.locator(".area").get_by_role("row", name="Sandwell")
    expect(sandwell).to_contain_text("you searched here")


@pytest.mark.parametrize("context", SCHEMES, ids=str)
def test_looks_differ_by_more_than_their_colour(opened: Opened, context: dict[str, str]) -> None:
    page = opened("results", **context)
    look = "one => (({fill, stroke, strokeWidth}) => [fill, stroke, strokeWidth])(getComputedStyle(one))"
    sought = page.locator(".map .striped").evaluate(look)
    others = page.locator(".map .filled").first.evaluate(look)
    paper = page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
    assert "striped" in sought[0]
    assert sought[2] != others[2]
    assert others[1] not in (others[0], paper), "the borders between neighbours can be seen"
    assert others[0] != paper


def test_names_are_short_on_a_phone_and_whole_where_there_is_room(opened: Opened) -> None:
    for size, is_whole in ((PHONE, False), (DESKTOP, True)):
        page = opened("form", size=size)
        name = page.locator(".map text").last
        rest = name.locator("tspan").first
        assert rest.evaluate("one => getComputedStyle(one).display !== 'none'") is is_whole
        px = name.evaluate(
            "one => parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a"
        )
        assert px >= 12
        box, area = (name.bounding_box(), page.locator(".map").bounding_box())
        assert box is not None
        assert area is not None
        assert box["x"] >= area["x"], "nothing is cut off"


def test_a_borough_is_found_with_a_thumb_and_by_no_address(
    opened: Opened, visitor: Visitor, service: StandingService
) -> None:
    page = opened("form", size=WIDTHS[0])
    button = page.get_by_role("button", name="Find services in Sandwell")
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= TARGET_PX
    button.click()
    expect(page.get_by_text("Place: Sandwell.")).to_be_visible()
    assert page.url == f"{service.origin}/find"
    assert not [one for one in visitor.asked() if "E08" in one]


def test_on_paper_there_is_the_map_and_nothing_to_press(opened: Opened) -> None:
    page = opened("results")
    page.emulate_media(media="print")
    expect(page.locator(".map")).to_be_visible()
    expect(page.locator(".area table")).to_be_visible()
    expect(page.get_by_role("button", name="Find services in Sandwell")).to_be_hidden()


# The curators' board


@pytest.fixture(scope="module")
def desk(
    browser: object, seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[StandingService, str]]:
    """The demonstration with a curator in it, and the curator's key."""
    folder = shutil.copytree(seeded, tmp_path_factory.mktemp("desk") / "var", symlinks=True)
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    with StandingService.started(folder) as started:
        with database.write() as session:
            act = act_of_the_host(started.clock.now)
            person = add_person(session, "Example Curator of Maps", act)
            wanted = WantedKey("curator", "Example", person_id=person.id)
            key = make_key(session, token_secrets(), wanted, act).token.text
        yield started, key
    database.close()


@pytest.mark.parametrize(
    ("size", "context"),
    [*((size, {}) for size in WIDTHS), *((PHONE, context) for context in SCHEMES[1:])],
    ids=str,
)
def test_axe_finds_nothing_on_the_board(
    visitor: Visitor, desk: tuple[StandingService, str], size: dict[str, int], context: dict[str, Any]
) -> None:
    at, key = desk
    page = visitor.page(size=size, **context)
    page.goto(f"{at.origin}/curator/")
    page.fill("input[name=key]", key)
    page.locator("main button[type=submit]").click()
    page.wait_for_selector(".map")
    assert violations(page) == []
    assert not is_wider_than_its_window(page)
    page.select_option("#need", "safe_house")
    page.get_by_role("button", name="Show").click()
    page.wait_for_selector(".map")
    expect(page.locator(".area").get_by_role("img")).to_have_accessible_name(
        re.compile("Safe house, no service in")
    )
    # Confidential houses are never counted as free: "!" by mark, stripes by look.
    assert page.locator(".map .striped").count() == 7
    assert violations(page) == []
    assert visitor.console == []
