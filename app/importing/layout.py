"""How the rows of one sheet are read: each column with its reader, columns that belong together as groups.

Most cells of a sheet say what a cell above them said. A reader remembers what it has read, and a group (the eligibility of
a service, a telephone number with its description) remembers whole what a combination of cells gave.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from app.directory.contact_points import SHORT_CODES
from app.directory.sheet_cells import EMPTIED, cell_text, looks_like_formula
from app.directory.sheet_columns import Column
from app.importing import plain_words
from app.importing.faults import Fault, code_of, problem
from app.importing.grids import Odd, RawCell, Row
from app.importing.mapping import Target
from app.importing.parsed import Cell, RowProblem

BLANK: Final = object()
"""What a reader gives for a cell that says nothing."""

_UNREAD: Final = object()
MOST_REMEMBERED = 5_000
MOST_PROBLEMS = 5_000


class TooManyProblems(Exception):
    """Enough has been said about this file."""


@dataclass(slots=True)
class Report:
    """Everything that is wrong, or to be looked at, in the order in which it was met."""

    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    sheet: str | None = None
    row: int | None = None
    count: int = 0
    """Of both, so that a reader sees whether something was said while it read."""

    def fail(
        self, code: str, header: str | None = None, *, fix: str | None = None, cell: Cell | None = None
    ) -> None:
        """Raises TooManyProblems when the list is long enough."""
        self.count += 1
        self.problems.append(problem(code, cell or Cell(self.sheet, self.row, header), fix=fix))
        if len(self.problems) >= MOST_PROBLEMS:
            self.problems.append(problem("too-many-problems", Cell(self.sheet, self.row)))
            raise TooManyProblems

    def warn(
        self, code: str, header: str | None = None, *, fix: str | None = None, cell: Cell | None = None
    ) -> None:
        self.count += 1
        if len(self.warnings) < MOST_PROBLEMS:
            self.warnings.append(problem(code, cell or Cell(self.sheet, self.row, header), fix=fix))


class Reader:
    """A column of the sheet. What cannot be read is reported, and gives BLANK."""

    __slots__ = (
        "_convert",
        "_memo",
        "_report",
        "column",
        "emptied",
        "field",
        "header",
        "pointer",
        "position",
        "target",
    )

    def __init__(
        self,
        target: Target,
        header: str,
        position: int,
        *,
        convert: Callable[[str], object],
        emptied: object,
        report: Report,
    ) -> None:
        self.target = target
        self.column: Column = target.column
        self.header = header
        self.position = position
        self.pointer = self.column.pointer
        self.field = self.pointer.rpartition("/")[2]
        self.emptied = emptied
        self._convert = convert
        self._report = report
        self._memo: dict[RawCell, object] = {}

    def value(self, row: Row) -> object:
        """What the column says in a row."""
        cell = row[self.position]
        return BLANK if cell == "" else self.read(cell)

    def read(self, cell: RawCell) -> object:
        """What a cell of the column says."""
        found = self._memo.get(cell, _UNREAD)
        if found is _UNREAD:
            before = self._report.count
            try:
                found = self._read(cell)
            except Fault as fault:
                self._report.fail(fault.code, self.header, fix=fault.fix)
                return BLANK
            if self._report.count == before and len(self._memo) < MOST_REMEMBERED:
                self._memo[cell] = found
        return found

    def _read(self, cell: RawCell) -> object:
        text = (_odd_text(cell, self.column) if isinstance(cell, Odd) else cell).strip()
        if not text:
            return BLANK
        if text.casefold() == EMPTIED:
            if self.emptied is BLANK:
                raise Fault("not-empty")
            return self.emptied
        if plain_words.has_lost_digits(text) or (
            self.column.kind == "phone" and plain_words.has_lost_zero(text)
        ):
            raise Fault("ambiguous-cell")
        if self.column.kind != "phone" and looks_like_formula(text):
            self._report.warn("looks-like-formula", self.header)
        return self._convert(cell_text(text))


class Group:
    """Columns that give one thing together. `build` makes it of the values by field, or raises Fault or ValidationError."""

    __slots__ = ("_build", "_memo", "_positions", "_report", "name", "number", "readers")

    def __init__(
        self,
        name: str,
        number: int,
        readers: tuple[Reader, ...],
        *,
        build: Callable[[dict[str, object]], object],
        report: Report,
    ) -> None:
        self.name, self.number, self.readers = name, number, readers
        self._positions = tuple(reader.position for reader in readers)
        self._build = build
        self._report = report
        self._memo: dict[tuple[RawCell, ...], object] = {("",) * len(readers): BLANK}

    def value(self, row: Row) -> object:
        raw = tuple([row[position] for position in self._positions])
        found = self._memo.get(raw)
        if found is None:
            before = self._report.count
            found = self._read(raw)
            if self._report.count == before and len(self._memo) < MOST_REMEMBERED:
                self._memo[raw] = found
        return found

    def _read(self, raw: tuple[RawCell, ...]) -> object:
        before = len(self._report.problems)
        values = {
            reader.field: value
            for reader, cell in zip(self.readers, raw, strict=True)
            if cell != "" and (value := reader.read(cell)) is not BLANK
        }
        if not values or len(self._report.problems) > before:
            return BLANK
        try:
            return self._build(values)
        except Fault as fault:
            self._report.fail(fault.code, self.readers[0].header, fix=fault.fix)
        except ValidationError as failure:
            for error in failure.errors(include_url=False, include_input=False):
                name = str(error["loc"][0]) if error["loc"] else ""
                reader = next((one for one in self.readers if one.field == name), self.readers[0])
                self._report.fail(*_told(error, reader))
        return BLANK


def _told(error: Any, reader: Reader) -> tuple[str, str]:
    return ("incomplete" if error["type"] == "missing" else code_of(error["type"])), reader.header


def _odd_text(cell: Odd, column: Column) -> str:
    """What a cell that is not text says where one thing only can be meant. Raises Fault."""
    kind = column.kind
    if cell.kind == "number" and (
        kind in ("whole_number", "ages") or (kind == "phone" and cell.text in SHORT_CODES)
    ):
        return cell.text or "?"
    if (cell.kind, kind) in {("date", "date"), ("flag", "yes_no"), ("flag", "yes_no_ask")} and cell.text:
        return cell.text
    if cell.kind == "formula":
        raise Fault("ambiguous-cell", "Replace the formula by its value, as text.")
    if cell.kind == "error":
        raise Fault("ambiguous-cell", "Replace the error by the value that is meant.")
    if kind == "date":
        raise Fault("ambiguous-cell", "Format the column as text and write the date as 2026-11-30.")
    raise Fault("ambiguous-cell")


def headers_of(readers: Iterable[Reader], *, own: str | None = None) -> dict[str, str]:
    """Headers by pointer; `ages` stands for both ages, and `own` for the thing as a whole."""
    found = {} if own is None else {"": own}
    for reader in readers:
        pointers: tuple[str, ...] = (reader.pointer,)
        if reader.column.kind == "ages":
            pointers = ("/eligibility/minimum_age", "/eligibility/maximum_age")
        elif reader.column.kind == "covers":
            pointers = ("/coverage", "/coverage/areas", "/coverage/everywhere")
        for pointer in pointers:
            found.setdefault(pointer, reader.header)
    return found
