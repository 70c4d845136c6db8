"""A number that was taken down as unsafe is not rung to ask whether another one is right."""

import pytest

from tests.api.checks import assert_private_problem
from tests.curating import PROPOSALS, Curator, propose, published_phone
from tests.providing import Provided

OLD, OTHER, NEW = "0306 999 0101", "0306 999 0103", "0306 999 0102"
OLD_DIALLED, OTHER_DIALLED = "+443069990101", "+443069990103"


@pytest.fixture
def listed(one: Curator, two: Curator) -> Provided:
    """A's open service with two numbers, approved by two people."""
    proposal_id = one.edit(one.sides.a.open, phones=[{"number": OLD}, {"number": OTHER}]).json()[
        "proposal_id"
    ]
    one.ring(proposal_id)
    assert two.decide(proposal_id, "approve").status_code == 200
    return one.sides


def test_it_is_neither_offered_nor_accepted(listed: Provided, one: Curator, two: Curator) -> None:
    proposal_id = propose(listed, phones=[{"number": NEW}])
    two.take_down(listed.a.open, phone=OLD_DIALLED)
    offered = one.get(f"{PROPOSALS}/{proposal_id}")["numbers"]
    assert [row["number"] for row in offered] == [OTHER_DIALLED]
    refused = one.ring(proposal_id, number=OLD_DIALLED)
    problem = assert_private_problem(listed.client.app, refused, 422, "validation")
    assert [error.pointer for error in problem.errors] == ["/number"]
    assert one.ring(proposal_id, number=OTHER_DIALLED).status_code == 200
    assert two.decide(proposal_id, "approve").status_code == 200


def test_it_counts_no_more_when_it_was_rung_before(listed: Provided, one: Curator, two: Curator) -> None:
    proposal_id = propose(listed, phones=[{"number": NEW}])
    assert one.ring(proposal_id, number=OLD_DIALLED).status_code == 200
    one.take_down(listed.a.open, phone=OLD_DIALLED)
    refused = two.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, refused, 409, "conflict")
    assert NEW not in published_phone(listed, listed.a.open)
    one.ring(proposal_id, number=OTHER_DIALLED)
    assert two.decide(proposal_id, "approve").status_code == 200


def test_where_every_number_is_down_there_is_none_to_ring(listed: Provided, one: Curator) -> None:
    proposal_id = propose(listed, phones=[{"number": NEW}])
    for number in (OLD_DIALLED, OTHER_DIALLED):
        one.take_down(listed.a.open, phone=number)
    assert one.get(f"{PROPOSALS}/{proposal_id}")["numbers"] == []
    assert one.ring(proposal_id, number=OLD_DIALLED).status_code == 422
    assert one.ring(proposal_id).status_code == 200


def test_a_number_that_is_not_stored_any_more_counts_no_more(
    listed: Provided, one: Curator, two: Curator
) -> None:
    """It was replaced because it was somebody else's, say: whoever answered there had no right to confirm anything."""
    proposal_id = propose(listed, email="office@example.org")
    assert one.ring(proposal_id, number=OLD_DIALLED).status_code == 200
    replaced = two.edit(listed.a.open, phones=[{"number": OTHER}]).json()["proposal_id"]
    two.ring(replaced, number=OTHER_DIALLED)
    assert one.decide(replaced, "approve").status_code == 200
    refused = two.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, refused, 409, "conflict")
    one.ring(proposal_id, number=OTHER_DIALLED)
    assert two.decide(proposal_id, "approve").status_code == 200


def test_that_there_was_nothing_to_ring_counts_no_more_once_there_is(
    listed: Provided, one: Curator, two: Curator
) -> None:
    taken = [one.take_down(listed.a.open, phone=number).json() for number in (OLD_DIALLED, OTHER_DIALLED)]
    proposal_id = propose(listed, email="office@example.org")
    assert one.ring(proposal_id).status_code == 200
    for person in (one, two):
        assert person.put_back(taken[1]["id"]).status_code == 200
    refused = two.decide(proposal_id, "approve")
    assert_private_problem(listed.client.app, refused, 409, "conflict")
    one.ring(proposal_id, number=OTHER_DIALLED)
    assert two.decide(proposal_id, "approve").status_code == 200
