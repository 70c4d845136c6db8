"""Two real server processes, a real mail server, and one letter; what is left when a process is killed in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.capacity.mail import MailServer
from app.capacity.reminders import CLAIM_LIFE, choose_address
from app.capacity.sending import Looked, ReminderSender
from app.db import Database
from app.geo.gazetteer import Gazetteer
from tests.api.served import ROOT, SECRET, environment, free_port
from tests.capacity.mailbox import Mailbox, open_mailbox
from tests.capacity.making import HOUR, published, reported
from tests.factories import make_organization, make_refuge
from tests.gazetteer_cache import cached_gazetteer
from tests.waiting import wait_until

DIRECTORY = Path(sys.executable).with_name("directory")
SERVICE: Sequence[str | Path] = (DIRECTORY, "serve", "--no-prepare")
CLAIMLESS: Sequence[str | Path] = (sys.executable, "-m", "tests.capacity.claimless_service")


@dataclass(frozen=True, slots=True)
class Process:
    started: "subprocess.Popen[bytes]"
    output: Path

    def events(self, name: str) -> list[dict[str, Any]]:
        # A line that is being written just now has no end yet.
        lines = self.output.read_text().splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in events if event["event"] == name]

    @property
    def has_looked(self) -> bool:
        return bool(self.events("reminders_looked_at"))


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder, a database in which one figure is about to run out, and a mail server."""

    folder: Path
    url: str
    database: Database
    mailbox: Mailbox
    service_id: str

    def settings(self) -> dict[str, str]:
        return environment(
            self.folder,
            DIRECTORY_DATABASE_URL=self.url,
            DIRECTORY_SECRET=SECRET,
            DIRECTORY_PORT=str(free_port()),
            DIRECTORY_LOG_LEVEL="debug",
            DIRECTORY_SMTP_URL=self.mailbox.url,
            DIRECTORY_MAIL_FROM="directory@example.org",
        )

    @contextmanager
    def running(self, command: Sequence[str | Path], *, number: int) -> Iterator[list[Process]]:
        """So many processes of the service, started together."""
        processes = []
        for index in range(number):
            output = self.folder / f"output-{index}"
            with output.open("wb") as file:
                started = subprocess.Popen(
                    command, cwd=ROOT, env=self.settings(), stdout=file, stderr=subprocess.STDOUT
                )
            processes.append(Process(started, output))
        try:
            yield processes
        finally:
            self.mailbox.may_answer.set()
            for process in processes:
                process.started.terminate()
            for process in processes:
                process.started.wait(timeout=30)


@pytest.fixture
def place(database: Database, database_url: str, gazetteer: Gazetteer, tmp_path: Path) -> Iterator[Place]:
    ids = published(database, gazetteer, make_organization(make_refuge("harbour"), key="office"))
    reported(database, ids["harbour"], observed_at=datetime.now(UTC) - 11 * HOUR, status="full")
    with database.write() as session:
        choose_address(session, ids["office"], "office@example.org", now=datetime.now(UTC))
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "gazetteer.bin").symlink_to(cached_gazetteer())
    with open_mailbox() as mailbox:
        yield Place(folder, database_url, database, mailbox, str(ids["harbour"]))


def letters_of_two(place: Place, command: Sequence[str | Path]) -> list[Process]:
    """Two processes look while no letter is answered: each has a letter on its way, or has found nothing to do."""
    place.mailbox.may_answer.clear()
    with place.running(command, number=2) as processes:
        wait_until(lambda: len(place.mailbox.letters) + sum(one.has_looked for one in processes) >= 2)
        place.mailbox.may_answer.set()
        wait_until(lambda: all(one.has_looked for one in processes))
    return processes


def test_one_letter_from_two_processes(place: Place) -> None:
    processes = letters_of_two(place, SERVICE)

    (letter,) = place.mailbox.letters
    assert "Example harbour" in letter.get_content()
    told = [event for one in processes for event in one.events("reminder_sent")]
    assert [event["service_id"] for event in told] == [place.service_id]
    said = "".join(one.output.read_text() for one in processes)
    for secret in ("office@", "harbour", "bed_space", "full", SECRET, place.mailbox.url):
        assert secret not in said


def test_without_the_claim_there_are_two(place: Place) -> None:
    """The control: the two processes of the test above do get in each other's way."""
    letters_of_two(place, CLAIMLESS)

    assert len(place.mailbox.letters) == 2


def test_what_a_killed_process_left_is_sent_once_more_when_its_claim_is_old(place: Place) -> None:
    place.mailbox.may_answer.clear()
    with place.running(SERVICE, number=1) as (process,):
        place.mailbox.wait_for(1)
        os.kill(process.started.pid, signal.SIGKILL)
        process.started.wait()

    by_hand = subprocess.run(
        [DIRECTORY, "reminders", "send"],
        cwd=ROOT,
        env=place.settings(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "reminders: 0 sent, 0 logged, 0 not sent" in by_hand.stdout

    later = ReminderSender(
        database=place.database,
        clock=lambda: datetime.now(UTC) + CLAIM_LIFE,
        link="https://directory.example.org/provider",
        published_addresses=False,
        server=MailServer.of(place.mailbox.url),
        sender="directory@example.org",
    )
    assert later.send_due() == Looked(mailed=1)
    assert later.send_due() == Looked()
    first, second = place.mailbox.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_a_mail_server_that_hangs_does_not_keep_the_service_from_answering_or_ending(place: Place) -> None:
    place.mailbox.may_answer.clear()
    with place.running(SERVICE, number=1) as (process,):
        place.mailbox.wait_for(1)
        wait_until(lambda: bool(process.events("service_started")))
        process.started.terminate()
        assert process.started.wait(timeout=30) in {0, -signal.SIGTERM}
    assert process.events("service_stopped")
