"""Who may refer to the National Referral Mechanism: the list, which is a file, and who of the organizations here stands on it.

The list names bodies (Unseen) and kinds of body (local authorities). That an organization here is one of them is said by whoever
runs the service, on the host: a name in a file that is imported, or one curator's edit, makes nobody a First Responder.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from app.curation.publishing import source_uuid
from app.curation.record_rows import Publication
from app.curation.recording import Published, record_publication
from app.curation.row_changes import keep_rows
from app.curation.seed_files import SOURCE, FirstResponderSubmission
from app.directory.announcing import announce
from app.errors import FieldError, NotFound, ValidationFailed
from app.models.organizations import FirstResponder, Organization


def store_first_responders(session: Session, listed: Iterable[FirstResponderSubmission]) -> set[UUID]:
    """The list as it stands in its file, with the organizations of it that were seeded; what an operator has said stays said.

    Gives the organizations whose line is gone: what the public reads of them is another thing now.
    """
    found = session.exec(select(Organization.source_id, Organization.id).where(Organization.source == SOURCE))
    seeded = dict(found.all())
    stored = {row.name: row for row in session.exec(select(FirstResponder))}
    rows = []
    for one in listed:
        before = stored.get(one.name)
        said = None if before is None else before.organization_id
        rows.append(
            FirstResponder(
                id=_id_of(one.name) if before is None else before.id,
                organization_id=seeded.get(one.organization or "", said),
                **one.model_dump(exclude={"organization"}),
            )
        )
    names = {row.name for row in rows}
    gone = [row for name, row in stored.items() if name not in names and row.id == _id_of(name)]
    left = {row.organization_id for row in gone if row.organization_id is not None}
    for row in gone:
        session.delete(row)
    session.flush()
    if keep_rows(session, rows) or gone:
        announce(session, catalogue=True)
    return left


def put_on_list(session: Session, organization_id: UUID, name: str, publication: Publication) -> Published:
    """Say that an organization is the one of that name on the list, or one of the public bodies that the list names together.

    Raises NotFound for an organization that is not here, ValidationFailed for a name that is not on the list or is somebody else's.
    """
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    lines = {row.name.casefold(): row for row in session.exec(select(FirstResponder))}
    line = lines.get(name.casefold())
    if line is None:
        raise ValidationFailed(errors=(FieldError("/name", "a name of the list: see /find/know"),))
    own = lines.get(organization.name.casefold())
    if line.category == STATUTORY and own is None:
        # A kind of public body: each has a line of its own, and its name is no secret.
        dated = line.model_dump(exclude={"id", "name", "organization_id"})
        session.add(FirstResponder(name=organization.name, organization_id=organization_id, **dated))
    else:
        of_them = own if line.category == STATUTORY and own is not None else line
        if of_them.organization_id not in (None, organization_id):
            raise ValidationFailed(errors=(FieldError("/name", "a name that is no other organization's"),))
        of_them.organization_id = organization_id
        session.add(of_them)
    return _recorded(session, organization_id, publication)


def take_off_list(session: Session, organization_id: UUID, publication: Publication) -> Published:
    """Say that an organization is none of the list. Raises NotFound for one that is not on it."""
    lines = session.exec(
        select(FirstResponder).where(col(FirstResponder.organization_id) == organization_id)
    ).all()
    if not lines:
        raise NotFound
    for line in lines:
        if line.id == _id_of(line.name):
            line.organization_id = None
            session.add(line)
        else:
            session.delete(line)
    return _recorded(session, organization_id, publication)


STATUTORY = "statutory"


def _id_of(name: str) -> UUID:
    return source_uuid(SOURCE, f"first_responder/{name}")


def _recorded(session: Session, organization_id: UUID, publication: Publication) -> Published:
    session.flush()
    announce(session, catalogue=True)
    return record_publication(session, [organization_id], publication)
