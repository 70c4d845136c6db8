"""What the feed says of what was taken out, and what it never says of a confidential place."""

import gc
import json
import weakref
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.curation.flagging import HostArea, flag_confidential
from app.curation.publishing import publish
from app.feed.oruk_feed import OrukFeed
from app.feed.oruk_words import application_process
from app.geo.gazetteer import Gazetteer
from tests.api.served import NOW, Client
from tests.factories import (
    WEST_MIDLANDS_POLICE,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
)
from tests.feed.harvesting import each, ids, listed
from tests.providing import Provided, capacity_of
from tests.search.making import Route, build_directory, build_world

LATER = NOW + timedelta(hours=1)
DEFUNCT = {"id", "name", "status", "last_modified"}
PLACE = {
    "key": "desk",
    "name": "Desk",
    "address_1": "1 Example Square",
    "city": "Birmingham",
    "postal_code": "B1 1BB",
}


def changed(sides: Provided, gazetteer: Gazetteer, *services: Any) -> None:
    with sides.database.write() as session:
        publication = make_publication(session, gazetteer, now=LATER)
        publish(session, [make_organization(*services, key="organization-a")], publication)
    sides.refresh()


def test_a_service_that_was_taken_out_is_defunct_and_says_nothing_else(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    gone = str(sides.a.open)
    before = sides.client.get(f"/oruk/services/{gone}").json()

    changed(sides, gazetteer, make_refuge("a-refuge"))

    after = sides.client.get(f"/oruk/services/{gone}")
    assert after.status_code == 200
    said = after.json()
    assert said.keys() == DEFUNCT
    assert (said["status"], said["name"]) == ("defunct", "Removed")
    assert said["last_modified"] == "2026-11-25T11:20:30.000Z" > before["last_modified"]
    assert not any(word in after.text for word in (before["name"], before["description"]))
    (listed_as,) = [one for one in listed(sides.client, "services") if one["id"] == gone]
    assert listed_as == said
    since = ids(sides.client, "services", modified_after="2026-11-25T11:00:00Z")
    assert gone in since
    assert gone not in ids(sides.client, "services", modified_after="2026-11-25T11:20:30.001Z")


def test_what_was_taken_out_answers_no_other_question(sides: Provided, gazetteer: Gazetteer) -> None:
    changed(sides, gazetteer, make_refuge("a-refuge"))
    gone = str(sides.a.open)
    for params in (
        {"search": "removed"},
        {"organization_id": str(sides.a.organization_id)},
        {"x_age": 30},
        {"day": "MO"},
    ):
        assert gone not in ids(sides.client, "services", **params)
    at_locations = [one["service_id"] for one in listed(sides.client, "service_at_locations")]
    assert gone not in at_locations
    owner = sides.client.get(f"/oruk/organizations/{sides.a.organization_id}").json()
    assert gone not in json.dumps(owner)


def test_a_service_that_comes_back_is_whole_again(sides: Provided, gazetteer: Gazetteer) -> None:
    changed(sides, gazetteer, make_refuge("a-refuge"))
    changed(sides, gazetteer, make_refuge("a-refuge"), make_service("a-open"))
    said = sides.client.get(f"/oruk/services/{sides.a.open}").json()
    assert (said["status"], said["name"]) == ("active", "Example a-open")
    assert ids(sides.client, "services").count(str(sides.a.open)) == 1


def flag(session: Session, gazetteer: Gazetteer, service_id: UUID) -> UUID:
    publication = make_publication(session, gazetteer, now=LATER)
    host_area = HostArea(WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,))
    return flag_confidential(session, service_id, host_area=host_area, publication=publication)


def test_a_service_that_became_confidential_leaves_an_id_and_a_moment(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    place = make_service(
        "a-open", locations=[PLACE], reach="site", name="Example Lodge", description="Rooms at the lodge."
    )
    changed(sides, gazetteer, place, make_refuge("a-refuge"))
    old = sides.a.open
    assert (
        "Example Square" not in sides.client.get(f"/oruk/services/{old}").text
    )  # withheld: the body runs a refuge

    with sides.database.write() as session:
        new = flag(session, gazetteer, old)
    sides.refresh()

    said = sides.client.get(f"/oruk/services/{old}").json()
    assert said == {
        "id": str(old),
        "name": "Removed",
        "status": "defunct",
        "last_modified": "2026-11-25T11:20:30.000Z",
    }
    now = sides.client.get(f"/oruk/services/{new}").json()
    assert now["x_confidential"] is True
    assert_tells_no_place(now)
    everything = "".join(
        sides.client.get(path).text for path in ("/oruk/services?full=true", "/oruk/service_at_locations")
    )
    assert not any(word in everything for word in ("B1 1BB", "Example Square"))


def assert_tells_no_place(service: dict[str, Any]) -> None:
    (link,) = service["service_at_locations"]
    location = link["location"]
    assert location["location_type"] == "virtual"
    assert location.keys() <= {"id", "location_type", "name", "description"}
    assert {area["x_area_type"] for area in service["service_areas"]} <= {
        "police_force",
        "region",
        "country",
        "local_authority",
    }
    assert service["x_capacity"] == {
        "status": "assess_first",
        "hl7_status": "additional-assessment-required",
    }
    assert "capacities" not in service


def test_no_confidential_service_tells_a_place(either_client: Client) -> None:
    houses = [one for one in each(either_client, "services") if one["x_confidential"]]
    assert len(houses) > 8
    for house in houses:
        assert_tells_no_place(house)
    for link in each(either_client, "service_at_locations"):
        if link["service"]["x_confidential"]:
            assert link["location"]["location_type"] == "virtual"


def test_a_confidential_service_is_near_nothing(client: Client) -> None:
    for metres in (1, 1000, 1_000_000):
        for postcode in ("B1 1BB", "B69 3DE", "CV1 5RR", "WV1 1RG"):
            found = listed(client, "service_at_locations", postcode=postcode, proximity=metres)
            assert not any(one["service"]["x_confidential"] for one in found)


def everything(sides: Provided) -> list[tuple[int, bytes, str | None, str | None]]:
    addresses = ["services?full=true", "service_at_locations?full=true", "organizations?full_service=true"]
    addresses += [
        f"services/{sides.a.refuge}",
        "services?minimal=true",
        "services?modified_after=2026-11-25T00:00:00Z",
    ]
    answers = [sides.client.get(f"/oruk/{one}") for one in addresses]
    return [
        (one.status_code, one.content, one.headers.get("etag"), one.headers["cache-control"])
        for one in answers
    ]


def test_a_report_about_a_confidential_service_moves_no_byte(sides: Provided) -> None:
    before = everything(sides)
    for status in ("limited", "full", "waiting_list"):
        sides.clock.now += timedelta(seconds=1)
        free = {"available": 1} if status == "limited" else {"available": 0}
        assert sides.report(sides.a.refuge, status=status, maximum=4, **free).status_code == 200
        sides.refresh()
        assert [one[:3] for one in everything(sides)] == [one[:3] for one in before]


def test_a_report_about_another_service_shows_and_moves_no_last_modified(sides: Provided) -> None:
    path = f"/oruk/services/{sides.a.open}"
    before = sides.client.get(path).json()
    assert before["x_capacity"] == {"status": "unknown"}

    assert (
        sides.ask(
            "PUT", capacity_of(sides.a.open), {"unit": "bed_space", "status": "limited", "available": 1}
        ).status_code
        == 200
    )
    sides.refresh()

    after = sides.client.get(path).json()
    assert after["x_capacity"]["status"] == "limited"
    assert after["x_capacity"]["hl7_status"] == "capacity"
    assert after["x_capacity"]["confirmed_at"].endswith(":00:00Z")
    assert "capacities" not in after  # the provider has not chosen to publish counts
    assert after["last_modified"] == before["last_modified"]
    assert {key: value for key, value in after.items() if key != "x_capacity"} == {
        key: value for key, value in before.items() if key != "x_capacity"
    }
    assert ids(sides.client, "services", modified_after="2026-11-25T10:20:30.001Z") == []


def test_last_modified_moves_with_the_organization_that_stands_in_the_record(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    with sides.database.write() as session:
        publish(
            session,
            [
                make_organization(
                    make_service("b-open"),
                    make_refuge("b-refuge"),
                    key="organization-b",
                    description="Another description.",
                )
            ],
            make_publication(session, gazetteer, now=LATER),
        )
    sides.refresh()
    moved = ids(sides.client, "services", modified_after="2026-11-25T11:00:00Z")
    assert sorted(moved) == sorted(str(one) for one in sides.b.services.values())
    for one in moved:
        said = sides.client.get(f"/oruk/services/{one}").json()
        assert said["last_modified"] == "2026-11-25T11:20:30.000Z"
        assert said["organization"]["description"] == "Another description."


def test_the_feed_of_before_is_gone_with_what_it_was_made_of(sides: Provided, gazetteer: Gazetteer) -> None:
    assert sides.client.get("/oruk/services?full=true").status_code == 200
    holder = sides.client.app.state.holder
    before = weakref.ref(holder.made_of(holder.current.catalogue, OrukFeed))
    assert before() is not None

    changed(sides, gazetteer, make_refuge("a-refuge"))

    # Nobody has asked for the feed since, and nothing that was taken down waits in memory until somebody does.
    gc.collect()
    assert before() is None


def test_the_text_on_how_to_apply_says_at_which_stage(gazetteer: Gazetteer) -> None:
    stages = {(): "", ("any",): "", ("pre_nrm", "in_nrm"): " At this stage: Before the NRM; or In the NRM."}
    for listed_stages, said in stages.items():
        world = build_world({1: {"routes": (Route(stages=listed_stages),)}})
        catalogue = build_directory(world, gazetteer, as_of=NOW).catalogue
        applying = application_process(catalogue.entries[0].record, catalogue)
        assert applying == f"1. Referral. phone: 0121 496 0100.{said}"


def test_a_line_for_texts_is_not_given_as_the_number_of_a_way_in(gazetteer: Gazetteer) -> None:
    for kinds, number in ((("text",), ""), (("text", "voice"), ", 0121 496 0100")):
        world = build_world({1: {"name": "Line", "numbers": kinds}, 2: {"routes": (Route(via=1),)}})
        catalogue = build_directory(world, gazetteer, as_of=NOW).catalogue
        (led,) = [one.record for one in catalogue.entries if one.record.referral_routes]
        assert application_process(led, catalogue) == f"1. Referral. Through Line{number}."
