"""From rows to the file of the gazetteer: sorted, checked for plausibility, indexed, and put in place at once.

The new file is written beside the old one and takes its name only when it is whole and on the disk, so whatever goes
wrong before leaves the old one as it was.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.errors import ImportRejected
from app.geo.cells import index_cells
from app.geo.distance import GridPoint
from app.geo.gazetteer import NEAREST_WITHIN_M, summarize
from app.geo.gazetteer_layout import (
    ALIGNMENT,
    COLUMNS,
    LIVE,
    NO_AUTHORITY,
    NO_LOCATION,
    SUM_BYTES,
    TERMINATED,
    UNKNOWN,
    Counts,
    District,
    Edition,
    Header,
    sum_of,
    write_header,
)
from app.geo.gazetteer_rows import PostcodeRows, outward_text
from app.geo.gazetteer_sources import rejected

Columns = dict[str, npt.NDArray[Any]]

MINIMUM_ROWS = 1_500_000
"""Great Britain has 1.7 million live postcodes (Code-Point Open 2025) and 2.66 million ever used: less is half a file."""

MINIMUM_LOCATED = 0.9
"""Of the ONS directory of November 2025, 99 % of the rows have a grid reference."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a build or an import made. `rows` are those kept; `seconds` are for reading and writing together.

    `live` and `terminated` are None where the edition does not say which of its postcodes are in use.
    """

    edition: str
    attribution_year: int
    rows: int
    live: int | None
    terminated: int | None
    without_location: int
    authority_from_nearest: int
    repeated: int
    dropped_northern_ireland: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of the file; rows that took the authority of the nearest postcode; rows that said the same twice."""

    counts: Counts
    authority_from_nearest: int
    repeated: int


def report_on(edition: Edition, written: Written, rows: PostcodeRows, *, seconds: float) -> ImportReport:
    """The report for the person who asked for it."""
    counts = written.counts
    says_which = counts.live + counts.terminated > 0
    return ImportReport(
        edition.name,
        edition.attribution_year,
        rows=counts.rows,
        live=counts.live if says_which else None,
        terminated=counts.terminated if says_which else None,
        without_location=counts.without_location,
        authority_from_nearest=written.authority_from_nearest,
        repeated=written.repeated,
        dropped_northern_ireland=rows.dropped_northern_ireland,
        seconds=round(seconds, 2),
    )


def write_gazetteer(
    rows: PostcodeRows,
    edition: Edition,
    path: Path,
    *,
    minimum_rows: int = MINIMUM_ROWS,
    minimum_located: float = MINIMUM_LOCATED,
) -> Written:
    """Write the gazetteer to `path`.

    Raises ImportRejected, and changes nothing, when rows are fewer than `minimum_rows`, when less than the part
    `minimum_located` of them has a place, or when one postcode is given twice with different facts.
    """
    if len(rows) < max(minimum_rows, 1):
        raise ImportRejected(
            f"The files have {len(rows):,} postcodes of Great Britain and at least {max(minimum_rows, 1):,} are expected. "
            "Nothing was changed."
        )
    columns, outwards, repeated = _sorted_columns(rows)
    from_nearest = _fill_authorities(columns)
    authorities = _used_authorities(columns, rows.authorities)
    located = columns["easting"] != NO_LOCATION
    if located.mean() < minimum_located:
        raise ImportRejected(
            "Too many postcodes have no grid reference: this cannot be right. Nothing was changed."
        )
    cells = index_cells(columns["easting"], columns["northing"], located)
    columns |= {"cell_start": cells.start, "cell_rows": cells.rows}
    counts = Counts(
        rows=len(located),
        live=int((columns["status"] == LIVE).sum()),
        terminated=int((columns["status"] == TERMINATED).sum()),
        without_location=int((~located).sum()),
    )
    _replace(
        path,
        edition,
        counts,
        columns=columns,
        authorities=authorities,
        districts=_districts(columns, outwards),
    )
    return Written(counts, from_nearest, repeated)


def _sorted_columns(rows: PostcodeRows) -> tuple[Columns, list[tuple[str, int]], int]:
    """Columns in the order of outward and inward codes, outward codes with their number of rows, and repeated rows."""
    # As numbers of four bytes outward codes sort like texts.
    numbers, rank = np.unique(np.concatenate([batch.outward for batch in rows.batches]), return_inverse=True)
    names = [outward_text(number) for number in numbers.tolist()]
    columns: Columns = {
        name: np.concatenate([getattr(batch, name) for batch in rows.batches])
        for name in ("inward", "easting", "northing", "authority", "status")
    }
    key = rank.astype(np.uint32) << np.uint32(16) | columns["inward"]
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0)
    earlier, later = order[again], order[again + 1]
    differs = np.zeros(len(again), bool)
    for column in columns.values():
        differs |= column[earlier] != column[later]
    if differs.any():
        _, first_line = rows.where(int(earlier[differs][0]))
        file, line = rows.where(int(later[differs][0]))
        raise rejected(file, line, f"the postcode stands with other facts in line {first_line}")
    order = np.delete(order, again + 1)
    counts = np.bincount(rank[order], minlength=len(names)).tolist()
    return (
        {name: column[order] for name, column in columns.items()},
        list(zip(names, counts, strict=True)),
        len(again),
    )


def _fill_authorities(columns: Columns) -> int:
    """Give positions without an authority (Code-Point Open, quality 60) that of the nearest postcode within 2 km.

    A point asked for by coordinates is answered the same way. Without such a neighbour the row has no place.
    """
    located = columns["easting"] != NO_LOCATION
    lacking = np.flatnonzero(located & (columns["authority"] == NO_AUTHORITY))
    if not len(lacking):
        return 0
    known = index_cells(
        columns["easting"], columns["northing"], located & (columns["authority"] != NO_AUTHORITY)
    )
    filled = 0
    for row in lacking.tolist():
        point = GridPoint(columns["easting"][row], columns["northing"][row])
        neighbour = known.nearest(point, within_m=NEAREST_WITHIN_M)
        if neighbour is None:
            columns["easting"][row] = columns["northing"][row] = NO_LOCATION
        else:
            columns["authority"][row] = columns["authority"][neighbour]
            filled += 1
    return filled


def _used_authorities(columns: Columns, authorities: list[str]) -> list[str]:
    """The codes that any place has, in their order; indexes in `columns` are moved to them."""
    used = np.unique(columns["authority"])
    used = used[used != NO_AUTHORITY]
    known = columns["authority"] != NO_AUTHORITY
    columns["authority"][known] = np.searchsorted(used, columns["authority"][known])
    return [authorities[index] for index in used.tolist()]


def _districts(columns: Columns, outwards: list[tuple[str, int]]) -> tuple[District, ...]:
    districts = []
    start = 0
    for outward, count in outwards:
        span = slice(start, start + count)
        start += count
        summary = summarize(*(columns[name][span] for name in ("easting", "northing", "authority", "status")))
        easting, northing, status, authorities = summary if summary is not None else (None, None, UNKNOWN, ())
        districts.append(
            District(
                outward, count, easting=easting, northing=northing, status=status, authorities=authorities
            )
        )
    return tuple(districts)


def _replace(
    path: Path,
    edition: Edition,
    counts: Counts,
    *,
    columns: Columns,
    authorities: list[str],
    districts: tuple[District, ...],
) -> None:
    places: dict[str, tuple[int, int]] = {}
    offset = 0
    for name, kind in COLUMNS.items():
        places[name] = (offset, len(columns[name]))
        size = len(columns[name]) * np.dtype(kind).itemsize
        offset += size + -size % ALIGNMENT
    header = Header(edition, counts, authorities=tuple(authorities), districts=districts, columns=places)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            # Open data, made perhaps by another user than the one that serves it.
            os.fchmod(file.fileno(), 0o644)
            start = write_header(header)
            file.write(start)
            total = sum_of(start)
            for column, kind in COLUMNS.items():
                stored = np.ascontiguousarray(columns[column], dtype=kind).tobytes()
                stored += bytes(-len(stored) % ALIGNMENT)
                file.write(stored)
                total = sum_of(stored, total)
            file.write(total.to_bytes(SUM_BYTES, "little"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
