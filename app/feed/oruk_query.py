"""What may be asked of the lists of the feed: the parameters of Open Referral UK 3.0 and of HSDS 3.1, strictly.

Several together mean all of them. The same members may be sent as the body of a POST, so that a postcode need not stand in
an address, which histories and logs keep on its way.
"""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.directory.plain_text import QueryText

DEFAULT_PER_PAGE = 500
"""So many that a consumer which reads the first page only gets the whole of a directory such as this."""
MOST_PER_PAGE = 1000

WEEKDAYS = {
    "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday", "SU": "Sunday",
}  # fmt: skip
_ANY_CASE = "|".join(
    "".join(f"[{letter.upper()}{letter.lower()}]" for letter in name)
    for names in WEEKDAYS.items()
    for name in names
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NO_BEDS = "Under 18 nothing of accommodation is given."
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


def _only_rfc_3339(value: object) -> object:
    # Pydantic also reads a number, or the digits of one, as seconds since 1970: nobody means that here.
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("a date and time with offset is expected (RFC 3339)")


AnyMoment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_only_rfc_3339)]
"""Of any year: who harvests for the first time asks for everything since 1970."""
Clock = Annotated[str, Field(pattern=_CLOCK)]
Age = Annotated[float, Field(ge=0, le=200)]


class Paging(BaseModel):
    """Pages start at 1. A page past the end is empty."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        # Pydantic's JSON parser otherwise keeps the last 16,384 short strings of all requests, postcodes among them.
        cache_strings="none",
    )

    page: Annotated[int, Field(ge=1, le=1_000_000, description="Number of the page; the first is 1.")] = 1
    per_page: Annotated[
        int, Field(ge=1, le=MOST_PER_PAGE, description="Results on a page. More is refused, not cut.")
    ] = DEFAULT_PER_PAGE
    format: Annotated[
        Literal["json", "ndjson"],
        Field(description="`ndjson`: all results at once, one on a line, without pages."),
    ] = "json"

    SEARCHING: ClassVar[frozenset[str]] = frozenset(
        {
            "search", "taxonomy_term_id", "taxonomy_id", "minimum_age", "maximum_age", "start_time", "end_time", "day",
            "x_age", "postcode", "proximity",
        }
    )  # fmt: skip
    """Parameters that say what somebody looks for: such an answer is kept nowhere. The others are those of a harvester."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.format == "ndjson" and self.model_fields_set & {"page", "per_page"}:
            raise ValueError("lines hold everything at once: leave page and per_page out")
        given: dict[str, Any] = dict(self)
        if given.get("minimal") and (given.get("full") or given.get("full_service")):
            raise ValueError("minimal and full contradict each other")
        return self

    @property
    def is_search(self) -> bool:
        return bool(self.model_fields_set & self.SEARCHING)


class TaxonomyQuery(Paging):
    """A page of taxonomies."""

    search: Annotated[QueryText | None, Field(description="Words that name or description hold, all.")] = None


class TermQuery(TaxonomyQuery):
    """A page of terms."""

    taxonomy_id: Annotated[UUID | None, Field(description="Only terms of this taxonomy.")] = None
    parent_id: Annotated[UUID | None, Field(description="Only terms right below this one.")] = None
    top_only: Annotated[bool, Field(description="Only terms without a parent.")] = False


class RecordQuery(Paging):
    """What lists of services, of services at locations and of organizations have in common."""

    search: Annotated[
        QueryText | None,
        Field(description="Words that the public texts hold, all of them, in any case."),
    ] = None
    taxonomy_term_id: Annotated[UUID | None, Field(description="Only services with this term.")] = None
    taxonomy_id: Annotated[UUID | None, Field(description="Only services with a term of this taxonomy.")] = (
        None
    )
    modified_after: Annotated[
        AnyMoment | None,
        Field(description="Only what was changed or taken out at or after this moment (RFC 3339, offset)."),
    ] = None
    minimal: Annotated[
        bool,
        Field(description="Only id, name, status and last_modified: to see what has changed."),
    ] = False
    full: Annotated[bool, Field(description="Whole records, as the address of each gives them.")] = False


class OrganizationQuery(RecordQuery):
    """A page of organizations."""

    full_service: Annotated[bool, Field(description="Whole records, with whole services in them.")] = False


class ServiceQuery(RecordQuery):
    """A page of services."""

    organization_id: Annotated[UUID | None, Field(description="Only services of this organization.")] = None
    minimum_age: Annotated[
        Age | None,
        Field(
            description="Only services whose minimum_age is at least this, by the letter of the standard. For whom a service is "
            f"suitable, ask with x_age. {_NO_BEDS}"
        ),
    ] = None
    maximum_age: Annotated[
        Age | None,
        Field(description=f"Only services whose maximum_age is at most this, by the letter. {_NO_BEDS}"),
    ] = None
    x_age: Annotated[
        Age | None,
        Field(description=f"Only services that take, or may take, a person of this age. {_NO_BEDS}"),
    ] = None
    start_time: Annotated[
        Clock | None,
        Field(
            description="Only services with a schedule whose opens_at is at or after this (HH:MM or HH:MM:SS)."
        ),
    ] = None
    end_time: Annotated[
        Clock | None,
        Field(description="Only services with a schedule whose closes_at is at or before this."),
    ] = None
    day: Annotated[
        str | None,
        Field(
            pattern=f"^({_ANY_CASE})$",
            description="Only services with a schedule on this day: MO to SU, or its English name. With start_time or end_time, "
            "one schedule has to fit all of them.",
        ),
    ] = None

    @property
    def weekday(self) -> str | None:
        return None if self.day is None else self.day[:2].upper()


class PlaceQuery(ServiceQuery):
    """A page of services at locations."""

    postcode: Annotated[
        str | None,
        Field(
            description="Only services that cover this postcode (B1 1BB), sector (B1 1) or district (B1). Send it in the body of a "
            "POST: addresses are kept by histories and logs."
        ),
    ] = None
    proximity: Annotated[
        float | None,
        Field(
            gt=0,
            le=1_000_000,
            description="Also: only public places at most so many metres from the middle of the postcode. A service without a public "
            "place (by telephone, by visits, confidential) has no distance, and is left out.",
        ),
    ] = None

    @model_validator(mode="after")
    def _is_near_something(self) -> Self:
        if self.proximity is not None and self.postcode is None:
            raise ValueError("proximity needs a postcode")
        return self
