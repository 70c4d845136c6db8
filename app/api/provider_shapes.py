"""What an owner or a curator sees of capacity: exact times and counts, and what the public has of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.shapes import Capacity, CapacityStatus, ConfidentialCapacity, PublicCapacity, Shape
from app.capacity.standing import ServiceFacts, Standing, StoredFigure
from app.directory.freshness import Figure, floor_to_hour


class ReportOut(Shape):
    """A report as it was stored. `status` is what holds at this moment: past `valid_until` it is `unknown`."""

    id: UUID
    unit: str
    applies_to: str
    status: CapacityStatus
    freshness: Literal["fresh", "ageing", "unknown"]
    reported_status: CapacityStatus
    available: int | None
    maximum: int | None
    waits_days: int | None
    observed_at: datetime
    seen_at: Annotated[
        datetime,
        Field(description="When what it says was seen; earlier than `observed_at` after an undo."),
    ]
    valid_until: datetime
    recorded_at: datetime
    source: Literal["key", "page", "telephone", "import"]
    reported_by: Annotated[
        str | None, Field(description="Kind and public id of the key; null for imported reports.")
    ]
    undoes: Annotated[UUID | None, Field(description="The report that this one takes back.")]


class OwnCapacity(Shape):
    """The latest report for each unit and group. `public` is what everybody sees; null while nothing is published."""

    service_id: UUID
    figures: list[ReportOut]
    public: Capacity | None


class OwnCapacities(Shape):
    """Several services, in the order in which they were first named."""

    results: list[OwnCapacity]
    total: int
    next: None


class ReportList(Shape):
    """Reports, newest first; `next` is the cursor of the next page."""

    results: list[ReportOut]
    total: int
    next: str | None


def report_out(figure: StoredFigure, now: datetime) -> ReportOut:
    return ReportOut(
        id=figure.id,
        unit=figure.unit,
        applies_to=figure.applies_to,
        status=figure.status_at(now),  # type: ignore[arg-type]
        freshness=figure.freshness_at(now),
        reported_status=figure.status,  # type: ignore[arg-type]
        available=figure.available,
        maximum=figure.maximum,
        waits_days=figure.waits_days,
        observed_at=figure.observed_at,
        seen_at=figure.last_seen_at,
        valid_until=figure.valid_until,
        recorded_at=figure.recorded_at,
        source=figure.source,  # type: ignore[arg-type]
        reported_by=figure.reported_by,
        undoes=figure.undoes_id,
    )


def own_capacity(facts: ServiceFacts, standing: Standing, now: datetime) -> OwnCapacity:
    return OwnCapacity(
        service_id=facts.id,
        figures=[report_out(one, now) for one in standing.figures],
        public=public_capacity(facts, standing.public_figure(facts, now), now),
    )


def public_capacity(facts: ServiceFacts, figure: Figure | None, now: datetime) -> Capacity | None:
    """As `GET /v1/services/{id}/capacity` will say it, as soon as the processes have taken up what is stored."""
    if not facts.is_public:
        return None
    if facts.confidential:
        return ConfidentialCapacity(status="assess_first")
    status = figure.status_at(now) if figure else "unknown"
    return PublicCapacity(
        status=status,  # type: ignore[arg-type]
        applies_to=figure.applies_to if figure and status != "unknown" else None,  # type: ignore[arg-type]
        confirmed_at=figure.confirmed_at if figure else None,
        valid_until=floor_to_hour(figure.valid_until) if figure and status != "unknown" else None,
        freshness=figure.freshness_at(now) if figure else "unknown",
    )
