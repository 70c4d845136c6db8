"""Taxonomies, their terms with definitions, and the links from services and referral routes to terms."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, check, one_of
from app.models.codes import LINK_TYPES


class Taxonomy(Identified, table=True):
    """A code list of the vocabulary (HSDS `taxonomy`)."""

    __tablename__ = "taxonomy"
    __table_args__ = (UniqueConstraint("code"),)

    code: str = Field(max_length=40)
    name: str = Field(max_length=200)
    description: str
    uri: str | None = Field(default=None, max_length=500)
    version: str | None = Field(default=None, max_length=40)


class TaxonomyTerm(Identified, table=True):
    """A code with its definition (HSDS `taxonomy_term`)."""

    __tablename__ = "taxonomy_term"
    __table_args__ = (UniqueConstraint("taxonomy_id", "code"),)

    taxonomy_id: UUID = Field(foreign_key="taxonomy.id", ondelete="CASCADE")
    parent_id: UUID | None = Field(default=None, foreign_key="taxonomy_term.id")
    position: int = 0
    code: str = Field(max_length=60)
    name: str = Field(max_length=200)
    description: str
    term_uri: str | None = Field(default=None, max_length=500)


class Attribute(Identified, table=True):
    """A link from a service, or from one of its referral routes, to a term (HSDS `attribute`)."""

    __tablename__ = "attribute"
    __table_args__ = (
        one_of("link_type", LINK_TYPES),
        check("one_owner", "(service_id IS NULL) <> (referral_route_id IS NULL)"),
        check(
            "routes_have_referrers_and_stages",
            "(referral_route_id IS NOT NULL) = (link_type IN ('referrer', 'stage'))",
        ),
        UniqueConstraint("service_id", "link_type", "taxonomy_term_id"),
        UniqueConstraint("referral_route_id", "link_type", "taxonomy_term_id"),
    )

    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE")
    referral_route_id: UUID | None = Field(default=None, foreign_key="referral_route.id", ondelete="CASCADE")
    link_type: str = Field(max_length=20)
    taxonomy_term_id: UUID = Field(foreign_key="taxonomy_term.id")
