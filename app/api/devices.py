"""Officers' devices: links made by a curator, exchanged once for a session, and ended when a phone is lost."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request

from app.access.devices import enrol, list_devices, make_link, revoke_device
from app.access.principals import Principal
from app.api.callers import (
    CALLER_PROBLEMS,
    WRITE_PROBLEMS,
    ReadSession,
    WriteSession,
    act_of,
    caller,
    refused_key,
    request_id_of,
)
from app.api.documented import body_of, problems
from app.api.key_shapes import (
    DeviceIn,
    DeviceList,
    DeviceOut,
    EnrolmentIn,
    NewLink,
    NewSession,
    device_out,
    new_link,
)
from app.api.strict import JSON_PROBLEMS, json_body, refuse_parameters
from app.errors import NotFound, Unauthenticated, UnknownParameter

router = APIRouter(tags=["officer devices"])

Enroller = Annotated[Principal, caller("officer:enrol")]


@router.get("/v1/curation/officer-devices", responses=problems(*CALLER_PROBLEMS, UnknownParameter))
def get_devices(request: Request, _by: Enroller, session: ReadSession) -> DeviceList:
    """Every device and every link that waits, newest first."""
    refuse_parameters(request)
    devices = [device_out(one, request.app.state.clock()) for one in list_devices(session)]
    return DeviceList(results=devices, total=len(devices), next=None)


@router.post(
    "/v1/curation/officer-devices",
    status_code=201,
    responses=problems(*CALLER_PROBLEMS, *JSON_PROBLEMS, *WRITE_PROBLEMS),
    openapi_extra={"requestBody": body_of(DeviceIn, {"a phone": {"label": "Example phone 7"}})},
)
def post_device(
    request: Request, by: Enroller, body: Annotated[DeviceIn, json_body(DeviceIn)], session: WriteSession
) -> NewLink:
    """Make a link that enrols one device, once, within minutes. It is shown in this answer and never again."""
    lives = timedelta(minutes=body.link_minutes)
    secrets = request.app.state.token_secrets
    made = make_link(session, secrets, body.label, lives=lives, act=act_of(request, by))
    return new_link(made, request.app.state.public_url)


@router.post(
    "/v1/curation/officer-devices/{device_id}/revoke",
    responses=problems(*CALLER_PROBLEMS, *WRITE_PROBLEMS, NotFound, UnknownParameter),
)
def post_device_revocation(
    request: Request, device_id: str, by: Enroller, session: WriteSession
) -> DeviceOut:
    """End a device's session, or a link that waits. Again, it changes nothing."""
    refuse_parameters(request)
    act = act_of(request, by)
    return device_out(revoke_device(session, device_id, act), act.now)


@router.post(
    "/v1/officer/devices/enrol",
    status_code=201,
    responses=problems(Unauthenticated, *JSON_PROBLEMS, *WRITE_PROBLEMS),
    openapi_extra={"requestBody": body_of(EnrolmentIn, {"from a link": {"code": "ssd_…"}})},
)
def post_enrolment(
    request: Request, body: Annotated[EnrolmentIn, json_body(EnrolmentIn)], session: WriteSession
) -> NewSession:
    """Exchange the code of a link for the session of this device. It works once; a second try is refused like a wrong one."""
    secrets, now = request.app.state.token_secrets, request.app.state.clock()
    try:
        link = secrets.read(body.code)
        log, request_id = request.app.state.audit_log, request_id_of(request)
        enrolled = enrol(session, secrets, link, log=log, now=now, request_id=request_id)
    except Unauthenticated:
        raise refused_key(request) from None
    expires_at = enrolled.expires_at
    return NewSession(id=enrolled.device.public_id, token=enrolled.token.text, expires_at=expires_at)
