"""What would lead to a refuge goes no further than the cell it was written in (abuse matrix, row 144)."""

import json
from typing import Any

import pytest

from app.importing.parsed import ParsedFile
from app.importing.reading import parse
from tests.factories import INVENTED
from tests.importing.sheets import codes, only, plain, read, warned, words

PLACES = {
    "Location": "Zebra Lodge",
    "Address": "17 Quagga Street",
    "City": "Okapi",
    "Postcode": "B1 1BB",
    "Postcode districts": "B29; WV1",
    "Phone 1": "0121 496 0001",
    "Phone 2": "07700 900123",
    "Route 1 phone": "0121 496 0002",
    "Route 2 email": "referrals@example.org",
    "Route 3": "Walk in",
    "Route 3 channel": "Walk in",
    "Polygon 1": '{"type":"Polygon","coordinates":[[[-1.9,52.4],[-1.8,52.4],[-1.8,52.5],[-1.9,52.4]]]}',
}


def all_of(parsed: ParsedFile) -> str:
    """Everything that goes on from here."""
    return repr(parsed.submissions) + repr(parsed.problems) + repr(parsed.warnings) + repr(dict(parsed.cells))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"Needs": "Safe house"}, id="by its need"),
        pytest.param({"Service": "Example Refuge"}, id="by its name"),
        pytest.param({"Description": "A safe-house for women."}, id="by its description"),
        pytest.param({"Confidential": "yes"}, id="by its flag"),
    ],
)
def test_places_and_landlines_of_a_refuge_are_dropped_and_told_of(said: dict[str, str]) -> None:
    parsed = read(plain(**PLACES | {"Confidential": ""} | said))

    service = only(parsed)
    assert service.confidential
    assert "confidential" in service.model_fields_set
    # Whoever says that it is confidential says that it has no place; our own guess says nothing of what is stored.
    assert ("locations" in service.model_fields_set) == ("Confidential" in said)
    assert getattr(service, "locations", ()) == ()
    assert (service.coverage.areas, service.coverage.postcode_districts, service.coverage.polygons) == (
        ("E08000028",),
        (),
        (),
    )
    assert [phone.number.national for phone in service.phones] == ["07700 900123"]
    assert [route.channel for route in service.routes] == ["email"]
    dropped = {column for code, _, column in warned(parsed) if code == "dropped-confidential"}
    assert dropped == {"Location", "Postcode districts", "Phone 1", "Route 1 phone", "Route 3", "Polygon 1"}
    assert not [
        secret
        for secret in ("Zebra", "Quagga", "Okapi", "B1 1BB", "0121 496 0001", "B29", "52.4")
        if secret in all_of(parsed)
    ]
    # What is left still leads to its own cells.
    assert parsed.cell_of(0, "/services/0/phones/0/number").column == "Phone 2"
    assert parsed.cell_of(0, "/services/0/routes/0/email").column == "Route 2 email"


def test_that_a_service_was_taken_as_confidential_is_told() -> None:
    assert ("confidential-by-default", 2, "Confidential") in warned(
        read(plain(Service="Example Refuge", Confidential=""))
    )


@pytest.mark.parametrize("name", ["Example Refugee Centre", "Example Safehousing Advice", "Example House"])
def test_a_word_that_only_looks_like_it_makes_nothing_confidential(name: str) -> None:
    parsed = read(plain(Service=name, Phone_1="0121 496 0001"))

    assert not only(parsed).confidential
    assert warned(parsed) == set()


def test_a_service_for_people_who_leave_a_refuge_may_say_that_it_is_none() -> None:
    parsed = read(
        plain(Description="Flats for people who leave a refuge.", Confidential="no", Phone_1="0121 496 0001")
    )

    assert not only(parsed).confidential
    assert len(only(parsed).phones) == 1
    assert warned(parsed) == {("says-refuge", 2, "Confidential")}


def test_a_safe_house_cannot_be_said_to_be_public() -> None:
    parsed = read(plain(Needs="safe_house", Confidential="no", **PLACES))

    assert codes(parsed) == {("refuge-not-confidential", 2, "Confidential")}
    assert "Quagga" not in all_of(parsed)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Description", "A refuge in Quagga Street, B1 1BB."),
        ("Organization description", "Our house is opposite the Zebra Hotel."),
        ("Eligibility notes", "Ring 0121 496 0001."),
        ("Route 1 notes", "Turn left at the Zebra station."),
    ],
)
def test_a_text_that_locates_a_refuge_is_a_problem_and_goes_no_further(column: str, text: str) -> None:
    contact = {"Route 1 email": "referrals@example.org"}
    parsed = read(plain(Confidential="yes", Needs="safe_house", **contact) | {column: text})

    assert {(code, shown) for code, _, shown in codes(parsed)} == {("confidential-fact", column)}
    assert text not in all_of(parsed)
    assert "Zebra" not in all_of(parsed)


def test_texts_of_other_services_of_the_same_house_count() -> None:
    parsed = read(
        plain(Confidential="yes"), plain(Service="Charity shop", Description="At 17 Quagga Street.")
    )

    assert codes(parsed) == {("confidential-fact", 3, "Description")}


def test_our_own_json_is_treated_in_the_same_way() -> None:
    service: dict[str, Any] = {
        "key": "example-refuge",
        "name": "Example Refuge",
        "description": "Somewhere safe.",
        "reach": "site",
        "needs": ["safe_house"],
        "coverage": {"areas": ["E23000014"], "postcode_districts": ["B29"]},
        "phones": [{"number": "0121 496 0001"}],
        "locations": [{"key": "a", "name": "Zebra Lodge", "postal_code": "B1 1BB"}],
        "assurance": [INVENTED],
    }
    organization = {
        "key": "example",
        "name": "Example",
        "description": "A charity.",
        "assurance": [INVENTED],
        "services": [service],
    }

    parsed = parse(json.dumps([organization]).encode(), words())

    assert parsed.problems == ()
    assert {one.cell.pointer for one in parsed.warnings if one.code == "dropped-confidential"} == {
        "/0/services/0/locations/0",
        "/0/services/0/phones/0/number",
        "/0/services/0/coverage/postcode_districts",
    }
    assert not [secret for secret in ("Zebra", "B1 1BB", "0121", "B29") if secret in all_of(parsed)]
