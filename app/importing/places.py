"""Where in a file each field of a record came from, kept small: a file of 50,000 rows has a million cells with something in them.

Kept are the rows; which column a field of a row stands in is the same for all rows of a sheet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.importing.parsed import Cell


@dataclass(frozen=True, slots=True)
class Columns:
    """The headers of a sheet by pointer within what a row of it gives, such as `/eligibility/minimum_age`; "" is all of it."""

    sheet: str | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def cell(self, row: int, pointer: str) -> Cell:
        return Cell(self.sheet, row, self.headers.get(pointer))


Origin = tuple[Columns, int]
"""The columns and the row that something came from."""


class SheetCells(Mapping[str, Cell]):
    """Cells by number of the submission and JSON pointer in it. `places` has for each submission the origins of the
    organization (""), its services (`/services/0`) and their parts (`/services/0/phones/1`).
    """

    __slots__ = ("_places",)

    def __init__(self, places: Sequence[Mapping[str, Origin]]) -> None:
        self._places = places

    def __getitem__(self, pointer: str) -> Cell:
        number, slash, rest = pointer[1:].partition("/")
        try:
            origins = self._places[int(number)]
        except (ValueError, IndexError):
            raise KeyError(pointer) from None
        above = slash + rest
        while True:
            origin = origins.get(above)
            if origin is not None:
                columns, row = origin
                within = (slash + rest)[len(above) :]
                if within and within not in columns.headers:
                    raise KeyError(pointer)
                return columns.cell(row, within)
            if not above:
                raise KeyError(pointer)
            above = above[: above.rfind("/")]

    def __iter__(self) -> Iterator[str]:
        for number, origins in enumerate(self._places):
            for above, (columns, _) in origins.items():
                yield f"/{number}{above}"
                yield from (f"/{number}{above}{within}" for within in columns.headers if within)

    def __len__(self) -> int:
        return sum(1 for _ in self)
