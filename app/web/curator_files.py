"""The style of the curators' desk."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.api.strict import refuse_parameters

router = APIRouter(include_in_schema=False)

STYLE = Path(__file__).parent / "static" / "curator" / "curator.css"


@router.get("/curator/curator.css")
async def curator_style(request: Request) -> Response:
    """What the desk has beside the style of the other forms: tables."""
    refuse_parameters(request)
    return Response(STYLE.read_bytes(), media_type="text/css")
