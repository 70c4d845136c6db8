"""Who is acting: the holder of a key or of an officer's device, or whoever runs the command on the host."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.access.scopes import SCOPES

PrincipalKind = Literal["provider", "officer", "curator", "bootstrap", "device", "command_line"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Made by `app.access.keys`, `app.access.devices` or the command line, never from what a request says of itself."""

    kind: PrincipalKind
    id: str
    """The public id of the key or device (12 base62 characters), or `host` for the command line."""
    scopes: frozenset[str]
    organization_id: UUID | None = None
    """Of provider and officer keys."""
    service_ids: frozenset[UUID] | None = None
    """The services that a provider key is limited to; None: all services of the organization."""
    person_id: UUID | None = None
    """Of curator and bootstrap keys."""

    @property
    def signature(self) -> str:
        """How rows say who made them: kind and public id, which are no secret."""
        return f"{self.kind}:{self.id}"


COMMAND_LINE = Principal(kind="command_line", id="host", scopes=frozenset(SCOPES))
"""Whoever can run `directory` on the host can read the database and the secret as well: nothing is above it."""
