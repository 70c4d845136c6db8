"""`kill -9` of a server under concurrent writes: what was acknowledged is there, and nothing is there twice."""

import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from app.geo.gazetteer import Gazetteer
from tests.api.served import ROOT, SECRET, environment, running_server
from tests.factories import opened
from tests.faults.killed import Ledger, judged, one_round
from tests.providing import Provided, Sides, fill

ROUNDS, LONG_ROUNDS = 4, 100
"""On each of two databases; the others in the long run."""


@pytest.fixture
def prepared(database_url: str, tmp_path: Path, gazetteer_file: Path) -> tuple[Path, Sides]:
    """A data folder and a database with both organizations, as of this moment: the server's clock is the real one."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "gazetteer.bin").symlink_to(gazetteer_file)
    with (
        opened(database_url) as database,
        Gazetteer.open(gazetteer_file) as gazetteer,
        database.write() as session,
    ):
        return folder, fill(session, gazetteer, now=datetime.now(UTC))


def killed_again_and_again(
    prepared: tuple[Path, Sides], database_url: str, logs: Path, *, rounds: int
) -> Ledger:
    folder, sides = prepared
    ledger, chance = Ledger(), random.Random("kill -9")
    settings = {
        "DIRECTORY_DATABASE_URL": database_url, "DIRECTORY_SECRET": SECRET, "DIRECTORY_REQUESTS_PER_MINUTE": "0",
    }  # fmt: skip
    for number in range(rounds):
        with running_server(folder, logs / str(number), **settings) as server:
            one_round(server, sides, ledger, chance)
        with opened(database_url) as database, database.read() as session:
            assert judged(session, ledger) is None
    return ledger


def assert_whole(database_url: str, folder: Path) -> None:
    """As the operator would look: the command, and the database's own check."""
    checked = subprocess.run(
        [Path(sys.executable).with_name("directory"), "audit", "verify"],
        cwd=ROOT,
        env=environment(folder, DIRECTORY_DATABASE_URL=database_url, DIRECTORY_SECRET=SECRET),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with opened(database_url) as database, database.read() as session:
        if database.is_sqlite:
            assert session.connection().execute(text("PRAGMA integrity_check")).all() == [("ok",)]


def test_what_was_acknowledged_survives_the_killing_of_the_server(
    prepared: tuple[Path, Sides], database_url: str, tmp_path: Path
) -> None:
    ledger = killed_again_and_again(prepared, database_url, tmp_path / "logs", rounds=ROUNDS)
    assert len(ledger.acknowledged) > ROUNDS
    assert_whole(database_url, prepared[0])


@pytest.mark.long
def test_what_was_acknowledged_survives_a_hundred_killings(
    prepared: tuple[Path, Sides], database_url: str, tmp_path: Path
) -> None:
    killed_again_and_again(prepared, database_url, tmp_path / "logs", rounds=LONG_ROUNDS)
    assert_whole(database_url, prepared[0])


def test_the_judge_sees_what_is_lost_and_what_is_there_twice(sides: Provided) -> None:
    for number in range(3):
        assert (
            sides.report(status="assess_first", available=0, maximum=None, waits_days=number).status_code
            == 200
        )
    ledger = Ledger(acknowledged={0, 1, 2})
    assert _verdict(sides.database, ledger) is None
    ledger.acknowledged.add(3)
    assert _verdict(sides.database, ledger) == "lost: [3]"
    ledger.acknowledged.remove(3)
    ledger.acknowledged.remove(2)
    assert _verdict(sides.database, ledger) == "nobody asked for: [2]"
    assert sides.report(status="assess_first", available=0, maximum=None, waits_days=1).status_code == 200
    assert _verdict(sides.database, ledger) == "an effect is there twice"


def _verdict(database: Database, ledger: Ledger) -> str | None:
    with database.read() as session:
        return judged(session, ledger)
