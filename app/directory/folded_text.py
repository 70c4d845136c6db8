"""The plain skeleton of a text: what a reader would make of odd spacing, styled letters and numbers in words.

The confidentiality lint reads texts through this, so that a postcode written "B one, 1 B B" or a number written in
full-width digits is seen for what it is. Everything here takes time in proportion to the text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

_LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТУХЅІЈаеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧοι", "ABEKMHOPCTYXSIJaeopcyxsijABEZHIKMNOPTYXoi"
)
"""Cyrillic and Greek letters that are drawn as Latin ones (UTS 39, confusables; the part that can spell a postcode)."""

_STRAIGHT = str.maketrans("º˚’‘ʼ′“”″‐‑‒–—−", "°°''''\"\"\"------")
_SENTENCE_END = frozenset(".;!?")
_WORD = re.compile(r"[^\W_]+")

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS_OF = (
    {word: str(number) for number, word in enumerate(_UNITS)}
    | {word: str(number * 10) for number, word in enumerate(_TENS, start=2)}
    # As said on the telephone: "oh eight hundred" is 0800.
    | {
        "oh": "0",
        "nought": "0",
        "naught": "0",
        "nil": "0",
        "hundred": "00",
        "thousand": "000",
        "fourty": "40",
    }
)
_GLUED_NUMBERS = re.compile("|".join(sorted(_DIGITS_OF, key=len, reverse=True)))
_REPEATS = {"double": 2, "treble": 3, "triple": 3}

LETTERS_OF = {
    "alpha": "a", "alfa": "a", "bee": "b", "bravo": "b", "cee": "c", "charlie": "c", "dee": "d", "delta": "d", "echo": "e",
    "eff": "f", "foxtrot": "f", "gee": "g", "golf": "g", "aitch": "h", "haitch": "h", "hotel": "h", "india": "i", "jay": "j",
    "juliet": "j", "juliett": "j", "kay": "k", "kilo": "k", "ell": "l", "lima": "l", "em": "m", "mike": "m", "en": "n",
    "november": "n", "oscar": "o", "pee": "p", "papa": "p", "cue": "q", "quebec": "q", "romeo": "r", "ess": "s", "sierra": "s",
    "tee": "t", "tango": "t", "uniform": "u", "vee": "v", "victor": "v", "whiskey": "w", "whisky": "w", "ex": "x",
    "xray": "x", "wye": "y", "yankee": "y", "zed": "z", "zulu": "z",
}  # fmt: skip
"""Names of letters: English spelling and the ICAO alphabet; without "are", "see", "you", "why", which are mostly words."""


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters and digits. `gap` is what stood between it and the word before."""

    text: str
    gap: str

    @property
    def key(self) -> str:
        return self.text.casefold()

    @property
    def is_capitalized(self) -> bool:
        return self.text[:1].isupper()


@dataclass(frozen=True, slots=True)
class Reading:
    """One text in the forms that the rules look at: folded, its words, and its words with numbers as digits."""

    folded: str
    words: tuple[Word, ...]
    said: tuple[Word, ...]


def read(text: str) -> Reading:
    """Prepare a text for the rules."""
    folded = fold(text)
    words = words_of(folded)
    return Reading(folded, words, spoken(words))


def fold(text: str) -> str:
    """The text without accents, invisible characters, styles of letters, percent-encoding and runs of white space.

    Digits of every script become 0 to 9; letters drawn as Latin ones become those. Case and punctuation stay.
    """
    straight = (unquote(text) if "%" in text else text).translate(_STRAIGHT)
    kept: list[str] = []
    for character in unicodedata.normalize("NFKD", straight):
        category = unicodedata.category(character)
        if category[0] == "M" or category == "Cf":
            continue
        if category[0] in "ZC":
            kept.append(" ")
        else:
            kept.append(str(unicodedata.decimal(character)) if category == "Nd" else character)
    return " ".join("".join(kept).translate(_LOOKALIKES).translate(_STRAIGHT).split())


def words_of(folded: str) -> tuple[Word, ...]:
    """The words of a folded text in order. An apostrophe inside a word does not end it."""
    without = folded.replace("'", "")
    words, end = [], 0
    for found in _WORD.finditer(without):
        words.append(Word(found[0], without[end : found.start()]))
        end = found.end()
    return tuple(words)


def spoken(words: tuple[Word, ...], *, letter_names: bool = False) -> tuple[Word, ...]:
    """Words in lower case with numbers in words turned into digits: "double oh seven", "twenty one", "onetwoone".

    With `letter_names`, "bee" and "bravo" become letters too.
    """
    said: list[Word] = []
    repeat, repeat_gap = 0, ""
    tens = False
    for word in words:
        key = word.key
        if key in _REPEATS:
            repeat, repeat_gap = _REPEATS[key], word.gap
            continue
        text = _digits(key) or (LETTERS_OF.get(key, key) if letter_names else key)
        gap = word.gap
        if repeat and len(text) == 1:
            text, gap = text * repeat, repeat_gap
        is_unit = len(text) == 1 and text.isdigit() and text not in {"0", key}
        if tens and is_unit and gap in {" ", "-"}:
            said[-1] = Word(said[-1].text[:-1] + text, said[-1].gap)
        else:
            said.append(Word(text, gap))
        tens, repeat = key in _TENS, 0
    return tuple(said)


def _digits(key: str) -> str:
    """The digits that a word says, also several run together; "" when it says none."""
    if key in _DIGITS_OF:
        return _DIGITS_OF[key]
    if not key.isalpha() or len(key) > 120:
        return ""
    parts: list[str] = []
    at = 0
    while at < len(key):
        found = _GLUED_NUMBERS.match(key, at)
        if found is None:
            return ""
        parts.append(_DIGITS_OF[found[0]])
        at = found.end()
    return "".join(parts)


def words_before(words: Sequence[Word], position: int, count: int) -> list[Word]:
    """Up to `count` words before, nearest first, not past the end of a sentence."""
    found: list[Word] = []
    for back in range(position, max(0, position - count), -1):
        if _SENTENCE_END & set(words[back].gap):
            break
        found.append(words[back - 1])
    return found


def words_after(words: Sequence[Word], position: int, count: int) -> list[Word]:
    """Up to `count` words after, nearest first, not past the end of a sentence."""
    found: list[Word] = []
    for word in words[position + 1 : position + 1 + count]:
        if _SENTENCE_END & set(word.gap):
            break
        found.append(word)
    return found


def keys_before(words: Sequence[Word], position: int, count: int) -> list[str]:
    """As `words_before`, in lower case."""
    return [word.key for word in words_before(words, position, count)]


def keys_after(words: Sequence[Word], position: int, count: int) -> list[str]:
    """As `words_after`, in lower case."""
    return [word.key for word in words_after(words, position, count)]
