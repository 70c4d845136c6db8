"""Changes that wait for a curator, kept beside the record: proposed by a provider, or made by a curator and in need of another.

A proposal is checked as a publication is, before anything is stored: a proposal that would show where a confidential
service is would be just as bad in the database, in a backup or in a curator's list. `reviewing` decides about them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, tuple_
from sqlmodel import Session, col, select

from app.curation.changes import ServiceChanges, values_of
from app.curation.confidential_facts import require_confidential
from app.curation.curated import curated_service
from app.curation.record_rows import Publication
from app.curation.submissions import (
    AssuranceSubmission,
    CoverageSubmission,
    OrganizationSubmission,
    ServiceSubmission,
)
from app.curation.submitted_fields import require_fields
from app.directory.confidentiality import require_unlocatable
from app.directory.projection import project_service
from app.errors import Conflict, FieldError, InvalidInput, NotFound
from app.models.proposals import Proposal

OPEN = ("waiting", "asked")
"""States in which a proposal can still be decided."""


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """A stored proposal. `old` is what the public had when it was made. `applied` are the fields that were taken up."""

    id: UUID
    service_id: UUID | None
    organization_id: UUID | None
    state: str
    proposed_by: str
    proposed_at: datetime
    old: dict[str, Any]
    new: dict[str, Any]
    note: str | None
    question: str | None
    reason: str | None
    decided_at: datetime | None
    applied: list[str] | None


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Part of a list, newest first. `position` is what the next part goes on after; None when this is the last."""

    proposals: tuple[ProposalRecord, ...]
    total: int
    position: tuple[datetime, UUID] | None


def propose_changes(
    session: Session,
    service_id: UUID,
    changes: ServiceChanges,
    *,
    note: str | None,
    signature: str,
    publication: Publication,
) -> ProposalRecord:
    """Store a proposal; the record stays as it is. The caller has made sure that the service is the sender's.

    Raises ValidationFailed where a field names nothing or contradicts another, and ConfidentialFact where it would help
    to find a confidential place of the organization; NotFound. Nothing is stored then.
    """
    # Behind a flagging that is under way, which forgets what has been proposed by then, and cannot see what is being.
    record = curated_service(session, service_id, lock=True)
    stored, of = record.stored, record.of
    _require_publishable(
        changes,
        note,
        confidential=stored.service.confidential,
        host_area=stored.service.host_area_code,
        consent_on=stored.service.narrow_coverage_consent_on,
        runs_refuge=of.has_confidential_service,
        publication=publication,
    )
    public = project_service(stored, of, publication.areas)
    now_public = public.record.model_dump(mode="json")
    now_public["languages"] = [one["code"] for one in now_public["languages"]]
    now_public["hours"] = now_public["hours"]["schedules"]
    now_public["counts_public"] = public.counts_public
    wanted = changes.as_json()
    row = Proposal(
        service_id=service_id,
        service_version=stored.service.version,
        base=as_json(values_of(record.submission, wanted)),
        proposed_by=signature,
        proposed_at=publication.now,
        old=as_json({name: now_public[name] for name in wanted}),
        new=as_json(wanted),
        note=note,
    )
    session.add(row)
    session.flush()
    return record_of(row)


def withdraw(
    session: Session, service_id: UUID, proposal_id: UUID, *, signature: str, now: datetime
) -> ProposalRecord:
    """Take back a provider's proposal for a service of its own. Again, it changes nothing.

    Raises NotFound, and Conflict where a curator has decided meanwhile.
    """
    row = session.exec(
        select(Proposal)
        .where(Proposal.id == proposal_id, Proposal.service_id == service_id, Proposal.origin == "provider")
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound
    if row.state in OPEN:
        row.state, row.decided_by, row.decided_at = "withdrawn", signature, now
        row.version += 1
        session.add(row)
        session.flush()
    elif row.state != "withdrawn":
        raise Conflict("A curator has decided about it already.")
    return record_of(row)


def proposals_for(
    session: Session, service_id: UUID, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> ProposalPage:
    """What its provider has proposed for a service, newest first, a part at a time."""
    row = Proposal
    of_service = (col(row.service_id) == service_id) & (col(row.origin) == "provider")
    key = tuple_(col(row.proposed_at), col(row.id))
    found: Sequence[Proposal] = session.exec(
        select(row)
        .where(of_service if after is None else and_(of_service, key < after))
        .order_by(col(row.proposed_at).desc(), col(row.id).desc())
        .limit(limit + 1)
    ).all()
    total = session.exec(select(func.count()).select_from(row).where(of_service)).one()
    page = found[:limit]
    return ProposalPage(
        proposals=tuple(record_of(one) for one in page),
        total=total,
        position=(page[-1].proposed_at, page[-1].id) if len(found) > limit else None,
    )


def _require_publishable(
    changes: ServiceChanges,
    note: str | None,
    *,
    confidential: bool,
    host_area: str | None,
    consent_on: date | None,
    runs_refuge: bool,
    publication: Publication,
) -> None:
    """Ask what publishing would ask, of an organization that has nothing but the changes."""
    changed = {name: getattr(changes, name) for name in changes.model_fields_set}
    as_service = _PLAIN_SERVICE.model_copy(
        update={
            "confidential": confidential,
            "host_area": host_area,
            "narrow_coverage_consent_on": consent_on,
        }
        | changed
    )
    as_submission = _PLAIN_ORGANIZATION.model_copy(update={"services": (as_service,)})
    try:
        require_fields(as_submission, publication, {})
        require_confidential(as_submission, publication.areas, runs_refuge=runs_refuge)
    except InvalidInput as failure:
        raise type(failure)(errors=tuple(_in_changes(one) for one in failure.errors)) from None
    if note is not None and (confidential or runs_refuge):
        require_unlocatable({"/note": note})


def _in_changes(error: FieldError) -> FieldError:
    return FieldError(f"/changes{error.pointer.removeprefix('/services/0')}", error.detail)


_NOBODY_SAYS = (AssuranceSubmission(mark="unknown", source="A proposal", review_by=date.max),)
_PLAIN_SERVICE = ServiceSubmission(
    key="a-proposal",
    name="A proposal",
    description="A proposal",
    reach="remote",
    needs=(),
    coverage=CoverageSubmission(everywhere=True),
    assurance=_NOBODY_SAYS,
)
_PLAIN_ORGANIZATION = OrganizationSubmission(
    key="a-proposal", name="A proposal", description="A proposal", assurance=_NOBODY_SAYS
)
"""What stands around the changes while they are checked; nothing in it can be refused."""


def as_json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def record_of(row: Proposal) -> ProposalRecord:
    return ProposalRecord(
        id=row.id,
        service_id=row.service_id,
        organization_id=row.organization_id,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        old=json.loads(row.old),
        new=json.loads(row.new),
        note=row.note,
        question=row.question,
        reason=row.reason,
        decided_at=row.decided_at,
        applied=None if row.applied is None else json.loads(row.applied),
    )
