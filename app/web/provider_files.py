"""The files of `/provider/`, and the help for getting a link into its form."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.api.strict import refuse_parameters
from app.errors import NotFound

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parent / "static"
FILES = {
    "desk.css": (STATIC / "officer" / "officer.css", "text/css"),
    "provider.js": (STATIC / "provider" / "provider.js", "text/javascript"),
}


@router.get("/provider/{name}")
async def provider_file(request: Request, name: str) -> Response:
    """The few files of this room; its style is that of the officers' screen."""
    refuse_parameters(request)
    if name not in FILES:
        raise NotFound
    path, media_type = FILES[name]
    return Response(path.read_bytes(), media_type=media_type)
