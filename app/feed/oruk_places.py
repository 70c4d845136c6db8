"""Where a service is found and what it covers: locations, service areas, the short form of coverage.

Where there is no public place (a confidential service, a telephone line, workers who come), one
virtual location stands for it, so that whoever looks for services at locations finds them all.
"""

import json
from collections.abc import Iterator
from uuid import UUID, uuid5

from app.directory.records import Coverage, CoveredArea, PublicLocation, PublicService
from app.directory.snapshot import Catalogue, Entry
from app.feed.oruk_extensions import XCoverage, XLocalAuthority, XPartOfAddress
from app.feed.oruk_shapes import Address, Attribute, Location, ServiceArea, ServiceAtLocation
from app.feed.oruk_terms import Terms, gss_uri
from app.feed.positions import degrees_of
from app.geo.gazetteer import Gazetteer

AREA_TYPES = {
    "local_authority": "Local authority",
    "police_force": "Police force area",
    "region": "Region",
    "country": "Country",
}
WITHOUT_PLACE = {
    "site": ("Address not listed", "Ask the service where it is."),
    "outreach_area": ("Comes to the person", "Workers come to people within the area that is covered."),
    "remote": ("By telephone or online", "There is no place to go to."),
    "national": ("By telephone or online", "One service for the whole country."),
}
CONFIDENTIAL = ("Confidential address", "The address is secret. Nobody comes without a referral.")


def service_at_locations(record: PublicService, catalogue: Catalogue) -> tuple[ServiceAtLocation, ...]:
    """One for each public place, or one that is virtual."""
    return tuple(
        ServiceAtLocation(
            id=uuid5(record.id, f"at/{location.id}"),
            service_id=record.id,
            location_id=location.id,
            location=location,
        )
        for location in _locations(record, catalogue)
    )


def _locations(record: PublicService, catalogue: Catalogue) -> Iterator[Location]:
    if record.confidential or not record.locations:
        name, description = CONFIDENTIAL if record.confidential else WITHOUT_PLACE[record.reach]
        yield Location(
            id=uuid5(record.id, "virtual location"),
            location_type="virtual",
            name=name,
            description=description,
        )
        return
    runs_refuge = organization_runs_refuge(record.organization.id, catalogue)
    for one in record.locations:
        yield _location(one, catalogue.gazetteer, is_public_office=runs_refuge)


def _location(one: PublicLocation, gazetteer: Gazetteer, *, is_public_office: bool) -> Location:
    latitude, longitude = degrees_of(one, gazetteer) or (None, None)
    authority = one.local_authority
    address = None
    if one.address_1 and one.city and one.postal_code and authority is not None:
        address = Address(
            id=uuid5(one.id, "address"),
            location_id=one.id,
            address_1=one.address_1,
            city=one.city,
            state_province=authority.name,
            postal_code=one.postal_code,
            country="GB",
            address_type="physical",
        )
    part = XPartOfAddress(address_1=one.address_1, city=one.city, postal_code=one.postal_code)
    return Location(
        id=one.id,
        location_type="physical",
        name=one.name,
        latitude=latitude,
        longitude=longitude,
        addresses=None if address is None else (address,),
        x_local_authority=None
        if authority is None
        else XLocalAuthority(code=authority.code, name=authority.name),
        x_address=part if address is None and part != XPartOfAddress() else None,
        x_public_office=is_public_office or None,
    )


def organization_runs_refuge(organization_id: UUID, catalogue: Catalogue) -> bool:
    """Whether one of its public services is confidential: then what local facts of it are public, a curator has marked."""
    found = catalogue.organizations.get(organization_id)
    return found is not None and any(
        catalogue.entries[catalogue.row_of[one.id]].record.confidential
        for one in found.services
        if one.id in catalogue.row_of
    )


def service_areas(entry: Entry, catalogue: Catalogue, terms: Terms) -> tuple[ServiceArea, ...]:
    """One for each area, one for all postcode districts, one for each shape; or one that says everywhere."""
    record = entry.record
    found = [_covered(record.id, area, catalogue, terms) for area in record.coverage.areas]
    if record.coverage.everywhere:
        found.append(
            ServiceArea(
                id=uuid5(record.id, "area/everywhere"),
                service_id=record.id,
                name="UK wide",
                description="Everywhere, said explicitly.",
                extent="everywhere",
                extent_type="text",
                service_area="UK wide",
                x_area_type="everywhere",
            )
        )
    districts = record.coverage.postcode_districts
    if districts:
        name = f"Postcode districts {', '.join(districts)}"
        found.append(
            ServiceArea(
                id=uuid5(record.id, "area/districts"),
                service_id=record.id,
                name=name,
                extent=" ".join(districts),
                extent_type="text",
                service_area=name,
                x_area_type="postcode_list",
                x_postcodes=districts,
            )
        )
    for number, polygon in enumerate(entry.polygons):
        found.append(
            ServiceArea(
                id=uuid5(record.id, f"area/polygon/{number}"),
                service_id=record.id,
                name="Area of its own",
                extent=as_text(polygon),
                extent_type="geojson",
                service_area="Area of its own",
                x_area_type="polygon",
            )
        )
    return tuple(found)


def _covered(service_id: UUID, area: CoveredArea, catalogue: Catalogue, terms: Terms) -> ServiceArea:
    area_id = uuid5(service_id, f"area/{area.code}")
    shape, term = catalogue.shapes.geometry(area.code), terms.of_area(area.code)
    return ServiceArea(
        id=area_id,
        service_id=service_id,
        name=area.name,
        description=AREA_TYPES[area.area_type],
        extent=area.code if shape is None else as_text(shape),
        extent_type="text" if shape is None else "geojson",
        uri=gss_uri(area.code),
        service_area=area.name,
        attributes=None
        if term is None
        else (
            Attribute(
                id=uuid5(area_id, f"gss_code/{term.id}"),
                link_id=area_id,
                link_entity="service_area",
                link_type="gss_code",
                taxonomy_term_id=term.id,
                taxonomy_term=term,
            ),
        ),
        x_area_type=area.area_type,
        x_approximate=catalogue.shapes.approximate(area.code) or None,
    )


def as_text(geometry: dict[str, object]) -> str:
    """GeoJSON as the string that the standard asks for (longitude first, RFC 7946)."""
    return json.dumps(geometry, separators=(",", ":"))


def coverage_of(coverage: Coverage) -> XCoverage:
    return XCoverage(
        everywhere=coverage.everywhere,
        areas=tuple(area.code for area in coverage.areas) or None,
        postcode_districts=coverage.postcode_districts or None,
        polygons=coverage.polygons or None,
    )
