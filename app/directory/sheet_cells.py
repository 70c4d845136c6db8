"""Text in the cells of a sheet, safe from spreadsheets that would run it, and read back as it was.

A spreadsheet takes a cell that begins with = + - @ for a formula (OWASP, "CSV injection"). Such a text is written with an
apostrophe before it, and one that already begins so with one more, so that nothing is lost. The lone word `none`, which
empties a field, and 4E11, which may be what a spreadsheet has made of a number, are kept apart from texts in the same way.
"""

import re

EMPTIED = "none"
"""The word that empties a field; an empty cell says nothing."""

_MISREAD = re.compile(
    r"'*(?:[=+\-@\t\r\n＝＋－＠]|none\Z|\d+(?:\.\d+)?e[-+]?\d+\Z)", re.IGNORECASE | re.ASCII
)
_RUN = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_RUNNABLE = re.compile(r"[=@＝＠]|[+\-＋－](?![\d\s(])")


def safe_cell(text: str) -> str:
    """The text as it is written into a cell."""
    return f"'{text}" if _MISREAD.match(text) else text


def cell_text(written: str) -> str:
    """What a cell says: `safe_cell` undone."""
    return written[1:] if written.startswith("'") and _MISREAD.match(written) else written


def copied_cell(written: str) -> str:
    """A cell of somebody's file, to be written again: as it is, unless it would be run."""
    return f"'{written}" if _RUN.match(written) else written


def looks_like_formula(written: str) -> bool:
    """Whether a spreadsheet would run the cell: telephone numbers with a + and lists with dashes are not meant."""
    return _RUNNABLE.match(written) is not None
