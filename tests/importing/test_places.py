"""A place has one row and one address: no other record moves it, no other name shows it again, flagging leaves no trace of it."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.curation.curated import curated_service
from app.curation.drafting import draft_service
from app.curation.flagging import HostArea, flag_confidential
from app.curation.taking_down import Part, Why, take_down
from app.directory.projection import project_service
from app.directory.records import PublicService
from app.directory.stored import load_organizations
from app.errors import ValidationFailed
from app.models.curation import Takedown
from app.models.imports import ImportRecord
from app.models.locations import Location
from tests.factories import (
    WEST_MIDLANDS_POLICE,
    contents,
    count,
    make_organization,
    make_refuge,
    make_service,
    real_areas,
)
from tests.importing.sending import Desk
from tests.importing.test_applying import SERVICE, many
from tests.importing.test_difference import said
from tests.importing.test_getting_round import ANOTHER, NUMBER, PLACE, of_new_service

HOST = HostArea(WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,))


def shown(desk: Desk, service_id: UUID = SERVICE) -> PublicService:
    with desk.database.read() as session:
        (of,) = load_organizations(session, [curated_service(session, service_id).organization_id])
        (one,) = (one for one in of.services if one.service.id == service_id)
        return project_service(one, of, real_areas()).record


@pytest.mark.parametrize("publishes_new", [False, True])
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"is_public_office": True}, id="marked a public office"),
        pytest.param({"address_1": "18 Quagga Street"}, id="another address"),
        pytest.param({"postal_code": "B4 7ET"}, id="another postcode"),
    ],
)
def test_a_new_service_changes_no_place_of_another(
    desk: Desk, changed: dict[str, Any], publishes_new: bool
) -> None:
    """A place has one row, which a draft that names its key would change for all who use it."""
    desk.bring_in(make_organization(make_service(locations=[PLACE]), make_refuge()), publishes_new=True)
    before = shown(desk)
    assert before.locations == ()
    batch = desk.send(of_new_service(locations=[PLACE | changed]), publishes_new=publishes_new)
    assert batch.state == "refused"
    assert shown(desk) == before
    # The same place, said in the same way, is no change of it.
    assert desk.bring_in(of_new_service(locations=[PLACE | {"postal_code": "b11bb"}])).state == "applied"
    assert shown(desk) == before


def test_no_way_in_takes_a_place_from_another_service(desk: Desk) -> None:
    desk.bring_in(make_organization(make_service(locations=[PLACE]), make_refuge()), publishes_new=True)
    before = contents(desk.database)
    draft = make_service("another", locations=[PLACE | {"is_public_office": True}])
    with desk.database.write() as session:
        organization_id = curated_service(session, SERVICE).organization_id
        publication = desk.publication(session)
        with pytest.raises(ValidationFailed) as refused:
            draft_service(session, organization_id, draft, publication)
    assert [one.pointer.rpartition("/services/")[2] for one in refused.value.errors] == ["2/locations/0"]
    assert contents(desk.database) == before


def staged_texts(desk: Desk) -> str:
    with desk.database.read() as session:
        rows = session.exec(select(ImportRecord)).all()
        return repr([(one.proposed, one.changes, one.conflicts, one.before) for one in rows])


SECRETS = ("Zebra", "Quagga", "0121 496 0001", "B1 1BB")


def flag(desk: Desk) -> None:
    with desk.database.write() as session:
        flag_confidential(session, SERVICE, host_area=HOST, publication=desk.publication(session))


def test_flagging_forgets_what_was_staged_before_the_organization_was_stored(desk: Desk) -> None:
    service = make_service(locations=[PLACE], phones=NUMBER)
    desk.send(make_organization(service))
    desk.bring_in(make_organization(service, description="Another."), publishes_new=True)
    assert all(secret in staged_texts(desk) for secret in SECRETS)
    flag(desk)
    assert not [secret for secret in SECRETS if secret in staged_texts(desk)]


def test_flagging_forgets_what_another_file_has_under_another_organization(desk: Desk) -> None:
    desk.bring_in(*many(2), publishes_new=True)
    moved = make_service(locations=[PLACE], phones=NUMBER)
    batch = desk.send(make_organization(moved, key="party-0", name="Example 0"))
    assert "other-organization" in staged_texts(desk)
    flag(desk)
    assert not [secret for secret in SECRETS if secret in staged_texts(desk)]
    assert {one.key for one in desk.records(batch)}.isdisjoint({"example-service"})


@pytest.mark.parametrize("applied", [False, True])
def test_flagging_forgets_what_other_sources_were_held_against(desk: Desk, applied: bool) -> None:
    desk.bring_in(make_organization(make_service(locations=[PLACE], phones=NUMBER)), publishes_new=True)
    elsewhere = make_service(locations=[PLACE | {"name": "Another name"}], phones=ANOTHER)
    batch = desk.send(make_organization(elsewhere), source="Another sheet")
    found = [one for one in desk.records(batch) if one.conflicts != "[]"]
    assert "Zebra" in found[-1].conflicts
    assert "0121 496 0001" in found[-1].conflicts
    if applied:
        desk.apply(batch, only=[one.id for one in desk.records(batch)])
    flag(desk)
    assert not [secret for secret in ("Zebra", "0121 496 0001") if secret in staged_texts(desk)]
    # What was applied can still be taken back.
    assert bool(desk.records(batch)) == applied


def take_place_down(desk: Desk) -> UUID:
    with desk.database.write() as session:
        place = session.exec(select(Location)).one().id
        why = Why("place_exposed", None, "tester")
        take_down(session, SERVICE, Part(location_id=place), why=why, publication=desk.publication(session))
    return place


def test_a_place_that_is_taken_down_comes_back_under_no_other_name(desk: Desk) -> None:
    desk.bring_in(*many(6, locations=[PLACE]), publishes_new=True)
    place = take_place_down(desk)
    again = PLACE | {"key": f"again-{place}", "name": "Zebra Lodge drop-in", "address_1": "17, Quagga St"}
    other = {
        "key": "other",
        "name": "Another office",
        "address_1": "1 Example Street",
        "postal_code": "B4 7ET",
    }
    assert desk.bring_in(said({"locations": [again, other]})).state == "applied"
    assert [one.name for one in shown(desk).locations] == ["Another office"]
    # Nor after a while without it.
    desk.bring_in(said({"locations": [other]}))
    desk.bring_in(said({"locations": [other, PLACE | {"key": "third"}]}))
    assert [one.name for one in shown(desk).locations] == ["Another office"]


@pytest.mark.parametrize("by_street", [False, True], ids=["postcode", "street"])
def test_a_place_that_is_taken_down_is_known_by_the_address_that_it_had(desk: Desk, by_street: bool) -> None:
    """Its row is given another address while it is down, and the old door comes back under another name."""
    place = {name: PLACE[name] for name in PLACE if not (by_street and name == "postal_code")}
    moved = place | {"address_1": "1 Example Street"} | ({} if by_street else {"postal_code": "B4 7ET"})
    desk.bring_in(*many(6, locations=[place]), publishes_new=True)
    take_place_down(desk)
    assert desk.bring_in(said({"locations": [moved]})).state == "applied"
    assert shown(desk).locations == ()
    old = place | {"key": "again", "name": "Zebra Lodge drop-in"}
    assert desk.bring_in(said({"locations": [moved, old]})).state == "applied"
    assert count(desk.database, "location") == 2
    assert shown(desk).locations == ()


@pytest.mark.parametrize(
    ("known_first", "said_again"),
    [
        ("whole", "street"),
        ("whole", "postcode"),
        ("whole", "street in short, other postcode"),
        ("street", "street"),
        ("street", "street in short, other postcode"),
    ],
)
def test_a_place_that_is_taken_down_is_known_by_either_half_of_its_address(
    desk: Desk, known_first: str, said_again: str
) -> None:
    """A file that has the street and no postcode, or the reverse, is one person's."""
    bare = {name: PLACE[name] for name in ("key", "name", "city")}
    street, postcode = {"address_1": PLACE["address_1"]}, {"postal_code": PLACE["postal_code"]}
    desk.bring_in(
        *many(6, locations=[PLACE if known_first == "whole" else bare | street]), publishes_new=True
    )
    take_place_down(desk)
    again = {
        "street": street,
        "postcode": postcode,
        "street in short, other postcode": {"address_1": "17, Quagga St.", "postal_code": "B4 7ET"},
    }[said_again]
    other = {"key": "again", "name": "Another name", **again}
    assert desk.bring_in(said({"locations": [other]})).state == "applied"
    assert shown(desk).locations == ()
    # Nor where its name says where it is.
    named = {"key": "named", "name": "Rooms at 17 Quagga Street"}
    desk.bring_in(said({"locations": [named]}))
    assert shown(desk).locations == ()


def test_flagging_keeps_no_place_for_a_takedown(desk: Desk) -> None:
    desk.bring_in(*many(6, locations=[PLACE]), publishes_new=True)
    take_place_down(desk)
    desk.bring_in(said({"locations": []}))
    assert count(desk.database, "location") == 1
    flag(desk)
    assert count(desk.database, "location") == 0
    with desk.database.read() as session:
        taken = session.exec(select(Takedown)).one()
    assert taken.scope == "forgotten_place"
    assert (taken.location_id, taken.known_postcode, taken.known_street) == (None, None, None)
