"""What docs/oruk.md says, for tests that hold it against what is served."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "oruk.md"


def documented_extensions() -> set[str]:
    """The members of the table of extensions."""
    return set(re.findall(r"^\| `(x_[a-z0-9_]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def documented_parameters() -> set[str]:
    """The names in the table of parameters."""
    section = PAGE.read_text(encoding="utf-8").partition("## Parameters")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
