"""The command as an operator uses it: a few runs of the real program in a folder of its own, with its words and codes."""

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from tests.api.served import ROOT, copied_folder, environment
from tests.geo.published import B, ons_csv

DIRECTORY = Path(sys.executable).with_name("directory")


def run(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [DIRECTORY, *arguments],
        cwd=ROOT,
        env=environment(folder, COLUMNS="200", **settings),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def own(seeded: Path, tmp_path: Path) -> Path:
    """A seeded data folder that the test may change."""
    return copied_folder(seeded, tmp_path / "var")


def test_help_lists_the_commands(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("serve", "prepare", "migrate", "seed", "gazetteer", "areas", "search", "doctor"):
        assert re.search(rf"^\W*{command}\b", done.stdout, re.MULTILINE)
    assert list(tmp_path.iterdir()) == [], "asking for help makes nothing"


def test_a_wrong_call_ends_with_2(tmp_path: Path) -> None:
    assert run(tmp_path, "serch").returncode == 2
    assert run(tmp_path, "search", "--limit", "0").returncode == 2


INTERRUPTED = """
import os, signal, sys
# As a shell starts it for somebody who can press; behind "&", whoever runs the tests may have it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
class Presses:
    def find_spec(self, name, *_):
        if name == "app.cli.commands":
            {how}
class Finalized:
    def __del__(self):
        raise KeyboardInterrupt
sys.meta_path.insert(0, Presses())
from app.cli import main
main()
"""


@pytest.mark.parametrize(
    ("how", "code"),
    [("signal.raise_signal(signal.SIGINT)", 130), ("Finalized()", -signal.SIGTERM)],
    ids=["anywhere", "where Python ignores it"],
)
def test_ctrl_c_before_there_is_anything_ends_it_without_a_word(tmp_path: Path, how: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(how=how)],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_a_closed_output_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" doctor >&-', DIRECTORY],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"standard .* is closed: .*\n", done.stderr)


def test_prepare_makes_a_demonstration_and_again_changes_nothing(
    tmp_path: Path, gazetteer_file: Path
) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copyfile(gazetteer_file, folder / "gazetteer.bin")
    first = run(folder, "prepare")
    assert (first.returncode, first.stderr) == (0, "")
    seeded = re.search(r"seed: (\d+) services and (\d+) organizations", first.stdout)
    assert seeded
    assert int(seeded.group(1)) > 50
    again = run(folder, "prepare")
    assert again.returncode == 0
    assert "seed: 0 services and 0 organizations new or changed, 0 capacity reports" in again.stdout
    assert (folder / "directory.sqlite").stat().st_mode & 0o777 == 0o600


def test_production_is_not_seeded_with_organizations(own: Path) -> None:
    done = run(own, "seed", DIRECTORY_ENV="production")
    assert done.returncode == 1
    assert "production" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_search_answers_as_the_api_does(own: Path) -> None:
    said = run(
        own,
        "search",
        "B69 3DE",
        "--need",
        "casework_advocacy",
        "--age-group",
        "adult",
        "--referrer",
        "police",
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert "Sandwell" in said.stdout
    assert "police: West Midlands" in said.stdout
    assert "police may refer" in said.stdout
    assert "999" in said.stdout
    assert "DEMONSTRATION" in said.stdout
    assert "B69" not in said.stdout
    assert re.search(r"places free\W+[^\n]*\n[^\n]*reported", said.stdout), "how old it is"
    as_json = run(own, "search", "B69 3DE", "--limit", "3", "--json")
    assert len(json.loads(as_json.stdout)["results"]) == 3


def test_a_search_says_where_to_look_for_the_childrens_services_that_are_not_here(own: Path) -> None:
    said = run(own, "search", "B77 1AG", "--age-group", "unsure", "--limit", "1")
    assert "children's services for Tamworth" in " ".join(said.stdout.split())
    with sqlite3.connect(own / "directory.sqlite") as database:
        database.execute("UPDATE assurance SET confirmed_on = NULL, review_by = '2026-02-01'")
    said = run(own, "search", "DY1 1HF", "--age-group", "unsure", "--referrer", "council")
    words = " ".join(re.sub("[│ ]+", " ", said.stdout).split())
    assert "Children's services, Dudley (number not confirmed) https://www.dudley.gov.uk" in words
    assert "Tell the council's children's services as well." in words
    assert words.count("to be checked again by 1 February 2026") == 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ZZ99 9ZZ",), "not in the postcode directory"),
        (("B1 1BB", "--need", "canary"), "/need: a code of the need vocabulary"),
    ],
)
def test_a_search_that_cannot_be_answered_says_why_without_the_value(
    own: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(own, "search", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for value in ("canary", "ZZ99", "E99999999"):
        assert value not in done.stderr


def test_the_gazetteer_says_what_it_is(own: Path) -> None:
    done = run(own, "gazetteer", "show")
    assert done.returncode == 0
    assert "ONS Postcode Directory" in done.stdout
    assert re.search(r"rows\W+2[67]\d{5}", done.stdout)


def test_a_council_that_the_areas_do_not_have_is_told(own: Path, tmp_path: Path) -> None:
    edition = tmp_path / "ONSPD_NOV_2027.csv"
    edition.write_bytes(ons_csv([B, B.but(postcode="B31 1AA", authority="E08000055")]))
    done = run(own, "gazetteer", "import", str(edition), "--minimum-rows", "1")
    assert done.returncode == 0
    for told in (done.stderr, run(own, "doctor").stdout):
        assert "(E08000055): a postcode there lies in no area that a service covers" in " ".join(
            re.sub("[│ ]+", " ", told).split()
        )


@pytest.mark.parametrize("command", [("gazetteer", "show"), ("search", "B1 1BB")])
def test_a_missing_gazetteer_is_told_in_a_sentence(own: Path, command: tuple[str, ...]) -> None:
    (own / "gazetteer.bin").unlink()
    done = run(own, *command)
    assert done.returncode == 1
    assert "directory gazetteer build" in done.stderr
    assert "Traceback" not in done.stderr
    assert "B1 1BB" not in done.stderr


def test_a_missing_database_is_told_in_a_sentence(own: Path) -> None:
    for file in own.glob("directory.sqlite*"):
        file.unlink()
    done = run(own, "search", "B1 1BB")
    assert done.returncode == 1
    assert "directory.sqlite is not there" in done.stderr
    assert "Traceback" not in done.stderr
    assert "B1 1BB" not in done.stderr
    assert not (own / "directory.sqlite").exists()


def test_the_doctor_finds_what_a_curator_has_to_see_to(own: Path) -> None:
    done = run(own, "doctor")
    assert done.returncode == 0
    for finding in (
        "to do",
        "services never reported",
        "facts that nobody has confirmed",
        "ONS Postcode Directory",
        "reminded in the log alone",
    ):
        assert finding in done.stdout
    never = sum("never reported" in line for line in run(own, "freshness").stdout.splitlines())
    assert f"{never} services never reported" in done.stdout
    with sqlite3.connect(own / "directory.sqlite") as database:
        for table, whose in (
            ("helpline", "phone = '999'"), ("first_responder", "name = 'Unseen'"),
            ("assurance", "organization_id IS NOT NULL"),
        ):  # fmt: skip
            late = f"UPDATE {table} SET confirmed_on = '2026-01-01', review_by = '2026-02-01' WHERE {whose}"  # noqa: S608
            assert database.execute(late).rowcount
        assert "a way in through one" not in done.stdout
        paused = "UPDATE service SET record_state = 'paused' WHERE name = 'Example Night Line'"
        assert database.execute(paused).rowcount
    told = run(own, "doctor").stdout
    assert re.search(r"[4-9] services have a way in through one that is not public", told)
    assert "review overdue: Emergency services (999)" in told
    assert "review overdue: 1 names on the list of who may refer to the NRM" in told
    assert re.search(r"[1-9]\d organizations have facts whose review is overdue", told)


def test_the_doctor_tells_everything_that_is_wrong_and_ends_with_1(own: Path) -> None:
    with closing(sqlite3.connect(own / "directory.sqlite")) as link, link:
        # As a version before this one let it be: beside a refuge, and where there is none.
        beside = "organization_id IN (SELECT organization_id FROM service WHERE confidential)"
        two = f"SELECT min(id) FROM service WHERE NOT confidential GROUP BY {beside}"  # noqa: S608
        link.execute(f"UPDATE service SET description = 'At 12 Example Street' WHERE id IN ({two})")  # noqa: S608
        told = f"SELECT id FROM service WHERE description LIKE 'At 12%' AND {beside}"  # noqa: S608
        ((service_id,),) = link.execute(told).fetchall()
    told = "".join(run(own, "doctor").stdout.replace("│", "").split())
    assert (
        f"wrongrefugestextsleadtoone:takedownwhatsaysso,andreword/services/{UUID(service_id)}/descriptionto"
        in told
    )
    (own / "gazetteer.bin").unlink()
    done = run(own, "doctor")
    assert done.returncode == 1
    assert re.search(r"wrong\W+gazetteer\W+missing", done.stdout)
    assert re.search(r"ok\W+services\W+[1-9]", done.stdout)
    (own / "gazetteer.bin").write_bytes(b"half of a look-up")
    (own / "directory.sqlite").write_bytes(b"half of a database")
    done = run(own, "doctor")
    assert done.returncode == 1
    assert re.search(r"wrong\W+gazetteer\W+cannot be read: run `directory gazetteer build`", done.stdout)
    assert re.search(r"wrong\W+database\W+its file is .* restore the backup", done.stdout)
    assert done.stderr == ""
    # What the doctor says, every command says: none sends on to another that does not know either.
    assert re.search(r"its file is .* restore the backup", run(own, "freshness").stderr)


def test_a_database_that_does_not_answer_is_told_as_that(tmp_path: Path) -> None:
    away = {"DIRECTORY_DATABASE_URL": f"postgresql://canary:canary@/canary?host={tmp_path}"}
    for done in (run(tmp_path, "doctor", **away), run(tmp_path, "migrate", **away)):
        assert done.returncode == 1
        assert "it cannot be connected to: it does not run, or DIRECTORY_DATABASE_URL names" in " ".join(
            re.sub("[│ ]+", " ", done.stdout + done.stderr).split()
        )
        assert "canary" not in done.stdout + done.stderr


def test_after_a_restore_every_place_is_one_to_ask_about(own: Path) -> None:
    asked = ("search", "B69 3DE", "--need", "casework_advocacy", "--age-group", "adult")
    assert "places free" in run(own, *asked).stdout
    with closing(sqlite3.connect(own / "directory.sqlite")) as link, link:
        # One was told while a clock was ahead.
        later = (
            "observed_at = datetime(observed_at, '+9 days'), valid_until = datetime(valid_until, '+9 days')"
        )
        link.execute(f"UPDATE capacity_report SET {later} WHERE status = 'accepting' AND unit = 'call_line'")  # noqa: S608
    assert re.search(r"wrong\W+clock\W+1 figures", run(own, "doctor").stdout)
    done = run(own, "distrust")
    assert done.returncode == 0, done.stderr
    assert re.search(r"do not count any more: [1-9]", done.stdout)
    found = run(own, *asked).stdout
    assert "places free" not in found
    assert "ask about places" in found
    assert "any more: 0" in run(own, "distrust").stdout
    # Whom to ask is told, and to nobody is it said that all is fresh.
    assert len(re.findall(r"unknown.*expired", run(own, "freshness").stdout)) > 5
    told = run(own, "doctor").stdout
    assert re.search(r"\b[1-9]\d have only expired\s", told)
    assert "clock" not in told
    freshness = json.loads(run(own, "insight", "--json").stdout)["freshness"]
    assert (freshness["fresh"], freshness["ageing"]) == (0, 0)
    assert run(own, "audit", "verify").returncode == 0


def test_the_doctor_makes_nothing_and_misses_a_secret_that_was_there(tmp_path: Path, own: Path) -> None:
    empty = tmp_path / "nothing"
    done = run(empty, "doctor")
    assert "none yet: the first start makes one" in " ".join(done.stdout.split())
    assert not empty.exists()
    assert "lost" not in run(own, "doctor").stdout, "nothing was made with one yet"
    assert run(own, "keys", "bootstrap", "Example Curator").returncode == 0
    assert "audit log began" not in " ".join(run(own, "doctor").stdout.split())
    done = run(own, "doctor", DIRECTORY_SECRET="another secret of the tests, long enough")
    assert (done.returncode, "not the one that the audit log" in " ".join(done.stdout.split())) == (1, True)
    kept = own / "secret"
    kept.rename(own / "elsewhere")
    done = run(own, "doctor")
    assert (done.returncode, "lost: put it back" in done.stdout) == (1, True)
    # Nor does what comes first after a restore hide it: under a new one the doctor would find nothing.
    for command in (("audit", "list"), ("serve", "--no-prepare")):
        done = run(own, *command)
        assert (done.returncode, "is lost: put it back" in done.stderr) == (1, True)
    assert not kept.exists()


def test_the_doctor_sees_a_production_without_a_database(tmp_path: Path) -> None:
    done = run(tmp_path / "var", "doctor", DIRECTORY_ENV="production")
    assert done.returncode == 1
    assert re.search(r"wrong\W+database\W+missing", done.stdout)
    assert re.search(r"to do\W+mail\W+no DIRECTORY_SMTP_URL", done.stdout)
    assert not (tmp_path / "var" / "directory.sqlite").exists()


def test_a_schema_of_another_version_is_said_and_no_traceback(own: Path) -> None:
    with sqlite3.connect(own / "directory.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = 'of_next_year'")
    for command in ("doctor", "migrate", "serve"):
        done = run(own, command)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "of a version that this code does not know" in done.stdout + done.stderr


def test_a_secret_that_was_cut_short_is_not_taken_and_one_that_all_can_read_is_told(own: Path) -> None:
    assert run(own, "keys", "bootstrap", "Example Curator").returncode == 0
    secret = own / "secret"
    whole = secret.read_bytes()
    secret.write_bytes(b"")
    done = run(own, "doctor")
    assert (done.returncode, "cut short" in done.stdout) == (1, True)
    assert "cut short" in run(own, "serve", "--no-prepare").stderr
    secret.write_bytes(whole)
    secret.chmod(0o644)
    assert "others on this machine can read it" in run(own, "doctor").stdout


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://canary@host/name", "postgresql://canary@host:port/name"]
)
def test_an_address_of_no_database_stops_the_start(tmp_path: Path, url: str) -> None:
    done = run(tmp_path / "var", "serve", DIRECTORY_ENV="production", DIRECTORY_DATABASE_URL=url)
    assert (done.returncode, "Traceback" in done.stderr, "canary" in done.stderr) == (1, False, False)
    assert done.stderr.startswith("DIRECTORY_DATABASE_URL: ")
    assert not (tmp_path / "var").exists()


def test_wrong_settings_are_named_and_their_values_are_not_shown(own: Path) -> None:
    wrong = {"DIRECTORY_ENV": "canary", "DIRECTORY_PORT": "99999999", "DIRECTORY_PUBLIC_URL": "ftp://canary"}
    done = run(own, "serve", "--no-prepare", **wrong)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == list(wrong)
    assert "canary" not in done.stdout + done.stderr
    assert "99999999" not in done.stderr


@pytest.mark.parametrize(
    "settings",
    [{"DIRECTORY_SECRET": "canary-short"}, {"DIRECTORY_DATABASE_URL": "postgresql://user:canary@/x"}],
    ids=["short", "none on PostgreSQL"],
)
def test_a_secret_that_will_not_do_is_asked_for(own: Path, settings: dict[str, str]) -> None:
    done = run(own, "serve", "--no-prepare", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("DIRECTORY_SECRET")
    assert "canary" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
