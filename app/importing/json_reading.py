"""Our own JSON: a list of organizations as `OrganizationSubmission` has them, the shape of the seed files.

Read as strictly as the API reads a body: UTF-8, no member twice, no member unknown, exact types, limited depth.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import to_json

from app.curation.submissions import OrganizationSubmission
from app.errors import DuplicateMember, EmptyImport, FileEncodingUnknown, FileKindUnknown, Malformed, TooDeep
from app.importing.faults import code_of
from app.importing.layout import Report, TooManyProblems
from app.importing.parsed import Cell
from app.importing.sheltering import shelter

MAX_DEPTH = 16
"""A polygon in a coverage in a service in an organization in the list is at 12."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_PLAIN_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)


def json_text(content: bytes) -> str:
    """Raises FileEncodingUnknown unless it is UTF-8; a byte order mark, as some editors leave it, is stepped over."""
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        raise FileEncodingUnknown from None


def json_document(text: str) -> Any:
    """The document. Raises Malformed, DuplicateMember or TooDeep."""
    _check_depth(text)
    try:
        return _DECODER.decode(text)
    except ValueError as failure:
        line = f" Line {failure.lineno}." if isinstance(failure, json.JSONDecodeError) else ""
        raise Malformed(f"The file is not one JSON document (RFC 8259).{line}") from None


def read_organizations(
    document: Any,
    report: Report,
    emit: Callable[[OrganizationSubmission], None],
    progress: Callable[[int], None],
) -> int:
    """Check each organization and hand on those without fault; the number of all services. Raises EmptyImport."""
    if not isinstance(document, list):
        raise FileKindUnknown
    if not document:
        raise EmptyImport
    services = 0
    keys: dict[tuple[str, str], str] = {}
    for number, one in enumerate(document):
        services += _services_in(one)
        try:
            organization = _checked(one, number, report)
            if organization is not None:
                _refuse_repeated(organization, number, keys, report)
                emit(_sheltered(organization, number, report))
        except TooManyProblems:
            break
        progress(services)
    return services


def _checked(one: Any, number: int, report: Report) -> OrganizationSubmission | None:
    try:
        # Strict in the manner of JSON: a date is text, a list a tuple, and "yes" is not true.
        return OrganizationSubmission.model_validate_json(to_json(one), strict=True)
    except ValidationError as failure:
        for error in failure.errors(include_url=False, include_input=False):
            code, where = _code(error["type"]), (number, *error["loc"])
            report.fail(code, cell=Cell(pointer=_pointer(where, is_unknown=code == "unknown-member")))
    except ValueError:
        # Lone surrogates: JSON can escape what no text can hold.
        report.fail("text-not-plain", cell=Cell(pointer=f"/{number}"))
    return None


def _sheltered(organization: OrganizationSubmission, number: int, report: Report) -> OrganizationSubmission:
    found = shelter(organization)
    for pointer, code, fix in found.problems:
        report.fail(code, cell=Cell(pointer=f"/{number}{pointer}"), fix=fix)
    for pointer, code in found.warnings:
        report.warn(code, cell=Cell(pointer=f"/{number}{pointer}"))
    return found.organization


def _refuse_repeated(
    organization: OrganizationSubmission, number: int, keys: dict[tuple[str, str], str], report: Report
) -> None:
    named = [(("organization", organization.key), f"/{number}/key")]
    named += [
        (("service", service.key), f"/{number}/services/{position}/key")
        for position, service in enumerate(organization.services)
    ]
    for key, pointer in named:
        if keys.setdefault(key, pointer) != pointer:
            report.fail("duplicate-key", cell=Cell(pointer=pointer))


def _code(error_type: str) -> str:
    known = {"missing": "missing-member", "extra_forbidden": "unknown-member"}
    return known.get(error_type) or code_of(error_type)


def _pointer(where: tuple[int | str, ...], *, is_unknown: bool) -> str:
    """RFC 6901. The name of a member that is not ours may be anything: it is told only where it looks like a name."""
    parts = [str(part) for part in where if not (isinstance(part, str) and "[" in part)]
    if is_unknown and not _PLAIN_MEMBER.fullmatch(parts[-1]):
        parts.pop()
    return "".join(f"/{part}" for part in parts)


def _services_in(one: Any) -> int:
    services = one.get("services") if isinstance(one, dict) else None
    return len(services) if isinstance(services, list) else 0


def _check_depth(text: str) -> None:
    depth = 0
    for found in _TOKEN.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise TooDeep
        elif mark in "]}":
            depth -= 1


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateMember
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise Malformed("NaN and Infinity are not JSON (RFC 8259, section 6).")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
