"""The records that the standard's own schemas were tried on pass here too."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.feed_check.checking import check_feed
from tests.feed_check.example_feed import ExampleFeed, InProcess

WORKED = Path(__file__).parents[3] / "shared" / "oruk" / "worked-example"


def test_nothing_is_found_in_the_worked_example() -> None:
    if not WORKED.exists():
        pytest.skip("the worked example is not beside the project (../shared/oruk)")

    def worked(name: str) -> Any:
        return json.loads((WORKED / f"{name}.json").read_text())

    feed = ExampleFeed()
    feed.services = [worked("service")]
    feed.organizations, feed.taxonomies = [worked("organization")], worked("taxonomies")

    report = check_feed(feed.base, transport=InProcess(feed))

    assert (report.unreadable, report.findings) == (None, ())
    assert report.read["/services/{id}"] == 1
