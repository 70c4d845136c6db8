"""What takedowns may remember of an organization that runs a refuge: no address and no local number that it has nowhere else.

A takedown names what it hides. When a service becomes confidential, its house is deleted everywhere, and would still stand
there; forgotten there too, it would be shown again by the next file that has it. So a takedown keeps what some record of the
organization still says, which it tells nobody. A place of which nothing is said any more becomes a takedown of every place that
is not marked a public office: beside a refuge those are withheld anyway, and when there is none any more, two people put it
back. A local number comes back as a new contact, which takes two people; all others stay.
"""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select

from app.directory.confidentiality import phone_locates
from app.directory.contact_points import parse_phone
from app.directory.stored import BATCH, StoredOrganization, load_organizations
from app.directory.withdrawn import names_number
from app.directory.withdrawn_addresses import Address, names_address
from app.models.curation import Takedown
from app.models.services import Service


def forget_what_nobody_says(session: Session, organization_ids: Collection[UUID]) -> None:
    """Bring the takedowns of those of these organizations that run a refuge down to that. Nothing becomes public by it."""
    with_refuge = select(Service.organization_id).where(col(Service.confidential))
    row = Takedown
    for start in range(0, len(organization_ids), BATCH):
        theirs = (
            col(row.organization_id).in_([*organization_ids][start : start + BATCH]),
            col(row.organization_id).in_(with_refuge),
            col(row.scope).in_(("number", "place")),
        )
        # What was put back hides nothing.
        session.exec(
            delete(row)
            .where(*theirs, col(row.put_back_at).is_not(None))
            .execution_options(synchronize_session=False)
        )
        taken = session.exec(select(row).where(*theirs).order_by(col(row.id))).all()
        owners = list({one.organization_id for one in taken})
        for of in load_organizations(session, owners) if owners else ():
            _forget(session, of, [one for one in taken if one.organization_id == of.organization.id])
    session.flush()


def numbers_of(of: StoredOrganization) -> set[str | None]:
    """Numbers of lines and routes of an organization and its services, as they are dialled."""
    return {one.e164 for one in of.phones} | {
        number
        for service in of.services
        for number in (
            *(one.e164 for one in service.phones),
            *(one.route.phone_e164 for one in service.routes),
        )
    }


def _forget(session: Session, of: StoredOrganization, taken: Sequence[Takedown]) -> None:
    numbers, texts = numbers_of(of), list(_texts(of))
    for one in taken:
        number = one.phone_e164
        if number is None:
            _forget_place(session, of, one, texts)
        elif (
            number not in numbers
            and _locates(number)
            and not any(names_number(text, (number,)) for text in texts)
        ):
            session.delete(one)


def _texts(of: StoredOrganization) -> Iterator[str]:
    """Whatever words are stored of an organization, those for professionals and of its places among them."""
    rows: list[SQLModel] = [of.organization, *of.phones, *of.assurances]
    for one in of.services:
        rows += [one.service, *one.phones, *one.contacts, *one.assurances, *one.locations]
        rows += [one.eligibility] if one.eligibility is not None else []
        rows += [route.route for route in one.routes]
    for row in rows:
        values = (getattr(row, name) for name in type(row).model_fields)
        yield from (value for value in values if isinstance(value, str))


def _forget_place(session: Session, of: StoredOrganization, taken: Takedown, texts: Sequence[str]) -> None:
    used = {place.id: place for service in of.services for place in service.locations}
    known = Address.of(taken.known_postcode, taken.known_street)
    there = [Address.of(place.postal_code, place.address_1) for place in used.values()]
    gone = [
        part
        for part in (Address(known.postcode, None), Address(None, known.street))
        if part != Address(None, None)
        and not any(part.postcode == one.postcode and part.postcode for one in there)
        and not any(part.street == one.street and part.street for one in there)
        and not any(names_address(text, (part,)) for text in texts)
    ]
    if any(part.postcode for part in gone):
        taken.known_postcode = None
    if any(part.street for part in gone):
        taken.known_street = None
    session.add(taken)
    if taken.location_id not in used and taken.known_postcode is None and taken.known_street is None:
        _become_any_place(taken)
    elif gone:
        session.add(_become_any_place(Takedown(**taken.model_dump(exclude={"id"}))))


def _become_any_place(taken: Takedown) -> Takedown:
    """From now on it is of every place that is not marked a public office. Who asked about the old one asks anew."""
    taken.scope = "forgotten_place"
    taken.location_id = taken.known_postcode = taken.known_street = taken.note = None
    taken.asked_by_person = taken.asked_at = None
    return taken


def _locates(number: str) -> bool:
    try:
        return phone_locates(parse_phone(number))
    except ValueError:
        return False
