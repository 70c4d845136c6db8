"""For every area, the services that cover it: the index that makes a search small before it starts.

Coverage is decided by GSS code. Postcode districts and polygons of a service's own are kept beside the listed areas: what
they say depends on the place at hand, and the best of the three stands.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import numpy as np
import numpy.typing as npt
import shapely

from app.directory.records import ProjectedService
from app.directory.row_sets import RowSet, rows_among
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer


@dataclass(frozen=True, slots=True)
class Covering:
    """Services that cover the whole of a place, and others that may: they cover a part of it. None is in both."""

    whole: RowSet
    part: RowSet = 0

    @property
    def rows(self) -> RowSet:
        return self.whole | self.part

    @classmethod
    def every(cls, parts: Sequence[RowSet]) -> "Covering":
        """Of a place in several parts, by the services that cover each of them; of a place without any, nobody."""
        whole = reduce(and_, parts) if parts else 0
        return cls(whole, reduce(or_, parts, 0) ^ whole)


@dataclass(frozen=True, slots=True)
class CoverageIndex:
    """Services by area code; `everywhere` answers for a place whose authority is not among the areas.

    `in_district` covers by outward code. `polygons` are on the OSGB36 grid (metres), those of service
    `polygon_rows[number]` as one geometry. What is in `near_polygon` (by authority) and in `touching` (by any area, districts
    and polygons together) covers a part at most.
    """

    by_area: Mapping[str, Covering]
    everywhere: Covering
    running: RowSet
    in_district: Mapping[str, RowSet]
    polygons: shapely.STRtree
    polygon_rows: npt.NDArray[np.intp]
    near_polygon: Mapping[str, RowSet]
    touching: Mapping[str, RowSet]

    def of_area(self, code: str) -> Covering:
        return self.by_area.get(code, self.everywhere)

    def with_polygon_around(self, easting: float, northing: float) -> RowSet:
        """Services with a polygon that holds a point of the grid."""
        found = self.polygons.query(shapely.Point(easting, northing), predicate="intersects")
        return rows_among(self.polygon_rows[found].tolist())


def build_coverage(services: Sequence[ProjectedService], areas: Areas, gazetteer: Gazetteer) -> CoverageIndex:
    """The index of those of `services` that run, by their number in the given order."""
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
    nationwide = rows_among(everywhere)
    by_code = {code: rows_among(rows) for code, rows in listed.items()}

    def covering(authority: str) -> RowSet:
        codes = (authority, *areas.ancestors(authority))
        return reduce(or_, [by_code.get(code, 0) for code in codes], nationwide)

    authorities = {area.code: covering(area.code) for area in areas if area.area_type == "local_authority"}
    near_polygon = _near_polygon(polygons, gazetteer)
    touching = _with_ancestors(_near_district(in_district, gazetteer), near_polygon, areas=areas)
    return CoverageIndex(
        by_area={
            area.code: Covering.every([authorities[code] for code in areas.authorities_in(area.code)])
            for area in areas
        },
        everywhere=Covering(nationwide),
        running=rows_among(running),
        in_district={district: rows_among(rows) for district, rows in in_district.items()},
        polygons=shapely.STRtree(list(polygons.values())),
        polygon_rows=np.array(list(polygons), np.intp),
        near_polygon={code: rows_among(rows) for code, rows in near_polygon.items()},
        touching={code: rows_among(rows) for code, rows in touching.items()},
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
