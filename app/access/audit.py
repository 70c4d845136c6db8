"""The audit log: what was done, by whom and when, as a chain of keyed hashes that shows tampering.

Every event's `mac` is HMAC-SHA256(key, mac of the event before ‖ the event in canonical JSON (RFC 8785)). Whoever can
write to the database but does not know the service's secret cannot change, add, move or take out an event unseen; of
the newest ones, not if a checkpoint was kept elsewhere. `audit_check` follows the chain and makes checkpoints.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import insert
from sqlmodel import Session, col, select

from app.access.principals import Principal
from app.access.secret import derived_key
from app.db import take_turn
from app.models.audit import AuditEvent

GENESIS = "0" * 64
"""What stands for the mac before the first event."""

CHAINED = (
    "seq", "recorded_at", "actor_type", "actor_id", "organization_id", "action", "entity_type", "entity_id", "request_id",
    "field_hashes",
)  # fmt: skip
"""What the mac is over, besides the mac before. A column that is added later stays out: it would break what is stored."""

WRITERS_LOCK = 0x41554449
"""Advisory lock of PostgreSQL: one transaction at a time adds to the chain. (On SQLite one writes at a time anyway.)"""

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_./-]{0,79}")


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The keys of the log, each for one purpose; none of them is in the database."""

    chain_key: bytes = field(repr=False)
    field_key: bytes = field(repr=False)
    head_key: bytes = field(repr=False)

    @classmethod
    def of(cls, root_secret: bytes) -> "AuditLog":
        return cls(
            chain_key=derived_key(root_secret, "audit chain"),
            field_key=derived_key(root_secret, "audit fields"),
            head_key=derived_key(root_secret, "audit head"),
        )

    def field_hash(self, seq: int, name: str, value: object) -> str:
        """What event `seq` says of a field that had this value.

        Bound to the event and the field: equal values look different, so that without the key nobody can tell that a
        figure came back, or match a confidential service's figures against those that another one shows.
        """
        return keyed_hash(self.field_key, rfc8785.dumps([seq, name, _plain(value)]))

    def link(self, event: AuditEvent) -> str:
        """The mac that the event must have, from everything else in it."""
        return keyed_hash(self.chain_key, bytes.fromhex(event.previous) + canonical(event))


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event, which stands for all before it. `seq` is 0 while there is none."""

    seq: int
    mac: str


def record_event(  # noqa: PLR0913 - an event has that many sides
    session: Session,
    log: AuditLog,
    *,
    actor: Principal,
    action: str,
    entity_type: str,
    entity_id: str,
    organization_id: UUID | None = None,
    request_id: str = "",
    fields: Mapping[str, object] = {},
    now: datetime,
) -> int:
    """Add an event to the chain, in the caller's transaction, and give its `seq`.

    Of `fields` (name → new value) the names are kept, and keyed hashes of the values. Call it last in a transaction:
    on PostgreSQL other writers wait from here until the commit.
    """
    take_turn(session, WRITERS_LOCK)
    before = head(session)
    seq = before.seq + 1
    event = AuditEvent(
        seq=seq,
        recorded_at=now,
        actor_type=actor.kind,
        actor_id=actor.id,
        organization_id=organization_id,
        action=action,
        entity_type=entity_type,
        entity_id=entity_id,
        request_id=request_id,
        field_hashes=rfc8785.dumps(_hashes(log, seq, fields)).decode(),
        previous=before.mac,
        mac="",
    )
    event.mac = log.link(event)
    session.exec(insert(AuditEvent).values(**event.model_dump()))
    return seq


def head(session: Session) -> Head:
    found = session.exec(
        select(AuditEvent.seq, AuditEvent.mac).order_by(col(AuditEvent.seq).desc()).limit(1)
    ).first()
    return Head(*found) if found else Head(0, GENESIS)


def newest_events(session: Session, limit: int) -> Sequence[AuditEvent]:
    return session.exec(select(AuditEvent).order_by(col(AuditEvent.seq).desc()).limit(limit)).all()


def canonical(event: AuditEvent) -> bytes:
    """The event, without the two hashes of the chain, in the one form in which JSON can be hashed (RFC 8785)."""
    return rfc8785.dumps({name: _plain(getattr(event, name)) for name in CHAINED})


def _hashes(log: AuditLog, seq: int, fields: Mapping[str, object]) -> dict[str, str]:
    for name in fields:
        if not _FIELD_NAME.fullmatch(name):
            # The name is stored as it is: it comes from the code, never from a request.
            raise ValueError("a field of an audit event is named in lower case, as in the code")
    return {name: log.field_hash(seq, name, value) for name, value in fields.items()}


def _plain(value: object) -> Any:
    """A value as JSON; TypeError for what has no one form in it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            # Not a naive one: it would be taken for the machine's own time.
            if value.utcoffset() is None:
                raise TypeError("a moment needs its offset")
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case set() | frozenset():
            return sorted((_plain(inner) for inner in value), key=rfc8785.dumps)
        case Sequence() if not isinstance(value, bytes | bytearray):
            return [_plain(inner) for inner in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no one form in JSON")


def keyed_hash(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, hashlib.sha256).hexdigest()
