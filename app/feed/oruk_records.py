"""From public records to the shapes of the feed: services and organizations, whole.

Nothing public is lost: what the standard cannot say stands in extensions, and a record that is read back by
`app.importing` gives the same public record. Ids of children are derived from their record's public id.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid5

from app.directory.contact_points import parse_phone
from app.directory.records import (
    PublicAssurance,
    PublicOrganization,
    PublicPhone,
    PublicRoute,
    PublicService,
)
from app.directory.snapshot import Catalogue, Entry
from app.feed.oruk_extensions import XAssurance, XEligibility, XInformationFlow, XReferralRoute
from app.feed.oruk_hours import schedules_of
from app.feed.oruk_open_eligibility import ELIGIBILITY_OF_NEED, SERVICE_TYPE_OF_NEED, SURVIVORS
from app.feed.oruk_places import coverage_of, organization_runs_refuge, service_areas, service_at_locations
from app.feed.oruk_shapes import (
    Attribute,
    Contact,
    Language,
    Organization,
    OrganizationIdentifier,
    Phone,
    RequiredDocument,
    Service,
    TaxonomyTerm,
    Url,
)
from app.feed.oruk_terms import Terms
from app.feed.oruk_words import INTERPRETER, application_process, eligibility_description


def moment(at: datetime) -> str:
    """An instant with milliseconds, as the UK profile asks of `last_modified`."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def last_modified_of(record: PublicService, catalogue: Catalogue) -> datetime:
    """When what stands in it was last changed: the record, its organization, and the services that its ways in lead through,
    whose names and numbers are in the words on how to apply. A number that is taken down there moves this as well.
    """
    organization = catalogue.organizations.get(record.organization.id)
    through = [catalogue.service_through(route) for route in record.referral_routes]
    others = [one.last_modified for one in (organization, *through) if one is not None]
    return max((record.last_modified, *others))


def service_shape(entry: Entry, catalogue: Catalogue, terms: Terms) -> Service:
    """A service with everything public about it but its capacity, which `oruk_capacity` adds to every answer."""
    record, organization = entry.record, catalogue.organizations.get(entry.record.organization.id)
    runs_refuge = organization_runs_refuge(record.organization.id, catalogue)
    composed: dict[str, str | None] = {
        "interpretation_services": INTERPRETER.get(record.interpreter),
        "application_process": None if record.application_process else application_process(record, catalogue),
        "eligibility_description": None
        if record.eligibility.description
        else eligibility_description(record.eligibility),
    }
    confirmed = next((one.confirmed_on for one in record.assurance if one.fact == "record"), None)
    return Service(
        id=record.id,
        organization_id=record.organization.id,
        name=record.name,
        description=record.description,
        url=record.url,
        email=record.email,
        status=record.status,
        interpretation_services=composed["interpretation_services"],
        application_process=record.application_process or composed["application_process"],
        fees_description=record.fees_description,
        eligibility_description=record.eligibility.description or composed["eligibility_description"],
        minimum_age=record.eligibility.minimum_age,
        maximum_age=record.eligibility.maximum_age,
        assured_date=None if confirmed is None else confirmed.isoformat(),
        last_modified=moment(last_modified_of(record, catalogue)),
        additional_urls=tuple(_additional_urls(record)) or None,
        phones=tuple(_phones(record.phones, service_id=record.id, runs_refuge=runs_refuge)) or None,
        contacts=tuple(
            Contact(
                id=uuid5(record.id, f"contact/{number}"),
                service_id=record.id,
                title=one.role,
                email=one.email,
            )
            for number, one in enumerate(record.contacts)
        )
        or None,
        schedules=schedules_of(record.hours, record.id, service_id=record.id),
        service_areas=service_areas(entry, catalogue, terms),
        languages=tuple(
            Language(
                id=uuid5(record.id, f"language/{one.code}"),
                service_id=record.id,
                code=one.code,
                name=one.name,
                x_autonym=one.autonym,
            )
            for one in record.languages
        )
        or None,
        required_documents=tuple(_required_documents(record)) or None,
        attributes=tuple(attributes_of(record, terms)) or None,
        x_reach=record.reach,
        x_confidential=record.confidential,
        x_demonstration=record.demonstration,
        x_child_card_role=record.child_card_role,
        x_interpreter=record.interpreter,
        x_eligibility=XEligibility(
            **record.eligibility.model_dump(exclude={"minimum_age", "maximum_age"}, exclude_none=True)
        ),
        x_information_flow=XInformationFlow(
            **record.information_flow.model_dump(),
            anonymous_contact=record.anonymous_contact,
            privacy_url=record.privacy_url,
        ),
        x_coverage=coverage_of(record.coverage),
        x_referral_routes=tuple(_route(one, runs_refuge=runs_refuge) for one in record.referral_routes)
        or None,
        x_hours_in_words=record.hours.in_words or None,
        x_assurance=_assurances(record.assurance),
        x_composed_fields=tuple(name for name, words in composed.items() if words is not None) or None,
        organization=None if organization is None else organization_shape(organization, catalogue),
        service_at_locations=service_at_locations(record, catalogue),
    )


def organization_shape(record: PublicOrganization, catalogue: Catalogue) -> Organization:
    """An organization as it stands within its services."""
    runs_refuge = organization_runs_refuge(record.id, catalogue)
    return Organization(
        id=record.id,
        name=record.name,
        description=record.description,
        email=record.email,
        website=record.website,
        organization_identifiers=tuple(
            OrganizationIdentifier(
                id=uuid5(record.id, f"identifier/{one.identifier_scheme}/{one.identifier}"),
                organization_id=record.id,
                identifier_scheme=one.identifier_scheme,
                identifier_type=one.identifier_type,
                identifier=one.identifier,
                x_public_office=runs_refuge or None,
            )
            for one in record.identifiers
        )
        or None,
        phones=tuple(_phones(record.phones, organization_id=record.id, runs_refuge=runs_refuge)) or None,
        x_first_responder=record.first_responder,
        x_demonstration=record.demonstration,
        x_assurance=_assurances(record.assurance),
        x_last_modified=moment(record.last_modified),
    )


def attributes_of(record: PublicService, terms: Terms) -> Iterator[Attribute]:
    """Links to every term that the service has; those of its areas stand at the areas."""
    found: list[tuple[str, TaxonomyTerm]] = [
        ("service_type", terms.of_open_eligibility(code))
        for code in dict.fromkeys(
            SERVICE_TYPE_OF_NEED[need] for need in record.needs if need in SERVICE_TYPE_OF_NEED
        )
    ]
    for_whom = (
        SURVIVORS,
        *(ELIGIBILITY_OF_NEED[need] for need in record.needs if need in ELIGIBILITY_OF_NEED),
    )
    found += [("eligibility", terms.of_open_eligibility(code)) for code in for_whom]
    found += [("need", term) for term in terms.of_list("need", record.needs)]
    found += [("exploitation_type", term) for term in terms.of_list("exploitation", record.exploitation)]
    for code_list, codes in (
        ("referrer", [code for route in record.referral_routes for code in route.referrers]),
        ("channel", [route.channel for route in record.referral_routes]),
        ("stage", [code for route in record.referral_routes for code in route.stages]),
    ):
        found += [("referral_route", term) for term in terms.of_list(code_list, list(dict.fromkeys(codes)))]
    for link_type, term in found:
        yield Attribute(
            id=uuid5(record.id, f"{link_type}/{term.id}"),
            link_id=record.id,
            link_entity="service",
            link_type=link_type,  # type: ignore[arg-type]
            taxonomy_term_id=term.id,
            taxonomy_term=term,
        )


def _phones(
    phones: tuple[PublicPhone, ...],
    *,
    runs_refuge: bool,
    service_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> Iterator[Phone]:
    for one in phones:
        owner_id = service_id or organization_id
        if owner_id is not None:
            yield Phone(
                id=uuid5(owner_id, f"phone/{one.phone_type}/{one.e164}"),
                service_id=service_id,
                organization_id=organization_id,
                number=one.number,
                type=one.phone_type,
                description=one.description,
                x_e164=one.e164,
                x_public_office=(runs_refuge and parse_phone(one.number).is_geographic) or None,
            )


def _route(one: PublicRoute, *, runs_refuge: bool) -> XReferralRoute:
    dials = runs_refuge and one.channel in ("phone", "sms")
    is_local = dials and one.contact is not None and parse_phone(one.contact).is_geographic
    return XReferralRoute(
        id=one.id,
        name=one.name,
        channel=one.channel,
        contact=one.contact,
        via_service_id=one.via_service_id,
        referrers=one.referrers or None,
        stages=one.stages or None,
        age_group=one.age_group,
        consent=one.consent,
        response_time=one.response_time,
        information_needed=one.information_needed,
        notes=one.notes,
        hours=schedules_of(one.hours, one.id),
        required_document_ids=None if one.information_needed is None else (_document_id(one),),
        x_public_office=is_local or None,
    )


def _document_id(route: PublicRoute) -> UUID:
    return uuid5(route.id, "required document")


def _required_documents(record: PublicService) -> Iterator[RequiredDocument]:
    for route in record.referral_routes:
        if route.information_needed is not None:
            yield RequiredDocument(
                id=_document_id(route), service_id=record.id, document=route.information_needed
            )


def _additional_urls(record: PublicService) -> Iterator[Url]:
    for route in record.referral_routes:
        if route.channel == "web_form" and route.contact is not None:
            yield Url(
                id=uuid5(route.id, "url"), service_id=record.id, label="Referral form", url=route.contact
            )
    if record.privacy_url is not None:
        url_id = uuid5(record.id, "url/privacy")
        yield Url(id=url_id, service_id=record.id, label="Privacy notice", url=record.privacy_url)


def _assurances(found: tuple[PublicAssurance, ...]) -> tuple[XAssurance, ...] | None:
    return (
        tuple(
            XAssurance(
                fact=one.fact,
                state=one.state,
                mark=one.mark,
                source=one.source,
                source_url=one.source_url,
                confirmed_on=None if one.confirmed_on is None else one.confirmed_on.isoformat(),
                review_by=one.review_by.isoformat(),
            )
            for one in found
        )
        or None
    )
