"""`/curator/services/…`: one record with everything that is known of it, its history, and what may be done with it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.assurance import ConfirmationIn, confirm_of_a_service
from app.api.callers import ReadSession, WriteSession
from app.api.curation_lists import list_records
from app.api.curation_queue import DismissalIn, dismiss
from app.api.curation_records import StepIn, read_record, take_a_step
from app.api.revisions import compare_service_revisions, list_service_revisions, roll_a_service_back
from app.api.state import moment_of
from app.api.takedowns import TakedownIn, list_takedowns, put_it_back, take_a_service_down
from app.api.writing import Nothing
from app.curation.record_rows import STORED_KEY
from app.directory.contact_points import parse_phone
from app.errors import NotFound, Problem, StoredRecordInvalid
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
from app.web.curator_reviews import VersionForm
from app.web.forms import form_of
from app.web.page_session import TokenForm

router = APIRouter(include_in_schema=False)

STATES = {
    "draft": "Draft",
    "awaiting_approval": "Waiting for approval",
    "published": "Published",
    "paused": "Paused",
    "archived": "Archived",
}
STEP_WORDS = {
    "send_for_approval": "Send for approval",
    "send_back": "Send back",
    "approve": "Approve and publish",
    "pause": "Take out for now",
    "resume": "Let it be public again",
    "archive": "Archive",
    "restore": "Bring back as a draft",
}
REASONS = (
    ("unsafe", "It is not safe"),
    ("place_exposed", "A place is exposed"),
    ("wrong_contact", "A contact is wrong"),
    ("closed", "It has closed"),
    ("asked_by_service", "The service asks for it"),
    ("legal", "For legal reasons"),
    ("other", "Something else"),
)
OF_ORGANIZATION = ("description", "website", "email", "phones", "identifiers")
"""What is shown of an organization beside a service with which it becomes public."""
PER_PAGE = 50
REVISIONS_SHOWN = 10


class StepForm(VersionForm):
    step: Annotated[str, Field(max_length=30)]


class TakedownForm(TokenForm):
    """`part` is the code of one of `parts_of` the record, or empty for the whole service."""

    reason: Annotated[str, Field(max_length=30)]
    note: Annotated[str, Field(max_length=500)] = ""
    part: Annotated[str, Field(pattern=r"^$|^phone [+0-9]{3,20}$|^location_id [0-9a-f-]{36}$")] = ""

    @property
    def what(self) -> dict[str, str]:
        """The members of the API's body that name the part."""
        kind, _, value = self.part.partition(" ")
        return {kind: value} if self.part else {}


class DismissForm(TokenForm):
    of: Annotated[str, Field(max_length=20)]


class ConfirmForm(VersionForm):
    fact: Annotated[str, Field(max_length=60)]
    source: Annotated[str, Field(max_length=500)]


@router.get("/curator/services")
def records_page(request: Request, session: ReadSession) -> Response:
    """Services of every state, what was changed last first. The query names a state, and a page of the list."""
    desk = desk_of(request, session)
    if desk is None:
        return to_sign_in()
    by = desk.require("directory:publish", "proposals:review")
    chosen = {name: request.query_params.get(name, "") for name in ("state", "cursor")}
    query = "&".join([f"limit={PER_PAGE}", *(f"{name}={value}" for name, value in chosen.items() if value)])
    listed = told(list_records(as_asked(request, query=query), by, session))
    return desk.show("curator_services.html", listed=listed, states=STATES, chosen=chosen)


@router.get("/curator/services/{service_id:uuid}")
def record_page(request: Request, service_id: UUID, session: ReadSession) -> Response:
    desk = desk_of(request, session)
    return to_sign_in() if desk is None else _page(desk, service_id)


@router.post("/curator/services/{service_id:uuid}/step")
def step_at_desk(
    request: Request,
    service_id: UUID,
    form: Annotated[StepForm, form_of(StepForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("directory:publish")
        asked = as_asked(request, if_match=form.version)
        return take_a_step(asked, service_id, by=by, sent=said(StepIn, step=form.step), session=session)

    return _done(request, session, service_id, form, act=act)


@router.post("/curator/services/{service_id:uuid}/take-down")
def take_down_at_desk(
    request: Request,
    service_id: UUID,
    form: Annotated[TakedownForm, form_of(TakedownForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("directory:publish")
        body = said(TakedownIn, reason=form.reason, note=form.note, **form.what)
        return take_a_service_down(as_asked(request), service_id, by=by, sent=body, session=session)

    return _done(request, session, service_id, form, act=act)


@router.post("/curator/services/{service_id:uuid}/dismiss")
def dismiss_at_desk(
    request: Request,
    service_id: UUID,
    form: Annotated[DismissForm, form_of(DismissForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("proposals:review")
        return dismiss(
            as_asked(request), service_id, by=by, sent=said(DismissalIn, of=form.of), session=session
        )

    return _done(request, session, service_id, form, act=act)


@router.post("/curator/services/{service_id:uuid}/confirm")
def confirm_at_desk(
    request: Request,
    service_id: UUID,
    form: Annotated[ConfirmForm, form_of(ConfirmForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("directory:publish", "proposals:review")
        body = said(ConfirmationIn, fact=form.fact, mark="confirmed", source=form.source)
        asked = as_asked(request, if_match=form.version)
        return confirm_of_a_service(asked, service_id, by=by, sent=body, session=session)

    return _done(request, session, service_id, form, act=act)


@router.post("/curator/services/{service_id:uuid}/revisions/{version:int}/roll-back")
def roll_back_at_desk(
    request: Request,
    service_id: UUID,
    version: int,
    *,
    form: Annotated[VersionForm, form_of(VersionForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("directory:publish")
        asked = as_asked(request, if_match=form.version)
        return roll_a_service_back(asked, service_id, version, by=by, sent=Nothing(), session=session)

    return _done(request, session, service_id, form, act=act)


@router.get("/curator/takedowns")
def takedowns_page(request: Request, session: ReadSession) -> Response:
    desk = desk_of(request, session)
    return to_sign_in() if desk is None else _takedowns(desk)


@router.post("/curator/takedowns/{takedown_id:uuid}/put-back")
def put_back_at_desk(
    request: Request,
    takedown_id: UUID,
    form: Annotated[TokenForm, form_of(TokenForm)],
    session: WriteSession,
) -> Response:
    """The first person asks, the second decides."""

    def act(desk: Desk) -> object:
        by = desk.require("directory:publish")
        return put_it_back(as_asked(request), takedown_id, by=by, sent=Nothing(), session=session)

    return done(request, session, form, act, to="/curator/takedowns", again=_takedowns)


def _done(
    request: Request, session: WriteSession, service_id: UUID, form: TokenForm, *, act: Any
) -> Response:
    return done(
        request,
        session,
        form,
        act,
        to=f"/curator/services/{service_id}",
        again=lambda desk, problem: _page(desk, service_id, problem),
    )


def _takedowns(desk: Desk, problem: Problem | None = None) -> Response:
    by = desk.require("directory:publish")
    listed = told(list_takedowns(as_asked(desk.request, query="limit=100"), by, desk.session))
    names = names_in_queue(desk, "takedown")
    return desk.show(
        "curator_takedowns.html", problem=problem, listed=listed, reasons=dict(REASONS), names=names
    )


def _page(desk: Desk, service_id: UUID, problem: Problem | None = None) -> Response:
    by = desk.require("directory:publish", "proposals:review")
    try:
        answer = read_record(as_asked(desk.request), service_id, by, desk.session)
    except StoredRecordInvalid as invalid:
        return desk.show("curator_invalid.html", problem=invalid, service_id=service_id, reasons=REASONS)
    directory = moment_of(desk.request).directory
    one = told(answer)
    return desk.show(
        "curator_service.html",
        problem=problem,
        one=one,
        organization={name: one["organization"][name] for name in OF_ORGANIZATION},
        parts=parts_of(one["record"]),
        version=version_of(answer),
        is_public=service_id in directory.catalogue.row_of,
        revisions=_revisions(desk, service_id),
        states=STATES,
        step_words=STEP_WORDS,
        reasons=REASONS,
    )


def parts_of(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Numbers and places of a record that can be taken down by themselves: the code for the form, and words.

    A number or place goes wherever its organization shows it.
    """
    written = [one["number"] for one in record["phones"]] + [one["phone"] for one in record["routes"]]
    numbers = {parse_phone(one).e164: one for one in written if one is not None}
    places = [one for one in record["locations"] if one["key"].startswith(STORED_KEY)]
    return [(f"phone {e164}", f"only the number {number}") for e164, number in numbers.items()] + [
        (f"location_id {one['key'].removeprefix(STORED_KEY)}", f"only the place {one['name']}")
        for one in places
    ]


def _revisions(desk: Desk, service_id: UUID) -> list[dict[str, Any]]:
    """The latest published states, newest first, each with what the public read differently after it."""
    asked = as_asked(desk.request, query=f"limit={REVISIONS_SHOWN}")
    listed = told(list_service_revisions(asked, service_id, desk.by, desk.session))["results"]
    for older, newer in zip(listed[1:], listed, strict=False):
        newer["since"] = _differences(desk, service_id, older["version"], newer["version"])
    return listed  # type: ignore[no-any-return]


def _differences(desk: Desk, service_id: UUID, version: int, to: int) -> list[dict[str, Any]]:
    asked = as_asked(desk.request, query=f"to={to}")
    try:
        compared = compare_service_revisions(asked, service_id, version, _by=desk.by, session=desk.session)
    except NotFound:
        return []
    return told(compared)["differences"]  # type: ignore[no-any-return]
