"""The lint that keeps out of a confidential service's texts whatever would lead to its door.

Confidential places are not kept at all (SAFETY.md, promise 1), but people write them into notes. Every way in asks
`require_unlocatable` first. The lint would rather ask a curator to reword a harmless note than let a postcode through;
names of neighbourhoods and buildings it cannot know, which is why a person still reads every confidential record.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.directory.contact_points import PhoneNumber
from app.directory.folded_text import Reading, read
from app.directory.locating_codes import (
    has_coordinates,
    has_district,
    has_grid_reference,
    has_plus_code,
    has_postcode,
)
from app.directory.locating_links import has_map_link, has_what3words
from app.directory.locating_phones import has_local_phone
from app.directory.locating_places import has_landmark, has_road, has_street_address
from app.errors import ConfidentialFact, FieldError

CATALOGUE: dict[str, str] = {
    "postcode": "holds a postcode or its first half and sector; name the council area or force instead",
    "postcode_district": "holds a postcode district; name the council area or force instead",
    "plus_code": "holds a plus code (open location code)",
    "what3words": "holds a what3words address",
    "coordinates": "holds coordinates or the reference number of an address",
    "grid_reference": "holds a grid reference",
    "map_link": "holds a link to a map, or a short link that does not say where it leads",
    "local_phone": "holds a local telephone number or area code, which leads to the town; use a mobile, 03 or freephone number",
    "street_address": "holds a street, flat or house number",
    "road": "holds a road number or junction",
    "landmark": "says where it is by a building or a direction",
}
"""What a person is told about each rule. Never the text itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A text that would help to find a place: JSON pointer (RFC 6901) of its field, and a rule of CATALOGUE."""

    pointer: str
    rule: str


def lint_confidential(texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """What in these texts would help to find a confidential place. Keys are JSON pointers of the fields.

    Findings come in the order of the texts and of CATALOGUE, each rule at most once for a text. The time is in
    proportion to the length of the texts.
    """
    # An organization says the same in many of its services.
    broken = {text: tuple(_rules_broken(text)) for text in {*texts.values()}}
    return tuple(Finding(pointer, rule) for pointer, text in texts.items() for rule in broken[text])


def require_unlocatable(texts: Mapping[str, str]) -> None:
    """Raise ConfidentialFact naming every field and rule, and nothing of the texts."""
    found = lint_confidential(texts)
    if found:
        raise ConfidentialFact(errors=tuple(FieldError(one.pointer, CATALOGUE[one.rule]) for one in found))


def phone_locates(phone: PhoneNumber) -> bool:
    """Whether a number leads to a town: any landline, 01284 to Bury St Edmunds (abuse matrix, row 121)."""
    return phone.is_geographic


def _rules_broken(text: str) -> Iterator[str]:
    reading = read(text)
    return (rule for rule in CATALOGUE if _CHECKS[rule](reading))


_CHECKS: dict[str, Callable[[Reading], bool]] = {
    "postcode": has_postcode,
    "postcode_district": has_district,
    "plus_code": has_plus_code,
    "what3words": has_what3words,
    "coordinates": has_coordinates,
    "grid_reference": has_grid_reference,
    "map_link": has_map_link,
    "local_phone": has_local_phone,
    "street_address": has_street_address,
    "road": has_road,
    "landmark": has_landmark,
}
