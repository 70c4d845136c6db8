"""The project keeps its own rules: what is tracked, how long modules are, what the Makefile and the Dockerfile say."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "app").rglob("*.py"))
LONGEST_MODULE = 400
"""Past that a module usually holds two ideas."""

ROLE_WORDS = [
    "admin",
    "contact",
    "enquir",
    "help",
    "info",
    "mscc",
    "nrm",
    "office",
    "police",
    "refer",
    "safeguard",
    "salvage",
    "slavery",
    "support",
    "team",
]
"""A mailbox with one of these in its name belongs to a desk. One that has none is looked at before a word is added."""


def tracked_files() -> list[Path]:
    """What git tracks or would track; skips where the project is not a checkout, as in an unpacked archive."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is tracked is not known")
    listed = subprocess.run(
        [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def tracked_texts() -> dict[str, str]:
    texts = {}
    for path in tracked_files():
        try:
            texts[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint is not installed for this platform")
    checked = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.stdout + checked.stderr == ""
    assert checked.returncode == 0


def test_make_help_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    help_text = subprocess.run(
        ["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    explained = {line.split()[0] for line in help_text.splitlines() if len(line.split()) > 1}
    assert explained == targets
    assert targets == set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_for_and_holds_one_idea(path: Path) -> None:
    source = path.read_text()
    assert ast.get_docstring(ast.parse(source)), "a module docstring says what lives here and why"
    assert len(source.splitlines()) <= LONGEST_MODULE


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    home = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[\w.-]+")
    found = {name: home.findall(text) for name, text in tracked_texts().items()}
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_no_file_holds_the_address_of_a_person() -> None:
    # Role mailboxes of organizations and the reserved example domains (RFC 2606) are what the directory is made of.
    address = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
    example = re.compile(r"@(?:[\w-]+\.)*example(?:\.(?:com|org|net))?$|\.(?:test|invalid)$")
    found = {
        f"{name}: {mailbox}"
        for name, text in tracked_texts().items()
        if name != "tests/directory/test_contact_points.py"  # its addresses are the ones that are refused
        for mailbox in address.findall(text)
        if not example.search(mailbox)
        and not any(word in mailbox.partition("@")[0].lower() for word in ROLE_WORDS)
    }
    assert found == set()


def test_no_invented_number_can_ring_at_somebodys() -> None:
    """Of 0300 numbers none is set aside for drama; Ofcom keeps 0306 999 0000 to 0999 and 0121 496 0000 to 0999 for that."""
    assigned = re.compile(r"300\W{0,3}555\W{0,3}\d")
    found = {name: assigned.findall(text) for name, text in tracked_texts().items()}
    assert {name: numbers for name, numbers in found.items() if numbers} == {}


def test_nothing_that_the_service_keeps_is_tracked() -> None:
    kept = re.compile(r"\.sqlite|gazetteer\.bin$|(^|/)\.env$|\.pem$|(^|/)secret$")
    assert [path.name for path in tracked_files() if kept.search(path.relative_to(ROOT).as_posix())] == []


def test_the_lock_file_is_in_step_with_the_project() -> None:
    beside = Path(sys.executable).with_name("uv")
    uv = beside if beside.exists() else shutil.which("uv")
    if uv is None:
        pytest.skip("uv is neither in the environment nor on the PATH")
    checked = subprocess.run(
        [uv, "lock", "--check", "--offline", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
    )
    assert checked.returncode == 0, checked.stderr


def test_uv_and_its_build_backend_are_of_one_release() -> None:
    pinned = re.search(r"^uv==(\S+)", (ROOT / "deploy/uv.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    built_with = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    minor = ".".join(pinned.group(1).split(".")[:2])
    assert built_with == [f"uv_build>={minor},<0.{int(minor.split('.')[1]) + 1}"]


def test_every_room_of_the_house_is_in_the_import_rules() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    web_free, public = (
        next(set(rule["source_modules"]) for rule in contracts if rule["name"].startswith(start))
        for start in ("FastAPI only in", "What is public")
    )
    rooms = {f"app.{path.stem}" for path in (ROOT / "app").iterdir() if path.stem[0] not in "_."}
    # `cli` starts the server, and that is all it knows of HTTP.
    assert rooms - {"app.api", "app.cli", "app.main", "app.web"} == web_free
    assert rooms & {"app.api", "app.feed", "app.feed_check", "app.search", "app.web"} == public
