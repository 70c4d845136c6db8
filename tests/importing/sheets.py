"""Files to be read: small sheets from a few cells, and what reading them in this process gives."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import xlsxwriter
from pydantic import BaseModel

from app.curation.submissions import ScheduleSubmission, ServiceSubmission
from app.importing.mapping import ColumnMapping
from app.importing.parsed import ParsedFile
from app.importing.reading import parse
from app.importing.words import SheetWords
from app.importing.words_loading import words_of_seed

SEED_DATA = Path(__file__).parents[2] / "seed_data"

PLAIN: dict[str, str] = {
    "Organization": "Example Trust",
    "Service": "Example Casework",
    "Description": "Somebody who listens.",
    "Needs": "casework_advocacy",
    "Reach": "outreach_area",
    "Covers": "Sandwell",
    "Source": "Invented for a test",
    "Source 1 mark": "invented",
    "Review by": "2027-05-31",
}


@lru_cache(maxsize=1)
def words() -> SheetWords:
    return words_of_seed(SEED_DATA)


def csv_file(*rows: Mapping[str, str]) -> bytes:
    """A CSV file with these rows; the columns are all that any row names."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return text.getvalue().encode()


def plain(**changed: str) -> dict[str, str]:
    """A row with what a new service needs. Names of columns have _ for spaces."""
    return PLAIN | {name.replace("_", " "): value for name, value in changed.items()}


def read(*rows: Mapping[str, str], mapping: ColumnMapping | None = None) -> ParsedFile:
    return parse(csv_file(*rows), words(), mapping)


def only(parsed: ParsedFile) -> ServiceSubmission:
    """The only service of a file that is in order."""
    assert parsed.problems == ()
    (organization,) = parsed.submissions
    (service,) = organization.services
    return service


def codes(parsed: ParsedFile) -> set[tuple[str, int | None, str | None]]:
    """Problems by code, row and column."""
    return {(one.code, one.cell.row, one.cell.column) for one in parsed.problems}


def warned(parsed: ParsedFile) -> set[tuple[str, int | None, str | None]]:
    """Warnings by code, row and column, without the one that every CSV file gets."""
    return {(one.code, one.cell.row, one.cell.column) for one in parsed.warnings if one.code != "one-sheet"}


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these sheets (_ for spaces in their names), cells written as xlsxwriter takes their types."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "default_date_format": "dd/mm/yyyy"}
    with xlsxwriter.Workbook(made, options) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name.replace("_", " "))
            for number, row in enumerate(rows):
                for position, cell in enumerate(row):
                    if isinstance(cell, Formula):
                        page.write_formula(number, position, cell.text, value=cell.value)
                    elif cell != "":
                        page.write(number, position, cell)
    return made.getvalue()


class Formula:
    """A formula with the value that was last worked out, or none."""

    def __init__(self, text: str, value: object = "") -> None:
        self.text, self.value = text, value


def same(one: object, other: object) -> bool:
    """Whether two records are equal in what they say and in what they leave unsaid. The rows of hours are values."""
    if isinstance(one, ScheduleSubmission):
        return one == other
    if isinstance(one, BaseModel) and isinstance(other, BaseModel):
        fields = one.model_fields_set
        return (
            type(one) is type(other)
            and fields == other.model_fields_set
            and all(same(getattr(one, name), getattr(other, name)) for name in fields)
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and one == other
