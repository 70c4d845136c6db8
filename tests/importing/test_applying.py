"""Applying an import, with two people where it matters, and taking it back."""

import json
from contextlib import nullcontext
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from app.curation.flagging import HostArea, flag_confidential
from app.curation.publishing import publish, source_uuid
from app.errors import Conflict, PreconditionFailed, ValidationFailed
from app.importing.applying import apply_import
from app.importing.reading import parse
from app.importing.selecting import Selection
from app.importing.staging import APPLIED_LIFE, STAGED_LIFE, clear, clear_expired
from app.models.imports import ImportBatch, ImportRecord
from app.models.organizations import Organization
from app.models.services import Phone, Service
from tests.curation.test_publishing import EVERYTHING
from tests.factories import (
    WEST_MIDLANDS_POLICE,
    contents,
    count,
    make_organization,
    make_refuge,
    make_service,
)
from tests.importing.sending import SOURCE, Desk, parsed_file
from tests.importing.sheets import words
from tests.importing.test_difference import said

SERVICE = source_uuid(SOURCE, "service/example-service")


def state_of(desk: Desk, service_id: UUID = SERVICE) -> str:
    with desk.database.read() as session:
        return session.get_one(Service, service_id).record_state


def directory(desk: Desk) -> dict[str, list[str]]:
    """Everything but the book-keeping of imports."""
    return {table: rows for table, rows in contents(desk.database).items() if not table.startswith("import_")}


def many(number: int, **last: Any) -> list[Any]:
    """So many organizations that one of them is no more than a fifth; the last one's service as said."""
    services = [make_service(f"service-{one}") for one in range(number - 1)]
    parties = [
        make_organization(service, key=f"party-{n}", name=f"Example {n}")
        for n, service in enumerate(services)
    ]
    return [*parties, make_organization(make_service(**last))]


def test_new_services_come_in_as_drafts(desk: Desk) -> None:
    assert desk.bring_in(make_organization()).state == "applied"
    assert state_of(desk) == "draft"
    assert count(desk.database, "revision") == count(desk.database, "change") == 0


def test_new_services_are_published_when_that_is_asked_for(desk: Desk) -> None:
    desk.bring_in(make_organization(), publishes_new=True)
    assert state_of(desk) == "published"
    assert count(desk.database, "change") == 2


def test_a_change_keeps_the_state_and_every_other_field(desk: Desk) -> None:
    desk.bring_in(*many(6, **EVERYTHING), publishes_new=True)
    before = directory(desk)
    batch = desk.bring_in(said({"description": "Somebody else."}))
    assert (batch.state, batch.tripwires) == ("applied", None)
    after = directory(desk)
    assert {table for table in after if after[table] != before[table]} == {
        "service", "revision", "change", "directory_revision",
    }  # fmt: skip


def test_ids_of_refuges_are_random_and_stay(desk: Desk) -> None:
    desk.bring_in(make_organization(make_refuge()))
    with desk.database.read() as session:
        (found,) = session.exec(select(Service))
        assert found.id != source_uuid(SOURCE, "service/example-refuge")
        (owner,) = session.exec(select(Organization))
        assert owner.id != source_uuid(SOURCE, "organization/example-organization")
    desk.bring_in(said({"key": "example-refuge", "description": "Staffed rooms."}))
    with desk.database.read() as session:
        assert session.exec(select(Service.id)).one() == found.id


TRIPPING: dict[str, tuple[dict[str, Any], str]] = {
    "another number": ({"phones": [{"number": "0121 496 0099"}]}, "contact"),
    "another page": ({"url": "https://example.org/other"}, "contact"),
    "another number on a route": (
        {"routes": [{"key": "ring", "name": "Ring", "channel": "phone", "phone": "0121 496 0098"}]},
        "contact",
    ),
    "a number in the words": ({"description": "Ring 0121 496 0097."}, "contact"),
    "the end of a service": ({"status": "defunct"}, "defunct"),
    "what is a public office": (
        {"phones": [{"number": "0121 496 0001", "is_public_office": True}]},
        "confidentiality",
    ),
}


def test_a_public_office_that_moves_waits_for_another_person(desk: Desk) -> None:
    office = {
        "key": "hall", "name": "Example Hall", "address_1": "1 Example Street", "postal_code": "B1 1BB",
        "is_public_office": True,
    }  # fmt: skip
    desk.bring_in(*many(6, locations=[office]), publishes_new=True)
    batch = desk.apply(desk.send(said({"locations": [office | {"address_1": "2 Example Street"}]})))
    assert json.loads(batch.tripwires or "[]") == ["confidentiality"]


@pytest.mark.parametrize("case", TRIPPING)
def test_what_trips_waits_for_another_person(desk: Desk, case: str) -> None:
    changed, tripwire = TRIPPING[case]
    desk.bring_in(*many(6, phones=[{"number": "0121 496 0001"}]), publishes_new=True)
    before = directory(desk)
    batch = desk.apply(desk.send(said(changed)))
    assert batch.state == "awaiting_second_person"
    assert tripwire in json.loads(batch.tripwires or "[]")
    assert directory(desk) == before

    for nobody in (
        desk.first,
        type(desk.first)("curator", "anotherkey00", desk.first.scopes, person_id=desk.first.person_id),
    ):
        with pytest.raises(Conflict):
            desk.approve(batch, nobody)
    assert directory(desk) == before

    assert desk.approve(batch).state == "applied"
    assert directory(desk) != before


def test_many_changes_trip(desk: Desk) -> None:
    desk.bring_in(*many(4))
    two = [
        said({"key": "service-0", "description": "New."}, key="party-0"),
        said({"key": "service-1", "description": "New."}, key="party-1"),
    ]
    batch = desk.apply(desk.send(*two))
    assert json.loads(batch.tripwires or "[]") == ["many-changes"]
    assert desk.apply(desk.send(two[0])).state == "applied"


def test_contacts_of_a_draft_are_one_persons_business(desk: Desk) -> None:
    desk.bring_in(*many(6))
    assert desk.apply(desk.send(said({"phones": [{"number": "0121 496 0099"}]}))).state == "applied"


def test_new_contacts_become_public_with_two_people(desk: Desk) -> None:
    new = make_organization(make_service(phones=[{"number": "0121 496 0001"}]))
    assert desk.apply(desk.send(new)).state == "applied"
    other = make_organization(make_service("b", phones=[{"number": "0121 496 0001"}]), key="b", name="B")
    assert desk.apply(desk.send(other, publishes_new=True)).state == "awaiting_second_person"


def test_the_database_itself_wants_two_people(desk: Desk) -> None:
    batch = desk.send(make_organization())
    for values in (
        {"tripwires": '["contact"]', "state": "applied", "applied_at": desk.now},
        {
            "requested_by": "a",
            "requested_at": desk.now,
            "requested_person_id": desk.first.person_id,
            "approved_by": "b",
            "approved_person_id": desk.first.person_id,
        },
        {"approved_by": "b"},
        {"state": "awaiting_second_person"},
    ):
        with pytest.raises(IntegrityError), desk.database.write() as session:
            session.exec(update(ImportBatch).where(col(ImportBatch.id) == batch.id).values(**values))


def test_only_what_is_ticked_is_applied(desk: Desk) -> None:
    batch = desk.send(
        make_organization(make_service("one"), make_service("two")),
        make_organization(make_service("three"), key="other"),
    )
    by_key = {row.key: row.id for row in desk.records(batch)}
    with pytest.raises(ValidationFailed) as refused:
        desk.apply(batch, only=[by_key["three"]])
    assert [one.pointer for one in refused.value.errors] == ["/only/0"]
    desk.apply(batch, only=[by_key["example-organization"], by_key["one"]])
    with desk.database.read() as session:
        assert session.exec(select(Service.source_id)).all() == ["one"]


def test_an_import_of_nothing_is_refused_and_can_still_be_applied(desk: Desk) -> None:
    batch = desk.send(make_organization())
    everything = [row.id for row in desk.records(batch)]
    for named, pointer in (({"only": []}, "/only"), ({"leave": everything}, "/except")):
        with pytest.raises(ValidationFailed) as refused:
            desk.apply(batch, **named)
        assert [one.pointer for one in refused.value.errors] == [pointer]
    assert desk.apply(batch).state == "applied"
    assert count(desk.database, "service") == 1


def test_what_is_left_out_takes_its_services_with_it(desk: Desk) -> None:
    batch = desk.send(
        make_organization(make_service("one")), make_organization(make_service("two"), key="other")
    )
    by_key = {row.key: row.id for row in desk.records(batch)}
    desk.apply(batch, leave=[by_key["other"]])
    with desk.database.read() as session:
        assert session.exec(select(Service.source_id)).all() == ["one"]


def test_ids_of_no_record_are_refused(desk: Desk) -> None:
    batch = desk.send(make_organization())
    with pytest.raises(ValidationFailed):
        desk.apply(batch, only=[uuid4()])
    with pytest.raises(ValidationFailed):
        desk.apply(batch, leave=[uuid4()])


def test_a_conflict_is_left_alone_unless_it_is_named(desk: Desk) -> None:
    desk.bring_in(make_organization(make_service("theirs"), key="theirs", name="Example Trust"), source="A")
    batch = desk.send(make_organization(make_service("mine"), key="mine", name="Example Trust"))
    assert desk.apply(batch).state == "applied"
    assert count(desk.database, "service") == 1
    again = desk.send(make_organization(make_service("mine"), key="mine", name="Example Trust"))
    desk.apply(again, only=[row.id for row in desk.records(again) if row.kind == "added"])
    assert count(desk.database, "service") == 2


def test_a_moved_base_is_412_and_nothing_is_applied(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    batch = desk.send(said({"description": "From the sheet."}))
    with desk.database.write() as session:
        publish(session, [make_organization(make_service(description="By hand."))], desk.publication(session))
    before = directory(desk)
    with pytest.raises(PreconditionFailed):
        desk.apply(batch)
    assert directory(desk) == before


def test_a_record_that_came_meanwhile_is_412(desk: Desk) -> None:
    batch = desk.send(make_organization())
    desk.bring_in(make_organization(make_service(description="Sooner.")))
    with pytest.raises(PreconditionFailed):
        desk.apply(batch)


def test_another_digest_than_the_one_shown_is_412(desk: Desk) -> None:
    batch = desk.send(make_organization())
    with pytest.raises(PreconditionFailed), desk.database.write() as session:
        apply_import(
            session,
            batch.id,
            digest="0" * 64,
            selection=Selection(),
            by=desk.first,
            publication=desk.publication(session),
        )


def test_applied_twice_it_is_applied_once(desk: Desk) -> None:
    batch = desk.apply(desk.send(make_organization()))
    before = contents(desk.database)
    assert desk.apply(batch).id == batch.id
    assert contents(desk.database) == before


def test_flagging_by_an_import_forgets_and_needs_two(desk: Desk) -> None:
    street = "14 Hawthorn Road"
    place = {"key": "house", "name": "The house", "address_1": street, "postal_code": "B1 1BB"}
    desk.bring_in(
        *many(6, description="A house.", locations=[place], phones=[{"number": "0121 496 0001"}]),
        publishes_new=True,
    )
    flagged = make_organization(
        make_refuge(
            "example-service", phones=[{"number": "0808 157 0001"}], locations=[], description="Rooms."
        )
    )
    batch = desk.apply(desk.send(flagged))
    assert "confidentiality" in json.loads(batch.tripwires or "[]")
    done = desk.approve(batch)
    assert json.loads(done.counts)["flagged"] == 1
    with desk.database.read() as session:
        found = session.exec(select(Service).where(Service.source_id == "example-service")).one()
        assert found.confidential
        assert found.id != SERVICE
    assert not [row for rows in contents(desk.database).values() for row in rows if street in row]
    assert [one for one in desk.check(parsed_file(flagged)).records if one.kind != "missing"] == []


@pytest.mark.parametrize(
    "places", [{}, {"locations": []}, {"locations": [{"key": "x", "name": "The house"}]}]
)
def test_a_file_makes_a_service_with_a_place_confidential(desk: Desk, places: dict[str, Any]) -> None:
    """Read as it comes: the places that are stored go, whether the file empties them, names them or is silent of them."""
    street = "14 Hawthorn Road"
    place = {"key": "house", "name": "The house", "address_1": street, "postal_code": "B1 1BB"}
    stored = {
        "locations": [place],
        "phones": [{"number": "0121 496 0001"}, {"number": "0808 157 0001"}],
        "routes": [{"key": "in", "name": "Walk in", "channel": "walk_in"}],
        "reach": "site",
    }
    desk.bring_in(*many(6, **stored), publishes_new=True)
    service: dict[str, Any] = {"key": "example-service", "confidential": True, "host_area": WEST_MIDLANDS_POLICE, "reach": "outreach_area",
               "coverage": {"areas": [WEST_MIDLANDS_POLICE]}} | places  # fmt: skip
    made = make_organization(make_service(**service)).model_dump(mode="json", exclude_unset=True)
    document = [made | {"services": [made["services"][0] | service]}]
    parsed = parse(json.dumps(document).encode(), words())
    assert (parsed.problems, desk.check(parsed).problems) == ((), [])

    batch = desk.apply(desk.send(*parsed.submissions))
    assert "confidentiality" in json.loads(batch.tripwires or "[]")
    assert json.loads(desk.approve(batch).counts)["flagged"] == 1
    with desk.database.read() as session:
        found = session.exec(select(Service).where(Service.source_id == "example-service")).one()
        assert (found.confidential, found.id != SERVICE) == (True, True)
        numbers = session.exec(select(Phone.number).where(Phone.service_id == found.id)).all()
    assert numbers == ["0808 157 0001"]
    assert not [row for rows in contents(desk.database).values() for row in rows if street in row]


def test_flagging_by_hand_forgets_what_is_staged(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    batch = desk.send(said({"description": "Behind 14 Hawthorn Road."}))
    assert any("Hawthorn" in row for row in contents(desk.database)["import_record"])
    with desk.database.write() as session:
        flag_confidential(
            session,
            SERVICE,
            host_area=HostArea(WEST_MIDLANDS_POLICE, (WEST_MIDLANDS_POLICE,)),
            publication=desk.publication(session),
        )
    assert not any("Hawthorn" in row for row in contents(desk.database)["import_record"])
    before = directory(desk)
    with pytest.raises(PreconditionFailed) as refused:
        desk.apply(batch)
    assert "1 of the records were forgotten" in (refused.value.detail or "")
    assert "send the file again" in (refused.value.detail or "")
    assert directory(desk) == before


def flag_one_of(desk: Desk, key: str, within: Session | None = None) -> None:
    """Without `within`, a session of somebody else's, it is committed."""
    with nullcontext(within) if within is not None else desk.database.write() as session:
        flag_confidential(
            session,
            session.exec(select(Service.id).where(Service.source_id == key)).one(),
            host_area=HostArea(WEST_MIDLANDS_POLICE, (WEST_MIDLANDS_POLICE,)),
            publication=desk.publication(session),
        )


def test_what_flagging_has_forgotten_is_not_called_undone(desk: Desk) -> None:
    """The wrong text would stay public, with nobody looking for it."""
    beside = make_service("beside")
    whole = make_organization(make_service(), beside)
    desk.bring_in(*many(6)[:5], whole, publishes_new=True)
    wrong = said({"description": "Wrong."})
    of_another = said({"key": "service-0", "description": "Wrong."}, key="party-0")
    batch = desk.bring_in(wrong, of_another)
    flag_one_of(desk, "beside")
    before = directory(desk)
    with pytest.raises(Conflict) as refused:
        desk.undo(batch)
    assert (refused.value.detail or "").startswith(
        "Of 2 records that the import wrote, 1 cannot be taken back"
    )
    assert directory(desk) == before


def test_what_an_import_has_flagged_itself_does_not_keep_the_rest_from_being_undone(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    house = make_organization(make_refuge("example-service"))
    batch = desk.bring_in(house, said({"key": "service-0", "description": "Wrong."}, key="party-0"))
    counts = json.loads(batch.counts)
    assert (counts["applied"], counts["flagged"], counts["forgotten"]) == (2, 1, 1)
    assert desk.undo(batch).state == "undone"
    with desk.database.read() as session:
        found = dict(session.exec(select(Service.source_id, Service.description)).all())
        assert found["service-0"] == make_service().description


def test_what_only_flagged_has_nothing_to_undo(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    batch = desk.bring_in(make_organization(make_refuge("example-service")))
    with pytest.raises(Conflict) as refused:
        desk.undo(batch)
    assert (refused.value.detail or "").startswith(
        "Of 1 records that the import wrote, 1 cannot be taken back"
    )


def test_an_undo_brings_back_every_field(desk: Desk) -> None:
    desk.bring_in(*many(6, **EVERYTHING), publishes_new=True)
    before = {
        table: rows
        for table, rows in directory(desk).items()
        if table not in ("revision", "change", "directory_revision", "service", "organization")
    }
    batch = desk.bring_in(
        said(
            {
                "description": "Wrong.",
                "phones": [],
                "routes": [],
                "locations": [],
                "languages": [],
                "hours": [],
            }
        ),
    )
    desk.undo(batch)
    after = {table: rows for table, rows in directory(desk).items() if table in before}
    assert after == before
    with desk.database.read() as session:
        assert session.get_one(Service, SERVICE).description == make_service(**EVERYTHING).description


def test_an_undo_archives_what_was_added(desk: Desk) -> None:
    batch = desk.bring_in(make_organization(), publishes_new=True)
    assert desk.undo(batch).state == "undone"
    assert state_of(desk) == "archived"
    assert desk.undo(batch).state == "undone"


def test_an_undo_is_refused_with_the_list_when_somebody_has_edited_since(desk: Desk) -> None:
    desk.bring_in(*many(6), publishes_new=True)
    batch = desk.bring_in(said({"description": "From the sheet."}))
    with desk.database.write() as session:
        publish(session, [make_organization(make_service(description="By hand."))], desk.publication(session))
    before = contents(desk.database)
    with pytest.raises(Conflict) as refused:
        desk.undo(batch)
    (row,) = [row for row in desk.records(batch) if row.kind == "changed"]
    assert [one.pointer for one in refused.value.errors] == [f"/records/{row.id}"]
    assert contents(desk.database) == before


def test_an_archived_service_comes_back_only_when_named(desk: Desk) -> None:
    desk.bring_in(make_organization())
    with desk.database.write() as session:
        session.get_one(Service, SERVICE).record_state = "archived"
    batch = desk.send(make_organization(make_service(description="Again.")))
    desk.apply(batch)
    assert state_of(desk) == "archived"
    again = desk.send(make_organization(make_service(description="Again.")))
    done = desk.apply(again, only=[row.id for row in desk.records(again) if row.key == "example-service"])
    done = desk.approve(done) if done.state != "applied" else done
    assert state_of(desk) == "draft"
    desk.undo(done)
    assert state_of(desk) == "archived"


def test_staged_rows_go_with_their_time(desk: Desk) -> None:
    batch = desk.send(make_organization())
    with desk.database.write() as session:
        clear_expired(session, now=desk.now + STAGED_LIFE)
    assert count(desk.database, "import_record") == 0
    with desk.database.read() as session:
        assert session.get_one(ImportBatch, batch.id).state == "expired"
    with pytest.raises(Conflict):
        desk.apply(batch)


def test_a_server_clears_what_nobody_decided(desk: Desk) -> None:
    batch = desk.send(make_organization())
    clear(desk.database, lambda: desk.now)
    assert count(desk.database, "import_record") > 0
    clear(desk.database, lambda: desk.now + STAGED_LIFE)
    assert count(desk.database, "import_record") == 0
    with desk.database.read() as session:
        assert session.get_one(ImportBatch, batch.id).state == "expired"


def test_what_was_applied_can_be_undone_for_a_while(desk: Desk) -> None:
    batch = desk.bring_in(make_organization())
    with desk.database.write() as session:
        clear_expired(session, now=desk.now + STAGED_LIFE)
    assert count(desk.database, "import_record") > 0
    desk.now += APPLIED_LIFE
    with pytest.raises(Conflict):
        desk.undo(batch)
    with desk.database.write() as session:
        clear_expired(session, now=desk.now)
    with desk.database.read() as session:
        kept = session.exec(select(ImportRecord)).all()
    assert kept
    for row in kept:
        assert (row.proposed, row.before, row.changes, row.conflicts) == ("{}", None, "[]", "[]")
        assert row.after_digest is not None


def test_an_edit_is_a_conflict_long_after_the_import(desk: Desk) -> None:
    desk.bring_in(make_organization(make_service(description="As it was sent.")), publishes_new=True)
    desk.now += APPLIED_LIFE
    clear(desk.database, lambda: desk.now)
    with desk.database.write() as session:
        edited = make_organization(make_service(description="As a curator wrote it."))
        publish(session, [edited], desk.publication(session))
    checked = desk.check(parsed_file(make_organization(make_service(description="As it was sent."))))
    assert [one.code for record in checked.records for one in record.conflicts] == ["edited-since"]


def test_nothing_of_a_refused_file_is_kept(desk: Desk) -> None:
    street = "Hawthorn Road"
    batch = desk.send(make_organization(make_refuge(description=f"Behind 14 {street}.")))
    assert batch.state == "refused"
    assert count(desk.database, "import_problem") == 1
    assert not [row for rows in contents(desk.database).values() for row in rows if street in row]
    with pytest.raises(Conflict):
        desk.apply(batch)
