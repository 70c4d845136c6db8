"""`/find/safety`, `/find/privacy`, `/find/accessibility`: what the pages keep, what they do not, and how they are meant to work."""

from fastapi import APIRouter, Request, Response

from app.api.state import moment_of
from app.web.pages import public_page

router = APIRouter(include_in_schema=False)


@router.get("/find/safety")
async def safety_page(request: Request) -> Response:
    """How to get help in danger, and what stays behind on a phone: an exit that is trusted too much is a danger."""
    moment = moment_of(request)
    guidance = moment.directory.catalogue.texts.guidance
    return public_page(
        request, moment, "safety.html", danger=[one for one in guidance if one.slug.startswith("danger-")]
    )


@router.get("/find/privacy")
async def privacy_page(request: Request) -> Response:
    return public_page(request, moment_of(request), "privacy.html")


@router.get("/find/accessibility")
async def accessibility_page(request: Request) -> Response:
    return public_page(request, moment_of(request), "accessibility.html")
