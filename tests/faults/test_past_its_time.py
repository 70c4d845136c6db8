"""Past its time every reader says `unknown`: reports, confirmations and undos against a model, with a clock that moves."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.capacity.reporting import CapacityClaim, Reporter, report_capacity
from app.geo.gazetteer import Gazetteer
from tests.api.served import ROOT, SECRET, environment
from tests.databases import SqliteTemplate
from tests.factories import SANDWELL, opened
from tests.providing import Provided, capacity_of, fill, provided

DEFAULT = {"bed_space": timedelta(hours=12), "caseworker_place": timedelta(days=7)}
BEST_FIRST = ("accepting", "limited", "assess_first", "unknown", "waiting_list", "full", "closed_temporarily")
STATUSES = tuple(status for status in BEST_FIRST if status != "unknown")
A_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Told:
    """What is in force for a unit: what was said, when it was seen, and when it ends."""

    status: str
    seen_at: datetime
    ends_at: datetime


@dataclass
class World:
    """The application, and what the model remembers. Both go on from one example to the next, and so does the time."""

    sides: Provided
    told: dict[str, Told]
    before: dict[str, Told | None]
    """What each figure that was reported last would go back to."""
    recorded_at: datetime | None = None


def hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


class Readers(RuleBasedStateMachine):
    """Whatever is reported, confirmed and taken back, in any order and at any time."""

    world: World

    @property
    def now(self) -> datetime:
        return self.world.sides.clock.now

    def moved(self, to: datetime) -> None:
        self.world.sides.clock.now = to

    @initialize()
    def a_month_later(self) -> None:
        """Everything has expired, and the key is a new one: keys end, too."""
        self.moved(self.now + timedelta(days=31))
        sides = self.world.sides
        self.token = sides.key(sides.a)
        # Keys are what they are from the moment at which they were made.
        self.world.recorded_at = None

    @rule(
        unit=st.sampled_from(sorted(DEFAULT)),
        status=st.sampled_from(STATUSES),
        hours=st.none() | st.integers(1, 60),
    )
    def report(self, unit: str, status: str, hours: int | None) -> None:
        body = {"unit": unit, "status": status}
        ends_at = hour(self.now + DEFAULT[unit])
        if hours is not None:
            ends_at = hour(self.now) + timedelta(hours=hours)
            body["valid_until"] = (ends_at + timedelta(minutes=59)).isoformat()
        answer = self.world.sides.ask("PUT", self.path(), body, token=self.token)
        assert answer.status_code == 200
        self.now_in_force({unit: Told(status, self.now, ends_at)})

    @rule()
    def confirm(self) -> None:
        told = {unit: one for unit, one in self.world.told.items() if one.status != "unknown"}
        shown = self.world.sides.ask("GET", self.path(), token=self.token).headers["etag"]
        answer = self.world.sides.ask("POST", self.path("/confirm"), token=self.token, If_Match=shown)
        assert answer.status_code == (200 if told else 409)
        self.now_in_force(
            {
                unit: Told(one.status, self.now, hour(self.now + (one.ends_at - hour(one.seen_at))))
                for unit, one in told.items()
            }
        )

    @rule()
    def undo(self) -> None:
        world = self.world
        may = world.recorded_at is not None and self.now <= world.recorded_at + timedelta(minutes=10)
        answer = world.sides.ask("POST", self.path("/undo"), token=self.token)
        assert answer.status_code == (200 if may else 409)
        if may:
            for unit, earlier in world.before.items():
                if earlier is not None and earlier.ends_at > self.now:
                    world.told[unit] = earlier
                else:
                    world.told[unit] = Told("unknown", self.now, hour(self.now + DEFAULT[unit]))
            world.recorded_at = None
            # Moments of two writes differ: a clock does not stand still between them.
            self.moved(self.now + A_MICROSECOND)

    @rule(passed=st.timedeltas(min_value=A_MICROSECOND, max_value=timedelta(minutes=12)))
    def a_little_time_passes(self, passed: timedelta) -> None:
        self.moved(self.now + passed)

    @rule(passed=st.timedeltas(min_value=A_MICROSECOND, max_value=timedelta(days=2)))
    def time_passes(self, passed: timedelta) -> None:
        self.moved(self.now + passed)

    @rule(just_before=st.booleans())
    def the_next_expiry_comes(self, *, just_before: bool) -> None:
        coming = [one.ends_at for one in self.world.told.values() if one.ends_at > self.now + A_MICROSECOND]
        if coming:
            self.moved(min(coming) - (A_MICROSECOND if just_before else timedelta(0)))

    def now_in_force(self, told: dict[str, Told]) -> None:
        world = self.world
        if told:
            world.before = {unit: world.told.get(unit) for unit in told}
            world.told |= told
            world.recorded_at = self.now
            self.moved(self.now + A_MICROSECOND)

    def path(self, rest: str = "") -> str:
        return capacity_of(self.world.sides.a.open, rest)

    def expected(self, unit: str) -> str:
        told = self.world.told[unit]
        return told.status if self.now < told.ends_at else "unknown"

    @invariant()
    def every_reader_says_what_is_still_true(self) -> None:
        sides = self.world.sides
        by_unit = {unit: self.expected(unit) for unit in sorted(self.world.told)}
        # Full beds are full, whatever else there is.
        beds = [by_unit[unit] for unit in ("bed_space", "household_unit") if unit in by_unit]
        best = next((one for one in BEST_FIRST if one in (beds or by_unit.values())), "unknown")
        service_id = str(sides.a.open)
        sides.refresh()

        found = sides.client.post("/v1/services/search", json={"area": SANDWELL}).json()["results"]
        (in_search,) = (one["capacity"]["status"] for one in found if one["service"]["id"] == service_id)
        in_list = {one["id"]: one for one in sides.client.get("/v1/services").json()["results"]}
        alone = sides.client.get(f"/v1/services/{service_id}").json()
        public = sides.client.get(f"/v1/services/{service_id}/capacity").json()
        own = sides.ask("GET", self.path(), token=self.token).json()
        me = sides.ask("GET", "/v1/provider/me", token=self.token).json()
        (mine,) = (one for one in me["services"] if one["id"] == service_id)

        assert in_search == best
        assert in_list[service_id]["capacity"]["status"] == best
        assert alone["capacity"]["status"] == best
        assert public["capacity"]["status"] == best
        assert own["public"]["status"] == best
        assert mine["capacity"]["public"]["status"] == best
        for shown in (public["figures"], own["figures"], mine["capacity"]["figures"]):
            assert {one["unit"]: one["status"] for one in shown} == by_unit
        # Nothing old looks fresh: what the public sees is as old as what it says.
        for one in public["figures"]:
            told = self.world.told[one["unit"]]
            assert datetime.fromisoformat(one["confirmed_at"]) == hour(told.seen_at)


@pytest.fixture
def world(sqlite_template: SqliteTemplate, tmp_path: Path, gazetteer_file: Path) -> Iterator[World]:
    url = sqlite_template.create()
    with provided(url, tmp_path / "var", gazetteer_file) as sides:
        yield World(sides, {}, {})
    sqlite_template.drop(url)


def run(world: World, *, examples: int) -> None:
    class InThisWorld(Readers):
        pass

    InThisWorld.world = world
    run_state_machine_as_test(
        InThisWorld,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            # The world goes on from one example to the next, so a shorter example is another one.
            phases=[phase for phase in settings().phases if phase.name in ("explicit", "generate")],
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_past_its_time_every_reader_says_unknown(world: World) -> None:
    run(world, examples=12)


@pytest.mark.long
def test_past_its_time_every_reader_says_unknown_for_a_long_time(world: World) -> None:
    run(world, examples=300)


def test_past_its_time_the_command_says_unknown(
    sqlite_template: SqliteTemplate, tmp_path: Path, gazetteer_file: Path
) -> None:
    url = sqlite_template.create()
    (tmp_path / "gazetteer.bin").symlink_to(gazetteer_file)
    now = datetime.now(UTC)
    with opened(url) as database:
        with Gazetteer.open(gazetteer_file) as gazetteer, database.write() as session:
            sides = fill(session, gazetteer, now=now)
        with database.write() as session:
            for side, told_at in ((sides.a, now - timedelta(hours=13)), (sides.b, now)):
                claim = CapacityClaim(unit="bed_space", status="limited", available=1, observed_at=told_at)
                report_capacity(session, side.open, claim, by=Reporter("key"), now=now)

    said = subprocess.run(
        [Path(sys.executable).with_name("directory"), "search", "--area", SANDWELL, "--json"],
        cwd=ROOT,
        env=environment(tmp_path, DIRECTORY_DATABASE_URL=url, DIRECTORY_SECRET=SECRET),
        capture_output=True,
        text=True,
        check=True,
    )

    found = {one["service"]["id"]: one["capacity"]["status"] for one in json.loads(said.stdout)["results"]}
    assert (found[str(sides.a.open)], found[str(sides.b.open)]) == ("unknown", "limited")
    sqlite_template.drop(url)
