"""Every planted fault is found and named, and nothing else is said; every check has a fault that shows it works."""

import pytest

from app.feed_check.checking import check_feed
from app.feed_check.checks import CHECKS
from tests.feed_check import answer_faults, record_faults
from tests.feed_check.example_feed import ExampleFeed, InProcess, Record, make_id
from tests.feed_check.planting import Fault, on_page

FAULTS = [*answer_faults.FAULTS, *record_faults.FAULTS]


def codes_of(feed: ExampleFeed) -> set[str]:
    report = check_feed(feed.base, transport=InProcess(feed))
    assert report.unreadable is None
    return {one.check.code for one in report.findings}


def test_nothing_is_found_in_a_correct_feed() -> None:
    feed = ExampleFeed()
    report = check_feed(feed.base, transport=InProcess(feed))
    assert (report.findings, report.not_checked, report.outcome) == ((), (), "passed")


def with_removed(feed: ExampleFeed) -> ExampleFeed:
    feed.removed = [
        {"id": make_id("removed", number), "name": "Removed", "status": "defunct", "last_modified": feed.services[0]["last_modified"]}
        for number in range(3)
    ]  # fmt: skip
    return feed


def test_what_was_taken_out_and_only_says_so_is_no_fault() -> None:
    """It has nothing by which a question could find it, and nobody whose it is."""
    feed = with_removed(ExampleFeed())
    report = check_feed(feed.base, transport=InProcess(feed))
    assert (report.findings, report.outcome) == ((), "passed")


def test_what_has_ended_and_is_still_described_says_whose_it_is() -> None:
    feed = with_removed(ExampleFeed())
    ended = feed.services[4]
    ended["status"] = "defunct"
    del ended["organization"], ended["organization_id"]
    assert "organization-missing" in codes_of(feed)


def test_what_was_taken_out_has_to_come_when_changes_are_asked_for() -> None:
    feed = with_removed(ExampleFeed())
    removed = [one["id"] for one in feed.removed]

    def forgets(page: Record, query: dict[str, str]) -> None:
        if "modified_after" in query:
            page["contents"] = [one for one in page["contents"] if one["id"] not in removed]

    on_page(feed, forgets)
    assert "optional-parameter-wrong" in codes_of(feed)


@pytest.mark.parametrize("planted", FAULTS, ids=lambda one: f"{one.code}: {one.words}")
def test_a_planted_fault_is_named_and_nothing_else(planted: Fault) -> None:
    feed = ExampleFeed()
    planted.plant(feed)
    assert codes_of(feed) == {planted.code}


def test_every_check_finds_some_fault() -> None:
    assert {one.code for one in FAULTS} == {one.code for one in CHECKS}
