"""What is waited for: the first answer after an installation, and a capacity report until everybody sees it.

Run as `python -m bench.moments DATA_DIR SECONDS` it writes capacity reports, as fast as providers never will.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.capacity.reporting import CapacitySubmission, record_capacity
from app.db import Database
from app.models.services import Service
from bench.directories import CACHE, copy_of, settings_for
from bench.load import measure
from bench.questions import PATH
from bench.serving import Server

WRITES_PER_SECOND = 20
POLL_S = 0.01
GIVE_UP_S = 120.0
SETTLE_S = 5.0


def first_start_s() -> float:
    """Seconds from `directory serve` in an empty data folder to the first answer: look-up, tables, seed and search."""
    folder = CACHE / "first-start"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "serve"],
        env={**os.environ, **settings_for(folder), "DIRECTORY_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _finds_something(port):
            if process.poll() is not None or time.perf_counter() - began > GIVE_UP_S:
                raise RuntimeError("the service did not start in an empty folder")
            time.sleep(0.02)
        return round(time.perf_counter() - began, 2)
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def capacity_visible_s(folder: Path, *, reports: int) -> list[float]:
    """Seconds from the commit of a capacity report until the server shows it, for each of some reports."""
    copy = copy_of(folder, "capacity-visible")
    database = Database(f"sqlite:///{copy / 'directory.sqlite'}")
    seen: list[float] = []
    with Server(
        "app.main:create_app",
        environment=settings_for(copy),
        ready_path="/health/ready",
        log=CACHE / "capacity-visible.log",
    ) as server:
        service = _public_services(database)[0]
        for number in range(reports):
            waits = 1000 + number
            _report(database, service, waits_days=waits)
            began = time.perf_counter()
            while not _shows(server.port, service, waits):
                if time.perf_counter() - began > GIVE_UP_S:
                    raise RuntimeError("a capacity report did not become visible")
                time.sleep(POLL_S)
            seen.append(round(time.perf_counter() - began, 3))
    database.close()
    return seen


def reads_during_writes(folder: Path, requests: Sequence[bytes], *, seconds: float, rounds: int) -> float:
    """Searches per second during a burst of capacity reports, as a share of those without: median over the rounds."""
    copy = copy_of(folder, "write-burst")
    shares = []
    with Server(
        "app.main:create_app",
        environment=settings_for(copy),
        ready_path="/health/ready",
        log=CACHE / "write-burst.log",
    ) as server:
        for _ in range(rounds):
            quiet = measure(server.port, requests, seconds=seconds)
            writer = subprocess.Popen(
                [sys.executable, "-m", "bench.moments", str(copy), str(seconds + 2)], stdout=subprocess.PIPE
            )
            # Its first report is stored: starting a process, on the core of the load, is not what is measured.
            if writer.stdout is None or not writer.stdout.readline():
                raise RuntimeError("the burst of reports did not begin")
            busy = measure(server.port, requests, seconds=seconds)
            if writer.poll() is not None:
                raise RuntimeError("the burst of reports ended before the searches were counted")
            writer.wait(timeout=60)
            # Until the last report of the round before has been taken up, it is not quiet.
            time.sleep(SETTLE_S)
            if quiet.answers:
                shares.append(busy.per_second / quiet.per_second)
    return round(median(shares), 3) if shares else 0.0


def _finds_something(port: int) -> bool:
    status, answer = _ask(port, "POST", PATH, {"postcode": "B1 1BB"})
    return status == 200 and answer["total"] > 0


def _shows(port: int, service: UUID, waits_days: int) -> bool:
    _, answer = _ask(port, "GET", f"/v1/services/{service}/capacity", None)
    return any(figure.get("waits_days") == waits_days for figure in answer.get("figures", ()))


def _ask(port: int, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {} if body is None else {"content-type": "application/json"}
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()


def _public_services(database: Database) -> list[UUID]:
    with database.read() as session:
        return list(
            session.exec(
                select(Service.id)
                .where(col(Service.confidential).is_(False), Service.record_state == "published")
                .order_by(col(Service.id))
                .limit(50)
            )
        )


def _report(database: Database, service: UUID, *, waits_days: int) -> None:
    now = datetime.now(UTC)
    report = CapacitySubmission(
        unit="bed_space",
        status="waiting_list",
        waits_days=waits_days,
        observed_at=now,
        valid_until=now + timedelta(days=7),
        source="key",
    )
    with database.write() as session:
        record_capacity(session, service, report, now=now)


def main() -> None:
    data_dir, seconds = Path(sys.argv[1]), float(sys.argv[2])
    database = Database(f"sqlite:///{data_dir / 'directory.sqlite'}")
    services = _public_services(database)
    ends = time.monotonic() + seconds
    number = 0
    while time.monotonic() < ends:
        _report(database, services[number % len(services)], waits_days=number % 365)
        number += 1
        if number == 1:
            print("begun", flush=True)
        time.sleep(1 / WRITES_PER_SECOND)
    database.close()


if __name__ == "__main__":
    main()
