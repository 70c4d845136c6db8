"""`/curator/proposals/…`: what is proposed beside what is public, the call to an old number, and the decision."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.callers import ReadSession, WriteSession
from app.api.curation_proposals import (
    ApprovalIn,
    CallBackIn,
    QuestionIn,
    RefusalIn,
    approve_proposal,
    ask_about_proposal,
    list_all_proposals,
    read_proposal,
    record_the_call,
    refuse_proposal,
)
from app.api.curation_records import read_record
from app.errors import Problem
from app.web.curator_desk import (
    Desk,
    as_asked,
    desk_of,
    done,
    names_in_queue,
    said,
    to_sign_in,
    told,
    version_of,
)
from app.web.forms import form_of
from app.web.page_session import TokenForm

router = APIRouter(include_in_schema=False)

OUTCOMES = (
    ("confirmed", "They said that it is right"),
    ("not_confirmed", "They said that it is not right"),
    ("not_reached", "Nobody could be reached"),
)


class VersionForm(TokenForm):
    """The version that the page showed."""

    version: Annotated[str, Field(max_length=100)]


class CallForm(VersionForm):
    called_on: Annotated[str, Field(max_length=10)]
    number: Annotated[str, Field(max_length=20)] = ""
    outcome: Annotated[str, Field(max_length=20)]


class WordsForm(VersionForm):
    words: Annotated[str, Field(max_length=1000)] = ""


@router.get("/curator/proposals")
def proposals_page(request: Request, session: ReadSession) -> Response:
    """Every proposal that can still be decided, the longest waiting first."""
    desk = desk_of(request, session)
    if desk is None:
        return to_sign_in()
    by = desk.require("proposals:review")
    listed = told(list_all_proposals(as_asked(request, query="limit=100"), by, session))
    return desk.show("curator_proposals.html", listed=listed, names=names_in_queue(desk, "proposal"))


@router.get("/curator/proposals/{proposal_id:uuid}")
def proposal_page(request: Request, proposal_id: UUID, session: ReadSession) -> Response:
    """One proposal, old beside new."""
    desk = desk_of(request, session)
    return to_sign_in() if desk is None else _page(desk, proposal_id)


@router.post("/curator/proposals/{proposal_id:uuid}/call-back")
def call_at_desk(
    request: Request,
    proposal_id: UUID,
    form: Annotated[CallForm, form_of(CallForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("proposals:review")
        body = said(CallBackIn, called_on=form.called_on, number=form.number, outcome=form.outcome)
        asked = as_asked(request, if_match=form.version)
        return record_the_call(asked, proposal_id, by=by, sent=body, session=session)

    return _done(request, session, proposal_id, form, act=act)


@router.post("/curator/proposals/{proposal_id:uuid}/approve")
def approve_at_desk(
    request: Request,
    proposal_id: UUID,
    form: Annotated[VersionForm, form_of(VersionForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("proposals:review")
        asked = as_asked(request, if_match=form.version)
        return approve_proposal(asked, proposal_id, by=by, sent=ApprovalIn(), session=session)

    return _done(request, session, proposal_id, form, act=act)


@router.post("/curator/proposals/{proposal_id:uuid}/refuse")
def refuse_at_desk(
    request: Request,
    proposal_id: UUID,
    form: Annotated[WordsForm, form_of(WordsForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("proposals:review")
        asked = as_asked(request, if_match=form.version)
        return refuse_proposal(
            asked, proposal_id, by=by, sent=said(RefusalIn, reason=form.words), session=session
        )

    return _done(request, session, proposal_id, form, act=act)


@router.post("/curator/proposals/{proposal_id:uuid}/ask")
def ask_at_desk(
    request: Request,
    proposal_id: UUID,
    form: Annotated[WordsForm, form_of(WordsForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("proposals:review")
        asked = as_asked(request, if_match=form.version)
        return ask_about_proposal(
            asked, proposal_id, by=by, sent=said(QuestionIn, question=form.words), session=session
        )

    return _done(request, session, proposal_id, form, act=act)


def _done(
    request: Request,
    session: WriteSession,
    proposal_id: UUID,
    form: TokenForm,
    *,
    act: Callable[[Desk], object],
) -> Response:
    return done(
        request,
        session,
        form,
        act,
        to=f"/curator/proposals/{proposal_id}",
        again=lambda desk, problem: _page(desk, proposal_id, problem),
    )


def _page(desk: Desk, proposal_id: UUID, problem: Problem | None = None) -> Response:
    by = desk.require("proposals:review")
    answer = read_proposal(as_asked(desk.request), proposal_id, by, desk.session)
    proposal = told(answer)
    return desk.show(
        "curator_proposal.html",
        problem=problem,
        proposal=proposal,
        stays_in=_routes_that_keep_it(desk, proposal),
        version=version_of(answer),
        outcomes=OUTCOMES,
    )


def _routes_that_keep_it(desk: Desk, proposal: Mapping[str, Any]) -> list[str]:
    """Ways to refer on which a number would stay that the proposal takes from the service: it stands in both."""
    going = {text for one in proposal["differences"] for text in _texts(one["old"])}
    going -= {text for one in proposal["differences"] for text in _texts(one["new"])}
    if not going or proposal["service_id"] is None:
        return []
    if any(one["pointer"].startswith("/routes") for one in proposal["differences"]):
        return []
    record = told(read_record(as_asked(desk.request), UUID(proposal["service_id"]), desk.by, desk.session))
    return [route["name"] for route in record["record"]["routes"] if route.get("phone") in going]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
