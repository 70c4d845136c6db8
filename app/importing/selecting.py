"""Which records of an import are applied, by what a person has ticked: a new service only with its new organization."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.errors import FieldError, ValidationFailed
from app.importing.conflicts import CANNOT_BE_APPLIED
from app.models.imports import ImportRecord


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of an import are applied: all but those with a conflict, only these, or all but these."""

    only: tuple[UUID, ...] | None = None
    leave: tuple[UUID, ...] = ()


def chosen_of(rows: Sequence[ImportRecord], selection: Selection) -> list[ImportRecord]:
    """Raises ValidationFailed for ids that are no records of the import, for none at all, and for what an import cannot do."""
    if selection.only is not None and not selection.only:
        raise ValidationFailed("Tick at least one.", errors=(FieldError("/only", "at least one record"),))
    by_id = {row.id: row for row in rows if row.kind != "missing"}
    wrong = [
        FieldError(f"/{name}/{position}", "the id of a record that this import would add or change")
        for name, ids in (("only", selection.only or ()), ("except", selection.leave))
        for position, row_id in enumerate(ids)
        if row_id not in by_id
    ]
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))
    if selection.only is None:
        chosen = {row.id for row in by_id.values() if row.id not in selection.leave and row.conflicts == "[]"}
    else:
        chosen = set(selection.only)
    new_parties = {
        row.organization_key: row.id
        for row in by_id.values()
        if row.record_type == "organization" and row.kind == "added"
    }
    homeless = [
        row
        for row in by_id.values()
        if row.id in chosen and new_parties.get(row.organization_key, row.id) not in chosen
    ]
    impossible = [row for row in by_id.values() if row.id in chosen and cannot_be_applied(row)]
    if selection.only is not None:
        places = {row_id: position for position, row_id in enumerate(selection.only)}
        refused = [
            *(
                FieldError(f"/only/{places[row.id]}", "not without its organization")
                for row in homeless
                if row.record_type == "service"
            ),
            *(
                FieldError(f"/only/{places[row.id]}", "not a service of another organization")
                for row in impossible
            ),
        ]
        if refused:
            raise ValidationFailed(errors=tuple(refused))
    left = {row.id for row in (*homeless, *impossible)}
    applied = [row for row in by_id.values() if row.id in chosen and row.id not in left]
    if selection.leave and not applied:
        raise ValidationFailed(errors=(FieldError("/except", "not every record that could be applied"),))
    return applied


def cannot_be_applied(row: ImportRecord) -> bool:
    return any(one["code"] in CANNOT_BE_APPLIED for one in json.loads(row.conflicts))
