"""Locations, and which service meets people at which: never a confidential one."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, belongs_to_service, check


class Location(Identified, table=True):
    """A public place (HSDS `location` with its `address`). Position is on the OSGB36 grid, in metres.

    `is_public_office` is a curator's mark, needed before an organization with a confidential service publishes it.
    """

    __tablename__ = "location"
    __table_args__ = (
        check("grid_position_whole", "(easting IS NULL) = (northing IS NULL)"),
        check("on_the_grid", "easting BETWEEN 0 AND 700000 AND northing BETWEEN 0 AND 1300000"),
    )

    organization_id: UUID = Field(foreign_key="organization.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=200)
    address_1: str | None = Field(default=None, max_length=200)
    city: str | None = Field(default=None, max_length=200)
    postal_code: str | None = Field(default=None, max_length=8)
    easting: int | None = None
    northing: int | None = None
    authority_code: str | None = Field(default=None, foreign_key="area.code", max_length=9)
    is_public_office: bool = False


class ServiceAtLocation(Identified, table=True):
    """A service meeting people at a location (HSDS `service_at_location`)."""

    __tablename__ = "service_at_location"
    __table_args__ = (
        belongs_to_service(),
        UniqueConstraint("service_id", "location_id"),
        check("never_confidential", "NOT service_confidential"),
    )

    service_id: UUID
    service_confidential: bool
    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE", index=True)
