"""A file as the body of a request: its bytes as they are, up to 20 MB, one at a time in each process.

A raw body and not a form: no name of a file reaches us, no part of a form has to be told from another, and a page of
another origin cannot send it without asking first.
"""

import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.callers import look_again
from app.api.documented import Responses
from app.api.strict import read_body
from app.errors import BodyTooLarge, ImportBusy, Malformed, Problem, UnsupportedMediaType

MOST_BYTES = 20_000_000
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = re.compile(
    rb'(?:text/csv|application/json)(?:\s*;\s*(?:charset="?utf-8"?|header=present))*\s*|'
    + re.escape(WORKBOOK).encode(),
    re.IGNORECASE,
)
_RETRY_AFTER_S = "10"

UPLOAD_PROBLEMS: tuple[type[Problem], ...] = (BodyTooLarge, UnsupportedMediaType, Malformed, ImportBusy)
"""What every route with an `Upload` may answer."""


class Reader:
    """The one place of a process where a file is read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def is_held(self) -> bool:
        return self._lock.locked()

    def refuse_if_busy(self) -> None:
        """Before the body is read: a queue of large bodies would fill the memory. Raises ImportBusy."""
        if self.is_held:
            raise ImportBusy(headers={"Retry-After": _RETRY_AFTER_S, "Connection": "close"})

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises ImportBusy at once where another file is being read."""
        if not self._lock.acquire(blocking=False):
            raise ImportBusy(headers={"Retry-After": _RETRY_AFTER_S})
        try:
            yield
        finally:
            self._lock.release()


async def _upload(request: Request) -> AsyncIterator[bytes]:
    reader: Reader = request.app.state.import_reader
    reader.refuse_if_busy()
    # Not held meanwhile: whoever sends slowly keeps nobody out.
    content = await read_body(request, _TYPES, most=MOST_BYTES)
    await run_in_threadpool(look_again, request)
    with reader.held():
        yield content


Upload = Annotated[bytes, Depends(_upload, scope="function")]
"""For a `def` route that comes after its caller: nobody's file is read who may not bring one."""


def file_body(examples: dict[str, Any], *, kinds: str = "csv xlsx json") -> dict[str, Any]:
    """The request body of a route with an `Upload`, for the OpenAPI document. `examples` are of JSON."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content: dict[str, Any] = {}
    if "json" in kinds:
        content["application/json"] = {
            "schema": {"type": "array", "items": {"type": "object"}},
            "examples": {name: {"summary": name, "value": value} for name, value in examples.items()},
        }
    return {"required": True, "content": content | {"text/csv": binary, WORKBOOK: binary}}


def file_answer(description: str, *media_types: str) -> Responses:
    """The good answer of a route that gives a file, for the OpenAPI document."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": description, "content": dict.fromkeys(media_types, schema)}}


def attached(content: bytes, media_type: str, name: str) -> Response:
    """A file to keep, under a name that is ours and never the sender's."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
