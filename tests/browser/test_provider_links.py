"""What stands behind the `#` of an address of `/provider/`: a key goes into the form and out of the address, a place does not."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from sqlmodel import select

from app.access.keys import WantedKey, make_key
from app.db import Database
from app.models.organizations import Organization
from tests.api.served import NOW, copied_folder
from tests.browser.hosting import StandingService
from tests.browser.visiting import Visitor
from tests.providing import act_of_the_host, token_secrets


def test_the_place_of_a_service_is_not_taken_for_a_key(service: StandingService, visitor: Visitor) -> None:
    """After every save the address ends so; whoever loads it again in the morning has to sign in."""
    page = visitor.page()
    page.goto(f"{service.origin}/provider/#s-84d7c9dc-69cf-5a71-b619-aa9c9ee59d52")
    expect(page.get_by_label("Your key, or your link")).to_have_value("")
    expect(page.locator("#from-link")).to_be_hidden()


def test_a_key_leaves_the_address_whatever_page_it_meets(
    browser: Browser, seeded: Path, tmp_path: Path
) -> None:
    folder = copied_folder(seeded, tmp_path / "var")
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    try:
        with database.write() as session:
            of = session.exec(select(Organization.id).limit(1)).one()
            wanted = WantedKey("provider", "Example", of)
            first, second = (
                make_key(session, token_secrets(), wanted, act_of_the_host(NOW)).token.text for _ in range(2)
            )
    finally:
        database.close()
    with StandingService.started(folder) as service, Visitor.of(browser, service.clock) as visitor:
        page = visitor.page()
        page.goto(f"{service.origin}/provider/#{first}")
        expect(page.locator("#from-link")).to_be_visible()
        assert page.url == f"{service.origin}/provider/"
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Your services")).to_be_visible()

        other = page.context.new_page()
        other.goto(f"{service.origin}/provider/#{second}")
        expect(other.get_by_text("The link was not used")).to_be_visible()
        assert other.url == f"{service.origin}/provider/"
