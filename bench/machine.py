"""What the figures were measured on and with: enough to compare, nothing that identifies a machine."""

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.db import sqlite_module
from bench.directories import PROJECT

LIBRARIES = (
    "fastapi", "starlette", "uvicorn", "httptools", "uvloop", "pydantic", "sqlalchemy", "sqlmodel", "numpy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the versions of a run."""

    processor: str
    cores: int
    memory_gb: float | None
    python: str
    sqlite: str
    libraries: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def this_machine() -> Machine:
    return Machine(
        processor=_from_proc("cpuinfo", "model name") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gb=_memory_gb(),
        python=platform.python_version(),
        sqlite=sqlite_module().sqlite_version,
        libraries={name: version(name) for name in LIBRARIES},
    )


def commit() -> str:
    """The short hash of the commit at hand, with `-changed` where files differ from it; `unknown` outside git."""
    try:
        short = _git("rev-parse", "--short", "HEAD")
        return f"{short}-changed" if _git("status", "--porcelain") else short
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout.strip()


def _memory_gb() -> float | None:
    total = _from_proc("meminfo", "MemTotal")
    return None if total is None else round(int(total.split()[0]) / 1e6, 1)


def _from_proc(file: str, name: str) -> str | None:
    """The first value of that name in a file of /proc."""
    try:
        lines = Path("/proc", file).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
