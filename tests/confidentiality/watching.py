"""A server process whose every trace can be looked at: its memory, its output, its folders."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.api.served import ROOT, Server, _wait_until_it_listens, environment, free_port

SCRUBBED = {
    "PYTHONMALLOC": "debug",
    "MALLOC_PERTURB_": "165",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}
"""Python and the C library overwrite what is freed, so that whatever is found in memory is still held by something.

`PYTHONMALLOC=debug` fills freed blocks with 0xDD (Python documentation, PYTHONMALLOC); MALLOC_PERTURB_ does the same for
the C library, apart from blocks that it keeps for the same thread, which the tunable switches off (mallopt(3), glibc
manual on tunables).
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """The server with the folders into which it may write."""

    server: Server
    logs: Path
    temporary: Path
    data: Path

    @property
    def pid(self) -> int:
        return self.server.process.pid


@contextmanager
def watched_server(
    folder: Path, place: Path, settings: Mapping[str, str], *, command: tuple[str, ...] = ()
) -> Iterator[Watched]:
    """`directory serve`, or another command that does the same with a mistake, with folders of its own in `place`."""
    logs, temporary, port = place / "logs", place / "tmp", free_port()
    logs.mkdir(parents=True)
    temporary.mkdir()
    directory = (str(Path(sys.executable).with_name("directory")), "serve", "--no-prepare")
    variables = environment(folder, DIRECTORY_PORT=str(port), TMPDIR=str(temporary)) | dict(settings)
    with (logs / "stdout").open("wb") as stdout, (logs / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            command or directory,
            cwd=ROOT,
            env=variables,
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
        )
    server = Server(port, folder, process, logs / "stdout", logs / "stderr")
    try:
        _wait_until_it_listens(server)
        yield Watched(server, logs, temporary, folder)
    finally:
        process.terminate()
        process.wait(timeout=30)
