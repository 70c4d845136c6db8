"""The files: what they hold, what a spreadsheet makes of them, and that they change when something is published, not before."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.curation.publishing import publish
from app.directory.sheet_cells import cell_text
from app.directory.sheet_columns import flat_columns
from app.directory.snapshot import Directory
from app.feed.encoded import EncodedOnce
from app.geo.gazetteer import Gazetteer
from app.importing.reading import parse
from app.importing.words_loading import words_of_seed
from tests.api.addresses import EXPORTS, confidential_id, service_ids
from tests.api.served import NOW, Client
from tests.factories import (
    BIRMINGHAM,
    SANDWELL,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
)
from tests.importing.sheets import SEED_DATA
from tests.providing import Provided

SERVICES, ORGANIZATIONS, COVERAGE, LOCATIONS = EXPORTS
DANGEROUS = "=+-@\t\r\n＝＋－＠"
BOM = "\ufeff"


def table(client: Client, path: str) -> list[dict[str, str]]:
    text = client.get(path).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def features(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path).json()["features"]
    return found


def published(sides: Provided, gazetteer: Gazetteer, *services: Any, **organization: Any) -> None:
    with sides.database.write() as session:
        submission = make_organization(*services, key="extra", **organization)
        publish(session, [submission], make_publication(session, gazetteer, now=sides.clock.now))
    sides.refresh()


# Spreadsheets


def test_a_table_has_a_row_for_each_record(either_client: Client) -> None:
    rows = table(either_client, SERVICES)
    assert [row["id"] for row in rows] == service_ids(either_client)
    listed = either_client.get("/v1/organizations", params={"limit": 100}).json()["results"]
    assert [row["organization_id"] for row in table(either_client, ORGANIZATIONS)] == [
        one["id"] for one in listed
    ]


def test_a_row_says_what_the_record_says(client: Client) -> None:
    said = [one["properties"] for one in features(client, COVERAGE)]
    phones = {one["service_id"]: one["phone"] for one in said}
    for row in table(client, SERVICES):
        record = client.get(f"/v1/services/{row['id']}").json()
        assert cell_text(row["service"]) == record["name"]
        assert cell_text(row["organization"]) == record["organization"]["name"]
        assert cell_text(row["description"]) == record["description"]
        assert row["needs"] == "; ".join(record["needs"])
        coverage = record["coverage"]
        assert row["covers"] == (
            "everywhere" if coverage["everywhere"] else "; ".join(one["code"] for one in coverage["areas"])
        )
        assert row["confidential"] == ("yes" if record["confidential"] else "no")
        assert row["demonstration"] == "yes"
        assert row["licence"] == "OGL-UK-3.0"
        assert all(phone["number"] in row["all_phones"] for phone in record["phones"])
        rung = [one["number"] for one in record["phones"] if one["phone_type"] == "voice"]
        # A number for texts alone would be rung in vain: it is in no column of numbers, and says so in a list.
        assert phones[row["id"]] == next(iter(rung), None)
        for one in record["phones"]:
            is_rung = one["phone_type"] == "voice"
            assert is_rung or f"{one['number']} ({one['phone_type']}" in row["all_phones"]


def test_every_cell_is_quoted_and_excel_knows_the_encoding(client: Client) -> None:
    for path in (SERVICES, ORGANIZATIONS):
        response = client.get(path)
        text = response.content.decode()
        assert text.startswith(f'{BOM}"organization"')
        assert text.endswith('"\r\n')
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        # Without the cells there are only commas and the ends of rows left.
        outside = "".join(text.replace('""', "").split('"')[::2])
        assert set(outside) <= {BOM, ",", "\r", "\n"}


def test_no_cell_is_a_formula(client: Client) -> None:
    for path in (SERVICES, ORGANIZATIONS):
        assert not [
            cell for row in table(client, path) for cell in row.values() if cell.startswith(tuple(DANGEROUS))
        ]


def test_a_table_is_read_back_by_the_import_without_a_fault(client: Client) -> None:
    parsed = parse(client.get(SERVICES).content, words_of_seed(SEED_DATA))

    assert parsed.problems == ()
    assert {one.code for one in parsed.warnings} <= {"unknown-column", "one-sheet", "says-refuge"}
    read = [
        (organization.name, service)
        for organization in parsed.submissions
        for service in organization.services
    ]
    ids = {
        (cell_text(row["organization"]), cell_text(row["service"])): row["id"]
        for row in table(client, SERVICES)
    }
    assert len(read) == len(service_ids(client))
    for owner, service in read:
        record = client.get(f"/v1/services/{ids[owner, service.name]}").json()
        assert service.description == record["description"]
        assert list(service.needs) == record["needs"]
        assert service.confidential == record["confidential"]
        assert sorted(service.coverage.areas) == sorted(one["code"] for one in record["coverage"]["areas"])
        assert service.eligibility.minimum_age == record["eligibility"]["minimum_age"]
        assert service.eligibility.with_children == record["eligibility"]["with_children"]
        assert sorted(service.languages) == sorted(one["code"] for one in record["languages"])
        assert service.information_flow.police == record["information_flow"]["police"]


def test_what_the_public_sees_a_part_of_is_not_read_back(client: Client) -> None:
    parsed = parse(client.get(SERVICES).content, words_of_seed(SEED_DATA))
    partly = {"phones", "contacts", "locations", "routes", "assurance", "hours", "host_area", "counts_public"}
    for organization in parsed.submissions:
        assert not {"phones", "identifiers", "assurance"} & organization.model_fields_set
        for service in organization.services:
            said = partly & service.model_fields_set
            # Whoever says that a service is confidential says that it has no place.
            assert said == ({"locations"} if service.confidential else set())
            assert not service.locations


def test_columns_are_those_of_the_import_sheet_and_then_those_for_readers(client: Client) -> None:
    ours = {column.name for column in flat_columns()}
    columns = list(table(client, SERVICES)[0])
    known = [name in ours for name in columns]
    assert known == sorted(known, reverse=True)
    assert columns[known.index(False) - 1] == "fees"
    assert {"id", "organization_id", "service", "covers"} <= set(columns)


def test_hostile_words_stay_words(sides: Provided, gazetteer: Gazetteer) -> None:
    formula = '=HYPERLINK("https://evil.example","click")'
    published(
        sides,
        gazetteer,
        make_service("hostile", name="@Example, \"quoted\"", description=f"{formula}\n+44 121 496 0000", fees_description="-1; none"),
        name="＝Example",
    )  # fmt: skip
    (row,) = (one for one in table(sides.client, SERVICES) if one["service"].startswith("'@"))
    assert row["service"] == '\'@Example, "quoted"'
    assert row["description"] == f"'{formula}\n+44 121 496 0000"
    assert row["fees"] == "'-1; none"
    assert row["organization"] == "'＝Example"


def test_files_have_fixed_names_and_their_licence(client: Client) -> None:
    for path in EXPORTS:
        headers = client.get(path).headers
        assert headers["content-disposition"] == f'attachment; filename="{Path(path).name}"'
        assert headers["link"].endswith('open-government-licence/version/3/>; rel="license"')
        assert headers["cache-control"] == "public, max-age=60"


# Maps


def test_what_is_covered_has_a_feature_for_each_part(sides: Provided, gazetteer: Gazetteer) -> None:
    # Drawn the wrong way round: in the file it is as RFC 7946 asks.
    ring = [[-1.95, 52.45], [-1.95, 52.5], [-1.85, 52.5], [-1.85, 52.45], [-1.95, 52.45]]
    coverage = {
        "areas": [BIRMINGHAM, SANDWELL],
        "postcode_districts": ["B69"],
        "polygons": [{"type": "Polygon", "coordinates": [ring]}],
    }
    published(
        sides,
        gazetteer,
        make_service("drawn", name="Example Drawn", coverage=coverage),
        make_service("national", name="Example National", coverage={"everywhere": True}),
    )
    found = [
        one
        for one in features(sides.client, COVERAGE)
        if one["properties"]["service_name"] == "Example Drawn"
    ]
    said = {(one["properties"]["area_type"], one["properties"]["area_code"]) for one in found}
    assert said == {
        ("local_authority", BIRMINGHAM),
        ("local_authority", SANDWELL),
        ("postcode_district", None),
        ("polygon", None),
    }
    # No shapes are stored in this directory: the code says what is covered.
    drawn = [one for one in found if one["geometry"] is not None]
    assert [one["properties"]["area_type"] for one in drawn] == ["polygon"]
    assert shapely.LinearRing(drawn[0]["geometry"]["coordinates"][0]).is_ccw
    everywhere = [
        one
        for one in features(sides.client, COVERAGE)
        if one["properties"]["service_name"] == "Example National"
    ]
    assert [(one["properties"]["area_type"], one["geometry"]) for one in everywhere] == [("everywhere", None)]


def test_shapes_are_stored_ones_and_a_force_area_is_put_together_from_all_its_authorities(
    client: Client,
) -> None:
    by_code = {one["properties"]["area_code"]: one for one in features(client, COVERAGE) if one["geometry"]}
    for code in (BIRMINGHAM, "E08000031"):
        stored = client.get(f"/v1/areas/{code}").json()
        assert by_code[code]["geometry"] == stored["geometry"]
        assert by_code[code]["properties"]["approximate"] is stored["approximate"] is True
    force = shapely.geometry.shape(by_code["E23000014"]["geometry"])
    parts = [
        shapely.geometry.shape(client.get(f"/v1/areas/{code}").json()["geometry"])
        for code in client.get("/v1/areas/E23000014").json()["local_authorities"]
    ]
    assert force.area == pytest.approx(sum(part.area for part in parts), rel=1e-6)
    assert force.geom_type == "Polygon"
    assert "E12000005" not in by_code, "of a region only some authorities have a shape"


def test_rings_go_round_as_rfc_7946_asks(client: Client) -> None:
    for path in (COVERAGE, "/ogc/collections/areas/items"):
        for feature in features(client, path):
            shape = None if feature["geometry"] is None else shapely.geometry.shape(feature["geometry"])
            for polygon in [] if shape is None else shapely.get_parts(shape):
                assert polygon.exterior.is_ccw
                assert not any(ring.is_ccw for ring in polygon.interiors)
                west, south, east, north = polygon.bounds
                assert -3 < west < east < -1
                assert 52 < south < north < 53


def test_a_place_stands_where_its_postcode_is(client: Client) -> None:
    found = {one["properties"]["location_name"]: one for one in features(client, LOCATIONS)}
    college = found["Example College"]
    assert college["properties"]["postal_code"] == "B1 1BB"
    # Longitude first, in WGS84; on the Airy ellipsoid of the grid it would be a hundred metres away.
    lon, lat = college["geometry"]["coordinates"]
    assert (lon, lat) == (pytest.approx(-1.90345, abs=2e-4), pytest.approx(52.48043, abs=2e-4))
    assert college["properties"]["approximate"] is True


def test_places_are_those_of_the_public_records(either_client: Client) -> None:
    wanted = [
        (one, place["id"])
        for one in service_ids(either_client)
        for place in either_client.get(f"/v1/services/{one}").json()["locations"]
    ]
    found = features(either_client, LOCATIONS)
    assert sorted(
        (one["properties"]["service_id"], one["properties"]["location_id"]) for one in found
    ) == sorted(wanted)


def test_a_confidential_service_and_a_withheld_office_are_in_no_file(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    hidden = {
        "key": "hidden",
        "name": "Example Back Door",
        "address_1": "Example Lane",
        "postal_code": "B4 7DL",
    }
    hall = {"key": "hall", "name": "Example Hall", "postal_code": "B1 1BB", "is_public_office": True}
    published(
        sides,
        gazetteer,
        make_refuge("house", name="Example House"),
        make_service("advice", name="Example Advice", locations=[hidden, hall], reach="site"),
    )
    names = {one["properties"]["location_name"] for one in features(sides.client, LOCATIONS)}
    assert names == {"Example Hall"}
    for path in EXPORTS:
        text = sides.client.get(path).text
        assert "Back Door" not in text
        assert "Example Lane" not in text
        assert "B4 7DL" not in text
    assert "Example House" in sides.client.get(SERVICES).text


def test_a_place_without_a_postcode_has_no_point(sides: Provided, gazetteer: Gazetteer) -> None:
    nowhere = {"key": "nowhere", "name": "Example Tent"}
    published(sides, gazetteer, make_service("tent", locations=[nowhere], reach="site"))
    (found,) = features(sides.client, LOCATIONS)
    assert (found["geometry"], found["properties"]["approximate"]) == (None, None)


# When they change


def test_a_report_moves_no_byte_and_a_publication_does(sides: Provided, gazetteer: Gazetteer) -> None:
    before = {path: sides.client.get(path).headers["etag"] for path in EXPORTS}
    assert sides.report(status="full", available=0).status_code == 200
    sides.refresh()
    assert {path: sides.client.get(path).headers["etag"] for path in EXPORTS} == before
    published(
        sides,
        gazetteer,
        make_service("more", locations=[{"key": "a", "name": "Example", "postal_code": "B1 1BB"}]),
    )
    after = {path: sides.client.get(path).headers["etag"] for path in EXPORTS}
    assert not set(after.values()) & set(before.values())


def test_a_file_is_made_once_for_each_publication(client: Client) -> None:
    directory: Directory = client.app.state.holder.current
    made: list[Directory] = []

    def make(found: Directory) -> bytes:
        made.append(found)
        return b"made"

    once = EncodedOnce()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: once.of(directory, make), range(40))) == {b"made"}
    assert len(made) == 1
    # A report replaces the directory and leaves its catalogue alone; a publication makes another catalogue.
    once.of(replace(directory, as_of=NOW), make)
    assert len(made) == 1
    once.of(replace(directory, catalogue=replace(directory.catalogue)), make)
    assert len(made) == 2


def test_no_file_says_how_full_anything_is(client: Client) -> None:
    words = set(table(client, SERVICES)[0]) | set(table(client, ORGANIZATIONS)[0])
    words |= {
        name for path in (COVERAGE, LOCATIONS) for one in features(client, path) for name in one["properties"]
    }
    assert not {
        word for word in words if "capacity" in word or word in {"available", "maximum", "valid_until"}
    }
    house = confidential_id(client)
    assert [row["confidential"] for row in table(client, SERVICES) if row["id"] == house] == ["yes"]
