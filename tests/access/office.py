"""The people and organizations of the tests of access, and short ways to make keys for them and to ask with them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.access.acts import Act
from app.access.audit import AuditLog
from app.access.keys import KeyType, MadeKey, WantedKey, make_key
from app.access.people import add_person
from app.access.principals import COMMAND_LINE, Principal
from app.access.tokens import TokenSecrets
from app.db import Database
from app.models.organizations import Organization
from app.models.services import Service
from tests.api.served import Client, StandingClock

KEYS = "/v1/curation/keys"
PEOPLE = "/v1/curation/people"
DEVICES = "/v1/curation/officer-devices"
ENROL = "/v1/officer/devices/enrol"
OWN_ROTATION = "/v1/provider/keys/rotate"


@dataclass(frozen=True, slots=True)
class Office:
    """A shelter and a clinic with two services each, a curator, and the application that knows them."""

    database: Database
    client: Client
    clock: StandingClock
    shelter: UUID
    clinic: UUID
    services: dict[UUID, list[UUID]]
    curator: UUID

    @property
    def secrets(self) -> TokenSecrets:
        found: TokenSecrets = self.client.app.state.token_secrets
        return found

    @property
    def log(self) -> AuditLog:
        found: AuditLog = self.client.app.state.audit_log
        return found

    def act(self, by: Principal = COMMAND_LINE) -> Act:
        return Act(by=by, now=self.clock.now, log=self.log)

    def make(self, kind: KeyType = "provider", by: Principal = COMMAND_LINE, **wanted: Any) -> MadeKey:
        """A key of the shelter, or of the curator, unless `wanted` says otherwise."""
        owner = (
            {"organization_id": self.shelter}
            if kind in ("provider", "officer")
            else {"person_id": self.curator}
        )
        with self.database.write() as session:
            request = WantedKey(**{"key_type": kind, "label": "Example", **owner, **wanted})
            return make_key(session, self.secrets, request, self.act(by))

    def token(self, kind: KeyType = "provider", **wanted: Any) -> str:
        return self.make(kind, **wanted).token.text

    def person(self, name: str) -> UUID:
        with self.database.write() as session:
            return add_person(session, name, self.act()).id

    def get(self, path: str, token: str | None, **more: Any) -> httpx.Response:
        return self.client.get(path, headers=bearer(token), **more)

    def post(self, path: str, token: str | None, body: Any = None, **more: Any) -> httpx.Response:
        return self.client.post(path, headers=bearer(token), json={} if body is None else body, **more)

    def later(self, **time: float) -> None:
        self.clock.now += timedelta(**time)


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


def furnish(database: Database, client: Client, clock: StandingClock) -> Office:
    secrets_of = client.app.state
    organizations = [_organization(name) for name in ("Example shelter", "Example clinic")]
    services = {one.id: [_service(one.id, number) for number in (1, 2)] for one in organizations}
    with database.write() as session:
        session.add_all(organizations)
        session.flush()
        session.add_all(service for found in services.values() for service in found)
        curator = add_person(session, "Example Curator", Act(COMMAND_LINE, clock.now, secrets_of.audit_log))
        curator_id = curator.id
    return Office(
        database=database,
        client=client,
        clock=clock,
        shelter=organizations[0].id,
        clinic=organizations[1].id,
        services={owner: [service.id for service in found] for owner, found in services.items()},
        curator=curator_id,
    )


def _organization(name: str) -> Organization:
    return Organization(
        id=uuid4(), source="test", source_id=name, name=name, description="An invented charity."
    )


def _service(organization_id: UUID, number: int) -> Service:
    return Service(
        id=uuid4(),
        organization_id=organization_id,
        source="test",
        source_id=f"{organization_id} {number}",
        name=f"Example service {number}",
        description="Somebody who listens.",
        reach="outreach_area",
        confidential=False,
    )
