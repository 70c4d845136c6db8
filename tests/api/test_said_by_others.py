"""What is taken down of one organization, and another one still has: told to whoever takes it down, and left as it is."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.geo.gazetteer import Gazetteer
from app.models.locations import Location
from app.models.services import Service
from tests.curating import TAKEDOWNS, Curator, record_of, seen
from tests.factories import make_organization, make_service
from tests.officers import published

NUMBER, DIALLED, OTHER = "0121 496 0741", "+441214960741", "0121 496 0742"
PLACE = {"key": "door", "name": "Door", "address_1": "7 Quokka Street", "postal_code": "B4 7ET"}


def _publish(
    one: Curator, gazetteer: Gazetteer, key: str, *, lines: Sequence[str] = (OTHER,), **of_service: Any
) -> UUID:
    organization = make_organization(
        make_service(key, reach="site", **of_service),
        key=f"organization-{key}",
        phones=[{"number": number} for number in lines],
    )
    return published(one.sides, gazetteer, organization, key=key)


def _way_in(number: str) -> dict[str, Any]:
    return {"key": "in", "name": "Ring", "channel": "phone", "phone": number}


def test_of_a_number(one: Curator, gazetteer: Gazetteer) -> None:
    own = _publish(one, gazetteer, "own", phones=[{"number": NUMBER}], routes=[_way_in(NUMBER)])
    numbers = [{"number": OTHER}, {"number": NUMBER}]
    line = _publish(one, gazetteer, "line", lines=(OTHER, NUMBER), phones=numbers)
    way_in = _publish(one, gazetteer, "way-in", routes=[_way_in("01214960741")])
    gone = _publish(one, gazetteer, "gone", phones=[{"number": NUMBER}])
    assert one.step(gone, "archive").status_code == 200
    whole = one.get(record_of(line))["organization"]["id"]
    taken = one.take_down(own, "wrong_contact", phone=DIALLED).json()

    assert taken["others"] == sorted(
        [f"/services/{line}/phones/1", f"/services/{way_in}/routes/0", f"/organizations/{whole}/phones/1"]
    )
    assert [row["others"] for row in one.get(TAKEDOWNS)["results"]] == [taken["others"]]
    # Theirs stay as they are, and are told until they are taken down too.
    assert NUMBER in str(seen(one.sides, line).json()["phones"])
    assert one.take_down(line, "wrong_contact", phone=DIALLED).json()["others"] == [
        f"/services/{way_in}/routes/0"
    ]
    assert [row["others"] for row in one.get(TAKEDOWNS)["results"]] == [[f"/services/{way_in}/routes/0"]] * 2


def test_of_a_place(one: Curator, gazetteer: Gazetteer) -> None:
    own = _publish(one, gazetteer, "own", locations=[PLACE])
    other = {"name": "Elsewhere", "key": "other"}
    as_theirs = {
        "same": PLACE | other,
        "postcode": other | {"postal_code": "B4 7ET"},
        "street": other | {"address_1": "7, Quokka St"},
        "next-door": PLACE | other | {"address_1": "9 Quokka Street"},
        "far": PLACE | other | {"postal_code": "B69 3DE"},
    }
    theirs = {key: _publish(one, gazetteer, key, locations=[place]) for key, place in as_theirs.items()}
    with one.sides.database.read() as session:
        place = str(session.exec(select(Location.id).where(Location.name == "Door")).one())

    taken = one.take_down(own, "place_exposed", location_id=place).json()

    may_be_it = ("same", "postcode", "street")
    assert taken["others"] == sorted(f"/services/{theirs[key]}/locations" for key in may_be_it)
    with one.sides.database.read() as session:
        of_them = {str(row.id): row.organization_id for row in session.exec(select(Location)).all()}
        owner = session.get_one(Service, theirs["same"]).organization_id
    (same,) = [found for found, organization_id in of_them.items() if organization_id == owner]
    assert one.take_down(theirs["same"], "place_exposed", location_id=same).status_code == 200
    left = sorted(f"/services/{theirs[key]}/locations" for key in ("postcode", "street"))
    assert [row["others"] for row in one.get(TAKEDOWNS)["results"]] == [left, left]


def test_a_place_without_a_postcode_is_known_by_its_street(one: Curator, gazetteer: Gazetteer) -> None:
    nowhere = {key: value for key, value in PLACE.items() if key != "postal_code"}
    own = _publish(one, gazetteer, "own", locations=[nowhere])
    there = _publish(one, gazetteer, "there", locations=[PLACE | {"name": "There"}])
    with one.sides.database.read() as session:
        place = str(session.exec(select(Location.id).where(Location.name == "Door")).one())
    taken = one.take_down(own, "place_exposed", location_id=place).json()
    assert taken["others"] == [f"/services/{there}/locations"]


def test_of_a_whole_service_there_is_nothing_to_look_for(one: Curator, gazetteer: Gazetteer) -> None:
    own = _publish(one, gazetteer, "own", phones=[{"number": NUMBER}])
    _publish(one, gazetteer, "line", phones=[{"number": NUMBER}])
    assert one.take_down(own).json()["others"] == []
