"""What curators have to know of a record beside it: who sent it for approval, what was taken down and why, what people report."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import MISTAKES, RECORD_STATES, TAKEDOWN_REASONS


class ApprovalRequest(SQLModel, table=True):
    """A service that awaits approval: who sent it, which is who may not approve it. Gone with the decision."""

    __tablename__ = "approval_request"

    service_id: UUID = Field(primary_key=True, foreign_key="service.id", ondelete="CASCADE")
    sent_by_person: UUID = Field(foreign_key="person.id")
    sent_at: datetime = Field(default_factory=now_utc)


class Takedown(Identified, table=True):
    """Something taken out of the public directory at once, by one person; two put it back. Nothing here is ever public.

    A whole service is paused; a number or a place of an organization is withheld wherever it stands, also where a later
    import brings it again, so it is named by what it is and not by its row. A whole organization has a takedown of its own
    beside those of its services: it stands for services that come later too.
    """

    __tablename__ = "takedown"
    __table_args__ = (
        one_of("scope", ("organization", "service", "number", "place", "forgotten_place")),
        one_of("reason", TAKEDOWN_REASONS),
        one_of("state_before", RECORD_STATES),
        check(
            "one_thing",
            "(scope = 'service') = (service_id IS NOT NULL) AND (scope = 'number') = (phone_e164 IS NOT NULL)"
            " AND (scope = 'place') = (location_id IS NOT NULL)",
        ),
        check(
            "address_of_a_place",
            "(known_postcode IS NULL AND known_street IS NULL) OR location_id IS NOT NULL",
        ),
        check("service_had_a_state", "(service_id IS NULL) = (state_before IS NULL)"),
        check("asked_whole", "(asked_by_person IS NULL) = (asked_at IS NULL)"),
        check("put_back_whole", "(put_back_by_person IS NULL) = (put_back_at IS NULL)"),
        check(
            "two_people",
            "put_back_by_person IS NULL OR (asked_by_person IS NOT NULL AND put_back_by_person <> asked_by_person)",
        ),
    )

    organization_id: UUID = Field(foreign_key="organization.id", ondelete="CASCADE", index=True)
    scope: str = Field(max_length=20)
    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE", index=True)
    phone_e164: str | None = Field(default=None, max_length=20)
    location_id: UUID | None = None
    known_postcode: str | None = Field(default=None, max_length=8)
    """Of a place: the address that it had when it was taken down (`directory.withdrawn_addresses`). Its row may be given
    another one meanwhile, and the old door must not be shown when it comes back."""
    known_street: str | None = Field(default=None, max_length=500)
    state_before: str | None = Field(default=None, max_length=20)
    reason: str = Field(max_length=20)
    note: str | None = Field(default=None, max_length=500)
    taken_down_at: datetime = Field(default_factory=now_utc)
    taken_down_by: str = Field(max_length=40)
    asked_by_person: UUID | None = Field(default=None, foreign_key="person.id")
    """The first of the two who put it back."""
    asked_at: datetime | None = None
    put_back_by_person: UUID | None = Field(default=None, foreign_key="person.id")
    put_back_at: datetime | None = None


class TakedownAgain(Identified, table=True):
    """What somebody said who took down what was down already: another reason is another thing to look at before it is shown."""

    __tablename__ = "takedown_again"
    __table_args__ = (one_of("reason", TAKEDOWN_REASONS),)

    takedown_id: UUID = Field(foreign_key="takedown.id", ondelete="CASCADE", index=True)
    reason: str = Field(max_length=20)
    note: str | None = Field(default=None, max_length=500)
    taken_down_at: datetime = Field(default_factory=now_utc)
    taken_down_by: str = Field(max_length=40)


class MistakeReport(Identified, table=True):
    """How many times something was reported about a service in one hour. Nothing is stored of who did."""

    __tablename__ = "mistake_report"
    __table_args__ = (
        one_of("category", MISTAKES),
        UniqueConstraint("service_id", "hour", "category"),
        check("counted", "count >= 1"),
    )

    service_id: UUID = Field(foreign_key="service.id", ondelete="CASCADE")
    hour: datetime = Field(index=True)
    """The beginning of the hour (UTC)."""
    category: str = Field(max_length=20)
    count: int = 1
