"""A feed checked from its address to its report."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import httpx

from app.feed_check.answers import Limits
from app.feed_check.checks import CHECKS
from app.feed_check.evidence import Evidence
from app.feed_check.failures import FeedUnreadable
from app.feed_check.fetching import open_feed
from app.feed_check.findings import SEVERITIES, Finding, Found, findings_of
from app.feed_check.gathering import Extent, Step, gather

Outcome = Literal["passed", "failed", "unreadable"]


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say about a feed. `unreadable` is set when it could not be read, and then nothing was checked."""

    address: str
    checked_at: datetime
    read: dict[str, int]
    """How many records of each list were read, and how many of them whole (`/services/{id}`)."""
    requests: int
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...] = ()
    unreadable: FeedUnreadable | None = None

    @property
    def outcome(self) -> Outcome:
        """`failed` when there is a danger or an error."""
        if self.unreadable is not None:
            return "unreadable"
        return (
            "failed" if any(one.check.severity in {"danger", "error"} for one in self.findings) else "passed"
        )

    @property
    def counts(self) -> dict[str, int]:
        """Findings, not places, by severity."""
        return {name: sum(one.check.severity == name for one in self.findings) for name in SEVERITIES}


def check_feed(
    address: str,
    *,
    extent: Extent | None = None,
    limits: Limits | None = None,
    allow_loopback: bool = False,
    ignored: Iterable[str] = (),
    step: Step | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Report:
    """Read the feed at an address and say what is wrong with it. Raises nothing: a feed that cannot be read is a report too."""
    now = datetime.now(UTC)
    requests = 0
    try:
        with open_feed(address, limits, allow_loopback=allow_loopback, transport=transport) as feed:
            try:
                evidence = gather(feed, extent or Extent(), step=step, now=now)
            finally:
                requests = feed.fetcher.requests
    except FeedUnreadable as failure:
        # Neither a log-in nor a query that somebody put into the address goes into a report.
        return Report(_told(address, failure), now, {}, requests, (), unreadable=failure)
    return report_on(evidence, ignored=ignored, requests=requests)


def report_on(evidence: Evidence, *, ignored: Iterable[str] = (), requests: int = 0) -> Report:
    """The report on what was gathered."""
    read: dict[str, int] = {}
    for one in evidence.read_lists():
        if one.pages:
            read[one.endpoint.path] = len(one.records)
            read[one.endpoint.of_one] = len(one.wholes)
    return Report(
        evidence.address, evidence.now, read, requests,
        tuple(findings_of(CHECKS, evidence, ignored=frozenset(ignored))), tuple(evidence.not_checked),
    )  # fmt: skip


def _told(address: str, failure: FeedUnreadable) -> str:
    return "" if failure.code == "address-refused" and failure.place is None else address


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs. Codes and member names are stable."""
    failure = report.unreadable
    return {
        "address": report.address,
        "checked_at": f"{report.checked_at:%Y-%m-%dT%H:%M:%SZ}",
        "outcome": report.outcome,
        "unreadable": None
        if failure is None
        else {"code": failure.code, "place": failure.place, "detail": failure.said},
        "counts": report.counts,
        "read": report.read,
        "requests": report.requests,
        "findings": [
            {
                "code": one.check.code,
                "severity": one.check.severity,
                "title": one.check.title,
                "clause": one.check.clause,
                "mend": one.check.mend,
                "count": one.count,
                "examples": [_example(found) for found in one.examples],
            }
            for one in report.findings
        ],
        "not_checked": list(report.not_checked),
    }


def _example(found: Found) -> dict[str, Any]:
    place = found.place
    return {
        "endpoint": place.endpoint,
        "page": place.page,
        "record_id": place.record_id,
        "pointer": place.pointer,
        "parameter": place.parameter,
        "detail": found.detail or None,
    }
