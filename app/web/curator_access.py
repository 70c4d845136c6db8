"""`/curator/keys`: keys of providers and officers, and officers' phones: made, shown once, ended.

A secret stands in the answer to the form that made it, and nowhere else: there is no address under which it could be read again.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Final

import segno
from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.callers import ReadSession, WriteSession
from app.api.devices import get_devices, post_device, post_device_revocation
from app.api.key_shapes import DeviceIn, DeviceOut, KeyIn, KeyOut, RevocationIn
from app.api.keys import get_keys, post_key, post_key_revocation
from app.api.state import moment_of
from app.errors import Conflict, FieldError, Problem, ValidationFailed
from app.web.curator_desk import Desk, as_asked, desk_of, done, not_done, said, to_sign_in, told
from app.web.forms import form_of
from app.web.page_session import TokenForm, require_form_of

router = APIRouter(include_in_schema=False)

IN_FORCE: Final = ("waiting", "active", "idle")
"""States of keys and phones in which something can be done with them, or will be."""


class KeyForm(TokenForm):
    label: Annotated[str, Field(max_length=100)] = ""
    organization_id: Annotated[str, Field(max_length=40)] = ""
    days: Annotated[str, Field(max_length=4)] = ""


class DeviceForm(TokenForm):
    label: Annotated[str, Field(max_length=100)] = ""


@router.get("/curator/keys")
def keys_page(request: Request, session: ReadSession) -> Response:
    desk = desk_of(request, session)
    return to_sign_in() if desk is None else _page(desk)


@router.post("/curator/keys")
def make_key_at_desk(
    request: Request, form: Annotated[KeyForm, form_of(KeyForm)], session: WriteSession
) -> Response:
    """A provider's key, shown once, with its link for a person."""

    def make(desk: Desk) -> dict[str, Any]:
        by = desk.require("keys:admin")
        if form.days and not (form.days.isascii() and form.days.isdigit()):
            # "1e1" passes for a number in a browser; the usual 180 days are not what was asked for.
            raise ValidationFailed(errors=(FieldError("/lifetime_days", "a whole number, or nothing"),))
        days = int(form.days) if form.days else None
        body = said(
            KeyIn,
            key_type="provider",
            label=form.label,
            organization_id=form.organization_id,
            lifetime_days=days,
        )
        listed = get_keys(as_asked(request), by, session).results
        _require_new_name(body.label, [one for one in listed if one.organization_id == body.organization_id])
        made: dict[str, Any] = told(post_key(as_asked(request), by, body, session))
        return made

    return _made(request, session, form, make, shown="page_link")


@router.post("/curator/keys/{key_id}/revoke")
def revoke_key_at_desk(
    request: Request,
    key_id: str,
    form: Annotated[TokenForm, form_of(TokenForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        by = desk.require("keys:admin")
        body = RevocationIn(with_successors=True)
        return post_key_revocation(as_asked(request), key_id, by=by, body=body, session=session)

    return done(request, session, form, act, to="/curator/keys", again=_page)


@router.post("/curator/devices")
def make_link_at_desk(
    request: Request, form: Annotated[DeviceForm, form_of(DeviceForm)], session: WriteSession
) -> Response:
    """A one-time link for an officer's phone, as text and as a code for its camera."""

    def make(desk: Desk) -> dict[str, Any]:
        by = desk.require("officer:enrol")
        body = said(DeviceIn, label=form.label)
        _require_new_name(body.label, get_devices(as_asked(request), by, session).results)
        made: dict[str, Any] = told(post_device(as_asked(request), by, body, session))
        return made

    return _made(request, session, form, make, shown="link")


@router.post("/curator/devices/{device_id}/revoke")
def revoke_device_at_desk(
    request: Request,
    device_id: str,
    form: Annotated[TokenForm, form_of(TokenForm)],
    session: WriteSession,
) -> Response:
    def act(desk: Desk) -> object:
        return post_device_revocation(as_asked(request), device_id, desk.require("officer:enrol"), session)

    return done(request, session, form, act, to="/curator/keys", again=_page)


def _require_new_name(label: str, listed: Iterable[KeyOut | DeviceOut]) -> None:
    """A page that shows what was made makes it again when it is loaded again; and of two that are called alike, whoever ends one
    here ends the wrong one.
    """
    if any(one.label == label and one.state in IN_FORCE for one in listed):
        raise Conflict(
            "One with this name is in force, perhaps since a moment ago. End it below, or give this one another name."
        )


def _made(request: Request, session: WriteSession, form: TokenForm, make: Any, *, shown: str) -> Response:
    """The answer to its POST, and no redirect: what is shown once must not stand in an address or be kept for one."""
    desk = desk_of(request, session)
    if desk is None:
        return not_done(request)
    require_form_of(request, desk.at_page, form)
    try:
        made = make(desk)
    except Problem as problem:
        session.rollback()
        return _page(desk, problem)
    return _page(desk, made=made, code=segno.make(made[shown], error="m").svg_data_uri(scale=4, border=2))


def _page(
    desk: Desk, problem: Problem | None = None, *, made: dict[str, Any] | None = None, code: str = ""
) -> Response:
    keys = devices = None
    if desk.may("keys:admin"):
        keys = told(get_keys(as_asked(desk.request), desk.by, desk.session))
    if desk.may("officer:enrol"):
        devices = told(get_devices(as_asked(desk.request), desk.by, desk.session))
    organizations = moment_of(desk.request).directory.catalogue.organizations
    return desk.show(
        "curator_keys.html",
        problem=problem,
        keys=keys,
        devices=devices,
        made=made,
        code=code,
        organizations=sorted((one.name, str(one.id)) for one in organizations.values()),
    )
