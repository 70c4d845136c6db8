"""Open Referral UK JSON as submissions: a page, a list of whole services, one service, or a service on each line (ndjson).

Reads feeds of other publishers and our own, of which nothing public is lost but what is not a record (capacity, the list
of First Responders). Whatever is wrong is said with its place; a service with a fault is in no submission.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import ValidationError

from app.curation.confidential_facts import WITHOUT_PROSE
from app.curation.submissions import OrganizationSubmission, ServiceSubmission, Submission, texts_of
from app.directory.confidentiality import CATALOGUE, lint_confidential
from app.importing.oruk_mapping import OrukMapping
from app.importing.oruk_nodes import Draft, Node, Notes, below
from app.importing.oruk_services import read_organization, read_service
from app.importing.parsed import Cell, ParsedFile

_UNDERSTOOD = re.compile(r"(?:HSDS-)?(?:UK-)?3\.[0-9.]+", re.ASCII)
_VERSION_1 = frozenset({"content", "totalElements", "eligibilitys", "regular_schedules", "service_taxonomys"})
"""Members that pages and services of Open Referral UK 1.0 have, and later ones have not."""
MAX_DEPTH = 64
"""Arrays and objects within each other; the standard's own records have about a dozen."""


class _Unreadable(Exception):
    """The file as a whole cannot be taken: code, what is wrong, what to do."""


@dataclass(slots=True)
class _Gathered:
    """An organization with the services of it that could be read."""

    draft: Draft
    services: list[tuple[ServiceSubmission, Draft]] = field(default_factory=list)


def read_oruk(content: bytes, *, mapping: OrukMapping | None = None) -> ParsedFile:
    """The file as submissions, an organization each, in the order in which they first occur. Never raises."""
    notes = Notes()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        services = [one for one in _records(content, notes) if _is_to_be_taken(one)]
    except _Unreadable as failure:
        code, detail, fix = failure.args
        notes.problem(code, Cell(), detail, fix=fix)
        return ParsedFile("oruk", sha256, 0, (), tuple(notes.problems))
    gathered = _gathered(services, mapping or OrukMapping(), notes)
    _refuse_cycles(services, notes)
    submissions: list[OrganizationSubmission] = []
    cells: dict[str, Cell] = {}
    for one in gathered:
        submission = _organization(one, notes)
        if submission is not None:
            cells |= _cells_of(one, len(submissions))
            submissions.append(submission)
    return ParsedFile(
        "oruk",
        sha256,
        len(services),
        tuple(submissions),
        # A member that several readers look at is noted once.
        tuple(dict.fromkeys(notes.problems)),
        tuple(dict.fromkeys(notes.warnings)),
        cells=cells,
    )


def _records(content: bytes, notes: Notes) -> list[Node]:
    """The services of the file as they stand in it. Raises _Unreadable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable("file-encoding", "The file is not UTF-8.", "Save it as UTF-8.") from None
    # A line ends where JSON has none inside a text: U+2028 and its like may stand in one as they are.
    every_line = text.split("\n")
    lines = [line for line in every_line if line.strip()]
    if len(lines) > 1 and all(
        line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines
    ):
        found = [
            Node(_object(_parsed(line)), Cell(row=number, pointer=""), notes)
            for number, line in enumerate(every_line, start=1)
            if line.strip()
        ]
        _refuse_other_versions(one.members for one in found)
    else:
        found = _of_document(_parsed(text), notes)
    if not found:
        raise _Unreadable("empty-import", "There is no service in the file.", "Fetch the feed again.")
    return found


def _of_document(document: Any, notes: Notes) -> list[Node]:
    if isinstance(document, list):
        listed, at = document, Cell(pointer="")
    else:
        members = _object(document)
        _refuse_other_versions([members])
        if "contents" in members or ("services" in members and "status" not in members):
            name = "contents" if "contents" in members else "services"
            listed, at = members[name], Cell(pointer=f"/{name}")
        elif {"openapi_url", "profile"} & members.keys():
            raise _Unreadable(
                "not-services",
                "This is what the feed says of itself.",
                "Fetch its services: /services and each by its id.",
            )
        else:
            return [Node(members, Cell(pointer=""), notes)]
    if not isinstance(listed, list):
        raise _Unreadable("file-malformed", "The services are not an array.", "Fetch the feed again.")
    found = [Node(_object(one), below(at, str(number)), notes) for number, one in enumerate(listed)]
    _refuse_other_versions(one.members for one in found)
    return found


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Unreadable("file-malformed", "A service is not an object.", "Fetch the feed again.")
    return value


def _refuse_other_versions(found: Iterable[Mapping[str, Any]]) -> None:
    for members in found:
        version = members.get("version")
        is_other = isinstance(version, str) and not _UNDERSTOOD.fullmatch(version)
        if is_other or _VERSION_1 & members.keys():
            raise _Unreadable(
                "wrong-version",
                "This is not Open Referral UK 3.",
                "Ask the publisher for a feed of version HSDS-UK-3.0.",
            )


def _parsed(text: str) -> Any:
    malformed = ("file-malformed", "This is not JSON.", "Fetch the feed again, or save it as JSON.")
    try:
        document = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise _Unreadable(*malformed) from None
    if _depth(document) > MAX_DEPTH:
        raise _Unreadable("too-deep", "The file is nested too deeply.", "Fetch the feed again.")
    return document


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unreadable(
            "duplicate-member",
            "An object has the same member twice.",
            "Leave one of them: it is not clear which is meant.",
        )
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _depth(document: Any) -> int:
    """Levels of arrays and objects within each other, without recursion; counts a little past the limit at most."""
    depth, level = 0, [document]
    while level and depth <= MAX_DEPTH:
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
    return depth


def _is_to_be_taken(service: Node) -> bool:
    """Not what its publisher has taken out: that is for a person to look at, nothing is deleted by a file."""
    if service.text("status") != "defunct" or service.has("organization"):
        return True
    service.notes.warning(
        "removed-by-publisher",
        service.at,
        "The publisher has taken this service out.",
        fix="If it is in the directory, take it down there.",
    )
    return False


def _gathered(services: list[Node], mapping: OrukMapping, notes: Notes) -> list[_Gathered]:
    """Services that could be read, with their organizations, in the order in which these first occur."""
    found: dict[str, _Gathered] = {}
    seen: set[str] = set()
    by_id = _organizations_by_id(services)
    for service in services:
        organization = service.node("organization") or by_id.get(service.text("organization_id") or "")
        if organization is None:
            notes.problem(
                "organization-missing",
                service.cell("organization"),
                "It is not said who runs this service.",
                fix="Give the whole organization with its services: fetch each service by its id.",
            )
        owner = None if organization is None else read_organization(organization)
        draft = read_service(service, mapping)
        if owner is None or draft is None:
            continue
        gathered = found.setdefault(owner.fields["key"], _Gathered(owner))
        if gathered.draft.fields != owner.fields:
            notes.problem(
                "organization-contradicts",
                service.cell("organization"),
                "The same organization is described in two ways.",
                fix="Fetch the feed again: it may have changed meanwhile.",
            )
            continue
        if draft.fields["key"] in seen:
            notes.problem(
                "id-repeated",
                service.cell("id"),
                "Two services have this id.",
                fix="Give each an id of its own.",
            )
            continue
        seen.add(draft.fields["key"])
        submission = _checked(ServiceSubmission, draft, notes)
        if submission is not None:
            gathered.services.append((submission, draft))
    return [one for one in found.values() if one.services]


def _organizations_by_id(services: list[Node]) -> dict[str, Node]:
    """Organizations that stand whole in some service, for the services that only name them."""
    whole = (
        Node(members, below(service.at, "organization"), service.notes)
        for service in services
        if isinstance(members := service.members.get("organization"), dict)
    )
    return {str(one.members["id"]): one for one in whole if isinstance(one.members.get("id"), str)}


def _checked(shape: type[Submission], draft: Draft, notes: Notes) -> Any:
    """The draft as a submission; None, with every field that is wrong noted at its place in the file."""
    try:
        return shape.model_validate(draft.fields)
    except ValidationError as failure:
        for error in failure.errors(include_url=False, include_input=False, include_context=False):
            pointer = "".join(f"/{part}" for part in error["loc"])
            code = (
                "unknown-code"
                if error["type"] in ("literal_error", "string_pattern_mismatch")
                else "not-accepted"
            )
            said = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
            notes.problem(code, draft.cell_of(pointer), "This is not accepted.", fix=f"Expected: {said}.")
        return None


def _organization(gathered: _Gathered, notes: Notes) -> OrganizationSubmission | None:
    draft = Draft(
        {**gathered.draft.fields, "services": [one for one, _ in gathered.services]}, gathered.draft.cells
    )
    submission: OrganizationSubmission | None = _checked(OrganizationSubmission, draft, notes)
    if submission is None or not any(one.confidential for one in submission.services):
        return submission
    # A text that gives a house away cannot be cut with certainty, and is not passed on either.
    prose = {
        pointer: text
        for pointer, text in texts_of(submission)
        if WITHOUT_PROSE.isdisjoint(pointer.split("/"))
    }
    cells = _cells_of(gathered, 0)
    whole = ParsedFile("oruk", "", 0, (submission,), cells=cells)
    found = lint_confidential(prose)
    for finding in found:
        notes.problem(
            "locating-text",
            whole.cell_of(0, finding.pointer),
            f"A text of an organization that runs a confidential service {CATALOGUE[finding.rule]}.",
            fix="Reword it, so that nobody can find the house by it.",
        )
    return None if found else submission


def _cells_of(gathered: _Gathered, number: int) -> dict[str, Cell]:
    """Places of all fields of an organization and its services, under its number among the submissions."""
    found = {f"/{number}{pointer}": cell for pointer, cell in gathered.draft.cells.items()}
    for position, (_, draft) in enumerate(gathered.services):
        at = f"/{number}/services/{position}"
        found |= {f"{at}{pointer}": cell for pointer, cell in draft.cells.items()}
    return found


def _refuse_cycles(services: list[Node], notes: Notes) -> None:
    """Organizations and terms whose parents lead back to themselves: nobody can say what such a file means."""
    parents: dict[str, tuple[str, Node, str]] = {}
    for service in services:
        for child, node, name in _with_parents(service):
            parent = node.members.get(name)
            if isinstance(parent, str) and isinstance(child, str):
                parents.setdefault(child, (parent, node, name))
    followed: set[str] = set()
    for start in parents:
        path: dict[str, None] = {}
        here = start
        while here in parents and here not in followed and here not in path:
            path[here] = None
            here = parents[here][0]
        if here in path:
            _, node, name = parents[here]
            notes.problem(
                "cyclic-parent",
                node.cell(name),
                "Going from parent to parent leads back here.",
                fix="Give each a parent that is broader, or none.",
            )
        followed |= path.keys()


def _with_parents(service: Node) -> Iterator[tuple[Any, Node, str]]:
    quiet = Node(service.members, service.at, Notes())
    organization = quiet.node("organization")
    if organization is not None:
        yield organization.members.get("id"), organization, "parent_organization_id"
    for attribute in quiet.nodes("attributes"):
        term = attribute.node("taxonomy_term")
        if term is not None:
            yield term.members.get("id"), term, "parent_id"
