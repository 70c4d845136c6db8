"""Cursors of lists: the last id that was seen, bound to the list and its filters, and signed.

A cursor holds no rank and no distance; changed by one character, or used on another list, it is refused.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from app.errors import CursorInvalid

_TAG_BYTES = 12


def make_cursor(key: bytes, position: bytes, *, of: str) -> str:
    """`position` is what the list goes on after; `of` names the list with its filters."""
    return base64.urlsafe_b64encode(_tag(key, position, of) + position).decode().rstrip("=")


def read_cursor(key: bytes, cursor: str, *, of: str) -> bytes:
    """The position. Raises CursorInvalid for anything but a cursor of this very list."""
    if len(cursor) > 200:
        raise CursorInvalid
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise CursorInvalid from None
    tag, position = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, position, of)) or make_cursor(key, position, of=of) != cursor:
        raise CursorInvalid
    return position


def read_id_cursor(key: bytes, cursor: str, *, of: str) -> UUID:
    position = read_cursor(key, cursor, of=of)
    if len(position) != 16:
        raise CursorInvalid
    return UUID(bytes=position)


def _tag(key: bytes, position: bytes, of: str) -> bytes:
    return hmac.new(key, of.encode() + b"\n" + position, hashlib.sha256).digest()[:_TAG_BYTES]
