"""Pictures of the widget and of the pages, and what can be counted about them: `python -m tests.browser.evidence`.

Writes `evidence/widget/*.png`, `evidence/widget.md`, and by `evidence_pages` `evidence/pages/*.png` and `evidence/pages.md`; a word
after the command (`widget`, `pages`) chooses one. To be looked at: no test can say whether a page is fit to be read.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.web.catalogues import read_catalogues
from app.web.widget import FOLDER, released
from tests.api.served import ANSWERS_WITHIN_S, ROOT, seeded_folder
from tests.browser.embedding import Finder, host_page, speak, translated
from tests.browser.evidence_pages import write_pages
from tests.browser.hosting import HostSite, StandingService
from tests.browser.test_widget_on_any_page import HOSTILE
from tests.browser.visiting import DESKTOP, PHONE, SMALL_PHONE, Visitor, violations
from tests.gazetteer_cache import cached_gazetteer
from tests.machine import NO_BROWSER, find_browser
from tests.waiting import wait_until

TARGET = ROOT / "evidence"
SCHEMES = ("light", "dark")
Look = Callable[[Page], None]


def the_top(page: Page) -> None:
    Finder.on(page)


def what_is_found(page: Page) -> None:
    finder = Finder.on(page)
    finder.choose("age", "adult")
    finder.choose("need", "casework_advocacy")
    finder.find("B69 3DE")
    # The list is the one that was found when the count has the focus.
    expect(finder.count).to_be_focused()
    finder.inside("summary:visible").first.click()
    finder.count.evaluate("one => { one.scrollIntoView(); scrollBy(0, -70) }")


def the_builder(page: Page) -> None:
    Finder.on(page)
    page.locator("#builder").evaluate("one => one.scrollIntoView()")


VIEWS: dict[str, tuple[str, Look]] = {
    "demo": ("/demo", the_top),
    "found": ("/demo", what_is_found),
    "builder": ("/widget", the_builder),
}


class Album:
    """Takes pictures, and counts what axe finds on each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: list[tuple[str, int]] = []
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def take(self, page: Page, name: str) -> None:
        self.counts.append((name, len(violations(page))))
        page.screenshot(path=self.folder / f"{name}.png")


def take_pages(album: Album, visitor: Visitor, service: StandingService) -> None:
    for name, (path, look) in VIEWS.items():
        for size in (PHONE, DESKTOP):
            for scheme in SCHEMES:
                page = visitor.page(size=size, color_scheme=scheme)
                page.goto(f"{service.origin}{path}")
                look(page)
                album.take(page, f"{name}-{size['width']}-{scheme}")
                page.context.close()


def take_hosts(album: Album, visitor: Visitor, service: StandingService, host: HostSite) -> None:
    """The widget on pages that are not made for it."""
    with tempfile.TemporaryDirectory() as folder:
        english = json.loads((FOLDER / "messages" / "en.json").read_text(encoding="utf-8"))
        (Path(folder) / "en.json").write_text(json.dumps(english), encoding="utf-8")
        forms = ("zero", "one", "two", "few", "many", "other")
        arabic = translated(english, "ar", direction="rtl", mark="عربي", forms=forms)
        (Path(folder) / "ar.json").write_text(json.dumps(arabic), encoding="utf-8")
        catalogues = read_catalogues(Path(folder))
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "hostile-390": (host_page(service.origin, head=HOSTILE), {}),
        "forced-colours-390": (host_page(service.origin), {"forced_colors": "active"}),
        "right-to-left-390": (
            host_page(service.origin, element='<support-finder lang="ar"></support-finder>'),
            {},
        ),
        "no-list-390": (host_page(service.origin), {}),
    }
    for name, (html, context) in pages.items():
        page = visitor.page(size=PHONE, **context)
        if name.startswith("right"):
            speak(page, catalogues)
        if name.startswith("no-list"):
            page.route("**/v1/snapshot", lambda route: route.abort())
        page.goto(host.put("/help", html))
        if name.startswith("no-list"):
            page.get_by_role("button", name="Try again").wait_for()
        else:
            Finder.on(page).count.evaluate("one => { one.scrollIntoView(); scrollBy(0, -70) }")
        album.take(page, name)
        page.context.close()


def requests_of_a_visit(visitor: Visitor, service: StandingService, host: HostSite) -> list[str]:
    """What the browser asks the service for while somebody uses everything and stays for eleven minutes."""
    page = visitor.page(size=SMALL_PHONE)
    visitor.requests.clear()
    page.goto(host.put("/help", host_page(service.origin)))
    finder = Finder.on(page)
    for field, value in {
        "age": "adult",
        "need": "casework_advocacy",
        "language": "sqi",
        "area": "E08000029",
    }.items():
        finder.choose(field, value)
    finder.find("B69 3DE")
    has_focus = "document.querySelector('support-finder').shadowRoot.activeElement?.id === 'count'"
    wait_until(lambda: page.evaluate(has_focus))
    for _ in range(2):
        with page.expect_response("**/v1/snapshot"):
            page.clock.fast_forward("05:31")
    return [
        f"`{one.method} {urlsplit(one.url).path}`{f' with `{one.post_data}`' if one.post_data else ''}"
        for one in visitor.requests
        if one.url.startswith(service.origin)
    ]


def report(album: Album, requests: list[str], snapshot: bytes, services: int) -> str:
    body = released().newest.body
    counted = "\n".join(f"| [{name}](widget/{name}.png) | {count} |" for name, count in album.counts)
    asked = "\n".join(f"{number}. {one}" for number, one in enumerate(requests, 1))
    return f"""# The widget, looked at and counted

Written by `python -m tests.browser.evidence`, over the demonstration at a standing clock. That what is counted here stays so is
asserted by `tests/browser` and `tests/web/test_widget_script.py`; the pictures are for eyes.

| | bytes | gzipped |
|---|---|---|
| `/widget/v1.js`, with the English words (at most 10,000 gzipped) | {len(body):,} | {len(gzip.compress(body, 9)):,} |
| `/v1/snapshot`, {services} services | {len(snapshot):,} | {len(gzip.compress(snapshot, 6)):,} |

## Requests

Of somebody who chose an age, a need, a language and an area, sent a postcode, and left the page open for eleven minutes:

{asked}

No other address is asked, and no request has a query, a cookie or a referrer. But for the postcode, nothing in them depends on
what was chosen.

## Pictures, and what axe-core finds on each (WCAG 2.2 A and AA, best practice)

| picture | violations |
|---|---|
{counted}
"""


def write_widget(target: Path, browser: Browser, seeded: Path) -> None:
    with (
        StandingService.started(seeded) as service,
        HostSite.started() as host,
        Visitor.of(browser, service.clock) as visitor,
    ):
        album = Album(target / "widget")
        take_pages(album, visitor, service)
        take_hosts(album, visitor, service, host)
        requests = requests_of_a_visit(visitor, service, host)
        snapshot = httpx.get(f"{service.origin}/v1/snapshot", timeout=ANSWERS_WITHIN_S).content
    services = len(json.loads(snapshot)["services"])
    (target / "widget.md").write_text(report(album, requests, snapshot, services), encoding="utf-8")


WRITERS = {"widget": write_widget, "pages": write_pages}


def main(chosen: Sequence[str]) -> None:
    path = find_browser()
    if path is None:
        raise SystemExit(NO_BROWSER)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        for name in chosen or WRITERS:
            seeded = seeded_folder(Path(folder) / name, cached_gazetteer())
            WRITERS[name](TARGET, browser, seeded)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
