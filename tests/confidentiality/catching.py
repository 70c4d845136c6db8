"""Running the test that is to catch a leak, with the leak and without; and the table of what was caught.

`python -m tests.confidentiality.catching FILE` runs all of it and writes the table as Markdown.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.confidentiality import week
from tests.confidentiality.comparing import COMPARISONS, Outcome, known_to_all
from tests.confidentiality.mutants import MUTANTS, Mutant
from tests.confidentiality.week import week_of_reports
from tests.confidentiality.worlds import Pair, both_served, take_up
from tests.gazetteer_cache import cached_gazetteer


def run_test_of(name: str, pair: Pair) -> Outcome:
    """What the test of this name compares, run as it runs it."""
    return week_of_reports(pair) if name == week.TEST else COMPARISONS[name].run(pair)


def clean_outcome(name: str, pair: Pair) -> Outcome:
    """Without a mutant; run once, by the test itself or here."""
    if name not in pair.outcomes:
        pair.outcomes[name] = run_test_of(name, pair)
    found: Outcome = pair.outcomes[name]
    return found


def outcome_with(mutant: Mutant, pair: Pair) -> Outcome:
    """What the mutant's test finds in the application with the leak; the worlds are clean again afterwards."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            mutant.patch(patch, pair.lens)
            _take_up_both(pair)
            return run_test_of(mutant.caught_by, pair)
    finally:
        _take_up_both(pair)


def _take_up_both(pair: Pair) -> None:
    for world in pair.both:
        pair.lens.secrets = world.secrets
        take_up(world)
    pair.lens.secrets = None


def as_markdown(seen: dict[str, str], clean: dict[str, Any]) -> str:
    """The table of mutants and the tests that caught them; `seen` is the difference by mutant, `clean` the outcome of
    each test without a mutant.
    """
    lines = [
        "| variant | what it tells | caught by | requests of the clean run, all equal | first difference |",
        "|---|---|---|---|---|",
    ]
    for mutant in MUTANTS.values():
        difference = seen[mutant.name].partition("\n")[0][:90].replace("|", "\\|").replace("`", "'")
        outcome = clean[mutant.caught_by]
        equal = "differs" if outcome.difference else str(outcome.requests)
        lines.append(f"| {mutant.name} | {mutant.tells} | `{mutant.caught_by}` | {equal} | `{difference}` |")
    return "\n".join(lines) + "\n"


def table_of(pair: Pair) -> str:
    """Every mutant run against its test, as Markdown. Raises RuntimeError when one of them went unseen."""
    seen = {}
    for mutant in MUTANTS.values():
        clean_outcome(mutant.caught_by, pair)
        difference = outcome_with(mutant, pair).difference
        if difference is None:
            raise RuntimeError(f"{mutant.name} went unseen by {mutant.caught_by}")
        seen[mutant.name] = difference
    return as_markdown(seen, pair.outcomes)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        both_served(Path(folder) / "pair", cached_gazetteer()) as pair,
    ):
        known_to_all(pair)
        table = table_of(pair)
    Path(sys.argv[1]).write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
