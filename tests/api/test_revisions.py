"""The published states of a record, their differences, and going back without bringing back what must not."""

from typing import Any
from uuid import UUID

import pytest

from app.curation.publishing import publish
from app.geo.gazetteer import Gazetteer
from tests.api.checks import assert_private_problem
from tests.curating import PROPOSALS, Curator, organization_record_of, record_of, seen
from tests.curation.test_publishing import EVERYTHING
from tests.factories import make_organization, make_publication, make_service
from tests.officers import published
from tests.providing import Provided


def revisions(by: Curator, service_id: object) -> list[Any]:
    found: list[Any] = by.get(record_of(service_id, "/revisions"))["results"]  # type: ignore[arg-type]
    return found


def roll_back(by: Curator, service_id: object, version: int) -> Any:
    record = record_of(service_id)  # type: ignore[arg-type]
    return by.on(record, "POST", f"{record}/revisions/{version}/roll-back")


def public(sides: Provided, service_id: object) -> dict[str, Any]:
    found: dict[str, Any] = seen(sides, service_id).json()  # type: ignore[arg-type]
    return {
        name: value
        for name, value in found.items()
        if name not in ("last_modified", "capacity", "open", "overdue")
    }


def test_every_published_state_is_kept_and_compared_field_by_field(one: Curator) -> None:
    sides = one.sides
    one.edit(sides.a.open, description="Second words.")
    one.edit(sides.a.open, interpreter="yes")
    assert [(row["version"], row["is_public"]) for row in revisions(one, sides.a.open)] == [
        (3, True), (2, True), (1, True),
    ]  # fmt: skip
    first = one.get(record_of(sides.a.open, "/revisions/1"))
    assert first["record"]["description"] == "Somebody who listens."
    found = one.get(record_of(sides.a.open, "/revisions/1/differences"))
    assert [(row["pointer"], row["old"], row["new"]) for row in found["differences"]] == [
        ("/description", "Somebody who listens.", "Second words."), ("/interpreter", "ask", "yes"),
    ]  # fmt: skip
    between = one.get(record_of(sides.a.open, "/revisions/1/differences?to=2"))
    assert [row["pointer"] for row in between["differences"]] == ["/description"]


def test_going_back_is_a_new_revision_with_the_facts_of_then(one: Curator) -> None:
    sides = one.sides
    before = public(sides, sides.a.open)
    one.edit(
        sides.a.open, description="Second words.", needs=["basic_needs"], hours="24/7", languages=["pol"]
    )
    assert public(sides, sides.a.open) != before

    answer = roll_back(one, sides.a.open, 1)

    assert answer.status_code == 200
    assert {row["pointer"].split("/")[1] for row in answer.json()["differences"]} == {
        "description", "needs", "hours", "languages",
    }  # fmt: skip
    assert public(sides, sides.a.open) == before
    assert [row["version"] for row in revisions(one, sides.a.open)] == [3, 2, 1]
    again = roll_back(one, sides.a.open, 1)
    assert_private_problem(sides.client.app, again, 409, "conflict")


def test_an_undo_makes_nothing_fresh(one: Curator) -> None:
    sides = one.sides
    old = public(sides, sides.a.open)["assurance"]
    body = {"fact": "record", "mark": "confirmed", "source": "A call"}
    path = record_of(sides.a.open)
    assert one.on(path, "POST", path + "/confirmations", body).status_code == 200
    assert public(sides, sides.a.open)["assurance"] != old
    roll_back(one, sides.a.open, 1)
    assert public(sides, sides.a.open)["assurance"] == old


def test_a_contact_of_then_takes_another_person(one: Curator, two: Curator) -> None:
    sides = one.sides
    proposal_id = one.edit(sides.a.open, phones=[{"number": "0306 999 0101"}]).json()["proposal_id"]
    one.ring(proposal_id)
    two.decide(proposal_id, "approve")
    now = public(sides, sides.a.open)

    answer = roll_back(one, sides.a.open, 1)

    assert answer.status_code == 202
    assert public(sides, sides.a.open) == now
    back = answer.json()["proposal_id"]
    assert one.get(f"{PROPOSALS}/{back}")["needs_call_back"]
    one.ring(back)
    assert one.decide(back, "approve").status_code == 403
    assert two.decide(back, "approve").status_code == 200
    assert public(sides, sides.a.open)["phones"] == []


def test_everything_that_a_record_can_hold_comes_back(
    one: Curator, two: Curator, gazetteer: Gazetteer
) -> None:
    sides = one.sides
    organization = make_organization(make_service("full", **EVERYTHING), key="organization-full")
    elsewhere = make_organization(make_service("elsewhere"), key="organization-elsewhere")
    with sides.database.write() as session:
        publish(session, [elsewhere], make_publication(session, gazetteer, now=sides.clock.now))
    service_id = published(sides, gazetteer, organization, key="full")
    before = public(sides, service_id)
    plain: dict[str, Any] = {"description": "Nothing else.", "url": None, "email": None, "phones": [], "contacts": [], "routes": [],
             "locations": [], "hours": [], "languages": [], "eligibility": {}, "needs": ["basic_needs"], "exploitation": [],
             "coverage": {"areas": ["E08000025"]}, "information_flow": {}, "privacy_url": None}  # fmt: skip
    emptied = one.edit(service_id, **plain).json()["proposal_id"]
    one.ring(emptied)
    assert two.decide(emptied, "approve").status_code == 200
    assert public(sides, service_id)["phones"] == []

    answer = roll_back(one, service_id, 1)
    assert answer.status_code == 202, answer.text
    one.ring(answer.json()["proposal_id"])
    assert two.decide(answer.json()["proposal_id"], "approve").status_code == 200

    def comparable(record: dict[str, Any]) -> dict[str, Any]:
        """Without the ids of places and routes, which are new rows."""
        places = [{**one, "id": None} for one in record["locations"]]
        routes = [{**one, "id": None} for one in record["referral_routes"]]
        return record | {"locations": places, "referral_routes": routes}

    assert comparable(public(sides, service_id)) == comparable(before)


def test_lines_for_professionals_stay_as_they_are_now(one: Curator, two: Curator) -> None:
    sides = one.sides
    lines = [{"number": "0306 999 0711", "visibility": "professional"}]
    proposal_id = one.edit(sides.a.open, phones=lines).json()["proposal_id"]
    one.ring(proposal_id)
    two.decide(proposal_id, "approve")
    one.edit(sides.a.open, description="Second words.")
    assert roll_back(one, sides.a.open, 1).status_code == 200
    kept = one.get(record_of(sides.a.open))["record"]["phones"]
    assert [(row["number"], row["visibility"]) for row in kept] == [("0306 999 0711", "professional")]


def test_a_way_in_through_who_takes_nobody_now_stays_as_it_is(one: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    via = {"key": "via", "name": "Through the line", "channel": "via_service", "via_service": "line"}
    line, led = make_service("line", status="temporarily closed"), make_service("led", routes=[via])
    led_id = published(sides, gazetteer, make_organization(line, led, key="organization-led"), key="led")
    assert public(sides, led_id)["referral_routes"] == []
    one.edit(led_id, description="Second words.")

    answer = roll_back(one, led_id, 1)

    assert answer.status_code == 200, "the words are no contact"
    assert [row["pointer"] for row in answer.json()["differences"]] == ["/description"]


def test_a_state_in_which_nobody_saw_it_is_none_to_go_back_to(one: Curator) -> None:
    sides = one.sides
    one.step(sides.a.open, "pause")
    one.step(sides.a.open, "resume")
    assert [row["is_public"] for row in revisions(one, sides.a.open)] == [True, False, True]
    answer = roll_back(one, sides.a.open, 2)
    assert_private_problem(sides.client.app, answer, 409, "conflict")
    assert roll_back(one, sides.a.open, 99).status_code == 404


def test_what_flagging_removed_is_in_no_revision(one: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    door, line = {"key": "door", "name": "Widdershins", "postal_code": "B69 3DE"}, {"number": "0121 496 0735"}
    house = make_service("house", reach="site", locations=[door], phones=[line])
    service_id = published(sides, gazetteer, make_organization(house, key="organization-house"), key="house")
    # What somebody else says stays, and is told.
    route = {"key": "in", "name": "Ring", "channel": "phone", "phone": "01214960735"}
    far = {"key": "far", "name": "Elsewhere", "postal_code": "WV1 1RG"}
    council = make_organization(
        make_service(
            "told",
            routes=[route],
            phones=[{"number": "0121 496 0736"}, line],
            locations=[far, {"key": "near", "name": "There", "postal_code": "B69 3DE"}],
        ),
        make_service("not-told", locations=[far], phones=[{"number": "0121 496 0736"}]),
        key="organization-council",
    )
    told = published(sides, gazetteer, council, key="told")
    one.edit(service_id, description="Second words.")
    assert len(revisions(one, service_id)) == 2

    flagged = one.ask(
        "POST", record_of(service_id, "/flag"), {"host_area": "E23000014", "coverage": ["E23000014"]}
    )

    assert flagged.status_code == 200
    new_id = flagged.json()["service_id"]
    assert UUID(new_id) != service_id
    assert flagged.json()["still_said"] == [
        f"/services/{told}/{rest}" for rest in ("locations", "phones/1", "routes/0")
    ]
    for rest in ("", "/revisions", "/revisions/1"):
        assert one.ask("GET", record_of(service_id, rest)).status_code == 404
    assert [row["version"] for row in revisions(one, new_id)] == [1]
    assert "Widdershins" not in str(sides.stored())
    assert roll_back(one, new_id, 1).status_code == 409


def test_an_organizations_states_too(one: Curator) -> None:
    sides = one.sides
    path = organization_record_of(sides.a.organization_id)
    one.on(path, "PATCH", path, {"changes": {"description": "An old charity."}})
    found = one.get(path + "/revisions")["results"]
    assert [row["version"] for row in found] == [2, 1]
    differences = one.get(path + "/revisions/1/differences")["differences"]
    assert [row["pointer"] for row in differences] == ["/description"]
    assert one.on(path, "POST", path + "/revisions/1/roll-back").status_code == 200
    sides.refresh()
    shown = sides.client.get(f"/v1/organizations/{sides.a.organization_id}").json()
    assert shown["description"] == "An invented charity."


def test_pages_of_revisions(one: Curator) -> None:
    sides = one.sides
    for number in range(4):
        one.edit(sides.a.open, description=f"Words {number}.")
    found: list[int] = []
    cursor = ""
    while True:
        page = one.get(record_of(sides.a.open, f"/revisions?limit=2{cursor}"))
        found += [row["version"] for row in page["results"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("rest", ["/revisions", "/revisions/1", "/revisions/1/differences"])
def test_a_provider_reads_no_revisions(sides: Provided, rest: str) -> None:
    answer = sides.ask("GET", record_of(sides.a.open, rest))
    assert_private_problem(sides.client.app, answer, 403, "forbidden")
