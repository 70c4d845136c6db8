"""The search against the second implementation of its page, on generated directories; and what must hold of any answer."""

from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.geo.gazetteer import Gazetteer
from app.search.answer import answer_json, search
from app.search.query import SearchQuery
from tests.search.comparing import differences, ids_in_order
from tests.search.making import Facets, Scene, build_directory, build_world
from tests.search.worlds import ASKED, DISTANCES_KM, MOMENTS, kinds_of_service, queries, scenes

generated = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@settings(generated, max_examples=400)
@given(scene=scenes())
def test_the_search_does_what_its_page_says(gazetteer: Gazetteer, scene: Scene) -> None:
    found = differences(scene, gazetteer)
    assert not found, "\n".join(found)


@pytest.mark.long
@settings(generated, max_examples=20_000)
@given(scene=scenes())
def test_the_search_does_what_its_page_says_at_length(gazetteer: Gazetteer, scene: Scene) -> None:
    found = differences(scene, gazetteer)
    assert not found, "\n".join(found)


@settings(generated, max_examples=8)
@given(
    kinds=st.lists(kinds_of_service(MOMENTS[0]), min_size=2, max_size=5),
    asked=st.lists(queries(), min_size=3, max_size=6),
)
def test_among_many_services_the_first_are_the_best(
    gazetteer: Gazetteer, kinds: list[Facets], asked: list[SearchQuery]
) -> None:
    """Long answers are cut before they are sorted: more services than that takes."""
    says = {number: kinds[number % len(kinds)] for number in range(600)}
    scene = Scene(says, tuple(query.model_copy(update={"limit": 7}) for query in asked), MOMENTS[0])
    found = differences(scene, gazetteer)
    assert not found, "\n".join(found)


@settings(generated)
@given(scene=scenes())
def test_a_search_never_invents_or_repeats_a_service(gazetteer: Gazetteer, scene: Scene) -> None:
    directory = build_directory(scene.world, gazetteer, as_of=scene.now)
    known = {service.record.id.int for service in scene.world.services}
    for query in scene.queries:
        answer = search(query, directory, scene.now)
        listed = ids_in_order(query, directory, scene.now)
        missed = [miss.entry.record.id.int for miss in answer.near_misses]
        assert len({*listed, *missed}) == len(listed) + len(missed)
        assert {*listed, *missed} <= known
        assert answer.total <= len(known)


@settings(generated)
@given(scene=scenes(), distances=st.lists(st.sampled_from(DISTANCES_KM), min_size=2, max_size=2, unique=True))
def test_looking_farther_never_loses_a_service(
    gazetteer: Gazetteer, scene: Scene, distances: list[float]
) -> None:
    directory = build_directory(scene.world, gazetteer, as_of=scene.now)
    for query in scene.queries:
        from_here = query if query.postcode or query.lat is not None else SearchQuery(postcode="B1 1AA")
        near, far = (from_here.model_copy(update={"within_km": km, "limit": 50}) for km in sorted(distances))
        assert set(ids_in_order(near, directory, scene.now)) <= set(ids_in_order(far, directory, scene.now))


CHANGES_WHO_IS_MEANT = ("sex", "age", "age_group", "with_children")
"""Facts about the person decide which figures of capacity count, and an age replaces the ages of an age group."""


@settings(generated)
@given(scene=scenes(), name=st.sampled_from(sorted(set(ASKED) - {"limit"})), value=st.data())
def test_asking_more_never_adds_a_service(
    gazetteer: Gazetteer, scene: Scene, name: str, value: st.DataObject
) -> None:
    directory = build_directory(scene.world, gazetteer, as_of=scene.now)
    more = value.draw(ASKED[name])
    for query in scene.queries:
        if name == "within_km" and query.postcode is None and query.lat is None:
            continue
        before = query.model_copy(update={name: None, "limit": 50})
        if name in CHANGES_WHO_IS_MEANT:
            before = before.model_copy(update={"has_capacity": None, "age": None, "age_group": None})
            if before.stage == "child_route":
                before = before.model_copy(update={"stage": None})
        if name == "stage" and more == "child_route":
            # It says what an age group says, and more than that only of whoever is known to be a child.
            before = before.model_copy(update={"age_group": "unsure"})
        after = before.model_copy(update={name: more})
        assert set(ids_in_order(after, directory, scene.now)) <= set(
            ids_in_order(before, directory, scene.now)
        )


@settings(generated)
@given(scene=scenes(), shuffled=st.randoms(use_true_random=False))
def test_the_order_in_which_services_are_loaded_does_not_matter(
    gazetteer: Gazetteer, scene: Scene, shuffled: Random
) -> None:
    numbers = list(scene.says)
    shuffled.shuffle(numbers)
    other_world = build_world({number: scene.says[number] for number in numbers})
    one = build_directory(scene.world, gazetteer, as_of=scene.now)
    other = build_directory(other_world, gazetteer, as_of=scene.now)
    for query in scene.queries:
        assert answer_json(search(query, one, scene.now)) == answer_json(search(query, other, scene.now))


@settings(generated)
@given(scene=scenes(), limit=st.integers(1, 30))
def test_a_limit_only_cuts(gazetteer: Gazetteer, scene: Scene, limit: int) -> None:
    directory = build_directory(scene.world, gazetteer, as_of=scene.now)
    for query in scene.queries:
        whole = search(query.model_copy(update={"limit": 50}), directory, scene.now)
        cut = search(query.model_copy(update={"limit": limit}), directory, scene.now)
        assert cut.results == whole.results[:limit]
        assert (cut.total, cut.near_misses, cut.children) == (whole.total, whole.near_misses, whole.children)


@settings(generated)
@given(scene=scenes(), meanwhile=st.lists(st.tuples(queries(), st.sampled_from(MOMENTS)), max_size=3))
def test_the_same_question_has_the_same_answer_whatever_was_asked_meanwhile(
    gazetteer: Gazetteer, scene: Scene, meanwhile: list[tuple[SearchQuery, datetime]]
) -> None:
    directory = build_directory(scene.world, gazetteer, as_of=scene.now)
    before = [answer_json(search(query, directory, scene.now)) for query in scene.queries]
    for query, moment in meanwhile:
        search(query, directory, moment)
    after = [answer_json(search(query, directory, scene.now)) for query in scene.queries]
    assert after == before
