"""Checks of the page envelope and of walking through the pages: nothing lost, nothing twice, everything counted."""

from collections.abc import Iterator
from math import ceil

from app.feed_check.endpoints import Endpoint
from app.feed_check.evidence import Evidence, ListRead
from app.feed_check.failures import FeedUnreadable
from app.feed_check.fetching import Page, page_of
from app.feed_check.findings import Check, Found, Place

NUMBERS = ("total_items", "total_pages", "page_number", "size")
FLAGS = ("first_page", "last_page", "empty")


def _pages(evidence: Evidence) -> Iterator[tuple[Place, Page]]:
    for read in evidence.read_lists():
        for page in read.pages:
            yield _place(read.endpoint, page), page


def _place(endpoint: Endpoint, page: Page, pointer: str | None = None) -> Place:
    return Place(endpoint.path, page.number, pointer=pointer)


def field_missing(evidence: Evidence) -> Iterator[Found]:
    for place, page in _pages(evidence):
        for name in (*NUMBERS, *FLAGS):
            if name not in page.envelope:
                yield Found(Place(place.endpoint, place.page, pointer=f"/{name}"))


def type_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, page in _pages(evidence):
        wrong = [name for name in NUMBERS if name in page.envelope and page.whole_number(name) is None]
        wrong += [
            name for name in FLAGS if name in page.envelope and not isinstance(page.envelope[name], bool)
        ]
        for name in wrong:
            kind = "a whole number" if name in NUMBERS else "true or false"
            yield Found(Place(place.endpoint, place.page, pointer=f"/{name}"), f"must be {kind}")
        if page.strange:
            yield Found(Place(place.endpoint, place.page, pointer="/contents"), "holds what is no object")


def size_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, page in _pages(evidence):
        size, count = page.whole_number("size"), len(page.contents) + page.strange
        if size is not None and size != count:
            yield Found(place, f"size is {size}, contents has {count}")


def number_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, page in _pages(evidence):
        number = page.whole_number("page_number")
        if number is not None and number != page.number:
            yield Found(place, f"page {page.number} was asked for, page_number is {number}")


def first_last_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, page in _pages(evidence):
        total = page.whole_number("total_pages")
        first, last = page.envelope.get("first_page"), page.envelope.get("last_page")
        if isinstance(first, bool) and first is not (page.number == 1):
            yield Found(Place(place.endpoint, place.page, pointer="/first_page"))
        # An empty list has no pages, or one: either way its first page is its last.
        if isinstance(last, bool) and total is not None and last is not (page.number >= total):
            yield Found(Place(place.endpoint, place.page, pointer="/last_page"))


def empty_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, page in _pages(evidence):
        empty = page.envelope.get("empty")
        if isinstance(empty, bool) and empty is bool(page.contents or page.strange):
            yield Found(place)


def total_pages_wrong(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if not read.pages or read.changed_while_read:
            continue
        first = read.pages[0]
        items, pages, on_first = (
            first.whole_number("total_items"),
            first.whole_number("total_pages"),
            len(first.contents),
        )
        count = _count(read) if read.is_whole else items
        if pages is None or count is None or (count and not on_first):
            continue
        expected = {ceil(count / on_first)} if on_first else {0, 1}
        if _ends_early(read):
            yield Found(
                _place(read.endpoint, first), f"total_pages is {pages}, and page {pages + 1} has more records"
            )
        elif pages not in expected:
            yield Found(
                _place(read.endpoint, first),
                f"{count} records, {on_first} on the first page, total_pages is {pages}",
            )


def total_items_wrong(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if not read.is_whole or read.changed_while_read or _ends_early(read):
            continue
        items, count = read.pages[0].whole_number("total_items"), _count(read)
        if items is not None and items != count:
            yield Found(Place(read.endpoint.path), f"total_items is {items}, the pages hold {count}")


def _count(read: ListRead) -> int:
    return sum(len(page.contents) + page.strange for page in read.pages)


def _ends_early(read: ListRead) -> bool:
    """Whether the page after the last one has records that no page before had."""
    try:
        beyond = page_of(read.past_end.answer, read.past_end.number) if read.past_end else None
    except FeedUnreadable:
        return False
    return beyond is not None and bool({str(one) for one in beyond.ids} - read.ids)


def _is_comparable(read: ListRead) -> bool:
    """Whether differences between two readings of a list are the fault of its paging."""
    return bool(read.pages) and read.order_is_stable and not read.changed_while_read


def repeats(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if _is_comparable(read):
            yield from _repeated(read, read.pages, "")
            if not _per_page_fault(read):
                yield from _repeated(read, read.split, f"with per_page={read.split_size}")


def _repeated(read: ListRead, pages: list[Page], how: str) -> Iterator[Found]:
    seen: set[str] = set()
    for page in pages:
        for record_id in map(str, page.ids):
            if record_id in seen:
                yield Found(Place(read.endpoint.path, page.number, record_id), how)
            seen.add(record_id)


def loses(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if not _is_comparable(read) or not read.split or _per_page_fault(read):
            continue
        if [*_repeated(read, read.split, "")]:
            # A page that starts too early repeats one record and so loses another: one fault.
            continue
        read_in_parts = {str(one) for page in read.split for one in page.ids}
        expected = [str(one) for page in read.pages for one in page.ids]
        if not _is_end_of(read.split[-1]):
            expected = expected[: sum(len(page.contents) for page in read.split)]
        lost = [one for one in expected if one not in read_in_parts]
        if lost:
            how = f"{len(lost)} of {len(expected)} are not there with per_page={read.split_size}"
            yield Found(Place(read.endpoint.path, record_id=lost[0], parameter="page"), how)


def _is_end_of(page: Page) -> bool:
    last = page.whole_number("total_pages")
    return page.envelope.get("last_page") is True or (last is not None and page.number >= last)


def order_unstable(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if not read.changed_while_read and not read.order_is_stable:
            yield Found(Place(read.endpoint.path, 1))


def _per_page_fault(read: ListRead) -> str:
    if not read.split:
        return ""
    first, count = read.split[0], len(read.split[0].contents)
    if count > read.split_size or (count < read.split_size and not _is_end_of(first)):
        return f"{read.split_size} were asked for, {count} came"
    return ""


def per_page_ignored(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        fault = _per_page_fault(read)
        if fault:
            yield Found(Place(read.endpoint.path, parameter="per_page"), fault)


def past_end_wrong(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if read.past_end is None or read.changed_while_read or _ends_early(read):
            continue
        answer, number = read.past_end.answer, read.past_end.number
        place = Place(read.endpoint.path, number)
        if answer.status >= 500:
            yield Found(place, f"status {answer.status}")
        elif answer.status == 200:
            try:
                page = page_of(answer, number)
            except FeedUnreadable as failure:
                yield Found(place, failure.said)
                continue
            if page.contents or page.envelope.get("empty") is False:
                yield Found(place, f"{len(page.contents)} records came")


CHECKS = (
    Check(
        "envelope-field-missing", "A page lacks a field of the envelope", "warning", "ORUK 3.0, OpenAPI: Page; HSDS 3.1.1 requires `empty`",
        "Give total_items, total_pages, page_number, size, first_page, last_page and empty on every page.", field_missing,
    ),
    Check(
        "envelope-type-wrong", "A field of the envelope has the wrong type", "error", "ORUK 3.0, OpenAPI: Page",
        "Numbers as JSON integers, flags as true or false, contents as an array of objects.", type_wrong,
    ),
    Check("size-wrong", "`size` is not the number of records on the page", "error", "ORUK 3.0, OpenAPI: Page, size",
          "Count the records of this page, not the size that was asked for.", size_wrong),
    Check("page-number-wrong", "`page_number` is not the page asked for", "error", "ORUK 3.0, OpenAPI: Page, page_number; pages start at 1",
          "Count pages from 1 and repeat the number that was asked for.", number_wrong),
    Check("first-last-wrong", "`first_page` or `last_page` does not fit the page", "error", "ORUK 3.0, OpenAPI: Page, first_page and last_page",
          "first_page on page 1 only, last_page on the last one only: readers stop there.", first_last_wrong),
    Check("empty-wrong", "`empty` does not fit the contents", "error", "ORUK 3.0, OpenAPI: Page, empty",
          "True when the page holds no record, and only then.", empty_wrong),
    Check("total-pages-wrong", "`total_pages` does not fit `total_items`", "error", "ORUK 3.0, OpenAPI: Page, total_pages",
          "Divide total_items by the size of a page and round up.", total_pages_wrong),
    Check("total-items-wrong", "`total_items` is not the number of records", "error", "ORUK 3.0, OpenAPI: Page, total_items",
          "Count the records of all pages with the same filter as the pages.", total_items_wrong),
    Check("paging-repeats", "A record comes twice in one reading", "error", "ORUK 3.0, API: paginated lists",
          "Order by something unique, such as name and then id, and cut pages from that one order.", repeats),
    Check("paging-loses", "Records get lost in smaller pages", "error", "ORUK 3.0, API: paginated lists, per_page",
          "Page n starts at (n - 1) × per_page; order by something unique.", loses),
    Check("order-unstable", "Two readings give another order", "error", "ORUK 3.0, API: paginated lists need one order",
          "Always order by something unique: with a wandering order readers lose records between pages.", order_unstable),
    Check("per-page-ignored", "`per_page` is not followed", "error", "ORUK 3.0, OpenAPI: parameter per_page",
          "Give that many records on every page but the last.", per_page_ignored),
    Check("past-end-wrong", "A page past the end is not empty", "error", "ORUK 3.0, OpenAPI: Page, empty",
          "Answer with an empty page (empty: true) or 404: a reader that counts on it would never stop.", past_end_wrong),
)  # fmt: skip
