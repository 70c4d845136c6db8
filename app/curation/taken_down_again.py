"""What people said who took down what was down already. The first reason may be dealt with, and theirs not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from app.directory.stored import BATCH
from app.models.curation import TakedownAgain


def said_again(session: Session, takedown_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[TakedownAgain]]:
    """By the id of the takedown, oldest first; one that was taken down once is left out."""
    ids = list(takedown_ids)
    found: dict[UUID, list[TakedownAgain]] = defaultdict(list)
    row = TakedownAgain
    for start in range(0, len(ids), BATCH):
        of_these = col(row.takedown_id).in_(ids[start : start + BATCH])
        for one in session.exec(
            select(row).where(of_these).order_by(col(row.taken_down_at), col(row.id))
        ).all():
            found[one.takedown_id].append(one)
    return found
