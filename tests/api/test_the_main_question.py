"""Who can take this person, here, now, and how do I refer? The places and people that the service is made for.

What is expected is worked out from the public records of the answer's services, not from the search.
"""

from itertools import product
from typing import Any

import pytest

from tests.api.addresses import service_ids
from tests.api.served import Client

PLACES = {
    "B1 1BB": ("yes", ["Birmingham"], ["West Midlands"]),
    "CV1 5FB": ("yes", ["Coventry"], ["West Midlands"]),
    "WV1 1RG": ("yes", ["Wolverhampton"], ["West Midlands"]),
    "B69 3DE": ("yes", ["Sandwell"], ["West Midlands"]),
    "B77 1AG": ("no", ["Tamworth"], ["Staffordshire"]),
    "B31": ("partly", ["Birmingham", "Bromsgrove"], ["West Midlands", "West Mercia"]),
}
LIES_IN = {
    "Birmingham": {"Birmingham", "West Midlands", "England"},
    "Coventry": {"Coventry", "West Midlands", "England"},
    "Wolverhampton": {"Wolverhampton", "West Midlands", "England"},
    "Sandwell": {"Sandwell", "West Midlands", "England"},
    "Tamworth": {"Tamworth", "Staffordshire", "West Midlands", "England"},
    "Bromsgrove": {"Bromsgrove", "West Mercia", "West Midlands", "England"},
}
FORCE = "E23000014"
REGION = "E12000005"
"""The region and the police force area have the same name; Tamworth is in the one and not in the other."""
ACCOMMODATION = {"emergency_accommodation", "safe_house", "move_on_housing"}
PEOPLE: list[dict[str, str]] = [
    {},
    {"sex": "women", "age_group": "adult", "referrer": "police"},
    {"sex": "men", "age_group": "adult", "referrer": "self"},
    {"sex": "women", "age_group": "child", "referrer": "police"},
    {"sex": "unknown", "age_group": "unsure", "referrer": "council"},
]
NEEDS = [None, "emergency_accommodation", "casework_advocacy", "legal_immigration", "safe_house"]


@pytest.fixture(scope="module")
def records(client: Client) -> dict[str, dict[str, Any]]:
    return {one: client.get(f"/v1/services/{one}").json() for one in service_ids(client)}


def ask(client: Client, postcode: str, **person: Any) -> dict[str, Any]:
    response = client.post("/v1/services/search", json={"postcode": postcode, "limit": 50, **person})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def covers(record: dict[str, Any], authority: str, postcode: str) -> bool:
    """Whether a service covers the part of an authority with this postcode, by what it says it covers."""
    coverage = record["coverage"]
    if coverage["everywhere"] or postcode.partition(" ")[0] in coverage["postcode_districts"]:
        return True
    for area in coverage["areas"]:
        if area["name"] in LIES_IN[authority] and not (
            area["code"] == FORCE and authority in ("Tamworth", "Bromsgrove")
        ):
            return True
    return False


def names(services: list[dict[str, Any]]) -> list[str]:
    return [one["service"]["name"] for one in services]


@pytest.mark.parametrize("postcode", PLACES)
def test_the_place_is_where_it_is(either_client: Client, postcode: str) -> None:
    in_area, authorities, forces = PLACES[postcode]
    place = ask(either_client, postcode)["place"]
    assert place["in_area"] == in_area
    assert [one["name"] for one in place["local_authorities"]] == authorities
    assert [one["name"] for one in place["police_forces"]] == forces


@pytest.mark.parametrize("postcode", PLACES)
def test_everyone_gets_an_answer_with_the_numbers_to_ring(client: Client, postcode: str) -> None:
    answer = ask(client, postcode)
    assert answer["results"]
    assert [line["phone"] for line in answer["always"]][:2] == ["999", "101"]
    for result in answer["results"]:
        assert len(result["reasons"]) >= 2
        assert result["reasons"][0].startswith(("covers ", "may cover "))
        assert all(reason and reason == reason.strip() for reason in result["reasons"])


Case = tuple[str, str | None, dict[str, str]]
CASES: list[Case] = [
    (place, need, person)
    for place, need, person in product(PLACES, NEEDS, PEOPLE)
    if not (need and not person)
]


@pytest.mark.parametrize("question", CASES, ids=str)
def test_every_result_can_be_what_was_asked_for(
    client: Client, records: dict[str, dict[str, Any]], question: Case
) -> None:
    postcode, need, person = question
    answer = ask(client, postcode, **person, **({"need": need} if need else {}))
    for result in answer["results"]:
        record = records[result["service"]["id"]]
        eligibility = record["eligibility"]
        assert any(covers(record, name, postcode) for name in PLACES[postcode][1])
        if need:
            assert need in record["needs"]
        if person.get("sex") in ("women", "men"):
            assert eligibility["sex_accepted"] in (None, "any", person["sex"])
        if person.get("age_group") == "adult":
            assert eligibility["maximum_age"] is None or eligibility["maximum_age"] >= 18
        if person.get("age_group") in ("child", "unsure"):
            assert eligibility["minimum_age"] is None or eligibility["minimum_age"] < 18
            assert not ACCOMMODATION & set(record["needs"])
        if person.get("referrer"):
            named = {who for route in record["referral_routes"] for who in route["referrers"]}
            open_to_any = not record["referral_routes"] or any(
                not route["referrers"] for route in record["referral_routes"]
            )
            assert open_to_any or person["referrer"] in named


@pytest.mark.parametrize("question", CASES, ids=str)
def test_a_near_miss_is_one_criterion_away_and_no_refuge_for_a_child(
    client: Client, records: dict[str, dict[str, Any]], question: Case
) -> None:
    postcode, need, person = question
    answer = ask(client, postcode, **person, **({"need": need} if need else {}))
    found = {one["service"]["id"] for one in answer["results"]}
    for miss in answer["near_misses"]:
        assert len(miss["why_not"]) == 1
        assert miss["service"]["id"] not in found
        if person.get("age_group") in ("child", "unsure"):
            assert not ACCOMMODATION & set(records[miss["service"]["id"]]["needs"])


@pytest.mark.parametrize("postcode", PLACES)
def test_sure_cover_comes_before_maybe(client: Client, postcode: str) -> None:
    doubts = [
        (
            result["reasons"][-1].startswith("no number"),
            not result["reasons"][0].startswith("covers "),
        )
        for result in ask(client, postcode)["results"]
    ]
    assert doubts == sorted(doubts), "but what cannot be reached stands last"


def test_an_outward_code_across_the_border_is_told_as_maybe(
    client: Client, records: dict[str, dict[str, Any]]
) -> None:
    results = ask(client, "B31")["results"]
    for result in results:
        record = records[result["service"]["id"]]
        both = all(covers(record, name, "B31") for name in PLACES["B31"][1])
        assert result["reasons"][0].startswith("covers ") == both
    assert len({result["reasons"][0].startswith("covers ") for result in results}) == 2


def test_a_birmingham_postcode_in_sandwell_gets_sandwell(client: Client) -> None:
    found = names(ask(client, "B69 3DE")["results"])
    assert any("Sandwell" in name for name in found)
    assert not any(name.endswith(("Birmingham", "Dudley")) for name in found)


def test_another_force_is_not_sent_services_of_this_one(
    client: Client, records: dict[str, dict[str, Any]]
) -> None:
    for result in ask(client, "B77 1AG")["results"]:
        areas = records[result["service"]["id"]]["coverage"]["areas"]
        assert {area["code"] for area in areas} != {FORCE}
        assert "covers West Midlands" not in result["reasons"][0]


@pytest.mark.parametrize("postcode", ["B1 1BB", "CV1 5FB", "WV1 1RG", "B69 3DE"])
def test_for_a_child_the_council_of_the_place_is_the_first_call(client: Client, postcode: str) -> None:
    [authority] = PLACES[postcode][1]
    for age in ({"age_group": "child"}, {"age_group": "unsure"}, {"age": 17}, {"age": 0}):
        answer = ask(client, postcode, **age)
        assert names(answer["results"])[:2] == [
            f"Children's services, {authority}",
            "Independent Child Trafficking Guardians",
        ]
        assert answer["children"]["services"][0]["name"] == f"Children's services, {authority}"
        assert answer["children"]["missing"] is None
    assert ask(client, postcode, age_group="adult")["children"] is None
    assert ask(client, postcode, age=18)["children"] is None
    # Nobody has said how old: the card stands beside the results.
    assert ask(client, postcode)["children"]["services"]


@pytest.mark.parametrize(("postcode", "council"), [("B77 1AG", "Tamworth"), ("B31", "Bromsgrove")])
def test_of_a_child_whose_council_is_not_here_the_card_says_where_to_look(
    client: Client, postcode: str, council: str
) -> None:
    missing = ask(client, postcode, age_group="child")["children"]["missing"]
    assert missing.startswith(f"Not in this directory: children's services for {council}.")


def test_the_route_shown_is_one_that_the_referrer_may_use(
    client: Client, records: dict[str, dict[str, Any]]
) -> None:
    shown = 0
    for postcode, referrer in product(PLACES, ("police", "self", "council", "nhs")):
        for result in ask(client, postcode, referrer=referrer)["results"]:
            route = result["referral_route"]
            if route is None:
                continue
            routes = [
                one
                for one in records[result["service"]["id"]]["referral_routes"]
                if one["name"] == route["name"]
            ]
            assert any(not one["referrers"] or referrer in one["referrers"] for one in routes)
            shown += 1
    assert shown > 50


def test_a_route_through_another_service_says_whom_to_ring(
    client: Client, records: dict[str, dict[str, Any]]
) -> None:
    shown = 0
    for postcode in PLACES:
        for result in ask(client, postcode, need="safe_house", age_group="adult")["results"]:
            route = result["referral_route"]
            if route is None or route["channel"] != "via_service":
                continue
            via = records[route["via_service_id"]]
            assert route["via_service_name"] == via["name"]
            assert route["contact"] == (via["phones"][0]["number"] if via["phones"] else None)
            shown += 1
    assert shown


def test_a_house_behind_a_form_is_not_said_to_have_none(client: Client) -> None:
    """Nobody knows the number of Safe Place; the case conference that it leads through has a form for the police."""
    asked = {"need": "safe_house", "sex": "men", "age_group": "adult", "referrer": "police"}
    (house,) = [
        one for one in ask(client, "B1 1BB", **asked)["results"] if one["service"]["name"] == "Safe Place"
    ]
    assert house["reasons"][-1] == "no number known here: the way in leads through another service"
    assert house["referral_route"]["via_service_name"].startswith(
        "Slavery Adult Safeguarding Case Conference"
    )


def test_what_can_be_rung_now_comes_before_what_is_closed(client: Client) -> None:
    # What is for children alone stands behind in any case, for no age is said.
    results = [
        one
        for one in ask(client, "B1 1BB")["results"]
        if not any(reason.startswith("ask: accepts people aged up to") for reason in one["reasons"])
    ]
    covered = [
        one
        for one in results
        if one["reasons"][0].startswith("covers ") and not one["reasons"][-1].startswith("no number")
    ]
    assert results[: len(covered)] == covered, "whoever can be reached stands first"
    # Where the way in has other hours than the service it is not its own that count.
    by_their_own = [
        one
        for one in covered
        if (one["referral_route"] or one)["open"] is None
        or (one["referral_route"] or one)["open"] == one["open"]
    ]
    order = [{True: 0, None: 1, False: 2}[one["open"]["now"]] for one in by_their_own]
    assert len(order) > 5
    assert order == sorted(order)


def test_has_capacity_drops_only_what_is_known_to_have_none(client: Client) -> None:
    for postcode in PLACES:
        everything = {
            one["service"]["id"]: one["capacity"]["status"] for one in ask(client, postcode)["results"]
        }
        left = {one["service"]["id"] for one in ask(client, postcode, has_capacity=True)["results"]}
        gone = {everything[one] for one in set(everything) - left}
        assert gone <= {"full", "closed_temporarily", "waiting_list"}


@pytest.mark.parametrize(
    "asked",
    [
        {"sex": "men", "age_group": "adult", "need": "emergency_accommodation"},
        {"need": "helpline", "open_at": "2026-12-20T02:00:00Z"},
    ],
)
def test_a_list_shows_of_places_and_hours_what_the_search_does(client: Client, asked: dict[str, str]) -> None:
    """A man is not shown the beds for women, nor next month what is free and open now."""
    listed = client.get("/v1/services", params={**asked, "limit": 50}).json()["results"]
    found = client.post("/v1/services/search", json={**asked, "limit": 50}).json()["results"]
    shown = {one["service"]["id"]: (one["capacity"], one["open"]) for one in found}
    assert {one["id"]: (one["capacity"], one["open"]) for one in listed} == shown
    plain = {one["id"]: one for one in client.get("/v1/services", params={"limit": 50}).json()["results"]}
    assert [one["id"] for one in listed if plain.get(one["id"], one)["capacity"] != one["capacity"]]
