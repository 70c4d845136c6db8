"""What providers have reported about free places. Reports are added, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import CAPACITY_GROUPS, CAPACITY_SOURCES, CAPACITY_STATUSES, CAPACITY_UNITS


class CapacityReport(Identified, table=True):
    """One report for one unit and group of people. Past `valid_until` it says nothing: the status is `unknown`.

    The latest `observed_at` is in force. An undo is a report too: it brings back what was seen at `seen_at`, which is
    earlier than `observed_at`, and names the report that it takes back. So is one after a clock had run ahead: it comes after
    what was stored then, and was seen now.
    """

    __tablename__ = "capacity_report"
    __table_args__ = (
        one_of("unit", CAPACITY_UNITS),
        one_of("applies_to", CAPACITY_GROUPS),
        one_of("status", CAPACITY_STATUSES),
        one_of("source", CAPACITY_SOURCES),
        UniqueConstraint("service_id", "unit", "applies_to", "observed_at"),
        Index("ix_capacity_report_history", "service_id", "recorded_at", "id"),
        check("expires_after_observed", "valid_until > COALESCE(seen_at, observed_at)"),
        check("counts_not_negative", "available >= 0 AND maximum >= 0 AND waits_days >= 0"),
        check("available_within_maximum", "available <= maximum"),
        check(
            "none_left_is_not_accepting",
            "available IS NULL OR available > 0 OR status NOT IN ('accepting', 'limited')",
        ),
        check("seen_before_observed", "seen_at <= observed_at"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    unit: str = Field(max_length=20)
    applies_to: str = Field(default="anyone", max_length=10)
    status: str = Field(max_length=20)
    available: int | None = None
    maximum: int | None = None
    waits_days: int | None = None
    observed_at: datetime
    valid_until: datetime
    recorded_at: datetime = Field(default_factory=now_utc)
    source: str = Field(max_length=10)
    sequence: int = Field(default=0, index=True, sa_column_kwargs={"server_default": "0"})
    """What `announce` moved the capacity counter to, in the same transaction; 0: announced with the catalogue."""
    reported_by: str | None = Field(default=None, max_length=40)
    """Kind and public id of the key, as `Principal.signature`; None for what was seeded or imported."""
    undoes_id: UUID | None = Field(default=None, foreign_key="capacity_report.id", ondelete="CASCADE")
    """The report that this one takes back."""
    seen_at: datetime | None = None
    """When what it says was seen, if that was before `observed_at`."""

    @property
    def last_seen_at(self) -> datetime:
        return self.seen_at or self.observed_at
