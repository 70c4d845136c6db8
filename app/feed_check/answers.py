"""One address read over HTTP, within limits of bytes and time: the only place where this service fetches anything.

A sync face on an async client, because only a task can be ended at a deadline whatever it waits for: a name server, a
handshake, headers that come a byte a minute. No cookies, no proxies, no compression that could explode: gzip is
unpacked here, never further than the limit. Errors are the exceptions of `app.feed_check.failures`.
"""

import asyncio
import json
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx

from app.feed_check.addresses import PinnedTransport, read_address
from app.feed_check.failures import (
    AddressRefused,
    Exhausted,
    FeedUnreadable,
    NotJson,
    RedirectRefused,
    Throttled,
    TooLarge,
    TooSlow,
    Unreachable,
)

DEEPEST = 64
"""Levels of nesting in a document. HSDS needs 8; what is deeper is not data."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of somebody else's server is used, and how much of ours. Bytes are counted unpacked."""

    response_bytes: int = 10 * 2**20
    total_bytes: int = 200 * 2**20
    response_s: float = 30
    total_s: float = 900
    pages: int = 1000
    """Of one list."""
    requests: int = 10_000
    redirects: int = 3
    retries: int = 3
    longest_wait_s: float = 60
    """A Retry-After beyond this ends the reading."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. `place` is what was asked for, below the feed's address."""

    place: str
    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    url: str = field(default="", repr=False)
    """Where it came from in the end."""
    was_redirected: bool = False

    def document(self) -> Any:
        """The body as JSON (RFC 8259: no NaN). Raises NotJson in words that help."""
        if self.body.lstrip()[:1] == b"<":
            raise NotJson("the answer is a page (HTML or XML), not JSON", place=self.place)
        try:
            document = json.loads(self.body, parse_constant=_no_constant)
        except RecursionError:
            raise NotJson(f"the answer is nested deeper than {DEEPEST} levels", place=self.place) from None
        except ValueError:
            raise NotJson("the answer is not valid JSON", place=self.place) from None
        if _is_too_deep(document):
            raise NotJson(f"the answer is nested deeper than {DEEPEST} levels", place=self.place)
        return document


class Fetcher:
    """Reads addresses one after another; a context manager. Only for code that runs in no event loop."""

    def __init__(
        self,
        limits: Limits,
        *,
        allow_loopback: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limits = limits
        self.allow_loopback = allow_loopback
        self.requests = 0
        self.bytes_read = 0
        self._sleep = sleep
        self._runner = asyncio.Runner()
        self._ends_at = time.monotonic() + limits.total_s
        self._client = httpx.AsyncClient(
            transport=transport or PinnedTransport(allow_loopback=allow_loopback),
            trust_env=False,
            timeout=httpx.Timeout(limits.response_s),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={
                "User-Agent": f"support-directory-feed-check/{version('support-directory')}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._client.aclose())
        finally:
            self._runner.close()

    def get(self, url: str, *, place: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer of an address, whatever its status. Redirects are followed where they may be; busy servers are waited for."""
        try:
            return self._runner.run(self._get(url, place, headers or {}))
        except FeedUnreadable as failure:
            failure.place = failure.place or place
            raise

    async def _get(self, url: str, place: str, headers: Mapping[str, str]) -> Answer:
        read_address(url, allow_loopback=self.allow_loopback)
        for redirects in range(self.limits.redirects + 1):
            answer = await self._patiently(url, place, headers)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return Answer(
                    place, answer.status, answer.headers, answer.body, url, was_redirected=redirects > 0
                )
            url = self._next(url, answer.headers["location"])
        raise RedirectRefused("too many redirects")

    def _next(self, url: str, location: str) -> str:
        try:
            followed = urljoin(url, location)
            read_address(followed, allow_loopback=self.allow_loopback)
        except AddressRefused as refused:
            raise RedirectRefused(f"redirects to an address that is not read: {refused.said}") from None
        except ValueError:
            raise RedirectRefused("redirects to something that is no address") from None
        return followed

    async def _patiently(self, url: str, place: str, headers: Mapping[str, str]) -> Answer:
        for attempt in range(self.limits.retries + 1):
            answer = await self._once(url, place, headers)
            asked_to_wait = "retry-after" in answer.headers
            if answer.status not in _BUSY or (answer.status == 503 and not asked_to_wait):
                return answer
            wait_s = _retry_after_s(answer.headers) if asked_to_wait else 2.0**attempt
            if attempt == self.limits.retries or wait_s > self.limits.longest_wait_s:
                break
            if time.monotonic() + wait_s > self._ends_at:
                break
            await self._sleep(wait_s)
        raise Throttled("the server asks to come back later than we wait")

    async def _once(self, url: str, place: str, headers: Mapping[str, str]) -> Answer:
        self.requests += 1
        if self.requests > self.limits.requests:
            raise Exhausted(f"more than {self.limits.requests} requests would be needed")
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise Exhausted(f"reading took longer than the {self.limits.total_s:g} seconds allowed in all")
        allowed_s = min(left_s, self.limits.response_s)
        try:
            async with asyncio.timeout(allowed_s):
                async with self._client.stream("GET", url, headers=dict(headers)) as response:
                    body = await self._body(response)
                    return Answer(place, response.status_code, response.headers, body)
        except (TimeoutError, httpx.TimeoutException):
            raise TooSlow(f"no whole answer within {allowed_s:.3g} seconds") from None
        except httpx.ConnectError as failure:
            raise Unreachable(_why_not_connected(failure)) from None
        except (httpx.TransportError, httpx.InvalidURL, zlib.error):
            raise Unreachable("the connection broke, or what was sent is not HTTP as it should be") from None

    async def _body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip"}:
            raise NotJson("the answer is compressed in a way that was not asked for")
        unpacker = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        pieces: list[bytes] = []
        size = 0
        async for packed in response.aiter_raw():
            limit = min(self.limits.response_bytes - size, self.limits.total_bytes - self.bytes_read)
            piece = unpacker.decompress(packed, limit + 1) if unpacker else packed
            size += len(piece)
            self.bytes_read += len(piece)
            if size > self.limits.response_bytes:
                raise TooLarge(f"one answer is larger than {self.limits.response_bytes:,} bytes")
            if self.bytes_read > self.limits.total_bytes:
                raise Exhausted(f"all answers together are larger than {self.limits.total_bytes:,} bytes")
            pieces.append(piece)
        if unpacker and size and not unpacker.eof:
            raise NotJson("the compressed answer is cut off")
        return b"".join(pieces)


def _why_not_connected(failure: httpx.ConnectError) -> str:
    # The text of the failure may hold names and addresses of the network; only its kind is told.
    if "certificate" in str(failure).lower():
        return "the certificate of the host is not valid for it"
    return "no connection could be made to the host"


def _retry_after_s(headers: httpx.Headers) -> float:
    """RFC 9110, section 10.2.3: seconds, or a date, which is measured on the server's own clock."""
    text = headers["retry-after"].strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return 1.0


def _no_constant(_: str) -> Any:
    raise ValueError


def _is_too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
