"""What may be asked: one strict model for the body of a POST and for the parameters of a GET.

Codes of needs, exploitation, referrers and stages belong to the vocabulary, which is data, so `check_codes` looks them
up in the Directory at hand instead of a list in code.
"""

import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.directory.columns import ACCOMMODATION, ADULT_FROM, CHILD_STAGE, AgeGroup
from app.directory.plain_text import QueryText
from app.directory.snapshot import Directory
from app.errors import FieldError, ValidationFailed
from app.gss import GSS

MAX_LIMIT = 50
MAX_WITHIN_KM = 200
CODE = r"^[a-z][a-z0-9_]{0,59}$"

Code = Annotated[str, Field(pattern=CODE)]


def _refuse_early_and_late(moment: datetime) -> datetime:
    # Hours and bank holidays are not known for other centuries, and arithmetic at the ends of the calendar overflows.
    if not 2020 <= moment.year <= 2099:
        raise ValueError("a moment between 2020 and 2099")
    return moment


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _only_rfc_3339(value: object) -> object:
    # Pydantic also reads a number, or the digits of one, as seconds since 1970: nobody means that here.
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("a date and time with offset is expected (RFC 3339)")


Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_only_rfc_3339)]
"""A moment as RFC 3339 writes it, with seconds and offset."""


class SearchQuery(BaseModel):
    """A search. Everything is optional; an origin (`postcode`, `lat` with `lon`, or `area`) makes it a search for a place."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        # Pydantic's JSON parser otherwise keeps the last 16,384 short strings of all requests, postcodes among them.
        cache_strings="none",
        json_schema_extra={
            "examples": [
                {
                    "postcode": "B69 3DE",
                    "need": "casework_advocacy",
                    "sex": "women",
                    "age_group": "adult",
                    "referrer": "police",
                }
            ]
        },
    )

    postcode: Annotated[
        str | None,
        Field(
            description="A postcode (B1 1BB), sector (B1 1) or district (B1). Never stored, logged or repeated."
        ),
    ] = None
    lat: Annotated[float | None, Field(description="Latitude, WGS84 degrees; with `lon`.")] = None
    lon: Annotated[float | None, Field(description="Longitude, WGS84 degrees; with `lat`.")] = None
    area: Annotated[
        str | None,
        Field(
            pattern=GSS, description="GSS code of a local authority, police force area, region or country."
        ),
    ] = None
    need: Annotated[Code | None, Field(description="What is needed: a code of the `need` vocabulary.")] = None
    exploitation: Annotated[
        Code | None, Field(description="Kind of exploitation: a code of the `exploitation` vocabulary.")
    ] = None
    sex: Annotated[
        Literal["women", "men", "other", "unknown"] | None, Field(description="Of the person to be helped.")
    ] = None
    age: Annotated[
        int | None, Field(ge=0, le=120, description="Age in years. Under 18, children's services come first.")
    ] = None
    age_group: Annotated[
        Literal["adult", "child", "unsure"] | None, Field(description="`unsure` is treated as a child.")
    ] = None
    with_children: Annotated[bool | None, Field(description="Whether children come along.")] = None
    language: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z]{3}$",
            description="Language of the person, ISO 639-3, such as sqi. English asks nothing: every service works in it.",
        ),
    ] = None
    referrer: Annotated[
        Code | None, Field(description="Who refers: a code of the `referrer` vocabulary.")
    ] = None
    stage: Annotated[
        Code | None,
        Field(
            description="Where the person is in the process: a code of the `stage` vocabulary. "
            "`child_route` says that the person may be under 18."
        ),
    ] = None
    reach: Annotated[
        Literal["site", "outreach_area", "remote", "national"] | None,
        Field(description="How the service meets people."),
    ] = None
    has_capacity: Annotated[
        bool | None,
        Field(description="Drop what is publicly full, closed or has a waiting list. Unknown stays: ring."),
    ] = None
    open_at: Annotated[
        Instant | None,
        Field(description="Only what is open, or may be, at this moment (RFC 3339 with offset)."),
    ] = None
    within_km: Annotated[
        float | None,
        Field(
            gt=0,
            le=MAX_WITHIN_KM,
            description="Drop places to go to that are farther. Needs a postcode or lat and lon.",
        ),
    ] = None
    avoid_area: Annotated[
        str | None, Field(pattern=GSS, description="GSS code of an area where the person must not be sent.")
    ] = None
    text: Annotated[
        QueryText | None, Field(description="Words that the service's public texts contain, all of them.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Number of results.")] = 10

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together")
        if (self.postcode, self.lat, self.area).count(None) < 2:
            raise ValueError("one origin: a postcode, or lat and lon, or an area")
        if self.within_km is not None and self.postcode is None and self.lat is None:
            raise ValueError("within_km needs a postcode, or lat and lon")
        if self.open_at is not None:
            _refuse_early_and_late(self.open_at)
        if self.age is not None and self.age_group == ("child" if self.age >= ADULT_FROM else "adult"):
            raise ValueError("age and age_group contradict each other")
        if self.stage == CHILD_STAGE and self.age_group == "adult":
            raise ValueError("stage and age_group contradict each other")
        return self

    @property
    def has_origin(self) -> bool:
        return self.postcode is not None or self.lat is not None or self.area is not None

    @property
    def is_child(self) -> bool:
        """Under 18, said to be, or not sure: children's services first (docs/search.md, sections 2 and 5)."""
        return (
            self.age_group in ("child", "unsure")
            or (self.age is not None and self.age < ADULT_FROM)
            # The stage says the same as "not sure", whatever age is given beside it.
            or (self.stage == CHILD_STAGE and self.age_group is None)
        )

    @property
    def is_adult(self) -> bool:
        return not self.is_child and (self.age is not None or self.age_group == "adult")

    @property
    def person_age_group(self) -> AgeGroup:
        """`child`, `adult`, or None where nothing is known."""
        return "child" if self.is_child else "adult" if self.is_adult else None

    @property
    def places_for(self) -> str | None:
        """Whose places count for this person, as in COUNTING_FOR; None while nothing is known."""
        if self.is_child:
            return "children"
        if self.with_children:
            return "families"
        if self.sex is None or self.sex == "unknown":
            return "adult" if self.is_adult else None
        return self.sex

    @property
    def asks_for_beds(self) -> bool:
        """Whether it is beds that count: unless something else is needed, for nothing is as urgent."""
        return self.need is None or self.need in ACCOMMODATION


def check_codes(query: SearchQuery, directory: Directory) -> None:
    """Raise ValidationFailed, naming each field whose code the vocabulary or the list of areas does not have."""
    known = directory.catalogue.term_names
    wrong = [
        FieldError(f"/{name}", f"a code of the {name} vocabulary, see /v1/vocabulary")
        for name, code in (
            ("need", query.need),
            ("exploitation", query.exploitation),
            ("referrer", query.referrer),
            ("stage", query.stage),
        )
        if code is not None and code not in known.get(name, {})
    ]
    if query.avoid_area is not None and query.avoid_area not in directory.catalogue.areas:
        wrong.append(FieldError("/avoid_area", "a GSS code of an area in use, see /v1/areas"))
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))
