"""A place that is taken down is in no text that anybody is shown, and comes back under no half of its address."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from app.directory.withdrawn_addresses import ADDRESS_WITHDRAWN
from app.geo.gazetteer import Gazetteer
from app.models.locations import Location
from tests.api.test_withdrawn_numbers import everything_shown
from tests.curating import TAKEDOWNS, Curator, record_of, seen
from tests.factories import make_organization, make_service
from tests.officers import device, officer_key, published

STREET, POSTCODE = "7 Quokka Street", "B4 7ET"
LEFT = ("7 Quokka", "7 quokka", "7-quokka", POSTCODE, "b47et")
PLACE = {"key": "hall", "name": "Example hall", "address_1": STREET, "postal_code": POSTCODE}


def publish_place(one: Curator, gazetteer: Gazetteer, **changed: Any) -> tuple[UUID, str]:
    """The id of a service with an address in every kind of text, and that of its place."""
    known: dict[str, Any] = {
        "name": f"Example drop-in, {STREET}",
        "description": f"Come to Example hall, {STREET}, {POSTCODE}.\nRing first.",
        "url": "https://example.org/find/7-quokka-street",
        "privacy_url": "https://example.org/privacy",
        "eligibility": {"description": "Whoever comes to 7 Quokka St."},
        "phones": [{"number": "0306 999 0102", "description": f"The bell at {POSTCODE}"}],
        "contacts": [
            {"role": f"Desk, {STREET}", "email": "desk-b47et@example.org", "visibility": "professional"}
        ],
        "routes": [
            {
                "key": "in",
                "name": "Knock",
                "channel": "walk_in",
                "referrers": ["self"],
                "stages": ["any"],
                "notes": f"At {STREET} ({POSTCODE}).",
            },
        ],
        "reach": "site",
        "locations": [PLACE],
    }
    organization = make_organization(
        make_service("hall", **known | changed),
        # Another service of the organization has the address in a text alone.
        make_service("beside", description=f"Or ask at {STREET}."),
        key="organization-hall",
        description=f"A charity at {POSTCODE}.",
    )
    service_id = published(one.sides, gazetteer, organization, key="hall")
    with one.sides.database.read() as session:
        return service_id, str(session.exec(select(Location.id).where(Location.name == "Example hall")).one())


def test_its_address_is_in_no_text_of_any_output(one: Curator, two: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id, place = publish_place(one, gazetteer)
    officers = (device(sides), officer_key(sides))
    before = everything_shown(sides, service_id, officers)
    assert sum(any(end in text for end in LEFT) for text in before.values()) > 15

    taken = one.take_down(service_id, "place_exposed", location_id=place)
    assert taken.status_code == 200, taken.text

    shown = everything_shown(sides, service_id, officers)
    found = {at: [end for end in LEFT if end in text] for at, text in shown.items()}
    assert {at: ends for at, ends in found.items() if ends} == {}
    record = seen(sides, service_id).json()
    assert record["name"] == f"Example drop-in, {ADDRESS_WITHDRAWN}"
    assert record["description"] == f"Come to Example hall, {ADDRESS_WITHDRAWN}.\nRing first."
    assert (record["url"], record["privacy_url"]) == (None, "https://example.org/privacy")
    # The numbers stand where they stood.
    assert [phone["number"] for phone in record["phones"]] == ["0306 999 0102"]

    one.put_back(taken.json()["id"])
    two.put_back(taken.json()["id"])
    assert POSTCODE in seen(sides, service_id).json()["description"]


def test_who_takes_it_down_is_told_which_texts_to_reword(one: Curator, gazetteer: Gazetteer) -> None:
    service_id, place = publish_place(one, gazetteer)
    taken = one.take_down(service_id, "place_exposed", location_id=place).json()
    of_service = {text["pointer"] for text in taken["texts"] if text["service_id"] == str(service_id)}
    assert of_service == {
        "/name", "/description", "/url", "/eligibility/description", "/phones/0/description", "/contacts/0/role",
        "/contacts/0/email", "/routes/0/notes",
    }  # fmt: skip
    others = [text["pointer"] for text in taken["texts"] if text["service_id"] != str(service_id)]
    assert others == ["/description", "/description"]
    (listed,) = one.get(TAKEDOWNS)["results"]
    assert listed["texts"] == taken["texts"]
    # Going back to a state that was shown with it taken out writes none of those words.
    one.edit(service_id, fees_description="None.")
    path = record_of(service_id)
    one.on(path, "POST", f"{path}/revisions/2/roll-back")
    assert ADDRESS_WITHDRAWN not in str(one.get(path)["record"])


def test_it_comes_back_under_no_half_of_its_address(one: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id, place = publish_place(one, gazetteer)
    one.take_down(service_id, "place_exposed", location_id=place)
    for half in ({"address_1": "7, Quokka St"}, {"postal_code": POSTCODE}):
        answer = one.edit(service_id, locations=[{"key": "new", "name": "Another name", **half}])
        assert answer.status_code == 200, answer.text
        assert seen(sides, service_id).json()["locations"] == []
    # What is elsewhere is shown.
    other = {"key": "other", "name": "Another hall", "address_1": "8 Quokka Street", "postal_code": "B1 1BB"}
    assert one.edit(service_id, locations=[other]).status_code == 200
    assert [place["name"] for place in seen(sides, service_id).json()["locations"]] == ["Another hall"]
