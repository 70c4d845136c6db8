"""Which column of a file holds what: guessed from the headers, confirmed by a person, kept for the next file.

A header that is ours or a usual synonym is taken without asking. What only looks like one is offered, and not read until
somebody has confirmed it: an "Area" that means the office's would make a service cover one street.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.curation.submissions import AssuranceSubmission
from app.directory.sheet_columns import (
    MAIN_SHEET,
    MOST_NUMBERED,
    ORGANIZATION_OF_PART,
    PART_OF_SHEET,
    PARTS,
    SERVICE_OF_PART,
    Column,
    Part,
    flat_columns,
)
from app.importing.grids import MOST_COLUMNS, Odd, Row, letters
from app.importing.words import folded

Confidence = Literal["exact", "synonym", "guess", "none"]
SURE: tuple[Confidence, ...] = ("exact", "synonym")
LONGEST_HEADER = 80
HEADER_WITHIN = 10
"""Rows from the top among which the headers are looked for: a title may stand above them."""
_SAID_ALONE = (
    "location_1_address",
    "location_1_city",
    "location_1_postcode",
    "source_1_confirmed_on",
    "source_1_review_by",
)
"""Columns of which most sheets have one, so that it is just called "Postcode"."""
_ALIKE = 0.82
"""How like two headers are (0 to 1) before one is offered for the other: a letter or two in ten."""


class MappedColumn(BaseModel):
    """A column of the file. `column` is the name of ours that it holds, None where it is not read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheet: Annotated[str, Field(max_length=LONGEST_HEADER)] | None = None
    header: Annotated[str, Field(max_length=LONGEST_HEADER)]
    column: Annotated[str, Field(max_length=LONGEST_HEADER)] | None
    confidence: Confidence = "exact"


class ColumnMapping(BaseModel):
    """Columns by sheet and header, which are compared without case and punctuation.

    `main_sheet` names the sheet with a row for each service. `default_source` is taken for records whose row has no
    source, as the person who brings the file says where all of it comes from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: tuple[MappedColumn, ...] = Field(default=(), max_length=MOST_COLUMNS * 10)
    main_sheet: Annotated[str, Field(max_length=LONGEST_HEADER)] | None = None
    default_source: AssuranceSubmission | None = None

    def chosen(self) -> dict[tuple[str | None, str], str | None]:
        """Names of our columns by (sheet, header), folded; None for columns that are not to be read."""
        return {(_folded_sheet(one.sheet), folded(one.header)): one.column for one in self.columns}


@dataclass(frozen=True, slots=True)
class Target:
    """One of our columns as it may stand in a sheet. `part` and `number` are those of a numbered column."""

    name: str
    column: Column
    part: Part | None = None
    number: int = 0


def main_targets() -> Mapping[str, Target]:
    """What the main sheet may have, by name of ours."""
    return _main_targets()


def part_targets(part: Part) -> Mapping[str, Target]:
    """What a part's own sheet may have, by name of ours."""
    return _part_targets(part)


def guess(header: str, part: Part | None) -> tuple[str | None, Confidence]:
    """The column of ours that a header of the main sheet, or of a part's sheet, names, and how sure that is."""
    said = folded(header).rstrip(":*? ").replace("(s)", "")
    names = _names(part)
    if said in names:
        name = names[said]
        return name, "exact" if folded(name) == said else "synonym"
    best, likeness = None, _ALIKE
    for known, name in names.items():
        matcher = SequenceMatcher(None, said, known)
        if matcher.real_quick_ratio() > likeness and (ratio := matcher.ratio()) > likeness:
            best, likeness = name, ratio
    return best, "guess" if best else "none"


def find_header(rows: Iterable[tuple[int, Row]], part: Part | None) -> tuple[int, Row] | None:
    """The row of headers: the first of the top rows in which two cells are surely ours."""
    for number, row in rows:
        if number > HEADER_WITHIN:
            return None
        sure = {
            guess(cell, part) for cell in row if isinstance(cell, str) and 0 < len(cell) <= LONGEST_HEADER
        }
        if len({name for name, confidence in sure if confidence in SURE}) >= 2:
            return number, row
    return None


def guessed(sheet: str | None, header: Row, part: Part | None) -> Iterator[MappedColumn]:
    """A guess for each column that has a header."""
    for cell in header:
        if isinstance(cell, str) and cell.strip() and len(cell) <= LONGEST_HEADER:
            name, confidence = guess(cell, part)
            yield MappedColumn(sheet=sheet, header=cell.strip(), column=name, confidence=confidence)


def shown_header(cell: str | Odd, position: int) -> str:
    """A header as it may be shown: where it does not look like one (a record in the first row), its letters."""
    if not isinstance(cell, str) or not cell.strip() or not cell.isprintable() or len(cell) > LONGEST_HEADER:
        return letters(position)
    is_header = sum(character.isdigit() for character in cell) <= 2 and "@" not in cell and "/" not in cell
    return cell.strip() if is_header else letters(position)


def part_of_sheet(name: str | None) -> Part | None:
    """The part that a sheet of this name holds."""
    wanted = _folded_sheet(name)
    return next((part for sheet, part in PART_OF_SHEET.items() if folded(sheet) == wanted), None)


def is_main(name: str | None) -> bool:
    return _folded_sheet(name) == folded(MAIN_SHEET)


def _folded_sheet(name: str | None) -> str | None:
    return None if name is None else folded(name)


@lru_cache(maxsize=1)
def _main_targets() -> dict[str, Target]:
    found = {column.name: Target(column.name, column) for column in flat_columns()}
    for part in PARTS:
        for number in range(1, MOST_NUMBERED + 1):
            for column in part.columns:
                name = part.column_name(number, column)
                found[name] = Target(name, column, part, number)
    return found


@lru_cache(maxsize=len(PARTS))
def _part_targets(part: Part) -> dict[str, Target]:
    found = {ORGANIZATION_OF_PART.name: Target(ORGANIZATION_OF_PART.name, ORGANIZATION_OF_PART)}
    if part.owner == "service":
        found[SERVICE_OF_PART.name] = Target(SERVICE_OF_PART.name, SERVICE_OF_PART)
    return found | {column.name: Target(column.name, column, part, 1) for column in part.columns}


@lru_cache(maxsize=len(PARTS) + 1)
def _names(part: Part | None) -> dict[str, str]:
    """Names of ours by everything that people write for them, folded. The first that claims a word keeps it."""
    targets = _main_targets() if part is None else _part_targets(part)
    found: dict[str, str] = {}
    for target in targets.values():
        found.setdefault(folded(target.name), target.name)
    for target in targets.values():
        for said in _said(target, in_main=part is None):
            found.setdefault(folded(said), target.name)
    return found


def _said(target: Target, *, in_main: bool) -> Iterator[str]:
    """Synonyms of a column; with its number after it, and without for the first one."""
    if not in_main or target.part is None:
        yield from target.column.other_names
        return
    is_own = target.column is target.part.columns[0]
    # "Tel" is the service's number: what its organization has of the same kind is called by its full name.
    words = () if target.part.name.startswith("organization_") else target.column.other_names
    suffix = "" if is_own else f" {target.column.name}"
    for said in (*words, f"{target.part.name}{suffix}"):
        yield f"{said} {target.number}"
        if target.number == 1:
            yield said
    if target.number == 1 and target.name in _SAID_ALONE:
        yield target.column.name
