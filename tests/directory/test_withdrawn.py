"""A number that was taken down is found in a text however it is written, and no other number is."""

import pytest

from app.directory.records import PublicContact, PublicPhone
from app.directory.withdrawn import (
    WITHDRAWN,
    Withdrawn,
    fields_that_name,
    names_number,
    without_numbers,
    without_withdrawn,
)

NUMBER = "+441214960178"


@pytest.mark.parametrize(
    "written",
    [
        "0121 496 0178", "01214960178", "+44 121 496 0178", "+441214960178", "+44 (0)121 496 0178", "+44(0)1214960178",
        "(0121) 4960178", "(0121) 496 0178", "(+44) 121 496 0178", "0121.496.0178", "0121-496-0178", "0121\u2011496\u20110178",
        "0121\u00a0496\u00a00178", "0121\u202f496\u202f0178", "0121\u2009496\u20130178", "0044 121 496 0178", "00 44 121 4960178",
        "0 1 2 1 4 9 6 0 1 7 8", "0121 / 496 / 0178", "0121 496\n0178", "0121_496_0178", "０１２１ ４９６ ０１７８",
        "٠١٢١ ٤٩٦ ٠١٧٨", "121 496 0178", "496 0178", "4960178", "0121,496,0178", "44 121 496 0178",
        "+44-121-496-0178", "0121 496 - 0178", "0121 · 496 · 0178", "0121\u200b 496\u200b 0178",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "around", ["{}", "Ring {} at night.", "Tel:{}, or write.", "(ring {})", "{} or 0306 999 0102"]
)
def test_every_writing_of_it_gives_way_to_plain_words(written: str, around: str) -> None:
    assert without_numbers(around.format(written), (NUMBER,)) == around.format(WITHDRAWN)


@pytest.mark.parametrize(
    "text",
    [
        "Ring oh one two one, four nine six, oh one seven eight.",
        "Ring zero one two one four nine six zero one seven eight now.",
        "Ring O121 496 O178.",
        "Open tel:%2B44%20121%20496%200178.",
        "Ring 0121 four nine six 0178.",
        "Ring ⁰¹²¹ ⁴⁹⁶ ⁰¹⁷⁸.",
    ],
)
def test_where_it_has_to_be_read_as_a_person_does_the_whole_text_goes(text: str) -> None:
    assert without_numbers(text, (NUMBER,)) == WITHDRAWN


@pytest.mark.parametrize(
    "text",
    [
        "", "Ring 0121 496 0179, or 0306 999 0102.", "01902 496 0178", "020 496 01780",
        "Open 9 to 5 on 01.12.2026; 496 places, 178 beds.", "Charity 1049 601 78", "E08000025", "In danger ring 999.",
    ],
)  # fmt: skip
def test_no_other_number_is_touched(text: str) -> None:
    assert without_numbers(text, (NUMBER,)) == text


def test_both_of_two_numbers_go_and_each_place_of_one() -> None:
    text = "0121 496 0178 by day, 0306 999 0102 by night; again: (0121) 496-0178."
    assert without_numbers(text, (NUMBER, "+443069990102")) == (
        f"{WITHDRAWN} by day, {WITHDRAWN} by night; again: {WITHDRAWN}."
    )


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        ("+353851234567", "Ring +353 85 123 4567 or 085 123 4567.", f"Ring {WITHDRAWN} or {WITHDRAWN}."),
        ("+447700900123", "Text 07700 900123.", f"Text {WITHDRAWN}."),
        ("+448000121700", "Free: 08000 121 700.", f"Free: {WITHDRAWN}."),
        ("116123", "Ring 116 123.", f"Ring {WITHDRAWN}."),
        ("999", "In danger ring 999.", "In danger ring 999."),
        ("101", "There are 101 beds.", "There are 101 beds."),
        ("18000", "With text relay 18000.", "With text relay 18000."),
    ],
)
def test_numbers_of_every_kind(number: str, text: str, expected: str) -> None:
    assert without_numbers(text, (number,)) == expected


def test_an_address_that_names_it_is_left_out_and_a_number_of_another_line_stays() -> None:
    phone = PublicPhone(number="0306 999 0102", e164="+443069990102", phone_type="voice", description=None)
    assert without_withdrawn(phone, Withdrawn((NUMBER,))) is phone
    desk = PublicContact(role="Desk", email="01214960178@text.example")
    assert without_withdrawn(desk, Withdrawn((NUMBER,))) == PublicContact(role="Desk", email=None)
    assert without_withdrawn(desk, Withdrawn()) is desk


def test_fields_are_named_by_pointers() -> None:
    record = {
        "description": "Ring 0121 496 0178.",
        "phones": [{"number": "0121 496 0178", "description": "as 0121 496 0178"}],
        "routes": [{"phone": "0121 496 0178", "notes": "Not this."}, {"notes": "(0121) 4960178"}],
    }
    assert list(fields_that_name(record, Withdrawn((NUMBER,)))) == [
        "/description", "/phones/0/description", "/routes/1/notes",
    ]  # fmt: skip
    assert names_number("Ring 0121 496 0178.", (NUMBER,))
    assert not names_number("Ring 0121 496 0179.", (NUMBER,))


def test_a_long_text_takes_time_in_proportion() -> None:
    assert without_numbers("0121 496 " * 4000 + "0 " * 4000, (NUMBER,)).startswith("0121 496 0121")
