"""A service that says it is a refuge loses at once, while it is read, whatever would lead to its door.

It says so by our own flag, by a term, or in words. What is dropped is in no submission, no stage and no report: the
warnings say that something was there, and where in the file, never what. A text that gives a place away cannot be cut
with certainty, so the service is left out until its publisher has reworded it.
"""

from pydantic_core import PydanticCustomError

from app.directory.contact_points import parse_phone
from app.importing.oruk_contacts import CHANNELS
from app.importing.oruk_mapping import OrukMapping, TermsRead
from app.importing.oruk_nodes import Draft, Node
from app.importing.refuge_words import speaks_of_refuge

SAFE_HOUSE = "safe_house"
_SAYS_WHAT_IT_IS = (
    "name", "alternate_name", "description", "application_process", "eligibility_description", "alert",
)  # fmt: skip
WIDE_AREAS = (("E23", "W15", "S23"), ("E12",), ("E92", "W92", "S92", "N92"))
"""Beginnings of GSS codes (ONS) of police force areas, regions and countries, the smaller first."""


def says_it_is_confidential(service: Node, terms: TermsRead) -> bool:
    """By our flag, which also says no; otherwise by a term or by words. In doubt it is one."""
    stated = service.flag("x_confidential")
    if stated is not None:
        return stated
    said = [term.text("name") for term in terms.unknown]
    said += [service.text(name) for name in _SAYS_WHAT_IT_IS]
    for link in service.nodes("service_at_locations"):
        location = link.node("location")
        if location is not None:
            said += [location.text(name) for name in ("name", "alternate_name", "description")]
    return SAFE_HOUSE in terms.needs or any(speaks_of_refuge(text) for text in said if text is not None)


def make_confidential(draft: Draft, service: Node, mapping: OrukMapping) -> bool:
    """Drop what would locate it and add where it may be looked for at all. False, with a note, where nothing says that."""
    draft.put("confidential", True, service.at)  # noqa: FBT003 - a value, not a switch
    if service.flag("x_confidential") is None:
        service.notes.warning(
            "taken-as-confidential",
            service.at,
            "The service says that it is a refuge or safe house, so it is confidential here.",
            fix="If it has no secret address, have its publisher say `x_confidential`: false.",
        )
    _drop_places(draft, service)
    _drop_coverage(draft, service)
    _drop_local_numbers(draft, service)
    return _put_host_area(draft, service, mapping)


def _dropped(service: Node, member: str, what: str) -> None:
    service.notes.warning(
        "place-dropped",
        service.cell(member),
        f"{what} of a confidential service: dropped, and kept nowhere.",
        fix="Nothing to do here. Tell the publisher that it must not be public there either.",
    )


def _drop_places(draft: Draft, service: Node) -> None:
    locations = [one for link in service.nodes("service_at_locations") if (one := link.node("location"))]
    shows_place = any(
        one.has(name)
        for one in locations
        for name in ("latitude", "longitude", "addresses", "x_address", "external_identifier")
    )
    if shows_place or "locations" in draft.fields:
        _dropped(service, "service_at_locations", "Address or position")
    draft.drop("locations")


def _drop_coverage(draft: Draft, service: Node) -> None:
    coverage = draft.fields.get("coverage", {})
    narrow = {name: coverage.pop(name) for name in ("postcode_districts", "polygons") if name in coverage}
    if narrow:
        _dropped(service, "service_areas", "Shape or postcodes")
    if not coverage and "coverage" in draft.fields:
        draft.drop("coverage")
        service.notes.problem(
            "coverage-missing",
            service.cell("service_areas"),
            "Of a confidential service only whole areas are taken, and it names none.",
            fix="Say by GSS code which force areas, regions or countries it covers.",
        )


def _drop_local_numbers(draft: Draft, service: Node) -> None:
    kept = [one for one in draft.fields.get("phones", []) if not _is_local(one["number"])]
    if len(kept) < len(draft.fields.get("phones", [])):
        _dropped(service, "phones", "A local number")
        draft.drop("phones")
        if kept:
            draft.put("phones", kept, service.cell("phones"))
    routes = draft.fields.get("routes", [])
    ways_in = [one for one in routes if one.get("channel") != CHANNELS[4] and not _is_local(one.get("phone"))]
    if len(ways_in) < len(routes):
        _dropped(service, "x_referral_routes", "A way in by a local number or on foot")
        draft.drop("routes")
        if ways_in:
            draft.put("routes", ways_in, service.cell("x_referral_routes"))


def _is_local(number: str | None) -> bool:
    if number is None:
        return False
    try:
        return parse_phone(number).is_geographic
    except PydanticCustomError:
        # Not a number at all: said where the submission is checked.
        return False


def _put_host_area(draft: Draft, service: Node, mapping: OrukMapping) -> bool:
    """The force area, region or country that it covers; else what the curator has said for the file."""
    covered = draft.fields.get("coverage", {}).get("areas", [])
    wide = [code for beginnings in WIDE_AREAS for code in covered if code.startswith(beginnings)]
    host_area = wide[0] if wide else mapping.host_area
    if host_area is None:
        service.notes.problem(
            "host-area-missing",
            service.cell("service_areas"),
            "It is not said in which force area, region or country this confidential service is.",
            fix="Have it cover a whole force area, region or country, or give one for the whole file.",
        )
        return False
    draft.put("host_area", host_area, service.cell("service_areas"))
    return True
