"""Imports that wait for a second person, as entries of the curators' queue."""

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from app.curation.queue import Asked, QueueEntry, QueuePart
from app.models.imports import ImportBatch


def waiting_imports(session: Session, asked: Asked) -> QueuePart:
    """Since one person asked to apply them; `name` is whose records they are, `about` the kind of file."""
    row = ImportBatch
    waits = (col(row.state) == "awaiting_second_person", col(row.expires_at) > asked.now)
    part = select(row).where(*waits)
    if asked.after is not None:
        part = part.where(tuple_(col(row.requested_at), col(row.id)) > asked.after)
    found = session.exec(part.order_by(col(row.requested_at), col(row.id)).limit(asked.limit))
    entries = [
        QueueEntry("import", one.id, one.requested_at, one.source, count=one.rows, about=one.kind)
        for one in found
        if one.requested_at is not None
    ]
    return QueuePart(entries, session.exec(select(func.count()).select_from(row).where(*waits)).one())
