"""From a submission to the rows that hold it: pure, with ids derived from the record and the field's own key.

The submission has passed `submitted_fields` and `confidential_facts`: nothing is checked here again.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from app.curation.submissions import (
    AssuranceSubmission,
    ContactSubmission,
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

Visible = TypeVar("Visible", ContactSubmission, RouteSubmission)

STORED_KEY = "stored-"
"""What the key of a route or place begins with that is stored already; its row's id follows. See `editing`."""


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


def add_children(
    submission: OrganizationSubmission,
    organization_id: UUID,
    known: dict[str, UUID],
    publication: Publication,
    *,
    rows: RowSet,
) -> None:
    """Add to `rows` every child row of an organization and its services; `known` gives ids of services by key."""
    for one in submission.identifiers:
        rows.make(
            OrganizationIdentifier,
            id=uuid5(organization_id, f"identifier/{one.identifier_scheme}/{one.identifier}"),
            organization_id=organization_id,
            **one.model_dump(),
        )
    _add_phones(rows, submission.phones, organization_id, owner={"organization_id": organization_id})
    _add_assurances(rows, submission.assurance, organization_id, owner={"organization_id": organization_id})
    places = {place.key: place for service in submission.services for place in service.locations}
    for place in places.values():
        _add_location(rows, place, organization_id, publication)
    for service in submission.services:
        _add_service(rows, service, organization_id, known=known, vocabulary=publication.vocabulary)


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
        rows.make(ServiceArea, id=uuid5(service_id, f"area/{code}"), **guarded, area_code=code)
    for code in coverage.postcode_districts:
        rows.make(ServiceArea, id=uuid5(service_id, f"area/{code}"), **guarded, postcode_district=code)
    for number, polygon in enumerate(coverage.polygons):
        text = json.dumps(polygon, separators=(",", ":"), sort_keys=True)
        rows.make(ServiceArea, id=uuid5(service_id, f"area/polygon/{number}"), **guarded, polygon=text)
    rows.make(Eligibility, service_id=service_id, **service.eligibility.model_dump())
    for code in service.languages:
        rows.make(Language, id=uuid5(service_id, f"language/{code}"), service_id=service_id, code=code)
    _add_phones(rows, service.phones, service_id, owner=guarded)
    for name, contact in _numbered_by_visibility("contact", service.contacts):
        rows.make(Contact, id=uuid5(service_id, name), service_id=service_id, **contact.model_dump())
    for recipient, condition in service.information_flow.model_dump().items():
        rows.make(
            InformationFlow,
            id=uuid5(service_id, f"flow/{recipient}"),
            service_id=service_id,
            recipient=recipient,
            condition=condition,
        )
    _add_schedules(rows, service.hours, service_id, owner=owner)
    _add_assurances(rows, service.assurance, service_id, owner=owner)
    _add_links(rows, "need", service.needs, owner_id=service_id, owner=owner, vocabulary=vocabulary)
    _add_links(
        rows, "exploitation", service.exploitation, owner_id=service_id, owner=owner, vocabulary=vocabulary
    )
    for place in service.locations:
        place_id = location_id(organization_id, place.key)
        rows.make(
            ServiceAtLocation,
            id=uuid5(service_id, f"at/{place_id}"),
            location_id=place_id,
            **guarded,
        )
    for position, (name, route) in enumerate(_numbered_by_visibility("route", service.routes)):
        # The key of a refuge's route may be a street, and an id made of it would confirm a guess.
        route_id = stored_id(route.key) or uuid5(
            service_id, name if service.confidential else f"route/{route.key}"
        )
        _add_route(rows, route, (position, route_id), guarded=guarded, known=known, vocabulary=vocabulary)


def stored_id(key: str) -> UUID | None:
    """The id of the row that a key stands for, where it stands for a stored one. Raises ValueError for no id."""
    return UUID(key.removeprefix(STORED_KEY)) if key.startswith(STORED_KEY) else None


def location_id(organization_id: UUID, key: str) -> UUID:
    """The id of a place of an organization, by its key."""
    return stored_id(key) or uuid5(organization_id, f"location/{key}")


def _numbered_by_visibility(kind: str, found: Iterable[Visible]) -> Iterator[tuple[str, Visible]]:
    """Names to make ids of, counted within the public and the professional ones apart: neither moves the other."""
    counted: Counter[str] = Counter()
    for one in found:
        yield f"{kind}/{one.visibility}/{counted[one.visibility]}", one
        counted[one.visibility] += 1


def _add_location(
    rows: RowSet, place: LocationSubmission, organization_id: UUID, publication: Publication
) -> None:
    known = place.model_dump(exclude={"key"})
    if place.postal_code is not None:
        postcode = parse_postcode(place.postal_code)
        found = publication.gazetteer.locate(postcode)
        # The gazetteer may be of a newer year than the areas: a code that is not known is no area to name.
        code = found.authorities[0].code
        known |= {
            "postal_code": str(postcode),
            "easting": round(found.position.easting),
            "northing": round(found.position.northing),
            "authority_code": code if code in publication.areas else None,
        }
    rows.make(Location, id=location_id(organization_id, place.key), organization_id=organization_id, **known)


def _add_route(
    rows: RowSet,
    route: RouteSubmission,
    place: tuple[int, UUID],
    *,
    guarded: dict[str, Any],
    known: dict[str, UUID],
    vocabulary: Vocabulary,
) -> None:
    position, route_id = place
    owner = {"referral_route_id": route_id}
    rows.make(
        ReferralRoute,
        id=route_id,
        **guarded,
        position=position,
        via_service_id=known[route.via_service] if route.via_service else None,
        phone_number=route.phone.national if route.phone else None,
        phone_e164=route.phone.e164 if route.phone else None,
        phone_is_geographic=route.phone.is_geographic if route.phone else False,
        **route.model_dump(exclude={"key", "via_service", "phone", "referrers", "stages", "hours"}),
    )
    _add_schedules(rows, route.hours, route_id, owner=owner)
    _add_links(rows, "referrer", route.referrers, owner_id=route_id, owner=owner, vocabulary=vocabulary)
    _add_links(rows, "stage", route.stages, owner_id=route_id, owner=owner, vocabulary=vocabulary)


def _add_links(
    rows: RowSet,
    link_type: str,
    codes: tuple[str, ...],
    *,
    owner_id: UUID,
    owner: dict[str, UUID],
    vocabulary: Vocabulary,
) -> None:
    for code in codes:
        rows.make(
            Attribute,
            id=uuid5(owner_id, f"{link_type}/{code}"),
            link_type=link_type,
            taxonomy_term_id=vocabulary.terms[link_type, code],
            **owner,
        )


def _add_phones(
    rows: RowSet, phones: tuple[PhoneSubmission, ...], owner_id: UUID, *, owner: dict[str, Any]
) -> None:
    for position, phone in enumerate(phones):
        rows.make(
            Phone,
            id=uuid5(owner_id, f"phone/{phone.phone_type}/{phone.number.e164}"),
            **owner,
            position=position,
            number=phone.number.national,
            e164=phone.number.e164,
            is_geographic=phone.number.is_geographic,
            **phone.model_dump(exclude={"number"}),
        )


def _add_assurances(
    rows: RowSet, assurances: tuple[AssuranceSubmission, ...], owner_id: UUID, *, owner: dict[str, UUID]
) -> None:
    for one in assurances:
        rows.make(Assurance, id=uuid5(owner_id, f"assurance/{one.fact}"), **owner, **one.model_dump())


def _add_schedules(rows: RowSet, hours: HoursSubmission, owner_id: UUID, *, owner: dict[str, UUID]) -> None:
    for position, row in enumerate(schedule_rows(hours)):
        rows.make(
            Schedule,
            id=uuid5(owner_id, f"schedule/{position}"),
            **owner,
            position=position,
            byday=",".join(row.byday) or None,
            **row.model_dump(exclude={"byday"}),
        )
