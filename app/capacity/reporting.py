"""Recording capacity reports: added, never changed, and seen by every process within two seconds of the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, func, select

from app.capacity.lives import end_of_life
from app.directory.announcing import announce
from app.directory.freshness import CLOCK_SKEW, NO_PLACE
from app.directory.instants import Instant
from app.errors import FieldError, NotFound, StaleObservation, ValidationFailed
from app.models.capacity import CapacityReport
from app.models.services import Service

OLDEST_REPORT = timedelta(days=7)
SMALLEST_STEP = timedelta(microseconds=1)
PLACES_THAT_NOBODY_GETS = (
    "0, or not said, with a status by which nobody is taken: if places are free, send another status"
)
NO_PLACES_TO_TAKE = "with none available, neither accepting nor limited"
"""The two ways in which a status and a number contradict each other: officers would see "full" beside "2 free"."""

Source = Literal["key", "page", "telephone", "import"]
Unit = Literal["bed_space", "household_unit", "caseworker_place", "appointment", "class_place", "call_line"]
Group = Literal["anyone", "women", "men", "families", "children"]
Status = Literal[
    "accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown"
]
Count = Annotated[int, Field(ge=0, le=10_000, strict=True)]


def _never_null(schema: dict[str, Any]) -> None:
    """A member may be left out, but is never null: the schema that is published says so."""
    for part in schema["properties"].values():
        options = [one for one in part.get("anyOf", ()) if one != {"type": "null"}]
        if len(options) == 1:
            del part["anyOf"]
            part.update(options[0])
        if "default" in part and part["default"] is None:
            del part["default"]


class CapacityClaim(BaseModel):
    """A whole report for one unit and one group of people: what it leaves out is not known, whatever was said before.

    `observed_at` is when somebody looked (now, if left out); `valid_until` is how long it may be believed (by unit, if
    left out: beds 12 hours, helplines 24 hours, places with a worker and appointments 7 days, class places 30 days), and
    is floored to the whole hour. `available` is 0 or left out with `full`, `waiting_list` and `closed_temporarily`, and more
    than 0 or left out with `accepting` and `limited`.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        cache_strings="none",
        json_schema_extra=_never_null,
    )

    unit: Unit
    applies_to: Group = "anyone"
    status: Status
    available: Count | None = None
    maximum: Count | None = None
    waits_days: Annotated[int, Field(ge=0, le=3650, strict=True)] | None = None
    observed_at: Instant | None = None
    valid_until: Instant | None = None


class CapacitySubmission(CapacityClaim):
    """A report with its times and the way it came in, which the way in says and never the sender."""

    observed_at: Instant
    valid_until: Instant
    source: Source


@dataclass(frozen=True, slots=True)
class Reporter:
    """By which way a report came in, and whose key it was."""

    source: Source
    signature: str | None = None


def record_capacity(
    session: Session, service_id: UUID, report: CapacitySubmission, *, now: datetime
) -> CapacityReport:
    """Add a report. Raises NotFound, ValidationFailed (counts, times) or StaleObservation.

    `now` is this machine's clock: what was observed in its future, or more than a week ago, is refused.
    """
    if session.get(Service, service_id) is None:
        raise NotFound
    return report_capacity(session, service_id, report, by=Reporter(report.source), now=now)


def report_capacity(
    session: Session, service_id: UUID, claim: CapacityClaim, *, by: Reporter, now: datetime
) -> CapacityReport:
    """Add a report about a service that exists and that the caller holds locked. Raises as `record_capacity`."""
    return report_together(session, [(service_id, claim)], by=by, now=now, at=("",))[0]


def report_together(
    session: Session,
    claims: Sequence[tuple[UUID, CapacityClaim]],
    *,
    by: Reporter,
    now: datetime,
    at: Sequence[str],
) -> list[CapacityReport]:
    """Add several reports, or none. `at` has the JSON pointer of each claim, which errors name.

    Raises ValidationFailed where any claim cannot be, otherwise StaleObservation where any is not newer than what is
    stored, each with every field that is wrong.
    """
    latest = {
        key: _latest_observed_at(session, *key)
        for key in {(service_id, claim.unit) for service_id, claim in claims}
    }
    wrong: list[FieldError] = []
    stale: list[FieldError] = []
    rows: list[CapacityReport] = []
    seen: set[tuple[UUID, str, str]] = set()
    for pointer, (service_id, claim) in zip(at, claims, strict=True):
        key = (service_id, claim.unit, claim.applies_to)
        if key in seen:
            wrong.append(FieldError(pointer, "another report here is for the same service, unit and group"))
            continue
        seen.add(key)
        of_unit = latest[service_id, claim.unit]
        before = of_unit.get(claim.applies_to)
        if claim.observed_at is None:
            # After the figures for other groups too: "full" for anyone ends those that were seen before it. But for what a server
            # stored whose clock was hours ahead: a figure that is to end before that could not be told at all.
            earlier = [
                one for group, one in of_unit.items() if group == claim.applies_to or one <= now + CLOCK_SKEW
            ]
            observed_at = _moment_after(max(earlier, default=None), now)
        else:
            observed_at = claim.observed_at
        seen_at = seen_when(observed_at, now)
        errors = list(_errors(claim, seen_at, now))
        if errors:
            wrong += [FieldError(pointer + one.pointer, one.detail) for one in errors]
        elif before is not None and observed_at <= before:
            stale.append(FieldError(f"{pointer}/observed_at", "later than that of the report in force"))
        else:
            valid_until = end_of_life(claim.unit, seen_at, claim.valid_until)
            rows.append(_row(service_id, claim, observed_at, valid_until, by=by, now=now))
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))
    if stale:
        raise StaleObservation(errors=tuple(stale))
    add_reports(session, rows)
    return rows


def add_reports(session: Session, rows: Sequence[CapacityReport]) -> None:
    """Store the rows, and let every process know."""
    session.add_all(rows)
    number = announce(session, capacity=True)
    for row in rows:
        row.sequence = number


def _row(
    service_id: UUID,
    claim: CapacityClaim,
    observed_at: datetime,
    valid_until: datetime,
    *,
    by: Reporter,
    now: datetime,
) -> CapacityReport:
    return CapacityReport(
        service_id=service_id,
        **claim.model_dump(include={"unit", "applies_to", "status", "available", "maximum", "waits_days"}),
        observed_at=observed_at,
        seen_at=now if seen_when(observed_at, now) != observed_at else None,
        valid_until=valid_until,
        recorded_at=now,
        source=by.source,
        reported_by=by.signature,
    )


def seen_when(observed_at: datetime, now: datetime) -> datetime:
    """When somebody looked of whom a report with this place in the order is: now, where that lies in the future, after what a server
    stored whose clock had run ahead. A life from then on would be longer than anybody said, by as much.
    """
    return now if observed_at > now + CLOCK_SKEW else observed_at


def _moment_after(latest: datetime | None, now: datetime) -> datetime:
    """When a report that does not say was made: now, and after what is stored, whose sender's clock may run ahead."""
    return now if latest is None else max(now, latest + SMALLEST_STEP)


def _latest_observed_at(session: Session, service_id: UUID, unit: str) -> dict[str, datetime]:
    """By group."""
    row = CapacityReport
    found = session.exec(
        select(row.applies_to, func.max(row.observed_at))
        .where(row.service_id == service_id, row.unit == unit)
        .group_by(col(row.applies_to))
    )
    return dict(found.all())


def _errors(claim: CapacityClaim, seen_at: datetime, now: datetime) -> list[FieldError]:
    wrong: list[FieldError] = []
    if claim.observed_at is not None and not now - OLDEST_REPORT <= claim.observed_at <= now + CLOCK_SKEW:
        wrong.append(FieldError("/observed_at", "within the last seven days, and not in the future"))
    else:
        try:
            end_of_life(claim.unit, seen_at, claim.valid_until)
        except ValueError as failure:
            wrong.append(FieldError("/valid_until", str(failure)))
    if claim.available is not None and claim.maximum is not None and claim.available > claim.maximum:
        wrong.append(FieldError("/available", "at most maximum"))
    if 0 in (claim.available, claim.maximum) and claim.status in ("accepting", "limited"):
        wrong.append(FieldError("/status", NO_PLACES_TO_TAKE))
    if claim.available and claim.status in NO_PLACE:
        wrong.append(FieldError("/available", PLACES_THAT_NOBODY_GETS))
    return wrong
