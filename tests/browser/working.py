"""The demonstration as a place of work: keys and links of its people, and what the public has of what they do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page

from app.access.keys import WantedKey, make_key
from app.access.people import add_person, find_person
from app.db import Database
from tests.api.served import ANSWERS_WITHIN_S
from tests.browser.hosting import StandingService
from tests.browser.walking import id_of, listed
from tests.factories import contents
from tests.providing import act_of_the_host, token_secrets


@dataclass(frozen=True, slots=True)
class Workplace:
    """The served demonstration that may be changed, and its database."""

    service: StandingService
    database: Database

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["Workplace"]:
        database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
        try:
            with StandingService.started(folder) as service:
                yield cls(service, database)
        finally:
            database.close()

    # Keys and links

    def curator_key(self, name: str) -> str:
        """The key of a curator of this name, who may do everything a curator may."""
        with self.database.write() as session:
            act = act_of_the_host(self.service.clock.now)
            person = find_person(session, name) or add_person(session, name, act)
            wanted = WantedKey("curator", "Example", person_id=person.id)
            return make_key(session, token_secrets(), wanted, act).token.text

    def provider_link(self, organization: str) -> str:
        """What a curator sends to an organization: a link with a key behind the `#`."""
        return self.provider_link_of(self.organization_id(organization))

    def provider_key(self, organization_id: str) -> str:
        return self.provider_link_of(organization_id).partition("#")[2]

    def provider_link_of(self, organization_id: str) -> str:
        wanted = {"key_type": "provider", "label": "Example desk", "organization_id": organization_id}
        return self.here(self.told("POST", "/v1/curation/keys", wanted)["page_link"])

    def phone_link(self) -> str:
        """A one-time link for an officer's phone."""
        return self.here(
            self.told("POST", "/v1/curation/officer-devices", {"label": "Example phone"})["link"]
        )

    def here(self, address: str) -> str:
        """The same address at the port of the tests."""
        return self.service.origin + address[address.index("/", len("https://")) :]

    # What the API says, by another way than the pages

    def told(
        self, method: str, path: str, json: Any = None, *, key: str | None = None, if_match: str | None = None
    ) -> Any:
        """An answer to a curator, or to the holder of a key."""
        answer = self._ask(method, path, json, key=key, if_match=if_match)
        return answer.json()

    def version(self, path: str) -> str:
        """The ETag of what stands at an address."""
        return self._ask("GET", path).headers["etag"]

    def _ask(
        self, method: str, path: str, json: Any = None, *, key: str | None = None, if_match: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.curator_key('Example Host')}"}
        headers |= {} if if_match is None else {"If-Match": if_match}
        answer = httpx.request(
            method, self.service.origin + path, json=json, headers=headers, timeout=ANSWERS_WITHIN_S
        )
        assert answer.is_success, answer.text
        return answer

    def public(self, path: str) -> httpx.Response:
        """What anybody is answered, once the process has noticed what was published."""
        self.service.refresh()
        return httpx.get(self.service.origin + path, timeout=ANSWERS_WITHIN_S)

    def organization_id(self, name: str) -> str:
        return id_of(self.service.origin, name, "/v1/organizations")

    def organizations_with_services(self) -> list[str]:
        """Ids of the first few, each with what it has."""
        services = listed(self.service.origin, "/v1/services")
        return list(dict.fromkeys(one["organization"]["id"] for one in services))[:6]

    def service_id(self, name: str) -> str:
        return id_of(self.service.origin, name)

    def stored(self) -> dict[str, list[str]]:
        """Everything in the database but for when keys and sessions were last used, and what was signed in."""
        return {
            table: rows
            for table, rows in contents(self.database).items()
            if table not in ("api_key", "page_session", "audit_event", "officer_device")
        }


def sign_in(page: Page, workplace: Workplace, key: str) -> None:
    """As a curator, at the desk."""
    page.goto(f"{workplace.service.origin}/curator/")
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Needs you now").wait_for()
