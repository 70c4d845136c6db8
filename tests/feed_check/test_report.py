"""The command as a publisher runs it: what it prints, writes and ends with."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import app
from tests.feed_check.example_feed import ExampleFeed
from tests.feed_check.record_faults import FAULTS
from tests.feed_check.serving import served_feed


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["feed", "check", *arguments])


def planted(*codes: str) -> ExampleFeed:
    feed = ExampleFeed()
    for one in FAULTS:
        if one.code in codes:
            one.plant(feed)
    return feed


def test_a_good_feed_passes() -> None:
    with served_feed(ExampleFeed()) as address:
        done = check(address, "--allow-loopback")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Read 13 of /services" in done.stdout
    assert done.stdout.endswith("passed: nothing found\n")


def test_warnings_do_not_fail_and_errors_do(tmp_path: Path) -> None:
    with served_feed(planted("no-terms")) as address:
        done = check(address, "--allow-loopback")
    assert done.exit_code == 0
    assert done.stdout.endswith("passed: 1 warning\n")

    with served_feed(planted("no-terms", "id-reused")) as address:
        done = check(address, "--allow-loopback", "--markdown", str(tmp_path / "report.md"))
    assert done.exit_code == 1
    assert done.stdout.endswith("failed: 1 error, 1 warning\n")
    written = (tmp_path / "report.md").read_text()
    assert "| error | One id stands for two different things | 1 | [id-reused](#id-reused) |" in written


def test_a_possible_refuge_stands_first_and_its_address_is_not_repeated() -> None:
    feed = planted("refuge-locatable", "no-terms")
    secret = feed.services[4]["service_at_locations"][0]["location"]["latitude"]
    with served_feed(feed) as address:
        done = check(address, "--allow-loopback")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if not line)
    assert lines[first + 1].startswith("danger ")
    assert "SOMEBODY MAY COME TO HARM" in lines[first + 2]
    assert str(secret) not in done.stdout


def test_the_report_fits_80_columns_and_needs_no_colour() -> None:
    with served_feed(planted("refuge-locatable", "html-in-text", "format-wrong")) as address:
        done = check(address, "--allow-loopback")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout


def test_the_report_for_programs() -> None:
    with served_feed(planted("time-wrong")) as address:
        done = check(address, "--allow-loopback", "--json", "--sample", "5", "--max-services", "8")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["outcome"], report["counts"]["error"]) == (1, "failed", 1)
    assert report["read"]["/services"] == 10
    (finding,) = report["findings"]
    assert finding["code"] == "time-wrong"
    assert finding["examples"][0]["pointer"] == "/schedules/0/opens_at"
    assert "/services: only the first 8 records were read" in report["not_checked"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://user:secret-text@feed.example/", "an address with a log-in in it is not read"),
        ("http://127.0.0.1:1/", "only https:// addresses are read"),
    ],
)
def test_what_cannot_be_read_ends_with_2(address: str, said: str) -> None:
    done = check(address)
    assert done.exit_code == 2
    assert re.sub(r"\s+", " ", done.stdout).startswith(f"could not be read: {said}")
    assert "secret-text" not in done.stdout + done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_code_can_be_ignored_and_a_danger_only_for_one_record() -> None:
    with served_feed(planted("no-terms")) as address:
        assert check(address, "--allow-loopback", "--ignore", "no-terms").stdout.endswith("nothing found\n")
    feed = planted("refuge-locatable")
    ids = [feed.services[4]["id"], feed.services[4]["service_at_locations"][0]["id"]]
    with served_feed(feed) as address:
        assert check(address, "--allow-loopback", "--ignore", "refuge-locatable").exit_code == 1
        confirmed = [argument for one in ids for argument in ("--ignore", f"refuge-locatable:{one}")]
        assert check(address, "--allow-loopback", *confirmed).exit_code == 0
