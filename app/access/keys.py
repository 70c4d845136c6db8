"""API keys: made and shown once, rotated with an overlap, revoked at once. `app.access.recognising` takes them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from app.access.acts import Act
from app.access.principals import Principal
from app.access.recognising import KeyState, state_of
from app.access.scopes import HELD_BY, grantable
from app.access.tokens import SECRET_VERSION, Token, TokenSecrets
from app.errors import Conflict, FieldError, Forbidden, NotFound, Unauthenticated, ValidationFailed
from app.models.access import ApiKey, ApiKeyScope, ApiKeyService, OrganizationSuspension, Person
from app.models.organizations import Organization
from app.models.services import Service

KeyType = Literal["provider", "officer", "curator", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Lifetime:
    usual: timedelta
    longest: timedelta


LIFETIMES: dict[KeyType, Lifetime] = {
    "provider": Lifetime(timedelta(days=180), timedelta(days=365)),
    "officer": Lifetime(timedelta(days=90), timedelta(days=180)),
    "curator": Lifetime(timedelta(days=30), timedelta(days=30)),
    "bootstrap": Lifetime(timedelta(hours=1), timedelta(hours=1)),
}
LONGEST_OVERLAP = timedelta(days=14)
"""How long a rotated key may live on beside its successor."""
WARN_DAYS = (30, 7, 1)
"""How long before its end somebody is told that a key wants a successor."""


@dataclass(frozen=True, slots=True)
class WantedKey:
    """What a new key shall be. `scopes` None: all that its type may hold; `service_ids` None: all of the organization's."""

    key_type: KeyType
    label: str
    organization_id: UUID | None = None
    person_id: UUID | None = None
    service_ids: frozenset[UUID] | None = None
    scopes: frozenset[str] | None = None
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key. `token` is the one chance to see it."""

    token: Token
    key: ApiKey
    scopes: frozenset[str]
    old_key_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as it is shown to those who look after keys: nothing by which it could be used."""

    key: ApiKey
    scopes: tuple[str, ...]
    service_ids: tuple[UUID, ...] | None
    state: KeyState
    owner: str
    organization_suspended: bool


def make_key(session: Session, secrets: TokenSecrets, wanted: WantedKey, act: Act) -> MadeKey:
    """Store a new key and give it, once. Raises Forbidden where `act.by` may not, ValidationFailed where nobody may."""
    _require_may_make(wanted, act.by)
    scopes = _granted_scopes(wanted, act.by)
    _require_owner(session, wanted)
    # Not `or`: a lifetime of nothing is one that was asked for, and is refused.
    lifetime = LIFETIMES[wanted.key_type].usual if wanted.lifetime is None else wanted.lifetime
    if not timedelta(0) < lifetime <= LIFETIMES[wanted.key_type].longest:
        raise ValidationFailed(
            errors=(FieldError("/lifetime_days", "is longer than this type of key lives"),)
        )
    if act.by.kind == "bootstrap":
        if has_curator_key(session, now=act.now):
            raise Conflict("A curator has a key in force; further ones are made on the host.")
        _use_up(session, act)
    made = _store(session, secrets, wanted, scopes=scopes, lives=lifetime, act=act)
    _record(session, act, "key_made", made.key, scopes=sorted(scopes))
    return made


def rotate_key(
    session: Session, secrets: TokenSecrets, public_id: str, *, overlap: timedelta, act: Act
) -> MadeKey:
    """A successor with the same rights; the old key lives on for `overlap` at most.

    It lives for the usual time of its type, or for as long as the old one was made for where that was less: a key for a weekend
    is no key for half a year. Whoever holds such a key gets no day more by rotating it.

    Raises NotFound for a key that is none, Conflict for one that is not in force or has a successor already, Forbidden
    for another person's: whoever rotates a curator's key holds it, and two people would be one.
    """
    key = session.get(ApiKey, public_id, with_for_update=True)
    if key is None:
        raise NotFound
    _require_may_rotate(key, act.by)
    if state_of(key, act.now) != "active":
        raise Conflict("Only a key that is in force can be rotated.")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise ValidationFailed(errors=(FieldError("/overlap_days", "is from 0 to 14 days"),))
    if session.exec(select(ApiKey.public_id).where(ApiKey.rotated_from == public_id)).first() is not None:
        raise Conflict("The key has a successor already; a key has one only.")
    scopes = frozenset(session.exec(select(ApiKeyScope.scope).where(ApiKeyScope.public_id == public_id)))
    services = frozenset(
        session.exec(select(ApiKeyService.service_id).where(ApiKeyService.public_id == public_id))
    )
    same = WantedKey(
        key_type=key.key_type,  # type: ignore[arg-type]  # the database allows no other
        label=key.label,
        organization_id=key.organization_id,
        person_id=key.person_id,
        service_ids=None if key.all_services else services,
    )
    made_for = key.expires_at - key.not_before
    lives = min(LIFETIMES[same.key_type].usual, made_for)
    if key.public_id == act.by.id and made_for < LIFETIMES[same.key_type].usual:
        lives = key.expires_at - act.now
    try:
        made = _store(session, secrets, same, scopes=scopes, lives=lives, rotated_from=public_id, act=act)
    except IntegrityError:
        # Somebody else was a moment faster: the database allows one successor.
        raise Conflict("The key has a successor already; a key has one only.") from None
    if overlap:
        key.expires_at = min(key.expires_at, act.now + overlap)
    else:
        key.revoked_at, key.revoked_by = act.now, act.by.signature
    session.add(key)
    session.flush()
    _record(session, act, "key_rotated", made.key, rotated_from=public_id)
    return replace(made, old_key_expires_at=key.expires_at if overlap else act.now)


def revoke_key(session: Session, public_id: str, *, with_successors: bool, act: Act) -> list[str]:
    """Refuse a key from now on; with `with_successors` also what it was rotated into, as a thief would have done.

    Gives the ids that were revoked by this call: none when all were revoked before. Raises NotFound, and Forbidden for a bootstrap
    key, which makes one thing and ends none.
    """
    if act.by.kind == "bootstrap":
        raise Forbidden
    key = session.get(ApiKey, public_id)
    if key is None:
        raise NotFound
    revoked = []
    while key is not None:
        if key.revoked_at is None:
            key.revoked_at, key.revoked_by = act.now, act.by.signature
            session.add(key)
            session.flush()
            _record(session, act, "key_revoked", key)
            revoked.append(key.public_id)
        of_this = select(ApiKey).where(ApiKey.rotated_from == key.public_id)
        key = session.exec(of_this).first() if with_successors else None
    return revoked


def list_keys(session: Session, *, organization_id: UUID | None = None, now: datetime) -> list[ListedKey]:
    """Every key, newest first, or those of one organization."""
    wanted = (
        select(ApiKey, Organization.name, Person.name, OrganizationSuspension.suspended_at)
        .outerjoin(Organization, col(Organization.id) == col(ApiKey.organization_id))
        .outerjoin(Person, col(Person.id) == col(ApiKey.person_id))
        .outerjoin(
            OrganizationSuspension, col(OrganizationSuspension.organization_id) == col(ApiKey.organization_id)
        )
        .order_by(col(ApiKey.created_at).desc(), col(ApiKey.public_id))
    )
    if organization_id is not None:
        wanted = wanted.where(ApiKey.organization_id == organization_id)
    scopes: dict[str, list[str]] = {}
    for public_id, scope in session.exec(select(ApiKeyScope.public_id, ApiKeyScope.scope)):
        scopes.setdefault(public_id, []).append(scope)
    services: dict[str, list[UUID]] = {}
    for public_id, service_id in session.exec(select(ApiKeyService.public_id, ApiKeyService.service_id)):
        services.setdefault(public_id, []).append(service_id)
    return [
        ListedKey(
            key=key,
            scopes=tuple(sorted(scopes.get(key.public_id, ()))),
            service_ids=None if key.all_services else tuple(sorted(services.get(key.public_id, ()))),
            state=state_of(key, now),
            owner=organization or person or "",
            organization_suspended=suspended_at is not None,
        )
        for key, organization, person, suspended_at in session.exec(wanted)
    ]


def ending_keys(session: Session, *, now: datetime) -> dict[int, int]:
    """How many keys in force end within each of WARN_DAYS and have no successor yet, counted at the nearest only."""
    successors = {one for one in session.exec(select(ApiKey.rotated_from)) if one is not None}
    found: dict[int, int] = {}
    for key in session.exec(select(ApiKey).where(ApiKey.key_type != "bootstrap")):
        days = [days for days in WARN_DAYS if key.expires_at <= now + timedelta(days=days)]
        if days and state_of(key, now) == "active" and key.public_id not in successors:
            found[days[-1]] = found.get(days[-1], 0) + 1
    return found


def count_exposed(session: Session, *, now: datetime) -> int:
    """Keys in force that were seen where they do not belong."""
    exposed = session.exec(select(ApiKey).where(col(ApiKey.exposed_at).is_not(None)))
    return sum(state_of(key, now) == "active" for key in exposed)


def has_curator_key(session: Session, *, now: datetime) -> bool:
    """Whether a curator can act: a key in force of a person who is not disabled."""
    found = session.exec(
        select(func.count())
        .select_from(ApiKey)
        .join(Person, col(Person.id) == col(ApiKey.person_id))
        .where(
            ApiKey.key_type == "curator",
            col(ApiKey.revoked_at).is_(None),
            col(ApiKey.expires_at) > now,
            col(Person.disabled_at).is_(None),
        )
    ).one()
    return found > 0


def _require_may_make(wanted: WantedKey, by: Principal) -> None:
    """Only the host makes curators: a curator who could make another's key could be two people."""
    if by.kind == "command_line":
        return
    if wanted.key_type == "bootstrap" or "keys:admin" not in by.scopes:
        raise Forbidden
    if by.kind == "bootstrap":
        if wanted.key_type != "curator" or wanted.person_id != by.person_id:
            raise Forbidden("A bootstrap key makes one thing: the key of the curator whom it was made for.")
    elif wanted.key_type == "curator":
        raise Forbidden("Keys of curators are made on the host: `directory keys create`.")


def _require_may_rotate(key: ApiKey, by: Principal) -> None:
    if by.kind == "command_line" or key.public_id == by.id:
        if key.key_type == "bootstrap":
            raise Conflict("A bootstrap key is used once and never rotated.")
        return
    if "keys:admin" not in by.scopes or by.kind != "curator" or key.key_type not in ("provider", "officer"):
        raise Forbidden


def _granted_scopes(wanted: WantedKey, by: Principal) -> frozenset[str]:
    held = HELD_BY[wanted.key_type]
    scopes = wanted.scopes if wanted.scopes is not None else held
    if not scopes <= grantable(by.kind, by.scopes):
        raise Forbidden("A key can be given no scope that is above those of whoever makes it.")
    if not scopes or not scopes <= held:
        raise ValidationFailed(errors=(FieldError("/scopes", f"one or more of {', '.join(sorted(held))}"),))
    return scopes


def _require_owner(session: Session, wanted: WantedKey) -> None:
    wrong: list[FieldError] = []
    if wanted.key_type in ("provider", "officer"):
        if wanted.organization_id is None or session.get(Organization, wanted.organization_id) is None:
            wrong.append(FieldError("/organization_id", "the organization that the key is for"))
        if wanted.person_id is not None:
            wrong.append(FieldError("/person_id", "is for keys of curators"))
    else:
        person = session.get(Person, wanted.person_id) if wanted.person_id is not None else None
        if person is None or person.disabled_at is not None:
            wrong.append(FieldError("/person_id", "the curator, not disabled, whom the key is for"))
        if wanted.organization_id is not None:
            wrong.append(FieldError("/organization_id", "is for keys of providers and officers"))
    if wanted.service_ids is not None and (
        wanted.key_type != "provider"
        or not _are_services_of(session, wanted.service_ids, wanted.organization_id)
    ):
        wrong.append(FieldError("/service_ids", "services of the organization, for the key of a provider"))
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))


def _are_services_of(session: Session, service_ids: frozenset[UUID], organization_id: UUID | None) -> bool:
    own = select(Service.id).where(
        Service.organization_id == organization_id, col(Service.id).in_(sorted(service_ids))
    )
    return bool(service_ids) and set(session.exec(own)) == service_ids


def _use_up(session: Session, act: Act) -> None:
    """One update decides between two who come with the same bootstrap key."""
    done = session.exec(
        update(ApiKey)
        .where(
            col(ApiKey.public_id) == act.by.id,
            col(ApiKey.used_at).is_(None),
            col(ApiKey.revoked_at).is_(None),
        )
        .values(used_at=act.now)
    )
    if done.rowcount != 1:
        raise Unauthenticated


def _store(
    session: Session,
    secrets: TokenSecrets,
    wanted: WantedKey,
    *,
    scopes: frozenset[str],
    lives: timedelta,
    act: Act,
    rotated_from: str | None = None,
) -> MadeKey:
    token = secrets.new(wanted.key_type)
    key = ApiKey(
        public_id=token.public_id,
        key_type=wanted.key_type,
        environment=secrets.environment,
        organization_id=wanted.organization_id,
        person_id=wanted.person_id,
        all_services=wanted.service_ids is None,
        mac=secrets.mac(token),
        secret_version=SECRET_VERSION,
        label=wanted.label,
        created_at=act.now,
        created_by=act.by.signature,
        not_before=act.now,
        expires_at=act.now + lives,
        rotated_from=rotated_from,
    )
    session.add(key)
    session.flush()
    session.add_all(
        ApiKeyScope(public_id=token.public_id, scope=scope, key_type=wanted.key_type)
        for scope in sorted(scopes)
    )
    session.add_all(
        ApiKeyService(public_id=token.public_id, service_id=one) for one in sorted(wanted.service_ids or ())
    )
    session.flush()
    return MadeKey(token, key, scopes)


def _record(session: Session, act: Act, action: str, key: ApiKey, **fields: object) -> None:
    about = {
        "key_type": key.key_type,
        "label": key.label,
        "expires_at": key.expires_at.isoformat(),
    }
    act.record(
        session,
        action,
        entity=("api_key", key.public_id),
        organization_id=key.organization_id,
        fields=about | fields,
    )
