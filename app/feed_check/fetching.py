"""Another publisher's Open Referral UK feed, read by its address.

`read_feed` gives every service whole, one after another, as an import wants them. `open_feed` gives the parts, as the
checks want them. What is read is only known to be JSON objects in a page envelope; nothing of it is trusted.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from app.feed_check.addresses import read_address
from app.feed_check.answers import Answer, Fetcher, Limits
from app.feed_check.failures import AddressRefused, NotJson, TooMany, WrongStatus

Record = dict[str, Any]

Progress = Callable[[int, int | None], None]
"""Called with what is done and, where it is known, what there is in all."""

LONGEST_ID = 200

_VERSION_1 = frozenset({"content", "totalElements", "totalPages"})
"""Members of a page of Open Referral UK 1, which several public feeds still speak."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `contents` holds the objects of it; anything else in the array is counted in `strange`."""

    number: int
    answer: Answer = field(repr=False)
    envelope: Mapping[str, Any] = field(repr=False)
    contents: tuple[Record, ...] = field(repr=False)
    strange: int = 0

    @property
    def place(self) -> str:
        return self.answer.place

    @property
    def ids(self) -> tuple[Any, ...]:
        return tuple(one.get("id") for one in self.contents)

    def whole_number(self, name: str) -> int | None:
        """A member of the envelope, where it is an integer; `true` is none."""
        value = self.envelope.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Feed:
    """A feed at an address. Paths are those of the standard: `/services`, `/taxonomy_terms`, …"""

    def __init__(self, address: str, fetcher: Fetcher) -> None:
        self.address = address
        self.fetcher = fetcher

    def get(
        self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Whatever is answered, of any status."""
        target = f"{path}?{urlencode(query)}" if query else path
        return self.fetcher.get(self.address + target, place=_place(path, query or {}), headers=headers)

    def page(self, path: str, query: Mapping[str, str] | None = None, *, number: int = 1) -> Page:
        """One page of a list. The first is asked for without `page`, as the simplest consumer does."""
        asked = dict(query or {}) | ({"page": str(number)} if number != 1 else {})
        return page_of(expect_200(self.get(path, asked)), number)

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Page]:
        """Every page of a list, until it says that there are no more, is empty, or only repeats itself."""
        seen: set[str] = set()
        for number in range(1, self.fetcher.limits.pages + 1):
            page = self.page(path, query, number=number)
            new = {str(one) for one in page.ids} - seen
            yield page
            seen |= new
            last = page.whole_number("total_pages")
            is_last = number >= last if last is not None else page.envelope.get("last_page") is True
            if not new or is_last:
                return
        raise TooMany(f"the list has more than {self.fetcher.limits.pages} pages", place=path)

    def record(self, path: str, record_id: str) -> Record:
        """One record whole."""
        try:
            last = path_part(record_id)
        except NotJson as failure:
            failure.place = path
            raise
        answer = expect_200(self.get(f"{path}/{last}"))
        document = answer.document()
        if not isinstance(document, dict):
            raise NotJson("the answer is no JSON object", place=answer.place)
        return document


@contextmanager
def open_feed(
    address: str,
    limits: Limits | None = None,
    *,
    allow_loopback: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Iterator[Feed]:
    """The feed at an https address, such as `https://example.org/oruk`. Raises AddressRefused for what is none.

    `allow_loopback` is for tests and development: then, and only when the feed itself is on this machine, http and this
    machine may be read.
    """
    place = read_address(address, allow_loopback=allow_loopback)
    if "?" in address or "#" in address:
        raise AddressRefused("give the address of the feed alone, without ? or #")
    with Fetcher(
        limits or Limits(), allow_loopback=allow_loopback and place.is_loopback, transport=transport
    ) as fetcher:
        yield Feed(address.rstrip("/"), fetcher)


def read_feed(
    address: str,
    limits: Limits | None = None,
    *,
    allow_loopback: bool = False,
    progress: Progress | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Iterator[Record]:
    """Every service of a feed as `/services/{id}` gives it, each once, in the order of the list.

    Raises a FeedUnreadable at the first thing that cannot be read, so that nobody takes a part for the whole.
    """
    with open_feed(address, limits, allow_loopback=allow_loopback, transport=transport) as feed:
        seen: set[str] = set()
        for page in feed.pages("/services"):
            if page.strange:
                raise NotJson("an entry of the list is no object", place=page.place)
            for listed in page.contents:
                record_id = listed.get("id")
                if not isinstance(record_id, str):
                    raise NotJson("a service of the list has no id", place=page.place)
                if record_id in seen:
                    continue
                seen.add(record_id)
                service = feed.record("/services", record_id)
                if service.get("id") != record_id:
                    raise NotJson("another service than the one asked for came back", place="/services/{id}")
                if progress is not None:
                    progress(len(seen), page.whole_number("total_items"))
                yield service


def _place(path: str, query: Mapping[str, str]) -> str:
    """What was asked for, to be shown: numbers of pages with their values, of the rest only the names."""
    shown = (
        f"{name}={value}" if name in {"page", "per_page"} else f"{name}=…" for name, value in query.items()
    )
    return f"{path}?{'&'.join(shown)}" if query else path


def expect_200(answer: Answer) -> Answer:
    if answer.status != 200:
        raise WrongStatus(
            f"the answer has status {answer.status} instead of 200", status=answer.status, place=answer.place
        )
    return answer


def page_of(answer: Answer, number: int) -> Page:
    """The page in an answer. Raises NotJson when it is none."""
    document = answer.document()
    contents = document.get("contents") if isinstance(document, dict) else None
    if not isinstance(contents, list):
        if isinstance(document, dict) and _VERSION_1 & document.keys():
            raise NotJson("this is a page of Open Referral UK 1, not of 3.0", place=answer.place)
        raise NotJson("the answer is no page: an object with an array `contents`", place=answer.place)
    records = tuple(one for one in contents if isinstance(one, dict))
    return Page(number, answer, document, records, strange=len(contents) - len(records))


def path_part(record_id: str) -> str:
    """An id as one segment of a path, whatever the feed wrote in it."""
    if not record_id or len(record_id) > LONGEST_ID or not record_id.strip("."):
        raise NotJson("an id that cannot stand in an address")
    try:
        return quote(record_id, safe="")
    except UnicodeEncodeError:
        raise NotJson("an id that cannot stand in an address") from None
