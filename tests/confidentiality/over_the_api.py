"""What is sent over the API about houses, and what officers find when they ring them: other things in each world.

Keys and devices are made by the functions behind the command line, at the clock of the tests. What is careless must be
refused with the fields named; what is taken is stored, and differs.
"""

import random
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from sqlmodel import Session

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.devices import enrol, make_link
from app.access.keys import WantedKey, make_key
from app.access.people import add_person
from app.access.principals import COMMAND_LINE
from app.access.tokens import TokenSecrets
from app.models.codes import CALL_OUTCOMES
from app.models.services import Service
from tests.api.served import NOW
from tests.confidentiality.sheets import House, World

if TYPE_CHECKING:
    from tests.confidentiality.worlds import Served

PROPOSED: Mapping[World, str] = {
    "left": "Somebody of the staff is there day and night.",
    "right": "There is time to rest, and to decide what comes next.",
}
"""A description that waits for a curator: harmless words, which the public does not see, others in each world."""
TAKEN_DOWN_BECAUSE: Mapping[World, tuple[str, str]] = {
    "left": ("place_exposed", "Somebody followed a resident here."),
    "right": ("asked_by_service", "They are moving, and will ring."),
}
"""Why paused records are taken down: what nobody sees anyway, for a reason that nobody may learn."""
OFFICERS = 4


def send_everything(served: "Served") -> Counter[str]:
    """For every house a report by its provider and one by telephone, proposals, and calls. Gives the fields refused.

    Raises RuntimeError where anything is answered otherwise than it should be.
    """
    world = served.secrets.world
    tokens, curator = officers(served, OFFICERS), _curator(served)
    refused: Counter[str] = Counter()
    for service_id, house in sorted(served.secrets.houses.items()):
        chance = random.Random(f"sent about {service_id} on the {world}")
        provider = _provider(served, service_id)
        # Of other units than the reports of the sheets and of the week, which are in the order of their times.
        for put, unit, token in (
            (f"/v1/provider/services/{service_id}/capacity", "appointment", provider),
            (f"/v1/curation/services/{service_id}/capacity", "class_place", curator),
        ):
            _sent(served, ("PUT", put), {"unit": unit, **_figure(chance)}, token=token, expected=200)
        propose = ("POST", f"/v1/provider/services/{service_id}/proposals")
        for proposal in careless_proposals(house).values():
            answer = _sent(served, propose, proposal, token=provider, expected=422)
            # A field with a street and a postcode in it is named for both.
            refused.update({error["pointer"] for error in answer.json()["errors"]})
            if any(text in answer.text for text in (house.street, house.postcode, house.landline)):
                raise RuntimeError("a refusal repeats what was sent")
        proper = {"changes": {"description": PROPOSED[world]}}
        _sent(served, propose, proper, token=provider, expected=202)
        for token in tokens[: chance.randrange(1, OFFICERS + 1)]:
            if tapped(served, token, service_id, chance.choice(CALL_OUTCOMES)).status_code != 200:
                raise RuntimeError("a call was not recorded")
        served.secrets.mistakes[service_id] = _report_mistakes(served, service_id, chance.randrange(1, 4))
    _draft(served, curator)
    _take_down_what_is_paused(served, curator)
    return refused


def _report_mistakes(served: "Served", service_id: UUID, count: int) -> int:
    for number in range(count):
        answer = served.client.post(
            f"/v1/services/{service_id}/mistakes",
            json={"category": "wrong_hours"},
            extensions={"address": f"203.0.113.{number}"},
        )
        if answer.status_code != 202:
            raise RuntimeError("a mistake was not counted")
        # One address may report a few: here everybody comes from another one each time.
        served.client.app.state.throttle._windows.reset()
    return count


def _draft(served: "Served", curator: str) -> None:
    """Drafts of an owner of houses, made as a curator makes them: another number and other words in each world."""
    world = served.secrets.world
    house = min(served.secrets.houses)
    with served.database.read() as session:
        owner = session.get_one(Service, house).organization_id
    for number in range({"left": 2, "right": 1}[world]):
        body = {
            "key": f"draft-{world}-{number}",
            "name": f"Example Draft {world} {number}",
            "description": PROPOSED[world],
            "reach": "remote",
            "needs": ["casework_advocacy"],
            "coverage": {"everywhere": True},
            "assurance": [{"mark": "confirmed", "source": "A call", "review_by": "2027-05-01"}],
        }
        to = ("POST", f"/v1/curation/organizations/{owner}/services")
        made = _sent(served, to, body, token=curator, expected=201)
        served.secrets.unpublished[UUID(made.json()["id"])] = "draft"


def _take_down_what_is_paused(served: "Served", curator: str) -> None:
    reason, note = TAKEN_DOWN_BECAUSE[served.secrets.world]
    for service_id, state in sorted(served.secrets.unpublished.items()):
        if state == "paused":
            to = ("POST", f"/v1/curation/services/{service_id}/take-down")
            _sent(served, to, {"reason": reason, "note": note}, token=curator, expected=200)


def officers(served: "Served", count: int) -> list[str]:
    """Sessions of devices, made as the routes make them."""
    secrets, log = _state(served)

    def made(session: Session, number: int) -> str:
        link = make_link(session, secrets, f"Example phone {number}", act=Act(COMMAND_LINE, NOW, log))
        return enrol(session, secrets, link.token, log=log, now=NOW).token.text

    with served.database.write() as session:
        return [made(session, number) for number in range(count)]


def tapped(served: "Served", token: str, service_id: UUID | str, outcome: str) -> httpx.Response:
    return served.client.post(
        f"/v1/officer/services/{service_id}/call-outcomes", json={"outcome": outcome}, headers=_bearer(token)
    )


def careless_proposals(house: House) -> dict[str, dict[str, Any]]:
    """Proposals that would each locate the house, by the pointer of the field that does."""
    changes: dict[str, Any] = {
        "/changes/description": {"description": f"The house is at {house.street}, {house.postcode}."},
        "/changes/url": {"url": f"https://www.google.com/maps/@{house.lat:.5f},{house.lon:.5f},17z"},
        "/changes/application_process": {"application_process": f"Come to {house.lat:.5f}, {house.lon:.5f}."},
        "/changes/phones/0/number": {"phones": [{"number": house.landline}]},
        "/changes/coverage/postcode_districts": {
            "coverage": {"postcode_districts": [house.postcode.partition(" ")[0]]}
        },
        "/changes/counts_public": {"counts_public": True},
    }
    bodies = {pointer: {"changes": changed} for pointer, changed in changes.items()}
    noted = {
        "changes": {"fees_description": None},
        "note": f"Behind the church on {house.street.partition(' ')[2]}.",
    }
    return bodies | {"/note": noted}


def _figure(chance: random.Random) -> dict[str, Any]:
    status, maximum = chance.choice(("accepting", "limited", "full", "waiting_list")), chance.randrange(2, 9)
    free = chance.randrange(1, maximum + 1) if status in ("accepting", "limited") else 0
    return {"status": status, "available": free, "maximum": maximum}


def _provider(served: "Served", service_id: UUID) -> str:
    secrets, log = _state(served)
    with served.database.write() as session:
        organization_id = session.get_one(Service, service_id).organization_id
        wanted = WantedKey("provider", "Example system", organization_id)
        return make_key(session, secrets, wanted, Act(COMMAND_LINE, NOW, log)).token.text


def importer(served: "Served") -> str:
    """A key of a curator who brings files."""
    return _curator(served, "Example Importer")


def _curator(served: "Served", name: str = "Example Curator") -> str:
    secrets, log = _state(served)
    act = Act(COMMAND_LINE, NOW, log)
    with served.database.write() as session:
        person = add_person(session, name, act)
        return make_key(
            session, secrets, WantedKey("curator", "Example", person_id=person.id), act
        ).token.text


def _state(served: "Served") -> tuple[TokenSecrets, AuditLog]:
    state = served.client.app.state
    return state.token_secrets, state.audit_log


def _sent(served: "Served", to: tuple[str, str], body: Any, *, token: str, expected: int) -> httpx.Response:
    method, path = to
    answer = served.client.request(method, path, json=body, headers=_bearer(token))
    if answer.status_code != expected:
        raise RuntimeError(f"{method} {path} gave {answer.status_code}: {answer.text[:300]}")
    return answer


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
