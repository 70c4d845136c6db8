"""What would lead to a refuge is dropped where it is read (abuse matrix, row 144): no later step has it to lose.

A record that speaks of a refuge or safe house is confidential unless the file says otherwise. Of a confidential service,
addresses, postcodes, districts, polygons, landlines and ways in on foot are left out and told of; a text that would
locate it is a problem, and is left out as well.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.curation.confidential_facts import WITHOUT_PROSE
from app.curation.submissions import OrganizationSubmission, RouteSubmission, ServiceSubmission, texts_of
from app.directory.confidentiality import CATALOGUE, lint_confidential
from app.directory.contact_points import parse_phone
from app.importing.refuge_words import speaks_of_refuge

_REFUGE_NEED = "safe_house"


@dataclass(slots=True)
class Sheltered:
    """An organization without what would lead to its confidential services, and what was found: (pointer, code, fix).

    `kept` has by pointer of a list the old positions of what is still in it, where something was left out.
    """

    organization: OrganizationSubmission
    problems: list[tuple[str, str, str | None]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, list[int]] = field(default_factory=dict)


def shelter(organization: OrganizationSubmission) -> Sheltered:
    """Leave out what would lead to a confidential service. An organization without one is given back as it is."""
    found = Sheltered(organization)
    services = list(organization.services)
    for number, service in enumerate(services):
        at = f"/services/{number}"
        confidential = _is_confidential(service, at, found)
        if confidential:
            says_so = "confidential" in service.model_fields_set
            services[number] = _without_places(service, at, found, says_so=says_so)
    if services != list(organization.services) or any(service.confidential for service in services):
        found.organization = organization.model_copy(update={"services": tuple(services)})
    if any(service.confidential for service in services):
        found.organization = _without_locating_texts(found.organization, found)
    return found


def _is_confidential(service: ServiceSubmission, at: str, found: Sheltered) -> bool:
    said = "confidential" in service.model_fields_set
    is_refuge = _REFUGE_NEED in getattr(service, "needs", ())
    speaks = is_refuge or any(
        speaks_of_refuge(getattr(service, name, None) or "") for name in ("name", "description")
    )
    if said and service.confidential:
        return True
    if not speaks:
        return False
    if not said:
        found.warnings.append((f"{at}/confidential", "confidential-by-default"))
        return True
    if is_refuge:
        found.problems.append((f"{at}/confidential", "refuge-not-confidential", None))
        return True
    found.warnings.append((f"{at}/confidential", "says-refuge"))
    return False


def _without_places(
    service: ServiceSubmission, at: str, found: Sheltered, *, says_so: bool
) -> ServiceSubmission:
    values: dict[str, Any] = {name: getattr(service, name) for name in service.model_fields_set}
    values["confidential"] = True
    places = values.pop("locations", None)
    for number, _ in enumerate(places or ()):
        found.warnings.append((f"{at}/locations/{number}", "dropped-confidential"))
    found.kept[f"{at}/locations"] = []
    if says_so or places == ():
        # Whoever says that it is confidential, or has no place, says it of what is stored too.
        values["locations"] = ()
    if "phones" in values:
        kept = [number for number, phone in enumerate(service.phones) if not phone.number.is_geographic]
        _keep(values, "phones", kept, at, found=found, told="number")
    if "routes" in values:
        kept = [number for number, route in enumerate(service.routes) if not _leads_there(route)]
        _keep(values, "routes", kept, at, found=found, told="phone")
    coverage = values.get("coverage")
    if coverage is not None and (coverage.postcode_districts or coverage.polygons):
        if coverage.postcode_districts:
            found.warnings.append((f"{at}/coverage/postcode_districts", "dropped-confidential"))
        for number, _ in enumerate(coverage.polygons):
            found.warnings.append((f"{at}/coverage/polygons/{number}", "dropped-confidential"))
        found.kept[f"{at}/coverage/polygons"] = []
        if coverage.areas:
            values["coverage"] = type(coverage)(areas=coverage.areas)
        else:
            del values["coverage"]
    return ServiceSubmission.model_construct(set(values), **values)


def as_flagged(service: dict[str, Any]) -> dict[str, Any]:
    """A stored service that becomes confidential, as flagging leaves it (JSON): of what the file is silent about, too, nothing
    that leads to a place. What it covers is said anew where nothing but districts and drawn areas is known.
    """
    coverage = service["coverage"]
    if coverage["areas"]:
        coverage = coverage | {"postcode_districts": [], "polygons": []}
    return service | {
        "locations": [],
        "phones": [one for one in service["phones"] if not parse_phone(one["number"]).is_geographic],
        "routes": [
            one
            for one in service["routes"]
            if one["channel"] != "walk_in" and not (one["phone"] and parse_phone(one["phone"]).is_geographic)
        ],
        "coverage": coverage,
    }


def _keep(
    values: dict[str, Any], name: str, kept: list[int], at: str, *, found: Sheltered, told: str
) -> None:
    before = values[name]
    if len(kept) == len(before):
        return
    for number in range(len(before)):
        if number not in kept:
            found.warnings.append((f"{at}/{name}/{number}/{told}", "dropped-confidential"))
    found.kept[f"{at}/{name}"] = kept
    if kept:
        values[name] = tuple(before[number] for number in kept)
    else:
        # Not emptied: the file said something that cannot be taken, which says nothing about what is stored.
        del values[name]


def _leads_there(route: RouteSubmission) -> bool:
    return route.channel == "walk_in" or (route.phone is not None and route.phone.is_geographic)


def _without_locating_texts(organization: OrganizationSubmission, found: Sheltered) -> OrganizationSubmission:
    """A refuge is found through the house that runs it: the texts of the organization and its other services count."""
    texts = {
        pointer: text
        for pointer, text in texts_of(organization)
        if WITHOUT_PROSE.isdisjoint(pointer.split("/"))
    }
    for pointer, text in texts.items():
        for rule in _rules_broken(text):
            found.problems.append((_before(pointer, found), "confidential-fact", f"It {CATALOGUE[rule]}."))
            organization = _without(organization, pointer)
    return organization


@lru_cache(maxsize=10_000)
def _rules_broken(text: str) -> tuple[str, ...]:
    """Most texts of a file are words of the vocabulary, each of them a thousand times."""
    return tuple(one.rule for one in lint_confidential({"": text}))


def _before(pointer: str, found: Sheltered) -> str:
    """The pointer as it was before entries were left out of lists."""
    for at, kept in found.kept.items():
        if pointer.startswith(f"{at}/"):
            number, slash, rest = pointer[len(at) + 1 :].partition("/")
            return f"{at}/{kept[int(number)]}{slash}{rest}"
    return pointer


def _without(organization: OrganizationSubmission, pointer: str) -> OrganizationSubmission:
    parts = pointer[1:].split("/")
    if parts[0] != "services":
        without: OrganizationSubmission = _unset(organization, parts[0])
        return without
    services = list(organization.services)
    number = int(parts[1])
    services[number] = _unset(services[number], parts[2])
    return organization.model_copy(update={"services": tuple(services)})


def _unset(record: Any, name: str) -> Any:
    return type(record).model_construct(
        record.model_fields_set - {name},
        **{one: getattr(record, one) for one in record.model_fields_set - {name}},
    )
