"""Postcodes, plus codes, coordinates and grid references in a text, for the confidentiality lint.

A postcode is looked for with any spacing, case and punctuation between its characters, and with numbers and letters in
words. Quantifiers are bounded, so no text makes a search slow.
"""

import re
from collections.abc import Sequence

from app.directory.folded_text import Reading, Word, keys_after, keys_before, spoken
from app.directory.locating_words import (
    GRID_SQUARES,
    GRID_SQUARES_THAT_ARE_WORDS,
    INWARD_LETTERS,
    PAPER_AND_LEVELS,
    POSTCODE_AREAS,
)

_STANDARD_POSTCODE = re.compile(r"(?<![a-z0-9])[a-z]{1,2}[0-9][a-z0-9]? ?([0-9][a-z]{2})(?![a-z0-9])")
_SPREAD_POSTCODE = re.compile(
    r"(?<![a-z0-9])(?=([a-z]) ?(?:([a-z]) ?)?[0-9] ?(?:[a-z0-9] ?)?[0-9] ?([a-z]) ?([a-z])(?![a-z0-9]))"
)
_SECTOR = re.compile(r"(?<![a-z0-9])([a-z]{1,2})[0-9][a-z0-9]? [0-9](?![a-z0-9])")
_DISTRICT = re.compile(r"([a-z]{1,2})[0-9][a-z0-9]?")
_ORDINALS = frozenset({"1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th"})
_DISTRICT_CUES = frozenset({"postcode", "postcodes", "district", "districts"})
_PLACE_CUES = frozenset({"in", "near", "around", "within", "covering", "covers", "cover"})


def has_postcode(reading: Reading) -> bool:
    spelled = spoken(reading.words, letter_names=True)
    return any(
        _holds_postcode(" ".join(word.text for word in words)) for words in (reading.said, spelled)
    ) or _has_girobank(reading)


def _holds_postcode(line: str) -> bool:
    if any(found[1] not in _ORDINALS for found in _STANDARD_POSTCODE.finditer(line)):
        return True
    if any(found[1] in POSTCODE_AREAS for found in _SECTOR.finditer(line)):
        return True
    return any(
        found[1] + (found[2] or "") in POSTCODE_AREAS and {found[3], found[4]} <= INWARD_LETTERS
        for found in _SPREAD_POSTCODE.finditer(line)
    )


def _has_girobank(reading: Reading) -> bool:
    return "gir0aa" in "".join(word.text for word in reading.said if len(word.text) <= 6)


def has_district(reading: Reading) -> bool:
    """A district of a two-letter area wherever it stands; B1 or S17 only where the words before make it a place."""
    return any(_is_district(reading.words, position) for position in range(len(reading.words)))


def _is_district(words: Sequence[Word], position: int) -> bool:
    key = words[position].key
    found = _DISTRICT.fullmatch(key)
    before, after = keys_before(words, position, 2), keys_after(words, position, 1)
    if found is None:
        is_spaced = key.isdigit() and len(key) <= 2 and before[:1] and before[0] in POSTCODE_AREAS
        return bool(is_spaced) and bool(_DISTRICT_CUES & {*before[1:], *after})
    if found[1] not in POSTCODE_AREAS or key == "co2" or PAPER_AND_LEVELS & {*before[:1], *after}:
        return False
    if len(found[1]) == 2 or _DISTRICT_CUES & {*before, *after}:
        return True
    # Not S: section 17, "in s17", is how the law is spoken of.
    led_to = before[1:] if before[:1] == ["the"] else before[:1]
    return found[1] != "s" and (bool(_PLACE_CUES & set(led_to)) or after == ["area"])


_PLUS_CODE = re.compile(
    r"(?<![a-z0-9+])([2-9cfghjmpqrvwx]{4,8}) ?(?:\+|plus) ?([2-9cfghjmpqrvwx]{2,7})(?![a-z0-9+])"
)
_PADDED_PLUS_CODE = re.compile(r"(?<![a-z0-9])[2-9cfghjmpqrvwx]{2,6}0{2,6}\+(?![0-9])")
_NUMBER = r"[+-]?[0-9]{1,3}"
_DECIMALS = re.compile(
    rf"(?<![0-9.,]){_NUMBER}[.,]([0-9]{{3,20}}) ?°? ?[nsew]? ?[,;/| ] ?(?:and )?[nsew]? ?({_NUMBER})[.,]([0-9]{{3,20}})(?![0-9])"
)
_NEAR_BRITAIN = re.compile(
    r"(?<![0-9.,])(?:4[89]|5[0-9]|6[01])\.[0-9]{1,20} ?°? ?(?:[,;/| ] ?-[0-9]\.[0-9]|n ?[,;/| ]? ?[0-9]{1,2}\.[0-9]{1,20} ?°? ?[ew](?![a-z]))"
)
_LABELLED = re.compile(
    r"(?<![a-z])(?:lat|latitude|lon|long|lng|longitude|eastings?|northings?)(?![a-z])[^a-z0-9]{0,4}(?:is |of )?-?[0-9]{1,7}"
)
_DEGREES = re.compile(
    r"[0-9] ?(?:°|degrees?|deg)(?![a-z]) ?,? ?(?:[0-9]{1,2}(?:\.[0-9]{1,9})? ?(?:'|min)|[nsew](?![a-z])|north|south|east|west)"
)
_GEO_URI = re.compile(r"(?<![a-z])geo:-?[0-9]")
_PROPERTY = re.compile(r"(?<![a-z])u\.?p\.?r\.?n(?![a-z])[^0-9]{0,20}[0-9 ]{6,15}(?![0-9])")
"""A unique property reference number, of one address: up to 12 digits (GeoPlace)."""
_METRES = re.compile(r"(?<![0-9])(?!116)[0-7][0-9]{5} ?[,;/| ] ?[0-9]{6,7}(?![0-9])")
_GRID_REFERENCE = re.compile(
    r"(?<![a-z0-9])([a-z]{2})( ?)(?:[0-9]{5} ?[0-9]{5}|[0-9]{4} ?[0-9]{4}|[0-9]{3} ?[0-9]{3}|[0-9]{2}( ?)[0-9]{2})(?![a-z0-9])"
)


def has_plus_code(reading: Reading) -> bool:
    line = reading.folded.casefold()
    return _PADDED_PLUS_CODE.search(line) is not None or any(
        len(found[1]) % 2 == 0 and (len(found[1]) == 8 or not (found[1] + found[2]).isdigit())
        for found in _PLUS_CODE.finditer(line)
    )


def has_coordinates(reading: Reading) -> bool:
    lines = {reading.folded.casefold(), _spoken_decimals(reading.said)}
    return any(
        pattern.search(line) is not None
        for line in lines
        for pattern in (_NEAR_BRITAIN, _LABELLED, _DEGREES, _GEO_URI, _PROPERTY, _METRES)
    ) or any(_are_decimals(found) for line in lines for found in _DECIMALS.finditer(line))


def _are_decimals(found: re.Match[str]) -> bool:
    # 1,200, 10,500 are two sums of money; 52,4804; -1,9034 is a place.
    return "," not in found[0] or len(found[1]) != 3 or len(found[3]) != 3


def _spoken_decimals(said: Sequence[Word]) -> str:
    """Turn "fifty-two point four eight, minus one point nine" into 52.48, -1.9."""
    line: list[str] = []
    for word in said:
        is_digits = word.text.isdigit()
        if word.text == "point" and line and line[-1][-1:].isdigit():
            line[-1] += "."
        elif is_digits and line and line[-1].endswith(("minus", ".")):
            line[-1] = line[-1].replace("minus", "-") + word.text
        elif is_digits and line and "." in line[-1] and word.gap == " " and len(word.text) == 1:
            line[-1] += word.text
        else:
            line.append(word.text)
    return " ".join(line)


def has_grid_reference(reading: Reading) -> bool:
    line = " ".join(word.text for word in reading.said)
    return any(_is_grid_reference(found) for found in _GRID_REFERENCE.finditer(line))


def _is_grid_reference(found: re.Match[str]) -> bool:
    if found[1] not in GRID_SQUARES:
        return False
    if found[1] in GRID_SQUARES_THAT_ARE_WORDS:
        return not found[2] or len(found[0].replace(" ", "")) > 6
    # "ST 2026": four digits in one piece after a space are a year.
    return not (found[2] and found[3] == "")
