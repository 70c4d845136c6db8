"""What tests need of the machine beyond Python: found here, or skipped visibly, or demanded by `REQUIRE_…=1`."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NO_POSTGRES = "no PostgreSQL server programs (initdb, postgres) on this machine; PG_BINDIR names their folder"
NO_FAKETIME = "no libfaketime on this machine (Debian, Ubuntu: apt-get install faketime)"
NO_GDAL = "no ogrinfo of GDAL on this machine (Debian, Ubuntu: apt-get install gdal-bin)"
NO_BROWSER = (
    "no Chromium or Chrome on this machine (Debian, Ubuntu: apt-get install chromium fonts-noto-core fonts-noto-cjk); "
    "BROWSER_PATH names one"
)

POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat, packages of postgresql.org
    "/opt/homebrew/opt/postgresql@*/bin",  # macOS on ARM
    "/usr/local/opt/postgresql@*/bin",  # macOS on Intel
)
FAKETIME_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_postgres() -> Path | None:
    """The folder of a PostgreSQL's server programs: PG_BINDIR, else the PATH, else the newest in the usual places."""
    named = os.environ.get("PG_BINDIR")
    if named:
        return Path(named) if _has_server(Path(named)) else None
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in POSTGRES_FOLDERS:
        folders = Path("/").glob(pattern.lstrip("/"))
        found += sorted(folders, key=lambda folder: _version(folder.parent.name), reverse=True)
    return next((folder for folder in found if _has_server(folder)), None)


def _has_server(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres", "pg_ctl"))


def _version(name: str) -> tuple[int, ...]:
    """16 of `16`, `pgsql-16` and `postgresql@16`."""
    return tuple(int(part) for part in name.replace("@", "-").split("-")[-1].split(".") if part.isdigit())


def find_browser() -> Path | None:
    """A Chromium: BROWSER_PATH, else one on the PATH."""
    named = os.environ.get("BROWSER_PATH")
    candidates = (named,) if named else BROWSERS
    return next((Path(path) for name in candidates if (path := shutil.which(name))), None)


def find_faketime() -> Path | None:
    """The library that shows a process another time, in the version for programs with several threads."""
    return next(
        (path for pattern in FAKETIME_LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))), None
    )


def find_ogrinfo() -> Path | None:
    """GDAL's program that reads what map programs read."""
    found = shutil.which("ogrinfo")
    return None if found is None else Path(found)


def is_demanded(variable: str) -> bool:
    """Whether `REQUIRE_POSTGRES`, `REQUIRE_BROWSER`, `REQUIRE_FAKETIME` or `REQUIRE_GDAL` is set, to anything but nothing or 0."""
    return os.environ.get(variable, "") not in {"", "0"}


def do_without(reason: str, *, unless: str) -> NoReturn:
    """Skip the test, saying why; or fail it when the variable `unless` demands what is missing."""
    if is_demanded(unless):
        pytest.fail(f"{reason} ({unless} is set)", pytrace=False)
    pytest.skip(reason)
