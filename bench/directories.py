"""Synthetic directories of given sizes on SQLite, made through the command line as an operator would, and kept for a day.

They live in `.cache/bench`. Capacity reports expire, so a directory of yesterday would no longer have any.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).parent.parent
CACHE = PROJECT / ".cache" / "bench"
GAZETTEER = "gazetteer.bin"

_DIRECTORY_COMMAND = (sys.executable, "-c", "from app.cli import main; main()")
_MADE_FROM = (
    "app/curation/synthetic.py",
    "app/curation/synthetic_records.py",
    "migrations/versions",
    "seed_data/vocabulary.yaml",
    "seed_data/areas",
)


def directory_command(*arguments: str, data_dir: Path) -> None:
    """Run `directory …` on a data folder. Raises CalledProcessError when it fails."""
    subprocess.run(
        [*_DIRECTORY_COMMAND, *arguments],
        env={**os.environ, **settings_for(data_dir)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def settings_for(data_dir: Path) -> Mapping[str, str]:
    """The settings of a service on a data folder, whatever else is set here."""
    return {
        "DIRECTORY_ENV": "demonstration",
        "DIRECTORY_DATA_DIR": str(data_dir),
        "DIRECTORY_DATABASE_URL": f"sqlite:///{data_dir / 'directory.sqlite'}",
    }


def gazetteer_folder() -> Path:
    """A data folder with nothing but the gazetteer of the installed package."""
    folder = CACHE / f"gazetteer-{_digest_of(('app/geo', 'uv.lock'))}"
    if not (folder / GAZETTEER).exists():
        folder.mkdir(parents=True, exist_ok=True)
        directory_command("gazetteer", "build", data_dir=folder)
    return folder


def synthetic_directory_folder(services: int) -> Path:
    """The data folder of a directory of that many synthetic services, made today or now."""
    today = datetime.now(UTC).date().isoformat()
    name = f"services-{services}-{today}-{_digest_of(_MADE_FROM)}"
    folder = CACHE / name
    if folder.exists():
        return folder
    for old in CACHE.glob(f"services-{services}-*"):
        shutil.rmtree(old)
    unfinished = CACHE / f"unfinished-{services}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    os.link(gazetteer_folder() / GAZETTEER, unfinished / GAZETTEER)
    directory_command("migrate", data_dir=unfinished)
    directory_command("seed", "--reference-only", data_dir=unfinished)
    directory_command("seed", "--synthetic", str(services), data_dir=unfinished)
    return unfinished.rename(folder)


def copy_of(folder: Path, name: str) -> Path:
    """A fresh copy of a data folder, for what writes into it."""
    copy = CACHE / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, copy_function=_link_or_copy)
    return copy


def _link_or_copy(source: str, target: str) -> None:
    if source.endswith(GAZETTEER):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _digest_of(places: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for place in places:
        path = PROJECT / place
        files = sorted(one for one in path.rglob("*") if one.suffix in {".py", ".yaml", ".csv", ".geojson"})
        for file in files or [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
