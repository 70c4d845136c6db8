"""The age of figures: moments that follow from a life, and the list of who needs somebody."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from app.capacity.expiring import NEEDING_SOMEBODY, STATES, Life, in_states, reported_figures
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from tests.capacity.making import HOUR, published, reported
from tests.factories import NOW, make_organization, make_refuge, make_service

MINUTE = timedelta(minutes=1)
ON_THE_HOUR = NOW.replace(minute=0)

lives = st.builds(
    lambda since, hours: Life(NOW - since, NOW - since + hours * HOUR),
    st.timedeltas(timedelta(0), timedelta(days=30)),
    st.integers(1, 24 * 120),
)


@pytest.mark.parametrize(
    ("life", "notice"),
    [
        (12 * HOUR, 4 * HOUR),
        (24 * HOUR, 8 * HOUR),
        (timedelta(days=7), 24 * HOUR),
        (timedelta(days=120), 24 * HOUR),
        (HOUR, 30 * MINUTE),
        (20 * MINUTE, 10 * MINUTE),
    ],
)
def test_notice_is_a_third_of_the_life_within_bounds(life: timedelta, notice: timedelta) -> None:
    end = ON_THE_HOUR + life
    assert end - Life(ON_THE_HOUR, end).expiring_at == notice


@given(lives)
def test_a_figure_grows_old_in_one_direction_only(life: Life) -> None:
    steps = [
        life.state_at(life.seen_at + part / 97 * (life.valid_until - life.seen_at)) for part in range(98)
    ]
    order = ["fresh", "ageing", "expiring", "expired"]
    assert steps == sorted(steps, key=order.index)
    assert steps[0] != "expired"
    assert steps[-1] == "expired"


@given(lives)
def test_it_expires_at_its_very_end_and_not_before(life: Life) -> None:
    instant = timedelta(microseconds=1)
    assert life.state_at(life.valid_until - instant) == "expiring"
    assert life.state_at(life.valid_until) == "expired"


@given(st.timedeltas(timedelta(0), HOUR - timedelta(microseconds=1)))
def test_the_moment_of_notice_does_not_tell_the_minute_of_the_report(past: timedelta) -> None:
    end = ON_THE_HOUR + 12 * HOUR
    assert Life(ON_THE_HOUR + past, end).expiring_at == Life(ON_THE_HOUR, end).expiring_at


def test_the_list_has_each_latest_figure_with_its_state(database: Database, gazetteer: Gazetteer) -> None:
    ids = published(
        database,
        gazetteer,
        make_organization(
            make_service("silent"),
            make_service("fresh"),
            make_service("expiring"),
            make_refuge("expired"),
            make_service("renewed"),
            make_service("taken-back"),
            make_service("helpline", reach="remote"),
            make_service("reporting-helpline", reach="remote"),
        ),
    )
    reported(database, ids["fresh"], observed_at=NOW)
    reported(database, ids["expiring"], observed_at=NOW - 9 * HOUR)
    reported(database, ids["expired"], observed_at=NOW - 12 * HOUR, status="full")
    reported(database, ids["renewed"], observed_at=NOW - 20 * HOUR)
    reported(database, ids["renewed"], observed_at=NOW - 5 * HOUR, status="limited")
    reported(database, ids["taken-back"], observed_at=NOW, status="unknown")
    reported(database, ids["reporting-helpline"], observed_at=NOW, unit="call_line")

    with database.read() as session:
        figures = reported_figures(session)

    assert {(one.service_name, one.status_at(NOW), one.state_at(NOW)) for one in figures} == {
        ("Example silent", "unknown", "never_reported"),
        ("Example fresh", "accepting", "fresh"),
        ("Example expiring", "accepting", "expiring"),
        ("Example expired", "unknown", "expired"),
        ("Example taken-back", "unknown", "expired"),
        ("Example renewed", "limited", "ageing"),
        ("Example reporting-helpline", "accepting", "fresh"),
    }
    assert [one.service_name for one in in_states(figures, NEEDING_SOMEBODY, now=NOW)] == [
        "Example expired",
        "Example taken-back",
        "Example expiring",
        "Example silent",
    ]
    assert len(in_states(figures, STATES, now=NOW)) == len(figures)


def test_units_and_groups_stand_side_by_side_and_the_first_to_end_comes_first(
    database: Database, gazetteer: Gazetteer
) -> None:
    ids = published(database, gazetteer, make_organization(make_service("one")))
    reported(database, ids["one"], observed_at=NOW - 10 * HOUR)
    reported(database, ids["one"], observed_at=NOW - 11 * HOUR, applies_to="women")
    reported(database, ids["one"], observed_at=NOW - 11.5 * HOUR, unit="household_unit")

    with database.read() as session:
        found = in_states(reported_figures(session), ["expiring"], now=NOW)

    assert [(one.unit, one.applies_to) for one in found] == [
        ("household_unit", "anyone"),
        ("bed_space", "women"),
        ("bed_space", "anyone"),
    ]


def test_a_figure_that_an_undo_brought_back_has_the_age_it_had(
    database: Database, gazetteer: Gazetteer
) -> None:
    ids = published(database, gazetteer, make_organization(make_service("one")))
    reported(database, ids["one"], observed_at=NOW - 9 * HOUR)
    reported(database, ids["one"], observed_at=NOW - HOUR, hours=12)
    reported(database, ids["one"], observed_at=NOW, hours=3, seen_at=NOW - 9 * HOUR)

    with database.read() as session:
        (one,) = reported_figures(session)
    assert one.state_at(NOW) == "expiring"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("record_state", "paused"),
        ("record_state", "draft"),
        ("status", "defunct"),
        ("status", "temporarily closed"),
    ],
)
def test_what_nobody_is_shown_need_not_be_fresh(
    database: Database, gazetteer: Gazetteer, *, field: str, value: str
) -> None:
    ids = published(database, gazetteer, make_organization(make_service("one"), make_service("two")))
    reported(database, ids["one"], observed_at=NOW)
    with database.write() as session:
        setattr(session.exec(select(Service).where(Service.id == ids["one"])).one(), field, value)

    with database.read() as session:
        assert [one.service_name for one in reported_figures(session)] == ["Example two"]


def test_the_list_of_one_organization_has_no_other(database: Database, gazetteer: Gazetteer) -> None:
    ids = published(
        database,
        gazetteer,
        make_organization(make_service("ours"), key="us"),
        make_organization(make_service("theirs"), key="them"),
    )
    with database.read() as session:
        (only,) = reported_figures(session, organization_id=ids["us"])
    assert (only.organization_id, only.service_id) == (ids["us"], ids["ours"])
