"""What is said of a way in: how soon an answer comes, as it is read aloud."""

import pytest

from app.directory.wording import conditions_of
from tests.search.making import Route, build_service


@pytest.mark.parametrize(
    ("response_time", "said"),
    [
        ("now", ["an answer at once"]),
        ("PT15M", ["an answer within 15 minutes"]),
        ("PT1H", ["an answer within 1 hour"]),
        ("PT1H30M", ["an answer within 1 hour 30 minutes"]),
        ("P1D", ["an answer within 1 day"]),
        ("P2DT4H", ["an answer within 2 days 4 hours"]),
        ("P0DT4H", ["an answer within 4 hours"]),
        ("P005D", ["an answer within 5 days"]),
        (None, []),
        # Imports of others take what their publisher wrote: better nothing than what nobody can read aloud.
        ("P", []),
        ("PT0H", []),
        ("P1W", []),
        ("soon", []),
    ],
)
def test_how_soon_an_answer_comes_is_said_in_words(response_time: str | None, said: list[str]) -> None:
    (route,) = build_service(1, {"routes": (Route(),)}).record.referral_routes
    assert conditions_of(route.model_copy(update={"response_time": response_time}), {}) == said
