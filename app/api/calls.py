"""One tap after a call: helped, full, no answer, wrong number. And the list of services that a curator looks at for it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession, caller
from app.api.conditional import refuse_match
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.officer_shapes import CallsOut, ServiceCalls, calls_out
from app.api.shapes import Shape
from app.api.strict import StrictBody, json_body, read_parameters
from app.api.writing import IDEMPOTENCY_HEADER, RECORD_PROBLEMS, Change, Done, Write
from app.capacity.calls import Outcome, ToLookAt, caller_mark, record_call, services_to_look_at
from app.capacity.owning import any_service
from app.directory.calls import CallTally, tallies_of_this_hour
from app.errors import ConditionInvalid, CursorInvalid, NotFound, UnknownParameter, ValidationFailed

router = APIRouter()

OUTCOME_EXAMPLES: dict[str, Any] = {
    "there is no room": {"outcome": "full"},
    "it rings and nobody comes": {"outcome": "no_answer"},
}
LIST = "call outcomes"


class CallOutcomeIn(StrictBody):
    """What the officer found, and nothing else: there is no field for words, or for the person that it was about."""

    outcome: Outcome


class ServiceToLookAt(Shape):
    """A service where officers found a wrong number, or nobody, and everything they found in the last thirty days."""

    service_id: UUID
    name: str
    organization_id: UUID
    reasons: Annotated[
        list[Literal["wrong_number", "no_answer"]],
        Field(description="`wrong_number`: at least once. `no_answer`: at least twice."),
    ]
    helped: int
    full: int
    no_answer: int
    wrong_number: int
    last_hour: Annotated[datetime, Field(description="The hour (UTC) in which it was rung last.")]
    this_hour: CallsOut


class ServicesToLookAt(Shape):
    """The last that was rung first; `next` is the cursor of the next page."""

    results: list[ServiceToLookAt]
    total: int
    next: str | None


@router.post(
    "/v1/officer/services/{service_id:uuid}/call-outcomes",
    tags=["officer"],
    responses=ok(ServiceCalls, "It is stored; what officers found in this hour.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConditionInvalid),
    openapi_extra={
        "requestBody": body_of(CallOutcomeIn, OUTCOME_EXAMPLES),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def record_call_outcome(
    request: Request,
    service_id: UUID,
    *,
    by: Annotated[Principal, caller("officer:read")],
    sent: Annotated[CallOutcomeIn, json_body(CallOutcomeIn)],
    session: WriteSession,
) -> Response:
    """Say what you found when you rang. The next officer sees it within the hour, and a curator sees wrong numbers.

    One device counts once in an hour: a second tap replaces the first. Stored are the service, the outcome and the hour.
    Who tapped can be told from others within the hour, at this service, and is forgotten then.
    """
    refuse_match(request, "the outcome that you send last counts")
    write = Write.of(request, session, by, sent, unnamed=True)
    facts = any_service(session, service_id, lock=True)
    if not facts.is_public:
        raise NotFound

    def act() -> Done:
        key: bytes = request.app.state.call_key
        caller = caller_mark(key, by.signature, service_id, write.now)
        record_call(session, service_id, sent.outcome, caller=caller, now=write.now)
        tally = tallies_of_this_hour(session, [service_id], write.now)[service_id]
        change = Change(
            action="call_outcome_recorded",
            entity_type="service",
            entity_id=service_id,
            organization_id=facts.organization_id,
            fields={"outcome": sent.outcome},
        )
        return Done(changes=(change,), answer=ServiceCalls(service_id=service_id, calls=calls_out(tally)))

    return write.once(act, organization_id=facts.organization_id)


@router.get(
    "/v1/curation/call-outcomes",
    tags=["curation"],
    responses=ok(ServicesToLookAt, "Services that need a look.")
    | problems(*CALLER_PROBLEMS, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PageQuery)},
)
def read_call_outcomes(
    request: Request, _by: Annotated[Principal, caller("proposals:review")], session: ReadSession
) -> Response:
    """Services where an officer found a wrong number, or where nobody answered twice, in the last thirty days."""
    query = read_parameters(request, PageQuery)
    key: bytes = request.app.state.cursor_key
    now: datetime = request.app.state.clock()
    page = services_to_look_at(session, after=read_position(key, query, of=LIST), limit=query.limit, now=now)
    tallies = tallies_of_this_hour(session, [one.service_id for one in page.services], now)
    shown = ServicesToLookAt(
        results=[_shown(one, tallies.get(one.service_id, CallTally())) for one in page.services],
        total=page.total,
        next=next_cursor(key, page.position, of=LIST),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


def _shown(one: ToLookAt, this_hour: CallTally) -> ServiceToLookAt:
    return ServiceToLookAt(
        service_id=one.service_id,
        name=one.name,
        organization_id=one.organization_id,
        reasons=one.reasons,  # type: ignore[arg-type]
        helped=one.calls.helped,
        full=one.calls.full,
        no_answer=one.calls.no_answer,
        wrong_number=one.calls.wrong_number,
        last_hour=one.last_hour,
        this_hour=calls_out(this_hour),
    )
