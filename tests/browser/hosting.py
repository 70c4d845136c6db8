"""Servers for browser tests: the service over a socket at a standing clock, and a site of somebody else's that embeds it."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from app.config import Settings
from app.main import create_app
from tests.api.served import NOW, SECRET, STARTS_WITHIN_S, StandingClock, free_port


@dataclass(slots=True)
class StandingService:
    """The application in a thread of the tests, as `directory serve` starts it, but at a clock of the tests."""

    origin: str
    clock: StandingClock
    app: FastAPI

    def reset(self) -> None:
        self.clock.now = NOW

    def refresh(self) -> None:
        """What the process does by itself within two seconds."""
        self.app.state.watcher.refresh()

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["StandingService"]:
        port, clock = free_port(), StandingClock()
        settings = Settings(
            data_dir=folder, port=port, secret=SecretStr(SECRET), requests_per_minute=0, log_level="warning"
        )
        app = create_app(settings, clock=clock)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=port,
                http="httptools",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
            )
        )
        thread = threading.Thread(target=server.run, name="service", daemon=True)
        thread.start()
        try:
            _wait_for(server, thread)
            yield cls(f"http://127.0.0.1:{port}", clock, app)
        finally:
            server.should_exit = True
            thread.join(timeout=30)


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError("the service did not start")
        # Nothing of another thread's loop can be waited for; this is a question, not a guess of how long it takes.
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class HostPage:
    """A page of the site: its HTML and the headers it is sent with."""

    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class HostSite:
    """A site of another origin. `pages` are by path; `asked` are the headers of every request for one."""

    origin: str
    pages: dict[str, HostPage] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def reset(self) -> None:
        self.pages.clear()
        self.asked.clear()

    def put(self, path: str, html: str, **headers: str) -> str:
        """The address of a page with this HTML; header names have underscores for hyphens."""
        self.pages[path] = HostPage(html, {name.replace("_", "-"): value for name, value in headers.items()})
        return f"{self.origin}{path}"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["HostSite"]:
        site = cls("")

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                # A browser may ask for an icon by itself, which no page of ours has named.
                if path == "/favicon.ico":
                    self.send_response(204)
                    self.end_headers()
                    return
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                page = site.pages.get(path)
                body = (page.html if page else "").encode()
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                for name, value in (page.headers if page else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing: `asked` has it."""

        # Another address of this machine than the service's: another site, not only another origin.
        server = ThreadingHTTPServer(("127.0.0.2", 0), Handler)
        site.origin = f"http://127.0.0.2:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, name="host site", daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            server.server_close()
            thread.join(timeout=10)
