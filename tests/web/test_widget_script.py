"""The widget's script and words as they are served: small, addressed by what is in them, and in reviewed languages only."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.web.catalogues import read_catalogues
from app.web.widget import BRANDS, FOLDER, LINKS, NEWEST, released
from app.web.widget_script import make_script, read_earlier
from tests.api.served import Client

MOST_BYTES = 10_000
"""Gzipped: it is loaded on watched phones with a poor signal."""
ENGLISH: dict[str, Any] = json.loads((FOLDER / "messages" / "en.json").read_text(encoding="utf-8"))
SOURCE = (FOLDER / "widget.js").read_text(encoding="utf-8")


def test_it_is_small(client: Client) -> None:
    answer = client.get("/widget/v1.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) <= MOST_BYTES
    assert len(gzip.compress(answer.content, 9)) <= MOST_BYTES


def test_the_newest_is_asked_for_again_and_the_pinned_one_is_kept_for_ever(client: Client) -> None:
    newest = client.get("/widget/v1.js")
    assert newest.headers["cache-control"] == NEWEST == "public, max-age=300, stale-while-revalidate=86400"
    pinned = client.get(f"/widget/{released().newest.pinned_name}")
    assert pinned.content == newest.content
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    for answer in (newest, pinned):
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        again = client.get(answer.request.url, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_snippet_names_the_bytes_that_are_served(client: Client) -> None:
    page = client.get("/widget").text
    name, integrity = re.findall(
        r"/widget/(v1\.[0-9a-f]{16}\.js)&#34; .*\n.*integrity=&#34;(sha384-[^&]+)&#34;", page
    )[0]
    body = client.get(f"/widget/{name}").content
    assert integrity == f"sha384-{base64.b64encode(hashlib.sha384(body).digest()).decode()}"
    assert name == f"v1.{hashlib.sha256(body).hexdigest()[:16]}.js"


@pytest.mark.parametrize(
    "name",
    ["v2.js", "v1.0123456789abcdef.js", "v1.js.map", "widget.js", "v1", "messages", "v1.JS", "earlier"],
)
def test_no_other_name_is_a_script(client: Client, name: str) -> None:
    assert client.get(f"/widget/{name}").status_code == 404


def test_what_is_served_is_the_source_without_its_comments() -> None:
    body = released().newest.body.decode()
    assert "support-finder" in body
    assert not [line for line in body.splitlines() if line.startswith(("//", "/*", "* "))]
    kept = [line for line in body.splitlines() if not line.startswith(("const LANGUAGES", "const ENGLISH"))]
    lines = {line.strip() for line in SOURCE.splitlines()}
    assert set(kept) <= lines


def test_values_never_become_html_and_nothing_is_kept() -> None:
    words = set(re.findall(r"[A-Za-z]+", released().newest.body.decode()))
    forbidden = {"innerHTML", "outerHTML", "insertAdjacentHTML", "eval", "Function", "localStorage", "sessionStorage", "cookie",
                 "indexedDB", "sendBeacon", "pushState", "replaceState", "XMLHttpRequest", "WebSocket", "importScripts"}  # fmt: skip
    assert not words & forbidden
    assert "document.write" not in released().newest.body.decode()
    addresses = re.findall(r"https?:\\?/\\?/[\w.]+", released().newest.body.decode())
    assert addresses == ["https://www.bbc.co.uk"], "where the way out leads, and nothing else"


# Earlier releases


def test_an_earlier_release_is_served_as_it_was(tmp_path: Path) -> None:
    body = b"console.log('an earlier one')\n"
    name = f"v1.{hashlib.sha256(body).hexdigest()[:16]}.js"
    (tmp_path / name).write_bytes(body)
    assert read_earlier(tmp_path)[name].body == body


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    (tmp_path / "v1.0123456789abcdef.js").write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not the release"):
        read_earlier(tmp_path)


# Words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH), encoding="utf-8")
    return tmp_path


def put(folder: Path, language: str, /, **changed: Any) -> None:
    polish = ENGLISH | {
        "language": language, "autonym": "polski", "status": "reviewed", "reviewed_by": "Translator of the helpline",
        "reviewed_on": "2026-11-25",
    }  # fmt: skip
    (folder / f"{language}.json").write_text(json.dumps(polish | changed), encoding="utf-8")


def test_a_reviewed_language_is_offered(folder: Path) -> None:
    put(folder, "pl")
    catalogues = read_catalogues(folder)
    assert list(catalogues.offered) == ["en", "pl"]
    assert catalogues.refused == {}
    assert b'const LANGUAGES = {"en":"English","pl":"polski"};' in make_script(SOURCE, catalogues).body


MISSING = {key: said for key, said in ENGLISH["messages"].items() if key != "exit"}


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "draft"},
        {"status": "machine"},
        {"status": None},
        {"reviewed_by": None},
        {"reviewed_by": ""},
        {"reviewed_on": None},
        {"reviewed_on": "soon"},
        {"language": "de"},
        {"direction": "up"},
        {"messages": MISSING},
        {"messages": ENGLISH["messages"] | {"more_than_the_source": "x"}},
        {"messages": ENGLISH["messages"] | {"updated": "zaktualizowano"}},
        {"messages": ENGLISH["messages"] | {"updated": "zaktualizowano {czas}"}},
        {"messages": ENGLISH["messages"] | {"exit": ""}},
        {"messages": ENGLISH["messages"] | {"found": "{count}"}},
        {"messages": ENGLISH["messages"] | {"found": {"one": "{count}", "few": "{count}"}}},
        {
            "messages": ENGLISH["messages"]
            | {"found": {"one": "{count}", "some": "{count}", "other": "{count}"}}
        },
        {"messages": ENGLISH["messages"] | {"exit": {"other": "Wyjdź"}}},
        {"comment": "x"},
    ],
    ids=str,
)
def test_what_nobody_reviewed_or_is_not_whole_is_refused_with_the_reason(
    folder: Path, changed: dict[str, Any]
) -> None:
    put(folder, "pl", **changed)
    catalogues = read_catalogues(folder)
    assert list(catalogues.offered) == ["en"]
    assert len(catalogues.refused["pl.json"]) > 10


def test_without_reviewed_english_there_is_no_widget(folder: Path) -> None:
    (folder / "en.json").write_text(json.dumps(ENGLISH | {"status": "draft"}), encoding="utf-8")
    with pytest.raises(ValueError, match="not reviewed"):
        read_catalogues(folder)


def test_the_languages_of_the_project_are_reviewed_by_a_role_and_all_taken() -> None:
    catalogues = released().catalogues
    assert catalogues.refused == {}
    assert all(one.reviewed_by and one.reviewed_on for one in catalogues.offered.values())


def test_every_message_is_used_and_every_used_one_exists() -> None:
    for key in ENGLISH["messages"]:
        stem = re.sub(
            r"_(phone|voice|sms|text|whatsapp|email|web_form|walk_in|via_service|always|with_consent|safeguarding_only|never|unknown|yes|ask|until)$",
            "",
            key,
        )
        statuses = {
            "accepting",
            "limited",
            "assess_first",
            "waiting_list",
            "full",
            "closed_temporarily",
            "unknown",
        }
        assert key in statuses or f'"{key}"' in SOURCE or f'"{stem}' in SOURCE or f"`{stem}" in SOURCE, key
    for key in re.findall(r'\bt\("(\w+)"', SOURCE):
        assert key in ENGLISH["messages"], key


def test_words_are_served_for_offered_languages_only(client: Client) -> None:
    assert client.get("/widget/v1/messages/en").json()["messages"] == ENGLISH["messages"]
    for language in ("so", "EN", "en.json", "..", "%2e%2e"):
        assert client.get(f"/widget/v1/messages/{language}").status_code == 404


# Colours


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colour", sorted({*BRANDS, *LINKS}))
def test_colours_that_are_offered_can_be_read_on_white(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 4.5


def test_colours_that_the_documentation_shows_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "widget.md").read_text(encoding="utf-8")
    light = re.findall(r"--sf-(?:brand|link): (#[0-9a-f]{6});", page)
    both = re.findall(r"--sf-(?:brand|link): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", page)
    assert light
    assert both
    for colour in [*light, *(pair[0] for pair in both)]:
        assert contrast(colour, "#ffffff") >= 4.5
    for _, colour in both:
        assert contrast(colour, "#15181c") >= 4.5
