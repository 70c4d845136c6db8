"""A CSV file (RFC 4180, UTF-8) as rows, every fault of its form named by the line at which the row begins."""

import csv
import re
from collections.abc import Iterator

from app.errors import CsvMalformed, FileEncodingUnknown, SheetTooLarge
from app.importing.grids import MOST_CELL, MOST_COLUMNS, MOST_ROWS, Row

_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def csv_text(content: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises FileEncodingUnknown."""
    if content.startswith(_OTHER_BOMS) or b"\x00" in content:
        raise FileEncodingUnknown
    try:
        return content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        raise FileEncodingUnknown(f"Line {line} is not UTF-8. {FileEncodingUnknown.explanation}") from None


def csv_rows(text: str) -> Iterator[tuple[int, Row]]:
    """Rows with their number from 1, blank ones too, as a spreadsheet counts them.

    Raises CsvMalformed with the line, or SheetTooLarge. Lines end in LF or CR LF, mixed or not; inside quotes both stay.
    """
    csv.field_size_limit(MOST_CELL)
    lines = (found[0] for found in _LINE.finditer(text))
    reader = csv.reader(lines, strict=True)
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            raise _malformed(line, str(failure)) from None
        number += 1
        if len(row) > MOST_COLUMNS:
            raise SheetTooLarge(
                f"Line {line} has more than {MOST_COLUMNS} columns. {SheetTooLarge.explanation}"
            )
        if number > MOST_ROWS:
            raise SheetTooLarge
        yield number, list(row)


def _malformed(line: int, reason: str) -> CsvMalformed:
    if reason.startswith("field larger"):
        why = f"holds a cell of more than {MOST_CELL:,} characters, or a quote that is not closed"
    elif reason.startswith("unexpected end"):
        why = "holds a quote that is not closed"
    elif reason.startswith("new-line"):
        why = "holds a carriage return without a line feed"
    else:
        why = "holds a quote in the middle of a cell"
    return CsvMalformed(f"The row that begins at line {line} {why}.")
