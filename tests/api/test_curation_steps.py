"""From a draft to the public and out of it again: every state, every step, and who may take it."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from app.curation.record_states import EDITABLE, STEPS, RecordState, Step
from app.models.codes import RECORD_STATES
from app.models.curation import ApprovalRequest
from app.models.services import Service
from tests.api.checks import assert_private_problem
from tests.api.served import NOW
from tests.curating import Curator, Curators, organization_record_of, record_of, seen
from tests.providing import Provided, new_key

ASSURANCE = [{"mark": "confirmed", "source": "A call", "review_by": "2027-05-01"}]
DRAFT: dict[str, Any] = {
    "key": "example-drop-in",
    "name": "Example drop-in",
    "description": "A warm room.",
    "reach": "outreach_area",
    "needs": ["basic_needs"],
    "coverage": {"areas": ["E08000028"]},
    "phones": [{"number": "0121 496 0101"}],
    "assurance": ASSURANCE,
}


def drafted(by: Curator, **changed: Any) -> str:
    services = organization_record_of(by.sides.a.organization_id, "/services")
    answer = by.ask("POST", services, DRAFT | changed)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def test_a_draft_is_seen_by_nobody_until_another_person_has_approved_it(one: Curator, two: Curator) -> None:
    sides = one.sides
    before = sides.client.get("/v1/changes").content
    service_id = drafted(one)
    assert seen(sides, service_id).status_code == 404
    assert sides.client.get("/v1/changes").content == before

    assert one.step(service_id, "send_for_approval").status_code == 200
    assert one.get(record_of(service_id))["approval"]["sent_by"] == "Example One"
    refused = one.step(service_id, "approve")
    assert_private_problem(sides.client.app, refused, 403, "forbidden")
    assert seen(sides, service_id).status_code == 404

    assert two.step(service_id, "approve").status_code == 200
    assert seen(sides, service_id).json()["name"] == "Example drop-in"
    kinds = [
        one["kind"]
        for one in sides.client.get("/v1/changes").json()["results"]
        if one["record_id"] == service_id
    ]
    assert kinds == ["published"]


def test_an_organization_comes_to_be_with_its_first_published_service(one: Curator, two: Curator) -> None:
    sides = one.sides
    body = {"key": "example-charity", "name": "Example charity", "description": "Invented.", "assurance": ASSURANCE,
            "services": [DRAFT]}  # fmt: skip
    made = one.ask("POST", "/v1/curation/organizations", body)
    assert made.status_code == 201
    organization_id, (service_id,) = made.json()["id"], made.json()["service_ids"]
    sides.refresh()
    assert sides.client.get(f"/v1/organizations/{organization_id}").status_code == 404

    one.step(service_id, "send_for_approval")
    two.step(service_id, "approve")

    sides.refresh()
    assert sides.client.get(f"/v1/organizations/{organization_id}").json()["services"][0]["id"] == service_id
    again = one.ask("POST", "/v1/curation/organizations", body)
    assert_private_problem(sides.client.app, again, 409, "conflict")


def test_whoever_approves_is_shown_what_becomes_public_with_the_service(one: Curator, two: Curator) -> None:
    """An organization is public by its services: its number comes with the first of them, and somebody has to read it."""
    sides = one.sides
    number = {"number": "0121 496 0178", "is_public_office": True}
    body = {"key": "example-charity", "name": "Example charity", "description": "Invented.", "assurance": ASSURANCE,
            "website": "https://www.example.org/", "phones": [number], "services": [DRAFT]}  # fmt: skip
    organization_id, (service_id,) = map(
        one.ask("POST", "/v1/curation/organizations", body).json().get, ("id", "service_ids")
    )
    one.step(service_id, "send_for_approval")
    shown = two.get(record_of(service_id))["organization"]
    assert not shown["is_public"]
    assert (shown["website"], shown["phones"]) == (
        "https://www.example.org/",
        [number | {"phone_type": "voice", "description": None, "visibility": "public"}],
    )

    # What was read is what is approved, the organization's part as well.
    read = two.version(record_of(service_id))
    path = organization_record_of(organization_id)
    edited = one.on(path, "PATCH", path, {"changes": {"description": "Invented, and elsewhere."}})
    assert edited.status_code == 200
    stale = two.ask("POST", record_of(service_id, "/steps"), {"step": "approve"}, If_Match=read)
    assert_private_problem(sides.client.app, stale, 412, "precondition-failed")
    assert two.step(service_id, "approve").status_code == 200
    assert two.get(record_of(service_id))["organization"]["is_public"]


def test_a_draft_is_looked_at_again_within_a_year(one: Curator) -> None:
    late = [ASSURANCE[0] | {"review_by": "2093-05-01"}]
    before = one.sides.stored()
    services = organization_record_of(one.sides.a.organization_id, "/services")
    organization = {"key": "example-charity", "name": "Example charity", "description": "Invented."}
    for path, body, pointer in (
        (services, DRAFT | {"assurance": late}, "/assurance/0/review_by"),
        ("/v1/curation/organizations", organization | {"assurance": late}, "/assurance/0/review_by"),
        (
            "/v1/curation/organizations",
            organization | {"assurance": ASSURANCE, "services": [DRAFT | {"assurance": late}]},
            "/services/0/assurance/0/review_by",
        ),
    ):
        refused = one.ask("POST", path, body)
        assert (refused.status_code, [wrong["pointer"] for wrong in refused.json()["errors"]]) == (
            422,
            [pointer],
        )
        assert "2093" not in refused.text
    assert one.sides.stored() == before


def test_a_draft_was_not_confirmed_on_a_day_to_come(one: Curator) -> None:
    today = one.sides.clock.now.date()
    path = organization_record_of(one.sides.a.organization_id, "/services")
    for days, status in ((2, 422), (0, 201)):
        said = [ASSURANCE[0] | {"confirmed_on": str(today + timedelta(days=days))}]
        answer = one.ask("POST", path, DRAFT | {"assurance": said})
        assert answer.status_code == status
        if status == 422:
            assert [wrong["pointer"] for wrong in answer.json()["errors"]] == ["/assurance/0/confirmed_on"]


def test_an_answer_is_promised_within_a_time_and_not_within_nothing(one: Curator) -> None:
    path = organization_record_of(one.sides.a.organization_id, "/services")
    for written in ("P", "PT", "P1DT", "P0", "PT4"):
        route = {
            "key": "r",
            "name": "Ring",
            "channel": "phone",
            "phone": "0121 496 0177",
            "response_time": written,
        }
        refused = one.ask("POST", path, DRAFT | {"routes": [route]})
        assert refused.status_code == 422
        assert [wrong["pointer"] for wrong in refused.json()["errors"]] == ["/routes/0/response_time"]


def test_a_draft_whose_key_is_another_services_is_refused(one: Curator) -> None:
    services = organization_record_of(one.sides.a.organization_id, "/services")
    before = one.sides.stored()
    answer = one.ask("POST", services, DRAFT | {"key": "b-open"})
    problem = assert_private_problem(one.sides.client.app, answer, 409, "conflict")
    assert [error.pointer for error in problem.errors] == ["/key"]
    assert one.sides.stored() == before


def test_a_confidential_draft_is_held_to_what_a_confidential_record_is(one: Curator) -> None:
    services = organization_record_of(one.sides.a.organization_id, "/services")
    before = one.sides.stored()
    body = DRAFT | {"confidential": True, "host_area": "E23000014", "coverage": {"areas": ["E23000014"]}}
    answer = one.ask("POST", services, body)
    problem = assert_private_problem(one.sides.client.app, answer, 422, "confidential-fact")
    assert [error.pointer.rpartition("/services/")[2] for error in problem.errors] == ["2/phones/0/number"]
    assert one.sides.stored() == before


def test_what_was_put_away_before_there_was_a_refuge_beside_it_is_read_when_it_comes_back(
    one: Curator, two: Curator
) -> None:
    sides = one.sides
    drop_in = DRAFT | {"description": "Come to 17 Widdershins Street."}
    body = {"key": "example-charity", "name": "Example charity", "description": "Invented.", "assurance": ASSURANCE,
            "services": [drop_in]}  # fmt: skip
    made = one.ask("POST", "/v1/curation/organizations", body).json()
    (service_id,) = made["service_ids"]
    assert one.step(service_id, "archive").status_code == 200
    refuge = DRAFT | {"key": "example-house", "needs": ["safe_house"], "confidential": True, "phones": [],
                      "host_area": "E23000014", "coverage": {"areas": ["E23000014"]}}  # fmt: skip
    assert one.ask("POST", organization_record_of(made["id"], "/services"), refuge).status_code == 201

    assert one.step(service_id, "restore").status_code == 200
    assert one.step(service_id, "send_for_approval").status_code == 200
    refused = two.step(service_id, "approve")

    problem = assert_private_problem(sides.client.app, refused, 422, "confidential-fact")
    assert [error.pointer for error in problem.errors] == ["/description"]
    assert seen(sides, service_id).status_code == 404


# Every state × step × person, as the table says and no other way.

STATES: tuple[RecordState, ...] = RECORD_STATES  # type: ignore[assignment]


def bring(sides: Provided, service_id: UUID, state: str, sent_by: UUID) -> None:
    with sides.database.write() as session:
        service = session.get_one(Service, service_id)
        service.record_state, service.published_at = state, NOW
        old = session.get(ApprovalRequest, service_id)
        if old is not None:
            session.delete(old)
            session.flush()
        if state == "awaiting_approval":
            session.add(ApprovalRequest(service_id=service_id, sent_by_person=sent_by, sent_at=NOW))


def person_id(of: Curator, people: list[dict[str, Any]]) -> UUID:
    return UUID(next(one["id"] for one in people if one["name"] == of.name))


def combinations() -> Iterator[tuple[RecordState, Step, bool]]:
    yield from product(STATES, STEPS, (True, False))


def test_every_state_and_step_is_as_the_table_says(one: Curator, two: Curator) -> None:
    sides, service_id = one.sides, one.sides.a.open
    people = one.get("/v1/curation/people")["results"]
    sender = person_id(one, people)
    for state, step, by_sender in combinations():
        bring(sides, service_id, state, sender)
        move = STEPS[step]
        who = one if by_sender else two
        answer = who.step(service_id, step)
        if state not in move.before:
            assert (answer.status_code, who.state(service_id)) == (409, state), (state, step)
        elif move.by_another and by_sender:
            assert (answer.status_code, who.state(service_id)) == (403, state), (state, step)
        else:
            assert (answer.status_code, who.state(service_id)) == (200, move.after), (state, step)
            assert answer.json()["state"] == move.after
            assert (seen(sides, service_id).status_code == 200) == (move.after == "published"), (state, step)


def test_what_may_be_done_is_said_beside_the_record(one: Curator) -> None:
    sides, service_id = one.sides, one.sides.a.open
    sender = person_id(one, one.get("/v1/curation/people")["results"])
    for state in STATES:
        bring(sides, service_id, state, sender)
        found = one.get(record_of(service_id))
        assert found["steps"] == [step for step, move in STEPS.items() if state in move.before]
        edited = one.edit(service_id, description=f"It is {state}.")
        assert edited.status_code == (200 if state in EDITABLE else 409)


@pytest.mark.parametrize("key", ["provider", "officer", "audit"])
def test_nobody_else_takes_a_step(sides: Provided, key: str) -> None:
    tokens = {
        "provider": sides.a.token,
        "audit": Curators(sides).named("Example Auditor", "audit:read").token,
        "officer": Curators(sides).named("Example Reader", "officer:read").token,
    }
    before = sides.stored()
    for path, body in (
        (record_of(sides.a.open, "/steps"), {"step": "pause"}),
        (record_of(sides.a.open, "/take-down"), {"reason": "unsafe"}),
        (record_of(sides.a.open, "/flag"), {"host_area": "E23000014"}),
    ):
        answer = sides.ask("POST", path, body, token=tokens[key], If_Match='"x"')
        assert_private_problem(sides.client.app, answer, 403, "forbidden")
    assert sides.stored() == before


# Versions and retries.


def test_a_step_is_taken_on_the_version_that_was_read(one: Curator, two: Curator) -> None:
    sides, path = one.sides, record_of(one.sides.a.open)
    version = one.version(path)
    missing = one.ask("POST", path + "/steps", {"step": "pause"})
    assert_private_problem(sides.client.app, missing, 428, "precondition-required")
    two.edit(sides.a.open, description="Somebody else was here.")
    stale = one.ask("POST", path + "/steps", {"step": "pause"}, If_Match=version)
    assert_private_problem(sides.client.app, stale, 412, "precondition-failed")
    assert seen(sides, sides.a.open).status_code == 200


def test_what_nobody_sees_moves_the_version_too(one: Curator) -> None:
    path = record_of(one.sides.a.open)
    before, public = one.version(path), seen(one.sides, one.sides.a.open).content
    one.edit(one.sides.a.open, contacts=[])
    line = [{"role": "Duty desk", "visibility": "professional"}]
    assert one.edit(one.sides.a.open, contacts=line).status_code == 202, (
        "a line for professionals is a contact"
    )
    assert one.version(path) == before
    assert seen(one.sides, one.sides.a.open).content == public


def test_a_step_sent_again_is_answered_as_the_first_time(one: Curator) -> None:
    path = record_of(one.sides.a.open)
    version, key = one.version(path), new_key()
    first, again = (
        one.ask("POST", path + "/steps", {"step": "pause"}, If_Match=version, Idempotency_Key=key)
        for _ in range(2)
    )
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again.headers["idempotency-replayed"] == "true"


def test_every_step_is_in_the_audit_log(one: Curator, two: Curator) -> None:
    sides = one.sides
    service_id = drafted(one)
    one.step(service_id, "send_for_approval")
    two.step(service_id, "approve")
    events = "\n".join(sides.stored()["audit_event"])
    for action in ("service_drafted", "service_send_for_approval", "service_approve"):
        assert events.count(f"'{action}'") == 1
    assert "0121 496 0101" not in events


def test_records_of_every_state_are_listed(one: Curator) -> None:
    service_id = drafted(one)
    drafts = one.get("/v1/curation/services?state=draft")
    assert [row["id"] for row in drafts["results"]] == [service_id]
    listed: list[str] = []
    cursor = ""
    while True:
        page = one.get(f"/v1/curation/services?limit=2{cursor}")
        listed += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(listed) == len(set(listed)) == page["total"] == 5
    of_b = one.get(f"/v1/curation/services?organization_id={one.sides.b.organization_id}")
    assert {row["id"] for row in of_b["results"]} == {str(one.sides.b.open), str(one.sides.b.refuge)}
