"""For every area, the services that cover it: the index that makes a search small before it starts.

Coverage is decided by GSS code. A service with postcode districts or a polygon of its own stands as MAY in every
authority that its area touches, and the search decides for the place at hand. Blocks are split by need when they are
made, not as searches come in: a cache filled by searches would be a record of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from app.directory.records import ProjectedService
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer

Rows = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

MAY, COVERS = 1, 2


@dataclass(frozen=True, slots=True)
class Block:
    """Service rows in ascending order, each with MAY or COVERS; `by_need` holds the same, restricted to one need."""

    rows: Rows
    covers: Levels
    by_need: Mapping[str, "Block"] = field(default_factory=dict)

    def for_need(self, need: str | None) -> "Block":
        return self if need is None else self.by_need.get(need, EMPTY)


EMPTY = Block(np.zeros(0, np.int32), np.zeros(0, np.uint8))


@dataclass(frozen=True, slots=True)
class CoverageIndex:
    """Blocks by area code; `everywhere` answers for a place whose authority is not among the areas.

    `districts` and `polygons` (on the OSGB36 grid, metres) hold the rows whose coverage needs a closer look.
    """

    blocks: Mapping[str, Block]
    everywhere: Block
    all_services: Block
    districts: Mapping[int, frozenset[str]]
    polygons: Mapping[int, shapely.Geometry]

    def block(self, area_code: str) -> Block:
        return self.blocks.get(area_code, self.everywhere)


def build_coverage(
    services: Sequence[ProjectedService], areas: Areas, gazetteer: Gazetteer, *, has_need: Mapping[str, Flags]
) -> CoverageIndex:
    """The index of `services` in their given order; `has_need` flags them by need code."""
    count = len(services)
    listed: dict[str, list[int]] = defaultdict(list)
    everywhere: list[int] = []
    districts: dict[int, frozenset[str]] = {}
    polygons: dict[int, shapely.Geometry] = {}
    for row, one in enumerate(services):
        coverage = one.record.coverage
        if coverage.everywhere:
            everywhere.append(row)
        for covered in coverage.areas:
            listed[covered.code].append(row)
        if coverage.postcode_districts:
            districts[row] = frozenset(coverage.postcode_districts)
        if one.polygons:
            polygons[row] = _on_grid(one.polygons)
    touched = _touched_authorities(districts, polygons, gazetteer)

    def made(found: npt.NDArray[np.integer], covers: Levels) -> Block:
        rows = found.astype(np.int32)
        by_need = {need: Block(rows[flags[rows]], covers[flags[rows]]) for need, flags in has_need.items()}
        return Block(rows, covers, by_need)

    def covering(authority: str) -> Rows:
        lists = [listed.get(code, []) for code in (authority, *areas.ancestors(authority))]
        return np.unique(np.concatenate([np.array(rows, np.int32) for rows in (*lists, everywhere)]))

    authorities = {area.code: covering(area.code) for area in areas if area.area_type == "local_authority"}
    blocks: dict[str, Block] = {}
    for area in areas:
        inside = sorted(areas.authorities_in(area.code) & authorities.keys())
        rows = [authorities[code] for code in inside]
        times = np.bincount(np.concatenate([*rows, np.zeros(0, np.int32)]), minlength=count)
        whole = (times == len(inside)) if inside else np.zeros(count, bool)
        some = times > 0
        for code in inside:
            some[touched.get(code, [])] = True
        found = np.flatnonzero(some)
        blocks[area.code] = made(found, np.where(whole[found], COVERS, MAY).astype(np.uint8))
    nationwide = np.array(everywhere, np.int32)
    return CoverageIndex(
        blocks=blocks,
        everywhere=made(nationwide, np.full(len(nationwide), COVERS, np.uint8)),
        all_services=made(np.arange(count), np.full(count, COVERS, np.uint8)),
        districts=districts,
        polygons=polygons,
    )


def _on_grid(polygons: Sequence[str]) -> shapely.Geometry:
    """Polygons in WGS84 as one geometry on the grid, so that points of the gazetteer can be asked directly."""
    from app.geo.distance import to_grid_array

    merged = shapely.union_all([shapely.from_geojson(text) for text in polygons])
    return shapely.transform(merged, to_grid_array)


def _touched_authorities(
    districts: Mapping[int, frozenset[str]], polygons: Mapping[int, shapely.Geometry], gazetteer: Gazetteer
) -> dict[str, list[int]]:
    touched: dict[str, set[int]] = defaultdict(set)
    for row, names in districts.items():
        for name in names:
            for share in gazetteer.authorities_of_district(name):
                touched[share.code].add(row)
    for row, polygon in polygons.items():
        for code in gazetteer.authorities_within(polygon):
            touched[code].add(row)
    return {code: sorted(rows) for code, rows in touched.items()}
