"""Insight for the boards of the directory's owner, for curators: as JSON, and as one page to pass on."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, ReadSession, caller
from app.api.documented import ok, ok_as, problems
from app.api.state import moment_of
from app.api.strict import refuse_parameters
from app.capacity.calls import tallies_of_thirty_days
from app.curation.insight import make_insight
from app.curation.insight_report import report_html
from app.curation.insight_shapes import Insight
from app.errors import UnknownParameter

router = APIRouter(tags=["curation"])

Reader = Annotated[Principal, caller("proposals:review")]
"""Whoever looks at what officers found (`/v1/curation/call-outcomes`) may see it counted; nothing else here is secret."""


@router.get(
    "/v1/curation/insight",
    responses=ok(Insight, "The insight as of now.") | problems(*CALLER_PROBLEMS, UnknownParameter),
)
def read_insight(request: Request, _by: Reader, session: ReadSession) -> Response:
    """Services by borough and need with their public status, gaps, freshness, overdue facts, and what callers found.

    It can be passed on: confidential services stand in it as the public sees them, and no number of their places does.
    """
    return Response(_insight(request, session).model_dump_json(), media_type="application/json")


@router.get(
    "/v1/curation/insight/report",
    responses=ok_as("text/html", {"type": "string"}, "One page, complete in itself.")
    | problems(*CALLER_PROBLEMS, UnknownParameter),
)
def read_insight_report(request: Request, _by: Reader, session: ReadSession) -> Response:
    """The same as a page with charts, to print and to pass on. It runs no script and loads nothing."""
    page, policy = report_html(_insight(request, session))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})


def _insight(request: Request, session: Session) -> Insight:
    refuse_parameters(request)
    moment = moment_of(request)
    return make_insight(moment.directory, tallies_of_thirty_days(session, moment.now), moment.now)
