"""What is kept of an import between its check and its end, and for how long.

A file with faults leaves its list of faults behind and nothing else. What is staged has passed every check; it is deleted
when its time is over, and with its organization when a service of that becomes confidential (`curation.flagging`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import to_json
from sqlalchemy import ColumnElement, delete, exists, insert, or_, true, update
from sqlmodel import Session, SQLModel, col, select

from app.access.principals import Principal
from app.db import Database
from app.directory.confidentiality import lint_confidential
from app.directory.loading import current_revision
from app.importing.checking import CheckedFile
from app.importing.parsed import ParsedFile
from app.importing.proposing import CheckedRecord
from app.importing.stored_states import digest_of
from app.models.imports import ImportBatch, ImportProblem, ImportRecord

STAGED_LIFE = timedelta(days=14)
"""How long somebody may take to decide: a difference of last month is no longer one."""
APPLIED_LIFE = timedelta(days=90)
"""How long an import can be undone."""
EMPTIED = "{}"
"""What is proposed of a record whose content is gone."""
CLEARED_EVERY_S = 3600.0
UNDECIDED = ("checked", "awaiting_second_person", "failed", "refused")
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person asks of an import besides the file."""

    source: str
    publishes_new: bool = False
    mapping: str = ""
    """The column mapping in one form, or nothing where the columns were guessed."""

    def fingerprint(self, sha256: str, aliases: Mapping[tuple[str, str], UUID]) -> str:
        """Of everything but the directory that decides what an import is: the same again is the same import."""
        known = sorted([*key, str(row_id)] for key, row_id in aliases.items())
        return digest_of([sha256, self.source, self.publishes_new, self.mapping, known])


def same_import(session: Session, fingerprint: str) -> ImportBatch | None:
    """The import of the very same file that still stands: nothing was published since it was checked, or applied whole."""
    row = ImportBatch
    found = session.exec(
        select(row)
        .where(row.fingerprint == fingerprint)
        .order_by(col(row.created_at).desc(), col(row.id))
        .limit(1)
    ).first()
    if found is None or found.state not in ("checked", "awaiting_second_person", "applied"):
        return None
    counts = json.loads(found.counts)
    if found.state == "applied" and counts["applied"] < counts["added"] + counts["changed"]:
        # Sent again, it is about what was in doubt or left out then.
        return None
    catalogue, _ = current_revision(session)
    base = found.base_catalogue if found.state != "applied" else found.applied_catalogue
    return found if base == catalogue else None


def stage(
    session: Session,
    parsed: ParsedFile,
    checked: CheckedFile,
    *,
    options: ImportOptions,
    fingerprint: str,
    base_catalogue: int,
    by: Principal,
    now: datetime,
) -> ImportBatch:
    """Keep what was found. `base_catalogue` is the counter that stood when the records were read."""
    clear_expired(session, now=now)
    import_id = uuid4()
    records = [] if checked.problems else checked.records
    rows = list(_record_rows(import_id, records))
    batch = ImportBatch(
        id=import_id,
        source=options.source,
        kind=parsed.kind,
        sha256=parsed.sha256,
        fingerprint=fingerprint,
        digest=digest_of([fingerprint, *(_sight_of(row) for row in rows)]),
        state="refused" if checked.problems else "checked",
        publishes_new=options.publishes_new,
        rows=parsed.rows,
        counts=json.dumps(_counts(checked, records)),
        base_catalogue=base_catalogue,
        created_by=by.signature,
        created_at=now,
        expires_at=now + STAGED_LIFE,
    )
    session.add(batch)
    session.flush()
    _insert(session, ImportRecord, rows)
    _insert(session, ImportProblem, _problem_rows(import_id, checked))
    return batch


def clear(database: Database, clock: Callable[[], datetime]) -> None:
    """Do `clear_expired`, where there is something to clear: a server has nothing to write most of the time."""
    with database.read() as session:
        row = ImportBatch
        kept = ((_holds_content(), ImportRecord.import_id), (true(), ImportProblem.import_id))
        over = col(row.expires_at) <= clock()
        waits = [over & col(row.state).in_(UNDECIDED)]
        waits += [over & exists().where(of, col(of_import) == col(row.id)) for of, of_import in kept]
        if session.exec(select(row.id).where(or_(*waits)).limit(1)).first() is None:
            return
    with database.write() as session:
        clear_expired(session, now=clock())


def clear_expired(session: Session, *, now: datetime) -> None:
    """Delete what was staged and not decided in time, and what can no longer be undone; that there was an import stays.

    Of each record that was applied its digest stays too: it tells an edit since then from what the import wrote.
    """
    row = ImportBatch
    over = select(row.id).where(col(row.expires_at) <= now)
    problem, record = ImportProblem, ImportRecord
    applied = col(record.after_digest).is_not(None)
    of_record = (col(record.import_id).in_(over), _holds_content())
    for statement in (
        delete(problem).where(col(problem.import_id).in_(over)),
        update(record)
        .where(*of_record, applied)
        .values(proposed=EMPTIED, before=None, changes="[]", conflicts="[]"),
        delete(record).where(*of_record, ~applied),
    ):
        session.exec(statement.execution_options(synchronize_session=False))
    session.exec(
        update(row)
        .where(col(row.expires_at) <= now, col(row.state).in_(UNDECIDED))
        .values(state="expired")
        .execution_options(synchronize_session=False)
    )


def _holds_content() -> ColumnElement[bool]:
    """Of a record: whether there is more to it than that it was applied."""
    record = ImportRecord
    return col(record.after_digest).is_(None) | (col(record.proposed) != EMPTIED)


def last_imported(session: Session, source: str) -> dict[UUID, str]:
    """The digest of each record as the last import of this source left it."""
    row = ImportRecord
    found = session.exec(
        select(row.record_id, row.after_digest)
        .join(ImportBatch, col(row.import_id) == col(ImportBatch.id))
        .where(
            ImportBatch.source == source, ImportBatch.state == "applied", col(row.after_digest).is_not(None)
        )
        .order_by(col(ImportBatch.applied_at))
    )
    return {record_id: digest for record_id, digest in found if record_id is not None and digest is not None}


def _record_rows(import_id: UUID, records: Sequence[CheckedRecord]) -> Iterator[dict[str, Any]]:
    names = _Names()
    for position, one in enumerate(records):
        yield {
            "id": uuid4(),
            "import_id": import_id,
            "position": position,
            "record_type": one.record_type,
            "kind": one.kind,
            "key": one.key,
            "name": one.name,
            "record_id": one.record_id,
            "organization_key": one.organization_key,
            "organization_id": one.organization_id,
            "proposed": None if one.proposed is None else to_json(one.proposed).decode(),
            "base_digest": None if one.base is None else one.base.digest,
            "base_state": None if one.base is None else one.base.shown_on,
            "changes": to_json(one.changes).decode(),
            "conflicts": to_json(one.conflicts).decode(),
            "tripwires": to_json(one.tripwires).decode(),
            "suggestion_id": one.suggestion.id if one.suggestion else None,
            "sheet": names.shown(one.cell.sheet),
            "row": one.cell.row,
            "before": None,
            "after_digest": None,
        }


def _sight_of(row: Mapping[str, Any]) -> list[Any]:
    """What of a record its import's digest is of."""
    names = ("record_type", "kind", "key", "base_digest", "base_state", "proposed", "conflicts", "tripwires")
    return [row[name] for name in names]


def _counts(checked: CheckedFile, records: Iterable[CheckedRecord]) -> dict[str, int]:
    counts = dict.fromkeys(("added", "changed", "missing", "conflicts"), 0)
    for one in records:
        counts[one.kind] += 1
        counts["conflicts"] += bool(one.conflicts)
    return counts | {
        "unchanged": 0 if checked.problems else checked.unchanged,
        "problems": len(checked.problems),
        "warnings": len(checked.warnings),
        "stored": checked.stored,
    }


def _problem_rows(import_id: UUID, checked: CheckedFile) -> list[dict[str, Any]]:
    names = _Names()
    both = [*(("problem", one) for one in checked.problems), *(("warning", one) for one in checked.warnings)]
    return [
        {
            "id": uuid4(),
            "import_id": import_id,
            "position": position,
            "severity": severity,
            "code": one.code,
            "sheet": names.shown(one.cell.sheet),
            "row": one.cell.row,
            "column_name": names.shown(one.cell.column),
            "pointer": one.cell.pointer and one.cell.pointer[:300],
            "detail": one.detail[:1000],
            "fix": one.fix[:1000],
        }
        for position, (severity, one) in enumerate(both)
    ]


class _Names:
    """Names of sheets and columns, without those that lead to a place themselves: people name sheets after streets."""

    def __init__(self) -> None:
        self._seen: dict[str, str | None] = {}

    def shown(self, written: str | None) -> str | None:
        if written is None:
            return None
        if written not in self._seen:
            self._seen[written] = None if lint_confidential({"": written}) else written[:200]
        return self._seen[written]


def _insert(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        session.connection().execute(insert(table), rows[start : start + ROWS_AT_ONCE])
