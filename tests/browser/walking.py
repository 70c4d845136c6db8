"""Walking through a page as people do: by keyboard alone, and to the first number that would be rung."""

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, Page

from tests.api.served import ANSWERS_WITHIN_S

MOST_STOPS = 150
RUNG = "a[href^='tel:']"


def tab_to(page: Page, wanted: Callable[[Locator], bool]) -> list[str]:
    """Press Tab until what has the focus is the wanted one; the links that were passed, and its own."""
    passed: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            continue
        passed.append(focused.get_attribute("href") or "")
        if wanted(focused):
            return passed
    raise AssertionError(f"the keyboard does not come to it: {passed}")


def has_id(name: str) -> Callable[[Locator], bool]:
    return lambda focused: focused.get_attribute("id") == name


def is_called(name: str) -> Callable[[Locator], bool]:
    return lambda focused: focused.inner_text().strip() == name


def choose_by_keyboard(page: Page, field: str, name: str) -> None:
    """Go to a list and type the name of what is wanted, as in every list of a browser."""
    tab_to(page, has_id(field))
    page.keyboard.type(name)
    chosen = page.locator(f"#{field}").evaluate("one => one.selectedOptions[0].text")
    assert chosen == name


def first_rung(within: Page | Locator) -> str:
    """The number behind the first thing to press that rings anybody, but for 999."""
    links = within.locator(RUNG).evaluate_all("all => all.map(one => one.getAttribute('href').slice(4))")
    return next(str(number) for number in links if number != "999")


# The same by another way: the public API


def asked(origin: str, **question: Any) -> dict[str, Any]:
    answer = httpx.post(
        f"{origin}/v1/services/search", json={"limit": 50} | question, timeout=ANSWERS_WITHIN_S
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def listed(origin: str, path: str) -> list[dict[str, Any]]:
    """Everything of a public list, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = {"limit": "50"} | ({"cursor": cursor} if cursor else {})
        page = httpx.get(f"{origin}{path}", params=query, timeout=ANSWERS_WITHIN_S).json()
        found += page["results"]
        cursor = page["next"]
        if cursor is None:
            return found


def id_of(origin: str, name: str, path: str = "/v1/services") -> str:
    (found,) = [one["id"] for one in listed(origin, path) if one["name"] == name]
    return str(found)


def record_of(origin: str, service_id: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{origin}/v1/services/{service_id}", timeout=ANSWERS_WITHIN_S).json()
    return found


def numbers_of(origin: str, result: dict[str, Any]) -> list[str]:
    """What can be rung for a result of the API: its own numbers, or else those of the service that leads to it."""
    record = record_of(origin, result["service"]["id"])
    route = result["referral_route"]
    if not record["phones"] and route and route["via_service_id"]:
        record = record_of(origin, route["via_service_id"])
    return [one["e164"] for one in record["phones"] if one["phone_type"] == "voice"]


def term(origin: str, vocabulary: str, code: str) -> str:
    """The plain words for a code."""
    (found,) = [
        one["name"]
        for taxonomy in httpx.get(f"{origin}/v1/vocabulary", timeout=ANSWERS_WITHIN_S).json()["results"]
        if taxonomy["code"] == vocabulary
        for one in taxonomy["terms"]
        if one["code"] == code
    ]
    return str(found)
