"""Which other records still say how a house was reached, or what was taken down: told to whoever does that.

Flagging forgets a house's local numbers and places in its own records, and a takedown hides a number or place of one organization.
Others may have them too: a council that lists the house's landline, a charity that passes on a number which somebody else answers
now. Whether that is the same danger or a switchboard's own line only a person knows, so nothing is refused or hidden for it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.curation.texts_to_reword import places_taken_down, withdrawn_by
from app.directory.stored import StoredOrganization, StoredService
from app.directory.taken_down import NOTHING_TAKEN_DOWN, TakenDown
from app.directory.withdrawn import Withdrawn
from app.directory.withdrawn_addresses import Address
from app.models.curation import Takedown
from app.models.locations import Location, ServiceAtLocation
from app.models.referral import ReferralRoute
from app.models.services import Phone, Service


@dataclass(frozen=True, slots=True)
class _Said:
    """A line, way in or place of somebody's record; of the organization itself without a service."""

    pointer: str
    organization_id: UUID
    service_id: UUID | None
    is_office: bool
    number: str | None = None
    place: Location | None = None

    def is_of(self, withdrawn: Withdrawn) -> bool:
        if self.place is None:
            return self.number in withdrawn.numbers
        return _is_one_of(self.place, withdrawn.addresses)

    def is_hidden(self, down: TakenDown) -> bool:
        return self.number in down.phones if self.place is None else down.hides(self.place)


def said_elsewhere(session: Session, stored: StoredService, of: StoredOrganization) -> list[str]:
    """JSON pointers, from `/services/{id}` or `/organizations/{id}`, of lines, ways in and places of other records with a local
    number or place of this service. Of its own organization those that are marked a public office: the rest is withheld then.
    Archived services are left out.
    """
    owner = of.organization.id
    places = [Address.of(one.postal_code, one.address_1) for one in stored.locations]
    found = _said(session, _local_numbers(stored), places)
    return _pointers(
        one
        for one in found
        if one.service_id != stored.service.id and (one.is_office or one.organization_id != owner)
    )


def said_by_others(session: Session, taken: Iterable[Takedown]) -> dict[UUID, list[str]]:
    """By takedown of a number or place, such pointers into the records of other organizations that have not taken it down too."""
    parts = [one for one in taken if one.scope in ("number", "place")]
    places = places_taken_down(session, parts)
    withdrawn = {one.id: withdrawn_by(one, places) for one in parts}
    numbers = {number for one in withdrawn.values() for number in one.numbers}
    addresses = {address for one in withdrawn.values() for address in one.addresses}
    found = _said(session, numbers, addresses)
    down = TakenDown.load(session, {one.organization_id for one in found})
    found = [one for one in found if not one.is_hidden(down.get(one.organization_id, NOTHING_TAKEN_DOWN))]
    return {
        part.id: _pointers(
            one
            for one in found
            if one.organization_id != part.organization_id and one.is_of(withdrawn[part.id])
        )
        for part in parts
    }


def _pointers(found: Iterable[_Said]) -> list[str]:
    return sorted({one.pointer for one in found})


def _local_numbers(stored: StoredService) -> set[str]:
    """As they are dialled (E.164)."""
    lines = {phone.e164 for phone in stored.phones if phone.is_geographic}
    ways_in = {one.route.phone_e164 for one in stored.routes if one.route.phone_is_geographic}
    return lines | {number for number in ways_in if number is not None}


def _said(session: Session, numbers: Collection[str], addresses: Collection[Address]) -> list[_Said]:
    """Whoever has one of these, whichever record that is."""
    found: list[_Said] = []
    if numbers:
        found += [*_lines(session, numbers), *_ways_in(session, numbers)]
    if addresses:
        found += _places(session, addresses)
    return found


def _lines(session: Session, numbers: Collection[str]) -> Iterator[_Said]:
    known = col(Phone.e164).in_(numbers)
    for phone in session.exec(select(Phone).where(known, col(Phone.service_id).is_(None))):
        owner = phone.organization_id
        if owner is not None:
            at = f"/organizations/{owner}/phones/{phone.position}"
            yield _Said(at, owner, None, phone.is_public_office, phone.e164)
    of_services = (
        select(Phone, Service)
        .join(Service, col(Service.id) == col(Phone.service_id))
        .where(known, col(Service.record_state) != "archived")
    )
    for phone, service in session.exec(of_services):
        at = f"/services/{service.id}/phones/{phone.position}"
        yield _Said(at, service.organization_id, service.id, phone.is_public_office, phone.e164)


def _ways_in(session: Session, numbers: Collection[str]) -> Iterator[_Said]:
    routes = (
        select(ReferralRoute, Service)
        .join(Service, col(Service.id) == col(ReferralRoute.service_id))
        .where(col(ReferralRoute.phone_e164).in_(numbers), col(Service.record_state) != "archived")
    )
    for route, service in session.exec(routes):
        at, office = f"/services/{service.id}/routes/{route.position}", route.phone_is_public_office
        yield _Said(at, service.organization_id, service.id, office, route.phone_e164)


def _places(session: Session, addresses: Collection[Address]) -> Iterator[_Said]:
    """Places that may be one of these, each with a service that uses it."""
    used = (
        select(Location, Service)
        .join(ServiceAtLocation, col(Location.id) == col(ServiceAtLocation.location_id))
        .join(Service, col(Service.id) == col(ServiceAtLocation.service_id))
        .where(col(Service.record_state) != "archived")
    )
    postcodes = {one.postcode for one in addresses}
    if None not in postcodes:
        code = col(Location.postal_code)
        used = used.where(or_(code.in_(postcodes), code.is_(None)))
    for place, service in session.exec(used):
        if _is_one_of(place, addresses):
            at, office = f"/services/{service.id}/locations", place.is_public_office
            yield _Said(at, service.organization_id, service.id, office, place=place)


def _is_one_of(place: Location, known: Collection[Address]) -> bool:
    address = Address.of(place.postal_code, place.address_1)
    return any(_may_be_one(address, one) for one in known)


def _may_be_one(one: Address, other: Address) -> bool:
    """The same as far as both are known: one postcode has a dozen doors, and one street a dozen namesakes."""
    pairs = ((one.postcode, other.postcode), (one.street, other.street))
    both = [pair for pair in pairs if None not in pair]
    return bool(both) and all(left == right for left, right in both)
