"""The power goes: with the application's own SQL and pragmas no acknowledged report is lost, with `synchronous=NORMAL` some are."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.db import BUSY_TIMEOUT_MS
from tests.databases import SqliteTemplate
from tests.factories import opened
from tests.faults.forgetful import Recording, recorded, replayed_until_the_power_went, rows_after
from tests.providing import capacity_of, new_key, provided

WRITES = 30
SEEDS = 20


@dataclass(frozen=True, slots=True)
class Recorded:
    """The application's statements, and the file in which they began."""

    recording: Recording
    start: Path


@pytest.fixture(scope="module")
def evening(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory, gazetteer_file: Path
) -> Iterator[Recorded]:
    """Thirty reports, one after the other, each acknowledged over HTTP before the next."""
    folder = tmp_path_factory.mktemp("evening")
    url = sqlite_template.create()
    with provided(url, folder / "var", gazetteer_file) as sides:
        # That a key was used is written by a thread of its own, once in ten minutes: before the recording, not in it.
        sides.ask("GET", capacity_of(sides.a.open))
        sides.client.app.state.last_used._writer.submit(lambda: None).result()
        start = folder / "start.sqlite"
        with sides.database.write() as session:
            # A file of its own, with everything that is still in the log.
            session.connection().exec_driver_sql("COMMIT")
            session.connection().exec_driver_sql(f"VACUUM INTO '{start}'")
        with recorded(sides.client.app.state.database) as recording:
            for number in range(WRITES):
                answer = sides.ask(
                    "PUT",
                    capacity_of(sides.a.open),
                    {"unit": "bed_space", "status": "waiting_list", "waits_days": number},
                    Idempotency_Key=new_key(),
                )
                assert answer.status_code == 200
                recording.acknowledged += 1
            recording.note("SELECT 1")
        yield Recorded(recording, start)
    sqlite_template.drop(url)


def lost(evening: Recorded, folder: Path, seed: int, *, synchronous: str = "FULL") -> int:
    """How many acknowledged reports are gone after a power cut. The database must be whole in any case."""

    def changed(sql: str) -> str:
        return sql.replace("synchronous=FULL", f"synchronous={synchronous}")

    acknowledged, path = replayed_until_the_power_went(
        evening.recording.statements, evening.start, folder / str(seed), seed=seed, changed=changed
    )
    rows, whole = rows_after(path)
    assert whole == "ok"
    return max(0, acknowledged - rows)


def test_the_recording_holds_what_makes_a_commit_durable(evening: Recorded) -> None:
    said = [one.sql for one in evening.recording.statements]
    assert "PRAGMA synchronous=FULL" in said
    assert said.count("BEGIN IMMEDIATE") >= WRITES
    assert said.count("COMMIT") >= WRITES
    assert evening.recording.acknowledged == WRITES
    # Run again in this order it is what happened: no other connection wrote meanwhile.
    assert evening.recording.connections == 1


def test_a_power_cut_loses_no_acknowledged_report(evening: Recorded, tmp_path: Path) -> None:
    assert [lost(evening, tmp_path, seed) for seed in range(SEEDS)] == [0] * SEEDS


def test_with_a_laxer_pragma_it_would(evening: Recorded, tmp_path: Path) -> None:
    found = [lost(evening, tmp_path, seed, synchronous="NORMAL") for seed in range(SEEDS)]
    assert sum(count > 0 for count in found) > SEEDS / 2


@pytest.mark.long
def test_two_hundred_power_cuts_lose_no_acknowledged_report(evening: Recorded, tmp_path: Path) -> None:
    assert [lost(evening, tmp_path, seed) for seed in range(10 * SEEDS)] == [0] * 10 * SEEDS


def test_every_connection_of_both_pools_has_the_pragmas(sqlite_template: SqliteTemplate) -> None:
    url = sqlite_template.create()
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "busy_timeout": BUSY_TIMEOUT_MS, "foreign_keys": 1, "trusted_schema": 0,
        "secure_delete": 1, "mmap_size": 0,
    }  # fmt: skip
    with opened(url) as database, ExitStack() as stack:
        seen = 0
        for engine in (database._reader, database._writer):
            # As many as the pool keeps, and those above it.
            for _ in range(20):
                link = engine.raw_connection()
                stack.callback(link.close)
                found = {name: _pragma(link, name) for name in wanted}
                assert found == wanted
                seen += 1
        assert seen == 40
    sqlite_template.drop(url)


def _pragma(link: object, name: str) -> object:
    cursor = link.cursor()  # type: ignore[attr-defined]
    try:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        cursor.close()
