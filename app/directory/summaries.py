"""A service as it stands in a search answer: the part that depends on neither the question nor the moment."""

from uuid import UUID

from app.directory.records import PublicRecord, PublicService


class OrganizationSummary(PublicRecord):
    id: UUID
    name: str


class PhoneSummary(PublicRecord):
    number: str
    e164: str
    phone_type: str
    """voice is rung; sms, text and whatsapp are written to, and rung in vain."""
    description: str | None


class ServiceSummary(PublicRecord):
    """A service as it stands in a search answer."""

    id: UUID
    name: str
    organization: OrganizationSummary
    reach: str
    needs: tuple[str, ...]
    phones: tuple[PhoneSummary, ...]
    url: str | None
    confidential: bool
    demonstration: bool


def summary_of(record: PublicService) -> ServiceSummary:
    return ServiceSummary(
        id=record.id,
        name=record.name,
        organization=OrganizationSummary(id=record.organization.id, name=record.organization.name),
        reach=record.reach,
        needs=record.needs,
        phones=tuple(
            PhoneSummary(
                number=phone.number,
                e164=phone.e164,
                phone_type=phone.phone_type,
                description=phone.description,
            )
            for phone in record.phones
        ),
        url=record.url,
        confidential=record.confidential,
        demonstration=record.demonstration,
    )
