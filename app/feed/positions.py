"""Where a public place is, for a map: the position of the postcode in its public address, and of nothing else.

The records hold no position on purpose: what is shown is made here of what is public already, so it cannot say more.
"""

from app.directory.records import PublicLocation
from app.errors import InvalidInput
from app.geo.distance import to_lat_lon
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import parse_postcode

DECIMALS = 5
"""About a metre (RFC 7946, section 11.2)."""


def degrees_of(place: PublicLocation, gazetteer: Gazetteer) -> tuple[float, float] | None:
    """(longitude, latitude) in WGS84, by OSTN15; None without a postcode that has a place on the map."""
    if place.postal_code is None:
        return None
    try:
        latitude, longitude = to_lat_lon(gazetteer.locate(parse_postcode(place.postal_code)).position)
    except InvalidInput:
        return None
    return round(longitude, DECIMALS), round(latitude, DECIMALS)
