"""A disk that forgets at a power cut whatever was not synced: a VFS for SQLite, and the application's own SQL on it.

The application's statements are recorded where its driver sees them, pragmas included, and run again on a database of the
same content under the VFS. At a chosen moment the power goes: of each write since the file's last sync the disk has kept
all, none, or some sectors of it.
"""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import event

from app.db import Database, sqlite_module

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the database was given it, and how many writes had been acknowledged when it began."""

    sql: str
    acknowledged: int


@dataclass(slots=True)
class Recording:
    """What the application's writing connections did, in order, from the pragmas of the first of them on."""

    statements: list[Statement] = field(default_factory=list)
    acknowledged: int = 0
    connections: int = 0

    def note(self, sql: str) -> None:
        # The driver tells of a statement once more for each trigger that it sets off. No statement of ours that writes
        # comes twice in a row: rows have ids of their own, and what counts is updated once in a transaction.
        if self.statements and sql == self.statements[-1].sql:
            return
        self.statements.append(Statement(sql, self.acknowledged))


@contextmanager
def recorded(database: Database) -> Iterator[Recording]:
    """Record every statement of the connections with which `database` writes."""
    recording = Recording()
    engine = database._writer
    # One connection, made anew: what it does when it is opened is part of what is tested.
    engine.dispose()

    def begin(connection: Any, _record: Any) -> None:
        recording.connections += 1
        connection.set_trace_callback(recording.note)

    event.listen(engine, "connect", begin, insert=True)
    try:
        yield recording
    finally:
        event.remove(engine, "connect", begin)


class Disk:
    """What would still be there after a power cut, of each file that was written through the VFS of its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.synced: dict[str, bytearray] = {}
        self.pending: dict[str, list[tuple[int, bytes] | int]] = {}
        """Since the last sync: (offset, bytes) of a write, or the length of a truncation."""
        self._vfs = _Vfs(self)

    def opened(self, path: str) -> None:
        if path not in self.synced:
            file = Path(path)
            self.synced[path] = bytearray(file.read_bytes() if file.exists() else b"")
            self.pending[path] = []

    def sync(self, path: str) -> None:
        for change in self.pending[path]:
            _apply(self.synced[path], change)
        self.pending[path].clear()

    def after_power_cut(self, folder: Path, chance: random.Random) -> None:
        """Write the files into `folder` as a disk may have them when the power is back."""
        for path, synced in self.synced.items():
            kept = bytearray(synced)
            for change in self.pending[path]:
                fate = chance.random()
                if fate < 0.4:
                    continue
                if fate < 0.7 and not isinstance(change, int):
                    offset, written = change
                    torn = chance.randrange(0, len(written), SECTOR) if len(written) > SECTOR else 0
                    _apply(kept, (offset, written[:torn]))
                    continue
                _apply(kept, change)
            (folder / Path(path).name).write_bytes(kept)

    def close(self) -> None:
        self._vfs.unregister()


def _apply(image: bytearray, change: tuple[int, bytes] | int) -> None:
    if isinstance(change, int):
        del image[change:]
        return
    offset, written = change
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(written)] = written


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(disk.name, base="")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._disk, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "")
        # Before the file is opened, which may make it.
        disk.opened(self._path)
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._disk.pending[self._path].append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._disk.pending[self._path].append(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.sync(self._path)


def replayed_until_the_power_went(
    statements: Sequence[Statement],
    start: Path,
    folder: Path,
    *,
    seed: int,
    changed: Callable[[str], str] = lambda sql: sql,
) -> tuple[int, Path]:
    """Run the statements on a copy of `start` until the power goes, somewhere; then what the disk has kept.

    Gives how many writes had been acknowledged by then, and the database that is left. `changed` may change a statement.
    """
    chance = random.Random(seed)
    before, after = folder / "before", folder / "after"
    before.mkdir(parents=True)
    after.mkdir()
    path = before / "directory.sqlite"
    shutil.copyfile(start, path)
    disk = Disk(f"forgetful-{folder.name}-{seed}")
    link = apsw.Connection(str(path), vfs=disk.name)
    try:
        # Not before the first acknowledged write: until then there is nothing to lose.
        first = next(n for n, one in enumerate(statements) if one.acknowledged)
        cut = chance.randrange(first, len(statements))
        for one in statements[:cut]:
            for _ in link.execute(changed(one.sql)):
                pass
        disk.after_power_cut(after, chance)
    finally:
        link.close()
        disk.close()
    return statements[cut].acknowledged, after / "directory.sqlite"


def rows_after(path: Path) -> tuple[int, str]:
    """How many reports the database has once it is opened again, and what it says of itself."""
    link = sqlite_module().connect(path)
    try:
        (whole,) = link.execute("PRAGMA integrity_check").fetchone()
        (rows,) = link.execute("SELECT count(*) FROM capacity_report").fetchone()
    finally:
        link.close()
    return rows, whole
