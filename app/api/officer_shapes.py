"""What an officer sees beside the public answer: exact figures, lines and routes for professionals, calls of this hour."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.shapes import CapacityStatus, NearMissOut, SearchAnswer, SearchResult, ServiceOut, Shape
from app.capacity.standing import Standing, StoredFigure
from app.directory.calls import CallTally
from app.directory.freshness import free_places
from app.directory.officer_facts import OfficerFacts
from app.directory.records import PublicContact, PublicPhone, PublicRoute


class OfficerFigure(Shape):
    """The latest report for one unit and group, also of a confidential service. Past `valid_until` it is `unknown`, and
    how many there were is not said any more.
    """

    unit: str
    applies_to: str
    status: CapacityStatus
    freshness: Literal["fresh", "ageing", "unknown"]
    available: int | None
    maximum: int | None
    waits_days: int | None
    seen_at: Annotated[datetime, Field(description="When somebody at the service looked, exactly.")]
    valid_until: datetime
    source: Literal["key", "page", "telephone", "import"]


class CallsOut(Shape):
    """What officers found in this hour (UTC): how many found what, each counted once, with what they found last."""

    helped: int
    full: int
    no_answer: int
    wrong_number: int
    in_words: Annotated[list[str], Field(description="Such as `two officers found it full this hour`.")]


class OfficerOut(Shape):
    """For professionals only; not to be shown to whoever stands beside you, or passed on."""

    capacity: list[OfficerFigure]
    phones: Annotated[list[PublicPhone], Field(description="Lines of the service for professionals.")]
    organization_phones: Annotated[
        list[PublicPhone], Field(description="Lines for professionals of the organization that runs it.")
    ]
    contacts: list[PublicContact]
    referral_routes: Annotated[
        list[PublicRoute],
        Field(description="Routes that are not public; `referrers` says whether police may use one."),
    ]
    calls: CallsOut


NO_OFFICER = "Null where `live_facts` is false, and for a service that has just ceased to be listed."
NOT_LIVE = (
    "False while the database is away: then every `officer` is null, and the rest is what the public gets."
)


class OfficerSearchResult(SearchResult):
    """A result of the public search, and what officers may know of it."""

    officer: Annotated[OfficerOut | None, Field(description=NO_OFFICER)]


class OfficerNearMiss(NearMissOut):
    """A near miss, and what officers may know of it: perhaps a route for professionals where the public ones are for others."""

    officer: Annotated[OfficerOut | None, Field(description=NO_OFFICER)]


class OfficerSearchAnswer(SearchAnswer):
    """The public search's answer, in its order and with its totals and reasons, and `officer` beside every result and near
    miss. Services that are open to this referrer by a route for professionals alone stand at the end of the near misses.
    """

    results: list[OfficerSearchResult]  # type: ignore[assignment]
    near_misses: list[OfficerNearMiss]  # type: ignore[assignment]
    live_facts: Annotated[bool, Field(description=NOT_LIVE)]


class OfficerServiceOut(ServiceOut):
    """A public service, and what officers may know of it."""

    officer: Annotated[OfficerOut | None, Field(description=NO_OFFICER)]
    live_facts: Annotated[bool, Field(description=NOT_LIVE)]


class ServiceCalls(Shape):
    """What officers found at this service in this hour, yours included."""

    service_id: UUID
    calls: CallsOut


def calls_out(tally: CallTally) -> CallsOut:
    return CallsOut(
        helped=tally.helped,
        full=tally.full,
        no_answer=tally.no_answer,
        wrong_number=tally.wrong_number,
        in_words=tally.in_words(),
    )


def officer_out(facts: OfficerFacts, standing: Standing, now: datetime) -> OfficerOut:
    return OfficerOut(
        capacity=[_figure(one, now) for one in standing.not_ended(now)] if facts.is_running else [],
        phones=list(facts.phones),
        organization_phones=list(facts.organization_phones),
        contacts=list(facts.contacts),
        referral_routes=list(facts.referral_routes),
        calls=calls_out(facts.calls),
    )


def _figure(one: StoredFigure, now: datetime) -> OfficerFigure:
    status = one.status_at(now)
    known = status != "unknown"
    return OfficerFigure(
        unit=one.unit,
        applies_to=one.applies_to,
        status=status,  # type: ignore[arg-type]
        freshness=one.freshness_at(now),
        available=free_places(status, one.available) if known else None,
        maximum=one.maximum if known else None,
        waits_days=one.waits_days if known else None,
        seen_at=one.last_seen_at,
        valid_until=one.valid_until,
        source=one.source,  # type: ignore[arg-type]
    )
