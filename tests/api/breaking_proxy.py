"""A proxy between a client and the service that loses answers: the service has done it, and the client does not hear so."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import httpx

from tests.api.served import ANSWERS_WITHIN_S

Fault = Literal["outcome-unknown", "bad-gateway", "hang-up"]

KEPT_REQUEST = ("authorization", "content-type", "if-match", "idempotency-key", "user-agent")
KEPT_ANSWER = ("content-type", "etag", "idempotency-replayed", "retry-after", "location")


@dataclass(slots=True)
class Passed:
    """One request that reached the service, with what it answered."""

    method: str
    path: str
    idempotency_key: str | None
    answer: httpx.Response


@dataclass(slots=True)
class BreakingProxy:
    """`faults` are used up one by one, by writes only."""

    url: str
    faults: list[Fault] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)

    @property
    def writes(self) -> list[Passed]:
        return [one for one in self.passed if one.method != "GET"]


@contextmanager
def breaking_proxy(service: str) -> Iterator[BreakingProxy]:
    """In front of the service at this address, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sent = {name: value for name, value in self.headers.items() if name.lower() in KEPT_REQUEST}
            answer = behind.request(self.command, self.path, content=body, headers=sent)
            proxy.passed.append(Passed(self.command, self.path, self.headers.get("Idempotency-Key"), answer))
            fault = proxy.faults.pop(0) if self.command != "GET" and proxy.faults else None
            if fault == "hang-up":
                self.close_connection = True
                return
            if fault == "outcome-unknown":
                problem = {"type": f"{service}/problems/outcome-unknown", "title": "", "status": 503}
                self._reply(503, {"Content-Type": "application/problem+json"}, json.dumps(problem).encode())
                return
            if fault == "bad-gateway":
                self._reply(502, {"Content-Type": "text/html"}, b"<h1>Bad gateway</h1>")
                return
            kept = {name: value for name, value in answer.headers.items() if name in KEPT_ANSWER}
            self._reply(answer.status_code, kept, answer.content)

        do_GET = do_PUT = do_POST = _pass_on  # noqa: N815 - the names are the library's

        def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Nothing: the tests look at `passed`."""

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
        httpx.Client(base_url=service, timeout=ANSWERS_WITHIN_S) as behind,
    ):
        proxy = BreakingProxy(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
