"""What a file may say of how a fact is known: that its source says so, and never that a curator of ours has checked it.

A check is somebody's here, by name and day. Whoever writes a file would otherwise make a fact fresh that nobody looked at.
Nor may it say of a text that something was taken out of it, where the text itself is here and would be lost.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.curation.submissions import OrganizationSubmission, ServiceSubmission, texts_within
from app.directory.withdrawn import says_withdrawn
from app.errors import FieldError

CHECKED = "curator_checked"
INVENTED = "invented"
"""The mark of a source, and the code of what is told about it."""
Source = Mapping[str, Any]
"""Where a fact comes from, as the JSON of its submission."""


def believed(said: Sequence[Source], stored: Sequence[Source]) -> list[dict[str, Any]]:
    """The sources of a record as they are taken from a file, beside what is stored of them.

    Our own check comes back as it went out. Where one was made since, the file is older than it and changes nothing. Of any
    other claim there remains that the source says so: unverified, second-hand, confirmed on no day, and overdue as before.
    """
    known = {one["fact"]: one for one in stored}
    return [_believed(one, known.get(one["fact"])) for one in said]


def _believed(said: Source, stored: Source | None) -> dict[str, Any]:
    if said["state"] != CHECKED:
        return dict(said)
    if stored is not None and stored["state"] == CHECKED and _day(stored) >= _day(said):
        return dict(stored)
    mark = "second_hand" if said["mark"] == "confirmed" else said["mark"]
    # Nor is it to be looked at later than it was for a check that nobody made: what is overdue stays so.
    review_by = said["review_by"] if stored is None else min(said["review_by"], stored["review_by"])
    return {**said, "state": "unverified", "mark": mark, "confirmed_on": None, "review_by": review_by}


def _day(source: Source) -> str:
    return source["confirmed_on"] or ""


def claims_in(
    submission: OrganizationSubmission, organization: Mapping[str, Any], services: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """JSON pointers of the checks that a file speaks of and that were not believed; the records are as they would be."""
    yield from _claims(submission, organization, "")
    for number, (said, after) in enumerate(zip(submission.services, services, strict=True)):
        yield from _claims(said, after, f"/services/{number}")


def _claims(
    said: OrganizationSubmission | ServiceSubmission, after: Mapping[str, Any], at: str
) -> Iterator[str]:
    if "assurance" in said.model_fields_set:
        for number, (claim, taken) in enumerate(zip(said.assurance, after["assurance"], strict=True)):
            if claim.state != taken["state"]:
                yield f"{at}/assurance/{number}/state"


def invented_in(submission: OrganizationSubmission) -> Iterator[FieldError]:
    """Sources of a file's records that say of themselves that they are invented."""
    for pointer, record in records_of(submission):
        said = record.assurance if "assurance" in record.model_fields_set else ()
        for position, source in enumerate(said):
            if source.mark == INVENTED:
                yield FieldError(f"{pointer}/assurance/{position}/mark", "another word than invented")


def texts_with_gaps(
    record: OrganizationSubmission | ServiceSubmission, pointer: str, stored: Mapping[str, Any] | None
) -> Iterator[FieldError]:
    """Texts of one record, without the services in it, out of which a number or place had been taken when they were exported:
    what they said would be gone for good. One that is stored with that very gap is no loss: so another directory published it.
    """
    expected = "the text as it was, or leave the cell empty: something was taken out of this one"
    known = Counter(text for _, text in texts_within(stored or {}, "") if says_withdrawn(text))
    said = record.model_dump(mode="json", exclude_none=True, exclude={"services"})
    for at, text in texts_within(said, pointer):
        if says_withdrawn(text):
            if not known[text]:
                yield FieldError(at, expected)
            known[text] -= 1


def records_of(
    submission: OrganizationSubmission,
) -> Iterator[tuple[str, OrganizationSubmission | ServiceSubmission]]:
    """An organization and its services, each with its JSON pointer."""
    yield "", submission
    for number, service in enumerate(submission.services):
        yield f"/services/{number}", service
