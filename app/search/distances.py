"""How far it is to where people are sent, and which services lie in an area to avoid.

Only a service that people are sent to is ranked by its distance: who comes to the person or answers by phone is not pushed
down for having no pin. The distance that an answer shows is worked out for the few that it shows, whatever their reach.
"""

import numpy as np
import numpy.typing as npt

from app.directory.blocks import Rows
from app.directory.columns import ASK, NO, YES, Levels
from app.directory.snapshot import Directory, Entry
from app.geo.places import Place

Metres = npt.NDArray[np.float64]
# Arrays without a dimension stand beside small arrays at half the cost of a number.
_FIRST, _NO_WAY = np.array(0, np.int32), np.array(0.0)


def grid_position(place: Place | None) -> complex | None:
    """Easting + northing·i of a place; None for a whole area."""
    if place is None or place.position is None:
        return None
    return complex(place.position.easting, place.position.northing)


def metres_to_go(here: complex | None, directory: Directory, rows: Rows) -> Metres:
    """Whole metres to the nearest location of each row that people are sent to, 0 for all others."""
    if here is None:
        return np.zeros(len(rows))
    columns = directory.catalogue.columns
    metres: Metres = np.abs(columns.going_to[rows] - np.array(here))
    several = columns.several[rows]
    having = (several >= _FIRST).nonzero()[0]
    if len(having):
        metres[having] = np.abs(columns.all_positions[several[having]] - here).min(axis=1)
    # Not a number stands for those that nobody is sent to; the greater of that and 0 is 0.
    np.fmax(np.rint(metres), _NO_WAY, out=metres)
    return metres


def metres_and_avoidance(
    here: complex | None, avoided: frozenset[str], directory: Directory, rows: Rows
) -> tuple[Metres, Levels]:
    """The same without locations in the `avoided` authorities, and the level of each row on keeping away from them.

    Where every location is left out, no distance counts: it is 0.
    """
    columns = directory.catalogue.columns
    metres = np.zeros(len(rows))
    avoidance = _avoidance_without_location(directory, rows)
    start = columns.position_start.take(rows)
    number = columns.position_start.take(rows + 1) - start
    located = number.nonzero()[0]
    if not len(located):
        return metres, avoidance
    start, number = start.take(located), number.take(located)
    ends = number.cumsum()
    begins = ends - number
    flat = np.arange(ends[-1]) + (start - begins).repeat(number)
    # A location whose authority is not known may be inside: it is not used, and has to be asked about.
    authorities = [columns.position_authority[one] for one in flat]
    unknown = np.array([authority is None for authority in authorities])
    inside = np.array([authority in avoided for authority in authorities]) | unknown
    somewhere_else = np.maximum.reduceat(~inside, begins)
    surely_there = columns.reach["site"].take(rows[located]) & ~np.maximum.reduceat(unknown, begins)
    avoidance[located] = np.where(somewhere_else, YES, np.where(surely_there, NO, ASK))
    if here is not None:
        to_each = np.where(inside, np.inf, np.abs(columns.position.take(flat) - here))
        counts = somewhere_else & columns.sent_to.take(rows[located])
        metres[located] = np.where(counts, np.rint(np.minimum.reduceat(to_each, begins)), 0)
    return metres, avoidance


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


def _avoidance_without_location(directory: Directory, rows: Rows) -> Levels:
    """A place to go to whose position is not public must be asked about; who comes or telephones is no danger.

    A confidential service is not ranked lower for it: all of them would be, and the reasons say what to ask.
    """
    columns = directory.catalogue.columns
    unlocated_site = columns.reach["site"][rows] & ~columns.confidential[rows]
    return np.where(unlocated_site, ASK, YES).astype(np.uint16)
