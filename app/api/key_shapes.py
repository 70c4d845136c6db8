"""Keys and devices as the API takes and shows them. A key is shown once, in the answer that makes it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.access.devices import DeviceState, MadeLink, device_state
from app.access.keys import ListedKey, MadeKey
from app.access.recognising import KeyState
from app.api.shapes import Shape
from app.api.strict import StrictBody
from app.directory.plain_text import Name
from app.models.access import OfficerDevice

ScopeName = Literal[
    "capacity:write", "service:propose", "officer:read", "officer:enrol", "capacity:telephone", "proposals:review",
    "directory:publish", "import:run", "keys:admin", "audit:read",
]  # fmt: skip
Label = Annotated[Name, Field(description="What the key or device is for, in words; never a person's name.")]


class KeyIn(StrictBody):
    """A new key. Keys of curators are made on the host, or once with a bootstrap key."""

    key_type: Literal["provider", "officer", "curator"]
    label: Label
    organization_id: Annotated[
        UUID | None,
        Field(description="Whose key it is: of a provider, or of a police force or other referrer."),
    ] = None
    person_id: Annotated[UUID | None, Field(description="The curator, with a bootstrap key.")] = None
    service_ids: Annotated[
        list[UUID] | None,
        Field(
            description="Limits the key to these services; left out, all of them.",
            min_length=1,
            max_length=200,
        ),
    ] = None
    scopes: Annotated[
        list[ScopeName] | None,
        Field(description="Left out: all that the type may hold.", min_length=1, max_length=10),
    ] = None
    lifetime_days: Annotated[
        int | None,
        Field(
            description="Left out: 180 of at most 365 for a provider, 90 of 180 for officers, 30 for a curator.",
            ge=1,
            le=365,
        ),
    ] = None


class RotationIn(StrictBody):
    """How long the old key lives on beside the new one."""

    overlap_days: Annotated[int, Field(description="0 ends the old key at once.", ge=0, le=14)] = 7


class RevocationIn(StrictBody):
    with_successors: Annotated[
        bool, Field(description="Also what the key was rotated into: a thief would have done that.")
    ] = False


class DeviceIn(StrictBody):
    label: Label
    link_minutes: Annotated[int, Field(description="How long the link works.", ge=1, le=60)] = 15


class EnrolmentIn(StrictBody):
    code: Annotated[
        str, Field(description="What stands behind `#` in the link.", min_length=1, max_length=100)
    ]


class KeyOut(Shape):
    """A key without its secret."""

    id: Annotated[str, Field(description="Public: it stands in the key and in the log.")]
    key_type: Literal["provider", "officer", "curator", "bootstrap"]
    label: str
    state: KeyState
    owner: Annotated[str, Field(description="The organization or the person.")]
    organization_id: UUID | None
    organization_suspended: bool
    person_id: UUID | None
    service_ids: Annotated[list[UUID] | None, Field(description="null: all services of the organization.")]
    scopes: list[ScopeName]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="To about ten minutes.")]
    exposed_at: Annotated[
        datetime | None, Field(description="When it was seen in an address or a body. Rotate it.")
    ]
    rotated_from: str | None


class KeyList(Shape):
    results: list[KeyOut]
    total: int
    next: None


class NewKey(Shape):
    """A new key. `token` is shown here and never again."""

    id: str
    token: str
    scopes: list[ScopeName]
    expires_at: datetime
    rotated_from: Annotated[str | None, Field(description="The key that it succeeds.")]
    old_key_expires_at: Annotated[datetime | None, Field(description="Until when that one is still taken.")]
    page_link: Annotated[
        str | None,
        Field(
            description="For a provider: opens the page for reporting. The key stands behind `#`, which is sent to nobody. The "
            "browser that opens it keeps it in its history."
        ),
    ]


class RevokedKeys(Shape):
    """Those that this call has revoked: none when they were revoked before."""

    revoked: list[str]


class PersonOut(Shape):
    id: UUID
    name: str
    created_at: datetime
    disabled_at: datetime | None


class PersonList(Shape):
    results: list[PersonOut]
    total: int
    next: None


class DeviceOut(Shape):
    """An officer's device. Which one it is, not whose."""

    id: str
    label: str
    state: DeviceState
    created_at: datetime
    created_by: str
    link_expires_at: datetime
    enrolled_at: datetime | None
    session_expires_at: datetime | None
    last_seen_at: Annotated[datetime | None, Field(description="To about ten minutes.")]
    revoked_at: datetime | None


class DeviceList(Shape):
    results: list[DeviceOut]
    total: int
    next: None


class NewLink(Shape):
    """A link that works once. The code stands behind `#`, which a browser sends to nobody. Shown here and never again."""

    id: str
    link: str
    code: str
    expires_at: datetime


class NewSession(Shape):
    """A device's session, for the Authorization header. Shown here and never again."""

    id: str
    token: str
    expires_at: datetime


def key_out(listed: ListedKey) -> KeyOut:
    key = listed.key
    return KeyOut.model_validate(
        {name: getattr(key, name) for name in KeyOut.model_fields if hasattr(key, name)}
        | {
            "id": key.public_id,
            "state": listed.state,
            "owner": listed.owner,
            "organization_suspended": listed.organization_suspended,
            "service_ids": None if listed.service_ids is None else list(listed.service_ids),
            "scopes": list(listed.scopes),
        }
    )


def new_key(made: MadeKey, public_url: str) -> NewKey:
    return NewKey.model_validate(
        {
            "id": made.key.public_id,
            "token": made.token.text,
            "scopes": sorted(made.scopes),
            "expires_at": made.key.expires_at,
            "rotated_from": made.key.rotated_from,
            "old_key_expires_at": made.old_key_expires_at,
            "page_link": page_link(made, public_url),
        }
    )


def page_link(made: MadeKey, public_url: str) -> str | None:
    """The address that opens `/provider/` with this key; None for keys of other kinds."""
    return f"{public_url}/provider/#{made.token.text}" if made.key.key_type == "provider" else None


def device_out(device: OfficerDevice, now: datetime) -> DeviceOut:
    return DeviceOut.model_validate(
        {name: getattr(device, name) for name in DeviceOut.model_fields if hasattr(device, name)}
        | {"id": device.public_id, "state": device_state(device, now)}
    )


def new_link(made: MadeLink, public_url: str) -> NewLink:
    return NewLink(
        id=made.device.public_id,
        link=f"{public_url}/officer/enrol#{made.token.text}",
        code=made.token.text,
        expires_at=made.device.link_expires_at,
    )
