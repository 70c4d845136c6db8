"""The forms of `/provider/`: what they are called, what they send, and what was typed when it could not be saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError

from app.api.problems import validation_problem
from app.api.reference import LONDON
from app.capacity.reporting import NO_PLACES_TO_TAKE, PLACES_THAT_NOBODY_GETS, CapacityClaim
from app.capacity.standing import Standing, StoredFigure
from app.directory.freshness import free_places
from app.errors import FieldError, PreconditionFailed, Problem, ValidationFailed
from app.web.page_session import TokenForm

STATUSES = (
    ("accepting", "Taking referrals"),
    ("limited", "A few left"),
    ("assess_first", "Call first"),
    ("waiting_list", "Waiting list"),
    ("full", "Full"),
    ("closed_temporarily", "Closed for now"),
)
"""The status codes of a report, in the order of the form, as its sender would say them."""
GROUPS = (
    ("anyone", "Anyone"),
    ("women", "Women"),
    ("men", "Men"),
    ("families", "Families"),
    ("children", "Children"),
)
FIELD_WORDS = {
    "/available": "Free now",
    "/maximum": "Of",
    "/status": "Status",
    "/unit": "What",
    "/applies_to": "For whom",
}
"""What the page calls the fields that problems name."""
CONTRADICTIONS = {
    PLACES_THAT_NOBODY_GETS: "0 or nothing, because with this status nobody is taken. If places are free, choose another status",
    NO_PLACES_TO_TAKE: "with none free, choose another, for example “Full” or “Call first”",
    "at most maximum": "not more than in the field “Of”",
}
"""What the API says in its own codes, in the words of the form."""
WHAT_TO_ENTER = {
    "/available": "a whole number up to 10,000, or nothing",
    "/maximum": "a whole number up to 10,000, or nothing",
    "/status": "choose one",
    "/unit": "choose one from the list",
    "/applies_to": "choose one from the list",
}
EMPTY: Mapping[str, Any] = {
    "unit": "",
    "applies_to": "anyone",
    "status": "",
    "available": None,
    "maximum": None,
}


class ReportForm(TokenForm):
    """One whole report for one unit and group, and the version that the page showed."""

    version: Annotated[str, Field(max_length=100)]
    unit: Annotated[str, Field(max_length=40)]
    applies_to: Annotated[str, Field(max_length=40)] = "anyone"
    status: Annotated[str, Field(max_length=40)] = ""
    available: Annotated[str, Field(max_length=10)] = ""
    maximum: Annotated[str, Field(max_length=10)] = ""

    def claim(self) -> CapacityClaim:
        """Raises ValidationFailed, naming the field."""
        said: dict[str, Any] = {"unit": self.unit, "applies_to": self.applies_to, "status": self.status}
        for name in ("available", "maximum"):
            if text := getattr(self, name).strip():
                if not text.isascii() or not text.isdigit():
                    raise ValidationFailed(errors=(FieldError(f"/{name}", "a whole number, or nothing"),))
                said[name] = int(text)
        try:
            return CapacityClaim(**said)
        except ValidationError as failure:
            raise validation_problem(failure.errors(include_input=False, include_url=False)) from None


class VersionForm(TokenForm):
    """For what needs no more than the version that the page showed."""

    version: Annotated[str, Field(max_length=100)]


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not saved, and why. What was typed stands in the page again, to be put right."""

    service_id: UUID
    form: ReportForm | VersionForm
    problem: Problem

    @property
    def conflict(self) -> bool:
        return isinstance(self.problem, PreconditionFailed)

    @property
    def in_words(self) -> list[tuple[str, str | None, str]]:
        """Of each thing that is wrong the field, its label (None where the form has no such field) and what to do."""
        return [
            (
                one.pointer.lstrip("/"),
                FIELD_WORDS.get(one.pointer),
                CONTRADICTIONS.get(one.detail) or WHAT_TO_ENTER.get(one.pointer, one.detail),
            )
            for one in self.problem.errors
        ]

    def typed_for(self, service_id: UUID) -> ReportForm | None:
        """What was typed about this service; None after a conflict, where what is stored by now has to be seen first."""
        is_of_it = service_id == self.service_id and not self.conflict
        return self.form if is_of_it and isinstance(self.form, ReportForm) else None


def forms_of(standing: Standing, now: datetime, typed: ReportForm | None) -> list[dict[str, Any]]:
    """A form for each figure that is stored, and last the one for another figure. `typed` fills the one that it was."""
    shown = {one.id for one in standing.not_ended(now)}
    forms = [
        _form(f"f{number}-{standing.service_id}", one, now, typed) | {"ended": one.id not in shown}
        for number, one in enumerate(standing.figures, start=1)
    ]
    known = any(one["typed"] for one in forms)
    return [*forms, _form(f"n-{standing.service_id}", None, now, None if known else typed)]


def _form(id_: str, figure: StoredFigure | None, now: datetime, typed: ReportForm | None) -> dict[str, Any]:
    """One form: of a figure that is stored, or of another one. `typed` fills it where it was about the same."""
    said: Mapping[str, Any] = EMPTY
    if figure is not None:
        said = {name: getattr(figure, name) for name in EMPTY}
        said |= {"available": free_places(figure.status, figure.available)}
    of_it = figure is None or (
        typed is not None and (typed.unit, typed.applies_to) == (figure.unit, figure.applies_to)
    )
    is_over = figure is None or figure.status_at(now) == "unknown"
    return {
        "id": id_,
        "typed": typed is not None and of_it,
        "said": typed.model_dump(include=set(EMPTY)) if typed is not None and of_it else said,
        "is_stored": figure is not None,
        "expired": figure is not None and is_over,
        "ends": None if figure is None or is_over else int((figure.valid_until - now).total_seconds()),
        "until": None if figure is None else figure.valid_until.astimezone(LONDON),
    }
