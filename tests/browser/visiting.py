"""Somebody in a browser: pages in every size and scheme, what they asked for and said, and what axe finds on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.api.served import StandingClock

PHONE, SMALL_PHONE, DESKTOP = (
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
    {"width": 1280, "height": 900},
)
WIDTHS = (SMALL_PHONE, PHONE, DESKTOP)
AXE_OPTIONS: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@dataclass
class Visitor:
    """A browser context with nothing in it, and all that its pages asked for and said."""

    # Without slots: Playwright marks the object whose methods listen.

    browser: Browser
    clock: StandingClock
    contexts: list[BrowserContext] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def of(cls, browser: Browser, clock: StandingClock) -> Iterator["Visitor"]:
        visitor = cls(browser, clock)
        try:
            yield visitor
        finally:
            for context in visitor.contexts:
                context.close()

    def page(self, *, size: dict[str, int] = PHONE, standing: bool = True, **context: Any) -> Page:
        """A new page in a new context (`context` as of Playwright's `new_context`).

        Its clock stands at the service's, and moves when the test says so (`page.clock`), unless `standing` is false.
        """
        made = self.browser.new_context(viewport=size, locale="en-GB", **context)  # type: ignore[arg-type]
        self.contexts.append(made)
        made.set_default_timeout(15_000)
        page = made.new_page()
        if standing:
            page.clock.install(time=self.clock.now)
        page.on("request", self._saw)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        return page

    def _saw(self, request: Request) -> None:
        self.requests.append(request)

    def _heard(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def asked(self) -> list[str]:
        """Every request so far: method and address."""
        return [f"{request.method} {request.url}" for request in self.requests]

    def kept(self, page: Page) -> dict[str, Any]:
        """Everything that pages of the context have left in the browser, and the length of its history."""
        stored = page.evaluate(
            """async () => ({
                local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie,
                databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
                workers: (await navigator.serviceWorker.getRegistrations()).length, history: history.length,
            })"""
        )
        return {**stored, "cookies": page.context.cookies()}


def open_a_service(page: Page) -> None:
    """From the results on `/find` to the page of the first service whose places are spoken of; of a line they are not.

    Which of two equal services stands first differs between two databases: the ids of confidential ones are drawn by chance.
    """
    page.locator(".card:has(.status) h2 a").first.click()
    page.locator("main > .status").wait_for()


def _wait_for_styles(page: Page) -> None:
    """Its words can be seen, and its width measured, before its style sheets are there: as a page that nobody gets to see."""
    page.wait_for_load_state()


def violations(page: Page, *, context: str | None = None) -> list[str]:
    """What axe-core finds wrong with a page (WCAG 2.2 AA and best practice), in words; open shadow roots included."""
    _wait_for_styles(page)
    found = Axe().run(page, context=context, options=AXE_OPTIONS)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {', '.join(str(node['target']) for node in one['nodes'][:5])}"
        for one in found.response["violations"]
    ]


def is_wider_than_its_window(page: Page) -> bool:
    """Whether one has to scroll sideways (WCAG 2.2, 1.4.10)."""
    _wait_for_styles(page)
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))
