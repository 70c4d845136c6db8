"""Two organizations with keys of their own, and a curator, over the served application: for tests of what they may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr
from sqlmodel import Session, col, select

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.keys import WantedKey, make_key
from app.access.people import add_person
from app.access.principals import COMMAND_LINE
from app.access.secret import root_secret
from app.access.tokens import TokenSecrets
from app.config import Settings
from app.curation.publishing import publish
from app.db import Database
from app.directory.freshness import NO_PLACE
from app.geo.gazetteer import Gazetteer
from app.models.guidance import Helpline
from app.models.organizations import Organization
from app.models.services import Service
from tests.api.served import NOW, SECRET, Client, StandingClock, served
from tests.factories import (
    contents,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
    opened,
    store_reference,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One organization, its services by key, and its API key."""

    organization_id: UUID
    services: dict[str, UUID]
    token: str

    @property
    def open(self) -> UUID:
        return self.services["open"]

    @property
    def refuge(self) -> UUID:
        return self.services["refuge"]


@dataclass(frozen=True, slots=True)
class Sides:
    a: Side
    b: Side
    curator: str


@dataclass(frozen=True, slots=True)
class Provided:
    """The served application with both organizations in it."""

    client: Client
    clock: StandingClock
    database: Database
    a: Side
    b: Side
    curator: str

    def ask(
        self, method: str, path: str, json: Any = None, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """An answer to A, or to the holder of `token`. Header names are written with underscores."""
        sent = {"Authorization": f"Bearer {token or self.a.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, path, json=json, headers=sent)

    def report(self, service_id: UUID | None = None, **changed: Any) -> httpx.Response:
        """A's report about a service of A's, good unless `changed` makes it bad. None leaves a member out."""
        free = 0 if changed.get("status") in NO_PLACE else 1
        known: dict[str, Any] = {"unit": "bed_space", "status": "limited", "available": free, "maximum": 4}
        body = {name: value for name, value in (known | changed).items() if value is not None}
        return self.ask("PUT", capacity_of(service_id or self.a.open), body)

    def key(self, of: Side, **wanted: Any) -> str:
        """Another key of the organization, limited as is said."""
        with self.database.write() as session:
            asked = WantedKey("provider", "Example system", of.organization_id, **wanted)
            return make_key(session, token_secrets(), asked, act_of_the_host(self.clock.now)).token.text

    def stored(self) -> dict[str, list[str]]:
        """Everything that is stored, but for the keys, which remember when they were last used."""
        return {table: rows for table, rows in contents(self.database).items() if table != "api_key"}

    def refresh(self) -> None:
        """What the process does by itself within two seconds."""
        self.client.app.state.watcher.refresh()


def capacity_of(service_id: UUID, rest: str = "") -> str:
    return f"/v1/provider/services/{service_id}/capacity{rest}"


def new_key() -> str:
    """An Idempotency-Key."""
    return str(uuid4())


def secret_of_the_tests() -> bytes:
    return root_secret(Settings(secret=SecretStr(SECRET)))


def token_secrets() -> TokenSecrets:
    return TokenSecrets.of(secret_of_the_tests(), demonstration=True)


def act_of_the_host(now: datetime) -> Act:
    return Act(by=COMMAND_LINE, now=now, log=AuditLog.of(secret_of_the_tests()))


def fill(session: Session, gazetteer: Gazetteer, *, now: datetime = NOW) -> Sides:
    """Two organizations with an open service and a refuge each, and their keys, in a migrated database."""
    store_reference(session)
    session.add_all(
        Helpline(
            name=name,
            phone=phone,
            position=position,
            source="Invented",
            confirmed_on=now.date(),
            review_by=now.date(),
        )
        for position, (name, phone) in enumerate(
            {"Emergency services": "999", "Example helpline": "0808 157 0000"}.items()
        )
    )
    for letter in "ab":
        publish(
            session,
            [
                make_organization(
                    make_service(f"{letter}-open"),
                    make_refuge(f"{letter}-refuge"),
                    key=f"organization-{letter}",
                )
            ],
            make_publication(session, gazetteer, now=now),
        )
    secrets = token_secrets()
    act = act_of_the_host(now)
    sides = []
    for letter in "ab":
        organization_id = session.exec(
            select(Organization.id).where(Organization.source_id == f"organization-{letter}")
        ).one()
        services = session.exec(
            select(Service.source_id, Service.id).where(col(Service.organization_id) == organization_id)
        )
        made = make_key(
            session,
            secrets,
            WantedKey(key_type="provider", label="Example system", organization_id=organization_id),
            act,
        )
        found = {key.removeprefix(f"{letter}-"): one for key, one in services}
        sides.append(Side(organization_id, found, made.token.text))
    person = add_person(session, "Example Curator", act)
    curator = make_key(
        session, secrets, WantedKey(key_type="curator", label="Example", person_id=person.id), act
    )
    return Sides(sides[0], sides[1], curator.token.text)


@contextmanager
def provided(
    url: str, folder: Path, gazetteer_file: Path, *, clock: StandingClock | None = None
) -> Iterator[Provided]:
    """The application over a migrated, empty database at `url`; `folder` becomes its data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gazetteer.bin").symlink_to(gazetteer_file)
    clock = clock or StandingClock()
    with opened(url) as database:
        with Gazetteer.open(gazetteer_file) as gazetteer, database.write() as session:
            sides = fill(session, gazetteer, now=clock.now)
        with served(folder, database_url=url, clock=clock) as client:
            yield Provided(client, clock, database, sides.a, sides.b, sides.curator)
