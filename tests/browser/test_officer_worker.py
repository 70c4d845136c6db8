"""Forms that change something, in a browser: past the worker of `/officer/`, and with a word of where they are from."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.access.devices import make_link
from app.db import Database
from tests.api.served import NOW, copied_folder
from tests.browser.hosting import HostSite, StandingService
from tests.browser.visiting import Visitor
from tests.providing import act_of_the_host, token_secrets
from tests.waiting import wait_until


@pytest.fixture
def own_service(seeded: Path, tmp_path: Path) -> Iterator[tuple[StandingService, str]]:
    """The service over a database of its own, and the code of a link for one phone."""
    folder = copied_folder(seeded, tmp_path / "var")
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    try:
        with database.write() as session:
            made = make_link(session, token_secrets(), "Example phone", act=act_of_the_host(NOW))
    finally:
        database.close()
    with StandingService.started(folder) as started:
        yield started, made.token.text


@contextmanager
def _phone(browser: Browser, service: StandingService, code: str) -> Iterator[Page]:
    """An enrolled phone whose worker stands between its pages and the network."""
    context = browser.new_context()
    context.set_default_timeout(15_000)
    try:
        page = context.new_page()
        page.goto(f"{service.origin}/officer/enrol#{code}")
        page.get_by_role("button", name="Enrol this phone").click()
        page.get_by_text("This phone is enrolled.").wait_for()
        wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
        yield page
    finally:
        context.close()


def _service_id(page: Page) -> str:
    page.get_by_label("Or council area").select_option("E08000028")
    page.get_by_role("button", name="Find").click()
    action = page.locator("form.tap").first.get_attribute("action")
    assert action is not None
    return action.split("/")[3]


def test_a_form_of_another_site_does_nothing_though_a_worker_runs(
    browser: Browser, own_service: tuple[StandingService, str], host: HostSite
) -> None:
    service, code = own_service
    with _phone(browser, service, code) as page:
        call = f"/officer/services/{_service_id(page)}/call-outcome"
        for path, field in (("/officer/leave", ""), (call, '<input name="outcome" value="full">')):
            foreign = host.put(
                "/", f'<form method="post" action="{service.origin}{path}">{field}<button>Go</button></form>'
            )
            other = page.context.new_page()
            other.goto(foreign)
            with other.expect_response(f"{service.origin}{path}") as answer:
                other.get_by_role("button").click()
            assert answer.value.status == 403, path
            other.close()
        page.goto(f"{service.origin}/officer/")
        assert page.get_by_text("This phone is enrolled.").is_visible()


def test_without_a_network_a_question_gets_the_saved_list_and_a_sign_out_does_not(
    browser: Browser, own_service: tuple[StandingService, str]
) -> None:
    service, code = own_service
    with _phone(browser, service, code) as page:
        page.context.set_offline(True)
        page.get_by_label("Or council area").select_option("E08000028")
        page.get_by_role("button", name="Find").click()
        page.get_by_text("Saved list: not live").wait_for()
        page.context.set_offline(False)
        page.goto(f"{service.origin}/officer/")
        page.context.set_offline(True)
        page.get_by_role("button", name="Sign this phone out").click()
        page.wait_for_load_state()
        assert not page.get_by_text("Saved list: not live").is_visible()


def answer_instead(service: StandingService, answer: Response) -> None:
    """Every request gets this one, until the stack of the application is built again."""

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(scope, receive, send)

    service.app.middleware_stack = other


@pytest.mark.parametrize("status", [403, 503])
def test_while_a_proxy_answers_for_the_service_there_is_the_saved_list(
    browser: Browser, own_service: tuple[StandingService, str], status: int
) -> None:
    service, code = own_service
    with _phone(browser, service, code) as page:
        answer_instead(service, Response("Bad gateway", status))
        page.goto(f"{service.origin}/officer/")
        page.get_by_text("Saved list: not live").wait_for()
        assert page.locator(".always a[href^='tel:']").count() > 1
        # With its own style, which the proxy does not have either.
        assert page.evaluate("document.styleSheets.length") == 1
        service.app.middleware_stack = service.app.build_middleware_stack()
        page.goto(f"{service.origin}/officer/")
        page.get_by_text("This phone is enrolled.").wait_for()


def test_a_network_that_asks_for_a_log_in_does_not_take_the_place_of_the_saved_list(
    browser: Browser, own_service: tuple[StandingService, str]
) -> None:
    service, code = own_service
    with _phone(browser, service, code) as page:
        # A worker that begins anew renews what it keeps at the next page.
        devtools = page.context.new_cdp_session(page)
        devtools.send("ServiceWorker.enable")
        devtools.send("ServiceWorker.stopAllWorkers")
        answer_instead(service, Response("Log in to this network", media_type="text/html"))
        with page.context.expect_event("request", lambda one: one.url.endswith("/officer/offline")):
            page.goto(f"{service.origin}/officer/")
        assert page.get_by_text("Log in to this network").is_visible()
        page.context.set_offline(True)
        page.goto(f"{service.origin}/officer/")
        page.get_by_text("Saved list: not live").wait_for()
        assert page.locator(".always a[href^='tel:']").count() > 1


def test_what_the_service_itself_says_is_wrong_is_shown(
    browser: Browser, own_service: tuple[StandingService, str]
) -> None:
    """It has the numbers, and says more than a saved list."""
    service, code = own_service
    with _phone(browser, service, code) as page:
        answer_instead(service, Response("Said by us", 503, {"X-Request-Id": "example"}))
        page.goto(f"{service.origin}/officer/")
        assert page.get_by_text("Said by us").is_visible()


@pytest.mark.parametrize(
    ("path", "field"), [("/officer/enrol", "code"), ("/provider/", "key"), ("/curator/", "key")]
)
def test_a_form_of_ours_says_where_it_is_from(
    service: StandingService, visitor: Visitor, path: str, field: str
) -> None:
    """A browser without Fetch Metadata has nothing else to say, and would be refused."""
    page = visitor.page()
    page.goto(service.origin + path)
    page.locator(f"#{field}").fill("nonsense")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("main form button[type=submit]").click()
    assert sent.value.all_headers()["origin"] == service.origin
