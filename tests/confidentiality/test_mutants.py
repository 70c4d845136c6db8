"""A leak that is built in on purpose is found, and by the test that says so: the suite can fail."""

import pytest

from tests.confidentiality import test_non_interference, test_week_of_reports, week
from tests.confidentiality.catching import as_markdown, clean_outcome, outcome_with
from tests.confidentiality.comparing import COMPARISONS, Outcome
from tests.confidentiality.mutants import MUTANTS, Mutant
from tests.confidentiality.worlds import Pair

FEWEST = 14
"""As many kinds of leak as the suite must be able to tell from none."""


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_leak_is_caught_by_the_test_that_names_it(mutant: Mutant, pair: Pair) -> None:
    clean = clean_outcome(mutant.caught_by, pair)
    assert clean.difference is None
    assert clean.requests > 0

    leaking = outcome_with(mutant, pair)

    assert leaking.difference is not None, f"{mutant.name} went unseen by {mutant.caught_by}"
    assert leaking.requests <= clean.requests


def test_there_are_enough_kinds_of_leak_and_their_tests_are_in_the_suite() -> None:
    assert len(MUTANTS) >= FEWEST
    suite = {**vars(test_non_interference), **vars(test_week_of_reports)}
    assert {mutant.caught_by for mutant in MUTANTS.values()} <= {
        name for name in suite if callable(suite[name])
    }
    assert {name for name in suite if name.startswith("test_")} >= set(COMPARISONS)


def test_the_table_of_leaks_names_each_with_its_test(pair: Pair) -> None:
    clean = dict.fromkeys((*COMPARISONS, week.TEST), Outcome(100, None))
    table = as_markdown(dict.fromkeys(MUTANTS, "body of GET /v1/services"), clean)
    assert table.count("\n") == len(MUTANTS) + 2
    assert all(
        f"| {name} |" in table and f"`{mutant.caught_by}`" in table for name, mutant in MUTANTS.items()
    )
