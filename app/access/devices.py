"""Officers' devices: a curator makes a link, the device exchanges it once for a session, anybody with the scope ends it.

The link works for minutes and once. It carries its code behind `#`, which a browser sends to nobody, so it stands in no
log on the way. The session is as strong as a key and as revocable; only what recognises it is stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, select, update

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.people import is_disabled
from app.access.principals import Principal
from app.access.scopes import OFFICER_SCOPES
from app.access.tokens import SECRET_VERSION, Token, TokenSecrets
from app.errors import FieldError, NotFound, Unauthenticated, ValidationFailed
from app.models.access import ApiKey, OfficerDevice

DeviceState = Literal["waiting", "link_expired", "active", "idle", "expired", "revoked"]

LINK_LIVES = timedelta(minutes=15)
LINK_LIVES_AT_MOST = timedelta(minutes=60)
SESSION_LIVES = timedelta(days=90)
SESSION_IDLE = timedelta(days=14)
"""A phone in a drawer is nobody's. Long enough for a holiday: at three in the morning there is no curator to ask."""


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A device that waits to be enrolled. `token` is the one chance to see the code."""

    token: Token
    device: OfficerDevice


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolled device. `token` is the one chance to see the session."""

    token: Token
    device: OfficerDevice
    expires_at: datetime


def make_link(
    session: Session, secrets: TokenSecrets, label: str, *, lives: timedelta = LINK_LIVES, act: Act
) -> MadeLink:
    """A one-time link for a device called `label`: which one it is, not whose."""
    if not timedelta(0) < lives <= LINK_LIVES_AT_MOST:
        raise ValidationFailed(errors=(FieldError("/link_minutes", "is from 1 to 60"),))
    token = secrets.new("link")
    device = OfficerDevice(
        public_id=token.public_id,
        label=label,
        enrolled_by=act.by.person_id,
        created_at=act.now,
        created_by=act.by.signature,
        secret_version=SECRET_VERSION,
        link_mac=secrets.mac(token),
        link_expires_at=act.now + lives,
    )
    session.add(device)
    session.flush()
    _record(session, act, "device_link_made", device, label=label)
    return MadeLink(token, device)


def enrol(
    session: Session,
    secrets: TokenSecrets,
    link: Token,
    *,
    log: AuditLog,
    now: datetime,
    request_id: str = "",
) -> Enrolled:
    """Exchange a link for a session, once. Raises Unauthenticated alike for unknown, used, late and revoked links, and for those
    of somebody who has been disabled since, or whose key has been revoked.
    """
    device = session.get(OfficerDevice, link.public_id)
    if (
        link.kind != "link"
        or not secrets.recognises(link, device.link_mac if device is not None else None)
        or device is None
        # Who was dismissed, or has stolen a key, may still hold a link that was made before.
        or is_disabled(session, device.enrolled_by)
        or _was_made_with_a_revoked_key(session, device)
    ):
        raise Unauthenticated
    token = secrets.again("device", device.public_id)
    # One update decides between two who come with the same link.
    done = session.exec(
        update(OfficerDevice)
        .where(
            col(OfficerDevice.public_id) == device.public_id,
            col(OfficerDevice.enrolled_at).is_(None),
            col(OfficerDevice.revoked_at).is_(None),
            col(OfficerDevice.link_expires_at) > now,
        )
        .values(
            enrolled_at=now,
            last_seen_at=now,
            session_mac=secrets.mac(token),
            session_expires_at=now + SESSION_LIVES,
        )
    )
    if done.rowcount != 1:
        raise Unauthenticated
    session.refresh(device)
    _record(session, Act(_principal(device), now, log, request_id), "device_enrolled", device)
    return Enrolled(token, device, now + SESSION_LIVES)


def authenticate_device(session: Session, secrets: TokenSecrets, token: Token, *, now: datetime) -> Principal:
    """Which device this session is of. Raises Unauthenticated, without saying why, for one that is not in force now."""
    device = session.get(OfficerDevice, token.public_id)
    if not secrets.recognises(token, device.session_mac if device is not None else None) or device is None:
        raise Unauthenticated
    if device.secret_version != SECRET_VERSION or device_state(device, now) != "active":
        raise Unauthenticated
    return _principal(device)


def revoke_device(session: Session, public_id: str, act: Act) -> OfficerDevice:
    """End a device's session, or a link that waits. Raises NotFound; again, it changes nothing."""
    device = session.get(OfficerDevice, public_id)
    if device is None:
        raise NotFound
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = act.now, act.by.signature
        session.add(device)
        session.flush()
        _record(session, act, "device_revoked", device)
    return device


def list_devices(session: Session) -> list[OfficerDevice]:
    """Every device, newest first."""
    newest = select(OfficerDevice).order_by(
        col(OfficerDevice.created_at).desc(), col(OfficerDevice.public_id)
    )
    return list(session.exec(newest))


def device_state(device: OfficerDevice, now: datetime) -> DeviceState:
    if device.revoked_at is not None:
        return "revoked"
    if device.session_expires_at is None or device.last_seen_at is None:
        return "waiting" if now < device.link_expires_at else "link_expired"
    if now >= device.session_expires_at:
        return "expired"
    return "active" if now < device.last_seen_at + SESSION_IDLE else "idle"


def _was_made_with_a_revoked_key(session: Session, device: OfficerDevice) -> bool:
    key = session.get(ApiKey, device.created_by.rpartition(":")[2])
    return key is not None and key.revoked_at is not None


def _principal(device: OfficerDevice) -> Principal:
    return Principal(kind="device", id=device.public_id, scopes=OFFICER_SCOPES)


def _record(session: Session, act: Act, action: str, device: OfficerDevice, **fields: object) -> None:
    act.record(session, action, entity=("officer_device", device.public_id), fields=fields)
