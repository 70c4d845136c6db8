"""A file that somebody brings, from its bytes to a staged import: read apart, checked against what is stored, kept.

The bytes are in memory only. Three short transactions, none of them open while the file is read: nobody waits for a
stranger's workbook.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.acts import Act
from app.curation.record_rows import Publication, Vocabulary
from app.db import Database, take_turn, turn_of
from app.directory.confidentiality import require_unlocatable
from app.directory.loading import collector_paused, current_revision, load_areas
from app.errors import EmptyImport
from app.geo.gazetteer import Gazetteer
from app.importing.applying import has_moved
from app.importing.bounded import annotated_copy, parse_file
from app.importing.checking import CheckedFile, Progress, check_file
from app.importing.identities import load_aliases
from app.importing.mapping import ColumnMapping
from app.importing.parsed import Cell, ParsedFile, RowProblem
from app.importing.staging import ImportOptions, last_imported, same_import, stage
from app.importing.words_loading import words_from
from app.models.history import DirectoryRevision
from app.models.imports import ImportBatch
from app.models.services import Service


@dataclass(frozen=True, slots=True)
class Received:
    """`is_new` is False where the very same file was checked before and nothing has happened since."""

    batch: ImportBatch
    is_new: bool


class _FlaggedMeanwhile(Exception):
    """What was compared has what the directory has forgotten since, and would not have passed."""


@dataclass(frozen=True, slots=True)
class Reception:
    """Where files are received: the directory's database and postcodes, and whether it is a demonstration."""

    database: Database
    gazetteer: Gazetteer
    demonstration: bool
    """A demonstration takes what is invented; anywhere else somebody could be sent there."""

    def publication(self, session: Session, *, source: str, author: str, now: datetime) -> Publication:
        return Publication(
            source=source,
            author=author,
            areas=load_areas(session),
            gazetteer=self.gazetteer,
            vocabulary=Vocabulary.load(session),
            now=now,
        )

    @collector_paused()
    def receive(
        self,
        content: bytes,
        options: ImportOptions,
        *,
        mapping: ColumnMapping | None,
        act: Act,
        reading: Progress = lambda _done, _total: None,
        comparing: Progress = lambda _done, _total: None,
    ) -> Received:
        """Check a file and stage what it would change, or only its faults where there are any.

        Raises an ImportRejected for a file that cannot be read at all, and ConfidentialFact where the name of the source
        would locate a place.
        """
        require_unlocatable({"/source": options.source})
        options = replace(options, mapping="" if mapping is None else mapping.model_dump_json())
        sha256 = hashlib.sha256(content).hexdigest()
        with self.database.read() as session:
            known = _standing(session, self._fingerprint(session, options, sha256))
            if known is not None:
                return Received(known, is_new=False)
        parsed = self.read(content, mapping, reading)
        while True:
            with suppress(_FlaggedMeanwhile):
                return self._compared(parsed, options, sha256, act=act, comparing=comparing)

    def _compared(
        self, parsed: ParsedFile, options: ImportOptions, sha256: str, *, act: Act, comparing: Progress
    ) -> Received:
        """Compare and stage. Raises _FlaggedMeanwhile, with nothing staged."""
        with self.database.read() as session:
            catalogue, _ = current_revision(session)
            hidden = _confidential_services(session)
            fingerprint = self._fingerprint(session, options, sha256)
            checked = self._checked(session, parsed, options, act=act, comparing=comparing)
        with self.database.write() as session:
            # Two clicks at once are one import.
            take_turn(session, turn_of(fingerprint.encode()))
            known = _standing(session, fingerprint)
            if known is not None:
                return Received(known, is_new=False)
            batch = stage(
                session,
                parsed,
                checked,
                options=options,
                fingerprint=fingerprint,
                base_catalogue=catalogue,
                by=act.by,
                now=act.now,
            )
            # From here to the commit no service is made confidential, and nobody has long to wait for that.
            session.exec(select(DirectoryRevision).with_for_update()).one()
            if _confidential_services(session) != hidden:
                raise _FlaggedMeanwhile
            act.record(session, "import_checked", entity=("import", str(batch.id)), fields=audited(batch))
            return Received(batch, is_new=True)

    def noted(
        self, content: bytes, options: ImportOptions, *, mapping: ColumnMapping | None, act: Act
    ) -> bytes:
        """The sheet again with a column of notes: its faults, and what it would change. Nothing is kept."""
        parsed = self.read(content, mapping, lambda _done, _total: None)
        with self.database.read() as session:
            checked = self._checked(session, parsed, options, act=act)
        warnings = (*checked.warnings, *_as_notes(checked))
        return annotated_copy(content, replace(parsed, problems=tuple(checked.problems), warnings=warnings))

    def read(self, content: bytes, mapping: ColumnMapping | None, reading: Progress) -> ParsedFile:
        with self.database.read() as session:
            words = words_from(session)
        parsed = parse_file(content, words, mapping, progress=lambda rows: reading(rows, 0))
        if not parsed.submissions and not parsed.problems:
            raise EmptyImport
        return parsed

    def _checked(
        self,
        session: Session,
        parsed: ParsedFile,
        options: ImportOptions,
        *,
        act: Act,
        comparing: Progress = lambda _done, _total: None,
    ) -> CheckedFile:
        return check_file(
            session,
            parsed,
            self.publication(session, source=options.source, author=act.by.signature, now=act.now),
            publishes_new=options.publishes_new,
            last_imported=last_imported(session, options.source),
            takes_invented=self.demonstration,
            progress=comparing,
        )

    def _fingerprint(self, session: Session, options: ImportOptions, sha256: str) -> str:
        return options.fingerprint(sha256, load_aliases(session, options.source))


def _standing(session: Session, fingerprint: str) -> ImportBatch | None:
    """The import of the very same file, while it can still be applied as it was shown (or is)."""
    found = same_import(session, fingerprint)
    # An edit of a draft publishes nothing, and the file that is sent again because of it has to be compared anew.
    return None if found is None or (found.state != "applied" and has_moved(session, found)) else found


def _confidential_services(session: Session) -> frozenset[UUID]:
    """Ids: one that becomes confidential gets another, so that no flagging leaves them as they were."""
    return frozenset(session.exec(select(Service.id).where(col(Service.confidential))))


def audited(batch: ImportBatch) -> dict[str, Any]:
    """What the audit log has of an import: one event, however many records, with hashes that tell one from another."""
    return {
        "source": batch.source,
        "sha256": batch.sha256,
        "digest": batch.digest,
        "selection_digest": batch.selection_digest,
        "state": batch.state,
        "counts": batch.counts,
    }


def _as_notes(checked: CheckedFile) -> list[RowProblem]:
    """What would change, as notes beside the rows it comes from. The copy goes to whoever has the sheet already."""
    notes = []
    for one in checked.records:
        if one.cell == Cell():
            continue
        fields = ", ".join(dict.fromkeys(change.label for change in one.changes))
        said = {"added": "New.", "changed": f"Changes: {fields}."}.get(one.kind, "")
        doubts = " ".join("In doubt: see the list of differences." for _ in one.conflicts[:1])
        notes.append(RowProblem(one.kind, replace(one.cell, column=None), said, doubts))
    return notes
