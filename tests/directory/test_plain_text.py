"""Text from people: every script passes, what cannot be seen does not, and no message repeats what was sent."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from app.directory.plain_text import Line, Name, Paragraphs, QueryText, plain_line, plain_paragraphs

LINE = TypeAdapter(Line)


class Note(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    name: Name
    line: Line
    paragraphs: Paragraphs
    text: QueryText


@pytest.mark.parametrize(
    "text",
    [
        "Tŷ Gobaith, Ŵyr a ŵyres, dŵr",
        "Zażółć gęślą jaźń, Łódź",
        "مُحَمَّدٌ",
        "العربية والإنجليزية",
        "ትግርኛ ይርከብ",
        "Tiếng Việt: phòng khẩn cấp",
        "ਪੰਜਾਬੀ, हिन्दी, বাংলা, 中文, 한국어",
        "שָׁלוֹם",
        "🙂 👩‍👧 👩🏽‍⚕️ 1️⃣ ❤️",
        "O’Brien & Søn — “yes”, £5 (½)",
        "<script>alert(1)</script> {{7*7}} %_\\ =1+1",
    ],
)
def test_every_script_and_sign_passes_unchanged(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)

    assert LINE.validate_python(text) == composed


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("\x00", id="NUL"),
        pytest.param("\x07", id="C0"),
        pytest.param("\x1b", id="escape"),
        pytest.param("\x7f", id="delete"),
        pytest.param("\x85", id="C1"),
        pytest.param("\t", id="tab"),
        pytest.param("\r", id="carriage return"),
        pytest.param("\u2028", id="line separator"),
        pytest.param("\u202e", id="bidi override"),
        pytest.param("\u2066", id="bidi isolate"),
        pytest.param("\u200f", id="right-to-left mark"),
        pytest.param("\u200b", id="zero-width space"),
        pytest.param("\u200d", id="joiner between letters"),
        pytest.param("\u2060", id="word joiner"),
        pytest.param("\ufeff", id="byte order mark"),
        pytest.param("\u00ad", id="soft hyphen"),
        pytest.param("\u034f", id="grapheme joiner"),
        pytest.param("\u3164", id="Hangul filler"),
        pytest.param("\u2800", id="blank Braille"),
        pytest.param("\U000e0041", id="tag letter"),
        pytest.param("\U000e0101", id="variation selector"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("\ue000", id="private use"),
        pytest.param("\uffff", id="not a character"),
        pytest.param("\u0378", id="unassigned"),
        pytest.param("\ufffd", id="replacement character"),
    ],
)
@pytest.mark.parametrize("read", [plain_line, plain_paragraphs])
def test_what_cannot_be_seen_is_refused_on_one_line_and_on_several(
    hidden: str, read: Callable[..., str]
) -> None:
    with pytest.raises(ValueError, match="cannot be seen"):
        read(f"Safe{hidden}House", max_length=100)


def test_a_new_line_belongs_in_paragraphs_only() -> None:
    assert plain_paragraphs("one\r\ntwo\nthree", max_length=50) == "one\ntwo\nthree"
    with pytest.raises(ValueError, match="cannot be seen"):
        plain_line("one\ntwo", max_length=50)


def test_a_few_marks_on_a_letter_are_writing_and_many_are_not() -> None:
    assert plain_line("x" + "\u0335" * 4, max_length=50) == "x" + "\u0335" * 4
    with pytest.raises(ValueError, match="combining marks"):
        plain_line("x" + "\u0335" * 5, max_length=50)
    with pytest.raises(ValueError, match="combining marks"):
        plain_line("Z" + "\u0301\u0316" * 32 + "algo", max_length=200)


def test_ends_are_trimmed_and_letters_composed() -> None:
    assert plain_line(" \u00a0w\u0302yr \n", max_length=4) == "\u0175yr"


@pytest.mark.parametrize("blank", ["", "   ", "\n\n", "\u00a0\u3000"])
def test_a_blank_text_is_refused(blank: str) -> None:
    with pytest.raises(ValueError, match="at least one character"):
        plain_paragraphs(blank, max_length=10)


@pytest.mark.parametrize(
    ("kind", "longest"), [(Name, 200), (Line, 500), (Paragraphs, 4000), (QueryText, 100)]
)
def test_each_kind_of_text_has_its_limit(kind: Any, longest: int) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    assert adapter.validate_python("ŵ" * longest) == "ŵ" * longest
    with pytest.raises(ValidationError, match=f"at most {longest} characters"):
        adapter.validate_python("ŵ" * (longest + 1))
    assert adapter.json_schema()["maxLength"] == longest


def test_a_text_that_grows_when_composed_is_measured_after_composing() -> None:
    # U+0958 is longer in NFC (composition exclusion, UAX 15).
    assert plain_line("\u0958", max_length=2) == "\u0915\u093c"
    with pytest.raises(ValueError, match="at most 1 characters"):
        plain_line("\u0958", max_length=1)


def test_messages_never_hold_the_text() -> None:
    secret = "B1 1BB"
    with pytest.raises(ValidationError) as refused:
        Note(name=f"{secret}\x00", line=f"{secret}\u202e", paragraphs=secret * 1000, text=f"{secret}\ud800")

    told = [f"{error['type']} {error['msg']} {error.get('ctx')}" for error in refused.value.errors()]
    assert len(told) == 4
    assert not [one for one in told if secret in one]
    assert secret not in str(refused.value)


@given(st.text(max_size=60))
def test_what_passes_passes_again_unchanged(text: str) -> None:
    try:
        once = plain_paragraphs(text, max_length=60)
    except ValueError:
        return

    assert plain_paragraphs(once, max_length=60) == once
    once.encode()
