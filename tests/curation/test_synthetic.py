"""The invented national directory: its mix, and that the quick way in gives what the usual one gives."""

from collections import Counter
from itertools import islice
from typing import Any

import pytest
from sqlmodel import col, select

from app.curation.publishing import publish
from app.curation.submissions import ServiceSubmission
from app.curation.synthetic import seed_synthetic, synthetic_directory, synthetic_organizations
from app.db import Database
from app.directory.loading import current_revision, load_capacity, load_catalogue, load_texts
from app.errors import Conflict
from app.geo.gazetteer import Gazetteer
from app.models.history import Change
from app.models.services import Service
from tests.factories import NOW, contents, make_publication, opened, real_areas


@pytest.fixture(scope="module")
def services(gazetteer: Gazetteer) -> list[ServiceSubmission]:
    made = synthetic_organizations(3000, real_areas(), gazetteer)
    return [service for organization in made for service in organization.services]


def share(services: list[ServiceSubmission], count: int) -> float:
    return count / len(services)


def test_there_are_as_many_services_as_were_asked_for(gazetteer: Gazetteer) -> None:
    for count in (0, 1, 7, 50):
        made = list(synthetic_organizations(count, real_areas(), gazetteer))
        assert sum(len(one.services) for one in made) == count


def test_the_same_seed_gives_the_same_directory_and_another_does_not(gazetteer: Gazetteer) -> None:
    def first(seed: int) -> list[Any]:
        return list(islice(synthetic_organizations(100, real_areas(), gazetteer, seed=seed), 20))

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_coverage_is_mixed_as_the_targets_say(services: list[ServiceSubmission]) -> None:
    kinds = Counter(
        "everywhere"
        if one.coverage.everywhere
        else real_areas()[one.coverage.areas[0]].area_type.replace("police_force", "region")
        for one in services
    )

    assert share(services, kinds["local_authority"]) == pytest.approx(0.85, abs=0.03)
    assert share(services, kinds["region"]) == pytest.approx(0.10, abs=0.03)
    assert share(services, kinds["everywhere"]) == pytest.approx(0.05, abs=0.02)
    assert {len(one.coverage.areas) for one in services} == {0, 1, 2}


def test_people_go_to_two_in_five_and_those_have_up_to_three_places(
    services: list[ServiceSubmission],
) -> None:
    sites = [one for one in services if one.reach == "site" and not one.confidential]

    assert share(services, len(sites)) == pytest.approx(0.38, abs=0.05)
    assert {len(one.locations) for one in sites} == {0, 1, 2, 3}


def test_some_are_confidential_and_none_of_those_can_be_located(services: list[ServiceSubmission]) -> None:
    hidden = [one for one in services if one.confidential]

    assert 0.01 < share(services, len(hidden)) < 0.06
    assert all(not one.locations and not one.phones and one.host_area for one in hidden)


def test_needs_hours_and_eligibility_are_as_uneven_as_in_life(services: list[ServiceSubmission]) -> None:
    needs = Counter(need for one in services for need in one.needs)

    assert {len(one.needs) for one in services} == {1, 2, 3, 4, 5}
    assert needs["casework_advocacy"] > 5 * needs["legal_criminal_defence"] > 0
    assert 20 <= len({one.hours for one in services}) <= 60
    assert all(one.hours and one.routes for one in services)
    assert len({one.eligibility for one in services}) > 50


def test_nobody_real_is_named_and_nobody_real_is_rung(services: list[ServiceSubmission]) -> None:
    numbers = {phone.number.national for one in services for phone in one.phones}
    numbers |= {route.phone.national for one in services for route in one.routes if route.phone}

    assert all(number.startswith("0121 496 0") for number in numbers)
    assert all(one.name.startswith("Example ") for one in services)


def public_records(database: Database, gazetteer: Gazetteer) -> dict[str, dict[str, Any]]:
    """Public services by name, without what is random: ids of confidential services and whoever runs them, and moments."""
    with database.read() as session:
        catalogue = load_catalogue(session, gazetteer)
    drop = {
        "id": True,
        "last_modified": True,
        "organization": {"id"},
        "locations": {"__all__": {"id"}},
        "referral_routes": {"__all__": {"id"}},
    }
    return {entry.record.name: entry.record.model_dump(exclude=drop) for entry in catalogue.entries}  # type: ignore[arg-type]


def test_the_quick_way_in_stores_what_publishing_stores(
    database: Database, database_url: str, gazetteer: Gazetteer
) -> None:
    with database.write() as session:
        seed_synthetic(session, gazetteer, 60, now=NOW)
    quick = contents(database)
    records = public_records(database, gazetteer)
    with database.write() as session:
        for service in session.exec(select(Service)):
            session.delete(service)
    with database.write() as session:
        for table in ("revision", "change", "organization"):
            from sqlalchemy import text

            session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608
    with database.write() as session:
        publication = make_publication(session, gazetteer, source="synthetic")
        made = synthetic_organizations(60, publication.areas, gazetteer)
        outcome = publish(session, list(made), publication)

    usual = contents(database)
    assert outcome.services == 60
    # What is invented says so; apart from that the public reads the same.
    as_usual = public_records(database, gazetteer)
    assert {name: record | {"demonstration": True} for name, record in as_usual.items()} == records
    assert {table: len(rows) for table, rows in quick.items() if table != "capacity_report"} == {
        table: len(rows) for table, rows in usual.items() if table != "capacity_report"
    }


def test_publishing_the_invented_ones_again_finds_nothing_to_change(
    database: Database, gazetteer: Gazetteer
) -> None:
    with database.write() as session:
        seed_synthetic(session, gazetteer, 40, now=NOW)
    before = contents(database)

    with database.write() as session:
        seed_synthetic(session, gazetteer, 40, now=NOW)

    assert contents(database) == before


def test_everybody_is_told_and_progress_is_shown(database: Database, gazetteer: Gazetteer) -> None:
    told: list[tuple[int, int]] = []
    with database.write() as session:
        seed_synthetic(session, gazetteer, 30, now=NOW, progress=lambda *at: told.append(at))

    assert told[-1] == (30, 30)
    with database.read() as session:
        assert current_revision(session) == (1, 1)
        kinds = set(session.exec(select(Change.kind).where(col(Change.record_type) == "service")))
        assert kinds == {"published"}


def test_every_open_service_has_a_capacity(database: Database, gazetteer: Gazetteer) -> None:
    with database.write() as session:
        seed_synthetic(session, gazetteer, 200, now=NOW)

    with database.read() as session:
        catalogue = load_catalogue(session, gazetteer)
        capacity = load_capacity(session, catalogue)
    assert all(bool(capacity.of(one.record.id)) != one.record.confidential for one in catalogue.entries)
    statuses = Counter(figure.status_at(NOW) for figures in capacity.figures.values() for figure in figures)
    assert len(statuses) >= 6
    assert statuses["unknown"] > 0


def test_without_areas_it_says_what_to_do(database_url: str, gazetteer: Gazetteer) -> None:
    with opened(database_url) as empty, empty.write() as session, pytest.raises(Conflict):
        seed_synthetic(session, gazetteer, 10, now=NOW)


def test_a_directory_without_a_database_is_the_one_with(database: Database, gazetteer: Gazetteer) -> None:
    with database.write() as session:
        seed_synthetic(session, gazetteer, 50, now=NOW)
    with database.read() as session:
        texts = load_texts(session)
        stored = {entry.record.name: entry.record for entry in load_catalogue(session, gazetteer).entries}

    directory = synthetic_directory(50, real_areas(), gazetteer, texts, now=NOW)

    made = {entry.record.name: entry.record for entry in directory.catalogue.entries}
    assert made.keys() == stored.keys()
    for name, record in made.items():
        if not record.confidential:
            assert record == stored[name]
    assert directory.demonstration
