"""Recording a capacity report: added, never changed, and seen by every process within two seconds of the commit."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from app.directory.announcing import announce
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.models.capacity import CapacityReport
from app.models.services import Service

OLDEST_REPORT = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=2)
"""How far the clocks of a provider's system and ours may differ before a figure would look fresher than it is."""


class CapacitySubmission(BaseModel):
    """A capacity report. `observed_at` and `valid_until` are instants with an offset (RFC 3339)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    unit: Literal[
        "bed_space", "household_unit", "caseworker_place", "appointment", "class_place", "call_line"
    ]
    applies_to: Literal["anyone", "women", "men", "families", "children"] = "anyone"
    status: Literal[
        "accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown"
    ]
    available: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None
    maximum: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None
    waits_days: Annotated[int, Field(ge=0, le=3650, strict=True)] | None = None
    observed_at: AwareDatetime
    valid_until: AwareDatetime
    source: Literal["key", "page", "telephone", "import"]


def record_capacity(
    session: Session, service_id: UUID, report: CapacitySubmission, *, now: datetime
) -> CapacityReport:
    """Add a report. Raises NotFound, ValidationFailed (counts, times) or Conflict (not newer than what is stored).

    `now` is this machine's clock: what was observed in its future, or more than a week ago, is refused.
    """
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound
    _check(report, now)
    latest = session.exec(
        select(CapacityReport.observed_at)
        .where(
            CapacityReport.service_id == service_id,
            CapacityReport.unit == report.unit,
            CapacityReport.applies_to == report.applies_to,
        )
        .order_by(col(CapacityReport.observed_at).desc())
        .limit(1)
    ).first()
    if latest is not None and latest >= report.observed_at:
        raise Conflict("A report as new as this one, or newer, is stored already.")
    row = CapacityReport(service_id=service_id, recorded_at=now, **report.model_dump())
    session.add(row)
    row.sequence = announce(session, capacity=True)
    return row


def _check(report: CapacitySubmission, now: datetime) -> None:
    wrong: list[FieldError] = []
    if not now - OLDEST_REPORT <= report.observed_at <= now + CLOCK_SKEW:
        wrong.append(FieldError("/observed_at", "within the last seven days, and not in the future"))
    if report.valid_until <= report.observed_at:
        wrong.append(FieldError("/valid_until", "later than observed_at"))
    if report.available is not None and report.maximum is not None and report.available > report.maximum:
        wrong.append(FieldError("/available", "at most maximum"))
    if report.available == 0 and report.status in ("accepting", "limited"):
        wrong.append(FieldError("/status", "with none available, neither accepting nor limited"))
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))
