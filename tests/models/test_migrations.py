"""The one history of the schema, on both databases."""

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, make_url

from app.curation.publishing import publish
from app.db import Database, migrate, migration_config
from app.geo.gazetteer import Gazetteer
from app.models import metadata
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
        assert contents(database)["directory_revision"] == ["(1, 0, 0)"]


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
