"""Sets of services as whole numbers: bit r stands for row r.

A search is set algebra with `&`, `|` and `^`. On sets of ten thousand services such a step takes 0.07 µs; to take the 540
candidates of a council out of a column of numpy takes 0.4 µs, and 0.2 µs each step with them. `a ^ (a & b)` is a without b.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

RowSet = int
Flags = npt.NDArray[np.bool_]

FEW = 48
"""So many rows are taken off one by one sooner than all bits are spread out."""


def rows_where(flags: Flags) -> RowSet:
    """The rows whose flag is set."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def rows_among(rows: Iterable[int]) -> RowSet:
    """These rows, in any order."""
    listed = np.fromiter(rows, np.intp)
    flags = np.zeros(int(listed.max(initial=-1)) + 1, np.bool_)
    flags[listed] = True
    return rows_where(flags)


def in_order(rows: RowSet) -> list[int]:
    """The rows, ascending, which is in the order of the services' ids."""
    last_first: list[int] = []
    while rows:
        if len(last_first) == FEW:
            return _spread_out(rows) + last_first[::-1]
        row = rows.bit_length() - 1
        last_first.append(row)
        rows ^= 1 << row
    last_first.reverse()
    return last_first


def _spread_out(rows: RowSet) -> list[int]:
    packed = np.frombuffer(rows.to_bytes((rows.bit_length() + 7) // 8, "little"), np.uint8)
    found: list[int] = np.flatnonzero(np.unpackbits(packed, bitorder="little")).tolist()
    return found
