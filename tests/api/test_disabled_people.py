"""What somebody half did who is disabled since is no half of anything: the second person would be alone."""

from uuid import UUID

import httpx
import pytest

from app.access.people import disable_person, find_person
from tests.api.checks import assert_private_problem
from tests.curating import TAKEDOWNS, Curator, Curators, organization_record_of, propose, record_of, seen
from tests.factories import make_organization, make_service
from tests.providing import act_of_the_host

OLD, NEW = "0306 999 0101", "0306 999 0102"
IMPORTS = "/v1/curation/imports"


@pytest.fixture
def thief(one: Curator) -> Curator:
    """Whoever has the key of a third curator."""
    scopes = ("directory:publish", "proposals:review", "import:run")
    return Curators(one.sides).named("Example Three", *scopes)


@pytest.fixture
def two(one: Curator) -> Curator:
    return Curators(one.sides).named("Example Two", "directory:publish", "proposals:review", "import:run")


def disable(one: Curator) -> None:
    with one.sides.database.write() as session:
        found = find_person(session, "Example Three")
        assert found is not None
        disable_person(session, found.id, act_of_the_host(one.sides.clock.now))


def refused(one: Curator, answer: httpx.Response) -> str:
    problem = assert_private_problem(one.sides.client.app, answer, 409, "conflict")
    assert "has been disabled since" in problem.detail
    return problem.detail


def test_who_puts_back_is_the_first_again(one: Curator, two: Curator, thief: Curator) -> None:
    service_id = one.sides.a.open
    taken = one.take_down(service_id).json()["id"]
    assert thief.put_back(taken).status_code == 200
    disable(one)
    asked = two.put_back(taken).json()
    assert (asked["asked_by"], asked["put_back_at"]) == ("Example Two", None)
    assert seen(one.sides, service_id).status_code == 404
    assert two.put_back(taken).status_code == 403
    assert one.put_back(taken).json()["put_back_by"] == "Example One"
    assert one.get(TAKEDOWNS)["total"] == 0


def test_a_call_has_to_be_made_again(one: Curator, two: Curator, thief: Curator) -> None:
    proposal_id = propose(one.sides, phones=[{"number": NEW}])
    assert thief.ring(proposal_id).status_code == 200
    disable(one)
    assert "rings again" in refused(one, two.decide(proposal_id, "approve"))
    assert one.ring(proposal_id).status_code == 200
    assert two.decide(proposal_id, "approve").status_code == 200


def test_a_change_has_to_be_proposed_again(one: Curator, two: Curator, thief: Curator) -> None:
    proposal_id = thief.edit(one.sides.a.open, phones=[{"number": NEW}]).json()["proposal_id"]
    assert one.ring(proposal_id).status_code == 200
    disable(one)
    assert "Refuse it" in refused(one, two.decide(proposal_id, "approve"))
    assert two.decide(proposal_id, "refuse", {"reason": "Whose it was is not known."}).status_code == 200


def test_a_draft_has_to_be_sent_again(one: Curator, two: Curator, thief: Curator) -> None:
    path = organization_record_of(one.sides.a.organization_id, "/services")
    made = thief.ask("POST", path, make_service("another").model_dump(mode="json", exclude_unset=True))
    service_id = UUID(made.json()["id"])
    assert thief.step(service_id, "send_for_approval").status_code == 200
    disable(one)
    assert "Send it back" in refused(one, two.step(service_id, "approve"))
    for step in ("send_back", "send_for_approval"):
        assert one.step(service_id, step).status_code == 200
    assert two.step(service_id, "approve").status_code == 200


def test_unflagging_has_to_be_asked_for_again(one: Curator, two: Curator, thief: Curator) -> None:
    refuge = one.sides.a.refuge

    def ask(by: Curator) -> str:
        answer = by.ask("POST", record_of(refuge, "/unflagging-requests"))
        assert answer.status_code == 201, answer.text
        return f"/v1/curation/unflagging-requests/{answer.json()['id']}/approve"

    path = ask(thief)
    disable(one)
    assert "Ask again" in refused(one, two.ask("POST", path))
    assert two.ask("POST", ask(one)).status_code == 200


def test_an_import_has_to_be_sent_again(one: Curator, two: Curator, thief: Curator) -> None:
    other = Curators(one.sides).named("Example Four", "import:run")
    service = make_service("new", phones=[{"number": NEW}])
    file = [make_organization(service, key="new").model_dump(mode="json", exclude_unset=True)]

    def send(by: Curator) -> tuple[str, str]:
        made = by.ask("POST", f"{IMPORTS}?source=test&new=published", file).json()
        path = f"{IMPORTS}/{made['id']}"
        asked = by.ask("POST", f"{path}/apply", {"digest": made["digest"]}).json()
        assert asked["state"] == "awaiting_second_person"
        return path, asked["selection_digest"]

    path, digest = send(thief)
    disable(one)
    assert "Refuse it" in refused(one, two.ask("POST", f"{path}/approve", {"selection_digest": digest}))
    assert two.ask("POST", f"{path}/refuse").status_code == 200
    path, digest = send(two)
    done = other.ask("POST", f"{path}/approve", {"selection_digest": digest})
    assert (done.status_code, done.json()["state"]) == (200, "applied")
