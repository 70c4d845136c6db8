"""docs/feed-check.md says which checks there are and which faults show that they work."""

import re
from pathlib import Path

from app.feed_check.checks import CHECKS
from app.feed_check.findings import SEVERITIES
from tests.feed_check import answer_faults, record_faults

PAGE = Path(__file__).parents[2] / "docs" / "feed-check.md"


def rows(heading: str) -> list[list[str]]:
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ") and not line.startswith("| finding")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_check_is_documented_as_it_is() -> None:
    assert rows("What it looks at") == [
        [f"`{one.code}`", one.severity, one.title, one.clause] for one in CHECKS
    ]


def test_every_planted_fault_is_documented() -> None:
    planted = [*answer_faults.FAULTS, *record_faults.FAULTS]
    assert rows("How we know that it works") == [[f"`{one.code}`", one.words] for one in planted]
    assert len({one.words for one in planted}) == len(planted) >= 30


def test_checks_are_told_in_plain_sentences() -> None:
    assert len({one.code for one in CHECKS}) == len(CHECKS)
    for one in CHECKS:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", one.code)
        assert one.severity in SEVERITIES
        assert one.mend.endswith("."), one.code
        assert not one.title.endswith("."), one.code
        assert len(one.clause) > 5
