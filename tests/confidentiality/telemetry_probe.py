"""A process with OpenTelemetry switched on, as an operator's agent does it, that prints everything it was told.

`python -m tests.confidentiality.telemetry_probe ours FOLDER` asks the service; `defaults` asks an application of the same
framework that did not switch it off. A process of its own, because providers are set once for good.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from opentelemetry import _logs, metrics, trace

import app.api.search as routes
from tests.api.served import Client, served

TOLD: list[str] = []


def tell(*said: object) -> None:
    TOLD.append(repr(said))


class Span(trace.NonRecordingSpan):
    def set_attributes(self, attributes: Any) -> None:
        tell(attributes)

    def set_attribute(self, key: str, value: Any) -> None:
        tell(key, value)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        tell(name, attributes)

    def update_name(self, name: str) -> None:
        tell(name)

    def record_exception(self, exception: BaseException, *further: Any, **named: Any) -> None:
        tell(exception, further, named)


class Tracer(trace.Tracer):
    def start_span(self, name: str, *further: Any, **named: Any) -> trace.Span:
        tell("span", name, further, named)
        return Span(trace.INVALID_SPAN_CONTEXT)

    def start_as_current_span(self, name: str, *further: Any, **named: Any) -> Any:
        return trace.use_span(self.start_span(name, *further, **named))


class TracerProvider(trace.TracerProvider):
    def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:
        return Tracer()


class Histogram(metrics.NoOpHistogram):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.named = name

    def record(self, amount: float, *further: Any, **named: Any) -> None:
        tell("measured", self.named, further, named)


class Counter(metrics.NoOpUpDownCounter):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.named = name

    def add(self, amount: float, *further: Any, **named: Any) -> None:
        tell("counted", self.named, further, named)


class Meter(metrics.NoOpMeter):
    def create_histogram(self, name: str, *_: Any, **__: Any) -> metrics.Histogram:
        return Histogram(name)

    def create_up_down_counter(self, name: str, *_: Any, **__: Any) -> metrics.UpDownCounter:
        return Counter(name)


class MeterProvider(metrics.MeterProvider):
    def get_meter(self, name: str, *_: Any, **__: Any) -> metrics.Meter:
        return Meter(name)


class Logger(_logs.Logger):
    def enabled(self, *_: Any, **__: Any) -> bool:
        return True

    def emit(self, *said: Any, **named: Any) -> None:
        tell("logged", said, named)


class LoggerProvider(_logs.LoggerProvider):
    def get_logger(self, name: str, *_: Any, **__: Any) -> _logs.Logger:
        return Logger(name)


FAILING: list[bool] = []


def failing(*_: object) -> Any:
    raise RuntimeError("a search that fails")


def ask(client: httpx.Client) -> list[int]:
    """A search in the address, one in a body, a wrong one, and one that fails."""
    answers = [
        client.get("/v1/services", params={"postcode": "B69 3DE", "text": "zqtelemetry"}),
        client.post("/v1/services/search", json={"postcode": "B69 3DE"}),
        client.get("/v1/services", params={"zqtelemetry": "1"}),
    ]
    FAILING.append(True)
    routes.search = failing  # type: ignore[attr-defined, assignment]
    # An application without an edge of its own lets the failure through.
    with suppress(RuntimeError):
        answers.append(client.post("/v1/services/search", json={"postcode": "B69 3DE"}))
    return [answer.status_code for answer in answers]


def with_defaults() -> FastAPI:
    app = FastAPI()

    @app.get("/v1/services")
    async def services(postcode: str = "") -> dict[str, str]:
        return {}

    @app.post("/v1/services/search")
    async def search() -> dict[str, str]:
        if FAILING:
            raise RuntimeError("a search that fails")
        return {}

    return app


def main(which: str, folder: Path) -> None:
    trace.set_tracer_provider(TracerProvider())
    metrics.set_meter_provider(MeterProvider())
    _logs.set_logger_provider(LoggerProvider())
    if which == "ours":
        with served(folder) as client:
            statuses = ask(client)
    else:
        with start_blocking_portal() as portal, Client(with_defaults(), portal) as client:
            statuses = ask(client)
    sys.stdout.write("\n" + json.dumps({"statuses": statuses, "told": TOLD}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
