"""Reading a feed: everything once, within limits, and told plainly when it cannot be."""

import gzip
import json
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import brotli
import pytest

from app.feed_check.answers import Fetcher, Limits
from app.feed_check.checking import check_feed
from app.feed_check.failures import (
    Exhausted,
    FeedUnreadable,
    RedirectRefused,
    Throttled,
    TooLarge,
    TooMany,
    TooSlow,
    Unreachable,
    WrongStatus,
)
from app.feed_check.fetching import read_feed
from app.feed_check.gathering import Extent
from tests.feed_check.example_feed import ExampleFeed, InProcess, Reply
from tests.feed_check.serving import Talk, head, served_feed, talking

SMALL = Limits(response_bytes=200_000, total_bytes=400_000, response_s=20)


def read(feed: ExampleFeed, limits: Limits | None = None) -> list[dict[str, Any]]:
    return [*read_feed(feed.base, limits, transport=InProcess(feed))]


def read_port(port: int, limits: Limits = SMALL) -> list[dict[str, Any]]:
    return [*read_feed(f"http://127.0.0.1:{port}", limits, allow_loopback=True)]


def answering(body: bytes, *lines: str, status: str = "200 OK") -> Talk:
    def talk(link: socket.socket, _: bytes, __: threading.Event) -> None:
        link.sendall(head(status, *lines) + body)

    return talk


def test_every_service_comes_whole_once_and_in_the_order_of_the_list() -> None:
    feed = ExampleFeed()
    progress: list[tuple[int, int | None]] = []
    services = [
        *read_feed(feed.base, transport=InProcess(feed), progress=lambda *done: progress.append(done))
    ]
    assert services == feed.services
    assert progress == [(number, 13) for number in range(1, 14)]


def test_a_feed_is_read_over_a_socket_too() -> None:
    feed = ExampleFeed()
    with served_feed(feed) as address:
        assert [*read_feed(address, allow_loopback=True)] == feed.services
        assert [*read_feed(address + "/", allow_loopback=True)] == feed.services


def test_a_server_that_ignores_page_is_read_once() -> None:
    feed = ExampleFeed()
    whole = feed.page
    feed.page = lambda records, query: {**whole(records, {}), "total_pages": 50}  # type: ignore[method-assign]
    assert read(feed) == feed.services[:5]


def endless(feed: ExampleFeed) -> None:
    """Every page has new records, and there is always one more."""

    def page(records: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        number = int(query.get("page", "1"))
        contents = [{"id": f"{number}-{place}", "name": "Example", "status": "active"} for place in range(5)]
        return {"contents": contents, "total_items": 10**9, "total_pages": 10**9, "page_number": number}

    feed.page = page  # type: ignore[method-assign]
    whole = feed._answer

    def answer(path: str, query: dict[str, str]) -> Reply:
        first, _, record_id = path.partition("/")
        reply = whole(first, query)
        return replace(reply, document={"id": record_id}) if record_id and reply.status == 200 else reply

    feed._answer = answer  # type: ignore[method-assign]


def test_endless_pages_end_at_a_limit() -> None:
    feed = ExampleFeed()
    endless(feed)
    with pytest.raises(TooMany, match="more than 7 pages"):
        read(feed, Limits(pages=7))
    assert sum(target.startswith("/services?page") for target in feed.requests) == 6


def test_the_check_of_endless_pages_says_how_far_it_read() -> None:
    feed = ExampleFeed()
    endless(feed)
    report = check_feed(feed.base, extent=Extent(most_records=20, sample=3), transport=InProcess(feed))
    assert report.read["/services"] == 20
    assert "/services: only the first 20 records were read" in report.not_checked
    assert len(feed.requests) < 400


def test_requests_are_counted_for_the_whole_feed() -> None:
    feed = ExampleFeed()
    with pytest.raises(Exhausted, match="more than 10 requests"):
        read(feed, Limits(requests=10))
    assert len(feed.requests) == 10


def test_a_body_that_never_ends_is_cut_off() -> None:
    def talk(link: socket.socket, _: bytes, over: threading.Event) -> None:
        link.sendall(head())
        while not over.is_set():
            link.sendall(b'"' * 10_000)

    with talking(talk) as port, pytest.raises(TooLarge, match="larger than 200,000 bytes"):
        read_port(port)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", head() + b'{"contents": ['])
def test_a_server_that_drips_is_left(first: bytes) -> None:
    """Each byte comes in time; only a limit on the whole answer ends it."""

    def talk(link: socket.socket, _: bytes, over: threading.Event) -> None:
        link.sendall(first)
        while not over.wait(0.02):
            link.sendall(b"1")

    with talking(talk) as port, pytest.raises((TooSlow, Unreachable)) as told:
        read_port(port, Limits(response_s=0.3))
    if first:
        assert "no whole answer within 0.3 seconds" in str(told.value)


def test_a_server_that_says_nothing_is_left() -> None:
    def talk(_: socket.socket, __: bytes, over: threading.Event) -> None:
        over.wait()

    with talking(talk) as port, pytest.raises(TooSlow, match="/services: no whole answer"):
        read_port(port, Limits(response_s=0.2))


def test_a_small_answer_that_unpacks_to_a_huge_one_stays_small_in_memory() -> None:
    bomb = gzip.compress(b" " * 100_000_000, mtime=0)
    assert len(bomb) < 100_000
    with talking(answering(bomb, "Content-Encoding: gzip")) as port:
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge, match="larger than 200,000 bytes"):
                read_port(port)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000


def test_gzip_is_unpacked() -> None:
    page = {"contents": [], "total_pages": 0}
    with talking(answering(gzip.compress(json.dumps(page).encode()), "Content-Encoding: gzip")) as port:
        assert read_port(port) == []


@pytest.mark.parametrize(
    ("body", "lines", "said"),
    [
        (gzip.compress(b'{"contents": []}', mtime=0)[:-9], ["Content-Encoding: gzip"], "cut off"),
        (b"not gzip at all, this", ["Content-Encoding: gzip"], "not HTTP as it should be"),
        (brotli.compress(b'{"contents": []}'), ["Content-Encoding: br"], "not asked for"),
        (b"<!doctype html><p>secret-text</p>", [], "a page .HTML or XML., not JSON"),
        (b'{"contents": [secret-text', [], "not valid JSON"),
        (b'{"contents": [], "total_items": NaN}', [], "not valid JSON"),
        (b"[" * 5000 + b"]" * 5000, [], "nested deeper"),
        (b'{"contents": ' + b"[" * 100 + b"]" * 100 + b"}", [], "nested deeper"),
        (b"\xff\xfe\x00secret-text", [], "not valid JSON"),
        (b"", [], "not valid JSON"),
        (b"[]", [], "no page"),
        (b'{"contents": {}}', [], "no page"),
        (b'{"content": [], "totalElements": 0}', [], "Open Referral UK 1"),
        (b'{"contents": [1]}', [], "no object"),
        (b'{"contents": [{"name": "secret-text"}]}', [], "no id"),
        (b'{"contents": [{"id": ""}]}', [], "cannot stand in an address"),
        (b'{"contents": [{"id": ".."}]}', [], "cannot stand in an address"),
        (b'{"contents": [{"id": "\\ud800"}]}', [], "cannot stand in an address"),
        (b'{"contents": []}', ["Content-Length: 100"], "connection broke"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told_and_not_repeated(body: bytes, lines: list[str], said: str) -> None:
    with talking(answering(body, *lines)) as port, pytest.raises(FeedUnreadable, match=said) as told:
        read_port(port)
    assert "secret" not in str(told.value)
    assert told.value.place is not None


@pytest.mark.parametrize("status", ["500 Oops", "404 Not Found", "204 No Content", "403 Forbidden"])
def test_another_status_is_told(status: str) -> None:
    with (
        talking(answering(b"", status=status)) as port,
        pytest.raises(WrongStatus, match=f"status {status[:3]}"),
    ):
        read_port(port)


def test_nobody_listening_is_told() -> None:
    with talking(answering(b"")) as port:
        pass
    with pytest.raises(Unreachable, match="no connection could be made"):
        read_port(port)


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.1/services", "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "http://feed.example/",
     "https://metadata.internal/", "file:///etc/passwd", "//192.168.1.1/", "http://[broken", "gopher://127.0.0.1:70/",
     "https://user:secret-text@feed.example/"],
)  # fmt: skip
def test_a_redirect_to_where_nothing_is_read_is_refused(location: str) -> None:
    talk = answering(b"", f"Location: {location}", status="302 Found")
    with talking(talk) as port, pytest.raises(RedirectRefused) as told:
        read_port(port)
    assert "secret-text" not in str(told.value)


def test_redirects_in_a_circle_end() -> None:
    talk = answering(b"", "Location: /services", status="301 Moved")
    with talking(talk) as port, pytest.raises(RedirectRefused, match="too many"):
        read_port(port)


def test_cookies_are_not_kept() -> None:
    requests: list[bytes] = []

    def talk(link: socket.socket, request: bytes, _: threading.Event) -> None:
        requests.append(request)
        contents = [] if b"page=2" in request else [{"id": "a"}]
        body = {"id": "a"} if b"/services/a" in request else {"contents": contents}
        link.sendall(head("200 OK", "Set-Cookie: session=1; Path=/") + json.dumps(body).encode())

    with talking(talk) as port:
        assert read_port(port) == [{"id": "a"}]
    assert len(requests) == 3
    assert not any(b"cookie" in request.lower() for request in requests)
    assert b"user-agent: support-directory-feed-check/" in requests[0].lower()


class Waits:
    """A sleep that only writes down for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "7"}, [7.0, 7.0]),
        (
            {"Retry-After": "Wed, 25 Nov 2026 10:00:30 GMT", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"},
            [30.0, 30.0],
        ),
        ({"Retry-After": "soon"}, [1.0, 1.0]),
        ({}, [1.0, 2.0]),
    ],
)
def test_a_busy_server_is_waited_for(waits: Waits, headers: dict[str, str], expected: list[float]) -> None:
    feed = ExampleFeed()
    left = iter([429, 429])
    feed.spoils.append(
        lambda _, __, reply: replace(reply, status=next(left, reply.status), headers=reply.headers | headers)
    )
    with Fetcher(Limits(), transport=InProcess(feed), sleep=waits) as fetcher:
        assert fetcher.get(f"{feed.base}/services", place="/services").status == 200
    assert waits.seconds == expected


@pytest.mark.parametrize(("after", "asked"), [("3600", 1), ("99999999999999999999", 1), ("1", 4)])
def test_a_server_that_stays_busy_is_left(waits: Waits, after: str, asked: int) -> None:
    feed = ExampleFeed()
    feed.spoils.append(lambda _, __, reply: replace(reply, status=429, headers={"Retry-After": after}))
    with (
        Fetcher(Limits(), transport=InProcess(feed), sleep=waits) as fetcher,
        pytest.raises(Throttled, match="/services: the server asks to come back later"),
    ):
        fetcher.get(f"{feed.base}/services", place="/services")
    assert len(feed.requests) == asked


def spoilt(path: str, spoil: Callable[[Reply], Reply]) -> Iterator[ExampleFeed]:
    feed = ExampleFeed()
    feed.spoils.append(lambda at, _, reply: spoil(reply) if at == path else reply)
    yield feed


@pytest.mark.parametrize(
    ("path", "spoil"),
    [
        ("/services", lambda reply: replace(reply, status=500)),
        ("/services", lambda reply: replace(reply, document=b"<html>")),
        ("/", lambda reply: replace(reply, status=429, headers={"Retry-After": "86400"})),
    ],
)
def test_the_check_of_what_is_no_feed_says_so_and_nothing_else(
    path: str, spoil: Callable[[Reply], Reply]
) -> None:
    (feed,) = spoilt(path, spoil)
    report = check_feed(feed.base, transport=InProcess(feed))
    assert report.outcome == "unreadable"
    assert report.findings == ()
    assert report.unreadable is not None
    assert report.unreadable.place == path
