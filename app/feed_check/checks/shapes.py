"""Checks of every record against the field table: required fields, types, formats and codes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from jsonschema import ValidationError

from app.feed_check.evidence import Evidence, at, is_removed, text_of
from app.feed_check.fields import KINDS, validator_of
from app.feed_check.findings import Check, Found, Place

Fault = Literal[
    "missing", "null", "blank", "type", "extent", "format", "uuid", "date", "time", "status", "code"
]

_BY_FORMAT: dict[str, Fault] = {"uuid": "uuid", "date": "date", "time-of-day": "time"}

OLDER_NAMES = frozenset({"accessibility_for_disabilities", "physical_addresses", "postal_addresses", "regular_schedules",
                         "holiday_schedules", "eligibilitys", "eligibilities", "service_taxonomys", "service_taxonomies",
                         "assured_by", "deliverable_type", "attending_access", "linkId", "sort_order"})  # fmt: skip
"""Names of Open Referral UK 1 and 2 that 3.0 has given up."""


@dataclass(frozen=True, slots=True)
class _Faulty:
    fault: Fault
    place: Place
    detail: str


def _faults(evidence: Evidence) -> list[_Faulty]:
    """Found once for all checks of this page."""
    if evidence.shape_faults is None:
        evidence.shape_faults = [*_found(evidence)]
    return evidence.shape_faults


def _found(evidence: Evidence) -> Iterator[_Faulty]:
    for place, kind, record in evidence.records():
        seen: set[tuple[Fault, str]] = set()
        for error in validator_of(kind).iter_errors(record):
            for fault, pointer, detail in _told(error, kind):
                if (fault, pointer) not in seen:
                    seen.add((fault, pointer))
                    yield _Faulty(fault, at(place, pointer), detail)


def _told(error: ValidationError, kind: str) -> Iterator[tuple[Fault, str, str]]:
    path = [str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path]
    pointer = "".join(f"/{part}" for part in path)
    expected: Any = error.validator_value
    match error.validator:
        case "required":
            for name in expected:
                if isinstance(error.instance, dict) and name not in error.instance:
                    yield "missing", f"{pointer}/{name}", ""
        case "type" if error.instance is None:
            yield "null", pointer, ""
        case "type" if path and path[-1] == "extent":
            yield "extent", pointer, ""
        case "type":
            yield "type", pointer, f"must be {_in_words(expected)}"
        case "format":
            yield _BY_FORMAT.get(expected, "format"), pointer, f"format {expected}"
        case "enum" if isinstance(error.instance, str):
            fault: Fault = "status" if path and path[-1] == "status" else "code"
            yield fault, pointer, f"one of: {', '.join(expected)}"
        case "pattern":
            yield ("missing" if _is_required(kind, path) else "blank"), pointer, ""


def _is_required(kind: str, path: list[str]) -> bool:
    """Of the field at a path into a record of this kind."""
    for name in path[:-1]:
        field = KINDS[kind].get(name)
        kind = field.holds or kind if field else kind
    field = KINDS[kind].get(path[-1]) if path else None
    return field is not None and field.is_required


def _in_words(kind: Any) -> str:
    return {"string": "a text", "number": "a number", "object": "an object", "array": "an array"}.get(
        kind, str(kind)
    )


def _of(fault: Fault, evidence: Evidence) -> Iterator[Found]:
    return (Found(one.place, one.detail) for one in _faults(evidence) if one.fault == fault)


def organization_missing(evidence: Evidence) -> Iterator[Found]:
    for place, service in evidence.services():
        if not {"organization_id", "organization"} & service.keys() and not is_removed(service):
            yield Found(place)


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_KNOWN = {kind: {_folded(name): name for name in fields} for kind, fields in KINDS.items()}


def misnamed(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts():
        for name in part.fields:
            if name in KINDS[part.kind]:
                continue
            meant = _KNOWN[part.kind].get(_folded(name))
            if meant is not None or name in OLDER_NAMES:
                pointer = f"{part.pointer}/{name}"
                yield Found(at(place, pointer), f"meant: {meant}" if meant else "a name of an older version")


def term_without_term(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("taxonomy_term"):
        if part.parent is None and not text_of(part.fields, "term") and text_of(part.fields, "name"):
            yield Found(place)


ORUK = "ORUK 3.0 and HSDS 3.1, field tables"

CHECKS = (
    Check("field-missing", "A required field is missing or blank", "error", f"{ORUK}: required", "Fill the field in.",
          partial(_of, "missing")),
    Check("field-null", "A field is null", "error", f"{ORUK}: no field may be null; ORUK compliance: leave empty fields out",
          "Leave the field out.", partial(_of, "null")),
    Check("field-blank", "A field holds an empty text", "warning", "ORUK compliance: leave empty fields out", "Leave the field out.",
          partial(_of, "blank")),
    Check("type-wrong", "A field has the wrong type", "error", f"{ORUK}: type",
          "Give the type of the table: a number as 18, not \"18\"; one object as {…}, not [{…}].", partial(_of, "type")),
    Check("extent-not-text", "An extent is not a text", "error", "ORUK 3.0, service_area.extent: string",
          "Write GeoJSON as a text inside the JSON, with its quotation marks escaped.", partial(_of, "extent")),
    Check("format-wrong", "A web address, e-mail address or instant is none", "error", f"{ORUK}: format uri, email, date-time (RFC 3986, 5321, 3339)",
          "Whole addresses with https://, one e-mail address alone, instants such as 2026-11-02T09:15:00.000Z; otherwise leave the field out.",
          partial(_of, "format")),
    Check("id-not-uuid", "An id is no UUID", "error", f"{ORUK}: format uuid (RFC 9562)",
          "Use hyphenated UUIDs; make them of your own ids with UUID version 5, so that they stay the same.", partial(_of, "uuid")),
    Check("date-wrong", "A date is none", "error", f"{ORUK}: date, ISO 8601", "Write dates as 2026-11-25.", partial(_of, "date")),
    Check("time-wrong", "A time of day cannot be read by the main consumer", "error", "DfE consumer: .NET TimeSpan; ORUK 3.0 sample",
          "Write times as 09:00:00: no zone, no am or pm.", partial(_of, "time")),
    Check("status-unknown", "A status is none of the four", "error", "ORUK 3.0, service.status", "Say active, inactive, defunct or temporarily closed.",
          partial(_of, "status")),
    Check("code-unknown", "A code is not in its list", "error", f"{ORUK}: enum", "Use a code of the list.", partial(_of, "code")),
    Check("organization-missing", "A service does not say whose it is", "error", "ORUK compliance: organization_id is required",
          "Give organization_id, and the organization itself.", organization_missing),
    Check("field-misnamed", "A field has another standard's name, or another spelling", "warning", f"{ORUK}: names",
          "Use the name of the table: readers see nothing of this field.", misnamed),
    Check("term-without-term", "A taxonomy term has a name but no `term`", "advice", "ORUK 3.0, taxonomy_term.term",
          "Give both: readers of 3.0 look at term, others at name.", term_without_term),
)  # fmt: skip
