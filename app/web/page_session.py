"""Signing in at a page with a key, and who is at the page: cookie, form token, and the page to sign in again.

The key is sent once and not kept. The cookie holds a session that scripts cannot read and other sites cannot send; every form
carries a token of that session beside it, so that neither alone is enough.
"""

import hmac
from datetime import datetime
from typing import Annotated

from fastapi import Request, Response
from pydantic import Field
from sqlmodel import Session

from app.access.acts import Act
from app.access.page_sessions import LIVES, AtPage, PageKind, authenticate_session, sign_in, sign_out
from app.access.principals import COMMAND_LINE
from app.access.tokens import Token, TokenSecrets
from app.api.callers import MOST_BYTES, refused_key, request_id_of
from app.errors import Forbidden, Problem, Unauthenticated
from app.web.forms import CodeOrLink, PageForm
from app.web.own_page import require_own_page

COOKIES: dict[PageKind, str] = {"provider": "__Host-provider", "curator": "__Host-curator"}


class SignInForm(PageForm):
    """The key, typed in or taken from behind the `#` of a link by a script."""

    key: CodeOrLink


class TokenForm(PageForm):
    """Base of every form of somebody who has signed in. `form_token` proves that a page of this session showed it."""

    form_token: Annotated[str, Field(max_length=100)] = ""


def signed_in(
    request: Request, session: Session, form: SignInForm | Problem, kind: PageKind, *, to: str
) -> Response:
    """A redirect with the session in a cookie. Raises the problem that the sign-in page shows."""
    require_own_page(request)
    if isinstance(form, Problem):
        raise form
    secrets: TokenSecrets = request.app.state.token_secrets
    now: datetime = request.app.state.clock()
    act = Act(COMMAND_LINE, now, request.app.state.audit_log, request_id_of(request))
    try:
        key = secrets.read(form.key)
        token = sign_in(session, secrets, key, kind, act_of=act, earlier=_held(request, secrets, kind))
    except Unauthenticated:
        raise refused_key(request) from None
    answer = Response(status_code=303, headers={"Location": to})
    answer.set_cookie(
        COOKIES[kind],
        token.text,
        max_age=int(LIVES[kind].longest.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return answer


def _held(request: Request, secrets: TokenSecrets, kind: PageKind) -> Token | None:
    """The session in the cookie that came with the request, as far as it has the form of one."""
    try:
        return secrets.read(request.cookies.get(COOKIES[kind], "")[:MOST_BYTES])
    except Unauthenticated:
        return None


def who_is_at(request: Request, session: Session, kind: PageKind) -> AtPage:
    """Who has signed in. Raises Unauthenticated, and counts guesses like guesses at keys."""
    text = request.cookies.get(COOKIES[kind])
    if text is None or len(text) > MOST_BYTES:
        raise Unauthenticated
    state = request.app.state
    now: datetime = state.clock()
    secrets: TokenSecrets = state.token_secrets
    try:
        token = secrets.read(text)
    except Unauthenticated:
        raise refused_key(request) from None
    # One that is over is no guess: a page left open overnight must not throttle the office.
    found = authenticate_session(session, secrets, token, kind, now=now)
    state.last_used.note_session(found.session_id, now)
    # A key that opens the page every day is in use: nobody may take it for one that can go.
    state.last_used.note(found.by, now)
    return found


def form_token(request: Request, at_page: AtPage) -> str:
    """What every form of this session carries: keyed, so that no page but ours can know it."""
    key: bytes = request.app.state.form_key
    return hmac.new(key, at_page.session_id.encode(), "sha256").hexdigest()


def require_form_of(request: Request, at_page: AtPage, form: TokenForm) -> None:
    """Raise Forbidden unless the form was shown by a page of ours to this very session."""
    require_own_page(request)
    if not hmac.compare_digest(form.form_token.encode(), form_token(request, at_page).encode()):
        raise Forbidden


def signed_out(request: Request, session: Session, at_page: AtPage, kind: PageKind, *, to: str) -> Response:
    now: datetime = request.app.state.clock()
    sign_out(session, at_page, Act(at_page.by, now, request.app.state.audit_log, request_id_of(request)))
    answer = Response(status_code=303, headers={"Location": to})
    answer.delete_cookie(COOKIES[kind], path="/", secure=True, httponly=True, samesite="strict")
    return answer
