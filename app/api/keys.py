"""Keys and people, for whoever looks after them; and a provider's rotation of its own key."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request

from app.access.keys import LONGEST_OVERLAP, WantedKey, list_keys, make_key, revoke_key, rotate_key
from app.access.people import list_people
from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, WRITE_PROBLEMS, ReadSession, WriteSession, act_of, caller
from app.api.documented import body_of, problems
from app.api.key_shapes import (
    KeyIn,
    KeyList,
    NewKey,
    PersonList,
    PersonOut,
    RevocationIn,
    RevokedKeys,
    RotationIn,
    key_out,
    new_key,
)
from app.api.strict import JSON_PROBLEMS, json_body, refuse_parameters
from app.errors import Conflict, NotFound, UnknownParameter

router = APIRouter(tags=["keys"])

KeyAdmin = Annotated[Principal, caller("keys:admin")]
KeyHolder = Annotated[Principal, caller("capacity:write", "service:propose")]

KEY_EXAMPLE = {
    "key_type": "provider",
    "label": "Example system of record",
    "organization_id": "00000000-0000-4000-8000-000000000000",
}


@router.get("/v1/curation/keys", responses=problems(*CALLER_PROBLEMS, UnknownParameter))
def get_keys(request: Request, _by: KeyAdmin, session: ReadSession) -> KeyList:
    """Every key, newest first, without its secret, which is nowhere."""
    refuse_parameters(request)
    keys = [key_out(one) for one in list_keys(session, now=request.app.state.clock())]
    return KeyList(results=keys, total=len(keys), next=None)


@router.post(
    "/v1/curation/keys",
    status_code=201,
    responses=problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS, Conflict),
    openapi_extra={"requestBody": body_of(KeyIn, {"for a provider": KEY_EXAMPLE})},
)
def post_key(
    request: Request, by: KeyAdmin, body: Annotated[KeyIn, json_body(KeyIn)], session: WriteSession
) -> NewKey:
    """Make a key for a provider or for officers. It is shown in this answer and never again.

    If the answer is lost, make another and revoke the first: nobody can show it a second time.
    """
    wanted = WantedKey(
        key_type=body.key_type,
        label=body.label,
        organization_id=body.organization_id,
        person_id=body.person_id,
        service_ids=None if body.service_ids is None else frozenset(body.service_ids),
        scopes=None if body.scopes is None else frozenset(body.scopes),
        lifetime=None if body.lifetime_days is None else timedelta(days=body.lifetime_days),
    )
    made = make_key(session, request.app.state.token_secrets, wanted, act_of(request, by))
    return new_key(made, request.app.state.public_url)


@router.post(
    "/v1/curation/keys/{key_id}/rotate",
    status_code=201,
    responses=problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS, NotFound, Conflict),
    openapi_extra={"requestBody": body_of(RotationIn, {"a week to change over": {"overlap_days": 7}})},
)
def post_key_rotation(
    request: Request,
    key_id: str,
    *,
    by: KeyAdmin,
    body: Annotated[RotationIn, json_body(RotationIn)],
    session: WriteSession,
) -> NewKey:
    """Give a key its one successor, with the same rights. The key of another curator can be revoked but not rotated."""
    return _rotated(request, session, key_id, by=by, body=body)


@router.post(
    "/v1/provider/keys/rotate",
    status_code=201,
    responses=problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS, Conflict),
    openapi_extra={"requestBody": body_of(RotationIn, {"a week to change over": {"overlap_days": 7}})},
)
def post_own_rotation(
    request: Request,
    by: KeyHolder,
    body: Annotated[RotationIn, json_body(RotationIn)],
    session: WriteSession,
) -> NewKey:
    """A provider's new key in place of the one that this request comes with."""
    return _rotated(request, session, by.id, by=by, body=body)


@router.post(
    "/v1/curation/keys/{key_id}/revoke",
    responses=problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS, NotFound),
    openapi_extra={"requestBody": body_of(RevocationIn, {"stolen": {"with_successors": True}})},
)
def post_key_revocation(
    request: Request,
    key_id: str,
    *,
    by: KeyAdmin,
    body: Annotated[RevocationIn, json_body(RevocationIn)],
    session: WriteSession,
) -> RevokedKeys:
    """End a key: every process refuses it from its next request on. Again, it changes nothing."""
    revoked = revoke_key(session, key_id, with_successors=body.with_successors, act=act_of(request, by))
    return RevokedKeys(revoked=revoked)


@router.get("/v1/curation/people", responses=problems(*CALLER_PROBLEMS, UnknownParameter))
def get_people(request: Request, _by: KeyAdmin, session: ReadSession) -> PersonList:
    """The named curators. They are added and disabled on the host: `directory people`."""
    refuse_parameters(request)
    people = [
        PersonOut(id=one.id, name=one.name, created_at=one.created_at, disabled_at=one.disabled_at)
        for one in list_people(session)
    ]
    return PersonList(results=people, total=len(people), next=None)


def _rotated(
    request: Request, session: WriteSession, key_id: str, *, by: Principal, body: RotationIn
) -> NewKey:
    overlap = min(timedelta(days=body.overlap_days), LONGEST_OVERLAP)
    act = act_of(request, by)
    return new_key(
        rotate_key(session, request.app.state.token_secrets, key_id, overlap=overlap, act=act),
        request.app.state.public_url,
    )
