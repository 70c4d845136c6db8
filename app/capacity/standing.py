"""What is stored of a service's capacity at this moment: the latest report for each unit and group, and its version."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, tuple_
from sqlmodel import Session, col, select

from app.directory.freshness import Figure, Freshness, best_figure, not_ended, public_figure
from app.directory.projection import is_published
from app.models.capacity import CapacityReport
from app.models.services import Service


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """A report with its exact times and counts, for its owner and for curators; `figure` is what the public has of it."""

    id: UUID
    unit: str
    applies_to: str
    status: str
    available: int | None
    maximum: int | None
    waits_days: int | None
    observed_at: datetime
    valid_until: datetime
    recorded_at: datetime
    source: str
    reported_by: str | None
    undoes_id: UUID | None
    last_seen_at: datetime
    figure: Figure

    def status_at(self, now: datetime) -> str:
        return self.figure.status_at(now)

    def freshness_at(self, now: datetime) -> Freshness:
        return self.figure.freshness_at(now)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything in force about one service, in the order of unit and group."""

    service_id: UUID
    figures: tuple[StoredFigure, ...]

    @property
    def version(self) -> str:
        """The strong entity tag of what is stored: any report of the service changes it, and nothing else does.

        Not the passing of time: who confirms an expired figure confirms what was reported, which is what they are shown.
        """
        digest = hashlib.blake2b(self.service_id.bytes, digest_size=16)
        for one in self.figures:
            digest.update(one.id.bytes)
        return f'"{digest.hexdigest()}"'

    def not_ended(self, now: datetime) -> list[StoredFigure]:
        """Those that no later "full" for anyone has ended: what somebody may act on."""
        standing = not_ended([one.figure for one in self.figures], now)
        return [one for one in self.figures if one.figure in standing]

    def public_figure(self, of: "ServiceFacts", now: datetime) -> Figure | None:
        """The one that the public sees of the service while it runs, where it is public and not confidential."""
        return best_figure([one.figure for one in self.figures], now) if of.is_running else None


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What a capacity route has to know of a service beside its figures."""

    id: UUID
    organization_id: UUID
    name: str
    confidential: bool
    is_public: bool
    is_running: bool
    """Whether it takes anybody now: of one that does not, nothing is free, whatever it told."""


def standing_of(session: Session, service_id: UUID) -> Standing:
    return standings_of(session, [service_id])[0]


def standings_of(session: Session, service_ids: Sequence[UUID]) -> list[Standing]:
    """The standing of each service, in the order asked. A service of which nothing was reported has no figures."""
    row = CapacityReport
    of_figure = (col(row.service_id), col(row.unit), col(row.applies_to))
    newest = func.max(row.observed_at).label("observed_at")
    latest = (
        select(*of_figure, newest).where(col(row.service_id).in_(service_ids)).group_by(*of_figure).subquery()
    )
    found: dict[UUID, list[StoredFigure]] = {one: [] for one in service_ids}
    for report in session.exec(
        select(row)
        .join(latest, and_(*(col(getattr(row, column.key)) == column for column in latest.c)))
        .order_by(col(row.unit), col(row.applies_to))
    ):
        found[report.service_id].append(_stored(report))
    return [Standing(one, tuple(found[one])) for one in service_ids]


@dataclass(frozen=True, slots=True)
class RecordedReport:
    """What a report said, for the audit log, which keeps keyed hashes of it."""

    service_id: UUID
    unit: str
    applies_to: str
    content: dict[str, object]


def recorded(reports: Iterable[CapacityReport]) -> list[RecordedReport]:
    names = ("id", "status", "available", "maximum", "waits_days", "observed_at", "valid_until", "undoes_id")
    return [
        RecordedReport(
            service_id=one.service_id,
            unit=one.unit,
            applies_to=one.applies_to,
            content={name: getattr(one, name) for name in names},
        )
        for one in reports
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. `position` is what the next part goes on after; None when this is the last."""

    figures: tuple[StoredFigure, ...]
    total: int
    position: tuple[datetime, UUID] | None


def history_of(
    session: Session, service_id: UUID, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> Page:
    """Every report ever made about a service, newest first by the time of recording, a part at a time."""
    row = CapacityReport
    of_service = col(row.service_id) == service_id
    key = tuple_(col(row.recorded_at), col(row.id))
    older = of_service if after is None else and_(of_service, key < after)
    found = session.exec(
        select(row).where(older).order_by(col(row.recorded_at).desc(), col(row.id).desc()).limit(limit + 1)
    ).all()
    total = session.exec(select(func.count()).select_from(row).where(of_service)).one()
    page = found[:limit]
    more = len(found) > limit
    return Page(
        figures=tuple(_stored(one) for one in page),
        total=total,
        position=(page[-1].recorded_at, page[-1].id) if more else None,
    )


def facts_of(services: Iterable[Service]) -> list[ServiceFacts]:
    return [
        ServiceFacts(
            id=one.id,
            organization_id=one.organization_id,
            name=one.name,
            confidential=one.confidential,
            is_public=is_published(one),
            is_running=one.status == "active",
        )
        for one in services
    ]


def _stored(report: CapacityReport) -> StoredFigure:
    return StoredFigure(
        id=report.id,
        unit=report.unit,
        applies_to=report.applies_to,
        status=report.status,
        available=report.available,
        maximum=report.maximum,
        waits_days=report.waits_days,
        observed_at=report.observed_at,
        valid_until=report.valid_until,
        recorded_at=report.recorded_at,
        source=report.source,
        reported_by=report.reported_by,
        undoes_id=report.undoes_id,
        last_seen_at=report.last_seen_at,
        # For an owner's eyes: the counts are theirs. What the public has of them is decided where it is loaded.
        figure=public_figure(report, counts_public=True),
    )
