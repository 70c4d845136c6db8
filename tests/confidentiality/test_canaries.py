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

import dataclasses
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.curation.record_rows import Publication
from app.db import Database
from app.directory.loading import load_areas
from app.geo.gazetteer import Gazetteer
from tests.api.served import SECRET, seed, seeded_folder
from tests.confidentiality import planted
from tests.confidentiality.canaries import JSON, Canaries, Question, Sent, ask, ask_nothing, make_canaries
from tests.confidentiality.finding import Finder, Found, can_read_memory
from tests.confidentiality.leaky_service import LEAKS
from tests.confidentiality.watching import SCRUBBED, Watched, watched_server
from tests.factories import make_publication
from tests.gazetteer_cache import cached_gazetteer

EVERYDAY, LONG = 1110, 11_100
"""Thirty of every kind of question, or three hundred."""
FILLING = 250
UNREADABLE = "the memory of other processes cannot be read on this machine (/proc/<pid>/mem)"


@dataclass(frozen=True, slots=True)
class Run:
    """What was found where after everything had been asked. `memory` is None where it cannot be read."""

    asked: int
    statuses: frozenset[int]
    looked_for: int
    answers: frozenset[Found]
    output: frozenset[Found]
    data: frozenset[Found]
    temporary: frozenset[Found]
    database: frozenset[Found]
    memory: frozenset[Found] | None
    secret_answers: frozenset[Found]
    secret_output: frozenset[Found]
    secret_memory: frozenset[Found] | None
    pages_seen: int


@pytest.fixture(scope="module")
def opened_gazetteer() -> Iterator[Gazetteer]:
    with Gazetteer.open(cached_gazetteer()) as opened:
        yield opened


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, opened_gazetteer: Gazetteer
) -> Run:
    """Everything asked of a fresh service, over each engine, and everything searched afterwards."""
    return everything_asked(request, tmp_path_factory, opened_gazetteer, count=EVERYDAY)


def everything_asked(
    request: pytest.FixtureRequest,
    folders: pytest.TempPathFactory,
    gazetteer: Gazetteer,
    *,
    count: int,
    scrubbed: bool = True,
) -> Run:
    place = folders.mktemp("canaries")
    engine = request.param if hasattr(request, "param") else "sqlite"
    with ExitStack() as stack:
        data = seeded_folder(place / "var", cached_gazetteer())
        settings, cluster = dict(SCRUBBED) if scrubbed else {}, None
        url = f"sqlite:///{data / 'directory.sqlite'}"
        if engine == "postgresql":
            postgres = request.getfixturevalue("postgres")
            url = postgres.create()
            stack.callback(postgres.drop, url)
            seed(url, data / "gazetteer.bin")
            log_everything(url)
            settings |= {"DIRECTORY_DATABASE_URL": url, "DIRECTORY_SECRET": SECRET}
            cluster = postgres.folder
        plant_secrets(url, gazetteer)
        canaries = make_canaries(count, gazetteer, seed=count)
        watched = stack.enter_context(watched_server(data, place, **settings))
        return searched(watched, canaries, cluster)


def searched(watched: Watched, canaries: Canaries, cluster: Path | None) -> Run:
    """Ask everything and look everywhere. What stood somewhere before anything was asked is not looked for."""
    port, readable = watched.server.port, can_read_memory(watched.pid)
    finder, secrets = Finder(canaries.strings), Finder(planted.looked_for())
    ask_nothing(port, 5)
    before = finder.in_memory(watched.pid) if readable else set()
    before |= finder.in_folder(cluster) if cluster else set()
    finder = finder.without(one.name for one in before)

    answers: set[Found] = set()
    secret_answers: set[Found] = set()
    statuses = set()
    for question, answer in zip(canaries.questions, ask(port, canaries.questions), strict=True):
        answers |= finder.in_bytes(answer, f"answer to {question.kind}")
        secret_answers |= secrets.in_bytes(answer, question.kind)
        statuses.add(int(answer[9:12]) if answer else 0)
    pages = everything_public(port)
    for page in pages:
        secret_answers |= secrets.in_bytes(page, page[:80].decode("latin-1"))
    ask_nothing(port, FILLING)
    return Run(
        asked=len(canaries.questions),
        statuses=frozenset(statuses),
        looked_for=len(set(finder.names.values())),
        answers=frozenset(answers),
        output=frozenset(finder.in_folder(watched.logs)),
        data=frozenset(finder.in_folder(watched.data)),
        temporary=frozenset(finder.in_folder(watched.temporary)),
        database=frozenset(finder.in_folder(cluster)) if cluster else frozenset(),
        memory=frozenset(finder.in_memory(watched.pid)) if readable else None,
        secret_answers=frozenset(secret_answers),
        secret_output=frozenset(secrets.in_folder(watched.logs)),
        secret_memory=frozenset(secrets.in_memory(watched.pid)) if readable else None,
        pages_seen=len(pages),
    )


def everything_public(port: int) -> list[bytes]:
    """Every public address, followed from the lists."""
    with Database_ids(port) as ids:
        targets = [
            "/find", "/openapi.json", "/v1/vocabulary", "/v1/guidance", "/v1/snapshot", "/v1/areas", "/v1/changes?limit=100",
            *(f"/v1/organizations/{one}" for one in ids.organizations),
            *(
                f"/v1/services/{one}{part}"
                for one in ids.services
                for part in ("", "/referral-routes", "/coverage", "/capacity")
            ),
        ]  # fmt: skip
    questions = [Question("page", Sent("GET", target).written(()), "127.0.0.1") for target in targets]
    for area in ("E23000014", "E08000028", "E08000031", "E12000005"):
        body = f'{{"area": "{area}", "referrer": "police", "limit": 50}}'.encode()
        asked = Sent("POST", "/v1/services/search", (JSON,), body)
        questions.append(Question("search", asked.written(()), "127.0.0.1"))
    return list(ask(port, questions))
