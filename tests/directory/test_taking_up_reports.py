"""A process reads only what was reported since it last looked, and has the map that one starting now would have."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, delete, select

from app.capacity.reporting import CapacitySubmission, record_capacity
from app.curation.flagging import HostArea, flag_confidential
from app.curation.publishing import publish
from app.db import Database
from app.directory import loading, watching
from app.directory.announcing import announce
from app.directory.capacity_map import CapacityMap
from app.directory.loading import load_capacity
from app.directory.snapshot import DirectoryHolder
from app.directory.watching import DirectoryWatcher
from app.geo.gazetteer import Gazetteer
from app.models.capacity import CapacityReport
from app.models.codes import CAPACITY_GROUPS, CAPACITY_STATUSES, CAPACITY_UNITS
from app.models.services import Service
from tests.databases import SqliteTemplate
from tests.directory.test_capacity_map import differences
from tests.factories import (
    NOW,
    WEST_MIDLANDS_POLICE,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
    opened,
    store_reference,
)
from tests.gazetteer_cache import cached_gazetteer

KEYS = ("a", "b", "c", "refuge")
HOST = HostArea(WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,))
Step = tuple[str, dict[str, Any]]


@dataclass
class Office:
    """A database of three open services and a refuge, what is done to it, and a process that watches it."""

    database: Database
    gazetteer: Gazetteer
    moment: datetime = NOW
    holder: DirectoryHolder = field(default_factory=DirectoryHolder)

    def __post_init__(self) -> None:
        self.watcher = DirectoryWatcher(
            self.database,
            cached_gazetteer(),
            self.holder,
            demonstration=True,
            home_area=WEST_MIDLANDS_POLICE,
            clock=lambda: self.moment,
        )
        self.watcher.refresh()

    @property
    def capacity(self) -> CapacityMap:
        assert self.holder.current is not None
        return self.holder.current.capacity

    def do(self, what: str, of: dict[str, Any]) -> None:
        """One step in a transaction of its own, a second after the one before."""
        self.moment += timedelta(seconds=1)
        if what == "look":
            self.watcher.refresh()
            return
        with self.database.write() as session:
            getattr(self, what)(session, **of)

    def report(self, session: Session, key: str, status: str = "full", **figure: Any) -> None:
        known: dict[str, Any] = {
            "unit": "bed_space", "status": status, "source": "page", "observed_at": self.moment,
            "valid_until": self.moment + timedelta(hours=figure.pop("hours", 12)),
        }  # fmt: skip
        record_capacity(
            session, self.id_of(session, key), CapacitySubmission(**known | figure), now=self.moment
        )

    def undo(self, session: Session, key: str) -> None:
        """Say again what was said before the last report."""
        reports = self._reports(session, key)
        if len(reports) > 1:
            last, before = reports[:2]
            self.report(session, key, before.status, unit=last.unit, applies_to=last.applies_to, hours=1)

    def delete_last(self, session: Session, key: str) -> None:
        reports = self._reports(session, key)
        if reports:
            session.exec(delete(CapacityReport).where(col(CapacityReport.id) == reports[0].id))
            announce(session, capacity=True)

    def delete_and_report(self, session: Session, key: str) -> None:
        self.delete_last(session, key)
        self.report(session, "a", "limited", applies_to="men")

    def flag(self, session: Session, key: str) -> None:
        service_id = self.id_of(session, key)
        service = session.get(Service, service_id)
        assert service is not None
        if not service.confidential:
            of = replace(make_publication(session, self.gazetteer), now=self.moment)
            flag_confidential(session, service_id, host_area=HOST, publication=of)

    def pause(self, session: Session, key: str) -> None:
        service = session.get(Service, self.id_of(session, key))
        assert service is not None
        service.record_state = "paused"
        session.flush()
        announce(session, catalogue=True)

    def id_of(self, session: Session, key: str) -> UUID:
        """A service that was flagged has a new id and keeps its name."""
        return session.exec(select(Service.id).where(Service.name == f"Example {key}")).one()

    def _reports(self, session: Session, key: str) -> list[CapacityReport]:
        of = self.id_of(session, key)
        newest_first = col(CapacityReport.observed_at).desc()
        return list(
            session.exec(select(CapacityReport).where(CapacityReport.service_id == of).order_by(newest_first))
        )

    def wrong(self) -> list[str]:
        """In what the process's map differs from one that is built from nothing, after a look."""
        self.watcher.refresh()
        assert self.holder.current is not None
        with self.database.read() as session:
            expected = load_capacity(session, self.holder.current.catalogue)
        return differences(self.capacity, expected)


@contextmanager
def office(url: str, gazetteer: Gazetteer) -> Iterator[Office]:
    with opened(url) as database:
        yield Office(database, gazetteer)


def publish_all(database: Database, gazetteer: Gazetteer) -> None:
    with database.write() as session:
        services = (*(make_service(key) for key in KEYS[:-1]), make_refuge("refuge"))
        publish(session, [make_organization(*services)], make_publication(session, gazetteer))


@pytest.fixture
def working(database: Database, gazetteer: Gazetteer) -> Office:
    publish_all(database, gazetteer)
    return Office(database, gazetteer)


@pytest.fixture(scope="module")
def published_file(
    sqlite_template: SqliteTemplate, gazetteer: Gazetteer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A database that is copied for every example."""
    url = sqlite_template.create()
    with opened(url) as database:
        with database.write() as session:
            store_reference(session)
        publish_all(database, gazetteer)
    copy = tmp_path_factory.mktemp("published") / "published.sqlite"
    shutil.copyfile(url.removeprefix("sqlite:///"), copy)
    sqlite_template.drop(url)
    return copy


keys = st.sampled_from(KEYS)
reports = st.fixed_dictionaries(
    {
        "key": keys,
        "status": st.sampled_from(CAPACITY_STATUSES),
        "unit": st.sampled_from(CAPACITY_UNITS[:2]),
        "applies_to": st.sampled_from(CAPACITY_GROUPS[:3]),
        "hours": st.sampled_from([1, 12]),
    }
)
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("report"), reports),
    st.tuples(st.just("report"), reports),
    st.tuples(st.just("look"), st.just({})),
    st.tuples(
        st.sampled_from(["undo", "delete_last", "delete_and_report", "flag", "pause"]),
        st.fixed_dictionaries({"key": keys}),
    ),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(done=st.lists(steps, min_size=1, max_size=12))
def test_after_anything_the_map_is_the_one_built_from_nothing(
    published_file: Path, gazetteer: Gazetteer, tmp_path_factory: pytest.TempPathFactory, done: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("example")
    shutil.copyfile(published_file, folder / "directory.sqlite")
    with office(f"sqlite:///{folder / 'directory.sqlite'}", gazetteer) as at_work:
        for what, of in done:
            at_work.do(what, of)
        assert at_work.wrong() == []
    shutil.rmtree(folder)


A_DAY: tuple[Step, ...] = (
    ("report", {"key": "a"}),
    ("look", {}),
    ("report", {"key": "a", "status": "limited", "applies_to": "women"}),
    ("report", {"key": "b", "status": "accepting"}),
    ("report", {"key": "refuge", "status": "accepting"}),
    ("look", {}),
    ("undo", {"key": "a"}),
    ("look", {}),
    ("delete_last", {"key": "a"}),
    ("look", {}),
    ("report", {"key": "c"}),
    ("flag", {"key": "b"}),
    ("look", {}),
    ("report", {"key": "b"}),
    ("pause", {"key": "c"}),
    ("look", {}),
    ("delete_and_report", {"key": "a"}),
)


def first_difference(at_work: Office) -> str | None:
    """The first step of A_DAY after which the process's map is not the one built from nothing."""
    for number, (what, of) in enumerate(A_DAY):
        at_work.do(what, of)
        if what == "look" or number == len(A_DAY) - 1:
            wrong = at_work.wrong()
            if wrong:
                return f"after step {number}, {what}: {wrong}"
    return None


def test_a_day_of_reports_is_taken_up_on_either_database(working: Office) -> None:
    assert first_difference(working) is None


def test_reports_are_taken_up_without_reading_the_others(
    working: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    working.do("report", {"key": "a"})
    working.do("look", {})
    for module in (loading, watching):
        monkeypatch.delattr(module, "load_capacity")
        monkeypatch.delattr(module, "load_catalogue")

    working.do("report", {"key": "b", "status": "accepting"})
    working.do("report", {"key": "b", "status": "full"})
    working.do("look", {})

    assert sorted(found[0].status for found in working.capacity.figures.values()) == ["full", "full"]


def test_a_report_on_a_refuge_leaves_the_very_map_and_its_log_empty(
    working: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    before = working.capacity
    capsys.readouterr()

    working.do("report", {"key": "refuge"})

    assert working.watcher.refresh() is False
    assert working.capacity is before
    assert capsys.readouterr().out == ""


def test_a_counter_that_went_back_is_read_from_nothing(working: Office) -> None:
    """As after a backup was put back: numbers that were seen are given again."""
    working.do("report", {"key": "a"})
    working.do("report", {"key": "b"})
    working.do("look", {})
    with working.database.write() as session:
        session.exec(delete(CapacityReport))
        announce(session, capacity=True)
        session.connection().exec_driver_sql("UPDATE directory_revision SET capacity = 1")

    assert working.wrong() == []
    assert working.capacity.figures == {}


def test_who_commits_first_has_the_lower_number(working: Office) -> None:
    """A report that waits for another's transaction is numbered after it, so a look between them misses neither."""
    waiting = threading.Thread(target=working.do, args=("report", {"key": "b"}))
    with working.database.write() as session:
        working.report(session, "a")
        session.flush()
        waiting.start()
        working.watcher.refresh()
        assert working.capacity.figures == {}
    working.watcher.refresh()
    waiting.join()

    assert working.wrong() == []
    with working.database.read() as session:
        numbered = select(CapacityReport.sequence, CapacityReport.service_id).order_by(
            col(CapacityReport.sequence)
        )
        a, b = working.id_of(session, "a"), working.id_of(session, "b")
        assert session.exec(numbered).all() == [(1, a), (2, b)]


Fault = Callable[[pytest.MonkeyPatch], None]
FAULTS: dict[str, Fault] = {}


def fault(put_in: Fault) -> Fault:
    FAULTS[put_in.__name__] = put_in
    return put_in


@fault
def a_deletion_is_taken_for_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loading, "load_capacity", lambda *_, now: CapacityMap({}, [], {}))
    real = loading.take_up_reports

    def deaf(session: Session, capacity: CapacityMap, *rest: Any, **numbers: Any) -> CapacityMap:
        found = real(session, capacity, *rest, **numbers)
        return found if found.steps else capacity

    patch.setattr(watching, "take_up_reports", deaf)


@fault
def the_newest_report_is_left_for_the_next_look(patch: pytest.MonkeyPatch) -> None:
    real = loading.take_up_reports

    def late(session: Session, capacity: CapacityMap, *rest: Any, **asked: Any) -> CapacityMap:
        is_one = asked["until"] == asked["seen"] + 1
        return capacity if is_one else real(session, capacity, *rest, **asked)

    patch.setattr(watching, "take_up_reports", late)


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_caught(working: Office, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    FAULTS[name](monkeypatch)
    assert first_difference(working) is not None
