"""What officers read and record is no business of the public's: no byte of it moves, and nothing private moves an order."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import Session

from app.api.officer_routes import ASK_ABOUT_IT, PROFESSIONAL_ROUTE
from app.directory import officer_facts
from app.models.codes import CALL_OUTCOMES
from tests.api.addresses import OF_A_SERVICE
from tests.confidentiality import asking
from tests.confidentiality.asking import Asked
from tests.confidentiality.comparing import ask, difference_of, known_to_all, logged, taken_from
from tests.confidentiality.over_the_api import officers, tapped
from tests.confidentiality.week import _answers, _copy_of_left
from tests.confidentiality.worlds import Pair, Served, take_up

TAPS = 60
QUERIES = 2000
BY_ROUTE = ([PROFESSIONAL_ROUTE], [ASK_ABOUT_IT])
OF_ROUTES = ("not open to referral by", "for another stage of the referral process")


@pytest.fixture
def world(pair: Pair) -> Iterator[Served]:
    with _copy_of_left(pair) as copied:
        yield copied


def as_officer(world: Served, token: str, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return world.client.post("/v1/officer/services/search", content=body, headers=headers)


def test_no_call_and_no_read_of_an_officer_changes_a_public_byte(pair: Pair, world: Served) -> None:
    known = known_to_all(pair)
    house = UUID(known.houses[3])
    chance = random.Random("a night of calls")
    tokens = officers(world, 5)
    with logged() as log:
        before = dict(_answers(world, known, house, log))
        tags = [asked for asked in before if "if-none-match" in dict(asked.headers)]
        assert len(tags) > len(OF_A_SERVICE)
        about_house = [asked for asked in before if str(house) in asked.target or asked in tags]
        for number in range(TAPS):
            service_id = str(house) if number % 2 else chance.choice(known.services)
            answer = tapped(world, chance.choice(tokens), service_id, chance.choice(CALL_OUTCOMES))
            assert answer.status_code == 200
            as_officer(world, tokens[0], b'{"limit": 50}')
            # What the process would take up if anything had announced itself.
            assert world.watcher.refresh() is False
            taken_from(log)
            if number % 10 == 0:
                for asked in about_house:
                    assert difference_of(asked, before[asked], ask(world.client, asked, log)) is None
        take_up(world)
        taken_from(log)
        for asked, expected in before.items():
            assert difference_of(asked, expected, ask(world.client, asked, log)) is None


def test_an_officer_is_answered_in_the_order_of_the_public(pair: Pair, world: Served) -> None:
    compared = differing(pair, world, QUERIES)
    assert compared.first is None, compared.first
    assert compared.answered > QUERIES * 0.8
    # Where no confidential service with a live figure and a call was shown, nothing is proven.
    assert compared.with_secrets > 300


class Compared:
    answered = with_secrets = 0
    first: str | None = None


def differing(pair: Pair, world: Served, count: int) -> Compared:
    """The same generated questions, asked as anybody and as an officer."""
    known = known_to_all(pair)
    chance = random.Random("officers and everybody")
    tokens = officers(world, 3)
    for house in known.houses:
        for token in tokens:
            assert tapped(world, token, house, chance.choice(CALL_OUTCOMES)).status_code == 200
    found = Compared()
    for _ in range(count):
        asked: Asked = asking.posted("/v1/services/search", asking.search_of(known, chance))
        public = world.client.post(asked.target, content=asked.body, headers=dict(asked.headers))
        private = as_officer(world, tokens[0], asked.body)
        if public.status_code != 200:
            # Problems are the same but for their names.
            assert (private.status_code, private.json()["type"]) == (
                public.status_code,
                public.json()["type"],
            )
            continue
        found.answered += 1
        shown = private.json()
        found.with_secrets += any(is_secret(one) for one in shown["results"])
        if without_private(shown, public.json()) != public.json():
            found.first = f"{json.loads(asked.body)}"
            break
    return found


def is_secret(result: dict[str, Any]) -> bool:
    live = result["officer"]
    return bool(result["service"]["confidential"] and live["capacity"] and live["calls"]["in_words"])


def without_private(shown: dict[str, Any], public: dict[str, Any]) -> dict[str, Any]:
    """What is left of an officer's answer. What routes for professionals change are the words of near misses that the
    public has too, and further near misses after all of those: nothing else.
    """
    kept = {name: value for name, value in shown.items() if name != "live_facts"}
    results, near = (
        [{n: v for n, v in one.items() if n != "officer"} for one in shown[name]]
        for name in ("results", "near_misses")
    )
    for miss, same in zip(near, public["near_misses"], strict=False):
        if miss["why_not"] in BY_ROUTE:
            assert same["why_not"][0].startswith(OF_ROUTES)
            miss["why_not"] = same["why_not"]
    assert all(one["why_not"] in BY_ROUTE for one in near[len(public["near_misses"]) :])
    return kept | {"results": results, "near_misses": near[: len(public["near_misses"])]}


@contextmanager
def the_full_ones_last() -> Iterator[None]:
    """A variant with a mistake: services that officers found full are put at the end."""
    from app.api import officer

    honest = officer._answer

    def leaky(shown: dict[str, Any], facts: officer.Facts) -> Any:
        if facts:
            shown["results"].sort(key=lambda one: facts[one["service"]["id"]].calls.full)
        return honest(shown, facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(officer, "_answer", leaky)
        yield


@contextmanager
def calls_announce_themselves() -> Iterator[None]:
    """A variant with a mistake: a call moves the counter of capacity, as a report does."""
    from app.api import calls
    from app.capacity.calls import record_call
    from app.directory.announcing import announce

    def leaky(session: Session, *arguments: Any, **named: Any) -> None:
        record_call(session, *arguments, **named)
        announce(session, catalogue=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "record_call", leaky)
        yield


def test_an_order_that_private_facts_move_is_noticed(pair: Pair, world: Served) -> None:
    with the_full_ones_last():
        assert differing(pair, world, 300).first is not None


def test_a_call_that_announces_itself_is_noticed(pair: Pair, world: Served) -> None:
    house = known_to_all(pair).houses[3]
    (token,) = officers(world, 1)
    with calls_announce_themselves():
        tapped(world, token, house, "full")
        assert world.watcher.refresh() is True


def test_an_officer_reads_live_facts_of_every_house(pair: Pair, world: Served) -> None:
    (token,) = officers(world, 1)
    for house in known_to_all(pair).houses:
        answer = world.client.get(
            f"/v1/officer/services/{house}", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.json()["live_facts"] is True
        assert answer.json()["officer"] is not None
    assert officer_facts.PROFESSIONAL == "professional"
