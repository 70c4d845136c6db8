"""The one projection: stored record in, public record out.

Every output of the service is made from what this module returns. What the public may know is ruled here, once:
a confidential service loses position, address, polygon, postcode coverage and local numbers even if a stored row had
them; an organization with any confidential service shows no address, identifier or local number that a curator has not
marked as a public office; only First Responders are shown as able to refer to the National Referral Mechanism; a number, and
the address of a place, that was taken down is in no text of its organization.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from langcodes import Language as LanguageTag

from app.directory.hours import Hours, ScheduleRow
from app.directory.records import (
    AreaName,
    Coverage,
    CoveredArea,
    OrganizationName,
    Position,
    ProjectedService,
    PublicAssurance,
    PublicContact,
    PublicEligibility,
    PublicFlows,
    PublicHours,
    PublicIdentifier,
    PublicLanguage,
    PublicLocation,
    PublicOrganization,
    PublicPhone,
    PublicRoute,
    PublicSchedule,
    PublicService,
    is_written_to,
)
from app.directory.stored import StoredOrganization, StoredRoute, StoredService
from app.directory.withdrawn import without_withdrawn
from app.geo.areas import Areas
from app.models.history import Assurance
from app.models.locations import Location
from app.models.services import Contact, Eligibility, Phone, Schedule, Service

Visibility = Literal["public", "professional"]

FIRST_RESPONDER_NEED = "nrm_first_responder"


def is_published(service: Service) -> bool:
    """Published and running: the only services that the public side knows of."""
    return service.record_state == "published" and service.status != "defunct"


def is_public(stored: StoredService) -> bool:
    return is_published(stored.service)


def project_service(stored: StoredService, of: StoredOrganization, areas: Areas) -> ProjectedService:
    """The public side of one service. The caller has asked `is_public` first."""
    service = stored.service
    withheld = of.has_confidential_service
    shown = [
        row
        for row in stored.locations
        if (row.is_public_office or not withheld) and not of.taken_down.hides(row)
    ]
    locations = [] if service.confidential else sorted(shown, key=lambda row: (row.name, row.id))
    polygons = [] if service.confidential else [x.polygon for x in stored.areas if x.polygon is not None]
    routes = [
        route
        for route in stored.routes
        if route.route.visibility == "public"
        and (not service.confidential or route.route.channel != "walk_in")
    ]
    record = PublicService(
        id=service.id,
        organization=OrganizationName(id=of.organization.id, name=of.organization.name),
        name=service.name,
        description=service.description,
        status=service.status,  # type: ignore[arg-type]
        reach=service.reach,  # type: ignore[arg-type]
        confidential=service.confidential,
        demonstration=service.demonstration,
        url=web_page(service.url),
        email=service.email,
        needs=tuple(need for need in stored.needs if need != FIRST_RESPONDER_NEED or of.is_first_responder),
        exploitation=stored.exploitation,
        coverage=_coverage(stored, areas, len(polygons)),
        eligibility=_eligibility(service.id, stored.eligibility),
        languages=tuple(
            public_language(row.code) for row in sorted(stored.languages, key=lambda row: row.code)
        ),
        interpreter=service.interpreter or "ask",  # type: ignore[arg-type]
        phones=shown_phones(
            stored.phones,
            confidential=service.confidential,
            withheld=withheld,
            taken_down=of.taken_down.phones,
        ),
        contacts=shown_contacts(stored.contacts),
        hours=_hours(stored.schedules),
        locations=tuple(_location(row, areas) for row in locations),
        referral_routes=tuple(
            shown_route(
                route,
                confidential=service.confidential,
                withheld=withheld,
                taken_down=of.taken_down.phones,
            )
            for route in routes
        ),
        information_flow=_public_flows(frozenset((row.recipient, row.condition) for row in stored.flows)),
        anonymous_contact=service.anonymous_contact,
        privacy_url=web_page(service.privacy_url),
        application_process=service.application_process,
        fees_description=service.fees_description,
        child_card_role=service.child_card_role,  # type: ignore[arg-type]
        assurance=_assurance(stored.assurances),
        last_modified=service.last_modified_at,
    )
    return ProjectedService(
        record=without_withdrawn(record, of.taken_down.withdrawn),
        positions=tuple(
            Position(
                easting=row.easting,
                northing=row.northing,
                authority_code=row.authority_code,
                postal_code=row.postal_code,
            )
            for row in locations
            if row.easting is not None and row.northing is not None
        ),
        polygons=tuple(polygons),
        # Of what does not run, the usual hours are kept in its record, and nobody is told that it is open now.
        hours=schedule_rows(stored.schedules) if record.is_running else (),
        route_hours=tuple(schedule_rows(route.schedules) for route in routes),
        counts_public=service.counts_public and not service.confidential,
    )


def project_organization(stored: StoredOrganization) -> PublicOrganization:
    """The public side of one organization, with the names of its public services."""
    withheld = stored.has_confidential_service
    row = stored.organization
    record = PublicOrganization(
        id=row.id,
        name=row.name,
        description=row.description,
        website=web_page(row.website),
        email=row.email,
        demonstration=row.demonstration,
        first_responder=stored.is_first_responder,
        identifiers=tuple(
            PublicIdentifier(
                identifier_scheme=one.identifier_scheme,
                identifier_type=one.identifier_type,
                identifier=one.identifier,
            )
            for one in stored.identifiers
            if one.is_public_office or not withheld
        ),
        phones=shown_phones(
            stored.phones, confidential=False, withheld=withheld, taken_down=stored.taken_down.phones
        ),
        services=tuple(
            OrganizationName(id=one.service.id, name=one.service.name)
            for one in sorted(stored.services, key=lambda one: (one.service.name, one.service.id))
            if is_public(one)
        ),
        assurance=_assurance(stored.assurances),
        last_modified=row.last_modified_at,
    )
    return without_withdrawn(record, stored.taken_down.withdrawn)


def schedule_rows(schedules: Iterable[Schedule]) -> tuple[ScheduleRow, ...]:
    """Stored rows of hours as the values that `app.directory.hours` evaluates."""
    return tuple(
        ScheduleRow(
            kind=row.kind,
            byday=tuple(row.byday.split(",")) if row.byday else (),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            bank_holidays=row.bank_holidays,
        )
        for row in schedules
    )


@lru_cache(maxsize=1024)
def public_language(code: str) -> PublicLanguage:
    """Names of a language from CLDR, by ISO 639-3 code; the code itself where there are none."""
    tag = LanguageTag.get(code)
    return PublicLanguage(code=code, name=tag.display_name("en"), autonym=tag.autonym())


def _coverage(stored: StoredService, areas: Areas, polygons: int) -> Coverage:
    covered = [areas[row.area_code] for row in stored.areas if row.area_code is not None]
    districts = [row.postcode_district for row in stored.areas if row.postcode_district is not None]
    return Coverage(
        everywhere=stored.service.covers_everywhere,
        areas=tuple(
            CoveredArea(code=area.code, name=area.name, area_type=area.area_type)
            for area in sorted(covered, key=lambda area: (area.name, area.code))
        ),
        postcode_districts=() if stored.service.confidential else tuple(sorted(districts)),
        polygons=polygons,
    )


def _eligibility(service_id: UUID, row: Eligibility | None) -> PublicEligibility:
    known = row or Eligibility(service_id=service_id)
    return _public_eligibility(tuple((name, getattr(known, name)) for name in PublicEligibility.model_fields))


@lru_cache(maxsize=4096)
def _public_eligibility(values: tuple[tuple[str, Any], ...]) -> PublicEligibility:
    return PublicEligibility(**dict(values))


@lru_cache(maxsize=4096)
def _public_flows(known: frozenset[tuple[str, str]]) -> PublicFlows:
    return PublicFlows(**{**dict.fromkeys(PublicFlows.model_fields, "unknown"), **dict(known)})


def shown_phones(
    rows: Iterable[Phone],
    *,
    confidential: bool,
    withheld: bool,
    taken_down: Collection[str],
    visibility: Visibility = "public",
) -> tuple[PublicPhone, ...]:
    """The numbers for these eyes, those that are rung first: somebody takes the first number. Professionals, too, are shown no local number that would lead to a house, and none that
    a curator has taken down (E.164).
    """
    return tuple(
        PublicPhone(number=row.number, e164=row.e164, phone_type=row.phone_type, description=row.description)
        for row in sorted(rows, key=lambda row: is_written_to(row.phone_type))
        if row.visibility == visibility
        and row.e164 not in taken_down
        and not (row.is_geographic and (confidential or (withheld and not row.is_public_office)))
    )


def shown_contacts(
    rows: Iterable[Contact], *, visibility: Visibility = "public"
) -> tuple[PublicContact, ...]:
    return tuple(
        PublicContact(role=row.role, email=row.email) for row in rows if row.visibility == visibility
    )


def _hours(schedules: Sequence[Schedule]) -> PublicHours:
    return _public_hours(schedule_rows(schedules))


@lru_cache(maxsize=4096)
def _public_hours(rows: tuple[ScheduleRow, ...]) -> PublicHours:
    return PublicHours(
        schedules=tuple(
            PublicSchedule(
                kind=row.kind,  # type: ignore[arg-type]
                byday=row.byday,
                opens_at=row.opens_at,
                closes_at=row.closes_at,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                bank_holidays=row.bank_holidays,  # type: ignore[arg-type]
            )
            for row in rows
        ),
        in_words=Hours.of(rows).in_words() if rows else (),
    )


def _location(row: Location, areas: Areas) -> PublicLocation:
    authority = areas[row.authority_code] if row.authority_code else None
    return PublicLocation(
        id=row.id,
        name=row.name,
        address_1=row.address_1,
        city=row.city,
        postal_code=row.postal_code,
        local_authority=AreaName(code=authority.code, name=authority.name) if authority else None,
    )


def shown_route(
    stored: StoredRoute, *, confidential: bool, withheld: bool, taken_down: Collection[str]
) -> PublicRoute:
    """A route without a number that would lead to a house or is taken down. Whose eyes it is for the caller has asked."""
    row = stored.route
    local = row.phone_is_geographic and (confidential or (withheld and not row.phone_is_public_office))
    number = None if local or row.phone_e164 in taken_down else row.phone_number
    by_channel = {
        "phone": number,
        "sms": number,
        "email": row.email,
        "web_form": web_page(row.form_url),
    }
    return PublicRoute(
        id=row.id,
        name=row.name,
        channel=row.channel,  # type: ignore[arg-type]
        contact=by_channel.get(row.channel),
        via_service_id=row.via_service_id,
        referrers=stored.referrers,
        stages=stored.stages,
        age_group=row.age_group,  # type: ignore[arg-type]
        consent=row.consent,  # type: ignore[arg-type]
        response_time=row.response_time,
        information_needed=row.information_needed,
        notes=row.notes,
        hours=_hours(stored.schedules),
    )


def web_page(address: str | None) -> str | None:
    """The address, if a page may lead to it. No way in takes another: this is for what came into the tables beside them."""
    return address if address is not None and address.lower().startswith(("https://", "http://")) else None


def _assurance(rows: Sequence[Assurance]) -> tuple[PublicAssurance, ...]:
    return tuple(
        PublicAssurance(
            fact=row.fact,
            state=row.state,  # type: ignore[arg-type]
            mark=row.mark,  # type: ignore[arg-type]
            source=row.source,
            source_url=web_page(row.source_url),
            confirmed_on=row.confirmed_on,
            review_by=row.review_by,
        )
        for row in sorted(rows, key=lambda row: row.fact)
    )
