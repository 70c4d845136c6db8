"""What an import may not do on the word of one person.

Every rule is about what it would do, whatever the file was meant for: a sheet with one wrong column changes every
telephone number as surely as somebody who wants to.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from app.curation.record_diff import FieldDifference, record_diff
from app.curation.two_people import reasons_for_two

Tripwire = Literal["many-changes", "contact", "confidentiality", "defunct"]

MEANINGS: Mapping[Tripwire, str] = {
    "many-changes": "More than 20 % of the records of this source are changed.",
    "contact": "A number, address or web page by which people reach somebody changes on a record that is or was public, or becomes public.",
    "confidentiality": "What may be known of where a service is changes.",
    "defunct": "A service ends.",
}
MOST_CHANGED = 0.2
"""Of the records of the source: more than a month's ordinary news, and what a sheet sorted by one column does."""

_MARKED_LISTS = ("phones", "contacts", "routes", "locations", "identifiers")


def of_change(differences: Iterable[FieldDifference], *, is_known: bool) -> tuple[Tripwire, ...]:
    """`is_known`: the public has the record, or has it again by one step of one person (it is paused).

    What a curator may not do alone (`two_people`), and more, since a file changes many records that nobody has in view:
    confidentiality of drafts, and the end of a service.
    """
    differences = tuple(differences)
    found: set[Tripwire] = {*reasons_for_two(differences, is_known=is_known)}
    for one in differences:
        if one.is_confidentiality:
            found.add("confidentiality")
        if one.pointer == "/status" and one.new == "defunct":
            found.add("defunct")
    return _in_order(found)


def of_new(
    proposed: Mapping[str, Any], *, becomes_public: bool, looks_confidential: bool
) -> tuple[Tripwire, ...]:
    """`looks_confidential`: it is a refuge by its needs or its name, and the file says that it is none.

    Asked of every field, as of a change: a number in the middle of a description is rung as the one in a list is.
    """
    found: set[Tripwire] = set()
    if becomes_public and any(one.is_contact for one in appearing(proposed)):
        found.add("contact")
    if looks_confidential or (becomes_public and _marks_an_office(proposed)):
        found.add("confidentiality")
    return _in_order(found)


def appearing(record: Mapping[str, Any]) -> tuple[FieldDifference, ...]:
    """How people would reach what becomes public, and what it marks a public office: all of it is new to them."""
    return tuple(one for one in record_diff(None, record) if one.is_contact or one.is_confidentiality)


def _marks_an_office(proposed: Mapping[str, Any]) -> bool:
    """Whether a number, place or registration is said to be a public office: beside a refuge it is shown for that alone."""
    return any(
        one.get("is_public_office") or one.get("phone_is_public_office")
        for name in _MARKED_LISTS
        for one in proposed.get(name) or ()
    )


def of_import(of_records: Iterable[Collection[str]], *, changed: int, of: int) -> tuple[Tripwire, ...]:
    """Of everything that is to be applied: `changed` of the `of` records that the source has."""
    found: set[Tripwire] = {code for codes in of_records for code in MEANINGS if code in codes}
    if changed > MOST_CHANGED * of:
        found.add("many-changes")
    return _in_order(found)


def _in_order(found: Collection[Tripwire]) -> tuple[Tripwire, ...]:
    return tuple(code for code in MEANINGS if code in found)
