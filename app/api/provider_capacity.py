"""A provider's own capacity: what is stored, a new report, nothing has changed, that was a mistake, and the history."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession, caller
from app.api.conditional import refuse_match, require_match, require_named_match
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.provider_shapes import OwnCapacities, OwnCapacity, ReportList, own_capacity, report_out
from app.api.strict import StrictBody, json_body, read_parameters, refuse_parameters
from app.api.writing import (
    IDEMPOTENCY_HEADER,
    IF_MATCH_HEADER,
    MATCH_PROBLEMS,
    RECORD_PROBLEMS,
    Change,
    Done,
    Nothing,
    Write,
    no_body,
    required,
)
from app.capacity.correcting import confirm_capacity, undo_capacity
from app.capacity.owning import lock_own_services, own_service
from app.capacity.reporting import CapacityClaim, Reporter, report_capacity, report_together
from app.capacity.standing import (
    RecordedReport,
    ServiceFacts,
    history_of,
    recorded,
    standing_of,
    standings_of,
)
from app.errors import (
    ConditionInvalid,
    CursorInvalid,
    NotFound,
    PreconditionRequired,
    Problem,
    StaleObservation,
    UnknownParameter,
    ValidationFailed,
)

router = APIRouter(tags=["provider"])

CapacityWriter = Annotated[Principal, caller("capacity:write")]

READ_PROBLEMS: tuple[type[Problem], ...] = (*CALLER_PROBLEMS, NotFound, UnknownParameter)
REPORT_PROBLEMS: tuple[type[Problem], ...] = (*CALLER_PROBLEMS, *RECORD_PROBLEMS, StaleObservation)
REPORT_EXAMPLES: dict[str, Any] = {
    "one bed free": {"unit": "bed_space", "status": "limited", "available": 1, "maximum": 6},
    "a waiting list for casework": {
        "unit": "caseworker_place",
        "applies_to": "women",
        "status": "waiting_list",
        "available": 0,
        "waits_days": 14,
    },
}


class ServiceClaim(CapacityClaim):
    """A report with the service that it is about."""

    service_id: Annotated[UUID, Field(strict=False)]

    @model_validator(mode="before")
    @classmethod
    def _says_nothing_with_null(cls, sent: Any) -> Any:
        if isinstance(sent, dict) and None in sent.values():
            raise ValueError("null says nothing: leave the member out")
        return sent


class Batch(StrictBody):
    """Reports about several services: all of them are taken, or none."""

    reports: Annotated[tuple[ServiceClaim, ...], Field(min_length=1, max_length=200)]


@router.get(
    "/v1/provider/services/{service_id:uuid}/capacity",
    responses=ok(OwnCapacity, "What is stored; the ETag names this version of it.")
    | problems(*READ_PROBLEMS),
)
def read_own_capacity(
    request: Request, service_id: UUID, by: CapacityWriter, session: ReadSession
) -> Response:
    """The latest report for each unit and group, exactly, and what the public sees of it."""
    refuse_parameters(request)
    facts = own_service(session, service_id, of=by)
    standing = standing_of(session, service_id)
    shown = own_capacity(facts, standing, request.app.state.clock())
    return Response(
        shown.model_dump_json(), media_type="application/json", headers={"ETag": standing.version}
    )


@router.put(
    "/v1/provider/services/{service_id:uuid}/capacity",
    responses=ok(OwnCapacity, "It is stored, and on the disk.") | problems(*REPORT_PROBLEMS, *MATCH_PROBLEMS),
    openapi_extra={
        "requestBody": body_of(CapacityClaim, REPORT_EXAMPLES),
        "parameters": [IF_MATCH_HEADER, IDEMPOTENCY_HEADER],
    },
)
def report_own_capacity(
    request: Request,
    service_id: UUID,
    *,
    by: CapacityWriter,
    claim: Annotated[CapacityClaim, json_body(CapacityClaim)],
    session: WriteSession,
) -> Response:
    """Report capacity: one whole report for one unit and one group of people.

    What is left out is not known, whatever was said before. `observed_at` is when somebody looked: now, or up to seven
    days ago, and always later than that of the report in force. `valid_until` is how long it may be believed, floored to
    the whole hour; left out, 12 hours for beds and households, 24 hours for helplines, 7 days for places with a worker
    and appointments, 30 days for places in a class. The public sees it within two seconds.
    """
    write = Write.of(request, session, by, claim)
    facts = own_service(session, service_id, of=by, lock=True)

    reporter = Reporter("key", by.signature)
    return once_reported(
        write,
        facts,
        "capacity_reported",
        lambda: recorded([report_capacity(session, service_id, claim, by=reporter, now=write.now)]),
    )


@router.post(
    "/v1/provider/services/{service_id:uuid}/capacity/confirm",
    responses=ok(OwnCapacity, "Every figure is stored again, as seen now.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, *MATCH_PROBLEMS, PreconditionRequired),
    openapi_extra={"parameters": [required(IF_MATCH_HEADER), IDEMPOTENCY_HEADER]},
)
def confirm_own_capacity(
    request: Request,
    service_id: UUID,
    *,
    by: CapacityWriter,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Nothing has changed: report every figure again, each with its own life from now on, expired ones too.

    `If-Match` is the ETag of what you were shown: when something else is stored by now, nothing is confirmed.
    """
    write = Write.of(request, session, by, sent)
    facts = own_service(session, service_id, of=by, lock=True)

    reporter = Reporter("key", by.signature)
    return once_reported(
        write,
        facts,
        "capacity_confirmed",
        lambda: recorded(confirm_capacity(session, service_id, by=reporter, now=write.now)),
        require=require_named_match,
    )


@router.post(
    "/v1/provider/services/{service_id:uuid}/capacity/undo",
    responses=ok(OwnCapacity, "What stood before stands again.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, *MATCH_PROBLEMS),
    openapi_extra={"parameters": [IF_MATCH_HEADER, IDEMPOTENCY_HEADER]},
)
def undo_own_report(
    request: Request,
    service_id: UUID,
    *,
    by: CapacityWriter,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Take back the last report about this service, within ten minutes, if it was made with this key.

    What stood before stands again, until its own `valid_until` and no fresher than it was; where nothing stood, or it has
    expired, the figure is `unknown`. The mistaken report stays in the history.
    """
    write = Write.of(request, session, by, sent)
    facts = own_service(session, service_id, of=by, lock=True)

    reporter = Reporter("key", by.signature)
    return once_reported(
        write,
        facts,
        "capacity_undone",
        lambda: recorded(undo_capacity(session, service_id, by=reporter, now=write.now)),
    )


@router.get(
    "/v1/provider/services/{service_id:uuid}/capacity/history",
    responses=ok(ReportList, "Reports, newest first.")
    | problems(*READ_PROBLEMS, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PageQuery)},
)
def read_own_history(
    request: Request, service_id: UUID, by: CapacityWriter, session: ReadSession
) -> Response:
    """Every report ever made about this service, with the key that made it."""
    query = read_parameters(request, PageQuery)
    key: bytes = request.app.state.cursor_key
    of = f"capacity history {service_id}"
    after = read_position(key, query, of=of)
    own_service(session, service_id, of=by)
    page = history_of(session, service_id, after=after, limit=query.limit)
    now = request.app.state.clock()
    shown = ReportList(
        results=[report_out(one, now) for one in page.figures],
        total=page.total,
        next=next_cursor(key, page.position, of=of),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


@router.put(
    "/v1/provider/capacity",
    responses=ok(OwnCapacities, "All of them are stored.") | problems(*REPORT_PROBLEMS, ConditionInvalid),
    openapi_extra={
        "requestBody": body_of(
            Batch,
            {"two houses": {"reports": [
                {"service_id": "00000000-0000-4000-8000-000000000001", "unit": "bed_space", "status": "full", "available": 0},
                {"service_id": "00000000-0000-4000-8000-000000000002", "unit": "bed_space", "status": "accepting"},
            ]}},
        ),
        "parameters": [required(IDEMPOTENCY_HEADER)],
    },
)  # fmt: skip
def report_several(
    request: Request, by: CapacityWriter, batch: Annotated[Batch, json_body(Batch)], session: WriteSession
) -> Response:
    """Report capacity of many services at once: all of the reports are taken, or none of them.

    For a system that sends its whole state. `Idempotency-Key` is required: whether a long request was taken cannot
    always be told, and it has to be possible to send it again.
    """
    refuse_match(request, "`observed_at` has to be newer than what is stored")
    write = Write.of(request, session, by, batch)
    ids = list(dict.fromkeys(one.service_id for one in batch.reports))
    found = {one.id: one for one in lock_own_services(session, ids, of=by)}

    def act() -> Done:
        rows = report_together(
            session,
            [(one.service_id, one) for one in batch.reports],
            by=Reporter("key", by.signature),
            now=write.now,
            at=[f"/reports/{position}" for position, _ in enumerate(batch.reports)],
        )
        made = recorded(rows)
        standings = standings_of(session, ids)
        return Done(
            changes=tuple(
                _change("capacity_reported", found[one], [row for row in made if row.service_id == one])
                for one in ids
            ),
            answer=OwnCapacities(
                results=[own_capacity(found[one.service_id], one, write.now) for one in standings],
                total=len(standings),
                next=None,
            ),
        )

    return write.once(act, organization_id=by.organization_id, key_required=True)


def once_reported(
    write: Write,
    facts: ServiceFacts,
    action: str,
    report: Callable[[], Sequence[RecordedReport]],
    *,
    require: Callable[[str | None, str], None] = require_match,
) -> Response:
    """Let `report` store what it stores about one service, once. The answer is what is stored now, and its version.

    `require` compares the condition that was sent with the version that is stored, and raises where they do not match.
    """

    def act() -> Done:
        require(write.condition, standing_of(write.session, facts.id).version)
        rows = report()
        standing = standing_of(write.session, facts.id)
        return Done(
            changes=(_change(action, facts, rows),),
            answer=own_capacity(facts, standing, write.now),
            etag=standing.version,
        )

    return write.once(act, organization_id=facts.organization_id)


def _change(action: str, facts: ServiceFacts, rows: Sequence[RecordedReport]) -> Change:
    return Change(
        action=action,
        entity_type="service",
        entity_id=facts.id,
        organization_id=facts.organization_id,
        fields={f"{one.unit}/{one.applies_to}": one.content for one in rows},
    )
