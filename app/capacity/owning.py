"""Whose service is it? A service of somebody else and one that does not exist are the same answer: not found."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.principals import Principal
from app.capacity.standing import ServiceFacts, facts_of
from app.errors import NotFound
from app.models.services import Service


def own_services(session: Session, of: Principal) -> list[ServiceFacts]:
    """The services that a provider's key is for, in the order of their names. Archived ones are nobody's any more."""
    if of.organization_id is None:
        return []
    chosen = select(Service).where(
        Service.organization_id == of.organization_id, Service.record_state != "archived"
    )
    if of.service_ids is not None:
        chosen = chosen.where(col(Service.id).in_(of.service_ids))
    return facts_of(session.exec(chosen.order_by(col(Service.name), col(Service.id))))


def own_service(session: Session, service_id: UUID, *, of: Principal, lock: bool = False) -> ServiceFacts:
    """One of them. Raises NotFound. With `lock`, nobody else can write about its capacity until the transaction ends."""
    return _found(session, [service_id], of=of, lock=lock)[0]


def lock_own_services(
    session: Session, service_ids: Collection[UUID], *, of: Principal
) -> list[ServiceFacts]:
    """Several of them, locked in an order that two writers share. Raises NotFound when any of them is not theirs."""
    return _found(session, service_ids, of=of, lock=True)


def any_service(session: Session, service_id: UUID, *, lock: bool = False) -> ServiceFacts:
    """Any service that is not archived, for a curator. Raises NotFound."""
    return _found(session, [service_id], of=None, lock=lock)[0]


def _found(
    session: Session, service_ids: Collection[UUID], *, of: Principal | None, lock: bool
) -> list[ServiceFacts]:
    # The organization is a condition of the query, not a comparison after it: what is not theirs is never loaded.
    chosen = select(Service).where(col(Service.id).in_(service_ids), Service.record_state != "archived")
    if of is not None:
        if of.organization_id is None:
            raise NotFound
        chosen = chosen.where(Service.organization_id == of.organization_id)
        if of.service_ids is not None:
            chosen = chosen.where(col(Service.id).in_(of.service_ids))
    chosen = chosen.order_by(col(Service.id))
    if lock:
        # On PostgreSQL writers about one service queue here (on SQLite they do from their first statement). NO KEY: rows
        # that refer to the service can still be added by others.
        chosen = chosen.with_for_update(key_share=True)
    found = facts_of(session.exec(chosen))
    if len(found) != len(set(service_ids)):
        raise NotFound
    return found
