"""For every area, the services that cover it: the index that makes a search small before it starts.

Coverage is decided by GSS code. Postcode districts and polygons of a service's own are kept beside the blocks of the
listed areas: what they say depends on the place at hand, and the best of the three stands. Blocks are split by need
when they are made, not as searches come in: a cache filled by searches would be a record of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from app.directory.records import ProjectedService
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer

Rows = npt.NDArray[np.intp]
"""The width that numpy indexes with: a narrower one would be widened by every search."""
Levels = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]

COVERS, MAY = 0, 1
"""Best first."""


@dataclass(frozen=True, slots=True)
class Block:
    """Service rows in ascending order, each with MAY or COVERS; `by_need` holds the same, restricted to one need."""

    rows: Rows
    covers: Levels
    by_need: Mapping[str, "Block"] = field(default_factory=dict)

    def for_need(self, need: str | None) -> "Block":
        return self if need is None else self.by_need.get(need, EMPTY)


EMPTY = Block(np.zeros(0, np.intp), np.zeros(0, np.uint16))


@dataclass(frozen=True, slots=True)
class CoverageIndex:
    """Blocks by area code; `everywhere` answers for a place whose authority is not among the areas.

    `in_district` covers by outward code. `polygons` are on the OSGB36 grid (metres), those of service
    `polygon_rows[number]` as one geometry. The blocks of `near_polygon` (by authority) and of `touching` (by any area,
    districts and polygons together) are MAY.
    """

    blocks: Mapping[str, Block]
    everywhere: Block
    all_services: Block
    in_district: Mapping[str, Block]
    polygons: shapely.STRtree
    polygon_rows: Rows
    near_polygon: Mapping[str, Block]
    touching: Mapping[str, Block]

    def block(self, area_code: str) -> Block:
        return self.blocks.get(area_code, self.everywhere)

    def with_polygon_around(self, easting: float, northing: float) -> Block:
        """Services with a polygon that holds a point of the grid."""
        found = self.polygons.query(shapely.Point(easting, northing), predicate="intersects")
        return evenly(self.polygon_rows[np.sort(found)], COVERS)


def evenly(rows: Iterable[int] | Rows, level: int) -> Block:
    """A block of ascending rows that all have one level."""
    numbers = np.array(rows, np.intp)
    return Block(numbers, np.full(len(numbers), level, np.uint16))


def build_coverage(
    services: Sequence[ProjectedService], areas: Areas, gazetteer: Gazetteer, *, has_need: Mapping[str, Flags]
) -> CoverageIndex:
    """The index of those of `services` that run, by their number in the given order; `has_need` flags them by need code."""
    count = len(services)
    listed: dict[str, list[int]] = defaultdict(list)
    everywhere: list[int] = []
    in_district: dict[str, list[int]] = defaultdict(list)
    polygons: dict[int, shapely.Geometry] = {}
    running = [row for row, one in enumerate(services) if one.record.is_running]
    for row in running:
        one = services[row]
        coverage = one.record.coverage
        if coverage.everywhere:
            everywhere.append(row)
        for covered in coverage.areas:
            listed[covered.code].append(row)
        for district in coverage.postcode_districts:
            in_district[district].append(row)
        if one.polygons:
            polygons[row] = _on_grid(one.polygons)

    def made(rows: npt.NDArray[np.integer], covers: Levels) -> Block:
        numbers = rows.astype(np.intp)
        by_need = {need: flags[numbers] for need, flags in has_need.items()}
        return Block(
            numbers,
            covers,
            {need: Block(numbers[having], covers[having]) for need, having in by_need.items()},
        )

    def covering(authority: str) -> Rows:
        lists = [listed.get(code, []) for code in (authority, *areas.ancestors(authority))]
        return np.unique(np.concatenate([np.array(rows, np.intp) for rows in (*lists, everywhere)]))

    authorities = {area.code: covering(area.code) for area in areas if area.area_type == "local_authority"}
    blocks: dict[str, Block] = {}
    for area in areas:
        inside = sorted(areas.authorities_in(area.code))
        times = np.bincount(
            np.concatenate([np.zeros(0, np.intp), *(authorities[code] for code in inside)]), minlength=count
        )
        found = np.flatnonzero(times)
        blocks[area.code] = made(found, np.where(times[found] == len(inside), COVERS, MAY).astype(np.uint16))
    near_polygon = _near_polygon(polygons, gazetteer)
    touching = _with_ancestors(_near_district(in_district, gazetteer), near_polygon, areas=areas)
    nationwide = np.array(everywhere, np.intp)
    return CoverageIndex(
        blocks=blocks,
        everywhere=made(nationwide, np.full(len(nationwide), COVERS, np.uint16)),
        all_services=made(np.array(running, np.intp), np.full(len(running), COVERS, np.uint16)),
        in_district={district: evenly(rows, COVERS) for district, rows in in_district.items()},
        polygons=shapely.STRtree(list(polygons.values())),
        polygon_rows=np.array(list(polygons), np.intp),
        near_polygon={code: evenly(sorted(rows), MAY) for code, rows in near_polygon.items()},
        touching={code: evenly(sorted(rows), MAY) for code, rows in touching.items()},
    )


def _on_grid(polygons: Sequence[str]) -> shapely.Geometry:
    """Polygons in WGS84 as one geometry on the grid, so that points of the gazetteer can be asked directly."""
    from app.geo.distance import to_grid_array

    merged = shapely.union_all([shapely.from_geojson(text) for text in polygons])
    return shapely.transform(merged, to_grid_array)


def _near_district(in_district: Mapping[str, Sequence[int]], gazetteer: Gazetteer) -> dict[str, set[int]]:
    """Rows by the authorities with postcodes in a district of theirs."""
    near: dict[str, set[int]] = defaultdict(set)
    for district, rows in in_district.items():
        for share in gazetteer.authorities_of_district(district):
            near[share.code].update(rows)
    return near


def _near_polygon(polygons: Mapping[int, shapely.Geometry], gazetteer: Gazetteer) -> dict[str, set[int]]:
    """Rows by the authorities with postcodes in their polygons."""
    near: dict[str, set[int]] = defaultdict(set)
    for row, polygon in polygons.items():
        for code in gazetteer.authorities_within(polygon):
            near[code].add(row)
    return near


def _with_ancestors(*by_authority: Mapping[str, set[int]], areas: Areas) -> dict[str, set[int]]:
    """Rows by the code of the authority and of every area that it lies in."""
    by_area: dict[str, set[int]] = defaultdict(set)
    for mapping in by_authority:
        for authority, rows in mapping.items():
            if authority in areas:
                for code in (authority, *areas.ancestors(authority)):
                    by_area[code] |= rows
    return by_area
