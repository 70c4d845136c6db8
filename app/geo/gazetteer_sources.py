"""The files of a postcode directory as an operator has them: one CSV, a CSV in gzip, a zip or a folder.

Nothing is unpacked to the disk and no name from an archive is used as a path. What inflates beyond all reason is refused
before or while it is read.
"""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Protocol

from app.errors import ImportRejected

BLOCK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What an archive may hold. The ONS directory is 2.6 GB in a zip of 240 MB with some 250 members."""

    members: int = 2_000
    total_bytes: int = 6 << 30
    ratio: int = 100
    line_bytes: int = 64 << 10


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file. `folder` and `name` are for telling files apart and for messages only.

    `size` is in bytes as the file says, which in gzip is a hint; more than `at_most` bytes are not read.
    """

    folder: str
    name: str
    size: int
    at_most: int
    open: Callable[[], AbstractContextManager[Readable]]


@contextmanager
def open_source(path: Path, limits: ImportLimits) -> Iterator[list[SourceFile]]:
    """The files of `path` in the order of their names. Raises ImportRejected when it cannot be read or is too much."""
    try:
        if path.is_dir():
            yield _of_folder(path, limits)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield _of_zip(archive, limits)
        elif path.suffix.lower() == ".gz":
            yield [_of_gzip(path, limits)]
        elif path.suffix.lower() == ".zip":
            raise ImportRejected(f"{shown(path.name)} is not a whole zip archive. Nothing was changed.")
        else:
            yield [_plain(path, "")]
    except (OSError, zipfile.BadZipFile, NotImplementedError) as failure:
        raise ImportRejected(f"{shown(path.name)} cannot be read. Nothing was changed.") from failure


def blocks_of(
    source: SourceFile, limits: ImportLimits, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[tuple[int, bytes]]:
    """Pieces of the file that end with a line, each with the number of its first line, from 1. A byte order mark is cut.

    Raises ImportRejected, with the line, for a damaged archive, for a line that is too long and for a file that is
    longer than it said (or, in gzip, than any directory could be).
    """
    line, rest, count = 1, b"", 0
    try:
        with source.open() as file:
            while piece := file.read(block_bytes):
                count += len(piece)
                if count > min(source.at_most, limits.total_bytes):
                    raise rejected(source.name, line, "the file is larger than it can rightly be")
                if line == 1 and not rest:
                    piece = piece.removeprefix(b"\xef\xbb\xbf")
                end = piece.rfind(b"\n") + 1
                if not end:
                    rest += piece
                    if len(rest) > max(limits.line_bytes, block_bytes):
                        raise rejected(source.name, line, "the line is too long")
                    continue
                block = rest + piece[:end]
                rest = piece[end:]
                yield line, block
                line += block.count(b"\n")
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as failure:
        raise rejected(source.name, line, "the file is damaged or incomplete from about here") from failure
    if rest:
        yield line, rest


def first_lines(source: SourceFile, limits: ImportLimits) -> list[str]:
    """The lines at the start of a file; what is not UTF-8 in them is marked as such and so matches nothing."""
    for _, block in blocks_of(source, limits, block_bytes=limits.line_bytes):
        return block.decode(errors="replace").splitlines()
    return []


def sha256_of(path: Path) -> str:
    """The hash of a file, or of all files of a folder in the order of their names, in hexadecimal."""
    digest = hashlib.sha256()
    for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
        with file.open("rb") as content:
            while block := content.read(BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()


def rejected(file: str, line: int, reason: str) -> ImportRejected:
    """The refusal of a file for one of its lines."""
    return ImportRejected(f"{shown(file)}, line {line}: {reason}. Nothing was changed.")


def shown(name: str) -> str:
    """A file's name for a message, cut and cleaned: it may be anybody's text."""
    return "".join(one if one.isascii() and one.isprintable() else "?" for one in name)[-80:]


def _of_folder(path: Path, limits: ImportLimits) -> list[SourceFile]:
    found = []
    for file in sorted(path.rglob("*")):
        if not file.is_file():
            continue
        found.append(_plain(file, file.parent.relative_to(path).as_posix()))
        if len(found) > limits.members:
            raise ImportRejected(f"The folder has more than {limits.members:,} files. Nothing was changed.")
    _check_total(found, limits)
    return found


def _of_zip(archive: zipfile.ZipFile, limits: ImportLimits) -> list[SourceFile]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > limits.members:
        raise ImportRejected(f"The archive has more than {limits.members:,} members. Nothing was changed.")
    found = []
    for info in sorted(infos, key=lambda one: one.filename):
        if info.file_size > limits.ratio * max(info.compress_size, 1):
            raise ImportRejected(
                f"{shown(info.filename)} inflates to more than {limits.ratio} times its size. Nothing was changed."
            )
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        found.append(
            SourceFile(
                inside.parent.as_posix(),
                inside.name,
                info.file_size,
                at_most=info.file_size,
                open=partial(archive.open, info),
            )
        )
    _check_total(found, limits)
    return found


def _check_total(files: list[SourceFile], limits: ImportLimits) -> None:
    if sum(one.size for one in files) > limits.total_bytes:
        raise ImportRejected(
            f"The files are larger than {limits.total_bytes >> 20:,} MiB. Nothing was changed."
        )


def _plain(path: Path, folder: str) -> SourceFile:
    size = path.stat().st_size
    return SourceFile(folder, path.name, size, at_most=size, open=lambda: path.open("rb"))


def _of_gzip(path: Path, limits: ImportLimits) -> SourceFile:
    packed = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(packed - 4, 0))
        # RFC 1952: a member ends with its size, modulo 2 to the 32nd.
        size = int.from_bytes(file.read(4), "little")
    return SourceFile("", path.stem, size, at_most=packed * limits.ratio, open=partial(gzip.open, path))
