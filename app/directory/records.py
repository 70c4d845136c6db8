"""Public records: the only shapes of a service or organization that leave the directory.

They are made by `projection` from stored records and hold public facts only; search, API, feed, pages and exports read
nothing else. A field that is not here cannot leak.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.hours import ScheduleRow


class PublicRecord(BaseModel):
    """Base of the public shapes: frozen, with every field always present in the JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class AreaName(PublicRecord):
    """An area by GSS code and name."""

    code: str
    name: str


class CoveredArea(AreaName):
    area_type: Literal["local_authority", "police_force", "region", "country"]


class PublicPhone(PublicRecord):
    """A number as printed and as dialled (E.164, or a short code)."""

    number: str
    e164: str
    phone_type: str
    description: str | None


def is_written_to(phone_type: str) -> bool:
    """Whether a number is for texts alone: rung, nobody answers it."""
    return phone_type != "voice"


class PublicContact(PublicRecord):
    role: str
    email: str | None


class PublicSchedule(PublicRecord):
    """One row of opening hours. `closes_at` 24:00 is midnight; `bank_holidays` is for bank holidays of England."""

    kind: Literal["weekly", "extra", "closed"]
    byday: tuple[str, ...]
    opens_at: str | None
    closes_at: str | None
    valid_from: date | None
    valid_to: date | None
    bank_holidays: Literal["open", "closed", "unknown"]


class PublicHours(PublicRecord):
    """Opening hours as rows and in words. Empty rows mean that the hours are not known."""

    schedules: tuple[PublicSchedule, ...]
    in_words: tuple[str, ...]


class PublicLocation(PublicRecord):
    """A place open to the public."""

    id: UUID
    name: str
    address_1: str | None
    city: str | None
    postal_code: str | None
    local_authority: AreaName | None


class Coverage(PublicRecord):
    """What the service covers, not where it stands. `polygons` counts areas drawn by hand; `/coverage` has them."""

    everywhere: bool
    areas: tuple[CoveredArea, ...]
    postcode_districts: tuple[str, ...]
    polygons: int


class PublicEligibility(PublicRecord):
    """Whom the service accepts. Null and `ask` mean: not known, ring and ask."""

    sex_accepted: Literal["women", "men", "any"] | None
    trans_inclusive: Literal["yes", "no", "ask"]
    minimum_age: int | None
    maximum_age: int | None
    with_children: Literal["yes", "no", "ask"]
    no_recourse_to_public_funds: Literal["yes", "no", "ask"]
    couples: Literal["yes", "no", "ask"]
    pets: Literal["yes", "no", "ask"]
    step_free: Literal["yes", "no", "ask"]
    description: str | None


class PublicLanguage(PublicRecord):
    """A language the staff speak: ISO 639-3 code, English name, and its own name."""

    code: str
    name: str
    autonym: str


class PublicRoute(PublicRecord):
    """One way to refer. `contact` is the number, address or page to use; empty lists mean not known."""

    id: UUID
    name: str
    channel: Literal["phone", "sms", "email", "web_form", "walk_in", "via_service"]
    contact: str | None
    via_service_id: UUID | None
    referrers: tuple[str, ...]
    stages: tuple[str, ...]
    age_group: Literal["adult", "child"] | None
    consent: Literal["required", "best_interests_allowed", "not_required_child", "not_applicable"] | None
    response_time: str | None
    information_needed: str | None
    notes: str | None
    hours: PublicHours


class PublicFlows(PublicRecord):
    """What the service passes on. `unknown` is not `never`."""

    police: str
    home_office_enforcement: str
    home_office_nrm: str
    council: str
    funder: str


class PublicAssurance(PublicRecord):
    """Where a fact comes from and when it has to be looked at again. Past `review_by` it is overdue."""

    fact: str
    state: Literal["unverified", "provider_confirmed", "curator_checked"]
    mark: Literal["confirmed", "second_hand", "general", "unknown", "invented"]
    source: str
    source_url: str | None
    confirmed_on: date | None
    review_by: date


class OrganizationName(PublicRecord):
    id: UUID
    name: str


class PublicService(PublicRecord):
    """Everything public about a service, apart from what moves by itself (capacity, open now)."""

    id: UUID
    organization: OrganizationName
    name: str
    description: str
    status: Literal["active", "inactive", "defunct", "temporarily closed"]
    reach: Literal["site", "outreach_area", "remote", "national"]
    confidential: bool
    demonstration: bool
    url: str | None
    email: str | None
    needs: tuple[str, ...]
    exploitation: tuple[str, ...]
    coverage: Coverage
    eligibility: PublicEligibility
    languages: tuple[PublicLanguage, ...]
    interpreter: Literal["yes", "no", "ask"]
    phones: tuple[PublicPhone, ...]
    contacts: tuple[PublicContact, ...]
    hours: PublicHours
    locations: tuple[PublicLocation, ...]
    referral_routes: tuple[PublicRoute, ...]
    information_flow: PublicFlows
    anonymous_contact: bool | None
    privacy_url: str | None
    application_process: str | None
    fees_description: str | None
    child_card_role: Literal["childrens_services", "guardianship"] | None
    assurance: tuple[PublicAssurance, ...]
    last_modified: datetime

    @property
    def is_running(self) -> bool:
        """Whether it takes anybody at all now. What does not is in no search or list; its record says so."""
        return self.status == "active"


class PublicIdentifier(PublicRecord):
    identifier_scheme: str
    identifier_type: str
    identifier: str


class PublicOrganization(PublicRecord):
    """Everything public about an organization."""

    id: UUID
    name: str
    description: str
    website: str | None
    email: str | None
    demonstration: bool
    first_responder: bool
    identifiers: tuple[PublicIdentifier, ...]
    phones: tuple[PublicPhone, ...]
    services: tuple[OrganizationName, ...]
    assurance: tuple[PublicAssurance, ...]
    last_modified: datetime


class Position(BaseModel):
    """A public location on the OSGB36 grid, in whole metres, with the authority that its postcode had when it was stored; for
    distances, never shown.
    """

    model_config = ConfigDict(frozen=True)

    easting: int
    northing: int
    authority_code: str | None
    postal_code: str | None = None


class ProjectedService(BaseModel):
    """A public record with what search needs beside it: public positions, polygons and rows of hours."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    record: PublicService
    positions: tuple[Position, ...] = ()
    polygons: tuple[str, ...] = Field(default=(), description="GeoJSON texts of polygons, WGS84")
    hours: tuple[ScheduleRow, ...] = ()
    route_hours: tuple[tuple[ScheduleRow, ...], ...] = Field(
        default=(), description="Per public route, in order"
    )
    counts_public: bool = False
