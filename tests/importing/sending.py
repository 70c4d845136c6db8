"""Files of our own shape, parsed and checked and applied by people of the tests, without HTTP."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import to_json
from sqlmodel import Session, col, select

from app.access.principals import Principal
from app.curation.record_rows import Publication
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.directory.loading import current_revision
from app.geo.gazetteer import Gazetteer
from app.importing.applying import apply_import, approve_import
from app.importing.checking import CheckedFile, check_file
from app.importing.identities import load_aliases
from app.importing.parsed import ParsedFile
from app.importing.selecting import Selection
from app.importing.staging import ImportOptions, last_imported, stage
from app.importing.undoing import undo_import
from app.models.imports import ImportBatch, ImportRecord
from tests.factories import NOW, make_publication

SOURCE = "Example sheet"


def person() -> Principal:
    return Principal("curator", uuid4().hex[:12], frozenset({"import:run"}), person_id=uuid4())


def parsed_file(*submissions: OrganizationSubmission, **more: Any) -> ParsedFile:
    """As the parser of our own JSON would give it; JSON pointers are the places in it."""
    content = to_json([one.model_dump(mode="json", exclude_unset=True) for one in submissions])
    rows = sum(len(one.services) for one in submissions)
    return ParsedFile("json", hashlib.sha256(content).hexdigest(), rows, submissions, **more)


@dataclass(slots=True)
class Desk:
    """Where imports are checked and applied; the first person asks, the second approves."""

    database: Database
    gazetteer: Gazetteer
    first: Principal = field(default_factory=person)
    second: Principal = field(default_factory=person)
    now: datetime = NOW

    def check(
        self,
        parsed: ParsedFile,
        *,
        source: str = SOURCE,
        publishes_new: bool = False,
        takes_invented: bool = True,
    ) -> CheckedFile:
        with self.database.read() as session:
            return check_file(
                session,
                parsed,
                self.publication(session, source),
                publishes_new=publishes_new,
                last_imported=last_imported(session, source),
                takes_invented=takes_invented,
            )

    def publication(self, session: Session, source: str = SOURCE) -> Publication:
        return replace(
            make_publication(session, self.gazetteer, source=source, now=self.now), author="tester"
        )

    def send(
        self,
        *submissions: OrganizationSubmission,
        source: str = SOURCE,
        publishes_new: bool = False,
        **more: Any,
    ) -> ImportBatch:
        """Check and stage."""
        parsed = parsed_file(*submissions, **more)
        checked = self.check(parsed, source=source, publishes_new=publishes_new)
        options = ImportOptions(source, publishes_new)
        with self.database.write() as session:
            catalogue, _ = current_revision(session)
            aliases = load_aliases(session, source)
            return stage(
                session,
                parsed,
                checked,
                options=options,
                fingerprint=options.fingerprint(parsed.sha256, aliases),
                base_catalogue=catalogue,
                by=self.first,
                now=self.now,
            )

    def apply(
        self, batch: ImportBatch, *, only: Sequence[UUID] | None = None, leave: Sequence[UUID] = ()
    ) -> ImportBatch:
        with self.database.write() as session:
            return apply_import(
                session,
                batch.id,
                digest=batch.digest,
                selection=Selection(None if only is None else tuple(only), tuple(leave)),
                by=self.first,
                publication=self.publication(session),
            )

    def approve(self, batch: ImportBatch, by: Principal | None = None) -> ImportBatch:
        with self.database.write() as session:
            return approve_import(
                session,
                batch.id,
                digest=batch.selection_digest or "",
                by=by or self.second,
                publication=self.publication(session),
            )

    def bring_in(self, *submissions: OrganizationSubmission, **named: Any) -> ImportBatch:
        """Check, apply, and have it approved if need be."""
        batch = self.apply(self.send(*submissions, **named))
        return self.approve(batch) if batch.state == "awaiting_second_person" else batch

    def undo(self, batch: ImportBatch) -> ImportBatch:
        with self.database.write() as session:
            return undo_import(session, batch.id, by=self.first, publication=self.publication(session))

    def records(self, batch: ImportBatch) -> list[ImportRecord]:
        with self.database.read() as session:
            wanted = (
                select(ImportRecord)
                .where(ImportRecord.import_id == batch.id)
                .order_by(col(ImportRecord.position))
            )
            return list(session.exec(wanted))
