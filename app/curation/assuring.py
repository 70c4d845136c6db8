"""Confirming facts, and which of them are to be looked at again: overdue, or soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import func, or_, tuple_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.curation.changing import apply, require_editable
from app.curation.curated import Curated
from app.curation.record_rows import Publication
from app.curation.submissions import AssuranceSubmission
from app.directory.reviews import latest_review
from app.errors import FieldError, ValidationFailed
from app.models.history import Assurance
from app.models.organizations import Organization
from app.models.services import Service

Mark = Literal["confirmed", "second_hand", "general", "unknown"]

NO_FACTS = frozenset({"key", "assurance", "services"})
"""Fields of a record that nobody confirms by name."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a curator has checked. `review_by` None: by the kind of fact, see DIRECTORY_REVIEW_DAYS."""

    fact: str
    source: str
    source_url: str | None
    mark: Mark
    review_by: date | None


def confirm(
    session: Session,
    record: Curated,
    said: Confirmation,
    *,
    today: date,
    review_days: dict[str, int],
    publication: Publication,
) -> AssuranceSubmission:
    """Write down that a curator has checked a fact today. Raises ValidationFailed for what is no fact, or for a review
    too late.
    """
    require_editable(record)
    if said.fact not in {"record", *type(record.submission).model_fields} - NO_FACTS:
        raise ValidationFailed(
            errors=(FieldError("/fact", "`record`, or the name of a field of the record"),)
        )
    review_by = said.review_by or today + timedelta(days=review_days.get(said.fact, review_days["record"]))
    if not today < review_by <= latest_review(today):
        raise ValidationFailed(errors=(FieldError("/review_by", "a day after today, within a year"),))
    checked = AssuranceSubmission(
        fact=said.fact,
        state="curator_checked",
        mark=said.mark,
        source=said.source,
        source_url=said.source_url,
        confirmed_on=today,
        review_by=review_by,
    )

    others = tuple(one for one in record.submission.assurance if one.fact != said.fact)
    apply(
        session, record, record.submission.model_copy(update={"assurance": (*others, checked)}), publication
    )
    return checked


def require_reviews(said: Sequence[AssuranceSubmission], at: str, *, today: date) -> None:
    """Raise ValidationFailed where a draft's fact would not be looked at within a year, which is the rule of `confirm`, or
    was confirmed on a day that is still to come.
    """
    wrong: list[FieldError] = []
    for number, one in enumerate(said):
        if one.review_by > latest_review(today):
            wrong.append(FieldError(f"{at}/assurance/{number}/review_by", "a day within a year from today"))
        if one.confirmed_on is not None and one.confirmed_on > today:
            wrong.append(FieldError(f"{at}/assurance/{number}/confirmed_on", "a day until today"))
    if wrong:
        raise ValidationFailed(errors=tuple(wrong))


@dataclass(frozen=True, slots=True)
class FactToReview:
    """A fact of a service, or of an organization itself, and the day by which it is to be looked at again."""

    id: UUID
    service_id: UUID | None
    organization_id: UUID
    name: str
    fact: str
    state: str
    mark: str
    source: str
    confirmed_on: date | None
    review_by: date


@dataclass(frozen=True, slots=True)
class FactPage:
    """Part of a list, the longest overdue first. `position` is what the next part goes on after; None for the last."""

    facts: tuple[FactToReview, ...]
    total: int
    position: tuple[date, UUID] | None


def facts_to_review(
    session: Session, *, until: date, after: tuple[date, UUID] | None = None, limit: int
) -> FactPage:
    """Facts of what is shown, or paused, whose review is due on `until` at the latest."""
    row = Assurance
    in_use = col(Service.record_state).in_(("published", "paused"))
    of_such = col(row.organization_id).in_(select(Service.organization_id).where(in_use))
    found = (
        select_columns(
            col(row.id),
            col(Service.id).label("service_id"),
            func.coalesce(col(Service.organization_id), col(Organization.id)).label("organization_id"),
            func.coalesce(col(Service.name), col(Organization.name)).label("name"),
            *(
                col(getattr(row, name))
                for name in ("fact", "state", "mark", "source", "confirmed_on", "review_by")
            ),
        )
        .select_from(row)
        .outerjoin(Service, col(row.service_id) == col(Service.id))
        .outerjoin(Organization, col(row.organization_id) == col(Organization.id))
        .where(col(row.review_by) <= until, or_(in_use, of_such))
    )
    link = session.connection()
    total = link.execute(select_columns(func.count()).select_from(found.subquery())).scalar_one()
    part = found if after is None else found.where(tuple_(col(row.review_by), col(row.id)) > after)
    ordered = part.order_by(col(row.review_by), col(row.id)).limit(limit + 1)
    facts = [FactToReview(**one) for one in link.execute(ordered).mappings()]
    page = facts[:limit]
    return FactPage(tuple(page), total, (page[-1].review_by, page[-1].id) if len(facts) > limit else None)
