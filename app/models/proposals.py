"""Changes of a record that wait for a curator: proposed by a provider, or made by a curator and in need of another."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.models.base import Identified, check, now_utc, one_of
from app.models.codes import CALL_BACK_OUTCOMES, PROPOSAL_STATES

# Of our own housekeeping: not among the code lists that people are shown.
PROPOSAL_ORIGINS = ("provider", "curator")


class Proposal(Identified, table=True):
    """Some fields of a service or an organization, each with its whole new value, as JSON.

    `old` is what the public had of them, `base` what was stored, when it was made: whoever decides later sees what has
    moved since. Nobody has checked the words yet: they go with the record, and with every proposal about the organization
    and its services when one of them becomes confidential.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", PROPOSAL_STATES),
        one_of("origin", PROPOSAL_ORIGINS),
        one_of("call_outcome", CALL_BACK_OUTCOMES),
        check("one_record", "(service_id IS NULL) <> (organization_id IS NULL)"),
        check("service_version_positive", "service_version >= 1"),
        check("version_positive", "version >= 1"),
        check("curators_named", "(origin = 'curator') = (proposed_by_person IS NOT NULL)"),
        check(
            "call_whole",
            "(called_on IS NULL) = (call_outcome IS NULL) AND (called_on IS NULL) = (called_by_person IS NULL)"
            " AND (called_number IS NULL OR called_on IS NOT NULL)",
        ),
        check("decided_whole", "(decided_by IS NULL) = (decided_at IS NULL)"),
        check("decided_or_open", "(state IN ('waiting', 'asked')) = (decided_at IS NULL)"),
        check("refused_with_reason", "state <> 'refused' OR reason IS NOT NULL"),
        check("asked_with_question", "state <> 'asked' OR question IS NOT NULL"),
        # Nobody approves what they proposed, nor a contact that they rang about themselves.
        check("approved_by_a_person", "state <> 'approved' OR decided_by_person IS NOT NULL"),
        check(
            "two_people",
            "state <> 'approved' OR ((proposed_by_person IS NULL OR proposed_by_person <> decided_by_person)"
            " AND (called_by_person IS NULL OR called_by_person <> decided_by_person))",
        ),
        Index("ix_proposal_history", "service_id", "proposed_at", "id"),
        Index("ix_proposal_waiting", "state", "proposed_at", "id"),
    )

    service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE")
    organization_id: UUID | None = Field(
        default=None, foreign_key="organization.id", ondelete="CASCADE", index=True
    )
    """Where it is the organization's own record that would change."""
    service_version: int | None = None
    """The version of the service's record that `old` is from."""
    origin: str = Field(default="provider", max_length=10)
    version: int = 1
    """Moved by everything that is decided or recorded about the proposal."""
    proposed_by: str = Field(max_length=40)
    proposed_by_person: UUID | None = Field(default=None, foreign_key="person.id")
    proposed_at: datetime = Field(default_factory=now_utc)
    state: str = Field(default="waiting", max_length=10)
    old: str
    base: str = "{}"
    new: str
    note: str | None = Field(default=None, max_length=500)
    called_on: date | None = None
    called_number: str | None = Field(default=None, max_length=20)
    """The number that was rung, out of those stored then (E.164). None where nothing was stored that could be rung."""
    call_outcome: str | None = Field(default=None, max_length=20)
    called_by_person: UUID | None = Field(default=None, foreign_key="person.id")
    question: str | None = Field(default=None, max_length=500)
    reason: str | None = Field(default=None, max_length=500)
    """Why it was refused; the provider reads it."""
    decided_by: str | None = Field(default=None, max_length=40)
    decided_by_person: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    applied: str | None = None
    """The fields that were taken up, as a JSON list: not always all."""
