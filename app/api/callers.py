"""Who calls, and the session of a request: the dependencies by which a route says what it needs.

    Reporter = Annotated[Principal, caller("capacity:write")]

    @router.put("/v1/provider/…", responses=problems(*CALLER_PROBLEMS, …))
    def put_capacity(session: WriteSession, by: Reporter) -> …

A route without `caller` is public, visibly so. Sessions are for `def` routes, one transaction per request: committed when
the route has returned and before the reply leaves, so that 2xx means durable.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.access.acts import Act
from app.access.devices import authenticate_device
from app.access.last_used import LastUsed
from app.access.principals import Principal
from app.access.recognising import authenticate
from app.access.scopes import SCOPES
from app.access.throttle import Throttle
from app.access.tokens import Token, TokenSecrets
from app.db import CommitUncertain, Database, is_full, is_unusable
from app.errors import (
    Forbidden,
    Malformed,
    OutcomeUnknown,
    Problem,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

logger = structlog.get_logger()

WRITES_AT_ONCE = 10
READS_AT_ONCE = 6
AUTHENTICATIONS_AT_ONCE = 4
"""Together the pools of the two engines. More callers than connections wait without a thread, instead of freezing all."""
RETRY_AFTER_S = "2"
MOST_BYTES = 128
"""Longer than any key: an Authorization header of 8 kB is not one."""

CALLER_PROBLEMS: tuple[type[Problem], ...] = (Unauthenticated, Forbidden, Malformed, Unavailable)
"""What every route with a caller may answer."""

WRITE_PROBLEMS: tuple[type[Problem], ...] = (StorageFull, OutcomeUnknown, Unavailable)
"""What every route with a WriteSession may answer."""

_documented = HTTPBearer(
    scheme_name="bearerAuth",
    bearerFormat="ssd_<env>_<type>_<id>_<secret>",
    description="A key, or the session of an officer's device. Keys are shown once, when they are made.",
    auto_error=False,
)
"""Only for the OpenAPI document: what it reads is not used."""


@contextmanager
def storage_problems() -> Iterator[None]:
    """Failures of the database as problems: busy and away can be tried again, full is the operator's."""
    try:
        yield
    except CommitUncertain as failure:
        logger.warning("commit_uncertain", exc_info=failure)
        raise OutcomeUnknown(headers={"Retry-After": RETRY_AFTER_S}) from None
    except (SQLAlchemyError, FileNotFoundError) as failure:
        if not is_unusable(failure):
            raise
        logger.warning("database_unavailable", exc_info=failure)
        if isinstance(failure, SQLAlchemyError) and is_full(failure):
            raise StorageFull(headers={"Retry-After": "60"}) from None
        raise Unavailable(headers={"Retry-After": RETRY_AFTER_S}) from None


def _read_if_there(request: Request) -> Iterator[Session | None]:
    database: Database = request.app.state.database
    with storage_problems(), ExitStack() as stack:
        try:
            session = stack.enter_context(database.read())
            if request.method != "GET":
                _look_again(request, session)
        except (SQLAlchemyError, FileNotFoundError) as failure:
            if not is_unusable(failure):
                raise
            logger.warning("database_unavailable", exc_info=failure)
            yield None
        else:
            yield session


SessionIfThere = Annotated[
    Session | None, Depends(_read_if_there, scope="function", max_concurrency=READS_AT_ONCE)
]
"""For a route that has something to say without the database: None when it is known to be gone. A session finds out that
its server is away when it is used: see `storage_problems`."""


def _read(session: SessionIfThere) -> Session:
    if session is None:
        raise Unavailable(headers={"Retry-After": RETRY_AFTER_S})
    return session


def _write(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with storage_problems(), database.write() as session:
        _look_again(request, session)
        yield session


def _look_again(request: Request, session: Session) -> None:
    """Raise Unauthenticated where the key of this request is no longer in force.

    It was looked at before the body, which may be hours in coming: whoever is about to lose a key could begin many requests with
    it and end them when it is gone.
    """
    token: Token | None = getattr(request.state, "recognized", None)
    if token is not None:
        _holder_now(session, request.app.state.token_secrets, token, now=request.app.state.clock())
        # A row that is read under a lock later has to be read anew: the session would answer with what it was before.
        session.expunge_all()


def look_again(request: Request) -> None:
    """The same for a route that has no session of its own when its body has come. Blocks."""
    database: Database = request.app.state.database
    with storage_problems(), database.read() as session:
        _look_again(request, session)


ReadSession = Annotated[Session, Depends(_read, scope="function")]
"""Reads only; on PostgreSQL it may be a standby one day, so never read your own write through it."""
WriteSession = Annotated[Session, Depends(_write, scope="function", max_concurrency=WRITES_AT_ONCE)]
"""Reads and writes in one transaction that is committed before the reply leaves."""


def bearer_of(request: Request) -> str:
    """What follows `Bearer`, in any case (RFC 9110, section 11.1). Raises Unauthenticated, or Malformed for two headers."""
    given = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if len(given) > 1:
        raise Malformed("A request has one Authorization header at most.")
    scheme, _, credentials = given[0].partition(b" ") if given else (b"", b"", b"")
    if scheme.lower() != b"bearer" or len(credentials) > MOST_BYTES:
        raise Unauthenticated
    return credentials.strip(b" ").decode("latin-1")


def address_of(request: Request) -> str:
    """Whom the request comes from: the peer, or what a trusted proxy says (uvicorn sees to that)."""
    return request.client.host if request.client is not None else ""


def refused_key(request: Request) -> Problem:
    """What to answer to a key that is not taken: 401, and 429 when the address has sent more than ten in a minute."""
    throttle: Throttle = request.app.state.throttle
    wait_s = throttle.count_failure(address_of(request))
    if wait_s is None:
        return Unauthenticated()
    return TooManyRequests(headers={"Retry-After": str(wait_s)})


async def _recognized(request: Request, _: Annotated[Any, Security(_documented)]) -> Principal | Problem:
    """The holder of the key in the Authorization header. What has not the form of a key never reaches the database.

    That nobody can be recognized, while the database is away, is a value and not raised: a route may have an answer.
    """
    text = bearer_of(request)
    state = request.app.state
    secrets: TokenSecrets = state.token_secrets
    now: datetime = state.clock()
    try:
        token = secrets.read(text)
        if token.kind == "link":
            raise Unauthenticated
        principal = await run_in_threadpool(_look_up, state.database, secrets, token, now)
        request.state.recognized = token
    except Unauthenticated:
        raise refused_key(request) from None
    except (Unavailable, StorageFull) as problem:
        return problem
    last_used: LastUsed = state.last_used
    last_used.note(principal, now)
    return principal


def _look_up(database: Database, secrets: TokenSecrets, token: Token, now: datetime) -> Principal:
    # A transaction of its own, before that of the route: a key that is not taken never waits for a writer.
    with storage_problems(), database.read() as session:
        return _holder_now(session, secrets, token, now=now)


def _holder_now(session: Session, secrets: TokenSecrets, token: Token, *, now: datetime) -> Principal:
    """Who holds a key, or a device's session. Raises Unauthenticated for one that is not in force."""
    if token.kind == "device":
        return authenticate_device(session, secrets, token, now=now)
    return authenticate(session, secrets, token, now=now)


Recognized = Annotated[
    Principal | Problem, Depends(_recognized, scope="function", max_concurrency=AUTHENTICATIONS_AT_ONCE)
]


class Caller:
    """The dependency behind `caller`: gives a Principal with one of the scopes, or raises."""

    def __init__(self, *scopes: str) -> None:
        if not scopes or set(scopes) - set(SCOPES):
            raise ValueError(f"scopes are {', '.join(SCOPES)}")
        self.scopes = frozenset(scopes)

    async def __call__(self, recognized: Recognized) -> Principal:
        if isinstance(recognized, Problem):
            raise recognized
        if not self.scopes & recognized.scopes:
            raise Forbidden
        return recognized


class CallerIfKnown(Caller):
    """The same, but None while the database is away: then the route answers what anybody may know, and nothing else."""

    async def __call__(self, recognized: Recognized) -> Principal | None:  # type: ignore[override]
        return None if isinstance(recognized, Problem) else await super().__call__(recognized)


def caller(*scopes: str) -> Any:
    """For an annotation: whoever calls, holding one of `scopes` at least."""
    return Depends(Caller(*scopes))


def caller_if_known(*scopes: str) -> Any:
    """For an annotation of `Principal | None`: as `caller`, and None while nobody can be recognized."""
    return Depends(CallerIfKnown(*scopes))


def act_of(request: Request, by: Principal) -> Act:
    """What `by` does in this request, for functions that change something."""
    state = request.app.state
    return Act(by=by, now=state.clock(), log=state.audit_log, request_id=request_id_of(request))


def request_id_of(request: Request) -> str:
    found: str = request.scope["state"]["request_id"]
    return found
