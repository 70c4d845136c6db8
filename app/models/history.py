"""Where facts come from, what was published when, and the counters by which processes notice a change."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import ASSURANCE_STATES, SOURCE_MARKS


class Assurance(Identified, table=True):
    """Who says so, when it was confirmed, and when it has to be looked at again. `fact` names a field, or `record`."""

    __tablename__ = "assurance"
    __table_args__ = (
        one_of("state", ASSURANCE_STATES),
        one_of("mark", SOURCE_MARKS),
        check("one_owner", "(service_id IS NULL) <> (organization_id IS NULL)"),
        check("reviewed_after_confirmed", "review_by >= confirmed_on"),
        UniqueConstraint("service_id", "fact"),
        UniqueConstraint("organization_id", "fact"),
    )

    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", ondelete="CASCADE")
    fact: str = Field(default="record", max_length=60)
    state: str = Field(default="unverified", max_length=20)
    mark: str = Field(max_length=20)
    source: str = Field(max_length=500)
    source_url: str | None = Field(default=None, max_length=2000)
    confirmed_on: date | None = None
    review_by: date


class Revision(Identified, table=True):
    """A published state of a record: public facts only, as JSON, for history and roll-back."""

    __tablename__ = "revision"
    __table_args__ = (
        check("one_record", "(service_id IS NULL) <> (organization_id IS NULL)"),
        UniqueConstraint("service_id", "version"),
        UniqueConstraint("organization_id", "version"),
    )

    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", ondelete="CASCADE")
    version: int
    published_at: datetime = Field(default_factory=now_utc)
    author: str = Field(max_length=100)
    content: str


class Change(Identified, table=True):
    """One entry of the public change list. Ids are kept after the record is gone: a removal is news too."""

    __tablename__ = "change"
    __table_args__ = (
        one_of("record_type", ("service", "organization")),
        one_of("kind", ("published", "updated", "removed")),
        Index("ix_change_order", "changed_at", "id"),
    )

    changed_at: datetime = Field(default_factory=now_utc)
    record_type: str = Field(max_length=20)
    record_id: UUID
    kind: str = Field(max_length=20)


class DirectoryRevision(SQLModel, table=True):
    """One row of two counters that move in the transaction of every publishing write. Never shown to anyone.

    Each has a token that is drawn anew whenever it moves: a standby or a restored backup can reach the same number by another
    way, and what a process has in memory is not what that database holds.
    """

    __tablename__ = "directory_revision"
    __table_args__ = (check("one_row", "id = 1"),)

    id: int = Field(default=1, primary_key=True)
    catalogue: int = 0
    capacity: int = 0
    catalogue_token: str = Field(default="", max_length=32, sa_column_kwargs={"server_default": ""})
    capacity_token: str = Field(default="", max_length=32, sa_column_kwargs={"server_default": ""})
