"""Services and what belongs to one service alone: coverage, eligibility, languages, phones, contacts, hours, flows."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import (
    Identified,
    begins_like_a_landline,
    belongs_to_service,
    check,
    now_utc,
    one_of,
)
from app.models.codes import (
    BANK_HOLIDAY_RULES,
    CHILD_CARD_ROLES,
    FLOW_CONDITIONS,
    FLOW_RECIPIENTS,
    REACHES,
    RECORD_STATES,
    SCHEDULE_KINDS,
    SERVICE_STATUSES,
    SEX_ACCEPTED,
    VISIBILITIES,
    YES_NO_ASK,
)


class Service(Identified, table=True):
    """Something an organization does for people (HSDS `service`), with our reach, confidentiality and record state."""

    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        UniqueConstraint("id", "confidential"),
        one_of("status", SERVICE_STATUSES),
        one_of("record_state", RECORD_STATES),
        one_of("reach", REACHES),
        one_of("child_card_role", CHILD_CARD_ROLES),
        check("confidential_has_host_area", "NOT confidential OR host_area_code IS NOT NULL"),
        check("confidential_counts_private", "NOT (confidential AND counts_public)"),
        check("published_has_moment", "record_state <> 'published' OR published_at IS NOT NULL"),
        check("version_positive", "version >= 1"),
    )

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    source: str = Field(max_length=100)
    source_id: str = Field(max_length=200)
    name: str = Field(max_length=200)
    description: str
    url: str | None = Field(default=None, max_length=2000)
    email: str | None = Field(default=None, max_length=254)
    status: str = Field(default="active", max_length=20)
    record_state: str = Field(default="draft", max_length=20, index=True)
    reach: str = Field(max_length=20)
    confidential: bool
    host_area_code: str | None = Field(default=None, foreign_key="area.code", max_length=9)
    narrow_coverage_consent_on: date | None = None
    covers_everywhere: bool = False
    application_process: str | None = None
    fees_description: str | None = None
    interpreter: str | None = Field(default=None, max_length=3)
    counts_public: bool = False
    anonymous_contact: bool | None = None
    privacy_url: str | None = Field(default=None, max_length=2000)
    child_card_role: str | None = Field(default=None, max_length=20)
    demonstration: bool = False
    version: int = 1
    published_at: datetime | None = None
    last_modified_at: datetime = Field(default_factory=now_utc)


class ServiceArea(Identified, table=True):
    """One area a service covers (HSDS `service_area`): a GSS code, a postcode district or a polygon of its own."""

    __tablename__ = "service_area"
    __table_args__ = (
        belongs_to_service(),
        UniqueConstraint("service_id", "area_code"),
        UniqueConstraint("service_id", "postcode_district"),
        check(
            "exactly_one_kind",
            "(CASE WHEN area_code IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN postcode_district IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN polygon IS NULL THEN 0 ELSE 1 END) = 1",
        ),
        check(
            "confidential_whole_areas_only",
            "NOT (service_confidential AND (polygon IS NOT NULL OR postcode_district IS NOT NULL))",
        ),
    )

    service_id: UUID
    service_confidential: bool
    area_code: str | None = Field(default=None, foreign_key="area.code", max_length=9)
    postcode_district: str | None = Field(default=None, max_length=4)
    polygon: str | None = None


class Eligibility(SQLModel, table=True):
    """Whom a service accepts. Null means not known, which a search answers with "ask"."""

    __tablename__ = "eligibility"
    __table_args__ = (
        one_of("sex_accepted", SEX_ACCEPTED),
        one_of("trans_inclusive", YES_NO_ASK),
        one_of("with_children", YES_NO_ASK),
        one_of("no_recourse_to_public_funds", YES_NO_ASK),
        one_of("couples", YES_NO_ASK),
        one_of("pets", YES_NO_ASK),
        one_of("step_free", YES_NO_ASK),
        check("ages_possible", "minimum_age >= 0 AND maximum_age <= 120 AND minimum_age <= maximum_age"),
    )

    service_id: UUID = Field(primary_key=True, foreign_key="service.id", ondelete="CASCADE")
    sex_accepted: str | None = Field(default=None, max_length=5)
    trans_inclusive: str = Field(default="ask", max_length=3)
    minimum_age: int | None = None
    maximum_age: int | None = None
    with_children: str = Field(default="ask", max_length=3)
    no_recourse_to_public_funds: str = Field(default="ask", max_length=3)
    couples: str = Field(default="ask", max_length=3)
    pets: str = Field(default="ask", max_length=3)
    step_free: str = Field(default="ask", max_length=3)
    description: str | None = None


class Language(Identified, table=True):
    """A language the service's own staff speak (HSDS `language`; ISO 639-3)."""

    __tablename__ = "language"
    __table_args__ = (
        UniqueConstraint("service_id", "code"),
        check("code_length", "length(code) = 3"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    code: str = Field(max_length=3)


class Phone(Identified, table=True):
    """A number of a service or of an organization (HSDS `phone`). `number` is as printed; `e164` is what is dialled."""

    __tablename__ = "phone"
    __table_args__ = (
        belongs_to_service(),
        one_of("visibility", VISIBILITIES),
        check(
            "one_owner",
            "(service_id IS NULL) <> (organization_id IS NULL)"
            " AND (service_id IS NULL) = (service_confidential IS NULL)",
        ),
        check(
            "confidential_not_geographic",
            "service_id IS NULL"
            f" OR NOT (service_confidential AND (is_geographic OR {begins_like_a_landline('e164')}))",
        ),
    )

    service_id: UUID | None = Field(default=None, index=True)
    service_confidential: bool | None = None
    organization_id: UUID | None = Field(
        default=None, foreign_key="organization.id", ondelete="CASCADE", index=True
    )
    position: int = 0
    number: str = Field(max_length=40)
    e164: str = Field(max_length=20)
    is_geographic: bool
    is_public_office: bool = False
    phone_type: str = Field(default="voice", max_length=10)
    description: str | None = Field(default=None, max_length=500)
    visibility: str = Field(default="public", max_length=20)


class Contact(Identified, table=True):
    """A role mailbox or desk (HSDS `contact`); never a named person."""

    __tablename__ = "contact"
    __table_args__ = (one_of("visibility", VISIBILITIES),)

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE", index=True)
    role: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=254)
    visibility: str = Field(default="public", max_length=20)


class Schedule(Identified, table=True):
    """Opening hours of a service or of a referral route (HSDS `schedule`); see `app/directory/hours.py`."""

    __tablename__ = "schedule"
    __table_args__ = (
        one_of("kind", SCHEDULE_KINDS),
        one_of("bank_holidays", BANK_HOLIDAY_RULES),
        check("one_owner", "(service_id IS NULL) <> (referral_route_id IS NULL)"),
        check("dates_in_order", "valid_from <= valid_to"),
        check(
            "times_unless_closed",
            "(kind = 'closed') = (opens_at IS NULL) AND (opens_at IS NULL) = (closes_at IS NULL)",
        ),
        check("weekly_has_days", "kind <> 'weekly' OR byday IS NOT NULL"),
        check("dated_has_dates", "kind = 'weekly' OR (valid_from IS NOT NULL AND valid_to IS NOT NULL)"),
    )

    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE", index=True)
    referral_route_id: UUID | None = Field(
        default=None, foreign_key="referral_route.id", ondelete="CASCADE", index=True
    )
    position: int = 0
    kind: str = Field(max_length=10)
    byday: str | None = Field(default=None, max_length=20)
    opens_at: str | None = Field(default=None, max_length=5)
    closes_at: str | None = Field(default=None, max_length=5)
    valid_from: date | None = None
    valid_to: date | None = None
    bank_holidays: str = Field(default="unknown", max_length=10)


class InformationFlow(Identified, table=True):
    """What a service passes on, to whom, and when. What is not known is stored as unknown and shown as unknown."""

    __tablename__ = "information_flow"
    __table_args__ = (
        one_of("recipient", FLOW_RECIPIENTS),
        one_of("condition", FLOW_CONDITIONS),
        UniqueConstraint("service_id", "recipient"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    recipient: str = Field(max_length=40)
    condition: str = Field(max_length=20)
