"""Records in the hands of curators: drafts, edits, and the steps from a draft to the public and out of it again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app.access.people import names_of
from app.api.callers import CALLER_PROBLEMS, ReadSession, WriteSession
from app.api.curating import (
    EDIT_HEADERS,
    EDIT_PROBLEMS,
    Curator,
    Outcome,
    Publisher,
    edit_once,
    hashed,
    publication_for,
)
from app.api.curation_shapes import (
    DifferenceOut,
    OrganizationRecord,
    ServiceRecord,
    difference_out,
    organization_record,
    service_record,
)
from app.api.documented import body_of, ok, problems
from app.api.shapes import Shape
from app.api.strict import StrictBody, json_body, refuse_parameters
from app.api.writing import IDEMPOTENCY_HEADER, RECORD_PROBLEMS, Change, Done, Write
from app.curation.changes import CuratedChanges, OrganizationChanges
from app.curation.changing import ChangeMade, change_record
from app.curation.curated import (
    CuratedService,
    curated_organization,
    curated_service,
    person_of,
    read_again,
)
from app.curation.drafting import draft_organization, draft_service
from app.curation.lifecycle import take_step
from app.curation.record_states import Step
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.directory.plain_text import Line
from app.errors import ConfidentialFact, NotFound, StoredRecordInvalid, UnknownParameter

router = APIRouter(tags=["curation"])


ASSURANCE = [{"mark": "confirmed", "source": "A call with the service", "review_by": "2027-05-01"}]
SERVICE_EXAMPLE: dict[str, Any] = {
    "key": "example-drop-in",
    "name": "Example drop-in",
    "description": "A warm room, a meal and somebody who listens.",
    "reach": "outreach_area",
    "needs": ["basic_needs"],
    "coverage": {"areas": ["E08000028"]},
    "phones": [{"number": "0121 496 0101"}],
    "hours": "24/7",
    "assurance": ASSURANCE,
}
ORGANIZATION_EXAMPLE: dict[str, Any] = {
    "key": "example-charity",
    "name": "Example charity",
    "description": "An invented charity.",
    "assurance": ASSURANCE,
    "services": [SERVICE_EXAMPLE | {"key": "example-day-centre", "name": "Example day centre"}],
}
SERVICE_CHANGES: dict[str, Any] = {
    "another description": {"changes": {"description": "Somebody who listens, on weekdays."}},
    "another number, which waits for another person": {
        "changes": {"phones": [{"number": "0121 496 0102", "description": "Day and night"}]},
        "note": "They rang to say so.",
    },
}
ORGANIZATION_CHANGES: dict[str, Any] = {
    "another description": {"changes": {"description": "An invented charity of long standing."}},
}
STEP_EXAMPLES: dict[str, Any] = {
    "take it out for now": {"step": "pause"},
    "let it be public again": {"step": "resume"},
}


class ServiceDraft(ServiceSubmission):
    """A new service of a known organization, as a draft."""

    model_config = ConfigDict(strict=True, cache_strings="none")


class OrganizationDraft(OrganizationSubmission):
    """A new organization with its services, all of them drafts."""

    model_config = ConfigDict(strict=True, cache_strings="none")


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, cache_strings="none")

    note: Annotated[
        Line | None,
        Field(
            description="For whoever has to approve it. No names of people, nothing that leads to a place."
        ),
    ] = None


class ServiceEdit(_Edit):
    """What shall change."""

    changes: CuratedChanges


class OrganizationEdit(_Edit):
    """What shall change."""

    changes: OrganizationChanges


class StepIn(StrictBody):
    """What to do with a record."""

    step: Step


class EditAnswer(Shape):
    """What an edit came to. With `proposal_id` nothing is changed yet: a contact, or a public office, waits for another person."""

    differences: list[DifferenceOut]
    proposal_id: UUID | None


EDIT_ANSWERS = ok(EditAnswer, "It is changed, and public if the record is.") | ok(
    EditAnswer,
    "Nothing is changed yet: a contact or a public office would be, and another person has to approve it.",
    status=202,
)


@router.get(
    "/v1/curation/services/{service_id:uuid}",
    responses=ok(ServiceRecord, "Everything that is stored.")
    | problems(*CALLER_PROBLEMS, NotFound, StoredRecordInvalid, UnknownParameter),
)
def read_record(request: Request, service_id: UUID, _by: Curator, session: ReadSession) -> Response:
    """One service with everything that is stored of it, and what may be done with it. The ETag is its version."""
    refuse_parameters(request)
    record = curated_service(session, service_id)
    return _shown(shown_service(session, record), record.version)


@router.get(
    "/v1/curation/organizations/{organization_id:uuid}",
    responses=ok(OrganizationRecord, "Everything that is stored.")
    | problems(*CALLER_PROBLEMS, NotFound, StoredRecordInvalid, UnknownParameter),
)
def read_organization_record(
    request: Request, organization_id: UUID, _by: Curator, session: ReadSession
) -> Response:
    """One organization with everything that is stored of it. The ETag is the version of its own fields."""
    refuse_parameters(request)
    record = curated_organization(session, organization_id)
    return _shown(organization_record(record), record.version)


@router.post(
    "/v1/curation/organizations",
    status_code=201,
    responses=ok(OrganizationRecord, "It is stored, and nobody sees it.", status=201)
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConfidentialFact),
    openapi_extra={
        "requestBody": body_of(OrganizationDraft, {"with one service": ORGANIZATION_EXAMPLE}),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def draft_an_organization(
    request: Request,
    by: Publisher,
    draft: Annotated[OrganizationDraft, json_body(OrganizationDraft)],
    session: WriteSession,
) -> Response:
    """Write down a new organization with its services, as drafts. Send each service for approval when it is ready."""
    person_of(by)
    write = Write.of(request, session, by, draft)

    def act() -> Done:
        organization_id = draft_organization(session, draft, publication_for(request, session, by))
        record = curated_organization(session, organization_id)
        change = Change(
            "organization_drafted", "organization", organization_id, organization_id, {"record": _said(draft)}
        )
        return Done((change,), organization_record(record), record.version, 201)

    return write.once(act, organization_id=None)


@router.post(
    "/v1/curation/organizations/{organization_id:uuid}/services",
    status_code=201,
    responses=ok(ServiceRecord, "It is stored, and nobody sees it.", status=201)
    | problems(*CALLER_PROBLEMS, *RECORD_PROBLEMS, ConfidentialFact),
    openapi_extra={
        "requestBody": body_of(ServiceDraft, {"a drop-in": SERVICE_EXAMPLE}),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
def draft_a_service(
    request: Request,
    organization_id: UUID,
    *,
    by: Publisher,
    draft: Annotated[ServiceDraft, json_body(ServiceDraft)],
    session: WriteSession,
) -> Response:
    """Write down a new service of a known organization, as a draft. Send it for approval when it is ready.

    Whether it is confidential is said here, and changed by flagging and un-flagging only.
    """
    person_of(by)
    write = Write.of(request, session, by, draft)
    curated_organization(session, organization_id, lock=True)

    def act() -> Done:
        publication = publication_for(request, session, by)
        service_id = draft_service(session, organization_id, draft, publication)
        session.expire_all()
        record = curated_service(session, service_id)
        change = Change("service_drafted", "service", service_id, organization_id, {"record": _said(draft)})
        return Done((change,), shown_service(session, record), record.version, 201)

    return write.once(act, organization_id=organization_id)


@router.patch(
    "/v1/curation/services/{service_id:uuid}",
    responses=EDIT_ANSWERS | problems(*EDIT_PROBLEMS),
    openapi_extra={"requestBody": body_of(ServiceEdit, SERVICE_CHANGES), "parameters": EDIT_HEADERS},
)
def edit_service_record(
    request: Request,
    service_id: UUID,
    *,
    by: Publisher,
    edit: Annotated[ServiceEdit, json_body(ServiceEdit)],
    session: WriteSession,
) -> Response:
    """Change some fields of a draft, or of a record that is public or paused.

    Where people would ring, write to or open something else by it, nothing is changed at once: the edit becomes a proposal,
    which another person approves after a call to a number that is stored now. So it does, without the call, where something is
    marked a public office or what a marked one says changes. What awaits approval is not edited.
    """
    write = Write.of(request, session, by, edit)
    record = curated_service(session, service_id, lock=True)

    def act() -> Outcome:
        made = change_record(
            session,
            record,
            edit.changes,
            by=by,
            note=edit.note,
            publication=publication_for(request, session, by),
        )
        return _edited(made, read_again(session, record).version)

    return edit_once(write, record, "service_edited", act)


@router.patch(
    "/v1/curation/organizations/{organization_id:uuid}",
    responses=EDIT_ANSWERS | problems(*EDIT_PROBLEMS),
    openapi_extra={
        "requestBody": body_of(OrganizationEdit, ORGANIZATION_CHANGES),
        "parameters": EDIT_HEADERS,
    },
)
def edit_organization_record(
    request: Request,
    organization_id: UUID,
    *,
    by: Publisher,
    edit: Annotated[OrganizationEdit, json_body(OrganizationEdit)],
    session: WriteSession,
) -> Response:
    """Change some fields of an organization. Its website, e-mail address and numbers take two people, as a service's do."""
    write = Write.of(request, session, by, edit)
    record = curated_organization(session, organization_id, lock=True)

    def act() -> Outcome:
        made = change_record(
            session,
            record,
            edit.changes,
            by=by,
            note=edit.note,
            publication=publication_for(request, session, by),
        )
        return _edited(made, read_again(session, record).version)

    return edit_once(write, record, "organization_edited", act)


@router.post(
    "/v1/curation/services/{service_id:uuid}/steps",
    responses=ok(ServiceRecord, "The step is taken.") | problems(*EDIT_PROBLEMS),
    openapi_extra={"requestBody": body_of(StepIn, STEP_EXAMPLES), "parameters": EDIT_HEADERS},
)
def take_a_step(
    request: Request,
    service_id: UUID,
    *,
    by: Publisher,
    sent: Annotated[StepIn, json_body(StepIn)],
    session: WriteSession,
) -> Response:
    """Take a record a step further. `steps` of the record says which are possible.

    `approve` publishes, and is for another person than the one who sent the record for approval (403).
    """
    write = Write.of(request, session, by, sent)
    record = curated_service(session, service_id, lock=True)

    def act() -> Outcome:
        publication = publication_for(request, session, by)
        take_step(session, record, sent.step, person=person_of(by), publication=publication)
        session.expire_all()
        now = curated_service(session, service_id)
        return Outcome(shown_service(session, now), now.version, {"record_state": now.state})

    return edit_once(write, record, f"service_{sent.step}", act)


def shown_service(session: Session, record: CuratedService) -> ServiceRecord:
    return service_record(record, names_of(session, record.people))


def _edited(made: ChangeMade, version: str) -> Outcome:
    answer = EditAnswer(
        differences=[difference_out(one) for one in made.differences], proposal_id=made.proposal_id
    )
    status = 200 if made.proposal_id is None else 202
    fields = hashed(made.differences)
    if made.proposal_id is not None:
        fields["proposal_id"] = made.proposal_id
    return Outcome(answer, version, fields, status)


def _said(draft: BaseModel) -> object:
    return draft.model_dump(mode="json", exclude_none=True)


def _shown(shape: BaseModel, version: str) -> Response:
    return Response(shape.model_dump_json(), media_type="application/json", headers={"ETag": version})
