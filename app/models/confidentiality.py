"""Requests to make a confidential service public: asked for by one person, approved by another."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from app.models.base import Identified, check, now_utc


class UnflaggingRequest(Identified, table=True):
    """A curator asks that a service be confidential no longer. Nothing happens until a second one approves."""

    __tablename__ = "unflagging_request"
    __table_args__ = (
        check("approved_whole", "(approved_by_person IS NULL) = (approved_at IS NULL)"),
        check("two_people", "approved_by_person <> requested_by_person"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE", index=True)
    requested_by_person: UUID = Field(foreign_key="person.id")
    requested_at: datetime = Field(default_factory=now_utc)
    approved_by_person: UUID | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = None
