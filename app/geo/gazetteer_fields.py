"""Fields of CSV lines as arrays of bytes, without making an object for each: 140 million of them are in one directory.

The published files are the plainest CSV there is, a line to a row and no comma or line end inside quotation marks. What
is not so is refused with its line, and never read as something else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from app.geo.gazetteer_sources import rejected

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.integer]

LONGEST = 20
"""No field in use is longer."""

_COMMA, _LINE_END, _RETURN, _QUOTE, _ZERO, _BLANK = b',\n\r"0 '


@dataclass(frozen=True, slots=True)
class Texts:
    """One column: a row of bytes for each line, filled up with zeros, and how many of them count."""

    table: Bytes
    length: Integers

    def equal(self, text: bytes) -> Flags:
        """Which lines have exactly `text`."""
        same: Flags = np.all(self.table[:, : len(text)] == np.frombuffer(text, np.uint8), axis=1)
        same &= self.length == len(text)
        return same

    def digits(self) -> Flags:
        """Which lines have digits only (or nothing)."""
        used = np.arange(self.table.shape[1]) < self.length[:, None]
        numerals: Flags = np.all(((self.table - _ZERO) <= 9) | ~used, axis=1)
        return numerals

    def numbers(self) -> npt.NDArray[np.int32]:
        """The value of lines with digits only; 0 for a blank."""
        values = np.zeros(len(self.table), np.int32)
        for place in range(self.table.shape[1]):
            digit = self.table[:, place].astype(np.int32) - _ZERO
            values = np.where(place < self.length, values * 10 + digit, values)
        return values

    def words(self) -> npt.NDArray[np.bytes_]:
        """The texts as byte strings of one width."""
        return np.ascontiguousarray(self.table).view(f"S{self.table.shape[1]}").ravel()


@dataclass(frozen=True, slots=True)
class Lines:
    """A block of lines with `width` fields each; `first` is the number of the first line in the file.

    `content` ends with LONGEST zeros, so that there is something to cut behind the last field too.
    """

    file: str
    first: int
    content: Bytes
    start: Integers
    end: Integers

    def __len__(self) -> int:
        return len(self.start)

    def numbers(self) -> npt.NDArray[np.int32]:
        """Line numbers."""
        return np.arange(self.first, self.first + len(self), dtype=np.int32)

    def texts(self, column: int, *, at_most: int, name: str) -> Texts:
        """A column of texts of no more than `at_most` bytes. Raises ImportRejected for a longer one."""
        start, end = self.start[:, column], self.end[:, column]
        self.refuse(end - start > at_most, f"the {name} is too long")
        return self._cut(start, end - start, at_most)

    def postcodes(self, column: int) -> Bytes:
        """Seven bytes a line: the outward code filled up with blanks to four, and the inward code.

        The two may stand together, have one blank between them, or as many as make them seven long (`pcd` of ONS).
        """
        start, end = self.start[:, column], self.end[:, column]
        length = end - start
        self.refuse((length < 5) | (length > 8), "not the form of a British postcode")
        outward = self._cut(start, np.minimum(length - 3, 4), 4).table
        outward[outward == 0] = _BLANK
        # Only a blank may stand where an outward code would be five long.
        self.refuse(
            (length == 8) & (self.content[np.minimum(start + 4, end - 1)] != _BLANK),
            "not the form of a British postcode",
        )
        inward = self._cut(end - 3, np.full(len(self), 3), 3).table
        return np.concatenate([outward, inward], axis=1)

    def refuse(self, wrong: Flags, reason: str) -> None:
        """Raise ImportRejected for the first line that is flagged, if any."""
        if wrong.any():
            raise rejected(self.file, self.first + int(np.argmax(wrong)), reason)

    def _cut(self, start: Integers, length: Integers, at_most: int) -> Texts:
        # A view of `at_most` bytes from every place: taking rows of it is copying, not looking up byte for byte.
        table: Bytes = sliding_window_view(self.content, at_most)[start]
        table *= np.arange(at_most) < length[:, None]
        return Texts(table, length)


def cut_lines(file: str, first: int, block: bytes, *, width: int) -> Lines:
    """Cut a block of whole lines (the last may lack its end) into fields, quotation marks around them taken off.

    Raises ImportRejected with the line for what is not UTF-8, has a NUL, another number of fields, or a stray quotation mark.
    """
    if not block.isascii():
        try:
            block.decode()
        except UnicodeDecodeError as failure:
            at = first + block.count(b"\n", 0, failure.start)
            raise rejected(file, at, "the text is not UTF-8") from None
    # Zeros fill up short fields below.
    if b"\0" in block:
        raise rejected(file, first + block.count(b"\n", 0, block.index(b"\0")), "the text has a NUL")
    content = np.frombuffer(block + (b"" if block.endswith(b"\n") else b"\n") + bytes(LONGEST), np.uint8)
    separator = np.flatnonzero((content == _COMMA) | (content == _LINE_END))
    fields = np.diff(np.flatnonzero(content[separator] == _LINE_END), prepend=-1)
    if (fields != width).any():
        raise rejected(file, first + int(np.argmax(fields != width)), f"not {width} fields in the line")
    end = separator.reshape(-1, width)
    start = np.concatenate([np.zeros(1, np.int64), separator[:-1] + 1]).reshape(-1, width)
    end[:, -1] -= content[end[:, -1] - 1] == _RETURN
    opened = content[start] == _QUOTE
    closed = (content[end - 1] == _QUOTE) & (end - start >= 2)
    lines = Lines(file, first, content, start + opened, end - opened)
    marks = content == _QUOTE
    # Counted line by line, which takes its time, only where the whole does not come out even.
    if (opened != closed).any() or np.count_nonzero(marks) != 2 * np.count_nonzero(opened):
        of_line = np.add.reduceat(marks, start[:, 0], dtype=np.int64)
        lines.refuse(
            (opened != closed).any(axis=1) | (of_line != 2 * opened.sum(axis=1)),
            "a quotation mark is not closed",
        )
    return lines
