"""What went wrong, for the person at a page: a problem's own words are for developers of other systems.

It says what happened and what to do now, and names no member, parameter or pointer. That nothing was saved is the page's to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.curation.field_words import words_of
from app.errors import (
    BodyTooLarge,
    DuplicateParameter,
    Forbidden,
    InternalError,
    Malformed,
    MethodNotAllowed,
    NotFound,
    OutcomeUnknown,
    PostcodeInvalid,
    PostcodeNoLocation,
    PostcodeNotFound,
    PreconditionRequired,
    Problem,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnknownArea,
    UnknownMember,
    UnknownParameter,
    UnsupportedMediaType,
    ValidationFailed,
)

PLACE_MISSING = "Enter a postcode, or choose a council area."
"""The detail of the problem that a search without a place is."""


@dataclass(frozen=True, slots=True)
class Told:
    """What to say. `field` is the name of the field that is to be put right; None where it is the form as a whole, or none."""

    title: str
    words: str
    field: str | None = None


GENERAL: tuple[tuple[type[Problem], Told], ...] = (
    (
        OutcomeUnknown,
        Told(
            "It is not known whether that was saved",
            "The connection was lost at the last moment. Open the page again and look before you send it once more.",
        ),
    ),
    (StorageFull, Told("Nothing can be saved just now", "Reading still works.")),
    (
        Unavailable,
        Told("This does not work just now", "The directory cannot reach its records."),
    ),
    (
        InternalError,
        Told("Something failed here", "That is no fault of yours, and it was noted. Open the page again."),
    ),
    (TooManyRequests, Told("Too many tries from here", "Nothing more is taken from here for a while.")),
    (Unauthenticated, Told("Sign in again", "The session or key is not in force.")),
    (
        Forbidden,
        Told(
            "That cannot be done from here",
            "The page was open for too long, somebody has signed in again meanwhile, or what you signed in "
            "with does not allow it. Open the page again.",
        ),
    ),
    (
        NotFound,
        Told("Not found", "There is no such page, or what it was about is not in the directory any more."),
    ),
    (MethodNotAllowed, Told("Not found", "This address is of a form. Open the page that it stands on.")),
    (BodyTooLarge, Told("That was too much", "Send less.")),
)
"""From the narrower class to the wider."""
FORM_UNREAD = Told(
    "The form could not be read",
    "It did not arrive as the page sends it. Fill it in again.",
)


SENT_BY_NO_PAGE = (
    UnknownMember, UnknownParameter, DuplicateParameter, PreconditionRequired, Malformed, UnsupportedMediaType,
)  # fmt: skip
"""What a form can only be when something between the page and us has changed it."""


def at_the_desk(problem: Problem) -> Told:
    """For curators, who read a problem's own title and detail unless those are about JSON and headers."""
    if isinstance(problem, SENT_BY_NO_PAGE):
        return FORM_UNREAD
    if isinstance(problem, ValidationFailed) and problem.detail == problem.explanation:
        return Told("Something has to be put right", "It is listed here. Nothing was saved.")
    if problem.detail != problem.explanation:
        # Said by the rule that refused, such as that another person has to agree.
        return Told(problem.title, problem.detail)
    general = next((told for kind, told in GENERAL if type(problem) is kind), None)
    return general or Told(problem.title, problem.detail)


def listed(problem: Problem) -> list[tuple[str, str]]:
    """What has to be put right and how, for `at_the_desk`."""
    if isinstance(problem, SENT_BY_NO_PAGE):
        return []
    return [(place_in_words(one.pointer), one.detail) for one in problem.errors]


def place_in_words(pointer: str) -> str:
    """A field in the words of the record: `/changes/phones/0/number` is "telephone numbers, 1, number"."""
    parts = [part for part in pointer.split("/") if part and part not in ("changes", "record")]
    return ", ".join(str(int(part) + 1) if part.isdigit() else words_of(part) for part in parts) or "form"


def wait_in_words(problem: Problem) -> str | None:
    """How long to wait before the next try, rounded up; None where nothing is said of it."""
    seconds = problem.headers.get("Retry-After", "")
    if not seconds.isdigit():
        return None
    count, unit = (int(seconds), "second") if int(seconds) < 120 else (-(-int(seconds) // 60), "minute")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def in_plain_words(problem: Problem, labels: Mapping[str, str] | None = None) -> Told:
    """`labels`: what the fields of the form are called, by name. A problem of none of them is one of the whole form."""
    labels = labels or {}
    if isinstance(problem, PostcodeInvalid | PostcodeNotFound | PostcodeNoLocation):
        return Told(problem.title, problem.detail, "postcode" if "postcode" in labels else None)
    if isinstance(problem, ValidationFailed) and problem.detail == PLACE_MISSING:
        return Told("A place is needed", PLACE_MISSING, "postcode")
    if isinstance(problem, UnknownArea):
        return _choose_again("area", labels) if "area" in labels else FORM_UNREAD
    for kind, told in GENERAL:
        if isinstance(problem, kind):
            return told
    named = [error.pointer.lstrip("/") for error in problem.errors]
    field = next((name for name in named if name in labels), None)
    if field == "postcode":
        return in_plain_words(PostcodeInvalid(), labels)
    return FORM_UNREAD if field is None else _choose_again(field, labels)


def _choose_again(field: str, labels: Mapping[str, str]) -> Told:
    return Told("Choose from the list", f"Choose again under “{labels[field]}”.", field)
