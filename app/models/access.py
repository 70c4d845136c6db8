"""People, their keys and devices: who may act, and until when. No secret is stored, only what recognises one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Identified, check, now_utc, one_of

KEY_TYPES = ("provider", "officer", "curator", "bootstrap")
PUBLIC_ID_LENGTH = 12
MAC_LENGTH = 64
"""HMAC-SHA256 in hexadecimal."""


def is_mac(column: str) -> CheckConstraint:
    return check(f"{column}_whole", f"length({column}) = {MAC_LENGTH}")


class Person(Identified, table=True):
    """A named curator. Disabled, never deleted: what they did stays theirs."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("folded_name"),
        check("named", "length(trim(name)) > 0 AND length(trim(folded_name)) > 0"),
    )

    name: str = Field(max_length=200)
    folded_name: str = Field(max_length=400)
    """The name without case and spare spaces: nobody becomes a second person by a capital letter."""
    created_at: datetime = Field(default_factory=now_utc)
    created_by: str = Field(max_length=40)
    disabled_at: datetime | None = None


class ApiKey(SQLModel, table=True):
    """A key, recognised by its `mac` under a secret that is not in the database: writing here alone makes no key."""

    __tablename__ = "api_key"
    __table_args__ = (
        one_of("key_type", KEY_TYPES),
        one_of("environment", ("live", "test")),
        # For the CHECK of `api_key_scope`, which has to know the type.
        UniqueConstraint("public_id", "key_type"),
        UniqueConstraint("rotated_from"),
        is_mac("mac"),
        check("public_id_whole", f"length(public_id) = {PUBLIC_ID_LENGTH}"),
        check(
            "one_owner",
            "(key_type IN ('provider', 'officer') AND organization_id IS NOT NULL AND person_id IS NULL)"
            " OR (key_type IN ('curator', 'bootstrap') AND organization_id IS NULL AND person_id IS NOT NULL)",
        ),
        check("limited_is_a_provider", "all_services OR key_type = 'provider'"),
        check("expires_after_start", "expires_at > not_before"),
        check("used_is_bootstrap", "used_at IS NULL OR key_type = 'bootstrap'"),
        check("succeeds_another", "rotated_from <> public_id"),
    )

    public_id: str = Field(primary_key=True, max_length=PUBLIC_ID_LENGTH)
    key_type: str = Field(max_length=10)
    environment: str = Field(max_length=4)
    organization_id: UUID | None = Field(
        default=None, foreign_key="organization.id", ondelete="CASCADE", index=True
    )
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    all_services: bool = True
    """False: only those in `api_key_service`. A flag, so that a limited key whose services are gone may do nothing."""
    mac: str = Field(max_length=MAC_LENGTH)
    secret_version: int
    label: str = Field(max_length=100)
    created_at: datetime = Field(default_factory=now_utc)
    created_by: str = Field(max_length=40)
    not_before: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=40)
    used_at: datetime | None = None
    """When a bootstrap key was exchanged, which it can be once."""
    exposed_at: datetime | None = None
    """When the key was seen where it does not belong, such as an address: it is to be rotated."""
    last_used_at: datetime | None = None
    """To about ten minutes: see `app.access.last_used`."""
    rotated_from: str | None = Field(
        default=None, max_length=PUBLIC_ID_LENGTH, foreign_key="api_key.public_id", ondelete="CASCADE"
    )


class ApiKeyScope(SQLModel, table=True):
    """One thing a key may do. The database knows which type may hold which."""

    __tablename__ = "api_key_scope"
    __table_args__ = (
        ForeignKeyConstraint(
            ["public_id", "key_type"], ["api_key.public_id", "api_key.key_type"], ondelete="CASCADE"
        ),
        check(
            "scope_fits_type",
            "(key_type = 'provider' AND scope IN ('capacity:write', 'service:propose'))"
            " OR (key_type = 'officer' AND scope = 'officer:read')"
            " OR (key_type = 'bootstrap' AND scope = 'keys:admin')"
            " OR (key_type = 'curator' AND scope IN ('officer:read', 'officer:enrol', 'capacity:telephone',"
            " 'proposals:review', 'directory:publish', 'import:run', 'keys:admin', 'audit:read'))",
        ),
    )

    public_id: str = Field(primary_key=True, max_length=PUBLIC_ID_LENGTH)
    scope: str = Field(primary_key=True, max_length=20)
    key_type: str = Field(max_length=10)


class ApiKeyService(SQLModel, table=True):
    """A service that a limited provider key may write to."""

    __tablename__ = "api_key_service"

    public_id: str = Field(
        primary_key=True, foreign_key="api_key.public_id", ondelete="CASCADE", max_length=PUBLIC_ID_LENGTH
    )
    service_id: UUID = Field(primary_key=True, foreign_key="service.id", ondelete="CASCADE")


class OrganizationSuspension(SQLModel, table=True):
    """While this row is there, no key of the organization is taken."""

    __tablename__ = "organization_suspension"

    organization_id: UUID = Field(primary_key=True, foreign_key="organization.id", ondelete="CASCADE")
    suspended_at: datetime = Field(default_factory=now_utc)
    suspended_by: str = Field(max_length=40)


class OfficerDevice(SQLModel, table=True):
    """An officer's device: a one-time link made by a curator, then a session. No officer is named, only the device."""

    __tablename__ = "officer_device"
    __table_args__ = (
        is_mac("link_mac"),
        is_mac("session_mac"),
        check("public_id_whole", f"length(public_id) = {PUBLIC_ID_LENGTH}"),
        check("link_expires_after_made", "link_expires_at > created_at"),
        check(
            "enrolled_whole",
            "(enrolled_at IS NULL) = (session_mac IS NULL) AND (enrolled_at IS NULL) = (session_expires_at IS NULL)"
            " AND (enrolled_at IS NULL) = (last_seen_at IS NULL)",
        ),
        check("enrolled_in_time", "enrolled_at <= link_expires_at"),
        check("session_expires_after_enrolled", "session_expires_at > enrolled_at"),
    )

    public_id: str = Field(primary_key=True, max_length=PUBLIC_ID_LENGTH)
    label: str = Field(max_length=100)
    enrolled_by: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    """The curator who made the link; none when it was made on the host."""
    created_at: datetime = Field(default_factory=now_utc)
    created_by: str = Field(max_length=40)
    secret_version: int
    link_mac: str = Field(max_length=MAC_LENGTH)
    link_expires_at: datetime
    enrolled_at: datetime | None = None
    session_mac: str | None = Field(default=None, max_length=MAC_LENGTH)
    session_expires_at: datetime | None = None
    last_seen_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=40)


class PageSession(SQLModel, table=True):
    """A person at a page: what a key was exchanged for there. It ends with its key, and before."""

    __tablename__ = "page_session"
    __table_args__ = (
        is_mac("mac"),
        check("public_id_whole", f"length(public_id) = {PUBLIC_ID_LENGTH}"),
        check("expires_after_start", "expires_at > created_at"),
        check("seen_after_start", "last_seen_at >= created_at"),
    )

    public_id: str = Field(primary_key=True, max_length=PUBLIC_ID_LENGTH)
    key_id: str = Field(
        max_length=PUBLIC_ID_LENGTH, foreign_key="api_key.public_id", ondelete="CASCADE", index=True
    )
    mac: str = Field(max_length=MAC_LENGTH)
    secret_version: int
    created_at: datetime = Field(default_factory=now_utc)
    last_seen_at: datetime
    """To about ten minutes: see `app.access.last_used`."""
    expires_at: datetime = Field(index=True)
    ended_at: datetime | None = None
