"""Every planted fault is found and named, and nothing else is said; every check has a fault that shows it works."""

import pytest

from app.feed_check.checking import check_feed
from app.feed_check.checks import CHECKS
from tests.feed_check import answer_faults, record_faults
from tests.feed_check.example_feed import ExampleFeed, InProcess
from tests.feed_check.planting import Fault

FAULTS = [*answer_faults.FAULTS, *record_faults.FAULTS]


def codes_of(feed: ExampleFeed) -> set[str]:
    report = check_feed(feed.base, transport=InProcess(feed))
    assert report.unreadable is None
    return {one.check.code for one in report.findings}


def test_nothing_is_found_in_a_correct_feed() -> None:
    feed = ExampleFeed()
    report = check_feed(feed.base, transport=InProcess(feed))
    assert (report.findings, report.not_checked, report.outcome) == ((), (), "passed")


@pytest.mark.parametrize("planted", FAULTS, ids=lambda one: f"{one.code}: {one.words}")
def test_a_planted_fault_is_named_and_nothing_else(planted: Fault) -> None:
    feed = ExampleFeed()
    planted.plant(feed)
    assert codes_of(feed) == {planted.code}


def test_every_check_finds_some_fault() -> None:
    assert {one.code for one in FAULTS} == {one.code for one in CHECKS}
