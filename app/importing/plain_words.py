"""Plain words in a cell as values: yes and no, ages, dates, lengths of time, languages, lists.

A word is taken where one thing only can be meant; anything else is a fault that says what to write. Nothing is guessed: a
wrong age or area sends somebody to a door that stays shut.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import TypeVar

import langcodes

from app.importing.faults import Fault
from app.importing.words import folded

Word = TypeVar("Word")

_ANSWERS = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no", "ask": "ask", "ask us": "ask",
            "ask first": "ask", "please ask": "ask", "it depends": "ask", "depends": "ask"}  # fmt: skip
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")  # fmt: skip
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WRITTEN_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})", re.ASCII)
_SLASHED_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_ISO_DURATION = re.compile(r"now|P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?)?", re.ASCII)
_SAID_DURATION = re.compile(r"(?:within )?(\d{1,3}) ?(minutes?|mins?|hours?|hrs?|h|days?|weeks?)", re.ASCII)
_LISTED = re.compile(r"[;\n]")
_COMMAS = re.compile(r",|\band\b|&|/")
_FROM_TO = re.compile(r"(?:ages? |aged )?(\d{1,3}) ?(?:-|–|to) ?(\d{1,3})(?: years?| yrs?)?", re.ASCII)
_FROM = re.compile(r"(?:ages? |aged |over the age of )?(\d{1,3}) ?(?:\+|plus|and over|or over|and above|and older|or older|years and over)", re.ASCII)  # fmt: skip
_UNDER = re.compile(r"under[ -]?(\d{1,3})s?", re.ASCII)
_UP_TO = re.compile(r"(?:up to |to |0-)(\d{1,3})(?: years?)?", re.ASCII)
_ADULT_AGE = 18
_NUMBER_MADE_OF_A_CODE = re.compile(r"[-+]?\d+(?:\.\d+)?E[-+]?\d+", re.ASCII)
"""With a capital, as spreadsheets write it: a small one may stand in a key."""


def yes_no_ask(text: str) -> str:
    """yes, no or ask. Raises Fault."""
    found = _ANSWERS.get(folded(text))
    if found is None:
        raise Fault("not-yes-no", "Write yes, no or ask.")
    return found


def yes_no(text: str) -> bool:
    """Raises Fault, also for ask."""
    found = _ANSWERS.get(folded(text))
    if found not in ("yes", "no"):
        raise Fault("not-yes-no")
    return found == "yes"


def whole_number(text: str) -> int:
    """Raises Fault."""
    if not _WHOLE.fullmatch(text):
        raise Fault("not-a-number")
    return int(text)


def ages(text: str) -> tuple[int | None, int | None]:
    """Youngest and oldest age accepted, both included; None where there is no limit. Raises Fault."""
    said = " ".join(text.casefold().split())
    if said in ("all ages", "any age", "any", "all"):
        return None, None
    if said in ("adults", "adults only", "adult"):
        return _ADULT_AGE, None
    if said in ("children", "children only", "children and young people under 18"):
        return None, _ADULT_AGE - 1
    if found := _FROM_TO.fullmatch(said):
        youngest, oldest = int(found[1]), int(found[2])
        if youngest <= oldest <= 120:
            return youngest, oldest
    elif found := _FROM.fullmatch(said):
        return int(found[1]), None
    elif found := _UNDER.fullmatch(said):
        if int(found[1]) > 0:
            return None, int(found[1]) - 1
    elif found := _UP_TO.fullmatch(said):
        return None, int(found[1])
    # "over 18" may or may not mean somebody who is 18.
    raise Fault("age-unclear")


def calendar_date(text: str) -> date:
    """2026-11-30, 30 November 2026, or 30/11/2026 where the day cannot be a month. Raises Fault."""
    said = " ".join(text.casefold().split())
    try:
        if _ISO_DATE.fullmatch(said):
            return date.fromisoformat(said)
        if found := _WRITTEN_DATE.fullmatch(said):
            months = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(found[2])]
            if len(months) == 1:
                return date(int(found[3]), months[0], int(found[1]))
        if found := _SLASHED_DATE.fullmatch(said):
            day, month = int(found[1]), int(found[2])
            if day <= 12 and day != month:
                raise Fault(
                    "ambiguous-cell",
                    "Write the date as 2026-11-30: day and month can be taken for one another.",
                )
            return date(int(found[3]), month, day)
    except ValueError:
        raise Fault("not-a-date") from None
    if _WHOLE.fullmatch(said):
        raise Fault(
            "ambiguous-cell", "A date has become a number. Format the column as text and write 2026-11-30."
        )
    raise Fault("not-a-date")


def duration(text: str) -> str:
    """An ISO 8601 duration as referral routes have it, or `now`. Raises Fault."""
    written = text.strip()
    if _ISO_DURATION.fullmatch(written):
        return written
    said = " ".join(written.casefold().split())
    if said in ("now", "immediately", "straight away", "at once", "immediate"):
        return "now"
    if found := _SAID_DURATION.fullmatch(said):
        number, unit = int(found[1]), found[2][0]
        if unit == "m":
            return f"PT{number}M"
        if unit == "h":
            return f"PT{number}H"
        return f"P{number * (7 if unit == 'w' else 1)}D"
    raise Fault("duration-unclear")


def duration_text(iso: str) -> str:
    """What to write for a duration: 4 hours, or the ISO form where it has several parts."""
    for form, unit in ((r"PT(\d{1,3})M", "minute"), (r"PT(\d{1,3})H", "hour"), (r"P(\d{1,3})D", "day")):
        found = re.fullmatch(form, iso, re.ASCII)
        if found and str(int(found[1])) == found[1]:
            said = f"{found[1]} {unit}" if found[1] == "1" else f"{found[1]} {unit}s"
            return said if duration(said) == iso else iso
    return iso


_COMMON_LANGUAGES = {
    "Albanian": "sqi", "Amharic": "amh", "Arabic": "ara", "Bengali": "ben", "British Sign Language": "bfi",
    "Bulgarian": "bul", "Cantonese": "yue", "Chinese": "zho", "Czech": "ces", "Dari": "prs", "English": "eng",
    "Farsi": "fas", "French": "fra", "German": "deu", "Gujarati": "guj", "Hindi": "hin", "Hungarian": "hun",
    "Igbo": "ibo", "Italian": "ita", "Kurdish": "kur", "Latvian": "lav", "Lithuanian": "lit",
    "Mandarin": "cmn", "Oromo": "orm", "Pashto": "pus", "Persian": "fas", "Polish": "pol", "Portuguese": "por",
    "Punjabi": "pan", "Romanian": "ron", "Russian": "rus", "Shona": "sna", "Slovak": "slk", "Somali": "som",
    "Spanish": "spa", "Swahili": "swa", "Tamil": "tam", "Thai": "tha", "Tigrinya": "tir", "Turkish": "tur",
    "Twi": "twi", "Ukrainian": "ukr", "Urdu": "urd", "Vietnamese": "vie", "Welsh": "cym", "Yoruba": "yor",
}  # fmt: skip
"""Those that are spoken most, so that the library with all of them, a second's work to load, is seldom asked."""
_LANGUAGES = {name.casefold(): code for name, code in _COMMON_LANGUAGES.items()} | {
    "bangla": "ben", "bsl": "bfi", "kurmanji": "kmr", "panjabi": "pan", "sorani": "ckb", "tigrigna": "tir",
}  # fmt: skip
"""With other names that people write."""
_LANGUAGE_NAMES = {code: name for name, code in reversed(_COMMON_LANGUAGES.items())}


@lru_cache(maxsize=10_000)
def language_code(text: str) -> str:
    """ISO 639-3 code of a language, by code or English name. Raises Fault."""
    said = folded(text)
    if said in _LANGUAGES:
        return _LANGUAGES[said]
    if re.fullmatch(r"[a-z]{3}", text.strip()):
        return text.strip()
    try:
        found = langcodes.Language.find(said, "en")
        # The library also finds what a text only begins with, and what is merely like a name.
        is_it = found.to_tag() == found.language and folded(found.display_name("en")) == said
        code = found.to_alpha3() if is_it else ""
    except LookupError:
        code = ""
    if not re.fullmatch(r"[a-z]{3}", code):
        raise Fault(
            "unknown-word", "Write the English name of one language, or its ISO 639-3 code such as pol."
        )
    return code


@lru_cache(maxsize=10_000)
def language_name(code: str) -> str:
    """What to write for a language: its English name where that is read back as the same."""
    if code in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[code]
    name = langcodes.Language.get(code).display_name("en")
    try:
        return name if ";" not in name and language_code(name) == code else code
    except Fault:
        return code


def listed(text: str, read: Callable[[str], Word]) -> tuple[Word, ...]:
    """Several words in one cell with ; or a new line between; commas and "and" too where every part is a word by itself."""
    found: list[Word] = []
    for part in _parts(text, _LISTED):
        try:
            found.append(read(part))
        except Fault:
            smaller = list(_parts(part, _COMMAS))
            if len(smaller) < 2:
                raise
            found.extend(read(one) for one in smaller)
    return tuple(found)


def has_lost_digits(text: str) -> bool:
    """Whether a spreadsheet has made a number in powers of ten out of what was written: 4.42E+11."""
    return _NUMBER_MADE_OF_A_CODE.fullmatch(text) is not None


def has_lost_zero(text: str) -> bool:
    """Whether it is a British telephone number without its first zero, as a spreadsheet leaves it."""
    return re.fullmatch(r"[1-9]\d{8,9}", re.sub(r"[ .-]", "", text), re.ASCII) is not None


def _parts(text: str, between: re.Pattern[str]) -> Iterator[str]:
    return (part.strip() for part in between.split(text) if part.strip())
