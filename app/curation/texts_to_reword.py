"""Which texts still name a number that is taken down: nobody is shown it there, and a curator rewords them."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from app.curation.editing import said_of_organization, said_of_service, service_keys
from app.directory.stored import StoredOrganization, load_organizations
from app.directory.withdrawn import fields_that_name
from app.models.curation import Takedown


@dataclass(frozen=True, slots=True)
class NamedIn:
    """The field of a service, or of the organization (None), as a JSON pointer into its record."""

    service_id: UUID | None
    pointer: str


def texts_to_reword(session: Session, taken: Takedown) -> tuple[NamedIn, ...]:
    """Those of the organization and its services in every state, lines for professionals included.

    Empty where a place or a service is taken down.
    """
    if taken.phone_e164 is None:
        return ()
    found = load_organizations(session, [taken.organization_id])
    return tuple(named for of in found for named in texts_that_name(session, of, taken.phone_e164))


def texts_that_name(session: Session, of: StoredOrganization, number: str) -> Iterator[NamedIn]:
    """The same of any number (E.164), for an organization that has been read."""
    keys = service_keys(session, [of])
    for pointer in fields_that_name(said_of_organization(of), number):
        yield NamedIn(None, pointer)
    for one in sorted(of.services, key=lambda one: one.service.id):
        for pointer in fields_that_name(said_of_service(one, keys), number):
            yield NamedIn(one.service.id, pointer)
