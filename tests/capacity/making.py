"""Services with figures of any age, for tests of what happens to figures as time goes by."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import select

from app.curation.publishing import publish
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.models.capacity import CapacityReport
from app.models.organizations import Organization
from app.models.services import Service
from tests.factories import NOW, make_publication

HOUR = timedelta(hours=1)


def published(
    database: Database, gazetteer: Gazetteer, *organizations: OrganizationSubmission
) -> Mapping[str, UUID]:
    """The ids of the organizations and of their services, by key."""
    with database.write() as session:
        publish(session, organizations, make_publication(session, gazetteer))
    with database.read() as session:
        return {
            source_id: record_id
            for kind in (Organization, Service)
            for source_id, record_id in session.exec(select(kind.source_id, kind.id)).all()
        }


def reported(
    database: Database,
    service_id: UUID,
    *,
    observed_at: datetime,
    hours: float = 12,
    unit: str = "bed_space",
    applies_to: str = "anyone",
    status: str = "accepting",
    seen_at: datetime | None = None,
) -> None:
    """A figure as it is stored, whatever its age: nobody could report one that has expired."""
    with database.write() as session:
        session.add(
            CapacityReport(
                service_id=service_id,
                unit=unit,
                applies_to=applies_to,
                status=status,
                observed_at=observed_at,
                valid_until=observed_at + hours * HOUR,
                source="key",
                seen_at=seen_at,
            )
        )


def contradiction(service_id: UUID, status: str = "full", *, now: datetime = NOW) -> CapacityReport:
    """A report as it is stored from before such a one was refused: nobody is taken, and two of four are free."""
    return CapacityReport(
        service_id=service_id,
        unit="bed_space",
        status=status,
        available=2,
        maximum=4,
        observed_at=now,
        valid_until=now + 12 * HOUR,
        source="page",
    )
