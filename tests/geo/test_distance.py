"""Positions and distances, against the geodesic and against published positions."""

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import OutsideUk, ValidationFailed
from app.geo.distance import (
    GridPoint,
    geodesic_km,
    hypotenuse_m,
    parse_lat_lon,
    to_grid,
    to_grid_array,
    to_lat_lon,
    to_lon_lat_array,
)

points = st.builds(GridPoint, st.floats(0, 700_000), st.floats(0, 1_300_000))


@given(points, points)
def test_distance_is_the_same_both_ways_and_nothing_to_itself(a: GridPoint, b: GridPoint) -> None:
    assert hypotenuse_m(a, b) == hypotenuse_m(b, a)
    assert hypotenuse_m(a, a) == 0


@given(points, points, points)
def test_a_detour_is_never_shorter(a: GridPoint, b: GridPoint, c: GridPoint) -> None:
    assert hypotenuse_m(a, c) <= hypotenuse_m(a, b) + hypotenuse_m(b, c) + 1e-6


# From Land's End to Lowestoft and up to John o' Groats; further west the scale of the grid grows.
mainland = st.tuples(st.floats(140_000, 660_000), st.floats(30_000, 970_000)).map(
    lambda pair: GridPoint(*pair)
)


@given(mainland, st.floats(500, 200_000), st.floats(0, 2 * math.pi))
def test_grid_distance_is_within_a_twentieth_of_a_percent_of_the_geodesic(
    start: GridPoint, length: float, bearing: float
) -> None:
    end = GridPoint(start.easting + length * math.cos(bearing), start.northing + length * math.sin(bearing))
    assume(140_000 <= end.easting <= 660_000 and 30_000 <= end.northing <= 970_000)
    try:
        reference_m = geodesic_km(to_lat_lon(start), to_lat_lon(end)) * 1000
    except OutsideUk:
        assume(False)
    # OSTN15 bends the grid by centimetres per kilometre, on top of the scale: a metre for short ways.
    assert hypotenuse_m(start, end) == pytest.approx(reference_m, rel=5e-4, abs=1)


def test_positions_agree_with_the_published_ones(reference: Path) -> None:
    with gzip.open(reference / "postcodes_wm.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["easting"]][::20]
    degrees = np.array([(float(row["lon"]), float(row["lat"])) for row in rows])
    metres = np.array([(float(row["easting"]), float(row["northing"])) for row in rows])
    assert len(rows) > 5_000
    # Six decimals of a degree are up to 11 cm.
    assert np.abs(to_grid_array(degrees) - metres).max() < 0.15
    assert np.abs(to_lon_lat_array(metres) - degrees).max() < 1.1e-6


def test_the_conversion_is_that_of_ordnance_survey() -> None:
    # Point TP01 (St Mary's, Scilly) of the test data that Ordnance Survey publishes with OSTN15.
    published = GridPoint(91_492.146, 11_318.804)
    assert hypotenuse_m(to_grid(49.92226393730, -6.29977752014), published) < 0.002
    assert to_lat_lon(published) == pytest.approx((49.92226393730, -6.29977752014), abs=2e-8)


@pytest.mark.parametrize(("lat", "lon"), [(60.9, 1.9), (49.1, -8.9), (54.6, -8.8)])
def test_off_the_grid_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(OutsideUk):
        to_grid(lat, lon)
    with pytest.raises(OutsideUk):
        to_grid_array(np.array([(-1.9, 52.5), (lon, lat)]))


def test_no_points_are_no_points() -> None:
    assert to_grid_array(np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e308])
def test_what_is_no_number_of_degrees_is_refused_by_name(wrong: float) -> None:
    with pytest.raises(ValidationFailed) as refused:
        parse_lat_lon(wrong, -1.9)
    assert [error.pointer for error in refused.value.errors] == ["/lat"]
    with pytest.raises(ValidationFailed) as refused:
        parse_lat_lon(52.5, wrong)
    assert [error.pointer for error in refused.value.errors] == ["/lon"]


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (-91, 0), (51.5, 200), (51.5, -181)])
def test_what_no_globe_has_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(ValidationFailed):
        parse_lat_lon(lat, lon)


@pytest.mark.parametrize(
    ("lat", "lon"), [(-0.12, 51.5), (48.99, 0), (61.51, 0), (52, 2.51), (52, -9.01), (40.7, -74)]
)
def test_other_countries_and_swapped_pairs_are_outside(lat: float, lon: float) -> None:
    with pytest.raises(OutsideUk):
        parse_lat_lon(lat, lon)


@given(st.floats(49, 61.5), st.floats(-9, 2.5))
def test_coordinates_are_used_to_three_decimals(lat: float, lon: float) -> None:
    snapped = parse_lat_lon(lat, lon)
    assert abs(snapped[0] - lat) <= 0.0005000001
    assert abs(snapped[1] - lon) <= 0.0005000001
    assert all(len(repr(abs(one)).partition(".")[2]) <= 3 for one in snapped)


@pytest.mark.parametrize("lon", [-0.0, 1e-320, -1e-9])
def test_the_meridian_has_no_sign(lon: float) -> None:
    assert math.copysign(1, parse_lat_lon(51.5, lon)[1]) == 1
