"""Finding known strings wherever they may have been left: in a process's memory, in every file of a folder, in an answer.

Thousands of strings are looked for at once. Each is found by its first bytes through a table, and then compared
whole, so a search of 200 MB takes seconds and misses nothing.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

CHUNK = 16 * 1024 * 1024
SHORTEST = 4
_TABLE_BITS = 20
_SPREAD = {4: np.uint32(2654435761), 8: np.uint64(11400714819323198485)}
"""Knuth's multiplicative hashes by width in bytes: 2**32 and 2**64 over the golden ratio."""


@dataclass(frozen=True, slots=True)
class Found:
    """A string that was left somewhere: which one, and where."""

    name: str
    where: str


class _Grams:
    """Strings by their first `width` bytes, and a table that tells quickly where none of them can begin."""

    def __init__(self, strings: Iterable[bytes], width: Literal[4, 8]) -> None:
        self._width = width
        self._dtype = "<u4" if width == 4 else "<u8"
        self.by_gram: dict[bytes, list[bytes]] = {}
        for string in strings:
            self.by_gram.setdefault(string[:width], []).append(string)
        self._table = np.zeros(1 << _TABLE_BITS, np.bool_)
        self._table[self._slots(np.frombuffer(b"".join(self.by_gram), self._dtype))] = True

    def positions(self, content: bytes) -> Iterator[tuple[int, bytes]]:
        if not self.by_gram:
            return
        for shift in range(self._width):
            count = (len(content) - shift) // self._width
            if count <= 0:
                continue
            grams = np.frombuffer(content, self._dtype, count=count, offset=shift)
            for place in np.flatnonzero(self._table[self._slots(grams)]).tolist():
                offset = place * self._width + shift
                for string in self.by_gram.get(content[offset : offset + self._width], ()):
                    if content.startswith(string, offset):
                        yield offset, string

    def _slots(self, grams: npt.NDArray[Any]) -> npt.NDArray[Any]:
        spread: npt.NDArray[Any] = grams * _SPREAD[self._width]
        slots: npt.NDArray[Any] = spread >> spread.dtype.type(self._width * 8 - _TABLE_BITS)
        return slots


class Finder:
    """Looks for strings, each under the name that a report may show. A string has at least four bytes."""

    def __init__(self, strings: Mapping[bytes, str]) -> None:
        too_short = [string for string in strings if len(string) < SHORTEST]
        if too_short:
            raise ValueError(f"too short to be looked for: {too_short}")
        self.names = dict(strings)
        self._longest = max((len(string) for string in strings), default=SHORTEST)
        # A text of two or four bytes to a character begins like thousands of others.
        wide = {string for string in strings if len(string) >= 8 and b"\0" in string[:4]}
        self._grams = (_Grams(strings.keys() - wide, 4), _Grams(wide, 8))

    def without(self, names: Iterable[str]) -> "Finder":
        left_out = set(names)
        return Finder({string: name for string, name in self.names.items() if name not in left_out})

    def positions(self, content: bytes) -> Iterator[tuple[int, bytes]]:
        """(offset, string) of everything that stands in `content`."""
        for grams in self._grams:
            yield from grams.positions(content)

    def in_bytes(self, content: bytes, where: str) -> set[Found]:
        return {Found(self.names[string], where) for _, string in self.positions(content)}

    def in_file(self, path: Path) -> set[Found]:
        """What stands in a file, and in its name. A file that is gone meanwhile holds nothing."""
        found = self.in_bytes(os.fsencode(path.name), f"name of {path}")
        try:
            with path.open("rb") as file:
                rest = b""
                while piece := file.read(CHUNK):
                    found |= self.in_bytes(rest + piece, str(path))
                    rest = (rest + piece)[-self._longest :]
        except FileNotFoundError:
            return set()
        return found

    def in_folder(self, folder: Path) -> set[Found]:
        """What stands in any file below a folder. Links are not followed: what they lead to is not of the folder."""
        found: set[Found] = set()
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found |= self.in_file(path)
        return found

    def in_memory(self, pid: int) -> set[Found]:
        """What stands in the writable memory of a process, with the kind of mapping that holds it."""
        found: set[Found] = set()
        for mapping, content in writable_memory(pid):
            found |= self.in_bytes(content, mapping)
        return found


_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)")


def can_read_memory(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0):
            return True
    except OSError:
        return False


def writable_memory(pid: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the writable mappings of a process: heap, anonymous memory, stacks, data of libraries.

    What cannot be written holds programs and the postcode look-up, never a request. Raises PermissionError.
    """
    overlap = 4096
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end, rights, name = _read_mapping(line)
            if "r" not in rights or "w" not in rights or name in ("[vvar]", "[vsyscall]"):
                continue
            at = start
            while at < end:
                try:
                    content = os.pread(memory.fileno(), min(CHUNK, end - at), at)
                except OSError:
                    # Given back to the system since the list was read.
                    break
                yield name or "anonymous", content
                if len(content) <= overlap:
                    break
                at += len(content) - (overlap if at + len(content) < end else 0)


def _read_mapping(line: str) -> tuple[int, int, str, str]:
    found = _MAPPING.match(line)
    if found is None:
        raise ValueError(line)
    return int(found[1], 16), int(found[2], 16), found[3], found[4]
