"""Numbers and places that a curator has taken down, in texts: wherever a text of their organization names one, plain words
stand.

A number is rung wherever it is read, and a description is read before a list of numbers. So a number that goes from the lines
goes from every text too, however it is written there, and so does the address of a place (`withdrawn_addresses`); what was
stored stays as it is, for curators to reword.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import phonenumbers
from pydantic import BaseModel

from app.directory.folded_text import fold, spoken, words_of
from app.directory.locating_phones import runs_of_digits
from app.directory.withdrawn_addresses import ADDRESS_WITHDRAWN, Address, without_addresses

WITHDRAWN = "(number withdrawn)"

Record = TypeVar("Record", bound=BaseModel)


class Withdrawn(NamedTuple):
    """What no text may say: numbers (E.164, or the digits of a short code), and addresses of places."""

    numbers: Collection[str] = ()
    addresses: Collection[Address] = ()


_LINKS = frozenset({"url", "website", "email", "privacy_url", "source_url", "contact", "form_url"})
"""Fields that are written to or opened whole: with other words in them they would lead anywhere, so they are left out."""
_NUMBERS = frozenset({"number", "e164", "identifier"})
"""Fields that are numbers themselves: those taken down are not among them any more, and no other one is touched."""
_LEAST_LOCAL = 6
"""Digits of a local number, without its area code, that are not something else by chance."""
_GAP = r"[\W_]{0,5}"
_OTHER_AREA = re.compile(r"(?:44|0)[\W_]{0,5}\d(?:[\W_]{0,5}\d){1,4}[\W_]{0,5}$")
"""What stands before the local part of another place's number."""


class _Writing(NamedTuple):
    """The ways to write one number: `whole` anywhere, `local` alone; and their digits, as they are said."""

    whole: re.Pattern[str]
    local: re.Pattern[str] | None
    said: str
    said_locally: str | None


def names_number(text: str, numbers: Collection[str]) -> bool:
    """Whether a text names one of these numbers (E.164), however it is written."""
    return without_numbers(text, numbers) != text


def without_numbers(text: str, numbers: Collection[str]) -> str:
    """The text with `WITHDRAWN` for every writing of these numbers (E.164, or the digits of a short code).

    Whatever stands between the digits: blanks of any kind, dots, hyphens, brackets; with +44, 0044, 0 or neither; the local part
    alone as well. Where a number can only be made out by reading as a person does (in words, with letters for digits), no
    one can say where it ends, and the whole text gives way.
    """
    for number in numbers:
        writing = _writing(number)
        if writing is None:
            continue
        text = _replaced(text, writing.whole)
        if writing.local is not None:
            text = _replaced(text, writing.local, alone=True)
        if _says(text, writing):
            return WITHDRAWN
    return text


def without_withdrawn(record: Record, withdrawn: Withdrawn) -> Record:
    """The record with every text of it so, in whatever depth; a link that names a number or place is left out (None).

    Whatever field a record is given later is a text until it says otherwise.
    """
    if not withdrawn.numbers and not withdrawn.addresses:
        return record
    changed = {
        name: new
        for name, value in record
        if (new := _cleared(value, withdrawn, is_link=name in _LINKS)) is not value and name not in _NUMBERS
    }
    return record.model_copy(update=changed) if changed else record


def says_withdrawn(text: str) -> bool:
    """Whether something was taken out of a text that is shown."""
    return WITHDRAWN in text or ADDRESS_WITHDRAWN in text


def fields_that_name(
    value: Any, withdrawn: Withdrawn, at: str = "", *, is_link: bool = False
) -> Iterator[str]:
    """JSON pointers (RFC 6901) of the texts in a JSON value that name any of it; numbers and keys are none.

    Nor are the fields of a place in which its own address stands: such a place is shown to nobody.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _NUMBERS and name not in {"phone", "key", "via_service"}:
                of_these = withdrawn._replace(addresses=()) if name == "locations" else withdrawn
                yield from fields_that_name(inner, of_these, f"{at}/{name}", is_link=name in _LINKS)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from fields_that_name(inner, withdrawn, f"{at}/{position}", is_link=is_link)
    elif isinstance(value, str) and _text_without(value, withdrawn, is_link=is_link) != value:
        yield at


def _text_without(text: str, withdrawn: Withdrawn, *, is_link: bool) -> str:
    return without_addresses(without_numbers(text, withdrawn.numbers), withdrawn.addresses, in_link=is_link)


def _cleared(value: Any, withdrawn: Withdrawn, *, is_link: bool) -> Any:
    """The very same object where nothing in it names a number or place."""
    if isinstance(value, str):
        new = _text_without(value, withdrawn, is_link=is_link)
        if new == value:
            return value
        return None if is_link else new
    if isinstance(value, BaseModel):
        return without_withdrawn(value, withdrawn)
    if isinstance(value, tuple):
        parts = tuple(_cleared(one, withdrawn, is_link=is_link) for one in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    return value


@lru_cache(maxsize=1024)
def _writing(number: str) -> _Writing | None:
    """None for a number that is no one organization's: 999, 101 and their like stand in texts that have to say them."""
    if not number.startswith("+"):
        if len(number) < 5 or number.startswith("1800"):
            return None
        return _Writing(re.compile(r"(?<!\d)" + r"[\W_]?".join(number) + r"(?!\d)"), None, number, None)
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return _Writing(re.compile(rf"\+?{_GAP.join(number[1:])}(?!\d)"), None, number[1:], None)
    significant = phonenumbers.national_significant_number(parsed)
    country = _GAP.join(str(parsed.country_code))
    whole = (
        rf"(?<!\d)(?:(?:\+{_GAP}|0{_GAP}0{_GAP})?{country}{_GAP})?(?:0{_GAP})?{_GAP.join(significant)}(?!\d)"
    )
    local = significant[phonenumbers.length_of_geographical_area_code(parsed) :]
    if local == significant or len(local) < _LEAST_LOCAL:
        return _Writing(re.compile(whole), None, significant, None)
    return _Writing(re.compile(whole), re.compile(rf"(?<!\w){_GAP.join(local)}(?!\w)"), significant, local)


def _replaced(text: str, writing: re.Pattern[str], *, alone: bool = False) -> str:
    # One digit of ASCII for each digit of any script: every position stays what it is.
    plain = "".join(
        str(unicodedata.decimal(one)) if one.isdecimal() and not one.isascii() else one for one in text
    )
    parts, end = [], 0
    for found in writing.finditer(plain):
        if alone and _OTHER_AREA.search(plain[max(0, found.start() - 20) : found.start()]):
            continue
        start = found.start()
        # "(0121) 496 0178": the bracket that opens before the number goes with the one that closes inside it.
        opens = found[0].count(")") > found[0].count("(") and plain[:start].endswith(("(", "(+"))
        parts += [text[end : start - opens], WITHDRAWN]
        end = found.end()
    return "".join([*parts, text[end:]]) if parts else text


def _says(text: str, writing: _Writing) -> bool:
    for run in runs_of_digits(spoken(words_of(fold(text)))):
        digits = "".join(group.digits for group in run)
        if writing.said in digits or digits == writing.said_locally:
            return True
    return False
