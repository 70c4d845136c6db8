"""Reading a feed for the checks: every list, a sample of whole records, and the questions that show what it can do.

One request after another. What goes wrong at one address is kept as evidence and the reading goes on; only when there is
no feed to speak of, or the allowance is used up, a FeedUnreadable ends it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any
from urllib.parse import urljoin

from app.feed_check.answers import Answer
from app.feed_check.endpoints import ENDPOINTS, SERVICES, Endpoint
from app.feed_check.evidence import UNKNOWN_ID, Evidence, Exchange, ListRead, PastEnd, text_of
from app.feed_check.failures import (
    AddressRefused,
    Exhausted,
    FeedUnreadable,
    NotJson,
    RedirectRefused,
    Throttled,
    TooSlow,
    Unreachable,
    WrongStatus,
)
from app.feed_check.fetching import Feed, Page, expect_200, page_of
from app.feed_check.probing import probe_parameters

ORIGIN = "https://reader.example"
"""Sent with every request, as a browser on another site does: some servers give CORS headers only then."""

SPLIT_PAGES = 4
"""A list is read once more in about so many smaller pages."""

Step = Callable[[str, int, int | None], None]
"""Told what is read now, how much of it is done, and how much there is where that is known."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a feed is looked at."""

    most_records: int = 5000
    """Of one list."""
    sample: int = 50
    """Whole records of one list, evenly spread over it."""


class ListeningFeed(Feed):
    """A feed that keeps the head of every answer."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed.address, feed.fetcher)
        self.exchanges: list[Exchange] = []

    def get(
        self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        answer = super().get(path, query, headers)
        first, _, rest = path.strip("/").partition("/")
        endpoint = f"/{first}/{{id}}" if rest else f"/{first}"
        self.exchanges.append(Exchange(endpoint, answer.status, answer.headers, answer.was_redirected))
        return answer


def gather(feed: Feed, extent: Extent, *, step: Step | None = None, now: datetime | None = None) -> Evidence:
    """All evidence about a feed. Raises FeedUnreadable when `/` cannot be reached or `/services` is no list of services."""
    listening = ListeningFeed(feed)
    evidence = Evidence(feed.address, now or datetime.now(UTC), exchanges=listening.exchanges)
    tell = step or (lambda _what, _done, _total: None)
    tell("/", 0, 1)
    _read_root(listening, evidence)
    for endpoint in ENDPOINTS:
        read = _read_list(listening, endpoint, extent, tell)
        if endpoint is SERVICES and not read.pages:
            raise read.failure or WrongStatus("the answer has status 404", status=404, place=endpoint.path)
        evidence.lists[endpoint.path] = read
        if not read.is_whole and read.pages and read.failure is None:
            evidence.not_checked.append(
                f"{endpoint.path}: only the first {extent.most_records:,} records were read"
            )
    _read_openapi(listening, evidence)
    probe_parameters(listening, evidence, tell)
    for read in evidence.lists.values():
        if read.pages:
            _read_again(listening, read)
    return evidence


def _read_root(feed: ListeningFeed, evidence: Evidence) -> None:
    try:
        answer = feed.get("/")
        if answer.status == 404:
            answer = feed.get("")
        evidence.started_at = _server_time(answer)
        document = expect_200(answer).document()
        if not isinstance(document, dict):
            raise NotJson("the answer is no JSON object", place="/")
        evidence.root = document
    except (AddressRefused, Exhausted, RedirectRefused, Throttled, TooSlow, Unreachable):
        raise
    except FeedUnreadable as failure:
        evidence.root_failure = failure


def _server_time(answer: Answer) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None


def _read_openapi(feed: ListeningFeed, evidence: Evidence) -> None:
    address = text_of(evidence.root or {}, "openapi_url")
    if not address:
        return
    try:
        answer = feed.fetcher.get(urljoin(feed.address + "/", address), place="openapi_url")
        evidence.openapi = expect_200(answer).document()
    except Exhausted:
        raise
    except (FeedUnreadable, ValueError) as failure:
        evidence.openapi_failure = (
            failure if isinstance(failure, FeedUnreadable) else AddressRefused("this is no web address")
        )


def _read_list(feed: ListeningFeed, endpoint: Endpoint, extent: Extent, tell: Step) -> ListRead:
    read = ListRead(endpoint)
    try:
        count = 0
        for page in feed.pages(endpoint.path):
            read.pages.append(page)
            count += len(page.contents)
            tell(endpoint.path, count, page.whole_number("total_items"))
            if count >= extent.most_records:
                break
        read.is_whole = _is_end(read.pages)
    except Exhausted:
        raise
    except FeedUnreadable as failure:
        read.failure = failure
        read.is_absent = isinstance(failure, WrongStatus) and failure.status == 404 and not read.pages
    if not read.pages:
        return read
    _ask_the_odd(feed, read)
    _read_split(feed, read)
    _read_wholes(feed, read, extent.sample, tell)
    return read


def _is_end(pages: Sequence[Page]) -> bool:
    """Whether the walk ended because the list does, not because enough was read."""
    last = pages[-1].whole_number("total_pages")
    says_end = pages[-1].number >= last if last is not None else pages[-1].envelope.get("last_page") is True
    only_repeats = len(pages) > 1 and set(map(str, pages[-1].ids)) <= set(map(str, pages[-2].ids))
    return says_end or not pages[-1].contents or only_repeats


def _ask_the_odd(feed: ListeningFeed, read: ListRead) -> None:
    """A page past the end, a page that is no number, an id that nothing has."""
    path = read.endpoint.path
    if read.is_whole:
        number = max(read.pages[-1].number, read.pages[-1].whole_number("total_pages") or 0) + 1
        answer = _attempt(lambda: feed.get(path, {"page": str(number)}))
        read.past_end = PastEnd(number, answer) if answer else None
    read.nonsense = _attempt(lambda: feed.get(path, {"page": "abc"}))
    # The Origin shows whether errors have CORS headers too.
    read.unknown = _attempt(lambda: feed.get(f"{path}/{UNKNOWN_ID}", headers={"Origin": ORIGIN}))


def _attempt(ask: Callable[[], Answer]) -> Answer | None:
    try:
        return ask()
    except Exhausted:
        raise
    except FeedUnreadable:
        return None


def _read_split(feed: ListeningFeed, read: ListRead) -> None:
    """The list once more in smaller pages, or the beginning of it when it is long."""
    count = len(read.records)
    first = len(read.pages[0].contents)
    if first < 2:
        return
    read.split_size = ceil(count / SPLIT_PAGES) if len(read.pages) == 1 else max(1, first // 2)
    query = {"per_page": str(read.split_size)}
    try:
        for page in feed.pages(read.endpoint.path, query):
            read.split.append(page)
            if len(read.split) > SPLIT_PAGES:
                break
    except Exhausted:
        raise
    except FeedUnreadable as failure:
        read.failure = read.failure or failure


def _read_wholes(feed: ListeningFeed, read: ListRead, sample: int, tell: Step) -> None:
    ids = [text_of(one, "id") for one in read.records]
    ids = [one for one in ids if one]
    chosen = ids if len(ids) <= sample else [ids[n * len(ids) // sample] for n in range(sample)]
    for done, record_id in enumerate(chosen):
        tell(read.endpoint.of_one, done, len(chosen))
        try:
            record = feed.record(read.endpoint.path, record_id)
            if text_of(record, "id").lower() == record_id.lower():
                read.wholes[record_id] = record
            else:
                read.others.append(record_id)
        except Exhausted:
            raise
        except FeedUnreadable as failure:
            read.whole_failures.append((record_id, failure))


def _read_again(feed: ListeningFeed, read: ListRead) -> None:
    answer: Any = _attempt(lambda: feed.get(read.endpoint.path))
    try:
        read.again = page_of(expect_200(answer), 1) if answer else None
    except FeedUnreadable as failure:
        read.failure = read.failure or failure
