"""The suite's own databases: migrated, empty, apart from each other, and PostgreSQL as private as it claims."""

import signal
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from tests.databases import Postgres, SqliteTemplate
from tests.machine import NO_POSTGRES, do_without, find_postgres

ROOT = Path(__file__).parent.parent


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def run(url: str, statement: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def test_every_test_gets_a_migrated_database(database_url: str) -> None:
    assert {"service", "organization", "alembic_version"} <= tables(database_url)


def is_running(process: str) -> bool:
    """Whether it runs; one that has ended and that nobody has waited for has no command line any more."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("turn", ["first", "second"])
def test_nothing_is_left_from_another_test(database_url: str, turn: str) -> None:
    assert "left_behind" not in tables(database_url)
    run(database_url, "CREATE TABLE left_behind (id INTEGER)")


def test_a_cluster_is_reachable_only_through_its_own_folder(postgres: Postgres) -> None:
    engine = create_engine(postgres.url("template_directory"))
    try:
        with engine.connect() as connection:
            listens = connection.execute(text("SHOW listen_addresses")).scalar_one()
    finally:
        engine.dispose()
    assert listens == ""
    assert stat.S_IMODE(postgres.folder.stat().st_mode) == 0o700


def test_a_dropped_database_is_gone_also_under_an_open_connection(postgres: Postgres) -> None:
    url = make_url(postgres.create())
    with closing(psycopg.connect(host=str(postgres.folder), user="directory", dbname=url.database)):
        postgres.drop(url.render_as_string())
    with closing(
        psycopg.connect(host=str(postgres.folder), user="directory", dbname="postgres")
    ) as connection:
        left = connection.execute("SELECT datname FROM pg_database").fetchall()
    assert (url.database,) not in left


def test_a_dropped_sqlite_database_leaves_no_file(tmp_path: Path) -> None:
    from app.db import migrate

    template = SqliteTemplate(tmp_path, migrate)
    url = template.create()
    run(url, "CREATE TABLE anything (id INTEGER)")
    template.drop(url)
    assert [file.name for file in tmp_path.iterdir()] == ["template.sqlite"]


def test_a_test_process_that_is_killed_leaves_no_server_behind() -> None:
    programs = find_postgres()
    if programs is None:
        do_without(NO_POSTGRES, unless="REQUIRE_POSTGRES")
    starts_and_dies = """
import os, pathlib, signal, sys
from tests.databases import Postgres
cluster = Postgres(pathlib.Path(sys.argv[1]))
cluster.start()
print(cluster.folder, (cluster.folder / "cluster/postmaster.pid").read_text().split()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    # Returns when nobody holds the standard error any more, and the guard holds it to the end.
    dead = subprocess.run(
        [sys.executable, "-c", starts_and_dies, programs],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    folder, server = dead.stdout.split()
    assert dead.returncode == -signal.SIGKILL
    assert not Path(folder).exists()
    assert not is_running(server)
