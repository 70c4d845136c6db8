"""Capacity in the feed: the one part of a record that changes by itself, so it is made for every answer.

That of a confidential service is a constant; the map of capacity does not know it. Counts stand in `capacities` only
where the provider publishes them and the figure is in force.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic_core import to_json

from app.directory.freshness import Figure, best_figure, not_ended, shown_time
from app.feed.oruk_terms import term_uri

HL7_STATUS = {
    "accepting": "capacity",
    "limited": "capacity",
    "assess_first": "additional-assessment-required",
    "waiting_list": "waitlist",
    "full": "no-capacity",
    "closed_temporarily": "no-capacity",
}
"""Our codes in the words of HL7's guide on social determinants of health (SDOH Clinical Care, STU 3). It has no word for
`unknown`, so nothing is said then: an old figure must not look like one that holds.
"""
CONFIDENTIAL_CAPACITY = (
    b',"x_capacity":{"status":"assess_first","hl7_status":"additional-assessment-required"}'
)
UNIT_SCHEME = "Support directory: capacity units"


def capacity_members(
    service_id: UUID, figures: Sequence[Figure], *, confidential: bool, now: datetime
) -> bytes:
    """The members that follow those that stand still: `,"x_capacity":…` and, where there are counts, `,"capacities":…`."""
    if confidential:
        return CONFIDENTIAL_CAPACITY
    ordered = sorted(not_ended(figures, now), key=lambda one: (one.unit, one.applies_to))
    found = b',"x_capacity":' + to_json(_capacity(ordered, now))
    counted = [
        _counts(service_id, one, now)
        for one in ordered
        if one.available is not None and one.status_at(now) != "unknown"
    ]
    return found + b',"capacities":' + to_json(counted) if counted else found


def _capacity(figures: Sequence[Figure], now: datetime) -> dict[str, Any]:
    best = best_figure(figures, now)
    status = "unknown" if best is None else best.status_at(now)
    shown: dict[str, Any] = {"status": status}
    if status in HL7_STATUS:
        shown["hl7_status"] = HL7_STATUS[status]
    if best is not None:
        shown |= _times(best, now)
        shown["figures"] = [
            {"unit": one.unit, "applies_to": one.applies_to, "status": one.status_at(now)}
            | _waiting(one, now)
            | _times(one, now)
            for one in figures
        ]
    return shown


def _times(one: Figure, now: datetime) -> dict[str, Any]:
    times = {"confirmed_at": shown_time(one.confirmed_at), "freshness": one.freshness_at(now)}
    # Past its time a figure says nothing but that it is old.
    return times | {"valid_until": shown_time(one.valid_until)} if one.status_at(now) != "unknown" else times


def _waiting(one: Figure, now: datetime) -> dict[str, Any]:
    is_known = one.waits_days is not None and one.status_at(now) != "unknown"
    return {"waits_days": one.waits_days} if is_known else {}


def _counts(service_id: UUID, one: Figure, now: datetime) -> dict[str, Any]:
    uri = term_uri("capacity_unit", one.unit)
    return {
        "id": uuid5(service_id, f"capacity/{one.unit}/{one.applies_to}"),
        "service_id": service_id,
        "unit": {
            "id": uuid5(NAMESPACE_URL, uri),
            "name": one.unit.replace("_", " "),
            "scheme": UNIT_SCHEME,
            "identifier": one.unit,
        },
        "available": one.available,
        **({} if one.maximum is None else {"maximum": one.maximum}),
        "updated": shown_time(one.confirmed_at),
        "x_applies_to": one.applies_to,
        "x_status": one.status_at(now),
        "x_valid_until": shown_time(one.valid_until),
    }
