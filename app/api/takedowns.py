"""Taking something out of the public directory in one action, and putting it back with two people."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import Session

from app.access.people import names_of
from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession
from app.api.conditional import refuse_match
from app.api.curating import Publisher, publication_for
from app.api.curation_shapes import TakedownOut, TakedownReason, takedown_out
from app.api.documented import body_of, ok, parameters_of, problems
from app.api.keysets import PageQuery, next_cursor, read_position
from app.api.shapes import Shape
from app.api.strict import StrictBody, json_body, read_parameters
from app.api.writing import IDEMPOTENCY_HEADER, RECORD_PROBLEMS, Change, Done, Nothing, Write, no_body
from app.curation.curated import person_of
from app.curation.said_elsewhere import said_by_others
from app.curation.taken_down_again import said_again
from app.curation.taking_down import (
    Part,
    Why,
    put_back,
    take_down,
    take_down_organization,
    takedowns_in_force,
)
from app.curation.texts_to_reword import texts_to_reword
from app.directory.plain_text import Line
from app.errors import (
    ConditionInvalid,
    ConfidentialFact,
    CursorInvalid,
    FieldError,
    UnknownParameter,
    ValidationFailed,
)
from app.models.curation import Takedown

router = APIRouter(tags=["curation"])

LIST = "takedowns"
TAKEDOWN_PROBLEMS = problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConditionInvalid, ConfidentialFact)
WITHOUT_VERSION = "taking down needs no version, so that nothing stands in its way"


class _Reason(StrictBody):
    reason: Annotated[TakedownReason, Field(description="A code of the `takedown_reason` vocabulary.")]
    note: Annotated[
        Line | None,
        Field(description="For curators, never public. No names of people, nothing that leads to a place."),
    ] = None


class TakedownIn(_Reason):
    """Why, and what: the whole service, or one number or place, wherever its organization shows it."""

    phone: Annotated[
        str | None, Field(max_length=20, description="A number of the record, as it is dialled (E.164).")
    ] = None
    location_id: Annotated[UUID | None, Field(strict=False, description="A place of the record.")] = None


class OrganizationTakedownIn(_Reason):
    """Why."""


class TakedownList(Shape):
    """What is taken down now, the longest first; `next` is the cursor of the next page."""

    results: list[TakedownOut]
    total: int
    next: str | None


class TakenDown(Shape):
    """What this action has taken down, or what was down already."""

    results: list[TakedownOut]
    total: int
    next: None


UNSAFE: dict[str, Any] = {"it is not safe": {"reason": "unsafe"}}


@router.post(
    "/v1/curation/services/{service_id:uuid}/take-down",
    responses=ok(TakedownOut, "Nobody is shown it from now on.") | TAKEDOWN_PROBLEMS,
    openapi_extra={"requestBody": body_of(TakedownIn, UNSAFE), "parameters": [IDEMPOTENCY_HEADER]},
)
def take_a_service_down(
    request: Request,
    service_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[TakedownIn, json_body(TakedownIn)],
    session: WriteSession,
) -> Response:
    """Take down a service at once, or one number or place of it. One person, no version, no approval.

    No process shows it two seconds later, and no cache that keeps to `Cache-Control` a minute later. The reason and the
    note are never public. Again, nothing else goes, and what is said stands in `again` of the same takedown. A number
    goes from the texts too, as the address of a place does, and `texts` says from which. `others` says which records of other
    organizations still have it: they are not touched.
    """
    refuse_match(request, WITHOUT_VERSION)
    if sent.phone is not None and sent.location_id is not None:
        raise ValidationFailed(errors=(FieldError("/location_id", "a number or a place, not both"),))
    write = Write.of(request, session, by, sent)

    def act() -> Done:
        why = Why(sent.reason, sent.note, by.signature)
        taken = take_down(
            session,
            service_id,
            Part(sent.phone, sent.location_id),
            why=why,
            publication=publication_for(request, session, by),
        )
        return Done((_change("taken_down", taken, why),), _shown(session, [taken])[0])

    return write.once(act, organization_id=None)


@router.post(
    "/v1/curation/organizations/{organization_id:uuid}/take-down",
    responses=ok(TakenDown, "Nobody is shown it, or any of its services, from now on.") | TAKEDOWN_PROBLEMS,
    openapi_extra={
        "requestBody": body_of(OrganizationTakedownIn, UNSAFE),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def take_an_organization_down(
    request: Request,
    organization_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[OrganizationTakedownIn, json_body(OrganizationTakedownIn)],
    session: WriteSession,
) -> Response:
    """Take down an organization with all its services at once, and whatever is added to it while it is down.

    The takedown of the organization stands first in `results`. Each is put back for itself, that of the organization before
    those of its services.
    """
    refuse_match(request, WITHOUT_VERSION)
    write = Write.of(request, session, by, sent)

    def act() -> Done:
        why = Why(sent.reason, sent.note, by.signature)
        publication = publication_for(request, session, by)
        taken = take_down_organization(session, organization_id, why, publication)
        shown = _shown(session, taken)
        return Done(
            tuple(_change("taken_down", one, why) for one in taken),
            TakenDown(results=shown, total=len(shown), next=None),
        )

    return write.once(act, organization_id=None)


@router.post(
    "/v1/curation/takedowns/{takedown_id:uuid}/put-back",
    responses=ok(TakedownOut, "Asked for; or, by the second person, it is public again.") | TAKEDOWN_PROBLEMS,
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
def put_it_back(
    request: Request,
    takedown_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[Nothing, no_body()],
    session: WriteSession,
) -> Response:
    """Ask that something be shown again; when a second person asks as well, it is, in the state in which it was.

    `put_back_at` is null until then. The first person asking again is refused (403).
    """
    refuse_match(request, "the second person decides on what is shown in the list")
    write = Write.of(request, session, by, sent)

    def act() -> Done:
        publication = publication_for(request, session, by)
        taken = put_back(session, takedown_id, person=person_of(by), publication=publication)
        action = "put_back_asked" if taken.put_back_at is None else "put_back"
        return Done((_change(action, taken),), _shown(session, [taken])[0])

    return write.once(act, organization_id=None)


@router.get(
    "/v1/curation/takedowns",
    responses=ok(TakedownList, "What is taken down now.")
    | problems(*CALLER_PROBLEMS, UnknownParameter, ValidationFailed, CursorInvalid),
    openapi_extra={"parameters": parameters_of(PageQuery)},
)
def list_takedowns(request: Request, _by: Publisher, session: ReadSession) -> Response:
    """What is taken down now, why, and who has asked to put it back."""
    query = read_parameters(request, PageQuery)
    key: bytes = request.app.state.cursor_key
    page = takedowns_in_force(session, after=read_position(key, query, of=LIST), limit=query.limit)
    shown = TakedownList(
        results=_shown(session, page.takedowns),
        total=page.total,
        next=next_cursor(key, page.position, of=LIST),
    )
    return Response(shown.model_dump_json(), media_type="application/json")


def _people(row: Takedown) -> tuple[UUID | None, ...]:
    return row.asked_by_person, row.put_back_by_person


def _shown(session: Session, taken: Sequence[Takedown]) -> list[TakedownOut]:
    people = names_of(session, [one for row in taken for one in _people(row)])
    again = said_again(session, [row.id for row in taken])
    texts, others = texts_to_reword(session, taken), said_by_others(session, taken)
    return [
        takedown_out(
            row, people, again.get(row.id, ()), texts=texts.get(row.id, ()), others=others.get(row.id, ())
        )
        for row in taken
    ]


def _change(action: str, taken: Takedown, why: Why | None = None) -> Change:
    """`why` is what was said this time; the takedown itself keeps what was said first."""
    is_service = taken.service_id is not None
    return Change(
        action=action,
        entity_type="service" if is_service else "organization",
        entity_id=taken.service_id or taken.organization_id,
        organization_id=taken.organization_id,
        fields={
            "takedown_id": taken.id,
            "reason": taken.reason if why is None else why.reason,
            "note": taken.note if why is None else why.note,
            "phone": taken.phone_e164,
            "location_id": taken.location_id,
        },
    )
