"""Which column of a published postcode directory is which: matched by name, because names change with the year.

ONS Postcode Directory and National Statistics Postcode Lookup have a header line; Code-Point Open keeps its column names
in a file of its own. A column that is not found, or found twice, refuses the whole file: a guess would move people.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import ImportRejected
from app.geo.gazetteer_sources import ImportLimits, SourceFile, first_lines, rejected

ONSPD, NSPL, CODE_POINT = "ONS Postcode Directory", "National Statistics Postcode Lookup", "Code-Point Open"

# Names of May 2018 to August 2026, newest way of writing first: `lad25cd` has the year in it, `oslaua` and `laua` came before.
ONS_COLUMNS = {
    "postcode": r"pcd7?",
    "terminated": r"doterm",
    "authority": r"lad\d\dcd|oslaua|laua",
    "easting": r"east1m|oseast1m",
    "northing": r"north1m|osnrth1m",
    "quality": r"gridind|osgrdind",
    "latitude": r"lat",
}
CODE_POINT_COLUMNS = {
    "postcode": r"pc|postcode",
    "quality": r"pq|positional_quality_indicator",
    "easting": r"ea|eastings",
    "northing": r"no|northings",
    "authority": r"dc|admin_district_code",
}
# Only the directory, not the lookup, has parishes.
_PARISH = re.compile(r"parish|parncp\d\dcd")
_CODE_POINT_HEADERS = re.compile(r"code-?point_open_column_headers\.csv", re.IGNORECASE)
_YEAR_OF_AUTHORITY = re.compile(r"lad(\d\d)cd", re.IGNORECASE)

NO_GRID_REFERENCE = {ONSPD: b"9", NSPL: b"9", CODE_POINT: b"90"}
"""The positional quality that means no grid reference: 9 in the ONS products, 90 in Code-Point Open."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The product, how many columns a row has, and where the ones in use stand."""

    product: str
    width: int
    columns: dict[str, int]
    has_header: bool
    year: int | None
    """The year in the column names, where they have one."""


def match_columns(header: Sequence[str], file: str) -> Layout:
    """The layout of an ONS header line. Raises ImportRejected, naming what is missing or there twice."""
    columns = _matched(header, ONS_COLUMNS, file)
    product = ONSPD if any(_PARISH.fullmatch(name.lower()) for name in header) else NSPL
    year = _YEAR_OF_AUTHORITY.fullmatch(header[columns["authority"]])
    return Layout(product, len(header), columns, has_header=True, year=2000 + int(year[1]) if year else None)


def match_code_point(names: Sequence[str], file: str) -> Layout:
    """The layout of Code-Point Open from its column headers. Raises ImportRejected as `match_columns`."""
    return Layout(
        CODE_POINT, len(names), _matched(names, CODE_POINT_COLUMNS, file), has_header=False, year=None
    )


def choose_files(files: list[SourceFile], limits: ImportLimits) -> tuple[Layout, list[SourceFile]]:
    """The postcode files among everything that was published together, and their layout.

    Raises ImportRejected when there are none or when they do not belong together.
    """
    tables = [file for file in files if file.name.lower().endswith(".csv")]
    headers = [file for file in tables if _CODE_POINT_HEADERS.fullmatch(file.name)]
    if headers:
        names = _rows(first_lines(headers[0], limits)[:1])
        postcodes = [file for file in tables if file.folder != headers[0].folder]
        if not names or not postcodes:
            raise ImportRejected(
                "There are column headers of Code-Point Open and no rows. Nothing was changed."
            )
        return match_code_point(names[0], headers[0].name), postcodes
    if len(files) == 1:
        header = _rows(first_lines(files[0], limits)[:1])
        if not header:
            raise rejected(files[0].name, 1, "there is no header")
        return match_columns(header[0], files[0].name), files
    return _choose_ons(tables, limits)


def _choose_ons(tables: list[SourceFile], limits: ImportLimits) -> tuple[Layout, list[SourceFile]]:
    by_folder: dict[str, list[tuple[list[str], SourceFile]]] = {}
    for file in tables:
        header = _rows(first_lines(file, limits)[:1])
        try:
            match_columns(header[0] if header else (), file.name)
        except ImportRejected:
            # Documents with lists of names are published beside the postcodes.
            continue
        by_folder.setdefault(file.folder, []).append((header[0], file))
    if not by_folder:
        raise ImportRejected(
            "None of the files has the columns of ONSPD, NSPL or Code-Point Open (and its file of column headers). "
            "Nothing was changed."
        )
    # The same rows come as one file and, in another folder, as one file for each postcode area.
    chosen = min(by_folder.values(), key=len)
    if any(header != chosen[0][0] for header, _ in chosen):
        raise ImportRejected("The files are of different editions: give one of them. Nothing was changed.")
    return match_columns(chosen[0][0], chosen[0][1].name), [file for _, file in chosen]


def _matched(header: Sequence[str], patterns: dict[str, str], file: str) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    columns: dict[str, int] = {}
    for role, pattern in patterns.items():
        found = [index for index, name in enumerate(names) if re.fullmatch(pattern, name)]
        if len(found) != 1:
            how = "no column" if not found else "more than one column"
            example = pattern.split("|")[0].replace(r"\d\d", "25").replace("?", "")
            raise rejected(file, 1, f"{how} for the {role} (a name such as {example})")
        columns[role] = found[0]
    return columns


def _rows(lines: list[str]) -> list[list[str]]:
    try:
        return list(csv.reader(lines, strict=True))
    except csv.Error:
        return []
