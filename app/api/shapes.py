"""Response shapes that several routes declare. The bytes are put together elsewhere; tests hold them against these."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.records import AreaName, PublicService
from app.directory.summaries import ServiceSummary
from app.directory.texts import AlwaysLine

CapacityStatus = Literal[
    "accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown"
]


class Shape(BaseModel):
    """Base: every field stands in the JSON, and nothing else does."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ConfidentialCapacity(Shape):
    """The constant of every confidential service: ring to ask. Never any time or count."""

    status: Literal["assess_first"]


class PublicCapacity(Shape):
    """One status. `confirmed_at` and `valid_until` are floored to the hour; past `valid_until` the status is `unknown`."""

    status: CapacityStatus
    applies_to: Annotated[
        Literal["anyone", "women", "men", "families", "children"] | None,
        Field(description="Whose places these are; null where nothing is known."),
    ]
    confirmed_at: datetime | None
    valid_until: datetime | None
    freshness: Literal["fresh", "ageing", "unknown"]


Capacity = PublicCapacity | ConfidentialCapacity


class Opening(Shape):
    """Whether it is open; null means that the hours are not known. `until` is when that changes."""

    now: bool | None
    until: datetime | None


class PlaceAuthority(AreaName):
    share: Annotated[float | None, Field(description="Share of the place's postcodes; null for an area.")]


class PlaceOut(Shape):
    """A place by its areas. The postcode is never repeated."""

    precision: Literal["unit", "sector", "district", "point", "area"]
    postcode_status: Literal["live", "terminated", "unknown"] | None
    in_area: Literal["yes", "partly", "no"]
    local_authorities: list[PlaceAuthority]
    police_forces: list[AreaName]


class ChosenRoute(Shape):
    """The referral route that fits the referrer best. `contact` is what to use: with `via_service`, that service's number."""

    name: str
    channel: Literal["phone", "sms", "email", "web_form", "walk_in", "via_service"]
    contact: str | None
    via_service_id: UUID | None
    via_service_name: str | None
    consent: Literal["required", "best_interests_allowed", "not_required_child", "not_applicable"] | None
    stages: Annotated[
        list[str],
        Field(
            description="Codes of the `stage` vocabulary at which it is for people; empty: not known. Where a stage was asked and none of the ways in is for it, the route is for another."
        ),
    ]
    response_time: Annotated[
        str | None, Field(description="ISO 8601 duration, `now`, or null when not known.")
    ]
    age_group: Annotated[
        Literal["adult", "child"] | None, Field(description="Whom the route is for; null: everybody.")
    ]
    open: Annotated[
        Opening | None,
        Field(
            description="By the route's own hours, or those of `via_service`; null when neither are known."
        ),
    ]


class SearchResult(Shape):
    """A service, with why it stands where it stands."""

    service: ServiceSummary
    reasons: list[str]
    distance_km: float | None
    distance_basis: Literal["location"] | None
    capacity: Capacity
    open: Opening
    referral_route: ChosenRoute | None


class NearMissOut(Shape):
    """A service that fails exactly one criterion."""

    service: ServiceSummary
    why_not: list[str]


class ChildCard(Shape):
    """Whom to ring first for anyone who is, or may be, under 18."""

    message: str
    services: list[ServiceSummary]
    missing: Annotated[
        str | None,
        Field(
            description=(
                "Which authorities of the place have children's services that are not in this directory, and where to look for them. "
                "Null where none is missing."
            )
        ),
    ]


class SearchAnswer(Shape):
    """The answer to a search. Nobody is promised anything: ring to confirm."""

    place: PlaceOut | None
    results: list[SearchResult]
    near_misses: list[NearMissOut]
    children: ChildCard | None
    always: list[AlwaysLine]
    total: int
    data_as_of: datetime
    demonstration: bool


class ServiceOut(PublicService):
    """A service with what moves by itself: capacity, opening and overdue facts at this moment."""

    capacity: Capacity
    open: Opening
    overdue: Annotated[
        list[str],
        Field(
            description="Facts of `assurance` that nobody has looked at by their `review_by` (a day in London): ring to confirm."
        ),
    ]


class ServiceList(Shape):
    """Services in the order of their ids; `next` is the cursor of the next page."""

    results: list[ServiceOut]
    total: int
    next: str | None
    demonstration: bool


class CapacityFigure(Shape):
    """One figure. Counts are null unless the provider publishes them."""

    unit: str
    applies_to: str
    status: CapacityStatus
    waits_days: int | None
    available: int | None
    maximum: int | None
    confirmed_at: datetime
    valid_until: datetime | None
    freshness: Literal["fresh", "ageing", "unknown"]


class CapacityOut(Shape):
    """The status of a service and, unless it is confidential, the figures behind it."""

    capacity: Capacity
    figures: list[CapacityFigure]
