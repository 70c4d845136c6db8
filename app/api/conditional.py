"""Conditional reads: an entity tag of the bytes themselves, and an age that ends when the bytes change by themselves."""

import hashlib
import re
from datetime import datetime
from math import floor

from starlette.requests import Request
from starlette.responses import Response

from app.errors import ConditionInvalid

MAX_AGE_S = 60
MAX_CONDITION_BYTES = 4096
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_NEXT_TAG = re.compile(r"[ \t]*(?:,|$)[ \t,]*")


def cached(
    request: Request, body: bytes, *, media_type: str, now: datetime, changes_at: datetime | None
) -> Response:
    """`body` with ETag and Cache-Control, or 304 when the client has these very bytes (RFC 9110, section 13.1.2).

    `changes_at` is the next moment at which the body changes without anybody's doing (an expiry, an opening), or None.
    """
    # A digest of public bytes only: nothing private can move it, because nothing private is in them.
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    age = MAX_AGE_S
    if changes_at is not None:
        age = max(0, min(age, floor((changes_at - now).total_seconds())))
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={age}" if age else "public, no-cache",
        "Vary": "Accept-Encoding",
    }
    if _matches(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _matches(request: Request, tag: str) -> bool:
    given = request.headers.getlist("if-none-match")
    if not given:
        return False
    condition = ", ".join(given)
    if len(condition) > MAX_CONDITION_BYTES:
        raise ConditionInvalid
    if condition.strip() == "*":
        return True
    # A proxy that compresses marks the tag weak; weak comparison is what RFC 9110 asks for here.
    return tag in _entity_tags(condition)


def _entity_tags(condition: str) -> set[str]:
    """The opaque parts of a list of entity tags. Raises ConditionInvalid for anything else, and for an empty list."""
    found: set[str] = set()
    position = len(condition) - len(condition.lstrip(" \t,"))
    while position < len(condition) or not found:
        one = _TAG.match(condition, position)
        separator = None if one is None else _NEXT_TAG.match(condition, one.end())
        if one is None or separator is None:
            raise ConditionInvalid
        found.add(one.group(1))
        position = separator.end()
    return found
