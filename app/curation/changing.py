"""A curator changes a record: at once, or, where `two_people` says so, when another curator has approved.

Every change goes through the one way in; what only waits is tried there and taken back, so that nothing waits which could
not be published.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from app.access.principals import Principal
from app.curation.changes import Changes, Record, changed, values_of
from app.curation.curated import Curated, CuratedService, person_of
from app.curation.editing import edit_organization, edit_service
from app.curation.proposals import as_json
from app.curation.record_diff import FieldDifference, record_diff
from app.curation.record_rows import Publication
from app.curation.record_states import EDITABLE, holds_its_organization, was_public
from app.curation.submissions import ServiceSubmission
from app.curation.two_people import reasons_for_two
from app.directory.confidentiality import require_unlocatable
from app.errors import Conflict, FieldError, InvalidInput
from app.models.proposals import Proposal


@dataclass(frozen=True, slots=True)
class ChangeMade:
    """What a change came to. `proposal_id`: nothing is changed yet, another person has to approve it."""

    differences: tuple[FieldDifference, ...]
    proposal_id: UUID | None = None


def change_record(
    session: Session,
    record: Curated,
    changes: Changes,
    *,
    by: Principal,
    note: str | None = None,
    publication: Publication,
) -> ChangeMade:
    """Change some fields of a record, in the transaction in which it was locked.

    Raises Conflict where the record cannot be edited in its state, and what publishing raises, by pointers from `/changes`.
    """
    require_editable(record)
    differences = difference(record, changed(record.submission, changes), changes)
    if not differences:
        return ChangeMade(())
    if note is not None and record.of.has_confidential_service:
        require_unlocatable({"/note": note})
    if reasons_for_two(differences, is_known=is_known(record)):
        with_pointers(record, "/changes", lambda: _try(session, record, changes, publication))
        return ChangeMade(
            differences, _propose(session, record, changes, by=by, note=note, publication=publication)
        )
    with_pointers(
        record, "/changes", lambda: apply(session, record, changed(record.submission, changes), publication)
    )
    return ChangeMade(differences)


def require_editable(record: Curated) -> None:
    if isinstance(record, CuratedService) and record.state not in EDITABLE:
        raise Conflict("The record cannot be edited in its state: send it back, or restore it, first.")


def is_known(record: Curated) -> bool:
    """Whether people ring, or rang, what the record says: a contact of it is then not for one person to change.

    Not asked of the state alone: archived, and brought back as a draft, it would be anybody's to rewrite.
    """
    if isinstance(record, CuratedService):
        return was_public(record.state, record.stored.service.published_at)
    return any(
        holds_its_organization(one.service.record_state, one.service.published_at)
        for one in record.of.services
    )


def difference(record: Curated, wanted: Record, changes: Changes) -> tuple[FieldDifference, ...]:
    """What a change would change, of the fields that were sent."""
    fields = changes.model_fields_set
    return record_diff(values_of(record.submission, fields), values_of(wanted, fields))


def apply(
    session: Session,
    record: Curated,
    wanted: Record,
    publication: Publication,
) -> None:
    """Publish the record as it is wanted, its services or organization unchanged."""
    if isinstance(wanted, ServiceSubmission):
        edit_service(session, record.id, lambda _: wanted, publication)
    else:
        edit_organization(
            session,
            record.id,
            lambda now: wanted.model_copy(update={"services": now.services}),
            publication,
        )
    # What was read of the record before is not what is stored now.
    session.expire_all()


class _Tried(Exception):
    """Ends a try: everything that it wrote is taken back."""


def _try(session: Session, record: Curated, changes: Changes, publication: Publication) -> None:
    """Raise what the change would raise, and change nothing."""
    try:
        with session.begin_nested():
            apply(session, record, changed(record.submission, changes), publication)
            raise _Tried
    except _Tried:
        session.expire_all()


def with_pointers(record: Curated, at: str, act: Callable[[], None]) -> None:
    """Do it; what is refused is named by its pointer from the fields that were sent, not from the whole submission."""
    try:
        act()
    except InvalidInput as failure:
        raise type(failure)(errors=tuple(_in_changes(one, record, at) for one in failure.errors)) from None


def _in_changes(error: FieldError, record: Curated, at: str) -> FieldError:
    if isinstance(record, CuratedService):
        in_use = [one for one in record.of.services if one.service.record_state != "archived"]
        prefix = f"/services/{[one.service.id for one in in_use].index(record.id)}/"
        if not error.pointer.startswith(prefix):
            return error
        return FieldError(f"{at}/{error.pointer.removeprefix(prefix)}", error.detail)
    return FieldError(f"{at}{error.pointer}", error.detail)


def _propose(
    session: Session,
    record: Curated,
    changes: Changes,
    *,
    by: Principal,
    note: str | None,
    publication: Publication,
) -> UUID:
    base = as_json(values_of(record.submission, changes.model_fields_set))
    is_service = isinstance(record, CuratedService)
    row = Proposal(
        service_id=record.id if is_service else None,
        organization_id=None if is_service else record.id,
        service_version=record.stored.service.version if isinstance(record, CuratedService) else None,
        origin="curator",
        proposed_by=by.signature,
        proposed_by_person=person_of(by),
        proposed_at=publication.now,
        old=base,
        base=base,
        new=as_json(changes.as_json()),
        note=note,
    )
    session.add(row)
    session.flush()
    return row.id
