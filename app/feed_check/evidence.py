"""What was read of a feed, for the checks to look at: they ask nothing of the network themselves.

Everything in here comes from outside. A check takes members through `text_of`, `number_of` and `objects_of`, which give
nothing where the feed has something else; that something else is wrong is told by the checks of shapes alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from app.feed_check.answers import Answer
from app.feed_check.endpoints import ENDPOINTS, SERVICES, Endpoint
from app.feed_check.failures import FeedUnreadable
from app.feed_check.fetching import Page, Record
from app.feed_check.fields import Part, parts_of
from app.feed_check.findings import Place

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
"""Asked for to see how an unknown id is answered."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The head of one answer. `endpoint` has `{id}` for an id and no query."""

    endpoint: str
    status: int
    headers: httpx.Headers = field(repr=False)
    was_redirected: bool = False


@dataclass(frozen=True, slots=True)
class PastEnd:
    """The answer to a page beyond the last one."""

    number: int
    answer: Answer


@dataclass(slots=True)
class ListRead:
    """One list as far as it was read."""

    endpoint: Endpoint
    is_absent: bool = False
    """The list answers 404: it is not offered."""
    failure: FeedUnreadable | None = None
    """Why reading the pages ended before their end."""
    pages: list[Page] = field(default_factory=list)
    is_whole: bool = False
    """Every page was read."""
    again: Page | None = None
    """The first page once more, after everything else."""
    split: list[Page] = field(default_factory=list)
    """The beginning, or all, of the list in smaller pages of `split_size`."""
    split_size: int = 0
    past_end: PastEnd | None = None
    nonsense: Answer | None = None
    """The answer to `page=abc`."""
    unknown: Answer | None = None
    """The answer to UNKNOWN_ID."""
    wholes: dict[str, Record] = field(default_factory=dict)
    """Whole records by the id they were asked for with: a sample of the list."""
    others: list[str] = field(default_factory=list)
    """Ids at which a record with another id, or none, was found."""
    whole_failures: list[tuple[str, FeedUnreadable]] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """The records of the pages, each id once."""
        found: dict[str, Record] = {}
        for page in self.pages:
            for one in page.contents:
                found.setdefault(text_of(one, "id"), one)
        return list(found.values())

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(text_of(one, "id") for page in self.pages for one in page.contents)

    @property
    def changed_while_read(self) -> bool:
        """Whether the publisher added or removed records between the first request and the last."""
        if self.again is None or not self.pages:
            return False
        return self.again.envelope.get("total_items") != self.pages[0].envelope.get("total_items")

    @property
    def order_is_stable(self) -> bool:
        return self.again is None or not self.pages or self.again.ids == self.pages[0].ids


@dataclass(frozen=True, slots=True)
class Question:
    """A list and parameters to ask it with, and what the whole records say that must and must not come back."""

    endpoint: Endpoint
    parameter: str
    query: Mapping[str, str] = field(repr=False)
    must_have: frozenset[str] = field(default=frozenset(), repr=False)
    must_not_have: frozenset[str] = field(default=frozenset(), repr=False)
    is_of_profile: bool = True
    may_be_refused: bool = False
    """A value that means nothing may be answered with 4xx as well as with an empty list."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A question and its answer. `without` is the first page without the parameter."""

    asked: Question
    without: Page = field(repr=False)
    pages: tuple[Page, ...] = field(default=(), repr=False)
    is_whole: bool = False
    failure: FeedUnreadable | None = None

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(text_of(one, "id") for page in self.pages for one in page.contents)


@dataclass(slots=True)
class Evidence:
    """All that was read. `now` is the moment of the check."""

    address: str
    now: datetime
    root: Record | None = None
    root_failure: FeedUnreadable | None = None
    openapi: Any = None
    openapi_failure: FeedUnreadable | None = None
    lists: dict[str, ListRead] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)
    combined: list[Probe] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    shape_faults: list[Any] | None = None
    """What `app.feed_check.checks.shapes` found, once it has looked."""
    started_at: datetime | None = None
    """By the server's own clock, where it tells the time."""

    def list_of(self, endpoint: Endpoint) -> ListRead:
        return self.lists.get(endpoint.path) or ListRead(endpoint, is_absent=True)

    def read_lists(self) -> Iterator[ListRead]:
        return (self.lists[one.path] for one in ENDPOINTS if one.path in self.lists)

    def records(self) -> Iterator[tuple[Place, str, Record]]:
        """Every record of every list and every whole record, with its place and kind."""
        for one in self.read_lists():
            for page in one.pages:
                for record in page.contents:
                    yield (
                        Place(one.endpoint.path, page.number, text_of(record, "id")),
                        one.endpoint.kind,
                        record,
                    )
            for record_id, record in one.wholes.items():
                yield Place(one.endpoint.of_one, None, record_id), one.endpoint.kind, record

    def parts(self, *kinds: str) -> Iterator[tuple[Place, Part]]:
        """Every object of these kinds (of all kinds, when none is named) in every record, at its place."""
        for place, kind, record in self.records():
            for part in parts_of(kind, record):
                if not kinds or part.kind in kinds:
                    yield at(place, part.pointer), part

    def services(self) -> Iterator[tuple[Place, Record]]:
        """Whole services: those of the sample."""
        for record_id, record in self.list_of(SERVICES).wholes.items():
            yield Place(SERVICES.of_one, None, record_id), record


_LEFT_OF_REMOVED = frozenset({"id", "name", "status", "last_modified"})


def is_removed(service: Mapping[str, Any]) -> bool:
    """Whether a service was taken out and only says so, for whoever has a copy: `defunct`, and nothing by which it could be used.

    A service that has ended and is still described is one like any other.
    """
    return service.get("status") == "defunct" and service.keys() <= _LEFT_OF_REMOVED


def at(place: Place, pointer: str) -> Place:
    return Place(place.endpoint, place.page, place.record_id, pointer or None, place.parameter)


def text_of(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


def number_of(record: Mapping[str, Any], name: str) -> float | None:
    value = record.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def objects_of(record: Mapping[str, Any], name: str) -> list[Record]:
    """The objects in an array, or the one object there is."""
    value = record.get(name)
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
