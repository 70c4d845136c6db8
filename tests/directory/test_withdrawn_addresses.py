"""An address that is taken down is known again in any writing, and what is somebody else's stays."""

import pytest

from app.directory.withdrawn import Withdrawn, fields_that_name
from app.directory.withdrawn_addresses import ADDRESS_WITHDRAWN, Address, names_address, without_addresses

PLACE = Address.of("B1 1BB", "1 Test Street")


@pytest.mark.parametrize(
    "line",
    [
        "1 Test Street", "1, test st.", "1 TEST STREET", "Day centre, 1 Test Street", "1 Test Street, Digbeth",
        "Flat 3, 1 Test Street", "One Test Street", "1 Test St, 2nd floor", "１ Test Street", "1\u00a0Test\u00a0Street",
    ],
)  # fmt: skip
def test_a_street_is_the_same_in_any_writing(line: str) -> None:
    assert Address.of(None, line) == Address(None, "1 test street")


@pytest.mark.parametrize("line", ["11 Test Street", "1 Other Street", "Test Street", "1 Test Road", "", None])
def test_another_house_is_another_place(line: str | None) -> None:
    assert not PLACE.is_of(None, line)
    assert not PLACE.is_of("B1 1BA", line)


def test_a_postcode_or_a_street_is_enough() -> None:
    assert PLACE.is_of("B1 1BB", None)
    assert PLACE.is_of(None, "1 Test St")
    assert PLACE.is_of("B4 7ET", "1 Test Street")
    assert not Address.of(None, None).is_of(None, None)


def test_a_street_name_may_have_a_kind_in_it() -> None:
    assert Address.of(None, "12 Park View Road").street == "12 park view road"
    assert Address.of(None, "12 St Mary's Road, The Mill").street == "12 street marys road"
    assert Address.of(None, "Unit 4, The Old Mill, 12 Canal Street").street == "12 canal street"
    assert Address.of(None, "12-14 Canal Street").street == "14 canal street"


@pytest.mark.parametrize(
    "written",
    [
        "B1 1BB", "b11bb", "B1\u00a01BB", "B1-1BB", "B 1 1 B B", "1 Test Street", "1 test st.", "1, Test Street",
        "1 Test Street, B1 1BB", "1 Test Street; b1 1bb",
    ],
)  # fmt: skip
def test_it_is_taken_out_of_a_text_however_it_is_written(written: str) -> None:
    found = without_addresses(f"Come to {written} at noon.", [PLACE])
    assert found in {f"Come to {ADDRESS_WITHDRAWN} at noon.", f"Come to {ADDRESS_WITHDRAWN}. at noon."}


@pytest.mark.parametrize(
    "text", ["Come to one Test Street.", "Bee one, one bee bee.", "Come to １ Test Street.", "Ｂ１ １ＢＢ"]
)
def test_where_only_a_reader_makes_it_out_the_text_gives_way(text: str) -> None:
    assert without_addresses(text, [PLACE]) == ADDRESS_WITHDRAWN


@pytest.mark.parametrize(
    "text",
    [
        "Come to 11 Test Street.", "B11 1BB and B1 1BBQ", "Test Street is long.", "1 Tester Street", "In B1.",
        "Open till 1.", "",
    ],
)  # fmt: skip
def test_what_is_somebody_elses_stays(text: str) -> None:
    assert without_addresses(text, [PLACE]) == text
    assert not names_address(text, [PLACE])


def test_a_name_without_a_number_is_taken_for_a_place_only_where_it_is_a_street() -> None:
    hall, street = Address.of(None, "West Midlands"), Address.of(None, "Test Street")
    assert without_addresses("All of the West Midlands.", [hall]) == "All of the West Midlands."
    assert hall.is_of(None, "west  midlands")
    assert without_addresses("In Test St, at noon.", [street]) == f"In {ADDRESS_WITHDRAWN}, at noon."
    assert names_address("https://example.org/1-test-street", [PLACE], in_link=True)
    assert not names_address("https://test-street.example", [street], in_link=True)


def test_fields_that_name_it_are_named_but_not_its_own() -> None:
    record = {
        "name": "1 Test Street project",
        "url": "https://example.org/b11bb",
        "locations": [{"name": "Example", "address_1": "1 Test Street", "postal_code": "B1 1BB"}],
        "routes": [{"notes": "Ring 0121 496 0178, then come to B1 1BB."}],
    }
    found = fields_that_name(record, Withdrawn(addresses=[PLACE]))
    assert list(found) == ["/name", "/url", "/routes/0/notes"]


def test_it_takes_time_in_proportion_to_the_text() -> None:
    assert without_addresses("1 Test " * 5000 + "B 1 1 " * 5000, [PLACE]).startswith("1 Test")
