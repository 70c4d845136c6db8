"""A small country to search in: eight authorities under four forces, some forty postcodes, and shapes on its map.

Outward codes span authorities and forces, one postcode and one whole outward code are terminated, two postcodes stand
at the very same place, and one authority is of another year: the areas do not know it. Positions are invented.
"""

import json
from pathlib import Path

import numpy as np
from convertbng.cutil import convert_osgb36_to_ll

from app.directory.records import CoveredArea, Position
from app.geo.areas import Area, Areas
from app.geo.gazetteer import Gazetteer
from app.geo.gazetteer_layout import LIVE, TERMINATED, Edition
from app.geo.gazetteer_rows import PostcodeRows
from app.geo.gazetteer_write import write_gazetteer
from tests.search.reference import KnownPostcode

BIRMINGHAM, SANDWELL, WALSALL = "E08000025", "E08000028", "E08000030"
TAMWORTH, LICHFIELD = "E07000199", "E07000194"
SOUTH_DERBYSHIRE, NEWPORT = "E07000039", "W06000022"
OF_ANOTHER_YEAR = "E07000900"

ENGLAND, WALES = "E92000001", "W92000004"
WEST_MIDLANDS, EAST_MIDLANDS = "E12000005", "E12000004"
WEST_MIDLANDS_POLICE, STAFFORDSHIRE_POLICE = "E23000014", "E23000015"
DERBYSHIRE_POLICE, GWENT_POLICE = "E23000018", "W15000002"


def _force(code: str, name: str, region: str | None, country: str) -> Area:
    return Area(code, name, "police_force", police_force=None, region=region, country=country)


def _authority(code: str, name: str, *, force: str, region: str | None, country: str = ENGLAND) -> Area:
    return Area(code, name, "local_authority", police_force=force, region=region, country=country)


AREAS = (
    Area(ENGLAND, "England", "country", police_force=None, region=None, country=None),
    Area(WALES, "Wales", "country", police_force=None, region=None, country=None),
    Area(WEST_MIDLANDS, "West Midlands", "region", police_force=None, region=None, country=ENGLAND),
    Area(EAST_MIDLANDS, "East Midlands", "region", police_force=None, region=None, country=ENGLAND),
    _force(WEST_MIDLANDS_POLICE, "West Midlands Police", WEST_MIDLANDS, ENGLAND),
    _force(STAFFORDSHIRE_POLICE, "Staffordshire Police", WEST_MIDLANDS, ENGLAND),
    _force(DERBYSHIRE_POLICE, "Derbyshire Police", EAST_MIDLANDS, ENGLAND),
    _force(GWENT_POLICE, "Gwent Police", None, WALES),
    _authority(BIRMINGHAM, "Birmingham", force=WEST_MIDLANDS_POLICE, region=WEST_MIDLANDS),
    _authority(SANDWELL, "Sandwell", force=WEST_MIDLANDS_POLICE, region=WEST_MIDLANDS),
    _authority(WALSALL, "Walsall", force=WEST_MIDLANDS_POLICE, region=WEST_MIDLANDS),
    _authority(TAMWORTH, "Tamworth", force=STAFFORDSHIRE_POLICE, region=WEST_MIDLANDS),
    _authority(LICHFIELD, "Lichfield", force=STAFFORDSHIRE_POLICE, region=WEST_MIDLANDS),
    _authority(SOUTH_DERBYSHIRE, "South Derbyshire", force=DERBYSHIRE_POLICE, region=EAST_MIDLANDS),
    _authority(NEWPORT, "Newport", force=GWENT_POLICE, region=None, country=WALES),
)  # fmt: skip
AREA_CODES = tuple(area.code for area in AREAS)


def _rows(
    authority: str, *places: tuple[str, int, int], terminated: bool = False
) -> tuple[KnownPostcode, ...]:
    return tuple(
        KnownPostcode(text, easting, northing, authority, terminated) for text, easting, northing in places
    )


POSTCODES = (
    *_rows(BIRMINGHAM, ("B1 1AA", 406500, 286500), ("B1 1AB", 406500, 286500), ("B1 1AD", 407500, 286500)),
    *_rows(BIRMINGHAM, ("B1 2AA", 409500, 290500), ("B1 2AB", 409500, 290530), ("B1 2AD", 410500, 290500)),
    *_rows(BIRMINGHAM, ("B1 9ZZ", 405900, 287100), terminated=True),
    *_rows(BIRMINGHAM, ("B2 4AA", 411500, 286500), ("B2 4AB", 411700, 286400), ("B2 5AA", 412000, 285500)),
    *_rows(SANDWELL, ("B69 3DE", 399500, 289500), ("B69 3DF", 399600, 289500), ("B69 4AA", 400500, 288500)),
    *_rows(BIRMINGHAM, ("B69 4AB", 401500, 288500), ("B69 4AD", 401600, 288600)),
    *_rows(SANDWELL, ("B70 6AA", 400500, 291500), ("B70 6AB", 400700, 291600), ("B70 7AA", 401700, 291600)),
    *_rows(WALSALL, ("WS1 1AA", 401500, 298500), ("WS1 1AB", 401600, 298500), ("WS1 2AA", 402500, 297500)),
    *_rows(WALSALL, ("WS9 8AA", 405500, 300500), ("WS9 8AB", 405500, 301500)),
    *_rows(LICHFIELD, ("WS9 9AA", 407500, 303500), ("WS9 8AD", 406500, 301600)),
    *_rows(BIRMINGHAM, ("WS9 0ZZ", 406500, 295500), terminated=True),
    *_rows(LICHFIELD, ("WS13 6AA", 411500, 309500), ("WS13 6AB", 411600, 309600), ("WS13 7AA", 412500, 310500)),
    *_rows(TAMWORTH, ("B77 1AG", 421500, 303500), ("B77 1AH", 422500, 303500), ("B77 2AB", 420600, 304500)),
    *_rows(LICHFIELD, ("B77 2AA", 419500, 304500)),
    *_rows(TAMWORTH, ("B79 7AA", 421500, 305500), terminated=True),
    *_rows(LICHFIELD, ("B79 7AB", 420500, 306500), terminated=True),
    *_rows(SOUTH_DERBYSHIRE, ("DE11 0AA", 430500, 319500), ("DE11 0AB", 431500, 319500)),
    *_rows(NEWPORT, ("NP20 1AA", 331500, 188500), ("NP20 1AB", 331700, 188500), ("NP20 4AA", 330500, 187500)),
    *_rows(TAMWORTH, ("CV9 1AA", 428500, 299500)),
    *_rows(OF_ANOTHER_YEAR, ("CV9 1AB", 431500, 297500), ("CV9 2AA", 432500, 297500)),
)  # fmt: skip

DISTRICTS = ("B1", "B2", "B69", "B70", "WS1", "WS9", "WS13", "B77", "B79", "DE11", "NP20", "CV9")
SECTORS = ("B1 1", "B1 2", "B1 9", "B69 3", "B69 4", "WS9 8", "WS9 9", "WS9 0", "B77 2", "B79 7", "CV9 1")

LOCATIONS = (
    Position(easting=406500, northing=286500, authority_code=BIRMINGHAM),
    Position(easting=406501, northing=286500, authority_code=BIRMINGHAM),
    # Five kilometres from B1 1AA, four times over; then a metre and half a metre more.
    Position(easting=409500, northing=290500, authority_code=BIRMINGHAM),
    Position(easting=402500, northing=289500, authority_code=SANDWELL),
    Position(easting=411500, northing=286500, authority_code=None),
    Position(easting=406500, northing=281500, authority_code=BIRMINGHAM),
    Position(easting=411501, northing=286500, authority_code=BIRMINGHAM),
    Position(easting=409501, northing=290500, authority_code=BIRMINGHAM),
    Position(easting=399500, northing=289500, authority_code=SANDWELL),
    Position(easting=405500, northing=300500, authority_code=WALSALL),
    Position(easting=421500, northing=303500, authority_code=TAMWORTH),
    Position(easting=411500, northing=309500, authority_code=LICHFIELD),
    Position(easting=331500, northing=188500, authority_code=NEWPORT),
)


def _lon_lat(easting: float, northing: float) -> tuple[float, float]:
    lons, lats = convert_osgb36_to_ll(easting, northing)
    return round(float(lons[0]), 7), round(float(lats[0]), 7)


def _box(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _polygon(*rings: list[tuple[float, float]]) -> str:
    coordinates = [[_lon_lat(*corner) for corner in ring] for ring in rings]
    return json.dumps({"type": "Polygon", "coordinates": coordinates})


CENTRE = _polygon(_box(405250, 285250, 408250, 287750))
RING_ROAD = _polygon(_box(404250, 284250, 412750, 291750), _box(405400, 285750, 408300, 287750))
BORDER = _polygon(_box(398750, 287750, 402250, 290250))
# Around WS9 8AA and not WS9 8AB, with WS9 8AD in its arm.
HOOK = _polygon(
    [
        (404750, 299750), (406200, 299750), (406200, 301250), (407200, 301250), (407200, 302250),
        (406000, 302250), (406000, 301100), (404750, 301100), (404750, 299750),
    ]
)  # fmt: skip
# Without a postcode, the nearest of which is 700 m away.
FIELD = _polygon(_box(423000, 303000, 423300, 303300))
# All its postcodes are Tamworth's, and it reaches to where the nearest postcode is Lichfield's.
BEYOND_TAMWORTH = _polygon(_box(419750, 302750, 423250, 304900))
PORT = _polygon(_box(330000, 187000, 332500, 189000))
POLYGONS = (CENTRE, RING_ROAD, BORDER, HOOK, FIELD, BEYOND_TAMWORTH, PORT)

# Where somebody stands (grid): in the shapes above, beside them, and near postcodes of this and that authority.
STANDPOINTS_ON_GRID = (
    (406520, 286530), (406480, 288100), (409900, 290700), (400600, 288600), (401450, 288350), (405600, 300600),
    (405700, 301600), (406600, 301700), (423150, 303150), (419900, 304600), (421400, 303600), (430700, 319400),
    (331600, 188600), (431600, 297600), (406400, 295600),
)  # fmt: skip
STANDPOINTS = tuple(
    (round(lat, 5), round(lon, 5)) for lon, lat in (_lon_lat(*point) for point in STANDPOINTS_ON_GRID)
)
"""Latitude and longitude, finer than the search uses."""


def covered(*codes: str) -> tuple[CoveredArea, ...]:
    """Areas as a service lists them."""
    by_code = {area.code: area for area in AREAS}
    return tuple(
        CoveredArea(code=code, name=by_code[code].name, area_type=by_code[code].area_type) for code in codes
    )


def build_areas() -> Areas:
    return Areas(AREAS)


def build_small_gazetteer(path: Path) -> Gazetteer:
    """The postcodes above as a file at `path`, opened."""
    rows = PostcodeRows()
    rows.authorities = list(dict.fromkeys(row.authority for row in POSTCODES))
    padded = np.array(
        [list(f"{row.outward:<4}{row.text.split(' ')[1]}".encode()) for row in POSTCODES], np.uint8
    )
    rows.add(
        "small-country.csv",
        np.arange(1, len(POSTCODES) + 1, dtype=np.int32),
        padded=padded,
        easting=np.array([row.easting for row in POSTCODES], np.int32),
        northing=np.array([row.northing for row in POSTCODES], np.int32),
        authority=np.array([rows.authorities.index(row.authority) for row in POSTCODES], np.uint16),
        status=np.array([TERMINATED if row.terminated else LIVE for row in POSTCODES], np.uint8),
    )
    edition = Edition(
        "Small country", "2026-11", 2026, source_sha256="", built_at="2026-11-01T00:00:00+00:00"
    )
    write_gazetteer(rows, edition, path, minimum_rows=1)
    return Gazetteer.open(path)
