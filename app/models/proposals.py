"""What providers have proposed to change in their records. Nothing of it is public until a curator has approved it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import PROPOSAL_STATES


class Proposal(Identified, table=True):
    """Some fields of a service, as the public had them (`old`) and as the provider wants them (`new`), both as JSON.

    A provider's words, before anybody has checked them: they go with the service, and with every proposal of the
    organization when one of its services becomes confidential.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", PROPOSAL_STATES),
        check("service_version_positive", "service_version >= 1"),
        Index("ix_proposal_history", "service_id", "proposed_at", "id"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    service_version: int
    """The version of the record that `old` is from."""
    proposed_by: str = Field(max_length=40)
    proposed_at: datetime = Field(default_factory=now_utc)
    state: str = Field(default="waiting", max_length=10)
    old: str
    new: str
    note: str | None = Field(default=None, max_length=500)
