"""A newer edition of the postcode directory, from the files as ONS and Ordnance Survey publish them.

All or nothing: the first row that cannot be right refuses the file, with its name, line and reason, and the gazetteer in
use stays as it is.
"""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.errors import ImportRejected
from app.geo.gazetteer_build import Progress
from app.geo.gazetteer_columns import CODE_POINT, NO_GRID_REFERENCE, Layout, choose_files
from app.geo.gazetteer_fields import Lines, Texts, cut_lines
from app.geo.gazetteer_layout import LIVE, NO_LOCATION, TERMINATED, Edition
from app.geo.gazetteer_rows import AuthorityIndexes, PostcodeRows
from app.geo.gazetteer_sources import (
    ImportLimits,
    SourceFile,
    blocks_of,
    first_lines,
    open_source,
    sha256_of,
)
from app.geo.gazetteer_write import MINIMUM_LOCATED, MINIMUM_ROWS, ImportReport, report_on, write_gazetteer

LATITUDE_NOWHERE = b"99.999999"
"""What the ONS products write for a postcode without a grid reference."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_IN_NAME = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*[_ -]?(20\d\d)", re.IGNORECASE)
_YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_RELEASED = re.compile(r"20\d\d(-(0[1-9]|1[0-2]))?")
# Doc/metadata.txt of Code-Point Open.
_COPYRIGHT_DATE = re.compile(r"COPYRIGHT DATE:\s*(20\d\d)(0[1-9]|1[0-2])\d\d")


def import_gazetteer(
    source: Path,
    path: Path,
    *,
    released: str | None = None,
    minimum_rows: int = MINIMUM_ROWS,
    minimum_located: float = MINIMUM_LOCATED,
    limits: ImportLimits | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Make the gazetteer at `path` from ONSPD, NSPL or Code-Point Open files at `source`.

    `released` (YYYY-MM or YYYY) is for files whose names and columns do not say their edition. `progress` is told
    (bytes read, bytes in all). Raises ImportRejected, and changes nothing, for any row that cannot be right.
    """
    began = time.perf_counter()
    limits = limits or ImportLimits()
    if released is not None and not _RELEASED.fullmatch(released):
        raise ImportRejected("The edition is written YYYY-MM or YYYY. Nothing was changed.")
    rows = PostcodeRows()
    with open_source(source, limits) as files:
        layout, chosen = choose_files(files, limits)
        released = released or _released(source, layout, files=files, chosen=chosen, limits=limits)
        authorities = AuthorityIndexes(rows.authorities)
        total, done = sum(file.size for file in chosen), 0
        for file in chosen:
            for line, block in blocks_of(file, limits):
                header = layout.has_header and line == 1
                wanted = block.partition(b"\n")[2] if header else block
                if wanted:
                    _add(
                        rows,
                        cut_lines(file.name, line + header, wanted, width=layout.width),
                        layout,
                        authorities,
                    )
                done += len(block)
                if progress is not None:
                    progress(min(done, total), total)
    if progress is not None:
        progress(total, total)
    edition = Edition(
        product=layout.product,
        released=released,
        attribution_year=int(released[:4]),
        source_sha256=sha256_of(source),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    written = write_gazetteer(rows, edition, path, minimum_rows=minimum_rows, minimum_located=minimum_located)
    return report_on(edition, written, rows, seconds=time.perf_counter() - began)


def _add(rows: PostcodeRows, lines: Lines, layout: Layout, authorities: AuthorityIndexes) -> None:
    """Take a block of lines, a column at a time. Raises ImportRejected with the first line that cannot be right."""

    def texts(role: str, at_most: int) -> Texts:
        return lines.texts(layout.columns[role], at_most=at_most, name=role)

    easting, northing = texts("easting", 8), texts("northing", 8)
    lines.refuse(~(easting.digits() & northing.digits()), "the position is not in whole metres")
    east, north = easting.numbers(), northing.numbers()
    lines.refuse(
        (easting.length == 0) != (northing.length == 0), "the position has only one of its two halves"
    )
    nowhere = (east == 0) & (north == 0)
    nowhere |= texts("quality", 2).equal(NO_GRID_REFERENCE[layout.product])
    if "latitude" in layout.columns:
        nowhere |= texts("latitude", 20).equal(LATITUDE_NOWHERE)
    codes, inverse = np.unique(texts("authority", 9).words(), return_inverse=True)
    known = [authorities.get_or_add(code.decode("latin-1")) for code in codes.tolist()]
    wrong = np.array([index is None for index in known], np.bool_)
    lines.refuse(wrong[inverse], "not the code of a local authority")
    status = np.full(len(lines), LIVE, np.uint8)
    if "terminated" in layout.columns:
        month = texts("terminated", 6)
        number = month.numbers()
        is_month = month.digits() & (month.length == 6) & (number % 100 >= 1) & (number % 100 <= 12)
        lines.refuse((month.length > 0) & ~is_month, "the month of termination is not YYYYMM")
        status[is_month] = TERMINATED
    rows.add(
        lines.file,
        lines.numbers(),
        padded=lines.postcodes(layout.columns["postcode"]),
        easting=np.where(nowhere, NO_LOCATION, east).astype(np.int32),
        northing=np.where(nowhere, NO_LOCATION, north).astype(np.int32),
        authority=np.array(known, np.uint16)[inverse],
        status=status,
    )


def _released(
    source: Path, layout: Layout, *, files: list[SourceFile], chosen: list[SourceFile], limits: ImportLimits
) -> str:
    """YYYY-MM or YYYY, from the metadata of Code-Point Open, or the files' names, or the years in the column names."""
    if layout.product == CODE_POINT:
        for file in files:
            if file.name.lower() == "metadata.txt":
                found = _COPYRIGHT_DATE.search("\n".join(first_lines(file, limits)))
                if found:
                    return f"{found[1]}-{found[2]}"
    names = [chosen[0].name, source.name]
    for name in names:
        if found := _MONTH_IN_NAME.search(name):
            return f"{found[2]}-{_MONTHS.index(found[1].lower()) + 1:02}"
    for name in names:
        if found := _YEAR_IN_NAME.search(name):
            return found[1]
    if layout.year is not None:
        return str(layout.year)
    raise ImportRejected(
        "The files do not say of which month and year they are: say it. Nothing was changed."
    )
