"""Which changes of a record take two named persons, whichever way they come in: by hand, by going back, or in a file."""

from collections.abc import Iterable
from typing import Literal

from app.curation.record_diff import FieldDifference

Reason = Literal["contact", "confidentiality"]


def reasons_for_two(differences: Iterable[FieldDifference], *, is_known: bool) -> frozenset[Reason]:
    """Why one person may not make a change alone; empty where one may.

    `is_known`: people ring what the record says, or did while it was public: in whatever state it is now, an organization
    would otherwise be anybody's as soon as one person has archived its services. What was never public is approved as a
    whole by another person. `contact`: people would reach somebody else. `confidentiality`: what may be
    known of where a service is changes, which is also what a place or number marked a public office says: beside a refuge
    it is shown for that mark alone.
    """
    found: set[Reason] = set()
    for one in differences:
        if one.is_contact and is_known:
            found.add("contact")
        if one.is_confidentiality and is_known:
            found.add("confidentiality")
    return frozenset(found)
