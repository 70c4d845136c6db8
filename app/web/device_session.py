"""The session of an officer's device, in a cookie: which device a page is shown to, and who may act for it.

The cookie holds what an API caller sends as its key. Scripts cannot read it, and no other site's request carries it.
"""

from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlmodel import Session

from app.access.devices import SESSION_LIVES, authenticate_device
from app.access.last_used import LastUsed
from app.access.principals import Principal
from app.access.tokens import TokenSecrets
from app.api.callers import MOST_BYTES, refused_key, storage_problems
from app.errors import StorageFull, Unauthenticated, Unavailable

COOKIE = "__Host-device"
"""The prefix binds it to this very host, over https (or the machine itself), for all of its pages (RFC 6265bis, 4.1.3.2)."""


def device_of(request: Request, session: Session) -> Principal | None:
    """The enrolled device that asks, or None: a session that is over is as good as none, and the page says so."""
    text = request.cookies.get(COOKIE)
    if text is None or len(text) > MOST_BYTES:
        return None
    secrets: TokenSecrets = request.app.state.token_secrets
    now: datetime = request.app.state.clock()
    try:
        token = secrets.read(text)
        if token.kind != "device":
            return None
        device = authenticate_device(session, secrets, token, now=now)
    except Unauthenticated:
        # Guesses at sessions are counted like guesses at keys.
        refused_key(request)
        return None
    last_used: LastUsed = request.app.state.last_used
    last_used.note(device, now)
    return device


def remember(response: Response, token: str, *, lives: timedelta = SESSION_LIVES) -> None:
    """Give the browser the session."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(lives.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )


def forget(response: Response) -> None:
    """Take the session and everything that was kept for being offline from the browser."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def device_if_known(request: Request, session: Session | None) -> tuple[Principal | None, bool]:
    """As `device_of`, and whether that could be found out: while the database is away nobody is recognised, and the public answer
    is better than none.
    """
    if COOKIE not in request.cookies:
        return None, True
    if session is None:
        return None, False
    try:
        with storage_problems():
            return device_of(request, session), True
    except (Unavailable, StorageFull):
        return None, False
