"""Reading a postcode as somebody typed it: a unit (B1 1BB), a sector (B1 1) or a district (B1), strictly.

Nothing is guessed: a wrong postcode that finds a place sends somebody to the wrong service. What is a postcode by its
form but never has a place on the map of Great Britain is told apart here, so that no look-up is needed to say so.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.errors import PostcodeInvalid, PostcodeNoLocation

MAX_TYPED_LENGTH = 20
"""Eight characters and generous blanks around; longer input is refused before anything looks at it."""

INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
"""The inward half never has C, I, K, M, O or V (ONS Postcode Directory user guide, annex on postcode format)."""

# A9, A99, A9A, AA9, AA99 and AA9A; GIR (Girobank); NPT, Newport's until it became NP, still in the directory as terminated.
_OUTWARD = r"[A-Z]{1,2}[0-9][0-9A-Z]?|GIR|NPT"
_INWARD = rf"[0-9][{INWARD_LETTERS}]{{2}}"
# The blank before a lone digit is required: B11 is a district, B1 1 a sector.
_POSTCODE = re.compile(rf"[ \t]*({_OUTWARD})(?:[ \t]*({_INWARD})|[ \t]+([0-9]))?[ \t]*")
_OUTWARD_ONLY = re.compile(_OUTWARD)

# British overseas territories write one postcode for the whole territory (Universal Postal Union, addressing by country).
_TERRITORIES = "ASCN|BBND|BIQQ|FIQQ|PCRN|SIQQ|STHL|TDCU|TKCA"
_NOT_IN_BRITAIN = re.compile(rf"[ \t]*(?:(?:{_TERRITORIES})[ \t]*1ZZ|BFPO[ \t]*[0-9]{{1,4}})[ \t]*")

NO_LOCATION_AREAS = frozenset({"IM", "JE", "GY", "BT", "BF", "BX", "XM", "GX"})
"""Letters of postcode areas without a place on the map of Great Britain: Isle of Man, Jersey, Guernsey, Northern Ireland
(its rows are not under an open licence), forces, banks and other non-geographic users, Father Christmas, Gibraltar."""


class Precision(StrEnum):
    """How much of a postcode was given."""

    UNIT = "unit"
    SECTOR = "sector"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True, repr=False)
class Postcode:
    """A postcode of the right form. `inward` is `1BB` of a unit, `1` of a sector and None of a district."""

    outward: str
    inward: str | None
    precision: Precision

    def __str__(self) -> str:
        return self.outward if self.inward is None else f"{self.outward} {self.inward}"

    def __repr__(self) -> str:
        # What somebody searched for must not surface in a traceback or a log.
        return f"<Postcode {self.precision}>"


def parse_postcode(text: str) -> Postcode:
    """The postcode in `text`: any case, with blanks (space, tab, no-break space) around and between the halves only.

    Raises PostcodeInvalid for anything else and PostcodeNoLocation for `NO_LOCATION_AREAS`, GIR 0AA, BFPO numbers and
    overseas territories.
    """
    if len(text) > MAX_TYPED_LENGTH:
        raise PostcodeInvalid
    text = text.replace("\xa0", " ")
    # Before upper(): U+017F (long s) becomes an S there, and full-width letters look like a code without being one.
    if not text.isascii():
        raise PostcodeInvalid
    text = text.upper()
    found = _POSTCODE.fullmatch(text)
    if found is None:
        if _NOT_IN_BRITAIN.fullmatch(text):
            raise PostcodeNoLocation
        raise PostcodeInvalid
    outward, unit, sector = found.groups()
    if outward[:2] in NO_LOCATION_AREAS or outward == "GIR":
        raise PostcodeNoLocation
    if unit is not None:
        return Postcode(outward, unit, Precision.UNIT)
    if sector is not None:
        return Postcode(outward, sector, Precision.SECTOR)
    return Postcode(outward, None, Precision.DISTRICT)


def is_outward_code(text: str) -> bool:
    """Whether `text` has the form of an outward code, in capitals and without blanks."""
    return _OUTWARD_ONLY.fullmatch(text) is not None
