"""Which texts still name a number or place that is taken down: nobody is shown it there, and a curator rewords them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.curation.editing import said_of_organization, said_of_service, service_keys
from app.directory.stored import StoredOrganization, load_organizations
from app.directory.taken_down import addresses_of
from app.directory.withdrawn import Withdrawn, fields_that_name
from app.models.curation import Takedown
from app.models.locations import Location


@dataclass(frozen=True, slots=True)
class NamedIn:
    """The field of a service, or of the organization (None), as a JSON pointer into its record."""

    service_id: UUID | None
    pointer: str


def texts_to_reword(session: Session, taken: Iterable[Takedown]) -> dict[UUID, list[NamedIn]]:
    """By takedown, those of the organization and its services in every state, lines for professionals included.

    A service or an organization that is taken down has none.
    """
    parts = [one for one in taken if one.scope in ("number", "place")]
    ids = list({one.organization_id for one in parts})
    # Each organization is read once, however much of it is down.
    organizations = {of.organization.id: of for of in load_organizations(session, ids)} if ids else {}
    places = places_taken_down(session, parts)
    return {
        one.id: list(texts_that_name(session, organizations[one.organization_id], withdrawn_by(one, places)))
        for one in parts
    }


def texts_that_name(session: Session, of: StoredOrganization, withdrawn: Withdrawn) -> Iterator[NamedIn]:
    """Texts that name any of this, of an organization that has been read."""
    keys = service_keys(session, [of])
    for pointer in fields_that_name(said_of_organization(of), withdrawn):
        yield NamedIn(None, pointer)
    for one in sorted(of.services, key=lambda one: one.service.id):
        for pointer in fields_that_name(said_of_service(one, keys), withdrawn):
            yield NamedIn(one.service.id, pointer)


def withdrawn_by(taken: Takedown, places: Mapping[UUID, Location]) -> Withdrawn:
    """What texts may not say for one takedown. `places` are stored ones by id."""
    if taken.location_id is None:
        return Withdrawn(numbers=(taken.phone_e164 or "",))
    place = places.get(taken.location_id)
    now = (None, None) if place is None else (place.postal_code, place.address_1)
    return Withdrawn(addresses=addresses_of(taken.known_postcode, taken.known_street, *now))


def places_taken_down(session: Session, taken: Iterable[Takedown]) -> dict[UUID, Location]:
    """Their rows as they are now, by id."""
    ids = [one.location_id for one in taken if one.location_id is not None]
    return {row.id: row for row in session.exec(select(Location).where(col(Location.id).in_(ids)))}
