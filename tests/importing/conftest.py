"""The fixtures of the served application, for files that come from a feed."""

from tests.api.conftest import client, either_client, gazetteer_file, postgres_client, seeded

__all__ = ["client", "either_client", "gazetteer_file", "postgres_client", "seeded"]
