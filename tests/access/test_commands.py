"""`directory keys`, `people` and `organizations` as an operator uses them: real runs of the program over one folder."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.served import ROOT, environment
from tests.databases import SqliteTemplate

DIRECTORY = Path(sys.executable).with_name("directory")
TOKEN = r"ssd_(?:test|live)_[pocb]_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\n"
ORGANIZATION = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def folder(sqlite_template: SqliteTemplate, tmp_path: Path) -> Path:
    """A data folder with a migrated database, and one organization in it."""
    own = tmp_path / "var"
    own.mkdir()
    Path(sqlite_template.create().removeprefix("sqlite:///")).rename(own / "directory.sqlite")
    link = sqlite3.connect(own / "directory.sqlite")
    with link:
        link.execute(
            "INSERT INTO organization (id, source, source_id, name, description, demonstration, last_modified_at) "
            "VALUES (?, 'test', 'x', 'Example shelter', '', 0, '2026-11-25 10:00:00.000000')",
            (ORGANIZATION.replace("-", ""),),
        )
    link.close()
    return own


def run(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [DIRECTORY, *arguments],
        cwd=ROOT,
        env=environment(folder, COLUMNS="200", **settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def made(folder: Path, *arguments: str) -> str:
    """The public id of the key that a command prints, alone, on standard output."""
    done = run(folder, "keys", *arguments)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(TOKEN, done.stdout)
    stored = b"".join(file.read_bytes() for file in folder.glob("directory.sqlite*"))
    assert done.stdout[24:67].encode() not in stored
    assert done.stdout.strip() not in done.stderr
    return done.stdout[11:23]


def unread(folder: Path, *arguments: str) -> int:
    """How a command ends whose standard output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command: list[str | Path] = [DIRECTORY, "keys", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment(folder), stdout=writer, stderr=subprocess.PIPE, check=False
        ).returncode
    finally:
        os.close(writer)


def test_the_first_day_of_a_directory(folder: Path) -> None:
    first = made(folder, "bootstrap", "Example Curator")
    assert "Example Curator" in run(folder, "people", "list").stdout
    # Another one is no harm while nobody has used the first.
    made(folder, "bootstrap", "example  CURATOR")
    curator = made(folder, "create", "curator", "--label", "laptop", "--person", "Example Curator")
    refused = run(folder, "keys", "bootstrap", "Example Curator")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "has a key in force" in refused.stderr
    listed = run(folder, "keys", "list").stdout
    assert re.search(rf"{first} .* bootstrap .* Example Curator .* active", listed)
    assert re.search(rf"{curator} .* curator .* Example Curator", listed)
    run(folder, "people", "disable", "Example Curator")
    assert run(folder, "keys", "bootstrap", "Example Curator").returncode == 1, (
        "a disabled person gets no key"
    )
    made(folder, "bootstrap", "Example Successor")


def test_the_life_of_a_provider_key(folder: Path) -> None:
    wanted = ("--label", "system", "--organization", ORGANIZATION, "--days", "30")
    old = made(folder, "create", "provider", *wanted)
    assert unread(folder, "rotate", old, "--overlap-days", "0") == 1
    # What nobody was shown is none, and has ended none.
    new = made(folder, "rotate", old, "--overlap-days", "0")
    assert re.search(rf"{old} .* revoked", run(folder, "keys", "list").stdout)
    again = run(folder, "keys", "rotate", old)
    assert (again.returncode, again.stdout) == (1, "")
    assert run(folder, "keys", "revoke", old, "--with-successors").stdout == f"revoked: {new}\n"
    assert run(folder, "keys", "revoke", new).stdout == "revoked: nothing, it was before\n"
    assert run(folder, "keys", "revoke", "0" * 12).returncode == 1


def test_a_suspended_organization_is_shown(folder: Path) -> None:
    made(folder, "create", "officer", "--label", "system", "--organization", ORGANIZATION)
    assert run(folder, "organizations", "suspend", ORGANIZATION).returncode == 0
    assert "organization suspended" in run(folder, "keys", "list", "--organization", ORGANIZATION).stdout
    assert run(folder, "organizations", "resume", ORGANIZATION).returncode == 0
    assert "suspended" not in run(folder, "keys", "list").stdout
    assert run(folder, "organizations", "suspend", "00000000-0000-4000-8000-00000000dead").returncode == 1


def test_the_doctor_says_what_is_to_do_about_keys(folder: Path) -> None:
    settings = {"DIRECTORY_PUBLIC_URL": "https://directory.example.org"}
    before = run(folder, "doctor", **settings).stdout
    assert re.search(r"to do\W+keys\W+no curator can act", before)
    assert re.search(r"to do\W+proxy\W+no DIRECTORY_TRUSTED_PROXIES", before)
    made(folder, "create", "curator", "--label", "x", "--person", _added(folder), "--days", "3")
    after = run(folder, "doctor", **settings, DIRECTORY_TRUSTED_PROXIES="192.0.2.1").stdout
    assert "no curator can act" not in after
    assert re.search(r"to do\W+keys\W+1 end within 7 days", after)
    assert "TRUSTED_PROXIES" not in after


def _added(folder: Path) -> str:
    run(folder, "people", "add", "Example Curator")
    return "Example Curator"


def test_a_narrow_terminal_cuts_no_id(folder: Path) -> None:
    key = made(folder, "bootstrap", "Example Curator")
    narrow = subprocess.run(
        [DIRECTORY, "keys", "list"],
        cwd=ROOT,
        env=environment(folder, COLUMNS="70"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert key in narrow.stdout


OWNED = ("--label", "x", "--organization", ORGANIZATION)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "provider", "--label", "x"), "/organization_id"),
        (("keys", "create", "curator", "--label", "x", "--person", "Nobody"), "directory people add"),
        (("keys", "create", "provider", *OWNED, "--days", "366"), "/lifetime_days"),
        (("keys", "create", "provider", *OWNED, "--scope", "keys:admin"), "/scopes"),
        (("keys", "create", "provider", *OWNED, "--label", "a\u202eb"), "/label"),
        (("people", "add", " "), "/name"),
        (("people", "disable", "Nobody"), "no person of that name"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(folder, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    "name", ["Аlice Arm", "AIice Arm", "Álice  Arm", "Alice-Arm", "A1ice Arm", "alicearm", "Alice Arm"]
)
def test_a_second_person_does_not_look_like_the_first(folder: Path, name: str) -> None:
    """Two people are told apart by their names, and one who has two of them could approve what they asked for."""
    run(folder, "people", "add", "Alice Arm")
    run(folder, "people", "disable", "Alice Arm")
    done = run(folder, "people", "add", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert "tells the two apart" in done.stderr
    assert run(folder, "people", "add", "Alice Armitage").returncode == 0


def test_the_first_key_is_nobodys_double(folder: Path) -> None:
    run(folder, "people", "add", "Alice Arm")
    assert "looks the same" in run(folder, "keys", "bootstrap", "Аlice Arm").stderr
    assert run(folder, "keys", "bootstrap", "alice arm").returncode == 0


def test_a_production_key_says_that_it_is_live(folder: Path) -> None:
    settings = {
        "DIRECTORY_ENV": "production",
        "DIRECTORY_SECRET": "a secret of the tests, long enough to be one",
    }
    assert run(folder, "keys", "bootstrap", "Example Curator", **settings).stdout.startswith("ssd_live_b_")


def test_every_act_of_the_host_is_in_the_audit_log(folder: Path) -> None:
    run(folder, "people", "add", "Example Curator")
    made(folder, "create", "curator", "--label", "laptop", "--person", "Example Curator")
    link = sqlite3.connect(folder / "directory.sqlite")
    events = link.execute("SELECT seq, actor_type, actor_id, action FROM audit_event ORDER BY seq").fetchall()
    link.close()
    assert events == [
        (1, "command_line", "host", "person_added"),
        (2, "command_line", "host", "key_made"),
    ]


def test_without_a_database_it_is_said_what_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path / "var", "keys", "list")
    assert done.returncode == 1
    assert "directory doctor" in done.stderr
