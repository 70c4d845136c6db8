"""Three-valued facts: whether a service takes such a person is YES, NO, or to be asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from app.directory.row_sets import RowSet, rows_where

YES, ASK, NO = 0, 1, 2
LEVEL = {"no": NO, "ask": ASK, "yes": YES}


class ByRow(Protocol):
    """The level of one service."""

    def __getitem__(self, row: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Levels:
    """How every service stands on one criterion: each by its row, and the sets of those to ask and of those that refuse."""

    of_row: ByRow
    ask: RowSet
    no: RowSet

    @classmethod
    def of(cls, levels: Sequence[int] | npt.NDArray[np.uint8]) -> Self:
        """From a level for every row."""
        column = np.asarray(levels, np.uint8)
        return cls(column.tobytes(), rows_where(column == ASK), rows_where(column == NO))

    @classmethod
    def of_sets(cls, *, ask: RowSet = 0, no: RowSet = 0) -> Self:
        """From the sets, which have no row in common; all other services are a YES."""
        return cls(_OfSets(ask, no), ask, no)

    def asking(self, rows: RowSet) -> "Levels":
        """The same, but that those of `rows` which refuse are to be asked."""
        return Levels.of_sets(ask=self.ask | (self.no & rows), no=self.no & ~rows)


@dataclass(frozen=True, slots=True)
class _OfSets:
    ask: RowSet
    no: RowSet

    def __getitem__(self, row: int) -> int:
        return NO if self.no >> row & 1 else ASK if self.ask >> row & 1 else YES
