"""Sessions at pages: a key is sent once, exchanged for a session, and never kept by the browser.

A session is as strong as a key, ends when nobody acts or the day is over, and with its key at once: what its holder may do is
read from the key at every request. What is written is signed with the key's id, as from any other way in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, delete, update

from app.access.acts import Act
from app.access.principals import Principal
from app.access.recognising import authenticate, holder_of
from app.access.tokens import SECRET_VERSION, Token, TokenSecrets
from app.errors import Unauthenticated
from app.models.access import PageSession

PageKind = Literal["provider", "curator"]


@dataclass(frozen=True, slots=True)
class SessionLife:
    """`idle` is without a request, known to ten minutes only, so a session may end up to ten minutes earlier."""

    idle: timedelta
    longest: timedelta


LIVES: Mapping[PageKind, SessionLife] = {
    # A curator can take a service down; the desk may stand in an open office.
    "curator": SessionLife(timedelta(minutes=30), timedelta(hours=8)),
    # A figure is told in the morning and in the evening, from the same phone.
    "provider": SessionLife(timedelta(hours=12), timedelta(hours=24)),
}
KEPT_FOR = timedelta(days=7)
"""Rows of sessions that are over go with the next sign-in after this."""


@dataclass(frozen=True, slots=True)
class AtPage:
    """Somebody at a page. `by` is the holder of the key that the session was made with."""

    session_id: str
    by: Principal
    expires_at: datetime


def sign_in(
    session: Session,
    secrets: TokenSecrets,
    key: Token,
    kind: PageKind,
    *,
    act_of: Act,
    earlier: Token | None = None,
) -> Token:
    """Exchange a key for a session. Raises Unauthenticated for a key of another kind, or one that is not in force.

    `act_of` has the time, the log and the request; who acts is the key's holder. `earlier` is what the browser held for this
    page until now, and is worth nothing afterwards.
    """
    if key.kind != kind:
        raise Unauthenticated
    by = authenticate(session, secrets, key, now=act_of.now)
    return open_session(session, secrets, by, kind, act_of=act_of, earlier=earlier)


def open_session(
    session: Session,
    secrets: TokenSecrets,
    by: Principal,
    kind: PageKind,
    *,
    act_of: Act,
    earlier: Token | None = None,
) -> Token:
    """A session for the holder of a key who has proved who they are, by that key or in another way.

    Here another way to sign in ends, such as OpenID Connect: a person whom an identity provider names is the holder of the
    key that was made out to them, and may do what that key may, as long as it is in force.
    """
    now = act_of.now
    session.exec(delete(PageSession).where(col(PageSession.expires_at) < now - KEPT_FOR))
    token = secrets.new("session")
    row = PageSession(
        public_id=token.public_id,
        key_id=by.id,
        mac=secrets.mac(token),
        secret_version=SECRET_VERSION,
        created_at=now,
        last_seen_at=now,
        expires_at=now + LIVES[kind].longest,
    )
    session.add(row)
    session.flush()
    if earlier is not None:
        _end_earlier(session, secrets, earlier, by=by, act=act_of)
    _record(session, act_of, "signed_in", AtPage(row.public_id, by, row.expires_at))
    return token


def _end_earlier(session: Session, secrets: TokenSecrets, earlier: Token, *, by: Principal, act: Act) -> None:
    """The browser forgets its cookie when it gets the new one, and a copy of it must not go on for hours.

    Nothing is said of what is no session of ours. One whose key is suspended ends too: the key may be in force again.
    """
    row = session.get(PageSession, earlier.public_id) if earlier.kind == "session" else None
    if row is not None and secrets.recognises(earlier, row.mac) and act.now < row.expires_at:
        sign_out(session, AtPage(row.public_id, by, row.expires_at), act)


def authenticate_session(
    session: Session, secrets: TokenSecrets, token: Token, kind: PageKind, *, now: datetime
) -> AtPage:
    """Who is at the page. Raises Unauthenticated, without saying why, when the session or its key is not in force now."""
    row = session.get(PageSession, token.public_id) if token.kind == "session" else None
    if not secrets.recognises(token, row.mac if row is not None else None) or row is None:
        raise Unauthenticated
    if (
        row.secret_version != SECRET_VERSION
        or row.ended_at is not None
        or now >= row.expires_at
        or now >= row.last_seen_at + LIVES[kind].idle
    ):
        raise Unauthenticated
    by = holder_of(session, row.key_id, now=now)
    if by.kind != kind:
        raise Unauthenticated
    return AtPage(row.public_id, by, row.expires_at)


def sign_out(session: Session, at_page: AtPage, act: Act) -> None:
    """End the session for good: its cookie is worth nothing from the next request on, wherever it was copied to."""
    ended = session.exec(
        update(PageSession)
        .where(col(PageSession.public_id) == at_page.session_id, col(PageSession.ended_at).is_(None))
        .values(ended_at=act.now)
    )
    if ended.rowcount:
        _record(session, act, "signed_out", at_page)


def _record(session: Session, act: Act, action: str, at_page: AtPage) -> None:
    by = at_page.by
    Act(by, act.now, act.log, act.request_id).record(
        session, action, entity=("page_session", at_page.session_id), organization_id=by.organization_id
    )
