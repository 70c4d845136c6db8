"""Doing what an import has shown: whole or not at all, on exactly the records that it was shown on.

What sets off a tripwire waits for a second person, who approves the same digest that the first one asked for.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from app.access.people import require_in_force
from app.access.principals import Principal
from app.curation.flagging import flag_confidential
from app.curation.lifecycle import back_to_draft
from app.curation.publishing import publish
from app.curation.record_rows import Publication
from app.db import take_turn, turn_of
from app.directory.loading import collector_paused, current_revision
from app.directory.stored import BATCH
from app.errors import Conflict, NotFound, PreconditionFailed
from app.importing.composing import composed
from app.importing.selecting import Selection, cannot_be_applied, chosen_of
from app.importing.staging import APPLIED_LIFE
from app.importing.stored_states import StoredParty, digest_of, stored_parties
from app.importing.tripwires import of_import
from app.models.imports import ImportBatch, ImportRecord
from app.models.organizations import Organization
from app.models.services import Service

LATELY = timedelta(days=7)
"""How long what one person's imports have changed counts towards how much they may change."""


def find_import(session: Session, import_id: UUID, *, to_change: bool = False) -> ImportBatch:
    """Raises NotFound. `to_change` lets nobody else change it until the transaction ends."""
    wanted = select(ImportBatch).where(ImportBatch.id == import_id)
    found = session.exec(wanted.with_for_update() if to_change else wanted).first()
    if found is None:
        raise NotFound
    return found


def apply_import(
    session: Session,
    import_id: UUID,
    *,
    digest: str,
    selection: Selection,
    by: Principal,
    publication: Publication,
) -> ImportBatch:
    """Apply what is selected, or ask for a second person: `state` says which.

    `digest` is that of the import as it was shown. Raises NotFound, Conflict (it is not waiting to be applied),
    PreconditionFailed (it, or one of the records, is another by now, or forgotten), ValidationFailed (a selection that cannot be).
    """
    batch = find_import(session, import_id, to_change=True)
    rows = records_of(session, batch.id)
    if digest != batch.digest:
        raise PreconditionFailed
    chosen = chosen_of(rows, selection)
    wanted = _selection_digest(batch, chosen)
    if batch.state == "applied" and batch.selection_digest == wanted:
        return batch
    if batch.state not in ("checked", "failed"):
        raise Conflict(f"The import is {batch.state.replace('_', ' ')}: there is nothing to apply.")
    if publication.now >= batch.expires_at:
        raise Conflict("The import is too old: send the file again.")
    require_all_staged(batch, rows)
    changed = {row.record_id for row in chosen if row.kind == "changed"}
    changed |= _changed_lately(session, batch.source, since=publication.now - LATELY)
    stored = json.loads(batch.counts)["stored"]
    tripped = of_import((json.loads(row.tripwires) for row in chosen), changed=len(changed), of=stored)
    batch.selection = json.dumps([str(row.id) for row in chosen])
    batch.selection_digest = wanted
    batch.requested_by, batch.requested_person_id = by.signature, by.person_id
    batch.requested_at = publication.now
    session.add(batch)
    if tripped:
        batch.tripwires = json.dumps(tripped)
        batch.state = "awaiting_second_person"
        session.flush()
        return batch
    return _written(session, batch, chosen, publication)


def approve_import(
    session: Session, import_id: UUID, *, digest: str, by: Principal, publication: Publication
) -> ImportBatch:
    """Apply what another person has asked for. `digest` is that of their selection, as it is shown.

    Raises NotFound, Conflict (nobody has asked, or the same person, or one disabled since), PreconditionFailed.
    """
    batch = find_import(session, import_id, to_change=True)
    if batch.state == "applied" and batch.approved_by == by.signature and digest == batch.selection_digest:
        return batch
    if batch.state != "awaiting_second_person":
        raise Conflict("The import is not waiting for a second person.")
    if publication.now >= batch.expires_at:
        raise Conflict("The import is too old: send the file again.")
    if by.person_id is None or by.person_id == batch.requested_person_id:
        raise Conflict("Another named person than the one who asked has to approve.")
    require_in_force(
        session, batch.requested_person_id, "asked for it", "Refuse it, and send the file again."
    )
    selected = set(json.loads(batch.selection or "[]"))
    chosen = [row for row in records_of(session, batch.id) if str(row.id) in selected]
    if not digest == batch.selection_digest == _selection_digest(batch, chosen):
        raise PreconditionFailed
    batch.approved_by, batch.approved_person_id = by.signature, by.person_id
    session.add(batch)
    return _written(session, batch, chosen, publication)


def refuse_import(session: Session, import_id: UUID) -> ImportBatch:
    """It is not applied. Raises NotFound, Conflict where it is decided already."""
    batch = find_import(session, import_id, to_change=True)
    if batch.state not in ("checked", "awaiting_second_person", "failed"):
        raise Conflict(f"The import is {batch.state.replace('_', ' ')}: there is nothing to refuse.")
    batch.state = "refused"
    session.add(batch)
    session.flush()
    return batch


def mark_failed(session: Session, import_id: UUID) -> None:
    """Write down that applying went wrong. It changed nothing, and may be tried again."""
    batch = find_import(session, import_id, to_change=True)
    if batch.state == "checked":
        batch.state = "failed"
        session.add(batch)


def require_all_staged(batch: ImportBatch, rows: Sequence[ImportRecord]) -> None:
    """Raise PreconditionFailed where a flagging has forgotten part of what was staged: the difference is another by now."""
    counts = json.loads(batch.counts)
    gone = counts["added"] + counts["changed"] + counts["missing"] - len(rows)
    if gone > 0:
        raise PreconditionFailed(
            f"{gone} of the records were forgotten when a service of their organization was made confidential. Nothing was "
            "applied: send the file again and look at the difference as it is now."
        )


def applied_rows(session: Session, import_id: UUID) -> list[ImportRecord]:
    """Records of an import that say what they were before it, in their order."""
    row = ImportRecord
    written = select(row).where(row.import_id == import_id, col(row.after_digest).is_not(None))
    return list(session.exec(written.order_by(col(row.position))))


def records_of(session: Session, import_id: UUID) -> list[ImportRecord]:
    row = ImportRecord
    return list(session.exec(select(row).where(row.import_id == import_id).order_by(col(row.position))))


def _changed_lately(session: Session, source: str, *, since: datetime) -> set[UUID | None]:
    """Records that one person's imports have changed: a file that is applied in parts is as much as the whole of it."""
    row, of = ImportRecord, ImportBatch
    found = select(row.record_id).join(of, col(row.import_id) == col(of.id))
    return set(
        session.exec(
            found.where(
                of.source == source,
                of.state == "applied",
                col(of.applied_at) > since,
                col(of.tripwires).is_(None),
                row.kind == "changed",
                col(row.after_digest).is_not(None),
            )
        )
    )


def _selection_digest(batch: ImportBatch, chosen: Iterable[ImportRecord]) -> str:
    return digest_of([batch.digest, batch.publishes_new, sorted(str(row.id) for row in chosen)])


@collector_paused()
def _written(
    session: Session, batch: ImportBatch, chosen: Sequence[ImportRecord], publication: Publication
) -> ImportBatch:
    """The one place where an import changes the directory, in the caller's transaction."""
    import_id, publishes_new = batch.id, batch.publishes_new
    # Of two imports of a source that bring in the same record, there is no row yet that one could hold.
    take_turn(session, turn_of(batch.source.encode()))
    of_source = replace(publication, source=batch.source)
    keys = list(dict.fromkeys(row.organization_key for row in chosen))
    known = locked_organizations(session, batch.source, keys)
    parties = stored_parties(session, known.values())
    by_key = {key: parties[row_id] for key, row_id in known.items() if row_id in parties}
    _require_base(session, chosen, by_key, source=batch.source)

    submissions, flagged = composed(chosen, by_key, publication)
    for demonstration in (False, True):
        some = [
            one
            for one in submissions
            if (one.key in by_key and by_key[one.key].demonstration) == demonstration
        ]
        if some:
            publish(
                session,
                some,
                replace(of_source, demonstration=demonstration),
                new_state="published" if publishes_new else "draft",
            )
    session.flush()
    back_to_draft(
        session, (row.record_id for row in chosen if row.record_id and row.record_type == "service")
    )
    _note_images(session, chosen, by_key, source=batch.source)
    for service_id, host_area in flagged:
        flag_confidential(session, service_id, host_area=host_area, publication=of_source)
    # Flagging lets go of every row that the session knows.
    batch = find_import(session, import_id, to_change=True)
    catalogue, _ = current_revision(session)
    batch.state, batch.applied_at, batch.applied_catalogue = "applied", publication.now, catalogue
    batch.expires_at = publication.now + APPLIED_LIFE
    # What the import itself made confidential is forgotten by now, and is never taken back.
    forgotten = len(chosen) - len(applied_rows(session, batch.id))
    done = {"applied": len(chosen), "flagged": len(flagged), "forgotten": forgotten}
    batch.counts = json.dumps(json.loads(batch.counts) | done)
    session.add(batch)
    session.flush()
    return batch


def has_moved(session: Session, batch: ImportBatch) -> bool:
    """Whether what an import was shown on is another by now, also where the public sees nothing of it."""
    rows = [
        row for row in records_of(session, batch.id) if row.kind != "missing" and not cannot_be_applied(row)
    ]
    known = _organizations(session, batch.source, list(dict.fromkeys(row.organization_key for row in rows)))
    parties = stored_parties(session, known.values())
    by_key = {key: parties[row_id] for key, row_id in known.items()}
    return _moved(session, rows, by_key, source=batch.source) > 0


def _organizations(
    session: Session, source: str, keys: Sequence[str], *, lock: bool = False
) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for start in range(0, len(keys), BATCH):
        wanted = (
            select(Organization.source_id, Organization.id)
            .where(
                Organization.source == source, col(Organization.source_id).in_(keys[start : start + BATCH])
            )
            .order_by(col(Organization.id))
        )
        found.update(session.exec(wanted.with_for_update() if lock else wanted).all())
    return found


def locked_organizations(session: Session, source: str, keys: Sequence[str]) -> dict[str, UUID]:
    """Ids by key; nobody else changes them or their services until the transaction ends."""
    found = _organizations(session, source, keys, lock=True)
    ids = sorted(found.values())
    for start in range(0, len(ids), BATCH):
        session.exec(
            select(Service.id)
            .where(col(Service.organization_id).in_(ids[start : start + BATCH]))
            .order_by(col(Service.id))
            .with_for_update()
        ).all()
    return found


def _require_base(
    session: Session, chosen: Sequence[ImportRecord], by_key: Mapping[str, StoredParty], *, source: str
) -> None:
    """Raise PreconditionFailed where any record is not as it was when it was shown."""
    moved = _moved(session, chosen, by_key, source=source)
    if moved:
        raise PreconditionFailed(
            f"{moved} of the records have changed since the file was checked. Nothing was applied: send the file again and "
            "look at the difference as it is now."
        )


def _moved(
    session: Session, chosen: Sequence[ImportRecord], by_key: Mapping[str, StoredParty], *, source: str
) -> int:
    moved = 0
    for row in chosen:
        party = by_key.get(row.organization_key)
        if row.record_type == "organization":
            state = party.organization if party else None
        else:
            state = party.services.get(row.key) if party else None
        now = (None, None) if state is None else (state.digest, state.shown_on)
        moved += now != (row.base_digest, row.base_state)
    new = [row.key for row in chosen if row.kind == "added" and row.record_type == "service"]
    for start in range(0, len(new), BATCH):
        taken = select(Service.id).where(
            Service.source == source, col(Service.source_id).in_(new[start : start + BATCH])
        )
        moved += len(session.exec(taken).all())
    return moved


def _note_images(
    session: Session, chosen: Sequence[ImportRecord], before: Mapping[str, StoredParty], *, source: str
) -> None:
    """Keep what each record was, which id it has, and what it is now: enough to take it back, and to see later edits."""
    keys = list(dict.fromkeys(row.organization_key for row in chosen))
    known = locked_organizations(session, source, keys)
    now = stored_parties(session, known.values())
    images: list[dict[str, Any]] = []
    for row in chosen:
        party = now[known[row.organization_key]]
        is_service = row.record_type == "service"
        state = party.services[row.key] if is_service else party.organization
        old = before.get(row.organization_key)
        was = (old.services.get(row.key) if is_service else old.organization) if old else None
        images.append(
            {
                "of": row.id,
                "record_id": state.id,
                "organization_id": party.organization.id,
                "before": None if was is None else to_json(was.said).decode(),
                "after_digest": state.digest,
            }
        )
    if images:
        table = ImportRecord.__table__  # type: ignore[attr-defined]
        names = ("record_id", "organization_id", "before", "after_digest")
        statement = (
            update(table)
            .where(table.c.id == bindparam("of"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        session.connection().execute(
            statement, [{"of": one["of"]} | {f"new_{name}": one[name] for name in names} for one in images]
        )
