"""How old each service's figures are: what is about to run out, what has run out, and who never reports.

Every figure of a published service is here, confidential ones too: this is for the operator, the curator and the
reminders, never for the public, whose own rules are in `app/directory/freshness.py`. A service that has no figure
stands in the list when it meets people somewhere (`site`, `outreach_area`): a helpline has no places to count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, col

from app.directory.freshness import CLOCK_SKEW, floor_to_hour
from app.models.capacity import CapacityReport
from app.models.organizations import Organization
from app.models.services import Service

_Columns = TypeVarTuple("_Columns")

FigureState = Literal["fresh", "ageing", "expiring", "expired", "never_reported"]

STATES: tuple[FigureState, ...] = ("expired", "expiring", "never_reported", "ageing", "fresh")
"""What needs somebody first comes first."""

NEEDING_SOMEBODY: tuple[FigureState, ...] = ("expired", "expiring", "never_reported")

LEAST_NOTICE = timedelta(minutes=30)
"""Time to see the message, look at the rooms and press a button."""
MOST_NOTICE = timedelta(hours=24)
"""A figure that lives for a week is not asked for two days early: what is confirmed too soon is not looked at."""

REACHES_WITH_PLACES = ("site", "outreach_area")


@dataclass(frozen=True, slots=True)
class Life:
    """From when what a figure says was seen until it says nothing any more."""

    seen_at: datetime
    valid_until: datetime

    @property
    def ageing_at(self) -> datetime:
        return self.seen_at + (self.valid_until - self.seen_at) / 3

    @property
    def expiring_at(self) -> datetime:
        """When a third of its life is left, but 30 minutes to 24 hours before its end; never in its first half.

        Reckoned from the hour of the report: whoever sees messages pass must not learn the minute of it.
        """
        whole = self.valid_until - floor_to_hour(self.seen_at)
        notice = min(max(whole / 3, LEAST_NOTICE), MOST_NOTICE, whole / 2)
        return self.valid_until - notice

    def state_at(self, now: datetime) -> FigureState:
        if not self.seen_at - CLOCK_SKEW <= now < self.valid_until:
            # Or not begun: it was told while a clock ran ahead, and how old it is by now nobody knows.
            return "expired"
        if now >= self.expiring_at:
            return "expiring"
        return "ageing" if now >= self.ageing_at else "fresh"


@dataclass(frozen=True, slots=True)
class ReportedFigure:
    """The latest report for one unit and group of a service; `unit` and what follows are None when there is none."""

    organization_id: UUID
    organization_name: str
    service_id: UUID
    service_name: str
    unit: str | None = None
    applies_to: str | None = None
    status: str | None = None
    life: Life | None = None

    def state_at(self, now: datetime) -> FigureState:
        """A figure that says `unknown`, as after an undo or a restore, is as good as over, however long it would hold."""
        if self.life is None:
            return "never_reported"
        return "expired" if self.status == "unknown" else self.life.state_at(now)

    def status_at(self, now: datetime) -> str:
        """Past its time it is `unknown`, here as everywhere."""
        if self.life is None or self.status is None or self.life.state_at(now) == "expired":
            return "unknown"
        return self.status


def reported_figures(session: Session, *, organization_id: UUID | None = None) -> list[ReportedFigure]:
    """Every latest figure, and every service that never reported, by organization, service, unit and group."""
    row = CapacityReport
    found: Select[*tuple[Any, ...]] = with_latest_figures(
        select(
            col(Organization.id).label("organization_id"),
            col(Organization.name).label("organization_name"),
            col(Service.id).label("service_id"),
            col(Service.name).label("service_name"),
            col(row.unit),
            col(row.applies_to),
            col(row.status),
            last_seen_at().label("seen_at"),
            col(row.valid_until),
        )
    ).where(or_(col(row.unit).is_not(None), col(Service.reach).in_(REACHES_WITH_PLACES)))
    if organization_id is not None:
        found = found.where(col(Organization.id) == organization_id)
    # Untyped: the outer join makes null what the models say is not.
    rows = session.connection().execute(found)
    figures = [
        ReportedFigure(
            organization_id=one.organization_id,
            organization_name=one.organization_name,
            service_id=one.service_id,
            service_name=one.service_name,
            unit=one.unit,
            applies_to=one.applies_to,
            status=one.status,
            life=Life(one.seen_at, one.valid_until) if one.unit else None,
        )
        for one in rows
    ]
    return sorted(figures, key=_by_name)


def with_latest_figures(columns: Select[*_Columns]) -> Select[*_Columns]:
    """`columns` of published services, their organizations, and the latest report for each unit and group, if any."""
    row = CapacityReport
    of_figure = (col(row.service_id), col(row.unit), col(row.applies_to))
    newest = func.max(row.observed_at).label("observed_at")
    latest = select(*of_figure, newest).group_by(*of_figure).subquery()
    return (
        columns.select_from(Service)
        .join(Organization, col(Service.organization_id) == col(Organization.id))
        .outerjoin(latest, latest.c.service_id == col(Service.id))
        .outerjoin(row, and_(*(col(getattr(row, column.key)) == column for column in latest.c)))
        # What is not shown to anybody need not be fresh: what does not run has no capacity.
        .where(col(Service.record_state) == "published", col(Service.status) == "active")
    )


def last_seen_at() -> ColumnElement[datetime]:
    """When what a report says was seen: an undo brings back a figure with the age that it has."""
    return func.coalesce(col(CapacityReport.seen_at), col(CapacityReport.observed_at))


def in_states(
    figures: Iterable[ReportedFigure], states: Iterable[FigureState], *, now: datetime
) -> list[ReportedFigure]:
    """Those in one of `states` at `now`, in the order of STATES; within a state the one that ends first stands first."""
    wanted = frozenset(states)
    found = [(one.state_at(now), one) for one in figures]
    kept = [(STATES.index(state), one) for state, one in found if state in wanted]
    return [one for _, one in sorted(kept, key=lambda pair: (pair[0], *_by_end(pair[1])))]


def _by_end(figure: ReportedFigure) -> tuple[float, tuple[str, ...]]:
    end = 0.0 if figure.life is None else figure.life.valid_until.timestamp()
    return end, _by_name(figure)


def _by_name(figure: ReportedFigure) -> tuple[str, ...]:
    return (
        figure.organization_name,
        str(figure.organization_id),
        figure.service_name,
        str(figure.service_id),
        figure.unit or "",
        figure.applies_to or "",
    )
