"""Forms of pages, as they stand in the templates."""

import re
from pathlib import Path

import pytest

from app.web.pages import HERE

TEMPLATES = sorted((HERE / "templates").glob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_browser_neither_keeps_nor_puts_back_what_was_typed(template: Path) -> None:
    """A note on who hides stays in the list of what was typed before; a figure that was not saved looks like one that was."""
    forms = re.findall(r"<form\b[^>]*>", template.read_text(encoding="utf-8"))
    assert [one for one in forms if 'method="post"' in one and 'autocomplete="off"' not in one] == []
