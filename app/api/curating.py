"""What the routes of curators share: who they are for, what a change is published with, and one write about one record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, caller
from app.api.conditional import require_named_match
from app.api.state import moment_of
from app.api.writing import (
    IDEMPOTENCY_HEADER,
    IF_MATCH_HEADER,
    MATCH_PROBLEMS,
    RECORD_PROBLEMS,
    Change,
    Done,
    Write,
    required,
)
from app.curation.curated import Curated, CuratedService
from app.curation.record_diff import FieldDifference
from app.curation.record_rows import Publication, Vocabulary
from app.errors import ConfidentialFact, PreconditionRequired, Problem

Publisher = Annotated[Principal, caller("directory:publish")]
Reviewer = Annotated[Principal, caller("proposals:review")]
Curator = Annotated[Principal, caller("directory:publish", "proposals:review")]

EDIT_PROBLEMS: tuple[type[Problem], ...] = (
    *CALLER_PROBLEMS, *RECORD_PROBLEMS, *MATCH_PROBLEMS, PreconditionRequired, ConfidentialFact,
)  # fmt: skip
"""What every change of a record that was read before may answer."""
EDIT_HEADERS: list[dict[str, Any]] = [required(IF_MATCH_HEADER), IDEMPOTENCY_HEADER]


def publication_for(
    request: Request, session: Session, by: Principal, *, source: str = "curation"
) -> Publication:
    """What is published with: the areas and postcodes in use, and who says so."""
    catalogue = moment_of(request).directory.catalogue
    return Publication(
        source=source,
        author=by.signature,
        areas=catalogue.areas,
        gazetteer=catalogue.gazetteer,
        vocabulary=Vocabulary.load(session),
        now=request.app.state.clock(),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit came to, for the answer and the audit log. `fields`: name → new value, of which only hashes are kept."""

    answer: BaseModel
    etag: str | None
    fields: dict[str, object]
    status: int = 200


def edit_once(
    write: Write, record: Curated, action: str, act: Callable[[], Outcome], *, version: str | None = None
) -> Response:
    """Edit a record that has been found and locked, once, on the version that the sender was shown.

    `version` is what If-Match is compared with, the record's own when left out.
    """
    is_service = isinstance(record, CuratedService)

    def done() -> Done:
        require_named_match(write.condition, record.version if version is None else version)
        organization_id: UUID = record.of.organization.id
        outcome = act()
        change = Change(
            action=action,
            entity_type="service" if is_service else "organization",
            entity_id=record.id,
            organization_id=organization_id,
            fields=outcome.fields,
        )
        return Done((change,), outcome.answer, outcome.etag, outcome.status)

    return write.once(done, organization_id=record.of.organization.id)


def hashed(differences: tuple[FieldDifference, ...]) -> dict[str, object]:
    """The fields that differ, as names for the audit log, with their new values."""
    found: dict[str, object] = {}
    for one in differences:
        name = one.pointer.split("/")[1].lower()
        known = found.setdefault(name, [])
        if isinstance(known, list):
            known.append({"pointer": one.pointer, "new": one.new})
    return found
