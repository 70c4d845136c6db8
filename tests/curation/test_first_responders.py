"""Who may refer to the NRM in a directory that is no demonstration: the list is seeded, and who of it is here is said on the host."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlmodel import col, select

from app.curation.first_responders import put_on_list, take_off_list
from app.curation.publishing import publish
from app.curation.seeding import seed_reference
from app.db import Database
from app.directory.loading import load_catalogue
from app.errors import ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models.history import Change
from app.models.organizations import Organization
from tests.factories import SEED_DATA, make_organization, make_publication, make_service, opened


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty one, as before the first seeding."""
    with opened(database_url) as opened_one:
        yield opened_one


def test_who_is_on_the_list_is_shown_as_able_to_refer_until_they_are_not(
    database: Database, gazetteer: Gazetteer, tmp_path: Path
) -> None:
    folder = tmp_path / "seed_data"
    shutil.copytree(SEED_DATA, folder)
    names = {"county": "Example County Council", "force": "Example Police", "charity": "Example helpline"}
    with database.write() as session:
        seed_reference(session, folder)
        publication = make_publication(session, gazetteer)
        publish(
            session,
            [
                make_organization(make_service(key, needs=["nrm_first_responder"]), key=f"o-{key}", name=name)
                for key, name in names.items()
            ],
            publication,
        )
        ids = {row.name: row.id for row in session.exec(select(Organization))}

    def shown() -> list[str]:
        with database.read() as session:
            catalogue = load_catalogue(session, gazetteer)
        able = [one.record for one in catalogue.entries if "nrm_first_responder" in one.record.needs]
        assert {one.name for one in catalogue.organizations.values() if one.first_responder} == {
            one.organization.name for one in able
        }
        return sorted(one.organization.name for one in able)

    assert shown() == []
    with database.write() as session:
        put_on_list(session, ids["Example County Council"], "local authorities", publication)
        put_on_list(session, ids["Example Police"], "Police forces", publication)
        put_on_list(session, ids["Example helpline"], "Unseen", publication)
        for name in ("Example wizards", "unseen"):
            with pytest.raises(ValidationFailed):
                put_on_list(session, ids["Example County Council"], name, publication)
        told = session.exec(select(Change.record_id).where(col(Change.kind) == "updated")).all()
    assert set(ids.values()) <= set(told), "whoever keeps a copy is told"
    assert shown() == sorted(names.values())

    # The file goes on without one of them: that one is gone, and what was said of the others stays said.
    path = folder / "first_responders.yaml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump([one for one in listed if one["name"] != "Unseen"]), encoding="utf-8")
    with database.write() as session:
        before = set(session.exec(select(Change.id)))
        seed_reference(session, folder, gazetteer)
        told = session.exec(select(Change.record_id).where(col(Change.id).not_in(before))).all()
    assert ids["Example helpline"] in told
    assert shown() == ["Example County Council", "Example Police"]
    with database.write() as session:
        take_off_list(session, ids["Example Police"], publication)
    assert shown() == ["Example County Council"]
