"""A file from a stranger, read in a process of its own within limits of memory and time, while the service goes on.

The bytes go through a pipe and are in memory only. Whatever the file does to its reader (fill the memory, never end,
break it), what comes out here is records, or a problem that says so.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

from app.curation.submissions import OrganizationSubmission
from app.errors import BodyTooLarge, ImportTooDemanding, Problem, problem_catalogue
from app.importing.frames import CutShort, read_frames
from app.importing.mapping import ColumnMapping
from app.importing.parsed import ParsedFile, RowProblem
from app.importing.places import Origin
from app.importing.reading import MOST_BYTES, Outcome, whole
from app.importing.words import SheetWords

Told = TypeVar("Told")

_ROOT = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from app.importing.child import main; main()"
_KEPT_SETTINGS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What a Python may need to find its own libraries. Secrets and addresses of the service are not handed on."""


class ReaderCrashed(Exception):
    """A bug in our own reader: the type of the exception and where it was raised, and nothing of the file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the reading process. The wall clock also ends one that sleeps."""

    memory_bytes: int = 1_500_000_000
    cpu_s: int = 120
    wall_s: float = 240.0


def parse_file(
    content: bytes,
    words: SheetWords,
    mapping: ColumnMapping | None = None,
    *,
    progress: Callable[[int], None] = lambda _rows: None,
    limits: Limits = Limits(),
) -> ParsedFile:
    """Read a file. `progress` hears how many rows are done, from the calling thread.

    Raises an ImportRejected, Malformed or BodyTooLarge for the file as a whole; faults of rows are in the result.
    """
    asked = {
        "action": "parse",
        "words": words.plain(),
        "mapping": None if mapping is None else mapping.model_dump(mode="json"),
    }
    submissions: list[OrganizationSubmission] = []
    places: list[Mapping[str, Origin]] = []
    for name, *told in _frames(asked, content, limits):
        if name == "rows":
            progress(told[0])
        elif name == "organization":
            submissions.append(told[0])
            if told[1] is not None:
                places.append(told[1])
        elif name == "done":
            return whole(Outcome(*told), submissions, places)
    raise ImportTooDemanding


def guess_mapping(content: bytes, *, limits: Limits = Limits()) -> ColumnMapping:
    """What each column seems to hold. Raises as `parse_file`."""
    return _only(_frames({"action": "guess"}, content, limits), ColumnMapping)


def annotated_copy(content: bytes, parsed: ParsedFile, *, limits: Limits = Limits()) -> bytes:
    """The same sheet with a column of notes: what is wrong in each row, and how to mend it.

    It holds everything that the file holds, so it goes to whoever brought the file and is kept nowhere.
    """
    asked = {"action": "annotate", "problems": _plain(parsed.problems), "warnings": _plain(parsed.warnings)}
    return _only(_frames(asked, content, limits), bytes)


def _only(frames: Iterator[tuple[Any, ...]], kind: type[Told]) -> Told:
    for frame in frames:
        if isinstance(frame[-1], kind):
            return frame[-1]
    raise ImportTooDemanding


def _frames(asked: Mapping[str, Any], content: bytes, limits: Limits) -> Iterator[tuple[Any, ...]]:
    if len(content) > MOST_BYTES:
        raise BodyTooLarge("At most 20 MB of a file are read.")
    own = {"memory_bytes": limits.memory_bytes, "cpu_s": limits.cpu_s}
    with _reading_process(limits) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(own).encode() + b"\n" + json.dumps(asked).encode() + b"\n")
            process.stdin.write(content)
            process.stdin.close()
        frames = read_frames(process.stdout)
        while True:
            try:
                frame = next(frames)
            except CutShort:
                # Ended by a limit, perhaps in the middle of a word.
                raise ImportTooDemanding from None
            if frame[0] == "problem":
                raise _problem(*frame[1:])
            if frame[0] == "crash":
                raise ReaderCrashed(*frame[1:])
            yield frame
            if frame[0] in ("done", "mapping", "copy"):
                return


@contextmanager
def _reading_process(limits: Limits) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is gone when the block ends, however it ends."""
    process = subprocess.Popen(  # noqa: S603 - our own program, and nothing of the file on its command line
        [sys.executable, "-I", "-B", "-c", _START, str(_ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # A traceback may hold what the file holds.
        stderr=subprocess.DEVNULL,
        env={"OPENBLAS_NUM_THREADS": "1"}
        | {name: os.environ[name] for name in _KEPT_SETTINGS if name in os.environ},
        cwd="/",
    )
    clock = Timer(limits.wall_s, process.kill)
    clock.daemon = True
    clock.start()
    try:
        yield process
    finally:
        clock.cancel()
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()


def _problem(slug: str, detail: str | None) -> Problem:
    return problem_catalogue()[slug](detail)


def _plain(problems: Sequence[RowProblem]) -> list[dict[str, Any]]:
    return [asdict(one) for one in problems]
