"""The public records that are the same for every answer: vocabulary, guidance, numbers, First Responders, changes."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from app.directory.records import PublicRecord


class AlwaysLine(PublicRecord):
    """A number that stands in every search answer and every search problem."""

    name: str
    phone: str
    description: str | None = None


EMERGENCY = AlwaysLine(name="Emergency services", phone="999")
"""What stands in `always` while nothing is loaded, and where no helplines are stored."""


class Term(PublicRecord):
    """A code with its definition."""

    code: str
    name: str
    description: str
    parent: str | None


class CodeList(PublicRecord):
    """A taxonomy of the vocabulary, with its terms in order."""

    code: str
    name: str
    description: str
    uri: str | None
    terms: tuple[Term, ...]


class GuidanceText(PublicRecord):
    """A duty or prompt. Past `review_by` it is shown as overdue."""

    slug: str
    audience: str
    title: str
    body: str
    source: str
    source_url: str | None
    confirmed_on: date
    review_by: date


class FirstResponderName(PublicRecord):
    name: str
    category: str
    organization_id: UUID | None
    source: str
    source_url: str | None
    confirmed_on: date
    review_by: date


class ChangeEntry(PublicRecord):
    """Something was published, changed or taken away. Ids of removed records stay, as tombstones."""

    changed_at: datetime
    record_type: str
    record_id: UUID
    kind: str
    id: UUID


class SharedTexts(PublicRecord):
    """Vocabulary, guidance, numbers and First Responders: dated data, the same for every answer."""

    vocabulary: tuple[CodeList, ...] = ()
    guidance: tuple[GuidanceText, ...] = ()
    always: tuple[AlwaysLine, ...] = ()
    first_responders: tuple[FirstResponderName, ...] = ()

    def codes(self, taxonomy: str) -> tuple[str, ...]:
        return tuple(term.code for one in self.vocabulary if one.code == taxonomy for term in one.terms)

    def wider(self, taxonomy: str) -> dict[str, tuple[str, ...]]:
        """By code, the wider codes that it is a kind of, nearest first."""
        parents = {
            term.code: term.parent for one in self.vocabulary if one.code == taxonomy for term in one.terms
        }
        return {code: _upwards(code, parents) for code in parents}

    def names(self, taxonomy: str) -> dict[str, str]:
        return {term.code: term.name for one in self.vocabulary if one.code == taxonomy for term in one.terms}


def _upwards(code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found: list[str] = []
    parent = parents.get(code)
    while parent is not None and parent not in (code, *found):
        found.append(parent)
        parent = parents.get(parent)
    return tuple(found)
