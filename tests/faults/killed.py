"""A real server that is killed while many write, the client that writes down what it was told, and the judge."""

import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import httpx
from sqlmodel import Session, col, select

from app.access.audit import AuditLog
from app.access.audit_check import verify
from app.models.audit import AuditEvent
from app.models.capacity import CapacityReport
from tests.api.served import Server
from tests.providing import Sides, capacity_of, new_key, secret_of_the_tests

WRITERS = 6
REPORTS_PER_STATUS = 3000
"""`waits_days` goes to 3650: a number of a write is spelt with it and `available`."""


@dataclass(slots=True)
class Ledger:
    """What the client knows: numbers that were acknowledged, and requests whose answer never came."""

    acknowledged: set[int] = field(default_factory=set)
    unknown: dict[int, str] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    lock: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, more: int) -> None:
        """Until so many more were acknowledged. Raises TimeoutError where nobody acknowledges anything any more."""
        with self.lock:
            wanted = len(self.acknowledged) + more
            if not self.lock.wait_for(lambda: len(self.acknowledged) >= wanted, timeout=60):
                raise TimeoutError(f"writes are refused: {self.refused[-3:]}")


def one_round(server: Server, sides: Sides, ledger: Ledger, chance: random.Random) -> None:
    """Ask again for what is unknown, write with several clients, and kill the server in the middle of it."""
    with httpx.Client(base_url=f"http://localhost:{server.port}", timeout=20) as client:
        for number, key in list(ledger.unknown.items()):
            answer = send(client, sides, number, key)
            assert answer.status_code == 200, answer.text
            ledger.acknowledged.add(number)
            del ledger.unknown[number]
    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [threads.submit(_write, server.port, sides, ledger) for _ in range(WRITERS)]
        ledger.wait_for(chance.randrange(1, 40))
        server.process.send_signal(signal.SIGKILL)
        for writer in writers:
            writer.result()


def send(client: httpx.Client, sides: Sides, number: int, key: str) -> httpx.Response:
    return client.put(
        capacity_of(sides.a.open),
        json={
            "unit": "bed_space",
            "status": "assess_first",
            "available": number // REPORTS_PER_STATUS,
            "waits_days": number % REPORTS_PER_STATUS,
        },
        headers={"Authorization": f"Bearer {sides.a.token}", "Idempotency-Key": key},
    )


def _write(port: int, sides: Sides, ledger: Ledger) -> None:
    """One client, until the server is gone."""
    with httpx.Client(base_url=f"http://localhost:{port}", timeout=20) as client:
        while True:
            with ledger.lock:
                number, key = next(ledger.numbers), new_key()
                # Written down before it is sent: who is killed knows nothing.
                ledger.unknown[number] = key
            try:
                answer = send(client, sides, number, key)
            except httpx.TransportError:
                return
            with ledger.lock:
                if answer.status_code == 200:
                    ledger.acknowledged.add(number)
                    del ledger.unknown[number]
                    ledger.lock.notify_all()
                else:
                    ledger.refused.append(answer.status_code)


def judged(session: Session, ledger: Ledger) -> str | None:
    """What is wrong with the database, by the client's book; None when every acknowledged effect is there, once."""
    rows = session.exec(
        select(CapacityReport.available, CapacityReport.waits_days).where(
            col(CapacityReport.status) == "assess_first"
        )
    )
    stored = [(available or 0) * REPORTS_PER_STATUS + (days or 0) for available, days in rows]
    if lost := ledger.acknowledged - set(stored):
        return f"lost: {sorted(lost)[:5]}"
    if len(stored) != len(set(stored)):
        return "an effect is there twice"
    if invented := set(stored) - ledger.acknowledged - set(ledger.unknown):
        return f"nobody asked for: {sorted(invented)[:5]}"
    events = len(
        session.exec(select(AuditEvent.seq).where(col(AuditEvent.action) == "capacity_reported")).all()
    )
    if events != len(stored):
        return f"{len(stored)} effects and {events} events"
    if not verify(session, AuditLog.of(secret_of_the_tests())).holds:
        return "the chain of the audit log is broken"
    return None
