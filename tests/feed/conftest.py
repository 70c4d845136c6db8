"""The fixtures of the served application, for what other systems read."""

from tests.api.conftest import (
    client,
    clock,
    either_client,
    gazetteer_file,
    postgres_client,
    seeded,
    server,
    sides,
    timed_client,
)

__all__ = [
    "client", "clock", "either_client", "gazetteer_file", "postgres_client", "seeded", "server", "sides", "timed_client",
]  # fmt: skip
