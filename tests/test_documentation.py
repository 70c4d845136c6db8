"""What is documented exists, and what exists is documented: settings, problems, and every command with its options."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from app.cli.commands import app
from app.config import Settings
from app.errors import problem_catalogue

DOCS = Path(__file__).parents[1] / "docs"


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every table row of a page, headings and rules left out."""
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def commands(command: object, name: str = "directory") -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for part, inner in command.commands.items():
            yield from commands(inner, f"{name} {part}")
    elif isinstance(command, TyperCommand):
        yield name, command


COMMANDS = dict(commands(typer.main.get_command(app)))


def section(command: str) -> str:
    """What docs/cli.md says under the heading of a command."""
    found = re.search(
        rf"^### `{re.escape(command)}`\n(.*?)(?=^##|\Z)",
        (DOCS / "cli.md").read_text(encoding="utf-8"),
        re.M | re.S,
    )
    assert found, f"docs/cli.md has no heading for {command}"
    return found.group(1)


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    documented = {cells[0].strip("`"): cells[1:] for cells in rows("settings.md")}
    assert list(documented) == [f"DIRECTORY_{name.upper()}" for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        default, meaning = documented[f"DIRECTORY_{name.upper()}"]
        assert len(meaning) > 15
        if field.default is None:
            # Worked out from other settings: said in words.
            assert not re.fullmatch(r"`.*`|none|", default)
        else:
            # As it is written in the environment.
            written = json.dumps(field.default) if isinstance(field.default, dict) else field.default
            assert default == ("none" if field.default == () else f"`{written}`")


def test_a_choice_of_values_is_documented_whole() -> None:
    documented = {cells[0].strip("`"): cells[2] for cells in rows("settings.md")}
    for name, values in {
        "DIRECTORY_ENV": ["demonstration", "production"],
        "DIRECTORY_LOG_LEVEL": ["debug", "info", "warning", "error"],
    }.items():
        assert all(f"`{value}`" in documented[name] for value in values)


def test_every_setting_that_any_page_names_exists() -> None:
    known = {f"DIRECTORY_{name.upper()}" for name in Settings.model_fields}
    for page in [
        *DOCS.glob("*.md"),
        DOCS.parent / "README.md",
        DOCS.parent / "Dockerfile",
        DOCS.parent / "Makefile",
    ]:
        assert set(re.findall(r"DIRECTORY_[A-Z_]+", page.read_text(encoding="utf-8"))) <= known, page.name


def test_every_problem_is_documented_once_with_its_status() -> None:
    documented = [(cells[0].strip("`"), int(cells[1])) for cells in rows("problems.md")]
    assert len(documented) == len(set(documented))
    assert dict(documented) == {slug: kind.status for slug, kind in problem_catalogue().items()}
    assert all(len(cells[2]) > 15 for cells in rows("problems.md"))


def test_the_commands_in_the_page_are_those_that_exist() -> None:
    headings = re.findall(
        r"^### `(directory[^`]*)`$", (DOCS / "cli.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_in_the_page_are_those_that_exist(command: str) -> None:
    listed = "\n".join(line for line in section(command).splitlines() if line.startswith("* "))
    names = set(re.findall(r"`(--[a-z-]+)`", listed))
    existing = {
        option
        for parameter in COMMANDS[command].params
        if isinstance(parameter, TyperOption)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert names == existing - {"--help"}
    arguments = {p.name for p in COMMANDS[command].params if isinstance(p, TyperArgument)}
    assert set(re.findall(r"^\* `([a-z]+)`:", listed, re.MULTILINE)) == arguments


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_is_for(command: str) -> None:
    assert len(section(command).split("\n* ")[0].strip()) > 30
    assert (COMMANDS[command].help or "").strip().endswith(".")


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
