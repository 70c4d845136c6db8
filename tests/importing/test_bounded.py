"""Reading in a process of its own: the same as here, within limits, and gone afterwards however it ends."""

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import (
    ArchiveTooLarge,
    BodyTooLarge,
    CsvMalformed,
    EmptyImport,
    FileKindUnknown,
    ImportTooDemanding,
    Problem,
)
from app.importing import bounded
from app.importing.bounded import Limits, annotated_copy, guess_mapping, parse_file
from app.importing.frames import AFRESH_AFTER, CutShort, FrameWriter, read_frames
from app.importing.reading import MOST_BYTES, parse
from tests.importing.sheets import csv_file, plain, words
from tests.importing.test_hostile_files import GOOD, bomb

MANY = csv_file(
    *[
        plain(Service=f"Example {number}", Phone_1="0121 496 0001", Opening_hours="24/7")
        for number in range(1200)
    ]
)


def test_the_process_gives_what_reading_here_gives() -> None:
    content = csv_file(
        plain(Phone_1="0121 496 0001"),
        plain(Service="Other", Ages="over 18"),
        plain(Service="Example Refuge"),
    )
    told: list[int] = []

    there, here = parse_file(content, words(), progress=told.append), parse(content, words())

    assert there.submissions == here.submissions
    assert (there.problems, there.warnings, there.rows, there.ids) == (
        here.problems,
        here.warnings,
        here.rows,
        here.ids,
    )
    assert dict(there.cells) == dict(here.cells)
    assert told == [3]


def test_progress_is_told_while_it_goes_on_and_equal_values_stay_shared() -> None:
    told: list[int] = []

    (organization,) = parse_file(MANY, words(), progress=told.append).submissions

    assert told == [500, 1000, 1200]
    assert len({id(service.phones[0]) for service in organization.services}) == 1


@pytest.mark.parametrize(
    ("content", "problem", "told"),
    [
        (b"", EmptyImport, ""),
        (b"%PDF-1.7", FileKindUnknown, ""),
        (b'Organization,Service\n"a,b', CsvMalformed, "line 2 "),
        (b"a" * (MOST_BYTES + 1), BodyTooLarge, "20 MB"),
    ],
)
def test_what_is_refused_there_is_refused_here(content: bytes, problem: type[Problem], told: str) -> None:
    with pytest.raises(problem) as refused:
        parse_file(content, words())
    assert told in refused.value.detail


def test_a_mapping_and_a_copy_with_notes_come_from_the_process_too() -> None:
    content = csv_file(plain(Ages="over 18"))

    assert {one.column for one in guess_mapping(content).columns} >= {"organization", "service", "ages"}
    assert b"Ages: The ages cannot be read in one way only." in annotated_copy(
        content, parse(content, words())
    )


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(Limits(memory_bytes=1_000_000), id="memory"),
        pytest.param(Limits(wall_s=0.05), id="time on the wall"),
        pytest.param(Limits(cpu_s=0), id="time of the processor"),
    ],
)
def test_a_process_that_comes_to_a_limit_is_a_problem_and_leaves_nothing(limits: Limits) -> None:
    with pytest.raises(ImportTooDemanding):
        parse_file(MANY, words(), limits=limits)
    assert children() == []


def test_a_caller_that_stops_listening_leaves_no_process() -> None:
    class Stopped(Exception):
        pass

    def stop(_rows: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        parse_file(MANY, words(), progress=stop)
    assert children() == []


def test_a_bomb_is_refused_in_bounded_memory() -> None:
    """Measured on the process itself: the parts of the bomb would be 100 MB, and a table of it several times that."""
    script = (
        "import resource, sys\n"
        "from app.errors import ArchiveTooLarge\n"
        "from app.importing.bounded import parse_file\n"
        "from app.importing.words import SheetWords\n"
        "try:\n    parse_file(sys.stdin.buffer.read(), SheetWords.of((), ()))\n"
        "except ArchiveTooLarge:\n    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        input=bomb(99),
        capture_output=True,
        check=True,
        cwd=Path(bounded.__file__).parents[2],
    )
    per_kb = 1 if sys.platform != "darwin" else 1024
    assert 0 < int(found.stdout) / per_kb < 150_000

    with pytest.raises(ArchiveTooLarge):
        parse_file(bomb(99), words())


def test_the_process_is_given_no_secret_and_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRECTORY_SECRET", "invented")
    script = tmp_path / "looks.py"
    script.write_text(
        "import os, pathlib, sys\n"
        "from app.importing.child import limit\n"
        "limit(memory_bytes=1_000_000_000, cpu_s=60)\n"
        "print('DIRECTORY_SECRET' in os.environ)\n"
        "try:\n    pathlib.Path(sys.argv[1]).write_bytes(b'x')\n    print('written')\n"
        "except OSError:\n    print('refused')\n"
        "import resource\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    environment = {name: os.environ[name] for name in bounded._KEPT_SETTINGS if name in os.environ}
    started = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(Path(bounded.__file__).parents[2])!r}); exec(open({str(script)!r}).read())", str(tmp_path / "file")]  # fmt: skip
    found = subprocess.run(started, capture_output=True, text=True, check=True, env=environment)

    assert found.stdout.split("\n")[:3] == ["False", "refused", "(0, 0)"]


def test_what_the_process_says_can_only_be_records() -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, ("true",)

    with pytest.raises(CutShort):
        next(read_frames(io.BytesIO(pickle.dumps(("rows", Evil())))))


@pytest.mark.parametrize(
    "said", [b"", b"x", b"\x80\x05", pickle.dumps("rows"), pickle.dumps(("rows", 1))[:-3]]
)
def test_what_is_no_frame_ends_the_stream(said: bytes) -> None:
    with pytest.raises(CutShort):
        next(read_frames(io.BytesIO(said)))


def test_a_long_stream_is_begun_afresh_and_nothing_is_lost() -> None:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    said = [("rows", number, "x" * 50) for number in range(AFRESH_AFTER * 2 + 7)]
    for frame in said:
        writer.send(*frame)

    frames = read_frames(io.BytesIO(stream.getvalue()))
    assert [next(frames) for _ in said] == said


def test_a_good_workbook_is_read_there() -> None:
    assert parse_file(GOOD, words()).submissions[0].services[0].name == "One"


def children() -> list[str]:
    """Processes of this one that are still there; empty where there is no /proc to look at."""
    tasks = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not tasks.exists():
        return []
    running = []
    for pid in tasks.read_text().split():
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"app.importing.child" in command.read_bytes():
            running.append(pid)
    return running
