"""Checks that records agree with one another: list with whole, ids with what they lead to."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.feed_check.endpoints import (
    ENDPOINTS,
    ORGANIZATIONS,
    SERVICE_AT_LOCATIONS,
    TAXONOMIES,
    TAXONOMY_TERMS,
)
from app.feed_check.evidence import Evidence, ListRead, at, text_of
from app.feed_check.fetching import Record
from app.feed_check.fields import KINDS, Part
from app.feed_check.findings import Check, Found, Place

EMBEDDED = {
    "service": (("organization_id", "organization"), ("program_id", "program")),
    "service_at_location": (("location_id", "location"), ("service_id", "service")),
    "attribute": (("taxonomy_term_id", "taxonomy_term"),),
    "service_capacity": (("unit_id", "unit"),),
}
"""Ids that stand beside the object they name."""

PARENTS = frozenset(
    {
        "service_id",
        "location_id",
        "organization_id",
        "contact_id",
        "phone_id",
        "service_at_location_id",
        "link_id",
    }
)


def whole_missing(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if not read.changed_while_read:
            for record_id, failure in read.whole_failures:
                yield Found(Place(read.endpoint.of_one, None, record_id), failure.said)


def whole_of_another(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        for record_id in read.others:
            yield Found(Place(read.endpoint.of_one, None, record_id, "/id"))


def list_differs(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        for listed in read.records:
            whole = read.wholes.get(text_of(listed, "id"))
            if whole is None or _moved(evidence, listed, whole):
                continue
            for name in KINDS[read.endpoint.kind]:
                if _differs(listed.get(name), whole.get(name)):
                    yield Found(Place(read.endpoint.of_one, None, text_of(listed, "id"), f"/{name}"))


def _moved(evidence: Evidence, listed: Record, whole: Record) -> bool:
    """Whether the record was changed between the two readings: its last_modified says so, and is as new as our reading."""
    before, after = text_of(listed, "last_modified"), text_of(whole, "last_modified")
    started = evidence.started_at
    return before != after and started is not None and after >= f"{started:%Y-%m-%dT%H:%M}"


def _differs(listed: Any, whole: Any) -> bool:
    """A list may leave out; what it does say must be the same. Arrays may be shortened to nothing."""
    if listed is None or isinstance(listed, list) or (isinstance(listed, dict) and whole is None):
        return False
    if isinstance(listed, dict) and isinstance(whole, dict):
        return any(_differs(value, whole.get(name)) for name, value in listed.items())
    return bool(listed != whole)


def embedded_differs(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts(*EMBEDDED):
        for name, inner in EMBEDDED[part.kind]:
            named, embedded = text_of(part.fields, name), part.fields.get(inner)
            if named and isinstance(embedded, dict) and text_of(embedded, "id") not in {"", named}:
                yield Found(at(place, f"{part.pointer}/{name}"))


def parent_differs(evidence: Evidence) -> Iterator[Found]:
    """`service_id` in a schedule of a service, `location_id` in an address of a location, and so on."""
    for place, part in evidence.parts():
        around = part.parent
        if around is None or f"{around.kind}_id" not in KINDS[part.kind]:
            continue
        named, parent_id = text_of(part.fields, f"{around.kind}_id"), text_of(around.fields, "id")
        if named and parent_id and named != parent_id:
            yield Found(at(place, f"{part.pointer}/{around.kind}_id"))


def link_differs(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("attribute"):
        link, around = text_of(part.fields, "link_id"), part.parent
        if link and around is not None and text_of(around.fields, "id") not in {"", link}:
            yield Found(at(place, f"{part.pointer}/link_id"))


def _ids_if_whole(read: ListRead) -> frozenset[str] | None:
    return read.ids if read.is_whole and read.pages and not read.changed_while_read else None


def _named(evidence: Evidence, kind: str, name: str, ids: frozenset[str]) -> Iterator[Found]:
    for place, part in evidence.parts(kind):
        named = text_of(part.fields, name)
        if named and named not in ids:
            yield Found(at(place, f"{part.pointer}/{name}"))


def term_unresolved(evidence: Evidence) -> Iterator[Found]:
    ids = _ids_if_whole(evidence.list_of(TAXONOMY_TERMS))
    if ids is not None:
        yield from _named(evidence, "attribute", "taxonomy_term_id", ids)
        yield from _named(evidence, "taxonomy_term", "parent_id", ids)


def taxonomy_unresolved(evidence: Evidence) -> Iterator[Found]:
    ids = _ids_if_whole(evidence.list_of(TAXONOMIES))
    if ids is not None:
        yield from _named(evidence, "taxonomy_term", "taxonomy_id", ids)


def organization_unresolved(evidence: Evidence) -> Iterator[Found]:
    ids = _ids_if_whole(evidence.list_of(ORGANIZATIONS))
    if ids is not None:
        yield from _named(evidence, "service", "organization_id", ids)


def place_unlisted(evidence: Evidence) -> Iterator[Found]:
    """The places of a service, each of which must be in the list of places."""
    read = evidence.list_of(SERVICE_AT_LOCATIONS)
    ids = _ids_if_whole(read)
    if ids is None:
        return
    for place, part in evidence.parts("service_at_location"):
        is_of_service = place.endpoint == "/services/{id}" and part.depth == 1
        if is_of_service and text_of(part.fields, "id") and text_of(part.fields, "id") not in ids:
            yield Found(at(place, f"{part.pointer}/id"))


def id_reused(evidence: Evidence) -> Iterator[Found]:
    """One id, two things: parts of one kind whose common fields contradict each other."""
    first: dict[tuple[str, str], Part] = {}
    told: set[tuple[str, str]] = set()
    lists = {endpoint.path for endpoint in ENDPOINTS}
    for place, part in evidence.parts():
        # Lists are compared with whole records elsewhere.
        key = (part.kind, text_of(part.fields, "id").lower())
        if place.endpoint in lists or not key[1] or part.depth == 0 or key in told:
            continue
        earlier = first.setdefault(key, part)
        if _contradict(earlier.fields, part.fields):
            told.add(key)
            yield Found(at(place, f"{part.pointer}/id"))


def _contradict(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Links to what stands around may differ: the same line can be shown at a service and at a contact of it."""
    common = (name for name in one.keys() & other.keys() if name not in PARENTS)
    return any(
        one[name] != other[name]
        for name in common
        if not isinstance(one[name], list | dict) and name != "last_modified"
    )


CHECKS = (
    Check("whole-missing", "A listed record cannot be read by its id", "error", "ORUK 3.0, OpenAPI: GET /…/{id}",
          "Answer every id of the list at the list's address and the id.", whole_missing),
    Check("whole-of-another", "Another record came than the one asked for", "error", "ORUK 3.0, OpenAPI: GET /…/{id} matching the id",
          "Answer with the record of that id.", whole_of_another),
    Check("list-differs", "List and whole record say different things", "error", "ORUK 3.0, OpenAPI: lists have the one-to-one fields of the record",
          "Serve both from the same stored record, and clear caches of both together.", list_differs),
    Check("embedded-differs", "An id and the object beside it are not the same", "error", "HSDS 3.1, identifiers: a *_id names the record of that id",
          "Make organization_id, location_id, service_id, taxonomy_term_id and unit_id the id of the object beside them.", embedded_differs),
    Check("parent-differs", "An id names another parent than the record it stands in", "error", "HSDS 3.1, identifiers: foreign keys",
          "Give the id of the record around it, or leave the field out.", parent_differs),
    Check("link-differs", "An attribute is linked to another record than the one it stands in", "error", "HSDS 3.1, attribute.link_id",
          "link_id is the id of the record that has the attribute.", link_differs),
    Check("term-unresolved", "A taxonomy term is used and not served", "error", "ORUK 3.0, attribute.taxonomy_term_id and taxonomy_term.parent_id",
          "List every term that is used, and every parent, in /taxonomy_terms.", term_unresolved),
    Check("taxonomy-unresolved", "A taxonomy is named and not served", "error", "ORUK 3.0, taxonomy_term.taxonomy_id",
          "List every taxonomy that is used in /taxonomies.", taxonomy_unresolved),
    Check("organization-unresolved", "An organization is named and not served", "error", "HSDS 3.1, service.organization_id",
          "List it in /organizations, since that list is offered.", organization_unresolved),
    Check("place-unlisted", "A service's place is not in the list of places", "error", "ORUK 3.0, API: GET /service_at_locations",
          "List every service_at_location of every service.", place_unlisted),
    Check("id-reused", "One id stands for two different things", "error", "HSDS 3.1, identifiers: ids are unique within their kind",
          "Give every schedule, phone, address and so on an id of its own.", id_reused),
)  # fmt: skip
