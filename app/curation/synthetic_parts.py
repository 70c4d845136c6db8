"""Parts that invented services share: hours, eligibility, information flow and numbers, each checked once and used often."""

from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any, Literal

from app.curation.submissions import (
    AssuranceSubmission,
    EligibilitySubmission,
    FlowSubmission,
    HoursSubmission,
    ScheduleSubmission,
    Weekday,
)
from app.directory.contact_points import PhoneNumber, parse_phone


@lru_cache(maxsize=1000)
def drama_number(last: int) -> PhoneNumber:
    return parse_phone(f"0121 496 0{last:03}")


@lru_cache(maxsize=1)
def hours_patterns() -> tuple[HoursSubmission, ...]:
    """Forty-nine patterns: office weeks, evenings, some days only, nights, and always."""
    weekdays: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR")
    days: tuple[tuple[Weekday, ...], ...] = (
        weekdays, (*weekdays, "SA"), (*weekdays, "SA", "SU"), weekdays[:4], ("TU", "TH"), ("MO", "WE", "FR"),
    )  # fmt: skip
    times = (
        ("09:00", "17:00"), ("08:00", "18:00"), ("10:00", "16:00"), ("09:30", "16:30"), ("13:00", "20:00"), ("08:30", "13:00"),
        ("09:00", "21:00"), ("18:00", "02:00"),
    )  # fmt: skip
    rules: tuple[Literal["open", "closed", "unknown"], ...] = ("closed", "open", "unknown")
    weekly = (
        ScheduleSubmission(byday=some, opens_at=opens, closes_at=closes, bank_holidays=rules[number % 3])
        for number, (some, (opens, closes)) in enumerate(product(days, times))
    )
    return ("24/7", *((row,) for row in weekly))


@lru_cache(maxsize=1)
def eligibilities() -> tuple[EligibilitySubmission, ...]:
    """Repeated as often as they occur."""
    ages: tuple[dict[str, Any], ...] = (
        {"minimum_age": 18}, {"minimum_age": 18}, {"minimum_age": 16}, {"maximum_age": 17}, {"minimum_age": 16, "maximum_age": 25}, {},
    )  # fmt: skip
    accepted: tuple[Literal["women", "men", "any"] | None, ...] = (
        "any",
        "any",
        "any",
        "women",
        "women",
        "men",
        None,
    )
    answers: tuple[Literal["yes", "no", "ask"], ...] = ("yes", "no", "ask")
    return tuple(
        EligibilitySubmission(
            sex_accepted=sex,
            with_children=with_children,
            no_recourse_to_public_funds=funds,
            step_free=funds,
            **age,
        )
        for sex, age, with_children, funds in product(accepted, ages, answers, answers)
    )


@lru_cache(maxsize=1)
def flows() -> tuple[FlowSubmission, ...]:
    return (
        FlowSubmission(),
        FlowSubmission(police="with_consent", home_office_enforcement="never", council="with_consent"),
        FlowSubmission(
            police="safeguarding_only", council="safeguarding_only", home_office_enforcement="never"
        ),
        FlowSubmission(police="always", council="always", home_office_nrm="with_consent"),
    )


@lru_cache(maxsize=1)
def invented() -> tuple[AssuranceSubmission, ...]:
    return (
        AssuranceSubmission(mark="invented", source="Invented for measuring", review_by=date(2099, 12, 31)),
    )
