"""What a provider wants changed: kept beside the record, checked like a publication, and public only when approved."""

from typing import Any

import pytest

from tests.api.checks import assert_private_problem
from tests.providing import Provided, new_key


def path(sides: Provided, key: str = "open") -> str:
    return f"/v1/provider/services/{sides.a.services[key]}/proposals"


def test_a_new_number_is_kept_and_the_public_goes_on_seeing_the_old_one(sides: Provided) -> None:
    before = sides.client.get(f"/v1/services/{sides.a.open}").content
    new = {"phones": [{"number": "0121 496 0123"}], "description": "Somebody who listens on Sundays."}

    answer = sides.ask("POST", path(sides), {"changes": new, "note": "From Monday."})

    assert answer.status_code == 202
    found = answer.json()
    assert found["old"] == {"phones": [], "description": "Somebody who listens."}
    assert found["new"]["phones"][0]["number"] == "0121 496 0123"
    assert (found["state"], found["note"]) == ("waiting", "From Monday.")
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").content == before
    listed = sides.ask("GET", path(sides)).json()
    assert (listed["results"], listed["total"], listed["next"]) == ([found], 1, None)


def test_what_may_be_missing_is_taken_away_with_null(sides: Provided) -> None:
    answer = sides.ask("POST", path(sides), {"changes": {"url": None, "anonymous_contact": None}})
    assert answer.json()["new"] == {"url": None, "anonymous_contact": None}


@pytest.mark.parametrize(
    ("pointer", "changes"),
    [
        ("/changes", {}),
        ("/changes/name", {"name": None}),
        ("/changes/name", {"name": "x\u202e"}),
        ("/changes/description", {"description": 5}),
        ("/changes/anonymous_contact", {"anonymous_contact": "true"}),
        ("/changes/url", {"url": "javascript:alert(1)"}),
        ("/changes/phones/0/number", {"phones": [{"number": "12"}]}),
        ("/changes/needs/0", {"needs": ["no_such_need"]}),
        ("/changes/coverage/areas/0", {"coverage": {"areas": ["E99999999"]}}),
        ("/changes/eligibility/maximum_age", {"eligibility": {"minimum_age": 40, "maximum_age": 18}}),
        ("/changes/languages/1", {"languages": ["sqi", "sqi"]}),
    ],
)
def test_what_could_not_be_published_is_refused_by_name(
    refusing: Provided, pointer: str, changes: dict[str, Any]
) -> None:
    before = refusing.stored()
    answer = refusing.ask("POST", path(refusing), {"changes": changes})
    problem = assert_private_problem(refusing.client.app, answer, 422, "validation")
    assert pointer in [one.pointer for one in problem.errors]
    assert refusing.stored() == before


@pytest.mark.parametrize(
    "member", ["confidential", "host_area", "key", "assurance", "record_state", "capacity"]
)
def test_what_is_not_a_providers_to_propose_is_not_offered(refusing: Provided, member: str) -> None:
    answer = refusing.ask("POST", path(refusing), {"changes": {member: "full"}})
    assert_private_problem(refusing.client.app, answer, 422, "unknown-member")


LOCATING: dict[str, Any] = {
    "/changes/description": {"description": "We are at 14 Hawthorn Road, B69 3DE."},
    "/changes/phones/0/number": {"phones": [{"number": "0121 496 0123"}]},
    "/changes/counts_public": {"counts_public": True},
    "/changes/coverage/postcode_districts": {"coverage": {"postcode_districts": ["B69"]}},
    "/changes/coverage/areas/0": {"coverage": {"areas": ["E08000028"]}},
    "/changes/url": {"url": "https://maps.app.goo.gl/abcdefgh"},
}


@pytest.mark.parametrize("pointer", LOCATING)
def test_what_would_find_a_refuge_is_refused_and_not_stored(refusing: Provided, pointer: str) -> None:
    before = refusing.stored()
    answer = refusing.ask(
        "POST", path(refusing, "refuge"), {"changes": LOCATING[pointer]}, Idempotency_Key=new_key()
    )
    problem = assert_private_problem(refusing.client.app, answer, 422, "confidential-fact")
    assert {one.pointer for one in problem.errors} == {pointer}
    assert refusing.stored() == before


def test_a_sibling_of_a_refuge_and_a_note_are_read_as_well(refusing: Provided) -> None:
    before = refusing.stored()
    address = "The house is next door to 14 Hawthorn Road."
    in_text = refusing.ask("POST", path(refusing), {"changes": {"description": address}})
    in_note = refusing.ask(
        "POST", path(refusing, "refuge"), {"changes": {"name": "Example house"}, "note": address}
    )
    for answer, pointer in ((in_text, "/changes/description"), (in_note, "/note")):
        problem = assert_private_problem(refusing.client.app, answer, 422, "confidential-fact")
        assert pointer in [one.pointer for one in problem.errors]
    assert refusing.stored() == before


def test_a_refuge_proposes_what_leads_nowhere(sides: Provided) -> None:
    changes = {"description": "A house with room for families.", "phones": [{"number": "0808 157 0000"}]}
    assert sides.ask("POST", path(sides, "refuge"), {"changes": changes}).status_code == 202


def test_sent_again_it_is_one_proposal(sides: Provided) -> None:
    key, body = new_key(), {"changes": {"name": "Example house"}}
    first, again = (sides.ask("POST", path(sides), body, Idempotency_Key=key) for _ in range(2))
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert sides.ask("GET", path(sides)).json()["total"] == 1
