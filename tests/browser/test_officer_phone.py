"""An officer's own phone: enrolled by a link that works once, one tap after a call, the saved list, and signing out."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, Route, expect

from tests.api.served import NOW, ROOT
from tests.browser.visiting import Visitor
from tests.browser.walking import id_of, record_of
from tests.browser.working import Workplace
from tests.waiting import wait_until

SANDWELL = "E08000028"
HOUSE = "Example House for women"
CAPACITY: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "seed_data" / "example_capacity.yaml").read_text(encoding="utf-8")
)


@pytest.fixture
def enrolled(worker: Visitor, workplace: Workplace) -> Page:
    return enrol(worker, workplace)


def enrol(worker: Visitor, workplace: Workplace) -> Page:
    page = worker.page()
    page.goto(workplace.phone_link())
    page.get_by_role("button", name="Enrol this phone").click()
    page.wait_for_url("**/officer/")
    return page


def find_a_house(page: Page) -> Any:
    """The card of the house, as the phone shows it."""
    page.goto(page.url.partition("/officer")[0] + "/officer/")
    page.locator("form").get_by_text("Adult", exact=True).click()
    page.locator("form").get_by_text("Woman", exact=True).click()
    page.locator("#area").select_option(SANDWELL)
    page.locator("#need").select_option("safe_house")
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator("#results").wait_for()
    page.locator("summary", has_text="more").click()
    return page.locator(".card").filter(has=page.get_by_role("heading", name=HOUSE))


def test_a_link_works_once_and_leaves_no_code_behind(worker: Visitor, workplace: Workplace) -> None:
    link = workplace.phone_link()
    code = link.partition("#")[2]
    page = worker.page()
    page.goto(link)
    expect(page.get_by_label("The link, or its code")).to_have_value(code)
    assert page.url == f"{workplace.service.origin}/officer/enrol"
    assert code not in " ".join(worker.asked()), "what stands behind # is sent to nobody"
    page.get_by_role("button", name="Enrol this phone").click()
    page.wait_for_url("**/officer/")
    expect(page.get_by_text("This phone is enrolled.")).to_be_visible()
    kept = worker.kept(page)
    assert kept["cookie"] == "", "no script reads the session"
    assert (kept["local"], kept["session"], kept["databases"]) == ({}, {}, 0)
    assert code not in str(kept)

    again = worker.page()
    again.goto(link)
    again.get_by_role("button", name="Enrol this phone").click()
    expect(again.get_by_role("alert")).to_contain_text("This code does not work.")


def test_a_second_tap_does_not_use_up_the_link(worker: Visitor, workplace: Workplace) -> None:
    """With a poor signal: the browser would drop the first answer, which has the session, for "This code does not work"."""
    page = worker.page(standing=False)
    page.goto(workplace.phone_link())
    poor = {"offline": False, "latency": 600, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", poor)
    page.get_by_role("button", name="Enrol this phone").evaluate(
        "button => { button.click(); setTimeout(() => button.click(), 100) }"
    )
    page.wait_for_url("**/officer/")
    expect(page.get_by_text("This phone is enrolled.")).to_be_visible()


def test_an_enrolled_phone_shows_what_the_house_told_until_it_runs_out(
    worker: Visitor, workplace: Workplace, enrolled: Page
) -> None:
    (told,) = [one for one in CAPACITY if one["service"] == "example-womens-house"]
    figure = f"{told['available']} free of {told['maximum']}"
    card = find_a_house(enrolled)
    expect(card).to_contain_text("Not shown to the public")
    expect(card).to_contain_text(figure)
    others = worker.page()
    others.goto(enrolled.url)
    expect(find_a_house(others)).not_to_contain_text(figure)

    workplace.service.clock.now = NOW + timedelta(hours=told["valid_for_hours"])
    card = find_a_house(enrolled)
    expect(card.locator("table")).to_contain_text("ask")
    expect(card).not_to_contain_text("free")


def test_one_tap_says_what_was_found_and_the_next_officer_sees_it(
    worker: Visitor, workplace: Workplace, enrolled: Page
) -> None:
    card = find_a_house(enrolled)
    card.get_by_role("button", name="Full", exact=True).click()
    expect(card.get_by_role("status")).to_contain_text("Noted.")
    assert enrolled.url == f"{workplace.service.origin}/officer/", "the answer stays on the screen"
    other = enrol(worker, workplace)
    expect(find_a_house(other)).to_contain_text("One officer found it full this hour")
    public = worker.page()
    public.goto(enrolled.url)
    expect(find_a_house(public)).not_to_contain_text("found it full")


def test_a_tap_that_does_not_arrive_says_so(worker: Visitor, enrolled: Page) -> None:
    card = find_a_house(enrolled)
    enrolled.context.set_offline(True)
    card.get_by_role("button", name="No answer", exact=True).click()
    expect(card.get_by_role("status")).to_contain_text("Not noted")


def test_a_tap_on_a_phone_that_is_enrolled_no_more_says_so(worker: Visitor, enrolled: Page) -> None:
    card = find_a_house(enrolled)
    enrolled.context.clear_cookies()
    card.get_by_role("button", name="Full", exact=True).click()
    said = card.get_by_role("status")
    expect(said).to_contain_text("Not saved: this phone is not enrolled any more. Enrol it again.")
    expect(said.get_by_role("link", name="Enrol it again")).to_have_attribute("href", "/officer/enrol")


def test_without_scripts_a_tap_leads_to_a_page_that_says_so(worker: Visitor, workplace: Workplace) -> None:
    page = worker.page(java_script_enabled=False, standing=False)
    page.goto(f"{workplace.service.origin}/officer/enrol")
    page.get_by_label("The link, or its code").fill(workplace.phone_link().partition("#")[2])
    page.get_by_role("button", name="Enrol this phone").click()
    page.wait_for_url("**/officer/")
    find_a_house(page).get_by_role("button", name="They helped").click()
    expect(page.get_by_role("heading", name="Noted: they helped")).to_be_visible()
    expect(page.get_by_role("region", name="National numbers")).to_be_visible()


# Without a signal


def kept_for_offline(page: Page) -> list[str]:
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    kept = page.evaluate(
        """async () => {
            const all = [];
            for (const name of await caches.keys())
                for (const one of await (await caches.open(name)).keys()) all.push(new URL(one.url).pathname);
            return all.sort();
        }"""
    )
    return [str(one) for one in kept]


def test_without_a_signal_there_is_the_saved_list_with_its_age_and_without_capacity(
    worker: Visitor, workplace: Workplace, enrolled: Page
) -> None:
    find_a_house(enrolled)
    assert kept_for_offline(enrolled) == [
        "/officer/ageing.js",
        "/officer/icon.svg",
        "/officer/manifest.webmanifest",
        "/officer/officer.css",
        "/officer/officer.js",
        "/officer/offline",
    ]
    enrolled.context.set_offline(True)
    enrolled.goto(f"{workplace.service.origin}/officer/")
    expect(enrolled.get_by_role("heading", name="Saved list: not live")).to_be_visible()
    expect(enrolled.locator("#pack")).to_contain_text(f"Made {NOW:%d %b %Y, %H:%M}")
    expect(enrolled.locator("#old")).to_be_hidden()
    enrolled.locator("#area").select_option(SANDWELL)
    enrolled.locator("#need").select_option("safe_house")
    card = enrolled.locator(".card:visible").filter(has=enrolled.get_by_role("heading", name=HOUSE))
    origin = workplace.service.origin
    night_line = record_of(origin, id_of(origin, "Example Night Line"))["phones"][0]["e164"]
    assert card.locator("a.call").first.get_attribute("href") == f"tel:{night_line}"
    shown = enrolled.locator("main").inner_text()
    for word in ("free", "few places", "Full", "Not shown to the public", "reported this hour", "found it"):
        assert word not in shown
    # A day later it says that it is old.
    enrolled.clock.fast_forward("24:01:00")
    expect(enrolled.locator("#old")).to_be_visible()
    expect(enrolled.locator("#old")).to_contain_text("Ring to check everything")


def test_the_saved_list_shows_what_its_lists_say_after_a_way_back(
    worker: Visitor, workplace: Workplace
) -> None:
    """The browser puts back what was chosen: beside "Under 18" there must be no bed for adults."""
    page = worker.page(standing=False)
    page.goto(f"{workplace.service.origin}/officer/offline")
    page.get_by_label("How old are they?").select_option("child")
    page.get_by_label("Council area").select_option(SANDWELL)
    count = page.locator("#count").inner_text()
    page.goto(f"{workplace.service.origin}/officer/")
    page.go_back()
    expect(page.get_by_label("How old are they?")).to_have_value("child")
    expect(page.get_by_label("Council area")).to_have_value(SANDWELL)
    expect(page.locator("#count")).to_have_text(count)
    expect(page.locator(".card[data-sheltering]:visible")).to_have_count(0)


@pytest.mark.parametrize(("behind", "is_old"), [("00:10", False), ("36:00", True)])
def test_a_phone_whose_clock_is_behind_does_not_take_the_saved_list_for_new(
    worker: Visitor, workplace: Workplace, behind: str, *, is_old: bool
) -> None:
    page = worker.page()
    hours, minutes = map(int, behind.split(":"))
    page.clock.set_system_time(NOW - timedelta(hours=hours, minutes=minutes))
    page.goto(f"{workplace.service.origin}/officer/offline")
    expect(page.locator("#old")).to_be_visible(visible=is_old)


def test_signing_out_ends_the_session_and_clears_what_was_kept(
    worker: Visitor, workplace: Workplace, enrolled: Page
) -> None:
    assert kept_for_offline(enrolled)
    enrolled.get_by_role("button", name="Sign this phone out").click()
    enrolled.wait_for_url("**/officer/left")
    expect(enrolled.get_by_role("heading", name="This phone is signed out")).to_be_visible()
    kept = worker.kept(enrolled)
    assert (kept["caches"], kept["workers"], kept["cookies"]) == (0, 0, [])
    enrolled.context.set_offline(True)
    assert "ERR_INTERNET_DISCONNECTED" in _failure(enrolled, f"{workplace.service.origin}/officer/")


def test_a_browser_that_does_not_clear_for_an_answer_keeps_nothing_either(
    worker: Visitor, workplace: Workplace, enrolled: Page
) -> None:
    """As Safari before 17, which does not know `Clear-Site-Data`."""
    assert kept_for_offline(enrolled)

    def answer(route: Route) -> None:
        fetched = route.fetch(max_redirects=0)
        told = {name: value for name, value in fetched.headers.items() if name != "clear-site-data"}
        assert len(told) == len(fetched.headers) - 1
        route.fulfill(status=fetched.status, headers=told, body="")

    enrolled.route("**/officer/leave", answer)
    enrolled.get_by_role("button", name="Sign this phone out").click()
    enrolled.wait_for_url("**/officer/left")
    wait_until(lambda: enrolled.evaluate("caches.keys().then(all => all.length === 0)"))
    assert worker.kept(enrolled)["workers"] == 0


def test_a_phone_with_a_session_is_not_told_that_it_is_signed_out(
    workplace: Workplace, enrolled: Page
) -> None:
    enrolled.goto(f"{workplace.service.origin}/officer/left")
    expect(enrolled.get_by_text("This phone is enrolled.")).to_be_visible()


def _failure(page: Page, address: str) -> str:
    """What the browser says instead of the page."""
    try:
        page.goto(address)
    except Exception as failure:  # noqa: BLE001 - Playwright's own, whatever its name is
        return str(failure)
    return ""
