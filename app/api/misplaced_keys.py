"""Keys where they do not belong: in an address or a body, which histories and logs on the way keep.

Such a key is never taken. One that is real is marked, so that whoever looks after keys sees that it has to be rotated;
what is written of it is its public id.
"""

import re
from datetime import datetime
from urllib.parse import unquote_to_bytes

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Scope

from app.access.audit import AuditLog
from app.access.recognising import mark_exposed
from app.access.tokens import PUBLISHED_PATTERN, Token, TokenSecrets
from app.api.callers import refused_key, request_id_of
from app.db import Database
from app.errors import KeyMisplaced, Problem, TooManyRequests, Unauthenticated

logger = structlog.get_logger()

_TOKEN = re.compile(PUBLISHED_PATTERN.encode("ascii"))
_PARAMETER = re.compile(
    rb"(?:^|[&;])(?:x-)?(?:api[_-]?key|access[_-]?token|authorization|bearer)(?:=|&|$)", re.IGNORECASE
)
"""Names under which other services take keys in an address. Whatever stands there is refused, a key of ours or not."""
_PREFIX = b"ssd_"


async def refuse_key_in_address(scope: Scope) -> Problem | None:
    """What to answer to an address that holds a key, or a parameter for one. Cheap: every search is asked."""
    query: bytes = scope["query_string"]
    if not query and "ssd_" not in scope["path"]:
        return None
    parameters = unquote_to_bytes(query)
    address = scope["path"].encode() + b"?" + parameters
    if _TOKEN.search(address) is None and _PARAMETER.search(parameters) is None:
        return None
    return await _refusal(Request(scope), address, "address")


async def refuse_key_in_body(request: Request, body: bytes) -> None:
    """Raise KeyMisplaced where a body holds a key. A one-time link is no key: a body is where its code belongs."""
    if _PREFIX in body:
        found = _TOKEN.search(body)
        if found is not None and not found[0].startswith((b"ssd_live_l_", b"ssd_test_l_")):
            raise await _refusal(request, found[0], "body")


async def _refusal(request: Request, text: bytes, stage: str) -> Problem:
    refusal = refused_key(request)
    if isinstance(refusal, TooManyRequests):
        return refusal
    found = _TOKEN.search(text)
    state = request.app.state
    secrets: TokenSecrets = state.token_secrets
    token = None
    if found is not None:
        try:
            token = secrets.read(found[0].decode("ascii"))
        except Unauthenticated:
            token = None
    marked = False
    if token is not None:
        marked = await run_in_threadpool(
            _mark,
            state.database,
            secrets,
            token,
            log=state.audit_log,
            now=state.clock(),
            request_id=request_id_of(request),
        )
    logger.warning(
        "key_misplaced",
        stage=stage,
        key_id=token.public_id if token is not None else None,
        outcome="marked" if marked else "not a key in force",
        request_id=request_id_of(request),
    )
    return KeyMisplaced()


def _mark(
    database: Database,
    secrets: TokenSecrets,
    token: Token,
    *,
    log: AuditLog,
    now: datetime,
    request_id: str,
) -> bool:
    try:
        with database.write() as session:
            return mark_exposed(session, secrets, token, log=log, now=now, request_id=request_id)
    except (SQLAlchemyError, OSError):
        # The refusal stands without the mark.
        return False
