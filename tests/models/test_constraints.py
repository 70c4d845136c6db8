"""What the database itself refuses, however a row comes in: told in plain SQL, past every function of ours.

Promise 1 of SAFETY.md first: a confidential service has nothing by which it can be located.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db import Database
from tests.factories import SANDWELL, WEST_MIDLANDS_POLICE, count

Values = dict[str, Any]

MOMENT, LATER = "2026-11-24 12:00:00+00:00", "2026-11-25 12:00:00+00:00"
ORGANIZATION, LOCATION, TERM = uuid4().hex, uuid4().hex, uuid4().hex
OPEN, REFUGE = uuid4().hex, uuid4().hex

POLYGON = '{"type": "Polygon", "coordinates": []}'


def insert(database: Database, table: str, values: Values) -> None:
    named = ", ".join(values)
    bound = ", ".join(f":{name}" for name in values)
    run(database, f"INSERT INTO {table} ({named}) VALUES ({bound})", values)  # noqa: S608


def run(database: Database, statement: str, values: Values | None = None) -> None:
    with database.write() as session:
        session.connection().execute(text(statement), values or {})


def service(**values: Any) -> Values:
    known = {
        "id": uuid4().hex, "organization_id": ORGANIZATION, "source": "test", "source_id": uuid4().hex,
        "name": "Example", "description": "", "status": "active", "record_state": "draft", "reach": "site",
        "confidential": False, "covers_everywhere": False, "counts_public": False, "demonstration": False, "version": 1,
        "last_modified_at": MOMENT,
    }  # fmt: skip
    return known | values


def of(owner: str, /, **values: Any) -> Values:
    """A row of a service, with the confidentiality that its service has."""
    return {
        "id": uuid4().hex,
        "service_id": owner,
        "service_confidential": owner == REFUGE,
    } | values


def phone(owner: str, /, **values: Any) -> Values:
    known = {
        "position": 0, "number": "0800 808 3733", "e164": "+448008083733", "is_geographic": False,
        "is_public_office": False, "phone_type": "voice", "visibility": "public",
    }  # fmt: skip
    return of(owner) | known | values


def route(owner: str, /, **values: Any) -> Values:
    known = {
        "position": 0, "name": "Example", "channel": "email", "email": "help@example.org", "phone_is_geographic": False,
        "phone_is_public_office": False, "visibility": "public",
    }  # fmt: skip
    return of(owner) | known | values


def report(**values: Any) -> Values:
    known = {
        "id": uuid4().hex, "service_id": OPEN, "unit": "bed_space", "applies_to": "anyone", "status": "limited",
        "available": 1, "maximum": 3, "observed_at": MOMENT, "valid_until": LATER, "recorded_at": MOMENT, "source": "key",
    }  # fmt: skip
    return known | values


LOCAL = {"number": "0121 496 0123", "e164": "+441214960123", "is_geographic": True}
LOCAL_ROUTE = {"channel": "phone", "phone_number": "0121 496 0123", "phone_e164": "+441214960123"}

LOCATING: dict[str, tuple[str, Callable[[str], Values]]] = {
    "a location": ("service_at_location", lambda owner: of(owner, location_id=LOCATION)),
    "a postcode district": ("service_area", lambda owner: of(owner, postcode_district="B70")),
    "a polygon": ("service_area", lambda owner: of(owner, polygon=POLYGON)),
    "a local number": ("phone", lambda owner: phone(owner, **LOCAL)),
    "a local number said to be none": ("phone", lambda owner: phone(owner, **LOCAL | {"is_geographic": False})),
    "a local number of an office": ("phone", lambda owner: phone(owner, **LOCAL | {"is_public_office": True})),
    "a local number for professionals": ("phone", lambda owner: phone(owner, **LOCAL | {"visibility": "professional"})),
    "a local number of a route": (
        "referral_route",
        lambda owner: route(owner, **LOCAL_ROUTE | {"phone_is_geographic": True}),
    ),
    "a local number of a route said to be none": ("referral_route", lambda owner: route(owner, **LOCAL_ROUTE)),
    "a way to walk in": ("referral_route", lambda owner: route(owner, channel="walk_in")),
}  # fmt: skip
"""What leads to a service's door, as (table, row)."""


@pytest.fixture
def directory(database: Database) -> Database:
    """An organization with a location, a service that is open about where it is, and a refuge."""
    organization = {
        "id": ORGANIZATION, "source": "test", "source_id": "example", "name": "Example", "description": "",
        "demonstration": False, "last_modified_at": MOMENT,
    }  # fmt: skip
    insert(database, "organization", organization)
    insert(database, "service", service(id=OPEN, host_area_code=WEST_MIDLANDS_POLICE))
    insert(database, "service", service(id=REFUGE, confidential=True, host_area_code=WEST_MIDLANDS_POLICE))
    place = {
        "id": LOCATION,
        "organization_id": ORGANIZATION,
        "name": "Example office",
        "is_public_office": False,
    }
    insert(database, "location", place)
    return database


@pytest.mark.parametrize("fact", LOCATING)
def test_a_confidential_service_has_nothing_that_locates_it(directory: Database, fact: str) -> None:
    table, row = LOCATING[fact]

    with pytest.raises(IntegrityError):
        insert(directory, table, row(REFUGE))

    assert count(directory, table) == 0


@pytest.mark.parametrize("fact", LOCATING)
def test_a_row_cannot_deny_that_its_service_is_confidential(directory: Database, fact: str) -> None:
    table, row = LOCATING[fact]

    with pytest.raises(IntegrityError):
        insert(directory, table, row(REFUGE) | {"service_confidential": False})


@pytest.mark.parametrize("fact", LOCATING)
def test_a_service_that_can_be_located_is_not_flagged_until_it_cannot(directory: Database, fact: str) -> None:
    table, row = LOCATING[fact]
    insert(directory, table, row(OPEN))
    flag = f"UPDATE service SET confidential = true WHERE id = '{OPEN}'"  # noqa: S608

    with pytest.raises(IntegrityError):
        run(directory, flag)
    run(directory, f"DELETE FROM {table}")  # noqa: S608
    run(directory, flag)

    with directory.read() as session:
        found = session.connection().execute(text("SELECT count(*) FROM service WHERE confidential"))
        assert found.scalar() == 2


def test_rows_that_stay_follow_a_service_that_is_flagged(directory: Database) -> None:
    insert(directory, "phone", phone(OPEN))
    run(directory, f"UPDATE service SET confidential = true WHERE id = '{OPEN}'")  # noqa: S608

    with pytest.raises(IntegrityError):
        run(directory, "UPDATE phone SET e164 = '+441214960123', is_geographic = true")


def test_a_confidential_service_says_in_which_police_area_or_region_it_is(directory: Database) -> None:
    with pytest.raises(IntegrityError):
        insert(directory, "service", service(confidential=True, host_area_code=None))


def test_a_service_without_a_host_area_is_not_flagged(directory: Database) -> None:
    homeless = service()
    insert(directory, "service", homeless)

    with pytest.raises(IntegrityError):
        run(directory, f"UPDATE service SET confidential = true WHERE id = '{homeless['id']}'")  # noqa: S608


def test_counts_of_a_confidential_service_are_not_public(directory: Database) -> None:
    refused = service(confidential=True, host_area_code=WEST_MIDLANDS_POLICE, counts_public=True)

    with pytest.raises(IntegrityError):
        insert(directory, "service", refused)


OTHER_RULES: dict[str, tuple[str, Values]] = {
    "an unknown status": ("service", service(status="gone")),
    "an unknown reach": ("service", service(reach="everywhere")),
    "published at no moment": ("service", service(record_state="published")),
    "a service of nobody": ("service", service(organization_id=uuid4().hex)),
    "an area that does not exist": ("service_area", of(OPEN, area_code="E99999999")),
    "coverage of two kinds at once": ("service_area", of(OPEN, area_code=SANDWELL, postcode_district="B70")),
    "coverage of nothing": ("service_area", of(OPEN)),
    "a phone of nobody": ("phone", phone(OPEN, service_id=None, service_confidential=None)),
    "a phone of two owners": ("phone", phone(OPEN, organization_id=ORGANIZATION)),
    "a phone that hides whose it is": ("phone", phone(OPEN, service_confidential=None)),
    "a route by phone without a number": ("referral_route", route(OPEN, channel="phone")),
    "a route by mail without an address": ("referral_route", route(OPEN, email=None)),
    "a route by form without an address": ("referral_route", route(OPEN, channel="web_form")),
    "a route through no service": ("referral_route", route(OPEN, channel="via_service")),
    "a route through itself": ("referral_route", route(OPEN, channel="via_service", via_service_id=OPEN)),
    "none available and yet accepting": ("capacity_report", report(available=0, status="accepting")),
    "none available and yet limited": ("capacity_report", report(available=0)),
    "more available than there are": ("capacity_report", report(available=4)),
    "fewer than none": ("capacity_report", report(available=-1)),
    "expired before it was seen": ("capacity_report", report(valid_until=MOMENT)),
    "a capacity status of another standard": ("capacity_report", report(status="H")),
    "a place half on the grid": (
        "location",
        {"id": uuid4().hex, "organization_id": ORGANIZATION, "name": "x", "is_public_office": False, "easting": 1},
    ),
    "hours of nobody": (
        "schedule",
        {"id": uuid4().hex, "position": 0, "kind": "closed", "valid_from": "2026-12-25", "valid_to": "2026-12-25",
         "bank_holidays": "unknown"},
    ),
    "a second counter": ("directory_revision", {"id": 2, "catalogue": 0, "capacity": 0}),
}  # fmt: skip


@pytest.mark.parametrize("rule", OTHER_RULES)
def test_the_database_refuses(directory: Database, rule: str) -> None:
    table, row = OTHER_RULES[rule]
    before = count(directory, table)

    with pytest.raises(IntegrityError):
        insert(directory, table, row)

    assert count(directory, table) == before


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("service", service()),
        ("service_area", of(OPEN, area_code=SANDWELL)),
        ("service_area", of(REFUGE, area_code=WEST_MIDLANDS_POLICE)),
        ("phone", phone(REFUGE)),
        ("referral_route", route(REFUGE)),
        ("capacity_report", report()),
        ("capacity_report", report(available=0, status="full")),
    ],
)
def test_the_rows_that_the_refused_ones_differ_from_are_taken(
    directory: Database, table: str, row: Values
) -> None:
    before = count(directory, table)

    insert(directory, table, row)

    assert count(directory, table) == before + 1


def test_two_reports_of_one_moment_are_one_too_many(directory: Database) -> None:
    insert(directory, "capacity_report", report())

    with pytest.raises(IntegrityError):
        insert(directory, "capacity_report", report(status="accepting"))


def test_a_source_names_a_record_once(directory: Database) -> None:
    insert(directory, "service", service(source_id="same"))

    with pytest.raises(IntegrityError):
        insert(directory, "service", service(source_id="same"))
