"""The place of a search: which authorities and police forces it lies in, and whether that is the home area.

The public form never repeats the postcode, the coordinates or anything finer than an authority.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from app.errors import OutsideArea, OutsideUk
from app.geo.areas import Areas
from app.geo.distance import GridPoint, parse_lat_lon, to_grid
from app.geo.gazetteer import AuthorityShare, Gazetteer, PostcodeStatus
from app.geo.postcodes import parse_postcode

PlacePrecision = Literal["unit", "sector", "district", "point", "area"]
InArea = Literal["yes", "partly", "no"]

SHARE_DECIMALS = 4
"""The largest outward codes have some 4,000 postcodes: a single one still shows."""


@dataclass(frozen=True, slots=True)
class PlaceAuthority:
    """A local authority of a place. `share` is its part of the place's postcodes, None for an area."""

    code: str
    name: str
    share: float | None


@dataclass(frozen=True, slots=True)
class PlaceForce:
    """A police force of a place."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is. `position` (metres on the grid) and `outward` are for the search only, never for output.

    `area_code` and `area_name` are set where an area was asked for; `postcode_status` where a postcode was.
    """

    precision: PlacePrecision
    postcode_status: PostcodeStatus | None
    in_area: InArea
    local_authorities: tuple[PlaceAuthority, ...]
    police_forces: tuple[PlaceForce, ...]
    position: GridPoint | None = field(default=None, repr=False)
    outward: str | None = field(default=None, repr=False)
    area_code: str | None = None
    area_name: str | None = None


def place_of_postcode(text: str, gazetteer: Gazetteer, areas: Areas, *, home_area: str) -> Place:
    """The place of a unit, sector or district as typed.

    Raises PostcodeInvalid, PostcodeNotFound, PostcodeNoLocation.
    """
    postcode = parse_postcode(text)
    found = gazetteer.locate(postcode)
    authorities, forces, in_area = _described(found.authorities, areas, home_area)
    return Place(
        postcode.precision.value,
        found.status,
        in_area,
        local_authorities=authorities,
        police_forces=forces,
        position=found.position,
        outward=found.outward,
    )


def place_of_point(lat: float, lon: float, gazetteer: Gazetteer, areas: Areas, *, home_area: str) -> Place:
    """The place of WGS84 degrees, with the authority of the nearest postcode within 2 km.

    Raises ValidationFailed, OutsideUk, and OutsideArea where no postcode is near (the sea, Northern Ireland).
    """
    lat, lon = parse_lat_lon(lat, lon)
    try:
        position = to_grid(lat, lon)
    except OutsideUk:
        # Inside the box round the United Kingdom and yet off the grid of Great Britain.
        raise OutsideArea from None
    found = gazetteer.nearest(position)
    if found is None:
        raise OutsideArea
    authorities, forces, in_area = _described(found.authorities, areas, home_area)
    return Place(
        "point",
        None,
        in_area,
        local_authorities=authorities,
        police_forces=forces,
        position=position,
        outward=found.outward,
    )


def place_of_area(code: str, areas: Areas, *, home_area: str) -> Place:
    """The place of a whole area, with all its authorities, in the order of their names. Raises UnknownArea."""
    area = areas[code]
    inside = sorted(areas.authorities_in(code), key=lambda one: (areas.name_of(one), one))
    return Place(
        "area",
        None,
        _in_area(inside, areas, home_area),
        local_authorities=tuple(PlaceAuthority(one, areas.name_of(one), share=None) for one in inside),
        police_forces=_forces(inside, areas),
        area_code=code,
        area_name=area.name,
    )


def public_place(place: Place) -> dict[str, Any]:
    """`place` of a search answer, as in the API's agreement."""
    return {
        "precision": place.precision,
        "postcode_status": place.postcode_status,
        "in_area": place.in_area,
        "local_authorities": [
            {
                "code": one.code,
                "name": one.name,
                "share": None if one.share is None else round(one.share, SHARE_DECIMALS),
            }
            for one in place.local_authorities
        ],
        "police_forces": [{"code": one.code, "name": one.name} for one in place.police_forces],
    }


Described = tuple[tuple[PlaceAuthority, ...], tuple[PlaceForce, ...], InArea]


def _described(shares: tuple[AuthorityShare, ...], areas: Areas, home_area: str) -> Described:
    if len(shares) == 1:
        known = _within_one(areas, home_area).get(shares[0].code)
        if known is not None:
            return known
    codes = [one.code for one in shares]
    authorities = tuple([PlaceAuthority(one.code, areas.name_of(one.code), one.share) for one in shares])
    return authorities, _forces(codes, areas), _in_area(codes, areas, home_area)


@lru_cache(maxsize=2)
def _within_one(areas: Areas, home_area: str) -> Mapping[str, Described]:
    """What is said of a place within one authority, for each of them: nearly all postcodes are such places."""
    return {
        area.code: (
            (PlaceAuthority(area.code, area.name, 1.0),),
            _forces([area.code], areas),
            _in_area([area.code], areas, home_area),
        )
        for area in areas
        if area.area_type == "local_authority"
    }


def _forces(authorities: Iterable[str], areas: Areas) -> tuple[PlaceForce, ...]:
    """The forces of the authorities in the order of their first authority. An authority of another year has none."""
    found = dict.fromkeys(areas[code].police_force for code in authorities if code in areas)
    return tuple([PlaceForce(code, areas.name_of(code)) for code in found if code is not None])


def _in_area(authorities: Iterable[str], areas: Areas, home_area: str) -> InArea:
    home = areas.authorities_in(home_area)
    inside = [code in home for code in authorities]
    if all(inside):
        return "yes" if inside else "no"
    return "partly" if any(inside) else "no"
