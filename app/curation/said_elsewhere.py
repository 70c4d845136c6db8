"""Which other records still say how a house was reached: told once, to whoever makes it confidential.

Flagging forgets a house's local numbers and places in its own records. Others may have them too: a council that lists the house's
landline, an office that is marked a public one. Whether that is the house's own or a switchboard's only a person knows, so
nothing is refused for it.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.directory.stored import StoredOrganization, StoredService
from app.directory.withdrawn_addresses import Address
from app.models.locations import Location, ServiceAtLocation
from app.models.referral import ReferralRoute
from app.models.services import Phone, Service


def said_elsewhere(session: Session, stored: StoredService, of: StoredOrganization) -> list[str]:
    """JSON pointers, from `/services/{id}` or `/organizations/{id}`, of lines, ways in and places of other records with a local
    number or place of this service. Of its own organization those that are marked a public office: the rest is withheld then.
    Archived services are left out.
    """
    owner = of.organization.id
    states = session.exec(select(Service.id, Service.organization_id, Service.record_state)).all()
    owners = {one: whose for one, whose, state in states if state != "archived" and one != stored.service.id}

    def is_shown(service_id: UUID, *, is_office: bool) -> bool:
        return service_id in owners and (is_office or owners[service_id] != owner)

    found = [
        *(
            f"/services/{route.service_id}/routes/{route.position}"
            for route in _routes(session, stored)
            if is_shown(route.service_id, is_office=route.phone_is_public_office)
        ),
        *(
            f"/services/{service_id}/locations"
            for service_id, place in _places(session, stored)
            if is_shown(service_id, is_office=place.is_public_office)
        ),
    ]
    for phone in _phones(session, stored):
        if phone.service_id is None:
            if phone.is_public_office or phone.organization_id != owner:
                found.append(f"/organizations/{phone.organization_id}/phones/{phone.position}")
        elif is_shown(phone.service_id, is_office=phone.is_public_office):
            found.append(f"/services/{phone.service_id}/phones/{phone.position}")
    return sorted(set(found))


def _local_numbers(stored: StoredService) -> set[str]:
    """As they are dialled (E.164)."""
    lines = {phone.e164 for phone in stored.phones if phone.is_geographic}
    ways_in = {one.route.phone_e164 for one in stored.routes if one.route.phone_is_geographic}
    return lines | {number for number in ways_in if number is not None}


def _phones(session: Session, stored: StoredService) -> Iterator[Phone]:
    yield from session.exec(select(Phone).where(col(Phone.e164).in_(_local_numbers(stored))))


def _routes(session: Session, stored: StoredService) -> Iterator[ReferralRoute]:
    numbers = _local_numbers(stored)
    yield from session.exec(select(ReferralRoute).where(col(ReferralRoute.phone_e164).in_(numbers)))


def _places(session: Session, stored: StoredService) -> Iterator[tuple[UUID, Location]]:
    """Places that may be one of this service, each with a service that uses it."""
    known = {Address.of(one.postal_code, one.address_1) for one in stored.locations}
    postcodes = {one.postcode for one in known if one.postcode is not None}
    near = or_(col(Location.postal_code).in_(postcodes), col(Location.postal_code).is_(None))
    used = (
        select(ServiceAtLocation.service_id, Location)
        .join(Location, col(Location.id) == col(ServiceAtLocation.location_id))
        .where(near)
    )
    for service_id, place in session.exec(used):
        address = Address.of(place.postal_code, place.address_1)
        if any(_may_be_one(address, one) for one in known):
            yield service_id, place


def _may_be_one(one: Address, other: Address) -> bool:
    """The same as far as both are known: one postcode has a dozen doors, and one street a dozen namesakes."""
    pairs = ((one.postcode, other.postcode), (one.street, other.street))
    both = [pair for pair in pairs if None not in pair]
    return bool(both) and all(left == right for left, right in both)
