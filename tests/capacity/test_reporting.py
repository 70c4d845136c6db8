"""Capacity reports on their way in: what is added, what is refused, and what must not move."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.capacity.correcting import confirm_capacity, end_figures
from app.capacity.reporting import CapacitySubmission, Reporter, add_reports, record_capacity
from app.capacity.standing import standing_of
from app.curation.publishing import publish
from app.db import Database
from app.directory.loading import current_revision, load_capacity, load_catalogue
from app.errors import Conflict, NotFound, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from tests.capacity.making import contradiction
from tests.factories import NOW, contents, make_organization, make_publication, make_refuge, make_service


@pytest.fixture
def ids(database: Database, gazetteer: Gazetteer) -> dict[str, UUID]:
    """An open service and a refuge, by key."""
    with database.write() as session:
        publish(
            session,
            [make_organization(make_service("open"), make_refuge("refuge"))],
            make_publication(session, gazetteer),
        )
    with database.read() as session:
        return dict(session.exec(select(Service.source_id, Service.id)).all())


@pytest.fixture
def told(database: Database) -> Callable[..., None]:
    def run(service_id: UUID, **changed: Any) -> None:
        known: dict[str, Any] = {
            "unit": "bed_space",
            "status": "limited",
            "available": 1,
            "maximum": 4,
            "observed_at": NOW,
            "valid_until": NOW + timedelta(hours=12),
            "source": "page",
        }
        with database.write() as session:
            record_capacity(session, service_id, CapacitySubmission(**known | changed), now=NOW)

    return run


@pytest.mark.parametrize("key", ["open", "refuge"])
def test_a_report_moves_the_capacity_counter_and_no_other_row(
    database: Database, ids: dict[str, UUID], told: Callable[..., None], key: str
) -> None:
    before = contents(database)

    told(ids[key])

    after = contents(database)
    assert {table for table in before if before[table] != after[table]} == {
        "capacity_report",
        "directory_revision",
    }
    with database.read() as session:
        assert current_revision(session) == (1, 1)


def test_what_is_reported_of_a_refuge_is_not_in_the_public_map(
    database: Database, gazetteer: Gazetteer, ids: dict[str, UUID], told: Callable[..., None]
) -> None:
    told(ids["refuge"])
    told(ids["open"])

    with database.read() as session:
        capacity = load_capacity(session, load_catalogue(session, gazetteer))

    assert set(capacity.figures) == {ids["open"]}


@pytest.mark.parametrize("minutes", [0, -1])
def test_a_report_that_is_not_newer_is_refused(
    database: Database, ids: dict[str, UUID], told: Callable[..., None], minutes: int
) -> None:
    told(ids["open"])
    before = contents(database)

    with pytest.raises(Conflict):
        told(ids["open"], observed_at=NOW + timedelta(minutes=minutes))

    assert contents(database) == before


def test_reports_of_another_unit_or_group_stand_beside_it(
    database: Database, ids: dict[str, UUID], told: Callable[..., None]
) -> None:
    told(ids["open"])
    told(ids["open"], applies_to="women")
    told(ids["open"], unit="household_unit")

    assert len(contents(database)["capacity_report"]) == 3


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/valid_until", {"valid_until": NOW}),
        ("/available", {"available": 5}),
        ("/status", {"available": 0}),
        ("/available", {"status": "full"}),
        ("/available", {"status": "waiting_list"}),
        ("/available", {"status": "closed_temporarily"}),
        ("/observed_at", {"observed_at": NOW + timedelta(minutes=2, seconds=1)}),
        ("/observed_at", {"observed_at": NOW - timedelta(days=7, seconds=1)}),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    database: Database,
    ids: dict[str, UUID],
    told: Callable[..., None],
    *,
    pointer: str,
    changed: dict[str, Any],
) -> None:
    before = contents(database)

    with pytest.raises(ValidationFailed) as refused:
        told(ids["open"], **changed)

    assert [error.pointer for error in refused.value.errors] == [pointer]
    assert contents(database) == before


def test_nobody_reports_for_a_service_that_is_not_there(told: Callable[..., None]) -> None:
    with pytest.raises(NotFound):
        told(uuid4())


def test_what_contradicted_itself_before_is_confirmed_without_its_number(
    database: Database, ids: dict[str, UUID]
) -> None:
    with database.write() as session:
        add_reports(session, [contradiction(ids["open"])])

    with database.write() as session:
        confirm_capacity(session, ids["open"], by=Reporter("page"), now=NOW + timedelta(hours=1))

    with database.read() as session:
        (figure,) = standing_of(session, ids["open"]).figures
    assert (figure.status, figure.available, figure.maximum) == ("full", None, 4)


def test_after_a_restore_no_figure_counts_until_somebody_reports_again(
    database: Database, gazetteer: Gazetteer, ids: dict[str, UUID], told: Callable[..., None]
) -> None:
    def public_at(moment: datetime) -> set[str]:
        with database.read() as session:
            capacity = load_capacity(session, load_catalogue(session, gazetteer))
        return {one.status for one in capacity.of(ids["open"]) if one.valid_until > moment}

    told(ids["open"])
    told(ids["open"], applies_to="women", status="full", available=0)
    told(ids["refuge"], valid_until=NOW + timedelta(hours=24))
    later = NOW + timedelta(minutes=5)

    with database.write() as session:
        ended = end_figures(session, by=Reporter("import", "command_line:host"), now=later)
        assert len(ended) == 3
    with database.write() as session:
        assert end_figures(session, by=Reporter("import", "command_line:host"), now=later) == []

    for hours in range(30):
        assert public_at(later + timedelta(hours=hours)) <= {"unknown"}, (
            "what was in force does not come back"
        )
    with database.write() as session:
        claim = CapacitySubmission(
            unit="bed_space", status="full", observed_at=later + timedelta(minutes=1), valid_until=NOW + timedelta(hours=6),
            source="page",
        )  # fmt: skip
        record_capacity(session, ids["open"], claim, now=later + timedelta(minutes=1))
    assert "full" in public_at(later + timedelta(minutes=1))
