"""The place of a search, for the search and for the public."""

import json
from typing import Any

import pytest

from app.errors import (
    OutsideArea,
    OutsideUk,
    PostcodeInvalid,
    PostcodeNoLocation,
    PostcodeNotFound,
    UnknownArea,
)
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.geo.places import Place, place_of_area, place_of_point, place_of_postcode, public_place

HOME = "E23000014"


def place_of(text: str, gazetteer: Gazetteer, areas: Areas) -> Place:
    return place_of_postcode(text, gazetteer, areas, home_area=HOME)


@pytest.mark.parametrize(
    ("text", "authority", "force", "in_area"),
    [
        ("B1 1BB", "Birmingham", "West Midlands", "yes"),
        ("CV1 5FB", "Coventry", "West Midlands", "yes"),
        ("WV1 1RG", "Wolverhampton", "West Midlands", "yes"),
        ("B69 3DE", "Sandwell", "West Midlands", "yes"),
        ("B77 1AG", "Tamworth", "Staffordshire", "no"),
        ("DY10 1AQ", "Wyre Forest", "West Mercia", "no"),
        ("CV10 0TZ", "Hinckley and Bosworth", "Leicestershire", "no"),
        ("SW1A 1AA", "Westminster", "Metropolitan Police", "no"),
        ("LD1 5AA", "Powys", "Dyfed-Powys", "no"),
    ],
)
def test_a_postcode_has_its_authority_and_force(
    gazetteer: Gazetteer, areas: Areas, text: str, *, authority: str, force: str, in_area: str
) -> None:
    place = place_of(text, gazetteer, areas)
    assert place.precision == "unit"
    assert [(one.name, one.share) for one in place.local_authorities] == [(authority, 1.0)]
    assert [one.name for one in place.police_forces] == [force]
    assert place.in_area == in_area


def test_a_district_that_crosses_the_border_is_partly_in_the_area(gazetteer: Gazetteer, areas: Areas) -> None:
    place = place_of("B31", gazetteer, areas)
    assert place.precision == "district"
    assert place.in_area == "partly"
    assert [one.name for one in place.local_authorities] == ["Birmingham", "Bromsgrove"]
    assert [one.name for one in place.police_forces] == ["West Midlands", "West Mercia"]
    assert sum(one.share or 0 for one in place.local_authorities) == pytest.approx(1)
    assert place.local_authorities[0].share is not None
    assert place.local_authorities[0].share > 0.9


def test_a_district_of_one_force_lists_it_once(gazetteer: Gazetteer, areas: Areas) -> None:
    # Dudley, Sandwell and Birmingham meet in B62 and B65: several authorities of one force.
    place = place_of("B65", gazetteer, areas)
    assert len(place.local_authorities) > 1
    assert len(place.police_forces) == len({one.code for one in place.police_forces})
    assert place_of("B1 1", gazetteer, areas).in_area == "yes"
    assert place_of("M1", gazetteer, areas).in_area == "no"


def test_home_may_be_any_area(gazetteer: Gazetteer, areas: Areas) -> None:
    for home, in_area in (
        ("E08000025", "yes"),
        ("E08000026", "no"),
        ("E12000005", "yes"),
        ("E92000001", "yes"),
        ("S92000003", "no"),
    ):
        assert place_of_postcode("B1 1BB", gazetteer, areas, home_area=home).in_area == in_area


def test_problems_of_postcodes_come_through(gazetteer: Gazetteer, areas: Areas) -> None:
    for text, problem in (
        ("B1 1CC", PostcodeInvalid),
        ("B1 9ZZ", PostcodeNotFound),
        ("JE2 3AB", PostcodeNoLocation),
    ):
        with pytest.raises(problem):
            place_of(text, gazetteer, areas)


def test_a_point_has_the_authority_of_the_postcode_next_to_it(gazetteer: Gazetteer, areas: Areas) -> None:
    place = place_of_point(52.480432, -1.903449, gazetteer, areas, home_area=HOME)
    assert (place.precision, place.postcode_status, place.in_area) == ("point", None, "yes")
    assert [(one.name, one.share) for one in place.local_authorities] == [("Birmingham", 1.0)]
    # 0.001 degrees: the search knows the point to some 100 m and no better.
    assert place == place_of_point(52.4801, -1.9031, gazetteer, areas, home_area=HOME)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (56.0, 2.0),  # the North Sea
        (57.14, -4.98),  # a mountain between Loch Ness and Skye
        (54.6, -5.93),  # Belfast: its postcodes are not in the gazetteer
        (49.1, 2.4),  # France, in the corner of the box
    ],
)
def test_a_point_far_from_every_postcode_is_outside(
    gazetteer: Gazetteer, areas: Areas, lat: float, lon: float
) -> None:
    with pytest.raises(OutsideArea):
        place_of_point(lat, lon, gazetteer, areas, home_area=HOME)


def test_a_swapped_point_is_outside_the_country(gazetteer: Gazetteer, areas: Areas) -> None:
    with pytest.raises(OutsideUk):
        place_of_point(-1.9, 52.48, gazetteer, areas, home_area=HOME)


def test_an_area_has_all_its_authorities_without_shares(areas: Areas) -> None:
    place = place_of_area(HOME, areas, home_area=HOME)
    assert (place.precision, place.postcode_status, place.in_area) == ("area", None, "yes")
    assert (place.area_code, place.area_name, place.position) == (HOME, "West Midlands", None)
    assert [one.name for one in place.local_authorities] == [
        "Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton",
    ]  # fmt: skip
    assert {one.share for one in place.local_authorities} == {None}
    assert place_of_area("E12000005", areas, home_area=HOME).in_area == "partly"
    assert place_of_area("S92000003", areas, home_area=HOME).in_area == "no"
    with pytest.raises(UnknownArea):
        place_of_area("E99999999", areas, home_area=HOME)


def test_what_is_public_has_the_agreed_shape(gazetteer: Gazetteer, areas: Areas) -> None:
    assert public_place(place_of("B69 3DE", gazetteer, areas)) == {
        "precision": "unit",
        "postcode_status": "unknown",
        "in_area": "yes",
        "local_authorities": [{"code": "E08000028", "name": "Sandwell", "share": 1.0}],
        "police_forces": [{"code": "E23000014", "name": "West Midlands"}],
    }


@pytest.mark.parametrize("text", ["B69 3DE", "B69 3", "B69"])
def test_what_is_public_or_printed_never_repeats_the_postcode(
    gazetteer: Gazetteer, areas: Areas, text: str
) -> None:
    place = place_of(text, gazetteer, areas)
    public = json.dumps(public_place(place))
    for shown in (public, repr(place)):
        assert "B69" not in shown
        assert "3DE" not in shown
    assert not _numbers(public_place(place)) - {
        one.share for one in place.local_authorities if one.share is not None
    }


def _numbers(value: Any) -> set[float]:
    """Every number in an answer, to four decimals, as a coordinate would be one."""
    if isinstance(value, dict):
        return {number for one in value.values() for number in _numbers(one)}
    if isinstance(value, list):
        return {number for one in value for number in _numbers(one)}
    return {value} if isinstance(value, int | float) else set()
