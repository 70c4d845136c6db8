"""Making a service confidential, by one person at once, and making it public again, by two."""

from datetime import date, datetime
from time import sleep
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask

from app.access.people import names_of
from app.api.callers import CALLER_PROBLEMS, WRITE_PROBLEMS, WriteSession, act_of
from app.api.conditional import refuse_match
from app.api.curating import Publisher, publication_for
from app.api.documented import body_of, ok, problems
from app.api.shapes import Shape
from app.api.strict import JSON_PROBLEMS, StrictBody, json_body
from app.api.writing import IDEMPOTENCY_HEADER, RECORD_PROBLEMS, Change, Done, Nothing, Write, no_body
from app.curation.curated import curated_service, person_of
from app.curation.flagging import HostArea, flag_confidential
from app.curation.purging import purge_from_disk
from app.curation.said_elsewhere import said_elsewhere
from app.curation.unflagging import REQUEST_LIFE, request_unflagging, unflag_confidential
from app.db import Database
from app.errors import ConditionInvalid, ConfidentialFact, Conflict, NotFound, Unavailable
from app.gss import GSS
from app.models.confidentiality import UnflaggingRequest

router = APIRouter(tags=["curation"])
logger = structlog.get_logger()

PURGE_TRIES = 20
PURGE_PAUSE_S = 0.5
"""Together ten seconds: readers of the write-ahead log come and go within one."""

FLAG_EXAMPLES: dict[str, Any] = {
    "somewhere in a force area": {"host_area": "E23000014", "coverage": ["E23000014"]},
}
Code = Annotated[str, Field(pattern=GSS)]


class FlagIn(StrictBody):
    """Where the confidential place is, as roughly as it may be said, and what it covers from now on."""

    host_area: Annotated[Code, Field(description="A police force area, region or country.")]
    coverage: Annotated[
        tuple[Code, ...],
        Field(
            max_length=400,
            description="Areas in place of those covered until now. Left out: those, if they are wide.",
        ),
    ] = ()
    narrow_coverage_consent_on: Annotated[
        date | None,
        Field(
            strict=False,
            description="The day on which the provider consented to coverage narrower than the host area.",
        ),
    ] = None


class FlaggedOut(Shape):
    """The service goes on under a new id, which the old one does not lead to. Write it down: it is said here only."""

    service_id: UUID
    still_said: Annotated[
        tuple[str, ...],
        Field(
            description="Lines, ways in and places of other records that have a local number or the place of this service, as "
            "JSON pointers from `/services/{id}` or `/organizations/{id}`. They stay as they are: see to those that are the "
            "house's. Said here only."
        ),
    ]


class UnflaggingOut(Shape):
    """A request to make a service public again. Another person approves it before `expires_at`."""

    id: UUID
    service_id: UUID
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    approved_by: str | None
    approved_at: datetime | None


@router.post(
    "/v1/curation/services/{service_id:uuid}/flag",
    responses=ok(FlaggedOut, "It is confidential.")
    | problems(
        *CALLER_PROBLEMS,
        *JSON_PROBLEMS,
        *WRITE_PROBLEMS,
        NotFound,
        Conflict,
        ConditionInvalid,
        ConfidentialFact,
    ),
    openapi_extra={"requestBody": body_of(FlagIn, FLAG_EXAMPLES)},
)
def flag(
    request: Request,
    service_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[FlagIn, json_body(FlagIn)],
    session: WriteSession,
) -> Response:
    """Make a service confidential, at once and by one person.

    Deleted: its places, local numbers, ways in through them, drawn areas and postcode districts, capacity reports, every
    older state of the organization and its services, and what was proposed for them. It cannot be taken back. Texts that
    would still lead there are named (422) and have to be reworded first, those of other records, from `/services/{id}/`, too;
    take the service down meanwhile.
    """
    refuse_match(request, "whatever the record says by now, it is to be forgotten")
    person_of(by)
    host = HostArea(sent.host_area, sent.coverage, sent.narrow_coverage_consent_on)
    publication = publication_for(request, session, by)
    record = curated_service(session, service_id, lock=True)
    # Afterwards nobody knows any more what to look for.
    still_said = said_elsewhere(session, record.stored, record.of)
    new_id = flag_confidential(session, service_id, host_area=host, publication=publication)
    organization_id = curated_service(session, new_id).organization_id
    # No answer is kept for a retry, and the log has the new id alone: nothing leads from the old one to it.
    act_of(request, by).record(
        session, "service_flagged", entity=("service", str(new_id)), organization_id=organization_id
    )
    return Response(
        FlaggedOut(service_id=new_id, still_said=tuple(still_said)).model_dump_json(),
        media_type="application/json",
        background=BackgroundTask(purge_files, request.app.state.database),
    )


@router.post(
    "/v1/curation/services/{service_id:uuid}/unflagging-requests",
    status_code=201,
    responses=ok(UnflaggingOut, "Asked for; nothing has changed.", status=201)
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConditionInvalid),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
def ask_to_unflag(
    request: Request,
    service_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Ask that a service be confidential no longer. Another person approves it within fourteen days."""
    refuse_match(request, "the second person decides on what is there then")
    write = Write.of(request, session, by, sent)
    record = curated_service(session, service_id, lock=True)

    def act() -> Done:
        publication = publication_for(request, session, by)
        made = request_unflagging(session, service_id, person=person_of(by), publication=publication)
        return _done(write, "unflagging_requested", made, record.organization_id, status=201)

    return write.once(act, organization_id=record.organization_id)


@router.post(
    "/v1/curation/unflagging-requests/{request_id:uuid}/approve",
    responses=ok(UnflaggingOut, "It is confidential no longer.")
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConditionInvalid),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
def approve_unflagging(
    request: Request,
    request_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Approve, as a second person, that a service is confidential no longer. Nothing that was forgotten comes back."""
    refuse_match(request, "a request is approved once")
    write = Write.of(request, session, by, sent)
    waiting = session.get(UnflaggingRequest, request_id)
    if waiting is None:
        raise NotFound
    record = curated_service(session, waiting.service_id, lock=True)

    def act() -> Done:
        publication = publication_for(request, session, by)
        approved = unflag_confidential(session, request_id, person=person_of(by), publication=publication)
        return _done(write, "service_unflagged", approved, record.organization_id)

    return write.once(act, organization_id=record.organization_id)


def _done(
    write: Write, action: str, row: UnflaggingRequest, organization_id: UUID, *, status: int = 200
) -> Done:
    people = names_of(write.session, (row.requested_by_person, row.approved_by_person))
    answer = UnflaggingOut(
        id=row.id,
        service_id=row.service_id,
        requested_by=people.get(row.requested_by_person, ""),
        requested_at=row.requested_at,
        expires_at=row.requested_at + REQUEST_LIFE,
        approved_by=people.get(row.approved_by_person) if row.approved_by_person else None,
        approved_at=row.approved_at,
    )
    change = Change(action, "service", row.service_id, organization_id, {"request_id": row.id})
    return Done((change,), answer, status=status)


def purge_files(database: Database) -> None:
    """Clear what the deletion left in the database's files, after the commit; somebody has to know where it fails."""
    for _ in range(PURGE_TRIES):
        try:
            purge_from_disk(database)
        except (Unavailable, SQLAlchemyError, OSError):
            sleep(PURGE_PAUSE_S)
        else:
            return
    logger.error("purge_after_flagging_failed", stage="run `directory purge` on the host")
