"""A write from its first look to its answer: done once, on what the sender was shown, recorded, and durable before 2xx.

The session is the caller's, committed when the route has returned: the effect, the event in the audit log and the answer
that is kept for a retry are there together or not at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from app.access.audit import AuditLog, keyed_hash, record_event
from app.access.idempotency import (
    HEADER,
    IdempotencyScope,
    StoredAnswer,
    fingerprint_of,
    key_of,
    recall,
    remember,
)
from app.access.principals import Principal
from app.api.callers import WRITE_PROBLEMS, request_id_of
from app.api.conditional import if_match
from app.api.strict import JSON_PROBLEMS, read_json, refuse_parameters
from app.directory.freshness import floor_to_hour
from app.errors import (
    ConditionInvalid,
    Conflict,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    NotFound,
    PreconditionFailed,
    Problem,
    StoredRecordInvalid,
)

RECORD_PROBLEMS: tuple[type[Problem], ...] = (
    *JSON_PROBLEMS,
    *WRITE_PROBLEMS,
    NotFound,
    Conflict,
    StoredRecordInvalid,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
)
"""What every write through `Write` may answer."""
MATCH_PROBLEMS: tuple[type[Problem], ...] = (ConditionInvalid, PreconditionFailed)

IDEMPOTENCY_HEADER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Names this one thing to be done. Sent again with the same key, body and If-Match within 48 hours, it is "
    "answered as the first time, with `Idempotency-Replayed: true`, and done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
IF_MATCH_HEADER: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you were shown. When something else is stored by now, nothing is done (412).",
    "schema": {"type": "string", "maxLength": 4096},
}


UNNAMED = "unnamed"
"""In place of the public id of a key or device."""
RETRIER_CHARACTERS = 40
"""The column's width: 160 bits, which nobody meets by chance."""


def required(header: dict[str, Any]) -> dict[str, Any]:
    return header | {"required": True}


class Nothing(BaseModel):
    """The body of a write that needs none: an empty object, or no body at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def no_body() -> Any:
    """For an annotation of a `def` route that needs no body: there is none, or an empty object."""

    async def read(request: Request) -> Nothing:
        refuse_parameters(request)
        if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
            return Nothing()
        return await read_json(request, Nothing)

    return Depends(read)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one record, for the audit log: names of fields, and values of which only keyed hashes are kept."""

    action: str
    entity_type: str
    entity_id: UUID
    organization_id: UUID | None
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What a write has to say: the changes that were made, and the answer."""

    changes: tuple[Change, ...]
    answer: BaseModel
    etag: str | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Write:
    """One request to change something. `now` is the clock of the application, asked once."""

    request: Request
    session: Session
    by: Principal
    sent: BaseModel
    now: datetime
    condition: str | None
    unnamed: bool = False
    """Whether who did it, and at which minute, is written down nowhere: neither in the audit log, which has the kind of
    caller and the hour, nor beside the answer that is kept for a retry. For what would otherwise be a trail of incidents.
    """

    @classmethod
    def of(
        cls, request: Request, session: Session, by: Principal, sent: BaseModel, *, unnamed: bool = False
    ) -> "Write":
        return cls(request, session, by, sent, request.app.state.clock(), if_match(request), unnamed)

    def once(
        self, act: Callable[[], Done], *, organization_id: UUID | None, key_required: bool = False
    ) -> Response:
        """Do it, or answer as it was answered when the same request came before.

        `act` looks at If-Match: a retry is recognised first, since what it did has changed the version. The record that
        it is about has been found and is the sender's, and whoever else writes to it waits.
        """
        of = self._scope(organization_id, required=key_required)
        known = recall(self.session, of, now=self.now) if of is not None else None
        if known is not None:
            return _answer(known, replayed=True)
        done = act()
        answer = StoredAnswer(done.status, done.answer.model_dump_json().encode(), done.etag)
        if of is not None:
            remember(self.session, of, answer, now=self._noted_at)
        log: AuditLog = self.request.app.state.audit_log
        by = Principal(self.by.kind, UNNAMED, scopes=frozenset()) if self.unnamed else self.by
        for change in done.changes:
            record_event(
                self.session,
                log,
                actor=by,
                action=change.action,
                entity_type=change.entity_type,
                entity_id=str(change.entity_id),
                organization_id=change.organization_id,
                request_id="" if self.unnamed else request_id_of(self.request),
                fields=change.fields,
                now=self._noted_at,
            )
        return _answer(answer, replayed=False)

    @property
    def _noted_at(self) -> datetime:
        return floor_to_hour(self.now) if self.unnamed else self.now

    def _scope(self, organization_id: UUID | None, *, required: bool) -> IdempotencyScope | None:
        secret: bytes = self.request.app.state.idempotency_key
        key = key_of(self.request.headers.getlist(HEADER), secret=secret)
        if key is None:
            if required:
                raise IdempotencyKeyInvalid
            return None
        return IdempotencyScope(
            principal_id=self._retrier(secret, key),
            method=self.request.method,
            route=self.request.scope["path"],
            key=key,
            fingerprint=fingerprint_of(
                self.sent.model_dump_json(exclude_unset=True).encode(), self.condition
            ),
            organization_id=organization_id,
        )

    def _retrier(self, secret: bytes, key: str) -> str:
        """Whose retry this is. Of whoever is not to be named: a hash that no other request of theirs has."""
        if not self.unnamed:
            return self.by.signature
        named = rfc8785.dumps([self.by.signature, self.request.scope["path"], key])
        return keyed_hash(secret, named)[:RETRIER_CHARACTERS]


def _answer(answer: StoredAnswer, *, replayed: bool) -> Response:
    headers = {"ETag": answer.etag} if answer.etag else {}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers=headers, media_type="application/json")
