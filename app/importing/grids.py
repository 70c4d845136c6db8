"""A sheet as its reader gives it: rows of cells, which are text, or something odd that a spreadsheet made of text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MOST_ROWS = 100_000
MOST_COLUMNS = 300
MOST_CELL = 20_000
"""Characters in a cell. The longest text of a record has 4,000."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that is not text. `text` is what it says where that is certain: digits, an ISO date or time, yes or no."""

    kind: Literal["number", "date", "time", "flag", "formula", "error"]
    text: str = ""


RawCell = str | Odd
Row = list[RawCell]


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet. `rows` gives each row with its number from 1, as a spreadsheet shows it, and can be asked for once.

    Cells at the end of a row may be missing. `name` is None where there is only one sheet and it has no name.
    """

    name: str | None
    rows: Iterator[tuple[int, Row]]
    is_hidden: bool = False


def is_blank(row: Row) -> bool:
    """Whether there is nothing in any cell."""
    return not any(row) or not any(cell if isinstance(cell, Odd) else cell.strip() for cell in row)


def letters(position: int) -> str:
    """The letters of a column, counted from 0: A, Z, AA."""
    found = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        found = chr(65 + rest) + found
    return found
