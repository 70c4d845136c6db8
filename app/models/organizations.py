"""Organizations, their registered identifiers, and the First Responder list."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, check, now_utc


class Organization(Identified, table=True):
    """A body that runs services (HSDS `organization`). `source` and `source_id` make imports repeatable."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("source", "source_id"),)

    source: str = Field(max_length=100)
    source_id: str = Field(max_length=200)
    name: str = Field(max_length=200)
    description: str
    website: str | None = Field(default=None, max_length=2000)
    email: str | None = Field(default=None, max_length=254)
    demonstration: bool = False
    last_modified_at: datetime = Field(default_factory=now_utc)


class OrganizationIdentifier(Identified, table=True):
    """A registration, such as a charity number (HSDS `organization_identifier`, schemes of org-id.guide).

    A register shows an address: an organization with a confidential service publishes no identifier unless a curator
    has marked it as leading to a public office.
    """

    __tablename__ = "organization_identifier"
    __table_args__ = (UniqueConstraint("organization_id", "identifier_scheme", "identifier"),)

    organization_id: UUID = Field(foreign_key="organization.id", ondelete="CASCADE")
    identifier_scheme: str = Field(max_length=40)
    identifier_type: str = Field(max_length=100)
    identifier: str = Field(max_length=100)
    is_public_office: bool = False


class FirstResponder(Identified, table=True):
    """An organization, or kind of body, that may refer to the National Referral Mechanism. Dated data, not law."""

    __tablename__ = "first_responder"
    __table_args__ = (
        UniqueConstraint("name"),
        check("reviewed_after_confirmed", "review_by >= confirmed_on"),
    )

    name: str = Field(max_length=200)
    category: str = Field(max_length=100)
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", ondelete="SET NULL")
    source: str = Field(max_length=500)
    source_url: str | None = Field(default=None, max_length=2000)
    confirmed_on: date
    review_by: date
