"""The fields of Open Referral UK 3.0 and, marked with +, those that HSDS 3.1 adds under its own names.

Written from the two standards' field tables. One object a paragraph; `!` means required. The types:

    uuid · text · uri · email · instant (date-time of RFC 3339) · date (ISO 8601) · time (of day) · number
    a|b        one of these codes; `_` stands for a blank
    {object}   one object        [object]   an array of objects

JSON Schemas are made of it (`validator_of`), and the walk through a record (`parts_of`).
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from app.feed_check.fetching import Record

_TABLE = """
service: id uuid! · organization_id uuid · name text! · description text · url uri · email email
    · status active|inactive|defunct|temporarily_closed! · fees text · accreditations text · minimum_age number
    · maximum_age number · assured_date date · assurer_email email · alert text · last_modified instant
    · schedules [schedule] · service_areas [service_area] · service_at_locations [service_at_location]
    · languages [language] · organization {organization} · funding [funding] · cost_options [cost_option]
    · contacts [contact] · attributes [attribute]
    · +program_id uuid · +alternate_name text · +additional_urls [url] · +interpretation_services text
    · +application_process text · +fees_description text · +wait_time text · +eligibility_description text
    · +licenses text · +phones [phone] · +program {program} · +required_documents [required_document]
    · +capacities [service_capacity] · +metadata [metadata]

organization: id uuid! · name text! · description text! · email email · website uri · logo text · uri uri
    · parent_organization_id uuid · organization_identifiers [organization_identifier] · attributes [attribute]
    · +alternate_name text · +additional_websites [url] · +tax_status text · +tax_id text · +year_incorporated number
    · +legal_status text · +funding [funding] · +contacts [contact] · +phones [phone] · +locations [location]
    · +programs [program] · +services [service] · +metadata [metadata]

organization_identifier: id uuid! · organization_id uuid · identifier_scheme text · identifier_type text!
    · identifier text! · attributes [attribute] · +metadata [metadata]

service_at_location: id uuid! · service_id uuid · location_id uuid · location {location}
    · +service {service} · +description text · +service_areas [service_area] · +contacts [contact] · +phones [phone]
    · +schedules [schedule] · +attributes [attribute] · +metadata [metadata]

location: id uuid! · location_type physical|postal|virtual! · name text · description text · latitude number
    · longitude number · external_identifier text · external_identifier_type text · addresses [address]
    · accessibility [accessibility] · attributes [attribute]
    · +url uri · +organization_id uuid · +alternate_name text · +transportation text · +languages [language]
    · +contacts [contact] · +phones [phone] · +schedules [schedule] · +metadata [metadata]

address: id uuid! · location_id uuid · attention text · address_1 text! · city text! · region text
    · state_province text! · postal_code text! · country text! · address_type physical|postal|virtual!
    · attributes [attribute] · +address_2 text · +metadata [metadata]

accessibility: id uuid! · location_id uuid · description text · details text · url uri · attributes [attribute]
    · accessibility text · +metadata [metadata]

schedule: id uuid! · service_id uuid · service_at_location_id uuid · valid_from date · valid_to date · dtstart date
    · freq WEEKLY|MONTHLY · interval number · byday text · bymonthday text · description text · opens_at time
    · closes_at time · schedule_link uri · attending_type text · notes text
    · +location_id uuid · +timezone number · +until date · +count number · +wkst MO|TU|WE|TH|FR|SA|SU · +byweekno text
    · +byyearday text · +attributes [attribute] · +metadata [metadata]

service_area: id uuid! · service_id uuid · name text · extent text · extent_type text · uri text · service_area text
    · +service_at_location_id uuid · +description text · +attributes [attribute] · +metadata [metadata]

contact: id uuid! · service_id uuid · name text · title text · attributes [attribute]
    · +organization_id uuid · +service_at_location_id uuid · +location_id uuid · +department text · +email email
    · +phones [phone] · +metadata [metadata]

phone: id uuid! · contact_id uuid · number text! · description text · languages [language]
    · +location_id uuid · +service_id uuid · +organization_id uuid · +service_at_location_id uuid · +extension number
    · +type text · +attributes [attribute] · +metadata [metadata]

language: id uuid! · service_id uuid · phone_id uuid · +location_id uuid · +name text · +code text · +note text
    · +attributes [attribute] · +metadata [metadata]

cost_option: id uuid! · service_id uuid · valid_from date · valid_to date · option text · amount number
    · amount_description text · +currency text · +attributes [attribute] · +metadata [metadata]

funding: id uuid! · service_id uuid · source text · +organization_id uuid · +attributes [attribute] · +metadata [metadata]

attribute: id uuid! · link_id uuid · taxonomy_term_id uuid · link_type text · taxonomy_term {taxonomy_term}
    · +link_entity text · +value text · +label text · +metadata [metadata]

taxonomy_term: id uuid! · name text! · description text! · parent_id uuid · taxonomy text · taxonomy_id uuid
    · term_uri uri · term text · +code text · +taxonomy_detail {taxonomy} · +language text · +metadata [metadata]

taxonomy: id uuid! · name text! · description text! · uri uri · version text · taxonomy_terms [taxonomy_term]
    · +metadata [metadata]

service_capacity: +id uuid! · +service_id uuid · +unit {unit}! · +unit_id uuid · +available number! · +maximum number
    · +description text · +updated instant! · +attributes [attribute] · +metadata [metadata]

unit: +id uuid! · +name text! · +scheme text · +identifier text · +uri uri · +attributes [attribute]
    · +metadata [metadata]

url: +id uuid! · +label text · +url uri! · +organization_id uuid · +service_id uuid · +attributes [attribute]
    · +metadata [metadata]

required_document: +id uuid! · +service_id uuid · +document text · +uri uri · +attributes [attribute]
    · +metadata [metadata]

program: +id uuid! · +organization_id uuid · +name text! · +alternate_name text · +description text!
    · +attributes [attribute] · +metadata [metadata]

metadata: +id uuid! · +resource_id uuid · +resource_type text · +last_action_date date! · +last_action_type text!
    · +field_name text! · +previous_value text! · +replacement_value text! · +updated_by text!
"""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the table. `holds` is the kind of object in it, one or many, or None."""

    name: str
    type: str
    is_required: bool
    is_of_hsds_3_1: bool

    @property
    def holds(self) -> str | None:
        return self.type[1:-1] if self.type[0] in "{[" else None

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code.replace("_", " ") for code in self.type.split("|")) if "|" in self.type else ()


@dataclass(frozen=True, slots=True)
class Part:
    """An object inside a record, itself included. `parent` is the object around it, None for the record."""

    kind: str
    pointer: str
    fields: Record
    parent: "Part | None"

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1


def _read_table(table: str) -> Mapping[str, Mapping[str, Field]]:
    kinds = {}
    for paragraph in table.strip().split("\n\n"):
        kind, _, fields = paragraph.partition(":")
        read = (_read_field(*one.split()) for one in fields.split("·"))
        kinds[kind] = {field.name: field for field in read}
    return kinds


def _read_field(name: str, kind: str) -> Field:
    return Field(
        name.lstrip("+"),
        kind.rstrip("!"),
        is_required=kind.endswith("!"),
        is_of_hsds_3_1=name.startswith("+"),
    )


KINDS = _read_table(_TABLE)

TIMESPAN = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9](?:\.[0-9]{1,7})?)?")
"""A time of day as .NET's TimeSpan.Parse takes it (`hh:mm[:ss[.fffffff]]`): no zone, no "9am", and no bare 9, which it would
read as nine days. The Department for Education's consumer reads times so."""

_FORMATS = {
    "uuid": "uuid",
    "uri": "uri",
    "email": "email",
    "instant": "date-time",
    "date": "date",
    "time": "time-of-day",
}
_LONGEST_FORMATTED = 4000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")


def parts_of(kind: str, record: Record) -> Iterator[Part]:
    """Every object of a record that the table knows, outermost first."""
    waiting = deque([Part(kind, "", record, None)])
    while waiting:
        part = waiting.popleft()
        yield part
        for field in KINDS[part.kind].values():
            if field.holds is None:
                continue
            value = part.fields.get(field.name)
            if field.type[0] == "{":
                inside = [(f"{part.pointer}/{field.name}", value)]
            else:
                inside = [(f"{part.pointer}/{field.name}/{n}", one) for n, one in enumerate(_array(value))]
            waiting += [
                Part(field.holds, pointer, one, part) for pointer, one in inside if isinstance(one, dict)
            ]


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@cache
def validator_of(kind: str) -> Draft202012Validator:
    """Checks one record of a kind with everything in it. Formats are checked too."""
    defs = {name: _schema(fields) for name, fields in KINDS.items()}
    return Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": defs}, format_checker=_checker())


def _schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _schema_of(field) for field in fields.values()},
        "required": [field.name for field in fields.values() if field.is_required],
    }


def _schema_of(field: Field) -> dict[str, Any]:
    if field.codes:
        return {"type": "string", "enum": list(field.codes)}
    if field.holds is not None:
        inner = {"$ref": f"#/$defs/{field.holds}"}
        return inner if field.type[0] == "{" else {"type": "array", "items": inner}
    if field.type == "number":
        return {"type": "number"}
    if field.type == "text":
        return {"type": "string", "pattern": r"\S"}
    return {"type": "string", "format": _FORMATS[field.type]}


def has_format(text: str, type_: str) -> bool:
    """Whether a text is of one of the table's formatted types."""
    return _checker().conforms(text, _FORMATS[type_])


@cache
def _checker() -> FormatChecker:
    """The library's formats; its `email` asks for an @ only, and a time of day is none of JSON Schema's."""
    known = Draft202012Validator.FORMAT_CHECKER
    checker = FormatChecker(formats=())

    def check(name: str, conforms: Any) -> None:
        checker.checks(name)(
            lambda value: not isinstance(value, str) or (len(value) <= _LONGEST_FORMATTED and conforms(value))
        )

    for name in ("uuid", "date-time", "date"):
        check(name, lambda value, name=name: known.conforms(value, name))
    # The host is what the library's grammar leaves open: `http://` alone conforms.
    check("uri", lambda value: known.conforms(value, "uri") and not value.endswith("://"))
    check("email", lambda value: _EMAIL.fullmatch(value) is not None)
    check("time-of-day", lambda value: TIMESPAN.fullmatch(value) is not None)
    return checker
