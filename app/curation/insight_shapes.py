"""What boards are told, as shapes: those of `GET /v1/curation/insight`, of `directory insight --json`, and behind the page."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.records import AreaName

Mark = Literal["", "!", "!!"]


class InsightShape(BaseModel):
    """Base: frozen, with every field always present in the JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Cell(InsightShape):
    """One need in one borough. `ask` and `free` are parts of `services`; so is `partly`, whatever their status."""

    area_code: str
    services: int
    free: int
    ask: int
    partly: Annotated[int, Field(description="Those that cover only a part of the borough.")]
    mark: Annotated[
        Mark, Field(description="`!`: none of them says that it is free. `!!`: there is none at all.")
    ]
    text: Annotated[str, Field(description="Free of all, with the mark: `2/5`, `0/3 !`, `0/0 !!`.")]


class NeedRow(InsightShape):
    """One need in every borough, in the order of `boroughs`."""

    need: str
    name: str
    cells: tuple[Cell, ...]


class Gap(InsightShape):
    """A borough with the needs for which no service covers any part of it."""

    area_code: str
    name: str
    needs: Annotated[tuple[str, ...], Field(description="Codes of the vocabulary.")]
    need_names: Annotated[tuple[str, ...], Field(description="The same in words.")]


class FigureToRenew(InsightShape):
    """A figure that has run out, or a service with places that never reported. Confidential services are not listed."""

    service_id: UUID
    service_name: str
    organization_name: str
    unit: str | None
    applies_to: str | None
    state: Literal["expired", "never_reported"]
    valid_until: datetime | None


class Freshness(InsightShape):
    """How many figures are in each state; a service with places that never reported counts once."""

    fresh: int
    ageing: int
    expired: int
    never_reported: int
    confidential: Annotated[
        int, Field(description="Confidential services, whose figures are in none of the other counts.")
    ]
    to_renew: tuple[FigureToRenew, ...]


class OverdueFact(InsightShape):
    """A public fact that should have been looked at again, and who said it."""

    record_type: Literal["service", "organization"]
    record_id: UUID
    record_name: str
    organization_name: str
    fact: str
    state: str
    source: str
    confirmed_on: date | None
    review_by: date
    days: int


class ServiceCalls(InsightShape):
    """What officers found at one service in thirty days. `helped` and `full` are null for a confidential service."""

    service_id: UUID
    service_name: str
    organization_name: str
    confidential: bool
    helped: int | None
    full: int | None
    no_answer: int
    wrong_number: int


class Insight(InsightShape):
    """Everything, as of one moment."""

    made_at: datetime
    demonstration: bool
    home_area: AreaName
    services: int
    boroughs: tuple[AreaName, ...]
    board: tuple[NeedRow, ...]
    gaps: tuple[Gap, ...]
    freshness: Freshness
    overdue: tuple[OverdueFact, ...]
    calls: tuple[ServiceCalls, ...]
    notes: tuple[str, ...]
