"""What officers found when they rang a service. Nothing is stored of the person they rang for, nor of who rang."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.models.access import is_mac
from app.models.base import Identified, one_of
from app.models.codes import CALL_OUTCOMES


class CallOutcome(Identified, table=True):
    """What one officer found in one hour. In the next hour it is nobody's any more, and in a month it is gone.

    `caller` tells two officers apart within one hour at one service, and nothing else: the same device has another one at
    every other service and in every other hour, so that the rows of one night cannot be put together.
    """

    __tablename__ = "call_outcome"
    __table_args__ = (
        one_of("outcome", CALL_OUTCOMES),
        is_mac("caller"),
        UniqueConstraint("service_id", "hour", "caller"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    hour: datetime = Field(index=True)
    """The beginning of the hour (UTC) in which somebody rang: the minute would point at one incident."""
    outcome: str = Field(max_length=12)
    caller: str | None = Field(default=None, max_length=64)
    """Keyed hash of device, service and hour; null within an hour of its end, and before anything of a later hour is recorded."""
    dismissed: bool = False
    """Whether a curator has dealt with it. Officers go on being told for the hour."""
