"""The widget on somebody's page, and what a person sees of it there."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Route

from app.web.catalogues import Catalogues
from app.web.widget import FOLDER
from app.web.widget_script import make_script

FALLBACK = '<p>Helpline: <a href="tel:08000121700">08000 121 700</a>. <a href="https://example.org/find">Find support</a></p>'


def host_page(
    service: str,
    *,
    element: str = f"<support-finder>{FALLBACK}</support-finder>",
    head: str = "",
    script: str = "/widget/v1.js",
) -> str:
    """A page that embeds the widget of the service at this origin, as the snippet says."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Help and advice</title>{head}</head><body><main>'
        f"<h1>Help and advice</h1>{element}</main>"
        f'<script src="{service}{script}" async referrerpolicy="no-referrer"></script></body></html>'
    )


@dataclass(frozen=True, slots=True)
class Finder:
    """One widget on a page. Locators see through its open shadow root."""

    element: Locator

    @classmethod
    def on(cls, page: Page, number: int = 0) -> "Finder":
        """The widget, once it shows its list."""
        found = cls(page.locator("support-finder, [data-support-finder]").nth(number))
        found.count.wait_for()
        return found

    @property
    def count(self) -> Locator:
        return self.element.locator("#count")

    @property
    def more(self) -> Locator:
        return self.element.get_by_role("button", name="more service")

    def inside(self, selector: str) -> Locator:
        return self.element.locator(selector)

    def choose(self, field: str, value: str) -> None:
        self.inside(f"#{field}").select_option(value)

    def find(self, postcode: str) -> None:
        self.inside("#postcode").fill(postcode)
        self.inside("#postcode").press("Enter")

    def show_all(self) -> None:
        while self.more.is_visible():
            self.more.click()

    def card(self, name: str) -> Locator:
        return self.inside(".card").filter(
            has=self.element.page.get_by_role("heading", name=name, exact=True)
        )

    def names(self) -> list[str]:
        """Names of the services that are shown, in their order."""
        found: list[str] = self.element.evaluate(
            """host => [...host.shadowRoot.querySelectorAll('.card')].filter(one => !one.hidden && one.querySelector('details'))
                .map(one => one.querySelector('h1, h2, h3, h4, h5, h6').textContent)"""
        )
        return found

    def all_names(self) -> list[str]:
        """The same when everything that matches is shown."""
        self.show_all()
        return self.names()

    def words(self) -> str:
        """All that is to be seen of it."""
        return self.inside(".sf").inner_text()


def change_snapshot(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Let the page find another list than the service has: what is fetched goes through `change`."""

    def answer(route: Route) -> None:
        fetched = route.fetch()
        snapshot = fetched.json()
        change(snapshot)
        headers = {
            name: value for name, value in fetched.headers.items() if name.startswith("access-control-")
        }
        route.fulfill(status=200, headers=headers, content_type="application/json", body=json.dumps(snapshot))

    page.route("**/v1/snapshot", answer)


def speak(page: Page, catalogues: Catalogues) -> None:
    """Let the page find the script and the words that the service would serve with these catalogues."""
    allow = {"access-control-allow-origin": "*"}
    script = make_script((FOLDER / "widget.js").read_text(encoding="utf-8"), catalogues)
    page.route(
        "**/widget/v1.js",
        lambda route: route.fulfill(headers=allow, content_type="text/javascript", body=script.body),
    )

    def answer(route: Route) -> None:
        catalogue = catalogues.offered.get(route.request.url.rpartition("/")[2])
        if catalogue is None:
            route.fulfill(status=404, headers=allow)
        else:
            route.fulfill(headers=allow, content_type="application/json", body=catalogue.model_dump_json())

    page.route("**/widget/v1/messages/*", answer)


def catch_printing(page: Page) -> None:
    """From the next page on, what goes to the printer is kept instead (`print_from`)."""
    page.add_init_script(
        """window.print = () => {
            const { title, body, images } = document;
            top.printed = { title, text: body.innerText, images: images.length, first: body.firstElementChild.textContent };
            dispatchEvent(new Event('afterprint'));
        }"""
    )


def print_from(finder: Finder) -> dict[str, Any]:
    """What the button of a widget prints: title, text, number of images, and the first line."""
    finder.inside("button").filter(has_text="Print these numbers").click()
    printed: dict[str, Any] = finder.element.page.evaluate(
        "new Promise(found => { const look = () => window.printed ? found(window.printed) : requestAnimationFrame(look); look() })"
    )
    return printed


def translated(
    source: Mapping[str, Any], language: str, *, direction: str, mark: str, forms: tuple[str, ...]
) -> dict[str, Any]:
    """A catalogue that nobody would ship: every message with a mark, every plural with the name of its form."""
    messages = {
        key: f"{mark} {said}"
        if isinstance(said, str)
        else {form: f"{mark} {form} {said['other']}" for form in forms}
        for key, said in source["messages"].items()
    }
    return {
        **source, "language": language, "autonym": mark, "direction": direction, "messages": messages,
        "status": "reviewed", "reviewed_by": "A test", "reviewed_on": "2026-11-25",
    }  # fmt: skip
