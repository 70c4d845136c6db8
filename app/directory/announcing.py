"""Telling every process that something was published: two counters, moved in the transaction of the write itself."""

from sqlmodel import Session, col, update

from app.models.history import DirectoryRevision


def announce(session: Session, *, catalogue: bool = False, capacity: bool = False) -> None:
    """Move the counters in this transaction, so that every process takes up what it commits within two seconds."""
    row = DirectoryRevision
    moved = session.exec(
        update(row).values(
            catalogue=col(row.catalogue) + int(catalogue), capacity=col(row.capacity) + int(capacity)
        )
    )
    if moved.rowcount != 1:
        raise RuntimeError("directory_revision has no row: the database is not migrated")
