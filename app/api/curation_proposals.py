"""Proposals in the hands of curators: each field old and new, the call back, and the decision."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import Session

from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession
from app.api.curating import (
    EDIT_HEADERS,
    EDIT_PROBLEMS,
    Outcome,
    Reviewer,
    edit_once,
    hashed,
    publication_for,
)
from app.api.curation_shapes import DifferenceOut, difference_out
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.shapes import Shape
from app.api.strict import StrictBody, json_body, read_parameters, refuse_parameters
from app.api.writing import Write
from app.curation.curated import CuratedService
from app.curation.proposals import OPEN, record_of
from app.curation.reviewing import (
    CallBack,
    Review,
    approve,
    ask,
    list_proposals,
    record_call_back,
    refuse,
    review_of,
)
from app.directory.plain_text import Line
from app.errors import CursorInvalid, NotFound, UnknownParameter, ValidationFailed
from app.models.proposals import Proposal

router = APIRouter(tags=["curation"])

LIST = "proposals to review"
State = Literal["waiting", "asked", "approved", "refused", "withdrawn"]

CALL_EXAMPLES: dict[str, Any] = {
    "they said that it is right": {
        "called_on": "2026-11-25",
        "number": "+441214960101",
        "outcome": "confirmed",
    },
}


class ProposalQuery(PageQuery):
    """A page of proposals."""

    state: Annotated[State | None, Field(description="Left out: those that can still be decided.")] = None


class CallBackIn(StrictBody):
    """What was said when an old number was rung."""

    called_on: Annotated[
        date, Field(strict=False, description="A day from that of the proposal until today.")
    ]
    number: Annotated[
        str | None,
        Field(
            max_length=20,
            description="One of `numbers` of the proposal, as it is dialled. Left out only where none is stored.",
        ),
    ] = None
    outcome: Literal["confirmed", "not_confirmed", "not_reached"]


class ApprovalIn(StrictBody):
    """Which fields to take up."""

    fields: Annotated[
        list[Annotated[str, Field(max_length=60)]] | None,
        Field(min_length=1, max_length=40, description="Left out: all that are proposed."),
    ] = None


class RefusalIn(StrictBody):
    reason: Annotated[Line, Field(description="The provider reads it. No names of people.")]


class QuestionIn(StrictBody):
    question: Annotated[Line, Field(description="The provider reads it. No names of people.")]


class ListedProposal(Shape):
    """A proposal in a list. Of service and organization, one is named."""

    id: UUID
    service_id: UUID | None
    organization_id: UUID | None
    origin: Literal["provider", "curator"]
    state: State
    proposed_at: datetime
    fields: list[str]


class ListOfProposals(Shape):
    """The longest waiting first; `next` is the cursor of the next page."""

    results: list[ListedProposal]
    total: int
    next: str | None


class NumberOut(Shape):
    """A number that is stored now, which may be rung about it."""

    number: Annotated[str, Field(description="As it is dialled.")]
    printed: str
    whose: Literal["service", "referral route", "organization"]


class CallBackOut(Shape):
    called_on: date
    number: str | None
    outcome: Literal["confirmed", "not_confirmed", "not_reached"]
    called_by: str


class ProposalReview(Shape):
    """A proposal beside the record as it is now. The ETag is the version of both."""

    id: UUID
    service_id: UUID | None
    organization_id: UUID
    name: Annotated[str, Field(description="Of the record that it would change.")]
    origin: Literal["provider", "curator"]
    state: State
    proposed_at: datetime
    proposed_by: Annotated[str, Field(description="A person, or the kind and public id of a key.")]
    note: str | None
    differences: Annotated[
        list[DifferenceOut],
        Field(
            description="Each field as it is now and as proposed; once decided, as it was when it was made."
        ),
    ]
    conflicts: Annotated[
        list[str],
        Field(description="Fields that were changed since it was made: not taken up without a new proposal."),
    ]
    needs_call_back: Annotated[
        bool, Field(description="People would reach somebody else: two persons, and a call to an old number.")
    ]
    numbers: Annotated[list[NumberOut], Field(description="Of which one is to be rung.")]
    call_back: CallBackOut | None
    question: str | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    applied: list[str] | None


@router.get(
    "/v1/curation/proposals",
    responses=ok(ListOfProposals, "Proposals, the longest waiting first.")
    | problems(*CALLER_PROBLEMS, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(ProposalQuery)},
)
def list_all_proposals(request: Request, _by: Reviewer, session: ReadSession) -> Response:
    """What providers propose, and what other curators have changed and may not decide alone."""
    query = read_parameters(request, ProposalQuery)
    key: bytes = request.app.state.cursor_key
    states = OPEN if query.state is None else (query.state,)
    of = f"{LIST} {states}"
    page = list_proposals(session, states, after=read_position(key, query, of=of), limit=query.limit)
    shown = ListOfProposals(
        results=[_listed(one) for one in page.proposals],
        total=page.total,
        next=next_cursor(key, page.position, of=of),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


@router.get(
    "/v1/curation/proposals/{proposal_id:uuid}",
    responses=ok(ProposalReview, "The proposal, field by field.")
    | problems(*CALLER_PROBLEMS, NotFound, UnknownParameter),
)
def read_proposal(request: Request, proposal_id: UUID, _by: Reviewer, session: ReadSession) -> Response:
    """One proposal: old and new of each field, what is a contact, what has moved since, and which numbers to ring."""
    refuse_parameters(request)
    review = review_of(session, proposal_id)
    return Response(
        _review(review).model_dump_json(), media_type="application/json", headers={"ETag": review.version}
    )


@router.post(
    "/v1/curation/proposals/{proposal_id:uuid}/call-back",
    responses=ok(ProposalReview, "The call is written down.") | problems(*EDIT_PROBLEMS),
    openapi_extra={"requestBody": body_of(CallBackIn, CALL_EXAMPLES), "parameters": EDIT_HEADERS},
)
def record_the_call(
    request: Request,
    proposal_id: UUID,
    *,
    by: Reviewer,
    sent: Annotated[CallBackIn, json_body(CallBackIn)],
    session: WriteSession,
) -> Response:
    """Write down what was said on a number that was stored before anything was proposed. Another person then approves."""

    def act(review: Review) -> dict[str, object]:
        call = CallBack(sent.called_on, sent.number, sent.outcome)
        record_call_back(session, review, call, by=by, now=request.app.state.clock())
        return {"called_on": sent.called_on, "number": sent.number, "outcome": sent.outcome}

    return _once(Write.of(request, session, by, sent), proposal_id, "proposal_call_back", act)


@router.post(
    "/v1/curation/proposals/{proposal_id:uuid}/approve",
    responses=ok(ProposalReview, "It is taken up, and public if the record is.") | problems(*EDIT_PROBLEMS),
    openapi_extra={"requestBody": body_of(ApprovalIn, {"all of it": {}}), "parameters": EDIT_HEADERS},
)
def approve_proposal(
    request: Request,
    proposal_id: UUID,
    *,
    by: Reviewer,
    sent: Annotated[ApprovalIn, json_body(ApprovalIn)],
    session: WriteSession,
) -> Response:
    """Take up a proposal, or some fields of it.

    A contact needs a call that confirmed it, and two persons: who rang, or who proposed it, does not approve it (403).
    Fields that were changed since are named (409), and nothing is done.
    """

    def act(review: Review) -> dict[str, object]:
        publication = publication_for(request, session, by, source="proposal")
        differences = approve(session, review, sent.fields, by=by, publication=publication)
        return {"state": "approved"} | hashed(differences)

    return _once(Write.of(request, session, by, sent), proposal_id, "proposal_approved", act)


@router.post(
    "/v1/curation/proposals/{proposal_id:uuid}/refuse",
    responses=ok(ProposalReview, "It is refused.") | problems(*EDIT_PROBLEMS),
    openapi_extra={
        "requestBody": body_of(RefusalIn, {"not so": {"reason": "The number is that of another service."}}),
        "parameters": EDIT_HEADERS,
    },
)
def refuse_proposal(
    request: Request,
    proposal_id: UUID,
    *,
    by: Reviewer,
    sent: Annotated[RefusalIn, json_body(RefusalIn)],
    session: WriteSession,
) -> Response:
    """Refuse a proposal, with a reason. What the public sees stays as it is."""

    def act(review: Review) -> dict[str, object]:
        refuse(session, review, sent.reason, by=by, now=request.app.state.clock())
        return {"state": "refused", "reason": sent.reason}

    return _once(Write.of(request, session, by, sent), proposal_id, "proposal_refused", act)


@router.post(
    "/v1/curation/proposals/{proposal_id:uuid}/ask",
    responses=ok(ProposalReview, "The question is kept for the provider.") | problems(*EDIT_PROBLEMS),
    openapi_extra={
        "requestBody": body_of(QuestionIn, {"from when": {"question": "From which day does this hold?"}}),
        "parameters": EDIT_HEADERS,
    },
)
def ask_about_proposal(
    request: Request,
    proposal_id: UUID,
    *,
    by: Reviewer,
    sent: Annotated[QuestionIn, json_body(QuestionIn)],
    session: WriteSession,
) -> Response:
    """Put a question to the provider, who answers with a new proposal. This one can still be decided."""

    def act(review: Review) -> dict[str, object]:
        ask(session, review, sent.question, by=by)
        return {"state": "asked", "question": sent.question}

    return _once(Write.of(request, session, by, sent), proposal_id, "proposal_asked_about", act)


def _once(
    write: Write, proposal_id: UUID, action: str, act: Callable[[Review], dict[str, object]]
) -> Response:
    session: Session = write.session
    review = review_of(session, proposal_id, lock=True)

    def done() -> Outcome:
        fields = {"proposal_id": proposal_id} | act(review)
        session.expire_all()
        now = review_of(session, proposal_id)
        return Outcome(_review(now), now.version, fields)

    return edit_once(write, review.record, action, done, version=review.version)


def _listed(row: Proposal) -> ListedProposal:
    return ListedProposal(
        id=row.id,
        service_id=row.service_id,
        organization_id=row.organization_id,
        origin=row.origin,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        proposed_at=row.proposed_at,
        fields=sorted(record_of(row).new),
    )


def _review(review: Review) -> ProposalReview:
    row, proposal, record = review.row, review.proposal, review.record
    call, is_open = review.call_back, row.state in OPEN
    names = review.people
    return ProposalReview(
        id=row.id,
        service_id=row.service_id,
        organization_id=record.of.organization.id,
        name=record.stored.service.name if isinstance(record, CuratedService) else record.submission.name,
        origin=row.origin,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        proposed_at=row.proposed_at,
        proposed_by=names.get(row.proposed_by_person, row.proposed_by)
        if row.proposed_by_person
        else row.proposed_by,
        note=row.note,
        differences=[difference_out(one) for one in review.differences],
        conflicts=list(review.conflicts),
        needs_call_back=is_open and review.needs_call_back,
        numbers=[
            NumberOut(number=one.number, printed=one.printed, whose=one.whose)  # type: ignore[arg-type]
            for one in (review.numbers if is_open else ())
        ],
        call_back=None
        if call is None
        else CallBackOut(
            called_on=call.called_on,
            number=call.number,
            outcome=call.outcome,
            called_by=names.get(row.called_by_person, "") if row.called_by_person else "",
        ),
        question=row.question,
        reason=row.reason,
        decided_by=names.get(row.decided_by_person, row.decided_by)
        if row.decided_by_person
        else row.decided_by,
        decided_at=row.decided_at,
        applied=proposal.applied,
    )
