"""The search: by POST, as our own pages and the widget ask, and a place by its postcode."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from pydantic_core import to_json

from app.api.direct import DirectRoute
from app.api.documented import body_of, ok, problems
from app.api.shapes import PlaceOut, SearchAnswer
from app.api.state import moment_of
from app.api.strict import JSON_PROBLEMS, StrictBody, read_json, refuse_parameters
from app.errors import (
    InvalidInput,
    OutsideArea,
    OutsideUk,
    PostcodeInvalid,
    PostcodeNoLocation,
    PostcodeNotFound,
    Problem,
    Unavailable,
    UnknownArea,
)
from app.geo.places import place_of_postcode, public_place
from app.search.answer import answer_json, search
from app.search.query import SearchQuery

router = APIRouter(tags=["search"], route_class=DirectRoute)

BODY_PROBLEMS: tuple[type[Problem], ...] = (*JSON_PROBLEMS, Unavailable)
PLACE_PROBLEMS: tuple[type[InvalidInput], ...] = (
    PostcodeInvalid, PostcodeNotFound, PostcodeNoLocation, OutsideUk, OutsideArea, UnknownArea,
)  # fmt: skip

SEARCH_EXAMPLES: dict[str, Any] = {
    "a postcode": {"postcode": "B1 1BB"},
    "an officer at night": {
        "postcode": "B69 3DE",
        "need": "emergency_accommodation",
        "sex": "men",
        "age_group": "adult",
        "referrer": "police",
    },
    "first half of a postcode": {"postcode": "B31", "need": "casework_advocacy", "has_capacity": True},
    "a position, and somewhere to keep away from": {
        "lat": 52.48,
        "lon": -1.9,
        "within_km": 20,
        "avoid_area": "E08000025",
    },
    "a child": {"area": "E08000028", "age_group": "child"},
}


class PlaceQuery(StrictBody):
    """The origin of a search, to learn its areas."""

    postcode: Annotated[
        str, Field(description="A postcode, sector or district. Never stored, logged or repeated.")
    ]


@router.post(
    "/v1/services/search",
    responses=ok(SearchAnswer, "Services that cover the place, best first, each with its reasons.")
    | problems(*BODY_PROBLEMS, *PLACE_PROBLEMS),
    openapi_extra={"requestBody": body_of(SearchQuery, SEARCH_EXAMPLES)},
)
async def search_services(request: Request) -> Response:
    """Who can take this person, here, now, and how are they referred?

    The answer is ranked: covers the place, accepts the person, takes referrals from the referrer, open now, capacity,
    distance. It is never stored (`no-store`), and neither is the question. Ring to confirm: nobody is promised a place.
    """
    refuse_parameters(request)
    query = await read_json(request, SearchQuery)
    moment = moment_of(request)
    answer = search(query, moment.directory, moment.now)
    return Response(answer_json(answer), media_type="application/json")


@router.post(
    "/v1/place",
    responses=ok(PlaceOut, "The areas of the postcode.") | problems(*BODY_PROBLEMS, *PLACE_PROBLEMS[:3]),
    openapi_extra={
        "requestBody": body_of(
            PlaceQuery, {"a postcode": {"postcode": "CV1 5FB"}, "a sector": {"postcode": "B1 1"}}
        )
    },
)
async def place_of_a_postcode(request: Request) -> Response:
    """A postcode to its areas: local authorities with their share, police forces, and whether it is in this force's area.

    A `POST`, so that the postcode stays out of addresses, logs and histories.
    """
    refuse_parameters(request)
    query = await read_json(request, PlaceQuery)
    moment = moment_of(request)
    catalogue, home_area = moment.directory.catalogue, moment.directory.home_area
    place = place_of_postcode(query.postcode, catalogue.gazetteer, catalogue.areas, home_area=home_area)
    return Response(to_json(public_place(place)), media_type="application/json")
