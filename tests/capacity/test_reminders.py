"""Whom to remind of what, and that of any number of processes one does: on both databases, with a clock moved by hand."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from app.capacity.mail import MailServer
from app.capacity.reminders import (
    CLAIM_LIFE,
    FIRST_RETRY,
    LONGEST_RETRY,
    REMIND_WITHIN,
    choose_address,
    claim_reminders,
    due_services,
)
from app.capacity.sending import Looked, ReminderSender
from app.db import Database
from app.errors import NotFound, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models.organizations import Organization
from app.models.reminders import Reminder
from app.models.services import Service
from tests.api.served import StandingClock
from tests.capacity.mailbox import REFUSED, Mailbox, open_mailbox
from tests.capacity.making import HOUR, published, reported
from tests.factories import NOW, make_organization, make_refuge, make_service, opened

OFFICE = "office@example.org"
SENDER = "directory@example.org"
MINUTE = timedelta(minutes=1)
NOTHING = Looked()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened_mailbox:
        yield opened_mailbox


@pytest.fixture
def ids(database: Database, gazetteer: Gazetteer) -> Mapping[str, UUID]:
    """An organization with a mailbox of its own, an open service and a refuge, neither of which has reported."""
    return published(
        database,
        gazetteer,
        make_organization(make_service("open"), make_refuge("refuge"), key="office", email=OFFICE),
    )


@dataclass(frozen=True, slots=True)
class Scene:
    """An organization's two services, its mail server, and a process that looks."""

    database: Database
    ids: Mapping[str, UUID]
    sender: ReminderSender
    clock: StandingClock
    mailbox: Mailbox


@pytest.fixture
def scene(database: Database, ids: Mapping[str, UUID], mailbox: Mailbox, clock: StandingClock) -> Scene:
    return Scene(database, ids, make_sender(database, mailbox, clock), clock, mailbox)


def make_sender(
    database: Database, mailbox: Mailbox | None, clock: Callable[[], datetime], **changed: bool
) -> ReminderSender:
    return ReminderSender(
        database=database,
        clock=clock,
        link="https://directory.example.org/provider",
        published_addresses=changed.get("published_addresses", True),
        server=None if mailbox is None else MailServer.of(mailbox.url),
        sender=SENDER,
    )


def states(database: Database) -> list[tuple[str, bool]]:
    with database.read() as session:
        return sorted((one.kind, one.sent_at is not None) for one in session.exec(select(Reminder)))


def test_a_figure_is_reminded_of_when_it_runs_out_and_when_it_has(scene: Scene) -> None:
    start = NOW.replace(minute=0)
    reported(scene.database, scene.ids["open"], observed_at=start, hours=12)
    sent = []
    for minutes in range(0, 14 * 60, 30):
        scene.clock.now = start + minutes * MINUTE
        if scene.sender.send_due().mailed:
            sent.append(minutes / 60)

    assert sent == [8, 12]
    assert scene.mailbox.recipients == [OFFICE, OFFICE]
    assert states(scene.database) == [("expired", True), ("expiring", True)]


def test_who_confirms_in_time_is_left_in_peace(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 9 * HOUR)
    reported(scene.database, scene.ids["open"], observed_at=NOW - HOUR)

    assert scene.sender.send_due() == NOTHING


def test_figures_of_one_service_make_one_letter(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 9 * HOUR)
    reported(scene.database, scene.ids["open"], observed_at=NOW - 13 * HOUR, applies_to="women")
    reported(scene.database, scene.ids["refuge"], observed_at=NOW - 9 * HOUR)

    assert scene.sender.send_due() == Looked(mailed=2)
    assert scene.sender.send_due() == NOTHING
    names = sorted(
        line.strip() for one in scene.mailbox.letters for line in one.get_content().splitlines()[2:3]
    )
    assert names == ["Example open", "Example refuge"]


def test_what_the_letter_says_does_not_depend_on_what_was_reported(scene: Scene) -> None:
    reported(scene.database, scene.ids["refuge"], observed_at=NOW - 9 * HOUR, status="full")
    scene.sender.send_due()
    reported(
        scene.database,
        scene.ids["refuge"],
        observed_at=NOW - 8 * HOUR,
        status="accepting",
        unit="caseworker_place",
    )
    scene.clock.now += 4 * HOUR
    scene.sender.send_due()

    first, second = (one.get_content() for one in scene.mailbox.letters)
    assert first == second


def test_a_service_that_never_reported_gets_no_letter(scene: Scene) -> None:
    assert scene.sender.send_due() == NOTHING


def test_a_service_that_gave_up_long_ago_gets_no_letter(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - REMIND_WITHIN - 12 * HOUR)
    reported(scene.database, scene.ids["refuge"], observed_at=NOW - REMIND_WITHIN - 12 * HOUR + MINUTE)

    assert scene.sender.send_due() == Looked(mailed=1)


@pytest.mark.parametrize(
    ("published_addresses", "invented", "chosen", "recipients"),
    [
        (True, False, None, [OFFICE]),
        (True, False, "desk@example.org", ["desk@example.org"]),
        # A demonstration is of real organizations: they are not written to, unless somebody says where.
        (False, False, None, []),
        (False, False, "desk@example.org", ["desk@example.org"]),
        (True, True, None, []),
        (True, True, "desk@example.org", ["desk@example.org"]),
    ],
)
def test_where_a_letter_goes(
    scene: Scene, *, published_addresses: bool, invented: bool, chosen: str | None, recipients: list[str]
) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 9 * HOUR)
    with scene.database.write() as session:
        session.exec(select(Service).where(Service.id == scene.ids["open"])).one().demonstration = invented
        if chosen:
            choose_address(session, scene.ids["office"], chosen, now=NOW)

    looked = make_sender(
        scene.database, scene.mailbox, scene.clock, published_addresses=published_addresses
    ).send_due()

    assert looked == Looked(mailed=len(recipients))
    assert scene.mailbox.recipients == recipients


@pytest.mark.parametrize(
    "stored", [None, "Office <office@example.org>", "office@example.org\nBcc: a@example.net"]
)
def test_without_an_address_that_is_one_it_is_a_line_in_the_log(scene: Scene, stored: str | None) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 9 * HOUR)
    with scene.database.write() as session:
        session.exec(select(Organization)).one().email = stored

    assert scene.sender.send_due() == Looked(logged=1)
    assert scene.sender.send_due() == NOTHING
    assert scene.mailbox.letters == []


def test_without_a_mail_server_it_is_a_line_in_the_log(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 9 * HOUR)
    sender = make_sender(scene.database, None, scene.clock)

    assert sender.send_due() == Looked(logged=1)
    assert sender.send_due() == NOTHING
    assert states(scene.database) == [("expiring", True)]


def test_a_server_that_is_away_is_tried_later_and_later(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 12 * HOUR)
    with open_mailbox() as mailbox:
        sender = make_sender(scene.database, mailbox, scene.clock)
    tried = []
    for minutes in range(0, 24 * 60, 5):
        scene.clock.now = NOW + minutes * MINUTE
        if sender.send_due().not_sent:
            tried.append(scene.clock.now)

    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert max(gaps) == LONGEST_RETRY
    scene.clock.now += LONGEST_RETRY
    with open_mailbox(port=mailbox.port) as again:
        assert sender.send_due() == Looked(mailed=1)
        assert again.recipients == [OFFICE]
        assert sender.send_due() == NOTHING


def test_a_server_that_is_away_is_asked_once_in_a_look(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 12 * HOUR)
    reported(scene.database, scene.ids["refuge"], observed_at=NOW - 12 * HOUR)
    with open_mailbox() as mailbox:
        sender = make_sender(scene.database, mailbox, scene.clock)

    assert sender.send_due() == Looked(not_sent=1)


def test_a_mailbox_that_is_refused_does_not_stop_the_others(
    database: Database, gazetteer: Gazetteer, mailbox: Mailbox
) -> None:
    ids = published(
        database,
        gazetteer,
        *(make_organization(make_service(f"of-{key}"), key=key, email=email)
          for key, email in (("first", "first@example.org"), ("second", REFUSED), ("third", "third@example.org"))),
    )  # fmt: skip
    for key in ("first", "second", "third"):
        reported(database, ids[f"of-{key}"], observed_at=NOW - 9 * HOUR)

    assert make_sender(database, mailbox, lambda: NOW).send_due() == Looked(mailed=2, not_sent=1)
    assert sorted(mailbox.recipients) == ["first@example.org", "third@example.org"]


def test_a_letter_whose_fate_is_unknown_is_sent_once_more_and_never_again(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 12 * HOUR)
    scene.mailbox.break_off = True
    for _ in range(24 * 4):
        scene.sender.send_due()
        scene.clock.now += 15 * MINUTE

    assert len(scene.mailbox.letters) == 2
    assert len({one["Message-ID"] for one in scene.mailbox.letters}) == 1


def test_a_claim_that_was_left_is_taken_over_after_its_life_and_not_before(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 12 * HOUR)
    with scene.database.write() as session:
        (due,) = due_services(session, published_addresses=True, now=NOW)
        assert claim_reminders(session, due, now=NOW)

    scene.clock.now = NOW + CLAIM_LIFE - timedelta(microseconds=1)
    assert scene.sender.send_due() == NOTHING
    scene.clock.now = NOW + CLAIM_LIFE
    assert scene.sender.send_due() == Looked(mailed=1)


def test_who_comes_late_does_not_end_the_claim_of_another(scene: Scene) -> None:
    # The first sender hangs in the mail server for longer than a claim lives.
    reported(scene.database, scene.ids["open"], observed_at=NOW - 12 * HOUR)
    slow, other = (
        make_sender(scene.database, scene.mailbox, scene.clock),
        make_sender(scene.database, None, scene.clock),
    )
    scene.mailbox.may_answer.clear()
    thread = threading.Thread(target=slow.send_due)
    thread.start()
    scene.mailbox.wait_for(1)
    scene.clock.now = NOW + CLAIM_LIFE
    assert other.send_due() == Looked(logged=1)
    scene.mailbox.may_answer.set()
    thread.join()

    with scene.database.read() as session:
        assert [one.channel for one in session.exec(select(Reminder))] == ["log"]


@pytest.fixture
def _patient_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers that wait for each other as long as a slow machine takes: who of them sends is the question."""
    monkeypatch.setattr("app.db.BUSY_TIMEOUT_MS", 60_000)


@pytest.mark.usefixtures("_patient_writers")
def test_of_many_senders_at_one_moment_one_sends(
    database: Database, database_url: str, gazetteer: Gazetteer, mailbox: Mailbox
) -> None:
    keys = [f"service-{number}" for number in range(12)]
    ids = published(
        database, gazetteer, make_organization(*(make_service(key) for key in keys), email=OFFICE)
    )
    for key in keys:
        reported(database, ids[key], observed_at=NOW - 9 * HOUR)
        reported(database, ids[key], observed_at=NOW - 10 * HOUR, applies_to="women")
    together = threading.Barrier(4)
    looked: list[Looked] = []

    def run() -> None:
        with opened(database_url) as own:
            sender = make_sender(own, mailbox, lambda: NOW)
            together.wait()
            looked.append(sender.send_due())

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(looked) == 4, "none of them failed"
    assert sum(one.mailed for one in looked) == len(keys)
    assert len({one["Message-ID"] for one in mailbox.letters}) == len(mailbox.letters) == len(keys)


def test_a_sent_letter_that_could_not_be_marked_is_marked_before_the_next_look(scene: Scene) -> None:
    reported(scene.database, scene.ids["open"], observed_at=NOW - 12 * HOUR)
    scene.mailbox.may_answer.clear()
    failures: list[OperationalError] = []

    def run() -> None:
        try:
            scene.sender.send_due()
        except OperationalError as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    scene.mailbox.wait_for(1)
    with scene.database.write() as session:
        # Longer than a writer waits for another.
        session.connection().execute(text("UPDATE reminder SET failures = failures"))
        scene.mailbox.may_answer.set()
        thread.join()
    assert len(failures) == 1
    assert states(scene.database) == [("expired", False)]

    scene.clock.now += CLAIM_LIFE
    assert scene.sender.send_due() == NOTHING
    assert len(scene.mailbox.letters) == 1
    assert states(scene.database) == [("expired", True)]


@pytest.mark.parametrize(
    "address",
    [
        "office@example.org\r\nBcc: thief@example.net",
        "office@example.org\n",
        "Office <office@example.org>",
        "office@example.org, thief@example.net",
        "office@example.org?bcc=thief@example.net",
        "office",
        "",
    ],
)
def test_an_address_is_one_plain_address(scene: Scene, address: str) -> None:
    with pytest.raises(ValidationFailed) as refused, scene.database.write() as session:
        choose_address(session, scene.ids["office"], address, now=NOW)
    assert [one.pointer for one in refused.value.errors] == ["/email"]
    assert not address or address not in str(refused.value.errors)


def test_an_address_is_chosen_changed_and_forgotten(scene: Scene) -> None:
    for index, chosen in enumerate(("one@example.org", "two@example.org", None, None)):
        reported(scene.database, scene.ids["open"], observed_at=NOW - 9 * HOUR + index * MINUTE)
        with scene.database.write() as session:
            choose_address(session, scene.ids["office"], chosen, now=NOW)
        scene.sender.send_due()
    assert scene.mailbox.recipients == ["one@example.org", "two@example.org", OFFICE, OFFICE]


def test_nobody_chooses_for_an_organization_that_is_not_there(scene: Scene) -> None:
    with pytest.raises(NotFound), scene.database.write() as session:
        choose_address(session, scene.ids["open"], OFFICE, now=NOW)
