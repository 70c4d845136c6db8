"""What is stored of imports, for whoever decides on them: in the terminal, over the API, as a sheet."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from app.directory.sheet_cells import safe_cell
from app.importing.conflicts import MEANINGS
from app.models.imports import ImportBatch, ImportMapping, ImportProblem, ImportRecord

READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """One of the pages of a list in the order of a file: its rows are the `first` to the `last` of `total`, counted from one."""

    number: int
    pages: int
    first: int
    last: int
    total: int
    after: int
    """The position that the page goes on after."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One record of an import as a person looks at it."""

    row: ImportRecord
    changes: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    tripwires: list[str]
    is_selected: bool | None
    """Whether it is among what somebody asked to be applied; None while nobody has asked."""

    @classmethod
    def of(cls, row: ImportRecord, selected: Collection[UUID] | None) -> "Difference":
        return cls(
            row,
            from_json(row.changes),
            from_json(row.conflicts),
            from_json(row.tripwires),
            None if selected is None else row.id in selected,
        )

    @property
    def is_held(self) -> bool:
        """Whether it is left alone unless somebody names it."""
        return bool(self.conflicts)


def selected_records(batch: ImportBatch) -> frozenset[UUID] | None:
    """Ids of the records that were asked to be applied; None while nobody has asked."""
    return None if batch.selection is None else frozenset(map(UUID, from_json(batch.selection)))


def list_imports(
    session: Session, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> tuple[Sequence[ImportBatch], int]:
    """Imports, newest first, one more than `limit` where there are more; and how many there are in all."""
    row = ImportBatch
    key = tuple_(col(row.created_at), col(row.id))
    wanted = select(row).order_by(col(row.created_at).desc(), col(row.id).desc()).limit(limit + 1)
    found = session.exec(wanted if after is None else wanted.where(key < after)).all()
    return found, session.exec(select(func.count()).select_from(row)).one()


def differences(
    session: Session, import_id: UUID, *, after: int = -1, limit: int
) -> tuple[list[Difference], int]:
    """Records of an import in the order of the file, as `list_imports` pages them; `after` is a position."""
    row = ImportRecord
    found = session.exec(
        select(row)
        .where(row.import_id == import_id, row.position > after)
        .order_by(col(row.position))
        .limit(limit + 1)
    )
    total = session.exec(select(func.count()).select_from(row).where(row.import_id == import_id)).one()
    batch = session.get(ImportBatch, import_id)
    selected = None if batch is None else selected_records(batch)
    return [Difference.of(one, selected) for one in found], total


def problems_of(
    session: Session, import_id: UUID, *, after: int = -1, limit: int
) -> tuple[Sequence[ImportProblem], int]:
    """Faults of a file and what to look at, in the order of the file."""
    row = ImportProblem
    found = session.exec(
        select(row)
        .where(row.import_id == import_id, row.position > after)
        .order_by(col(row.position))
        .limit(limit + 1)
    ).all()
    return found, session.exec(select(func.count()).select_from(row).where(row.import_id == import_id)).one()


def numbered_page(
    session: Session, of: type[ImportRecord] | type[ImportProblem], import_id: UUID, *, number: int, size: int
) -> NumberedPage:
    """Where a page begins, by its number: the first one for less than 1, the last one for more than there are.

    Rows are counted and not taken by their position: of an import that can no longer be undone some are gone.
    """
    total = session.exec(select(func.count()).select_from(of).where(of.import_id == import_id)).one()
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    skipped = (number - 1) * size
    after: int | None = -1
    if skipped:
        before = select(of.position).where(of.import_id == import_id).order_by(col(of.position))
        after = session.exec(before.offset(skipped - 1).limit(1)).first()
    if after is None:
        # They were deleted since they were counted.
        return numbered_page(session, of, import_id, number=1, size=size)
    return NumberedPage(number, pages, skipped + 1, min(skipped + size, total), total, after)


def list_mappings(session: Session) -> Sequence[ImportMapping]:
    return session.exec(select(ImportMapping).order_by(col(ImportMapping.name))).all()


HEADERS = ("what", "kind", "organization", "key", "name", "field", "old", "new", "notes", "asked for")


def as_csv(session: Session, import_id: UUID) -> Iterator[bytes]:
    """The whole difference as a sheet: a line for each field, safe to open in a spreadsheet."""
    yield _line(HEADERS)
    position = -1
    while True:
        found, _ = differences(session, import_id, after=position, limit=READ_AT_ONCE)
        for one in found[:READ_AT_ONCE]:
            yield from (_line(line) for line in _lines(one))
        if len(found) <= READ_AT_ONCE:
            return
        position = found[READ_AT_ONCE - 1].row.position


def _lines(one: Difference) -> Iterator[Sequence[Any]]:
    row = one.row
    about = (row.kind, row.record_type, row.organization_key, row.key, row.name)
    notes = [
        *(_doubt(conflict) for conflict in one.conflicts),
        *(f"needs two people: {name}" for name in one.tripwires),
    ]
    fields: Sequence[Mapping[str, Any]] = one.changes or [{"label": "", "old": None, "new": None}]
    for number, change in enumerate(fields):
        yield (
            *about,
            change["label"],
            change["old"],
            change["new"],
            "; ".join(notes) if number == 0 else "",
            one.is_selected,
        )


def _doubt(conflict: Mapping[str, Any]) -> str:
    return MEANINGS[conflict["code"]]


def _line(cells: Sequence[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([safe_cell(shown(cell)) for cell in cells])
    return text.getvalue().encode()


def shown(value: Any) -> str:
    """A value of a record as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() if all(isinstance(one, str) for one in value):
            return "; ".join(value)
        case dict() if "coordinates" not in value:
            return ", ".join(
                f"{name}: {shown(one)}"
                for name, one in value.items()
                if one not in (None, [], "") and name != "key"
            )
        case _:
            return json.dumps(value, ensure_ascii=False)
