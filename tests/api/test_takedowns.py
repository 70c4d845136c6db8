"""One action takes something out of the public directory; two people put it back; the reason is never public."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.access.audit import newest_events
from app.curation.editing import edit_service
from app.curation.publishing import publish
from app.geo.gazetteer import Gazetteer
from app.models.curation import Takedown
from app.models.locations import Location
from tests.api.addresses import readable
from tests.api.checks import assert_private_problem
from tests.api.served import Client, StandingClock, served
from tests.curating import (
    TAKEDOWNS,
    Curator,
    organization_record_of,
    published_phone,
    record_of,
    seen,
)
from tests.factories import make_organization, make_publication, make_service
from tests.officers import curator_key, device, published, result_of, searched
from tests.providing import Provided, new_key
from tests.web.test_curator_desk import Desk

NUMBER, DIALLED = "0121 496 0101", "+441214960101"
NOTE = "Somebody followed a resident here."


def with_number(sides: Provided, gazetteer: Gazetteer, key: str = "ringing", **more: Any) -> UUID:
    """A service of an organization without a refuge, with one number in three places and another one."""
    service = make_service(
        key,
        phones=[{"number": NUMBER}, {"number": "0306 999 0102"}],
        routes=[
            {"key": "ring", "name": "Ring", "channel": "phone", "phone": NUMBER},
            {"key": "staff", "name": "Staff line", "channel": "phone", "phone": NUMBER, "visibility": "professional"},
        ],
        **more,
    )  # fmt: skip
    organization = make_organization(service, key=f"organization-{key}", phones=[{"number": NUMBER}])
    return published(sides, gazetteer, organization, key=key)


def test_one_action_by_one_person_takes_a_service_out_of_every_public_answer(one: Curator) -> None:
    sides, service_id = one.sides, one.sides.a.open
    answer = one.take_down(service_id, note=NOTE)
    assert answer.status_code == 200
    assert seen(sides, service_id).status_code == 404
    assert str(service_id) not in sides.client.get("/v1/services?limit=50").text
    assert str(service_id) not in searched(sides, None).text
    changes = sides.client.get("/v1/changes").json()["results"]
    assert {row["kind"] for row in changes if row["record_id"] == str(service_id)} == {"published", "removed"}
    assert one.state(service_id) == "paused"


def test_the_reason_and_the_note_are_for_curators_alone(one: Curator) -> None:
    sides = one.sides
    one.take_down(sides.a.open, "place_exposed", note=NOTE)
    sides.refresh()
    addresses = [*readable(sides.client), f"/v1/services/{sides.a.open}"]
    # The code of every reason is in the vocabulary and in the document of the API; which one it was is nowhere.
    of_codes = ("/v1/vocabulary", "/openapi.json")
    said = "".join(sides.client.get(path).text for path in addresses if path not in of_codes)
    assert NOTE not in said
    assert "place_exposed" not in said
    (listed,) = one.get(TAKEDOWNS)["results"]
    assert (listed["reason"], listed["note"]) == ("place_exposed", NOTE)
    assert_private_problem(sides.client.app, sides.ask("GET", TAKEDOWNS), 403, "forbidden")
    assert NOTE not in "".join(sides.stored()["audit_event"])


def test_taken_down_again_it_is_the_same_takedown(one: Curator, two: Curator) -> None:
    first, again = one.take_down(one.sides.a.open), two.take_down(one.sides.a.open, "legal")
    assert again.json() | {"again": []} == first.json()
    assert one.get(TAKEDOWNS)["total"] == 1


def test_what_is_said_the_second_time_is_kept_and_shown(one: Curator, two: Curator) -> None:
    sides, service_id = one.sides, one.sides.a.open
    sent = [
        one.take_down(service_id, "closed", note="They moved."),
        two.take_down(service_id, "place_exposed", note=NOTE),
        # The same word of the same person is one; the same of somebody else is another.
        two.take_down(service_id, "place_exposed", note=NOTE),
        one.take_down(service_id, "closed", note="They moved."),
        one.take_down(service_id, "place_exposed", note=NOTE),
    ]
    assert {answer.status_code for answer in sent} == {200}
    (listed,) = one.get(TAKEDOWNS)["results"]
    assert (listed["reason"], listed["note"]) == ("closed", "They moved.")
    said = [(again["reason"], again["note"]) for again in listed["again"]]
    assert said == [("place_exposed", NOTE), ("place_exposed", NOTE)]
    assert len({again["taken_down_by"] for again in listed["again"]}) == 2
    assert one.get(record_of(service_id))["taken_down"] == listed == sent[-1].json()

    desk = Desk(sides.client, curator_key(sides, "directory:publish", "proposals:review"))
    for path in ("/curator/takedowns", f"/curator/services/{service_id}"):
        assert desk.get(path).text.count(NOTE) == 2
    log = sides.client.app.state.audit_log
    with sides.database.read() as session:
        event = next(one for one in newest_events(session, 5) if one.action == "taken_down")
        noted = json.loads(event.field_hashes)["reason"]
        assert noted == log.field_hash(event.seq, "reason", "place_exposed")


def test_flagging_forgets_what_was_noted_the_second_time_too(one: Curator, two: Curator) -> None:
    service_id = one.sides.b.open
    one.take_down(service_id, note="They moved.")
    two.take_down(service_id, "place_exposed", note=NOTE)
    body = {"host_area": "E23000014", "coverage": ["E23000014"]}
    flagged = one.ask("POST", record_of(service_id, "/flag"), body)
    assert flagged.status_code == 200, flagged.text
    rows = "".join(row for table in ("takedown", "takedown_again") for row in one.sides.stored()[table])
    assert "place_exposed" in rows
    assert NOTE not in rows
    assert "They moved." not in rows


def test_a_number_that_is_down_already_keeps_what_others_say(
    one: Curator, two: Curator, gazetteer: Gazetteer
) -> None:
    service_id = with_number(one.sides, gazetteer)
    one.take_down(service_id, "wrong_contact", phone=DIALLED)
    again = two.take_down(service_id, "unsafe", note=NOTE, phone=DIALLED).json()
    assert [(said["reason"], said["note"]) for said in again["again"]] == [("unsafe", NOTE)]


def test_who_takes_down_again_ends_what_was_asked_before(one: Curator, two: Curator) -> None:
    service_id = one.sides.a.open
    takedown_id = one.take_down(service_id).json()["id"]
    assert one.put_back(takedown_id).json()["asked_by"] == "Example One"
    assert two.take_down(service_id).json()["asked_by"] is None
    # The second person is the first again.
    assert two.put_back(takedown_id).json()["put_back_at"] is None
    assert seen(one.sides, service_id).status_code == 404


def test_two_people_put_it_back(one: Curator, two: Curator) -> None:
    sides, service_id = one.sides, one.sides.a.open
    takedown_id = one.take_down(service_id).json()["id"]
    assert_private_problem(sides.client.app, one.step(service_id, "resume"), 409, "conflict")
    assert "resume" not in one.get(record_of(service_id))["steps"]

    asked = one.put_back(takedown_id)
    assert (asked.status_code, asked.json()["asked_by"], asked.json()["put_back_at"]) == (
        200,
        "Example One",
        None,
    )
    assert_private_problem(sides.client.app, one.put_back(takedown_id), 403, "forbidden")
    assert seen(sides, service_id).status_code == 404

    assert two.put_back(takedown_id).json()["put_back_by"] == "Example Two"
    assert seen(sides, service_id).status_code == 200
    assert one.get(TAKEDOWNS)["total"] == 0
    assert_private_problem(sides.client.app, one.put_back(takedown_id), 409, "conflict")


def test_what_was_paused_before_is_paused_again(one: Curator, two: Curator) -> None:
    service_id = one.sides.a.open
    one.step(service_id, "pause")
    takedown_id = one.take_down(service_id).json()["id"]
    one.put_back(takedown_id)
    two.put_back(takedown_id)
    assert one.state(service_id) == "paused"
    assert one.step(service_id, "resume").status_code == 200


def test_no_other_way_leads_back(one: Curator, two: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id = with_number(sides, gazetteer)
    one.take_down(service_id)
    # Archived, written anew, sent and approved: still not.
    one.step(service_id, "archive")
    with sides.database.write() as session:
        publish(
            session,
            [make_organization(make_service("ringing"), key="organization-ringing")],
            make_publication(session, gazetteer, now=sides.clock.now),
        )
    assert one.state(service_id) == "paused"
    one.step(service_id, "archive")
    one.step(service_id, "restore")
    one.step(service_id, "send_for_approval")
    assert_private_problem(sides.client.app, two.step(service_id, "approve"), 409, "conflict")
    assert seen(sides, service_id).status_code == 404


def test_a_draft_has_nothing_to_take_down(one: Curator) -> None:
    service_id = one.sides.a.open
    one.step(service_id, "archive")
    assert_private_problem(one.sides.client.app, one.take_down(service_id), 409, "conflict")
    unknown = one.take_down("00000000-0000-4000-8000-000000000000")
    assert_private_problem(one.sides.client.app, unknown, 404, "not-found")


def test_a_whole_organization_goes_with_its_services(one: Curator, two: Curator) -> None:
    sides = one.sides
    path = organization_record_of(sides.a.organization_id, "/take-down")
    answer = one.ask("POST", path, {"reason": "unsafe"})
    assert (answer.status_code, answer.json()["total"]) == (200, 3)
    scopes = [row["scope"] for row in answer.json()["results"]]
    assert scopes == ["organization", "service", "service"]
    sides.refresh()
    assert sides.client.get(f"/v1/organizations/{sides.a.organization_id}").status_code == 404
    assert seen(sides, sides.a.refuge).status_code == 404
    assert seen(sides, sides.b.open).status_code == 200
    for row in answer.json()["results"]:
        one.put_back(row["id"])
        two.put_back(row["id"])
    assert seen(sides, sides.a.refuge).status_code == 200


def test_a_number_goes_wherever_the_organization_shows_it(
    one: Curator, two: Curator, gazetteer: Gazetteer
) -> None:
    sides = one.sides
    service_id = with_number(sides, gazetteer)
    officer = device(sides)
    sides.refresh()
    organization_id = seen(sides, service_id).json()["organization"]["id"]

    def shown() -> tuple[str, str, str]:
        public = seen(sides, service_id).text + sides.client.get(f"/v1/organizations/{organization_id}").text
        found = result_of(searched(sides, None), service_id)
        return public, str(found), str(result_of(searched(sides, officer), service_id))

    assert all(NUMBER in text for text in shown())
    answer = one.take_down(service_id, "wrong_contact", phone=DIALLED)
    assert answer.status_code == 200
    assert not any(NUMBER in text or DIALLED in text for text in shown())
    assert published_phone(sides, service_id) == ["0306 999 0102"]
    # The record keeps it, so that an import that brings it again does not show it either.
    with sides.database.write() as session:
        edit_service(session, service_id, lambda same: same, make_publication(session, gazetteer))
    assert not any(NUMBER in text for text in shown())

    one.put_back(answer.json()["id"])
    two.put_back(answer.json()["id"])
    assert all(NUMBER in text for text in shown())


def test_a_place_goes_too(one: Curator, two: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id = with_number(
        sides,
        gazetteer,
        reach="site",
        locations=[{"key": "desk", "name": "Example desk", "postal_code": "B69 3DE"}],
    )
    with sides.database.read() as session:
        location_id = session.exec(select(Location.id).where(Location.name == "Example desk")).one()
    assert result_of(searched(sides, None), service_id)["distance_basis"] is None
    near = sides.client.post("/v1/services/search", json={"postcode": "B69 3DE", "limit": 50})
    assert result_of(near, service_id)["distance_km"] == 0.0
    taken = one.take_down(service_id, "place_exposed", location_id=str(location_id))
    assert seen(sides, service_id).json()["locations"] == []
    near = sides.client.post("/v1/services/search", json={"postcode": "B69 3DE", "limit": 50})
    assert result_of(near, service_id)["distance_km"] is None
    one.put_back(taken.json()["id"])
    two.put_back(taken.json()["id"])
    assert len(seen(sides, service_id).json()["locations"]) == 1


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("/reason", {}),
        ("/reason", {"reason": "bored"}),
        ("/phone", {"reason": "unsafe", "phone": "+441214969999"}),
        ("/location_id", {"reason": "unsafe", "location_id": "00000000-0000-4000-8000-000000000000"}),
        ("/location_id", {"reason": "unsafe", "location_id": "nowhere"}),
        ("/note", {"reason": "unsafe", "note": "x" * 600}),
    ],
)
def test_a_slip_takes_nothing_down(one: Curator, pointer: str, body: dict[str, str]) -> None:
    before = one.sides.stored()
    answer = one.ask("POST", record_of(one.sides.a.open, "/take-down"), body)
    problem = assert_private_problem(one.sides.client.app, answer, 422, "validation")
    assert [error.pointer for error in problem.errors] == [pointer]
    assert one.sides.stored() == before


def test_a_note_that_leads_to_a_refuge_is_not_kept(one: Curator) -> None:
    answer = one.take_down(one.sides.a.refuge, "place_exposed", note="It is at 14 Hawthorn Road, B69 3DE.")
    problem = assert_private_problem(one.sides.client.app, answer, 422, "confidential-fact")
    assert {error.pointer for error in problem.errors} == {"/note"}
    assert one.take_down(one.sides.a.refuge, "place_exposed").status_code == 200


def test_it_needs_no_version_and_can_be_sent_again(one: Curator) -> None:
    path, key = record_of(one.sides.a.open, "/take-down"), new_key()
    with_version = one.ask("POST", path, {"reason": "unsafe"}, If_Match='"x"')
    assert_private_problem(one.sides.client.app, with_version, 400, "condition-invalid")
    first, again = (one.ask("POST", path, {"reason": "unsafe"}, Idempotency_Key=key) for _ in range(2))
    assert (first.content, again.headers["idempotency-replayed"]) == (again.content, "true")


def test_nothing_public_may_be_kept_for_longer_than_a_minute(one: Curator) -> None:
    # What can carry a service: a file, a script, the documents of the API and pages about problems cannot.
    carries_none = ("/static/", "/docs", "/redoc", "/problems/", "/widget/")
    for path in readable(one.sides.client):
        if path.startswith(carries_none):
            continue
        control = one.sides.client.get(path).headers["cache-control"]
        parts = dict(part.strip().partition("=")[::2] for part in control.split(","))
        assert set(parts) <= {"public", "max-age", "no-store", "no-cache"}, path
        assert int(parts.get("max-age", "0")) <= 60, path


def test_another_process_shows_it_no_more_when_it_has_looked(
    one: Curator, database_url: str, tmp_path: Path, gazetteer_file: Path
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    (folder / "gazetteer.bin").symlink_to(gazetteer_file)
    with served(folder, database_url=database_url, clock=StandingClock()) as second:
        second_client: Client = second
        path = f"/v1/services/{one.sides.a.open}"
        assert second_client.get(path).status_code == 200
        one.take_down(one.sides.a.open)
        second_client.app.state.watcher.refresh()
        assert second_client.get(path).status_code == 404


def test_a_takedown_is_by_somebody_and_put_back_by_two_says_the_database(one: Curator) -> None:
    taken = one.take_down(one.sides.a.open).json()
    with one.sides.database.read() as session:
        row = session.get_one(Takedown, UUID(taken["id"]))
    assert row.taken_down_by.startswith("curator:")
    assert (row.asked_by_person, row.put_back_by_person) == (None, None)
