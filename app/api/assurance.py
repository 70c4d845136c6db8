"""Confirming facts, and the list of those that are overdue or soon due."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import Session

from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession
from app.api.curating import (
    EDIT_HEADERS,
    EDIT_PROBLEMS,
    Curator,
    Outcome,
    Publisher,
    edit_once,
    publication_for,
)
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.shapes import Shape
from app.api.strict import StrictBody, json_body, read_parameters
from app.api.writing import Write
from app.config import Settings
from app.curation.assuring import Confirmation, confirm, facts_to_review
from app.curation.curated import Curated, curated_organization, curated_service, person_of, read_again
from app.directory.contact_points import PublicUrl
from app.directory.plain_text import Line
from app.directory.records import PublicAssurance
from app.directory.reviews import today_in_london
from app.errors import CursorInvalid, UnknownParameter, ValidationFailed

router = APIRouter(tags=["curation"])

LIST = "facts to review"
CONFIRMATIONS: dict[str, Any] = {
    "the numbers, by a call": {"fact": "phones", "mark": "confirmed", "source": "A call with the service"},
    "the whole record": {
        "fact": "record",
        "mark": "confirmed",
        "source": "A visit",
        "review_by": "2027-03-01",
    },
}


class ConfirmationIn(StrictBody):
    """What was checked today, and where."""

    fact: Annotated[str, Field(max_length=60, description="`record`, or the name of a field of the record.")]
    mark: Literal["confirmed", "second_hand", "general", "unknown"]
    source: Annotated[Line, Field(description="Where it was checked. Public: no names of people.")]
    source_url: PublicUrl | None = None
    review_by: Annotated[
        date | None,
        Field(
            strict=False,
            description="By when to look again, within a year. Left out: by the kind of fact (`DIRECTORY_REVIEW_DAYS`).",
        ),
    ] = None


class FactQuery(PageQuery):
    """A page of facts."""

    within_days: Annotated[
        int, Field(ge=0, le=365, description="How many days ahead to look. 0: what is due today or overdue.")
    ] = 14


class FactOut(Shape):
    """A fact, and the day by which it is to be looked at again. With `service_id` null it is the organization's own."""

    service_id: UUID | None
    organization_id: UUID
    name: str
    fact: str
    state: Literal["unverified", "provider_confirmed", "curator_checked"]
    mark: Literal["confirmed", "second_hand", "general", "unknown", "invented"]
    source: str
    confirmed_on: date | None
    review_by: date
    overdue: bool


class FactList(Shape):
    """The longest overdue first; `next` is the cursor of the next page."""

    results: list[FactOut]
    total: int
    next: str | None


@router.post(
    "/v1/curation/services/{service_id:uuid}/confirmations",
    responses=ok(PublicAssurance, "It is confirmed as of today.") | problems(*EDIT_PROBLEMS),
    openapi_extra={"requestBody": body_of(ConfirmationIn, CONFIRMATIONS), "parameters": EDIT_HEADERS},
)
def confirm_of_a_service(
    request: Request,
    service_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[ConfirmationIn, json_body(ConfirmationIn)],
    session: WriteSession,
) -> Response:
    """Say that a fact of a service, or the whole record, was checked today. The public reads when, and by when to look again."""
    return _confirm(request, session, curated_service(session, service_id, lock=True), by=by, sent=sent)


@router.post(
    "/v1/curation/organizations/{organization_id:uuid}/confirmations",
    responses=ok(PublicAssurance, "It is confirmed as of today.") | problems(*EDIT_PROBLEMS),
    openapi_extra={"requestBody": body_of(ConfirmationIn, CONFIRMATIONS), "parameters": EDIT_HEADERS},
)
def confirm_of_an_organization(
    request: Request,
    organization_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[ConfirmationIn, json_body(ConfirmationIn)],
    session: WriteSession,
) -> Response:
    """The same of an organization's own facts."""
    record = curated_organization(session, organization_id, lock=True)
    return _confirm(request, session, record, by=by, sent=sent)


@router.get(
    "/v1/curation/facts-to-review",
    responses=ok(FactList, "Facts that are overdue or soon due.")
    | problems(*CALLER_PROBLEMS, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(FactQuery)},
)
def list_facts(request: Request, _by: Curator, session: ReadSession) -> Response:
    """Facts that nobody has looked at by their `review_by`, and those soon due. The public is told of the overdue ones."""
    query = read_parameters(request, FactQuery)
    key: bytes = request.app.state.cursor_key
    of = f"{LIST} {query.within_days}"
    today = today_in_london(request.app.state.clock())
    position = read_position(key, query, of=of)
    page = facts_to_review(
        session,
        until=today + timedelta(days=query.within_days),
        after=None if position is None else (position[0].date(), position[1]),
        limit=query.limit,
    )
    shown = FactList(
        results=[
            FactOut(
                service_id=one.service_id,
                organization_id=one.organization_id,
                name=one.name,
                fact=one.fact,
                state=one.state,  # type: ignore[arg-type]
                mark=one.mark,  # type: ignore[arg-type]
                source=one.source,
                confirmed_on=one.confirmed_on,
                review_by=one.review_by,
                overdue=one.review_by < today,
            )
            for one in page.facts
        ],
        total=page.total,
        next=next_cursor(
            key,
            None if page.position is None else (_midnight(page.position[0]), page.position[1]),
            of=of,
        ),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _confirm(
    request: Request, session: Session, record: Curated, *, by: Publisher, sent: ConfirmationIn
) -> Response:
    write = Write.of(request, session, by, sent)
    settings: Settings = request.app.state.settings

    def act() -> Outcome:
        person_of(by)
        checked = confirm(
            session,
            record,
            Confirmation(sent.fact, sent.source, sent.source_url, sent.mark, sent.review_by),
            today=today_in_london(write.now),
            review_days=settings.review_days,
            publication=publication_for(request, session, by),
        )
        return Outcome(
            PublicAssurance.model_validate(checked.model_dump()),
            read_again(session, record).version,
            {"assurance": checked.model_dump(mode="json")},
        )

    return edit_once(write, record, "fact_confirmed", act)
