"""`directory insight` as an operator uses it: in the terminal, for programs, and as a page to send."""

import json
from pathlib import Path

from app.curation.insight_shapes import Insight
from tests.cli.test_directory_command import run


def test_the_board_is_printed_with_its_marks(seeded: Path) -> None:
    done = run(seeded, "insight")
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = (line for line in done.stdout.splitlines() if line.strip().startswith("Safe house"))
    cells = [cell.strip() for cell in row.split("│")[1:]]
    assert len(cells) == 7
    assert all(cell.endswith(" !") for cell in cells), "a refuge is never counted as free"
    assert "0/0 !!" in done.stdout
    assert "confidential services not counted" in done.stdout
    assert "no calls were recorded" in done.stdout


def test_programs_get_what_the_api_gives(seeded: Path) -> None:
    done = run(seeded, "insight", "--json")
    assert done.stderr == ""
    found = Insight.model_validate(json.loads(done.stdout))
    assert found.demonstration
    assert len(found.boroughs) == 7


def test_the_page_is_one_file(seeded: Path, tmp_path: Path) -> None:
    page = tmp_path / "insight.html"
    done = run(seeded, "insight", "--html", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert 'http-equiv="Content-Security-Policy"' in text
    assert "<script" not in text
    assert list(tmp_path.iterdir()) == [page]


def test_one_form_at_a_time(seeded: Path, tmp_path: Path) -> None:
    done = run(seeded, "insight", "--json", "--html", str(tmp_path / "insight.html"))
    assert done.returncode == 2
    assert "either --json or --html" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_directory_it_says_what_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path, "insight")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
