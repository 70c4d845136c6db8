"""The fixtures of the served application, for commands."""

from tests.api.conftest import client, clock, gazetteer_file, seeded, server, timed_client

__all__ = ["client", "clock", "gazetteer_file", "seeded", "server", "timed_client"]
