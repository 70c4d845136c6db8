"""The page on filling in the sheet names every column, every sheet and every code, and reads what it says is read."""

import re
from pathlib import Path

from app.directory.sheet_columns import PARTS, flat_columns
from app.importing.faults import PROBLEMS, WARNINGS
from app.importing.hours_words import read_hours
from app.importing.plain_words import ages, calendar_date, duration
from app.importing.template import EXAMPLE, template_workbook
from tests.importing.sheets import words

PAGE = (Path(__file__).parents[2] / "docs" / "sheets.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def first_cells(heading: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", section(heading), re.MULTILINE)


def test_every_column_is_documented_in_its_order() -> None:
    assert first_cells("Columns of the main sheet") == [column.name for column in flat_columns()]
    numbered = [
        part.column_name(1, column).replace("_1", "_N", 1) for part in PARTS for column in part.columns
    ]
    assert first_cells("Numbered, or in a sheet of their own") == numbered


def test_every_code_is_documented_with_what_to_do() -> None:
    assert first_cells("Problems of rows") == list(PROBLEMS)
    assert first_cells("Warnings") == list(WARNINGS)
    for detail, fix in (*PROBLEMS.values(), *WARNINGS.values()):
        assert f"| {detail} | {fix} |" in PAGE


def examples(what: str) -> list[str]:
    row = next(line for line in section("Words").splitlines() if line.startswith(f"| {what} "))
    return re.findall(r"`([^`]+)`", row.split("|")[2])


def test_the_words_of_the_page_are_read() -> None:
    for what, read in (
        ("hours", read_hours),
        ("ages", ages),
        ("dates", calendar_date),
        ("lengths of time", duration),
    ):
        assert examples(what)
        for text in examples(what):
            read(text)


def test_the_template_is_small_enough_to_send_and_invents_nobody() -> None:
    assert len(template_workbook(words())) < 100_000
    assert EXAMPLE.name.startswith("Example ")
