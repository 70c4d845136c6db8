"""Where a file and the directory say different things, and neither can be taken for granted.

A record with a conflict is shown and left alone; it is applied only when a person names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from app.directory.contact_points import parse_phone
from app.importing.identities import Entry, folded
from app.importing.stored_states import StoredParty, StoredState

ConflictCode = Literal["another-source", "edited-since", "other-organization", "was-archived"]

MEANINGS: Mapping[ConflictCode, str] = {
    "another-source": "The directory has it from another source, and may say something else.",
    "edited-since": "Somebody has edited it since the last import from this source.",
    "other-organization": "The directory has this service under another organization. An import does not move it.",
    "was-archived": "It was taken out of the directory. Applied, it comes back.",
}
CANNOT_BE_APPLIED = frozenset[str]({"other-organization"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """`field`, `in_file` and `in_directory` where it is about one value."""

    code: ConflictCode
    record_id: UUID
    source: str
    field: str | None = None
    in_file: Any = None
    in_directory: Any = None


def with_another_source(
    proposed: Mapping[str, Any], other: StoredState, entry: Entry, *, web: str
) -> Iterator[Conflict]:
    """What another source's record of the same organization or service says otherwise; one without a field at least.

    `web` is the member with its web address.
    """
    found = []
    for name in ("name", web):
        mine, theirs = proposed.get(name), other.said.get(name)
        if mine and theirs and _plain(name, mine) != _plain(name, theirs):
            found.append(Conflict("another-source", entry.id, entry.source, name, mine, theirs))
    numbers, others = _numbers(proposed), _numbers(other.said)
    if numbers and others and numbers.keys() != others.keys():
        found.append(
            Conflict(
                "another-source", entry.id, entry.source, "phones", [*numbers.values()], [*others.values()]
            )
        )
    yield from found or [Conflict("another-source", entry.id, entry.source)]


def places_elsewhere(proposed: Mapping[str, Any], other: StoredParty, entry: Entry) -> Iterator[Conflict]:
    """Places at one address that the other source calls by another name."""
    known = {
        _address(place): place["name"]
        for service in other.services.values()
        for place in service.said["locations"]
        if place["postal_code"]
    }
    for place in proposed.get("locations", ()):
        theirs = known.get(_address(place)) if place["postal_code"] else None
        if theirs is not None and folded(theirs) != folded(place["name"]):
            yield Conflict("another-source", entry.id, entry.source, "locations", place["name"], theirs)


def _address(place: Mapping[str, Any]) -> tuple[str, str]:
    return folded(place["postal_code"] or ""), folded(place["address_1"] or "")


def _plain(name: str, value: str) -> str:
    return folded(value) if name == "name" else value.casefold().rstrip("/").removeprefix("https://www.")


def _numbers(record: Mapping[str, Any]) -> dict[str, str]:
    """Public numbers as printed, by what is dialled."""
    public = (one["number"] for one in record.get("phones", ()) if one["visibility"] == "public")
    return {parse_phone(number).e164: number for number in public}
