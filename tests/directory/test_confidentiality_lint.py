"""The lint on texts of confidential services: what it must refuse, what it must let through, and at what cost."""

import re
import sys
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from types import FrameType, ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory import (
    confidentiality,
    folded_text,
    locating_codes,
    locating_links,
    locating_phones,
    locating_places,
)
from app.directory.confidentiality import (
    CATALOGUE,
    Finding,
    lint_confidential,
    phone_locates,
    require_unlocatable,
)
from app.directory.contact_points import parse_phone
from app.errors import ConfidentialFact

TRICKY = [
    # Postcodes
    ("/description", "postcode", "Six rooms at B1 1BB for women."),
    ("/description", "postcode", "b11bb"),
    ("/description", "postcode", "Post to B 1 1 B B only"),
    ("/description", "postcode", "B1-1BB"),
    ("/description", "postcode", "our code (B.1.1.B.B)"),
    ("/description", "postcode", "W_V_1_1_R_G"),
    ("/description", "postcode", "ＷＶ１　１ＲＧ"),
    ("/description", "postcode", "ВАСК office: В1 1ВВ"),
    ("/description", "postcode", "B1\u200b1B\u200bB"),
    ("/description", "postcode", "B\n1\n1\nB\nB"),
    ("/description", "postcode", "B one, one BB"),
    ("/description", "postcode", "postcode is bee one, one bee bee"),
    ("/description", "postcode", "Bravo One One Bravo Bravo"),
    ("/description", "postcode", "whiskey victor double one two alpha november"),
    ("/description", "postcode", "somewhere in B69 3 on the Sandwell side"),
    ("/description", "postcode", "WS10 9**"),
    ("/url", "postcode", "https://www.example.org/find?q=CV1%204AA"),
    ("/url", "postcode", "https://www.example.org/find?q=CV1+4AA"),
    ("/description", "postcode", "gir 0aa"),
    ("/routes/0/notes", "postcode", "NG10, 1AA"),
    ("/description", "postcode_district", "The house is in B29"),
    ("/description", "postcode_district", "in the B20 - B21 area"),
    ("/description", "postcode_district", "Covers WV1 and the rest of the city"),
    ("/description", "postcode_district", "postcode district: CV 6"),
    # Codes
    ("/description", "plus_code", "9C4WFVF7+2Q"),
    ("/description", "plus_code", "FVF7+2Q Birmingham"),
    ("/description", "plus_code", "9c4w0000+"),
    ("/description", "plus_code", "FVF7 plus 2Q"),
    ("/description", "what3words", "Meet at ///filled.count.soap"),
    ("/description", "what3words", "filled.count.soap"),
    ("/description", "what3words", "(Filled . Count . Soap)"),
    ("/description", "what3words", "filled dot count dot soap"),
    ("/url", "what3words", "https://w3w.co/filled.count.soap"),
    ("/description", "what3words", "what3words: filled count soap"),
    ("/description", "coordinates", "52.4804, -1.9034"),
    ("/description", "coordinates", "52.48,-1.90"),
    ("/description", "coordinates", "N52.4804 W1.9034"),
    ("/description", "coordinates", "52,4804; -1,9034"),
    ("/description", "coordinates", "52°28'49\"N 1°54'12\"W"),
    ("/description", "coordinates", "52º 28′ 49″ north"),
    ("/description", "coordinates", "52 degrees 28 minutes north"),
    ("/description", "coordinates", "latitude 52.5"),
    (
        "/description",
        "coordinates",
        "fifty-two point four eight zero four, minus one point nine zero three four",
    ),
    ("/url", "coordinates", "geo:52.48,-1.9"),
    ("/description", "coordinates", "easting 406500"),
    ("/description", "coordinates", "406500 286700"),
    ("/description", "coordinates", "UPRN 100071234567"),
    ("/description", "coordinates", "the uprn is 10007 123 4567"),
    ("/description", "grid_reference", "SP 06 87"),
    ("/description", "grid_reference", "SP0687"),
    ("/description", "grid_reference", "sp 066 868"),
    ("/description", "grid_reference", "Grid ref. SJ-9123-9876"),
    # Links
    ("/url", "map_link", "https://maps.app.goo.gl/abcDEF"),
    ("/url", "map_link", "https://www.google.co.uk/maps/place/Example"),
    ("/url", "map_link", "https://maps.google.com/?cid=1"),
    ("/url", "map_link", "https://www.openstreetmap.org/node/1"),
    ("/url", "map_link", "https://osm.org/go/eu"),
    ("/url", "map_link", "https://www.bing.com/maps?cp=1"),
    ("/url", "map_link", "https://maps.apple.com/?address=x"),
    ("/url", "map_link", "https://waze.com/ul/abc"),
    ("/url", "map_link", "https://plus.codes/abc"),
    ("/routes/0/notes", "map_link", "see goo . gl / maps / abc"),
    ("/routes/0/notes", "map_link", "short link bit.ly/abc"),
    # Telephone numbers
    ("/phones/0/description", "local_phone", "or 0121 496 0000"),
    ("/phones/0/description", "local_phone", "0 1 2 1 4 9 6 0 0 0 0"),
    ("/phones/0/description", "local_phone", "O121 496 OOOO"),
    ("/phones/0/description", "local_phone", "+44 (0)121 496 0000"),
    ("/phones/0/description", "local_phone", "0044-121-496-0000"),
    ("/phones/0/description", "local_phone", "(024) 7601 1234"),
    ("/phones/0/description", "local_phone", "01902.496.000"),
    ("/phones/0/description", "local_phone", "oh one two one four nine six oh oh oh oh"),
    ("/phones/0/description", "local_phone", "oh one nine oh two, four nine six, treble oh"),
    ("/phones/0/description", "local_phone", "zero two four, seventy-six, double zero, double zero twelve"),
    ("/phones/0/description", "local_phone", "ohonetwoone fourninesix ohohohoh"),
    ("/phones/0/description", "local_phone", "٠١٢١ ٤٩٦ ٠٠٠٠"),
    ("/phones/0/description", "local_phone", "0️⃣1️⃣2️⃣1️⃣ 496 0000"),
    ("/phones/0/description", "local_phone", "ring 0800 808 3733 or 0121 496 0000 after six"),
    ("/phones/0/description", "local_phone", "since 01/02/2026 also 0121/496/0000"),
    ("/phones/0/description", "local_phone", "a 0121 number, ask the police for it"),
    ("/phones/0/description", "local_phone", "016977 2345"),
    # Streets, roads, directions
    ("/description", "street_address", "12 Something Road"),
    ("/description", "street_address", "12a, the avenue"),
    ("/description", "street_address", "twelve something road"),
    ("/description", "street_address", "ask for house number 12"),
    ("/description", "street_address", "7 Acacia Close"),
    ("/description", "street_address", "We are on Stratford Road."),
    ("/description", "street_address", "off the stratford road"),
    ("/description", "street_address", "Flat 3 of the house"),
    ("/description", "street_address", "a house in the High St"),
    ("/description", "street_address", "just off high street"),
    ("/description", "street_address", "We meet in Example St, by day"),
    ("/routes/0/notes", "street_address", "behind the church on Example Street"),
    ("/routes/0/notes", "landmark", "behind the church on Example Street"),
    ("/routes/0/notes", "landmark", "opposite the railway station"),
    ("/routes/0/notes", "landmark", "next door to the exchange"),
    ("/routes/0/notes", "landmark", "the flat above the kebab shop"),
    ("/routes/0/notes", "landmark", "five minutes' walk from the big Tesco"),
    ("/routes/0/notes", "landmark", "Round the corner from us"),
    ("/routes/0/notes", "landmark", "two streets from the mosque"),
    ("/routes/0/notes", "landmark", "the house on the corner"),
    ("/routes/0/notes", "landmark", "on the Example Industrial Estate"),
    ("/routes/0/notes", "road", "off the A38"),
    ("/routes/0/notes", "road", "two turns from M6 junction 7"),
    ("/routes/0/notes", "road", "by the A4123"),
    ("/routes/0/notes", "road", "leave the M 6"),
]

HARMLESS = [
    "Women 18+ and their children; 6 bed spaces",
    "Open 24/7, ring 0800 808 3733",
    "We cover Birmingham and Sandwell",
    "Referral by police or council",
    "MS1 form",
    "Section 17 support",
    "Support under s17 and s47 of the Children Act 1989.",
    "covers the B postcode area",
    "Covers all WV postcodes",
    "West Midlands Police, Warwickshire Police and West Mercia Police",
    "Dudley, Solihull, Walsall, Wolverhampton and Coventry",
    "City of London; East Midlands; Yorkshire and The Humber",
    "Ring 0300 123 4567, Monday to Friday 09:00 to 17:30.",
    "Text 07700 900123 between 9 and 5",
    "0808 2000 247, or 08000 121 700 (the same as 0800 0121 700), day and night",
    "0800 0121 700 / 0800 808 3733 / 0330 123 4567",
    "+44 800 808 3733",
    "oh eight hundred, eight oh eight, three seven double three",
    "Ring 999 or 112 in danger, 101 otherwise, 18001 101 for text relay, 116 123 to talk",
    "116123, 116000",
    "Open from 01/02/2026, 365 days a year",
    "Opening hours 01:00-02:30 and 04:00-06:15 on 01/01/2027",
    "Closed 24.12.2026 to 02.01.2027, 10 to 4 on other days",
    "Confirmed on 2026-01-02 by telephone",
    "Women aged 16 to 25, or up to 30 with children",
    "Men of 18 to 65",
    "A 38 year old may come with 2 children",
    "1 to 1 support, one to one, 1:1 and 2-1",
    "Two or three beds, one household unit",
    "The response comes within 4 hours, or 1 working day",
    "Print the A4 poster or the A5 leaflet",
    "English at B1 level and ESOL to A2 level",
    "A2 and A8 nationals are welcome",
    "Rooms of 12 m2 with a cot",
    "Form DA1, form CH2 and the HC1 form",
    "Send the NRM form and the DtN within 48 hours",
    "COVID-19 rules of 2020 no longer apply",
    "Room temperature 20°C; 50% of places are for families",
    "It costs £10.50 a week, £1,200 a year; deposit 50.00, 2.50",
    "Women on the street and street homeless people",
    "Vouchers for high street shops",
    "Ask Example St Chads for a bed",
    "The UPRN of the house is never given out",
    "24 hour street outreach, 7 nights a week",
    "Street work with 18 to 25 year olds",
    "On the road to recovery; a safe place; the right way",
    "6 Safe Place beds",
    "Section 17 Family Court orders",
    "Children above school leaving age",
    "We work behind closed doors with people near the end of the process",
    "Couples of the opposite sex or the same sex",
    "People are moved at least 50 miles from where they were exploited",
    "Referral at the police station, in hospital or by the school nurse",
    "Close to shops, schools and public transport",
    "Next to nothing is asked before the first meeting",
    "Flat-rate contribution; each has its own flat, 24 hours a day",
    "https://www.example.org/referrals/form?lang=cy",
    "referrals.team.west@example.org",
    "www.example.org.uk and support.example.charity",
    "https://forms.gle/AbCdEf",
    "St Basil, Dr Example and Ms Example run the group",
    "Interpreters for Tigrinya (ትግርኛ), Polish (język polski), Arabic (العربية) and Vietnamese (tiếng Việt)",
    "Croeso i bawb: tŷ diogel, dŵr, bwyd 🙂",
    "Помощь женщинам с 18 до 25 лет",
    "Βοήθεια για γυναίκες 18 έως 25",
    "Registered charity SC012345",
    "Version 0.2.0 of the form, pages 0-2-4",
    "The quick exit button; press Esc 3 times",
    "e.g. clothes, i.e. what is needed, etc. No fee.",
    "Stage 1 and 2 of the NRM, days 1-45",
    "x" * 40 + " " + "0" * 30,
    "",
]


@pytest.mark.parametrize(("pointer", "rule", "text"), TRICKY)
def test_what_leads_to_the_door_is_refused_with_field_and_rule(pointer: str, rule: str, text: str) -> None:
    found = lint_confidential({"/name": "Example Safe House", pointer: text})

    assert Finding(pointer, rule) in found
    assert {one.pointer for one in found} == {pointer}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_leads_nowhere_passes(text: str) -> None:
    assert lint_confidential({"/description": text}) == ()


def test_the_tables_are_as_long_as_agreed() -> None:
    assert len({text for _, _, text in TRICKY}) >= 60
    assert len(set(HARMLESS)) >= 60
    assert {rule for _, rule, _ in TRICKY} == set(CATALOGUE)


def test_the_refusal_names_every_field_and_repeats_no_text() -> None:
    with pytest.raises(ConfidentialFact) as refused:
        require_unlocatable({"/a": "B1 1BB", "/b": "harmless", "/c/0/notes": "0121 496 0000 and FVF7+2Q"})

    assert [(error.pointer, error.detail) for error in refused.value.errors] == [
        ("/a", CATALOGUE["postcode"]),
        ("/c/0/notes", CATALOGUE["plus_code"]),
        ("/c/0/notes", CATALOGUE["local_phone"]),
    ]
    everything = repr(refused.value) + str(refused.value) + refused.value.detail
    assert "1BB" not in everything
    assert "496" not in everything


def test_harmless_texts_are_not_refused() -> None:
    require_unlocatable({f"/{position}": text for position, text in enumerate(HARMLESS)})


@pytest.mark.parametrize(
    ("number", "locates"),
    [("0121 496 0000", True), ("01284 700000", True), ("0800 808 3733", False), ("0300 123 4567", False),
     ("07700 900123", False), ("999", False), ("+353 1 234 5678", True)],
)  # fmt: skip
def test_landlines_lead_to_a_town(number: str, locates: bool) -> None:
    assert phone_locates(parse_phone(number)) is locates


# Generated postcodes

AREAS = (
    "AB", "B", "BA", "BT", "CV", "DY", "E", "EC", "G", "GY", "HR", "IM", "JE", "L", "LL", "M", "N", "NE", "S", "SO", "SW", "SY",
    "TF", "W", "WC", "WR", "WS", "WV", "YO", "ZE",
)  # fmt: skip
INWARD = "ABDEFGHJLNPQRSTUWXYZ"
POSTCODES = st.builds(
    lambda area, district, sector, unit: (area + district, sector + unit),
    st.sampled_from(AREAS),
    st.one_of(st.from_regex(r"[0-9]", fullmatch=True), st.from_regex(r"[1-9][0-9]", fullmatch=True),
              st.from_regex(r"[1-9][ABCDEFGHJKPSTUW]", fullmatch=True)),
    st.from_regex(r"[0-9]", fullmatch=True),
    st.text(INWARD, min_size=2, max_size=2),
)  # fmt: skip
BETWEEN = st.text(" .-_,/()|*'\"\u00a0\t\n–—·•", max_size=4)
HARMLESS_AROUND = st.sampled_from(
    ["", "We help women", "Ring us.", "(", "Room for 6,", "and their children;"]
)


@st.composite
def spread_out(draw: st.DrawFn) -> str:
    """A postcode in capitals or small letters, with anything that is no letter or digit between its characters."""
    written = "".join(draw(POSTCODES))
    letters = written.lower() if draw(st.booleans()) else written
    return letters[0] + "".join(draw(BETWEEN) + letter for letter in letters[1:])


@given(postcode=spread_out(), before=HARMLESS_AROUND, after=HARMLESS_AROUND)
def test_a_postcode_is_found_however_it_is_spread_out(postcode: str, before: str, after: str) -> None:
    found = lint_confidential({"/notes": f"{before} {postcode} {after}"})

    assert Finding("/notes", "postcode") in found


# Generated telephone numbers

WORDS = dict(enumerate(["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]))


@st.composite
def grouped(draw: st.DrawFn, starts: tuple[str, ...], length: int = 10) -> str:
    """A number in any grouping and country form, in digits or in words."""
    start = draw(st.sampled_from(starts))
    significant = start + draw(
        st.text("0123456789", min_size=length - len(start), max_size=length - len(start))
    )
    prefix = draw(st.sampled_from(["0", "+44", "+44(0)", "0044", "0044 (0) ", "+44 "]))
    separator = draw(st.sampled_from([" ", "-", ".", "/", " - ", ") ", "\u00a0", ", ", "  "]))
    cuts = draw(st.sets(st.integers(1, length - 1)))
    edges = [0, *sorted(cuts), length]
    groups = [significant[low:high] for low, high in pairwise(edges)]
    if draw(st.booleans()):
        spoken = {"0": "oh ", "+44": "plus four four ", "0044": "double oh double four "}.get(prefix, "oh ")
        return spoken + draw(st.sampled_from([" ", ", ", "-"])).join(
            WORDS[int(digit)] for digit in significant
        )
    return prefix + separator.join(groups)


@given(number=grouped(("1", "2")), before=HARMLESS_AROUND, after=HARMLESS_AROUND)
def test_a_local_number_is_found_however_it_is_grouped(number: str, before: str, after: str) -> None:
    found = lint_confidential({"/notes": f"{before} {number} {after}"})

    assert Finding("/notes", "local_phone") in found


@given(number=grouped(("800", "808", "3", "7")), before=HARMLESS_AROUND, after=HARMLESS_AROUND)
def test_freephone_03_and_mobile_numbers_are_not_local(number: str, before: str, after: str) -> None:
    found = lint_confidential({"/notes": f"{before} {number} {after}"})

    assert Finding("/notes", "local_phone") not in found


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert all(one.rule in CATALOGUE for one in lint_confidential({"/notes": text}))


# The work grows with the text and no faster

READERS = (confidentiality, folded_text, locating_codes, locating_links, locating_phones, locating_places)
LONG_TEXTS = [
    "a", " ", "0", "1 ", "0 1 ", "012", "b1 ", "b 1 1 b ", "s o 1 ", ".", "a.", "filled.", "a. b/", "/", "///x", "+", "2+",
    "cfgh+", "52.", "52.480 ", "-1.9,", "1°", "sp 12 ", "double ", "twenty ", "oneone", "near ", "on the ", "12 x y z ",
    "road ", "The Road ", "next door ", "https://", "%20", "%", "é", "\u0301", "\ufdfa", "o", "oil", "point 1 ", "(0)", "'", "01/02/2026 ",
]  # fmt: skip


def _patterns(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    return ((name, value) for name, value in vars(module).items() if isinstance(value, re.Pattern))


def _repeats(parsed: Any) -> Iterator[tuple[int, Any]]:
    for operation, argument in parsed:
        if str(operation) in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            _, highest, inner = argument
            yield int(highest), inner
            yield from _repeats(inner)
        elif str(operation) == "SUBPATTERN":
            yield from _repeats(argument[-1])
        elif str(operation) == "BRANCH":
            yield from chain.from_iterable(_repeats(branch) for branch in argument[1])
        elif str(operation) in {"ASSERT", "ASSERT_NOT"}:
            yield from _repeats(argument[1])


def _is_catastrophic(pattern: str) -> bool:
    """A repeat of more than 30 beside anything else, or a repeat inside a repeat that runs more than twice."""
    parsed: Any = re._parser.parse(pattern)  # type: ignore[attr-defined]
    alone = all(len(branch) == 1 for branch in _branches(parsed))
    for highest, inner in _repeats(parsed):
        if highest > 30 and not (alone and len(inner) == 1):
            return True
        if highest > 2 and any(inside > 2 for inside, _ in _repeats(inner)):
            return True
    return False


def _branches(parsed: Any) -> list[Any]:
    if len(parsed) == 1 and str(parsed[0][0]) == "BRANCH":
        return list(parsed[0][1][1])
    return [parsed]


@pytest.mark.parametrize("module", READERS)
def test_no_pattern_can_run_away(module: ModuleType) -> None:
    assert [name for name, pattern in _patterns(module) if _is_catastrophic(pattern.pattern)] == []


@pytest.mark.parametrize("pattern", ["(a+)+b", r"\s*x", "(?:a{1,9}b{0,9}){0,9}", "a+a+"])
def test_patterns_that_run_away_would_be_noticed(pattern: str) -> None:
    assert _is_catastrophic(pattern)


def _lines_run(act: Callable[[], object]) -> int:
    """How many lines of Python run, the measure of work outside the patterns: the same on a slow and a quick machine."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(previous)
    return count


@pytest.mark.parametrize("piece", LONG_TEXTS)
def test_twice_the_text_is_about_twice_the_work(piece: str) -> None:
    def work(length: int) -> int:
        text = (piece * length)[:length]
        return _lines_run(lambda: lint_confidential({"/notes": text}))

    short, long = work(500), work(1000)

    assert long <= 2.3 * short + 1000


def test_work_that_grows_with_the_square_would_be_noticed() -> None:
    def loops(length: int) -> None:
        for one in range(length):
            for _ in range(one):
                pass

    assert _lines_run(lambda: loops(1000)) > 2.3 * _lines_run(lambda: loops(500)) + 1000
