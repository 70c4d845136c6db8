"""`GET /v1/snapshot`: one small public bundle, so that the widget can look for things without telling anybody what."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.conditional import accepts_gzip, cached, gzipped
from app.api.documented import ok, problems
from app.api.shapes import Capacity, ChosenRoute, Opening, Shape
from app.api.state import Moment, moment_of
from app.api.strict import refuse_parameters
from app.directory.capacity_map import CapacityMap
from app.directory.records import AreaName, PublicLanguage
from app.directory.snapshot import Catalogue
from app.directory.summaries import ServiceSummary
from app.directory.texts import AlwaysLine
from app.errors import ConditionInvalid, Unavailable, UnknownParameter
from app.geo.attribution import attribution
from app.search.bundle import Bundle, make_bundle

router = APIRouter(tags=["search"])


class SnapshotCoverage(Shape):
    """`areas` are codes of the bundle's `areas`; of `may_cover` the service covers a part: ask about the address."""

    everywhere: bool
    areas: list[str]
    may_cover: list[str]


class SnapshotEligibility(Shape):
    """Whom the service accepts. Null and `ask` mean: not known, ring and ask."""

    sex_accepted: Literal["women", "men", "any"] | None
    minimum_age: int | None
    maximum_age: int | None
    with_children: Literal["yes", "no", "ask"]


class SnapshotFlows(Shape):
    """What the service tells the police and immigration enforcement. `unknown` is not `never`."""

    police: str
    home_office_enforcement: str


class SnapshotService(ServiceSummary):
    """A service in brief. `referral_route` is the way in for the person, or for anybody who helps; null: ask a professional. The name
    of one that is for adults or children alone says so.
    """

    coverage: SnapshotCoverage
    languages: list[str]
    interpreter: Literal["yes", "no", "ask"]
    eligibility: SnapshotEligibility
    information_flow: SnapshotFlows
    hours: list[str]
    capacity: Capacity
    open: Opening
    referral_route: ChosenRoute | None


class SnapshotChildren(Shape):
    """Whom to ring first for anyone who is, or may be, under 18: ids of services, those that cover the place count."""

    message: str
    services: list[UUID]


class NeedName(Shape):
    code: str
    name: str


class SnapshotArea(AreaName):
    """An area with the local authorities inside it; `home`: an authority of the area this directory is for."""

    area_type: Literal["local_authority", "police_force", "region", "country"]
    home: bool
    authorities: list[str]


class Snapshot(Shape):
    """Every public service, in the order of a search by the person themselves that asks nothing. After `valid_until` nothing in it is to be
    shown as free or open, whatever it says; the same holds of each figure after its own `valid_until`.
    """

    services: list[SnapshotService]
    always: list[AlwaysLine]
    children: SnapshotChildren
    needs: list[NeedName]
    accommodation_needs: Annotated[
        list[str],
        Field(description="Services with any of these are never shown for anyone who may be under 18."),
    ]
    languages: list[PublicLanguage]
    areas: list[SnapshotArea]
    generated_at: Annotated[
        datetime, Field(description="When it was last known to be true, in steps of a quarter of an hour.")
    ]
    valid_until: datetime
    demonstration: bool
    attribution: str


class BundleKeeper:
    """The last bundle of a process. It depends on no question, so keeping it records nothing about anybody."""

    def __init__(self) -> None:
        self._kept: tuple[Catalogue, CapacityMap, datetime, Bundle, bytes] | None = None

    def bundle_at(self, moment: Moment) -> tuple[Bundle, bytes]:
        """The bundle, and the same bytes compressed."""
        directory, now = moment.directory, moment.now
        if self._kept is not None:
            catalogue, capacity, since, bundle, compressed = self._kept
            same = catalogue is directory.catalogue and capacity is directory.capacity
            if same and since <= now < bundle.changes_at:
                return bundle, compressed
        year = directory.catalogue.gazetteer.edition.attribution_year
        bundle = make_bundle(directory, now, attribution=attribution(year))
        compressed = gzipped(bundle.body)
        self._kept = (directory.catalogue, directory.capacity, now, bundle, compressed)
        return bundle, compressed


@router.get(
    "/v1/snapshot",
    responses=ok(Snapshot, "Every public service, in brief.", cached=True)
    | problems(UnknownParameter, ConditionInvalid, Unavailable),
)
async def read_snapshot(request: Request) -> Response:
    """The whole public directory in brief: for the widget, and for whoever looks for things on their own machine.

    What somebody looks for never leaves their browser. Honour `max-age`, and each `valid_until`: beds go.
    """
    refuse_parameters(request)
    moment = moment_of(request)
    keeper: BundleKeeper = request.app.state.bundles
    bundle, compressed = keeper.bundle_at(moment)
    packed = accepts_gzip(request)
    return cached(
        request,
        compressed if packed else bundle.body,
        media_type="application/json",
        now=moment.now,
        changes_at=bundle.changes_at,
        encoding="gzip" if packed else None,
    )
