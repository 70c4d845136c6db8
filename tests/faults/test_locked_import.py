"""An import over a locked database or a full disk: the directory is as it was, and the import can be applied again."""

from pathlib import Path

from sqlalchemy import text

from app.api.imports import ONE_ORGANIZATION
from app.db import migrate
from tests.factories import count, make_organization, make_service
from tests.faults.test_locked_and_full import _fill, small_disk
from tests.importing.test_routes import apply, as_sent, ask, assert_refused, send
from tests.providing import Provided, provided

__all__ = ["small_disk"]


def directory(sides: Provided) -> dict[str, list[str]]:
    return {table: rows for table, rows in sides.stored().items() if not table.startswith("import_")}


def test_a_locked_database_leaves_everything_as_it_was(sides: Provided) -> None:
    made = send(sides, ONE_ORGANIZATION).json()
    with sides.database.write() as session:
        # On SQLite the session holds the file; on PostgreSQL the row that every decision about this import needs.
        session.connection().execute(text("UPDATE import_batch SET rows = rows"))
        refused = apply(sides, made)
        searched = sides.client.post("/v1/services/search", json={"area": "E08000028"})
    assert_refused(sides.client.app, refused, 503, "unavailable")
    assert searched.status_code == 200
    assert count(sides.database, "service") == 4
    assert apply(sides, made).json()["state"] == "applied"


def test_a_full_disk_leaves_everything_as_it_was(
    small_disk: Path, gazetteer_file: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{small_disk / 'directory.sqlite'}"
    migrate(url)
    with provided(url, tmp_path / "var", gazetteer_file) as sides:
        many = (
            make_organization(make_service(f"s{n}"), key=f"o{n}", name=f"Example {n}") for n in range(150)
        )
        made = send(sides, as_sent(*many)).json()
        before = directory(sides)
        filler = small_disk / "filler"
        _fill(filler, leave=192 * 1024)

        assert_refused(sides.client.app, apply(sides, made), 503, "storage-full")
        assert directory(sides) == before
        assert sides.client.post("/v1/services/search", json={"area": "E08000028"}).status_code == 200

        filler.unlink()
        assert ask(sides, "GET", f"/v1/curation/imports/{made['id']}").json()["state"] in (
            "checked",
            "failed",
        )
        assert apply(sides, made).json()["state"] == "applied"
        assert count(sides.database, "service") == 154
