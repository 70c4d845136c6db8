"""The one history of the schema, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, make_url
from sqlmodel import select, update

from app.curation.publishing import publish
from app.db import Database, migrate, migration_config
from app.geo.gazetteer import Gazetteer
from app.models import metadata
from app.models.capacity import CapacityReport
from app.models.curation import Takedown, TakedownAgain
from app.models.locations import Location
from app.models.organizations import Organization
from app.models.services import Service
from tests.databases import SqliteTemplate
from tests.factories import (
    contents,
    count,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
    opened,
    store_reference,
)


def table_names(url: str) -> set[str]:
    engine = create_engine(make_url(url))
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_up_makes_every_table_and_down_takes_every_one_away(database_url: str) -> None:
    assert table_names(database_url) == set(metadata.tables)

    migrate(database_url, "base")

    assert table_names(database_url) == set()


def test_up_again_after_down_is_an_empty_directory_with_its_counters(database_url: str) -> None:
    migrate(database_url, "base")
    migrate(database_url)

    with opened(database_url) as database:
        filled = {table for table, rows in contents(database).items() if rows}
        assert filled == {"directory_revision"}
        assert contents(database)["directory_revision"] == ["(1, 0, 0, '', '')"]


def test_down_and_up_with_records_in_it(database: Database, database_url: str, gazetteer: Gazetteer) -> None:
    with database.write() as session:
        publish(
            session,
            [make_organization(make_service(), make_refuge())],
            make_publication(session, gazetteer),
        )
    database.close()

    migrate(database_url, "base")
    migrate(database_url)

    with database.write() as session:
        store_reference(session)
        publish(session, [make_organization()], make_publication(session, gazetteer))
    assert count(database, "service") == 1


def test_migrating_a_database_that_is_up_to_date_keeps_every_row(
    database: Database, database_url: str
) -> None:
    before = contents(database)

    migrate(database_url)

    assert contents(database) == before


@pytest.mark.filterwarnings("error")
def test_models_and_migrations_agree(database_url: str) -> None:
    command.check(migration_config(database_url))


def test_figures_reported_before_lives_ended_at_whole_hours_end_at_one_from_now_on(
    database: Database, database_url: str, gazetteer: Gazetteer
) -> None:
    with database.write() as session:
        publish(session, [make_organization()], make_publication(session, gazetteer))
        service_id = session.exec(select(Service.id)).one()
        observed_at = datetime(2026, 11, 25, 10, 20, 30, 123456, tzinfo=UTC)
        for group, life in {"anyone": timedelta(hours=12), "women": timedelta(minutes=20)}.items():
            report = CapacityReport(
                service_id=service_id, unit="bed_space", applies_to=group, status="full", observed_at=observed_at,
                valid_until=observed_at + life, source="page",
            )  # fmt: skip
            session.add(report)
    database.close()

    command.downgrade(migration_config(database_url), "20261126_audit")
    migrate(database_url)

    with database.read() as session:
        ends = dict(session.exec(select(CapacityReport.applies_to, CapacityReport.valid_until)).all())
    # A life of less than an hour cannot be floored and still be one; it is over within the hour.
    assert ends == {
        "anyone": datetime(2026, 11, 25, 22, tzinfo=UTC),
        "women": observed_at + timedelta(minutes=20),
    }


@pytest.mark.filterwarnings("error")
def test_what_was_taken_down_before_says_what_it_is_of(
    database: Database, database_url: str, gazetteer: Gazetteer
) -> None:
    with database.write() as session:
        publish(session, [make_organization()], make_publication(session, gazetteer))
        service = session.exec(select(Service)).one()
        parts: dict[str, dict[str, Any]] = {
            "service": {"service_id": service.id, "state_before": "published"},
            "number": {"phone_e164": "+441214960101"},
            "place": {"location_id": service.id},
            "organization": {},
        }
        session.add_all(
            Takedown(
                organization_id=service.organization_id,
                scope=scope,
                reason="unsafe",
                taken_down_by="x",
                **part,
            )
            for scope, part in parts.items()
        )
    database.close()

    command.downgrade(migration_config(database_url), "20261130_takedown_known_by")
    migrate(database_url)

    with database.read() as session:
        scopes = session.exec(select(Takedown.scope)).all()
    # Services of an organization have takedowns of their own, all that an earlier version knew.
    assert sorted(scopes) == ["number", "place", "service"]


@pytest.mark.filterwarnings("error")
def test_a_place_that_was_taken_down_before_is_known_by_its_address_of_now(
    database: Database, database_url: str, gazetteer: Gazetteer
) -> None:
    hall = {"key": "hall", "name": "Example Hall", "address_1": "1  Example Street"}
    office = {
        "key": "office",
        "name": "Example Office",
        "address_1": "2 Example Street",
        "postal_code": "B1 1BB",
    }
    with database.write() as session:
        service = make_service(locations=[hall, office])
        publish(session, [make_organization(service)], make_publication(session, gazetteer))
        places = session.exec(select(Location)).all()
        session.add_all(
            Takedown(
                organization_id=place.organization_id,
                scope="place",
                location_id=place.id,
                reason="unsafe",
                taken_down_by="x",
            )
            for place in places
        )
    database.close()

    command.downgrade(migration_config(database_url), "20261126_imports")
    migrate(database_url)

    with database.read() as session:
        known_by = session.exec(select(Takedown.known_postcode, Takedown.known_street)).all()
        assert session.exec(select(TakedownAgain)).all() == []
    assert set(known_by) == {(None, "1 example street"), ("B1 1BB", "2 Example Street")}


def test_what_is_forgotten_after_a_migration_is_in_no_page_that_it_left_behind(
    sqlite_template: SqliteTemplate, gazetteer: Gazetteer
) -> None:
    """SQLite changes a table by copying it, and the pages of the old one stay in the file."""
    url = sqlite_template.create()
    with opened(url) as database:
        with database.write() as session:
            store_reference(session)
            publish(session, [make_organization()], make_publication(session, gazetteer))
            owner = session.exec(select(Organization.id)).one()
            session.add_all(
                Takedown(
                    organization_id=owner,
                    scope="number",
                    phone_e164=f"+4412149601{number:02}",
                    reason="unsafe",
                    note="The gallimaufry door",
                    taken_down_by="x",
                )
                for number in range(100)
            )
        database.close()
        command.downgrade(migration_config(url), "20261126_imports")
        migrate(url)

        with database.write() as session:
            session.exec(update(Takedown).values(note=None))
        with database.write() as session:
            link = session.connection()
            link.exec_driver_sql("COMMIT")
            link.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert database.path is not None
        assert b"gallimaufry" not in database.path.read_bytes()
    sqlite_template.drop(url)
