"""Telling every process that something was published: two counters, moved in the transaction of the write itself."""

import secrets

from sqlmodel import Session, col, update

from app.models.history import DirectoryRevision


def announce(session: Session, *, catalogue: bool = False, capacity: bool = False) -> int:
    """Move the counters in this transaction, so that every process takes up what it commits within two seconds.

    Gives the capacity counter. The row of the counters is locked from here to the commit, so numbers are committed in
    their order: whoever has seen one has seen all before it, which is what `take_up_reports` builds on.
    """
    row = DirectoryRevision
    moved: dict[str, object] = {}
    if catalogue:
        moved |= {"catalogue": col(row.catalogue) + 1, "catalogue_token": secrets.token_hex(16)}
    if capacity:
        moved |= {"capacity": col(row.capacity) + 1, "capacity_token": secrets.token_hex(16)}
    # What is pending is written later: a report then has its number from the start.
    with session.no_autoflush:
        number: int | None = session.exec(
            update(row).values(**moved).returning(col(row.capacity))
        ).scalar_one_or_none()
    if number is None:
        raise RuntimeError("directory_revision has no row: the database is not migrated")
    return number
