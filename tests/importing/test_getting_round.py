"""What takes two people, or was taken out, cannot be had by one in another order of steps or in parts."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_json

from app.access.people import add_person
from app.curation.curated import curated_service
from app.curation.editing import edit_service
from app.curation.lifecycle import put_into_state, take_step
from app.curation.taking_down import Part, Why, take_down
from app.errors import Conflict, PreconditionFailed
from app.importing.receiving import Received, Reception
from app.importing.staging import ImportOptions
from app.models.curation import ApprovalRequest
from tests.factories import (
    INVENTED,
    NOW,
    contents,
    count,
    make_organization,
    make_refuge,
    make_service,
)
from tests.importing.sending import SOURCE, Desk
from tests.importing.test_applying import SERVICE, many, state_of
from tests.importing.test_difference import said
from tests.providing import act_of_the_host

NUMBER, ANOTHER = [{"number": "0121 496 0001"}], [{"number": "0121 496 0099"}]
PLACE = {
    "key": "office", "name": "Zebra Lodge", "address_1": "17 Quagga Street", "city": "Okapi", "postal_code": "B1 1BB",
}  # fmt: skip


def put(desk: Desk, state: str, service_id: UUID = SERVICE) -> None:
    with desk.database.write() as session:
        record = curated_service(session, service_id, lock=True)
        put_into_state(session, record, state, desk.publication(session))


def of_new_service(**service: Any) -> Any:
    """The known organization with one service more."""
    return said().model_copy(update={"services": (make_service("another", **service),)})


def of_organization(phones: Any) -> Any:
    return make_organization(phones=phones).phones


def tripped(desk: Desk, *submissions: Any, **named: Any) -> list[str]:
    found: list[str] = json.loads(desk.apply(desk.send(*submissions, **named)).tripwires or "[]")
    return found


def test_a_contact_of_a_paused_record_takes_two(desk: Desk) -> None:
    """Paused, changed and resumed by one person it would be public."""
    desk.bring_in(*many(6, phones=NUMBER), publishes_new=True)
    put(desk, "paused")
    assert tripped(desk, said({"phones": ANOTHER})) == ["contact"]
    assert tripped(desk, said(phones=of_organization(ANOTHER))) == ["contact"]


def test_what_is_changed_while_it_awaits_approval_is_a_draft_again(desk: Desk) -> None:
    desk.bring_in(*many(6, phones=NUMBER))
    with desk.database.write() as session:
        sender = add_person(session, "Example Sender", act_of_the_host(NOW)).id
        record = curated_service(session, SERVICE, lock=True)
        take_step(session, record, "send_for_approval", person=sender, publication=desk.publication(session))
    batch = desk.apply(desk.send(said({"phones": ANOTHER})))
    assert (batch.state, state_of(desk)) == ("applied", "draft")
    assert count(desk.database, "approval_request") == 0

    with desk.database.write() as session:
        record = curated_service(session, SERVICE, lock=True)
        take_step(session, record, "send_for_approval", person=sender, publication=desk.publication(session))
    assert desk.undo(batch).state == "undone"
    assert state_of(desk) == "draft"
    with desk.database.read() as session:
        assert session.get(ApprovalRequest, SERVICE) is None


def test_contacts_of_an_organization_with_something_to_approve_take_two(desk: Desk) -> None:
    desk.bring_in(*many(6))
    assert tripped(desk, said(phones=of_organization(NUMBER))) == []
    put(desk, "awaiting_approval")
    assert tripped(desk, said(phones=of_organization(ANOTHER))) == ["contact"]


@pytest.mark.parametrize("publishes_new", [False, True])
def test_an_undo_brings_back_nothing_that_was_archived_since(desk: Desk, publishes_new: bool) -> None:
    desk.bring_in(*many(6), publishes_new=publishes_new)
    batch = desk.apply(desk.send(said({"description": "Somebody else."})))
    put(desk, "archived")
    before = contents(desk.database)
    with pytest.raises(Conflict):
        desk.undo(batch)
    assert contents(desk.database) == before
    assert state_of(desk) == "archived"


@pytest.mark.parametrize("since", ["awaiting_approval", "published", "paused"])
def test_an_undo_brings_back_nothing_that_was_a_draft_into_what_another_has_approved(
    desk: Desk, since: str
) -> None:
    desk.bring_in(*many(6))
    batch = desk.apply(desk.send(said({"description": "What the other person has read."})))
    put(desk, since)
    before = contents(desk.database)
    with pytest.raises(Conflict):
        desk.undo(batch)
    assert contents(desk.database) == before


@pytest.mark.parametrize("since", ["awaiting_approval", "published", "paused"])
def test_an_undo_brings_back_no_contact_beside_a_service_that_another_has_approved(
    desk: Desk, since: str
) -> None:
    desk.bring_in(*many(6))
    desk.bring_in(said(phones=of_organization(ANOTHER)))
    batch = desk.apply(desk.send(said(phones=of_organization(NUMBER))))
    put(desk, since)
    before = contents(desk.database)
    with pytest.raises(Conflict):
        desk.undo(batch)
    assert contents(desk.database) == before


def test_an_undo_takes_back_the_contact_of_an_organization_of_which_nothing_else_is_known(desk: Desk) -> None:
    desk.bring_in(*many(6))
    desk.bring_in(said(phones=of_organization(ANOTHER)))
    before = contents(desk.database)["phone"]
    batch = desk.apply(desk.send(quietly_new(phones=of_organization(NUMBER)), publishes_new=True))
    if batch.state != "applied":
        batch = desk.approve(batch)
    assert desk.undo(batch).state == "undone"
    assert contents(desk.database)["phone"] == before


def test_a_file_in_parts_is_as_much_as_the_whole(desk: Desk) -> None:
    desk.bring_in(*many(6))
    parts = [said({"key": f"service-{n}", "description": "New."}, key=f"party-{n}") for n in range(4)]
    assert [tripped(desk, one) for one in parts[:2]] == [[], []]
    assert tripped(desk, parts[2]) == ["many-changes"]
    # The same records again are no more than they were.
    again = said({"key": "service-1", "description": "Newer."}, key="party-1")
    assert tripped(desk, again) == []


def test_a_public_office_beside_a_refuge_takes_two(desk: Desk) -> None:
    desk.bring_in(make_organization(make_service(), make_refuge()), publishes_new=True)
    office = of_new_service(locations=[PLACE | {"is_public_office": True}])
    assert tripped(desk, office, publishes_new=True) == ["confidentiality"]


def test_what_was_archived_while_it_was_down_comes_back_as_a_draft(desk: Desk) -> None:
    """Paused, it would be public when it is put back, with a number that nobody approved."""
    desk.bring_in(*many(6, phones=NUMBER), publishes_new=True)
    with desk.database.write() as session:
        why = Why("wrong_contact", None, "tester")
        take_down(session, SERVICE, Part(), why=why, publication=desk.publication(session))
    put(desk, "archived")
    batch = desk.send(said({"phones": ANOTHER}))
    named = [one.id for one in desk.records(batch) if one.kind != "missing"]
    # It was public: what people ring changes with two people, also where it comes back as a draft.
    batch = desk.apply(batch, only=named)
    assert json.loads(batch.tripwires or "[]") == ["contact"]
    assert desk.approve(batch).state == "applied"
    assert state_of(desk) == "draft"


def quietly_new(**organization: Any) -> Any:
    """The known organization with one service more, by which nobody can be reached."""
    return said(**organization).model_copy(update={"services": (make_service("another"),)})


def reached_by(desk: Desk, batch: Any) -> dict[str, Any]:
    """What the difference of the organization says of its contacts."""
    (record,) = (
        one for one in desk.records(batch) if one.record_type == "organization" and one.kind == "changed"
    )
    return {one["pointer"]: one["new"] for one in json.loads(record.changes) if one["is_contact"]}


@pytest.mark.parametrize("file_says", [False, True])
def test_an_organization_that_becomes_public_takes_two_who_see_its_contacts(
    desk: Desk, file_says: bool
) -> None:
    """Whoever brings in a service without any contact brings in its organization's with it, in the file or not."""
    desk.bring_in(*many(6))
    desk.bring_in(said(phones=of_organization(NUMBER)))
    of_file = {"phones": of_organization(ANOTHER)} if file_says else {}
    batch = desk.send(quietly_new(**of_file), publishes_new=True)
    wanted = (ANOTHER if file_says else NUMBER)[0]["number"]
    assert reached_by(desk, batch)["/phones/0/number"] == wanted
    service = [one.id for one in desk.records(batch) if one.record_type == "service" and one.kind == "added"]
    alone = desk.apply(batch, only=service)
    assert json.loads(alone.tripwires or "[]") == ["contact"]
    assert desk.approve(alone).state == "applied"


def test_an_organization_that_was_public_is_not_brought_back_by_one(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    desk.bring_in(said(phones=of_organization(NUMBER)))
    put(desk, "archived")
    assert tripped(desk, said(phones=of_organization(ANOTHER))) == ["contact"]
    assert tripped(desk, quietly_new(), publishes_new=True) == ["contact"]
    # As drafts nothing of it is public.
    assert tripped(desk, quietly_new()) == []


def test_an_office_marked_while_nothing_was_public_takes_two_to_show(desk: Desk) -> None:
    desk.bring_in(*many(6), make_organization(make_refuge(), key="party-r"))
    marked = [{"number": "0121 496 0333", "is_public_office": True}]
    batch = desk.apply(desk.send(said(key="party-r", phones=of_organization(marked))))
    assert json.loads(batch.tripwires or "[]") == ["confidentiality"]
    desk.approve(batch)
    beside = quietly_new(key="party-r")
    assert tripped(desk, beside, publishes_new=True) == ["contact", "confidentiality"]


def test_a_draft_that_has_been_public_meanwhile_is_not_what_was_shown(desk: Desk) -> None:
    desk.bring_in(*many(6, phones=NUMBER))
    batch = desk.send(said({"phones": ANOTHER}))
    for state in ("published", "archived", "draft"):
        put(desk, state)
    with pytest.raises(PreconditionFailed):
        desk.apply(batch)


@pytest.mark.parametrize(
    "service",
    [
        {"description": "Beds tonight for anyone. Ring 0121 496 0178."},
        {"description": "Write to help@safe-now.example.org."},
        {"name": "Text HELP to 81234"},
        {"eligibility": {"description": "Anyone: see www.example.org"}},
    ],
)
def test_a_contact_in_a_text_of_what_is_new_takes_two(desk: Desk, service: Any) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    assert tripped(desk, of_new_service(**service), publishes_new=True) == ["contact"]
    assert tripped(desk, of_new_service(**service)) == []
    new_party = make_organization(make_service("alone"), key="alone", description="Ring 0121 496 0178.")
    assert tripped(desk, new_party, publishes_new=True) == ["contact"]


def test_a_contact_in_a_text_that_comes_out_of_the_archive_takes_two(desk: Desk) -> None:
    desk.bring_in(*many(6))
    desk.bring_in(said({"description": "Ring 0121 496 0178."}))
    put(desk, "archived")
    batch = desk.send(said({"fees_description": "Free."}), publishes_new=True)
    named = [one.id for one in desk.records(batch) if one.record_type == "service" and one.kind == "changed"]
    assert json.loads(desk.apply(batch, only=named).tripwires or "[]") == ["contact"]


def test_nobody_has_confirmed_anything_tomorrow(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    source = INVENTED | {"mark": "confirmed"}
    today, tomorrow = source | {"confirmed_on": "2026-11-24"}, source | {"confirmed_on": "2026-11-25"}
    assert desk.send(said({"assurance": [tomorrow]})).state == "refused"
    assert desk.send(said({"assurance": [today]})).state == "checked"


def test_a_file_that_is_sent_again_is_compared_with_what_is_stored_now(desk: Desk) -> None:
    """An edit of a draft publishes nothing: the counter by which the same import is known does not move."""
    desk.bring_in(*many(6))
    content = to_json([make_organization(make_service(name="Another name")).model_dump(mode="json")])
    reception = Reception(desk.database, desk.gazetteer, demonstration=True)

    def receive() -> Received:
        return reception.receive(content, ImportOptions(SOURCE), mapping=None, act=act_of_the_host(NOW))

    first, again = receive(), receive()
    assert (first.is_new, again.is_new) == (True, False)
    with desk.database.write() as session:
        publication = desk.publication(session)
        edit_service(
            session, SERVICE, lambda now: now.model_copy(update={"description": "New."}), publication
        )
    with pytest.raises(PreconditionFailed):
        desk.apply(first.batch)
    third = receive()
    assert third.is_new
    assert desk.apply(third.batch).state == "applied"


def test_what_was_left_out_can_be_applied_by_sending_the_file_again(desk: Desk) -> None:
    content = to_json([one.model_dump(mode="json") for one in many(6)])
    reception = Reception(desk.database, desk.gazetteer, demonstration=True)

    def receive(minute: int) -> Received:
        act = act_of_the_host(NOW + timedelta(minutes=minute))
        return reception.receive(content, ImportOptions(SOURCE), mapping=None, act=act)

    first = receive(0)
    last = [one.id for one in desk.records(first.batch)][-2:]
    assert desk.apply(first.batch, leave=last).state == "applied"
    second = receive(1)
    assert second.is_new
    assert len(desk.records(second.batch)) == len(last)
    assert desk.apply(second.batch).state == "applied"
    # Now there is nothing left of it.
    assert not receive(2).is_new
