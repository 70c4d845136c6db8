"""What a file says, laid over what is stored, and the form in which two states of a record can be compared.

Only what the file says is laid over: a field that it leaves out stays as it is. Lists are replaced whole, since a sheet
that names one telephone number does not say which of three is gone; eligibility and what is passed on are taken member
by member. Lines for professionals stay where the file does not say who may see its lines: a public table or feed never has
them, and would take from the police the number that they ring.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from app.curation.changes import WITH_PRIVATE_LINES
from app.curation.record_rows import STORED_KEY, location_id
from app.curation.submissions import ALWAYS_OPEN, OrganizationSubmission, ServiceSubmission
from app.directory.records import is_written_to
from app.errors import InvalidInput
from app.geo.areas import Areas
from app.geo.postcodes import parse_postcode
from app.importing.claims import believed

NOT_KNOWN = "ask"
BY_MEMBER = ("eligibility", "information_flow")
_IDENTITY = frozenset({"key", "services"})

_WITH_PRIVATE_LINES = (*WITH_PRIVATE_LINES, "routes")
_SETS = ("needs", "exploitation", "languages")
_ROUTE_SETS = ("referrers", "stages")
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ALWAYS_OPEN = [ALWAYS_OPEN.model_dump(mode="json")]


def laid_over(
    stored: Mapping[str, Any], said: OrganizationSubmission | ServiceSubmission, *, key: str
) -> dict[str, Any]:
    """The record as it would be. `stored` is empty for a new one; `key` is the one under which it is stored."""
    whole = said.model_dump(mode="json", exclude=set(_IDENTITY))
    if "assurance" in whole:
        whole["assurance"] = believed(whole["assurance"], stored.get("assurance", ()))
    if not stored:
        return {**whole, "key": key}
    changed = {name: whole[name] for name in said.model_fields_set if name in whole}
    for name in BY_MEMBER:
        if name in changed:
            given: BaseModel = getattr(said, name)
            changed[name] = {**stored[name], **{one: changed[name][one] for one in given.model_fields_set}}
    for name in _WITH_PRIVATE_LINES:
        if name in changed and not any("visibility" in line.model_fields_set for line in getattr(said, name)):
            changed[name] = _with_private_lines(changed[name], stored[name])
    if changed.get("interpreter") == NOT_KNOWN and stored["interpreter"] is None:
        # Where nothing is stored, our own tables and feed say that one has to ask: read back, it is the same.
        del changed["interpreter"]
    return {**stored, **changed, "key": key}


def _with_private_lines(said: list[Any], stored: Iterable[Mapping[str, Any]]) -> list[Any]:
    """What was said, with the stored lines for professionals where they stand now."""
    lines = list(said)
    for place, line in enumerate(stored):
        if line["visibility"] == "professional":
            lines.insert(place, line)
    return lines


def with_its_host_area(after: dict[str, Any], before: Mapping[str, Any], areas: Areas) -> dict[str, Any]:
    """A confidential service as a feed would have it, in the area that is stored of it while it covers that.

    A feed never says in which area a refuge is. What is made of its coverage is for one that is new here.
    """
    host, coverage = before["host_area"], after["coverage"]
    covered = frozenset().union(*(areas.authorities_in(code) for code in coverage["areas"] if code in areas))
    is_covered = coverage["everywhere"] or bool(after["narrow_coverage_consent_on"])
    if host is None or not (is_covered or areas.authorities_in(host) <= covered):
        return after
    return after | {"host_area": host}


def with_stored_keys(
    service: dict[str, Any],
    stored: Mapping[str, Any],
    *,
    service_id: UUID,
    organization_id: UUID,
    places: Iterable[str],
) -> dict[str, Any]:
    """Routes and places under the keys of the rows that they are already, so that what is the same compares as the same.

    A route or place is a stored one when its key makes that row's id, or when everything else of it is the same. `places`
    are the stored keys of all places of the organization.
    """
    by_visibility: dict[str, int] = {}

    def route_ids(route: Mapping[str, Any]) -> tuple[UUID, ...]:
        number = by_visibility.get(route["visibility"], 0)
        by_visibility[route["visibility"]] = number + 1
        name = route["key"]
        if service["confidential"]:
            # As `record_rows` names them: a refuge's route is not told by its key.
            name = f"{route['visibility']}/{number}"
        return (uuid5(service_id, f"route/{name}"),)

    def place_ids(place: Mapping[str, Any]) -> tuple[UUID, ...]:
        return () if place["key"].startswith(STORED_KEY) else (location_id(organization_id, place["key"]),)

    routes = stored.get("routes", [])
    return service | {
        "routes": _adopted(service["routes"], routes, {one["key"] for one in routes}, route_ids),
        "locations": _adopted(service["locations"], stored.get("locations", []), set(places), place_ids),
    }


def _adopted(
    said: list[dict[str, Any]],
    stored: list[dict[str, Any]],
    known: set[str],
    ids_of: Callable[[Mapping[str, Any]], tuple[UUID, ...]],
) -> list[dict[str, Any]]:
    free = {one["key"]: _without_key(one) for one in stored}
    result = []
    for one in said:
        candidates = [f"{STORED_KEY}{row_id}" for row_id in ids_of(one)]
        key = next((key for key in candidates if key in known), one["key"])
        if key == one["key"] and not key.startswith(STORED_KEY):
            bare = _without_key(_comparable_place_or_route(one))
            key = next(
                (
                    key
                    for key, other in free.items()
                    if _without_key(_comparable_place_or_route(other)) == bare
                ),
                key,
            )
        free.pop(key, None)
        result.append(one | {"key": key})
    return result


def comparable(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every list that has no order in one order, and with what can be written in two ways in one."""
    found = dict(record)
    # As the public is shown them: what is rung before what is written to.
    found["phones"] = sorted(record["phones"], key=lambda one: is_written_to(one["phone_type"]))
    found["assurance"] = sorted(record["assurance"], key=lambda one: str(one["fact"]))
    if "coverage" not in record:
        found["identifiers"] = sorted(
            record["identifiers"], key=lambda one: (one["identifier_scheme"], one["identifier"])
        )
        return found
    for name in _SETS:
        found[name] = sorted(record[name])
    coverage = record["coverage"]
    found["coverage"] = coverage | {name: sorted(coverage[name]) for name in ("areas", "postcode_districts")}
    found["contacts"] = sorted(record["contacts"], key=lambda one: str(one["visibility"]), reverse=True)
    found["hours"] = _rows(record["hours"])
    found["locations"] = sorted(
        map(_comparable_place_or_route, record["locations"]), key=lambda one: str(one["key"])
    )
    found["routes"] = list(map(_comparable_place_or_route, record["routes"]))
    return found


def _comparable_place_or_route(one: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for name in _ROUTE_SETS:
        if name in found:
            found[name] = sorted(found[name])
    if "hours" in found:
        found["hours"] = _rows(found["hours"])
    if found.get("postal_code"):
        # What is no postcode is said of the field when it is checked.
        with suppress(InvalidInput):
            found["postal_code"] = str(parse_postcode(found["postal_code"]))
    return found


def _rows(hours: Any) -> list[dict[str, Any]]:
    rows = _ALWAYS_OPEN if hours == "24/7" else hours
    return [row | {"byday": sorted(row["byday"], key=_WEEK.index)} for row in rows]


def _without_key(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "key"}
