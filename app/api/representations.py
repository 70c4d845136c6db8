"""One service as JSON at one moment, and when that JSON will change by itself."""

from collections.abc import Iterable
from datetime import datetime

from pydantic_core import to_json

from app.directory.freshness import RING_TO_ASK, Figure, next_capacity_change, not_ended, shown_time
from app.directory.openings import open_json
from app.directory.reviews import next_overdue_at, overdue_facts
from app.directory.snapshot import Directory, Entry
from app.search.answer import capacity_of
from app.search.query import SearchQuery

NOTHING_ASKED = SearchQuery()


def service_json(
    entry: Entry, directory: Directory, now: datetime, asked: SearchQuery = NOTHING_ASKED
) -> bytes:
    """A `ServiceOut`: the public record with capacity, opening and what of it is overdue; capacity and opening as a search shows them to
    whoever asks this (docs/search.md, sections 4 and 6).
    """
    at = asked.open_at or now
    places = capacity_of(entry, directory, max(at, now), asked.places_for, beds=asked.asks_for_beds)
    record = entry.record.model_dump_json().encode()
    return b"".join(
        (
            record[:-1],
            b',"capacity":',
            places.json,
            b',"open":',
            open_json(entry.hours.state(at)),
            b',"overdue":',
            to_json(overdue_facts(entry.record.assurance, now)),
            b"}",
        )
    )


def service_changes_at(entry: Entry, directory: Directory, now: datetime) -> datetime | None:
    """The next moment at which `service_json` changes without anybody's doing."""
    moments = [
        next_capacity_change(directory.capacity.of(entry.record.id), now),
        entry.hours.state(now).until,
        next_overdue_at(entry.record.assurance, now),
    ]
    return earliest(moments)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def capacity_detail_json(entry: Entry, directory: Directory, now: datetime) -> bytes:
    """A `CapacityOut`. A confidential service has no figures: the map of capacity does not know it."""
    if entry.record.confidential:
        return b'{"capacity":' + RING_TO_ASK.json + b',"figures":[]}'
    figures = not_ended(directory.capacity.of(entry.record.id), now)
    shown = to_json(
        [_figure(one, now) for one in sorted(figures, key=lambda one: (one.unit, one.applies_to))]
    )
    return b'{"capacity":' + capacity_of(entry, directory, now).json + b',"figures":' + shown + b"}"


def _figure(one: Figure, now: datetime) -> dict[str, object]:
    status = one.status_at(now)
    known = status != "unknown"
    return {
        "unit": one.unit,
        "applies_to": one.applies_to,
        "status": status,
        # Past its time a figure says nothing: neither how many there were, nor how long the wait was.
        "waits_days": one.waits_days if known else None,
        "available": one.available if known else None,
        "maximum": one.maximum if known else None,
        "confirmed_at": shown_time(one.confirmed_at),
        "valid_until": shown_time(one.valid_until) if known else None,
        "freshness": one.freshness_at(now),
    }
