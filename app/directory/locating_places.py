"""Streets, road numbers and directions in a text, for the confidentiality lint."""

import re
from collections.abc import Sequence

from app.directory.folded_text import Reading, Word, keys_after, keys_before, words_after, words_before
from app.directory.locating_words import (
    DIRECTIONS,
    DIRECTIONS_ALONE,
    ESTATES,
    LANDMARKS,
    NOT_A_LANDMARK_BEFORE,
    NOT_A_STREET_BEFORE,
    ORDINARY,
    PAPER_AND_LEVELS,
    PREPOSITIONS,
    STREETS,
    STREETS_WITH_A_NUMBER,
)

_HOUSE_NUMBER = re.compile(r"[0-9]{1,4}[a-z]?")
_ROAD = re.compile(r"[am][0-9]{1,4}m?|b[0-9]{4}")
_ROAD_CUES = frozenset({"off", "along", "near", "the", "via", "junction", "towards"})
_NO_NAMES = frozenset({"the", "a", "our", "your"})
_FLATS = frozenset({"flat", "apartment", "apt", "suite"})
_COUNTED = frozenset(
    {
        "hour",
        "hours",
        "bed",
        "beds",
        "day",
        "days",
        "night",
        "nights",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
    }
)


def has_street_address(reading: Reading) -> bool:
    # Read a second time with numbers in words as digits: "twelve something road".
    return any(
        _is_street(words, position) or _is_flat(words, position)
        for words in (reading.words, reading.said)
        for position in range(len(words))
    )


def _is_flat(words: Sequence[Word], position: int) -> bool:
    is_house = words[position].key in {"number", "no"} and keys_before(words, position, 1) == ["house"]
    if (words[position].key not in _FLATS and not is_house) or position + 1 == len(words):
        return False
    number = words[position + 1]
    after = keys_after(words, position + 1, 1)
    return number.gap == " " and _HOUSE_NUMBER.fullmatch(number.key) is not None and not _COUNTED & set(after)


def _is_street(words: Sequence[Word], position: int) -> bool:
    street = words[position]
    after = keys_after(words, position, 1)
    if street.key not in STREETS | STREETS_WITH_A_NUMBER or NOT_A_STREET_BEFORE & set(after):
        return False
    before = words_before(words, position, 4)
    if not before:
        return False
    if _is_high_street(street, before):
        return True
    if street.key in STREETS_WITH_A_NUMBER:
        return street.is_capitalized and (
            _is_numbered(before, with_capitals=True) or _is_short_for_street(words, position, before[0])
        )
    is_named = street.is_capitalized and before[0].is_capitalized and before[0].key not in _NO_NAMES
    return is_named or _is_numbered(before, with_capitals=False) or _is_led_to(before)


def _is_high_street(street: Word, before: Sequence[Word]) -> bool:
    """A place on it, however it is written: "in the high st", "off High Street"; not "high street shops"."""
    if street.key not in {"st", "street"} or before[0].key != "high":
        return False
    led_by = [word.key for word in before[1:3] if word.key != "the"]
    return bool(led_by) and (led_by[0] in PREPOSITIONS or led_by[0] == "in")


def _is_short_for_street(words: Sequence[Word], position: int, name: Word) -> bool:
    """The "St" of "Example St", which is no saint's: no other name follows it."""
    following = words_after(words, position, 1)
    is_saint = bool(following) and following[0].is_capitalized and following[0].gap == " "
    return words[position].key == "st" and name.is_capitalized and name.key not in _NO_NAMES and not is_saint


def _is_numbered(before: Sequence[Word], *, with_capitals: bool) -> bool:
    """A house number, then one to three words of a name; `before` is read backwards from the street."""
    for count, word in enumerate(before):
        if _HOUSE_NUMBER.fullmatch(word.key):
            return count > 0
        if (word.key in ORDINARY and word.key != "the") or (with_capitals and not word.is_capitalized):
            return False
    return False


def _is_led_to(before: Sequence[Word]) -> bool:
    """See "on stratford road", "off the stratford road": a preposition, then one or two words of a name."""
    names = [word.key for word in before[:4]]
    for count, name in enumerate(names):
        if name in PREPOSITIONS or (
            name == "the" and names[count + 1 : count + 2] and names[count + 1] in PREPOSITIONS
        ):
            return 1 <= count <= 2
        if name in ORDINARY or name.isdigit():
            return False
    return False


def has_road(reading: Reading) -> bool:
    return any(_is_road(reading.words, position) for position in range(len(reading.words)))


def _is_road(words: Sequence[Word], position: int) -> bool:
    key = words[position].key
    before, after = keys_before(words, position, 2), keys_after(words, position, 1)
    if key.isdigit() and len(key) <= 4 and before:
        return before[0] == "junction" or (before[0] in {"a", "m"} and before[1:] == ["the"])
    if not _ROAD.fullmatch(key) or PAPER_AND_LEVELS & {*after, *before[:1]}:
        return False
    if key in {"m2", "m3"} and before and before[0].isdigit():
        return False  # square and cubic metres
    # A1 to A8 are also sizes of paper, language levels and groups of countries.
    return not re.fullmatch(r"a[1-8]", key) or bool(_ROAD_CUES & set(before[:1]))


def has_landmark(reading: Reading) -> bool:
    words = reading.words
    return any(_leads(words, position) or _is_estate(words, position) for position in range(len(words)))


def _leads(words: Sequence[Word], position: int) -> bool:
    key = words[position].key
    for phrase in _PHRASES.get(key, ()):
        rest = words_after(words, position, len(phrase) + 5)
        if tuple(word.key for word in rest[: len(phrase) - 1]) != phrase[1:]:
            continue
        following = [word.key for word in rest[len(phrase) - 1 :]]
        if phrase in _LEADS_ALONE:
            if following[:1] != ["each"]:
                return True
        elif any(
            following[count] in LANDMARKS
            and not NOT_A_LANDMARK_BEFORE & set(following[count + 1 : count + 2])
            for count in range(min(5, len(following)))
        ):
            return True
    return False


def _is_estate(words: Sequence[Word], position: int) -> bool:
    if position + 1 >= len(words) or (words[position].key, words[position + 1].key) not in ESTATES:
        return False
    before = words_before(words, position, 1)
    return bool(before) and before[0].is_capitalized and before[0].key not in ORDINARY


_LEADS_ALONE = frozenset(DIRECTIONS_ALONE)
_PHRASES: dict[str, list[tuple[str, ...]]] = {}
for _phrase in (*DIRECTIONS_ALONE, *DIRECTIONS):
    _PHRASES.setdefault(_phrase[0], []).append(_phrase)
