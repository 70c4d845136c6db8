"""How far it is to where people are sent, and which services lie in an area to avoid.

Only a service that people are sent to is ranked by its distance: who comes to the person or answers by phone is not pushed
down for having no pin. The distance that an answer shows is there whatever the reach.
"""

from collections.abc import Callable

from app.directory.columns import ACCOMMODATION
from app.directory.levels import ASK, NO, YES
from app.directory.snapshot import Entry
from app.geo.places import Place

Metres = Callable[[int], int]
"""By row."""


def grid_position(place: Place | None) -> complex | None:
    """Easting + northing·i of a place; None for a whole area."""
    if place is None or place.position is None:
        return None
    return complex(place.position.easting, place.position.northing)


def shown_distance(entry: Entry, here: complex | None, avoided: frozenset[str] | None) -> int | None:
    """Whole metres to the nearest location that may be used; None without one, as of every confidential service."""
    if here is None or not entry.positions:
        return None
    usable = [
        abs(position - here)
        for position, authority in entry.positions
        if avoided is None or (authority is not None and authority not in avoided)
    ]
    return round(min(usable)) if usable else None


def metres_to_go(entry: Entry, here: complex, avoided: frozenset[str] | None) -> int:
    """What the service is ranked by: that distance where people are sent to it, and 0 for all others."""
    if not entry.is_gone_to:
        return 0
    return shown_distance(entry, here, avoided) or 0


def avoidance(entry: Entry, avoided: frozenset[str]) -> int:
    """The level of a service on keeping away from these authorities.

    A location whose authority is not known may be inside: it is not used, and has to be asked about, as has a place to go to
    whose position is not public, and a place to stay that is given by telephone: a council's housing line puts people up in its
    own area. Who else comes or telephones is no danger. A confidential service is not ranked lower for it: all
    of them would be, and the reasons say what to ask.
    """
    if not entry.positions:
        sends_somewhere = entry.is_gone_to or not ACCOMMODATION.isdisjoint(entry.record.needs)
        return ASK if sends_somewhere and not entry.confidential else YES
    authorities = [authority for _, authority in entry.positions]
    if any(authority is not None and authority not in avoided for authority in authorities):
        return YES
    return NO if entry.is_gone_to and None not in authorities else ASK
