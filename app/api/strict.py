"""Reading what was sent, strictly: one JSON document in UTF-8, known parameters once each, nothing guessed.

What the framework does by default is too kind for a service that people act on: the last of two members wins, `true`
becomes 1, unknown filters are ignored, and errors repeat what was typed.
"""

import json
import re
import types
from typing import Annotated, Any, NoReturn, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from app.api.misplaced_keys import refuse_key_in_body
from app.api.problems import validation_problem
from app.errors import (
    BodyTooLarge,
    DuplicateMember,
    DuplicateParameter,
    FieldError,
    Malformed,
    Problem,
    TooDeep,
    UnknownMember,
    UnknownParameter,
    UnsupportedEncoding,
    UnsupportedMediaType,
    ValidationFailed,
)

Shape = TypeVar("Shape", bound=BaseModel)

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 16
_JSON_TYPE = re.compile(rb'application/json(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
FORM_TYPE = re.compile(rb'application/x-www-form-urlencoded(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
_OTHER_ENCODING = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_INTEGER = re.compile(r"-?\d{1,10}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,10}(?:\.\d{1,30})?", re.ASCII)


JSON_PROBLEMS: tuple[type[Problem], ...] = (
    Malformed, DuplicateMember, TooDeep, UnsupportedEncoding, BodyTooLarge, UnsupportedMediaType,
    ValidationFailed, UnknownMember, UnknownParameter,
)  # fmt: skip
"""What every route with a JSON body may answer."""


class StrictBody(BaseModel):
    """Base of what is sent: exact types, no unknown member, and errors that hold nothing of the input."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, cache_strings="none"
    )


def json_body(shape: type[BaseModel]) -> Any:
    """For an annotation of a `def` route: the body as `shape`, at an address that takes no parameters."""

    async def read(request: Request) -> BaseModel:
        refuse_parameters(request)
        return await read_json(request, shape)

    return Depends(read)


async def read_json(request: Request, shape: type[Shape]) -> Shape:
    """The body as `shape`. Raises the problems that a body can have: media type, size, depth, members, fields."""
    body = await read_body(request, _JSON_TYPE)
    if body.startswith(_OTHER_ENCODING) or b"\x00" in body[:4]:
        raise UnsupportedEncoding
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check_depth(body)
    try:
        # Looked at twice on purpose: Pydantic's parser is strict about types but silent about repeated members.
        parsed = _DECODER.decode(body.decode())
    except ValueError:
        # Not JSON, not UTF-8, or a number of thousands of digits, which Python refuses to read.
        raise Malformed from None
    if isinstance(parsed, dict):
        _refuse_null(parsed, shape)
    try:
        return shape.model_validate_json(body)
    except ValidationError as failure:
        errors = failure.errors(include_input=False, include_url=False)
        if any(error["type"] == "json_invalid" for error in errors):
            raise Malformed from None
        raise validation_problem(errors) from None


async def read_body(
    request: Request,
    media_type: re.Pattern[bytes],
    *,
    with_key: bool = False,
    most: int = MAX_BODY_BYTES,
) -> bytes:
    """The body's bytes, at most 64 KiB or `most`, of the expected media type and without a content encoding."""
    types_sent: list[bytes] = []
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            types_sent.append(value)
        elif name == b"content-length":
            if not value.isdigit() or len(value) > 10 or int(value) > most:
                raise BodyTooLarge(_limit(most), headers={"Connection": "close"})
        elif name == b"content-encoding" and value.lower() != b"identity":
            raise UnsupportedMediaType
    if len(types_sent) != 1 or media_type.fullmatch(types_sent[0]) is None:
        raise UnsupportedMediaType
    body, more = bytearray(), True
    while more:
        # Nearly every body is one message: `request.stream()` would make a generator for it.
        message = await request.receive()
        if message["type"] == "http.disconnect":
            # Nobody is left to answer, and nothing failed here.
            raise Malformed("The body ended too early.")
        body.extend(message.get("body", b""))
        if len(body) > most:
            raise BodyTooLarge(_limit(most), headers={"Connection": "close"})
        more = message.get("more_body", False)
    found = bytes(body)
    if not with_key:
        await refuse_key_in_body(request, found)
    return found


def _limit(most: int) -> str | None:
    return None if most == MAX_BODY_BYTES else f"At most {most // 1_000_000} MB are read."


async def read_form(request: Request, shape: type[Shape], *, with_key: bool = False) -> Shape:
    """A form's fields as `shape`; empty fields are left out, as a browser sends every field.

    `with_key`: for the one kind of form that a key belongs in, to sign in with.
    """
    body = await read_body(request, FORM_TYPE, with_key=with_key)
    pairs = [(name, value) for name, value in _pairs(body) if value.strip()]
    return _as_shape(pairs, shape)


def read_parameters(request: Request, shape: type[Shape]) -> Shape:
    """The query parameters as `shape`. Raises UnknownParameter, DuplicateParameter or ValidationFailed."""
    return _as_shape(_pairs(request.scope["query_string"]), shape)


def refuse_parameters(request: Request) -> None:
    """For addresses without parameters: anything in the query is a mistake that must not pass for a filter."""
    if request.scope["query_string"]:
        raise UnknownParameter


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    if _BAD_ESCAPE.search(encoded):
        raise ValidationFailed(
            "A percent sign is followed by two hexadecimal digits (RFC 3986, section 2.1)."
        )
    try:
        return parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=60)
    except UnicodeDecodeError:
        raise ValidationFailed("The query is not UTF-8.") from None
    except ValueError:
        raise UnknownParameter from None


def _as_shape(pairs: list[tuple[str, str]], shape: type[Shape]) -> Shape:
    values: dict[str, Any] = {}
    for name, text in pairs:
        if name not in shape.model_fields:
            raise UnknownParameter
        if name in values:
            raise DuplicateParameter(errors=(FieldError(f"/{name}", "was sent more than once"),))
        values[name] = _typed(text, shape, name)
    try:
        return shape.model_validate_json(json.dumps(values))
    except ValidationError as failure:
        raise validation_problem(failure.errors(include_input=False, include_url=False)) from None


def _typed(text: str, shape: type[BaseModel], name: str) -> object:
    """Text of a parameter as the JSON value that the strict shape expects; what does not fit is left to it."""
    wanted = _plain_types(shape.model_fields[name].annotation)
    if bool in wanted and text in ("true", "false"):
        return text == "true"
    if int in wanted and _INTEGER.fullmatch(text):
        return int(text)
    if float in wanted and _DECIMAL.fullmatch(text):
        return float(text)
    return text


def _plain_types(annotation: object) -> set[object]:
    """The types that `int | None` or `Annotated[…]` allow."""
    if get_origin(annotation) is Annotated:
        return _plain_types(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return {one for part in get_args(annotation) for one in _plain_types(part)}
    return {annotation}


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateMember
    return found


def _refuse_null(members: dict[str, Any], shape: type[BaseModel]) -> None:
    """A null postcode would be a search of the whole country by somebody who meant to send one."""
    empty = [name for name, value in members.items() if value is None and name in shape.model_fields]
    if empty:
        raise ValidationFailed(
            errors=tuple(FieldError(f"/{name}", "null says nothing: leave the member out") for name in empty)
        )


def _refuse_constant(_: str) -> NoReturn:
    raise ValidationFailed("NaN and Infinity are not JSON (RFC 8259, section 6).")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)


def _check_depth(body: bytes) -> None:
    depth, in_text, escaped = 0, False, False
    for byte in body:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise TooDeep
        elif byte in b"]}":
            depth -= 1
