"""The load generator: keep-alive connections that send prepared requests, each as soon as the last answer is whole.

It looks at no more of an answer than its status and length, so that it is faster than anything it measures. What the
first answers say is looked at properly, before the counting begins, by `probe`.
"""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

import uvloop

CONNECTIONS = 8
"""Enough to keep one worker busy without queues that only measure waiting."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What one target did in one slice of a round."""

    answers: int
    seconds: float
    errors: int
    mean_bytes: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._expected = 0
        self.running = False
        self.answers = self.errors = self.body_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of a class of their own.
        self._transport = cast(asyncio.Transport, transport)

    def start(self) -> None:
        self.running = True
        self._send()

    def stop(self) -> None:
        self.running = False
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol gives it
        if self.running:
            self.errors += 1

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        if not self._expected:
            head = self._received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _content_length(self._received, head)
            self._expected = head + 4 + length
            self.body_bytes += length
            if self._received[9:12] != b"200":
                self.errors += 1
        if len(self._received) >= self._expected:
            self.answers += 1
            self._received, self._expected = b"", 0
            if self.running:
                self._send()

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(next(self._requests))


def _content_length(received: bytes, head: int) -> int:
    begin = received.index(b"content-length: ", 0, head) + 16
    return int(received[begin : received.index(b"\r", begin)])


def measure(port: int, requests: Sequence[bytes], *, seconds: float, connections: int = CONNECTIONS) -> Slice:
    """Answers of the server on `port` in a slice of time, the requests taken in turn."""
    return uvloop.run(_measure(port, requests, seconds=seconds, connections=connections))


async def _measure(port: int, requests: Sequence[bytes], *, seconds: float, connections: int) -> Slice:
    loop = asyncio.get_running_loop()
    turn = itertools.cycle(requests)
    open_connections = [
        (await loop.create_connection(lambda: _Connection(turn), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    for connection in open_connections:
        connection.start()
    await asyncio.sleep(0.1)
    before = sum(one.answers for one in open_connections)
    bytes_before = sum(one.body_bytes for one in open_connections)
    began = perf_counter()
    await asyncio.sleep(seconds)
    elapsed = perf_counter() - began
    answers = sum(one.answers for one in open_connections) - before
    body_bytes = sum(one.body_bytes for one in open_connections) - bytes_before
    for connection in open_connections:
        connection.stop()
    errors = sum(one.errors for one in open_connections)
    return Slice(answers, elapsed, errors, body_bytes / answers if answers else 0.0)


def probe(
    port: int, requests: Sequence[bytes], plausible: Callable[[Any], bool], *, number: int = 40
) -> tuple[float, float]:
    """Send the first requests one by one and look at each answer whole.

    Gives the mean of results per answer and of bytes per body. Raises RuntimeError for a status other than 200 or an
    answer that is not plausible.
    """
    bodies = uvloop.run(_bodies(port, requests[:number]))
    results = 0
    for body in bodies:
        answer = json.loads(body)
        if not plausible(answer):
            raise RuntimeError("an answer is not what this target should give")
        results += len(answer.get("results", ()))
    return results / len(bodies), sum(map(len, bodies)) / len(bodies)


async def _bodies(port: int, requests: Sequence[bytes]) -> list[bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    bodies = []
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_content_length(head, len(head)))
        if head[9:12] != b"200":
            raise RuntimeError(f"an answer has status {head[9:12].decode()}")
        bodies.append(body)
    writer.close()
    return bodies


def get(path: str) -> bytes:
    """A GET request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: dict[str, Any]) -> bytes:
    """A POST request with a JSON body as it goes over the wire."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
