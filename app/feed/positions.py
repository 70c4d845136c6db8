"""Where a public place is, for feeds and maps: the position of the postcode in its public address, and of nothing else.

The records hold no position on purpose: what is shown is made here of what is printed beside it, so it cannot say more.
"""

from app.directory.records import PublicLocation
from app.errors import InvalidInput, OutsideUk
from app.geo.distance import GridPoint, to_lat_lon
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import parse_postcode

DECIMALS = 5
"""About a metre (RFC 7946, section 11.2); the position is a postcode's, not a door's."""


def position_of(place: PublicLocation, gazetteer: Gazetteer) -> GridPoint | None:
    """On the grid; None without a postcode, or with one that is not in the directory in use."""
    if place.postal_code is None:
        return None
    try:
        return gazetteer.locate(parse_postcode(place.postal_code)).position
    except InvalidInput:
        return None


def degrees_of(place: PublicLocation, gazetteer: Gazetteer) -> tuple[float, float] | None:
    """(latitude, longitude) in WGS84, by OSTN15; None where there is no position."""
    position = position_of(place, gazetteer)
    if position is None:
        return None
    try:
        latitude, longitude = to_lat_lon(position)
    except OutsideUk:
        return None
    return round(latitude, DECIMALS), round(longitude, DECIMALS)
