"""Public facts by what may be asked: for every answer that a search needs, the set of services that give it.

A search then is a handful of operations on sets instead of a loop over records. Three-valued facts are levels: YES, ASK or
NO. Routes and eligibility repeat a lot between services, so what is derived from them is worked out once per distinct
value.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.directory.levels import ASK, LEVEL, NO, YES, Levels
from app.directory.records import ProjectedService, PublicService
from app.directory.row_sets import Flags, RowSet, rows_where

CHILD_ROLES = {"childrens_services": 0, "guardianship": 1, None: 2}
"""Order in which they stand before everything else when the person is, or may be, under 18."""
OLDEST = 120
ADULT_FROM = 18
CHILD_AGES = (0, ADULT_FROM - 1)
ADULT_AGES = (ADULT_FROM, OLDEST)

CHILD_STAGE = "child_route"
"""The stage of whoever is or may be under 18, at whichever point of the process they are."""

CHILD_NEED = "child_young_person"
"""What whom to ring first for a child has among its needs."""

AgeGroup = str | None
"""`child` or `adult`; None where nothing is said of it."""
AGE_GROUPS: tuple[AgeGroup, ...] = (None, "child", "adult")

ACCOMMODATION = frozenset({"emergency_accommodation", "safe_house", "move_on_housing"})
"""Never shown for a child, nor for someone whose age is not sure (docs/search.md, section 2)."""


def lists_stage(listed: Collection[str], stage: str, age_group: AgeGroup) -> bool:
    """Whether a route with these stages is said to be for a person at that one. Of a child's route the stage is the child's."""
    return stage in listed or "any" in listed or (age_group == "child" and CHILD_STAGE in listed)


def fits_age(for_whom: AgeGroup, age_group: AgeGroup) -> bool:
    """Whether a route for some is for a person of an age group; of nobody knows what age, any may be right."""
    return for_whom is None or age_group is None or for_whom == age_group


@dataclass(frozen=True, slots=True)
class Columns:
    """Every set of all services, those that do not run among them.

    `child_roles` are those called first for a child, those called next, and all others. `ages` is by (youngest, oldest):
    each single age, children, adults; `for_children` is for whoever has not said an age: what takes nobody but children is to be
    asked. `language` has those that some service speaks; for any other, `interpreter` says it.
    """

    has_need: Mapping[str, RowSet]
    accommodation: RowSet
    child_roles: Sequence[RowSet]
    reach: Mapping[str, RowSet]
    sex: Mapping[str, Levels]
    ages: Mapping[tuple[int, int], Levels]
    for_children: Levels
    with_children: Levels
    exploitation: Mapping[str, Levels]
    interpreter: Levels
    language: Mapping[str, Levels]
    referrer: Mapping[tuple[str, AgeGroup], Levels]
    stage: Mapping[tuple[str | None, str, AgeGroup], Levels]


def build_columns(
    services: Sequence[ProjectedService],
    *,
    vocabulary: Mapping[str, Sequence[str]],
    wider_kinds: Mapping[str, Sequence[str]],
) -> Columns:
    """Columns of `services` in their given order; `vocabulary` gives the codes of each taxonomy, `wider_kinds` of each form of
    exploitation those that it is a kind of.
    """
    records = [one.record for one in services]
    eligibility = [record.eligibility for record in records]
    accepted = _Distinct((one.sex_accepted, one.trans_inclusive) for one in eligibility)
    ages = _Distinct((one.minimum_age, one.maximum_age) for one in eligibility)
    exploitation = _Distinct(record.exploitation for record in records)
    routes = _Distinct(
        tuple((route.referrers, route.stages, route.age_group) for route in record.referral_routes)
        for record in records
    )
    by_interpreter = np.array([LEVEL[record.interpreter] for record in records], np.uint8)
    referrers, stages = vocabulary.get("referrer", ()), vocabulary.get("stage", ())
    return Columns(
        has_need={
            need: _set(need in record.needs for record in records) for need in vocabulary.get("need", ())
        },
        accommodation=_set(not ACCOMMODATION.isdisjoint(record.needs) for record in records),
        child_roles=[
            _set(CHILD_ROLES[record.child_card_role] == order for record in records)
            for order in sorted(CHILD_ROLES.values())
        ],
        reach={
            reach: _set(record.reach == reach for record in records)
            for reach in ("site", "outreach_area", "remote", "national")
        },
        sex={sex: accepted.levels(_accepts_sex(sex)) for sex in ("women", "men", "other", "unknown")},
        ages={
            span: ages.levels(_accepts_ages(*span))
            for span in (*((age, age) for age in range(OLDEST + 1)), CHILD_AGES, ADULT_AGES)
        },
        for_children=ages.levels(_takes_adults),
        with_children=Levels.of([LEVEL[one.with_children] for one in eligibility]),
        exploitation={
            code: exploitation.levels(_works_with(code, wider_kinds))
            for code in vocabulary.get("exploitation", ())
        },
        interpreter=Levels.of(by_interpreter),
        language={
            code: Levels.of(np.where(speaking, YES, by_interpreter))
            for code, speaking in _speaking(records).items()
        },
        referrer={
            (code, age_group): routes.levels(_takes_from(code, age_group))
            for code in referrers
            for age_group in AGE_GROUPS
        },
        stage={
            (referrer, stage, age_group): stated.levels(_takes_at(stage, age_group))
            for referrer in (None, *referrers)
            for age_group in AGE_GROUPS
            for stated in (routes.mapped(_stages_for(referrer, age_group)),)
            for stage in stages
        },
    )


Routes = tuple[tuple[tuple[str, ...], tuple[str, ...], AgeGroup], ...]
"""Of each route, its referrers, its stages and whom it is for."""


def _accepts_sex(sex: str) -> Callable[[tuple[str | None, str]], int]:
    def level(stated: tuple[str | None, str]) -> int:
        accepted, trans_inclusive = stated
        if accepted is None:
            return ASK
        if accepted in ("any", sex):
            return YES
        if sex == "other":
            return NO if trans_inclusive == "no" else ASK
        return ASK if sex == "unknown" else NO

    return level


def _accepts_ages(youngest: int, oldest: int) -> Callable[[tuple[int | None, int | None]], int]:
    """YES when every age that the person may have is accepted, NO when none is, ASK otherwise."""

    def level(stated: tuple[int | None, int | None]) -> int:
        if stated == (None, None):
            return ASK
        minimum, maximum = (0 if stated[0] is None else stated[0], OLDEST if stated[1] is None else stated[1])
        if minimum > oldest or maximum < youngest:
            return NO
        return YES if minimum <= youngest and maximum >= oldest else ASK

    return level


def _takes_adults(stated: tuple[int | None, int | None]) -> int:
    return ASK if stated[1] is not None and stated[1] < ADULT_FROM else YES


def _works_with(code: str, wider_kinds: Mapping[str, Sequence[str]]) -> Callable[[tuple[str, ...]], int]:
    """YES to a kind of what is listed; of whoever lists kinds of what is asked it may be one of these, or another."""
    these = {code, *wider_kinds.get(code, ())}

    def level(stated: tuple[str, ...]) -> int:
        if code == "unknown_or_mixed" or not these.isdisjoint(stated):
            return YES
        may_be = "unknown_or_mixed" in stated or any(code in wider_kinds.get(one, ()) for one in stated)
        return ASK if not stated or may_be else NO

    return level


def _takes_from(referrer: str, age_group: AgeGroup) -> Callable[[Routes], int]:
    def level(routes: Routes) -> int:
        fitting = [referrers for referrers, _, for_whom in routes if fits_age(for_whom, age_group)]
        if any(referrer in referrers for referrers in fitting):
            return YES
        return ASK if not routes or not all(fitting) else NO

    return level


@dataclass(frozen=True, slots=True)
class Stages:
    """Of the routes that may be used: the stages of those that are surely for whoever refers, the stages of all, whether one of
    them lists none, and whether there is any route.
    """

    sure: frozenset[str]
    listed: frozenset[str]
    some_list_none: bool
    has_routes: bool


def _stages_for(referrer: str | None, age_group: AgeGroup) -> Callable[[Routes], Stages]:
    """Over the routes that this referrer may (or may perhaps) use for the person; where there are none, over those for
    the person, and at last over all. Those that name the referrer are the sure ones, or else, as nobody knows more, all of them.
    """

    def stages(routes: Routes) -> Stages:
        fitting = [one for one in routes if fits_age(one[2], age_group)]
        usable = [one for one in fitting if referrer is None or not one[0] or referrer in one[0]]
        looked_at = usable or fitting or routes
        naming = [one for one in usable if referrer in one[0]] or looked_at
        listed = [stages for _, stages, _ in looked_at]
        sure = frozenset[str]().union(*[stages for _, stages, _ in naming])
        return Stages(sure, frozenset().union(*listed), not all(listed), bool(listed))

    return stages


def _takes_at(stage: str, age_group: AgeGroup) -> Callable[[Stages], int]:
    def level(stated: Stages) -> int:
        if lists_stage(stated.sure, stage, age_group) or (stage == "any" and stated.has_routes):
            return YES
        may_be = lists_stage(stated.listed, stage, age_group)
        return ASK if may_be or stated.some_list_none or not stated.has_routes else NO

    return level


def _speaking(records: Sequence[PublicService]) -> dict[str, Flags]:
    """By language, whose staff speak it."""
    spoken: dict[str, Flags] = {}
    for row, record in enumerate(records):
        for language in record.languages:
            spoken.setdefault(language.code, np.zeros(len(records), np.bool_))[row] = True
    return spoken


class _Distinct:
    """The distinct values of a column, so that what follows from a value is worked out once."""

    def __init__(self, values: Iterable[Hashable]) -> None:
        numbers: dict[Hashable, int] = {}
        self._index = np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int32)
        self._values = tuple(numbers)

    def mapped(self, function: Callable[..., Hashable]) -> "_Distinct":
        """What the function makes of each value: often a few values out of many."""
        mapped = _Distinct([function(value) for value in self._values])
        mapped._index = mapped._index[self._index]
        return mapped

    def levels(self, level: Callable[..., int]) -> Levels:
        return Levels.of(np.array([level(value) for value in self._values], np.uint8)[self._index])


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, np.bool_)


def _set(values: Iterable[bool]) -> RowSet:
    return rows_where(_flags(values))
