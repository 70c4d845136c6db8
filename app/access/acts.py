"""An act: who does something, when, and as part of which request. What is done to keys and people is recorded with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.access.audit import AuditLog, record_event
from app.access.principals import Principal


@dataclass(frozen=True, slots=True)
class Act:
    """Passed to every function that changes who may do what."""

    by: Principal
    now: datetime
    log: AuditLog
    request_id: str = ""

    def record(
        self,
        session: Session,
        action: str,
        *,
        entity: tuple[str, str],
        organization_id: UUID | None = None,
        fields: Mapping[str, object] | None = None,
    ) -> None:
        """Write the act into the audit log, in the transaction that does it, and as the last thing of it."""
        entity_type, entity_id = entity
        record_event(
            session,
            self.log,
            actor=self.by,
            action=action,
            entity_type=entity_type,
            entity_id=entity_id,
            organization_id=organization_id,
            request_id=self.request_id,
            fields=fields or {},
            now=self.now,
        )
