"""Who was reminded of which figure, so that nobody is reminded twice, and where an organization wants it sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import CAPACITY_GROUPS, CAPACITY_UNITS

# Of our own housekeeping: not among the code lists that people are shown.
REMINDER_KINDS = ("expiring", "expired")
REMINDER_CHANNELS = ("mail", "log")


class Reminder(Identified, table=True):
    """One reminder of one figure. Whoever inserts the row, or takes over one that was left, sends it.

    `claim` names the attempt under way: null when the last one has failed and another may begin at `retry_at`. What
    was reported (status, counts) is not here, and neither is the address it went to.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        one_of("unit", CAPACITY_UNITS),
        one_of("applies_to", CAPACITY_GROUPS),
        one_of("kind", REMINDER_KINDS),
        one_of("channel", REMINDER_CHANNELS),
        UniqueConstraint("service_id", "unit", "applies_to", "valid_until", "kind"),
        check("sent_somewhere", "(sent_at IS NULL) = (channel IS NULL)"),
        check("counts_not_negative", "takeovers >= 0 AND failures >= 0"),
        check("claimed_or_to_retry", "(claim IS NULL) = (retry_at IS NOT NULL)"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    unit: str = Field(max_length=20)
    applies_to: str = Field(max_length=10)
    valid_until: datetime
    kind: str = Field(max_length=10)
    claim: UUID | None
    claimed_at: datetime
    takeovers: int = 0
    failures: int = 0
    retry_at: datetime | None = None
    sent_at: datetime | None = None
    channel: str | None = Field(default=None, max_length=4)


class ReminderAddress(SQLModel, table=True):
    """The role mailbox an organization has chosen for reminders, instead of the one it publishes."""

    __tablename__ = "reminder_address"

    organization_id: UUID = Field(primary_key=True, foreign_key="organization.id", ondelete="CASCADE")
    email: str = Field(max_length=254)
    chosen_at: datetime = Field(default_factory=now_utc)
