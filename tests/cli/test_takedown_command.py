"""`directory takedown`, as the host's operator types it at night."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from tests.api.served import copied_folder
from tests.cli.test_directory_command import run

NUMBER, DIALLED = "0121 496 0791", "+441214960791"


def _shared_number(folder: Path) -> tuple[UUID, UUID]:
    """The first lines of services of two organizations become one number, and a text of the first names it."""
    with closing(sqlite3.connect(folder / "directory.sqlite")) as link, link:
        two = link.execute(
            "SELECT min(service.id) FROM service JOIN phone ON phone.service_id = service.id AND phone.position = 0"
            " WHERE NOT confidential GROUP BY service.organization_id LIMIT 2"
        ).fetchall()
        for found in two:
            link.execute(
                "UPDATE phone SET number = ?, e164 = ? WHERE service_id = ? AND position = 0",
                (NUMBER, DIALLED, *found),
            )
        link.execute("UPDATE service SET description = ? WHERE id = ?", (f"Ring {NUMBER}.", *two[0]))
    return UUID(two[0][0]), UUID(two[1][0])


def test_it_says_where_the_number_still_stands(seeded: Path, tmp_path: Path) -> None:
    folder = copied_folder(seeded, tmp_path / "var")
    one, other = _shared_number(folder)
    done = run(folder, "takedown", str(one), "--reason", "wrong_contact", "--phone", DIALLED)
    assert (done.returncode, done.stderr) == (0, "")
    taken, reword, shown = done.stdout.splitlines()
    assert re.fullmatch(r"taken down: [0-9a-f-]{36}", taken)
    assert reword == f"reword: service {one} /description"
    assert shown == f"elsewhere: /services/{other}/phones/0"
