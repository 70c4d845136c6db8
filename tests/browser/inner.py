"""The pages behind a key with something on each of them, and the way in to them."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.visiting import DESKTOP, Visitor
from tests.browser.working import Workplace, sign_in

ORGANIZATION, SERVICE, DOWN = (
    "Example Outreach Project",
    "Example Casework Sandwell",
    "Example English Classes",
)


@dataclass(frozen=True, slots=True)
class Inner:
    """Addresses of the desk by what they show, in the order in which a curator meets them."""

    workplace: Workplace
    curator: str
    provider: str
    desk: dict[str, str]

    def sign_in_as_curator(self, page: Page) -> None:
        sign_in(page, self.workplace, self.curator)

    def sign_in_as_provider(self, page: Page) -> None:
        page.goto(f"{self.workplace.service.origin}/provider/")
        page.locator("#key").fill(self.provider)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("heading", name="Your services").wait_for()


def prepared(workplace: Workplace, visitor: Visitor) -> Inner:
    """A proposal with another number, a sheet that was checked, a service that was taken down."""
    service_id = workplace.service_id(SERVICE)
    provider = workplace.provider_key(workplace.organization_id(ORGANIZATION))
    proposal = workplace.told(
        "POST",
        f"/v1/provider/services/{service_id}/proposals",
        {"changes": {"phones": [{"number": "0121 496 0199", "description": "From Monday"}]}},
        key=provider,
    )
    curator = workplace.curator_key("Example Curator")
    down = workplace.service_id(DOWN)
    workplace.told("POST", f"/v1/curation/services/{down}/take-down", {"reason": "closed"}, key=curator)
    return Inner(
        workplace,
        curator,
        provider,
        desk={
            "/curator/": "board",
            "/curator/counted?need=casework_advocacy&area=E08000028": "board-list",
            "/curator/proposals": "proposals",
            f"/curator/proposals/{proposal['id']}": "proposal",
            "/curator/imports": "imports",
            import_template(workplace, visitor, curator): "import",
            "/curator/services": "records",
            f"/curator/services/{service_id}": "record",
            f"/curator/services/{down}": "record-taken-down",
            "/curator/takedowns": "takedowns",
            "/curator/keys": "keys",
        },
    )


def import_template(workplace: Workplace, visitor: Visitor, curator: str) -> str:
    """The address of an import of the workbook that the desk hands out, checked and not applied."""
    page = visitor.page(size=DESKTOP)
    sign_in(page, workplace, curator)
    page.goto(f"{workplace.service.origin}/curator/imports")
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook to fill in").click()
    page.locator("#file").set_input_files(download.value.path())
    page.locator("#source").fill("Example sheet")
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_url("**/curator/imports/*")
    found = page.url.removeprefix(workplace.service.origin)
    page.context.close()
    return found
