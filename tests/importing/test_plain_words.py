"""Words in cells: what is taken because one thing only can be meant, and what is asked about."""

from collections.abc import Callable
from datetime import date

import pytest

from app.importing import plain_words
from app.importing.faults import Fault
from app.importing.identity import alike, key_from
from tests.importing.sheets import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("18+", (18, None)), ("16-25", (16, 25)), ("16 to 25", (16, 25)), ("under 18", (None, 17)), ("Adults", (18, None)),
     ("all ages", (None, None)), ("up to 12", (None, 12)), ("18 and over", (18, None))],
)  # fmt: skip
def test_ages(text: str, expected: tuple[int | None, int | None]) -> None:
    assert plain_words.ages(text) == expected


@pytest.mark.parametrize("text", ["over 18", "25-16", "old", "18", "under 0", "16-250", "16-25, 30+"])
def test_ages_that_leave_a_birthday_open_are_refused(text: str) -> None:
    with pytest.raises(Fault, match=r"^$|age-unclear"):
        plain_words.ages(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-11-30", date(2026, 11, 30)), ("30 November 2026", date(2026, 11, 30)), ("3rd Feb 2026", date(2026, 2, 3)),
     ("30/11/2026", date(2026, 11, 30)), ("5/5/2026", date(2026, 5, 5))],
)  # fmt: skip
def test_dates(text: str, expected: date) -> None:
    assert plain_words.calendar_date(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [("03/04/2026", "ambiguous-cell"), ("46000", "ambiguous-cell"), ("2026-02-30", "not-a-date"), ("soon", "not-a-date"),
     ("31/31/2026", "not-a-date"), ("3 J 2026", "not-a-date")],
)  # fmt: skip
def test_dates_that_could_be_others(text: str, code: str) -> None:
    with pytest.raises(Fault) as refused:
        plain_words.calendar_date(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "iso"),
    [("now", "now"), ("Immediately", "now"), ("4 hours", "PT4H"), ("within 2 hours", "PT2H"), ("1 day", "P1D"),
     ("30 mins", "PT30M"), ("2 weeks", "P14D"), ("P1DT2H", "P1DT2H")],
)  # fmt: skip
def test_lengths_of_time(text: str, iso: str) -> None:
    assert plain_words.duration(text) == iso
    assert plain_words.duration(plain_words.duration_text(iso)) == iso


@pytest.mark.parametrize("text", ["next working day", "a while", "4", "4-6 hours"])
def test_lengths_of_time_that_are_none(text: str) -> None:
    with pytest.raises(Fault):
        plain_words.duration(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Polish", "pol"),
        ("pol", "pol"),
        ("farsi", "fas"),
        ("Tigrinya", "tir"),
        ("BSL", "bfi"),
        ("Maltese", "mlt"),
    ],
)
def test_languages_by_name_and_code(text: str, code: str) -> None:
    assert plain_words.language_code(text) == code
    assert plain_words.language_code(plain_words.language_name(code)) == code


@pytest.mark.parametrize("text", ["Klingonish", "Brazilian Portuguese", "English, Polish", "many"])
def test_languages_that_are_not_one_language(text: str) -> None:
    with pytest.raises(Fault):
        plain_words.language_code(text)


def test_areas_by_name_with_commas_and_the_word_and() -> None:
    read = words().area_code
    assert plain_words.listed("Birmingham; Solihull", read) == ("E08000025", "E08000029")
    assert plain_words.listed("Birmingham, Solihull and Sandwell", read) == (
        "E08000025",
        "E08000029",
        "E08000028",
    )
    assert plain_words.listed("Bristol, City of", read) == ("E06000023",)
    assert plain_words.listed("E08000025\nwalsall", read) == ("E08000025", "E08000030")


def test_a_name_that_two_areas_bear_is_asked_about_with_their_codes() -> None:
    with pytest.raises(Fault) as refused:
        words().area_code("West Midlands")
    assert refused.value.code == "ambiguous-area"
    assert refused.value.fix == "Write E12000005 for the region, or E23000014 for the police force area."
    assert words().area_code("West Midlands (police force area)") == "E23000014"
    assert words().area_code("West Midlands police force") == "E23000014"
    assert words().area_code("West Midlands region") == "E12000005"


def test_what_is_written_for_an_area_is_read_as_that_area() -> None:
    assert all(words().area_code(words().area_name(area.code)) == area.code for area in words().areas)


def test_what_is_written_for_a_word_is_read_as_that_word() -> None:
    known = words()
    for name, terms in known.terms.items():
        for code, _ in terms:
            assert known.code(name, known.name(name, code)) == code


@pytest.mark.parametrize("read", [plain_words.yes_no, plain_words.yes_no_ask, plain_words.whole_number])
def test_other_words_are_refused(read: Callable[[str], object]) -> None:
    with pytest.raises(Fault):
        read("maybe")


def test_keys_are_made_of_names_and_never_collide_for_want_of_latin_letters() -> None:
    assert key_from("Example Trust", "Women's Café") == "example-trust-womens-cafe"
    assert key_from("مثال") != key_from("示例")
    assert len(key_from("x" * 300)) <= 100
    assert key_from("Example Łódź") == key_from("example łódź")


def test_names_of_one_organization_are_alike() -> None:
    assert alike("The Example Trust Ltd.") == alike("EXAMPLE TRUST")
    assert alike("St. Example's") == alike("St Examples")
    assert alike("Example Trust North") != alike("Example Trust South")
