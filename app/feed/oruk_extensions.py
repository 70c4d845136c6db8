"""What Open Referral UK has no field for, as shapes of their own: every extension of the feed starts with `x_`.

Their descriptions are the documentation: they stand in the feed's OpenAPI document, and `docs/oruk.md` lists them.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Answer = Literal["yes", "no", "ask"]
Uri = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 in UTC, with milliseconds where the standard asks for them."""
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
ClockTime = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"})]
"""Civil time, `09:00:00`: no zone, so that every consumer reads the hour that is on the door."""


def left_out_when_empty(schema: dict[str, Any]) -> None:
    """The schema of a shape whose empty members are not in the JSON: nothing in it is ever null."""
    for declared in schema.get("properties", {}).values():
        declared.pop("title", None)
        if "default" in declared and declared["default"] is None:
            del declared["default"]
        options = [option for option in declared.get("anyOf", ()) if option != {"type": "null"}]
        if len(options) == 1:
            del declared["anyOf"]
            declared.update(options[0] | declared)


class OrukShape(BaseModel):
    """Base: what is empty is left out (never null), and nothing else is there."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=left_out_when_empty)


class XAssurance(OrukShape):
    """Where a fact comes from and when it has to be looked at again. `fact` is a field, or the whole `record`."""

    fact: str
    state: Literal["unverified", "provider_confirmed", "curator_checked"]
    mark: Literal["confirmed", "second_hand", "general", "unknown", "invented"]
    source: str
    source_url: Uri | None = None
    confirmed_on: Day | None = None
    review_by: Annotated[Day, Field(description="Past this day the fact is overdue: say so.")]


class XEligibility(OrukShape):
    """Whom the service accepts. `ask`, or a member that is not there, means: not known, ring and ask."""

    sex_accepted: Literal["women", "men", "any"] | None = None
    trans_inclusive: Answer
    with_children: Answer
    no_recourse_to_public_funds: Answer
    couples: Answer
    pets: Answer
    step_free: Answer
    description: str | None = None


class XInformationFlow(OrukShape):
    """What the service passes on to each recipient: always, with_consent, safeguarding_only, never or unknown.

    `unknown` is not `never`: do not show it as safe.
    """

    police: str
    home_office_enforcement: str
    home_office_nrm: str
    council: str
    funder: str
    anonymous_contact: Annotated[
        bool | None, Field(description="Whether somebody may ask without giving a name.")
    ] = None
    privacy_url: Uri | None = None


class XCoverage(OrukShape):
    """What the service covers, by code: what `service_areas` says in many rows. Decide by code, never by shape."""

    everywhere: bool
    areas: Annotated[tuple[str, ...] | None, Field(description="GSS codes.")] = None
    postcode_districts: tuple[str, ...] | None = None
    polygons: Annotated[
        int | None, Field(description="Number of areas drawn by hand; their shapes are in `service_areas`.")
    ] = None


class XFigure(OrukShape):
    """The latest report for one unit and group of people."""

    unit: str
    applies_to: str
    status: str
    waits_days: int | None = None
    confirmed_at: Moment
    valid_until: Annotated[
        Moment | None, Field(description="From this second on the status is `unknown`.")
    ] = None
    freshness: Literal["fresh", "ageing", "unknown"]


class XCapacity(OrukShape):
    """Capacity at the moment of the answer; times are floored to the hour. Do not keep it beyond `valid_until`.

    That of a confidential service is always `assess_first`, without times: ring to ask.
    """

    status: Literal[
        "accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown"
    ]
    hl7_status: Annotated[
        Literal["capacity", "no-capacity", "waitlist", "additional-assessment-required"] | None,
        Field(
            description="The same in the words of HL7 (SDOH Clinical Care); not there when the status is not known."
        ),
    ] = None
    confirmed_at: Moment | None = None
    valid_until: Moment | None = None
    freshness: Literal["fresh", "ageing", "unknown"] | None = None
    figures: tuple[XFigure, ...] | None = None


class XLocalAuthority(OrukShape):
    """The local authority in which a public place lies."""

    code: str
    name: str


class XPartOfAddress(OrukShape):
    """What is known of an address that is not known whole; the standard has whole addresses only."""

    address_1: str | None = None
    city: str | None = None
    postal_code: str | None = None


class XSchedule(OrukShape):
    """Opening hours (HSDS `schedule`), in civil time of Europe/London.

    A closing time at or before the opening time is on the next day. Midnight as an end is `23:59:00`, with
    `x_closes_at` `24:00:00`.
    """

    id: UUID
    service_id: UUID | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    freq: Literal["WEEKLY"] | None = None
    byday: Annotated[str | None, Field(description="Days as in `MO,TU`.")] = None
    description: str | None = None
    opens_at: ClockTime | None = None
    closes_at: ClockTime | None = None
    x_kind: Annotated[
        Literal["weekly", "extra", "closed"],
        Field(
            description="`weekly`: the usual hours. `extra`: on the dates from valid_from to valid_to these hours replace the "
            "usual ones. `closed`: nothing is open on those dates."
        ),
    ]
    x_closes_at: Annotated[
        ClockTime | None, Field(description="The end exactly, where it is 23:59 or midnight (`24:00:00`).")
    ] = None
    x_bank_holidays: Annotated[
        Literal["open", "closed", "unknown"],
        Field(description="What a weekly row does on the bank holidays of England."),
    ]


class XReferralRoute(OrukShape):
    """One way to refer: who may use it, at which stage, by which channel, with what consent, how fast.

    Codes are those of the taxonomy of referral routes. Without `referrers` or `stages` it is not known for whom.
    """

    id: UUID
    name: str
    channel: Literal["phone", "sms", "email", "web_form", "walk_in", "via_service"]
    contact: Annotated[
        str | None, Field(description="The number, address or page to use. None where one is not public.")
    ] = None
    via_service_id: Annotated[
        UUID | None, Field(description="The service through which the referral goes (`via_service`).")
    ] = None
    referrers: tuple[str, ...] | None = None
    stages: tuple[str, ...] | None = None
    age_group: Literal["adult", "child"] | None = None
    consent: Literal["required", "best_interests_allowed", "not_required_child", "not_applicable"] | None = (
        None
    )
    response_time: Annotated[str | None, Field(description="ISO 8601 duration, or `now`.")] = None
    information_needed: str | None = None
    notes: str | None = None
    hours: Annotated[tuple[XSchedule, ...] | None, Field(description="Without: not known.")] = None
    required_document_ids: tuple[UUID, ...] | None = None
    x_public_office: Annotated[
        bool | None,
        Field(description="The local number is that of a public office of a body that also runs a refuge."),
    ] = None
