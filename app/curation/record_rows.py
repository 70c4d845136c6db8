"""From a submission to the rows that hold it: pure, with ids derived from the record and the field's own key.

The submission has passed `submitted_fields` and `confidential_facts`: nothing is checked here again.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from app.curation.submissions import (
    AssuranceSubmission,
    HoursSubmission,
    LocationSubmission,
    OrganizationSubmission,
    PhoneSubmission,
    RouteSubmission,
    ServiceSubmission,
    schedule_rows,
)
from app.directory.stored import RowSet
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import parse_postcode
from app.models.history import Assurance
from app.models.locations import Location, ServiceAtLocation
from app.models.organizations import Organization, OrganizationIdentifier
from app.models.referral import ReferralRoute
from app.models.services import (
    Contact,
    Eligibility,
    InformationFlow,
    Language,
    Phone,
    Schedule,
    Service,
    ServiceArea,
)
from app.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Ids of terms by taxonomy code and term code."""

    terms: dict[tuple[str, str], UUID]

    @classmethod
    def load(cls, session: Session) -> "Vocabulary":
        found = session.exec(
            select(Taxonomy.code, TaxonomyTerm.code, TaxonomyTerm.id).join(
                TaxonomyTerm, col(TaxonomyTerm.taxonomy_id) == col(Taxonomy.id)
            )
        )
        return cls({(taxonomy, code): term_id for taxonomy, code, term_id in found})


@dataclass(frozen=True, slots=True)
class Publication:
    """What is the same for all records of one publishing run. `author` and `source` are names, never persons' data."""

    source: str
    author: str
    areas: Areas
    gazetteer: Gazetteer
    vocabulary: Vocabulary
    now: datetime
    demonstration: bool = False


def organization_row(
    submission: OrganizationSubmission, organization_id: UUID, publication: Publication
) -> Organization:
    """The row of an organization that is new."""
    return Organization(
        id=organization_id,
        source=publication.source,
        source_id=submission.key,
        demonstration=publication.demonstration,
        last_modified_at=publication.now,
        **submission.model_dump(include={"name", "description", "website", "email"}),
    )


def service_row(
    submission: ServiceSubmission, service_id: UUID, organization_id: UUID, *, publication: Publication
) -> Service:
    """The row of a service that is new, published now."""
    return Service(
        id=service_id,
        organization_id=organization_id,
        source=publication.source,
        source_id=submission.key,
        host_area_code=submission.host_area,
        covers_everywhere=submission.coverage.everywhere,
        demonstration=publication.demonstration,
        record_state="published",
        published_at=publication.now,
        last_modified_at=publication.now,
        **submission.model_dump(
            include={
                "name", "description", "url", "email", "status", "reach", "confidential", "narrow_coverage_consent_on",
                "application_process", "fees_description", "interpreter", "counts_public", "anonymous_contact",
                "privacy_url", "child_card_role",
            }
        ),
    )  # fmt: skip


def children_of(
    submission: OrganizationSubmission,
    organization_id: UUID,
    known: dict[str, UUID],
    publication: Publication,
) -> RowSet:
    """Every child row of an organization and its services; `known` gives ids of services by key."""
    rows = RowSet()
    for one in submission.identifiers:
        rows.add(
            OrganizationIdentifier(
                id=uuid5(organization_id, f"identifier/{one.identifier_scheme}/{one.identifier}"),
                organization_id=organization_id,
                **one.model_dump(),
            )
        )
    rows.add(*_phones(submission.phones, organization_id, owner={"organization_id": organization_id}))
    rows.add(*_assurances(submission.assurance, organization_id, owner={"organization_id": organization_id}))
    places = {place.key: place for service in submission.services for place in service.locations}
    rows.add(*(_location(place, organization_id, publication) for place in places.values()))
    for service in submission.services:
        _add_service(rows, service, organization_id, known=known, vocabulary=publication.vocabulary)
    return rows


def _add_service(
    rows: RowSet,
    service: ServiceSubmission,
    organization_id: UUID,
    *,
    known: dict[str, UUID],
    vocabulary: Vocabulary,
) -> None:
    service_id = known[service.key]
    owner = {"service_id": service_id}
    guarded: dict[str, Any] = {"service_id": service_id, "service_confidential": service.confidential}
    coverage = service.coverage
    for code in coverage.areas:
        rows.add(ServiceArea(id=uuid5(service_id, f"area/{code}"), **guarded, area_code=code))
    for code in coverage.postcode_districts:
        rows.add(ServiceArea(id=uuid5(service_id, f"area/{code}"), **guarded, postcode_district=code))
    for number, polygon in enumerate(coverage.polygons):
        text = json.dumps(polygon, separators=(",", ":"), sort_keys=True)
        rows.add(ServiceArea(id=uuid5(service_id, f"area/polygon/{number}"), **guarded, polygon=text))
    rows.add(Eligibility(service_id=service_id, **service.eligibility.model_dump()))
    for code in service.languages:
        rows.add(Language(id=uuid5(service_id, f"language/{code}"), service_id=service_id, code=code))
    rows.add(*_phones(service.phones, service_id, owner=guarded))
    for number, contact in enumerate(service.contacts):
        rows.add(
            Contact(id=uuid5(service_id, f"contact/{number}"), service_id=service_id, **contact.model_dump())
        )
    for recipient, condition in service.information_flow.model_dump().items():
        rows.add(
            InformationFlow(
                id=uuid5(service_id, f"flow/{recipient}"),
                service_id=service_id,
                recipient=recipient,
                condition=condition,
            )
        )
    rows.add(*_schedules(service.hours, service_id, owner=owner))
    rows.add(*_assurances(service.assurance, service_id, owner=owner))
    rows.add(*_links("need", service.needs, service_id, owner=owner, vocabulary=vocabulary))
    rows.add(*_links("exploitation", service.exploitation, service_id, owner=owner, vocabulary=vocabulary))
    for place in service.locations:
        rows.add(
            ServiceAtLocation(
                id=uuid5(service_id, f"at/{place.key}"),
                location_id=uuid5(organization_id, f"location/{place.key}"),
                **guarded,
            )
        )
    for position, route in enumerate(service.routes):
        _add_route(rows, route, position, guarded=guarded, known=known, vocabulary=vocabulary)


def _location(place: LocationSubmission, organization_id: UUID, publication: Publication) -> Location:
    row = Location(
        id=uuid5(organization_id, f"location/{place.key}"),
        organization_id=organization_id,
        **place.model_dump(exclude={"key"}),
    )
    if place.postal_code is not None:
        postcode = parse_postcode(place.postal_code)
        found = publication.gazetteer.locate(postcode)
        row.postal_code = str(postcode)
        row.easting, row.northing = round(found.position.easting), round(found.position.northing)
        # The gazetteer may be of a newer year than the areas; a code that is not known would be no area to name.
        code = found.authorities[0].code
        row.authority_code = code if code in publication.areas else None
    return row


def _add_route(
    rows: RowSet,
    route: RouteSubmission,
    position: int,
    *,
    guarded: dict[str, Any],
    known: dict[str, UUID],
    vocabulary: Vocabulary,
) -> None:
    route_id = uuid5(guarded["service_id"], f"route/{route.key}")
    owner = {"referral_route_id": route_id}
    rows.add(
        ReferralRoute(
            id=route_id,
            **guarded,
            position=position,
            via_service_id=known[route.via_service] if route.via_service else None,
            phone_number=route.phone.national if route.phone else None,
            phone_e164=route.phone.e164 if route.phone else None,
            phone_is_geographic=route.phone.is_geographic if route.phone else False,
            **route.model_dump(exclude={"key", "via_service", "phone", "referrers", "stages", "hours"}),
        )
    )
    rows.add(*_schedules(route.hours, route_id, owner=owner))
    rows.add(*_links("referrer", route.referrers, route_id, owner=owner, vocabulary=vocabulary))
    rows.add(*_links("stage", route.stages, route_id, owner=owner, vocabulary=vocabulary))


def _links(
    link_type: str, codes: tuple[str, ...], owner_id: UUID, *, owner: dict[str, UUID], vocabulary: Vocabulary
) -> list[Attribute]:
    return [
        Attribute(
            id=uuid5(owner_id, f"{link_type}/{code}"),
            link_type=link_type,
            taxonomy_term_id=vocabulary.terms[link_type, code],
            **owner,
        )
        for code in codes
    ]


def _phones(phones: tuple[PhoneSubmission, ...], owner_id: UUID, *, owner: dict[str, Any]) -> list[Phone]:
    return [
        Phone(
            id=uuid5(owner_id, f"phone/{phone.phone_type}/{phone.number.e164}"),
            **owner,
            position=position,
            number=phone.number.national,
            e164=phone.number.e164,
            is_geographic=phone.number.is_geographic,
            **phone.model_dump(exclude={"number"}),
        )
        for position, phone in enumerate(phones)
    ]


def _assurances(
    assurances: tuple[AssuranceSubmission, ...], owner_id: UUID, *, owner: dict[str, Any]
) -> list[Assurance]:
    return [
        Assurance(id=uuid5(owner_id, f"assurance/{one.fact}"), **owner, **one.model_dump())
        for one in assurances
    ]


def _schedules(hours: HoursSubmission, owner_id: UUID, *, owner: dict[str, Any]) -> list[Schedule]:
    return [
        Schedule(
            id=uuid5(owner_id, f"schedule/{position}"),
            **owner,
            position=position,
            byday=",".join(row.byday) or None,
            **row.model_dump(exclude={"byday"}),
        )
        for position, row in enumerate(schedule_rows(hours))
    ]
