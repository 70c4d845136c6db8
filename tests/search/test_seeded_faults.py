"""The comparison with the reference is worth something only if it finds faults: here are some, put in on purpose.

Each replaces a real function or value of the app by a broken one, and names the known scene in which the answers must
then differ. Without a fault no scene differs.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import shapely

from app.directory import (
    answering,
    capacity_map,
    columns,
    covering,
    freshness,
    hours,
    openings,
    rank_steps,
    routes,
    snapshot,
)
from app.directory.levels import NO, YES, Levels
from app.directory.records import ProjectedService, PublicService
from app.directory.row_sets import in_order, rows_among
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.geo.places import Place
from app.referral import choosing
from app.search import answer, candidates, distances, ranking, reasons
from app.search.candidates import Candidates
from app.search.query import SearchQuery
from tests.search.comparing import differences
from tests.search.known_scenes import KNOWN_SCENES, NOON
from tests.search.making import MICROSECOND

Fault = Callable[[pytest.MonkeyPatch], None]

FAULTS: dict[str, tuple[Fault, str]] = {}
"""By name: what puts the fault in, and the known scene that must show it."""


def shown_by(scene_name: str) -> Callable[[Fault], Fault]:
    def kept(fault: Fault) -> Fault:
        FAULTS[fault.__name__] = (fault, scene_name)
        return fault

    return kept


@pytest.fixture(autouse=True)
def _hours_forget() -> Iterator[None]:
    """Patterns of hours are shared and remember their state: not from one fault to the next."""
    hours._shared.cache_clear()
    yield
    hours._shared.cache_clear()


def test_the_app_and_the_reference_agree_on_every_known_scene(gazetteer: Gazetteer) -> None:
    caught = caught_by(gazetteer)
    assert not caught, "\n".join(f"{name}: {first}" for name, first in caught.items())


# What is looked for


def _asked_without(field: str, patch: pytest.MonkeyPatch) -> None:
    find = candidates.find_candidates

    def forgetful(query: SearchQuery, *rest: Any) -> Candidates:
        return find(query.model_copy(update={field: None}), *rest)

    patch.setattr(answer, "find_candidates", forgetful)


@shown_by("by reach and by words")
def reach_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    _asked_without("reach", patch)


@shown_by("by reach and by words")
def words_are_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    _asked_without("text", patch)


@shown_by("languages, children and exploitation")
def language_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    _asked_without("language", patch)


@shown_by("languages, children and exploitation")
def english_needs_an_interpreter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(candidates, "ENGLISH", "no such language")


@shown_by("an area to avoid")
def an_area_to_avoid_is_ignored(patch: pytest.MonkeyPatch) -> None:
    _asked_without("avoid_area", patch)


@shown_by("open, closed and nobody knows")
def hours_are_looked_at_now_and_not_when_asked(patch: pytest.MonkeyPatch) -> None:
    _asked_without("open_at", patch)


# Where


@shown_by("a district of two authorities")
def what_may_cover_counts_as_covering(patch: pytest.MonkeyPatch) -> None:
    find = candidates._covering
    patch.setattr(candidates, "_covering", lambda *asked: covering.Covering(find(*asked).rows))


@shown_by("a district of two authorities")
def only_the_biggest_authority_of_a_place_counts(patch: pytest.MonkeyPatch) -> None:
    find = answer.find_place

    def narrow(*asked: Any) -> Place | None:
        place = find(*asked)
        return place and replace(place, local_authorities=place.local_authorities[:1])

    patch.setattr(answer, "find_place", narrow)


@shown_by("the area of a force")
def forces_are_forgotten_among_what_an_authority_lies_in(patch: pytest.MonkeyPatch) -> None:
    ancestors = Areas.ancestors
    patch.setattr(Areas, "ancestors", lambda self, code: ancestors(self, code)[1:])


@shown_by("districts and polygons")
def postcode_districts_and_polygons_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(candidates, "_covering_closely", lambda place, index: covering.Covering(0))


@shown_by("the hole in a polygon")
def the_box_around_a_polygon_is_taken_for_it(patch: pytest.MonkeyPatch) -> None:
    def boxed(self: covering.CoverageIndex, easting: float, northing: float) -> int:
        found = self.polygons.query(shapely.Point(easting, northing))
        return rows_among(self.polygon_rows[found].tolist())

    patch.setattr(covering.CoverageIndex, "with_polygon_around", boxed)


# The criteria


@shown_by("five kilometres and a metre more")
def exactly_as_far_as_asked_is_too_far(patch: pytest.MonkeyPatch) -> None:
    add = candidates._add_distance_levels

    def strict(found: Candidates, query: SearchQuery, *rest: Any) -> None:
        if query.within_km is not None:
            query = query.model_copy(update={"within_km": math.nextafter(query.within_km, 0)})
        add(found, query, *rest)

    patch.setattr(candidates, "_add_distance_levels", strict)


@shown_by("kinds of exploitation")
def a_kind_of_exploitation_is_a_thing_apart(patch: pytest.MonkeyPatch) -> None:
    works_with = columns._works_with
    patch.setattr(columns, "_works_with", lambda code, _: works_with(code, {}))


@shown_by("kinds of exploitation")
def whoever_works_with_one_kind_works_with_all(patch: pytest.MonkeyPatch) -> None:
    works_with = columns._works_with

    def generous(code: str, wider: Any) -> Callable[[tuple[str, ...]], int]:
        level = works_with(code, wider)
        return lambda stated: YES if any(code in wider.get(one, ()) for one in stated) else level(stated)

    patch.setattr(columns, "_works_with", generous)


@shown_by("seventeen and eighteen")
def eighteen_is_still_a_child(patch: pytest.MonkeyPatch) -> None:
    def is_child(self: SearchQuery) -> bool:
        return self.age_group in ("child", "unsure") or (self.age is not None and self.age <= 18)

    patch.setattr(SearchQuery, "is_child", property(is_child))


@shown_by("a child by the stage alone")
def the_stage_of_a_child_says_nothing_of_the_age(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("app.search.query.CHILD_STAGE", "no such stage")


@shown_by("a child by the stage alone")
def a_childs_route_is_for_one_stage_only(patch: pytest.MonkeyPatch) -> None:
    def listed(stages: Any, stage: str, _: columns.AgeGroup) -> bool:
        return stage in stages or "any" in stages

    patch.setattr(columns, "lists_stage", listed)
    patch.setattr(choosing, "lists_stage", listed)


@shown_by("a safe house and a child")
def unsure_is_taken_for_an_adult(patch: pytest.MonkeyPatch) -> None:
    def is_child(self: SearchQuery) -> bool:
        return self.age_group == "child" or (self.age is not None and self.age < 18)

    patch.setattr(SearchQuery, "is_child", property(is_child))


@shown_by("seventeen and eighteen")
def children_are_said_to_be_up_to_eighteen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(columns, "CHILD_AGES", (0, 18))
    patch.setattr(candidates, "CHILD_AGES", (0, 18))


@shown_by("a safe house and a child")
def the_child_rule_is_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(columns, "ACCOMMODATION", frozenset())


@shown_by("a safe house and a child")
def the_child_rule_is_dropped_in_near_misses(patch: pytest.MonkeyPatch) -> None:
    find = candidates.find_candidates

    def lenient(
        query: SearchQuery, place: Place | None, directory: snapshot.Directory, now: datetime
    ) -> Candidates:
        known = directory.catalogue.columns
        blind = replace(known, accommodation=0)
        found = find(
            query, place, replace(directory, catalogue=replace(directory.catalogue, columns=blind)), now
        )
        if query.is_child:
            ages = found.levels.get("age", Levels.of_sets())
            found.levels["age"] = Levels.of_sets(
                ask=ages.ask & ~known.accommodation, no=ages.no | known.accommodation
            )
        return found

    patch.setattr(answer, "find_candidates", lenient)


@shown_by("routes for this one and that stage")
def stages_are_looked_up_over_the_routes_of_others(patch: pytest.MonkeyPatch) -> None:
    stages_for = columns._stages_for
    patch.setattr(columns, "_stages_for", lambda referrer, age_group: stages_for(None, age_group))


@shown_by("who takes them and who can be reached")
def whoever_surely_takes_them_stands_first_though_nobody_can_reach_it(patch: pytest.MonkeyPatch) -> None:
    steps_of = ranking.steps_of

    def reach_last(found: Candidates, of_all: columns.Columns, *, is_child: bool) -> list[ranking.Step]:
        everybody = replace(found, answering=(found.rows, 0, 0, 0, 0, 0))
        return [*steps_of(everybody, of_all, is_child=is_child)[:-2], found.answering, found.capacity]

    patch.setattr(ranking, "steps_of", reach_last)


@shown_by("a way in that has lost its number")
def a_way_in_without_a_contact_is_as_good_as_any(patch: pytest.MonkeyPatch) -> None:
    entry_route = snapshot._entry_route
    patch.setattr(
        snapshot, "_entry_route", lambda *given, **more: replace(entry_route(*given, **more), is_usable=True)
    )


@shown_by("a way in that has lost its number")
def one_walks_in_wherever_it_is(patch: pytest.MonkeyPatch) -> None:
    entry_route = snapshot._entry_route
    patch.setattr(snapshot, "_entry_route", lambda *given, has_place: entry_route(*given, has_place=True))


@shown_by("a number that is for others")
def whoever_can_be_reached_by_anybody_can_be_reached(patch: pytest.MonkeyPatch) -> None:
    def for_anybody(line: answering.OwnLine, _: answering.Whom) -> bool:
        return line.has_number or any(route.is_usable for route in line.routes.all)

    patch.setattr(answering, "_leads_on", for_anybody)


@shown_by("routes for this one and that stage")
def one_route_has_the_referrer_and_another_the_stage(patch: pytest.MonkeyPatch) -> None:
    stages_for = columns._stages_for

    def put_together(*asked: Any) -> Callable[[columns.Routes], columns.Stages]:
        stages = stages_for(*asked)
        return lambda routes: replace(stages(routes), sure=stages(routes).listed)

    patch.setattr(columns, "_stages_for", put_together)


@shown_by("routes for this one and that stage")
def a_route_for_nobody_named_is_closed_to_all(patch: pytest.MonkeyPatch) -> None:
    def takes_from(referrer: str, _: columns.AgeGroup) -> Callable[[columns.Routes], int]:
        return lambda routes: YES if any(referrer in one for one, _, _ in routes) else NO

    patch.setattr(columns, "_takes_from", takes_from)


@shown_by("routes for this one and that stage")
def routes_through_services_that_are_not_public_count(patch: pytest.MonkeyPatch) -> None:
    def kept(one: ProjectedService, public_ids: set[UUID]) -> ProjectedService:
        kept_routes = tuple(
            route if route.via_service_id in public_ids else route.model_copy(update={"via_service_id": None})
            for route in one.record.referral_routes
        )
        return one.model_copy(
            update={"record": one.record.model_copy(update={"referral_routes": kept_routes})}
        )

    patch.setattr(snapshot, "_with_public_routes", kept)


@shown_by("an area to avoid")
def a_location_to_avoid_still_gives_the_distance(patch: pytest.MonkeyPatch) -> None:
    measure = distances.shown_distance
    patch.setattr(answer, "shown_distance", lambda entry, here, _avoided: measure(entry, here, None))


@shown_by("an area to avoid")
def a_location_to_avoid_still_counts_in_the_order(patch: pytest.MonkeyPatch) -> None:
    measure = distances.metres_to_go
    patch.setattr(candidates, "metres_to_go", lambda entry, here, _avoided: measure(entry, here, None))


@shown_by("a confidential service with a position")
def a_confidential_service_shows_a_distance(patch: pytest.MonkeyPatch) -> None:
    made = snapshot._entry

    def indiscreet(row: int, one: ProjectedService, *rest: Any, **named: Any) -> snapshot.Entry:
        positions = tuple((complex(at.easting, at.northing), at.authority_code) for at in one.positions)
        return replace(made(row, one, *rest, **named), positions=positions)

    patch.setattr(snapshot, "_entry", indiscreet)


@shown_by("what does not run")
def what_does_not_run_is_found_all_the_same(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PublicService, "is_running", True)


@shown_by("routes for adults and for children")
def a_route_for_adults_is_shown_for_a_child(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(routes, "_for_such", lambda found, _age_group: found)


@shown_by("routes for adults and for children")
def a_route_for_adults_lets_a_child_be_referred(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(columns, "fits_age", lambda _for_whom, _age_group: True)


@shown_by("a way in that is closed")
def a_closed_way_in_comes_before_an_open_one(patch: pytest.MonkeyPatch) -> None:
    choose = choosing.choose_route
    patch.setattr(
        answer, "choose_route", lambda found, openings, **asked: choose(found, openings[:1] * 99, **asked)
    )


@shown_by("a way in that is closed")
def a_way_in_is_open_whenever_the_service_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(routes.EntryRoute, "opening", lambda self, openings: openings[-1])


@shown_by("who answers at noon")
def only_the_hours_of_the_service_itself_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answering, "_counting", lambda line, _whom: frozenset({line.hours_pattern}))


@shown_by("who answers at noon")
def a_line_for_somebody_else_answers_everybody(patch: pytest.MonkeyPatch) -> None:
    real = answering._counting
    patch.setattr(answering, "_counting", lambda line, whom: real(line, (None, whom[1])))


@shown_by("who answers at noon")
def a_line_for_children_answers_adults(patch: pytest.MonkeyPatch) -> None:
    real = answering._counting
    patch.setattr(answering, "_counting", lambda line, whom: real(line, (whom[0], None)))


@shown_by("who answers at noon")
def a_way_in_without_a_contact_answers(patch: pytest.MonkeyPatch) -> None:
    real = answering._counting

    def generous(line: answering.OwnLine, whom: answering.Whom) -> frozenset[int]:
        usable = line.routes.usable_by(*whom)
        return real(line, whom) | {route.hours_pattern for route in usable if route.has_hours}

    patch.setattr(answering, "_counting", generous)


@shown_by("who answers at noon")
def a_service_that_nobody_can_ring_answers_in_its_own_hours(patch: pytest.MonkeyPatch) -> None:
    real = answering._counting
    patch.setattr(answering, "_counting", lambda line, whom: real(replace(line, has_number=True), whom))


@shown_by("one sex")
def one_sex_only_is_closed_to_every_other_person(patch: pytest.MonkeyPatch) -> None:
    accepts = columns._accepts_sex
    patch.setattr(columns, "_accepts_sex", lambda sex: lambda stated: accepts(sex)((stated[0], "no")))


@shown_by("children's services at the border")
def the_child_card_is_shown_with_an_adult(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SearchQuery, "is_adult", property(lambda self: False))


# Capacity and hours


@shown_by("figures that expire at this moment")
def figures_are_ranked_a_microsecond_too_long(patch: pytest.MonkeyPatch) -> None:
    count = capacity_map.microseconds
    patch.setattr(candidates, "microseconds", lambda moment: count(moment) - 1)


@shown_by("figures that expire at this moment")
def figures_are_shown_a_microsecond_too_long(patch: pytest.MonkeyPatch) -> None:
    freshness_at = freshness.Figure.freshness_at

    def late(self: freshness.Figure, now: datetime) -> freshness.Freshness:
        return freshness_at(self, now - MICROSECOND)

    patch.setattr(freshness.Figure, "freshness_at", late)


@shown_by("figures for this person and for others")
def figures_for_anybody_are_shown_to_everybody(patch: pytest.MonkeyPatch) -> None:
    standing = reasons.Standing.of
    patch.setattr(
        answer,
        "Standing",
        SimpleNamespace(of=lambda *asked, **rest: replace(standing(*asked, **rest), group=None)),
    )


@shown_by("figures for this person and for others")
def figures_for_anybody_rank_for_everybody(patch: pytest.MonkeyPatch) -> None:
    find = candidates.find_candidates

    def alike(query: SearchQuery, *rest: Any) -> Candidates:
        found = find(query, *rest)
        found.capacity = find(query.model_copy(update={"sex": None, "age": None}), *rest).capacity
        return found

    patch.setattr(answer, "find_candidates", alike)


@shown_by("figures for this person and for others")
def figures_for_anyone_count_beside_those_for_the_group(patch: pytest.MonkeyPatch) -> None:
    def all_of_them(figures: Any, group: str | None, *, beds: bool, now: datetime) -> Any:
        found = [one for one in figures if one.is_for(group)]
        return [one for one in found if (one.unit in freshness.BEDS) == beds] or found

    patch.setattr(freshness, "figures_for", all_of_them)


def _ended_by(patch: pytest.MonkeyPatch, ended: Callable[[bool, Any, Any, datetime], bool]) -> None:
    """Another rule for what "no place for anyone" ends; it has the answer of the real one."""
    real = freshness.Figure.is_ended_by
    patch.setattr(
        freshness.Figure,
        "is_ended_by",
        lambda self, other, now: ended(real(self, other, now), self, other, now),
    )


@shown_by("full for anyone, and a place for women")
def full_for_anyone_ends_nothing(patch: pytest.MonkeyPatch) -> None:
    _ended_by(patch, lambda *_: False)


@shown_by("full for anyone, and a place for women")
def full_for_anyone_ends_what_was_said_with_it(patch: pytest.MonkeyPatch) -> None:
    _ended_by(
        patch,
        lambda is_ended, one, other, _: (
            is_ended
            or (one.applies_to != "anyone" == other.applies_to and other.status in freshness.NO_PLACE)
        ),
    )


@shown_by("full for anyone, and a place for women")
def what_is_over_still_stands_before_full_for_anyone(patch: pytest.MonkeyPatch) -> None:
    _ended_by(patch, lambda is_ended, one, other, _: is_ended and other.seen_at > one.seen_at)


@shown_by("full for anyone, and a place for women")
def what_was_ended_comes_back_when_full_is_over(patch: pytest.MonkeyPatch) -> None:
    _ended_by(patch, lambda is_ended, _, other, now: is_ended and now < other.valid_until)


@shown_by("full for anyone, and a place for women")
def any_newer_figure_for_anyone_ends_one_for_a_group(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(freshness, "NO_PLACE", frozenset(freshness.STATUS_RANK))


@shown_by("an adult of whom no more is known")
def places_for_children_are_shown_to_an_adult(patch: pytest.MonkeyPatch) -> None:
    counting = freshness.COUNTING_FOR
    patch.setattr(freshness, "COUNTING_FOR", {**counting, "adult": counting[None]})


@shown_by("an adult of whom no more is known")
def places_for_women_and_men_are_shown_to_every_other(patch: pytest.MonkeyPatch) -> None:
    counting = freshness.COUNTING_FOR
    patch.setattr(freshness, "COUNTING_FOR", {**counting, "other": counting["adult"]})


@shown_by("who says nineteen and may be younger")
def who_says_nineteen_is_nineteen(patch: pytest.MonkeyPatch) -> None:
    real = candidates._ages_of
    patch.setattr(
        candidates, "_ages_of", lambda query: real(query) if query.age is None else (query.age, query.age)
    )


@shown_by("whom to ring first for a child, and who rings")
def whom_to_ring_first_for_a_child_turns_callers_away(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Levels, "asking", lambda self, _rows: self)


@shown_by("beds and places in a class")
def places_in_a_class_count_as_beds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        freshness,
        "figures_for",
        lambda figures, group, *, beds, now: [one for one in figures if one.is_for(group)],
    )


@shown_by("beds and places in a class")
def beds_are_looked_at_whatever_is_needed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SearchQuery, "asks_for_beds", property(lambda self: True))


@shown_by("what is free next week")
def what_is_free_now_is_free_next_week(patch: pytest.MonkeyPatch) -> None:
    at = rank_steps.RankSteps.at
    standing = reasons.Standing.of

    def now_only(self: Any, _: int, *, is_present: bool = True) -> Any:
        return at(self, capacity_map.microseconds(NOON))

    def now_too(*asked: Any, now: datetime, **rest: Any) -> Any:
        return replace(standing(*asked, now=now, **rest), capacity_at=now)

    patch.setattr(rank_steps.RankSteps, "at", now_only)
    patch.setattr(answer, "Standing", SimpleNamespace(of=now_too))


@shown_by("figures that expire at this moment")
def a_waiting_list_counts_as_a_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(candidates, "FIRST_RANK_WITHOUT_PLACE", freshness.STATUS_RANK["full"])


@shown_by("open, closed and nobody knows")
def open_and_not_known_are_swapped(patch: pytest.MonkeyPatch) -> None:
    rank = openings.open_rank
    swapped = {openings.OPEN: openings.HOURS_UNKNOWN, openings.HOURS_UNKNOWN: openings.OPEN}
    patch.setattr(openings, "open_rank", lambda state: swapped.get(rank(state), rank(state)))


@shown_by("open, closed and nobody knows")
def what_was_open_stays_open(patch: pytest.MonkeyPatch) -> None:
    find = snapshot.Catalogue.open_states

    def stubborn(self: snapshot.Catalogue, at: datetime, **asked: Any) -> snapshot.OpenStates:
        return self._open[0] if self._open else find(self, at, **asked)

    patch.setattr(snapshot.Catalogue, "open_states", stubborn)


@shown_by("the hour that comes twice")
def the_repeated_hour_of_october_opens_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hours, "_reading", lambda at: at.astimezone(hours.LONDON).replace(tzinfo=None))


# Order


@shown_by("three alike")
def ties_are_broken_the_other_way_round(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ranking, "in_order", lambda rows: in_order(rows)[::-1])


@shown_by("who comes to the person and who does not")
def who_comes_to_the_person_is_pushed_down_by_distance(patch: pytest.MonkeyPatch) -> None:
    measure = distances.shown_distance
    patch.setattr(candidates, "metres_to_go", lambda *asked: measure(*asked) or 0)


@shown_by("a doubt about the person and one about the referrer")
def the_referrer_decides_before_the_person(patch: pytest.MonkeyPatch) -> None:
    person = ranking.PERSON_CRITERIA
    patch.setattr(ranking, "PERSON_CRITERIA", ranking.REFERRER_CRITERIA)
    patch.setattr(ranking, "REFERRER_CRITERIA", person)


@shown_by("more near misses than are shown")
def a_fourth_near_miss_is_shown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ranking, "MAX_NEAR_MISSES", 4)


@shown_by("more near misses than are shown")
def two_failures_are_a_near_miss_too(patch: pytest.MonkeyPatch) -> None:
    real = ranking.rank

    def generous(found: Candidates, *rest: Any, **who: Any) -> ranking.Ranked:
        refusals = [level.no for level in found.levels.values()]
        twice = rows_among(
            row for row in in_order(found.rows) if sum(rows >> row & 1 for rows in refusals) == 2
        )
        forgiven = {
            name: Levels.of_sets(ask=level.ask, no=level.no & ~twice if position else level.no)
            for position, (name, level) in enumerate(found.levels.items())
        }
        return real(replace(found, levels=forgiven), *rest, **who)

    patch.setattr(answer, "rank", generous)


def caught_by(gazetteer: Gazetteer) -> dict[str, str]:
    """The known scenes in which app and reference differ now, each with the first difference."""
    found = {name: differences(scene, gazetteer) for name, scene in KNOWN_SCENES.items()}
    return {name: several[0] for name, several in found.items() if several}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_seeded_fault_is_caught(name: str, gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in, scene_name = FAULTS[name]
    put_in(monkeypatch)
    caught = caught_by(gazetteer)
    table = "\n".join(f"  {scene}: {first}" for scene, first in caught.items()) or "  no scene at all"
    assert scene_name in caught, f"{name.replace('_', ' ')}: expected in {scene_name!r}, seen in\n{table}"


def test_every_known_scene_shows_a_fault() -> None:
    """A scene that no fault needs goes: the list is read by people."""
    assert set(KNOWN_SCENES) == {scene_name for _, scene_name in FAULTS.values()}
