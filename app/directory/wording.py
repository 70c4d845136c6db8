"""What is said of a service in answers that does not depend on the question: made once, when it is published.

Words state facts of the service, and can be read aloud to an officer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.directory.columns import ACCOMMODATION, CHILD_STAGE
from app.directory.levels import ASK, NO, YES
from app.directory.records import Coverage, PublicEligibility, PublicRoute, PublicService

ByLevel = Mapping[int, str]
"""Words for NO, ASK and YES on one criterion."""

AREA_WORDS = {"police_force": " (police area)", "region": " (region)"}
"""The West Midlands is both, and they differ."""


FOR_WHOM = {"adult": "for adults only", "child": "for under-18s only"}
"""Of a referral route, by its age group."""


ACCEPTED_WORDS = {
    "trans_inclusive": ("Trans people are welcome.", "Not for trans people."),
    "with_children": ("People can bring their children.", "Not with children."),
    "no_recourse_to_public_funds": (
        "Also for people without recourse to public funds.",
        "Not for people without recourse to public funds.",
    ),
    "couples": ("Couples are taken.", "Couples are not taken."),
    "pets": ("Pets can come along.", "Pets cannot come along."),
    "step_free": ("There is a way in without steps.", "There is no way in without steps."),
}
"""Of whom and what a service accepts: what is said for yes and for no."""
ASKED_ABOUT = {
    "with_children": "children who come along",
    "no_recourse_to_public_funds": "people without recourse to public funds",
    "couples": "couples",
    "pets": "pets",
    "step_free": "a way in without steps",
}
"""What has to be asked of a place to stay that has not said it."""

CONSENT = {
    "required": "the person has to agree first",
    "best_interests_allowed": "the person has to agree first, or, if they cannot decide, it is done in their best interests",
    "not_required_child": "for a child nobody has to agree",
}
"""Of a referral route, by its consent; of the others there is nothing to say."""

RESPONSE_TIME = re.compile(r"P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?)?")
"""Durations as ISO 8601 writes those that referral routes have: days, hours and minutes."""


WITHOUT_PLACES = frozenset(
    {"immediate_safety", "helpline", "nrm_first_responder", "nrm_information", "professional_advice"}
)
"""Needs that somebody who answers the telephone meets: of a service with no others there are no places to ask about."""

NO_WAY_IN = "no number or form known here"
NO_NUMBER = "no number known here: the way in leads through another service"
"""Which has no number either, but a form or an address: its own page says for whom."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Of one service. `sex` and `age` are shared by all that accept the same. `sex_only` and `age_only` are for whoever has not
    said the person's: whom it is for, where that is not everybody.

    `covers_all` is for services that cover every place; `may_cover` is for part of a place. `has_places` says that there
    are places to ask about; `warning` is what has to be said last, if anything.
    """

    sex: ByLevel
    age: ByLevel
    sex_only: str | None
    age_only: str | None
    covers_all: str | None
    may_cover: str
    has_places: bool
    warning: str | None

    @classmethod
    def of(cls, record: PublicService, *, reachable: bool, through_a_form: bool) -> "Wording":
        """`reachable`: there is something to ring, write to or fill in; `through_a_form`: if not, there is at a service that a way
        in leads through.
        """
        accepts = record.eligibility
        is_for_some = bool(accepts.minimum_age) or accepts.maximum_age is not None
        sex, age = _sex_words(accepts.sex_accepted), _age_words(accepts.minimum_age, accepts.maximum_age)
        return cls(
            sex=sex,
            age=age,
            sex_only=sex[NO] if accepts.sex_accepted in ("women", "men") else None,
            age_only=age[NO] if is_for_some else None,
            covers_all="covers the whole country" if record.coverage.everywhere else None,
            may_cover=_may_cover(record.coverage),
            has_places=record.confidential
            or (record.reach in ("site", "outreach_area") and not WITHOUT_PLACES.issuperset(record.needs)),
            warning=None if reachable else NO_NUMBER if through_a_form else NO_WAY_IN,
        )


def _ages(minimum: int | None, maximum: int | None) -> str:
    if maximum is None:
        return "all ages" if not minimum else f"people aged {minimum} and over"
    return f"people aged up to {maximum}" if not minimum else f"people aged {minimum} to {maximum}"


def whom_words(eligibility: PublicEligibility) -> str:
    """For example "women only, people aged 18 and over"; what is not stated is to be asked about."""
    sex = {"women": "women only", "men": "men only", "any": "women and men"}
    stated = sex.get(eligibility.sex_accepted or "", "women, men or both not stated: ask")
    is_stated = eligibility.minimum_age is not None or eligibility.maximum_age is not None
    ages = _ages(eligibility.minimum_age, eligibility.maximum_age) if is_stated else "ages not stated: ask"
    return f"{stated}, {ages}"


def accepted_words(record: PublicService) -> list[str]:
    """Whom and what else it accepts or does not, in sentences; of a place to stay also what has to be asked."""
    told = [(name, getattr(record.eligibility, name)) for name in ACCEPTED_WORDS]
    said = [ACCEPTED_WORDS[name][answer == "no"] for name, answer in told if answer != "ask"]
    asked = [ASKED_ABOUT[name] for name, answer in told if answer == "ask" and name in ASKED_ABOUT]
    if asked and not ACCOMMODATION.isdisjoint(record.needs):
        said.append(f"Ask about: {', '.join(asked)}.")
    return said


def conditions_of(route: PublicRoute, stage_names: Mapping[str, str]) -> list[str]:
    """What has to be so before this way in is used, and what to expect of it: who agrees, at which stages, by their names, and
    how soon an answer comes. What is not known, or holds always, is left out.
    """
    said = [CONSENT[route.consent]] if route.consent in CONSENT else []
    if route.stages and "any" not in route.stages and route.stages != (CHILD_STAGE,):
        names = [within_sentence(stage_names.get(code, code)) for code in route.stages]
        said.append(f"at this stage: {' · or '.join(names)}")
    answered = _answered(route.response_time)
    return [*said, answered] if answered else said


def _answered(response_time: str | None) -> str | None:
    """For example "an answer within 4 hours"; None where nobody knows, or it is written as nothing that can be read aloud."""
    if response_time == "now":
        return "an answer at once"
    said = RESPONSE_TIME.fullmatch(response_time or "")
    if said is None:
        return None
    parts = [
        f"{int(number)} {unit}{'' if int(number) == 1 else 's'}"
        for number, unit in zip(said.groups(), ("day", "hour", "minute"), strict=True)
        if number and int(number)
    ]
    return f"an answer within {' '.join(parts)}" if parts else None


def within_sentence(name: str) -> str:
    """A name of the vocabulary as it stands within a sentence."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def listed(names: list[str], *, in_full: bool = False) -> str:
    """For example "Dudley, Sandwell and Walsall"; of many, unless all of them have to be said, the first three and how many more."""
    if len(names) > 4 and not in_full:
        names = [*names[:3], f"{len(names) - 3} more"]
    return names[0] if len(names) == 1 else " and ".join([", ".join(names[:-1]), names[-1]]) if names else ""


@cache
def _sex_words(accepted: str | None) -> ByLevel:
    if accepted is None:
        return {ASK: "ask whom it accepts: women, men or both not stated"}
    stated = "women and men" if accepted == "any" else f"{accepted} only"
    return {NO: f"{accepted} only", ASK: f"ask whom it accepts: {stated}", YES: f"accepts {stated}"}


@cache
def _age_words(minimum: int | None, maximum: int | None) -> ByLevel:
    words = _ages(minimum, maximum)
    is_stated = minimum is not None or maximum is not None
    ask = f"ask: accepts {words}" if is_stated else "ask: ages not stated"
    return {NO: f"{words} only", ASK: ask, YES: f"accepts {words}"}


def _may_cover(coverage: Coverage) -> str:
    parts = [listed([area.name + AREA_WORDS.get(area.area_type, "") for area in coverage.areas])]
    if coverage.postcode_districts:
        parts.append(f"postcodes {listed(list(coverage.postcode_districts))}")
    if coverage.polygons:
        parts.append("an area of its own")
    covered = "; ".join(part for part in parts if part)
    return f"may cover the place: covers {covered}, ask about the exact address"
