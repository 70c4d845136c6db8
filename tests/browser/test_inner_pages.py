"""Pages behind a key under axe: the curators' desk and the providers' form, on a phone and a desktop, light, dark and forced."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.inner import Inner, prepared
from tests.browser.visiting import DESKTOP, PHONE, Visitor, is_wider_than_its_window, violations
from tests.browser.working import Workplace

SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"size": PHONE},
    "phone, dark": {"size": PHONE, "color_scheme": "dark"},
    "desktop": {"size": DESKTOP},
    "desktop, dark": {"size": DESKTOP, "color_scheme": "dark"},
    "phone, forced colours": {"size": PHONE, "forced_colors": "active"},
}


@pytest.fixture(scope="module")
def inner(shop: Workplace, browser: Browser) -> Iterator[Inner]:
    """Something on every page: a proposal, an import, a takedown, a key that was made."""
    shop.service.reset()
    with Visitor.of(browser, shop.service.clock) as visitor:
        yield prepared(shop, visitor)


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_at_the_desk(inner: Inner, worker: Visitor, screen: str) -> None:
    page = worker.page(**SCREENS[screen])
    inner.sign_in_as_curator(page)
    for path in inner.desk:
        page.goto(f"{inner.workplace.service.origin}{path}")
        look(page)
    # What is wrong is said on the same page.
    page.goto(f"{inner.workplace.service.origin}/curator/keys")
    page.locator("#device-label").fill(f"Example phone, {screen}")
    page.get_by_role("button", name="Make a one-time link").click()
    page.locator("code").first.wait_for()
    look(page)
    assert worker.console == []


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_the_form_of_providers(inner: Inner, worker: Visitor, screen: str) -> None:
    page = worker.page(**SCREENS[screen])
    inner.sign_in_as_provider(page)
    look(page)
    form = page.locator("form.report:visible").first
    form.get_by_label("Free now", exact=True).fill("9")
    form.get_by_label("Of", exact=True).fill("2")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    look(page)
    assert [said for said in worker.console if "422" not in said] == []


def look(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert violations(page) == [], page.url
    assert not is_wider_than_its_window(page), page.url
