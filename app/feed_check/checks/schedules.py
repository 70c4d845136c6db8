"""Checks of opening hours, as far as their parts are of the right form at all (`shapes` tells when they are not)."""

import re
from collections.abc import Iterator
from datetime import date

from app.feed_check.evidence import Evidence, at, number_of, text_of
from app.feed_check.fetching import Record
from app.feed_check.fields import TIMESPAN
from app.feed_check.findings import Check, Found

_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_MONTH_DAY = re.compile(r"[+-]?([1-9]|[12][0-9]|3[01])")


def rule_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("schedule"):
        for name, detail in _faults_of_rule(part.fields):
            yield Found(at(place, f"{part.pointer}/{name}"), detail)


def _faults_of_rule(schedule: Record) -> Iterator[tuple[str, str]]:
    days = [day.strip() for day in text_of(schedule, "byday").split(",") if day.strip()]
    read = [_DAY.fullmatch(day) for day in days]
    if not all(read):
        yield "byday", "days are MO, TU, WE, TH, FR, SA, SU with commas between"
    elif text_of(schedule, "freq") == "WEEKLY" and any(one and one[1] for one in read):
        yield "byday", "a weekly rule has no first or last Monday"
    month_days = [day.strip() for day in text_of(schedule, "bymonthday").split(",") if day.strip()]
    if not all(_MONTH_DAY.fullmatch(day) for day in month_days):
        yield "bymonthday", "days of the month are 1 to 31, or -1 to -31"
    interval = number_of(schedule, "interval")
    if interval is not None and (interval < 1 or interval != int(interval)):
        yield "interval", "an interval is a whole number from 1"


def days_without_rule(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("schedule"):
        if text_of(part.fields, "byday").strip() and "freq" not in part.fields:
            yield Found(at(place, f"{part.pointer}/freq"))


def closes_early(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("schedule"):
        opens, closes = text_of(part.fields, "opens_at"), text_of(part.fields, "closes_at")
        if TIMESPAN.fullmatch(opens) and TIMESPAN.fullmatch(closes) and _seconds(closes) <= _seconds(opens):
            yield Found(at(place, f"{part.pointer}/closes_at"))


def _seconds(time: str) -> float:
    hours, minutes, *seconds = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds[0] if seconds else 0)


def half_hours(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("schedule"):
        if ("opens_at" in part.fields) is not ("closes_at" in part.fields):
            yield Found(at(place, part.pointer))


def ends_before_start(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("schedule", "cost_option"):
        start, end = _date(part.fields, "valid_from"), _date(part.fields, "valid_to")
        if start and end and end < start:
            yield Found(at(place, f"{part.pointer}/valid_to"))


def all_over(evidence: Evidence) -> Iterator[Found]:
    today = evidence.now.date()
    for place, service in evidence.services():
        schedules = service.get("schedules")
        if text_of(service, "status") != "active" or not isinstance(schedules, list) or not schedules:
            continue
        ends = [_date(one, "valid_to") for one in schedules if isinstance(one, dict)]
        if ends and all(end is not None and end < today for end in ends):
            yield Found(at(place, "/schedules"))


def _date(record: Record, name: str) -> date | None:
    try:
        return date.fromisoformat(text_of(record, name))
    except ValueError:
        return None


CHECKS = (
    Check("recurrence-wrong", "A schedule's rule cannot be read", "error", "HSDS 3.1, schedule: byday, bymonthday and interval as in RFC 5545, section 3.3.10",
          "Write days as MO,TU,WE (with freq MONTHLY also 1MO or -1FR).", rule_wrong),
    Check("days-without-rule", "A schedule names days and no frequency", "warning", "HSDS 3.1, schedule.freq; RFC 5545: FREQ is required",
          "Say freq WEEKLY (or MONTHLY): otherwise nobody knows whether it is every week.", days_without_rule),
    Check("closes-early", "A schedule closes no later than it opens", "advice", "ORUK 3.0, schedule: 24 hours are 00:00 to 23:59; of hours past midnight it says nothing",
          "Cut hours past midnight into two rows, since many readers take the day from the row; write a whole day as 00:00:00 to 23:59:00.", closes_early),
    Check("hours-half-given", "A schedule has only one of opens_at and closes_at", "warning", "HSDS 3.1, schedule: opens_at and closes_at",
          "Give both, or neither and say the hours in description.", half_hours),
    Check("ends-before-start", "Something ends before it starts", "error", "HSDS 3.1, valid_from and valid_to",
          "Put the two dates right.", ends_before_start),
    Check("hours-all-over", "All hours of an active service are over", "warning", "HSDS 3.1, schedule.valid_to; service.status active",
          "Give the hours of now, or another status.", all_over),
)  # fmt: skip
