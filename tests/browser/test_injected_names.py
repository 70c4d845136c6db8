"""What somebody wrote into a record does nothing on a page: no script, no element, no address that runs, no page too wide.

What a way in takes is sent by that way; what no way in takes is written into the tables beside them.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.api.served import copied_folder
from tests.browser.embedding import Finder
from tests.browser.visiting import DESKTOP, SMALL_PHONE, Visitor, is_wider_than_its_window
from tests.browser.working import Workplace, sign_in

HACKED = "<img src=x onerror=\"window.__hacked='img'\">"
NAMES = (
    HACKED,
    "<script>window.__hacked='script'</script>",
    "\"'><svg/onload=window.__hacked='svg'>",
    '</title></script><iframe srcdoc="<script>parent.__hacked=1</script>">',
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "\u202egnirts a desrever\u202c",
    "\u2066\u2066\u2066\u2067 left open",
    "W" * 400,
    "&lt;b&gt;&#x3c;img src=x&#x3e;",
    "javascript:window.__hacked='name'",
)
ADDRESSES = (
    "javascript:window.__hacked='address'",
    "JaVaScRiPt:window.__hacked=1",
    " javascript:window.__hacked=1",
    "data:text/html,<script>parent.__hacked=1</script>",
    "vbscript:x",
    "//evil.example",
    "https://example.org/\"onmouseover=\"window.__hacked=1",
)  # fmt: skip
TEXTS = {
    "service": ("name", "description", "application_process", "fees_description"),
    "organization": ("name", "description"),
    "referral_route": ("name", "notes", "information_needed"),
    "phone": ("description",),
    "assurance": ("source",),
}
LINKS = {
    "service": ("url", "privacy_url"),
    "organization": ("website",),
    "referral_route": ("form_url",),
    "assurance": ("source_url",),
}
BY_THE_WAY_IN = "Example Night Line"
"""About this one such words are sent, as providers and curators send them."""


def spoil(path: Path) -> None:
    """Every text and address of the demonstration, each another of the list; nothing else changes."""
    database = sqlite3.connect(path)
    try:
        for table, columns in TEXTS.items():
            for column in columns:
                _write(database, table, column, NAMES)
        for table, columns in LINKS.items():
            for column in columns:
                _write(database, table, column, ADDRESSES)
        database.commit()
    finally:
        database.close()


def _write(database: sqlite3.Connection, table: str, column: str, values: tuple[str, ...]) -> None:
    rows = database.execute(
        f"SELECT rowid FROM {table} WHERE {column} IS NOT NULL ORDER BY rowid"  # noqa: S608
    ).fetchall()
    for number, (row,) in enumerate(rows):
        database.execute(
            f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608
            (values[number % len(values)], row),
        )


@pytest.fixture(scope="module")
def spoilt(browser: Browser, seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """With what no way in takes in its tables."""
    folder = copied_folder(seeded, tmp_path_factory.mktemp("spoilt") / "var")
    spoil(folder / "directory.sqlite")
    with Workplace.started(folder) as started:
        yield started


def propose_hostile_words(workplace: Workplace) -> None:
    """As a provider would, over the API; a curator publishes one of them as it is, and one is left to be decided."""
    service_id = workplace.service_id(BY_THE_WAY_IN)
    record = f"/v1/curation/services/{service_id}"
    version = workplace.version(record)
    workplace.told("PATCH", record, {"changes": {"description": HACKED}}, if_match=version)
    owner = workplace.public(f"/v1/services/{service_id}").json()["organization"]["id"]
    key = workplace.provider_key(owner)
    workplace.told(
        "POST",
        f"/v1/provider/services/{service_id}/proposals",
        {"changes": {"name": NAMES[1], "description": NAMES[2]}, "note": HACKED},
        key=key,
    )


@pytest.fixture
def victim(browser: Browser, spoilt: Workplace) -> Iterator[Visitor]:
    with Visitor.of(browser, spoilt.service.clock) as one:
        yield one


def harmless(page: Page, visitor: Visitor, dialogs: list[Dialog]) -> None:
    assert dialogs == []
    assert page.evaluate("window.__hacked") is None
    found: list[str] = page.evaluate(
        """() => {
            const all = [], walk = (root) => {
                for (const one of root.querySelectorAll("*")) {
                    const bad = [...one.attributes].filter(({ name }) => name.startsWith("on"));
                    if (bad.length || ["IMG", "IFRAME", "OBJECT", "EMBED", "BASE"].includes(one.tagName) && !one.matches(".code")
                        || one.tagName.toLowerCase() === "svg" && one.hasAttribute("onload"))
                        all.push(one.outerHTML.slice(0, 80));
                    if (one.tagName === "SCRIPT" && !(one.getAttribute("src") || "").startsWith("/")) all.push("script");
                    const href = one.getAttribute("href") || "";
                    if (one.tagName === "A" && !/^(https?:\\/\\/|tel:[^:]*$|sms:[^:]*$|\\/(?!\\/)|#)/.test(href)) all.push(href);
                    if (one.shadowRoot) walk(one.shadowRoot);
                }
            };
            walk(document);
            return all;
        }"""
    )
    assert found == []
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert not is_wider_than_its_window(page)
    assert visitor.console == [], "the policy of the page had nothing to refuse"


def opened(visitor: Visitor, **context: Any) -> tuple[Page, list[Dialog]]:
    page = visitor.page(size=SMALL_PHONE, **context)
    dialogs: list[Dialog] = []

    def heard(dialog: Dialog) -> None:
        dialogs.append(dialog)
        dialog.dismiss()

    page.on("dialog", heard)
    return page, dialogs


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_answers_and_pages_of_services(spoilt: Workplace, victim: Visitor, path: str) -> None:
    origin = spoilt.service.origin
    page, dialogs = opened(victim)
    for question in ("", "child"):
        page.goto(f"{origin}{path}")
        page.locator("#area").select_option("E08000028")
        if question and path == "/find":
            page.locator("#age_group").select_option(question)
        page.locator("main form:has(#postcode) button[type=submit]").click()
        page.locator("#results").wait_for()
        assert HACKED in page.locator("main").inner_text()
        harmless(page, victim, dialogs)
    if path == "/officer/":
        page.goto(f"{origin}/officer/offline")
        harmless(page, victim, dialogs)
        return
    links = page.locator(".card h2 a").evaluate_all("all => all.map(one => one.href)")
    for link in links[: len(NAMES)]:
        page.goto(link)
        harmless(page, victim, dialogs)
        assert not [name for name in NAMES if name in page.title()]


def test_the_widget_on_a_page(spoilt: Workplace, victim: Visitor) -> None:
    page, dialogs = opened(victim)
    page.goto(f"{spoilt.service.origin}/demo")
    finder = Finder.on(page)
    finder.show_all()
    assert HACKED in finder.words()
    harmless(page, victim, dialogs)


def test_the_page_of_a_provider(spoilt: Workplace, victim: Visitor) -> None:
    page, dialogs = opened(victim)
    for organization in spoilt.organizations_with_services():
        page.goto(f"{spoilt.service.origin}/provider/")
        page.locator("#key").fill(spoilt.provider_key(organization))
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("heading", name="Your services").wait_for()
        harmless(page, victim, dialogs)
        page.get_by_role("button", name="Sign out").click()


def test_the_lists_at_the_desk_of_curators(spoilt: Workplace, victim: Visitor) -> None:
    page, dialogs = opened(victim)
    sign_in(page, spoilt, spoilt.curator_key("Example One"))
    for path in ("", "proposals", "services", "takedowns", "imports", "keys"):
        page.goto(f"{spoilt.service.origin}/curator/{path}")
        harmless(page, victim, dialogs)


def test_what_is_proposed_and_stored_at_the_desk_of_curators(workplace: Workplace, worker: Visitor) -> None:
    propose_hostile_words(workplace)
    page, dialogs = opened(worker)
    sign_in(page, workplace, workplace.curator_key("Example One"))
    page.goto(f"{workplace.service.origin}/curator/proposals")
    page.locator("main ul a").first.click()
    page.get_by_role("region", name="Differences").wait_for()
    for words in (HACKED, *NAMES[1:3]):
        assert words in page.locator("main").inner_text()
    harmless(page, worker, dialogs)
    page.get_by_role("link", name="The record").click()
    page.get_by_role("heading", name="History").wait_for()
    assert HACKED in page.locator("main").inner_text()
    harmless(page, worker, dialogs)
    page.goto(f"{workplace.service.origin}/find/services/{workplace.service_id(BY_THE_WAY_IN)}")
    assert HACKED in page.locator("main").inner_text()
    harmless(page, worker, dialogs)


def test_a_sheet_with_such_words_is_shown_as_words(
    spoilt: Workplace, victim: Visitor, tmp_path: Path
) -> None:
    page, dialogs = opened(victim)
    sign_in(page, spoilt, spoilt.curator_key("Example One"))
    sheet = tmp_path / "hostile.csv"
    rows = [
        f'"{name.replace(chr(34), chr(34) * 2)}","Example desk {number}","{ADDRESSES[0]}"'
        for number, name in enumerate(NAMES)
    ]
    sheet.write_text("\n".join(["Organization,Service,Website", *rows]), encoding="utf-8")
    page.goto(f"{spoilt.service.origin}/curator/imports")
    page.locator("#file").set_input_files(sheet)
    page.locator("#source").fill("Example hostile sheet")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("heading", name="Example hostile sheet").wait_for()
    assert "Fault" in page.locator("main").inner_text()
    harmless(page, victim, dialogs)


def test_wide_names_on_a_wide_screen(spoilt: Workplace, victim: Visitor) -> None:
    page = victim.page(size=DESKTOP)
    page.goto(f"{spoilt.service.origin}/find")
    page.locator("#area").select_option("E08000025")
    page.locator("main form:has(#postcode) button[type=submit]").click()
    page.locator("#results").wait_for()
    assert not is_wider_than_its_window(page)
