"""Addresses of places that a curator has taken down: known again however they are written, and taken out of texts.

A place is a postcode and a street, and a file may have either without the other: both are kept, and one of them is enough. A
door is found by whoever reads its address, wherever it stands; in a text plain words stand in its place, as for numbers
(`withdrawn`). A street is told by its number. A text that names the street alone is not touched, since others live there.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.directory.folded_text import fold, spoken, words_of
from app.directory.locating_words import STREETS, STREETS_WITH_A_NUMBER

ADDRESS_WITHDRAWN = "(address withdrawn)"

_HOUSE_NUMBER = re.compile(r"[0-9]{1,4}[a-z]?")
_KINDS = STREETS | STREETS_WITH_A_NUMBER
_SHORT = {
    "av": "avenue", "ave": "avenue", "cl": "close", "cres": "crescent", "ct": "court", "dr": "drive", "gdns": "gardens",
    "ln": "lane", "pl": "place", "rd": "road", "sq": "square", "st": "street", "str": "street", "terr": "terrace",
}  # fmt: skip
"""How kinds of street are shortened. "St" is a saint's too: both ways of reading it come to the same word here."""
_LONGEST_NAME = 4
"""Words between a house number and the kind of street."""
_REPEATED = re.compile(rf"{re.escape(ADDRESS_WITHDRAWN)}(?:[\s,;]*{re.escape(ADDRESS_WITHDRAWN)})+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a place is. `street` are the words that tell the house, in one writing; either may be unknown."""

    postcode: str | None
    street: str | None

    @classmethod
    def of(cls, postcode: str | None, line: str | None) -> "Address":
        """From a postcode as it is stored, and the first line of an address as somebody wrote it."""
        return cls(postcode, " ".join(_house(_words(line or ""))) or None)

    def is_of(self, postcode: str | None, line: str | None) -> bool:
        other = Address.of(postcode, line)
        return (self.postcode is not None and self.postcode == other.postcode) or (
            self.street is not None and self.street == other.street
        )


def names_address(text: str, addresses: Collection[Address], *, in_link: bool = False) -> bool:
    return without_addresses(text, addresses, in_link=in_link) != text


def without_addresses(text: str, addresses: Collection[Address], *, in_link: bool = False) -> str:
    """The text with `ADDRESS_WITHDRAWN` for every postcode and street of these addresses.

    Whatever stands between their parts, in capitals or not, streets in short. Where one can only be made out by reading as a
    person does (in words, in letters of another script), the whole text gives way. `in_link`: of a web or e-mail address,
    where only what has a digit counts: many are called after a street.
    """
    for address in addresses:
        for writing, said in _writings(address):
            if in_link and not any(one.isdigit() for one in said):
                continue
            text = writing.sub(ADDRESS_WITHDRAWN, text)
            if _says(text, said):
                return ADDRESS_WITHDRAWN
    return _REPEATED.sub(ADDRESS_WITHDRAWN, text) if addresses else text


def _words(text: str) -> list[str]:
    return [_SHORT.get(word.text, word.text) for word in spoken(words_of(fold(text)))]


def _house(words: Sequence[str]) -> Sequence[str]:
    """The words from the house number to the kind of street: what stands around them is written in as many ways as there are
    people. All of them, where there is no such thing.
    """
    for start, word in enumerate(words):
        if not _HOUSE_NUMBER.fullmatch(word):
            continue
        for end in range(start + 1, min(start + 2 + _LONGEST_NAME, len(words))):
            if _HOUSE_NUMBER.fullmatch(words[end]):
                break
            if words[end] in _KINDS and end > start + 1:
                last = end
                # "12 Park View Road" ends at the last of them.
                while last + 1 < len(words) and words[last + 1] in _KINDS:
                    last += 1
                return words[start : last + 1]
    return words


@lru_cache(maxsize=256)
def _writings(address: Address) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each part as it is written, and as it is said."""
    return tuple(_parts(address))


def _parts(address: Address) -> Iterator[tuple[re.Pattern[str], str]]:
    if address.postcode is not None:
        letters = address.postcode.replace(" ", "").lower()
        written = r"[\W_]{0,3}".join(letters)
        yield re.compile(rf"(?<![^\W_]){written}(?![^\W_])", re.IGNORECASE), letters
    words = (address.street or "").split()
    has_number = any(one.isdigit() for one in address.street or "")
    # "Example Hall" or "West Midlands" may be the name of anything.
    if len(words) > 1 and (has_number or words[-1] in STREETS):
        written = r"[\W_]{1,5}".join(_spellings(word) for word in words)
        yield re.compile(rf"(?<![^\W_]){written}(?![^\W_])", re.IGNORECASE), " ".join(words)


def _spellings(word: str) -> str:
    short = [re.escape(one) for one, whole in _SHORT.items() if whole == word]
    return f"(?:{'|'.join([re.escape(word), *short])})"


def _says(text: str, said: str) -> bool:
    if " " in said:
        return f" {said} " in f" {' '.join(_words(text))} "
    words = words_of(fold(text))
    lines = (" ".join(one.text for one in spoken(words, letter_names=named)) for named in (False, True))
    return any(re.search(rf"(?<![a-z0-9]){' ?'.join(said)}(?![a-z0-9])", line) for line in lines)
