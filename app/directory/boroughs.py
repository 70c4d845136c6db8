"""The local authorities of the area that the directory is for, and which public services cover each.

Coverage is what the public records say, as a search finds it; where a service stands plays no part.
"""

import numpy as np

from app.directory.blocks import EMPTY, Rows
from app.directory.records import AreaName
from app.directory.snapshot import Catalogue, Directory
from app.geo.outlines import Outlines


def boroughs_of(directory: Directory) -> tuple[AreaName, ...]:
    """In the order of their names; none where the home area is not known."""
    areas = directory.catalogue.areas
    codes = areas.authorities_in(directory.home_area) if directory.home_area in areas else ()
    found = [AreaName(code=code, name=areas.name_of(code)) for code in codes]
    return tuple(sorted(found, key=lambda one: one.name))


def rows_covering(catalogue: Catalogue, authority: str) -> tuple[Rows, Rows]:
    """Ascending rows of services that cover a local authority, and of those with a district or polygon of theirs in it.

    A service may be among both. Together they are what a search for the authority finds when it asks nothing else.
    """
    partly = catalogue.coverage.touching.get(authority, EMPTY)
    return catalogue.coverage.block(authority).rows, partly.rows


def number_covering(catalogue: Catalogue, authority: str) -> int:
    """How many services cover a local authority or a part of it."""
    wholly, partly = rows_covering(catalogue, authority)
    return len(np.union1d(wholly, partly)) if len(partly) else len(wholly)


def outlines_of_boroughs(directory: Directory) -> Outlines | None:
    """None where any of them has no shape, or none that can be drawn."""
    return directory.catalogue.shapes.outlines(one.code for one in boroughs_of(directory))
