"""Local telephone numbers in a text, in digits or words and however grouped, for the confidentiality lint."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import phonenumbers

from app.directory.folded_text import Reading, Word, spoken, words_of

_DATE = re.compile(
    r"(?<![0-9/.-])(?:(?:0?[1-9]|[12][0-9]|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])(?![/.-]?[0-9])"
)
_PHONE_GAP = re.compile(r"[ .,()/_*|+&\[\]~\"•·-]{0,5}")
_DIGIT_PIECE = re.compile(r"[0-9]+|[^0-9]+")
_AS_DIGITS = str.maketrans("oil", "011")
_MIXED_UP_DIGITS = re.compile(r"[0-9oil]{2,20}")
_LOCAL_NUMBER = re.compile(r"(?:0|(?:00)?440?)([12][0-9]{8,9})")
_OTHER_NUMBER = re.compile(r"(?:0|(?:00)?440?)(?:[3578][0-9]{9}|80[0-9]{7}|8001111|8454647)")
# 011x, 01x1, 02x, 01xxx and the six-digit codes of a few exchanges (Ofcom, National Telephone Numbering Plan).
_AREA_CODE = re.compile(r"011[3-8]|01[2-69]1|02[03489]|01[2-9][0-9]{3}|01[2-9][0-9]{2}")
_LONGEST_NUMBER = 15
"""0044 (0) and ten digits."""


class DigitGroup(NamedTuple):
    """Digits written in one piece; `is_whole` when no letters are glued to them."""

    digits: str
    is_whole: bool


def has_local_phone(reading: Reading) -> bool:
    said = spoken(words_of(_DATE.sub(" date ", reading.folded)))
    return any(_is_local(groups) for groups in runs_of_digits(said))


def runs_of_digits(said: Sequence[Word]) -> Iterator[list[DigitGroup]]:
    """Groups of digits that follow one another with nothing but spaces and dashes between."""
    run: list[DigitGroup] = []
    for word in said:
        if run and not _PHONE_GAP.fullmatch(word.gap):
            yield run
            run = []
        pieces = _DIGIT_PIECE.findall(digits_for_letters(word.text))
        for piece in pieces:
            if piece.isdigit():
                run.append(DigitGroup(piece, len(pieces) == 1))
            elif run:
                yield run
                run = []
    if run:
        yield run


def digits_for_letters(text: str) -> str:
    """O121 and "o one two one": a letter among digits, or O alone, is the digit it looks like."""
    is_mixed_up = _MIXED_UP_DIGITS.fullmatch(text) is not None and sum(map(str.isdigit, text)) > 1
    return text.translate(_AS_DIGITS) if is_mixed_up or not text.strip("o") else text


def _is_local(groups: list[DigitGroup]) -> bool:
    """Whether some of the groups, whole, make a number of a place. Freephone, 03 and mobile numbers are stepped over."""
    if 4 <= len(groups) <= 6 and all(len(group.digits) == 1 for group in groups):
        return _AREA_CODE.fullmatch("".join(group.digits for group in groups)) is not None
    position = 0
    while position < len(groups):
        windows = [*_windows(groups, position)]
        if any(_is_local_number(digits) for _, digits in windows) or _is_area_code(groups[position]):
            return True
        position = max(
            (end for end, digits in windows if _OTHER_NUMBER.fullmatch(digits)), default=position + 1
        )
    return False


def _is_area_code(group: DigitGroup) -> bool:
    return group.is_whole and _AREA_CODE.fullmatch(group.digits) is not None


def _windows(groups: list[DigitGroup], start: int) -> Iterator[tuple[int, str]]:
    """What the groups from `start` say together, with the position after the last, up to the longest way to write a number."""
    digits = ""
    for end in range(start, min(start + _LONGEST_NUMBER, len(groups))):
        digits += groups[end].digits
        if len(digits) > _LONGEST_NUMBER:
            return
        yield end + 1, digits


def _is_local_number(digits: str) -> bool:
    """Ten digits after the 0 that start with 1 or 2 always; nine where Ofcom has given out such a number."""
    found = _LOCAL_NUMBER.fullmatch(digits)
    if found is None:
        return False
    return len(found[1]) == 10 or phonenumbers.is_valid_number(phonenumbers.parse(f"+44{found[1]}"))
