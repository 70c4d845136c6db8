"""Server processes of the bench: one worker each, all with the options of `directory serve`, all on the same core.

Run as `python -m bench.serving APP PORT [CORE]` it is such a process; `Server` starts one and stops it again.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Self

READY_WITHIN_S = 900.0
"""A hundred thousand services are read from the database and indexed before the first answer."""


@cache
def cores() -> tuple[int | None, int | None]:
    """(core of the servers, core of the load), or None twice where processes cannot be tied to a core.

    Found out once: whoever is tied to a core has only that one from then on.
    """
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def stay_on(core: int | None) -> None:
    """Tie this process to one core, so that servers and load do not take turns on the same one."""
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def go_anywhere() -> None:
    """Let this process, started by one that is tied to a core, use all of them again."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


class Server:
    """A server process that is ready to answer when the `with` block begins. Its log lines go to `log`."""

    def __init__(self, app: str, *, environment: Mapping[str, str], ready_path: str, log: Path) -> None:
        self.port = _free_port()
        self._ready_path = ready_path
        self._log = log
        core = cores()[0]
        command = [sys.executable, "-m", "bench.serving", app, str(self.port)]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command if core is None else [*command, str(core)],
                env={**_without_settings(), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"a server ended while starting: {_last_lines(self._log)}")
            if answers(self.port, self._ready_path):
                return
            time.sleep(0.05)
        raise RuntimeError("a server was not ready in time")


def answers(port: int, path: str) -> bool:
    """Whether a GET of `path` on this machine answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _without_settings() -> dict[str, str]:
    """The environment without settings of a directory that may be running here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIRECTORY_")}


def _last_lines(log: Path) -> str:
    return " | ".join(log.read_text(errors="replace").splitlines()[-5:])


def main() -> None:
    import uvicorn

    app, port, *core = sys.argv[1:]
    stay_on(int(core[0]) if core else None)
    uvicorn.run(
        app,
        factory=True,
        host="127.0.0.1",
        port=int(port),
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    main()
