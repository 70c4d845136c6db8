"""Nobody can tell from outside that a confidential service reported anything, or what."""

from tests.confidentiality.week import week_of_reports
from tests.confidentiality.worlds import Pair


def test_a_week_of_reports_changes_no_public_byte(pair: Pair) -> None:
    outcome = week_of_reports(pair)
    pair.outcomes["test_a_week_of_reports_changes_no_public_byte"] = outcome
    assert outcome.difference is None, outcome.difference
    assert outcome.requests > 900
