"""How fast a workbook's records become a staged difference: over an empty directory, and over the one that it is of.

Reading the file is measured apart (`sheet_file`); here the parsed file is compared, checked whole and staged.
"""

import json
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from app.access.principals import COMMAND_LINE
from app.curation.synthetic import SOURCE
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.importing.bounded import parse_file
from app.importing.checking import check_file
from app.importing.parsed import ParsedFile
from app.importing.receiving import Reception
from app.importing.staging import ImportOptions, last_imported, stage
from bench.directories import GAZETTEER, directory_command, gazetteer_folder, synthetic_directory_folder
from bench.serving import cores, stay_on
from bench.sheet_file import sheet_file, sheet_words


def difference_figures(services: int) -> dict[str, float | int]:
    """Services per second to a staged difference, new and unchanged, on one core, and the memory it takes at most."""
    core = cores()[0]
    arguments = [str(services), *([] if core is None else [str(core)])]
    output = subprocess.run(
        [sys.executable, "-m", "bench.sheet_difference", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, float | int] = json.loads(output.stdout)
    return figures


def _per_second(url: str, gazetteer: Gazetteer, parsed: ParsedFile) -> int:
    database, now = Database(url), datetime.now(UTC)
    reception, options = Reception(database, gazetteer), ImportOptions(SOURCE)
    began = perf_counter()
    with database.read() as session:
        checked = check_file(
            session,
            parsed,
            reception.publication(session, source=SOURCE, author="bench", now=now),
            publishes_new=False,
            last_imported=last_imported(session, SOURCE),
        )
    with database.write() as session:
        stage(
            session,
            parsed,
            checked,
            options=options,
            fingerprint=options.fingerprint(parsed.sha256, {}),
            base_catalogue=0,
            by=COMMAND_LINE,
            now=now,
        )
    seconds = perf_counter() - began
    database.close()
    if checked.problems:
        raise RuntimeError("a sheet of our own has problems")
    return round(parsed.rows / seconds)


def main() -> None:
    services, *core = sys.argv[1:]
    path = sheet_file(int(services))
    with TemporaryDirectory() as folder, Gazetteer.open(gazetteer_folder() / GAZETTEER) as gazetteer:
        empty, same = Path(folder) / "empty", Path(folder) / "same"
        empty.mkdir()
        (empty / GAZETTEER).symlink_to(gazetteer_folder() / GAZETTEER)
        directory_command("migrate", data_dir=empty)
        directory_command("seed", "--reference-only", data_dir=empty)
        shutil.copytree(synthetic_directory_folder(int(services)), same, symlinks=True)
        stay_on(int(core[0]) if core else None)
        parsed = parse_file(path.read_bytes(), sheet_words())
        found = {
            f"{name}_per_second": _per_second(f"sqlite:///{at / 'directory.sqlite'}", gazetteer, parsed)
            for name, at in (("new", empty), ("same", same))
        }
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"services": parsed.rows, **found, "most_mb": most // 1024}))


if __name__ == "__main__":
    main()
