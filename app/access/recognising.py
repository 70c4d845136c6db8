"""Whose key is it, and is it in force? Asked at every request that needs a key.

No key is cached: a request reads its row, so a revoked key is refused by every process from the next request on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.principals import Principal
from app.access.tokens import SECRET_VERSION, Token, TokenSecrets
from app.errors import Unauthenticated
from app.models.access import ApiKey, ApiKeyScope, ApiKeyService, OrganizationSuspension, Person

KeyState = Literal["active", "not_yet", "expired", "revoked", "used"]


KeyRows = Sequence[tuple[ApiKey, str, bool, bool]]
"""A key with each of its scopes, whether its person is disabled, and whether its organization is suspended."""


def authenticate(session: Session, secrets: TokenSecrets, token: Token, *, now: datetime) -> Principal:
    """Who holds this key. Raises Unauthenticated, without saying why, for every key that is not in force now."""
    rows = _rows_of(session, token.public_id)
    key = rows[0][0] if rows else None
    if not secrets.recognises(token, key.mac if key is not None else None) or key is None:
        raise Unauthenticated
    if key.key_type != token.kind:
        raise Unauthenticated
    return _holder(session, rows, now=now)


def holder_of(session: Session, public_id: str, *, now: datetime) -> Principal:
    """Who holds the key with this public id, for whoever has proved already that it is theirs. Raises Unauthenticated."""
    rows = _rows_of(session, public_id)
    if not rows:
        raise Unauthenticated
    return _holder(session, rows, now=now)


def _rows_of(session: Session, public_id: str) -> KeyRows:
    return session.exec(
        select(
            ApiKey,
            ApiKeyScope.scope,
            col(Person.disabled_at).is_not(None),
            col(OrganizationSuspension.suspended_at).is_not(None),
        )
        .join(ApiKeyScope, col(ApiKeyScope.public_id) == col(ApiKey.public_id))
        .outerjoin(Person, col(Person.id) == col(ApiKey.person_id))
        .outerjoin(
            OrganizationSuspension, col(OrganizationSuspension.organization_id) == col(ApiKey.organization_id)
        )
        .where(ApiKey.public_id == public_id)
    ).all()


def _holder(session: Session, rows: KeyRows, *, now: datetime) -> Principal:
    key, _, is_disabled, is_suspended = rows[0]
    if key.secret_version != SECRET_VERSION or state_of(key, now) != "active" or is_disabled or is_suspended:
        raise Unauthenticated
    services = None
    if not key.all_services:
        services = frozenset(
            session.exec(select(ApiKeyService.service_id).where(ApiKeyService.public_id == key.public_id))
        )
    return Principal(
        kind=key.key_type,  # type: ignore[arg-type]  # no key is a link
        id=key.public_id,
        scopes=frozenset(scope for _, scope, _, _ in rows),
        organization_id=key.organization_id,
        service_ids=services,
        person_id=key.person_id,
    )


def state_of(key: ApiKey, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return "revoked"
    if key.used_at is not None:
        return "used"
    if now >= key.expires_at:
        return "expired"
    return "active" if now >= key.not_before else "not_yet"


def mark_exposed(
    session: Session, secrets: TokenSecrets, token: Token, *, log: AuditLog, now: datetime, request_id: str
) -> bool:
    """Mark a key that was seen where it does not belong. Only a real one: ids are public, and a mark is a demand."""
    key = session.get(ApiKey, token.public_id)
    if not secrets.recognises(token, key.mac if key is not None else None) or key is None:
        return False
    if key.exposed_at is None:
        key.exposed_at = now
        session.add(key)
        session.flush()
        holder = Principal(
            kind=key.key_type,  # type: ignore[arg-type]  # the database allows no other
            id=key.public_id,
            scopes=frozenset(),
            organization_id=key.organization_id,
            person_id=key.person_id,
        )
        Act(holder, now, log, request_id).record(
            session, "key_exposed", entity=("api_key", key.public_id), organization_id=key.organization_id
        )
    return True
