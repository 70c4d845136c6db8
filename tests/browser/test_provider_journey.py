"""`/provider/`: from a link to what the public sees in a few taps, with a thumb, without scripts, and back again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.served import NOW
from tests.browser.visiting import Visitor
from tests.browser.walking import has_id, is_called, tab_to
from tests.browser.working import Workplace

ORGANIZATION, SERVICE = "Example Outreach Project", "Example Casework Sandwell"
TARGET_PX = 44


@pytest.fixture
def signed_in(worker: Visitor, workplace: Workplace) -> Page:
    return sign_in(worker, workplace)


def sign_in(worker: Visitor, workplace: Workplace, **context: Any) -> Page:
    """By the link, and without scripts by the key that stands in it."""
    page = worker.page(**context)
    link = workplace.provider_link(ORGANIZATION)
    page.goto(link)
    page.locator("#key").fill(link.partition("#")[2])
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Your services").wait_for()
    return page


def of_service(page: Page) -> Locator:
    return page.get_by_role("region", name=SERVICE)


def report(page: Page) -> Locator:
    """The form of the one figure that the service has."""
    return of_service(page).locator("form.report").first


def seen_by_the_public(workplace: Workplace) -> dict[str, Any]:
    answer = workplace.public(f"/v1/services/{workplace.service_id(SERVICE)}/capacity")
    found: dict[str, Any] = answer.json()["capacity"]
    return found


def test_opening_a_link_changes_nothing_until_the_button_is_pressed(
    worker: Visitor, workplace: Workplace
) -> None:
    """Mail programs open links to look at them, and some run the scripts of the page."""
    link = workplace.provider_link(ORGANIZATION)
    before = workplace.stored()
    page = worker.page()
    for _ in range(2):
        page.goto(link)
        # Nor does it say that a browser forgets what it keeps.
        told = page.get_by_text("The key of your link is filled in")
        expect(told).to_contain_text("The link stays in the history of this browser")
    assert workplace.stored() == before
    assert page.context.cookies() == []
    assert page.url == f"{workplace.service.origin}/provider/"
    key = link.partition("#")[2]
    assert [one for one in worker.asked() if key in one] == []

    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Your services")).to_be_visible()
    for _ in range(2):
        page.reload()
    assert workplace.stored() == before
    kept = worker.kept(page)
    assert (kept["local"], kept["session"], kept["cookie"], kept["caches"]) == ({}, {}, "", 0)


def test_a_figure_is_stepped_saved_seen_by_the_public_and_taken_back(
    workplace: Workplace, signed_in: Page
) -> None:
    before = seen_by_the_public(workplace)
    form = report(signed_in)
    free = form.get_by_label("Free now", exact=True)
    was = free.input_value()
    fewer = form.get_by_role("button", name="One fewer: free now")
    more = form.get_by_role("button", name="One more: free now")
    for button in (fewer, more):
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= TARGET_PX
    for _ in range(int(was) + 2):
        fewer.click()
    expect(free).to_have_value("0")
    more.click()
    expect(free).to_have_value("1")
    form.get_by_text("A few left", exact=True).click()
    # Twice, as an impatient thumb does: the second would be told that somebody else has saved.
    form.get_by_role("button", name="Save").dblclick()

    service = of_service(signed_in)
    expect(service.get_by_role("status")).to_contain_text(f"Saved {NOW:%H:%M}")
    expect(service).to_contain_text("The public now sees: ◐ few places left")
    expect(service).to_contain_text("You last told us this hour")
    assert seen_by_the_public(workplace)["status"] == "limited"
    public = signed_in.context.new_page()
    public.goto(f"{workplace.service.origin}/find/services/{workplace.service_id(SERVICE)}")
    expect(public.locator(".status")).to_contain_text("few places left")
    public.close()

    service.get_by_role("button", name="Undo").click()
    expect(service.get_by_role("button", name="Undo")).to_have_count(0)
    expect(report(signed_in).get_by_label("Free now", exact=True)).to_have_value(was)
    assert seen_by_the_public(workplace)["status"] == before["status"]


def test_tapping_full_takes_the_number_along_and_says_so(workplace: Workplace, signed_in: Page) -> None:
    """A number that was told last and is left in its field would be refused beside "Full"."""
    form = report(signed_in)
    free = form.get_by_label("Free now", exact=True)
    free.fill("2")
    form.get_by_label("Of", exact=True).fill("6")
    form.get_by_text("Full", exact=True).click()
    expect(free).to_have_value("0")
    expect(form).to_contain_text("“Free now” is 0")
    form.get_by_role("button", name="Save").click()
    expect(of_service(signed_in)).to_contain_text("The public now sees: ■ full now")
    assert seen_by_the_public(workplace)["status"] == "full"
    of_service(signed_in).get_by_role("button", name="Undo").click()
    expect(of_service(signed_in).get_by_role("button", name="Undo")).to_have_count(0)


def test_nothing_changed_is_one_tap_and_makes_what_ran_out_count_again(
    workplace: Workplace, signed_in: Page
) -> None:
    workplace.service.clock.now = NOW + timedelta(hours=11)
    signed_in.reload()
    old = of_service(signed_in).inner_text()
    assert "You last told us this hour" not in old
    of_service(signed_in).get_by_role("button", name="Nothing changed").click()
    expect(of_service(signed_in)).to_contain_text("You last told us this hour")
    assert seen_by_the_public(workplace)["freshness"] == "fresh"
    # With a clock that is put back, it is a figure of the future, which says nothing until it is told again.
    workplace.service.reset()
    assert seen_by_the_public(workplace)["status"] == "unknown"
    signed_in.reload()
    of_service(signed_in).get_by_role("button", name="Nothing changed").click()
    expect(of_service(signed_in)).to_contain_text("The public now sees: ● places free")


def test_a_figure_that_ran_out_is_said_to_be_out_of_date_here_and_is_free_nowhere(
    worker: Visitor, workplace: Workplace
) -> None:
    workplace.service.clock.now = NOW + timedelta(days=9)
    service = of_service(sign_in(worker, workplace))
    expect(service).to_contain_text("More than a day ago.")
    expect(service).to_contain_text("Out of date: the public is told to ask.")
    expect(service).to_contain_text("The public now sees: ○ ask about places")
    assert seen_by_the_public(workplace)["status"] == "unknown"


def test_more_free_than_there_are_is_not_saved_and_the_page_says_where(
    workplace: Workplace, signed_in: Page
) -> None:
    before = workplace.stored()
    form = report(signed_in)
    form.get_by_label("Free now", exact=True).fill("9")
    form.get_by_label("Of", exact=True).fill("2")
    form.get_by_text("Taking referrals", exact=True).click()
    form.get_by_role("button", name="Save").click()
    alert = signed_in.get_by_role("alert")
    expect(alert).to_contain_text("Not saved.")
    expect(alert.get_by_role("listitem").first).to_be_visible()
    assert workplace.stored() == before
    alert.get_by_role("link").first.click()
    expect(of_service(signed_in)).to_be_in_viewport()


def test_without_scripts_and_with_the_keyboard_alone(worker: Visitor, workplace: Workplace) -> None:
    page = sign_in(worker, workplace, java_script_enabled=False, standing=False)
    form = report(page)
    expect(form.get_by_role("button", name="One more: free now")).to_be_hidden()
    field = form.get_by_label("Free now", exact=True)
    tab_to(page, has_id(str(field.get_attribute("id"))))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("0")
    tab_to(page, lambda one: one.get_attribute("type") == "radio")
    full = form.get_by_label("Full", exact=True)
    for _ in range(8):
        if full.is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(full).to_be_checked()
    tab_to(page, is_called("Save"))
    page.keyboard.press("Enter")
    expect(of_service(page)).to_contain_text("The public now sees: ■ full now")
    assert seen_by_the_public(workplace)["status"] == "full"
    tab_to(page, is_called("Undo"))
    page.keyboard.press("Enter")
    expect(of_service(page).get_by_role("button", name="Undo")).to_have_count(0)
    assert seen_by_the_public(workplace)["status"] != "full"


def test_after_signing_out_back_shows_nothing_of_the_services(worker: Visitor, signed_in: Page) -> None:
    signed_in.get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_label("Your key, or your link")).to_be_visible()
    assert signed_in.context.cookies() == []
    signed_in.go_back()
    expect(signed_in.get_by_role("heading", name="Your services")).to_have_count(0)


def test_who_stopped_waiting_can_save_again(signed_in: Page) -> None:
    """A second tap does nothing while the first is on its way; a first that came to nothing must not keep it from that."""
    signed_in.evaluate(
        """window.sent = 0;
        addEventListener("submit", event => { window.sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); })"""
    )
    save = report(signed_in).get_by_role("button", name="Save")
    for passed, sent in (("00:00", 1), ("00:30", 1), ("00:31", 2)):
        signed_in.clock.fast_forward(passed)
        save.click()
        assert signed_in.evaluate("window.sent") == sent


def test_after_a_way_back_the_form_has_what_is_stored(worker: Visitor, workplace: Workplace) -> None:
    """A figure that was typed and not saved would stand above "Nothing changed", which confirms the one that is stored."""
    page = sign_in(worker, workplace, standing=False)
    free = report(page).get_by_label("Free now", exact=True)
    was = free.input_value()
    free.fill(f"{int(was) + 3}")
    report(page).get_by_text("Full", exact=True).click()
    page.goto(f"{workplace.service.origin}/find/safety")
    page.go_back()
    expect(free).to_have_value(was)
    expect(report(page).get_by_label("Full", exact=True)).not_to_be_checked()


def test_a_page_that_is_left_open_does_not_say_that_a_figure_still_counts(
    workplace: Workplace, signed_in: Page
) -> None:
    until = datetime.fromisoformat(seen_by_the_public(workplace)["valid_until"])
    service, hint = of_service(signed_in), report(signed_in).locator(".hint").first
    expect(service).to_contain_text("The public now sees: ● places free")
    signed_in.clock.fast_forward("46:00")
    expect(service).to_contain_text("This page is old: open it again")
    for said in ("The public now sees", "You last told us"):
        expect(service).not_to_contain_text(said, use_inner_text=True)
    expect(hint).to_contain_text("Holds until")
    signed_in.clock.fast_forward((until - NOW) // timedelta(milliseconds=1))
    expect(hint).to_have_text("Out of date: the public is told to ask.")
