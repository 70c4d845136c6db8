"""Telephone numbers, e-mail addresses and web addresses as a directory may print them.

A wrong number sends somebody in danger to a stranger, so nothing is guessed and no digit is changed: what cannot be
read in one way only is refused. Messages come from a catalogue and never hold what was written.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import quote

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.directory.plain_text import refuse_invisible

PhoneKind = Literal["freephone", "geographic", "mobile", "non_geographic", "short_code", "foreign"]

SHORT_CODES: dict[str, str] = {
    "999": "999",
    "112": "112",
    "101": "101",
    "111": "111",
    "159": "159",
    "18000": "18000",
    "18001101": "18001 101",
    "18001111": "18001 111",
    "116000": "116 000",
    "116006": "116 006",
    "116111": "116 111",
    "116123": "116 123",
    "61016": "61016",
    "85258": "85258",
}
"""Digits dialled, and how they are printed. Emergency, police, NHS, bank fraud, emergency and 101/111 by text relay,
the 116 helplines that Ofcom has allocated, British Transport Police and Shout by text. Written down in November 2026
from the National Telephone Numbering Plan and the bodies' own pages; a new code is a line here and in the tests."""

FICTION_RANGES = ("1632960", "2079460", "3069990", "7700900", "8081570")
"""Ofcom's "telephone numbers for use in TV and radio drama programmes", without the leading 0: valid in form, given to nobody. The
0121 496 0xxx of examples needs no entry, because the metadata knows it."""

_NOT_A_PHONE = (
    "a telephone number with its area code, such as 0800 808 3733: digits, spaces and one leading + only"
)
_SEPARATORS = str.maketrans(dict.fromkeys(" \u00a0\u2009\u202f-\u2010\u2011\u2013.()", ""))
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９＋（）　－．", "0123456789+() -.")
_AS_PRINTED = re.compile(r"0\d{2,5}(?: \d{2,6}){1,3}")
_UNWANTED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)
_PLACED_TYPES = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """`e164` is what is dialled: +44… , or the bare digits of a short code. `national` is what is printed.

    `is_geographic` says that the number leads to a town: a landline, at home or abroad. Two numbers are equal when they
    dial the same, however they are grouped.
    """

    e164: str
    national: str = field(compare=False)
    kind: PhoneKind
    is_geographic: bool

    def __reduce__(self) -> tuple[type["PhoneNumber"], tuple[str, str, PhoneKind, bool]]:
        """Four values in a row: an import hands on tens of thousands, and field by field takes three times as long."""
        return PhoneNumber, (self.e164, self.national, self.kind, self.is_geographic)


def parse_phone(text: str) -> PhoneNumber:
    """Read a telephone number, keeping every digit.

    The grouping of a British number is kept where it is plain ("08000 121 700" is printed so, not as 0800 012 1700).
    Raises PydanticCustomError (a ValueError) of type `phone_invalid`, or `phone_not_allowed` for numbers that cost the
    caller more or lead anywhere: 09, 070, pagers, and their like abroad.
    """
    written = text.strip(" \u00a0").translate(_WIDE_DIGITS) if len(text) <= 40 else ""
    digits = written.translate(_SEPARATORS)
    if digits in SHORT_CODES:
        return PhoneNumber(digits, SHORT_CODES[digits], "short_code", is_geographic=False)
    if not re.fullmatch(r"\+?[0-9]{7,15}", digits) or written.count("(") != written.count(")"):
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE)
    if digits.startswith("+"):
        international = digits[1:]
    elif digits.startswith("00"):
        international = digits[2:]
    elif digits.startswith("0"):
        return _british(digits[1:], written)
    else:
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE)
    if international.startswith("44"):
        # "+44 (0)121 …": the 0 is dialled only inside the country, and no British number starts with one after it.
        return _british(international[2:].removeprefix("0"), written)
    return _foreign(international)


def _british(significant: str, written: str) -> PhoneNumber:
    """`significant` is the number without its leading 0 (the national significant number of ITU-T E.164)."""
    parsed = _parsed("44" + significant)
    known = phonenumbers.is_valid_number(parsed) or significant.startswith(FICTION_RANGES)
    # 0845 and 0870 are premium rate to the library; here they are what Ofcom calls business rate.
    if significant.startswith(("9", "70")) or phonenumbers.number_type(parsed) == PhoneNumberType.PAGER:
        raise PydanticCustomError("phone_not_allowed", "not a premium rate, personal or pager number")
    if not known:
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE)
    national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    if _AS_PRINTED.fullmatch(written) and written.replace(" ", "") == "0" + significant:
        national = written
    elif re.sub(r"\D", "", national) != "0" + significant:
        national = "0" + significant
    kind = _british_kind(significant)
    return PhoneNumber("+44" + significant, national, kind, is_geographic=kind == "geographic")


def _british_kind(significant: str) -> PhoneKind:
    """By Ofcom's National Telephone Numbering Plan: 01 and 02 are places, 07 mobiles, 080 free, 03, 05 and the rest of 08 neither."""
    if significant.startswith(("1", "2")):
        return "geographic"
    if significant.startswith("7"):
        return "mobile"
    return "freephone" if significant.startswith("80") else "non_geographic"


def _foreign(digits: str) -> PhoneNumber:
    parsed = _parsed(digits)
    kind = phonenumbers.number_type(parsed)
    if kind in _UNWANTED_TYPES:
        raise PydanticCustomError("phone_not_allowed", "not a premium rate, personal or pager number")
    if not phonenumbers.is_valid_number(parsed):
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE)
    national = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    if re.sub(r"\D", "", national) != digits:
        national = "+" + digits
    return PhoneNumber("+" + digits, national, "foreign", is_geographic=kind in _PLACED_TYPES)


def _parsed(digits: str) -> phonenumbers.PhoneNumber:
    """What the library makes of +`digits`; refused when it would dial anything else (it drops prefixes such as 180020)."""
    try:
        parsed = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE) from None
    if phonenumbers.format_number(parsed, PhoneNumberFormat.E164) != "+" + digits:
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE)
    return parsed


_LOCAL_PART = re.compile(r"[A-Za-z0-9_+'-]{1,64}(?:\.[A-Za-z0-9_+'-]{1,64}){0,20}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_UNREACHABLE = frozenset({"alt", "arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain",
                          "localhost", "onion", "private", "test"})  # fmt: skip
"""Names that never lead to the public Internet (RFC 2606, 6761, 6762, 7686, 8375, 9476; ICANN on .internal, .corp, .home)."""


def parse_email(text: str) -> str:
    """An e-mail address alone, with its domain in lower case: no name, comment, quoting or parameters; at most 254 characters.

    Narrower than RFC 5321 on purpose: letters, digits and . _ + ' - before the @, a public DNS name after it.
    Raises PydanticCustomError of type `email_invalid`.
    """
    local, at, domain = text.strip(" ").partition("@")
    domain = domain.lower()
    well_formed = (
        len(text) <= 254 and len(local) <= 64 and _LOCAL_PART.fullmatch(local) and is_dns_name(domain)
    )
    if not at or not well_formed:
        raise PydanticCustomError(
            "email_invalid", "one e-mail address such as referrals@example.org, and nothing else"
        )
    return f"{local}@{domain}"


def is_dns_name(host: str) -> bool:
    """A name in lower-case ASCII with a dot that public DNS could answer for; never an address in any disguise.

    The last label is letters or punycode, which rules out 127.0.0.1, 0x7f.1 and 2130706433 (WHATWG URL, "ends in a number").
    """
    labels = host.split(".")
    return (
        len(host) <= 253
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and _TOP_LABEL.fullmatch(labels[-1]) is not None
        and labels[-1] not in _UNREACHABLE
    )


@dataclass(frozen=True, slots=True)
class WebAddress:
    """`url` is ASCII. `needs_review` says that the host has letters beyond ASCII, which may only look like another name."""

    url: str
    needs_review: bool


_NOT_A_URL = (
    "a public web address such as https://www.example.org/help: https, a host name, no port or log-in"
)
_URL = re.compile(r"https://([^/?#]{1,255})([/?#].{0,1999})?", re.IGNORECASE)
_UNSAFE_REST = re.compile(r"""[\x00-\x20\x7f"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})|%[01][0-9A-Fa-f]|%7[Ff]""")
_IDN_DEVIATIONS = frozenset("ßς。．｡")
"""Letters that older and newer IDNA send to different sites (UTS 46, section 7), and stand-ins for the dot."""


def parse_public_url(text: str) -> WebAddress:
    """An https address with a public DNS name, at most 2,000 characters.

    Nothing is trimmed or repaired. An internationalized name becomes punycode and asks for review; a path beyond ASCII is
    percent-encoded. Raises PydanticCustomError of type `url_not_allowed`.
    """
    found = _URL.fullmatch(text) if len(text) <= 2000 else None
    if found is None:
        raise PydanticCustomError("url_not_allowed", _NOT_A_URL)
    refuse_invisible(text)
    host, rest = _ascii_host(found[1].removesuffix(":443")), found[2] or ""
    if not is_dns_name(host) or _UNSAFE_REST.search(rest):
        raise PydanticCustomError("url_not_allowed", _NOT_A_URL)
    is_international = any(label.startswith("xn--") for label in host.split("."))
    # What is reserved or already encoded stays as it is (RFC 3986, section 2); only letters beyond ASCII are encoded.
    encoded = quote(rest, safe="%/?#[]@!$&'()*+,;=:~")
    return WebAddress(f"https://{host}{encoded}", is_international)


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    same = unicodedata.normalize("NFC", host)
    if _IDN_DEVIATIONS & set(same) or unicodedata.normalize("NFKC", same) != same:
        return ""
    try:
        return same.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _read_phone(value: object) -> PhoneNumber:
    if isinstance(value, PhoneNumber):
        return value
    # A dictionary with the fields of a PhoneNumber would get past the rules.
    if not isinstance(value, str):
        raise PydanticCustomError("phone_invalid", _NOT_A_PHONE)
    return parse_phone(value)


Phone = Annotated[
    PhoneNumber,
    PlainValidator(_read_phone),
    PlainSerializer(lambda phone: phone.national, return_type=str),
    WithJsonSchema({"type": "string", "maxLength": 40}),
]
"""A number written as text; the value is a `PhoneNumber`, dumped as its printed form again."""

EmailAddress = Annotated[
    str, AfterValidator(parse_email), WithJsonSchema({"type": "string", "format": "email", "maxLength": 254})
]

PublicUrl = Annotated[
    str,
    AfterValidator(lambda text: parse_public_url(text).url),
    WithJsonSchema(
        {"type": "string", "format": "uri", "maxLength": 2000, "pattern": "^[Hh][Tt][Tt][Pp][Ss]://"}
    ),
]
"""Text in ASCII. Whether the name asks for review is told by `parse_public_url`, also of an address already in punycode."""
