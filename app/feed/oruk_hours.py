"""Opening hours as HSDS schedules: one for each stored row, so that a reader gets back exactly what there was."""

from uuid import UUID, uuid5

from app.directory.records import PublicHours, PublicSchedule
from app.directory.schedules import ScheduleRow, words
from app.feed.oruk_extensions import XSchedule

LAST_MINUTE = "23:59"
"""What the UK profile writes for the end of a day: consumers that read times as .NET's TimeSpan have no 24:00."""
ENDS_EXACTLY = ("24:00", LAST_MINUTE)


def schedules_of(
    hours: PublicHours, owner_id: UUID, *, service_id: UUID | None = None
) -> tuple[XSchedule, ...] | None:
    """Schedules in the order of the rows; None when the hours are not known."""
    found = tuple(
        _schedule(row, uuid5(owner_id, f"schedule/{number}"), service_id)
        for number, row in enumerate(hours.schedules)
    )
    return found or None


def _schedule(row: PublicSchedule, schedule_id: UUID, service_id: UUID | None) -> XSchedule:
    closes_at = row.closes_at
    return XSchedule(
        id=schedule_id,
        service_id=service_id,
        valid_from=None if row.valid_from is None else row.valid_from.isoformat(),
        valid_to=None if row.valid_to is None else row.valid_to.isoformat(),
        freq="WEEKLY" if row.byday else None,
        byday=",".join(row.byday) or None,
        description=" ".join(words((ScheduleRow(**row.model_dump()),))) or None,
        opens_at=clock(row.opens_at),
        closes_at=clock(LAST_MINUTE if closes_at == "24:00" else closes_at),
        x_kind=row.kind,
        x_closes_at=clock(closes_at) if closes_at in ENDS_EXACTLY else None,
        x_bank_holidays=row.bank_holidays,
    )


def clock(time: str | None) -> str | None:
    """`09:00` as the feed writes times."""
    return None if time is None else f"{time}:00"
