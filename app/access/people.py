"""Named curators, and the organizations whose keys are not taken for the time being."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.acts import Act
from app.errors import Conflict, NotFound
from app.models.access import OrganizationSuspension, Person
from app.models.organizations import Organization


def add_person(session: Session, name: str, act: Act) -> Person:
    """A new curator. Raises Conflict where there is somebody of that name: two people would look like one."""
    name = " ".join(name.split())
    if find_person(session, name) is not None:
        raise Conflict(
            "There is a person of that name already. Write the name so that it tells the two apart."
        )
    person = Person(name=name, folded_name=_folded(name), created_at=act.now, created_by=act.by.signature)
    session.add(person)
    session.flush()
    act.record(session, "person_added", entity=("person", str(person.id)), fields={"name": name})
    return person


def find_person(session: Session, name: str) -> Person | None:
    return session.exec(select(Person).where(Person.folded_name == _folded(name))).first()


def list_people(session: Session) -> list[Person]:
    return list(session.exec(select(Person).order_by(col(Person.folded_name), col(Person.id))))


def names_of(session: Session, person_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names by id, for showing who did what."""
    ids = {one for one in person_ids if one is not None}
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())


def is_disabled(session: Session, person_id: UUID | None) -> bool:
    """Whether a person is one no more. What nobody in person did, the host or a provider, is not in doubt."""
    disabled_at = select(Person.disabled_at).where(Person.id == person_id)
    return person_id is not None and session.exec(disabled_at).first() is not None


def require_in_force(session: Session, first: UUID | None, did: str, do: str) -> None:
    """Raise Conflict where whoever did the first half of what takes two people has been disabled since: the other would be alone.

    A person is disabled when a key of theirs is in wrong hands, and what was done with it must not be half of anything. `did`
    and `do` say which half it was, and how it is done anew.
    """
    if is_disabled(session, first):
        raise Conflict(f"The person who {did} has been disabled since, so it takes two people again. {do}")


def disable_person(session: Session, person_id: UUID, act: Act) -> Person:
    """From now on none of the person's keys is taken. Raises NotFound; again, it changes nothing."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    if person.disabled_at is None:
        person.disabled_at = act.now
        session.add(person)
        session.flush()
        act.record(session, "person_disabled", entity=("person", str(person_id)))
    return person


def suspend_organization(session: Session, organization_id: UUID, act: Act) -> None:
    """From now on none of the organization's keys is taken. Raises NotFound; again, it changes nothing."""
    if session.get(Organization, organization_id) is None:
        raise NotFound
    if session.get(OrganizationSuspension, organization_id) is None:
        session.add(
            OrganizationSuspension(
                organization_id=organization_id, suspended_at=act.now, suspended_by=act.by.signature
            )
        )
        session.flush()
        _record(session, act, "organization_suspended", organization_id)


def resume_organization(session: Session, organization_id: UUID, act: Act) -> None:
    """Take its keys again. Raises NotFound where there is no such organization; again, it changes nothing."""
    if session.get(Organization, organization_id) is None:
        raise NotFound
    suspension = session.get(OrganizationSuspension, organization_id)
    if suspension is not None:
        session.delete(suspension)
        session.flush()
        _record(session, act, "organization_resumed", organization_id)


def _record(session: Session, act: Act, action: str, organization_id: UUID) -> None:
    act.record(
        session, action, entity=("organization", str(organization_id)), organization_id=organization_id
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
