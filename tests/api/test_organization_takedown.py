"""An organization that is taken down stays down, whatever is added to it, until two people have put it back itself."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.curation.publishing import publish
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from tests.api.checks import assert_private_problem
from tests.curating import TAKEDOWNS, Curator, organization_record_of, record_of, seen
from tests.factories import make_organization, make_publication, make_service
from tests.providing import Provided


def take_down(by: Curator, organization_id: UUID) -> list[dict[str, Any]]:
    """The takedowns that it makes: that of the organization, then those of its services."""
    answer = by.ask("POST", organization_record_of(organization_id, "/take-down"), {"reason": "unsafe"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def is_listed(sides: Provided, organization_id: UUID) -> bool:
    sides.refresh()
    return sides.client.get(f"/v1/organizations/{organization_id}").status_code == 200


def bring_in(sides: Provided, gazetteer: Gazetteer, *services: Any) -> list[UUID]:
    """Ids of services that are published into A's organization, as an import would with `new=published`."""
    with sides.database.write() as session:
        publish(
            session,
            [make_organization(*services, key="organization-a")],
            make_publication(session, gazetteer, now=sides.clock.now),
        )
        keys = [one.key for one in services]
        found = dict(session.exec(select(Service.source_id, Service.id)).all())
        return [found[key] for key in keys]


def awaiting(by: Curator) -> UUID:
    """A new service of A's organization, which is sent for approval."""
    path = organization_record_of(by.sides.a.organization_id, "/services")
    made = by.ask("POST", path, make_service("another").model_dump(mode="json", exclude_unset=True))
    assert made.status_code == 201, made.text
    found = UUID(made.json()["id"])
    assert by.step(found, "send_for_approval").status_code == 200
    return found


def test_a_service_that_comes_in_later_is_down_with_it(
    one: Curator, two: Curator, gazetteer: Gazetteer
) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    taken = take_down(two, organization_id)
    (service_id,) = bring_in(sides, gazetteer, make_service("later"))
    assert one.state(service_id) == "paused"
    assert not is_listed(sides, organization_id)
    assert "resume" not in one.get(record_of(service_id))["steps"]
    assert one.get(record_of(service_id))["taken_down"]["id"] == taken[0]["id"]
    assert_private_problem(sides.client.app, one.step(service_id, "resume"), 409, "conflict")


def test_a_service_that_moves_to_it_is_down_with_it(one: Curator, gazetteer: Gazetteer) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    take_down(one, organization_id)
    assert seen(sides, sides.b.open).status_code == 200
    bring_in(sides, gazetteer, make_service("b-open"))
    assert not is_listed(sides, organization_id)


def test_what_awaits_approval_is_down_with_it_and_a_draft_again(one: Curator, two: Curator) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    service_id = awaiting(one)
    taken = take_down(one, organization_id)
    assert str(service_id) in {row["service_id"] for row in taken}
    assert one.state(service_id) == "draft"
    assert one.step(service_id, "send_for_approval").status_code == 200
    assert_private_problem(sides.client.app, two.step(service_id, "approve"), 409, "conflict")
    assert not is_listed(sides, organization_id)
    for row in taken:
        one.put_back(row["id"])
        assert two.put_back(row["id"]).json()["put_back_by"] == "Example Two"
    # Two people have looked at it again; that nobody had approved it has not changed.
    assert one.state(service_id) == "awaiting_approval"
    assert two.step(service_id, "approve").status_code == 200


def test_a_draft_of_it_is_not_approved_while_it_is_down(one: Curator, two: Curator) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    take_down(one, organization_id)
    service_id = awaiting(one)
    assert "approve" not in two.get(record_of(service_id))["steps"]
    assert_private_problem(sides.client.app, two.step(service_id, "approve"), 409, "conflict")
    assert not is_listed(sides, organization_id)


def test_what_awaits_approval_can_be_taken_down_by_itself(one: Curator, two: Curator) -> None:
    service_id = awaiting(one)
    assert one.take_down(service_id).status_code == 200
    assert one.state(service_id) == "draft"
    one.step(service_id, "send_for_approval")
    assert_private_problem(one.sides.client.app, two.step(service_id, "approve"), 409, "conflict")


def test_no_service_is_put_back_before_its_organization(one: Curator, two: Curator) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    whole, *services = take_down(one, organization_id)
    assert_private_problem(sides.client.app, one.put_back(services[0]["id"]), 409, "conflict")
    assert_private_problem(sides.client.app, two.put_back(services[0]["id"]), 409, "conflict")
    one.put_back(whole["id"])
    assert_private_problem(sides.client.app, one.put_back(whole["id"]), 403, "forbidden")
    assert two.put_back(whole["id"]).status_code == 200
    assert not is_listed(sides, organization_id)
    for row in services:
        one.put_back(row["id"])
        two.put_back(row["id"])
    assert is_listed(sides, organization_id)
    assert one.get(TAKEDOWNS)["total"] == 0


def test_one_of_which_nothing_is_public_can_be_taken_down(
    one: Curator, two: Curator, gazetteer: Gazetteer
) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    for service_id in (sides.a.open, sides.a.refuge):
        one.step(service_id, "archive")
    (whole,) = take_down(two, organization_id)
    assert whole["scope"] == "organization"
    bring_in(sides, gazetteer, make_service("later"), make_service("a-open"))
    assert not is_listed(sides, organization_id)


def test_taken_down_again_it_is_the_same_takedown(one: Curator, two: Curator) -> None:
    organization_id = one.sides.a.organization_id
    first, again = take_down(one, organization_id), take_down(two, organization_id)
    assert [row["id"] for row in again] == [row["id"] for row in first]
    assert {len(row["again"]) for row in again} == {1}


@pytest.mark.parametrize("gone", ["put back", "never down"])
def test_what_is_not_down_is_not_touched(one: Curator, two: Curator, gazetteer: Gazetteer, gone: str) -> None:
    sides, organization_id = one.sides, one.sides.a.organization_id
    if gone == "put back":
        for row in take_down(one, organization_id):
            one.put_back(row["id"])
            two.put_back(row["id"])
    (service_id,) = bring_in(sides, gazetteer, make_service("later"))
    assert seen(sides, service_id).status_code == 200
