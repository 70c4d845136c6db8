"""Imports: what a file would change, staged until somebody decides, and what is needed to take it back.

Files are never kept. What is staged has passed every check that publishing makes, so nothing in it could lead to a
confidential place; it goes with the time (`expires_at`), and with the organization when a service of it is flagged.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import IMPORT_STATES


class ImportBatch(Identified, table=True):
    """One import, from the check of a file to its end. JSON columns hold lists and counts, never a value of the file."""

    __tablename__ = "import_batch"
    __table_args__ = (
        one_of("state", IMPORT_STATES),
        one_of("kind", ("csv", "xlsx", "oruk", "json")),
        check("hashes_whole", "length(sha256) = 64 AND length(fingerprint) = 64 AND length(digest) = 64"),
        check("requested_whole", "(requested_by IS NULL) = (requested_at IS NULL)"),
        check("waits_for_somebody", "state <> 'awaiting_second_person' OR requested_by IS NOT NULL"),
        check("applied_has_moment", "(state IN ('applied', 'undone')) = (applied_at IS NOT NULL)"),
        check("undone_has_moment", "(state = 'undone') = (undone_at IS NOT NULL)"),
        # What sets off a tripwire is applied by two people, whatever the code says.
        check("tripped_needs_second", "applied_at IS NULL OR tripwires IS NULL OR approved_by IS NOT NULL"),
        check("two_people", "approved_person_id <> requested_person_id"),
        check("approved_was_requested", "approved_by IS NULL OR requested_by IS NOT NULL"),
        Index("ix_import_batch_order", "created_at", "id"),
    )

    source: str = Field(max_length=100)
    """Whose records these are: the name that a curator gave to the owner of the sheet."""
    kind: str = Field(max_length=10)
    sha256: str = Field(max_length=64)
    fingerprint: str = Field(max_length=64, index=True)
    """Of the file and everything else that decides what comes out of it: the same again is the same import."""
    digest: str = Field(max_length=64)
    """Of all that is staged: what a person has seen, and what another approves."""
    state: str = Field(max_length=30)
    publishes_new: bool = False
    rows: int
    counts: str
    base_catalogue: int
    """The catalogue's counter when the difference was made."""
    created_by: str = Field(max_length=40)
    created_at: datetime = Field(default_factory=now_utc)
    expires_at: datetime = Field(index=True)
    selection: str | None = None
    """JSON: ids of the records that are applied."""
    selection_digest: str | None = Field(default=None, max_length=64)
    tripwires: str | None = None
    requested_by: str | None = Field(default=None, max_length=40)
    requested_person_id: UUID | None = None
    requested_at: datetime | None = None
    approved_by: str | None = Field(default=None, max_length=40)
    approved_person_id: UUID | None = None
    applied_at: datetime | None = None
    applied_catalogue: int | None = None
    undone_by: str | None = Field(default=None, max_length=40)
    undone_at: datetime | None = None


class ImportRecord(Identified, table=True):
    """One organization or service of an import that is not as it is stored. Deleted with the import's time."""

    __tablename__ = "import_record"
    __table_args__ = (
        one_of("record_type", ("organization", "service")),
        one_of("kind", ("added", "changed", "missing")),
        check("something_proposed", "(kind = 'missing') = (proposed IS NULL)"),
        check("new_has_no_base", "kind = 'missing' OR (kind = 'added') = (base_digest IS NULL)"),
        UniqueConstraint("import_id", "position"),
    )

    import_id: UUID = Field(foreign_key="import_batch.id", ondelete="CASCADE")
    position: int
    record_type: str = Field(max_length=20)
    kind: str = Field(max_length=10)
    key: str = Field(max_length=200)
    name: str = Field(max_length=200)
    record_id: UUID | None = Field(default=None, index=True)
    organization_key: str = Field(max_length=200)
    organization_id: UUID | None = Field(default=None, index=True)
    proposed: str | None = None
    """JSON: the record as it would be, without its services."""
    base_digest: str | None = Field(default=None, max_length=64)
    base_state: str | None = Field(default=None, max_length=20)
    changes: str
    conflicts: str
    tripwires: str
    suggestion_id: UUID | None = None
    """A stored record of the same name, for a person to say whether it is the same one."""
    sheet: str | None = Field(default=None, max_length=200)
    row: int | None = None
    before: str | None = None
    """JSON: the record as it was, once it is applied."""
    after_digest: str | None = Field(default=None, max_length=64)


class ImportProblem(Identified, table=True):
    """A fault of a file, or something to look at. Says where and what is expected, never what the file holds."""

    __tablename__ = "import_problem"
    __table_args__ = (
        one_of("severity", ("problem", "warning")),
        UniqueConstraint("import_id", "position"),
    )

    import_id: UUID = Field(foreign_key="import_batch.id", ondelete="CASCADE")
    position: int
    severity: str = Field(max_length=10)
    code: str = Field(max_length=60)
    sheet: str | None = Field(default=None, max_length=200)
    row: int | None = None
    column_name: str | None = Field(default=None, max_length=200)
    pointer: str | None = Field(default=None, max_length=300)
    detail: str = Field(max_length=1000)
    fix: str = Field(max_length=1000)


class ImportMapping(Identified, table=True):
    """Which column of somebody's sheet is which field, under a name, for the next time."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("name"),)

    name: str = Field(max_length=100)
    mapping: str
    created_by: str = Field(max_length=40)
    created_at: datetime = Field(default_factory=now_utc)


class ImportAlias(Identified, table=True):
    """A key of a source that a person has said is a record that is stored under another key."""

    __tablename__ = "import_alias"
    __table_args__ = (
        check("one_record", "(service_id IS NULL) <> (organization_id IS NULL)"),
        one_of("record_type", ("organization", "service")),
        UniqueConstraint("source", "record_type", "key"),
    )

    source: str = Field(max_length=100)
    record_type: str = Field(max_length=20)
    key: str = Field(max_length=200)
    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", ondelete="CASCADE")
    confirmed_by: str = Field(max_length=40)
    confirmed_at: datetime = Field(default_factory=now_utc)
