"""What a provider proposes to change in its own record. It is kept beside the record; only a curator makes it public.

A proposal is checked as a publication is, before anything is stored: a proposal that would show where a confidential
service is would be just as bad in the database, in a backup or in a curator's list.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import and_, func, tuple_
from sqlmodel import Session, col, select

from app.curation.confidential_facts import require_confidential
from app.curation.flagging import gathered
from app.curation.record_rows import Publication
from app.curation.submissions import (
    AssuranceSubmission,
    Code,
    ContactSubmission,
    CoverageSubmission,
    EligibilitySubmission,
    FlowSubmission,
    HoursSubmission,
    OrganizationSubmission,
    PhoneSubmission,
    ServiceSubmission,
    Submission,
    YesNoAsk,
)
from app.curation.submitted_fields import require_fields
from app.directory.confidentiality import require_unlocatable
from app.directory.contact_points import EmailAddress, PublicUrl
from app.directory.plain_text import Line, Name, Paragraphs
from app.directory.projection import project_service
from app.errors import FieldError, InvalidInput
from app.models.proposals import Proposal

LEFT_OUT: Any = None
"""The default of a member that was not sent; what was sent is in `model_fields_set`."""


class ServiceChanges(Submission):
    """The fields to change, each with its whole new value. `null` takes away what may be missing.

    Places and referral routes are described to the curator in `note`.
    """

    model_config = ConfigDict(strict=True, cache_strings="none")

    name: Name = LEFT_OUT
    description: Paragraphs = LEFT_OUT
    reach: Literal["site", "outreach_area", "remote", "national"] = LEFT_OUT
    status: Literal["active", "inactive", "defunct", "temporarily closed"] = LEFT_OUT
    url: PublicUrl | None = None
    email: EmailAddress | None = None
    needs: tuple[Code, ...] = LEFT_OUT
    exploitation: tuple[Code, ...] = LEFT_OUT
    coverage: CoverageSubmission = LEFT_OUT
    eligibility: EligibilitySubmission = LEFT_OUT
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{3}$")], ...] = LEFT_OUT
    interpreter: YesNoAsk | None = None
    phones: tuple[PhoneSubmission, ...] = LEFT_OUT
    contacts: tuple[ContactSubmission, ...] = LEFT_OUT
    hours: HoursSubmission = LEFT_OUT
    information_flow: FlowSubmission = LEFT_OUT
    anonymous_contact: bool | None = None
    privacy_url: PublicUrl | None = None
    application_process: Paragraphs | None = None
    fees_description: Line | None = None
    counts_public: bool = LEFT_OUT

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one field to change")
        return self


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """A stored proposal. `old` is what the public had when it was made."""

    id: UUID
    service_id: UUID
    state: str
    proposed_by: str
    proposed_at: datetime
    old: dict[str, Any]
    new: dict[str, Any]
    note: str | None


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
    to find a confidential place of the organization. In both cases nothing is stored.
    """
    stored, of = gathered(session, service_id)
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
    wanted = changes.model_dump(mode="json", include=changes.model_fields_set)
    row = Proposal(
        service_id=service_id,
        service_version=stored.service.version,
        proposed_by=signature,
        proposed_at=publication.now,
        old=_as_json({name: now_public[name] for name in wanted}),
        new=_as_json(wanted),
        note=note,
    )
    session.add(row)
    session.flush()
    return _record(row)


def proposals_for(
    session: Session, service_id: UUID, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> ProposalPage:
    """The proposals made for a service, newest first, a part at a time."""
    row = Proposal
    of_service = col(row.service_id) == service_id
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
        proposals=tuple(_record(one) for one in page),
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


def _as_json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _record(row: Proposal) -> ProposalRecord:
    return ProposalRecord(
        id=row.id,
        service_id=row.service_id,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        old=json.loads(row.old),
        new=json.loads(row.new),
        note=row.note,
    )
