"""The careless sheets once more, as files that a curator imports over the API; and imports that are taken, and wait.

A file that locates a house is refused with the fields named, and nothing of it is kept. What is taken comes in as drafts,
which hold what may be stored and differ between the worlds; what only waits differs as well, and in number.
"""

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
from pydantic_core import to_json

from tests.confidentiality.sheets import Raw, World, careless_sheet, proper_sheets, secret_sheet, service_id

if TYPE_CHECKING:
    from tests.confidentiality.worlds import Served

IMPORTS = "/v1/curation/imports"
WAITING = {"left": "Rooms with a garden to sit in.", "right": "Somebody to talk to, day and night."}
"""Descriptions that an import would give to every house: staged, applied by nobody, others in each world."""


def import_everything(served: "Served", curator: str) -> Counter[str]:
    """Send all of it. Gives the fields that were refused, by their pointer within the organization.

    Raises RuntimeError where anything is answered otherwise than it should be.
    """
    world = served.secrets.world
    true = {key: served.secrets.houses[service_id(key)] for key in _house_keys(served)}
    proper = proper_sheets()
    stored = [secret_sheet(sheet, world, true) for sheet in proper]
    refused: Counter[str] = Counter()
    for sheet in stored:
        if not _has_house(sheet):
            continue
        careless = careless_sheet(sheet, true)
        for spoilt in (careless, _well_formed(careless)):
            answer = _send(served, curator, [spoilt], source="careless")
            if answer.json()["state"] != "refused":
                raise RuntimeError("a careless file was taken")
            told = _problems(served, curator, answer)
            refused.update(re.sub(r"^/0(/services/\d+)?", "", one["pointer"]) for one in told)
            _require_silence(served, answer.text + str(told))
    drafts = _send(served, curator, stored, source="imported").json()
    if drafts["state"] != "checked":
        raise RuntimeError(f"a proper file was refused: {_problems_of(served, curator, drafts)[:3]}")
    _apply_all(served, curator, drafts)
    for number in range(2 if world == "left" else 1):
        waiting = [_changed(sheet, world, number) for sheet in stored if _has_house(sheet)]
        made = _send(served, curator, waiting, source="sheet").json()
        if made["state"] != "checked" or not made["counts"]["changed"]:
            raise RuntimeError(f"nothing waits: {made['counts']} {_problems_of(served, curator, made)[:3]}")
    return refused


def _house_keys(served: "Served") -> list[str]:
    from tests.confidentiality.sheets import HOUSE_KEYS

    return [key for key in HOUSE_KEYS if service_id(key) in served.secrets.houses]


def _has_house(sheet: Raw) -> bool:
    return any(service.get("confidential") for service in sheet["services"])


def _well_formed(careless: Raw) -> Raw:
    """The careless sheet as somebody sends it who has read what members there are."""
    services = []
    for service in careless["services"]:
        known = {name: value for name, value in service.items() if name not in ("latitude", "longitude")}
        if known["coverage"].get("everywhere"):
            known["coverage"] = {"everywhere": True}
        services.append(known)
    return careless | {"services": services}


def _changed(sheet: Raw, world: World, number: int) -> Raw:
    """The organization with another description of its houses."""
    described = {"description": WAITING[world] + "!" * number}
    services = [one | (described if one.get("confidential") else {}) for one in sheet["services"]]
    return sheet | {"services": services}


def _send(served: "Served", curator: str, sheets: list[Raw], *, source: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {curator}", "Content-Type": "application/json"}
    answer = served.client.post(IMPORTS, content=to_json(sheets), params={"source": source}, headers=headers)
    if answer.status_code != 201:
        raise RuntimeError(f"an import gave {answer.status_code}: {answer.text[:300]}")
    return answer


def _problems(served: "Served", curator: str, answer: httpx.Response) -> list[dict[str, Any]]:
    return _problems_of(served, curator, answer.json())


def _problems_of(served: "Served", curator: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = _get(served, curator, f"{IMPORTS}/{made['id']}/problems?limit=100{cursor}")
        found += [one for one in page["results"] if one["severity"] == "problem"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def _apply_all(served: "Served", curator: str, made: dict[str, Any]) -> None:
    ids, cursor = [], ""
    while True:
        page = _get(served, curator, f"{IMPORTS}/{made['id']}/diff?limit=100{cursor}")
        ids += [one["id"] for one in page["results"] if one["kind"] != "missing"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    done = served.client.post(
        f"{IMPORTS}/{made['id']}/apply",
        json={"digest": made["digest"], "only": ids},
        headers={"Authorization": f"Bearer {curator}"},
    )
    if done.status_code != 200 or done.json()["state"] != "applied":
        raise RuntimeError(f"a proper import was not applied: {done.status_code} {done.text[:300]}")


def _get(served: "Served", curator: str, path: str) -> dict[str, Any]:
    answer = served.client.get(path, headers={"Authorization": f"Bearer {curator}"})
    if answer.status_code != 200:
        raise RuntimeError(f"GET {path} gave {answer.status_code}: {answer.text[:300]}")
    found: dict[str, Any] = answer.json()
    return found


def _require_silence(served: "Served", said: str) -> None:
    for house in served.secrets.houses.values():
        if any(text in said for text in (house.street, house.postcode, house.landline)):
            raise RuntimeError("a refusal repeats what was sent")
