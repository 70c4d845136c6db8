"""What needs a curator now, and putting aside what has been dealt with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession
from app.api.conditional import refuse_match
from app.api.curating import Curator, Reviewer
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.shapes import Shape
from app.api.strict import StrictBody, json_body, read_parameters
from app.api.writing import IDEMPOTENCY_HEADER, RECORD_PROBLEMS, Change, Done, Write
from app.capacity.calls import dismiss_calls
from app.capacity.owning import any_service
from app.curation.curated import person_of
from app.curation.mistakes import dismiss_mistakes
from app.curation.queue import KINDS, Asked, QueueKind, needs_you_now
from app.errors import ConditionInvalid, CursorInvalid, UnknownParameter, ValidationFailed
from app.importing.queueing import waiting_imports

router = APIRouter(tags=["curation"])

LIST = "queue"
QUEUE: Mapping[str, QueueKind] = {**KINDS, "import": waiting_imports}
"""What stands in the queue: rooms above `curation` add their kinds here."""


class QueueQuery(PageQuery):
    """A page of the queue."""

    kind: Annotated[
        Literal["proposal", "approval", "mistake", "calls", "takedown", "capacity", "overdue", "import"]
        | None,
        Field(description="Only things of this kind."),
    ] = None


class QueueEntryOut(Shape):
    """One thing to do."""

    kind: str
    id: Annotated[
        UUID,
        Field(
            description="Of a proposal, takedown or import; otherwise of the service, or of the organization."
        ),
    ]
    since: Annotated[datetime, Field(description="Since when it waits. Of mistakes and calls: the hour.")]
    name: Annotated[str, Field(description="Of the service, or of the organization or source.")]
    organization_id: UUID | None
    service_id: UUID | None
    count: Annotated[int, Field(description="How many reports, calls, facts or figures stand behind it.")]
    about: Annotated[
        str | None,
        Field(
            description="What it is about: the reason of a takedown, `wrong_number`, `no_answer`, `unsafe`, `asked`…"
        ),
    ]


class QueueOut(Shape):
    """What needs a curator now, the longest waiting first; `next` is the cursor of the next page."""

    results: list[QueueEntryOut]
    total: int
    counts: Annotated[dict[str, int], Field(description="How much there is of each kind.")]
    next: str | None


class DismissalIn(StrictBody):
    """What has been dealt with."""

    of: Literal["calls", "mistakes"]


class DismissalOut(Shape):
    """How many reports were put aside; none when they were before."""

    service_id: UUID
    of: Literal["calls", "mistakes"]
    dismissed: int


@router.get(
    "/v1/curation/queue",
    responses=ok(QueueOut, "What needs you now.")
    | problems(*CALLER_PROBLEMS, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(QueueQuery)},
)
def read_queue(request: Request, _by: Curator, session: ReadSession) -> Response:
    """What needs a curator now: proposals, approvals, imports that wait for a second person, reported mistakes, calls in vain,
    takedowns, old figures and facts.
    """
    query = read_parameters(request, QueueQuery)
    key: bytes = request.app.state.cursor_key
    of = f"{LIST} {query.kind}"
    kinds = {name: kind for name, kind in QUEUE.items() if query.kind in (None, name)}
    asked = Asked(request.app.state.clock(), read_position(key, query, of=of), query.limit)
    found = needs_you_now(session, kinds, asked)
    shown = QueueOut(
        results=[
            QueueEntryOut(
                kind=one.kind,
                id=one.id,
                since=one.since,
                name=one.name,
                organization_id=one.organization_id,
                service_id=one.service_id,
                count=one.count,
                about=one.about,
            )
            for one in found.entries
        ],
        total=sum(found.counts.values()),
        counts=found.counts,
        next=next_cursor(key, found.position, of=of),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


DISMISSALS: dict[str, Any] = {
    "the number was checked": {"of": "calls"},
    "they were mended": {"of": "mistakes"},
}


@router.post(
    "/v1/curation/services/{service_id:uuid}/dismiss",
    responses=ok(DismissalOut, "They are put aside.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConditionInvalid),
    openapi_extra={"requestBody": body_of(DismissalIn, DISMISSALS), "parameters": [IDEMPOTENCY_HEADER]},
)
def dismiss(
    request: Request,
    service_id: UUID,
    *,
    by: Reviewer,
    sent: Annotated[DismissalIn, json_body(DismissalIn)],
    session: WriteSession,
) -> Response:
    """Put aside what officers found, or what the public reported, about a service up to now: it has been dealt with.

    What comes later stands in the queue again, and officers are still told what others found in this hour.
    """
    refuse_match(request, "what has come up to now is put aside")
    write = Write.of(request, session, by, sent)
    facts = any_service(session, service_id, lock=True)

    def act() -> Done:
        person_of(by)
        put_aside = dismiss_calls if sent.of == "calls" else dismiss_mistakes
        count = put_aside(session, service_id)
        change = Change(
            f"{sent.of}_dismissed", "service", service_id, facts.organization_id, {"dismissed": count}
        )
        return Done((change,), DismissalOut(service_id=service_id, of=sent.of, dismissed=count))

    return write.once(act, organization_id=facts.organization_id)
