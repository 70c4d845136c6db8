"""One file read: its kind told by what it holds, then the reader of that kind. Runs in a process of its own (`bounded`)."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.curation.submissions import OrganizationSubmission
from app.errors import BodyTooLarge, EmptyImport, FileKindUnknown
from app.importing.archives import is_zip
from app.importing.csv_reading import csv_rows, csv_text
from app.importing.faults import problem
from app.importing.grids import Grid
from app.importing.json_reading import json_document, json_text, read_organizations
from app.importing.layout import Report
from app.importing.mapping import ColumnMapping, MappedColumn, find_header, guessed, is_main, part_of_sheet
from app.importing.parsed import Cell, FileKind, ParsedFile, RowProblem
from app.importing.places import Origin, SheetCells
from app.importing.sheet_reading import SheetReading
from app.importing.words import SheetWords
from app.importing.workbooks import workbook_grids

MOST_BYTES = 20_000_000

_OLE = b"\xd0\xcf\x11\xe0"
"""A compound file: .xls, or a workbook with a password."""
_OPENS_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*([\[{])")
_OTHER_KINDS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"<?xml",
    b"<!DOCTYPE",
    b"<html",
    b"{\\rtf",
)


@dataclass(slots=True)
class Outcome:
    """What is known of a file when it has been read, apart from its submissions, which are handed on one by one."""

    kind: FileKind
    sha256: str
    rows: int
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    ids: dict[str, UUID] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    """Places of fields, from a reader that keeps them one by one; a sheet has them by row, and JSON of ours needs none."""


Emit = Callable[[OrganizationSubmission, Mapping[str, Origin] | None], None]


def read_file(
    content: bytes,
    words: SheetWords,
    mapping: ColumnMapping | None,
    *,
    emit: Emit,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Outcome:
    """Read a file, handing on each organization that could be read. Raises an ImportRejected for the file as a whole,
    or a Malformed for JSON that is none. `progress` is told how many rows, or services of JSON, are done.
    """
    kind = kind_of(content)
    outcome = Outcome(kind, hashlib.sha256(content).hexdigest(), 0)
    if kind in ("csv", "xlsx"):
        read = SheetReading(words, mapping, progress).take(grids_of(content, kind), emit)
        outcome.rows, outcome.ids = read.rows, read.ids
        outcome.problems, outcome.warnings = read.report.problems, read.report.warnings
        if kind == "csv":
            outcome.warnings.append(problem("one-sheet", Cell()))
        return outcome
    if kind == "oruk":
        return _open_referral(content, emit, progress)
    report = Report()
    outcome.rows = read_organizations(
        json_document(json_text(content)), report, lambda one: emit(one, None), progress
    )
    outcome.problems, outcome.warnings = report.problems, report.warnings
    return outcome


def _open_referral(content: bytes, emit: Emit, progress: Callable[[int], None]) -> Outcome:
    # Only here: it brings the libraries of geography, which take a second to load and which a sheet does not need.
    from app.importing.oruk_reading import read_oruk

    parsed = read_oruk(content)
    for one in parsed.submissions:
        emit(one, None)
    progress(parsed.rows)
    said = list(parsed.problems), list(parsed.warnings)
    return Outcome(parsed.kind, parsed.sha256, parsed.rows, *said, cells=dict(parsed.cells))


def parse(
    content: bytes,
    words: SheetWords,
    mapping: ColumnMapping | None = None,
    *,
    progress: Callable[[int], None] = lambda _rows: None,
) -> ParsedFile:
    """A file read in this very process, without the limits of `bounded`: for tests, templates and files of our own."""
    submissions: list[OrganizationSubmission] = []
    places: list[Mapping[str, Origin]] = []

    def emit(one: OrganizationSubmission, origins: Mapping[str, Origin] | None) -> None:
        submissions.append(one)
        if origins is not None:
            places.append(origins)

    return whole(read_file(content, words, mapping, emit=emit, progress=progress), submissions, places)


def whole(
    outcome: Outcome, submissions: list[OrganizationSubmission], places: list[Mapping[str, Origin]]
) -> ParsedFile:
    """The agreed shape, from its pieces."""
    cells: Mapping[str, Cell] = SheetCells(places) if places else outcome.cells
    if outcome.kind == "json":
        cells = _JsonCells()
    return ParsedFile(
        outcome.kind,
        outcome.sha256,
        outcome.rows,
        tuple(submissions),
        problems=tuple(outcome.problems),
        warnings=tuple(outcome.warnings),
        ids=outcome.ids,
        cells=cells,
    )


def guess_mapping(content: bytes) -> ColumnMapping:
    """What each column of a CSV file or workbook seems to hold, for a person to confirm or change.

    Raises as `read_file` does; other kinds have no columns and give FileKindUnknown.
    """
    kind = kind_of(content)
    if kind not in ("csv", "xlsx"):
        raise FileKindUnknown
    columns: list[MappedColumn] = []
    main: str | None = None
    for grid in grids_of(content, kind):
        part = part_of_sheet(grid.name)
        if grid.is_hidden:
            continue
        found = find_header(grid.rows, part)
        if found is None:
            continue
        if part is None:
            if main is not None and not is_main(grid.name):
                continue
            main = grid.name
        columns += guessed(grid.name, found[1], part)
    return ColumnMapping(columns=tuple(columns), main_sheet=main)


def kind_of(content: bytes) -> FileKind:
    """The kind of a file by its bytes; its name is never asked. Raises BodyTooLarge, EmptyImport or FileKindUnknown."""
    if len(content) > MOST_BYTES:
        raise BodyTooLarge("At most 20 MB of a file are read.")
    if not content.strip():
        raise EmptyImport
    if is_zip(content):
        return "xlsx"
    if content.startswith(_OLE):
        raise FileKindUnknown(
            "This is an older workbook (.xls) or has a password: save it as .xlsx without one."
        )
    if content.lstrip()[:9].startswith(_OTHER_KINDS):
        raise FileKindUnknown
    opens = _OPENS_JSON.match(content)
    if opens is not None:
        return "json" if opens[1] == b"[" and _is_ours(content) else "oruk"
    return "csv"


def grids_of(content: bytes, kind: FileKind) -> list[Grid]:
    """The sheets of a CSV file or workbook."""
    if kind == "xlsx":
        return workbook_grids(content)
    return [Grid(None, csv_rows(csv_text(content)))]


def _is_ours(content: bytes) -> bool:
    """Whether a list is of our organizations: the records of Open Referral UK have an `id`, ours a `key`."""
    start = content[:100_000]
    return re.search(rb'"key"\s*:', start) is not None or re.search(rb'"id"\s*:', start) is None


class _JsonCells(Mapping[str, Cell]):
    """In JSON a pointer is its own place."""

    def __getitem__(self, pointer: str) -> Cell:
        return Cell(pointer=pointer)

    def __contains__(self, pointer: object) -> bool:
        return isinstance(pointer, str)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
