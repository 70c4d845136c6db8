"""Services, their places and the areas they cover as GeoJSON features (RFC 7946), made from public records alone.

A feature has one flat level of properties, as map programs show them. There is no capacity in it: a map is kept for
weeks, and a bed for minutes. Features with a shape come before those without, because programs look at the first ones
to find out what a layer is made of.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pydantic_core import to_json

from app.directory.area_shapes import AreaShapes
from app.directory.records import PublicLocation, PublicService, is_written_to
from app.directory.snapshot import Catalogue, Directory, Entry
from app.feed.positions import degrees_of
from app.geo.areas import Area

BoundingBox = tuple[float, float, float, float]
"""West, south, east, north in degrees (WGS84)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry, and the same as GeoJSON: encoded once, however many features have it."""

    geometry: shapely.Geometry
    json: bytes
    approximate: bool


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature. `id` holds letters, digits, hyphens and underscores: it is part of addresses."""

    id: str
    shape: Shape | None
    properties: bytes
    """As JSON."""

    @property
    def json(self) -> bytes:
        return self.json_with(b"")

    def json_with(self, members: bytes) -> bytes:
        """With further members, which begin with a comma."""
        shape = b"null" if self.shape is None else self.shape.json
        return b"".join(
            (
                b'{"type":"Feature","id":', to_json(self.id), b',"geometry":', shape,
                b',"properties":', self.properties, members, b"}",
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeatureLayer:
    """Features in their order, found by id and by place. `bounds` is None where no feature has a shape."""

    features: tuple[Feature, ...]
    number_of: Mapping[str, int]
    bounds: BoundingBox | None
    _tree: shapely.STRtree

    @classmethod
    def of(cls, features: Sequence[Feature]) -> "FeatureLayer":
        ordered = tuple(sorted(features, key=lambda one: (one.shape is None, one.id)))
        shapes = [one.shape.geometry for one in ordered if one.shape is not None]
        bounds = None
        if shapes:
            west, south, east, north = shapely.total_bounds(np.array(shapes)).tolist()
            bounds = (west, south, east, north)
        return cls(ordered, {one.id: n for n, one in enumerate(ordered)}, bounds, shapely.STRtree(shapes))

    def touching(self, place: shapely.Geometry) -> list[Feature]:
        """Those whose shape has a point in common with `place`, in their order."""
        # Features with shapes come first, so the numbers of the tree are theirs.
        found = np.sort(self._tree.query(place, predicate="intersects"))
        return [self.features[number] for number in found.tolist()]


def coverage_layer(directory: Directory) -> FeatureLayer:
    """A feature for each service and each area, postcode district or polygon that it covers, or for everywhere."""
    shapes = _ShapesOfAreas(directory.catalogue)
    return FeatureLayer.of(
        [feature for entry in directory.catalogue.entries for feature in _coverage(entry, shapes, directory)]
    )


def location_layer(directory: Directory) -> FeatureLayer:
    """A feature for each service and each public place where it meets people; its point is that of its postcode."""
    return FeatureLayer.of(
        [
            _location(entry.record, place, directory)
            for entry in directory.catalogue.entries
            # A confidential record has no locations. Had one slipped in, it must not come out here.
            if not entry.record.confidential
            for place in entry.record.locations
        ]
    )


def area_layer(directory: Directory) -> FeatureLayer:
    """Areas of which there is a shape."""
    shapes = _ShapesOfAreas(directory.catalogue)
    return FeatureLayer.of(
        [_area(area, shape) for area in directory.catalogue.areas if (shape := shapes.of(area.code))]
    )


class _ShapesOfAreas:
    """The stored shapes; that of a police force area may be put together from the shapes of all its authorities."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._areas = catalogue.areas
        self._stored: AreaShapes = catalogue.shapes
        self._made: dict[str, Shape | None] = {}

    def of(self, code: str) -> Shape | None:
        if code not in self._made:
            self._made[code] = self._stored_shape(code) or self._put_together(code)
        return self._made[code]

    def _stored_shape(self, code: str) -> Shape | None:
        geometry = self._stored.geometry(code)
        if geometry is None:
            return None
        return _shape(geometry, approximate=self._stored.approximate(code))

    def _put_together(self, code: str) -> Shape | None:
        if code not in self._areas or self._areas[code].area_type != "police_force":
            return None
        parts = [self._stored_shape(one) for one in sorted(self._areas.authorities_in(code))]
        known = [one for one in parts if one is not None]
        if not known or len(known) != len(parts):
            return None
        whole = shapely.orient_polygons(shapely.union_all([one.geometry for one in known]))
        return Shape(whole, shapely.to_geojson(whole).encode(), any(one.approximate for one in known))


def _shape(geometry: dict[str, Any], *, approximate: bool) -> Shape:
    parsed = shapely.from_geojson(json.dumps(geometry))
    return Shape(parsed, to_json(geometry), approximate)


def _coverage(entry: Entry, shapes: _ShapesOfAreas, directory: Directory) -> Iterator[Feature]:
    coverage = entry.record.coverage
    service = _of_service(entry.record, directory)
    if coverage.everywhere:
        yield _covered(service, "everywhere", shape=None, area_type="everywhere", area_name="Everywhere")
    for area in coverage.areas:
        yield _covered(
            service,
            area.code,
            shape=shapes.of(area.code),
            area_type=area.area_type,
            area_code=area.code,
            area_name=area.name,
        )
    for district in coverage.postcode_districts:
        yield _covered(service, district, shape=None, area_type="postcode_district", area_name=district)
    for number, geometry in enumerate(entry.polygons):
        wound = shapely.orient_polygons(shapely.from_geojson(json.dumps(geometry)))
        shape = Shape(wound, shapely.to_geojson(wound).encode(), approximate=False)
        yield _covered(
            service, f"polygon-{number}", shape=shape, area_type="polygon", area_name="Area of its own"
        )


def _covered(service: dict[str, Any], part: str, *, shape: Shape | None, **area: str) -> Feature:
    properties = {
        **service,
        "area_type": area["area_type"],
        "area_code": area.get("area_code"),
        "area_name": area["area_name"],
        "approximate": None if shape is None else shape.approximate,
    }
    return Feature(f"{service['service_id']}_{part}", shape, to_json(properties))


def _location(record: PublicService, place: PublicLocation, directory: Directory) -> Feature:
    degrees = degrees_of(place, directory.catalogue.gazetteer)
    # RFC 7946, section 3.1.1: longitude comes first.
    point = None if degrees is None else {"type": "Point", "coordinates": degrees[::-1]}
    shape = None if point is None else _shape(point, approximate=True)
    authority = place.local_authority
    properties = {
        **_of_service(record, directory),
        "location_id": place.id,
        "location_name": place.name,
        "address_1": place.address_1,
        "city": place.city,
        "postal_code": place.postal_code,
        "area_code": None if authority is None else authority.code,
        "area_name": None if authority is None else authority.name,
        "approximate": None if shape is None else shape.approximate,
    }
    return Feature(f"{record.id}_{place.id}", shape, to_json(properties))


def _of_service(record: PublicService, directory: Directory) -> dict[str, Any]:
    """What every feature of a service says. `demonstration` of the directory too: a feature may be all that is passed on."""
    return {
        "service_id": record.id,
        "service_name": record.name,
        "organization_id": record.organization.id,
        "organization_name": record.organization.name,
        "status": record.status,
        "reach": record.reach,
        "needs": record.needs,
        # A column says nothing of the kind of a number: one for texts alone would be rung in vain.
        "phone": next((one.number for one in record.phones if not is_written_to(one.phone_type)), None),
        "url": record.url,
        "confidential": record.confidential,
        "demonstration": directory.demonstration or record.demonstration,
    }


def _area(area: Area, shape: Shape) -> Feature:
    properties = {
        "area_code": area.code,
        "area_name": area.name,
        "area_type": area.area_type,
        "police_force": area.police_force,
        "region": area.region,
        "country": area.country,
        "approximate": shape.approximate,
    }
    return Feature(area.code, shape, to_json(properties))
