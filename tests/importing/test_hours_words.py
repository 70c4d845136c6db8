"""Opening hours in plain words: what is read, what is refused because two things could be meant, and back again."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.submissions import ScheduleSubmission
from app.directory.schedules import WEEKDAYS
from app.importing.faults import Fault
from app.importing.hours_words import read_hours, write_hours

WEEK = ("MO", "TU", "WE", "TH", "FR")


def spells(text: str) -> list[tuple[tuple[str, ...], str | None, str | None, str]]:
    found = read_hours(text)
    assert found != "24/7"
    return [(row.byday, row.opens_at, row.closes_at, row.bank_holidays) for row in found]


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 9am-5pm",
        "Monday to Friday, 9am to 5pm",
        "mon – fri: 09:00 – 17:00",
        "Weekdays 9:00-17:00",
        "Mon, Tue, Wed, Thu and Fri 9.00am-5.00pm",
        "MONDAY-FRIDAY 9 a.m. till 5 p.m.",
        "Mon-Fri 9am-5pm; weekends closed",
    ],
)
def test_an_office_week_is_read_however_it_is_written(text: str) -> None:
    assert spells(text) == [(WEEK, "09:00", "17:00", "unknown")]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Mon 9:30-5pm", ("09:30", "17:00")),
        ("Mon 10:00-12pm", ("10:00", "12:00")),
        ("Mon 11:00-noon", ("11:00", "12:00")),
        ("Mon 12:00-5pm", ("12:00", "17:00")),
        ("Mon 08:00-10pm", ("08:00", "22:00")),
        ("Mon 20:00-8:00", ("20:00", "08:00")),
        ("Mon 10:30-09:30", ("10:30", "09:30")),
        ("Mon 8:00-11:00", ("08:00", "11:00")),
        ("Mon 8am-10pm", ("08:00", "22:00")),
        ("Mon 22:00-midnight", ("22:00", "24:00")),
    ],
)
def test_a_time_that_can_be_meant_in_one_way_is_read(text: str, times: tuple[str, str]) -> None:
    assert spells(text) == [(("MO",), *times, "unknown")]


@pytest.mark.parametrize("text", ["24/7", "24 hours a day, 7 days a week", "Always open", " 24/7 "])
def test_day_and_night(text: str) -> None:
    assert read_hours(text) == "24/7"


def test_several_entries_and_bank_holidays_for_all_of_them() -> None:
    assert spells("Mon-Fri 9.30am-5pm; Sat 10:00-13:00; closed on bank holidays") == [
        (WEEK, "09:30", "17:00", "closed"),
        (("SA",), "10:00", "13:00", "closed"),
    ]
    assert spells("Mon 9am-noon and 1pm-5pm, Tue 6pm-midnight") == [
        (("MO",), "09:00", "12:00", "unknown"),
        (("MO",), "13:00", "17:00", "unknown"),
        (("TU",), "18:00", "24:00", "unknown"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Mon-Fri 9-5", id="neither minutes nor am or pm"),
        pytest.param("Mon-Fri 9:30-5:00", id="five in the morning for a clock"),
        pytest.param("Sat 10:30-9:30", id="half past nine in the evening, or open all night"),
        pytest.param("Mon-Fri 12:00-8:00", id="eight in the evening, or open all night"),
        pytest.param("Mon noon-9:00", id="nine in the evening, or open all night"),
        pytest.param("Mon 9am-8:30", id="half past eight in the evening, or open all night"),
        pytest.param("Tue 8:00-10pm", id="an evening, or a long day"),
        pytest.param("Tue 9:30-11.30pm", id="a late evening, or a long day"),
        pytest.param("Fri 10:00-midnight", id="two hours before midnight, or fourteen"),
        pytest.param("Mon 9am-5", id="half a time"),
        pytest.param("9am-5pm", id="no days"),
        pytest.param("24 hours", id="on which days"),
        pytest.param("Mon-Fri 9am-5pm (term time)", id="a condition"),
        pytest.param("Mon-Fri 9am-5pm; Sat 9am-1pm closed on bank holidays", id="for one or for all"),
        pytest.param("1st Monday 9am-5pm", id="one Monday of the month"),
        pytest.param("Mon, Mon 9am-5pm", id="a day twice"),
        pytest.param("Sun 9am-5pm; Sunday closed", id="open and closed"),
        pytest.param("Mon-Fri 25:00-26:00", id="no such hour"),
        pytest.param("Mon 13pm-14pm", id="no such hour in the afternoon"),
        pytest.param("by appointment", id="no hours"),
        pytest.param("Mon-Fri", id="no times"),
        pytest.param(";", id="nothing"),
        pytest.param("closed", id="closed when"),
        pytest.param("Mon-Fri 9am-5pm from 2026-02-30", id="no such date"),
    ],
)
def test_what_two_people_would_read_differently_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        read_hours(text)


@given(st.text(alphabet="mondayfritues 0123456789:;,-–pm.()/closedexba\n", max_size=60))
def test_any_text_is_hours_or_a_fault(text: str) -> None:
    try:
        read = read_hours(text)
    except Fault:
        return
    assert read_hours(write_hours(read)) == read


clocks = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
dates = st.dates(date(2025, 1, 1), date(2030, 12, 31))
days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True)
rules = st.sampled_from(["open", "closed", "unknown"])


@st.composite
def schedules(draw: st.DrawFn) -> ScheduleSubmission:
    kind = draw(st.sampled_from(["weekly", "weekly", "extra", "closed"]))
    row: dict[str, Any] = {"kind": kind, "bank_holidays": draw(rules), "byday": draw(days)}
    if kind == "weekly":
        row["valid_from"], row["valid_to"] = draw(st.none() | dates), draw(st.none() | dates)
    else:
        row["valid_from"] = draw(dates)
        row["valid_to"] = row["valid_from"] + timedelta(days=draw(st.integers(0, 20)))
        row["byday"] = draw(st.just([]) | days)
    if kind != "closed":
        row["opens_at"], row["closes_at"] = draw(clocks), draw(clocks | st.just("24:00"))
    return ScheduleSubmission.model_validate(row)


@given(st.lists(schedules(), min_size=1, max_size=5).map(tuple))
def test_hours_that_are_written_are_read_as_the_same(rows: tuple[ScheduleSubmission, ...]) -> None:
    assert read_hours(write_hours(rows)) == rows
