"""Bringing stored rows to a wanted state, touching only what differs: loading the same thing twice changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, select

from app.directory.stored import BATCH, RECORD_TABLES, RowSet


def replace_rows(session: Session, existing: RowSet, wanted: RowSet) -> None:
    """Add, update and delete rows of every table of a record until `existing` is `wanted`."""
    for kind in reversed(RECORD_TABLES):
        kept = {_key(row) for row in wanted.of(kind)}
        stale = [row for row in existing.of(kind) if _key(row) not in kept]
        for row in stale:
            session.delete(row)
        if stale:
            session.flush()
    for kind in RECORD_TABLES:
        _add_or_update(session, existing.of(kind), wanted.of(kind))


def keep_rows(session: Session, wanted: Sequence[SQLModel]) -> bool:
    """Add or update rows of one table by their primary key, and delete none; whether anything had to be done."""
    changed = False
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        (key,) = inspect(type(batch[0])).primary_key
        stored = session.exec(select(type(batch[0])).where(key.in_([_key(row) for row in batch]))).all()
        changed |= _add_or_update(session, stored, batch)
    return changed


def _add_or_update(session: Session, existing: Sequence[SQLModel], wanted: Sequence[SQLModel]) -> bool:
    stored_by_key = {_key(row): row for row in existing}
    changed = False
    for row in wanted:
        stored = stored_by_key.get(_key(row))
        if stored is None:
            session.add(row)
            changed = True
        elif stored is not row:
            changed |= _update(stored, row)
    if changed:
        session.flush()
    return changed


def _key(row: SQLModel) -> Any:
    (key,) = inspect(type(row)).primary_key
    return getattr(row, key.name)


def _update(stored: SQLModel, wanted: SQLModel) -> bool:
    differing = {
        name: getattr(wanted, name)
        for name in type(wanted).model_fields
        if getattr(stored, name) != getattr(wanted, name)
    }
    for name, value in differing.items():
        setattr(stored, name, value)
    return bool(differing)
