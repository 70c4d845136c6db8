"""The file of the gazetteer: a header in JSON, then columns sorted by outward and inward code, then an index of 1 km cells.

    magic (8 bytes) · length of the header (uint64) · header · columns, each at a multiple of 64 bytes · CRC-32 of all before (uint32)

Written once by `gazetteer_write`, read into memory by `gazetteer`. No row knows its whole postcode: the outward code is
in the header with the number of its rows, and the inward code is a number whose range per sector is contiguous.
"""

import json
import sys
import zlib
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.geo.postcodes import INWARD_LETTERS

LAYOUT_VERSION: Final = 1
"""Moves with every change of this file's meaning; a file of another version is built again."""

MAGIC: Final = b"POSTCODE"
ALIGNMENT: Final = 64
SUM_BYTES: Final = 4

COLUMNS: Final[dict[str, str]] = {
    "inward": "u2",  # inward_code below
    "easting": "i4",  # metres; -1 without a grid reference
    "northing": "i4",
    "authority": "u2",  # index into the header's list; NO_AUTHORITY without a grid reference
    "status": "u1",  # index into STATUSES
    "cell_start": "i4",  # per cell, and one more: where its rows begin in `cell_rows`
    "cell_rows": "i4",  # rows with a grid reference in the order of their cells
}
NO_LOCATION: Final = -1
NO_AUTHORITY: Final = 0xFFFF
STATUSES: Final = ("unknown", "live", "terminated")
UNKNOWN, LIVE, TERMINATED = range(3)

SECTOR_SIZE: Final = len(INWARD_LETTERS) ** 2
INWARD_CODES: Final[dict[str, int]] = {
    f"{digit}{first}{second}": digit * SECTOR_SIZE + one * len(INWARD_LETTERS) + two
    for digit in range(10)
    for one, first in enumerate(INWARD_LETTERS)
    for two, second in enumerate(INWARD_LETTERS)
}


@dataclass(frozen=True, slots=True)
class Edition:
    """Which postcode directory this is. `released` is YYYY-MM, or YYYY where the month is not known."""

    product: str
    released: str
    attribution_year: int
    source_sha256: str
    built_at: str

    @property
    def name(self) -> str:
        """For people, such as `ONS Postcode Directory 2025-11`."""
        return f"{self.product} {self.released}"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the gazetteer. `live` and `terminated` leave those of unknown status."""

    rows: int
    live: int
    terminated: int
    without_location: int


@dataclass(frozen=True, slots=True)
class District:
    """An outward code: how many rows, and the summary of those with a place.

    `authorities` are (index, number of postcodes), most first; `easting` and `northing` the mean in metres; all of it
    empty or None where no row has a place.
    """

    outward: str
    rows: int
    easting: float | None
    northing: float | None
    status: int
    authorities: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Header:
    edition: Edition
    counts: Counts
    authorities: tuple[str, ...]
    districts: tuple[District, ...]
    columns: dict[str, tuple[int, int]]
    """Name to (offset from the end of the header, number of entries)."""
    summed: bool = True
    """Whether the file ends with its sum: those of earlier versions do not."""


def write_header(header: Header) -> bytes:
    """Magic, length and header, padded so that the first column is aligned."""
    text = json.dumps(
        {
            "layout": LAYOUT_VERSION,
            "byteorder": sys.byteorder,
            "edition": asdict(header.edition),
            "counts": asdict(header.counts),
            "authorities": header.authorities,
            "districts": [
                (one.outward, one.rows, one.easting, one.northing, one.status, one.authorities)
                for one in header.districts
            ],
            "columns": header.columns,
            "summed": header.summed,
        }
    ).encode()
    text += b" " * (-(len(MAGIC) + 8 + len(text)) % ALIGNMENT)
    return MAGIC + len(text).to_bytes(8, "little") + text


def read_header(start: bytes) -> tuple[int, int]:
    """(offset, length) of the header's JSON from the first 16 bytes. Raises ValueError when it is not such a file."""
    if len(start) < len(MAGIC) + 8 or not start.startswith(MAGIC):
        raise ValueError("not a gazetteer")
    return len(MAGIC) + 8, int.from_bytes(start[len(MAGIC) : len(MAGIC) + 8], "little")


def parse_header(text: bytes) -> Header:
    """The header. Raises ValueError, KeyError or TypeError when it is of another layout or damaged."""
    stored: dict[str, Any] = json.loads(text)
    if stored["layout"] != LAYOUT_VERSION or stored["byteorder"] != sys.byteorder:
        raise ValueError("another layout")
    return Header(
        edition=Edition(**stored["edition"]),
        counts=Counts(**stored["counts"]),
        authorities=tuple(stored["authorities"]),
        districts=tuple(
            District(
                outward,
                rows,
                easting=easting,
                northing=northing,
                status=status,
                authorities=tuple((index, count) for index, count in authorities),
            )
            for outward, rows, easting, northing, status, authorities in stored["districts"]
        ),
        columns={name: (offset, count) for name, (offset, count) in stored["columns"].items()},
        summed=stored.get("summed", False),
    )


def sum_of(content: bytes | memoryview, so_far: int = 0) -> int:
    return zlib.crc32(content, so_far)


def body_of(content: memoryview, start: int, header: Header) -> memoryview:
    """The columns of a whole file. Raises ValueError where its sum is another: a place that is a little wrong is wrong enough to send
    somebody to another city.
    """
    if not header.summed:
        return content[start:]
    if sum_of(content[:-SUM_BYTES]) != int.from_bytes(content[-SUM_BYTES:], "little"):
        raise ValueError("damaged")
    return content[start:-SUM_BYTES]
