"""A browser, the service as it is served, and other people's pages: what every test of a page starts from.

The browser and the two servers belong to a module. (While Playwright's loop runs in a worker, nothing asynchronous does, and
tests of other rooms stand between two modules of this one.) Each test has contexts of its own, with nothing in them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.conftest import gazetteer_file, seeded, server
from tests.api.served import copied_folder
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import Visitor
from tests.browser.working import Workplace
from tests.machine import NO_BROWSER, do_without, find_browser

__all__ = ["gazetteer_file", "seeded", "server"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium; skips, or fails with REQUIRE_BROWSER=1, where there is none."""
    path = find_browser()
    if path is None:
        do_without(NO_BROWSER, unless="REQUIRE_BROWSER")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def standing(browser: Browser, seeded: Path) -> Iterator[StandingService]:
    """The application over the demonstration, at a clock that a test may move."""
    with StandingService.started(seeded) as started:
        yield started


@pytest.fixture
def service(standing: StandingService) -> StandingService:
    """The same at NOW, whatever the test before did to the clock."""
    standing.reset()
    return standing


@pytest.fixture(scope="module")
def site() -> Iterator[HostSite]:
    with HostSite.started() as started:
        yield started


@pytest.fixture
def host(site: HostSite) -> HostSite:
    """Somebody else's site, of another origin, without pages yet."""
    site.reset()
    return site


@pytest.fixture
def visitor(browser: Browser, service: StandingService) -> Iterator[Visitor]:
    """Somebody with a browser of their own, whose clock says what the service's says."""
    with Visitor.of(browser, service.clock) as one:
        yield one


@pytest.fixture(scope="module")
def shop(browser: Browser, seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The application over a demonstration of the module's own, which its tests may change."""
    folder = copied_folder(seeded, tmp_path_factory.mktemp("workplace") / "var")
    with Workplace.started(folder) as started:
        yield started


@pytest.fixture
def workplace(shop: Workplace) -> Workplace:
    """The same at NOW, with whatever the tests before changed in it."""
    shop.service.reset()
    return shop


@pytest.fixture
def worker(browser: Browser, workplace: Workplace) -> Iterator[Visitor]:
    """Somebody with a browser of their own, at the workplace."""
    with Visitor.of(browser, workplace.service.clock) as one:
        yield one
