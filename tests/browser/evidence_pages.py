"""Pictures of the pages for people: as they come into a window, on a phone and a desktop, light and dark, with axe's counts.

The tops of the pages: what one sees first is what one acts on. Where the top says nothing of it, the window is moved to it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.hosting import StandingService
from tests.browser.inner import Inner, prepared
from tests.browser.pictures import Darkroom
from tests.browser.visiting import DESKTOP, PHONE, Visitor, violations
from tests.browser.working import Workplace

SCREENS: tuple[dict[str, Any], ...] = tuple(
    {"size": size, "color_scheme": scheme} for size in (PHONE, DESKTOP) for scheme in ("light", "dark")
)
Look = Callable[[Page, str], None]


def opened(path: str) -> Look:
    return lambda page, origin: _open(page, f"{origin}{path}")


def _open(page: Page, address: str) -> None:
    page.goto(address)


def found(page: Page, origin: str) -> None:
    page.goto(f"{origin}/find")
    page.locator("#postcode").fill("B69 3DE")
    page.locator("#need").select_option("casework_advocacy")
    page.locator("#age_group").select_option("adult")
    page.get_by_role("button", name="Find services").click()
    page.locator("#results").wait_for()


def not_found(page: Page, origin: str) -> None:
    page.goto(f"{origin}/find")
    page.locator("#postcode").fill("nowhere")
    page.get_by_role("button", name="Find services").click()
    page.get_by_role("alert").wait_for()


def child(page: Page, origin: str) -> None:
    page.goto(f"{origin}/find")
    page.locator("#area").select_option("E08000028")
    page.locator("#age_group").select_option("child")
    page.get_by_role("button", name="Find services").click()
    page.locator("#results").wait_for()


def one_service(page: Page, origin: str) -> None:
    found(page, origin)
    page.get_by_role("link", name="Example Casework Sandwell", exact=True).click()
    page.locator("main .status").wait_for()


def what_happens(page: Page, origin: str) -> None:
    one_service(page, origin)
    page.get_by_role("heading", name="What happens to your information").scroll_into_view_if_needed()
    page.mouse.wheel(0, 500)


def mistake(page: Page, origin: str) -> None:
    one_service(page, origin)
    page.locator(".mistake summary").click()
    page.locator(".mistake button").scroll_into_view_if_needed()


def officer(page: Page, origin: str, **chosen: str) -> None:
    page.goto(f"{origin}/officer/")
    page.locator("form").get_by_text(chosen.get("age", "Adult"), exact=True).click()
    page.locator("form").get_by_text("Woman", exact=True).click()
    page.locator("#postcode").fill("B69 3DE")
    page.locator("#need").select_option(chosen.get("need", "emergency_accommodation"))
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator("#results").wait_for()


def officer_child(page: Page, origin: str) -> None:
    officer(page, origin, age="Under 18", need="")


VIEWS: dict[str, Look] = {
    "find": opened("/find"),
    "find-results": found,
    "find-child": child,
    "find-error": not_found,
    "find-service": one_service,
    "find-information": what_happens,
    "find-mistake": mistake,
    "find-know": opened("/find/know"),
    "find-safety": opened("/find/safety"),
    "find-privacy": opened("/find/privacy"),
    "find-accessibility": opened("/find/accessibility"),
    "officer": opened("/officer/"),
    "officer-results": officer,
    "officer-child": officer_child,
    "officer-offline": opened("/officer/offline"),
    "officer-enrol": opened("/officer/enrol"),
    "officer-signed-out": opened("/officer/left"),
    "provider-sign-in": opened("/provider/"),
    "curator-sign-in": opened("/curator/"),
}


class Pages:
    """Takes the pictures, and counts what axe finds on each."""

    def __init__(self, folder: Path, darkroom: Darkroom) -> None:
        self.folder = folder
        self.darkroom = darkroom
        self.counts: list[tuple[str, int]] = []
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def take(self, page: Page, name: str, screen: dict[str, Any]) -> None:
        full_name = f"{name}-{screen['size']['width']}-{screen['color_scheme']}"
        self.counts.append((full_name, len(violations(page))))
        picture = self.darkroom.small(page.screenshot(scale="css"))
        (self.folder / f"{full_name}.png").write_bytes(picture)


def take_open_pages(album: Pages, visitor: Visitor, service: StandingService) -> None:
    for screen in SCREENS:
        for name, look in VIEWS.items():
            page = visitor.page(**screen)
            look(page, service.origin)
            album.take(page, name, screen)
            page.context.close()


def take_inner_pages(album: Pages, visitor: Visitor, inner: Inner) -> None:
    origin = inner.workplace.service.origin
    for screen in SCREENS:
        page = visitor.page(**screen)
        inner.sign_in_as_curator(page)
        for path, name in inner.desk.items():
            page.goto(f"{origin}{path}")
            album.take(page, f"curator-{name}", screen)
        page.context.close()
        page = visitor.page(**screen)
        inner.sign_in_as_provider(page)
        album.take(page, "provider", screen)
        form = page.locator("form.report:visible").first
        form.get_by_label("Free now", exact=True).fill("1")
        form.get_by_text("A few left", exact=True).click()
        form.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Undo").wait_for()
        album.take(page, "provider-saved", screen)
        page.get_by_role("button", name="Undo").click()
        page.context.close()


def report(album: Pages) -> str:
    names = list(dict.fromkeys(name.rsplit("-", 2)[0] for name, _ in album.counts))
    counts = dict(album.counts)
    columns = [f"{screen['size']['width']}-{screen['color_scheme']}" for screen in SCREENS]
    rows = "\n".join(
        f"| {name} | "
        + " | ".join(f"[{counts[f'{name}-{one}']}](pages/{name}-{one}.png)" for one in columns)
        + " |"
        for name in names
    )
    return f"""# The pages, looked at and counted

Written by `python -m tests.browser.evidence`, over the demonstration at a standing clock. Each number is what axe-core finds on the
page (WCAG 2.2 A and AA, best practice), and leads to its picture: what comes into the window of a phone (390 x 844) or a desktop
(1280 x 900), light or dark. That the counts stay so is asserted by `tests/browser`; the pictures are for eyes.

| page | {" | ".join(columns)} |
|---|{"---|" * len(columns)}
{rows}
"""


def write_pages(target: Path, browser: Browser, seeded: Path) -> None:
    """`seeded` is changed: there is something on every page of the desk."""
    with (
        Workplace.started(seeded) as workplace,
        Visitor.of(browser, workplace.service.clock) as visitor,
    ):
        album = Pages(target / "pages", Darkroom(browser.new_context()))
        take_open_pages(album, visitor, workplace.service)
        take_inner_pages(album, visitor, prepared(workplace, visitor))
    (target / "pages.md").write_text(report(album), encoding="utf-8")
