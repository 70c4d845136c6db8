"""What was done and by whom, as a chain that shows tampering, and answers that are kept for whoever has to ask again.

The triggers of `audit_event` stand in its migration, not here. A batch rebuild of the table on SQLite loses them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Identified, check


class AuditEvent(SQLModel, table=True):
    """One thing that was done. Names of fields and keyed hashes of their values, never a value; added, never changed.

    Nothing refers to another table: the event outlives the record, the organization and the key.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        # Two successors of one link would be two histories.
        UniqueConstraint("previous"),
        check("from_one", "seq >= 1"),
        check("hashes_whole", "length(previous) = 64 AND length(mac) = 64"),
    )

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """1, 2, 3 and so on; a gap is a link that somebody took out."""
    recorded_at: datetime
    actor_type: str = Field(max_length=20)
    actor_id: str = Field(max_length=40)
    organization_id: UUID | None = Field(default=None, index=True)
    action: str = Field(max_length=60)
    entity_type: str = Field(max_length=40)
    entity_id: str = Field(max_length=64)
    request_id: str = Field(max_length=64)
    field_hashes: str
    """JSON: name of a field → HMAC of its value, in hexadecimal."""
    previous: str = Field(max_length=64)
    """`mac` of the event before; of the first one, 64 zeros."""
    mac: str = Field(max_length=64)


class IdempotentAnswer(Identified, table=True):
    """The answer to a write that was done, for the same request sent again. The key is kept as a keyed hash."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (
        UniqueConstraint("principal_id", "method", "route", "key_hash"),
        check("hashes_whole", "length(key_hash) = 64 AND length(fingerprint) = 64"),
        # A refusal left no effect: sent again, it is looked at again.
        check("of_success", "status BETWEEN 200 AND 299"),
    )

    principal_id: str = Field(max_length=40)
    method: str = Field(max_length=10)
    route: str = Field(max_length=300)
    key_hash: str = Field(max_length=64)
    fingerprint: str = Field(max_length=64)
    status: int
    body: bytes
    etag: str | None = Field(default=None, max_length=200)
    organization_id: UUID | None = Field(
        default=None, foreign_key="organization.id", ondelete="CASCADE", index=True
    )
    """Whom the answer tells of, so that it can be forgotten when a service of theirs becomes confidential."""
    expires_at: datetime = Field(index=True)
