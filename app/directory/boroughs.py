"""The local authorities of the area that the directory is for, and which public services cover each.

Coverage is what the public records say, as a search finds it; where a service stands plays no part.
"""

from app.directory.records import AreaName
from app.directory.row_sets import in_order
from app.directory.snapshot import Catalogue, Directory
from app.geo.outlines import Outlines


def boroughs_of(directory: Directory) -> tuple[AreaName, ...]:
    """In the order of their names; none where the home area is not known."""
    areas = directory.catalogue.areas
    codes = areas.authorities_in(directory.home_area) if directory.home_area in areas else ()
    found = [AreaName(code=code, name=areas.name_of(code)) for code in codes]
    return tuple(sorted(found, key=lambda one: one.name))


def rows_covering(catalogue: Catalogue, authority: str) -> tuple[list[int], list[int]]:
    """Ascending rows of services that cover a local authority, and of those with a district or polygon of theirs in it.

    A service may be among both. Together they are what a search for the authority finds when it asks nothing else.
    """
    coverage = catalogue.coverage
    return in_order(coverage.of_area(authority).rows), in_order(coverage.touching.get(authority, 0))


def number_covering(catalogue: Catalogue, authority: str) -> int:
    """How many services cover a local authority or a part of it."""
    coverage = catalogue.coverage
    return (coverage.of_area(authority).rows | coverage.touching.get(authority, 0)).bit_count()


def outlines_of_boroughs(directory: Directory) -> Outlines | None:
    """None where any of them has no shape, or none that can be drawn."""
    return directory.catalogue.shapes.outlines(one.code for one in boroughs_of(directory))
