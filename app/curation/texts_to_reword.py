"""Which texts still name a number that is taken down: nobody is shown it there, and a curator rewords them."""

from collections.abc import Iterable, Iterator
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


def texts_to_reword(session: Session, taken: Iterable[Takedown]) -> dict[UUID, list[NamedIn]]:
    """By takedown, those of the organization and its services in every state, lines for professionals included.

    A place or a service that is taken down has none.
    """
    numbers = [one for one in taken if one.phone_e164 is not None]
    ids = list({one.organization_id for one in numbers})
    # Each organization is read once, however many of its numbers are down.
    organizations = {of.organization.id: of for of in load_organizations(session, ids)} if ids else {}
    return {
        one.id: list(texts_that_name(session, organizations[one.organization_id], one.phone_e164 or ""))
        for one in numbers
    }


def texts_that_name(session: Session, of: StoredOrganization, number: str) -> Iterator[NamedIn]:
    """The same of any number (E.164), for an organization that has been read."""
    keys = service_keys(session, [of])
    for pointer in fields_that_name(said_of_organization(of), number):
        yield NamedIn(None, pointer)
    for one in sorted(of.services, key=lambda one: one.service.id):
        for pointer in fields_that_name(said_of_service(one, keys), number):
            yield NamedIn(one.service.id, pointer)
