"""What is sent and answered about imports."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.shapes import Shape
from app.api.strict import StrictBody
from app.importing.conflicts import MEANINGS as CONFLICTS
from app.importing.listing import Difference, selected_records
from app.importing.mapping import ColumnMapping
from app.importing.tripwires import MEANINGS as TRIPWIRES
from app.models.imports import ImportBatch, ImportMapping, ImportProblem

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
SourceName = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f<>]{1,100}$")]
Tripwire = Literal["many-changes", "contact", "confidentiality", "defunct"]


class _Query(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, cache_strings="none"
    )


class FileQuery(_Query):
    """How a file is to be taken."""

    source: Annotated[
        SourceName, Field(description="Whose records these are: the name of the sheet's owner.")
    ]
    new: Annotated[
        Literal["draft", "published"],
        Field(description="What new services become when the import is applied."),
    ] = "draft"
    mapping: Annotated[
        str | None, Field(max_length=100, description="Name of a saved mapping of the sheet's columns.")
    ] = None


class PositionQuery(_Query):
    """A page of an import's records or problems."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many on a page.")] = 50
    cursor: Annotated[str | None, Field(description="`next` of the page before.")] = None


class ApplicationIn(StrictBody):
    """`digest` as the import shows it, so that what is applied is what was looked at."""

    model_config = ConfigDict(populate_by_name=False)

    digest: Digest
    only: Annotated[
        tuple[UUID, ...] | None,
        Field(
            strict=False,
            max_length=100_000,
            description="Ids of the records to apply, those in doubt included.",
        ),
    ] = None
    leave: Annotated[
        tuple[UUID, ...] | None,
        Field(strict=False, alias="except", max_length=100_000, description="Ids of records to leave out."),
    ] = None


class ApprovalIn(StrictBody):
    """`selection_digest` as the import shows it: the approval of exactly these records."""

    selection_digest: Digest


class Counts(Shape):
    """Records of the file by what would become of them; `stored` is how many the source has in the directory.

    Of `applied` ones `forgotten` are those that cannot be taken back, because the import made a service of theirs confidential.
    """

    added: int
    changed: int
    unchanged: int
    missing: int
    conflicts: int
    problems: int
    warnings: int
    stored: int
    applied: int = 0
    flagged: int = 0
    forgotten: int = 0


class TripwireOut(Shape):
    code: Tripwire
    meaning: str


class ImportOut(Shape):
    """An import, from the check of a file to its end."""

    id: UUID
    source: str
    kind: Literal["csv", "xlsx", "oruk", "json"]
    state: Literal["checked", "awaiting_second_person", "applied", "undone", "refused", "failed", "expired"]
    new: Literal["draft", "published"]
    rows: int
    counts: Counts
    digest: str
    selection_digest: Annotated[str | None, Field(description="Of what was asked to be applied.")]
    selected: Annotated[
        int | None,
        Field(description="How many records were asked to be applied; each says so in the difference."),
    ]
    needs_second_person: Annotated[
        list[TripwireOut], Field(description="Why another named person has to approve what was asked for.")
    ]
    created_at: datetime
    created_by: str
    requested_by: str | None
    approved_by: str | None
    applied_at: datetime | None
    undone_at: datetime | None
    expires_at: Annotated[
        datetime, Field(description="Until then it can be applied, or undone; then its records are deleted.")
    ]


class ImportList(Shape):
    """Imports, newest first; `next` is the cursor of the next page."""

    results: list[ImportOut]
    total: int
    next: str | None


class FieldChange(Shape):
    pointer: str
    label: str
    kind: Literal["added", "changed", "removed"]
    old: Any
    new: Any
    is_contact: bool
    is_confidentiality: bool


class ConflictOut(Shape):
    """What the directory says otherwise. The record is applied only when its id stands in `only`."""

    code: Literal["another-source", "edited-since", "other-organization", "was-archived"]
    meaning: str
    record_id: UUID
    source: str
    field: str | None
    in_file: Any
    in_directory: Any


class RecordOut(Shape):
    """An organization or service of the file that is not as it is stored, or is stored and not in the file."""

    id: UUID
    record_type: Literal["organization", "service"]
    kind: Literal["added", "changed", "missing"]
    key: str
    name: str
    organization_key: str
    record_id: UUID | None
    sheet: str | None
    row: int | None
    changes: list[FieldChange]
    conflicts: list[ConflictOut]
    needs_second_person: list[Tripwire]
    selected: Annotated[
        bool | None,
        Field(description="Whether it was asked to be applied; null while nobody has asked for anything."),
    ]
    suggestion: Annotated[
        UUID | None,
        Field(description="A stored record of the same name: say that it is this one with an import alias."),
    ]
    proposed: Annotated[
        dict[str, Any] | None, Field(description="The whole record as it would be; null where it is missing.")
    ]


class RecordList(Shape):
    """Records in the order of the file."""

    results: list[RecordOut]
    total: int
    next: str | None


class ProblemOut(Shape):
    """A fault, or (`warning`) something to look at. It never repeats what the file holds."""

    severity: Literal["problem", "warning"]
    code: str
    sheet: str | None
    row: int | None
    column: str | None
    pointer: str | None
    detail: str
    fix: str


class ProblemList(Shape):
    results: list[ProblemOut]
    total: int
    next: str | None


class MappingIn(StrictBody):
    """A mapping as `POST /v1/curation/import-mappings/guess` gives it, with what a person has put right."""

    name: SourceName
    mapping: Annotated[ColumnMapping, Field(strict=False)]


class MappingOut(Shape):
    name: str
    mapping: ColumnMapping
    saved_at: datetime
    saved_by: str


class MappingList(Shape):
    results: list[MappingOut]
    total: int
    next: None


class AliasIn(StrictBody):
    """A key of a source, and the stored record of this source that it stands for from now on."""

    source: SourceName
    record_type: Literal["organization", "service"]
    key: Annotated[str, Field(min_length=1, max_length=200)]
    record_id: Annotated[UUID, Field(strict=False)]


class AliasOut(Shape):
    source: str
    record_type: Literal["organization", "service"]
    key: str
    record_id: UUID


def import_out(row: ImportBatch) -> ImportOut:
    tripped: list[Tripwire] = json.loads(row.tripwires or "[]")
    selected = selected_records(row)
    return ImportOut(
        id=row.id,
        source=row.source,
        kind=row.kind,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        new="published" if row.publishes_new else "draft",
        rows=row.rows,
        counts=Counts(**json.loads(row.counts)),
        digest=row.digest,
        selection_digest=row.selection_digest,
        selected=None if selected is None else len(selected),
        needs_second_person=[TripwireOut(code=one, meaning=TRIPWIRES[one]) for one in tripped],
        created_at=row.created_at,
        created_by=row.created_by,
        requested_by=row.requested_by,
        approved_by=row.approved_by,
        applied_at=row.applied_at,
        undone_at=row.undone_at,
        expires_at=row.expires_at,
    )


def record_out(one: Difference) -> RecordOut:
    row = one.row
    return RecordOut(
        id=row.id,
        record_type=row.record_type,  # type: ignore[arg-type]
        kind=row.kind,  # type: ignore[arg-type]
        key=row.key,
        name=row.name,
        organization_key=row.organization_key,
        record_id=row.record_id,
        sheet=row.sheet,
        row=row.row,
        changes=[FieldChange(**change) for change in one.changes],
        conflicts=[ConflictOut(meaning=CONFLICTS[found["code"]], **found) for found in one.conflicts],
        needs_second_person=one.tripwires,  # type: ignore[arg-type]
        selected=one.is_selected,
        suggestion=row.suggestion_id,
        proposed=None if row.proposed is None else json.loads(row.proposed),
    )


def problem_out(row: ImportProblem) -> ProblemOut:
    return ProblemOut(
        severity=row.severity,  # type: ignore[arg-type]
        code=row.code,
        sheet=row.sheet,
        row=row.row,
        column=row.column_name,
        pointer=row.pointer,
        detail=row.detail,
        fix=row.fix,
    )


def mapping_out(row: ImportMapping) -> MappingOut:
    return MappingOut(
        name=row.name,
        mapping=ColumnMapping.model_validate_json(row.mapping),
        saved_at=row.created_at,
        saved_by=row.created_by,
    )
