"""A database that is locked, and a disk that is full: writes say so, reads go on, and nothing acknowledged is lost."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import migrate, sqlite_module
from tests.api.checks import assert_private_problem
from tests.factories import count
from tests.providing import Provided, capacity_of, new_key, provided

SPACE_KB = 16 * 1024
LEFT_BYTES = 192 * 1024
"""What is left on the disk: room for some writes and not for many."""


def test_a_database_locked_by_somebody_else_is_503_and_reads_go_on(sides: Provided) -> None:
    shown = sides.report(status="limited")
    key = new_key()
    body = {"unit": "bed_space", "status": "full"}
    with sides.database.write() as session:
        # On SQLite the session holds the file; on PostgreSQL the row that every writer about this service needs.
        session.connection().execute(text("UPDATE service SET version = version"))

        refused = sides.ask("PUT", capacity_of(sides.a.open), body, Idempotency_Key=key)
        read = sides.ask("GET", capacity_of(sides.a.open))
        public = sides.client.get(f"/v1/services/{sides.a.open}/capacity")

    assert_private_problem(sides.client.app, refused, 503, "unavailable")
    assert refused.headers["retry-after"]
    assert (read.status_code, read.headers["etag"]) == (200, shown.headers["etag"])
    assert public.status_code == 200
    again = sides.ask("PUT", capacity_of(sides.a.open), body, Idempotency_Key=key)
    assert again.status_code == 200
    assert count(sides.database, "capacity_report") == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_only_reads_is_503_until_it_takes_changes_again(sides: Provided) -> None:
    # A standby after a failover; or one that was closed to changes when its disk was full, as hosted ones are.
    key, body = new_key(), {"unit": "bed_space", "status": "full"}
    name = sides.database.url.database
    for command, status in (("SET default_transaction_read_only = on", 503), ("RESET ALL", 200)):
        with sides.database.write() as session:
            session.connection().execute(text("SET TRANSACTION READ WRITE"))
            session.connection().execute(text(f'ALTER DATABASE "{name}" {command}'))
            # Connections that are there would go on as they are.
            session.connection().execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        answered = sides.ask("PUT", capacity_of(sides.a.open), body, Idempotency_Key=key)
        assert answered.status_code == status
        if status == 503:
            assert_private_problem(sides.client.app, answered, 503, "unavailable")
            assert sides.ask("GET", capacity_of(sides.a.open)).status_code == 200
    assert count(sides.database, "capacity_report") == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes in memory, where this machine lets us mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SPACE_KB}k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(
            "a small file system cannot be mounted here (root, and a kernel that allows it, are needed)"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_refuses_writes_loses_none_and_takes_them_again(
    small_disk: Path, gazetteer_file: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{small_disk / 'directory.sqlite'}"
    migrate(url)
    with provided(url, tmp_path / "var", gazetteer_file) as sides:
        filler = small_disk / "filler"
        _fill(filler, leave=LEFT_BYTES)
        acknowledged = 0
        while (answer := sides.report(status="waiting_list", waits_days=acknowledged)).status_code == 200:
            acknowledged += 1

        assert_private_problem(sides.client.app, answer, 503, "storage-full")
        assert acknowledged > 0
        # Reads are unharmed, and what was acknowledged is all there is.
        assert sides.client.post("/v1/services/search", json={"area": "E08000028"}).status_code == 200
        history = sides.ask("GET", capacity_of(sides.a.open, "/history"))
        assert history.json()["total"] == acknowledged

        filler.unlink()
        assert sides.report(status="waiting_list", waits_days=3000).status_code == 200
        assert sides.ask("GET", capacity_of(sides.a.open, "/history")).json()["total"] == acknowledged + 1
    link = sqlite_module().connect(small_disk / "directory.sqlite")
    assert link.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    link.close()


def _fill(filler: Path, *, leave: int) -> None:
    """Use up the disk, but for `leave` bytes."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
        file.truncate(max(0, file.seek(0, 2) - leave))
