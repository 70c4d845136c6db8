"""What officers found in this hour when they rang: for other officers, who would ring in vain. In the next hour it is news
of the past, and nobody is told.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.directory.freshness import floor_to_hour
from app.models.calls import CallOutcome

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORDS = {
    "helped": ("{} was helped this hour", "{} were helped this hour"),
    "full": ("{} found it full this hour", "{} found it full this hour"),
    "no_answer": ("{} got no answer this hour", "{} got no answer this hour"),
    "wrong_number": ("{} found the number wrong this hour", "{} found the number wrong this hour"),
}
"""One officer, and several, by outcome."""


@dataclass(frozen=True, slots=True)
class CallTally:
    """How many officers found what, each counted once, with what they found last."""

    helped: int = 0
    full: int = 0
    no_answer: int = 0
    wrong_number: int = 0

    def in_words(self) -> list[str]:
        found = []
        for outcome, (one, several) in _WORDS.items():
            count: int = getattr(self, outcome)
            if count:
                number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
                found.append((one if count == 1 else several).format(_officers(number, count)))
        return found


def _officers(number: str, count: int) -> str:
    return f"{number} officer{'s' * (count != 1)}"


def tallies_of_this_hour(
    session: Session, service_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, CallTally]:
    """By service; one that nobody has rung in this hour (UTC) is left out."""
    row = CallOutcome
    counted = (
        select(row.service_id, row.outcome, func.count())
        .where(col(row.service_id).in_(service_ids), row.hour == floor_to_hour(now))
        .group_by(col(row.service_id), col(row.outcome))
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    for service_id, outcome, count in session.exec(counted):
        counts[service_id][outcome] = count
    return {service_id: CallTally(**found) for service_id, found in counts.items()}
