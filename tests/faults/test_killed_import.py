"""An import that is killed anywhere leaves the directory as it was before or as it is after, never in between."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.db import Database
from app.geo.gazetteer import Gazetteer
from tests.api.served import ROOT
from tests.databases import Postgres
from tests.factories import contents, make_organization, make_refuge, make_service, opened
from tests.importing.sending import Desk
from tests.importing.test_difference import said

POINTS = 20

Judged = dict[str, object]


class Nursery:
    """The process that forks one for each try."""

    def __init__(self, gazetteer_file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.killed_import", str(gazetteer_file)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def apply(self, url: str, import_id: str, point: int, *, careless: bool = False) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{url} {import_id} {point} {'careless' if careless else ''}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def nursery(gazetteer_file: Path) -> Iterator[Nursery]:
    started = Nursery(gazetteer_file)
    yield started
    started.close()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database in which an import waits for its second person, and a way to make copies of it."""

    import_id: str
    before: Judged
    copy: Callable[[], str]
    drop: Callable[[str], None]


@pytest.fixture
def prepared(
    database: Database, database_url: str, gazetteer: Gazetteer, request: pytest.FixtureRequest
) -> Prepared:
    """A change of contacts, a new service, and one that becomes confidential: everything that an import does."""
    desk = Desk(database, gazetteer)
    place = {"key": "house", "name": "The house", "postal_code": "B1 1BB"}
    desk.bring_in(
        make_organization(make_service("one", phones=[{"number": "0121 496 0001"}]), key="a", name="A"),
        make_organization(make_service("two", locations=[place]), key="b", name="B"),
        publishes_new=True,
    )
    batch = desk.apply(
        desk.send(
            said(
                {"key": "one", "phones": make_service(phones=[{"number": "0121 496 0002"}]).phones}, key="a"
            ),
            make_organization(make_refuge("two", locations=[]), key="b", name="B"),
            make_organization(make_service("three"), key="c", name="C"),
        )
    )
    assert batch.state == "awaiting_second_person"
    before = judged(database)
    database.close()
    if database.is_sqlite:
        template = request.getfixturevalue("sqlite_template")
        path = Path(database_url.removeprefix("sqlite:///"))

        def copy() -> str:
            url: str = template.create()
            Path(url.removeprefix("sqlite:///")).write_bytes(path.read_bytes())
            return url

        return Prepared(str(batch.id), before, copy, template.drop)
    cluster: Postgres = request.getfixturevalue("postgres")
    name = database_url.partition("?")[0].rpartition("/")[2]
    return Prepared(str(batch.id), before, lambda: cluster.copy(name), cluster.drop)


def judged(database: Database) -> Judged:
    """Everything that is stored; of what is made anew each time (ids, and what refers to them) how much there is."""
    random_ids = {"revision", "change", "audit_event", "import_record"}
    return {table: len(rows) if table in random_ids else rows for table, rows in contents(database).items()}


def counted(state: Judged) -> dict[str, int]:
    return {table: rows if isinstance(rows, int) else len(rows) for table, rows in state.items()}  # type: ignore[arg-type]


def killed_at(
    nursery: Nursery, prepared: Prepared, point: int, *, careless: bool = False
) -> tuple[str, Judged]:
    url = prepared.copy()
    told = nursery.apply(url, prepared.import_id, point, careless=careless)
    with opened(url) as database:
        found = judged(database)
    prepared.drop(url)
    return told, found


def verdict(found: Judged, before: Judged, after: Judged) -> str:
    if found == before:
        return "before"
    # A refuge's new id is random: the rows of it are counted.
    return "after" if counted(found) == counted(after) else "between"


def spread(total: int, points: int) -> list[int]:
    """So many statements, the first and the last among them, and once after the commit."""
    return sorted({round(number * (total - 1) / (points - 2)) for number in range(points - 1)} | {total})


def test_an_import_killed_at_twenty_points_is_there_whole_or_not_at_all(
    nursery: Nursery, prepared: Prepared
) -> None:
    told, after = killed_at(nursery, prepared, -1)
    done, total = told.split()
    assert done == "done"
    assert counted(after) != counted(prepared.before)
    points = spread(int(total), POINTS)
    assert len(points) == POINTS
    verdicts = []
    for point in points:
        told, found = killed_at(nursery, prepared, point)
        assert told == "killed"
        verdicts.append(verdict(found, prepared.before, after))
    assert verdicts == ["before"] * (POINTS - 1) + ["after"]


def test_the_judge_sees_an_import_that_commits_half_way(nursery: Nursery, prepared: Prepared) -> None:
    told, after = killed_at(nursery, prepared, -1)
    total = int(told.split()[1])
    seen = {
        verdict(killed_at(nursery, prepared, point, careless=True)[1], prepared.before, after)
        for point in spread(total, 6)
    }
    assert "between" in seen


@pytest.mark.long
def test_an_import_killed_at_every_statement_is_there_whole_or_not_at_all(
    nursery: Nursery, prepared: Prepared
) -> None:
    told, after = killed_at(nursery, prepared, -1)
    for point in range(int(told.split()[1]) + 1):
        _, found = killed_at(nursery, prepared, point)
        assert verdict(found, prepared.before, after) != "between"
