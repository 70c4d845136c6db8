"""The framework can report every request, address and query included, to whatever the operator has set up: not here."""

import subprocess
import sys
from pathlib import Path

from tests.api.served import ROOT, environment

# In a process of its own: providers of OpenTelemetry are global and can be set once.
PROGRAM = """
import asyncio, sys
from opentelemetry import trace

seen = []


class Spans(trace.Tracer):
    def start_span(self, name, *rest, attributes=None, **named):
        seen.append((name, dict(attributes or {})))
        return trace.INVALID_SPAN

    def start_as_current_span(self, name, *rest, **named):
        seen.append((name, {}))
        return trace.use_span(trace.INVALID_SPAN)


class Provider(trace.TracerProvider):
    def get_tracer(self, *rest, **named):
        return Spans()


trace.set_tracer_provider(Provider())


async def ask(app):
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        pass

    target = {"path": "/health/live", "raw_path": b"/health/live", "query_string": b"postcode=B69+3DE"}
    connection = {"method": "GET", "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1)}
    await app({"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "root_path": "",
               "headers": [(b"host", b"localhost")], **target, **connection}, receive, send)


if sys.argv[1] == "ours":
    from app.main import create_app

    app = create_app()
else:
    from fastapi import FastAPI

    app = FastAPI()
asyncio.run(ask(app))
print(f"{len(seen)} spans", file=sys.stderr)
print(any("B69" in str(value) for _, values in seen for value in values.values()), file=sys.stderr)
"""


def spans_of(which: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, which],
        cwd=ROOT,
        env=environment(folder, FASTAPI_OTEL_AUTO_CONFIGURE="true"),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_no_span_is_made_of_a_request(tmp_path: Path) -> None:
    assert spans_of("ours", tmp_path).startswith("0 spans")


def test_the_framework_left_alone_makes_them(tmp_path: Path) -> None:
    # Without this the test above could pass because nothing was set up.
    count = int(spans_of("plain", tmp_path).split()[0])
    assert count > 0
