"""Checks of where things are: coordinates, addresses, shapes and codes of areas."""

import json
import re
from collections.abc import Iterator

import shapely

from app.errors import PostcodeNoLocation, Problem
from app.feed_check.evidence import Evidence, at, number_of, objects_of, text_of
from app.feed_check.fetching import Record
from app.feed_check.findings import Check, Found
from app.geo.distance import EAST, NORTH, SOUTH, WEST
from app.geo.postcodes import Precision, parse_postcode

_GSS_URI = re.compile(r"statistical-geography/([^/?#]*)")
_GSS = re.compile(r"[EKNSWJLM][0-9]{8}")
_GSS_ALMOST = re.compile(r"[EKNSW][0-9]{6,10}", re.IGNORECASE)
EXTENT_TYPES = frozenset({"geojson", "topojson", "kml", "text"})


def _in_islands(lat: float, lon: float) -> bool:
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def swapped(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("location"):
        lat, lon = number_of(part.fields, "latitude"), number_of(part.fields, "longitude")
        if lat is not None and lon is not None and _in_islands(lon, lat):
            yield Found(at(place, f"{part.pointer}/latitude"))


def outside(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("location"):
        lat, lon = number_of(part.fields, "latitude"), number_of(part.fields, "longitude")
        if lat is not None and lon is not None and not _in_islands(lat, lon) and not _in_islands(lon, lat):
            yield Found(at(place, f"{part.pointer}/latitude"))


def half_a_point(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("location"):
        if ("latitude" in part.fields) is not ("longitude" in part.fields):
            yield Found(at(place, part.pointer))


def virtual_with_place(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("location"):
        has_address = any(
            text_of(one, "address_type") == "physical" for one in objects_of(part.fields, "addresses")
        )
        if text_of(part.fields, "location_type") == "virtual" and (has_address or "latitude" in part.fields):
            yield Found(at(place, f"{part.pointer}/location_type"))


def country_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("address"):
        country = text_of(part.fields, "country").strip()
        if country and (not re.fullmatch("[A-Z]{2}", country) or country == "UK"):
            yield Found(at(place, f"{part.pointer}/country"))


def postcode_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("address"):
        postcode = text_of(part.fields, "postal_code").strip()
        if postcode and text_of(part.fields, "country") in {"GB", "UK"} and not _is_postcode(postcode):
            yield Found(at(place, f"{part.pointer}/postal_code"))


def _is_postcode(text: str) -> bool:
    try:
        return parse_postcode(text).precision is Precision.UNIT
    except PostcodeNoLocation:
        return True
    except Problem:
        return False


def extent_unreadable(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("service_area"):
        if _is_geojson(part.fields) and _shape(part.fields) is None:
            yield Found(at(place, f"{part.pointer}/extent"))


def extent_outside(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("service_area"):
        shape = _shape(part.fields) if _is_geojson(part.fields) else None
        if shape is None:
            continue
        west, south, east, north = map(float, shapely.bounds(shape))
        if not (_in_islands(south, west) and _in_islands(north, east)):
            is_swapped = _in_islands(west, south) and _in_islands(east, north)
            yield Found(
                at(place, f"{part.pointer}/extent"), "latitude stands before longitude" if is_swapped else ""
            )


def _is_geojson(area: Record) -> bool:
    return text_of(area, "extent_type").lower() == "geojson" and bool(text_of(area, "extent").strip())


def _shape(area: Record) -> shapely.Geometry | None:
    text = text_of(area, "extent")
    try:
        # First with a parser that stops at a depth; nested arrays are how such a text would be hostile.
        json.loads(text)
        shape = shapely.from_geojson(text)
    except (ValueError, RecursionError, shapely.errors.ShapelyError):
        return None
    return None if shape.is_empty else shape


def extent_type_unknown(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("service_area"):
        kind = text_of(part.fields, "extent_type").strip()
        if kind and kind.lower() not in EXTENT_TYPES:
            yield Found(at(place, f"{part.pointer}/extent_type"))


def code_wrong(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("service_area", "attribute"):
        if part.kind == "service_area":
            found = _GSS_URI.search(text_of(part.fields, "uri"))
            if found and not _GSS.fullmatch(found[1]):
                yield Found(at(place, f"{part.pointer}/uri"))
            extent = text_of(part.fields, "extent").strip()
            if _GSS_ALMOST.fullmatch(extent) and not _GSS.fullmatch(extent):
                yield Found(at(place, f"{part.pointer}/extent"))
        elif text_of(part.fields, "link_type") == "gss_code":
            for term in objects_of(part.fields, "taxonomy_term"):
                if text_of(term, "code") and not _GSS.fullmatch(text_of(term, "code")):
                    yield Found(at(place, f"{part.pointer}/taxonomy_term/code"))


CHECKS = (
    Check("coordinates-swapped", "Latitude and longitude are swapped", "error", "HSDS 3.1, location.latitude and longitude (WGS 84)",
          "Latitude is the one from 49 to 61, longitude the one from -9 to 2.", swapped),
    Check("coordinates-outside", "A place is far from the British Isles", "error", "HSDS 3.1, location.latitude and longitude (WGS 84)",
          "Put the coordinates right, in degrees; leave both out where they are not known (0, 0 is in the Atlantic).", outside),
    Check("coordinates-half", "A place has only one of latitude and longitude", "error", "HSDS 3.1, location.latitude and longitude",
          "Give both or none.", half_a_point),
    Check("virtual-with-place", "A virtual place has an address or coordinates", "warning", "HSDS 3.1, location.location_type",
          "Say physical where people go; take address and coordinates out where it is virtual.", virtual_with_place),
    Check("country-wrong", "A country is no code", "error", "HSDS 3.1, address.country: ISO 3166-1, two letters",
          "Write GB.", country_wrong),
    Check("postcode-wrong", "A postcode is none", "warning", "HSDS 3.1, address.postal_code; BS 7666",
          "Write the whole postcode, such as B1 1BB.", postcode_wrong),
    Check("extent-unreadable", "An extent that should be GeoJSON is none", "error", "ORUK 3.0, service_area.extent and extent_type; RFC 7946",
          "Put one geometry of GeoJSON into the text, rings closed; or give another extent_type.", extent_unreadable),
    Check("extent-outside", "An extent lies far from the British Isles", "error", "RFC 7946, sections 3.1.1 and 4: longitude first, WGS 84",
          "Put longitude before latitude, and use degrees, not metres of the national grid.", extent_outside),
    Check("extent-type-unknown", "An extent_type is none of the four", "warning", "ORUK 3.0, service_area.extent_type",
          "Say geojson, topojson, kml or text.", extent_type_unknown),
    Check("area-code-wrong", "The code of an area is none", "error", "ONS, GSS coding and naming policy: a letter and eight digits",
          "Copy the whole code, such as E08000025, from the register of the Office for National Statistics.", code_wrong),
)  # fmt: skip
