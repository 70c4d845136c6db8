"""Days that a file cannot give where it says how a fact is known: one that makes it look fresh for longer than it may."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.curation.submissions import AssuranceSubmission, OrganizationSubmission
from app.directory.reviews import latest_review
from app.errors import FieldError

Said = Mapping[str, Any]
NOTHING: Said = {"assurance": ()}


def day_errors(
    submission: OrganizationSubmission, *, stored: Said | None, services: Mapping[str, Said], today: date
) -> Iterator[FieldError]:
    """Days on which nobody can have confirmed anything yet, and reviews later than a curator may set (`latest_review`).

    `submission` is the organization as it would be; `stored` is what is stored of it and `services` of its services by
    key, as JSON. A review that is stored already is no fault: our own files come back as they went out.
    """
    yield from _of_record(submission.assurance, "", stored or NOTHING, today)
    for number, service in enumerate(submission.services):
        known = services.get(service.key, NOTHING)
        yield from _of_record(service.assurance, f"/services/{number}", known, today)


def _of_record(
    said: tuple[AssuranceSubmission, ...], at: str, stored: Said, today: date
) -> Iterator[FieldError]:
    known = {(one["fact"], one["review_by"]) for one in stored["assurance"]}
    for number, source in enumerate(said):
        if source.confirmed_on is not None and source.confirmed_on > today:
            yield FieldError(f"{at}/assurance/{number}/confirmed_on", "a day until today")
        too_late = source.review_by > latest_review(today)
        if too_late and (source.fact, source.review_by.isoformat()) not in known:
            yield FieldError(f"{at}/assurance/{number}/review_by", "a day within a year from today")
