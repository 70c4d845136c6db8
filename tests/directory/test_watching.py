"""How a process takes up what was committed, and what it does while it cannot."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.capacity.reporting import CapacitySubmission, record_capacity
from app.curation.publishing import publish, source_uuid
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.directory.levels import ASK, YES
from app.directory.snapshot import Directory, DirectoryHolder
from app.directory.watching import DirectoryWatcher
from app.geo.gazetteer import Gazetteer
from app.logs import configure_logging, log_request
from app.search.distances import avoidance
from tests.databases import SqliteTemplate
from tests.factories import (
    BIRMINGHAM,
    COVENTRY,
    NOW,
    SANDWELL,
    WEST_MIDLANDS_POLICE,
    make_organization,
    make_publication,
    make_service,
    opened,
    store_reference,
)
from tests.gazetteer_cache import cached_gazetteer
from tests.search.small_country import build_small_gazetteer


class Process:
    """One process of the service: a database, a gazetteer file, and a Directory kept in step with them."""

    def __init__(
        self, database: Database, gazetteer_path: Path, holder: DirectoryHolder | None = None
    ) -> None:
        self.database, self.gazetteer_path = database, gazetteer_path
        self.holder = holder or DirectoryHolder()
        self.watcher = DirectoryWatcher(
            database,
            gazetteer_path,
            self.holder,
            demonstration=True,
            home_area=WEST_MIDLANDS_POLICE,
            clock=lambda: datetime.now(UTC),
        )

    @property
    def directory(self) -> Directory:
        assert self.holder.current is not None
        return self.holder.current

    def names(self) -> set[str]:
        return {entry.record.name for entry in self.directory.catalogue.entries}


@pytest.fixture
def gazetteer_path(tmp_path: Path) -> Path:
    path = tmp_path / "gazetteer.bin"
    path.hardlink_to(cached_gazetteer())
    return path


@pytest.fixture
def process(database: Database, gazetteer_path: Path) -> Process:
    return Process(database, gazetteer_path)


@pytest.fixture
def file_process(sqlite_template: SqliteTemplate, gazetteer_path: Path) -> Iterator[Process]:
    """A process on SQLite, whose file can be moved away."""
    with opened(sqlite_template.create()) as database:
        with database.write() as session:
            store_reference(session)
        yield Process(database, gazetteer_path)


def put_away(database: Database) -> Path:
    assert database.path is not None
    return database.path.rename(database.path.with_suffix(".away"))


def published(
    database: Database, gazetteer: Gazetteer, organization: OrganizationSubmission | None = None
) -> None:
    with database.write() as session:
        publish(session, [organization or make_organization()], make_publication(session, gazetteer))


def report(database: Database, status: str = "full", *, seconds: int = 0) -> None:
    """Seen so many seconds after NOW."""
    with database.write() as session:
        record_capacity(
            session,
            source_uuid("test", "service/example-service"),
            CapacitySubmission.model_validate(
                {"unit": "bed_space", "status": status, "observed_at": NOW + timedelta(seconds=seconds), "valid_until": NOW + timedelta(days=1),
                 "source": "page"}
            ),
            now=NOW,
        )  # fmt: skip


def test_what_was_committed_is_in_the_directory_after_a_look(process: Process, gazetteer: Gazetteer) -> None:
    process.watcher.refresh()
    assert process.names() == set()

    published(process.database, gazetteer)

    assert process.watcher.refresh() is True
    assert process.names() == {"Example example-service"}


def test_without_a_change_the_directory_stays_and_is_known_to_be_current(
    process: Process, gazetteer: Gazetteer
) -> None:
    published(process.database, gazetteer)
    process.watcher.refresh()
    before = process.directory

    assert process.watcher.refresh() is False

    assert process.directory.catalogue is before.catalogue
    assert process.directory.capacity is before.capacity
    assert process.directory.as_of >= before.as_of


def test_a_report_replaces_the_capacity_and_leaves_the_catalogue(
    process: Process, gazetteer: Gazetteer
) -> None:
    published(process.database, gazetteer)
    process.watcher.refresh()
    catalogue = process.directory.catalogue

    report(process.database)
    process.watcher.refresh()

    assert process.directory.catalogue is catalogue
    (figure,) = process.directory.capacity.of(source_uuid("test", "service/example-service"))
    assert figure.status == "full"


def test_the_latest_of_two_reports_stands(process: Process, gazetteer: Gazetteer) -> None:
    published(process.database, gazetteer)
    report(process.database)
    with process.database.write() as session:
        later = CapacitySubmission.model_validate(
            {"unit": "bed_space", "status": "accepting", "observed_at": NOW + timedelta(seconds=1),
             "valid_until": NOW + timedelta(hours=1), "source": "page"}
        )  # fmt: skip
        record_capacity(session, source_uuid("test", "service/example-service"), later, now=NOW)

    process.watcher.refresh()

    (figure,) = process.directory.capacity.of(source_uuid("test", "service/example-service"))
    assert figure.status == "accepting"


def test_a_failed_write_is_never_seen(process: Process, gazetteer: Gazetteer) -> None:
    process.watcher.refresh()
    with pytest.raises(ZeroDivisionError), process.database.write() as session:  # noqa: PT012
        publish(session, [make_organization()], make_publication(session, gazetteer))
        raise ZeroDivisionError

    assert process.watcher.refresh() is False
    assert process.names() == set()


def test_with_the_database_file_moved_away_the_old_directory_answers_and_its_age_shows(
    file_process: Process, gazetteer: Gazetteer
) -> None:
    published(file_process.database, gazetteer)
    file_process.watcher.refresh()
    before = file_process.directory
    away = put_away(file_process.database)

    with pytest.raises(FileNotFoundError):
        file_process.watcher.refresh()

    assert file_process.directory is before

    away.rename(away.with_suffix(".sqlite"))
    file_process.watcher.refresh()
    assert file_process.directory.as_of > before.as_of


def test_the_first_directory_is_not_made_up_when_there_is_no_database(
    tmp_path: Path, gazetteer_path: Path
) -> None:
    with opened(f"sqlite:///{tmp_path / 'none.sqlite'}") as database:
        process = Process(database, gazetteer_path)
        with pytest.raises(FileNotFoundError):
            process.watcher.refresh()

    assert process.holder.current is None


def test_a_process_that_is_started_while_the_database_is_away_takes_up_its_work_later(
    file_process: Process, gazetteer: Gazetteer
) -> None:
    """Where it ended, the server would end the other workers too, which go on answering."""
    published(file_process.database, gazetteer)
    away = put_away(file_process.database)
    file_process.watcher.start()
    try:
        assert not file_process.holder.current
        away.rename(away.with_suffix(".sqlite"))
        deadline = time.monotonic() + 60
        while not file_process.holder.current and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        file_process.watcher.stop()
    assert file_process.names() == {"Example example-service"}


@pytest.mark.parametrize("lost", ["report", "publication"])
@pytest.mark.parametrize("kept", ["report", "publication"])
@pytest.mark.parametrize("more", [0, 1])
def test_another_history_of_the_database_is_read_whole(
    file_process: Process, gazetteer: Gazetteer, *, lost: str, kept: str, more: int
) -> None:
    """A standby that took over, or a restored backup, may have come to the same numbers by another way, or beyond them."""
    database = file_process.database
    assert database.path is not None

    def act(what: str, name: str, status: str) -> None:
        if what == "report":
            report(database, status, seconds=1)
        else:
            both = make_organization(make_service("example-service"), make_service(name))
            published(database, gazetteer, both)

    published(database, gazetteer)
    report(database, "full")
    database.close()
    standby = shutil.copy(database.path, database.path.with_suffix(".standby"))
    act(lost, "lost", "accepting")
    file_process.watcher.refresh()
    database.close()
    shutil.copy(standby, database.path)
    act(kept, "kept", "limited")
    for number in range(more):
        report(database, "waiting_list", seconds=2 + number)
    file_process.watcher.refresh()

    fresh = Process(database, file_process.gazetteer_path)
    fresh.watcher.refresh()
    assert file_process.names() == fresh.names()
    assert file_process.directory.capacity.figures == fresh.directory.capacity.figures


def test_a_gazetteer_that_was_replaced_is_taken_up(
    process: Process, gazetteer: Gazetteer, gazetteer_path: Path, tmp_path: Path
) -> None:
    published(process.database, gazetteer)
    process.watcher.refresh()
    before = process.directory.catalogue
    shutil.copyfile(gazetteer_path, tmp_path / "new.bin")
    (tmp_path / "new.bin").replace(gazetteer_path)

    assert process.watcher.refresh() is True

    assert process.directory.catalogue.gazetteer is not before.gazetteer
    assert process.names() == {"Example example-service"}


def test_a_gazetteer_replaced_while_the_database_is_away_is_taken_up_afterwards(
    file_process: Process, gazetteer_path: Path, tmp_path: Path
) -> None:
    file_process.watcher.refresh()
    before = file_process.directory.catalogue.gazetteer
    away = put_away(file_process.database)
    shutil.copyfile(gazetteer_path, tmp_path / "new.bin")
    (tmp_path / "new.bin").replace(gazetteer_path)
    with pytest.raises(FileNotFoundError):
        file_process.watcher.refresh()
    away.rename(away.with_suffix(".sqlite"))

    file_process.watcher.refresh()

    assert file_process.directory.catalogue.gazetteer is not before


def test_a_broken_gazetteer_keeps_the_old_one_and_loses_no_report(
    process: Process, gazetteer: Gazetteer, gazetteer_path: Path, tmp_path: Path
) -> None:
    process.watcher.refresh()
    before = process.directory.catalogue.gazetteer
    (tmp_path / "broken.bin").write_bytes(b"not a gazetteer")
    (tmp_path / "broken.bin").replace(gazetteer_path)

    published(process.database, gazetteer)

    assert process.watcher.refresh() is True
    assert process.directory.catalogue.gazetteer is before
    assert process.names() == {"Example example-service"}


def test_a_gazetteer_file_that_is_gone_is_no_reason_to_stop(process: Process, gazetteer_path: Path) -> None:
    process.watcher.refresh()
    gazetteer_path.unlink()

    assert process.watcher.refresh() is False


def test_the_thread_outlives_errors(file_process: Process, gazetteer: Gazetteer) -> None:
    watcher, holder = file_process.watcher, AnnouncingHolder()
    watcher._poll_s = 0.01
    watcher._holder = holder
    watcher.start()
    try:
        away = put_away(file_process.database)
        away.rename(away.with_suffix(".sqlite"))
        published(file_process.database, gazetteer)

        holder.wait_for_services(1)
        assert watcher._thread.is_alive()
    finally:
        watcher.stop()
    assert not watcher._thread.is_alive()


@pytest.mark.parametrize("reader", ["ended", "stands still"])
def test_the_thread_outlives_whoever_reads_its_log(
    file_process: Process, gazetteer: Gazetteer, reader: str
) -> None:
    watcher, holder = file_process.watcher, AnnouncingHolder()
    watcher._poll_s = 0.01
    watcher._holder = holder
    reading, writing = os.pipe()
    if reader == "ended":
        os.close(reading)
    else:
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, bytes(65536))
        os.set_blocking(writing, True)
    unread = os.fdopen(writing, "w")
    try:
        with redirect_stdout(unread):
            configure_logging("info")
            watcher.start()
            published(file_process.database, gazetteer)
            holder.wait_for_services(1)
            log_request(method="GET", route="/find", status=200, ms=1.0, request_id="0")
            logging.getLogger("uvicorn.error").error("of a library: %s", "a value")
            assert watcher._thread.is_alive()
    finally:
        watcher.stop()
        with suppress(BrokenPipeError):
            unread.close()
        if reader == "stands still":
            os.close(reading)


def test_the_thread_goes_on_after_a_look_that_failed(file_process: Process, gazetteer: Gazetteer) -> None:
    watcher, holder = file_process.watcher, AnnouncingHolder()
    watcher._poll_s = 0.01
    watcher._holder = holder
    watcher.start()
    holder.failures = 3
    try:
        published(file_process.database, gazetteer)

        holder.wait_for_services(1)
    finally:
        watcher.stop()
    assert holder.failures == 0


class AnnouncingHolder(DirectoryHolder):
    """Fails as often as it is told, and says when a Directory of a given size has come."""

    def __init__(self) -> None:
        super().__init__()
        from threading import Condition

        self._changed = Condition()
        self.failures = 0

    def replace(self, directory: Directory) -> None:
        with self._changed:
            if self.failures:
                self.failures -= 1
                raise RuntimeError
            super().replace(directory)
            self._changed.notify_all()

    def wait_for_services(self, count: int) -> None:
        def arrived() -> bool:
            return self.current is not None and len(self.current.catalogue.entries) == count

        with self._changed:
            # As long as a test may hang; nothing is measured by it.
            assert self._changed.wait_for(arrived, timeout=60)


class HoldingBack(DirectoryHolder):
    """Keeps the next Directory waiting before it is swapped in."""

    def __init__(self) -> None:
        super().__init__()
        self.held, self.go_on = threading.Event(), threading.Event()
        self.next_waits = False

    def replace(self, directory: Directory) -> None:
        if self.next_waits:
            self.next_waits = False
            self.held.set()
            assert self.go_on.wait(timeout=60)
        super().replace(directory)


def test_a_look_that_began_earlier_does_not_put_back_what_it_saw(
    database: Database, gazetteer_path: Path, gazetteer: Gazetteer
) -> None:
    holder = HoldingBack()
    process = Process(database, gazetteer_path, holder)
    published(process.database, gazetteer)
    process.watcher.refresh()
    report(process.database, "full")
    holder.next_waits = True
    earlier = threading.Thread(target=process.watcher.refresh)
    earlier.start()
    assert holder.held.wait(timeout=60)

    published(process.database, gazetteer, make_organization(make_service("a"), make_service("b")))
    later = threading.Thread(target=process.watcher.refresh)
    later.start()
    # Time enough to overtake the other; that it does not is what is asked.
    later.join(timeout=1)
    holder.go_on.set()
    for thread in (earlier, later):
        thread.join(timeout=60)

    assert process.names() == {"Example a", "Example b"}


def test_services_are_not_mixed_from_two_moments(process: Process, gazetteer: Gazetteer) -> None:
    published(process.database, gazetteer, make_organization(make_service("a"), make_service("b")))
    process.watcher.refresh()

    published(process.database, gazetteer, make_organization(make_service("b"), make_service("c")))
    process.watcher.refresh()

    assert process.names() == {"Example b", "Example c"}


def test_a_place_that_a_newer_edition_puts_under_another_council_is_in_neither_for_certain(
    process: Process, gazetteer: Gazetteer, tmp_path: Path
) -> None:
    """B69 4AB is Sandwell's where the office is stored, and Birmingham's in the next edition: whoever must keep away from
    Birmingham is not sent there, and whoever asks by the old code neither.
    """
    office = {"key": "office", "name": "Example office", "postal_code": "B69 4AB"}
    other = {"key": "other", "name": "Example other office", "postal_code": "B70 6AA"}
    services = [
        make_service(key, reach="site", locations=[place]) for key, place in (("one", office), ("two", other))
    ]
    published(process.database, gazetteer, make_organization(*services))
    process.watcher.refresh()

    def levels(key: str) -> list[int]:
        catalogue = process.directory.catalogue
        entry = catalogue.entries[catalogue.row_of[source_uuid("test", f"service/{key}")]]
        return [avoidance(entry, frozenset({code})) for code in (BIRMINGHAM, COVENTRY)]

    assert levels("one") == [YES, YES]

    build_small_gazetteer(tmp_path / "next.bin").close()
    (tmp_path / "next.bin").rename(process.gazetteer_path)
    process.watcher.refresh()

    # Until it is stored anew, it may be anywhere.
    assert levels("one") == [ASK, ASK]
    assert levels("two") == [YES, YES]

    with process.database.write() as session, Gazetteer.open(process.gazetteer_path) as newer:
        publish(session, [make_organization(*services)], make_publication(session, newer))
    process.watcher.refresh()
    catalogue = process.directory.catalogue
    entry = catalogue.entries[catalogue.row_of[source_uuid("test", "service/one")]]
    assert avoidance(entry, frozenset({SANDWELL})) == YES
