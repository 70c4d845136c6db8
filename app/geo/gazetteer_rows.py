"""Rows of a postcode directory on their way into a gazetteer, in bulk and each with the line it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.geo.cells import CELL_M, CELLS_EAST, CELLS_NORTH
from app.geo.gazetteer_layout import NO_AUTHORITY, NO_LOCATION, SECTOR_SIZE
from app.geo.gazetteer_sources import rejected
from app.geo.postcodes import INWARD_LETTERS, is_outward_code

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

PADDED_LENGTH = 7
"""Four places for the outward code, blanks behind it, and three for the inward code (`pcd` of ONS)."""

# One row of the ONS directory, terminated long ago, has a letter that no inward code has. It is left out.
_ODD = np.frombuffer(b"NPT 0VA", np.uint8)
_WRONG = 255
_DIGIT = np.full(256, _WRONG, np.uint8)
_DIGIT[[ord(one) for one in "0123456789"]] = range(10)
_LETTER = np.full(256, _WRONG, np.uint8)
_LETTER[[ord(one) for one in INWARD_LETTERS]] = range(len(INWARD_LETTERS))


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one file. `outward` is four ASCII bytes as a number; authority and status as in `gazetteer_layout`."""

    file: str
    line: npt.NDArray[np.int32]
    outward: npt.NDArray[np.uint32]
    inward: npt.NDArray[np.uint16]
    easting: npt.NDArray[np.int32]
    northing: npt.NDArray[np.int32]
    authority: npt.NDArray[np.uint16]
    status: Bytes


@dataclass(slots=True)
class PostcodeRows:
    """All rows of a directory while it is read."""

    batches: list[Batch] = field(default_factory=list)
    authorities: list[str] = field(default_factory=list)
    dropped_northern_ireland: int = 0
    _known_outward: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return sum(len(batch.line) for batch in self.batches)

    def add(
        self,
        file: str,
        line: npt.NDArray[np.int32],
        *,
        padded: Bytes,
        easting: npt.NDArray[np.int32],
        northing: npt.NDArray[np.int32],
        authority: npt.NDArray[np.uint16],
        status: Bytes,
    ) -> None:
        """Take rows: `padded` is a table of `PADDED_LENGTH` bytes each; metres, both `NO_LOCATION` where there is no place.

        Northern Ireland (BT) is counted and dropped. Raises ImportRejected with file and line for a postcode that has
        not the form of one and for a position off the grid of Great Britain.
        """
        outward = np.ascontiguousarray(padded[:, :4]).view(">u4").ravel().astype(np.uint32)
        elsewhere = outward >> 16 == int.from_bytes(b"BT", "big")
        self.dropped_northern_ireland += int(elsewhere.sum())
        kept = ~(elsewhere | (padded == _ODD).all(axis=1))
        digit, first, second = _DIGIT[padded[:, 4]], _LETTER[padded[:, 5]], _LETTER[padded[:, 6]]
        wrong_form = (
            (digit == _WRONG) | (first == _WRONG) | (second == _WRONG) | ~self._outward_known(outward)
        )
        reject_first(kept & wrong_form, file, line, "not the form of a British postcode")
        placed = (easting != NO_LOCATION) | (northing != NO_LOCATION)
        on_grid = (
            (easting >= 0)
            & (easting < CELLS_EAST * CELL_M)
            & (northing >= 0)
            & (northing < CELLS_NORTH * CELL_M)
        )
        reject_first(kept & placed & ~on_grid, file, line, "the position is not on the grid of Great Britain")
        inward = (
            digit.astype(np.uint16) * SECTOR_SIZE + first.astype(np.uint16) * len(INWARD_LETTERS) + second
        )
        self.batches.append(
            Batch(
                file,
                line=line[kept],
                outward=outward[kept],
                inward=inward[kept].astype(np.uint16),
                easting=easting[kept],
                northing=northing[kept],
                authority=np.where(placed, authority, NO_AUTHORITY)[kept].astype(np.uint16),
                status=status[kept],
            )
        )

    def where(self, row: int) -> tuple[str, int]:
        """File and line of the row of that number, in the order in which rows were added."""
        for batch in self.batches:
            if row < len(batch.line):
                return batch.file, int(batch.line[row])
            row -= len(batch.line)
        raise IndexError(row)

    def _outward_known(self, outward: npt.NDArray[np.uint32]) -> Flags:
        unique, inverse = np.unique(outward, return_inverse=True)
        for number in unique.tolist():
            if number not in self._known_outward and is_outward_code(outward_text(number)):
                self._known_outward.add(number)
        known = np.array([number in self._known_outward for number in unique.tolist()], bool)
        return known[inverse]


class AuthorityIndexes:
    """GSS code to its index in a list that grows as codes turn up."""

    def __init__(self, authorities: list[str]) -> None:
        self._authorities = authorities
        self._indexes: dict[str, int] = {}

    def get_or_add(self, code: str) -> int | None:
        """The index; NO_AUTHORITY for blanks and pseudo codes (`L99999999`); None for what is no code."""
        index = self._indexes.get(code)
        if index is not None:
            return index
        if code == "" or (len(code) == 9 and code.endswith("99999999")):
            index = NO_AUTHORITY
        elif len(code) == 9 and code[0] in "EWSN" and code.isascii() and code[1:].isdecimal():
            index = len(self._authorities)
            self._authorities.append(code)
        else:
            return None
        self._indexes[code] = index
        return index


def outward_text(number: int) -> str:
    """The outward code behind the number of four bytes."""
    return number.to_bytes(4, "big").decode("latin-1").strip(" ")


def reject_first(wrong: Flags, file: str, line: Sequence[int] | npt.NDArray[np.int32], reason: str) -> None:
    """Raise ImportRejected for the first row that is flagged, if any."""
    if wrong.any():
        raise rejected(file, int(line[int(np.argmax(wrong))]), reason)
