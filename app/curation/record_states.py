"""The states of a record on its way to the public, and every step between them: one table, and nothing beside it.

    draft ──send_for_approval──► awaiting_approval ──approve──► published ──pause──► paused
      ▲  ◄──────send_back──────────┘ (another person)              ◄────resume────────┘
      └──restore── archived ◄──archive── any of them

What is edited stays in its state. What awaits approval cannot be edited: what is approved is what was sent. Taking down
pauses what is published, at once and by one person, and makes a draft of what awaits approval; while it lasts, nothing makes
the record public (`taking_down`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RecordState = Literal["draft", "awaiting_approval", "published", "paused", "archived"]
Step = Literal["send_for_approval", "send_back", "approve", "pause", "resume", "archive", "restore"]


@dataclass(frozen=True, slots=True)
class Move:
    """From which states a step leads to which. `by_another`: not by the person who sent the record for approval."""

    before: frozenset[RecordState]
    after: RecordState
    by_another: bool = False

    @property
    def makes_public(self) -> bool:
        return self.after == "published"


STEPS: Mapping[Step, Move] = {
    "send_for_approval": Move(frozenset({"draft"}), "awaiting_approval"),
    "send_back": Move(frozenset({"awaiting_approval"}), "draft"),
    "approve": Move(frozenset({"awaiting_approval"}), "published", by_another=True),
    "pause": Move(frozenset({"published"}), "paused"),
    "resume": Move(frozenset({"paused"}), "published"),
    "archive": Move(frozenset({"draft", "awaiting_approval", "published", "paused"}), "archived"),
    "restore": Move(frozenset({"archived"}), "draft"),
}

EDITABLE: frozenset[RecordState] = frozenset({"draft", "published", "paused"})
KNOWN_TO_THE_PUBLIC: frozenset[RecordState] = frozenset({"published", "paused"})
"""What people ring already, or will again without anybody's approval: its contacts change with two people."""
SENT_OR_KNOWN: frozenset[RecordState] = KNOWN_TO_THE_PUBLIC | {"awaiting_approval"}
"""Of an organization's services: with one of them, its contacts change with two people. Whoever approves a service would
otherwise publish, alone, the number that they have just written beside it."""
CAN_BE_TAKEN_DOWN: frozenset[RecordState] = SENT_OR_KNOWN
"""What is public, or becomes so by one step of one person."""


def was_public(state: str, published_at: datetime | None) -> bool:
    """Whether people ring, or ever rang, what a service says.

    What was public once stays written down and known by heart: archived or a draft again, its number is still the one on
    which somebody can be asked whether another one is theirs.
    """
    return state in KNOWN_TO_THE_PUBLIC or published_at is not None


def holds_its_organization(state: str, published_at: datetime | None) -> bool:
    """Whether the contacts of a service's organization take two people for it: it is known, or may be approved any moment."""
    return state in SENT_OR_KNOWN or published_at is not None


def steps_from(state: str, *, is_taken_down: bool) -> tuple[Step, ...]:
    """What may be done with a record in this state, by somebody."""
    return tuple(
        step
        for step, move in STEPS.items()
        if state in move.before and not (is_taken_down and move.makes_public)
    )
