"""A form with a file, as a browser sends it: read within the limit of an import, and in memory only.

The name that the sender's computer has for the file is not looked at. Nothing of it reaches a disk: a raw sheet may say where a
house is, and is only read to be checked.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.uploads import MOST_BYTES
from app.errors import BodyTooLarge, Malformed, Problem, UnsupportedMediaType

SPARE = 64 * 1024
"""For the other fields and the marks between them."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The fields of the form, and the file."""

    fields: dict[str, str]
    content: bytes


async def read_upload(request: Request) -> Uploaded | Problem:
    """The form, or what is wrong with it: the page has something to say either way."""
    try:
        return await _read(request)
    except Problem as problem:
        return problem


async def _read(request: Request) -> Uploaded:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data;"):
        raise UnsupportedMediaType
    parser = MultiPartParser(
        request.headers, _limited(request), max_files=1, max_fields=8, max_part_size=MOST_BYTES
    )
    # Above this the parser would write to a file.
    parser.spool_max_size = MOST_BYTES + SPARE
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError):
        raise Malformed from None
    fields: dict[str, str] = {}
    content = b""
    try:
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields[name] = value
            else:
                content = await value.read()
    finally:
        await form.close()
    return Uploaded(fields, content)


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES + SPARE:
            raise BodyTooLarge(
                f"At most {MOST_BYTES // 1_000_000} MB are read.", headers={"Connection": "close"}
            )
        yield part
