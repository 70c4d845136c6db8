"""Officers with devices and keys over the served application, and a service with lines that only they may see."""

from typing import Any
from uuid import UUID

import httpx
from sqlmodel import select

from app.access.keys import WantedKey, make_key
from app.access.people import add_person
from app.curation.publishing import publish
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from tests.factories import SANDWELL, make_organization, make_publication, make_refuge, make_service
from tests.providing import Provided, act_of_the_host, token_secrets

SEARCH = "/v1/officer/services/search"
DEVICES = "/v1/curation/officer-devices"
TO_LOOK_AT = "/v1/curation/call-outcomes"

SECRETS = (
    "0306 999 0711",
    "Hallux desk",
    "desk@hallux.example",
    "0306 999 0712",
    "Ask for the hallux manager",
    "0306 999 0713",
)
"""What stands in professional lines and nowhere else."""
LINES: dict[str, Any] = {
    "phones": [
        {"number": "0306 999 0711", "description": "Hallux desk", "visibility": "professional"},
        {"number": "0306 999 0701"},
    ],
    "contacts": [{"role": "Duty desk", "email": "desk@hallux.example", "visibility": "professional"}],
    "routes": [
        {
            "key": "police", "name": "Police line", "channel": "phone", "phone": "0306 999 0712", "referrers": ["police"],
            "stages": ["any"], "notes": "Ask for the hallux manager", "hours": "24/7", "visibility": "professional",
        },
        {"key": "anybody", "name": "Main line", "channel": "phone", "phone": "0306 999 0701"},
    ],
}  # fmt: skip


def calls_of(service_id: UUID | str) -> str:
    return f"/v1/officer/services/{service_id}/call-outcomes"


def officer_key(sides: Provided, **wanted: Any) -> str:
    """The key of a police force's own system."""
    with sides.database.write() as session:
        asked = WantedKey("officer", "Example force", sides.b.organization_id, **wanted)
        return make_key(session, token_secrets(), asked, act_of_the_host(sides.clock.now)).token.text


def curator_key(sides: Provided, *scopes: str) -> str:
    """The key of another curator, with these scopes only."""
    with sides.database.write() as session:
        act = act_of_the_host(sides.clock.now)
        person = add_person(session, f"Example {' '.join(scopes)}", act)
        asked = WantedKey("curator", "Example", person_id=person.id, scopes=frozenset(scopes))
        return make_key(session, token_secrets(), asked, act).token.text


def enrolled(sides: Provided, label: str = "Example phone") -> dict[str, str]:
    """A device's session, by a link from the curator: `id`, `token`, `expires_at`."""
    link = sides.ask("POST", DEVICES, {"label": label}, token=sides.curator).json()
    session: dict[str, str] = sides.client.post(
        "/v1/officer/devices/enrol", json={"code": link["code"]}
    ).json()
    return session


def device(sides: Provided) -> str:
    return enrolled(sides)["token"]


def searched(sides: Provided, token: str | None, **query: Any) -> httpx.Response:
    """What an officer is answered about Sandwell; without a token, what everybody is."""
    body = {"area": SANDWELL, "limit": 50} | query
    if token is None:
        return sides.client.post("/v1/services/search", json=body)
    return sides.ask("POST", SEARCH, body, token=token)


def result_of(answer: httpx.Response, service_id: UUID | str) -> dict[str, Any]:
    """The one result of a search that is this service."""
    (found,) = [one for one in answer.json()["results"] if one["service"]["id"] == str(service_id)]
    result: dict[str, Any] = found
    return result


def tap(
    sides: Provided, token: str, service_id: UUID, outcome: str = "full", **headers: str
) -> httpx.Response:
    return sides.ask("POST", calls_of(service_id), {"outcome": outcome}, token=token, **headers)


def publish_lines(sides: Provided, gazetteer: Gazetteer, **changed: Any) -> UUID:
    """Another organization, with a service that has lines for professionals; they are public for nobody."""
    organization = make_organization(
        make_service("hallux", **(LINES | changed)),
        key="organization-hallux",
        phones=[{"number": "0306 999 0713", "visibility": "professional"}],
    )
    return published(sides, gazetteer, organization, key="hallux")


def publish_beside_refuge(sides: Provided, gazetteer: Gazetteer, **changed: Any) -> UUID:
    """A service that anybody may find, of an organization that runs a refuge as well."""
    organization = make_organization(
        make_service("beside", **changed), make_refuge("hidden"), key="organization-beside"
    )
    return published(sides, gazetteer, organization, key="beside")


def published(sides: Provided, gazetteer: Gazetteer, organization: Any, *, key: str) -> UUID:
    with sides.database.write() as session:
        publish(session, [organization], make_publication(session, gazetteer, now=sides.clock.now))
        service_id = session.exec(select(Service.id).where(Service.source_id == key)).one()
    sides.refresh()
    return service_id
