"""What providers have reported about free places. Reports are added, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import CAPACITY_GROUPS, CAPACITY_SOURCES, CAPACITY_STATUSES, CAPACITY_UNITS


class CapacityReport(Identified, table=True):
    """One report for one unit and group of people. Past `valid_until` it says nothing: the status is `unknown`."""

    __tablename__ = "capacity_report"
    __table_args__ = (
        one_of("unit", CAPACITY_UNITS),
        one_of("applies_to", CAPACITY_GROUPS),
        one_of("status", CAPACITY_STATUSES),
        one_of("source", CAPACITY_SOURCES),
        UniqueConstraint("service_id", "unit", "applies_to", "observed_at"),
        check("expires_after_observed", "valid_until > observed_at"),
        check("counts_not_negative", "available >= 0 AND maximum >= 0 AND waits_days >= 0"),
        check("available_within_maximum", "available <= maximum"),
        check(
            "none_left_is_not_accepting",
            "available IS NULL OR available > 0 OR status NOT IN ('accepting', 'limited')",
        ),
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
