"""Two worlds, equal in what may be public and different in secrets, answer everything alike, byte for byte.

Status, headers with their order, entity tags and lengths, bodies and log lines are compared; only the date and the
request id may differ. Which leaks each of these tests catches is shown in `test_mutants`.
"""

import pytest

from app.capacity.calls import tallies_of_thirty_days
from app.curation.insight import make_insight
from app.curation.insight_report import report_html
from app.curation.insight_shapes import Insight
from tests.api.served import NOW
from tests.confidentiality.comparing import COMPARISONS, DEEP, Outcome
from tests.confidentiality.worlds import Pair, Served


@pytest.fixture
def compared(request: pytest.FixtureRequest, pair: Pair) -> Outcome:
    """The comparison that carries the name of the test, clean; its outcome is kept for the table of mutants."""
    name = request.node.originalname
    pair.outcomes[name] = COMPARISONS[name].run(pair)
    found: Outcome = pair.outcomes[name]
    return found


def tells_nothing(outcome: Outcome, *, requests: int, about_houses: int) -> None:
    assert outcome.difference is None, outcome.difference
    assert outcome.requests >= requests
    assert outcome.about_houses >= about_houses


def test_searches_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=1500, about_houses=500)


def test_searches_in_addresses_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=400, about_houses=100)


def test_lists_and_their_cursors_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=500, about_houses=300)


def test_records_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=800, about_houses=30)


def test_coverage_shapes_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=100, about_houses=0)


def test_organizations_changes_and_documents_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=500, about_houses=50)


def test_exports_and_maps_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=350, about_houses=60)


def test_problems_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=500, about_houses=0)


def test_places_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=150, about_houses=0)


def test_pages_tell_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=100, about_houses=100)


def test_the_feed_tells_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=600, about_houses=100)


def test_the_snapshot_tells_nothing_of_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=1000, about_houses=300)


def test_no_moment_of_the_week_tells_secrets(compared: Outcome) -> None:
    tells_nothing(compared, requests=800, about_houses=400)


def test_what_boards_are_told_tells_nothing_of_secrets(pair: Pair) -> None:
    """But for the calls that nobody answered, or that reached nobody: those are found by officers, not reported."""
    left, right = (insight_of(world) for world in pair.both)
    assert left.freshness.confidential > 10
    assert without_calls(left) == without_calls(right)
    houses = [one for told in (left, right) for one in told.calls if one.confidential]
    assert houses
    assert {(one.helped, one.full) for one in houses} == {(None, None)}


def insight_of(world: Served) -> Insight:
    directory = world.client.app.state.holder.current
    with world.database.read() as session:
        return make_insight(directory, tallies_of_thirty_days(session, NOW), NOW)


def without_calls(told: Insight) -> tuple[str, str]:
    bare = told.model_copy(update={"calls": ()})
    return bare.model_dump_json(), report_html(bare)[0]


@pytest.mark.long
@pytest.mark.parametrize("name", COMPARISONS)
def test_many_more_requests_tell_nothing_of_secrets(name: str, pair: Pair) -> None:
    outcome = COMPARISONS[name].run(pair, times=DEEP)
    assert outcome.difference is None, outcome.difference
