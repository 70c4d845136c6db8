"""`GET /v1/snapshot`: everything a widget needs, in the order of a search by the person, and no more than is public."""

import gzip
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.directory.snapshot import Directory
from app.search.bundle import LIFE, STEP
from tests.api.addresses import service_ids
from tests.api.served import NOW, Client, StandingClock

SMALL_KB = 200


def snapshot_of(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/snapshot").json()
    return found


def test_every_public_service_is_in_it_once_and_in_the_order_of_a_search_by_the_person(
    client: Client,
) -> None:
    ids = [one["id"] for one in snapshot_of(client)["services"]]
    assert sorted(ids) == sorted(service_ids(client))
    searched = client.post("/v1/services/search", json={"limit": 50, "referrer": "self"}).json()
    found = [one["service"]["id"] for one in searched["results"]]
    taken = set(found)
    assert 20 < len(found) < len(ids)
    assert [one for one in ids if one in taken] == found


def test_whom_a_person_cannot_ask_stands_behind_whom_they_can(client: Client) -> None:
    # What is for children alone is behind in any case: nobody's age is known.
    ids = [
        one["id"]
        for one in snapshot_of(client)["services"]
        if (one["eligibility"]["maximum_age"] or 120) >= 18
    ]
    routes = {one: client.get(f"/v1/services/{one}/referral-routes").json()["results"] for one in ids}
    can_ask = [any("self" in route["referrers"] for route in routes[one]) for one in ids]
    assert can_ask == sorted(can_ask, reverse=True)


def test_a_service_says_what_the_search_and_its_record_say(client: Client) -> None:
    searched = {
        one["service"]["id"]: one
        for one in client.post("/v1/services/search", json={"limit": 50}).json()["results"]
    }
    whose = set()
    for one in snapshot_of(client)["services"]:
        record = client.get(f"/v1/services/{one['id']}").json()
        group = record["capacity"].get("applies_to")
        taken = record["eligibility"]
        is_for_children = taken["maximum_age"] is not None and taken["maximum_age"] < 18
        theirs = {None, "anyone", "children" if is_for_children else taken["sex_accepted"]}
        if group in theirs:
            assert one["capacity"] == record["capacity"]
        else:
            # The widget does not say whose places they are, so it has none for some of those whom a service takes.
            assert one["capacity"]["applies_to"] in theirs
        whose.add(group)
        assert one["open"] == record["open"]
        assert one["hours"] == record["hours"]["in_words"]
        assert one["languages"] == [language["code"] for language in record["languages"]]
        assert set(one["coverage"]["areas"]) == {area["code"] for area in record["coverage"]["areas"]}
        assert one["coverage"]["everywhere"] == record["coverage"]["everywhere"]
        for name, value in one["eligibility"].items():
            assert record["eligibility"][name] == value
        if one["id"] in searched:
            summary = searched[one["id"]]["service"]
            assert {name: one[name] for name in summary} == summary
    assert {None, "anyone", "women"} <= whose


@pytest.mark.parametrize("referrer", ["self"])
def test_the_way_in_is_the_one_that_a_person_would_be_told(client: Client, referrer: str) -> None:
    told = client.post("/v1/services/search", json={"limit": 50, "referrer": referrer}).json()["results"]
    ways = {one["service"]["id"]: one["referral_route"] for one in told if one["referral_route"]}
    shown = {one["id"]: one["referral_route"] for one in snapshot_of(client)["services"]}
    assert len(ways) > 10
    for_whom = {"adult": " (for adults only)", "child": " (for under-18s only)", None: ""}
    named = {one: way | {"name": way["name"] + for_whom[way["age_group"]]} for one, way in ways.items()}
    assert {one: shown[one] for one in ways} == named
    # The widget, which has no words for it, may show them to anybody.
    assert any(way["age_group"] == "adult" for way in ways.values())
    names = {one["id"]: one["name"] for one in snapshot_of(client)["services"]}
    without = {names[one] for one, way in shown.items() if way is None}
    assert "Example House for families" in without, "only councils and the police may refer there"


def test_whoever_covers_an_area_there_covers_it_in_the_search(client: Client) -> None:
    snapshot = snapshot_of(client)
    inside = {area["code"]: set(area["authorities"]) for area in snapshot["areas"]}
    for area in (one for one in snapshot["areas"] if one["home"]):
        code = area["code"]
        covering = {
            one["id"]
            for one in snapshot["services"]
            if one["coverage"]["everywhere"]
            or any(code in inside[listed] for listed in one["coverage"]["areas"])
            or code in one["coverage"]["may_cover"]
        }
        searched = client.post("/v1/services/search", json={"area": code, "limit": 50}).json()
        assert searched["total"] == len(covering)
        assert {one["service"]["id"] for one in searched["results"]} <= covering


def test_areas_needs_and_languages_have_names(client: Client) -> None:
    snapshot = snapshot_of(client)
    home = [area["name"] for area in snapshot["areas"] if area["home"]]
    assert home == ["Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton"]
    areas = {area["code"] for area in snapshot["areas"]}
    needs, languages = ({one["code"] for one in snapshot[name]} for name in ("needs", "languages"))
    for one in snapshot["services"]:
        assert set(one["coverage"]["areas"]) <= areas
        assert set(one["needs"]) <= needs
        assert set(one["languages"]) <= languages
    vocabulary = client.get("/v1/vocabulary").json()["results"]
    names = {
        term["code"]: term["name"] for one in vocabulary if one["code"] == "need" for term in one["terms"]
    }
    listed = {one["code"]: one["name"] for one in snapshot["needs"]}
    assert listed == {code: name for code, name in names.items() if code in listed}
    assert {"code": "vie", "name": "Vietnamese", "autonym": "Tiếng Việt"} in snapshot["languages"]


def test_the_numbers_and_the_card_for_children_are_those_of_the_search(client: Client) -> None:
    snapshot = snapshot_of(client)
    searched = client.post("/v1/services/search", json={"area": "E08000028"}).json()
    assert snapshot["always"] == searched["always"]
    assert snapshot["children"]["message"] == searched["children"]["message"]
    here = [one["id"] for one in searched["children"]["services"]]
    assert [one for one in snapshot["children"]["services"] if one in here] == here
    assert set(snapshot["accommodation_needs"]) == {
        "emergency_accommodation",
        "safe_house",
        "move_on_housing",
    }


def test_of_a_confidential_service_it_has_constants_only(client: Client) -> None:
    houses = [one for one in snapshot_of(client)["services"] if one["confidential"]]
    assert len(houses) > 5
    for one in houses:
        assert one["capacity"] == {"status": "assess_first"}
        assert one["coverage"]["may_cover"] == []
        assert "distance_km" not in one


def test_no_count_is_in_it(client: Client) -> None:
    text = client.get("/v1/snapshot").text
    for name in ("available", "maximum", "distance_km", "lat", "postal_code", "address_1", "locations"):
        assert f'"{name}"' not in text


def test_it_is_small_and_smaller_still_when_compressed(client: Client) -> None:
    plain = client.get("/v1/snapshot", headers={"accept-encoding": "identity"})
    packed = client.get("/v1/snapshot", headers={"accept-encoding": "br, gzip;q=0.5"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content
    assert plain.headers["etag"] != packed.headers["etag"], "other bytes have another tag"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert len(plain.content) < SMALL_KB * 1000
    assert len(gzip.compress(plain.content)) < SMALL_KB * 100


@pytest.mark.parametrize("offered", ["", "br", "gzip;q=0", "gzip;q=0.000", "xgzip", "deflate, br;q=0.9", "*"])
def test_it_is_not_compressed_for_who_does_not_ask_for_it(client: Client, offered: str) -> None:
    answer = client.get("/v1/snapshot", headers={"accept-encoding": offered})
    assert "content-encoding" not in answer.headers
    assert answer.json()["services"]


def test_it_is_for_any_page_and_for_a_minute(client: Client) -> None:
    answer = client.get("/v1/snapshot", headers={"origin": "https://host.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=60"


# Time


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_it_says_when_it_was_true_and_until_when_it_may_be_shown(
    timed_client: Client, clock: StandingClock
) -> None:
    seen = set()
    for minutes in range(0, 60, 4):
        clock.now = NOW + timedelta(minutes=minutes)
        timed_client.app.state.watcher.refresh()
        snapshot = snapshot_of(timed_client)
        since, until = instant(snapshot["generated_at"]), instant(snapshot["valid_until"])
        assert timedelta() <= clock.now - since < STEP
        assert until - since == LIFE
        assert until - clock.now >= timedelta(minutes=30)
        seen.add(snapshot["generated_at"])
    assert len(seen) == 5, "the bytes are the same for a quarter of an hour, unless something happens"


def test_while_the_database_is_away_it_says_how_old_it_is(timed_client: Client, clock: StandingClock) -> None:
    watcher = timed_client.app.state.watcher
    watcher.stop()
    clock.now = NOW + timedelta(hours=3)
    answer = timed_client.get("/v1/snapshot")
    assert instant(answer.json()["valid_until"]) < clock.now
    assert instant(answer.json()["generated_at"]) <= NOW
    assert answer.headers["cache-control"] == "public, no-cache"
    watcher.refresh()
    assert instant(snapshot_of(timed_client)["valid_until"]) > clock.now


def test_it_is_made_anew_when_the_directory_changes_and_kept_until_then(
    timed_client: Client, clock: StandingClock
) -> None:
    keeper = timed_client.app.state.bundles
    first = snapshot_of(timed_client)
    kept = keeper._kept
    timed_client.get("/v1/snapshot")
    assert keeper._kept is kept
    directory: Directory = timed_client.app.state.holder.current
    figures = [one for of in directory.capacity.figures.values() for one in of if one.valid_until > NOW]
    clock.now = min(one.valid_until for one in figures)
    timed_client.app.state.watcher.refresh()
    assert snapshot_of(timed_client) != first
