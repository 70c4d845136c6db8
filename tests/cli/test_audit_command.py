"""`directory audit …` as an operator uses it, on both databases."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.access.audit import AuditLog, record_event
from app.access.principals import COMMAND_LINE
from app.access.secret import root_secret
from app.config import Settings
from app.db import Database
from tests.access.chain import past_the_triggers
from tests.access.chain import run as run_sql
from tests.cli.test_directory_command import run
from tests.factories import NOW

SECRET = "an invented secret of many characters"
CANARY = "0121 496 0999"


class Host:
    """A machine with a log of three events."""

    def __init__(self, folder: Path, database: Database, url: str) -> None:
        self.folder, self.database = folder, database
        self.settings = {"DIRECTORY_DATABASE_URL": url, "DIRECTORY_SECRET": SECRET}
        self.checkpoint = folder / "head.json"
        self.add(3)

    def add(self, number: int) -> None:
        log = AuditLog.of(root_secret(Settings(secret=SecretStr(SECRET))))
        with self.database.write() as session:
            for _ in range(number):
                record_event(
                    session, log, actor=COMMAND_LINE, action="phone.changed", entity_type="service",
                    entity_id="5a7d3c0e-0000-4000-8000-000000000002", fields={"phone": CANARY}, now=NOW,
                )  # fmt: skip

    def audit(self, *arguments: str, **settings: str) -> Any:
        return run(self.folder, "audit", *arguments, **self.settings | settings)

    def change(self, *statements: str) -> None:
        with past_the_triggers(self.database) as link:
            run_sql(link, *statements)


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The check itself is tested on both databases; starting the command takes a second each time."""


@pytest.fixture
def host(tmp_path: Path, database: Database, database_url: str) -> Host:
    return Host(tmp_path, database, database_url)


def test_a_log_that_holds_is_told_and_a_broken_one_ends_with_1(host: Host) -> None:
    done = host.audit("verify")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 events, each as it was recorded\n", "")

    host.change("UPDATE audit_event SET actor_id = 'somebody' WHERE seq = 2")

    done = host.audit("verify")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("broken at event 2: ")
    assert "Traceback" not in done.stderr


@on_sqlite
def test_another_secret_does_not_pass(host: Host) -> None:
    done = host.audit("verify", DIRECTORY_SECRET=SECRET[::-1])
    assert done.returncode == 1
    assert done.stderr.startswith("broken at event 1: ")


@on_sqlite
def test_a_checkpoint_finds_what_was_cut_off(host: Host) -> None:
    assert host.audit("head", "--output", str(host.checkpoint)).returncode == 0
    printed = host.audit("head")
    assert json.loads(printed.stdout)["seq"] == 3
    assert json.loads(printed.stdout)["mac"] == json.loads(host.checkpoint.read_text())["mac"]
    kept = host.checkpoint.read_text()
    assert host.audit("verify", "--against", str(host.checkpoint)).returncode == 0

    host.change("DELETE FROM audit_event WHERE seq = 3")

    assert host.audit("verify").returncode == 0
    done = host.audit("verify", "--against", str(host.checkpoint))
    assert (done.returncode, done.stderr) == (1, "broken at event 3: it is missing\n")
    assert host.audit("head", "--output", str(host.checkpoint)).returncode == 1
    assert host.checkpoint.read_text() == kept


@on_sqlite
def test_a_newer_checkpoint_takes_the_place_of_an_older_one(host: Host) -> None:
    host.audit("head", "--output", str(host.checkpoint))
    host.add(2)

    done = host.audit("head", "--output", str(host.checkpoint))

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(host.checkpoint.read_text())["seq"] == 5
    assert sorted(path.name for path in host.folder.iterdir()) == ["head.json"]


@on_sqlite
@pytest.mark.parametrize("content", [b'{"seq": 3}', b"", b"PK\x03\x04\xff\xfe"])
def test_a_file_that_is_no_checkpoint_is_told_in_a_sentence(host: Host, content: bytes) -> None:
    host.checkpoint.write_bytes(content)
    for command in (("verify", "--against"), ("head", "--output")):
        done = host.audit(*command, str(host.checkpoint))
        assert done.returncode == 1
        assert "no checkpoint of this service" in done.stderr
        assert "Traceback" not in done.stderr
    assert host.checkpoint.read_bytes() == content


def test_the_list_says_who_did_what_and_no_value(host: Host) -> None:
    done = host.audit("list", "--limit", "2")
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if "phone.changed" in line]
    assert [line.split()[0] for line in lines] == ["3", "2"]
    assert "command_line:host" in lines[0]
    assert "service 5a7d3c0e-0000-4000-8000-000000000002" in lines[0]
    assert CANARY not in done.stdout + done.stderr
