"""Officers' reads: the public answer in the public order, and private facts beside it, for whoever has the scope."""

import json
import random
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jsonschema_rs
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app.db import sqlite_module
from app.geo.gazetteer import Gazetteer
from tests.api.checks import assert_private_problem
from tests.factories import SANDWELL, WEST_MIDLANDS_POLICE, make_organization, make_service
from tests.officers import (
    LINES,
    SEARCH,
    SECRETS,
    curator_key,
    device,
    officer_key,
    publish_beside_refuge,
    publish_lines,
    published,
    result_of,
    searched,
    tap,
)
from tests.providing import Provided, capacity_of
from tests.statements import counted_statements

A_MICROSECOND = timedelta(microseconds=1)


def of_a_service(service_id: UUID | str) -> str:
    return f"/v1/officer/services/{service_id}"


def without_private(answer: httpx.Response) -> dict[str, Any]:
    """What an officer was answered, with everything taken away that the public is not."""
    shown: dict[str, Any] = answer.json()
    assert shown.pop("live_facts") is True
    for result in (*shown.get("results", [shown]), *shown.get("near_misses", ())):
        assert result.pop("officer") is not None
    return shown


def test_lines_desks_and_routes_for_professionals_stand_beside_the_public_facts(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    service_id = publish_lines(sides, gazetteer)

    answer = searched(sides, device(sides))

    found = result_of(answer, service_id)["officer"]
    assert [(one["number"], one["description"]) for one in found["phones"]] == [
        ("0306 999 0711", "Hallux desk")
    ]
    assert [one["number"] for one in found["organization_phones"]] == ["0306 999 0713"]
    assert found["contacts"] == [{"role": "Duty desk", "email": "desk@hallux.example"}]
    (route,) = found["referral_routes"]
    assert (route["name"], route["contact"], route["notes"]) == (
        "Police line", "0306 999 0712", "Ask for the hallux manager",
    )  # fmt: skip
    assert (route["referrers"], route["stages"]) == (["police"], ["any"])
    assert route["hours"]["schedules"][0]["opens_at"] == "00:00"
    public = searched(sides, None)
    record = sides.client.get(f"/v1/services/{service_id}")
    assert [one for one in SECRETS if one in public.text + record.text] == []
    assert [one for one in SECRETS if one not in answer.text] == []


def test_one_service_is_told_as_the_search_tells_it(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id, token = publish_lines(sides, gazetteer), device(sides)

    answer = sides.ask("GET", of_a_service(service_id), token=token)

    assert answer.json()["officer"] == result_of(searched(sides, token), service_id)["officer"]
    assert without_private(answer) == sides.client.get(f"/v1/services/{service_id}").json()
    assert_private_problem(
        sides.client.app, sides.ask("GET", of_a_service(uuid4()), token=token), 404, "not-found"
    )
    unknown = sides.ask("GET", f"{of_a_service(service_id)}?limit=5", token=token)
    assert_private_problem(sides.client.app, unknown, 422, "unknown-parameter")


def test_the_live_figures_of_a_refuge_are_for_officers_and_a_constant_for_everybody_else(
    sides: Provided,
) -> None:
    token = device(sides)
    sides.report(sides.a.refuge, status="limited", available=2, maximum=7)
    sides.refresh()

    shown = result_of(searched(sides, token), sides.a.refuge)

    assert shown["capacity"] == {"status": "assess_first"}
    (figure,) = shown["officer"]["capacity"]
    assert figure == {
        "unit": "bed_space", "applies_to": "anyone", "status": "limited", "freshness": "fresh", "available": 2, "maximum": 7,
        "waits_days": None, "seen_at": "2026-11-25T10:20:30Z", "valid_until": "2026-11-25T22:00:00Z", "source": "key",
    }  # fmt: skip
    assert result_of(searched(sides, None), sides.a.refuge)["capacity"] == {"status": "assess_first"}


def test_a_private_figure_is_unknown_at_the_very_second_at_which_it_ends(sides: Provided) -> None:
    token = device(sides)
    sides.report(sides.a.refuge, status="accepting", available=3, maximum=7)
    shown = []
    for moment in (-A_MICROSECOND, timedelta(0)):
        sides.clock.now = sides.clock.now.replace(hour=22, minute=0, second=0) + moment
        (figure,) = result_of(searched(sides, token), sides.a.refuge)["officer"]["capacity"]
        shown.append((figure["status"], figure["freshness"], figure["available"], figure["maximum"]))
        sides.clock.now -= moment
    assert shown == [("accepting", "ageing", 3, 7), ("unknown", "unknown", None, None)]


# The same answer


QUERIES: dict[str, tuple[Any, ...]] = {
    "need": ("casework_advocacy", "safe_house", "basic_needs"),
    "sex": ("women", "men", "unknown"),
    "age_group": ("adult", "child", "unsure"),
    "referrer": ("police", "self", "nhs"),
    "stage": ("any", "recovery_period"),
    "reach": ("site", "outreach_area"),
    "has_capacity": (True,),
    "avoid_area": (SANDWELL, WEST_MIDLANDS_POLICE),
    "limit": (1, 2, 50),
    "text": ("example", "hallux"),
}
ORIGINS: tuple[dict[str, Any], ...] = (
    {}, {"postcode": "B69 3DE"}, {"postcode": "B69"}, {"area": SANDWELL}, {"lat": 52.505, "lon": -2.015},
)  # fmt: skip


def test_private_facts_never_move_order_totals_or_reasons(sides: Provided, gazetteer: Gazetteer) -> None:
    publish_lines(sides, gazetteer)
    sides.report(sides.a.refuge, status="full", available=0, maximum=7)
    tokens = (device(sides), officer_key(sides))
    for token in tokens:
        tap(sides, token, sides.b.refuge, "full")
    chance = random.Random("the same answer")
    nonempty = 0
    for _ in range(300):
        names = chance.sample(list(QUERIES), chance.randrange(4))
        query = chance.choice(ORIGINS) | {name: chance.choice(QUERIES[name]) for name in names}
        public = sides.client.post("/v1/services/search", json=query)
        assert public.status_code == 200
        answer = sides.ask("POST", SEARCH, query, token=tokens[0])
        assert without_private(answer) == public.json(), query
        nonempty += bool(public.json()["results"])
    assert nonempty > 100


def test_every_example_is_answered_as_declared(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id, token = publish_lines(sides, gazetteer), device(sides)
    sides.report(sides.a.refuge)
    document = sides.client.app.openapi()

    def declared(path: str, method: str) -> jsonschema_rs.Validator:
        schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        return jsonschema_rs.validator_for(
            schema | {"components": document["components"]}, validate_formats=True
        )

    content = document["paths"][SEARCH]["post"]["requestBody"]["content"]["application/json"]
    for example in [*(one["value"] for one in content["examples"].values()), *content["schema"]["examples"]]:
        answer = sides.ask("POST", SEARCH, example, token=token)
        declared(SEARCH, "post").validate(answer.json())
    for one in (service_id, sides.a.refuge):
        answer = sides.ask("GET", of_a_service(one), token=token)
        declared("/v1/officer/services/{service_id}", "get").validate(answer.json())
    path = "/v1/officer/services/{service_id}/call-outcomes"
    examples = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        answer = sides.ask("POST", path.format(service_id=service_id), example["value"], token=token)
        assert answer.status_code == 200
        declared(path, "post").validate(answer.json())


def test_a_bad_question_is_refused_as_in_the_public_search(sides: Provided) -> None:
    token = device(sides)
    for body, status, slug in (
        ({"postcode": "ZZ9 9ZZ"}, 422, "postcode-not-found"),
        ({"need": "gold"}, 422, "validation"),
        ({"available": 5}, 422, "unknown-member"),
        ({"postcode": None}, 422, "validation"),
    ):
        assert_private_problem(sides.client.app, sides.ask("POST", SEARCH, body, token=token), status, slug)
    repeated = sides.client.post(
        SEARCH,
        content=b'{"limit":1,"limit":2}',
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    assert_private_problem(sides.client.app, repeated, 400, "duplicate-member")


# For whom


def test_nothing_is_told_without_the_scope(sides: Provided) -> None:
    app, body = sides.client.app, {"area": SANDWELL}
    one = of_a_service(sides.a.refuge)
    for method, path, sent in (("POST", SEARCH, body), ("GET", one, None)):
        assert_private_problem(app, sides.client.request(method, path, json=sent), 401, "unauthenticated")
        wrong = sides.ask(method, path, sent, token="ssd_test_o_nobody")
        assert_private_problem(app, wrong, 401, "unauthenticated")
        # The owner of the very service, too, reads its own figures elsewhere.
        assert_private_problem(app, sides.ask(method, path, sent), 403, "forbidden")
        reviewer = (
            curator_key(sides, "proposals:review") if method == "GET" else curator_key(sides, "keys:admin")
        )
        assert_private_problem(app, sides.ask(method, path, sent, token=reviewer), 403, "forbidden")


@pytest.mark.parametrize("holder", [device, officer_key, lambda sides: curator_key(sides, "officer:read")])
def test_devices_force_systems_and_curators_with_the_scope_read(
    sides: Provided, holder: Callable[[Provided], str]
) -> None:
    token = holder(sides)
    assert searched(sides, token).json()["live_facts"] is True
    assert sides.ask("GET", of_a_service(sides.a.refuge), token=token).status_code == 200


def test_answers_are_private_kept_nowhere_and_for_no_page_of_anybody_else(sides: Provided) -> None:
    token = device(sides)
    for answer in (
        searched(sides, token),
        sides.ask("GET", of_a_service(sides.a.open), token=token, Origin="https://page.example"),
        sides.ask("HEAD", of_a_service(sides.a.open), token=token),
    ):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers
        assert [name for name in answer.headers if name.startswith("access-control-")] == []
    preflight = sides.client.options(
        SEARCH, headers={"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 405
    assert [name for name in preflight.headers if name.startswith("access-control-")] == []


# What leads to a house stays away from officers too


@pytest.mark.parametrize("is_public_office", [False, True])
def test_a_local_line_beside_a_refuge_is_shown_only_where_it_is_a_public_office(
    sides: Provided, gazetteer: Gazetteer, is_public_office: bool
) -> None:
    line = {"number": "0121 496 0735", "visibility": "professional", "is_public_office": is_public_office}
    route = {
        "key": "police", "name": "Police line", "channel": "phone", "phone": "0121 496 0746", "visibility": "professional",
        "phone_is_public_office": is_public_office,
    }  # fmt: skip
    service_id = publish_beside_refuge(sides, gazetteer, phones=[line], routes=[route])

    found = result_of(searched(sides, device(sides)), service_id)["officer"]

    assert [one["number"] for one in found["phones"]] == ["0121 496 0735"] * is_public_office
    shown = "0121 496 0746" if is_public_office else None
    assert [one["contact"] for one in found["referral_routes"]] == [shown]


def test_a_local_line_of_an_organization_without_a_refuge_is_shown(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    # The control: it is the refuge that withholds it.
    line = {"number": "0121 496 0735", "visibility": "professional"}
    service_id = publish_lines(sides, gazetteer, phones=[line])
    found = result_of(searched(sides, device(sides)), service_id)["officer"]
    assert [one["number"] for one in found["phones"]] == ["0121 496 0735"]


@pytest.mark.parametrize("changed", ["record_state = 'paused'", "status = 'temporarily closed'"])
def test_a_route_through_a_service_that_is_not_published_or_does_not_run_is_not_shown(
    sides: Provided, gazetteer: Gazetteer, changed: str
) -> None:
    """As the public is not: nobody answers there."""
    through = LINES["routes"][0] | {"channel": "via_service", "via_service": "between"}
    organization = make_organization(
        make_service("hallux", routes=[{name: value for name, value in through.items() if name != "phone"}]),
        make_service("between"),
        key="organization-hallux",
    )
    service_id, token = published(sides, gazetteer, organization, key="hallux"), device(sides)
    routes = result_of(searched(sides, token), service_id)["officer"]["referral_routes"]
    assert len(routes) == 1

    with sides.database.write() as session:
        session.connection().exec_driver_sql(
            f"UPDATE service SET {changed} WHERE id = '{_stored(sides, routes[0]['via_service_id'])}'"  # noqa: S608
        )

    assert result_of(searched(sides, token), service_id)["officer"]["referral_routes"] == []


def _stored(sides: Provided, service_id: str) -> str:
    return service_id.replace("-", "") if sides.database.is_sqlite else service_id


# How much it costs, and when the database is away


def test_the_number_of_selects_does_not_depend_on_how_many_are_shown(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    publish_lines(sides, gazetteer)
    token = device(sides)
    asked = []
    for limit in (1, 50):
        with counted_statements(sides.client.app.state.database._reader) as said:
            answer = searched(sides, token, limit=limit)
        # Who asks, and the look for changes that goes on beside it, are no part of it.
        others = ("officer_device", "directory_revision")
        asked.append(
            len([one for one in said if one.startswith("SELECT") and not any(o in one for o in others)])
        )
        assert len(answer.json()["results"]) == min(limit, 5)
    # Services, what of them is taken down, phones, contacts, routes, their codes, their hours, calls of this hour, figures.
    assert asked == [9, 9]


@pytest.mark.parametrize("happens", ["away", "damaged"])
def test_while_the_database_is_away_the_public_answer_comes_and_says_so(
    sides: Provided, database_url: str, request: pytest.FixtureRequest, happens: str
) -> None:
    token = device(sides)
    public = searched(sides, None).json()
    if happens == "away":
        take_away(sides, database_url, request)
    else:
        damage(sides)

    answer = searched(sides, token)
    record = sides.ask("GET", of_a_service(sides.a.refuge), token=token)

    for shown in (answer, record):
        assert shown.status_code == 200
        assert shown.headers["cache-control"] == "private, no-store"
        assert shown.json()["live_facts"] is False
    assert {one["officer"] for one in answer.json()["results"]} == {None}
    assert [one["service"] for one in answer.json()["results"]] == [
        one["service"] for one in public["results"]
    ]
    assert record.json()["officer"] is None
    # What cannot even be a key is refused all the same, and a call cannot be recorded.
    assert_private_problem(sides.client.app, searched(sides, "ssd_test_d_x"), 401, "unauthenticated")
    assert_private_problem(sides.client.app, tap(sides, token, sides.a.open), 503, "unavailable")


def take_away(sides: Provided, url: str, request: pytest.FixtureRequest) -> None:
    if sides.database.is_sqlite:
        assert sides.database.path is not None
        sides.database.path.rename(sides.database.path.with_suffix(".away"))
    else:
        request.getfixturevalue("postgres").drop(url)


def damage(sides: Provided) -> None:
    """What neither engine tells as a failure of operation: a file that is none, or a table that is not there any more."""
    path = sides.database.path
    if path is None:
        with sides.database.write() as session:
            session.connection().execute(text("ALTER TABLE officer_device RENAME TO gone"))
        return
    with closing(sqlite_module().connect(path)) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(b"\xff" * path.stat().st_size)


@pytest.mark.parametrize("table", ["phone", "call_outcome", "capacity_report"])
def test_a_database_that_fails_half_way_gives_no_half_of_the_facts(sides: Provided, table: str) -> None:
    token = device(sides)
    engine = sides.client.app.state.database._reader

    def fail(*arguments: Any) -> None:
        if f"FROM {table}" in arguments[2]:
            raise OperationalError("", None, Exception("the connection is lost"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = searched(sides, token)
    finally:
        event.remove(engine, "before_cursor_execute", fail)

    assert answer.status_code == 200
    assert answer.json()["live_facts"] is False
    assert {one["officer"] for one in answer.json()["results"]} == {None}
    assert searched(sides, token).json()["live_facts"] is True


def test_a_connection_that_is_lost_when_all_was_read_takes_nothing_from_the_answer(sides: Provided) -> None:
    token = device(sides)
    engine = sides.client.app.state.database._reader
    lost: list[object] = []

    def lose(connection: object) -> None:
        lost.append(connection)
        raise OperationalError("", None, Exception("the connection is lost"))

    event.listen(engine, "rollback", lose)
    try:
        answer = searched(sides, token)
    finally:
        event.remove(engine, "rollback", lose)

    assert lost
    assert (answer.status_code, answer.json()["live_facts"]) == (200, True)


def test_no_coordinate_or_address_is_beside_any_result(sides: Provided, gazetteer: Gazetteer) -> None:
    publish_lines(sides, gazetteer)
    for result in searched(sides, device(sides)).json()["results"]:
        names = set(_names(result["officer"]))
        assert not names & {
            "address_1",
            "postal_code",
            "city",
            "lat",
            "lon",
            "easting",
            "northing",
            "location",
        }
        if result["service"]["confidential"]:
            assert result["distance_km"] is None


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for part in value.values() for name in _names(part))]
    return [name for part in value for name in _names(part)] if isinstance(value, list) else []


def test_a_report_by_its_owner_is_seen_by_officers_at_once(sides: Provided) -> None:
    # Read from the database, not from the snapshot that follows within two seconds.
    token = device(sides)
    stored = sides.ask(
        "PUT", capacity_of(sides.b.refuge), {"unit": "bed_space", "status": "full"}, token=sides.b.token
    )
    assert stored.status_code == 200
    (figure,) = result_of(searched(sides, token), sides.b.refuge)["officer"]["capacity"]
    assert figure["status"] == "full"
    assert json.dumps(figure).count("reported_by") == 0


def test_whom_to_ring_first_for_a_child_stands_among_the_results_and_not_again_behind_them(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    public = {
        "key": "police",
        "name": "Police",
        "channel": "phone",
        "phone": "0306 999 0701",
        "referrers": ["police"],
    }
    private = public | {"key": "ward", "name": "Ward", "referrers": ["nhs"], "visibility": "professional"}
    service_id = publish_lines(
        sides,
        gazetteer,
        routes=[public, private],
        child_card_role="guardianship",
        needs=["child_young_person"],
    )

    answer = searched(sides, device(sides), age=16, referrer="nhs").json()

    stands = [
        [one["service"]["id"] for one in answer[part]].count(str(service_id))
        for part in ("results", "near_misses")
    ]
    assert stands == [1, 0]
