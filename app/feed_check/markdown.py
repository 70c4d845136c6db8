"""The report as a page of Markdown, for the summary of a build or a letter to a supplier."""

import re
from collections.abc import Iterator

from app.feed_check.checking import Report
from app.feed_check.findings import SEVERITIES, Finding, shown

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def as_markdown(report: Report) -> str:
    """Texts of the feed (ids, names of fields) stand in it escaped, so that they cannot change the page."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# Feed check: {_plain(report.address) or 'an address that is not read'}"
    yield ""
    yield f"{report.checked_at:%Y-%m-%d %H:%M} UTC · **{report.outcome}** · {report.requests} requests"
    yield ""
    if report.unreadable is not None:
        yield f"The feed could not be read: {_plain(str(report.unreadable))}."
        return
    if report.findings:
        yield "| severity | finding | times | code |"
        yield "|---|---|--:|---|"
        for one in report.findings:
            yield f"| {one.check.severity} | {_plain(one.check.title)} | {one.count} | [{one.check.code}](#{one.check.code}) |"
    else:
        yield "Nothing was found."
    for one in report.findings:
        yield ""
        yield from _section(one)
    yield ""
    yield "## What was read"
    yield ""
    yield from (f"* {_plain(endpoint)}: {count}" for endpoint, count in report.read.items())
    yield from (f"* not checked: {_plain(reason)}" for reason in report.not_checked)


def _section(one: Finding) -> Iterator[str]:
    check = one.check
    yield f"## {check.code}"
    yield ""
    yield f"**{_plain(check.title)}** ({check.severity}: {SEVERITIES[check.severity]}). {_plain(check.mend)}"
    yield ""
    yield f"From: {_plain(check.clause)}."
    yield ""
    for found in one.examples:
        detail = f": {_plain(found.detail)}" if found.detail else ""
        yield f"* {_plain(str(found.place))}{detail}"
    if one.count > len(one.examples):
        yield f"* and {one.count - len(one.examples)} more"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(shown(part) for part in text.split()))
