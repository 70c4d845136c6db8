"""Anybody reports a mistake in an entry: what is wrong, out of a short list, and nothing about themselves."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import Session

from app.access.throttle import Throttle
from app.api.callers import WRITE_PROBLEMS, WriteSession, address_of
from app.api.documented import body_of, ok, problems
from app.api.shapes import Shape
from app.api.state import moment_of
from app.api.strict import JSON_PROBLEMS, StrictBody, json_body
from app.curation.mistakes import Mistake, report_mistake
from app.errors import NotFound, TooManyRequests

router = APIRouter(tags=["services"])

MISTAKE_EXAMPLES: dict[str, Any] = {"somebody else answers": {"category": "wrong_phone"}}


class MistakeIn(StrictBody):
    """What is wrong. There is no field for words: whoever writes them may write where somebody is."""

    category: Annotated[Mistake, Field(description="A code of the `mistake` vocabulary.")]


class MistakeOut(Shape):
    """It was counted. Nothing is kept of who reported it, and nobody will answer."""

    reported: Literal[True]


@router.post(
    "/v1/services/{service_id:uuid}/mistakes",
    status_code=202,
    responses=ok(MistakeOut, "It was counted; a curator will look.", status=202)
    | problems(*JSON_PROBLEMS, *WRITE_PROBLEMS, NotFound),
    openapi_extra={"requestBody": body_of(MistakeIn, MISTAKE_EXAMPLES)},
)
def report_a_mistake(
    request: Request,
    service_id: UUID,
    *,
    sent: Annotated[MistakeIn, json_body(MistakeIn)],
    session: WriteSession,
) -> Response:
    """Report a mistake in what the directory says of a service.

    Counted by the hour, for curators. In danger ring 999; to be helped, ring a number of the directory: nobody answers here.
    One address may report ten an hour.
    """
    count_mistake(request, session, service_id, sent.category)
    return Response(MistakeOut(reported=True).model_dump_json(), 202, media_type="application/json")


def count_mistake(request: Request, session: Session, service_id: UUID, category: Mistake) -> None:
    """Raises NotFound for what is not public, alike for all of it, and TooManyRequests."""
    moment = moment_of(request)
    moment.entry(service_id)
    throttle: Throttle = request.app.state.throttle
    wait_s = throttle.count_report(address_of(request))
    if wait_s is not None:
        raise TooManyRequests(headers={"Retry-After": str(wait_s)})
    report_mistake(session, service_id, category, now=moment.now)
