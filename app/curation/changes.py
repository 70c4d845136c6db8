"""Which fields of a record may be changed, by a provider or by a curator, and the record as it would be with a change.

Confidentiality, the host area and where facts come from are not among them: those have ways of their own (`flagging`,
`unflagging`, `assuring`).
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import to_json

from app.curation.submissions import (
    AssuranceSubmission,
    Code,
    ContactSubmission,
    CoverageSubmission,
    EligibilitySubmission,
    FlowSubmission,
    HoursSubmission,
    IdentifierSubmission,
    LocationSubmission,
    OrganizationSubmission,
    PhoneSubmission,
    RouteSubmission,
    ServiceSubmission,
    Submission,
    YesNoAsk,
)
from app.directory.contact_points import EmailAddress, PublicUrl
from app.directory.plain_text import Line, Name, Paragraphs

LEFT_OUT: Any = None
"""The default of a member that was not sent; what was sent is in `model_fields_set`."""

WITH_PRIVATE_LINES = ("phones", "contacts")
"""Lists of which a provider is shown, and proposes, the public part; lines for professionals stay beside it."""


class Changes(Submission):
    """The fields to change, each with its whole new value. `null` takes away what may be missing."""

    model_config = ConfigDict(strict=True, cache_strings="none")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one field to change")
        return self

    def as_json(self) -> dict[str, Any]:
        """What was sent, and nothing else."""
        return self.model_dump(mode="json", include=self.model_fields_set)


class ServiceChanges(Changes):
    """The fields to change, each with its whole new value. `null` takes away what may be missing.

    Places and referral routes are described to the curator in `note`.
    """

    name: Name = LEFT_OUT
    description: Paragraphs = LEFT_OUT
    reach: Literal["site", "outreach_area", "remote", "national"] = LEFT_OUT
    status: Literal["active", "inactive", "defunct", "temporarily closed"] = LEFT_OUT
    url: PublicUrl | None = None
    email: EmailAddress | None = None
    needs: tuple[Code, ...] = LEFT_OUT
    exploitation: tuple[Code, ...] = LEFT_OUT
    coverage: CoverageSubmission = LEFT_OUT
    eligibility: EligibilitySubmission = LEFT_OUT
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{3}$")], ...] = LEFT_OUT
    interpreter: YesNoAsk | None = None
    phones: tuple[PhoneSubmission, ...] = LEFT_OUT
    contacts: tuple[ContactSubmission, ...] = LEFT_OUT
    hours: HoursSubmission = LEFT_OUT
    information_flow: FlowSubmission = LEFT_OUT
    anonymous_contact: bool | None = None
    privacy_url: PublicUrl | None = None
    application_process: Paragraphs | None = None
    fees_description: Line | None = None
    counts_public: bool = LEFT_OUT


class CuratedChanges(ServiceChanges):
    """The fields to change, each with its whole new value. `null` takes away what may be missing.

    A place or referral route that is stored keeps its row by the key that the record shows for it.
    """

    locations: tuple[LocationSubmission, ...] = LEFT_OUT
    routes: tuple[RouteSubmission, ...] = LEFT_OUT
    child_card_role: Literal["childrens_services", "guardianship"] | None = None


class OrganizationChanges(Changes):
    """The fields of an organization to change, each with its whole new value."""

    name: Name = LEFT_OUT
    description: Paragraphs = LEFT_OUT
    website: PublicUrl | None = None
    email: EmailAddress | None = None
    identifiers: tuple[IdentifierSubmission, ...] = LEFT_OUT
    phones: tuple[PhoneSubmission, ...] = LEFT_OUT


class WholeServiceChanges(CuratedChanges):
    """The same with where its facts come from: of going back, which makes nothing fresh, and not to be sent by anybody."""

    assurance: tuple[AssuranceSubmission, ...] = LEFT_OUT


class WholeOrganizationChanges(OrganizationChanges):
    """The same of an organization."""

    assurance: tuple[AssuranceSubmission, ...] = LEFT_OUT


Record = ServiceSubmission | OrganizationSubmission


def changed(record: Record, changes: Changes) -> Record:
    """The record with what was sent in place of what was there. Nothing is checked here."""
    return record.model_copy(update={name: getattr(changes, name) for name in changes.model_fields_set})


def proposed(record: Record, new: Mapping[str, Any], fields: Collection[str], *, by_provider: bool) -> Record:
    """The record with these fields of a stored proposal. A provider's lists leave lines for professionals as they are."""
    is_service = isinstance(record, ServiceSubmission)
    shape: type[Changes] = WholeServiceChanges if is_service else WholeOrganizationChanges
    changes = shape.model_validate_json(to_json({name: new[name] for name in fields}))
    found = changed(record, changes)
    if not by_provider:
        return found
    kept = {
        name: (*getattr(found, name), *_professional(getattr(record, name)))
        for name in WITH_PRIVATE_LINES
        if name in changes.model_fields_set and not _professional(getattr(found, name))
    }
    return found.model_copy(update=kept)


def _professional(lines: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(one for one in lines if one.visibility == "professional")


def values_of(record: Record, fields: Collection[str]) -> dict[str, Any]:
    """These fields of a record as JSON values."""
    return record.model_dump(mode="json", include=set(fields))
