"""Shapes of areas for looking at: derived from the gazetteer, or read from official ONS files.

A derived shape gives every place to the authority of the postcode nearest to it. That is close (within some 100 m in a
town) and approximate; what a service covers is decided by code and never by these shapes.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from app.errors import ImportRejected, OutsideArea, OutsideUk
from app.geo.areas import Areas
from app.geo.cells import Integers
from app.geo.distance import EAST, NORTH, SOUTH, WEST, GridPoint, to_lon_lat_array
from app.geo.gazetteer import Gazetteer
from app.gss import GSS

Geometries = npt.NDArray[Any]

MARGIN_M: Final = 5000
"""How far beyond the asked authorities postcodes are looked at, so that the outer border runs between postcodes."""

REACH_M: Final = 2500
"""No shape reaches further from its postcodes than this: on a coast nothing else would end it."""

SMALLEST_M2: Final = 400_000
"""A part smaller than this is nearly always a single postcode with an odd code or position, and joins its neighbour."""

TOLERANCE_M: Final = 60
LARGEST_FILE_BYTES: Final = 64 << 20
DECIMALS: Final = 5
"""About a metre (RFC 7946, section 11.2)."""


def derive_shapes(
    gazetteer: Gazetteer, areas: Areas, codes: Sequence[str], *, tolerance_m: float = TOLERANCE_M
) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946) of the local authorities `codes`, without gaps or overlaps between them.

    The shapes are Voronoi cells of postcode points, dissolved by authority and simplified as one coverage; smaller
    `tolerance_m` keeps more corners. Raises UnknownArea, and OutsideArea for an authority without a postcode.
    """
    names = {code: areas[code].name for code in codes}
    points, authority = _points_around(gazetteer, codes)
    labels, parts = _dissolved_cells(points, authority)
    labels = _without_specks(labels, parts)
    wanted = [gazetteer.authority_codes.index(code) for code in codes]
    whole = np.array([shapely.coverage_union_all(parts[labels == index]) for index in wanted])
    within_reach = _clipped(whole, points[np.isin(authority, wanted)])
    simple = shapely.coverage_simplify(within_reach, tolerance_m)
    rounded = shapely.transform(simple, lambda grid: to_lon_lat_array(grid).round(DECIMALS))
    return collection(
        [
            feature(code, names[code], shape=shape, approximate=True)
            for code, shape in zip(codes, rounded, strict=True)
        ],
        source=f"Derived from postcode positions of the {gazetteer.edition.name}",
        year=gazetteer.edition.attribution_year,
    )


def read_official_shapes(path: Path) -> dict[str, Any]:
    """A FeatureCollection, as `derive_shapes` makes it, from official boundaries: ONS GeoJSON with one column of codes
    and one of names such as `LAD24CD` and `LAD24NM`, or `PFA23CD` and `PFA23NM`.

    Files on the British National Grid (a `crs` of EPSG:27700) are converted; others must be in WGS84, longitude first.
    Raises ImportRejected with the number of the feature, from 1.
    """
    document = _document(path)
    on_grid = _is_on_grid(document.get("crs"))
    features: dict[str, dict[str, Any]] = {}
    for number, found in enumerate(document["features"], start=1):
        try:
            code, name = _code_and_name(found["properties"])
            shape = _wgs84(shapely.from_geojson(json.dumps(found["geometry"])), on_grid=on_grid)
        except (KeyError, TypeError, ValueError, OutsideUk, shapely.errors.ShapelyError):
            raise _refused(
                number, "no area code, or no polygon in Great Britain or Northern Ireland"
            ) from None
        if code in features:
            raise _refused(number, "the code is there twice")
        features[code] = feature(code, name, shape=shape, approximate=False)
    if not features:
        raise ImportRejected("The file has no areas. Nothing was changed.")
    return collection(
        list(features.values()),
        source="Office for National Statistics licensed under the Open Government Licence v.3.0",
        year=None,
    )


def feature(code: str, name: str, *, shape: shapely.Geometry, approximate: bool) -> dict[str, Any]:
    """A GeoJSON Feature with the winding of RFC 7946, section 3.1.6."""
    wound = shapely.orient_polygons(shape)
    return {
        "type": "Feature",
        "id": code,
        "properties": {"code": code, "name": name, "approximate": approximate},
        "geometry": _geometry(wound),
    }


def collection(features: list[dict[str, Any]], *, source: str, year: int | None) -> dict[str, Any]:
    """A FeatureCollection that says where it is from; `year` is that of the edition, None where it is not known."""
    of_year = "" if year is None else f" {year}"
    return {
        "type": "FeatureCollection",
        "source": source,
        "attribution": (
            f"Contains OS data © Crown copyright and database right{of_year} · "
            f"Contains Royal Mail data © Royal Mail copyright and database right{of_year} · "
            f"Contains National Statistics data © Crown copyright and database right{of_year}"
        ),
        "features": features,
    }


def _geometry(shape: shapely.Geometry) -> dict[str, Any]:
    kind = "Polygon" if shapely.get_type_id(shape) == shapely.GeometryType.POLYGON else "MultiPolygon"
    polygons = [
        [
            shapely.get_coordinates(ring).round(DECIMALS).tolist()
            for ring in [shapely.get_exterior_ring(polygon), *shapely.get_rings(polygon)[1:]]
        ]
        for polygon in shapely.get_parts(shape)
    ]
    return {"type": kind, "coordinates": polygons[0] if kind == "Polygon" else polygons}


def _points_around(gazetteer: Gazetteer, codes: Sequence[str]) -> tuple[npt.NDArray[np.float64], Integers]:
    """Distinct postcode points in and around the authorities, and the authority of each."""
    everywhere = gazetteer.points_in_box(GridPoint(0, 0), GridPoint(700_000, 1_300_000))
    known = gazetteer.authority_codes
    if missing := [code for code in codes if code not in known]:
        raise OutsideArea(f"The gazetteer has no postcode in {', '.join(missing)}.")
    inside = np.isin(everywhere.authority, [known.index(code) for code in codes])
    west, east = everywhere.easting[inside].min() - MARGIN_M, everywhere.easting[inside].max() + MARGIN_M
    south, north = everywhere.northing[inside].min() - MARGIN_M, everywhere.northing[inside].max() + MARGIN_M
    near = gazetteer.points_in_box(GridPoint(west, south), GridPoint(east, north))
    table = np.column_stack([near.easting, near.northing, near.authority])
    distinct, counts = np.unique(table, axis=0, return_counts=True)
    # Of several authorities at one point, the one with most postcodes there.
    order = np.lexsort((-counts, distinct[:, 1], distinct[:, 0]))
    distinct = distinct[order]
    first = np.ones(len(distinct), bool)
    first[1:] = (np.diff(distinct[:, :2], axis=0) != 0).any(axis=1)
    distinct = distinct[first]
    return distinct[:, :2].astype(np.float64), distinct[:, 2]


def _dissolved_cells(points: npt.NDArray[np.float64], authority: Integers) -> tuple[Integers, Geometries]:
    """Connected parts of each authority's Voronoi cells, with the authority's index."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    labels: list[int] = []
    parts: list[Geometries] = []
    for index in np.unique(authority).tolist():
        pieces = shapely.get_parts(shapely.coverage_union_all(cells[authority == index]))
        parts.append(pieces)
        labels += [index] * len(pieces)
    return np.array(labels), np.concatenate(parts)


def _without_specks(labels: Integers, parts: Geometries) -> Integers:
    """Labels in which every small part has that of the large neighbour with which it shares most of its border."""
    large = np.flatnonzero(shapely.area(parts) >= SMALLEST_M2)
    tree = shapely.STRtree(parts[large])
    changed = labels.copy()
    for speck in np.flatnonzero(shapely.area(parts) < SMALLEST_M2):
        near = large[tree.query(parts[speck], predicate="intersects")]
        if len(near):
            shared = shapely.length(shapely.intersection(shapely.boundary(parts[speck]), parts[near]))
            changed[speck] = labels[near[int(np.argmax(shared))]]
    return changed


def _clipped(shapes: Geometries, points: npt.NDArray[np.float64]) -> Geometries:
    """The shapes as far as `REACH_M` from postcodes; untouched where they do not reach so far."""
    # One disc for each square of 500 m that has a postcode covers the same land with far fewer discs.
    squares = np.unique(points // 500, axis=0) * 500 + 250
    reach = shapely.union_all(shapely.buffer(shapely.points(squares), REACH_M, quad_segs=4))
    if shapely.covers(reach, shapes).all():
        return shapes
    return shapely.set_precision(shapely.intersection(shapes, reach), 1.0)


def _document(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise ImportRejected(
            f"The file is larger than {LARGEST_FILE_BYTES >> 20} MiB: take generalised boundaries (BGC, BUC)."
        )
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ImportRejected("The file is not GeoJSON, or not whole. Nothing was changed.") from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ImportRejected("The file is not a GeoJSON FeatureCollection. Nothing was changed.")
    if not isinstance(document.get("features"), list):
        raise ImportRejected("The file has no list of features. Nothing was changed.")
    return document


def _is_on_grid(crs: object) -> bool:
    """`crs` is of GeoJSON 2008, and ONS files still have it; without one the file is in WGS84 (RFC 7946, section 4)."""
    if crs is None:
        return False
    name = json.dumps(crs)
    if re.search(r"EPSG:{1,2}(\d[\d.]*:)?27700\b", name):
        return True
    if re.search(r"CRS84\b|EPSG:{1,2}(\d[\d.]*:)?4326\b", name):
        return False
    raise ImportRejected(
        "The coordinates are in a system other than WGS84 and EPSG:27700. Nothing was changed."
    )


def _code_and_name(properties: dict[str, Any]) -> tuple[str, str]:
    fields = [
        one
        for name in properties
        if (one := re.fullmatch(r"((?:LAD|PFA|RGN|CTRY)\d\d)CD", name, re.IGNORECASE))
    ]
    if len(fields) != 1:
        raise ValueError("one column of codes is expected")
    code = properties[fields[0][0]]
    names = {name.upper(): text for name, text in properties.items()}
    name = names[fields[0][1].upper() + "NM"]
    if not (isinstance(code, str) and re.fullmatch(GSS, code) and isinstance(name, str)):
        raise ValueError("no GSS code")
    return code, name


def _wgs84(shape: shapely.Geometry, *, on_grid: bool) -> shapely.Geometry:
    if shapely.get_type_id(shape) not in (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON):
        raise ValueError("no polygon")
    if shapely.is_empty(shape) or not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError("no polygon")
    flat = shapely.force_2d(shape)
    if on_grid:
        flat = shapely.transform(flat, to_lon_lat_array)
    west, south, east, north = shapely.bounds(flat)
    if west < WEST or south < SOUTH or east > EAST or north > NORTH:
        raise ValueError("elsewhere")
    return flat


def _refused(number: int, reason: str) -> ImportRejected:
    return ImportRejected(f"Feature {number}: {reason}. Nothing was changed.")
