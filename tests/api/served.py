"""The application as it is served, for tests: seeded folders, a clock that stands still, and a server of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from pydantic import SecretStr

from app.config import Settings
from app.curation.seeding import seed_demonstration
from app.db import Database, migrate
from app.geo.gazetteer import Gazetteer
from app.main import create_app

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the tests, long enough to be one"
NOW = datetime(2026, 11, 25, 10, 20, 30, tzinfo=UTC)
"""A Wednesday morning, in winter time: offices are open, and the clock of England says the same as UTC."""

ANSWERS_WITHIN_S = 60
"""Of a server in another thread or process, on a machine that is busy with everything else."""
STARTS_WITHIN_S = 60


@dataclass(slots=True)
class StandingClock:
    """The time of every answer, moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def seed(url: str, gazetteer_file: Path) -> None:
    """The demonstration as of NOW, in a migrated database."""
    database = Database(url)
    try:
        with database.write() as session, Gazetteer.open(gazetteer_file) as gazetteer:
            seed_demonstration(session, ROOT / "seed_data", gazetteer, now=NOW)
    finally:
        database.close()


def seeded_folder(folder: Path, gazetteer_file: Path) -> Path:
    """A data folder as `directory prepare` makes it, with the gazetteer linked, not copied."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gazetteer.bin").symlink_to(gazetteer_file)
    url = f"sqlite:///{folder / 'directory.sqlite'}"
    migrate(url)
    seed(url, gazetteer_file)
    return folder


def copied_folder(source: Path, target: Path) -> Path:
    """The same data folder again, for a test that changes something in it."""
    shutil.copytree(source, target, symlinks=True)
    return target


class Client(httpx.Client):
    """HTTP to an application in this process, without a socket: what the tests say reaches it as it is."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        super().__init__(transport=_InProcess(app, portal), base_url="http://localhost")
        self.app = app


class _InProcess(httpx.BaseTransport):
    """Speaks ASGI as uvicorn does; the extension `target` of a request is sent as it is, unmended by the client.

    The extension `address` is where the request comes from.
    """

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._app = app
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        target: bytes = request.extensions.get("target", request.url.raw_path)
        raw_path, _, query = target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote(raw_path.decode("ascii")),
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": (request.extensions.get("address", "192.0.2.7"), 50000),
            "server": ("localhost", 80),
        }
        waiting = self._messages(request)
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return next(waiting, {"type": "http.disconnect"})

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start = sent[0]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return httpx.Response(start["status"], headers=start["headers"], content=body, request=request)

    def _messages(self, request: httpx.Request) -> Iterator[MutableMapping[str, Any]]:
        """The body at once; or, where the test gives it in parts, each when the application asks for it."""
        if not isinstance(request.stream, httpx.ByteStream):
            for part in cast("httpx.SyncByteStream", request.stream):
                yield {"type": "http.request", "body": part, "more_body": True}
            yield {"type": "http.request", "body": b"", "more_body": False}
        else:
            yield {"type": "http.request", "body": request.read(), "more_body": False}


@contextmanager
def served(
    folder: Path,
    *,
    database_url: str | None = None,
    clock: StandingClock | None = None,
    requests_per_minute: int = 0,
) -> Iterator[Client]:
    """The application over a data folder, started and stopped as a server does it."""
    settings = Settings(
        data_dir=folder,
        database_url=database_url,
        secret=SecretStr(SECRET),
        requests_per_minute=requests_per_minute,
    )
    app = create_app(settings, clock=clock or StandingClock())
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        Client(app, portal) as client,
    ):
        yield client


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came over a socket; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    closed: bool


@dataclass(slots=True)
class Server:
    """`directory serve` as a process of its own."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"
    output: Path
    errors: Path
    hosts: tuple[str, ...] = field(default=())

    @property
    def host(self) -> bytes:
        return f"localhost:{self.port}".encode()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, request: bytes) -> RawAnswer:
        """The answer to bytes sent as they are."""
        with self.connect() as link:
            link.sendall(request)
            return read_answer(link)

    def request(self, method: str, target: str, *lines: str, body: bytes = b"") -> RawAnswer:
        """The answer to one request with further header lines."""
        head = [f"{method} {target} HTTP/1.1", f"Host: localhost:{self.port}", *lines]
        if body:
            head.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join([*head, "", ""]).encode("latin-1") + body)


def read_answer(link: socket.socket) -> RawAnswer:
    """One answer; `closed` says whether the server ended the connection after it."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = link.recv(65536)
        if not piece:
            break
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    closed = headers.get("connection", "").lower() == "close"
    while closed or len(body) < length:
        piece = link.recv(65536)
        if not piece:
            closed = True
            break
        body += piece
    return RawAnswer(int(status_line.split()[1]), headers, body, closed)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """What a process of the project needs around it, and no setting of whoever runs the tests.

    Nor any of Python's: whether its output is buffered, for one, decides what stays in its memory.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DIRECTORY_", "PYTHON"))
    }
    return kept | {"DIRECTORY_DATA_DIR": str(folder)} | settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_server(folder: Path, logs: Path, **settings: str) -> Iterator[Server]:
    """`directory serve` over a prepared data folder, on a free port of this machine; its output goes to files."""
    port = free_port()
    logs.mkdir(parents=True, exist_ok=True)
    output, errors = logs / "stdout", logs / "stderr"
    with output.open("wb") as stdout, errors.open("wb") as stderr:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("directory"), "serve", "--no-prepare"],
            cwd=ROOT,
            env=environment(folder, DIRECTORY_PORT=str(port), **settings),
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
        )
    server = Server(port, folder, process, output, errors)
    try:
        _wait_until_it_listens(server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_it_listens(server: Server) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            server.connect().close()
        except ConnectionRefusedError:
            if server.process.poll() is not None or time.monotonic() > end:
                said = server.output.read_text() + server.errors.read_text()
                raise RuntimeError(f"the server did not start:\n{said}") from None
            # Nothing of another process can be waited for; this is a question, not a guess of how long it takes.
            time.sleep(0.02)
        else:
            return
