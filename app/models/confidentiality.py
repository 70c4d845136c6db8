"""Requests to make a confidential service public: asked for by one person, approved by another."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from app.models.base import Identified, check, now_utc


class UnflaggingRequest(Identified, table=True):
    """Somebody asks that a service be confidential no longer. Nothing happens until a second person approves.

    Persons are named in words: there is no log-in yet, so the names are as good as whoever runs the command on the host.
    """

    __tablename__ = "unflagging_request"
    __table_args__ = (
        check("approved_whole", "(approved_by IS NULL) = (approved_at IS NULL)"),
        check("two_people", "lower(approved_by) <> lower(requested_by)"),
        check("people_named", "length(trim(requested_by)) > 0 AND length(trim(approved_by)) > 0"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE", index=True)
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(default_factory=now_utc)
    approved_by: str | None = Field(default=None, max_length=200)
    approved_at: datetime | None = None
