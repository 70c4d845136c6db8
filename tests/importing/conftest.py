"""A desk at which imports are made, and the fixtures of the served application, on either engine."""

import pytest

from app.db import Database
from app.geo.gazetteer import Gazetteer
from tests.api.conftest import client, either_client, gazetteer_file, postgres_client, refusing, seeded, sides
from tests.importing.sending import Desk

__all__ = ["client", "either_client", "gazetteer_file", "postgres_client", "refusing", "seeded", "sides"]


@pytest.fixture
def desk(database: Database, gazetteer: Gazetteer) -> Desk:
    return Desk(database, gazetteer)
