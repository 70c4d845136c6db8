"""Doing a thing once, however often it is sent: the answer is kept beside its effect, in the same transaction.

A route takes the key's hash with `key_of`, asks `recall` before it looks at If-Match or changes anything, and calls
`remember` with its answer. If the transaction fails, neither the effect nor the answer is there, and the same request
sent again does it. The header is that of draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import rfc8785
from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import Session, col, select

from app.db import take_turn, turn_of
from app.errors import FieldError, IdempotencyKeyReused, Malformed, ValidationFailed
from app.models.audit import IdempotentAnswer

KEPT = timedelta(hours=48)
SWEPT_AT_ONCE = 100
"""Expired answers that one write takes away: enough to keep up, too few to be felt."""

HEADER = "Idempotency-Key"
MAX_KEY_CHARACTERS = 200
_QUOTED = re.compile(r'"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')
"""A String of structured fields (RFC 9651, section 3.3.3), here without spaces."""
_BARE = re.compile(r"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+")
"""What many clients send instead. No comma: two headers that were joined on the way have one."""
_ESCAPE = re.compile(r"\\(.)")
_KEYED_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class IdempotencyScope:
    """Whose request to what. `route` is the path as asked, ids included: the same key elsewhere is another request."""

    principal_id: str
    method: str
    route: str
    key: str
    """As `key_of` gives it: the keyed hash of what was sent."""
    fingerprint: str
    """As `fingerprint_of` gives it."""
    organization_id: UUID | None
    """Whom the answer will tell of, also where a curator asks."""

    def __post_init__(self) -> None:
        if "{" in self.route or not _KEYED_HASH.fullmatch(self.key):
            raise ValueError("a path as asked, not its template; a key as `key_of` gives it, not as sent")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer to a write that succeeded."""

    status: int
    body: bytes = field(repr=False)
    etag: str | None = None


def key_of(sent: list[str], *, secret: bytes) -> str | None:
    """The keyed hash of the Idempotency-Key, from every value of that header; None when there is none.

    Raises ValidationFailed unless it is one key of 1 to 200 visible ASCII characters, with or without quotes.
    """
    if not sent:
        return None
    if len(sent) == 1:
        value = sent[0].strip(" \t")
        if quoted := _QUOTED.fullmatch(value):
            key = _ESCAPE.sub(r"\1", quoted[1])
        else:
            key = value if _BARE.fullmatch(value) else ""
        if 0 < len(key) <= MAX_KEY_CHARACTERS:
            return hmac.new(secret, key.encode("ascii"), hashlib.sha256).hexdigest()
    raise ValidationFailed(
        errors=(FieldError(f"/headers/{HEADER}", "sent once, 1 to 200 visible ASCII characters"),)
    )


def fingerprint_of(body: bytes, if_match: str | None) -> str:
    """What makes two requests the same: the JSON that was sent, however it is spaced and ordered, and If-Match.

    Raises Malformed where the body is neither empty nor JSON that can be written in canonical form.
    """
    try:
        sent = [json.loads(body.decode())] if body else []
        return hashlib.sha256(rfc8785.dumps({"body": sent, "if_match": if_match})).hexdigest()
    except (ValueError, RecursionError):
        raise Malformed from None


def recall(session: Session, of: IdempotencyScope, *, now: datetime) -> StoredAnswer | None:
    """The answer to the same request sent before; None when it is new and to be done now.

    In the session that will write: from here to the end of its transaction, another request with the same key waits.
    Raises IdempotencyKeyReused where the key came before with another body or condition.
    """
    on_sqlite = session.connection().dialect.name == "sqlite"
    if not on_sqlite:
        take_turn(session, _turn_of(of))
    row = IdempotentAnswer
    found = session.exec(
        select(row).where(
            row.principal_id == of.principal_id,
            row.method == of.method,
            row.route == of.route,
            row.key_hash == of.key,
        )
    ).first()
    if found is None:
        return None
    this_row = col(row.id) == found.id
    if found.expires_at <= now:
        session.expunge(found)
        _delete(session, this_row)
        return None
    if not hmac.compare_digest(found.fingerprint, of.fingerprint):
        raise IdempotencyKeyReused
    if not on_sqlite:
        # A commit waits for the standby only when it has written something. The first one's wait may have been cut
        # off, and what is said twice must be as durable as what is said once.
        touched = update(row).where(this_row).values(status=found.status)
        session.exec(touched.execution_options(synchronize_session=False))
    return StoredAnswer(status=found.status, body=found.body, etag=found.etag)


def remember(session: Session, of: IdempotencyScope, answer: StoredAnswer, *, now: datetime) -> None:
    """Keep an answer for 48 hours, in the transaction of its effect, and drop some that have expired."""
    row = IdempotentAnswer
    session.add(
        row(
            principal_id=of.principal_id,
            method=of.method,
            route=of.route,
            key_hash=of.key,
            fingerprint=of.fingerprint,
            status=answer.status,
            body=answer.body,
            etag=answer.etag,
            organization_id=of.organization_id,
            expires_at=now + KEPT,
        )
    )
    session.flush()
    sweep_answers(session, now)


def sweep_answers(session: Session, now: datetime) -> int:
    """Delete some of the answers that have expired; how many."""
    row = IdempotentAnswer
    # What another writer is sweeping, or replaying, is left to it: nobody waits for a broom.
    expired = (
        select(row.id)
        .where(row.expires_at <= now)
        .order_by(col(row.expires_at), col(row.id))
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return _delete(session, col(row.id).in_(expired))


def has_answers_to_sweep(session: Session, now: datetime) -> bool:
    row = IdempotentAnswer
    return session.exec(select(row.id).where(row.expires_at <= now).limit(1)).first() is not None


def forget_answers(session: Session, organization_id: UUID) -> None:
    """Delete every stored answer that tells of the organization, or may: one that names nobody is no exception."""
    of = col(IdempotentAnswer.organization_id)
    _delete(session, or_(of == organization_id, of.is_(None)))


def _delete(session: Session, which: ColumnElement[bool]) -> int:
    gone = delete(IdempotentAnswer).where(which).execution_options(synchronize_session=False)
    return int(session.exec(gone).rowcount)


def _turn_of(of: IdempotencyScope) -> int:
    return turn_of(rfc8785.dumps([of.principal_id, of.method, of.route, of.key]))
