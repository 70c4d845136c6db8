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
_TAG_LIST = re.compile(r'\s*(?:(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*,?\s*)+$')
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


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
    if _TAG_LIST.match(condition) is None:
        raise ConditionInvalid
    # A proxy that compresses marks the tag weak or appends to it; weak comparison is what RFC 9110 asks for here.
    return any(found == tag for found in _TAG.findall(condition))
