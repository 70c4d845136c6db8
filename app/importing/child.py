"""The process that reads a file: it limits itself, takes everything from its input, and says what it found on its output.

It writes no file, is given no secret, and leaves no core dump: what stands in the file is in its memory and nowhere else.
"""

import gc
import json
import resource
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from app.curation.submissions import OrganizationSubmission
from app.errors import Problem
from app.importing.frames import FrameWriter
from app.importing.mapping import ColumnMapping
from app.importing.parsed import Cell, RowProblem
from app.importing.places import Origin
from app.importing.reading import guess_mapping, read_file
from app.importing.words import SheetWords


def main() -> None:
    """Limits are the first thing that is read and set, before any byte of the file."""
    # Records hold no cycles, and looking for some takes a third of the time. The process is gone in a minute.
    gc.disable()
    incoming, writer = sys.stdin.buffer, FrameWriter(sys.stdout.buffer)
    limit(**json.loads(incoming.readline()))
    try:
        asked = json.loads(incoming.readline())
        answer(asked, incoming.read(), writer)
    except Problem as refused:
        writer.send("problem", refused.slug, refused.detail)
    except MemoryError:
        writer.send("problem", "import-too-demanding", None)
    except Exception as failure:  # noqa: BLE001 - told by type and place: its message may hold what the file holds
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(failure.__traceback__)]
        writer.send("crash", type(failure).__name__, places)
    writer.flush()


def answer(asked: Mapping[str, Any], content: bytes, writer: FrameWriter) -> None:
    """Do what was asked, telling it frame by frame."""
    if asked["action"] == "guess":
        writer.send("mapping", guess_mapping(content))
        return
    if asked["action"] == "annotate":
        # Only here is a workbook written, and what writes it takes a sixth of a second to load.
        from app.importing.annotating import annotated

        problems, warnings = ([_row_problem(one) for one in asked[name]] for name in ("problems", "warnings"))
        writer.send("copy", annotated(content, problems, warnings))
        return

    def emit(one: OrganizationSubmission, origins: Mapping[str, Origin] | None) -> None:
        writer.send("organization", one, origins)

    def progress(rows: int) -> None:
        writer.send("rows", rows)
        writer.flush()

    mapping = None if asked["mapping"] is None else ColumnMapping.model_validate(asked["mapping"])
    outcome = read_file(content, SheetWords.from_plain(asked["words"]), mapping, emit=emit, progress=progress)
    told = (outcome.problems, outcome.warnings, outcome.ids, outcome.cells)
    writer.send("done", outcome.kind, outcome.sha256, outcome.rows, *told)


def limit(*, memory_bytes: int, cpu_s: int) -> None:
    """No more memory, time or files than this. Where a platform does not know a limit (memory on macOS), the checks of
    size before parsing are what bounds it.
    """
    wanted = (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CPU", cpu_s),
        ("RLIMIT_AS", memory_bytes),
        ("RLIMIT_NPROC", 0),
    )
    for name, most in wanted:
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            # Lower already, or not offered.
            continue


def _row_problem(plain: Mapping[str, Any]) -> RowProblem:
    return RowProblem(plain["code"], Cell(**plain["cell"]), plain["detail"], plain["fix"])
