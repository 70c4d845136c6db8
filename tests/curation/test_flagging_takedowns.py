"""Flagging shows nobody again what was taken down, and a takedown is not what remembers where the refuge is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.access.people import add_person
from app.curation.flagging import HostArea, flag_confidential
from app.curation.publishing import publish
from app.curation.record_rows import Publication
from app.curation.taking_down import Part, Why, put_back, take_down
from app.curation.unflagging import request_unflagging, unflag_confidential
from app.db import Database
from app.directory.loading import load_catalogue
from app.directory.records import PublicService
from app.geo.gazetteer import Gazetteer
from app.models.curation import Takedown
from app.models.locations import Location
from app.models.services import Service
from tests.curation.test_flagging import PLACE, PURGED, left
from tests.factories import (
    NOW,
    WEST_MIDLANDS_POLICE,
    contents,
    count,
    make_organization,
    make_publication,
    make_service,
)
from tests.providing import act_of_the_host

HOST = HostArea(WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,))
MOBILE, MOBILE_DIALLED = "07700 900400", "+447700900400"
LANDLINE, LANDLINE_DIALLED = "0121 496 0735", "+441214960735"
WHY = Why("unsafe", "Somebody saw it.", "tester")


class Directory:
    """One organization, in a database that is asked again after every step."""

    def __init__(self, database: Database, gazetteer: Gazetteer) -> None:
        self.database, self.gazetteer, self.days = database, gazetteer, 0

    def publish(self, *services: Any, **organization: Any) -> dict[str, UUID]:
        with self.database.write() as session:
            publish(session, [make_organization(*services, **organization)], self.publication())
            return dict(session.exec(select(Service.source_id, Service.id)).all())

    def publication(self) -> Publication:
        self.days += 1
        with self.database.read() as session:
            made = make_publication(session, self.gazetteer)
        return replace(made, now=NOW + timedelta(days=self.days))

    def take_down(self, service_id: UUID, *, place: str | None = None, phone: str | None = None) -> None:
        publication = self.publication()
        with self.database.write() as session:
            location = select(Location.id).where(Location.name == place)
            part = Part(phone, session.exec(location).one() if place else None)
            take_down(session, service_id, part, why=WHY, publication=publication)

    def flag(self, service_id: UUID) -> UUID:
        publication = self.publication()
        with self.database.write() as session:
            return flag_confidential(session, service_id, host_area=HOST, publication=publication)

    def unflag(self, service_id: UUID) -> None:
        publication = self.publication()
        with self.database.write() as session:
            first, second = self.people(session)
            asked = request_unflagging(session, service_id, person=first, publication=publication)
            unflag_confidential(session, asked.id, person=second, publication=publication)

    def put_back(self) -> None:
        publication = self.publication()
        with self.database.write() as session:
            people = self.people(session)
            in_force = col(Takedown.put_back_at).is_(None)
            for taken in session.exec(select(Takedown.id).where(in_force)).all():
                for person in people:
                    put_back(session, taken, person=person, publication=publication)

    def people(self, session: Any) -> tuple[UUID, UUID]:
        first, second = (
            add_person(session, f"Example {n} {self.days}", act_of_the_host(NOW)).id for n in "ab"
        )
        return first, second

    def shown(self, service_id: UUID) -> PublicService:
        with self.database.read() as session:
            catalogue = load_catalogue(session, self.gazetteer)
        return catalogue.entries[catalogue.row_of[service_id]].record

    def takedowns(self) -> list[Takedown]:
        with self.database.read() as session:
            return list(session.exec(select(Takedown).order_by(Takedown.scope)))


@pytest.fixture
def directory(database: Database, gazetteer: Gazetteer) -> Directory:
    return Directory(database, gazetteer)


@pytest.mark.parametrize("state", ["published", "draft"])
def test_a_number_stays_down_in_lists_and_texts(directory: Directory, state: str) -> None:
    lines = [{"number": MOBILE}, {"number": "0306 999 0102"}]
    beside = make_service("beside", phones=lines, description=f"Text {MOBILE}.")
    ids = directory.publish(beside, make_service("house", phones=lines))
    directory.take_down(ids["beside"], phone=MOBILE_DIALLED)
    if state == "draft":
        with directory.database.write() as session:
            session.get_one(Service, ids["house"]).record_state = "draft"
    house = directory.flag(ids["house"])
    assert [one.number for one in directory.shown(ids["beside"]).phones] == ["0306 999 0102"]
    assert directory.shown(ids["beside"]).description == "Text (number withdrawn)."
    if state == "published":
        assert [one.number for one in directory.shown(house).phones] == ["0306 999 0102"]
    (taken,) = directory.takedowns()
    assert (taken.phone_e164, taken.note) == (MOBILE_DIALLED, None)


def test_a_place_that_another_service_uses_stays_down(directory: Directory) -> None:
    office = PLACE | {"is_public_office": True}
    # In small letters: as it is written on an envelope, the text would have to be reworded first.
    at = f"At {PLACE['address_1']}.".lower()
    ids = directory.publish(
        make_service("beside", locations=[office], description=at),
        make_service("house", locations=[office]),
    )
    directory.take_down(ids["beside"], place=PLACE["name"])
    house = directory.flag(ids["house"])
    assert directory.shown(ids["beside"]).locations == ()
    assert directory.shown(ids["beside"]).description == "at (address withdrawn)."
    assert [one.scope for one in directory.takedowns()] == ["place"]
    # Nor when the house is one no more.
    directory.unflag(house)
    assert directory.shown(ids["beside"]).locations == ()


def test_no_takedown_remembers_the_house(directory: Directory) -> None:
    ids = directory.publish(
        make_service("house", locations=[PLACE], phones=[{"number": LANDLINE}, {"number": MOBILE}]),
        make_service("beside"),
    )
    directory.take_down(ids["house"], place=PLACE["name"])
    directory.take_down(ids["house"], phone=LANDLINE_DIALLED)
    directory.take_down(ids["house"], phone=MOBILE_DIALLED)
    with directory.database.read() as session:
        place = session.exec(select(Location.id)).one()
    directory.flag(ids["house"])
    assert left(directory.database, (*PURGED, str(place), place.hex)) == []
    assert [one.scope for one in directory.takedowns()] == ["forgotten_place", "number"]


def test_the_forgotten_place_takes_two_people_to_come_back(directory: Directory) -> None:
    ids = directory.publish(make_service("house", locations=[PLACE]), make_service("beside"))
    directory.take_down(ids["house"], place=PLACE["name"])
    house = directory.flag(ids["house"])
    directory.unflag(house)
    # Somebody who does not know brings it again, for the other service and under another name.
    again = PLACE | {"key": "again", "name": "Example rooms"}
    office = {"key": "office", "name": "Example office", "postal_code": "B1 1BB", "is_public_office": True}
    directory.publish(make_service("house"), make_service("beside", locations=[again, office]))
    assert [one.name for one in directory.shown(ids["beside"]).locations] == ["Example office"]
    directory.put_back()
    assert len(directory.shown(ids["beside"]).locations) == 2


def test_beside_a_refuge_none_is_remembered_when_its_last_service_lets_go_of_it(directory: Directory) -> None:
    house, beside = make_service("house", locations=[PLACE]), make_service("beside", locations=[PLACE])
    ids = directory.publish(house, beside)
    directory.take_down(ids["house"], place=PLACE["name"])
    directory.flag(ids["house"])
    assert left(directory.database, (PLACE["address_1"],)) != []
    directory.publish(make_service("beside"))
    assert left(directory.database, PURGED) == []
    assert [one.scope for one in directory.takedowns()] == ["forgotten_place"]
    before = contents(directory.database)["takedown"]
    directory.publish(make_service("beside"), description="Another.")
    assert contents(directory.database)["takedown"] == before


def test_an_address_from_before_is_forgotten_and_the_place_stays_down(directory: Directory) -> None:
    """The row has been given another address while it was down: the old one may be the door."""
    ids = directory.publish(make_service("house", locations=[PLACE]), make_service("beside"))
    directory.take_down(ids["house"], place=PLACE["name"])
    moved: dict[str, Any] = PLACE | {"name": "Example office", "address_1": "2 Example Street", "city": None}
    moved |= {"postal_code": "B1 1BB", "is_public_office": True}
    directory.publish(make_service("house"), make_service("beside", locations=[moved]))
    directory.flag(ids["house"])
    assert left(directory.database, PURGED) == []
    assert directory.shown(ids["beside"]).locations == ()
    assert [one.scope for one in directory.takedowns()] == ["forgotten_place", "place"]


def test_what_was_put_back_before_is_forgotten(directory: Directory) -> None:
    ids = directory.publish(make_service("house", locations=[PLACE], phones=[{"number": LANDLINE}]))
    directory.take_down(ids["house"], place=PLACE["name"])
    directory.take_down(ids["house"], phone=LANDLINE_DIALLED)
    directory.put_back()
    directory.flag(ids["house"])
    assert count(directory.database, "takedown") == 0
