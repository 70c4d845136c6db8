"""Whom a text tells people to reach: numbers, addresses, sites and accounts, however oddly they are written.

A description is read out and rung as a list of numbers is, so what it names counts as a contact. A text is read as a person
in need would read it (`folded_text`): with digits in words, letters for digits, and anything at all between them. What a
directory is full of besides is no number: hours, ages, dates, years, money, "24/7".
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import phonenumbers

from app.directory.contact_points import FICTION_RANGES, parse_phone
from app.directory.folded_text import Word, fold, spoken, words_of
from app.directory.locating_phones import digits_for_letters, runs_of_digits
from app.directory.top_level_domains import TOP_LEVEL_DOMAINS


@lru_cache(maxsize=10_000)
def contacts_named(text: str) -> frozenset[str]:
    """What a text names, each in one writing: a number by the digits that are dialled, an address in small letters.

    One that cannot be told apart from its surroundings is named with them: two texts name the same when they are the same there.
    """
    if len(text) <= _LONGEST_CODE and text.replace("_", "").isalpha() and text.isascii():
        return frozenset()
    folded = fold(text)
    return frozenset({*_addresses(folded), *_numbers(folded)})


_LONGEST_CODE = 30
"""Words of the vocabulary, which are most strings of a record, name nobody; ten digits run together in words are longer."""

# Numbers

_BETWEEN = r"[\s()./\-\u2015*_·~]*"
"""What people put between the digits of one number, and hardly ever between two numbers. Anything else: `_rung`."""
_WRITTEN = re.compile(rf"\+?\d(?:{_BETWEEN}\d){{4,}}")
"""Five digits are a number to write to, and it may cost more than all others."""
_BRITISH = re.compile(r"(?:0|(?:00)?440?)([1-9]\d{8,9})")
_FOREIGN = re.compile(r"00((?!44)[1-9]\d{7,13})")
_SHORTEST = 5
_LONGEST = 17
"""00, a country's code and the longest number behind it (ITU-T E.164)."""
_WORDS_BETWEEN = 2
"""As in "0121 then 496 and then 0178"."""

_TIME = r"(?:[01]?\d|2[0-4])[.:][0-5]\d(?: ?(?:[ap]\.?m\.?|hrs?|h)\b)?"
_BARE_TIME = r"(?:[01]\d|2[0-4])[0-5]\d"
_TO = r" ?(?:-|to|until|till) ?"
_YEAR = r"(?:19|20)\d\d"
_AMOUNT = r"(?:0|[1-9]\d{0,2}(?:,?\d{3}){0,3})(?:\.\d\d)?"
_ORDINARY = "|".join(
    (
        rf"{_YEAR}-(?:0\d|1[0-2])-[0-3]\d",
        rf"(?:0?[1-9]|[12]\d|3[01])(?P<dot>[./-])(?:0?[1-9]|1[0-2])(?P=dot)(?:{_YEAR}|2\d)",
        rf"{_TIME}{_TO}{_TIME}|{_TIME}",
        rf"{_BARE_TIME}{_TO}{_BARE_TIME}",
        rf"{_YEAR} ?[/-] ?(?:{_YEAR}|\d\d)",
        r"24 ?[/-] ?7(?: ?[/,] ?365)?",
        rf"[£€$] ?{_AMOUNT}(?:{_TO}[£€$] ?{_AMOUNT})?",
        r"(?:0|[1-9]\d?)(?:-|to| - | to )[1-9]\d?",
    )
)
_ONE_ORDINARY = re.compile(rf"(?<!\d)(?:{_ORDINARY})(?!\d)", re.IGNORECASE)
_AND_ON = re.compile(r"(?:[\s,;/&|·•-]|and)*", re.IGNORECASE)
_NUMBER_BEFORE = re.compile(rf"\d{_BETWEEN}$")
_NUMBER_AFTER = re.compile(rf"{_BETWEEN}\d")
_IS_RANGE = re.compile(r"-|to|until|till|/", re.IGNORECASE)
_TAKEN_OUT = " ¦ "


def _numbers(folded: str) -> Iterator[str]:
    plain = _without_ordinary(folded)
    words = words_of(plain)
    for found in _WRITTEN.findall("".join(f"{word.gap}{digits_for_letters(word.key)}" for word in words)):
        yield _dialled(found)
    said = spoken(words)
    for groups in runs_of_digits(said):
        digits = "".join(group.digits for group in groups)
        if len(groups) >= _SHORTEST and len(digits) == len(groups):
            yield _dialled(digits)
    for run in _runs(said):
        for start in range(len(run)):
            yield from _rung(run[start:])


def _without_ordinary(folded: str) -> str:
    """The text without what is no number, as long as no digit stands so near that it may be part of one."""
    kept: list[str] = []
    end = 0
    while (first := _ONE_ORDINARY.search(folded, end)) is not None:
        stop = first.end()
        while (again := _ONE_ORDINARY.match(folded, _AND_ON.match(folded, stop).end())) is not None:  # type: ignore[union-attr]
            stop = again.end()
        row = folded[first.start() : stop]
        before = folded[end : first.start()]
        alone = not _NUMBER_BEFORE.search(before[-20:]) and not _NUMBER_AFTER.match(folded, stop)
        # Without a range in it, "08.00 12.15 9.30" may be three times, or a number that somebody has written as three.
        british = _BRITISH.fullmatch(re.sub(r"\D", "", row))
        is_number = (
            british is not None and not _IS_RANGE.search(row) and _is_given(british[1], certainly=True)
        )
        kept += [before, _TAKEN_OUT if alone and not is_number else row]
        end = stop
    return "".join([*kept, folded[end:]])


def _runs(said: Sequence[Word]) -> Iterator[list[tuple[str, bool]]]:
    """Groups of digits with anything but many words between them; with each, whether words stand before it."""
    run: list[tuple[str, bool]] = []
    between = 0
    for word in said:
        if run and (between > _WORDS_BETWEEN or "¦" in word.gap):
            yield run
            run = []
        digits = digits_for_letters(word.text)
        if not digits.isdigit():
            between += 1
            continue
        abroad = "00" if "+" in word.gap and not run else ""
        run.append((abroad + digits, bool(run) and between > 0))
        between = 0
    if run:
        yield run


def _rung(run: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """The number that some groups from the first on make together, if it is one of this country or of another."""
    digits, worded = "", False
    for group, has_words in run:
        digits, worded = digits + group, worded or has_words
        if len(digits) > _LONGEST:
            return
        british = _BRITISH.fullmatch(digits)
        if british is not None and _is_given(british[1], certainly=worded or len(british[1]) < 10):
            yield f"44{british[1]}"
        elif not worded and (foreign := _FOREIGN.fullmatch(digits)) is not None:
            yield foreign[1]


def _is_given(significant: str, *, certainly: bool) -> bool:
    """Whether a number can be one, by its length; `certainly`, whether Ofcom has given it out, or set it aside for fiction."""
    if not certainly or significant.startswith(FICTION_RANGES):
        return True
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+44{significant}"))


def _dialled(written: str) -> str:
    """The digits that are dialled: "0121" and "+44 (0)121" are one number."""
    digits = re.sub(r"\D", "", written)
    try:
        return re.sub(r"\D", "", parse_phone(("+" if written.startswith("+") else "") + digits).e164)
    except ValueError:
        british = _BRITISH.fullmatch(digits)
        return digits if british is None else f"44{british[1]}"


# Addresses

_AT = re.compile(r"\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*", re.IGNORECASE)
_ENDING = f"(?:{'|'.join(sorted(TOP_LEVEL_DOMAINS))})"
_WORDS = frozenset({"am", "as", "at", "be", "by", "care", "chat", "do", "help", "in", "is", "it", "life", "live", "me", "my", "no",
                    "page", "so", "support", "team", "to", "us"})  # fmt: skip
"""Endings that are words as well: after "dot" alone they may go on with the sentence."""
_PLAIN_ENDING = f"(?:{'|'.join(sorted(TOP_LEVEL_DOMAINS - _WORDS))})"
_SAID_DOT = re.compile(
    rf"(?<=[\w-])(?:\s+dot\s+(?={_PLAIN_ENDING}\b)|\s+\.\s*(?={_ENDING}\b))", re.IGNORECASE
)
_POINTS = re.compile(r"[^\s@]+@[^\s@]+|(?<![\w.])@\w[\w.]{2,}|(?:https?://|www\.)\S+", re.IGNORECASE)
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_SMALL = re.compile(r"[a-z0-9-]+")
_SMALL_ENDING = re.compile(r"[a-z]{2,24}")
"""Any other site, in the small letters of one: not the end of one sentence and the beginning of the next."""


def _addresses(folded: str) -> Iterator[str]:
    plain = _DOT.sub(".", _AT.sub("@", folded.replace("。", ".")))
    plain = _SAID_DOT.sub(".", plain)
    for point in _POINTS.findall(plain):
        yield point.lower().rstrip(".,;:!?)")
    for dotted in _DOTTED.findall(plain):
        parts = dotted.split(".")
        last = max((at for at in range(1, len(parts)) if _ends_a_site(parts[at - 1], parts[at])), default=0)
        if last:
            yield ".".join(parts[: last + 1]).lower()


def _ends_a_site(before: str, part: str) -> bool:
    is_small = _SMALL.fullmatch(before) is not None and _SMALL_ENDING.fullmatch(part) is not None
    return is_small or part.lower() in TOP_LEVEL_DOMAINS
