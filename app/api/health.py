"""Health: whether the process lives, and whether it should be sent people."""

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from app.api.documented import ok, problems
from app.api.shapes import Shape
from app.api.strict import refuse_parameters
from app.directory.snapshot import DirectoryHolder
from app.errors import Unavailable, UnknownParameter

router = APIRouter(tags=["health"])

STALE_AFTER = timedelta(seconds=30)
"""A snapshot not confirmed for so long means that the database is away."""


class Live(Shape):
    status: Literal["live"]


class Ready(Shape):
    """`stale` still answers searches from the last good snapshot; only the database is away."""

    status: Literal["ready", "stale"]
    demonstration: bool


@router.get("/health/live", responses=ok(Live, "It lives.") | problems(UnknownParameter))
async def live(request: Request) -> Response:
    """The process answers."""
    refuse_parameters(request)
    return Response(b'{"status":"live"}', media_type="application/json")


@router.get("/health/ready", responses=ok(Ready, "It is ready.") | problems(UnknownParameter, Unavailable))
async def ready(request: Request) -> Response:
    """The directory is loaded; `stale` when it could not be compared with the database for half a minute."""
    refuse_parameters(request)
    holder: DirectoryHolder = request.app.state.holder
    directory = holder.current
    if directory is None:
        raise Unavailable(headers={"Retry-After": "2"})
    stale = request.app.state.clock() - directory.as_of > STALE_AFTER
    body = {"status": "stale" if stale else "ready", "demonstration": directory.demonstration}
    return Response(to_json(body), media_type="application/json")
