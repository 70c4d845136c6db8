"""The records of the feed: Open Referral UK 3.0, with the fields of HSDS 3.1 under their own names.

The UK profile is a narrower HSDS 3.0 (no telephone, no language code, no capacity); the later names validate everywhere,
because no published schema forbids more fields. Whatever neither has starts with `x_` and is in `oruk_extensions`.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema

from app.feed.oruk_extensions import (
    Answer,
    Day,
    Moment,
    OrukShape,
    Uri,
    XAssurance,
    XCapacity,
    XCoverage,
    XEligibility,
    XInformationFlow,
    XLocalAuthority,
    XPartOfAddress,
    XReferralRoute,
    XSchedule,
)

Email = Annotated[str, WithJsonSchema({"type": "string", "format": "email"})]


class TaxonomyTerm(OrukShape):
    """A term with its definition. The id is made of `term_uri` (UUID version 5), so it is the same everywhere."""

    id: UUID
    code: str
    name: str
    term: str
    description: str
    parent_id: UUID | None = None
    taxonomy: Annotated[str, Field(description="Name of the taxonomy.")]
    taxonomy_id: UUID
    term_uri: Uri


class Taxonomy(OrukShape):
    """A list of terms. The terms are in the answer for one taxonomy, not in the list."""

    id: UUID
    name: str
    description: str
    uri: Uri | None = None
    version: str | None = None
    taxonomy_terms: tuple[TaxonomyTerm, ...] | None = None


class Attribute(OrukShape):
    """A link to a term. `link_type` says what the term describes."""

    id: UUID
    link_id: UUID
    link_entity: Literal["service", "service_area"]
    link_type: Literal[
        "service_type", "need", "eligibility", "referral_route", "exploitation_type", "gss_code"
    ]
    taxonomy_term_id: UUID
    taxonomy_term: TaxonomyTerm


class Phone(OrukShape):
    id: UUID
    service_id: UUID | None = None
    organization_id: UUID | None = None
    number: Annotated[str, Field(description="As printed.")]
    type: str
    description: str | None = None
    x_e164: Annotated[str, Field(description="As dialled: +44…, or the digits of a short code.")]
    x_public_office: Annotated[
        bool | None,
        Field(description="A local number of a public office of a body that also runs a refuge."),
    ] = None


class Contact(OrukShape):
    """A desk or role mailbox; never a named person."""

    id: UUID
    service_id: UUID
    title: str
    email: Email | None = None


class Language(OrukShape):
    """A language that the staff speak: ISO 639-3 code, English name, its own name."""

    id: UUID
    service_id: UUID
    code: str
    name: str
    x_autonym: str


class Url(OrukShape):
    id: UUID
    service_id: UUID
    label: str
    url: Uri


class RequiredDocument(OrukShape):
    """What a referrer will be asked for, in the service's words."""

    id: UUID
    service_id: UUID
    document: str


class Unit(OrukShape):
    id: UUID
    name: str
    scheme: str
    identifier: str


class ServiceCapacity(OrukShape):
    """Counts, only where the provider publishes them, the service is not confidential, and the figure is in force."""

    id: UUID
    service_id: UUID
    unit: Unit
    available: int
    maximum: int | None = None
    updated: Moment
    x_applies_to: str
    x_status: str
    x_valid_until: Moment


class ServiceArea(OrukShape):
    """An area that is covered. `extent` is GeoJSON as a string where a shape is kept, otherwise a code or words."""

    id: UUID
    service_id: UUID
    name: str
    description: str | None = None
    extent: str
    extent_type: Literal["geojson", "text"]
    uri: Uri | None = None
    service_area: str
    attributes: tuple[Attribute, ...] | None = None
    x_area_type: Literal[
        "local_authority", "police_force", "region", "country", "postcode_list", "polygon", "everywhere"
    ]
    x_postcodes: Annotated[tuple[str, ...] | None, Field(description="Postcode districts.")] = None
    x_approximate: Annotated[
        bool | None, Field(description="The shape is roughly that of the area: for display.")
    ] = None


class Address(OrukShape):
    id: UUID
    location_id: UUID
    address_1: str
    city: str
    state_province: Annotated[str, Field(description="Name of the local authority.")]
    postal_code: str
    country: Literal["GB"]
    address_type: Literal["physical"]


class Location(OrukShape):
    """A public place; or a `virtual` one, without address and position, where there is none to publish."""

    id: UUID
    location_type: Literal["physical", "virtual"]
    name: str
    description: str | None = None
    latitude: Annotated[
        float | None, Field(description="WGS84 degrees, of the postcode of the address: not of the door.")
    ] = None
    longitude: float | None = None
    addresses: tuple[Address, ...] | None = None
    x_local_authority: XLocalAuthority | None = None
    x_address: XPartOfAddress | None = None
    x_public_office: Annotated[
        bool | None, Field(description="A public office of a body that also runs a refuge.")
    ] = None


class ServiceAtLocation(OrukShape):
    """Where a service is found, as it stands within the service."""

    id: UUID
    service_id: UUID
    location_id: UUID
    location: Location


class OrganizationIdentifier(OrukShape):
    id: UUID
    organization_id: UUID
    identifier_scheme: Annotated[str, Field(description="Of org-id.guide, such as GB-CHC.")]
    identifier_type: str
    identifier: str
    x_public_office: bool | None = None


class Organization(OrukShape):
    """A body that runs services, as it stands within each of them."""

    id: UUID
    name: str
    description: str
    email: Email | None = None
    website: Uri | None = None
    organization_identifiers: tuple[OrganizationIdentifier, ...] | None = None
    phones: tuple[Phone, ...] | None = None
    x_first_responder: Annotated[
        bool | None, Field(description="May refer to the National Referral Mechanism. Nobody else can.")
    ] = None
    x_demonstration: bool | None = None
    x_assurance: tuple[XAssurance, ...] | None = None
    x_last_modified: Moment | None = None


class Service(OrukShape):
    """A service. Only id, name and status are always there; the list leaves out what there may be several of.

    A service that was taken out stays in the list as `defunct`, with a moved `last_modified` and nothing else of it.
    """

    id: UUID
    organization_id: UUID | None = None
    name: str
    description: str | None = None
    url: Uri | None = None
    email: Email | None = None
    status: Literal["active", "inactive", "defunct", "temporarily closed"]
    interpretation_services: str | None = None
    application_process: str | None = None
    fees_description: str | None = None
    eligibility_description: str | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    assured_date: Annotated[
        Day | None, Field(description="When the record as a whole was last confirmed.")
    ] = None
    last_modified: Annotated[
        Moment | None,
        Field(
            description="Of the record and of its organization. Reports of capacity do not move it: read `x_capacity`."
        ),
    ] = None
    additional_urls: tuple[Url, ...] | None = None
    phones: tuple[Phone, ...] | None = None
    contacts: tuple[Contact, ...] | None = None
    schedules: tuple[XSchedule, ...] | None = None
    service_areas: tuple[ServiceArea, ...] | None = None
    languages: tuple[Language, ...] | None = None
    required_documents: tuple[RequiredDocument, ...] | None = None
    attributes: tuple[Attribute, ...] | None = None
    x_reach: Annotated[
        Literal["site", "outreach_area", "remote", "national"] | None,
        Field(
            description="People go there, it comes to them, by telephone or online, or one national service."
        ),
    ] = None
    x_confidential: Annotated[
        bool | None,
        Field(description="The place is secret: it has no location, and nobody may try to find it. Ring."),
    ] = None
    x_demonstration: Annotated[bool | None, Field(description="Invented: nobody answers there.")] = None
    x_child_card_role: Annotated[
        Literal["childrens_services", "guardianship"] | None,
        Field(description="Whom to ring first for anyone who is, or may be, under 18."),
    ] = None
    x_interpreter: Annotated[Answer | None, Field(description="Whether an interpreter can be had.")] = None
    x_eligibility: XEligibility | None = None
    x_information_flow: XInformationFlow | None = None
    x_coverage: XCoverage | None = None
    x_referral_routes: tuple[XReferralRoute, ...] | None = None
    x_hours_in_words: tuple[str, ...] | None = None
    x_assurance: tuple[XAssurance, ...] | None = None
    x_composed_fields: Annotated[
        tuple[str, ...] | None,
        Field(
            description="Fields whose words the feed made of other fields: the service did not write them."
        ),
    ] = None
    organization: Organization | None = None
    service_at_locations: tuple[ServiceAtLocation, ...] | None = None
    x_capacity: XCapacity | None = None
    capacities: tuple[ServiceCapacity, ...] | None = None


class ServiceAtLocationRecord(OrukShape):
    """A service at one place, with the service. `name` and `status` are those of the service."""

    id: UUID
    service_id: UUID | None = None
    location_id: UUID | None = None
    name: str
    status: str
    last_modified: Moment | None = None
    location: Location | None = None
    service: Service | None = None


class OrganizationRecord(Organization):
    """An organization with its services: their single fields, or whole with `full_service`."""

    services: tuple[Service, ...] | None = None


LIST_FIELDS = frozenset(
    name
    for name, field in Service.model_fields.items()
    if name == "organization" or "tuple" not in str(field.annotation)
) - {"x_eligibility", "x_information_flow", "x_coverage", "x_capacity"}
"""The list form of a service: its single fields and its organization."""
