"""What parsing a file gives: records as far as they can be read, and every fault with its place in the file.

All parsers (CSV, XLSX, Open Referral UK JSON, our own JSON) give this one shape, so that whatever is found later (a code
that names nothing, a street in a refuge's text) can still be told by sheet, row and column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from app.curation.field_words import words_of
from app.curation.submissions import OrganizationSubmission
from app.directory.confidentiality import CATALOGUE
from app.errors import FieldError

FileKind = Literal["csv", "xlsx", "oruk", "json"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the file. `row` is counted from 1, as a spreadsheet shows it; JSON has only a `pointer` (RFC 6901)."""

    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    """The header as the file has it."""
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A fault, or something to look at. `fix` says what to do; neither text repeats what the cell holds."""

    code: str
    """A stable word for programs, such as `ambiguous-cell`."""
    cell: Cell
    detail: str
    fix: str


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A whole file. With any `problems` it cannot be applied; `warnings` are only shown.

    A submission holds only what the file says: a field that is not in its `model_fields_set` is left as it is stored, and
    a required field that is not set has no attribute either (a new record needs it, a stored one has it). `eligibility`
    and `information_flow` are given member by member in the same way; every list, and `coverage`, is given whole.
    """

    kind: FileKind
    sha256: str
    rows: int
    submissions: tuple[OrganizationSubmission, ...]
    problems: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()
    ids: Mapping[str, UUID] = field(default_factory=dict)
    """Ids of the directory that the file names, by number of the submission and JSON pointer of the record in it: `/3` or
    `/3/services/0`. Such a record is the stored one of that id, whatever key was made for it."""
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """By number of the submission and JSON pointer in it, such as `/3/services/0/phones/1/number`, or a part of one."""

    def cell_of(self, number: int, pointer: str) -> Cell:
        """Where a field of the submission with this number came from: its own cell, or the nearest above it."""
        at = f"/{number}{pointer}"
        while at not in self.cells and at.rfind("/") > 0:
            at = at[: at.rfind("/")]
        return self.cells.get(at, Cell())

    def problem_of(self, number: int, error: FieldError, *, code: str) -> RowProblem:
        """A fault that was found in a submission, told where the file has it."""
        name = next((part for part in reversed(error.pointer.split("/")) if part and not part.isdigit()), "")
        about = words_of(name) if name else "record"
        # The lint says what a text does, all others what is expected in the field.
        fix = f"It {error.detail}." if error.detail in CATALOGUE.values() else f"Give {error.detail}."
        return RowProblem(code, self.cell_of(number, error.pointer), f"Not accepted: {about}.", fix)
