"""`directory import …` as whoever looks after the host uses it."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.db import Database
from tests.api.served import ANSWERS_WITHIN_S, ROOT, environment, running_server
from tests.cli.test_directory_command import DIRECTORY
from tests.factories import count
from tests.gazetteer_cache import cached_gazetteer
from tests.importing.test_routes import SHEET

SECRET = "an invented secret of many characters"
GOOD = "\n".join(SHEET.splitlines()[:2])

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the commands call is tested on both databases; starting one takes seconds each time."""


class Host:
    """A machine with an empty directory and a sheet."""

    def __init__(self, folder: Path, database: Database, url: str) -> None:
        self.folder, self.database = folder, database
        folder.mkdir()
        (folder / "gazetteer.bin").symlink_to(cached_gazetteer())
        self.settings = {"DIRECTORY_DATABASE_URL": url, "DIRECTORY_SECRET": SECRET}
        self.sheet = folder / "sheet.csv"
        self.sheet.write_text(GOOD)

    def directory(self, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [DIRECTORY, *arguments],
            cwd=ROOT,
            env=environment(self.folder, COLUMNS="200", **self.settings),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    def bring(self, *more: str) -> "subprocess.CompletedProcess[str]":
        return self.directory("import", str(self.sheet), "--source", "Example sheet", *more)


@pytest.fixture
def host(tmp_path: Path, database: Database, database_url: str) -> Host:
    return Host(tmp_path / "var", database, database_url)


@on_sqlite
def test_a_check_shows_the_difference_and_changes_nothing(host: Host) -> None:
    done = host.bring()
    assert done.returncode == 0, done.stderr
    assert "2 added" in done.stdout
    assert "--apply" in done.stderr
    assert count(host.database, "service") == 0


@on_sqlite
def test_applied_seen_and_undone(host: Host) -> None:
    done = host.bring("--apply", "--yes")
    assert "applied: 2 records" in done.stdout
    assert count(host.database, "service") == 1
    again = host.bring("--apply", "--yes")
    assert "applied already" in again.stderr
    listed = host.directory("imports").stdout
    (found,) = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", listed)
    assert "undone" in host.directory("import", "undo", found, "--yes").stdout
    assert "2 added" in host.directory("import", "show", found).stdout


@on_sqlite
def test_a_faulty_sheet_ends_with_one_and_comes_back_with_notes(host: Host) -> None:
    host.sheet.write_text(SHEET)
    notes = host.folder / "notes.csv"
    done = host.bring("--apply", "--yes", "--notes", str(notes))
    assert done.returncode == 1
    assert "row 3" in done.stdout
    assert "Needs" in notes.read_text(encoding="utf-8-sig")
    assert count(host.database, "service") == 0


@on_sqlite
def test_a_contact_waits_for_the_key_of_another_person(host: Host) -> None:
    host.bring("--apply", "--yes")
    with host.database.write() as session:
        session.connection().execute(
            text("UPDATE service SET record_state = 'published', published_at = last_modified_at")
        )
    host.sheet.write_text(GOOD.replace("0121 496 0007", "0121 496 0008"))
    waiting = host.bring("--apply", "--yes")
    assert "Another named person has to approve" in waiting.stdout
    (command,) = re.findall(r"directory import approve (\S+)", waiting.stdout)
    host.directory("people", "add", "Example Second")
    key = host.directory(
        "keys", "create", "curator", "--label", "x", "--person", "Example Second"
    ).stdout.strip()
    nobody = host.directory("import", "approve", command, typed="ssd_test_c_nothing\n")
    assert nobody.returncode == 1
    approved = host.directory("import", "approve", command, typed=f"{key}\n")
    assert "applied: 1 records" in approved.stdout, approved.stderr
    assert key not in approved.stdout + approved.stderr


@on_sqlite
def test_a_live_feed_is_read_by_its_address(host: Host, seeded: Path, tmp_path: Path) -> None:
    with running_server(seeded, tmp_path / "logs", DIRECTORY_SECRET=SECRET) as server:
        address = f"http://127.0.0.1:{server.port}/oruk"
        brought = ("import", "file", "--from-url", address, "--source", "Example feed")
        refused = host.directory(*brought)
        assert refused.returncode == 1
        assert "https" in refused.stderr
        done = host.directory(*brought, "--allow-loopback", "--apply", "--yes")
        listed = httpx.get(f"{address}/services", params={"per_page": 1}, timeout=ANSWERS_WITHIN_S).json()[
            "total_items"
        ]
        host.settings["DIRECTORY_ENV"] = "production"
        invented = host.directory(*brought[:-1], "Another example feed", "--allow-loopback")
    assert "applied" in done.stdout, done.stdout + done.stderr
    assert count(host.database, "service") == listed
    assert invented.returncode == 1
    assert "invented" in invented.stdout


@on_sqlite
def test_the_template_is_written_and_taken_back(host: Host) -> None:
    template = host.folder / "template.xlsx"
    assert host.directory("import", "template", str(template)).returncode == 0
    host.sheet = template
    assert "added" in host.bring().stdout


@on_sqlite
def test_what_is_missing_is_said(host: Host) -> None:
    assert host.directory("import", str(host.sheet)).returncode == 1
    assert host.directory("import", "file").returncode == 1
