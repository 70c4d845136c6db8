"""How curators are shown records, differences and what was taken down. Nothing of this is ever public."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.api.shapes import Shape
from app.curation.curated import CuratedOrganization, CuratedService, last_modified
from app.curation.record_diff import FieldDifference
from app.curation.record_states import RecordState, Step
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.curation.texts_to_reword import NamedIn
from app.directory.projection import is_public
from app.directory.stored import StoredOrganization
from app.models.curation import Takedown, TakedownAgain

TakedownReason = Literal[
    "unsafe", "place_exposed", "wrong_contact", "closed", "asked_by_service", "legal", "other"
]


class DifferenceOut(Shape):
    """One field that differs."""

    pointer: Annotated[str, Field(description="JSON pointer into the record.")]
    label: Annotated[str, Field(description="The field in plain words.")]
    kind: Literal["added", "changed", "removed"]
    old: Any
    new: Any
    is_contact: Annotated[
        bool, Field(description="People would ring, write to or open something else: it takes two people.")
    ]


class TakedownAgainOut(Shape):
    """What was said by somebody who took down what was down already."""

    reason: TakedownReason
    note: str | None
    taken_down_at: datetime
    taken_down_by: str


class TextToReword(Shape):
    """A text that names the number or place. `service_id` is null where it is one of the organization."""

    service_id: UUID | None
    pointer: Annotated[str, Field(description="The field of that record (RFC 6901).")]


class TakedownOut(Shape):
    """What is taken down, why, and who has asked to put it back. Of service, number and place the one is named that `scope`
    says; of an organization, and of a forgotten place, none is.
    """

    id: UUID
    organization_id: UUID
    scope: Annotated[
        Literal["organization", "service", "number", "place", "forgotten_place"],
        Field(
            description="`forgotten_place`: a place of which nothing was kept when a service became confidential; until it is put "
            "back, only places that are marked a public office are shown."
        ),
    ]
    service_id: UUID | None
    phone: str | None
    location_id: UUID | None
    reason: TakedownReason
    note: str | None
    taken_down_at: datetime
    taken_down_by: Annotated[str, Field(description="Kind and public id of the key, or of the host.")]
    again: Annotated[
        list[TakedownAgainOut],
        Field(description="What others said who took it down when it was down already, oldest first."),
    ]
    asked_by: Annotated[str | None, Field(description="Who asked to put it back; another person agrees.")]
    asked_at: datetime | None
    put_back_by: str | None
    put_back_at: datetime | None
    texts: Annotated[
        list[TextToReword],
        Field(
            description="Of a number or place: the texts in which it still stands. Nobody is shown it there; reword them. Empty beside a "
            "record."
        ),
    ]
    others: Annotated[
        list[str],
        Field(
            description="Of a number or place: lines, ways in and places of other organizations that still have it and have not taken "
            "it down, as pointers from `/services/{id}` or `/organizations/{id}`. Empty beside a record."
        ),
    ]


class ApprovalOut(Shape):
    """Who sent a record for approval, which is who may not approve it."""

    sent_by: str
    sent_at: datetime


class NamedOrganization(Shape):
    id: UUID
    name: str


class OrganizationNumber(Shape):
    number: str
    phone_type: str
    description: str | None
    is_public_office: bool
    visibility: str


class OrganizationRegistration(Shape):
    identifier_scheme: str
    identifier: str
    is_public_office: bool


class OrganizationBeside(NamedOrganization):
    """The organization of a service, as it is stored: what its first public service makes public with it."""

    is_public: Annotated[
        bool,
        Field(
            description="Whether the public has it already. If not, approving the service publishes it too."
        ),
    ]
    description: str
    website: str | None
    email: str | None
    phones: list[OrganizationNumber]
    identifiers: list[OrganizationRegistration]


class ServiceRecord(Shape):
    """A service with everything that is stored of it. Its version, for If-Match, is the ETag."""

    id: UUID
    organization: OrganizationBeside
    state: RecordState
    steps: Annotated[list[Step], Field(description="What may be done with it, by somebody.")]
    record: ServiceSubmission
    approval: ApprovalOut | None
    taken_down: Annotated[
        TakedownOut | None, Field(description="Its own takedown, or that of its organization.")
    ]
    published_at: Annotated[datetime | None, Field(description="When it was first public.")]
    last_modified: datetime


class OrganizationRecord(Shape):
    """An organization with everything that is stored of it, its services as submissions. The ETag is of its own fields."""

    id: UUID
    record: OrganizationSubmission
    service_ids: Annotated[list[UUID], Field(description="All its services, archived ones too.")]
    last_modified: datetime


def difference_out(one: FieldDifference) -> DifferenceOut:
    return DifferenceOut(
        pointer=one.pointer,
        label=one.label,
        kind=one.kind,
        old=one.old,
        new=one.new,
        is_contact=one.is_contact,
    )


def takedown_out(
    row: Takedown,
    people: Mapping[UUID, str],
    again: Sequence[TakedownAgain],
    *,
    texts: Sequence[NamedIn] = (),
    others: Sequence[str] = (),
) -> TakedownOut:
    return TakedownOut(
        id=row.id,
        organization_id=row.organization_id,
        scope=row.scope,  # type: ignore[arg-type]
        service_id=row.service_id,
        phone=row.phone_e164,
        location_id=row.location_id,
        reason=row.reason,  # type: ignore[arg-type]
        note=row.note,
        taken_down_at=row.taken_down_at,
        taken_down_by=row.taken_down_by,
        again=[
            TakedownAgainOut.model_validate(one.model_dump(exclude={"id", "takedown_id"})) for one in again
        ],
        asked_by=people.get(row.asked_by_person) if row.asked_by_person else None,
        asked_at=row.asked_at,
        put_back_by=people.get(row.put_back_by_person) if row.put_back_by_person else None,
        put_back_at=row.put_back_at,
        texts=[TextToReword(service_id=one.service_id, pointer=one.pointer) for one in texts],
        others=list(others),
    )


def service_record(one: CuratedService, people: Mapping[UUID, str]) -> ServiceRecord:
    approval = one.approval
    return ServiceRecord(
        id=one.id,
        organization=_beside(one.of),
        state=one.state,  # type: ignore[arg-type]
        steps=list(one.steps),
        record=one.submission,
        approval=None
        if approval is None
        else ApprovalOut(sent_by=people.get(approval.sent_by_person, ""), sent_at=approval.sent_at),
        taken_down=None
        if one.takedown_in_force is None
        else takedown_out(one.takedown_in_force, people, one.taken_down_again),
        published_at=one.stored.service.published_at,
        last_modified=last_modified(one),
    )


def _beside(of: StoredOrganization) -> OrganizationBeside:
    row = of.organization
    return OrganizationBeside(
        id=row.id,
        name=row.name,
        is_public=any(is_public(one) for one in of.services),
        description=row.description,
        website=row.website,
        email=row.email,
        phones=[
            OrganizationNumber(
                number=one.number,
                phone_type=one.phone_type,
                description=one.description,
                is_public_office=one.is_public_office,
                visibility=one.visibility,
            )
            for one in of.phones
        ],
        identifiers=[
            OrganizationRegistration(
                identifier_scheme=one.identifier_scheme,
                identifier=one.identifier,
                is_public_office=one.is_public_office,
            )
            for one in of.identifiers
        ],
    )


def organization_record(one: CuratedOrganization) -> OrganizationRecord:
    return OrganizationRecord(
        id=one.id,
        record=one.submission,
        service_ids=sorted(service.service.id for service in one.of.services),
        last_modified=last_modified(one),
    )
