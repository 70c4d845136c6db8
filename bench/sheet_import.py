"""How fast a workbook becomes a staged difference, as for a person who brings it: read apart, checked whole, compared, kept.

Over an empty directory, where all of it is new, and over the directory that it is of, where nothing has changed. The
reading process has a core of its own where the machine has two, as it has for everybody.
"""

import json
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import update

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.principals import COMMAND_LINE
from app.curation.synthetic import SOURCE
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.importing.receiving import Reception
from app.importing.staging import ImportOptions
from app.models.history import Assurance
from bench.directories import GAZETTEER, directory_command, gazetteer_folder, synthetic_directory_folder
from bench.serving import go_anywhere
from bench.sheet_file import REVIEW_BY, filled_rows, sheet_file

FOUND = ("new", "same")


@dataclass(frozen=True, slots=True)
class SheetFigures:
    """Rows of all sheets for each second of the whole import up to its difference, and the most memory it takes (MB)."""

    services: int
    rows: int
    file_mb: float
    new_per_second: int
    same_per_second: int
    most_mb: int
    reader_most_mb: int


def sheet_figures(services: int) -> SheetFigures:
    """Each directory's import in a process of its own, so that the memory is its own too."""
    path = sheet_file(services)
    measured = {found: _measured(services, found) for found in FOUND}
    rows = filled_rows(path)
    per_second = {f"{found}_per_second": round(rows / one["seconds"]) for found, one in measured.items()}
    return SheetFigures(
        services=services,
        rows=rows,
        file_mb=round(path.stat().st_size / 1e6, 1),
        most_mb=round(max(one["most_mb"] for one in measured.values())),
        reader_most_mb=round(max(one["reader_most_mb"] for one in measured.values())),
        **per_second,
    )


def _measured(services: int, found: str) -> dict[str, float]:
    output = subprocess.run(
        [sys.executable, "-m", "bench.sheet_import", str(services), found],
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, float] = json.loads(output.stdout)
    return measured


def _empty_directory(folder: Path) -> None:
    folder.mkdir()
    (folder / GAZETTEER).symlink_to(gazetteer_folder() / GAZETTEER)
    directory_command("migrate", data_dir=folder)
    directory_command("seed", "--reference-only", data_dir=folder)


def _seconds(content: bytes, folder: Path) -> float:
    database, now = Database(f"sqlite:///{folder / 'directory.sqlite'}"), datetime.now(UTC)
    act = Act(by=COMMAND_LINE, now=now, log=AuditLog.of(b"a secret of the bench, 32 bytes.."))
    with Gazetteer.open(folder / GAZETTEER) as gazetteer:
        began = perf_counter()
        received = Reception(database, gazetteer, demonstration=True).receive(
            content, ImportOptions(SOURCE), mapping=None, act=act
        )
        seconds = perf_counter() - began
    database.close()
    if received.batch.state != "checked":
        raise RuntimeError("a sheet of our own has problems")
    return seconds


def _review_as_the_file_says(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    with database.write() as session:
        session.exec(update(Assurance).values(review_by=REVIEW_BY))
    database.close()


def main() -> None:
    go_anywhere()
    services, found = int(sys.argv[1]), sys.argv[2]
    with TemporaryDirectory() as folder:
        directory = Path(folder) / "directory"
        if found == "new":
            _empty_directory(directory)
        else:
            shutil.copytree(synthetic_directory_folder(services), directory, symlinks=True)
            _review_as_the_file_says(directory)
        seconds = _seconds(sheet_file(services).read_bytes(), directory)
    most, of_children = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"seconds": seconds, "most_mb": most, "reader_most_mb": of_children}))


if __name__ == "__main__":
    main()
