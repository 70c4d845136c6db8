"""What text from people may hold, on one line or several.

Names and notes come from sheets, forms and other systems. What cannot be seen (controls, marks that turn the direction
of reading, zero-width and tag characters) is refused on every way in, so that what a curator approves is what is stored.
Every script is welcome: ŵ, ł, Arabic, Tigrinya, Vietnamese and emoji pass.
"""

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_MARKS = 4
"""Combining marks on one base. Vocalized Arabic and Hebrew need three, a keycap emoji two; zalgo starts far above."""

_ALWAYS_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""General categories (Unicode 14, UAX 44): controls, format characters (bidi, zero-width, tags), lone surrogates,
private use, unassigned, line and paragraph separators."""

_BLANK_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"  # drawn as nothing, yet not format characters
    "\ufffd"  # stands where a byte could not be read: the text has already lost something
)
_EMOJI_STYLE = "\ufe0f"
_TEXT_STYLE = "\ufe0e"
_JOINER = "\u200d"
_ENDS = " \t\r\n\u00a0\u202f\u3000"


def plain_line(text: str, *, max_length: int) -> str:
    """One line: ends trimmed, NFC, 1 to `max_length` code points.

    Raises PydanticCustomError, a ValueError whose message comes from a catalogue and never holds the text.
    """
    return _plain(text, max_length=max_length, newlines=False)


def plain_paragraphs(text: str, *, max_length: int) -> str:
    """As `plain_line`, with line feeds inside; CR LF, as HTML forms send it, becomes a line feed."""
    return _plain(text.replace("\r\n", "\n"), max_length=max_length, newlines=True)


def refuse_invisible(text: str, *, newlines: bool = False) -> None:
    """Raise PydanticCustomError where a character cannot be seen, or more than MAX_MARKS marks sit on one base."""
    if text.isascii() and (text.replace("\n", "") if newlines else text).isprintable():
        # Most text, told in one step: printable ASCII has no marks and hides nothing.
        return
    marks = 0
    for position, character in enumerate(text):
        category = unicodedata.category(character)
        if category.startswith("M"):
            marks += 1
            if marks > MAX_MARKS:
                raise PydanticCustomError("text_marks", "too many combining marks on one letter")
        else:
            marks = 0
        if character == "\n" and newlines:
            continue
        if category in _ALWAYS_REFUSED and not (character == _JOINER and _joins_emoji(text, position)):
            raise PydanticCustomError(
                "text_invisible", "holds a character that cannot be seen or is not text"
            )
        if character in _BLANK_LETTERS or _hides_in_variation(character):
            raise PydanticCustomError(
                "text_invisible", "holds a character that cannot be seen or is not text"
            )


def _plain(text: str, *, max_length: int, newlines: bool) -> str:
    # Before anything is normalized: an overlong text costs no work, and NFC never makes one character of many spaces.
    trimmed = text.strip(_ENDS)
    if len(trimmed) > max_length:
        raise PydanticCustomError(
            "text_too_long", "at most {max_length} characters", {"max_length": max_length}
        )
    refuse_invisible(trimmed, newlines=newlines)
    normalized = unicodedata.normalize("NFC", trimmed)
    if len(normalized) > max_length:  # a few letters are longer in NFC
        raise PydanticCustomError(
            "text_too_long", "at most {max_length} characters", {"max_length": max_length}
        )
    if not normalized:
        raise PydanticCustomError("text_empty", "at least one character that can be seen")
    return normalized


def _joins_emoji(text: str, position: int) -> bool:
    """A joiner between two pictures makes one of them, as in a family; anywhere else it hides in a word."""
    if position == 0 or position + 1 == len(text):
        return False
    return _is_picture(text[position - 1]) and unicodedata.category(text[position + 1]) == "So"


def _is_picture(character: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return character == _EMOJI_STYLE or is_skin_tone or unicodedata.category(character) == "So"


def _hides_in_variation(character: str) -> bool:
    """Variation selectors other than the two of emoji can carry any bytes unseen."""
    if character in {_EMOJI_STYLE, _TEXT_STYLE}:
        return False
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _line(max_length: int) -> Callable[[str], str]:
    return lambda text: plain_line(text, max_length=max_length)


def _paragraphs(max_length: int) -> Callable[[str], str]:
    return lambda text: plain_paragraphs(text, max_length=max_length)


def _schema(max_length: int) -> WithJsonSchema:
    # The limits hold for the trimmed text, which JSON Schema cannot say; what it says is never stricter than the truth.
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": max_length})


Name = Annotated[str, AfterValidator(_line(200)), _schema(200)]
"""What something is called: one line of at most 200 characters."""

Line = Annotated[str, AfterValidator(_line(500)), _schema(500)]
"""One line of at most 500 characters."""

Paragraphs = Annotated[str, AfterValidator(_paragraphs(4000)), _schema(4000)]
"""Text on one or more lines, at most 4,000 characters."""

QueryText = Annotated[str, Field(strict=True), AfterValidator(_line(100)), _schema(100)]
"""Words to search for: one line of at most 100 characters."""
