"""The shapes in which records come in: seed files today, imports and the curation API later.

A submission is what somebody wrote down, checked field by field. Whether it may be published, and what of it the
public sees, is decided in `publishing` and `directory.projection`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.directory.contact_points import EmailAddress, Phone, PublicUrl
from app.directory.plain_text import Line, Name, Paragraphs
from app.gss import GSS

GssCode = Annotated[str, Field(pattern=GSS)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A code of the vocabulary; whether the vocabulary has it is checked when the record is published."""
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
YesNoAsk = Literal["yes", "no", "ask"]
RECORD_KEY = r"^[a-z0-9][a-z0-9-]{0,99}$"


class Submission(BaseModel):
    """Base of all: unknown members are refused and nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AssuranceSubmission(Submission):
    """Where a fact comes from. `mark` grades the source; `fact` is a field name or the whole `record`."""

    fact: Code = "record"
    state: Literal["unverified", "provider_confirmed", "curator_checked"] = "unverified"
    mark: Literal["confirmed", "second_hand", "general", "unknown", "invented"]
    source: Line
    source_url: PublicUrl | None = None
    confirmed_on: date | None = None
    review_by: date


class PhoneSubmission(Submission):
    number: Phone
    phone_type: Literal["voice", "sms", "text", "whatsapp"] = "voice"
    description: Line | None = None
    is_public_office: bool = False
    visibility: Literal["public", "professional"] = "public"


class ContactSubmission(Submission):
    """A role mailbox; never a named person."""

    role: Name
    email: EmailAddress | None = None
    visibility: Literal["public", "professional"] = "public"


class ScheduleSubmission(Submission):
    """One row of opening hours, as `app.directory.hours.ScheduleRow` describes it."""

    kind: Literal["weekly", "extra", "closed"] = "weekly"
    byday: tuple[Weekday, ...] = ()
    opens_at: TimeOfDay | None = None
    closes_at: TimeOfDay | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    bank_holidays: Literal["open", "closed", "unknown"] = "unknown"


ALWAYS_OPEN = ScheduleSubmission(
    byday=("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
    opens_at="00:00",
    closes_at="24:00",
    bank_holidays="open",
)

HoursSubmission = Literal["24/7"] | tuple[ScheduleSubmission, ...]


def schedule_rows(hours: HoursSubmission) -> tuple[ScheduleSubmission, ...]:
    return (ALWAYS_OPEN,) if hours == "24/7" else hours


class CoverageSubmission(Submission):
    """What the service covers: everywhere said explicitly, GSS codes, postcode districts, or polygons (GeoJSON)."""

    everywhere: bool = False
    areas: tuple[GssCode, ...] = ()
    postcode_districts: tuple[Annotated[str, Field(pattern=r"^[A-Z]{1,2}\d[A-Z\d]?$")], ...] = ()
    polygons: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        narrower = bool(self.areas or self.postcode_districts or self.polygons)
        if self.everywhere == narrower:
            raise ValueError("either everywhere, or at least one area, district or polygon")
        return self


class LocationSubmission(Submission):
    """A public place. Its grid position is that of its postcode; without one it has no position."""

    key: Annotated[str, Field(pattern=RECORD_KEY)]
    name: Name
    address_1: Line | None = None
    city: Name | None = None
    postal_code: Annotated[str, Field(max_length=8)] | None = None
    is_public_office: bool = False


class EligibilitySubmission(Submission):
    """Whom the service accepts; what is left out is not known, and answered with "ask"."""

    sex_accepted: Literal["women", "men", "any"] | None = None
    trans_inclusive: YesNoAsk = "ask"
    minimum_age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    maximum_age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    with_children: YesNoAsk = "ask"
    no_recourse_to_public_funds: YesNoAsk = "ask"
    couples: YesNoAsk = "ask"
    pets: YesNoAsk = "ask"
    step_free: YesNoAsk = "ask"
    description: Paragraphs | None = None


class RouteSubmission(Submission):
    """One way into the service. `via_service` is the key of the service through which the referral goes."""

    key: Annotated[str, Field(pattern=RECORD_KEY)]
    name: Name
    channel: Literal["phone", "sms", "email", "web_form", "walk_in", "via_service"]
    via_service: Annotated[str, Field(pattern=RECORD_KEY)] | None = None
    phone: Phone | None = None
    phone_is_public_office: bool = False
    email: EmailAddress | None = None
    form_url: PublicUrl | None = None
    referrers: tuple[Code, ...] = ()
    stages: tuple[Code, ...] = ()
    consent: Literal["required", "best_interests_allowed", "not_required_child", "not_applicable"] | None = (
        None
    )
    age_group: Literal["adult", "child"] | None = None
    response_time: (
        Annotated[
            str, Field(pattern=r"^now$|^P[0-9]+D$|^P([0-9]+D)?T([0-9]+H([0-9]+M)?|[0-9]+M)$", max_length=20)
        ]
        | None
    ) = None
    information_needed: Paragraphs | None = None
    notes: Paragraphs | None = None
    hours: HoursSubmission = ()
    visibility: Literal["public", "professional"] = "public"


class FlowSubmission(Submission):
    """What the service passes on to each recipient. Left out means unknown, and is shown as unknown."""

    police: Code = "unknown"
    home_office_enforcement: Code = "unknown"
    home_office_nrm: Code = "unknown"
    council: Code = "unknown"
    funder: Code = "unknown"


class ServiceSubmission(Submission):
    """A service as its source describes it."""

    key: Annotated[str, Field(pattern=RECORD_KEY)]
    name: Name
    description: Paragraphs
    reach: Literal["site", "outreach_area", "remote", "national"]
    confidential: bool = False
    host_area: GssCode | None = None
    narrow_coverage_consent_on: date | None = None
    status: Literal["active", "inactive", "defunct", "temporarily closed"] = "active"
    url: PublicUrl | None = None
    email: EmailAddress | None = None
    needs: tuple[Code, ...]
    exploitation: tuple[Code, ...] = ()
    coverage: CoverageSubmission
    eligibility: EligibilitySubmission = EligibilitySubmission()
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{3}$")], ...] = ()
    interpreter: YesNoAsk | None = None
    phones: tuple[PhoneSubmission, ...] = ()
    contacts: tuple[ContactSubmission, ...] = ()
    hours: HoursSubmission = ()
    locations: tuple[LocationSubmission, ...] = ()
    routes: tuple[RouteSubmission, ...] = ()
    information_flow: FlowSubmission = FlowSubmission()
    anonymous_contact: bool | None = None
    privacy_url: PublicUrl | None = None
    application_process: Paragraphs | None = None
    fees_description: Line | None = None
    child_card_role: Literal["childrens_services", "guardianship"] | None = None
    counts_public: bool = False
    assurance: tuple[AssuranceSubmission, ...] = Field(min_length=1)


class IdentifierSubmission(Submission):
    """A registration, by a scheme of org-id.guide such as GB-CHC."""

    identifier_scheme: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{2,10}$")]
    identifier_type: Name
    identifier: Name
    is_public_office: bool = False


class OrganizationSubmission(Submission):
    """An organization with all its services."""

    key: Annotated[str, Field(pattern=RECORD_KEY)]
    name: Name
    description: Paragraphs
    website: PublicUrl | None = None
    email: EmailAddress | None = None
    identifiers: tuple[IdentifierSubmission, ...] = ()
    phones: tuple[PhoneSubmission, ...] = ()
    assurance: tuple[AssuranceSubmission, ...] = Field(min_length=1)
    services: tuple[ServiceSubmission, ...] = ()


def texts_of(submission: BaseModel, at: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a submission with the JSON pointer of its field, for the confidentiality lint."""
    yield from texts_within(submission.model_dump(mode="json", exclude_none=True), at)


def texts_within(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Every string in a JSON value that has the pointer `at`, with its own pointer."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from texts_within(member, f"{at}/{name}")
    elif isinstance(value, list | tuple):
        for position, member in enumerate(value):
            yield from texts_within(member, f"{at}/{position}")
