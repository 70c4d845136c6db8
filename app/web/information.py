"""`/find/know`: the dated texts, and who may refer. `/find/safety`, `/find/privacy`, `/find/accessibility`: what the pages keep, what
they do not, and how they are meant to work.
"""

from fastapi import APIRouter, Request, Response

from app.api.state import moment_of
from app.directory.reviews import today_in_london
from app.directory.texts import GuidanceText
from app.web.pages import public_page

router = APIRouter(include_in_schema=False)


READERS = (("visitor", "For you"), ("professional", "For whoever helps at work"))


@router.get("/find/know")
async def know_page(request: Request) -> Response:
    """The texts for visitors and professionals, each with its source and date, and the list of First Responders. Those on danger are on
    the page on safety, those for officers on their screen.
    """
    moment = moment_of(request)
    texts = moment.directory.catalogue.texts
    today = today_in_london(moment.now)
    return public_page(
        request,
        moment,
        "know.html",
        parts=[
            (heading, [one for one in texts.guidance if one.audience == code and not is_on_danger(one)])
            for code, heading in READERS
        ],
        responders=texts.first_responders,
        today=today,
    )


def is_on_danger(text: GuidanceText) -> bool:
    return text.slug.startswith("danger-")


@router.get("/find/safety")
async def safety_page(request: Request) -> Response:
    """How to get help in danger, and what stays behind on a phone: an exit that is trusted too much is a danger."""
    moment = moment_of(request)
    guidance = moment.directory.catalogue.texts.guidance
    return public_page(request, moment, "safety.html", danger=[one for one in guidance if is_on_danger(one)])


@router.get("/find/privacy")
async def privacy_page(request: Request) -> Response:
    return public_page(request, moment_of(request), "privacy.html")


@router.get("/find/accessibility")
async def accessibility_page(request: Request) -> Response:
    return public_page(request, moment_of(request), "accessibility.html")
