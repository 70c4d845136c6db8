"""The envelope of a page, and lists without pages (ndjson): joined from the bytes of the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field
from pydantic_core import to_json

from app.feed.oruk_extensions import OrukShape
from app.feed.oruk_feed import Now, OrganizationRecord, Record
from app.feed.oruk_query import OrganizationQuery, Paging, RecordQuery
from app.feed.oruk_shapes import (
    OrganizationRecord as OrganizationShape,
)
from app.feed.oruk_shapes import (
    Service,
    ServiceAtLocationRecord,
    Taxonomy,
    TaxonomyTerm,
)


class Page(OrukShape):
    """One page of a list, in the order of names and then of ids. A page past the end is empty."""

    total_items: int = Field(description="On all pages.")
    total_pages: int
    page_number: int
    size: int = Field(description="On this page.")
    first_page: bool
    last_page: bool
    empty: bool
    x_demonstration: bool = Field(description="Nothing in this feed has been confirmed: do not rely on it.")


class ServicePage(Page):
    contents: tuple[Service, ...]


class ServiceAtLocationPage(Page):
    contents: tuple[ServiceAtLocationRecord, ...]


class OrganizationPage(Page):
    contents: tuple[OrganizationShape, ...]


class TaxonomyPage(Page):
    contents: tuple[Taxonomy, ...]


class TaxonomyTermPage(Page):
    contents: tuple[TaxonomyTerm, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The bytes of an answer, and the next moment at which they change by themselves."""

    body: bytes
    media_type: str
    changes_at: datetime | None


def page_of(records: Sequence[Record], query: Paging, now: Now, *, demonstration: bool) -> Answered:
    """The page that is asked for, or all records as lines."""
    if query.format == "ndjson":
        lines = b"".join(_form(one, query, now) + b"\n" for one in records)
        return Answered(lines, "application/x-ndjson", _changes_at(records, query, now))
    start = (query.page - 1) * query.per_page
    chosen = records[start : start + query.per_page]
    pages = -(-len(records) // query.per_page)
    envelope = {
        "total_items": len(records),
        "total_pages": pages,
        "page_number": query.page,
        "size": len(chosen),
        "first_page": query.page == 1,
        "last_page": query.page >= pages,
        "empty": not chosen,
        "x_demonstration": demonstration,
    }
    contents = b",".join([_form(one, query, now) for one in chosen])
    body = b"".join((to_json(envelope)[:-1], b',"contents":[', contents, b"]}"))
    return Answered(body, "application/json", _changes_at(chosen, query, now))


def _form(record: Record, query: Paging, now: Now) -> bytes:
    if isinstance(query, RecordQuery):
        if query.minimal:
            return record.minimal
        if _with_whole_services(query) and isinstance(record, OrganizationRecord):
            return record.full_service(now)
        if query.full:
            return record.full(now)
    return record.listed


def _with_whole_services(query: Paging) -> bool:
    return isinstance(query, OrganizationQuery) and query.full_service


def _changes_at(records: Sequence[Record], query: Paging, now: Now) -> datetime | None:
    if not (isinstance(query, RecordQuery) and (query.full or _with_whole_services(query))):
        return None
    moments = [one.changes_at(now) for one in records]
    return min((one for one in moments if one is not None), default=None)
