"""What the app answered, in the words of the reference, and in which sentence the two differ."""

from collections.abc import Sequence
from datetime import datetime

from app.directory.snapshot import Directory
from app.geo.gazetteer import Gazetteer
from app.search.answer import Answer, search
from app.search.query import SearchQuery
from tests.search.making import Scene, build_directory
from tests.search.reference import COVERS, MAY_COVER, Expected, Shown, World, expected_answer

_CRITERION_OF = {
    "women only": "sex",
    "men only": "sex",
    "children cannot come along": "with_children",
    "no interpreter, and staff do not speak the language": "language",
    "works with other kinds of exploitation": "exploitation",
    "for another stage of the referral process": "stage",
    "no places now": "has_capacity",
    "closed at that time": "open_at",
    "farther away than asked": "within_km",
    "in the area to avoid": "avoid_area",
}


def criterion_behind(words: Sequence[str]) -> str:
    """The criterion that a near miss failed, from what it tells people; a sentence nobody knows, and several, as they are."""
    if len(words) != 1:
        return " and ".join(words)
    (sentence,) = words
    if sentence.startswith("people ") and sentence.endswith(" only"):
        return "age"
    if sentence.startswith("not open to referral "):
        return "referrer"
    return _CRITERION_OF.get(sentence, sentence)


def in_words_of_reference(answer: Answer) -> Expected:
    return Expected(
        results=tuple(
            Shown(
                result.entry.record.id,
                MAY_COVER if any(reason.startswith("may cover") for reason in result.reasons) else COVERS,
                distance_km=None if result.distance_m is None else round(result.distance_m / 1000, 1),
                capacity=result.capacity.status,
                open_now=result.opening.state.now,
                route=None if result.route is None else result.route.record.id,
                route_open=None if result.route_opening is None else result.route_opening.state.now,
            )
            for result in answer.results
        ),
        total=answer.total,
        near_misses=tuple(
            (miss.entry.record.id, criterion_behind(miss.why_not)) for miss in answer.near_misses
        ),
        child_card=None if answer.children is None else tuple(entry.record.id for entry in answer.children),
    )


def difference(query: SearchQuery, directory: Directory, world: World, now: datetime) -> str | None:
    """The first part of the answer in which the app and the reference differ, or None."""
    expected = expected_answer(query, world, now)
    answered = in_words_of_reference(search(query, directory, now))
    for part in ("total", "results", "near_misses", "child_card"):
        wanted, found = getattr(expected, part), getattr(answered, part)
        if wanted != found:
            return f"{part} of {query.model_dump(exclude_none=True)} at {now}:\n  by the page: {wanted}\n  answered:    {found}"
    return None


def differences(scene: Scene, gazetteer: Gazetteer) -> list[str]:
    """All differences of a scene; its questions are put to one Directory, one after the other."""
    world = scene.world
    directory = build_directory(world, gazetteer, as_of=scene.now)
    return [
        found
        for query in scene.queries
        if (found := difference(query, directory, world, scene.now)) is not None
    ]


def ids_in_order(query: SearchQuery, directory: Directory, now: datetime) -> list[int]:
    """The results' ids as numbers."""
    return [result.entry.record.id.int for result in search(query, directory, now).results]
