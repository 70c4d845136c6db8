"""What the types of a submission cannot say: what its fields name must exist, and fields must fit one another.

Every error names its field by JSON pointer from the organization's submission. The database refuses most of it too;
here it is said in words, all at once, and before anything is written.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import shapely
from pydantic_core import to_json

from app.curation.record_rows import Publication
from app.curation.submissions import (
    AssuranceSubmission,
    CoverageSubmission,
    EligibilitySubmission,
    HoursSubmission,
    LocationSubmission,
    OrganizationSubmission,
    RouteSubmission,
    ServiceSubmission,
    schedule_rows,
)
from app.directory.columns import ACCOMMODATION, ADULT_FROM, CHILD_NEED
from app.directory.hours import Hours, ScheduleRow
from app.errors import FieldError, InvalidInput, ValidationFailed
from app.geo.distance import EAST, NORTH, SOUTH, WEST
from app.geo.postcodes import Precision, parse_postcode
from app.models.codes import FLOW_CONDITIONS


def require_fields(
    submission: OrganizationSubmission, publication: Publication, known: Mapping[str, UUID]
) -> None:
    """Raise ValidationFailed with every field that is wrong. `known` has the keys of all services of the source."""
    errors = tuple(field_errors(submission, publication, known))
    if errors:
        raise ValidationFailed(errors=errors)


def field_errors(
    submission: OrganizationSubmission, publication: Publication, known: Mapping[str, UUID]
) -> Iterator[FieldError]:
    """Every field of an organization and its services that names nothing, stands twice, or contradicts another."""
    yield from _repeated(
        [(one.identifier_scheme, one.identifier) for one in submission.identifiers], "/identifiers"
    )
    yield from _repeated([(one.phone_type, one.number) for one in submission.phones], "/phones")
    yield from _assurance_errors(submission.assurance, "/assurance")
    places: dict[str, LocationSubmission] = {}
    for position, service in enumerate(submission.services):
        for number, place in enumerate(service.locations):
            if places.setdefault(place.key, place) != place:
                expected = "the same place as where its key stands first"
                yield FieldError(f"/services/{position}/locations/{number}", expected)
        yield from _service_errors(service, f"/services/{position}", publication, known)


def _service_errors(
    service: ServiceSubmission, at: str, publication: Publication, known: Mapping[str, UUID]
) -> Iterator[FieldError]:
    if service.host_area is not None and service.host_area not in publication.areas:
        yield FieldError(f"{at}/host_area", "the code of a known area")
    yield from _coverage_errors(service.coverage, f"{at}/coverage", publication)
    yield from _unknown_codes("need", service.needs, f"{at}/needs", publication)
    yield from _unknown_codes("exploitation", service.exploitation, f"{at}/exploitation", publication)
    ages = service.eligibility
    if ages.minimum_age is not None and ages.maximum_age is not None and ages.minimum_age > ages.maximum_age:
        yield FieldError(f"{at}/eligibility/maximum_age", "an age that is not below minimum_age")
    yield from _child_card_errors(service, at)
    for recipient, condition in service.information_flow.model_dump().items():
        if condition not in FLOW_CONDITIONS:
            expected = "a code of the information_condition vocabulary"
            yield FieldError(f"{at}/information_flow/{recipient}", expected)
    yield from _repeated(service.languages, f"{at}/languages")
    yield from _repeated([(one.phone_type, one.number) for one in service.phones], f"{at}/phones")
    yield from _assurance_errors(service.assurance, f"{at}/assurance")
    yield from _hours_errors(service.hours, f"{at}/hours")
    yield from _repeated([place.key for place in service.locations], f"{at}/locations")
    for number, place in enumerate(service.locations):
        yield from _location_errors(place, f"{at}/locations/{number}", publication)
    yield from _repeated([route.key for route in service.routes], f"{at}/routes")
    for number, route in enumerate(service.routes):
        here = f"{at}/routes/{number}"
        if route.via_service is not None and (
            route.via_service not in known or route.via_service == service.key
        ):
            yield FieldError(f"{here}/via_service", "the key of another service of this source")
        yield from _route_errors(route, here, publication)
        yield from _ages_apart(route, ages, here)


def _child_card_errors(service: ServiceSubmission, at: str) -> Iterator[FieldError]:
    """A search for a child finds the card's services by what they are for. One that it would pass over is rung by nobody, and the
    card says that the council's children's services are not in the directory.
    """
    if service.child_card_role is None:
        return
    if CHILD_NEED not in service.needs:
        yield FieldError(f"{at}/child_card_role", f"of a service with {CHILD_NEED} among its needs")
    elif not ACCOMMODATION.isdisjoint(service.needs):
        yield FieldError(
            f"{at}/child_card_role", "of a service without places to stay, which no child is shown"
        )
    elif (service.eligibility.minimum_age or 0) >= ADULT_FROM:
        yield FieldError(f"{at}/child_card_role", f"of a service that takes people under {ADULT_FROM}")


def _route_errors(route: RouteSubmission, at: str, publication: Publication) -> Iterator[FieldError]:
    needed: dict[str, object] = {
        "phone": route.phone,
        "sms": route.phone,
        "email": route.email,
        "web_form": route.form_url,
        "via_service": route.via_service,
    }
    goes_through_another = route.channel == "via_service"
    if needed.get(route.channel, True) is None or goes_through_another != (route.via_service is not None):
        yield FieldError(f"{at}/channel", "a channel together with the contact that it needs")
    if route.age_group == "adult" and route.consent == "not_required_child":
        yield FieldError(f"{at}/consent", "what holds for adults: a child's route says `child`")
    yield from _unknown_codes("referrer", route.referrers, f"{at}/referrers", publication)
    yield from _unknown_codes("stage", route.stages, f"{at}/stages", publication)
    yield from _hours_errors(route.hours, f"{at}/hours")


def _ages_apart(route: RouteSubmission, ages: EligibilitySubmission, at: str) -> Iterator[FieldError]:
    """A way in for none of those whom the service takes is never shown to anybody, and "for a child nobody has to agree" is no word
    for a service that takes adults alone: an adult always has to.
    """
    for_adults = ages.minimum_age is not None and ages.minimum_age >= ADULT_FROM
    for_children = ages.maximum_age is not None and ages.maximum_age < ADULT_FROM
    if (route.age_group == "child" and for_adults) or (route.age_group == "adult" and for_children):
        yield FieldError(f"{at}/age_group", "people whom the service takes, by its ages")
    if for_adults and route.consent == "not_required_child":
        yield FieldError(f"{at}/consent", "what holds for adults: the service takes nobody else")


def _coverage_errors(coverage: CoverageSubmission, at: str, publication: Publication) -> Iterator[FieldError]:
    for number, code in enumerate(coverage.areas):
        if code not in publication.areas:
            yield FieldError(f"{at}/areas/{number}", "the code of a known area")
    yield from _repeated(coverage.areas, f"{at}/areas")
    for number, district in enumerate(coverage.postcode_districts):
        if not publication.gazetteer.authorities_of_district(district):
            yield FieldError(
                f"{at}/postcode_districts/{number}", "the first half of a postcode that is in use"
            )
    yield from _repeated(coverage.postcode_districts, f"{at}/postcode_districts")
    for number, polygon in enumerate(coverage.polygons):
        if not _is_area(polygon):
            expected = (
                "a GeoJSON Polygon or MultiPolygon in Great Britain, longitude first, not crossing itself"
            )
            yield FieldError(f"{at}/polygons/{number}", expected)


def _is_area(polygon: dict[str, Any]) -> bool:
    """Whether it is what RFC 7946 calls a Polygon or MultiPolygon, valid as one, with an area, in Great Britain."""
    if polygon.get("type") not in ("Polygon", "MultiPolygon"):
        return False
    try:
        shape = shapely.from_geojson(to_json(polygon))
    except (shapely.errors.GEOSException, ValueError):
        return False
    if shapely.is_empty(shape) or not shapely.is_valid(shape) or shapely.has_z(shape):
        return False
    west, south, east, north = shapely.bounds(shape)
    return bool(west >= WEST and south >= SOUTH and east <= EAST and north <= NORTH)


def _location_errors(place: LocationSubmission, at: str, publication: Publication) -> Iterator[FieldError]:
    if place.postal_code is None:
        return
    try:
        postcode = parse_postcode(place.postal_code)
        publication.gazetteer.locate(postcode)
    except InvalidInput:
        yield FieldError(f"{at}/postal_code", "a postcode that exists and has a place on the map")
        return
    if postcode.precision is not Precision.UNIT:
        yield FieldError(f"{at}/postal_code", "a whole postcode")


def _hours_errors(hours: HoursSubmission, at: str) -> Iterator[FieldError]:
    try:
        Hours.of(ScheduleRow(**row.model_dump()) for row in schedule_rows(hours))
    except ValidationFailed as failure:
        for error in failure.errors:
            yield FieldError(at + error.pointer, error.detail)


def _assurance_errors(assurances: tuple[AssuranceSubmission, ...], at: str) -> Iterator[FieldError]:
    yield from _repeated([one.fact for one in assurances], at)
    for number, one in enumerate(assurances):
        if one.confirmed_on is not None and one.review_by < one.confirmed_on:
            yield FieldError(f"{at}/{number}/review_by", "a day that is not before confirmed_on")


def _unknown_codes(
    taxonomy: str, codes: tuple[str, ...], at: str, publication: Publication
) -> Iterator[FieldError]:
    for number, code in enumerate(codes):
        if (taxonomy, code) not in publication.vocabulary.terms:
            yield FieldError(f"{at}/{number}", f"a code of the {taxonomy} vocabulary")
    yield from _repeated(codes, at)


def _repeated(values: Iterable[Hashable], at: str) -> Iterator[FieldError]:
    seen: set[Hashable] = set()
    for number, value in enumerate(values):
        if value in seen:
            yield FieldError(f"{at}/{number}", "a code that does not stand in the list already")
        seen.add(value)
