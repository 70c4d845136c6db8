"""An Excel workbook (.xlsx) as sheets of rows.

calamine reads the values. What it does not tell is found in the XML of the sheet beforehand: which cells are formulas
or errors (it gives an empty text or 0 for a formula that was never worked out), and whether a sheet spreads so far that
a table of it would not fit in memory.
"""

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.errors import ArchiveInvalid, SheetTooLarge
from app.importing.archives import checked_workbook, packed
from app.importing.grids import MOST_CELL, MOST_COLUMNS, MOST_ROWS, Grid, Odd, RawCell, Row

MOST_SHEETS = 50
MOST_MERGED = 20_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_FAR = re.compile(rb"\sr\s*=\s*[\"'](?:[A-Z]{0,3}[1-9][0-9]{5,}|(?:[L-Z][A-Z]|[A-Z]{3,})[0-9]+)[\"']")
"""A cell beyond row 99,999, or beyond column KZ (312)."""
_MAY_BE_ODD = (b"<f", b":f", b't="e"', b"t='e'", b't = "e"')
"""Without any of these bytes a sheet has neither formula nor error: names of elements cannot be written in another way."""
_WORKBOOK_PART = "xl/workbook.xml"
_RELATIONS_PART = "xl/_rels/workbook.xml.rels"


@dataclass(slots=True)
class _Oddities:
    """Cells of a sheet by (row, column) from 0 that are formulas or errors."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.formulas or self.errors)


def workbook_grids(content: bytes) -> list[Grid]:
    """The worksheets in their order. Raises ArchiveTooLarge, ArchiveInvalid or SheetTooLarge."""
    parts = checked_workbook(content)
    oddities = {}
    for name, part in parts.items():
        if name.startswith("xl/worksheets/"):
            if _FAR.search(part):
                raise SheetTooLarge
            oddities[name] = _oddities(part)
    part_of_sheet = _parts_of_sheets(parts)
    archive = packed(parts)
    parts.clear()
    try:
        workbook = CalamineWorkbook.from_filelike(archive)
        found = [one for one in workbook.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        if len(found) > MOST_SHEETS:
            raise SheetTooLarge(f"There are more than {MOST_SHEETS} sheets. {SheetTooLarge.explanation}")
        return [
            Grid(
                one.name,
                _rows(workbook, one.name, oddities.get(part_of_sheet.get(one.name, ""))),
                is_hidden=one.visible is not SheetVisibleEnum.Visible,
            )
            for one in found
        ]
    except CalamineError:
        raise ArchiveInvalid from None


def _rows(workbook: CalamineWorkbook, name: str, odd: _Oddities | None) -> Iterator[tuple[int, Row]]:
    try:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None:
            return
        first_column = sheet.start[1]
        if sheet.total_width > MOST_COLUMNS or sheet.total_height > MOST_ROWS:
            raise SheetTooLarge
        merged = _merged(sheet)
        kept: dict[tuple[int, int], RawCell] = {}
        for index, values in enumerate(sheet.iter_rows()):
            row: Row = [""] * first_column
            row += [
                value if type(value) is str and len(value) <= MOST_CELL else _odd(value) for value in values
            ]
            if odd:
                _mark(row, index, odd)
            if merged:
                _fill_merged(row, index, merged, kept=kept)
            yield index + 1, row
    except CalamineError:
        raise ArchiveInvalid from None


def _odd(value: object) -> RawCell:
    """What is not text, told by its type: a number is never taken for a text it may once have been."""
    if isinstance(value, str):
        raise SheetTooLarge(f"A cell has more than {MOST_CELL:,} characters. {SheetTooLarge.explanation}")
    if isinstance(value, bool):
        return Odd("flag", "yes" if value else "no")
    if isinstance(value, int | float):
        return Odd("number", str(int(value)) if math.isfinite(value) and value == int(value) else "")
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return Odd("date", value.date().isoformat()) if is_day else Odd("time")
    if isinstance(value, datetime.date):
        return Odd("date", value.isoformat())
    return Odd("time")


def _mark(row: Row, index: int, odd: _Oddities) -> None:
    for column in range(len(row)):
        if (index, column) in odd.formulas:
            row[column] = Odd("formula")
        elif (index, column) in odd.errors:
            row[column] = Odd("error")


def _merged(sheet: CalamineSheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Cells that are merged with one above them, with that one: the value is shown for all of them."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and bottom > top:
            if len(found) + bottom - top > MOST_MERGED:
                raise SheetTooLarge(
                    f"More than {MOST_MERGED:,} cells are merged. {SheetTooLarge.explanation}"
                )
            found.update({(row, left): (top, left) for row in range(top + 1, bottom + 1)})
            found[top, left] = (top, left)
    return found


def _fill_merged(
    row: Row,
    index: int,
    merged: dict[tuple[int, int], tuple[int, int]],
    *,
    kept: dict[tuple[int, int], RawCell],
) -> None:
    for column, cell in enumerate(row):
        top = merged.get((index, column))
        if top == (index, column):
            kept[top] = cell
        elif top is not None and cell == "":
            row[column] = kept.get(top, "")


def _oddities(part: bytes) -> _Oddities:
    found = _Oddities()
    if not any(mark in part for mark in _MAY_BE_ODD):
        return found
    row, column = -1, -1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        local = name.rpartition(":")[2]
        if local == "row":
            number = attributes.get("r", "")
            row, column = (int(number) - 1 if number.isdecimal() else row + 1), -1
        elif local == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            column += 1
            if reference:
                row, column = int(reference[2]) - 1, _number(reference[1])
            if attributes.get("t") == "e":
                found.errors.add((row, column))
        elif local == "f":
            found.formulas.add((row, column))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(part, True)  # noqa: FBT003 - the last piece; the parser takes no names
    return found


def _number(letters: str) -> int:
    """Column letters as a number from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parts_of_sheets(parts: dict[str, bytes]) -> dict[str, str]:
    """Names of sheets with the part that holds each, by way of the workbook's relationships (ECMA-376, part 1, 18.2.19)."""
    targets: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    sheets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            reference = next(
                (value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), ""
            )
            sheets[attributes.get("name", "")] = targets.get(reference, "")

    for part, handler in ((_RELATIONS_PART, relation), (_WORKBOOK_PART, sheet)):
        if part in parts:
            parser = expat.ParserCreate()
            parser.StartElementHandler = handler
            parser.Parse(parts[part], True)  # noqa: FBT003 - the last piece; the parser takes no names
    return sheets
