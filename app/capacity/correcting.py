"""Saying again that nothing has changed, and taking back what was said by mistake. Both are reports like any other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.capacity.lives import end_of_life, life_in_hours
from app.capacity.reporting import SMALLEST_STEP, Reporter, add_reports, seen_when
from app.directory.freshness import free_places, not_ended, public_figure
from app.errors import Conflict
from app.models.capacity import CapacityReport

UNDO_WITHIN = timedelta(minutes=10)
"""Long enough to notice a slip of the finger; later, what was said has been acted upon and a new report says more."""

_CONTENT = ("service_id", "unit", "applies_to", "status", "available", "maximum", "waits_days")


def confirm_capacity(
    session: Session, service_id: UUID, *, by: Reporter, now: datetime
) -> list[CapacityReport]:
    """Report everything in force again, as seen now: the same content, and each figure's own life from now on.

    What "full" for anyone has ended is not said again: it would be as new as the "full", and stand beside it. Neither is what
    says `unknown`, as after an undo or a restore: whoever presses "Nothing changed" means what they told before it. Expired figures
    are confirmed too: who says that nothing has changed says what holds now. Raises Conflict when nothing is left to confirm.
    The caller holds the service locked and has checked what the sender was shown.
    """
    latest = _latest(session, service_id)
    if not latest:
        raise Conflict("Nothing has been reported for this service: there is nothing to confirm.")
    said = [one for one in _not_ended(latest, now) if one.status != "unknown"]
    if not said:
        raise Conflict("What was reported is taken back or not known: say anew what holds now.")
    rows = []
    for one in said:
        observed_at = max(now, one.observed_at + SMALLEST_STEP)
        seen_at = seen_when(observed_at, now)
        # Of the report that was made, not the default of the unit: nobody promised more than that.
        life = life_in_hours(one.last_seen_at, one.valid_until)
        rows.append(
            _again(
                one,
                by=by,
                now=now,
                observed_at=observed_at,
                seen_at=None if seen_at == observed_at else seen_at,
                valid_until=end_of_life(one.unit, seen_at, seen_at + life),
            )
        )
    add_reports(session, rows)
    return rows


def _not_ended(latest: Sequence[CapacityReport], now: datetime) -> list[CapacityReport]:
    report_of = {public_figure(one, counts_public=False): one for one in latest}
    return [report_of[figure] for figure in not_ended(list(report_of), now)]


def undo_capacity(session: Session, service_id: UUID, *, by: Reporter, now: datetime) -> list[CapacityReport]:
    """Take back what `by` reported last about a service, if it is in force and was recorded within ten minutes.

    What stood before stands again, with its own content and its own end, and as old as it was: taking a mistake back
    makes nothing fresh. Where nothing stood before, or it has expired, the figure is `unknown`. All figures that were
    reported together are taken back together. Raises Conflict when there is nothing of the kind.
    """
    latest = _latest(session, service_id)
    recorded_at = max((one.recorded_at for one in latest), default=None)
    if recorded_at is None or not recorded_at <= now <= recorded_at + UNDO_WITHIN:
        raise Conflict("Nothing was reported for this service in the last ten minutes: make a new report.")
    last = [one for one in latest if one.recorded_at == recorded_at]
    if any(one.reported_by != by.signature or one.undoes_id is not None for one in last):
        raise Conflict("The last report was made by somebody else, or is itself an undo: make a new report.")
    rows = [_back(one, _before(session, one), by=by, now=now) for one in last]
    add_reports(session, rows)
    return rows


def _back(
    mistaken: CapacityReport, earlier: CapacityReport | None, *, by: Reporter, now: datetime
) -> CapacityReport:
    observed_at = max(now, mistaken.observed_at + SMALLEST_STEP)
    if earlier is not None and earlier.valid_until > now:
        return _again(
            earlier,
            by=by,
            now=now,
            observed_at=observed_at,
            valid_until=earlier.valid_until,
            seen_at=earlier.last_seen_at,
            undoes_id=mistaken.id,
        )
    return _unknown(mistaken, by=by, now=now, undoes_id=mistaken.id)


def end_figures(session: Session, *, by: Reporter, now: datetime) -> list[CapacityReport]:
    """Report every figure of every service that is in force as `unknown`: of an older copy of the database nobody knows what was
    reported after it was made, "full" among it. The next report counts as always.
    """
    row = CapacityReport
    of_figure = (col(row.service_id), col(row.unit), col(row.applies_to))
    newest = func.max(row.observed_at).label("observed_at")
    latest = select_columns(*of_figure, newest).group_by(*of_figure).subquery()
    # The newest, and of those the ones in force: the one before a figure that is over may not be over yet.
    in_force = session.exec(
        select(row)
        .join(latest, and_(*(col(getattr(row, column.key)) == column for column in latest.c)))
        .where(row.valid_until > now, row.status != "unknown")
    )
    rows = [_unknown(one, by=by, now=now) for one in in_force]
    if rows:
        add_reports(session, rows)
    return rows


def _unknown(report: CapacityReport, *, by: Reporter, now: datetime, **changed: object) -> CapacityReport:
    """That of its unit and group nothing is known from now on."""
    observed_at = max(now, report.observed_at + SMALLEST_STEP)
    nothing = dict.fromkeys(("available", "maximum", "waits_days"))
    ends_at = end_of_life(report.unit, observed_at, None)
    return _again(
        report,
        by=by,
        now=now,
        observed_at=observed_at,
        valid_until=ends_at,
        status="unknown",
        **nothing,
        **changed,
    )


def _again(report: CapacityReport, *, by: Reporter, now: datetime, **changed: object) -> CapacityReport:
    content = {name: getattr(report, name) for name in _CONTENT}
    # A report from before contradictions were refused is not said again as it was.
    content["available"] = free_places(report.status, report.available)
    made = {"recorded_at": now, "source": by.source, "reported_by": by.signature}
    return CapacityReport(**(content | made | changed))


def _latest(session: Session, service_id: UUID) -> Sequence[CapacityReport]:
    row = CapacityReport
    reports = session.exec(
        select(row)
        .where(row.service_id == service_id)
        .order_by(col(row.unit), col(row.applies_to), col(row.observed_at))
    )
    # A later one of the same unit and group replaces an earlier one.
    return list({(one.unit, one.applies_to): one for one in reports}.values())


def _before(session: Session, report: CapacityReport) -> CapacityReport | None:
    row = CapacityReport
    return session.exec(
        select(row)
        .where(
            row.service_id == report.service_id,
            row.unit == report.unit,
            row.applies_to == report.applies_to,
            col(row.observed_at) < report.observed_at,
        )
        .order_by(col(row.observed_at).desc())
        .limit(1)
    ).first()
