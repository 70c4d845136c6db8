"""What curators have taken down of an organization, short of a whole service: numbers and places that nobody is shown."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from app.directory.withdrawn import Withdrawn
from app.directory.withdrawn_addresses import Address, names_address
from app.models.curation import Takedown
from app.models.locations import Location


@dataclass(frozen=True, slots=True)
class TakenDown:
    """Numbers (E.164) and places that are shown to nobody, wherever they stand in the records of one organization.

    A place is known by its address too: under another name, which makes another row of it, it is the same door. That is
    the address that it had when it was taken down, and the one that its row has been given since. `only_offices`: which place
    it was has been forgotten for the sake of a refuge, so only those that are marked a public office are shown.
    """

    phones: frozenset[str] = frozenset()
    places: frozenset[UUID] = frozenset()
    addresses: frozenset[Address] = frozenset()
    only_offices: bool = False

    @property
    def withdrawn(self) -> Withdrawn:
        """What none of its texts may say."""
        return Withdrawn(self.phones, self.addresses)

    def hides(self, place: Location) -> bool:
        if place.id in self.places or (self.only_offices and not place.is_public_office):
            return True
        if not self.addresses:
            return False
        written = (place.name, place.address_1, place.city)
        return any(one.is_of(place.postal_code, place.address_1) for one in self.addresses) or any(
            names_address(text, self.addresses) for text in written if text
        )

    @classmethod
    def load(cls, session: Session, organization_ids: Collection[UUID] | None) -> "Mapping[UUID, TakenDown]":
        """By organization; one of which nothing of the kind is taken down is left out."""
        row = Takedown
        of_parts = col(row.scope).in_(("number", "place", "forgotten_place"))
        in_force = [col(row.put_back_at).is_(None), of_parts]
        if organization_ids is not None:
            in_force.append(col(row.organization_id).in_(organization_ids))
        phones: dict[UUID, set[str | None]] = defaultdict(set)
        places: dict[UUID, set[UUID | None]] = defaultdict(set)
        addresses: dict[UUID, set[Address]] = defaultdict(set)
        only_offices: set[UUID] = set()
        # Also what this very session has just taken down.
        session.flush()
        part = (
            col(row.scope),
            *(col(row.phone_e164), col(row.location_id), col(row.known_postcode), col(row.known_street)),
            *(col(Location.postal_code), col(Location.address_1)),
        )
        found = select_columns(col(row.organization_id), *part)
        for owner, scope, phone, place, *then_and_now in session.connection().execute(
            found.outerjoin(Location, col(Location.id) == col(row.location_id)).where(*in_force)
        ):
            phones[owner].add(phone)
            places[owner].add(place)
            addresses[owner] |= addresses_of(*then_and_now)
            if scope == "forgotten_place":
                only_offices.add(owner)
        return {
            owner: cls(
                frozenset(one for one in phones[owner] if one is not None),
                frozenset(one for one in places[owner] if one is not None),
                frozenset(addresses[owner]),
                owner in only_offices,
            )
            for owner in phones
        }


def addresses_of(
    known_postcode: str | None, known_street: str | None, postcode: str | None, street: str | None
) -> set[Address]:
    """What a place that is taken down is known by: as it was then, and as its row says now."""
    found = {Address.of(known_postcode, known_street), Address.of(postcode, street)}
    return found - {Address(None, None)}


NOTHING_TAKEN_DOWN = TakenDown()
