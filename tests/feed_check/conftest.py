"""The fixtures of the served application, for the check of our own feed."""

from tests.api.conftest import client, gazetteer_file, seeded

__all__ = ["client", "gazetteer_file", "seeded"]
