"""What a provider wants changed in its record: kept until a curator has looked, and public only then."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession, caller
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.shapes import Shape
from app.api.state import moment_of
from app.api.strict import json_body, read_parameters
from app.api.writing import (
    IDEMPOTENCY_HEADER,
    RECORD_PROBLEMS,
    Change,
    Done,
    Nothing,
    Write,
    no_body,
)
from app.capacity.owning import own_service
from app.curation.changes import ServiceChanges
from app.curation.proposals import ProposalRecord, proposals_for, propose_changes, withdraw
from app.curation.record_rows import Publication, Vocabulary
from app.directory.plain_text import Line
from app.errors import ConfidentialFact, CursorInvalid, NotFound, UnknownParameter, ValidationFailed

router = APIRouter(tags=["provider"])

Proposer = Annotated[Principal, caller("service:propose")]

PROPOSAL_EXAMPLES: dict[str, Any] = {
    "another description, and no website any more": {
        "changes": {"description": "Somebody who listens, on weekdays.", "url": None},
        "note": "The website closes at the end of the month.",
    },
}


class ProposalIn(BaseModel):
    """What shall change, and what the curator should know about it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, cache_strings="none")

    changes: ServiceChanges
    note: Annotated[
        Line | None,
        Field(
            description="For the curator, who checks by ringing a number known already. No names of people."
        ),
    ] = None


class ProposalOut(Shape):
    """A proposal. `old` is what the public had when it was made, by field; `new` is what is proposed.

    `asked`: a curator has a question, and waits; propose anew to answer it. `applied` are the fields that were taken up.
    """

    id: UUID
    service_id: UUID
    state: Literal["waiting", "asked", "approved", "refused", "withdrawn"]
    proposed_at: datetime
    proposed_by: Annotated[str, Field(description="Kind and public id of the key.")]
    old: dict[str, Any]
    new: dict[str, Any]
    note: str | None
    question: str | None
    reason: Annotated[str | None, Field(description="Why it was refused.")]
    decided_at: datetime | None
    applied: list[str] | None


class ProposalList(Shape):
    """Proposals, newest first; `next` is the cursor of the next page."""

    results: list[ProposalOut]
    total: int
    next: str | None


@router.post(
    "/v1/provider/services/{service_id:uuid}/proposals",
    status_code=202,
    responses=ok(ProposalOut, "Kept for a curator; the public value is unchanged.", status=202)
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConfidentialFact),
    openapi_extra={
        "requestBody": body_of(ProposalIn, PROPOSAL_EXAMPLES),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def propose(
    request: Request,
    service_id: UUID,
    *,
    by: Proposer,
    proposal: Annotated[ProposalIn, json_body(ProposalIn)],
    session: WriteSession,
) -> Response:
    """Propose a change of anything but capacity: words, contacts, whom you take, hours.

    The public goes on seeing what it saw. A curator looks at old and new, and for a new number, address or link rings the
    old number first; another person approves. What would help to find a confidential place is refused and not stored.
    """
    catalogue = moment_of(request).directory.catalogue
    write = Write.of(request, session, by, proposal)
    facts = own_service(session, service_id, of=by)

    def act() -> Done:
        publication = Publication(
            source="proposal",
            author=by.signature,
            areas=catalogue.areas,
            gazetteer=catalogue.gazetteer,
            vocabulary=Vocabulary.load(session),
            now=write.now,
        )
        made = propose_changes(
            session,
            service_id,
            proposal.changes,
            note=proposal.note,
            signature=by.signature,
            publication=publication,
        )
        change = Change(
            action="change_proposed",
            entity_type="proposal",
            entity_id=made.id,
            organization_id=facts.organization_id,
            fields={"service_id": service_id, "note": made.note, **made.new},
        )
        return Done(changes=(change,), answer=_shown(made, service_id), status=202)

    return write.once(act, organization_id=facts.organization_id)


@router.get(
    "/v1/provider/services/{service_id:uuid}/proposals",
    responses=ok(ProposalList, "Proposals, newest first.")
    | problems(*CALLER_PROBLEMS, NotFound, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PageQuery)},
)
def read_proposals(request: Request, service_id: UUID, by: Proposer, session: ReadSession) -> Response:
    """What was proposed for this service, and what became of it."""
    query = read_parameters(request, PageQuery)
    key: bytes = request.app.state.cursor_key
    of = f"proposals {service_id}"
    after = read_position(key, query, of=of)
    own_service(session, service_id, of=by)
    page = proposals_for(session, service_id, after=after, limit=query.limit)
    shown = ProposalList(
        results=[_shown(one, service_id) for one in page.proposals],
        total=page.total,
        next=next_cursor(key, page.position, of=of),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


@router.post(
    "/v1/provider/services/{service_id:uuid}/proposals/{proposal_id:uuid}/withdraw",
    responses=ok(ProposalOut, "It is taken back.") | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
def withdraw_proposal(
    request: Request,
    service_id: UUID,
    proposal_id: UUID,
    *,
    by: Proposer,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Take back a proposal, by any key of the organization, while no curator has decided about it. Again, it changes nothing."""
    write = Write.of(request, session, by, sent)
    facts = own_service(session, service_id, of=by)

    def act() -> Done:
        taken_back = withdraw(session, service_id, proposal_id, signature=by.signature, now=write.now)
        change = Change("proposal_withdrawn", "proposal", proposal_id, facts.organization_id)
        return Done(changes=(change,), answer=_shown(taken_back, service_id))

    return write.once(act, organization_id=facts.organization_id)


def _shown(record: ProposalRecord, service_id: UUID) -> ProposalOut:
    return ProposalOut(
        id=record.id,
        service_id=service_id,
        state=record.state,  # type: ignore[arg-type]
        proposed_at=record.proposed_at,
        proposed_by=record.proposed_by,
        old=record.old,
        new=record.new,
        note=record.note,
        question=record.question,
        reason=record.reason,
        decided_at=record.decided_at,
        applied=record.applied,
    )
