"""Deciding about proposals: each field old and new, two people and a call for a contact, nothing overwritten."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.checks import assert_private_problem
from tests.curating import (
    PROPOSALS,
    Curator,
    organization_record_of,
    propose,
    published_phone,
    record_of,
    seen,
)
from tests.providing import Provided

OLD, NEW = "0306 999 0101", "0306 999 0102"


@pytest.fixture
def listed(one: Curator, two: Curator) -> Provided:
    """A's open service with a number, approved by two people."""
    proposal_id = one.edit(one.sides.a.open, phones=[{"number": OLD}]).json()["proposal_id"]
    # Nothing is stored yet that could be rung.
    one.ring(proposal_id)
    assert two.decide(proposal_id, "approve").status_code == 200
    assert published_phone(one.sides, one.sides.a.open) == [OLD]
    return one.sides


def test_a_proposal_is_shown_field_by_field_in_plain_words(listed: Provided, one: Curator) -> None:
    proposal_id = propose(listed, description="Somebody who listens on Sundays.", phones=[{"number": NEW}])
    found = one.get(f"{PROPOSALS}/{proposal_id}")
    shown = {
        (row["label"], row["kind"], row["old"], row["new"], row["is_contact"]) for row in found["differences"]
    }
    assert shown == {
        ("description", "changed", "Somebody who listens.", "Somebody who listens on Sundays.", False),
        (f"telephone “{NEW}”, number", "changed", OLD, NEW, True),
    }
    assert found["needs_call_back"]
    assert found["conflicts"] == []
    assert [(row["number"], row["whose"]) for row in found["numbers"]] == [("+443069990101", "service")]


def test_a_proposal_without_a_contact_takes_one_person(one: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, description="Somebody who listens on Sundays.", interpreter="yes")
    answer = one.decide(proposal_id, "approve")
    assert answer.status_code == 200
    found = seen(sides, sides.a.open).json()
    assert (found["description"], found["interpreter"]) == ("Somebody who listens on Sundays.", "yes")
    assert (answer.json()["state"], answer.json()["applied"]) == ("approved", ["description", "interpreter"])
    at_home = sides.ask("GET", f"/v1/provider/services/{sides.a.open}/proposals").json()["results"][0]
    assert (at_home["state"], at_home["applied"]) == ("approved", ["description", "interpreter"])


def test_a_new_number_takes_a_call_on_the_old_one_and_two_people(
    listed: Provided, one: Curator, two: Curator
) -> None:
    proposal_id = propose(listed, phones=[{"number": NEW}])

    unrung = one.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, unrung, 409, "conflict")
    assert one.ring(proposal_id, "not_confirmed").status_code == 200
    refused = two.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, refused, 409, "conflict")
    assert one.ring(proposal_id).status_code == 200
    alone = one.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, alone, 403, "forbidden")
    assert published_phone(listed, listed.a.open) == [OLD]

    approved = two.decide(proposal_id, "approve")

    assert approved.status_code == 200
    call = {
        "called_on": "2026-11-26",
        "number": "+443069990101",
        "outcome": "confirmed",
        "called_by": "Example One",
    }
    assert approved.json()["call_back"] == call | {"called_on": listed.clock.now.date().isoformat()}
    assert approved.json()["decided_by"] == "Example Two"
    assert published_phone(listed, listed.a.open) == [NEW]


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/number", {"number": "+443069990102"}),
        ("/number", {"number": "0306 999 0101"}),
        ("/number", {"number": None}),
        ("/called_on", {"called_on": "2020-01-01"}),
        ("/called_on", {"called_on": "2999-01-01"}),
        ("/called_on", {"called_on": "yesterday"}),
        ("/outcome", {"outcome": "fine"}),
    ],
)
def test_the_number_that_is_rung_was_stored_before(
    listed: Provided, one: Curator, pointer: str, changed: dict[str, str | None]
) -> None:
    # The number that is proposed is answered by whoever proposed it.
    proposal_id = propose(listed, phones=[{"number": NEW}])
    problem = assert_private_problem(listed.client.app, one.ring(proposal_id, **changed), 422, "validation")
    assert [error.pointer for error in problem.errors] == [pointer]
    assert one.get(f"{PROPOSALS}/{proposal_id}")["call_back"] is None


def test_a_contact_hidden_in_a_text_takes_two_people_as_well(listed: Provided, one: Curator) -> None:
    proposal_id = propose(listed, application_process=f"Ring {NEW} first.")
    assert one.get(f"{PROPOSALS}/{proposal_id}")["needs_call_back"]
    assert one.decide(proposal_id, "approve").status_code == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Example Outreach, ring 0306, 999, 0999"},
        {"fees_description": "Free. WhatsApp 0306*999*0999"},
        {"application_process": "Telegram: @safehelpnow"},
        {"eligibility": {"description": "Text oh seven seven double oh nine hundred one two three"}},
        {"description": "See Safe-Now.pl to apply"},
    ],
)
def test_a_contact_that_is_written_oddly_is_one(
    listed: Provided, one: Curator, changes: dict[str, Any]
) -> None:
    proposal_id = propose(listed, **changes)
    assert one.get(f"{PROPOSALS}/{proposal_id}")["needs_call_back"]
    assert one.decide(proposal_id, "approve").status_code == 409
    assert one.edit(listed.a.open, **changes).status_code == 202


def test_a_curator_changes_a_contact_with_another_person(
    listed: Provided, one: Curator, two: Curator
) -> None:
    answer = one.edit(
        listed.a.open, note="They wrote to say so.", phones=[{"number": NEW}], description="New words."
    )
    assert answer.status_code == 202
    proposal_id = answer.json()["proposal_id"]
    assert seen(listed, listed.a.open).json()["description"] == "Somebody who listens."

    assert one.ring(proposal_id).status_code == 200
    alone = one.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, alone, 403, "forbidden")
    assert two.decide(proposal_id, "approve").status_code == 200

    found = seen(listed, listed.a.open).json()
    assert (found["phones"][0]["number"], found["description"]) == (NEW, "New words.")
    assert one.get(f"{PROPOSALS}/{proposal_id}")["proposed_by"] == "Example One"
    provider_sees = listed.ask("GET", f"/v1/provider/services/{listed.a.open}/proposals").json()
    assert provider_sees["total"] == 0


def test_who_proposed_does_not_approve_whoever_rang(listed: Provided, one: Curator, two: Curator) -> None:
    proposal_id = one.edit(listed.a.open, phones=[{"number": NEW}]).json()["proposal_id"]
    assert two.ring(proposal_id).status_code == 200
    assert one.decide(proposal_id, "approve").status_code == 403
    assert two.decide(proposal_id, "approve").status_code == 403
    assert published_phone(listed, listed.a.open) == [OLD]


@pytest.mark.parametrize("steps", [("pause",), ("archive", "restore"), ("pause", "archive", "restore")])
def test_contacts_of_what_was_public_once_take_a_call_in_whatever_state(
    listed: Provided, one: Curator, two: Curator, steps: tuple[str, ...]
) -> None:
    """Archived and brought back as a draft, a record would otherwise have another number that nobody rang about."""
    for step in steps:
        assert one.step(listed.a.open, step).status_code == 200
    answer = one.edit(listed.a.open, phones=[{"number": NEW}])
    assert answer.status_code == 202
    assert one.edit(listed.a.open, locations=[OFFICE]).status_code == 202
    proposal_id = answer.json()["proposal_id"]
    assert one.get(f"{PROPOSALS}/{proposal_id}")["needs_call_back"]
    assert two.decide(proposal_id, "approve").status_code == 409
    assert one.ring(proposal_id).status_code == 200
    assert two.decide(proposal_id, "approve").status_code == 200
    assert one.get(record_of(listed.a.open))["record"]["phones"][0]["number"] == NEW
    assert one.edit(listed.a.open, description="Other words.").status_code == 200


def test_contacts_of_what_was_never_public_are_approved_with_it(one: Curator) -> None:
    draft = one.ask(
        "POST", organization_record_of(one.sides.a.organization_id, "/services"), SERVICE_DRAFT
    ).json()["id"]
    assert one.edit(draft, phones=[{"number": NEW}]).status_code == 200
    assert one.edit(draft, locations=[OFFICE]).status_code == 200


def test_an_organization_whose_services_are_archived_is_still_known(one: Curator) -> None:
    """Without a service in public its number was one person's to write, and the next service took it along."""
    sides = one.sides
    path = organization_record_of(sides.a.organization_id)
    for service_id in one.get(path)["service_ids"]:
        assert one.step(service_id, "archive").status_code == 200
    sides.refresh()
    assert sides.client.get(f"/v1/organizations/{sides.a.organization_id}").status_code == 404
    changed = one.on(path, "PATCH", path, {"changes": {"phones": [{"number": NEW}]}})
    marked = [{"number": "0121 496 0333", "is_public_office": True}]
    office = one.on(path, "PATCH", path, {"changes": {"phones": marked}})
    assert (changed.status_code, office.status_code) == (202, 202)
    assert one.get(path)["record"]["phones"] == []


SERVICE_DRAFT = {
    "key": "example-drop-in",
    "name": "Example drop-in",
    "description": "A warm room.",
    "reach": "outreach_area",
    "needs": ["basic_needs"],
    "coverage": {"areas": ["E08000028"]},
    "assurance": [{"mark": "confirmed", "source": "A call", "review_by": "2027-05-01"}],
}


HALL = {"key": "hall", "name": "Example Hall", "address_1": "1 Example Street", "postal_code": "B1 1BB"}
OFFICE = HALL | {"is_public_office": True}


def test_an_office_and_its_address_take_two_people_as_in_an_import(
    listed: Provided, one: Curator, two: Curator
) -> None:
    """Beside a refuge a place is shown for its mark alone, and a curator could mark and move it without anybody."""

    def places() -> list[tuple[object, object]]:
        found = one.get(record_of(listed.a.open))["record"]["locations"]
        return [(place["address_1"], place["is_public_office"]) for place in found]

    assert one.edit(listed.a.open, locations=[HALL]).status_code == 200
    (stored,) = one.get(record_of(listed.a.open))["record"]["locations"]
    marked = one.edit(listed.a.open, locations=[stored | {"is_public_office": True}])
    assert marked.status_code == 202
    assert places() == [("1 Example Street", False)]
    proposal_id = marked.json()["proposal_id"]
    assert not one.get(f"{PROPOSALS}/{proposal_id}")["needs_call_back"]
    alone = one.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, alone, 403, "forbidden")
    assert two.decide(proposal_id, "approve").status_code == 200
    assert places() == [("1 Example Street", True)]

    moved = [stored | {"is_public_office": True, "address_1": "2 Example Street"}]
    assert one.edit(listed.a.open, locations=moved).status_code == 202
    another = OFFICE | {"key": "another", "name": "Example Office", "address_1": "3 Example Street"}
    assert one.edit(listed.a.open, locations=[another]).status_code == 202
    assert places() == [("1 Example Street", True)]


def test_a_registration_marked_an_office_takes_two_people(one: Curator) -> None:
    path = organization_record_of(one.sides.a.organization_id)
    number = {"identifier_scheme": "GB-CHC", "identifier_type": "Charity", "identifier": "EX12"}
    assert one.on(path, "PATCH", path, {"changes": {"identifiers": [number]}}).status_code == 200
    marked = one.on(path, "PATCH", path, {"changes": {"identifiers": [number | {"is_public_office": True}]}})
    assert marked.status_code == 202


def test_an_organizations_contacts_take_two_people(one: Curator, two: Curator) -> None:
    sides = one.sides
    path = organization_record_of(sides.a.organization_id)
    words = one.on(path, "PATCH", path, {"changes": {"description": "An old charity."}})
    assert words.status_code == 200
    site = one.on(path, "PATCH", path, {"changes": {"website": "https://www.example.org/"}})
    assert site.status_code == 202
    proposal_id = site.json()["proposal_id"]
    one.ring(proposal_id)
    assert two.decide(proposal_id, "approve").status_code == 200
    sides.refresh()
    found = sides.client.get(f"/v1/organizations/{sides.a.organization_id}").json()
    assert (found["description"], found["website"]) == ("An old charity.", "https://www.example.org/")
    assert len(found["services"]) == 2


def test_what_has_moved_since_is_not_overwritten(one: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, description="As the provider says.", interpreter="yes")
    one.edit(sides.a.open, description="As a curator says.")

    assert one.get(f"{PROPOSALS}/{proposal_id}")["conflicts"] == ["description"]
    whole = one.decide(proposal_id, "approve")
    problem = assert_private_problem(sides.client.app, whole, 409, "conflict")
    assert [error.pointer for error in problem.errors] == ["/description"]
    rest = one.decide(proposal_id, "approve", {"fields": ["interpreter"]})

    assert (rest.status_code, rest.json()["applied"]) == (200, ["interpreter"])
    found = seen(sides, sides.a.open).json()
    assert (found["description"], found["interpreter"]) == ("As a curator says.", "yes")


def test_fields_that_nobody_proposed_cannot_be_approved(one: Curator) -> None:
    proposal_id = propose(one.sides, interpreter="yes")
    answer = one.decide(proposal_id, "approve", {"fields": ["interpreter", "phones"]})
    problem = assert_private_problem(one.sides.client.app, answer, 422, "validation")
    assert [error.pointer for error in problem.errors] == ["/fields"]


def test_it_is_decided_on_what_was_shown(one: Curator, two: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, interpreter="yes")
    path = f"{PROPOSALS}/{proposal_id}"
    shown = one.version(path)
    two.edit(sides.a.open, description="Somebody else was here.")
    stale = one.ask("POST", path + "/approve", {}, If_Match=shown)
    assert_private_problem(sides.client.app, stale, 412, "precondition-failed")
    missing = one.ask("POST", path + "/approve", {})
    assert_private_problem(sides.client.app, missing, 428, "precondition-required")


def test_lines_for_professionals_stay_when_a_provider_sends_its_public_ones(
    one: Curator, two: Curator
) -> None:
    sides = one.sides
    lines = [{"number": OLD}, {"number": "0306 999 0711", "visibility": "professional"}]
    first = one.edit(sides.a.open, phones=lines).json()["proposal_id"]
    one.ring(first)
    two.decide(first, "approve")
    second = propose(sides, phones=[{"number": NEW}])
    one.ring(second)
    assert two.decide(second, "approve").status_code == 200
    kept = one.get(record_of(sides.a.open))["record"]["phones"]
    assert [(row["number"], row["visibility"]) for row in kept] == [
        (NEW, "public"),
        ("0306 999 0711", "professional"),
    ]


def test_a_refusal_has_a_reason_that_the_provider_reads(one: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, interpreter="yes")
    for body in ({}, {"reason": ""}):
        assert one.decide(proposal_id, "refuse", body).status_code == 422
    assert one.decide(proposal_id, "refuse", {"reason": "You told us otherwise."}).status_code == 200
    found = sides.ask("GET", f"/v1/provider/services/{sides.a.open}/proposals").json()["results"][0]
    assert (found["state"], found["reason"]) == ("refused", "You told us otherwise.")
    again = one.decide(proposal_id, "approve")
    assert_private_problem(sides.client.app, again, 409, "conflict")
    assert seen(sides, sides.a.open).json()["interpreter"] == "ask"


def test_a_question_waits_for_the_provider_and_can_be_decided_after_it(one: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, interpreter="yes")
    assert one.decide(proposal_id, "ask", {"question": "Since when?"}).status_code == 200
    found = sides.ask("GET", f"/v1/provider/services/{sides.a.open}/proposals").json()["results"][0]
    assert (found["state"], found["question"]) == ("asked", "Since when?")
    assert one.decide(proposal_id, "approve").status_code == 200


@pytest.mark.parametrize("what", ["refuse", "ask"])
def test_nothing_that_leads_to_a_refuge_is_written_back(one: Curator, what: str) -> None:
    sides = one.sides
    proposal_id = propose(sides, sides.a.refuge, interpreter="yes")
    name = {"refuse": "reason", "ask": "question"}[what]
    answer = one.decide(proposal_id, what, {name: "The house is next door to 14 Hawthorn Road."})
    assert_private_problem(sides.client.app, answer, 422, "confidential-fact")


def test_a_provider_takes_its_own_proposal_back(one: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, interpreter="yes")
    path = f"/v1/provider/services/{sides.a.open}/proposals/{proposal_id}/withdraw"
    stranger = sides.ask("POST", path, token=sides.b.token)
    assert_private_problem(sides.client.app, stranger, 404, "not-found")
    other_service = sides.ask("POST", path.replace(str(sides.a.open), str(sides.a.refuge)))
    assert_private_problem(sides.client.app, other_service, 404, "not-found")

    first, again = (sides.ask("POST", path) for _ in range(2))

    assert (first.status_code, first.json()["state"], again.json()["state"]) == (
        200,
        "withdrawn",
        "withdrawn",
    )
    assert_private_problem(sides.client.app, one.decide(proposal_id, "approve"), 409, "conflict")


def test_what_a_curator_has_decided_is_not_taken_back(one: Curator) -> None:
    sides = one.sides
    proposal_id = propose(sides, interpreter="yes")
    one.decide(proposal_id, "approve")
    answer = sides.ask("POST", f"/v1/provider/services/{sides.a.open}/proposals/{proposal_id}/withdraw")
    assert_private_problem(sides.client.app, answer, 409, "conflict")


def test_the_longest_waiting_stands_first_page_by_page(one: Curator) -> None:
    sides = one.sides
    made = []
    for hour in range(5):
        sides.clock.now += timedelta(hours=hour)
        made.append(propose(sides, interpreter="yes"))
    one.decide(made[2], "refuse", {"reason": "No."})
    found: list[str] = []
    cursor = ""
    while True:
        page = one.get(f"{PROPOSALS}?limit=2{cursor}")
        assert page["total"] == 4
        found += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == [*made[:2], *made[3:]]
    refused = one.get(f"{PROPOSALS}?state=refused")
    assert [row["id"] for row in refused["results"]] == [made[2]]


def test_a_provider_has_no_way_to_proposals_of_anybody(sides: Provided) -> None:
    proposal_id = propose(sides, interpreter="yes")
    for path in ("", f"/{proposal_id}"):
        answer = sides.ask("GET", PROPOSALS + path)
        assert_private_problem(sides.client.app, answer, 403, "forbidden")
    for what in ("approve", "refuse", "ask", "call-back"):
        answer = sides.ask("POST", f"{PROPOSALS}/{proposal_id}/{what}", {}, If_Match='"x"')
        assert_private_problem(sides.client.app, answer, 403, "forbidden")


def test_a_change_that_could_not_be_published_does_not_wait(one: Curator) -> None:
    sides = one.sides
    before = sides.stored()
    answer = one.edit(sides.a.refuge, phones=[{"number": "0121 496 0103"}])
    problem = assert_private_problem(sides.client.app, answer, 422, "confidential-fact")
    assert [error.pointer for error in problem.errors] == ["/changes/phones/0/number"]
    answer = one.edit(sides.a.open, needs=["no_such_need"], email="desk@example.org")
    problem = assert_private_problem(sides.client.app, answer, 422, "validation")
    assert [error.pointer for error in problem.errors] == ["/changes/needs/0"]
    assert sides.stored() == before


def test_an_edit_that_changes_nothing_leaves_no_trace_in_the_record(one: Curator) -> None:
    sides = one.sides
    before = seen(sides, sides.a.open).content
    answer = one.edit(sides.a.open, description="Somebody who listens.")
    assert (answer.status_code, answer.json()) == (200, {"differences": [], "proposal_id": None})
    assert seen(sides, sides.a.open).content == before
