"""Valid records for tests, in which a test names only what matters to it, and a look at everything that is stored."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid5

from sqlalchemy import insert, select, text
from sqlmodel import Session, SQLModel

from app.curation.publishing import source_uuid
from app.curation.record_rows import Publication, Vocabulary
from app.curation.seed_files import read_vocabulary
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.db import Database
from app.geo.areas import Areas, read_areas
from app.geo.gazetteer import Gazetteer
from app.models import metadata
from app.models.places import AreaRow
from app.models.taxonomies import Taxonomy, TaxonomyTerm

SEED_DATA = Path(__file__).parents[1] / "seed_data"

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
SANDWELL, BIRMINGHAM, COVENTRY = "E08000028", "E08000025", "E08000026"
WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION, ENGLAND = "E23000014", "E12000005", "E92000001"

INVENTED = {"fact": "record", "mark": "invented", "source": "Invented for a test", "review_by": "2027-05-31"}


def make_service(key: str = "example-service", **changed: Any) -> ServiceSubmission:
    """A service that goes to people in Sandwell, with nothing else known, apart from what is `changed`."""
    known: dict[str, Any] = {
        "key": key,
        "name": f"Example {key}",
        "description": "Somebody who listens.",
        "reach": "outreach_area",
        "needs": ["casework_advocacy"],
        "coverage": {"areas": [SANDWELL]},
        "assurance": [INVENTED],
    }
    return ServiceSubmission.model_validate(known | changed)


def make_refuge(key: str = "example-refuge", **changed: Any) -> ServiceSubmission:
    """A confidential service somewhere in the area of West Midlands Police, which it covers."""
    known: dict[str, Any] = {
        "confidential": True,
        "host_area": WEST_MIDLANDS_POLICE,
        "reach": "site",
        "needs": ["safe_house"],
        "coverage": {"areas": [WEST_MIDLANDS_POLICE]},
    }
    return make_service(key, **known | changed)


def make_organization(
    *services: ServiceSubmission, key: str = "example-organization", **changed: Any
) -> OrganizationSubmission:
    """An organization with these services, or with one plain service."""
    known: dict[str, Any] = {
        "key": key,
        "name": f"Example {key}",
        "description": "An invented charity.",
        "assurance": [INVENTED],
        "services": services or (make_service(),),
    }
    return OrganizationSubmission.model_validate(known | changed)


def make_publication(
    session: Session, gazetteer: Gazetteer, *, source: str = "test", now: datetime = NOW
) -> Publication:
    return Publication(
        source=source,
        author="tester",
        areas=real_areas(),
        gazetteer=gazetteer,
        vocabulary=Vocabulary.load(session),
        now=now,
    )


@lru_cache(maxsize=1)
def real_areas() -> Areas:
    return Areas(read_areas(SEED_DATA / "areas" / "areas.csv"))


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def store_reference(session: Session) -> None:
    """The areas and the vocabulary, which every record refers to."""
    for kind, rows in _reference_rows().items():
        session.connection().execute(insert(kind), rows)


@lru_cache(maxsize=1)
def _reference_rows() -> Mapping[type[SQLModel], list[dict[str, Any]]]:
    areas = [
        AreaRow(
            code=area.code,
            name=area.name,
            area_type=area.area_type,
            police_force_code=area.police_force,
            region_code=area.region,
            country_code=area.country,
        ).model_dump()
        for area in real_areas()
    ]
    taxonomies: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    for one in read_vocabulary(SEED_DATA / "vocabulary.yaml"):
        taxonomy_id = source_uuid("test", one.code)
        taxonomies.append(Taxonomy(id=taxonomy_id, **one.model_dump(exclude={"terms"})).model_dump())
        for position, term in enumerate(one.terms):
            parent = uuid5(taxonomy_id, term.parent) if term.parent else None
            row = TaxonomyTerm(
                id=uuid5(taxonomy_id, term.code),
                taxonomy_id=taxonomy_id,
                parent_id=parent,
                position=position,
                **term.model_dump(exclude={"parent"}),
            )
            terms.append(row.model_dump())
    return {AreaRow: areas, Taxonomy: taxonomies, TaxonomyTerm: terms}


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text, in an order of their own: equal when nothing at all was changed."""
    with database.read() as session:
        link = session.connection()
        return {
            table.name: sorted(repr(tuple(row)) for row in link.execute(select(table)))
            for table in metadata.sorted_tables
        }


def count(database: Database, table: str) -> int:
    with database.read() as session:
        return int(session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
