"""The demonstration as `make serve` shows it: loaded twice without a difference, invented where it says so."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from sqlmodel import Session, col, select

from app.capacity.reporting import CapacityClaim, Reporter, report_capacity
from app.curation.curated import curated_service
from app.curation.flagging import HostArea, flag_confidential
from app.curation.lifecycle import put_into_state
from app.curation.record_rows import Publication
from app.curation.seeding import seed_demonstration, seed_reference
from app.db import Database
from app.directory.capacity_map import CapacityMap
from app.directory.freshness import capacity_at
from app.directory.loading import current_revision, load_capacity, load_catalogue
from app.directory.snapshot import Catalogue
from app.geo.gazetteer import Gazetteer
from app.models.capacity import CapacityReport
from app.models.codes import CAPACITY_STATUSES
from app.models.services import Service
from tests.factories import (
    NOW,
    SEED_DATA,
    WEST_MIDLANDS_POLICE,
    contents,
    make_publication,
    opened,
)
from tests.providing import act_of_the_host


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    with opened(database_url) as database:
        yield database


def seeded(database: Database, gazetteer: Gazetteer, *, hours: int = 0) -> int:
    """Seed; the number of capacity reports."""
    with database.write() as session:
        now = NOW + timedelta(hours=hours)
        return seed_demonstration(session, SEED_DATA, gazetteer, now=now).reports


def loaded(database: Database, gazetteer: Gazetteer) -> tuple[Catalogue, CapacityMap]:
    with database.read() as session:
        catalogue = load_catalogue(session, gazetteer)
        return catalogue, load_capacity(session, catalogue)


def test_seeding_twice_changes_no_row(empty: Database, gazetteer: Gazetteer) -> None:
    seeded(empty, gazetteer)
    before = contents(empty)

    seeded(empty, gazetteer)

    assert contents(empty) == before


def test_a_number_that_always_stands_is_changed_and_taken_out_by_its_file(
    empty: Database, gazetteer: Gazetteer, tmp_path: Path
) -> None:
    folder = tmp_path / "seed_data"
    shutil.copytree(SEED_DATA, folder)
    with empty.write() as session:
        seed_reference(session, folder)
    before, _ = loaded(empty, gazetteer)
    first, second, *_ = (line.name for line in before.texts.always)
    lines = yaml.safe_load((folder / "helplines.yaml").read_text(encoding="utf-8"))
    guidance = yaml.safe_load((folder / "guidance.yaml").read_text(encoding="utf-8"))
    # One number changed, one line taken out, one under another name; one text of the guidance taken out.
    lines[1]["phone"] = "0121 496 0199"
    lines[-1]["name"] = "Example Line"
    gone = lines.pop(2)
    text = guidance.pop()
    (folder / "helplines.yaml").write_text(yaml.safe_dump(lines), encoding="utf-8")
    (folder / "guidance.yaml").write_text(yaml.safe_dump(guidance), encoding="utf-8")
    with empty.read() as session:
        revision, _ = current_revision(session)

    with empty.write() as session:
        seed_reference(session, folder)

    after, _ = loaded(empty, gazetteer)
    assert [line.name for line in after.texts.always] == [
        first, second, *(line.name for line in before.texts.always[3:-1]), "Example Line",
    ]  # fmt: skip
    assert after.texts.always[1].phone == "0121 496 0199"
    assert gone["name"] not in str(after.texts.always)
    assert text["slug"] not in [one.slug for one in after.texts.guidance]
    with empty.read() as session:
        assert current_revision(session)[0] > revision


def test_every_status_is_shown_by_an_example_and_none_by_a_real_service(
    empty: Database, gazetteer: Gazetteer
) -> None:
    seeded(empty, gazetteer)

    catalogue, capacity = loaded(empty, gazetteer)

    shown: dict[bool, set[str]] = {True: set(), False: set()}
    for entry in catalogue.entries:
        figures = capacity.of(entry.record.id)
        shown[entry.record.demonstration] |= {one.status_at(NOW) for one in figures}
        if not entry.record.demonstration:
            assert capacity_at(figures, NOW).status == "unknown"
    assert shown == {True: set(CAPACITY_STATUSES), False: set()}


def test_what_is_invented_says_so_in_its_name(empty: Database, gazetteer: Gazetteer) -> None:
    seeded(empty, gazetteer)

    catalogue, _ = loaded(empty, gazetteer)

    assert {entry.record.demonstration for entry in catalogue.entries} == {True, False}
    for entry in catalogue.entries:
        assert entry.record.demonstration == entry.record.organization.name.startswith("Example ")


def test_a_later_start_makes_the_examples_fresh_again_and_nothing_else(
    empty: Database, gazetteer: Gazetteer
) -> None:
    seeded(empty, gazetteer)
    before = contents(empty)

    assert seeded(empty, gazetteer, hours=24) > 0

    after = contents(empty)
    assert {table for table in before if before[table] != after[table]} == {
        "capacity_report",
        "directory_revision",
    }
    assert set(before["capacity_report"]) < set(after["capacity_report"])


def test_reference_data_come_without_organizations(empty: Database, gazetteer: Gazetteer) -> None:
    with empty.write() as session:
        areas = seed_reference(session, SEED_DATA)
    before = contents(empty)

    with empty.write() as session:
        seed_reference(session, SEED_DATA)

    assert len(areas) == len(before["area"])
    assert contents(empty) == before
    assert {table for table, rows in before.items() if not rows} >= {
        "organization",
        "service",
        "capacity_report",
    }
    assert all(before[table] for table in ("area_shape", "taxonomy_term", "guidance", "helpline"))


def test_every_process_is_told_of_new_reference_data(empty: Database, gazetteer: Gazetteer) -> None:
    with empty.write() as session:
        seed_reference(session, SEED_DATA)

    with empty.read() as session:
        assert current_revision(session)[0] > 0


def decide(
    database: Database, gazetteer: Gazetteer, key: str, what: Callable[[Session, UUID, Publication], object]
) -> UUID:
    """Do something to a seeded service as a person does, with its event; the id of its organization."""
    with database.write() as session:
        service = session.exec(select(Service).where(Service.source_id == key)).one()
        organization_id = service.organization_id
        publication = make_publication(session, gazetteer, source="examples")
        what(session, service.id, publication)
        act_of_the_host(NOW).record(
            session, "decided", entity=("service", key), organization_id=organization_id
        )
        return organization_id


def archive(session: Session, service_id: UUID, publication: Publication) -> object:
    return put_into_state(session, curated_service(session, service_id), "archived", publication)


def flag(session: Session, service_id: UUID, publication: Publication) -> object:
    host = HostArea(WEST_MIDLANDS_POLICE, (WEST_MIDLANDS_POLICE,))
    return flag_confidential(session, service_id, host_area=host, publication=publication)


@pytest.mark.parametrize("what", [archive, flag])
def test_what_people_have_decided_is_not_undone_by_the_next_start(
    empty: Database,
    gazetteer: Gazetteer,
    what: Callable[[Session, UUID, Publication], object],
) -> None:
    seeded(empty, gazetteer)
    decide(empty, gazetteer, "example-move-on-flats", what)
    before = contents(empty)

    with empty.write() as session:
        assert seed_demonstration(session, SEED_DATA, gazetteer, now=NOW).left == 1

    assert contents(empty) == before


def test_nothing_is_invented_in_place_of_what_somebody_told(empty: Database, gazetteer: Gazetteer) -> None:
    seeded(empty, gazetteer)
    with empty.write() as session:
        examples = session.exec(
            select(CapacityReport).where(CapacityReport.valid_until > NOW).order_by(col(CapacityReport.id))
        ).all()
        for one in examples:
            claim = CapacityClaim.model_validate(
                {"unit": one.unit, "applies_to": one.applies_to, "status": "full"}
            )
            report_capacity(session, one.service_id, claim, by=Reporter("key", "provider:x"), now=NOW)
    before = contents(empty)["capacity_report"]

    # They have all run out by then.
    assert seeded(empty, gazetteer, hours=24 * 100) == 0

    assert contents(empty)["capacity_report"] == before


def test_a_figure_that_was_told_and_has_run_out_does_not_stop_the_start(
    empty: Database, gazetteer: Gazetteer
) -> None:
    """What is invented was seen hours ago, which is before it: it was refused, and nothing started."""
    seeded(empty, gazetteer)
    with empty.write() as session:
        for one in session.exec(select(CapacityReport).where(CapacityReport.valid_until > NOW)).all():
            claim = CapacityClaim.model_validate(
                {
                    "unit": one.unit,
                    "applies_to": one.applies_to,
                    "status": "full",
                    "valid_until": NOW + timedelta(hours=1),
                }
            )
            report_capacity(session, one.service_id, claim, by=Reporter("page", "provider:x"), now=NOW)

    assert seeded(empty, gazetteer, hours=2) == 0
