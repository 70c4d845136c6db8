"""Sheets as an Excel workbook: every cell text, so that no zero is lost and no formula is run."""

import io
from collections.abc import Mapping, Sequence
from uuid import UUID

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.curation.submissions import OrganizationSubmission
from app.directory.sheet_columns import shown
from app.importing.sheet_writing import Numbered, Sheet, sheets_of
from app.importing.words import SheetWords

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDE = ("description", "notes", "needs", "hours", "covers", "referrers", "stages", "needed", "apply")


def workbook_of(
    submissions: Sequence[OrganizationSubmission],
    words: SheetWords,
    *,
    inside: Sequence[Numbered] = (),
    ids: Mapping[str, UUID] | None = None,
) -> bytes:
    """Records as a workbook that is read back as the same records. Raises TooLongForSheet."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, OPTIONS) as book:
        for sheet in sheets_of(submissions, words, inside=inside, ids=ids):
            write_sheet(book, sheet)
    return made.getvalue()


def write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> Worksheet:
    """A sheet with its headers bold and kept in sight, and the columns formatted as text, also below the last row."""
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4", "num_format": "@"}
    )
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    page = book.add_worksheet(sheet.name)
    for position, name in enumerate(sheet.columns):
        page.set_column(position, position, 40 if name.endswith(_WIDE) else 22, text)
        page.write_string(0, position, shown(name), head)
    _write_rows(page, sheet, text)
    page.freeze_panes(1, min(2, len(sheet.columns)))
    return page


def _write_rows(page: Worksheet, sheet: Sheet, text: Format) -> None:
    for number, row in enumerate(sheet.rows, 1):
        for position, cell in enumerate(row):
            if cell:
                page.write_string(number, position, cell, text)
