"""A revoked key is refused by every process at once: four workers, asked over many connections, on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.keys import MadeKey, WantedKey, make_key, revoke_key
from app.access.people import add_person
from app.access.principals import COMMAND_LINE, Principal
from app.access.secret import root_secret
from app.access.throttle import FAILURES_PER_MINUTE
from app.access.tokens import Token, TokenSecrets
from app.api import callers
from app.config import Settings
from app.db import Database
from tests.access.office import KEYS, Office
from tests.api.served import SECRET, Server, running_server
from tests.gazetteer_cache import cached_gazetteer

WORKERS = 4
REFUSALS = WORKERS * FAILURES_PER_MINUTE
"""The limit on refusals is each worker's own: so many 401 tell that all of them were asked."""
CONNECTIONS_AT_MOST = 4000
"""The kernel hands them out as it likes."""


@pytest.fixture
def four(database: Database, database_url: str, tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "gazetteer.bin").symlink_to(cached_gazetteer())
    with running_server(
        folder,
        tmp_path / "logs",
        DIRECTORY_DATABASE_URL=database_url,
        DIRECTORY_SECRET=SECRET,
        DIRECTORY_WORKERS=str(WORKERS),
    ) as server:
        yield server


def statuses(server: Server, made: MadeKey) -> Iterator[int]:
    line = f"Authorization: Bearer {made.token.text}"
    while True:
        yield server.request("GET", KEYS, line, "Connection: close").status


def test_no_worker_takes_a_key_that_was_revoked(four: Server, database: Database) -> None:
    secret = root_secret(Settings(data_dir=four.folder, secret=SecretStr(SECRET)))
    secrets, act = (
        TokenSecrets.of(secret, demonstration=True),
        Act(COMMAND_LINE, datetime.now(UTC), AuditLog.of(secret)),
    )
    with database.write() as session:
        person = add_person(session, "Example Curator", act)
        wanted = WantedKey("curator", "Example", person_id=person.id)
        made, kept = make_key(session, secrets, wanted, act), make_key(session, secrets, wanted, act)
    assert set(islice(statuses(four, made), 200)) == {200}
    with database.write() as session:
        revoke_key(session, made.token.public_id, with_successors=False, act=act)
    refused = 0
    for status in islice(statuses(four, made), CONNECTIONS_AT_MOST):
        # Not within five seconds: from the very next request on.
        assert status in (401, 429)
        refused += status == 401
        if refused == REFUSALS:
            break
    assert refused == REFUSALS
    assert set(islice(statuses(four, kept), 50)) == {200}
    said = four.output.read_text() + four.errors.read_text()
    for one in (made, kept):
        assert one.token.text[24:67] not in said


def refuses_at_once(office: Office) -> bool:
    made = office.make("curator")
    assert office.get(KEYS, made.token.text).status_code == 200
    with office.database.write() as session:
        revoke_key(session, made.token.public_id, with_successors=False, act=office.act())
    return office.get(KEYS, made.token.text).status_code == 401


def test_a_process_that_remembers_keys_would_be_caught(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refuses_at_once(office)
    remembered: dict[str, Principal] = {}
    look_up = callers._look_up

    def remembering(database: Database, secrets: TokenSecrets, token: Token, now: datetime) -> Principal:
        if token.text not in remembered:
            remembered[token.text] = look_up(database, secrets, token, now)
        return remembered[token.text]

    monkeypatch.setattr(callers, "_look_up", remembering)
    assert not refuses_at_once(office)
