"""Named curators over the served application, and short ways to do what they do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from app.access.keys import WantedKey, make_key
from app.access.people import add_person, find_person
from tests.providing import Provided, act_of_the_host, token_secrets

QUEUE = "/v1/curation/queue"
PROPOSALS = "/v1/curation/proposals"
TAKEDOWNS = "/v1/curation/takedowns"


@dataclass(frozen=True, slots=True)
class Curators:
    """Two organizations over the served application, and as many named curators as are asked for."""

    sides: Provided

    def named(self, name: str, *scopes: str) -> "Curator":
        """A curator of this name, with a key of theirs."""
        with self.sides.database.write() as session:
            act = act_of_the_host(self.sides.clock.now)
            person = find_person(session, name) or add_person(session, name, act)
            asked = WantedKey(
                "curator", "Example", person_id=person.id, scopes=frozenset(scopes) if scopes else None
            )
            token = make_key(session, token_secrets(), asked, act).token.text
            return Curator(self.sides, name, token)


@dataclass(frozen=True, slots=True)
class Curator:
    """One named person."""

    sides: Provided
    name: str
    token: str

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        return self.sides.ask(method, path, json, token=self.token, **headers)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def version(self, path: str) -> str:
        """The ETag of what stands at an address."""
        return self.ask("GET", path).headers["etag"]

    def on(self, record: str, method: str, path: str, json: Any = None) -> httpx.Response:
        """A request on the version of a record as it is now."""
        return self.ask(method, path, json, If_Match=self.version(record))

    def edit(self, service_id: UUID | str, *, note: str | None = None, **changes: Any) -> httpx.Response:
        body: dict[str, Any] = {"changes": changes} | ({} if note is None else {"note": note})
        return self.on(record_of(service_id), "PATCH", record_of(service_id), body)

    def step(self, service_id: UUID | str, step: str) -> httpx.Response:
        return self.on(record_of(service_id), "POST", record_of(service_id, "/steps"), {"step": step})

    def state(self, service_id: UUID | str) -> str:
        found: str = self.get(record_of(service_id))["state"]
        return found

    def decide(self, proposal_id: str, what: str, json: Any = None) -> httpx.Response:
        path = f"{PROPOSALS}/{proposal_id}"
        return self.on(path, "POST", f"{path}/{what}", {} if json is None else json)

    def ring(self, proposal_id: str, outcome: str | None = "confirmed", **changed: Any) -> httpx.Response:
        """Ring the first of the numbers that are stored, and write down what was said."""
        numbers = self.get(f"{PROPOSALS}/{proposal_id}")["numbers"]
        called = {"called_on": self.sides.clock.now.date().isoformat(), "outcome": outcome}
        number = {"number": numbers[0]["number"]} if numbers else {}
        body = {name: value for name, value in (called | number | changed).items() if value is not None}
        return self.decide(proposal_id, "call-back", body)

    def take_down(self, service_id: UUID | str, reason: str = "unsafe", **more: Any) -> httpx.Response:
        return self.ask("POST", record_of(service_id, "/take-down"), {"reason": reason, **more})

    def put_back(self, takedown_id: str) -> httpx.Response:
        return self.ask("POST", f"{TAKEDOWNS}/{takedown_id}/put-back")


def record_of(service_id: UUID | str, rest: str = "") -> str:
    return f"/v1/curation/services/{service_id}{rest}"


def organization_record_of(organization_id: UUID | str, rest: str = "") -> str:
    return f"/v1/curation/organizations/{organization_id}{rest}"


def propose(sides: Provided, service_id: UUID | None = None, **changes: Any) -> str:
    """The id of a proposal by A, for its open service unless another is named."""
    path = f"/v1/provider/services/{service_id or sides.a.open}/proposals"
    answer = sides.ask("POST", path, {"changes": changes})
    assert answer.status_code == 202, answer.text
    found: str = answer.json()["id"]
    return found


def seen(sides: Provided, service_id: UUID | str) -> httpx.Response:
    """What the public is told about a service, after what every process does by itself."""
    sides.refresh()
    return sides.client.get(f"/v1/services/{service_id}")


def published_phone(sides: Provided, service_id: UUID | str) -> list[str]:
    return [one["number"] for one in seen(sides, service_id).json()["phones"]]
