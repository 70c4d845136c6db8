"""Taking an applied import back: every record as it was before, unless somebody has changed it since.

One person can do it, so that a mistake is gone in minutes: what comes back was approved before. What was added is
archived, not deleted. Nothing that became confidential is made public again.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from pydantic_core import from_json
from sqlmodel import Session, col, select

from app.access.principals import Principal
from app.curation.lifecycle import back_to_draft
from app.curation.publishing import publish
from app.curation.record_rows import Publication
from app.curation.recording import record_publication
from app.curation.submissions import OrganizationSubmission
from app.errors import Conflict, FieldError
from app.importing.applying import applied_rows, find_import, locked_organizations
from app.importing.stored_states import StoredParty, StoredState, stored_parties
from app.models.imports import ImportBatch, ImportRecord
from app.models.services import Service


def undo_import(session: Session, import_id: UUID, *, by: Principal, publication: Publication) -> ImportBatch:
    """Take it back whole. Raises NotFound, and Conflict: it is not applied, what some records were has been forgotten, or
    records have been changed since, each named by its id as `/records/ID`.
    """
    batch = find_import(session, import_id, to_change=True)
    if batch.state == "undone":
        return batch
    if batch.state != "applied":
        raise Conflict(f"The import is {batch.state.replace('_', ' ')}: there is nothing to undo.")
    if publication.now >= batch.expires_at:
        raise Conflict("It is too late: what the records were before is no longer kept.")
    rows = applied_rows(session, batch.id)
    _require_all_kept(batch, rows)
    keys = list(dict.fromkeys(row.organization_key for row in rows))
    known = locked_organizations(session, batch.source, keys)
    parties = stored_parties(session, known.values())
    by_key = {key: parties[row_id] for key, row_id in known.items()}
    _require_untouched(rows, by_key, added_as="published" if batch.publishes_new else "draft")

    of_source = replace(publication, source=batch.source)
    submissions = _as_before(rows, by_key)
    for demonstration in (False, True):
        some = [one for one in submissions if by_key[one.key].demonstration == demonstration]
        if some:
            publish(session, some, replace(of_source, demonstration=demonstration), restoring=True)
    archived = [row.record_id for row in rows if row.record_type == "service" and _came_in(row)]
    for service in session.exec(select(Service).where(col(Service.id).in_(archived))):
        service.record_state = "archived"
        session.add(service)
    session.flush()
    back_to_draft(session, (row.record_id for row in rows if row.record_id and row.record_type == "service"))
    record_publication(session, sorted(known.values()), of_source)
    batch.state, batch.undone_at, batch.undone_by = "undone", publication.now, by.signature
    session.add(batch)
    session.flush()
    return batch


def _require_all_kept(batch: ImportBatch, rows: Sequence[ImportRecord]) -> None:
    """Undone in part, it would be called undone, and whatever is wrong in the rest would stand with nobody looking."""
    counts = json.loads(batch.counts)
    # Imports of earlier versions do not say how much their own flagging has forgotten.
    by_itself = counts.get("forgotten", counts["applied"] if counts["flagged"] else 0)
    gone = counts["applied"] - by_itself - len(rows)
    if gone > 0 or not rows:
        raise Conflict(
            f"Of {counts['applied']} records that the import wrote, {gone or counts['applied']} cannot be taken back: what was there "
            "before was forgotten when a service of their organization was made confidential. Nothing was undone. Look at each "
            "record of that organization and write what is right, and send a file with what is right for the others."
        )


def _came_in(row: ImportRecord) -> bool:
    """Whether a service was added, or came back from the archive."""
    return row.before is None or row.base_state == "archived"


def _state_of(row: ImportRecord, by_key: Mapping[str, StoredParty]) -> StoredState | None:
    party = by_key.get(row.organization_key)
    if party is None or row.record_type == "organization":
        return party.organization if party else None
    return party.services.get(row.key)


def _require_untouched(
    rows: Sequence[ImportRecord], by_key: Mapping[str, StoredParty], *, added_as: str
) -> None:
    touched = []
    for row in rows:
        now = _state_of(row, by_key)
        wanted = added_as if row.record_type == "service" and _came_in(row) else None
        moved = now is not None and (now.state != wanted if wanted else now.state == "archived")
        # Brought in again, what somebody has archived since would be public, whatever it was before. And of a draft that
        # has been sent, approved or seen by the public since, one person would bring back words that nobody else has read.
        if now is not None and row.base_state == "draft" and not wanted and row.record_type == "service":
            moved |= now.shown_on != "draft"
        if row.record_type == "organization" and row.base_state == "not_public":
            moved |= _is_held_by_others(row, rows, by_key)
        if now is None or now.digest != row.after_digest or moved:
            touched.append(row)
    if touched:
        raise Conflict(
            "Records have been changed since the import: taking it back would lose that. Nothing was undone.",
            errors=tuple(
                FieldError(f"/records/{row.id}", "changed since this import was applied") for row in touched
            ),
        )


def _is_held_by_others(
    organization: ImportRecord, rows: Sequence[ImportRecord], by_key: Mapping[str, StoredParty]
) -> bool:
    """Whether a service that the import did not bring in has been sent, approved or seen by the public.

    Whoever approved it has read the contacts of its organization as they are now, and no others.
    """
    party = by_key.get(organization.organization_key)
    came_in = {
        row.key for row in rows if row.organization_key == organization.organization_key and _came_in(row)
    }
    services = {} if party is None else party.services
    return any(one.holds_its_organization for key, one in services.items() if key not in came_in)


def _as_before(
    rows: Sequence[ImportRecord], by_key: Mapping[str, StoredParty]
) -> list[OrganizationSubmission]:
    """The touched organizations as they were; services that came in by the import stay as they are until they are archived."""
    of_organization: dict[str, list[ImportRecord]] = defaultdict(list)
    for row in rows:
        of_organization[row.organization_key].append(row)
    submissions = []
    for key, touched in of_organization.items():
        party = by_key[key]
        old = {(row.record_type, row.key): from_json(row.before) for row in touched if row.before is not None}
        services = {one: state.said for one, state in party.services.items() if state.state != "archived"}
        services |= {one: said for (kind, one), said in old.items() if kind == "service"}
        whole = {**old.get(("organization", key), party.organization.said), "services": [*services.values()]}
        submissions.append(OrganizationSubmission.model_validate(whole))
    return submissions
