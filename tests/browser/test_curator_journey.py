"""`/curator/`: a sheet brought in and taken back, a number that two people change, a service taken down, and the way out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.access.page_sessions import LIVES
from tests.api.served import ANSWERS_WITHIN_S, NOW
from tests.browser.visiting import DESKTOP, Visitor
from tests.browser.walking import first_rung, listed
from tests.browser.working import Workplace, sign_in

SHEET = "Example Advice Trust"
SANDWELL = "E08000028"


def at_desk(worker: Visitor, workplace: Workplace, name: str, **context: Any) -> Page:
    page = worker.page(size=DESKTOP, **context)
    sign_in(page, workplace, workplace.curator_key(name))
    return page


@pytest.fixture
def one(worker: Visitor, workplace: Workplace) -> Page:
    return at_desk(worker, workplace, "Example One")


@pytest.fixture
def two(worker: Visitor, workplace: Workplace) -> Page:
    return at_desk(worker, workplace, "Example Two")


def public_names(workplace: Workplace) -> list[str]:
    workplace.service.refresh()
    return [found["name"] for found in listed(workplace.service.origin, "/v1/services")]


def on_find(workplace: Workplace, name: str) -> bool:
    """Whether somebody who looks for help in Sandwell meets the service."""
    workplace.service.refresh()
    return (
        name
        in httpx.post(
            f"{workplace.service.origin}/find", data={"area": SANDWELL}, timeout=ANSWERS_WITHIN_S
        ).text
    )


# Signing in and out


def test_the_board_says_what_waits_and_every_row_leads_to_it(workplace: Workplace, one: Page) -> None:
    queue = workplace.told("GET", "/v1/curation/queue?limit=25")
    table = one.get_by_role("region", name="What waits")
    assert table.get_by_role("link").all_inner_texts() == [found["name"] for found in queue["results"]]
    table.get_by_role("link").first.click()
    expect(one.locator("h1")).not_to_have_text("Needs you now")
    one.goto(f"{workplace.service.origin}/curator/")
    grid = one.get_by_role("region", name="Services by borough and need")
    assert grid.get_by_role("columnheader").all_inner_texts()[1:] == sorted(
        grid.get_by_role("columnheader").all_inner_texts()[1:]
    )
    assert {"Birmingham", "Sandwell"} <= set(grid.get_by_role("columnheader").all_inner_texts())


def test_a_key_is_left_nowhere_and_signing_out_is_for_good(worker: Visitor, workplace: Workplace) -> None:
    key = workplace.curator_key("Example One")
    page = worker.page(size=DESKTOP)
    sign_in(page, workplace, key)
    kept = worker.kept(page)
    assert (kept["local"], kept["session"], kept["cookie"], kept["workers"]) == ({}, {}, "", 0)
    assert key not in str(kept)
    assert key not in page.content()
    assert [asked for asked in worker.asked() if key in asked] == []
    session = page.context.cookies()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your key")).to_be_visible()
    assert page.context.cookies() == []
    page.go_back()
    expect(page.get_by_text("Needs you now")).to_have_count(0)
    # Whoever copied the cookie before has nothing either.
    page.context.add_cookies(session)  # type: ignore[arg-type]
    page.goto(f"{workplace.service.origin}/curator/keys")
    expect(page.get_by_label("Your key")).to_be_visible()


def test_half_an_hour_away_ends_the_session_and_what_was_being_done_is_not_done(
    workplace: Workplace, one: Page
) -> None:
    service_id = workplace.service_id("Example Outreach")
    one.goto(f"{workplace.service.origin}/curator/services/{service_id}")
    one.get_by_text("Take it down now").click()
    one.get_by_text("It has closed").click()
    workplace.service.clock.now = NOW + LIVES["curator"].idle
    one.get_by_role("button", name="Take it down").click()
    expect(one.get_by_role("alert")).to_contain_text("Sign in again.")
    assert workplace.public(f"/v1/services/{service_id}").status_code == 200


# A sheet


def test_the_workbook_is_brought_in_by_two_people_and_taken_back_whole(
    workplace: Workplace, one: Page, two: Page, tmp_path: Path
) -> None:
    before = public_names(workplace)
    one.get_by_role("link", name="Imports").click()
    with one.expect_download() as download:
        one.get_by_role("link", name="Workbook to fill in").click()
    sheet = tmp_path / "filled-in.xlsx"
    download.value.save_as(sheet)
    one.get_by_label("File (Excel workbook").set_input_files(sheet)
    one.get_by_label("Whose records these are").fill("Example sheet")
    one.get_by_label("Publish new services at once").check()
    one.get_by_role("button", name="Check", exact=True).click()

    # Nothing is changed yet, and everything that would be can be read: the number that people would ring most of all.
    expect(one.get_by_role("heading", level=1)).to_contain_text("Checked: nothing is changed yet")
    added = one.get_by_role("region", name="What is added: Example Casework")
    expect(added).to_contain_text("0121 496 0101")
    expect(added).to_contain_text("Monday to Friday, 9am to 5pm")
    assert public_names(workplace) == before
    one.get_by_role("button", name="Apply what is ticked").click()
    expect(one.get_by_role("heading", level=1)).to_contain_text("Waits for another person")
    one.get_by_role("button", name="Approve, and apply").click()
    expect(one.get_by_role("alert")).to_contain_text(
        "Another named person than the one who asked has to approve."
    )
    assert public_names(workplace) == before

    two.goto(one.url.removesuffix("/approve"))
    two.get_by_role("button", name="Approve, and apply").click()
    expect(two.get_by_role("heading", level=1)).to_contain_text("Applied")
    assert sorted(public_names(workplace)) == sorted([*before, "Example Casework"])
    service = workplace.public(f"/v1/services/{workplace.service_id('Example Casework')}").json()
    public = one.context.new_page()
    public.goto(f"{workplace.service.origin}/find/services/{service['id']}")
    assert public.locator("main .call").first.get_attribute("href") == f"tel:{service['phones'][0]['e164']}"

    two.get_by_role("button", name="Take it back, whole").click()
    expect(two.get_by_role("heading", level=1)).to_contain_text("Taken back")
    assert public_names(workplace) == before
    assert public.goto(f"{workplace.service.origin}/find/services/{service['id']}").status == 404  # type: ignore[union-attr]


def test_a_sheet_with_a_fault_says_the_row_and_changes_nothing(
    workplace: Workplace, one: Page, tmp_path: Path
) -> None:
    before = public_names(workplace)
    sheet = tmp_path / "faulty.csv"
    sheet.write_text(
        "Organization,Service,Phone\nExample Trust,Example Desk,not a number\n", encoding="utf-8"
    )
    one.goto(f"{workplace.service.origin}/curator/imports")
    one.get_by_label("File (Excel workbook").set_input_files(sheet)
    one.get_by_label("Whose records these are").fill("Example fault")
    one.get_by_role("button", name="Check", exact=True).click()
    expect(one.locator("main")).to_contain_text("row 2")
    assert public_names(workplace) == before


# A number


def test_a_number_is_shown_beside_the_old_one_and_changes_after_a_call_by_another_person(
    workplace: Workplace, one: Page, two: Page
) -> None:
    name = "Example Casework Sandwell"
    service_id = workplace.service_id(name)
    old = workplace.public(f"/v1/services/{service_id}").json()["phones"][0]["number"]
    key = workplace.provider_link("Example Outreach Project").partition("#")[2]
    new = "0121 496 0199"
    workplace.told(
        "POST",
        f"/v1/provider/services/{service_id}/proposals",
        {"changes": {"phones": [{"number": new}]}},
        key=key,
    )

    def rung() -> str:
        workplace.service.refresh()
        page = one.context.new_page()
        page.goto(f"{workplace.service.origin}/find/services/{service_id}")
        found = first_rung(page.locator("main > p"))
        page.close()
        return found

    before = rung()
    one.goto(f"{workplace.service.origin}/curator/proposals")
    one.get_by_role("link", name=f"{name}: phones").click()
    both = one.get_by_role("region", name="Differences")
    expect(both).to_contain_text(old)
    expect(both).to_contain_text(new)
    expect(both).to_contain_text("contact")
    # The way to refer has a number of its own, which nobody proposed to change.
    stays = one.get_by_role("note").filter(has_text="The old number stays")
    expect(stays).to_contain_text("“Ring”")
    at = one.url

    # Not without a call, and not by the one who rang.
    one.get_by_role("button", name="Approve").click()
    expect(one.get_by_role("alert")).to_be_visible()
    one.goto(at)
    chosen = one.get_by_label("Number rung").locator("option").first.inner_text()
    assert chosen.startswith(old), "it is the old number that is rung, not the proposed one"
    one.get_by_text("They said that it is right").click()
    one.get_by_role("button", name="Write down the call").click()
    expect(one.locator("main")).to_contain_text("Another person approves.")
    one.get_by_role("button", name="Approve").click()
    expect(one.get_by_role("alert")).to_be_visible()
    assert rung() == before

    two.goto(at)
    two.get_by_role("button", name="Approve").click()
    expect(two.locator("main")).to_contain_text("State: approved")
    assert rung() == "+441214960199"
    assert [phone["number"] for phone in workplace.public(f"/v1/services/{service_id}").json()["phones"]] == [
        new
    ]


# Taking down


def test_what_is_taken_down_is_gone_for_the_public_and_two_people_put_it_back(
    workplace: Workplace, one: Page, two: Page
) -> None:
    name = "Example Outreach"
    service_id = workplace.service_id(name)
    assert on_find(workplace, name)
    one.goto(f"{workplace.service.origin}/curator/services/{service_id}")
    one.get_by_text("Take it down now").click()
    one.get_by_text("A place is exposed").click()
    one.get_by_role("button", name="Take it down").click()
    expect(one.get_by_role("note").filter(has_text="Taken down")).to_be_visible()

    assert workplace.public(f"/v1/services/{service_id}").status_code == 404
    assert workplace.public(f"/find/services/{service_id}").status_code == 404
    assert (
        f"/find/services/{service_id}"
        not in httpx.post(
            f"{workplace.service.origin}/find", data={"area": SANDWELL}, timeout=ANSWERS_WITHIN_S
        ).text
    )
    assert f">{name}<" not in workplace.public("/officer/offline").text

    one.get_by_role("link", name="Put it back").click()
    one.get_by_role("button", name="Ask to put it back").click()
    expect(one.locator("main")).to_contain_text("another person agrees")
    assert workplace.public(f"/v1/services/{service_id}").status_code == 404
    two.goto(f"{workplace.service.origin}/curator/takedowns")
    expect(two.locator("main").get_by_role("link", name=name, exact=True)).to_be_visible()
    two.get_by_role("button", name="Agree, and put it back").click()
    expect(two.get_by_role("heading", level=1)).to_have_text("0 taken down")
    assert workplace.public(f"/v1/services/{service_id}").status_code == 200


def test_without_scripts_the_desk_is_whole(worker: Visitor, workplace: Workplace) -> None:
    page = at_desk(worker, workplace, "Example One", java_script_enabled=False, standing=False)
    for link, heading in (
        ("Proposals", "wait"),
        ("Records", "records"),
        ("Taken down", "taken down"),
        ("Imports", "Imports"),
        ("Keys", "eys"),
    ):
        page.get_by_role("navigation", name="Desk").get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    page.get_by_label("Which phone").fill("Example phone 9")
    page.get_by_role("button", name="Make a one-time link").click()
    expect(page.locator("code").first).to_contain_text("/officer/enrol#")


def test_a_clock_of_the_desk_is_that_of_the_service(workplace: Workplace, one: Page) -> None:
    ends = (NOW + LIVES["curator"].longest).strftime("%H:%M")
    expect(one.get_by_text("Signed in until")).to_contain_text(ends)
    assert LIVES["curator"].idle < timedelta(hours=1)
