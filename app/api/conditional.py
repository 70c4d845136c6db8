"""Conditional reads and writes.

Reads: an entity tag of the bytes themselves, and an age that ends when the bytes change by themselves. Writes: the tag of
what is stored, which the sender was shown and which must still be there.
"""

import gzip
import hashlib
import re
from datetime import datetime
from math import floor

from starlette.requests import Request
from starlette.responses import Response

from app.errors import ConditionInvalid, PreconditionFailed, PreconditionRequired

MAX_AGE_S = 60
"""The most that a public answer may be kept: whatever is taken down because it is unsafe is in no cache a minute later."""
MAX_CONDITION_BYTES = 4096
_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_NO_WEIGHT = re.compile(r"q=0(?:\.0{0,3})?")
_NEXT_TAG = re.compile(r"[ \t]*(?:,|$)[ \t,]*")


def cached(
    request: Request,
    body: bytes,
    *,
    media_type: str,
    now: datetime,
    changes_at: datetime | None,
    encoding: str | None = None,
) -> Response:
    """`body` with ETag and Cache-Control, or 304 when the client has these very bytes (RFC 9110, section 13.1.2).

    `changes_at` is the next moment at which the body changes without anybody's doing (an expiry, an opening), or None.
    `encoding` says how the body is compressed; those bytes have a tag of their own (section 8.8.3.3).
    """
    age = MAX_AGE_S
    if changes_at is not None:
        age = max(0, min(age, floor((changes_at - now).total_seconds())))
    kept = f"public, max-age={age}" if age else "public, no-cache"
    return tagged(request, body, media_type=media_type, kept=kept, encoding=encoding)


def tagged(
    request: Request, body: bytes, *, media_type: str, kept: str, encoding: str | None = None
) -> Response:
    """As `cached`, with the Cache-Control that is given: for what changes with a release only."""
    # A digest of public bytes only: nothing private can move it, because nothing private is in them.
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    if _matches(request, tag):
        return Response(status_code=304, headers=headers)
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    return Response(body, headers=headers, media_type=media_type)


def accepts_gzip(request: Request) -> bool:
    """Whether the client names gzip as an encoding it takes, and not with a weight of 0 (RFC 9110, section 12.5.3)."""
    offers = ",".join(request.headers.getlist("accept-encoding")).lower().split(",")
    weights = {name.strip(): weight.strip() for name, _, weight in (one.partition(";") for one in offers)}
    return "gzip" in weights and not _NO_WEIGHT.fullmatch(weights["gzip"])


def gzipped(body: bytes) -> bytes:
    """The same bytes for the same body, whenever it is made."""
    return gzip.compress(body, 6, mtime=0)


def if_match(request: Request) -> str | None:
    """The condition of a write as it was sent; None when there is none. Raises ConditionInvalid when it is too long."""
    return _condition(request, "if-match")


def require_match(condition: str | None, tag: str) -> None:
    """Raise PreconditionFailed unless a condition, where there is one, names this very version (RFC 9110, 13.1.1).

    A weak tag never matches: it says that two versions are much the same, which is no reason to write over one. `*`
    matches: what is written to here is always there. Raises ConditionInvalid for what is no condition.
    """
    if condition is None or condition.strip() == "*":
        return
    if (False, tag) not in _entity_tags(condition):
        raise PreconditionFailed


def require_named_match(condition: str | None, tag: str) -> None:
    """As `require_match`, for writes that mean what the sender was shown: without a version, PreconditionRequired."""
    if condition is None or condition.strip() == "*":
        raise PreconditionRequired
    require_match(condition, tag)


def refuse_match(request: Request, instead: str) -> None:
    """For writes without one version to compare with: a condition that is ignored would be a promise."""
    if _condition(request, "if-match") is not None:
        raise ConditionInvalid(f"There is no If-Match here: {instead}.")


def _matches(request: Request, tag: str) -> bool:
    condition = _condition(request, "if-none-match")
    if condition is None:
        return False
    if condition.strip() == "*":
        return True
    # A proxy that compresses marks the tag weak; weak comparison is what RFC 9110 asks for here.
    return tag in {opaque for _, opaque in _entity_tags(condition)}


def _condition(request: Request, name: str) -> str | None:
    given = request.headers.getlist(name)
    condition = ", ".join(given)
    if len(condition) > MAX_CONDITION_BYTES:
        raise ConditionInvalid
    return condition if given else None


def _entity_tags(condition: str) -> set[tuple[bool, str]]:
    """(is weak, opaque part) of a list of entity tags. Raises ConditionInvalid for anything else, and for an empty list."""
    found: set[tuple[bool, str]] = set()
    position = len(condition) - len(condition.lstrip(" \t,"))
    while position < len(condition) or not found:
        one = _TAG.match(condition, position)
        separator = None if one is None else _NEXT_TAG.match(condition, one.end())
        if one is None or separator is None:
            raise ConditionInvalid
        found.add((one.group(1) is not None, one.group(2)))
        position = separator.end()
    return found
