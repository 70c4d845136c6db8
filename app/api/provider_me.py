"""What a provider's key may do, for which services, what the public sees of them now, and when each figure ends."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.access.principals import Principal
from app.api.callers import CALLER_PROBLEMS, ReadSession, caller
from app.api.documented import ok, problems
from app.api.provider_shapes import OwnCapacity, own_capacity
from app.api.shapes import Shape
from app.api.strict import refuse_parameters
from app.capacity.owning import own_services
from app.capacity.standing import ServiceFacts, Standing, standings_of
from app.errors import UnknownParameter

router = APIRouter(tags=["provider"])

Provider = Annotated[Principal, caller("capacity:write", "service:propose")]


class KeyOut(Shape):
    """The key that asks. Its secret part is never shown again."""

    id: str
    scopes: list[str]
    organization_id: UUID | None


class OwnService(Shape):
    """A service of the key's organization."""

    id: UUID
    name: str
    confidential: bool
    published: bool
    capacity: OwnCapacity
    version: Annotated[str, Field(description="The ETag of its capacity, for If-Match.")]
    expires_at: Annotated[
        datetime | None,
        Field(
            description="When the next of its figures ends; null when all have, or say `unknown`, or none was reported."
        ),
    ]


class Me(Shape):
    """Who asks, and what is theirs."""

    key: KeyOut
    services: list[OwnService]


@router.get(
    "/v1/provider/me",
    responses=ok(Me, "The key and its services.") | problems(*CALLER_PROBLEMS, UnknownParameter),
)
def read_me(request: Request, by: Provider, session: ReadSession) -> Response:
    """What this key may do, its services, what the public sees of them now, and when each figure will expire."""
    refuse_parameters(request)
    now = request.app.state.clock()
    services = own_services(session, by)
    standings = standings_of(session, [one.id for one in services])
    shown = Me(
        key=KeyOut(id=by.id, scopes=sorted(by.scopes), organization_id=by.organization_id),
        services=[_own(facts, standing, now) for facts, standing in zip(services, standings, strict=True)],
    )
    return Response(shown.model_dump_json(), media_type="application/json")


def _own(facts: ServiceFacts, standing: Standing, now: datetime) -> OwnService:
    return OwnService(
        id=facts.id,
        name=facts.name,
        confidential=facts.confidential,
        published=facts.is_public,
        capacity=own_capacity(facts, standing, now),
        version=standing.version,
        expires_at=min(
            (one.valid_until for one in standing.not_ended(now) if one.status_at(now) != "unknown"),
            default=None,
        ),
    )
