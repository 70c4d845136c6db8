"""The fixtures of the served application, for pages."""

from tests.api.conftest import client, clock, gazetteer_file, seeded, server, sides, timed_client

__all__ = ["client", "clock", "gazetteer_file", "seeded", "server", "sides", "timed_client"]
