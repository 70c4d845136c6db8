"""Which services cover a borough: what a search for it finds, whatever is confidential, paused or stands where."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlmodel import select

from app.curation.submissions import ServiceSubmission
from app.db import Database
from app.directory.boroughs import boroughs_of, number_covering, outlines_of_boroughs
from app.directory.loading import load_capacity, load_catalogue
from app.directory.snapshot import Directory
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from app.search.answer import search
from app.search.query import SearchQuery
from app.web.borough_map import map_of_directory, map_of_service
from tests.capacity.making import published
from tests.factories import (
    BIRMINGHAM,
    COVENTRY,
    ENGLAND,
    NOW,
    SANDWELL,
    WEST_MIDLANDS_POLICE,
    WEST_MIDLANDS_REGION,
    make_organization,
    make_refuge,
    make_service,
)

DUDLEY = "E08000027"


def directory_of(
    database: Database, gazetteer: Gazetteer, *, home_area: str = WEST_MIDLANDS_POLICE
) -> Directory:
    with database.read() as session:
        catalogue = load_catalogue(session, gazetteer)
        capacity = load_capacity(session, catalogue)
    return Directory(
        catalogue=catalogue, capacity=capacity, as_of=NOW, demonstration=True, home_area=home_area
    )


def publish(database: Database, gazetteer: Gazetteer, *services: ServiceSubmission) -> Mapping[str, UUID]:
    return published(database, gazetteer, make_organization(*services))


@pytest.fixture
def ids(database: Database, gazetteer: Gazetteer) -> Mapping[str, UUID]:
    found = publish(
        database,
        gazetteer,
        make_service("sandwell"),
        make_service("two", coverage={"areas": [SANDWELL, BIRMINGHAM]}),
        make_service("force", coverage={"areas": [WEST_MIDLANDS_POLICE]}),
        make_service("england", coverage={"areas": [ENGLAND]}),
        make_service("everywhere", coverage={"everywhere": True}, reach="remote"),
        make_service("district", coverage={"areas": [COVENTRY], "postcode_districts": ["B69"]}),
        make_service("paused"),
        make_refuge("refuge"),
    )
    with database.write() as session:
        session.exec(select(Service).where(Service.id == found["paused"])).one().record_state = "paused"
    return found


def test_as_many_cover_a_borough_as_a_search_for_it_finds(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    directory = directory_of(database, gazetteer)
    counts = {}
    for one in boroughs_of(directory):
        counts[one.code] = number_covering(directory.catalogue, one.code)
        assert counts[one.code] == search(SearchQuery(area=one.code), directory, NOW).total
    assert len(counts) == 7
    # England, everywhere, the force and its refuge; and what lists the borough, or has a postcode district there.
    assert (counts[SANDWELL], counts[BIRMINGHAM], counts[COVENTRY], counts[DUDLEY]) == (7, 5, 5, 4)
    assert {one.code: one.said.words for one in map_of_directory(directory).boroughs} == {
        code: str(count) for code, count in counts.items()
    }


def test_a_service_covers_wholly_in_part_or_not(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    directory = directory_of(database, gazetteer)
    found = {}
    for key in ("sandwell", "force", "district", "refuge"):
        shown = map_of_service(directory.catalogue.entries[directory.catalogue.row_of[ids[key]]], directory)
        assert shown is not None
        found[key] = {one.code: one.said.look for one in shown.boroughs}
    assert found["sandwell"] == dict.fromkeys(found["force"], "plain") | {SANDWELL: "filled"}
    assert set(found["force"].values()) == set(found["refuge"].values()) == {"filled"}
    assert (found["district"][SANDWELL], found["district"][COVENTRY]) == ("striped", "filled")
    assert ids["paused"] not in directory.catalogue.row_of


def test_a_service_of_another_place_has_no_map(database: Database, gazetteer: Gazetteer) -> None:
    publish(database, gazetteer, make_service("elsewhere", coverage={"areas": ["E07000199"]}))
    directory = directory_of(database, gazetteer)
    assert map_of_service(directory.catalogue.entries[0], directory) is None
    assert {one.said.look for one in map_of_directory(directory).boroughs} == {"plain"}


def test_where_a_refuge_stands_changes_nothing(database: Database, gazetteer: Gazetteer) -> None:
    shown = []
    for host_area in (WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION, ENGLAND):
        covered = {"coverage": {"areas": [ENGLAND]}, "host_area": host_area}
        publish(database, gazetteer, make_service("open"), make_refuge("refuge", **covered))
        directory = directory_of(database, gazetteer)
        shown.append((map_of_directory(directory), map_of_directory(directory, [SANDWELL])))
    assert shown[0] == shown[1] == shown[2]
    assert [one.said.words for one in shown[0][0].boroughs if one.code == SANDWELL] == ["2"]


def test_without_shapes_there_is_a_table_and_no_picture(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    directory = directory_of(database, gazetteer)
    assert outlines_of_boroughs(directory) is None
    shown = map_of_directory(directory)
    assert shown.view_box is None
    assert len(shown.boroughs) == 7


def test_a_home_area_that_is_not_known_has_no_boroughs(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    directory = directory_of(database, gazetteer, home_area="E23000099")
    assert boroughs_of(directory) == ()
    assert outlines_of_boroughs(directory) is None
