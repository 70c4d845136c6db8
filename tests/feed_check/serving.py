"""Servers on this machine: the example feed over HTTP, and one that sends whatever bytes a test wants, however slowly."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.feed_check.example_feed import ExampleFeed

Talk = Callable[[socket.socket, bytes, threading.Event], None]
"""Answers one request on a connection. The event is set when the test is over: nothing may wait beyond it."""


@contextmanager
def served_feed(feed: ExampleFeed) -> Iterator[str]:
    """The feed at an address of this machine, which it is told is its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = (
            True  # head and body are two writes; the second would wait for the first's receipt
        )

        def do_GET(self) -> None:
            reply = feed.reply(self.path.removeprefix("/oruk"))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        feed.base = f"http://127.0.0.1:{server.server_port}/oruk"
        feed.root["openapi_url"] = f"{feed.base}/openapi.json"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield feed.base
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def talking(talk: Talk, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server of raw bytes; the port it listens on. Every request is answered by `talk`, on a connection of its own."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def answer(link: socket.socket) -> None:
        # The reader goes away in the middle of most of these answers.
        with link:
            try:
                spoken = tls.wrap_socket(link, server_side=True) if tls else link
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = spoken.recv(65536)
                    if not piece:
                        return
                    request += piece
                talk(spoken, request, over)
                if tls:
                    spoken.close()
            except OSError:
                return

    def accept() -> None:
        while not over.is_set():
            try:
                link, _ = listening.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=answer, args=(link,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        # A thread in accept() wakes only when somebody comes.
        with socket.create_connection(listening.getsockname()):
            pass
        accepting.join()
        listening.close()
        for thread in threads:
            thread.join()


def head(status: str = "200 OK", *lines: str) -> bytes:
    return "\r\n".join(
        [f"HTTP/1.1 {status}", "Content-Type: application/json", "Connection: close", *lines, "", ""]
    ).encode()
