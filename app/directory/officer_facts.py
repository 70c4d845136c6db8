"""What officers may know of a service beyond the public: lines and desks for professionals, their referral routes, and what
other officers found in this hour.

It is read by the ids of services that a search over public facts has chosen, so it cannot move their order. How many
selects it takes does not depend on how many services are shown. No location is among it: of a confidential service none
is stored, and what numbers could lead to a house is withheld here as it is from the public.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.directory.calls import CallTally, tallies_of_this_hour
from app.directory.projection import shown_contacts, shown_phones, shown_route
from app.directory.records import PublicContact, PublicPhone, PublicRoute
from app.directory.stored import StoredRoute
from app.directory.taken_down import NOTHING_TAKEN_DOWN, TakenDown
from app.directory.withdrawn import Withdrawn, without_withdrawn
from app.models.referral import ReferralRoute
from app.models.services import Contact, Phone, Schedule, Service
from app.models.taxonomies import Attribute, TaxonomyTerm

PROFESSIONAL: Final = "professional"
Fact = TypeVar("Fact", PublicPhone, PublicContact, PublicRoute)


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """Of one service. `organization_phones` are lines of the organization that runs it. While `is_running` is false nothing
    is free there, whatever was told of it.
    """

    is_running: bool
    phones: tuple[PublicPhone, ...]
    organization_phones: tuple[PublicPhone, ...]
    contacts: tuple[PublicContact, ...]
    referral_routes: tuple[PublicRoute, ...]
    calls: CallTally


@dataclass(frozen=True, slots=True)
class _Owner:
    """A published service, and whether its organization runs a confidential one, in whatever state."""

    id: UUID
    organization_id: UUID
    confidential: bool
    is_running: bool
    withheld: bool


def officer_facts(
    session: Session, service_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, OfficerFacts]:
    """By service. One that is not published any more, or goes by another id by now, is left out."""
    owners = _owners(session, service_ids)
    if not owners:
        return {}
    ids = [one.id for one in owners]
    phones = _phones(session, ids, {one.organization_id for one in owners})
    contacts: dict[UUID, list[Contact]] = defaultdict(list)
    for contact in session.exec(
        select(Contact)
        .where(Contact.visibility == PROFESSIONAL, col(Contact.service_id).in_(ids))
        .order_by(col(Contact.role), col(Contact.id))
    ):
        contacts[contact.service_id].append(contact)
    routes = _routes(session, ids)
    tallies = tallies_of_this_hour(session, ids, now)
    taken_down = TakenDown.load(session, {one.organization_id for one in owners})

    def hidden(one: _Owner) -> TakenDown:
        return taken_down.get(one.organization_id, NOTHING_TAKEN_DOWN)

    return {
        one.id: OfficerFacts(
            is_running=one.is_running,
            phones=_without(
                hidden(one).withdrawn,
                shown_phones(
                    phones[one.id],
                    confidential=one.confidential,
                    withheld=one.withheld,
                    taken_down=hidden(one).phones,
                    visibility=PROFESSIONAL,
                ),
            ),
            organization_phones=_without(
                hidden(one).withdrawn,
                shown_phones(
                    phones[one.organization_id],
                    confidential=False,
                    withheld=one.withheld,
                    taken_down=hidden(one).phones,
                    visibility=PROFESSIONAL,
                ),
            ),
            contacts=_without(
                hidden(one).withdrawn, shown_contacts(contacts[one.id], visibility=PROFESSIONAL)
            ),
            referral_routes=_without(
                hidden(one).withdrawn,
                (
                    shown_route(
                        route,
                        confidential=one.confidential,
                        withheld=one.withheld,
                        taken_down=hidden(one).phones,
                    )
                    for route in routes[one.id]
                ),
            ),
            calls=tallies.get(one.id, CallTally()),
        )
        for one in owners
    }


def _without(withdrawn: Withdrawn, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """What is said of a line, desk or route names no number and no place that was taken down."""
    return tuple(without_withdrawn(one, withdrawn) for one in facts)


def _is_published(service: type[Service]) -> ColumnElement[bool]:
    """`app.directory.projection.is_published`, in SQL."""
    return (col(service.record_state) == "published") & (col(service.status) != "defunct")


def _owners(session: Session, service_ids: Collection[UUID]) -> list[_Owner]:
    beside = aliased(Service)
    withheld = (
        select(beside.id)
        .where(col(beside.organization_id) == col(Service.organization_id), col(beside.confidential))
        .exists()
    )
    found = select(Service, withheld).where(col(Service.id).in_(service_ids), _is_published(Service))
    return [
        _Owner(one.id, one.organization_id, one.confidential, one.status == "active", is_withheld)
        for one, is_withheld in session.exec(found)
    ]


def _phones(
    session: Session, service_ids: Sequence[UUID], organization_ids: Collection[UUID]
) -> Mapping[UUID | None, list[Phone]]:
    """By the id of the service or the organization that a line belongs to."""
    rows = (
        select(Phone)
        .where(
            Phone.visibility == PROFESSIONAL,
            or_(col(Phone.service_id).in_(service_ids), col(Phone.organization_id).in_(organization_ids)),
        )
        .order_by(col(Phone.position), col(Phone.id))
    )
    found: dict[UUID | None, list[Phone]] = defaultdict(list)
    for phone in session.exec(rows):
        found[phone.service_id or phone.organization_id].append(phone)
    return found


def _routes(session: Session, service_ids: Collection[UUID]) -> Mapping[UUID, list[StoredRoute]]:
    """Routes for professionals, but none through a service that is not published, or does not run: nobody answers there."""
    via = aliased(Service)
    running = select(via.id).where(_is_published(via), col(via.status) == "active")
    through = col(ReferralRoute.via_service_id)
    rows = session.exec(
        select(ReferralRoute)
        .where(
            ReferralRoute.visibility == PROFESSIONAL,
            col(ReferralRoute.service_id).in_(service_ids),
            or_(through.is_(None), through.in_(running)),
        )
        .order_by(col(ReferralRoute.position), col(ReferralRoute.id))
    ).all()
    routes = {row.id: StoredRoute(row) for row in rows}
    codes = _codes(session, routes)
    for schedule in session.exec(
        select(Schedule)
        .where(col(Schedule.referral_route_id).in_(routes))
        .order_by(col(Schedule.position), col(Schedule.id))
    ):
        if schedule.referral_route_id is not None:
            routes[schedule.referral_route_id].schedules.append(schedule)
    found: dict[UUID, list[StoredRoute]] = defaultdict(list)
    for route_id, route in routes.items():
        route.referrers = tuple(codes[route_id, "referrer"])
        route.stages = tuple(codes[route_id, "stage"])
        found[route.route.service_id].append(route)
    return found


def _codes(session: Session, route_ids: Collection[UUID]) -> Mapping[tuple[UUID | None, str], list[str]]:
    """Codes of referrers and stages, in the order of the vocabulary."""
    linked = (
        select(Attribute.referral_route_id, Attribute.link_type, TaxonomyTerm.code)
        .join(TaxonomyTerm, col(Attribute.taxonomy_term_id) == col(TaxonomyTerm.id))
        .where(col(Attribute.referral_route_id).in_(route_ids))
        .order_by(col(TaxonomyTerm.position), col(TaxonomyTerm.code))
    )
    found: dict[tuple[UUID | None, str], list[str]] = defaultdict(list)
    for route_id, link_type, code in session.exec(linked):
        found[route_id, link_type].append(code)
    return found
