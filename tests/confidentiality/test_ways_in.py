"""What a careless sheet says of a house is refused with the field named, and is nowhere in what is stored."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from app.geo.gazetteer import Gazetteer
from app.models.calls import CallOutcome
from app.models.capacity import CapacityReport
from app.models.imports import ImportBatch, ImportRecord
from app.models.proposals import Proposal
from app.models.services import Service
from tests.confidentiality.over_the_api import careless_proposals
from tests.confidentiality.sheets import (
    HOUSE_KEYS,
    HOUSE_OWNERS,
    Raw,
    houses,
    proper_sheets,
    secret_sheet,
    service_id,
)
from tests.confidentiality.worlds import Pair, Served, try_to_publish
from tests.factories import BIRMINGHAM, WEST_MIDLANDS_POLICE

IN_EVERY_HOUSE = {
    "latitude", "longitude", "description", "host_area", "url", "application_process", "fees_description",
    "counts_public", "eligibility/description", "locations/0", "phones/2/number", "routes/0/notes", "routes/1/phone",
    "routes/3/channel",
}  # fmt: skip
IN_HOUSES_WITH_AREAS = {"coverage/postcode_districts", "coverage/polygons"}


def refused_fields(world: Served) -> Counter[str]:
    """How many houses each field was refused in, by its pointer within the service."""
    return Counter(
        found[1] for one in world.refusals if (found := re.fullmatch(r"/services/\d+/(.*)", one.pointer))
    )


def test_every_careless_field_of_every_house_is_refused_by_name(pair: Pair) -> None:
    for world in pair.both:
        found = refused_fields(world)
        assert {name: found[name] for name in IN_EVERY_HOUSE} == dict.fromkeys(
            IN_EVERY_HOUSE, len(HOUSE_KEYS)
        )
        assert all(found[name] > 0 for name in IN_HOUSES_WITH_AREAS)


def test_texts_of_the_organization_behind_a_house_are_refused_by_name(pair: Pair) -> None:
    for world in pair.both:
        owners = {one.organization for one in world.refusals if one.pointer == "/description"}
        letters = {one.organization for one in world.refusals if one.pointer == "/assurance/0/source"}
        assert len(owners) == len(letters) == HOUSE_OWNERS


def test_a_refusal_never_repeats_what_was_sent(pair: Pair) -> None:
    for world in pair.both:
        said = " ".join(f"{one.pointer} {one.detail}" for one in world.refusals)
        for house in world.secrets.houses.values():
            assert house.street.partition(" ")[2] not in said
            assert house.postcode not in said
            assert house.landline not in said


CARELESS: dict[str, tuple[str, Callable[[Raw], Any]]] = {
    "coverage narrower than the host area, without consent": (
        "/services/0/coverage/areas/0",
        lambda house: house.update(
            coverage={"areas": [BIRMINGHAM]}, host_area=WEST_MIDLANDS_POLICE, narrow_coverage_consent_on=None
        ),
    ),
    "a council area as host": ("/services/0/host_area", lambda house: house.update(host_area=BIRMINGHAM)),
    "no host area": ("/services/0/host_area", lambda house: house.update(host_area=None)),
    "a postcode in the name of a route": (
        "/services/0/routes/0/name",
        lambda house: house["routes"][0].update(name="Ring B69 3DE"),
    ),
    "a street in the address of a mailbox's role": (
        "/services/0/contacts/0/role",
        lambda house: house["contacts"][0].update(role="Desk at 14 Hawthorn Road"),
    ),
    "a landline on the staff's own line": (
        "/services/0/phones/1/number",
        lambda house: house["phones"][1].update(number="0121 496 0123"),
    ),
    "three words of a map": (
        "/services/0/routes/1/information_needed",
        lambda house: house["routes"][1].update(information_needed="Meet at ///filled.count.soap"),
    ),
}


@pytest.mark.parametrize("case", CARELESS)
def test_one_careless_field_is_enough_to_refuse_a_sheet(case: str, pair: Pair, gazetteer: Gazetteer) -> None:
    pointer, spoil = CARELESS[case]
    sheets = proper_sheets()
    beside = next(sheet for sheet in sheets if sheet["key"] == "public-00")
    sheet = secret_sheet(sheets[0], "left", houses("left", gazetteer))
    assert try_to_publish(pair.left.database, gazetteer, sheet, beside=beside) == {}
    spoil(sheet["services"][0])
    assert pointer in try_to_publish(pair.left.database, gazetteer, sheet, beside=beside)


def test_what_is_careless_over_the_api_is_refused_by_name(pair: Pair) -> None:
    for world in pair.both:
        fields = careless_proposals(next(iter(world.secrets.houses.values())))
        assert world.refused_over_the_api == dict.fromkeys(fields, len(HOUSE_KEYS))


def test_what_was_sent_over_the_api_is_stored_and_differs(pair: Pair) -> None:
    figures, words, calls = [], [], []
    for world in pair.both:
        with world.database.read() as session:
            of_the_api = col(CapacityReport.unit).in_(("appointment", "class_place"))
            rows = session.exec(
                select(CapacityReport.service_id, CapacityReport.status, CapacityReport.available)
                .where(of_the_api)
                .order_by(col(CapacityReport.service_id), col(CapacityReport.unit))
            )
            figures.append(rows.all())
            words.append({row.service_id: row.new for row in session.exec(select(Proposal))})
            calls.append(Counter(session.exec(select(CallOutcome.service_id, CallOutcome.outcome)).all()))
    assert len(figures[0]) == len(figures[1]) == 2 * len(HOUSE_KEYS)
    assert figures[0] != figures[1]
    assert words[0].keys() == words[1].keys() == pair.left.secrets.houses.keys()
    assert set(words[0].values()).isdisjoint(words[1].values())
    assert calls[0] != calls[1]
    assert {one for one, _ in calls[0]} == {one for one, _ in calls[1]} == pair.left.secrets.houses.keys()


def test_what_is_careless_in_an_imported_file_is_refused_by_name(pair: Pair) -> None:
    wanted = {
        "/latitude", "/longitude", "/description", "/url", "/application_process", "/fees_description",
        "/eligibility/description", "/routes/0/notes",
    }  # fmt: skip
    for world in pair.both:
        found = world.refused_imports
        assert all(found[name] >= len(HOUSE_KEYS) for name in wanted)
        assert found["/assurance/0/source"] == HOUSE_OWNERS


def test_what_was_imported_is_stored_and_differs(pair: Pair) -> None:
    staged, states, drafts = [], [], []
    for world in pair.both:
        with world.database.read() as session:
            states.append(Counter(session.exec(select(ImportBatch.state))))
            of_houses = col(ImportRecord.organization_key).startswith("owner-")
            waiting = col(ImportRecord.after_digest).is_(None)
            staged.append(
                {row.proposed for row in session.exec(select(ImportRecord).where(of_houses, waiting))}
            )
            drafts.append(
                session.exec(
                    select(Service.id).where(Service.source == "imported", col(Service.confidential))
                ).all()
            )
    assert [state["refused"] for state in states] == [2 * HOUSE_OWNERS] * 2
    assert [state["checked"] for state in states] == [2, 1]
    assert len(staged[0] - {None}) >= len(HOUSE_KEYS)
    assert not (staged[0] & staged[1]) - {None}
    assert len(drafts[0]) == len(drafts[1]) == len(HOUSE_KEYS)


def test_no_true_place_of_a_house_is_in_any_file_of_the_database(pair: Pair) -> None:
    # The first house of each owner lends its address to the office next door, which is stored, and withheld.
    lent = {service_id(key) for key in HOUSE_KEYS[:HOUSE_OWNERS]}
    for world in pair.both:
        stored = b"".join(path.read_bytes() for path in sorted(world.folder.glob("directory.sqlite*")))
        for one, house in world.secrets.houses.items():
            degrees = f"{house.lat:.5f}", f"{house.lon:.5f}"
            texts = (house.street, house.postcode, house.landline, ", ".join(degrees), ",".join(degrees))
            found = [text for text in texts if text.encode() in stored]
            assert found == ([house.street, house.postcode, house.landline] if one in lent else [])


def test_the_worlds_really_differ_in_what_is_stored(pair: Pair) -> None:
    """Equal answers of equal worlds would prove nothing."""
    hosts, reports, hidden = [], [], []
    for world in pair.both:
        with world.database.read() as session:
            rows = session.exec(
                select(Service).where(col(Service.confidential)).order_by(col(Service.source_id))
            )
            hosts.append([row.host_area_code for row in rows if row.record_state == "published"])
            reports.append(len(session.exec(select(CapacityReport.id)).all()))
        hidden.append(len(world.secrets.unpublished))
    assert len(hosts[0]) == len(hosts[1]) == len(HOUSE_KEYS)
    assert all(one != other for one, other in zip(*hosts, strict=True))
    assert reports[0] != reports[1]
    assert hidden[0] != hidden[1]
    assert min(hidden) > 0
    houses_left, houses_right = (world.secrets.houses for world in pair.both)
    assert all(houses_left[one].postcode != houses_right[one].postcode for one in houses_left)
