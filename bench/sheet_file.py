"""A workbook of a whole country's services, and how fast it is read into records by the process that reads files.

The services are those of the synthetic directory, so that their cells repeat as those of a real sheet do.
"""

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from app.curation.synthetic_records import synthetic_organizations
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.importing.bounded import parse_file
from app.importing.template import INSIDE
from app.importing.words import SheetWords
from app.importing.words_loading import words_of_seed
from app.importing.workbook_writing import workbook_of
from bench.directories import CACHE, GAZETTEER, PROJECT, gazetteer_folder
from bench.serving import cores, stay_on


def sheet_file(services: int) -> Path:
    """The workbook with that many services, laid out as the template is, made once."""
    path = CACHE / f"services_{services}.xlsx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        words = sheet_words()
        with Gazetteer.open(gazetteer_folder() / GAZETTEER) as gazetteer:
            organizations = list(synthetic_organizations(services, Areas(words.areas), gazetteer))
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(workbook_of(organizations, words, inside=INSIDE))
        unfinished.rename(path)
    return path


def sheet_words() -> SheetWords:
    return words_of_seed(PROJECT / "seed_data")


def sheet_figures(services: int) -> dict[str, float | int]:
    """Services, bytes, seconds and services per second of `parse_file`, its process included, on one core."""
    path = sheet_file(services)
    core = cores()[0]
    arguments = [str(path), *([] if core is None else [str(core)])]
    output = subprocess.run(
        [sys.executable, "-m", "bench.sheet_file", *arguments], check=True, capture_output=True, text=True
    )
    figures: dict[str, float | int] = json.loads(output.stdout)
    return figures


def main() -> None:
    source, *core = sys.argv[1:]
    stay_on(int(core[0]) if core else None)
    words, content = sheet_words(), Path(source).read_bytes()
    began = perf_counter()
    parsed = parse_file(content, words)
    seconds = perf_counter() - began
    if parsed.problems:
        raise RuntimeError("a sheet of our own has problems")
    print(
        json.dumps(
            {
                "services": parsed.rows,
                "bytes": len(content),
                "seconds": round(seconds, 2),
                "services_per_second": round(parsed.rows / seconds),
            }
        )
    )


if __name__ == "__main__":
    main()
