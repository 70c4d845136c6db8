"""`directory freshness` and `directory reminders …` as an operator uses them: the real program on a folder of its own."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.db import Database
from app.geo.gazetteer import Gazetteer
from tests.api.served import free_port
from tests.capacity.mailbox import open_mailbox
from tests.capacity.making import HOUR, published, reported
from tests.cli.test_directory_command import run
from tests.databases import SqliteTemplate
from tests.factories import make_organization, make_refuge, make_service, opened, store_reference

MAIL = {"DIRECTORY_MAIL_FROM": "directory@example.org"}


@pytest.fixture
def url(sqlite_template: SqliteTemplate) -> str:
    return sqlite_template.create()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with opened(url) as found:
        with found.write() as session:
            store_reference(session)
        yield found


@pytest.fixture
def ids(database: Database, gazetteer: Gazetteer) -> Mapping[str, UUID]:
    found = published(
        database,
        gazetteer,
        make_organization(
            make_service("silent"), make_service("fresh"), make_refuge("late"), key="one", name="Example One",
            email="office@example.org",
        ),
        make_organization(make_service("other", name="Example [red]other"), key="two", name="Example Two"),
    )  # fmt: skip
    now = datetime.now(UTC)
    reported(database, found["fresh"], observed_at=now)
    reported(database, found["late"], observed_at=now - 13 * HOUR, status="accepting")
    return found


@pytest.fixture
def settings(url: str, ids: Mapping[str, UUID]) -> dict[str, str]:
    return {"DIRECTORY_DATABASE_URL": url}


def table_rows(said: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")] for line in said.splitlines() if "│" in line]


def test_freshness_lists_who_needs_somebody(tmp_path: Path, settings: dict[str, str]) -> None:
    done = run(tmp_path, "freshness", **settings)

    assert (done.returncode, done.stderr) == (0, "")
    found = [(row[0], row[1], row[2], row[4], row[6]) for row in table_rows(done.stdout)]
    assert found == [
        ("Example late", "Example One", "bed space", "unknown", "expired"),
        ("Example silent", "Example One", "", "unknown", "never reported"),
        ("Example [red]other", "Example Two", "", "unknown", "never reported"),
    ]
    assert "accepting" not in done.stdout


def test_freshness_of_one_organization_with_everything(
    tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID]
) -> None:
    done = run(tmp_path, "freshness", "--all", "--organization", str(ids["one"]), **settings)

    assert [(row[0], row[4]) for row in table_rows(done.stdout)] == [
        ("Example late", "unknown"),
        ("Example silent", "unknown"),
        ("Example fresh", "accepting"),
    ]


def test_send_writes_to_the_log_without_a_mail_server(
    tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID]
) -> None:
    run(tmp_path, "reminders", "address", str(ids["one"]), "desk@example.org", **settings)

    done = run(tmp_path, "reminders", "send", **settings)

    assert done.returncode == 0
    event, summary = done.stdout.splitlines()
    assert {name: value for name, value in json.loads(event).items() if name != "ts"} == {
        "event": "reminder_due",
        "level": "warning",
        "service_id": str(ids["late"]),
    }
    assert summary == "reminders: 0 sent, 1 logged, 0 not sent"
    assert "0 sent, 0 logged" in run(tmp_path, "reminders", "send", **settings).stdout


def test_an_address_is_asked_for_chosen_and_forgotten(
    tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID]
) -> None:
    def said(*arguments: str, env: str = "demonstration") -> str:
        done = run(
            tmp_path, "reminders", "address", str(ids["one"]), *arguments, DIRECTORY_ENV=env, **settings
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()

    assert said() == "there is no address: reminders go to the log"
    assert said(env="production") == "reminders go to office@example.org"
    assert said("desk@example.org") == "reminders go to desk@example.org"
    assert said(env="production") == "reminders go to desk@example.org"
    assert said("--published", env="production") == "reminders go to office@example.org"


@pytest.mark.parametrize("address", ["canary", "canary@example.org\nBcc: canary@example.net"])
def test_an_address_that_is_none_is_refused_and_not_repeated(
    tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID], address: str
) -> None:
    done = run(tmp_path, "reminders", "address", str(ids["one"]), address, **settings)

    assert done.returncode == 1
    assert "one e-mail address" in done.stderr
    assert "canary" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_an_organization_that_is_not_there(tmp_path: Path, settings: dict[str, str]) -> None:
    done = run(tmp_path, "reminders", "address", str(uuid4()), **settings)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_mail_server_that_is_away_ends_with_1_and_tells_no_secret(
    tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID]
) -> None:
    settings |= MAIL | {"DIRECTORY_SMTP_URL": f"smtp://canary:canary@localhost:{free_port()}"}
    run(tmp_path, "reminders", "address", str(ids["one"]), "canary@example.org", **settings)

    done = run(tmp_path, "reminders", "send", **settings)

    assert done.returncode == 1
    assert "0 sent, 0 logged, 1 not sent" in done.stdout
    assert "reminder_not_sent" in done.stdout
    for secret in ("canary", "Example", "bed_space", "accepting"):
        assert secret not in done.stdout + done.stderr


def test_a_password_that_is_not_wanted_is_not_told(
    tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID]
) -> None:
    with open_mailbox() as mailbox:
        settings |= MAIL | {"DIRECTORY_SMTP_URL": f"smtp://canary:canary@localhost:{mailbox.port}"}
        run(tmp_path, "reminders", "address", str(ids["one"]), "desk@example.org", **settings)
        done = run(tmp_path, "reminders", "send", **settings)

    assert done.returncode == 1
    assert mailbox.letters == []
    assert "canary" not in done.stdout + done.stderr


def test_send_sends(tmp_path: Path, settings: dict[str, str], ids: Mapping[str, UUID]) -> None:
    with open_mailbox() as mailbox:
        settings |= MAIL | {
            "DIRECTORY_SMTP_URL": mailbox.url,
            "DIRECTORY_PUBLIC_URL": "https://directory.example.org",
        }
        run(tmp_path, "reminders", "address", str(ids["one"]), "desk@example.org", **settings)
        done = run(tmp_path, "reminders", "send", **settings)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "reminders: 1 sent, 0 logged, 0 not sent"
    (letter,) = mailbox.letters
    assert (letter["To"], letter["From"]) == ("desk@example.org", "directory@example.org")
    assert "https://directory.example.org/provider" in letter.get_content()


def test_a_mail_server_without_a_sender_is_a_setting_that_is_wrong(tmp_path: Path) -> None:
    done = run(tmp_path, "reminders", "send", DIRECTORY_SMTP_URL="smtp://canary:canary@mail.example.org")

    assert done.returncode == 1
    assert "DIRECTORY_MAIL_FROM" in done.stderr
    assert "canary" not in done.stderr
