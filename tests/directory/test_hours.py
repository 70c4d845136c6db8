"""Open now, until when: the rules one by one, and all of them against an evaluation minute by minute."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.directory.hours import Hours, OpenState, ScheduleRow, public_hours
from app.directory.timetables import bank_holidays
from app.errors import ValidationFailed

EVERY_DAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_DAYS = EVERY_DAY[:5]
LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)


def weekly(
    opens_at: str,
    closes_at: str,
    byday: Sequence[str] = EVERY_DAY,
    *,
    first: date | None = None,
    last: date | None = None,
    bank_holidays: str = "open",
) -> ScheduleRow:
    return ScheduleRow("weekly", tuple(byday), opens_at, closes_at, first, last, bank_holidays)


def extra(opens_at: str, closes_at: str, first: date, last: date | None = None) -> ScheduleRow:
    return ScheduleRow("extra", (), opens_at, closes_at, first, last or first, "closed")


def closed(first: date, last: date | None = None, *, byday: Sequence[str] = ()) -> ScheduleRow:
    return ScheduleRow("closed", tuple(byday), None, None, first, last or first, "closed")


def civil(text: str) -> datetime:
    """A civil time of London that occurs once, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def now(rows: Sequence[ScheduleRow], at: datetime) -> bool | None:
    return Hours.of(rows).state(at).now


def until(rows: Sequence[ScheduleRow], at: datetime) -> datetime | None:
    return Hours.of(rows).state(at).until


# Usual hours


def test_office_hours_open_and_close_by_the_clock_of_london() -> None:
    hours = Hours.of([weekly("09:00", "17:00", WORKING_DAYS)])
    assert hours.state(utc("2026-07-15 08:00")) == OpenState(now=True, until=utc("2026-07-15 16:00"))
    assert hours.state(utc("2026-07-15 16:00")) == OpenState(now=False, until=utc("2026-07-16 08:00"))
    assert hours.state(utc("2026-01-16 17:00")) == OpenState(now=False, until=utc("2026-01-19 09:00"))


def test_seconds_before_closing_it_is_still_open() -> None:
    rows = [weekly("09:00", "17:00")]
    assert now(rows, civil("2026-07-15 16:59:59.999999")) is True


def test_without_rows_nothing_is_known_for_ever() -> None:
    assert Hours.of([]).state(utc("2026-07-15 08:00")) == OpenState(now=None, until=None)


def test_a_night_runs_past_midnight() -> None:
    hours = Hours.of([weekly("22:00", "06:00", ["FR"])])
    assert hours.state(civil("2026-07-18 03:00")) == OpenState(now=True, until=civil("2026-07-18 06:00"))
    assert hours.state(civil("2026-07-17 03:00")).now is False


def test_midnight_closes_whether_written_as_0_or_24() -> None:
    for midnight in ("00:00", "24:00"):
        assert until([weekly("18:00", midnight, ["MO"])], civil("2026-07-13 20:00")) == civil(
            "2026-07-14 00:00"
        )


def test_equal_times_are_a_whole_day_from_that_time() -> None:
    rows = [weekly("09:00", "09:00", ["SA"])]
    assert until(rows, civil("2026-07-18 09:00")) == civil("2026-07-19 09:00")


def test_a_whole_week_never_closes() -> None:
    hours = Hours.of([weekly("00:00", "24:00")])
    assert hours.state(utc("2026-07-15 03:00")) == OpenState(now=True, until=None)


def test_outside_the_validity_of_every_row_nothing_is_known() -> None:
    rows = [weekly("09:00", "17:00", first=date(2026, 6, 1), last=date(2026, 8, 31))]
    hours = Hours.of(rows)
    assert hours.state(civil("2026-05-31 10:00")) == OpenState(now=None, until=civil("2026-06-01 00:00"))
    assert hours.state(civil("2026-08-31 18:00")) == OpenState(now=False, until=civil("2026-09-01 00:00"))
    assert hours.state(civil("2026-09-01 10:00")) == OpenState(now=None, until=None)


def test_the_last_valid_night_runs_to_its_end() -> None:
    rows = [weekly("22:00", "06:00", last=date(2026, 8, 31))]
    assert until(rows, civil("2026-08-31 23:00")) == civil("2026-09-01 06:00")


def test_a_change_more_than_a_year_away_is_not_named_until_it_is_near() -> None:
    rows = [weekly("00:00", "24:00"), closed(date(2027, 12, 1))]
    hours = Hours.of(rows)
    change = civil("2027-12-01 00:00")
    assert hours.state(utc("2026-01-01 00:00")) == OpenState(now=True, until=None)
    assert hours.state(change - timedelta(days=365, minutes=1)) == OpenState(now=True, until=None)
    assert hours.state(change - timedelta(days=365)) == OpenState(now=True, until=change)


# Exceptions


def test_a_closed_date_ends_the_night_before_at_midnight_and_begins_none() -> None:
    hours = Hours.of([weekly("20:00", "08:00"), closed(date(2026, 11, 10))])
    assert hours.state(civil("2026-11-09 22:00")) == OpenState(now=True, until=civil("2026-11-10 00:00"))
    assert hours.state(civil("2026-11-10 00:00")) == OpenState(now=False, until=civil("2026-11-11 20:00"))


def test_extra_hours_replace_the_usual_ones_that_begin_on_the_date() -> None:
    hours = Hours.of([weekly("09:00", "17:00"), extra("12:00", "13:00", date(2026, 11, 10))])
    assert hours.state(civil("2026-11-10 10:00")) == OpenState(now=False, until=civil("2026-11-10 12:00"))
    assert hours.state(civil("2026-11-10 13:00")) == OpenState(now=False, until=civil("2026-11-11 09:00"))


def test_the_night_before_extra_hours_runs_to_its_end() -> None:
    hours = Hours.of([weekly("20:00", "08:00"), extra("12:00", "13:00", date(2026, 11, 10))])
    assert hours.state(civil("2026-11-10 03:00")) == OpenState(now=True, until=civil("2026-11-10 08:00"))
    assert hours.state(civil("2026-11-10 21:00")).now is False
    assert hours.state(civil("2026-11-11 03:00")).now is False


def test_closed_wins_over_extra() -> None:
    rows = [extra("10:00", "12:00", date(2026, 12, 28)), closed(date(2026, 12, 24), date(2027, 1, 1))]
    assert now(rows, civil("2026-12-28 11:00")) is False


def test_extra_hours_on_a_bank_holiday_are_for_certain() -> None:
    rows = [weekly("09:00", "17:00", bank_holidays="unknown"), extra("10:00", "12:00", date(2026, 8, 31))]
    assert now(rows, civil("2026-08-31 11:00")) is True
    assert now(rows, civil("2026-08-31 13:00")) is False


def test_closed_for_longer_than_the_horizon_has_no_end_yet() -> None:
    rows = [weekly("00:00", "24:00"), closed(date(2026, 3, 1), date(2030, 1, 1))]
    assert Hours.of(rows).state(utc("2026-06-01 00:00")) == OpenState(False, None)


def test_exceptions_may_speak_of_some_weekdays_only() -> None:
    rows = [weekly("09:00", "17:00"), closed(date(2026, 8, 1), date(2026, 8, 31), byday=["MO"])]
    assert now(rows, civil("2026-08-03 10:00")) is False
    assert now(rows, civil("2026-08-04 10:00")) is True


# Bank holidays


def test_a_bank_holiday_is_closed_open_or_not_known_as_the_row_says() -> None:
    easter_monday = civil("2027-03-29 10:00")
    for says, expected in (("open", True), ("closed", False), ("unknown", None)):
        assert now([weekly("09:00", "17:00", bank_holidays=says)], easter_monday) is expected


def test_an_unknown_bank_holiday_is_unknown_from_midnight_to_midnight() -> None:
    hours = Hours.of([weekly("09:00", "17:00", bank_holidays="unknown")])
    assert hours.state(civil("2026-08-31 03:00")) == OpenState(now=None, until=civil("2026-09-01 00:00"))


def test_a_bank_holiday_without_usual_hours_is_closed_even_if_unknown() -> None:
    assert (
        now([weekly("09:00", "17:00", ["SA"], bank_holidays="unknown")], civil("2026-08-31 10:00")) is False
    )


def test_certain_hours_stand_on_a_bank_holiday_that_another_row_leaves_open() -> None:
    rows = [weekly("09:00", "12:00"), weekly("14:00", "17:00", bank_holidays="unknown")]
    assert now(rows, civil("2026-08-31 10:00")) is True
    assert now(rows, civil("2026-08-31 15:00")) is None


def test_nights_around_a_bank_holiday() -> None:
    sunday_night, holiday_night = civil("2026-08-31 03:00"), civil("2026-09-01 03:00")
    for says, expected in (("open", True), ("closed", False), ("unknown", None)):
        rows = [weekly("20:00", "08:00", bank_holidays=says)]
        assert now(rows, sunday_night) is expected
        assert now(rows, holiday_night) is expected


def test_christmas_day_on_a_saturday_counts_besides_its_substitute() -> None:
    rows = [weekly("09:00", "17:00", bank_holidays="closed")]
    assert [now(rows, civil(f"2027-12-{day} 10:00")) for day in (24, 25, 26, 27, 28, 29)] == [
        True, False, False, False, False, True,
    ]  # fmt: skip


@lru_cache(maxsize=1)
def govuk_dates() -> frozenset[date]:
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"] for holiday in listed)


def test_bank_holidays_are_those_of_gov_uk_and_the_days_they_stand_in_for() -> None:
    years = range(2012, 2029)
    assert {day.year for day in govuk_dates()} == set(years)
    ours = {day for year in years for day in bank_holidays(year)}
    assert govuk_dates() <= ours
    for day in ours - govuk_dates():
        assert (day.month, day.day) in {(1, 1), (12, 25), (12, 26)}
        assert day.weekday() >= 5


@pytest.mark.parametrize("year", [2000, 2028, 2040, 2099])
def test_other_years_are_answered_too(year: int) -> None:
    rows = [weekly("09:00", "17:00", bank_holidays="closed")]
    assert now(rows, civil(f"{year}-12-25 10:00")) is False
    assert now(rows, civil(f"{year}-07-01 10:00")) is True


@pytest.mark.parametrize("text", ["0001-01-01", "1999-06-01", "2100-06-01", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("zone", [UTC, LONDON, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
def test_far_away_years_are_not_known(text: str, zone: ZoneInfo | timezone) -> None:
    at = datetime.fromisoformat(text).replace(tzinfo=zone)
    assert Hours.of([weekly("00:00", "24:00")]).state(at) == OpenState(None, None)


# Clock changes: 29 March 2026 has no 01:30, 25 October 2026 has two


def test_hours_across_the_spring_change_are_an_hour_shorter() -> None:
    hours = Hours.of([weekly("00:00", "08:00", ["SU"])])
    assert hours.state(utc("2026-03-29 00:00")) == OpenState(now=True, until=utc("2026-03-29 07:00"))


def test_a_time_left_out_in_spring_is_the_moment_of_the_change() -> None:
    change = utc("2026-03-29 01:00")
    assert until([weekly("22:00", "01:30")], utc("2026-03-28 23:00")) == change
    assert until([weekly("01:30", "05:00")], utc("2026-03-29 00:00")) == change


def test_hours_wholly_inside_the_hour_left_out_do_not_happen() -> None:
    hours = Hours.of([weekly("01:15", "01:45", ["SU"]), weekly("09:00", "10:00", ["SU"])])
    assert hours.state(utc("2026-03-29 00:30")) == OpenState(now=False, until=utc("2026-03-29 08:00"))


def test_a_pause_wholly_inside_the_hour_left_out_does_not_happen() -> None:
    hours = Hours.of([weekly("00:00", "01:15"), weekly("01:45", "03:00")])
    assert hours.state(utc("2026-03-29 00:30")) == OpenState(now=True, until=utc("2026-03-29 02:00"))


def test_hours_across_the_autumn_change_are_an_hour_longer() -> None:
    hours = Hours.of([weekly("00:00", "08:00", ["SU"])])
    assert hours.state(utc("2026-10-24 23:00")) == OpenState(now=True, until=utc("2026-10-25 08:00"))


def test_a_time_that_occurs_twice_is_its_first_occurrence() -> None:
    first_half_past_one = utc("2026-10-25 00:30")
    assert until([weekly("22:00", "01:30")], utc("2026-10-24 23:00")) == first_half_past_one
    assert until([weekly("01:30", "05:00")], utc("2026-10-25 00:00")) == first_half_past_one


def test_what_closed_in_the_repeated_hour_stays_closed_when_it_comes_again() -> None:
    hours = Hours.of([weekly("22:00", "01:30")])
    assert hours.state(utc("2026-10-25 01:10")) == OpenState(now=False, until=utc("2026-10-25 22:00"))


def test_what_opened_in_the_repeated_hour_stays_open_when_it_comes_again() -> None:
    hours = Hours.of([weekly("01:30", "05:00")])
    assert hours.state(utc("2026-10-25 01:10")) == OpenState(now=True, until=utc("2026-10-25 05:00"))


# All of it, against an evaluation minute by minute


@lru_cache(maxsize=512)
def minutes_of(day: date) -> list[tuple[datetime, int]]:
    """Every UTC minute of a civil date, with the latest minute of the day that a clock on the wall has shown so far."""
    shown = -1
    found = []
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)
    for _ in range(28 * 60):
        wall = moment.astimezone(LONDON)
        if wall.date() == day:
            shown = max(shown, wall.hour * 60 + wall.minute)
            found.append((moment, shown))
        moment += MINUTE
    return found


def is_holiday(day: date) -> bool:
    return day in govuk_dates() or (day.month, day.day) in {(1, 1), (12, 25), (12, 26)}


def speaks_of(row: ScheduleRow, day: date) -> bool:
    too_early = row.valid_from is not None and day < row.valid_from
    too_late = row.valid_to is not None and day > row.valid_to
    other_day = (
        bool(row.byday) and ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.isoweekday() - 1] not in row.byday
    )
    return not (too_early or too_late or other_day)


def by_the_minute(rows: Sequence[ScheduleRow], day: date) -> dict[datetime, bool | None]:
    """The naive evaluation: every row is asked about every minute of the date."""
    eve = day - timedelta(days=1)
    shut = {d for d in (eve, day) if any(r.kind == "closed" and speaks_of(r, d) for r in rows)}
    special = {d for d in (eve, day) if any(r.kind == "extra" and speaks_of(r, d) for r in rows)}
    covered = [
        r
        for r in rows
        if r.kind == "weekly" and speaks_of(ScheduleRow("", (), "", "", r.valid_from, r.valid_to, ""), day)
    ]
    answers: dict[datetime, bool | None] = {}
    for moment, shown in minutes_of(day):
        if day in shut:
            answers[moment] = False
            continue
        opinions: set[str] = set()
        if day not in special and not covered:
            opinions.add("unknown")
        for row in rows:
            if row.kind == "closed" or row.opens_at is None or row.closes_at is None:
                continue
            opening = int(row.opens_at[:2]) * 60 + int(row.opens_at[3:])
            closing = int(row.closes_at[:2]) * 60 + int(row.closes_at[3:])
            overnight = closing <= opening
            for begun in (eve, day):
                if begun in shut or not speaks_of(row, begun) or (row.kind == "weekly" and begun in special):
                    continue
                touched = {d for d in (begun, day) if is_holiday(d)} if row.kind == "weekly" else set()
                if touched and row.bank_holidays == "closed":
                    continue
                inside = (
                    (opening <= shown and (overnight or shown < closing))
                    if begun == day
                    else (overnight and shown < closing)
                )
                if touched and row.bank_holidays == "unknown":
                    if inside or begun == day:
                        opinions.add("unknown")
                elif inside:
                    opinions.add("open")
        answers[moment] = True if "open" in opinions else None if "unknown" in opinions else False
    return answers


PIVOTS = (
    date(2026, 3, 29), date(2026, 10, 25), date(2025, 10, 26), date(2027, 3, 28),  # clock changes
    date(2026, 12, 25), date(2027, 12, 25), date(2026, 4, 6), date(2026, 8, 31), date(2027, 1, 1),  # bank holidays
    date(2026, 6, 10), date(2024, 2, 29),
)  # fmt: skip
CLOCKS = st.sampled_from(
    [
        "00:00",
        "00:30",
        "01:00",
        "01:15",
        "01:30",
        "01:45",
        "01:59",
        "02:00",
        "02:30",
        "08:00",
        "17:00",
        "22:00",
        "23:59",
    ]
)
CLOSINGS = st.one_of(CLOCKS, st.just("24:00"))


@st.composite
def patterns(draw: st.DrawFn) -> tuple[list[ScheduleRow], date]:
    """Some rows, with exceptions and ends of validity close to a date that is worth asking about."""
    pivot = draw(st.sampled_from(PIVOTS))
    near = st.integers(-3, 3).map(lambda days: pivot + timedelta(days=days))
    some_days = st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(tuple)
    rows = draw(
        st.lists(
            st.builds(
                weekly,
                CLOCKS,
                CLOSINGS,
                st.one_of(st.just(EVERY_DAY), some_days),
                first=st.none(),
                last=st.none() | near,
                bank_holidays=st.sampled_from(["open", "closed", "unknown"]),
            )
            | st.builds(weekly, CLOCKS, CLOSINGS, some_days, first=near),
            max_size=3,
        )
    )
    rows += draw(st.lists(st.builds(extra, CLOCKS, CLOSINGS, near), max_size=2))
    rows += draw(st.lists(st.builds(closed, near), max_size=1))
    return rows, pivot


@settings(max_examples=150, deadline=None)
@given(patterns())
@example(([weekly("22:00", "06:00", bank_holidays="unknown")], date(2026, 8, 31)))
@example(([weekly("22:00", "06:00"), closed(date(2026, 3, 29))], date(2026, 3, 29)))
def test_every_minute_is_as_the_naive_evaluation_says(pattern: tuple[list[ScheduleRow], date]) -> None:
    rows, pivot = pattern
    hours = Hours.of(rows)
    for offset in (-1, 0, 1, 2):
        expected = by_the_minute(rows, pivot + timedelta(days=offset))
        assert {moment: hours.state(moment).now for moment in expected} == expected


@settings(max_examples=150, deadline=None)
@given(patterns(), st.integers(-2 * 86400, 2 * 86400))
def test_until_is_the_next_moment_the_answer_changes(
    pattern: tuple[list[ScheduleRow], date], seconds: int
) -> None:
    rows, pivot = pattern
    at = datetime(pivot.year, pivot.month, pivot.day, tzinfo=UTC) + timedelta(seconds=seconds)
    hours = Hours.of(rows)
    state = hours.state(at)
    last = state.until or at + timedelta(days=365)
    day = at.astimezone(LONDON).date()
    for _ in range(5):
        for moment, answer in by_the_minute(rows, day).items():
            if at <= moment < last:
                assert answer is state.now
        day += timedelta(days=1)
    if state.until is not None:
        assert at < state.until <= at + timedelta(days=365)
        assert state.until.tzinfo is UTC
        assert hours.state(state.until - timedelta(microseconds=1)).now is state.now
        assert hours.state(state.until).now is not state.now
        changed = by_the_minute(rows, state.until.astimezone(LONDON).date())
        assert changed[state.until] is not state.now


@settings(max_examples=60, deadline=None)
@given(patterns(), st.lists(st.integers(-500, 500), min_size=2, max_size=8))
def test_what_was_asked_before_does_not_change_an_answer(
    pattern: tuple[list[ScheduleRow], date], hours_away: list[int]
) -> None:
    rows, pivot = pattern
    start = datetime(pivot.year, pivot.month, pivot.day, tzinfo=UTC)
    moments = [start + timedelta(hours=away) for away in hours_away]
    shared = Hours.of(rows)
    asked_in_turn = [shared.state(moment) for moment in moments]
    assert asked_in_turn == [Hours(shared.rows).state(moment) for moment in moments]


def test_threads_asking_about_different_moments_get_their_own_answers() -> None:
    rows = [weekly("09:00", "17:00"), weekly("22:00", "02:00")]
    moments = [utc("2026-07-15 00:00") + timedelta(minutes=37 * turn) for turn in range(400)]
    shared = Hours.of(rows)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(shared.state, moments))
    assert answers == [Hours(shared.rows).state(moment) for moment in moments]


# Asking


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Hours.of([weekly("09:00", "17:00")]).state(datetime.fromisoformat("2026-07-15T09:00"))


def test_any_zone_may_ask() -> None:
    rows = [weekly("09:00", "17:00")]
    at = utc("2026-10-25 01:10")
    for zone in (LONDON, ZoneInfo("Asia/Tokyo"), timezone(timedelta(hours=-7))):
        assert Hours(Hours.of(rows).rows).state(at.astimezone(zone)) == Hours.of(rows).state(at)


def test_equal_patterns_are_one_object_in_whatever_order_they_are_written() -> None:
    morning, evening = weekly("09:00", "12:00", ["TU", "MO"]), weekly("18:00", "20:00", ["MO"])
    tidy = weekly("09:00", "12:00", ["MO", "TU"])
    assert Hours.of([morning, evening]) is Hours.of(iter([evening, tidy, evening]))
    assert Hours.of([morning]) != Hours.of([evening])


# What is refused


@pytest.mark.parametrize(
    ("row", "pointers"),
    [
        (weekly("25:00", "26:00"), ["/0/opens_at", "/0/closes_at"]),
        (weekly("24:00", "02:00"), ["/0/opens_at"]),
        (weekly("09:00", "48:00"), ["/0/closes_at"]),
        (weekly("9:00", "17:60"), ["/0/opens_at", "/0/closes_at"]),
        (weekly("09:00\n", "１７:00"), ["/0/opens_at", "/0/closes_at"]),
        (ScheduleRow("weekly", ("MO",), None, None, None, None, "open"), ["/0/opens_at", "/0/closes_at"]),
        (weekly("09:00", "17:00", []), ["/0/byday"]),
        (weekly("09:00", "17:00", ["1MO"]), ["/0/byday"]),
        (weekly("09:00", "17:00", bank_holidays="maybe"), ["/0/bank_holidays"]),
        (weekly("09:00", "17:00", first=date(2026, 2, 2), last=date(2026, 2, 1)), ["/0/valid_to"]),
        (ScheduleRow("extra", (), "09:00", "10:00", None, None, "open"), ["/0/valid_from", "/0/valid_to"]),
        (
            ScheduleRow("closed", (), "09:00", None, None, None, "open"),
            ["/0/opens_at", "/0/valid_from", "/0/valid_to"],
        ),
        (ScheduleRow("monthly", ("MO",), "09:00", "10:00", None, None, "open"), ["/0/kind"]),
    ],
)
def test_rows_that_say_nothing_sensible_are_refused_by_field(row: ScheduleRow, pointers: list[str]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Hours.of([row])
    assert [error.pointer for error in refusal.value.errors] == pointers


def test_a_refusal_says_which_row() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Hours.of([weekly("09:00", "17:00"), weekly("09:00", "25:00")])
    assert [error.pointer for error in refusal.value.errors] == ["/1/closes_at"]


def test_more_rows_than_a_service_can_need_are_refused() -> None:
    with pytest.raises(ValidationFailed):
        Hours.of([weekly("09:00", "17:00")] * 201)


# In words and in JSON


def test_hours_in_words() -> None:
    rows = [
        weekly("09:00", "17:00", WORKING_DAYS, bank_holidays="closed"),
        closed(date(2026, 12, 24), date(2027, 1, 1)),
    ]
    assert Hours.of(rows).in_words() == (
        "Monday to Friday 09:00 to 17:00",
        "closed on bank holidays",
        "closed 24 December 2026 to 1 January 2027",
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], ("hours not known",)),
        ([weekly("00:00", "24:00")], ("every day 24 hours", "usual hours on bank holidays")),
        (
            [weekly("20:00", "08:00", ["SA"], bank_holidays="unknown"), weekly("20:00", "00:00", ["SU"], bank_holidays="unknown")],
            ("Saturday 20:00 to 08:00 the next day", "Sunday 20:00 to midnight", "hours on bank holidays not known"),
        ),
        (
            [weekly("09:00", "12:00", [day]) for day in ("MO", "TU", "TH")] + [weekly("13:00", "17:00", ["TH"])],
            ("Monday and Tuesday 09:00 to 12:00", "Thursday 09:00 to 12:00 and 13:00 to 17:00", "usual hours on bank holidays"),
        ),
        (
            [weekly("09:00", "17:00", ["MO"], first=date(2026, 6, 1)), weekly("10:00", "11:00", ["SU"], bank_holidays="closed")],
            (
                "Sunday 10:00 to 11:00 (closed on bank holidays)",
                "Monday 09:00 to 17:00 from 1 June 2026 (usual hours on bank holidays)",
            ),
        ),
        (
            [extra("10:00", "12:00", date(2026, 12, 24)), closed(date(2026, 12, 25))],
            ("24 December 2026 10:00 to 12:00 in place of the usual hours", "closed 25 December 2026"),
        ),
        (
            [closed(date(2026, 8, 1), date(2026, 8, 31), byday=["MO"])],
            ("closed 1 August 2026 to 31 August 2026 on Monday",),
        ),
    ],
)  # fmt: skip
def test_other_hours_in_words(rows: list[ScheduleRow], expected: tuple[str, ...]) -> None:
    assert Hours.of(rows).in_words() == expected


def test_hours_as_json() -> None:
    rows = [closed(date(2026, 12, 24)), weekly("09:00", "17:00", ["TU", "MO"], bank_holidays="closed")]
    assert public_hours(rows) == [
        {
            "kind": "weekly",
            "byday": ["MO", "TU"],
            "opens_at": "09:00",
            "closes_at": "17:00",
            "valid_from": None,
            "valid_to": None,
            "bank_holidays": "closed",
        },
        {
            "kind": "closed",
            "byday": [],
            "opens_at": None,
            "closes_at": None,
            "valid_from": "2026-12-24",
            "valid_to": "2026-12-24",
            "bank_holidays": "closed",
        },
    ]
