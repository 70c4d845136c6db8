"""The one way in: what is stored, what is written down about it, and what is refused before anything is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.curation.publishing import Published, publish, source_uuid
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.directory.loading import current_revision, load_catalogue
from app.directory.records import PublicService
from app.errors import ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models.history import Change, Revision
from app.models.locations import Location
from app.models.services import Service
from tests.factories import (
    BIRMINGHAM,
    NOW,
    SANDWELL,
    contents,
    count,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
)

Publish = Callable[..., Published]

EVERYTHING: dict[str, Any] = {
    "url": "https://example.org/help",
    "email": "help@example.org",
    "needs": ["casework_advocacy", "basic_needs"],
    "exploitation": ["labour"],
    "coverage": {"areas": [SANDWELL, BIRMINGHAM], "postcode_districts": ["CV1"]},
    "eligibility": {"sex_accepted": "women", "minimum_age": 18},
    "languages": ["eng", "pol"],
    "phones": [{"number": "0121 496 0101"}, {"number": "0800 808 3733", "description": "Free"}],
    "contacts": [{"role": "Referrals", "email": "referrals@example.org"}],
    "hours": [{"byday": ["MO", "TU"], "opens_at": "09:00", "closes_at": "17:00", "bank_holidays": "closed"}],
    "locations": [{"key": "office", "name": "Example office", "city": "Birmingham", "postal_code": "b11bb"}],
    "routes": [
        {"key": "ring", "name": "Ring", "channel": "phone", "phone": "0800 808 3733", "referrers": ["police"],
         "stages": ["any"], "hours": "24/7"},
        {"key": "write", "name": "Write", "channel": "email", "email": "referrals@example.org"},
    ],
    "information_flow": {"police": "with_consent"},
}  # fmt: skip


@pytest.fixture
def published(database: Database, gazetteer: Gazetteer) -> Publish:
    """Publish organizations in a transaction of their own, `days` after the day of the test."""

    def run(*organizations: OrganizationSubmission, days: int = 0, source: str = "test") -> Published:
        with database.write() as session:
            publication = make_publication(session, gazetteer, source=source, now=NOW + timedelta(days=days))
            return publish(session, organizations, publication)

    return run


@pytest.fixture
def public(database: Database, gazetteer: Gazetteer) -> Callable[[], dict[str, PublicService]]:
    """The public services by name."""

    def run() -> dict[str, PublicService]:
        with database.read() as session:
            return {entry.record.name: entry.record for entry in load_catalogue(session, gazetteer).entries}

    return run


def changes(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        found = session.exec(select(Change).order_by(col(Change.changed_at)))
        return [(change.record_type, change.kind) for change in found]


def revision(database: Database) -> tuple[int, int]:
    with database.read() as session:
        return current_revision(session)


def service_named(database: Database, key: str) -> Service:
    with database.read() as session:
        return session.exec(select(Service).where(Service.source_id == key)).one()


def test_what_was_submitted_is_what_the_public_reads(
    published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    outcome = published(make_organization(make_service(**EVERYTHING)))

    assert outcome == Published(services=1, organizations=1)
    record = public()["Example example-service"]
    assert record.organization.name == "Example example-organization"
    assert set(record.needs) == {"casework_advocacy", "basic_needs"}
    assert [area.code for area in record.coverage.areas] == [BIRMINGHAM, SANDWELL]
    assert record.coverage.postcode_districts == ("CV1",)
    assert [phone.number for phone in record.phones] == ["0121 496 0101", "0800 808 3733"]
    assert [route.contact for route in record.referral_routes] == ["0800 808 3733", "referrals@example.org"]
    assert record.referral_routes[0].referrers == ("police",)
    assert record.eligibility.minimum_age == 18
    assert [language.name for language in record.languages] == ["English", "Polish"]
    assert record.information_flow.police == "with_consent"
    assert record.information_flow.council == "unknown"
    (place,) = record.locations
    assert place.postal_code == "B1 1BB"
    assert place.local_authority is not None
    assert place.local_authority.code == BIRMINGHAM


def test_publishing_twice_changes_no_row(database: Database, published: Publish) -> None:
    organization = make_organization(make_service(**EVERYTHING), make_refuge())
    published(organization)
    before = contents(database)

    outcome = published(organization, days=1)

    assert not outcome.changed
    assert contents(database) == before


def test_a_change_is_one_revision_one_entry_and_one_step_of_the_counter(
    database: Database, published: Publish
) -> None:
    published(make_organization(make_service(), make_service("other")))
    revisions, entries, counter = count(database, "revision"), len(changes(database)), revision(database)

    published(make_organization(make_service(description="Somebody else."), make_service("other")), days=1)

    assert count(database, "revision") == revisions + 1
    assert changes(database)[entries:] == [("service", "updated")]
    assert revision(database) == (counter[0] + 1, counter[1])
    changed, untouched = service_named(database, "example-service"), service_named(database, "other")
    assert (changed.version, changed.last_modified_at) == (2, NOW + timedelta(days=1))
    assert (untouched.version, untouched.last_modified_at) == (1, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"phones": [{"number": "0121 496 0102"}]},
        {"phones": [{"number": "0121 496 0101"}]},
        {"hours": "24/7"},
        {"locations": []},
        {"languages": ["eng"]},
        {"routes": []},
        {"counts_public": True},
        {"needs": ["basic_needs"]},
        {"status": "temporarily closed"},
        {"information_flow": {}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_public_fact_that_changes_is_announced(
    database: Database, published: Publish, changed: dict[str, Any]
) -> None:
    published(make_organization(make_service(**EVERYTHING)))
    before = revision(database)[0]

    outcome = published(make_organization(make_service(**EVERYTHING | changed)), days=1)

    assert outcome.services == 1
    assert revision(database)[0] == before + 1


def test_a_polygon_that_moves_is_announced(database: Database, published: Publish) -> None:
    def square(west: float) -> dict[str, Any]:
        ring = [[west, 52.4], [west + 0.1, 52.4], [west + 0.1, 52.5], [west, 52.5], [west, 52.4]]
        return {"polygons": [{"type": "Polygon", "coordinates": [ring]}]}

    published(make_organization(make_service(coverage=square(-2.0))))

    assert published(make_organization(make_service(coverage=square(-1.9))), days=1).services == 1


def test_what_only_professionals_see_changes_without_a_public_word(
    database: Database, published: Publish
) -> None:
    published(make_organization(make_service()))
    before = changes(database), revision(database)

    line = {"number": "0121 496 0103", "visibility": "professional"}
    outcome = published(make_organization(make_service(phones=[line])), days=1)

    assert not outcome.changed
    assert (changes(database), revision(database)) == before
    assert count(database, "phone") == 1


def test_a_service_that_its_source_no_longer_has_is_taken_down_and_remembered(
    database: Database, published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    published(make_organization(make_service(), make_service("other", **EVERYTHING)))

    published(make_organization(make_service()), days=1)

    assert set(public()) == {"Example example-service"}
    assert sorted(changes(database)[3:]) == [("organization", "updated"), ("service", "removed")]
    assert service_named(database, "other").record_state == "archived"
    assert count(database, "referral_route") == 2


def test_a_service_that_its_source_has_again_is_public_again(
    database: Database, published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    whole = make_organization(make_service(), make_service("other"))
    published(whole)
    published(make_organization(make_service()), days=1)

    published(whole, days=2)

    assert "Example other" in public()
    with database.read() as session:
        other = service_named(database, "other").id
        history = session.exec(
            select(Revision).where(Revision.service_id == other).order_by(col(Revision.version))
        )
        assert [bool(one.content) for one in history] == [True, False, True]


def test_a_service_that_a_curator_paused_stays_down_when_its_source_brings_it_again(
    database: Database, published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    published(make_organization())
    with database.write() as session:
        session.exec(select(Service)).one().record_state = "paused"

    published(make_organization(make_service(description="Changed.")), days=1)

    assert public() == {}
    assert service_named(database, "example-service").description == "Changed."


def test_the_last_service_takes_its_organization_with_it(
    database: Database, gazetteer: Gazetteer, published: Publish
) -> None:
    published(make_organization())
    with database.write() as session:
        session.exec(select(Service)).one().record_state = "paused"

    published(make_organization(), days=1)

    assert sorted(changes(database)[2:]) == [("organization", "removed"), ("service", "removed")]
    with database.read() as session:
        assert load_catalogue(session, gazetteer).organizations == {}


def test_services_of_another_source_are_left_alone(
    database: Database, published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    published(make_organization(make_service(**EVERYTHING)))
    before = contents(database)["referral_route"]

    published(make_organization(make_service("other"), key="other"), source="elsewhere", days=1)

    assert len(public()) == 2
    assert contents(database)["referral_route"] == before


def test_a_place_that_two_services_share_stays_while_one_of_them_uses_it(
    database: Database, published: Publish
) -> None:
    shared = {"locations": EVERYTHING["locations"]}
    published(make_organization(make_service(**shared), make_service("other", **shared)))
    assert count(database, "location") == 1

    published(make_organization(make_service(), make_service("other", **shared)), days=1)
    assert count(database, "location") == 1

    published(make_organization(make_service(), make_service("other")), days=2)
    assert count(database, "location") == 0


def test_a_service_can_move_to_another_organization(
    published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    published(
        make_organization(make_service(), key="first"), make_organization(make_service("b"), key="second")
    )

    outcome = published(make_organization(make_service("b"), make_service(), key="second"), days=1)

    assert public()["Example example-service"].organization.name == "Example second"
    # The first is not there any more, the second has one more service.
    assert outcome.organizations == 2


def test_a_referral_may_lead_through_a_service_of_another_organization(
    published: Publish, public: Callable[[], dict[str, PublicService]]
) -> None:
    through = {"key": "line", "name": "Night line", "channel": "via_service", "via_service": "night-line"}
    published(
        make_organization(make_service(routes=[through]), key="first"),
        make_organization(make_service("night-line"), key="second"),
    )

    found = public()
    (route,) = found["Example example-service"].referral_routes
    assert route.via_service_id == found["Example night-line"].id


def test_ids_are_derived_from_the_source_and_so_are_the_same_on_every_machine(
    database: Database, published: Publish
) -> None:
    published(make_organization(make_service()))

    assert service_named(database, "example-service").id == source_uuid("test", "service/example-service")


def test_the_id_of_a_confidential_service_is_random_and_stays(database: Database, published: Publish) -> None:
    published(make_organization(make_refuge()))
    first = service_named(database, "example-refuge").id

    published(make_organization(make_refuge(description="Changed.")), days=1)

    assert service_named(database, "example-refuge").id == first
    assert first.version == 4
    assert first != source_uuid("test", "service/example-refuge")


@pytest.mark.parametrize("confidential_first", [True, False])
def test_a_service_does_not_become_or_stop_being_confidential_by_an_import(
    database: Database, published: Publish, confidential_first: bool
) -> None:
    records = [make_refuge("same", phones=[]), make_service("same")]
    first, second = records if confidential_first else reversed(records)
    published(make_organization(first))
    before = contents(database)

    with pytest.raises(ValidationFailed) as refused:
        published(make_organization(second), days=1)

    assert [error.pointer for error in refused.value.errors] == ["/services/0/confidential"]
    assert contents(database) == before


ROUTE = {"key": "a", "name": "A", "channel": "email", "email": "a@example.org"}
VIA = {"key": "a", "name": "A", "channel": "via_service"}
BOW_TIE = {"type": "Polygon", "coordinates": [[[-2, 52], [-1, 53], [-1, 52], [-2, 53], [-2, 52]]]}
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "a need that is not in the vocabulary": ("/needs/1", {"needs": ["basic_needs", "pizza"]}),
    "an exploitation that is not": ("/exploitation/0", {"exploitation": ["pizza"]}),
    "a referrer that is not": ("/routes/0/referrers/0", {"routes": [ROUTE | {"referrers": ["pizza"]}]}),
    "a stage that is not": ("/routes/0/stages/0", {"routes": [ROUTE | {"stages": ["pizza"]}]}),
    "a condition that is not": ("/information_flow/police", {"information_flow": {"police": "pizza"}}),
    "an area that is not known": ("/coverage/areas/0", {"coverage": {"areas": ["E08999999"]}}),
    "a host area that is not known": ("/host_area", {"host_area": "E23999999"}),
    "a district that is not in use": ("/coverage/postcode_districts/0", {"coverage": {"postcode_districts": ["ZZ9"]}}),
    "a polygon that crosses itself": ("/coverage/polygons/0", {"coverage": {"polygons": [BOW_TIE]}}),
    "a polygon that is none": ("/coverage/polygons/0", {"coverage": {"polygons": [{"type": "Polygon"}]}}),
    "a point for a polygon": (
        "/coverage/polygons/0", {"coverage": {"polygons": [{"type": "Point", "coordinates": [-2, 52]}]}},
    ),
    "a polygon with latitude first": (
        "/coverage/polygons/0",
        {"coverage": {"polygons": [{"type": "Polygon", "coordinates": [[[52, -2], [52, -1], [53, -1], [52, -2]]]}]}},
    ),
    "a postcode that is not one": (
        "/locations/0/postal_code", {"locations": [{"key": "a", "name": "A", "postal_code": "B1 1B"}]},
    ),
    "half a postcode": (
        "/locations/0/postal_code", {"locations": [{"key": "a", "name": "A", "postal_code": "B1"}]},
    ),
    "a postcode that nobody has": (
        "/locations/0/postal_code", {"locations": [{"key": "a", "name": "A", "postal_code": "B1 9ZZ"}]},
    ),
    "a route through nobody": ("/routes/0/via_service", {"routes": [VIA | {"via_service": "nobody"}]}),
    "a route through itself": ("/routes/0/via_service", {"routes": [VIA | {"via_service": "b"}]}),
    "a route without its contact": ("/routes/0/channel", {"routes": [ROUTE | {"email": None}]}),
    "a route for adults by the rule for children": (
        "/routes/0/consent",
        {"routes": [ROUTE | {"age_group": "adult", "consent": "not_required_child"}]},
    ),
    "a way in for children to a service for adults": (
        "/routes/0/age_group", {"routes": [ROUTE | {"age_group": "child"}], "eligibility": {"minimum_age": 18}},
    ),
    "a way in for adults to a service for children": (
        "/routes/0/age_group", {"routes": [ROUTE | {"age_group": "adult"}], "eligibility": {"maximum_age": 17}},
    ),
    "nobody asked at a service for adults": (
        "/routes/0/consent",
        {"routes": [ROUTE | {"age_group": None, "consent": "not_required_child"}], "eligibility": {"minimum_age": 18}},
    ),
    "hours on no day": ("/hours/0/byday", {"hours": [{"opens_at": "09:00", "closes_at": "17:00"}]}),
    "an oldest age below the youngest": (
        "/eligibility/maximum_age", {"eligibility": {"minimum_age": 18, "maximum_age": 17}},
    ),
    "children's services that no search for a child finds": (
        "/child_card_role", {"needs": ["nrm_first_responder"], "child_card_role": "childrens_services"},
    ),
    "a bed on the child card": (
        "/child_card_role",
        {"needs": ["child_young_person", "emergency_accommodation"], "child_card_role": "childrens_services"},
    ),
    "adults on the child card": (
        "/child_card_role",
        {"needs": ["child_young_person"], "eligibility": {"minimum_age": 18}, "child_card_role": "guardianship"},
    ),
    "a language twice": ("/languages/1", {"languages": ["eng", "eng"]}),
    "a need twice": ("/needs/1", {"needs": ["basic_needs", "basic_needs"]}),
    "a number twice": ("/phones/1", {"phones": [{"number": "0121 496 0101"}, {"number": "(0121) 496 0101"}]}),
    "a review before the fact": (
        "/assurance/0/review_by",
        {"assurance": [{"mark": "invented", "source": "x", "confirmed_on": "2026-11-24", "review_by": "2026-11-23"}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    database: Database, published: Publish, wrong: str
) -> None:
    pointer, changed = WRONG[wrong]
    before = contents(database)

    with pytest.raises(ValidationFailed) as refused:
        published(make_organization(), make_organization(make_service("b", **changed), key="b"))

    assert [error.pointer for error in refused.value.errors] == [f"/services/0{pointer}"]
    assert "pizza" not in repr(refused.value.errors)
    assert contents(database) == before


def test_everything_that_is_wrong_is_said_at_once(published: Publish) -> None:
    with pytest.raises(ValidationFailed) as refused:
        published(make_organization(make_service(needs=["pizza"], languages=["eng", "eng"])))

    assert len(refused.value.errors) == 2


def test_one_key_is_one_service(published: Publish) -> None:
    with pytest.raises(ValidationFailed) as refused:
        published(make_organization(key="first"), make_organization(make_service(), key="second"))

    assert [error.pointer for error in refused.value.errors] == ["/services/0/key"]


def test_a_location_keeps_its_id_through_a_change_of_its_details(
    database: Database, published: Publish
) -> None:
    def place(name: str) -> dict[str, Any]:
        return {"locations": [{"key": "office", "name": name}]}

    def stored() -> UUID:
        with database.read() as session:
            return session.exec(select(Location)).one().id

    published(make_organization(make_service(**place("Old"))))
    first = stored()

    published(make_organization(make_service(**place("New"))), days=1)

    assert stored() == first


def test_one_key_of_a_place_is_one_place(published: Publish) -> None:
    def at(name: str) -> dict[str, Any]:
        return {"locations": [{"key": "office", "name": name}]}

    with pytest.raises(ValidationFailed) as refused:
        published(make_organization(make_service(**at("Here")), make_service("other", **at("There"))))

    assert [error.pointer for error in refused.value.errors] == ["/services/1/locations/0"]
