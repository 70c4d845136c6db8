"""What somebody made that goes on when they are disabled: keys of providers and officers, and officers' phones.

It is good as a rule, and what a thief would have made where a key of theirs was in wrong hands.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.devices import device_state
from app.access.recognising import state_of
from app.models.access import ApiKey, OfficerDevice
from app.models.organizations import Organization


@dataclass(frozen=True, slots=True)
class LeftInForce:
    """`keys` with the name of the organization that each is of, and `devices`; the oldest first."""

    keys: tuple[tuple[ApiKey, str], ...]
    devices: tuple[OfficerDevice, ...]


def left_in_force(session: Session, person_id: UUID, *, now: datetime) -> LeftInForce:
    """What is taken at `now` and was made with any key of this person, also what that was rotated into by its holder."""
    own = session.exec(select(ApiKey.public_id).where(ApiKey.person_id == person_id))
    signatures = {f"curator:{public_id}" for public_id in own}
    theirs: set[str] = set()
    keys = []
    of_organizations = (
        select(ApiKey, Organization.name)
        .join(Organization, col(Organization.id) == col(ApiKey.organization_id))
        # A successor is never older than what it succeeds.
        .order_by(col(ApiKey.created_at), col(ApiKey.rotated_from).is_not(None), col(ApiKey.public_id))
    )
    for key, organization in session.exec(of_organizations):
        if key.created_by in signatures or key.rotated_from in theirs:
            theirs.add(key.public_id)
            if state_of(key, now) == "active":
                keys.append((key, organization))
    links = select(OfficerDevice).where(OfficerDevice.enrolled_by == person_id)
    devices = session.exec(links.order_by(col(OfficerDevice.created_at), col(OfficerDevice.public_id)))
    return LeftInForce(tuple(keys), tuple(one for one in devices if device_state(one, now) == "active"))
