"""A server whose clock is two hours ahead, or ninety minutes behind, beside one whose clock is right."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.geo.gazetteer import Gazetteer
from tests.api.served import SECRET, running_server
from tests.databases import SqliteTemplate
from tests.factories import SANDWELL, opened
from tests.machine import NO_FAKETIME, do_without, find_faketime
from tests.providing import Sides, capacity_of, fill

OFFSETS = {
    "two hours ahead": ("+2h", timedelta(hours=2)),
    "ninety minutes behind": ("-90m", timedelta(minutes=-90)),
}


@dataclass(frozen=True, slots=True)
class Pair:
    right: httpx.Client
    wrong: httpx.Client
    sides: Sides
    offset: timedelta


@pytest.fixture(scope="module", params=OFFSETS)
def pair(
    request: pytest.FixtureRequest,
    sqlite_template: SqliteTemplate,
    tmp_path_factory: pytest.TempPathFactory,
    gazetteer_file: Path,
) -> Iterator[Pair]:
    """Two servers over one database; libfaketime shows one of them another time. Each test reports for its own group."""
    library = find_faketime()
    if library is None:
        do_without(NO_FAKETIME, unless="REQUIRE_FAKETIME")
    shown, offset = OFFSETS[request.param]
    database_url = sqlite_template.create()
    logs = tmp_path_factory.mktemp("clocks")
    folder = logs / "var"
    folder.mkdir()
    (folder / "gazetteer.bin").symlink_to(gazetteer_file)
    with (
        opened(database_url) as database,
        Gazetteer.open(gazetteer_file) as gazetteer,
        database.write() as session,
    ):
        # Keys that are in force by both clocks: made yesterday.
        sides = fill(session, gazetteer, now=datetime.now(UTC) - timedelta(days=1))
    settings = {"DIRECTORY_DATABASE_URL": database_url, "DIRECTORY_SECRET": SECRET}
    fake = {"LD_PRELOAD": str(library), "FAKETIME": shown, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    headers = {"Authorization": f"Bearer {sides.a.token}"}
    with ExitStack() as stack:
        clients = []
        for name, more in (("right", {}), ("wrong", fake)):
            server = stack.enter_context(running_server(folder, logs / name, **settings, **more))
            address = f"http://localhost:{server.port}"
            clients.append(stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=20)))
        yield Pair(clients[0], clients[1], sides, offset)
    sqlite_template.drop(database_url)


def report(client: httpx.Client, pair: Pair, **changed: Any) -> httpx.Response:
    body = {"unit": "bed_space", "status": "limited"} | changed
    return client.put(capacity_of(pair.sides.a.open), json=body)


def figure(client: httpx.Client, pair: Pair, group: str) -> dict[str, Any]:
    figures = client.get(capacity_of(pair.sides.a.open)).json()["figures"]
    (one,) = (one for one in figures if one["applies_to"] == group)
    return dict(one)


def found(client: httpx.Client) -> dict[str, Any]:
    answer = client.post("/v1/services/search", json={"area": SANDWELL})
    assert answer.status_code == 200
    return {one["service"]["id"]: one["capacity"] for one in answer.json()["results"]}


def test_nothing_that_either_acknowledges_is_lost_and_keys_and_reads_work_on_both(pair: Pair) -> None:
    clock = pair.wrong.get("/v1/provider/me")
    assert clock.status_code == 200
    acknowledged: list[int] = []
    for client in (pair.right, pair.wrong, pair.right, pair.wrong):
        # Without a time of its own a report comes after what is stored, whatever the clock says.
        answer = report(client, pair, applies_to="women", status="waiting_list", waits_days=len(acknowledged))
        assert answer.status_code == 200, answer.text
        acknowledged.append(len(acknowledged))

    for client in (pair.right, pair.wrong):
        history = client.get(capacity_of(pair.sides.a.open, "/history")).json()["results"]
        assert sorted(one["waits_days"] for one in history if one["applies_to"] == "women") == acknowledged
        assert figure(client, pair, "women")["waits_days"] == acknowledged[-1]
        assert str(pair.sides.a.open) in found(client)


def test_the_time_is_another_there_and_the_answers_say_so(pair: Pair) -> None:
    # The control: without this, the tests above would be about two servers whose clocks are right.
    now = datetime.now(UTC)
    as_of = datetime.fromisoformat(
        pair.wrong.post("/v1/services/search", json={"area": SANDWELL}).json()["data_as_of"]
    )
    assert abs(as_of - now - pair.offset) < timedelta(minutes=10)


def test_a_clock_that_is_ahead_ends_figures_early_and_one_behind_takes_nothing_of_its_future(
    pair: Pair,
) -> None:
    now = datetime.now(UTC)
    # The full hour after next: always ahead of now, and within two hours.
    soon = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if soon - now < timedelta(minutes=1):
        soon += timedelta(hours=1)
    assert report(pair.right, pair, applies_to="men", valid_until=soon.isoformat()).status_code == 200
    assert figure(pair.right, pair, "men")["status"] == "limited"

    shown = figure(pair.wrong, pair, "men")["status"]
    explicit = report(pair.wrong, pair, applies_to="men", observed_at=datetime.now(UTC).isoformat())

    if pair.offset > timedelta(0):
        assert (shown, explicit.status_code) == ("unknown", 200)
    else:
        # What the other stored just now is of its future: which of the two is wrong, neither can know.
        assert (shown, explicit.status_code) == ("unknown", 422)
