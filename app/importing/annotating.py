"""A copy of the sheet with a column of notes, for whoever mends it in the program in which it was made.

Every cell is written as text and none as a formula. A cell that is wrong is coloured, and the note names its column in
words: colour alone tells nothing to many people, and nothing at all in a CSV file.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from app.directory.sheet_cells import copied_cell
from app.errors import FileKindUnknown
from app.importing.grids import Grid, Odd, RawCell, Row
from app.importing.mapping import shown_header
from app.importing.parsed import RowProblem
from app.importing.reading import grids_of, kind_of

NOTES = "Notes"
WRONG, TO_LOOK_AT = "#F8D7DA", "#FFF3CD"
_LONGEST_SHEET_NAME = 31


def annotated(content: bytes, problems: Sequence[RowProblem], warnings: Sequence[RowProblem]) -> bytes:
    """The copy, of the kind that the file has. Raises FileKindUnknown for JSON, which has no rows."""
    kind = kind_of(content)
    if kind not in ("csv", "xlsx"):
        raise FileKindUnknown(
            "Only a sheet can be copied with notes: the problems of JSON name their place by pointer."
        )
    grids = [grid for grid in grids_of(content, kind) if not grid.is_hidden]
    return _workbook(grids, problems, warnings) if kind == "xlsx" else _csv(grids[0], problems, warnings)


def _csv(grid: Grid, problems: Sequence[RowProblem], warnings: Sequence[RowProblem]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    notes = _by_row(grid.name, problems, warnings)
    rows = list(grid.rows)
    width = max((len(row) for _, row in rows), default=0)
    first = _first_row(rows)
    for number, row in rows:
        cells = [copied_cell(_said(cell)) for cell in row] + [""] * (width - len(row))
        writer.writerow([*cells, copied_cell(_note(notes, number, first))])
    return text.getvalue().encode("utf-8-sig")


def _workbook(grids: Iterable[Grid], problems: Sequence[RowProblem], warnings: Sequence[RowProblem]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        wrong = book.add_format({"bg_color": WRONG, "text_wrap": True, "num_format": "@"})
        to_look_at = book.add_format({"bg_color": TO_LOOK_AT, "text_wrap": True, "num_format": "@"})
        plain = book.add_format({"num_format": "@"})
        noted = book.add_format({"text_wrap": True, "bold": True, "num_format": "@"})
        for grid in grids:
            sheet = book.add_worksheet(str(grid.name)[:_LONGEST_SHEET_NAME])
            notes = _by_row(grid.name, problems, warnings)
            marks = {
                (one.cell.row, one.cell.column): to_look_at for one in warnings if one.cell.sheet == grid.name
            }
            marks |= {
                (one.cell.row, one.cell.column): wrong for one in problems if one.cell.sheet == grid.name
            }
            rows = list(grid.rows)
            width = max((len(row) for _, row in rows), default=0)
            headers = _headers(rows, {column for _, column in marks})
            first = _first_row(rows)
            for number, row in rows:
                for position, cell in enumerate(row):
                    if cell != "":
                        mark = marks.get((number, headers.get(position)), plain)
                        sheet.write_string(number - 1, position, copied_cell(_said(cell)), mark)
                    elif (number, headers.get(position)) in marks:
                        sheet.write_blank(number - 1, position, None, marks[number, headers.get(position)])
                said = _note(notes, number, first)
                if said:
                    sheet.write_string(number - 1, width, copied_cell(said), noted)
            sheet.set_column(width, width, 60)
    return made.getvalue()


def _by_row(
    sheet: str | None, problems: Sequence[RowProblem], warnings: Sequence[RowProblem]
) -> Mapping[int, str]:
    """What is to be said in each row; what names no row is said in the first."""
    found: dict[int, list[str]] = {}
    for word, those in (("", problems), ("To look at: ", warnings)):
        for one in those:
            if one.cell.sheet == sheet:
                where = f"{one.cell.column}: " if one.cell.column else ""
                said = f"{word}{where}{one.detail} {one.fix}"
                row = found.setdefault(one.cell.row or 0, [])
                if said not in row:
                    row.append(said)
    return {number: "\n".join(said) for number, said in found.items()}


def _first_row(rows: Sequence[tuple[int, Row]]) -> int:
    return next((number for number, row in rows if any(row)), 0)


def _note(notes: Mapping[int, str], number: int, first: int) -> str:
    heads = (NOTES, notes.get(0, "")) if number == first else ()
    return "\n".join(part for part in (*heads, notes.get(number, "")) if part)


def _headers(rows: Sequence[tuple[int, Row]], named: set[str | None]) -> dict[int, str]:
    """Headers by position: those of the row among the first that has most of the columns that are named."""
    best: dict[int, str] = {}
    most = -1
    for _, row in rows[:10]:
        shown = {position: shown_header(cell, position) for position, cell in enumerate(row) if cell != ""}
        score = len(named & set(shown.values()))
        if score > most:
            best, most = shown, score
    return best


def _said(cell: RawCell) -> str:
    """A cell as text. What is no text is written as far as it is certain, so that no wrong digit looks right."""
    return cell.text if isinstance(cell, Odd) else cell
