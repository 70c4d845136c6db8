"""What each column's text becomes, by the kind of the column and the field of the record that it is for."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import NoneType
from typing import Any, cast, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.curation.submissions import (
    AssuranceSubmission,
    ContactSubmission,
    EligibilitySubmission,
    FlowSubmission,
    IdentifierSubmission,
    LocationSubmission,
    OrganizationSubmission,
    PhoneSubmission,
    RouteSubmission,
    ServiceSubmission,
    Submission,
)
from app.directory.contact_points import parse_email, parse_phone, parse_public_url
from app.directory.sheet_columns import Column
from app.importing import plain_words
from app.importing.faults import Fault, code_of, fault_of
from app.importing.hours_words import read_hours
from app.importing.identity import key_from
from app.importing.layout import BLANK, Group, Reader, Report
from app.importing.mapping import Target
from app.importing.words import SheetWords, folded

EVERYWHERE = "everywhere"
MODELS: Mapping[str, type[Submission]] = {
    "organization_phone": PhoneSubmission,
    "identifier": IdentifierSubmission,
    "organization_source": AssuranceSubmission,
    "phone": PhoneSubmission,
    "contact": ContactSubmission,
    "location": LocationSubmission,
    "route": RouteSubmission,
    "source": AssuranceSubmission,
    "eligibility": EligibilitySubmission,
    "information_flow": FlowSubmission,
}
_KEY = TypeAdapter(OrganizationSubmission.model_fields["key"].rebuild_annotation())


def reader_for(target: Target, header: str, position: int, *, words: SheetWords, report: Report) -> Reader:
    """The reader of one column of a sheet."""
    column = target.column
    model, name = _model_field(target)
    return Reader(
        target,
        header,
        position,
        convert=_converter(column, model, name, words=words),
        emptied=_emptied(column, model, name),
        report=report,
    )


def group_for(
    name: str,
    number: int,
    readers: tuple[Reader, ...],
    *,
    words: SheetWords,
    report: Report,
    source: AssuranceSubmission | None,
) -> Group:
    """The reader of columns that belong together. `source` completes sources that leave something out."""
    model = MODELS.get(name)

    def build(values: dict[str, object]) -> object:
        if name == "polygon":
            return values[""]
        if name == "coverage":
            return _coverage(values)
        if model is None:
            raise TypeError(name)
        return model.model_validate(_completed(name, values, words, source))

    return Group(name, number, readers, build=build, report=report)


def _completed(
    name: str, values: dict[str, object], words: SheetWords, source: AssuranceSubmission | None
) -> dict[str, object]:
    """What a row leaves out because it is plain from the rest."""
    if name == "eligibility" and "eligibility" in values:
        youngest, oldest = cast(tuple[int | None, int | None], values.pop("eligibility"))
        if {"minimum_age", "maximum_age"} & values.keys():
            raise Fault("age-unclear", "Say the ages in one column or in two, not in both ways.")
        values |= {"minimum_age": youngest, "maximum_age": oldest}
    elif name == "location":
        values.setdefault("name", values.get("address_1") or values.get("city") or BLANK)
        if values["name"] is BLANK:
            raise Fault("incomplete", "Say what the place is called.")
        values.setdefault("key", key_from(str(values["name"])))
    elif name == "route":
        if "channel" not in values:
            ways = {"phone": "phone", "email": "email", "form_url": "web_form", "via_service": "via_service"}
            given = [channel for contact, channel in ways.items() if values.get(contact) is not None]
            if len(given) != 1:
                raise Fault("incomplete", "Say how the referral is made, under channel.")
            values["channel"] = given[0]
        values.setdefault("name", words.name("channel", str(values["channel"])))
        values.setdefault("key", key_from(str(values["name"])))
    elif name in ("source", "organization_source") and source is not None:
        for member in ("source", "mark", "review_by"):
            values.setdefault(member, getattr(source, member))
    return values


def _coverage(values: dict[str, object]) -> dict[str, object]:
    """Members of a coverage. It is made when its polygons are known, which may stand in another sheet."""
    covered = values.pop("coverage", None)
    if covered == EVERYWHERE:
        if values:
            raise Fault("unknown-area", "Write everywhere alone, or name areas and districts.")
        return {"everywhere": True}
    return values if covered is None else {"areas": covered, **values}


def _model_field(target: Target) -> tuple[type[BaseModel] | None, str]:
    """The model that has the column's field, and the field's name."""
    column = target.column
    if target.part is not None:
        return MODELS.get(target.part.name), column.pointer[1:]
    group, _, name = column.pointer[1:].partition("/")
    if name:
        return MODELS.get(group), name
    return (OrganizationSubmission if target.name.startswith("organization") else ServiceSubmission), group


def _emptied(column: Column, model: type[BaseModel] | None, name: str) -> object:
    if column.kind == "ages":
        return (None, None)
    if model is None or name not in model.model_fields:
        return BLANK
    return _empty_of(model, name)


@lru_cache(maxsize=500)
def _empty_of(model: type[BaseModel], name: str) -> object:
    """The value that says "nothing" in a field: None, no entries, or BLANK where there is none."""
    known = model.model_fields[name]
    if NoneType in get_args(known.annotation):
        return None
    is_list = any(get_origin(one) is tuple for one in (known.annotation, *get_args(known.annotation)))
    return () if is_list and not known.is_required() else BLANK


def _converter(
    column: Column, model: type[BaseModel] | None, name: str, *, words: SheetWords
) -> Callable[[str], object]:
    kind, list_name = column.kind, column.words or ""
    plain: dict[str, Callable[[str], object]] = {
        "phone": _guarded(parse_phone),
        "email": _guarded(parse_email),
        "url": lambda text: _guarded(parse_public_url)(_with_scheme(text)).url,
        "date": plain_words.calendar_date,
        "whole_number": plain_words.whole_number,
        "yes_no": plain_words.yes_no,
        "yes_no_ask": plain_words.yes_no_ask,
        "code": lambda text: words.code(list_name, text),
        "codes": lambda text: plain_words.listed(text, lambda one: words.code(list_name, one)),
        "area": words.area_code,
        "covers": lambda text: _covers(text, words),
        "districts": lambda text: tuple(one.upper() for one in plain_words.listed(text, str)),
        "languages": lambda text: plain_words.listed(text, plain_words.language_code),
        "hours": read_hours,
        "duration": plain_words.duration,
        "ages": plain_words.ages,
        "geojson": _geojson,
        "id": _uuid,
        "key": lambda text: folded(text).replace(" ", "_") if name == "fact" else _key(text),
    }
    if kind in plain:
        return plain[kind]
    if model in (OrganizationSubmission, ServiceSubmission):
        return _text_of(model, name)
    # The texts of a part are looked at when the part is made.
    return str


def _guarded(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return parse(text)
        except PydanticCustomError as failure:
            raise fault_of(failure) from None

    return read


def _with_scheme(text: str) -> str:
    """`www.example.org` as people write it; https is what every public site answers by now."""
    return f"https://{text}" if text.casefold().startswith("www.") else text


def _text_of(model: type[BaseModel], name: str) -> Callable[[str], object]:
    adapter: TypeAdapter[object] = TypeAdapter(model.model_fields[name].rebuild_annotation())

    def read(text: str) -> object:
        try:
            return adapter.validate_python(text)
        except ValidationError as failure:
            error = failure.errors(include_url=False, include_input=False)[0]
            code, most = code_of(error["type"]), error.get("ctx", {}).get("max_length")
            raise Fault(code, f"Shorten it to {most:,} characters." if most else None) from None

    return read


def _covers(text: str, words: SheetWords) -> object:
    return EVERYWHERE if folded(text) == EVERYWHERE else plain_words.listed(text, words.area_code)


def _geojson(text: str) -> object:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Fault("not-accepted")
    return found


def _uuid(text: str) -> UUID:
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.casefold():
        raise Fault("id-invalid")
    return found


def _key(text: str) -> str:
    try:
        return str(_KEY.validate_python(text))
    except ValidationError:
        raise Fault("key-invalid") from None
