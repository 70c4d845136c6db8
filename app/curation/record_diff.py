"""The difference of two states of a record, field by field: of two submissions, or of two public records.

Pure. A member of a list is the same one in both states when its key says so, else when its name does, else when it stands
in the place of one that is gone; a telephone number that was altered is therefore one change, old → new. What a key or
row id is called is no difference, and neither is the order of a list that has none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from app.curation.field_words import named, words_of
from app.curation.submissions import ALWAYS_OPEN
from app.directory.contact_points import parse_phone
from app.directory.named_contacts import contacts_named

Kind = Literal["added", "changed", "removed"]
State = BaseModel | Mapping[str, Any] | None
"""A submission, a public record, either of them as JSON, or None where there is no such record."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that differs. Values are JSON values; one that says nothing is None.

    `pointer` (RFC 6901) is from the new state, or from the old one where the field is gone. `is_contact`: somebody would
    ring, write to or open something else than before. `is_confidentiality`: what may be known of where the service is,
    and everything of a place or registration that is marked a public office: beside a refuge it is shown for that mark.
    """

    pointer: str
    label: str
    kind: Kind
    old: Any
    new: Any
    is_contact: bool
    is_confidentiality: bool


def record_diff(old: State, new: State) -> tuple[FieldDifference, ...]:
    """Every field in which the states differ, in the order of the record; empty where they say the same."""
    return tuple(_members(_as_json(old), _as_json(new), _Place()))


NOT_COMPARED = frozenset({"key", "id", "in_words", "last_modified"})
"""Names of rows, and what is made of other fields or moves by itself."""

CONTACTS = frozenset({"phones", "contacts", "phone", "contact", "channel", "via_service", "via_service_id", "email", "url",
                      "website", "form_url", "privacy_url"})  # fmt: skip
"""A difference in or below one of these changes whom people reach. `source_url` is evidence: nobody is reached by it."""

CONFIDENTIALITY = frozenset({"confidential", "host_area", "narrow_coverage_consent_on", "is_public_office",
                             "phone_is_public_office"})  # fmt: skip

IN_ORDER = frozenset({"phones", "contacts", "routes", "referral_routes"})
"""Lists of which the first member is shown or tried first."""

SAME_ONE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "services": (("key",), ("id",), ("name",)),
    "phones": (("phone_type", "number", "visibility"), ("number",), ("description",)),
    "contacts": (("role", "visibility"), ("role",), ("email",)),
    "schedules": (("kind", "byday", "valid_from", "valid_to"),),
    "hours": (("kind", "byday", "valid_from", "valid_to"),),
    "locations": (("key",), ("id",), ("name",)),
    "routes": (("key",), ("name",)),
    "referral_routes": (("id",), ("name",)),
    "identifiers": (("identifier_scheme", "identifier"), ("identifier_scheme",)),
    "assurance": (("fact",),),
    "areas": (("code",),),
    "languages": (("code",),),
}
"""By name of a list: members that tell which one of it is which, the surest first."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the record: members and positions from its top, and the same in words."""

    steps: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    of_office: bool = False
    """Whether it is part of what is marked a public office."""

    def member(self, name: str) -> "_Place":
        return _Place((*self.steps, name), (*self.words, words_of(name)), self.of_office)

    def element(self, position: int, one: Any) -> "_Place":
        is_office = isinstance(one, Mapping) and one.get("is_public_office") is True
        words = (*self.words[:-1], named(self.steps[-1], one, position))
        return _Place((*self.steps, str(position)), words, self.of_office or is_office)

    @property
    def name(self) -> str:
        """The member that this is, or that it is in the list of."""
        return next((step for step in reversed(self.steps) if not step.isdigit()), "")

    def difference(self, old: Any, new: Any) -> FieldDifference:
        kind: Kind = "added" if _is_empty(old) else "removed" if _is_empty(new) else "changed"
        is_contact = not CONTACTS.isdisjoint(self.steps) and not _is_same_number(old, new)
        return FieldDifference(
            pointer="".join(f"/{step}" for step in self.steps),
            label=", ".join(self.words),
            kind=kind,
            old=None if _is_empty(old) else old,
            new=None if _is_empty(new) else new,
            is_contact=is_contact or _brings_contact(old, new),
            is_confidentiality=self.of_office or not CONFIDENTIALITY.isdisjoint(self.steps),
        )


def _members(old: Mapping[str, Any], new: Mapping[str, Any], at: _Place) -> Iterator[FieldDifference]:
    for name in dict.fromkeys((*new, *old)):
        if name not in NOT_COMPARED:
            yield from _values(_rows(old.get(name)), _rows(new.get(name)), at.member(name))


def _values(old: Any, new: Any, at: _Place) -> Iterator[FieldDifference]:
    if old == new or (_is_empty(old) and _is_empty(new)):
        return
    if _has_members(old) and _has_members(new):
        yield from _members(old or {}, new or {}, at)
    elif isinstance(old or [], list) and isinstance(new or [], list):
        yield from _lists(old or [], new or [], at)
    else:
        yield at.difference(old, new)


def _lists(old: Sequence[Any], new: Sequence[Any], at: _Place) -> Iterator[FieldDifference]:
    pairs = _pairs(old, new, SAME_ONE.get(at.name, ()))
    for before, after in pairs:
        one = old[before] if before is not None else None
        other = new[after] if after is not None else None
        position = after if after is not None else before if before is not None else 0
        yield from _values(one, other, at.element(position, other if other is not None else one))
    kept = [(before, after) for before, after in pairs if before is not None and after is not None]
    if at.name in IN_ORDER and kept != sorted(kept):
        at = _Place(at.steps, (*at.words[:-1], f"order of {at.words[-1]}"))
        titles = _titles(old, at.name), _titles(new, at.name)
        # Members that are called alike are told apart by all that they say.
        yield at.difference(*(titles if titles[0] != titles[1] else (list(old), list(new))))


def _titles(ones: Sequence[Any], name: str) -> list[str]:
    return [named(name, one, position) for position, one in enumerate(ones)]


Pairs = list[tuple[int | None, int | None]]


def _pairs(old: Sequence[Any], new: Sequence[Any], rounds: Sequence[tuple[str, ...]]) -> Pairs:
    """Positions of the same member in both lists, in the order of the new one; what is gone stands at the end."""
    before, after = dict(enumerate(old)), dict(enumerate(new))
    found: dict[int, int] = {}

    def pair(names: tuple[str, ...] | None) -> None:
        known: dict[object, list[int]] = {}
        for position, one in before.items():
            known.setdefault(_identity(one, names), []).append(position)
        for position, one in list(after.items()):
            identity = _identity(one, names)
            if identity is not None and known.get(identity):
                found[position] = known[identity].pop(0)
                del before[found[position]], after[position]

    pair(None)
    for names in rounds:
        pair(names)
    # What is left has nothing in common: one altered beyond recognition, or one that went and one that came.
    if all(isinstance(one, Mapping) for one in (*old, *new)):
        found |= dict(zip(list(after), list(before), strict=False))
    gone = sorted(set(range(len(old))) - set(found.values()))
    return [
        *((found.get(position), position) for position in range(len(new))),
        *((one, None) for one in gone),
    ]


def _identity(one: Any, names: tuple[str, ...] | None) -> object:
    """What must be equal for two members to be the same one: these members of it, or (None) all of it."""
    if names is None:
        return repr(one)
    if not isinstance(one, Mapping):
        return None
    values = [one.get(name) for name in names]
    if all(_is_empty(value) for value in values):
        return None
    return repr(
        [_dialled(value) if name == "number" else value for name, value in zip(names, values, strict=True)]
    )


def _has_members(value: Any) -> bool:
    """Whether a value is looked into. A drawn area (GeoJSON) is not: it is one value with thousands of numbers."""
    return value is None or (isinstance(value, Mapping) and "coordinates" not in value)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _rows(value: Any) -> Any:
    """Hours that a submission says in one word, as the row that is stored of them."""
    return [ALWAYS_OPEN.model_dump(mode="json")] if value == "24/7" else value


def _as_json(state: State) -> Mapping[str, Any]:
    if isinstance(state, BaseModel):
        as_json: dict[str, Any] = state.model_dump(mode="json")
        return as_json
    return state or {}


def _dialled(value: Any) -> Any:
    try:
        return parse_phone(value).e164 if isinstance(value, str) else value
    except ValueError:
        return value


def _is_same_number(old: Any, new: Any) -> bool:
    """Whether both are one telephone number, printed in two ways."""
    return isinstance(old, str) and isinstance(new, str) and _dialled(old) == _dialled(new) != old != new


def _brings_contact(old: Any, new: Any) -> bool:
    """Whether a text names a number, address or site that it did not name before: prose is read out and rung as well."""
    return bool(_contacts_in(new) - _contacts_in(old))


def _contacts_in(value: Any) -> frozenset[str]:
    if not isinstance(value, str) or _NO_TEXT.fullmatch(value):
        return frozenset()
    return contacts_named(value)


_NO_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}|[A-Z]\d{8}")
"""A date, or the code of an area: to cover one more is nobody's number."""
