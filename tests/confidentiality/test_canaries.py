"""Nobody can learn who searched for what, and no secret of a confidential place is in the process that serves the public.

A real server answers thousands of searches, each with strings that stand nowhere else. Then everything that could have
kept one is searched: answers, output, log, data folder, temporary files, the database, and the memory of the process.

What the search of memory shows, and what not. The server runs with allocators that overwrite what is freed, so what is
found is *held*: by a cache, a table of strings, a failure that was kept. One reservation is built in: bytes that came
over a connection stay in the buffer they were read into until others are read, and a failure that refers to itself
stays until Python's collector runs. Harmless searches after the canaries overwrite the one and bring on the other, as
the next visitors do. In production freed memory is *not* overwritten: `test_dead_copies_are_few` counts what is left of
the dead, and SAFETY.md says what that means.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import make_url
from sqlmodel import select

from app.curation.publishing import publish
from app.curation.record_rows import Vocabulary
from app.directory.announcing import announce
from app.geo.gazetteer import Gazetteer
from app.models.guidance import Helpline
from app.models.services import Service
from tests.api.addresses import EXPORTS, OGC, OGC_COLLECTIONS
from tests.api.served import ROOT, SECRET, copied_folder, seed, seeded_folder
from tests.confidentiality import planted
from tests.confidentiality.canaries import (
    JSON,
    Canaries,
    Inventor,
    Question,
    Sent,
    ask,
    ask_nothing,
    make_canaries,
)
from tests.confidentiality.finding import Finder, Found, can_read_memory
from tests.confidentiality.leaky_service import LEAKS
from tests.confidentiality.watching import SCRUBBED, Watched, watched_server
from tests.databases import Postgres, SqliteTemplate
from tests.factories import NOW, make_publication, opened, store_reference
from tests.gazetteer_cache import cached_gazetteer

EVERYDAY, LONG = 1410, 14_100
"""Thirty of every kind of question, or three hundred."""
FILLING = 200
UNREADABLE = "the memory of other processes cannot be read on this machine (/proc/<pid>/mem)"


@dataclass(frozen=True, slots=True)
class Traces:
    """Where strings were found after everything had been asked. `memory` is None where it cannot be read."""

    answers: frozenset[Found]
    output: frozenset[Found]
    data: frozenset[Found]
    temporary: frozenset[Found]
    database: frozenset[Found]
    memory: frozenset[Found] | None

    def of(self, kind: str) -> "Traces":
        """Those of `asked` or of `secret` strings alone: their names begin with it."""

        def named(found: frozenset[Found]) -> frozenset[Found]:
            return frozenset(one for one in found if one.name.startswith(kind))

        return Traces(
            answers=named(self.answers),
            output=named(self.output),
            data=named(self.data),
            temporary=named(self.temporary),
            database=named(self.database),
            memory=None if self.memory is None else named(self.memory),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked of one service, and the traces of that and of the planted secrets."""

    asked: int
    looked_for: int
    statuses: frozenset[int]
    pages_seen: int
    canaries: Traces
    secrets: Traces


@pytest.fixture(scope="module")
def opened_gazetteer() -> Iterator[Gazetteer]:
    with Gazetteer.open(cached_gazetteer()) as opened:
        yield opened


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration, to copy."""
    return seeded_folder(tmp_path_factory.mktemp("prepared") / "var", cached_gazetteer())


@dataclass(frozen=True, slots=True)
class Setting:
    """What every run starts from."""

    request: pytest.FixtureRequest
    folders: pytest.TempPathFactory
    prepared: Path
    gazetteer: Gazetteer


@pytest.fixture(scope="module")
def setting(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    prepared: Path,
    opened_gazetteer: Gazetteer,
) -> Setting:
    return Setting(request, tmp_path_factory, prepared, opened_gazetteer)


def everything_asked(setting: Setting, *, count: int, engine: str = "sqlite", scrubbed: bool = True) -> Run:
    place, gazetteer = setting.folders.mktemp("canaries"), setting.gazetteer
    with ExitStack() as stack:
        data = copied_folder(setting.prepared, place / "var")
        cluster, settings = None, dict(SCRUBBED) if scrubbed else {}
        url = f"sqlite:///{data / 'directory.sqlite'}"
        if engine == "postgresql":
            postgres = setting.request.getfixturevalue("postgres")
            url = postgres.create()
            stack.callback(postgres.drop, url)
            seed(url, data / "gazetteer.bin")
            log_everything(url)
            settings |= {"DIRECTORY_DATABASE_URL": url, "DIRECTORY_SECRET": SECRET}
            cluster = postgres.folder
        plant_secrets(url, gazetteer)
        canaries = make_canaries(count, gazetteer, seed=count)
        watched = stack.enter_context(watched_server(data, place, settings))
        return searched(watched, canaries, cluster)


def searched(watched: Watched, canaries: Canaries, cluster: Path | None) -> Run:
    """Ask everything and look everywhere. What stood somewhere before anything was asked is not looked for."""
    port = watched.server.port
    finder = Finder(
        {string: f"asked: {name}" for string, name in canaries.strings.items()}
        | {string: f"secret: {name}" for string, name in planted.looked_for().items()}
    )
    # The program's own examples have postcodes too, and so have the records and what other tests left in PostgreSQL.
    known = {
        one.name
        for folder in (ROOT / "app", watched.data, cluster)
        if folder
        for one in finder.in_folder(folder)
    }
    finder = finder.without(name for name in known if name.startswith("asked"))

    answers: set[Found] = set()
    statuses = set()
    for question, answer in zip(canaries.questions, ask(port, canaries.questions), strict=True):
        answers |= finder.in_bytes(answer, f"answer to {question.kind}")
        statuses.add(int(answer[9:12]) if answer else 0)
    pages = everything_public(port)
    for page in pages:
        answers |= finder.in_bytes(page, page[:80].decode("latin-1"))
    ask_nothing(port, FILLING)
    readable = can_read_memory(watched.pid)
    found = Traces(
        answers=frozenset(answers),
        output=frozenset(finder.in_folder(watched.logs)),
        data=frozenset(finder.in_folder(watched.data)),
        temporary=frozenset(finder.in_folder(watched.temporary)),
        database=frozenset(finder.in_folder(cluster)) if cluster else frozenset(),
        memory=frozenset(finder.in_memory(watched.pid)) if readable else None,
    )
    return Run(
        asked=len(canaries.questions),
        looked_for=sum(name.startswith("asked") for name in set(finder.names.values())),
        statuses=frozenset(statuses),
        pages_seen=len(pages),
        canaries=found.of("asked"),
        secrets=found.of("secret"),
    )


def everything_public(port: int) -> list[bytes]:
    """Every public address, followed from the lists."""
    services, organizations = listed(port, "/v1/services"), listed(port, "/v1/organizations")
    targets = [
        "/find", "/openapi.json", "/v1/vocabulary", "/v1/guidance", "/v1/areas", "/v1/changes?limit=100", *EXPORTS, *OGC,
        *(f"/ogc/collections/{one}/items?limit=1000&bbox=-3,52,-1,53" for one in OGC_COLLECTIONS),
        "/oruk", "/oruk/services?full=true", "/oruk/service_at_locations?full=true", "/oruk/organizations?full_service=true",
        "/oruk/services?format=ndjson", *(f"/oruk/services/{one}" for one in services),
        *(f"/v1/organizations/{one}" for one in organizations),
        *(f"/v1/services/{one}{part}" for one in services for part in ("", "/referral-routes", "/coverage", "/capacity")),
        *(f"/find/services/{one}" for one in services),
    ]  # fmt: skip
    questions = [get(target) for target in targets]
    for area in ("E23000014", "E08000028", "E08000031", "E12000005"):
        body = f'{{"area": "{area}", "referrer": "police", "limit": 50}}'.encode()
        asked = Sent("POST", "/v1/services/search", (JSON,), body)
        questions.append(Question("search", asked.written(()), "127.0.0.1"))
    pages = list(ask(port, questions))
    refused = [page[:200] for page in pages if not page.startswith(b"HTTP/1.1 200")]
    assert refused == []
    return pages


def get(target: str) -> Question:
    return Question("page", Sent("GET", target).written(()), "127.0.0.1")


def listed(port: int, address: str) -> list[str]:
    """The ids of everything in a list, page by page."""
    ids: list[str] = []
    target = f"{address}?limit=50"
    while True:
        (answer,) = ask(port, [get(target)])
        page = json.loads(answer.partition(b"\r\n\r\n")[2])
        ids += [one["id"] for one in page["results"]]
        if page["next"] is None:
            return ids
        target = f"{address}?limit=50&cursor={quote(page['next'])}"


def plant_secrets(url: str, gazetteer: Gazetteer) -> None:
    """The organization with its secrets, one of its services paused as a curator does it; and the refused ones, tried."""
    with opened(url) as database:
        with database.write() as session:
            publication = make_publication(session, gazetteer)
            publication = replace(publication, vocabulary=Vocabulary.load(session))
            publish(session, [planted.organization_with_secrets()], publication)
            paused = session.exec(select(Service).where(Service.source_id == "example-paused")).one()
            paused.record_state = "paused"
            announce(session, catalogue=True)
        with database.write() as session:
            said = planted.refusals(session, publication)
    assert said.keys() == planted.REFUSED.keys()
    assert Finder(planted.looked_for()).in_bytes(repr(said).encode(), "refusal") == set()


def log_everything(url: str) -> None:
    """The worst that an operator can do: every statement with its parameters in the server's log."""
    address = make_url(url)
    host, name = address.query["host"], address.database
    with psycopg.connect(host=str(host), user="directory", dbname=name, autocommit=True) as link:
        for setting in (
            "log_statement = 'all'",
            "log_min_duration_statement = 0",
            "log_parameter_max_length = -1",
        ):
            link.execute(f'ALTER DATABASE "{name}" SET {setting}')


def left(traces: Traces, *, files: bool = True) -> dict[str, list[str]]:
    """What was found, by the kind of place. `files`: of the data folder and the database too. Without memory."""
    places = {"answers": traces.answers, "output": traces.output, "temporary files": traces.temporary}
    if files:
        places |= {"data folder": traces.data, "database": traces.database}
    return {kind: listed_names(found) for kind, found in places.items() if found}


def listed_names(found: frozenset[Found]) -> list[str]:
    return sorted(f"{one.name} in {one.where}" for one in found)


def in_memory(traces: Traces) -> list[str]:
    if traces.memory is None:
        pytest.skip(UNREADABLE)
    return listed_names(traces.memory)


# One test for each engine and not one for each place: a run takes long, and workers of xdist would each make their own.


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_that_was_asked_and_no_secret_is_left_anywhere(setting: Setting, engine: str) -> None:
    """Files are: database pages, write-ahead log and shared memory of SQLite, the secret, and all of PostgreSQL's folder.

    The withheld secrets are stored, so they are in the database and nowhere else.
    """
    run = everything_asked(setting, count=EVERYDAY, engine=engine)

    assert_nothing_left(run)
    assert run.asked == EVERYDAY
    # What stands somewhere by chance before anybody asks is not looked for; there is nothing, or next to nothing.
    assert run.looked_for > 0.99 * run.asked * 6
    assert run.statuses == {0, 200, 204, 400, 404, 413, 414, 415, 421, 422, 431}
    assert run.pages_seen > 100


@pytest.mark.long
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_ten_times_as_many(setting: Setting, engine: str) -> None:
    assert_nothing_left(everything_asked(setting, count=LONG, engine=engine))


def assert_nothing_left(run: Run) -> None:
    assert left(run.canaries) == {}
    assert left(run.secrets, files=False) == {}
    assert in_memory(run.canaries) + in_memory(run.secrets) == []


def test_refused_secrets_are_nowhere_in_the_database_and_withheld_ones_are(
    sqlite_template: SqliteTemplate, opened_gazetteer: Gazetteer
) -> None:
    url = sqlite_template.create()
    with opened(url) as database, database.write() as session:
        store_reference(session)
    plant_secrets(url, opened_gazetteer)
    folder = Path(url.removeprefix("sqlite:///"))

    found = {
        one.name
        for file in folder.parent.glob(f"{folder.name}*")
        for one in Finder(planted.looked_for()).in_file(file)
    }

    assert found == planted.WITHHELD.keys()


def test_every_leak_is_found_where_it_was_made_and_a_failure_is_none(
    tmp_path_factory: pytest.TempPathFactory, prepared: Path, opened_gazetteer: Gazetteer
) -> None:
    """The control: a service with every mistake, after one search for each. Postcodes are named after their mistake."""
    place = tmp_path_factory.mktemp("leaky")
    data = copied_folder(prepared, place / "var")
    inventor, canaries = Inventor(7, opened_gazetteer), Canaries()
    for leak in LEAKS:
        postcode = canaries.plant(inventor.postcode(exists=True), leak)
        body = f'{{"postcode": "{postcode}", "text": "{leak} leak"}}'.encode()
        asked = Sent("POST", "/v1/services/search", (JSON,), body)
        canaries.questions.append(Question(leak, asked.written(()), "127.0.0.1"))
    command = (sys.executable, "-m", "tests.confidentiality.leaky_service")
    with watched_server(data, place, SCRUBBED, command=command) as watched:
        statuses = [answer[9:12] for answer in ask(watched.server.port, canaries.questions)]
        assert statuses == [b"500" if leak == "crash" else b"200" for leak in LEAKS]
        ask_nothing(watched.server.port, FILLING)
        finder, server = Finder(canaries.strings), watched.server
        places = {
            "log": finder.in_file(server.output),
            "errors": finder.in_file(server.errors),
            "file": finder.in_folder(watched.temporary),
            "row": finder.in_folder(watched.data),
        }
        held = finder.in_memory(watched.pid) if can_read_memory(watched.pid) else None

    assert "request_failed" in server.output.read_text()
    assert {place: {one.name for one in found} for place, found in places.items()} == {
        place: {place} for place in places
    }
    if held is None:
        pytest.skip(UNREADABLE)
    assert {one.name for one in held} == {"memory"}


def test_every_statement_of_postgresql_was_logged(
    postgres: Postgres, tmp_path: Path, opened_gazetteer: Gazetteer
) -> None:
    """The control of the search of PostgreSQL's folder: with this logging, a statement with a postcode is in two places."""
    url = postgres.create()
    log_everything(url)
    postcode = Inventor(9, opened_gazetteer).postcode(exists=False)
    with opened(url) as database, database.write() as session:
        row = Helpline(
            position=1, name=postcode, phone="0", source="a leak", confirmed_on=NOW.date(), review_by=NOW.date()
        )  # fmt: skip
        session.add(row)
        session.flush()
        # To the disk: a page that was just written may be in the server's memory only.
        session.connection().exec_driver_sql("COMMIT")
        session.connection().exec_driver_sql("CHECKPOINT")

    found = Finder({postcode.encode(): "postcode"}).in_folder(postgres.folder)

    postgres.drop(url)
    assert any("server.log" in one.where for one in found)
    assert any("cluster" in one.where for one in found)


@pytest.mark.long
def test_dead_copies_are_few(setting: Setting) -> None:
    """As it runs in production: freed memory keeps what stood there until it is used again. Printed, for the record."""
    left = everything_asked(setting, count=LONG, scrubbed=False)

    dead = {one.name for one in left.canaries.memory or ()}
    secret = {one.name for one in left.secrets.memory or ()}
    sys.stdout.write(
        f"dead copies of {len(dead)} among {left.looked_for} strings that were asked, {sorted(dead)}\n"
    )
    sys.stdout.write(
        f"dead copies of {len(secret)} among {len(planted.WITHHELD)} withheld secrets, {sorted(secret)}\n"
    )
    assert len(dead) < 0.01 * left.looked_for
