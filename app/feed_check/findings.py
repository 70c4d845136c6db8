"""What a check is and what it finds: places in the feed, counted, with the first few as examples.

No value of a record is ever kept: a place is an endpoint, a page, an id and a pointer. A report may end in the public log
of somebody's build, and what it found may be the address of a refuge.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.feed_check.evidence import Evidence

Severity = Literal["danger", "error", "warning", "advice"]

SEVERITIES: dict[Severity, str] = {
    "danger": "somebody may come to harm: look at this first",
    "error": "breaks the standard or a consumer of it",
    "warning": "allowed, but people or programs will be misled",
    "advice": "would make the feed better",
}
"""In the order of the report. A danger or an error fails the check."""

EXAMPLES = 3
LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the feed. `pointer` is a JSON pointer (RFC 6901) into the record, or into the answer where there is none."""

    endpoint: str
    page: int | None = None
    record_id: str | None = None
    pointer: str | None = None
    parameter: str | None = None

    def __str__(self) -> str:
        parts = [
            self.endpoint,
            f"page {self.page}" if self.page is not None else "",
            self.record_id or "",
            self.pointer or "",
            f"parameter {self.parameter}" if self.parameter else "",
        ]
        return " · ".join(shown(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a check finds something, with a few words on what, in our words only."""

    place: Place
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule. `code` is stable, for programs; `clause` is where the rule comes from; `mend` says what to do."""

    code: str
    title: str
    severity: Severity
    clause: str
    mend: str
    find: "Callable[[Evidence], Iterable[Found]]" = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """All that one check found: how often, and the first few places."""

    check: Check
    count: int
    examples: tuple[Found, ...]


def findings_of(
    checks: Iterable[Check], evidence: "Evidence", *, ignored: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """What the checks find, gravest first.

    `ignored` holds codes, or `code:id` for one record. A danger can be ignored for a record only.
    """
    ordered = sorted(checks, key=lambda check: [*SEVERITIES].index(check.severity))
    for check in ordered:
        if check.code in ignored and check.severity != "danger":
            continue
        count = 0
        examples: list[Found] = []
        for found in check.find(evidence):
            if f"{check.code}:{found.place.record_id}" in ignored:
                continue
            count += 1
            if len(examples) < EXAMPLES:
                examples.append(found)
        if count:
            yield Finding(check, count, tuple(examples))


def shown(text: str) -> str:
    """A piece of somebody else's text as it may stand in a terminal or a page: printable, on one line, short."""
    plain = "".join(
        c if c.isprintable() and not unicodedata.category(c).startswith("C") else "\N{REPLACEMENT CHARACTER}"
        for c in text[: LONGEST_SHOWN + 1]
    )
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"
