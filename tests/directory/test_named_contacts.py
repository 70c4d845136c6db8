"""Whom a text tells people to reach: every odd way to write a number or an address, and none of what texts are full of."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory.named_contacts import contacts_named
from app.directory.top_level_domains import TOP_LEVEL_DOMAINS
from tests.directory.test_confidentiality_lint import HARMLESS

RING = "441214960178"
NUMBERS = [
    "Ring 0121 496 0178.", "Ring (0121) 496-0178", "+44 (0)121 496 0178", "0044 121 496 0178", "Ring 0121, 496, 0178 at night",
    "0121*496*0178", "0121 _ 496 _ 0178", "0121·496·0178", "0121 | 496 | 0178", "0121: 496: 0178", "0121; 496; 0178",
    "0121 = 496 = 0178", "(0121) [496] {0178}", "0121 then 496 then 0178", "0121, and then 496, and then 0178",
    "oh one two one four nine six oh one seven eight", "0121 (four nine six) 0178", "Ring O121 4.9.6 O178", "0121\n496\n0178",
    "０１２１ ４９６ ０１７８", "01.21.49.60.17.8", "0121\u2011496\u20110178", "0121\u00a0496\u00a00178", "01-21 49-60 17-8",
]  # fmt: skip
OTHERS = {
    "Text HELP to 6o999": "60999", "6 0 9 9 9": "60999", "six oh nine nine nine": "60999", "+48, 123, 456, 789": "48123456789",
    "Text oh seven seven double oh nine hundred one two three": "447700900123", "Ring 077oo 9oo123": "447700900123",
    "Ring 08.00 12.15 9.30": "448001215930", "Write to Safe-Now.pl": "safe-now.pl", "SAFE-NOW.PL": "safe-now.pl",
    "help (at) safe-now (dot) pl": "help@safe-now.pl", "help[at]safe-now[dot]pl": "help@safe-now.pl",
    "safe-now dot co dot uk": "safe-now.co.uk", "help at safe-now dot pl": "safe-now.pl", "safe-now . pl": "safe-now.pl",
    "help＠safe-now．pl": "help@safe-now.pl", "Telegram: @safehelpnow": "@safehelpnow", "t.me/safehelp": "t.me",
    "See help.example/me.": "help.example", "Beds at https://safe.example.org/x": "https://safe.example.org/x",
}  # fmt: skip
ORDINARY = [
    "Open 9.00 - 17.00", "Open 9am-5pm, Monday to Friday 9-5", "09:00-17:00, Saturday 10:00–16:00", "Mon-Fri 0900-1700, Sat 1000-1400",
    "08.00-12.15, 13.00-17.00, 18.00-20.00", "from 9.00 to 12.15, 13.00 to 17.00 and 18.00 to 20.30", "0800 to 2000 daily",
    "Between 08:00 and 20:00, 365 days", "8.30am to 4.30pm (3.30pm Fridays)", "Open 24/7", "24/7/365", "9 | 10 | 11",
    "For people aged 16-25", "For ages 0-5, 6-11, 12-16 and 17-25", "16+ and 18+", "Reviewed on 01/12/2026 and 2026-12-01",
    "from 01.04.2026 until 31.03.2027", "From 01 January 2026 to 31 December 2026", "in 2024/25 and 2025-2026",
    "Costs £12,000.00 a year; £5 - £10 a night; £120000", "Section 17 and section 20 of the Children Act 1989", "s.17, s.47 and S17",
    "The 2015 Act, sections 1, 2, 3, 4 and 5", "helps 12,000 people, 2,500 of them children", "fifty thousand pounds",
    "One or two nights, sometimes twenty four hours a day, seven days a week", "Ring 999 or 101 at once", "Form MG11, NRM1; P45",
    "Food, clothes etc.We listen, e.g. for 2,500 people from 9.30 to 12.", "On the dot at nine. Meet us at the hall.",
    "45 days, then 14 days more, up to 90", "Level B1 or B2 English; A4 forms; CO2", "Every 1st, 8th, 15th and 22nd",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_one_however_it_is_written(text: str) -> None:
    assert RING in contacts_named(text)


@pytest.mark.parametrize(("text", "named"), OTHERS.items())
def test_what_people_would_write_to_or_open_is_named(text: str, named: str) -> None:
    assert named in contacts_named(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_hours_ages_dates_and_money_are_nobodys_number(text: str) -> None:
    assert contacts_named(text) == frozenset()


RUNG = ("0800 808", "0300 123", "07700 900", "0800 0121", "08000 121", "0345 123", "01189", "+44", "0800 1111", "116 123", "85258",
        "18001", "@", ".uk", ".org", "forms.gle",
        "116123", "oh eight hundred", "SC012345", "000000")  # fmt: skip


@pytest.mark.parametrize("text", [one for one in HARMLESS if not any(part in one for part in RUNG)])
def test_what_leads_to_no_place_and_to_nobody_is_neither(text: str) -> None:
    assert contacts_named(text) == frozenset()


def test_a_number_in_other_words_is_no_other_number() -> None:
    assert contacts_named("Ring 0121 496 0178.") == contacts_named("At night: +44 121 496 0178, always.")


@pytest.mark.parametrize(
    "part",
    ["a.", "a-", "a@", "1 ", "9.00 ", "£1,000", "0121 and ", "one", "www.", "a dot ", "( at ", "1-2, "],
)
def test_no_text_takes_long_to_read(part: str) -> None:
    begun = process_time()
    contacts_named(part * (4000 // len(part)))
    assert process_time() - begun < 1


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert contacts_named(text) == contacts_named(text)


@given(st.sampled_from(sorted(TOP_LEVEL_DOMAINS)))
def test_a_site_in_capitals_is_one(ending: str) -> None:
    assert f"safe-now.{ending}" in contacts_named(f"See Safe-Now.{ending.upper()}")
