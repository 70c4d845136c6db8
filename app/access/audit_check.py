"""Following the chain of the audit log from its first event to its newest, and checkpoints to follow it against.

A checkpoint is the head of the chain as it was, with a mac of its own, kept where whoever can write to the database
cannot. Without one, taking away the newest events goes unseen: what is left is a whole chain.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import rfc8785
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from app.access.audit import GENESIS, AuditLog, Head, keyed_hash
from app.errors import ImportRejected
from app.models.audit import AuditEvent

PAGE = 500
"""Events in memory at a time."""

CHANGED = "its content, its place or its hash was changed, or another secret is in use"
OUT_OF_PLACE = "it does not follow the event before it: events were reordered, put in or exchanged"
MISSING = "it is missing"
UNREADABLE = "it cannot be read"
REWRITTEN = "it is not the event that the checkpoint names: the chain was written anew"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken_at` is the `seq` of the first event that is not as it was recorded, and `reason` says in what way."""

    head: Head
    """The last event that holds, and with it all before it."""
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def verify(session: Session, log: AuditLog, *, head: Head | None = None) -> Verdict:
    """Follow the whole chain, a page at a time; with `head`, from a checkpoint, also that it still leads there."""
    last = Head(0, GENESIS)
    for seq, event in _events(session):
        if seq > last.seq + 1:
            return Verdict(last, last.seq + 1, MISSING)
        reason = UNREADABLE if event is None else _what_is_wrong(log, last, event)
        if event is None or reason:
            return Verdict(last, seq, reason)
        if head is not None and head.seq == seq and head.mac != event.mac:
            return Verdict(last, seq, REWRITTEN)
        last = Head(seq, event.mac)
    if head is not None and last.seq < head.seq:
        return Verdict(last, last.seq + 1, MISSING)
    return Verdict(last)


def began_with(session: Session, log: AuditLog) -> bool:
    """Whether the first event was recorded under this secret, or there is none yet."""
    first = session.exec(select(AuditEvent.seq).order_by(col(AuditEvent.seq)).limit(1)).first()
    event = None if first is None else _read(session, first)
    if event is None:
        return first is None
    return not _what_is_wrong(log, Head(event.seq - 1, event.previous), event)


def _what_is_wrong(log: AuditLog, last: Head, event: AuditEvent) -> str:
    if event.previous != last.mac:
        return OUT_OF_PLACE
    try:
        holds = event.seq == last.seq + 1 and hmac.compare_digest(event.mac, log.link(event))
    except (TypeError, ValueError):
        # SQLite stores a number or bytes in a column of text if it is told to.
        holds = False
    return "" if holds else CHANGED


def _events(session: Session) -> Iterator[tuple[int, AuditEvent | None]]:
    """Every event in order of `seq`; None for one that the database or its driver cannot make sense of."""
    seq = col(AuditEvent.seq)
    after: int | None = None
    while True:
        following = (seq > after,) if after is not None else ()
        page = session.exec(select(AuditEvent.seq).where(*following).order_by(seq).limit(PAGE)).all()
        if not page:
            return
        try:
            read = session.exec(select(AuditEvent).where(seq >= page[0], seq <= page[-1]).order_by(seq)).all()
        except (DBAPIError, ValueError):
            yield from ((one, _read(session, one)) for one in page)
        else:
            yield from ((event.seq, event) for event in read)
        session.expunge_all()
        after = page[-1]


def _read(session: Session, seq: int) -> AuditEvent | None:
    try:
        return session.exec(select(AuditEvent).where(AuditEvent.seq == seq)).one()
    except (DBAPIError, ValueError):
        return None


class Checkpoint(BaseModel):
    """The head of the chain at a moment, and a mac of its own over the rest, which `check` is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    seq: Annotated[int, Field(ge=0)]
    mac: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    exported_at: str
    check: str = ""

    def signature(self, log: AuditLog) -> str:
        return keyed_hash(log.head_key, rfc8785.dumps(self.model_dump(exclude={"check"})))


def export_head(log: AuditLog, head: Head, *, now: datetime) -> str:
    """A checkpoint, as JSON, to be kept where whoever can write to the database cannot."""
    exported_at = now.astimezone(UTC).isoformat(timespec="seconds")
    said = Checkpoint(seq=head.seq, mac=head.mac, exported_at=exported_at)
    return said.model_copy(update={"check": said.signature(log)}).model_dump_json(indent=2) + "\n"


def read_head(log: AuditLog, exported: str | bytes) -> Head:
    """The head that a checkpoint names. Raises ImportRejected where it is not one of this service, or was changed."""
    try:
        said = Checkpoint.model_validate_json(exported)
        genuine = hmac.compare_digest(said.check.encode(), said.signature(log).encode())
    except ValueError:
        genuine, said = False, None
    if said is None or not genuine:
        raise ImportRejected("It is no checkpoint of this service's audit log, or it was changed.")
    return Head(said.seq, said.mac)
