"""Lists by time, newest first, a page at a time: the cursor is the time and id of the last row that was seen."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.cursors import make_cursor, read_cursor
from app.errors import CursorInvalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Position = tuple[datetime, UUID]


class PageQuery(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, cache_strings="none"
    )

    limit: Annotated[int, Field(ge=1, le=100, description="How many on a page.")] = 50
    cursor: Annotated[str | None, Field(description="`next` of the page before.")] = None


def read_position(key: bytes, query: PageQuery, *, of: str) -> Position | None:
    """What the page goes on after; None for the first. Raises CursorInvalid for a cursor of another list."""
    if query.cursor is None:
        return None
    raw = read_cursor(key, query.cursor, of=of)
    if len(raw) != 24:
        raise CursorInvalid
    return _EPOCH + int.from_bytes(raw[:8]) * _MICROSECOND, UUID(bytes=raw[8:])


def next_cursor(key: bytes, position: Position | None, *, of: str) -> str | None:
    if position is None:
        return None
    moment, row_id = position
    return make_cursor(key, ((moment - _EPOCH) // _MICROSECOND).to_bytes(8) + row_id.bytes, of=of)
