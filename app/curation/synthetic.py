"""An invented national directory, into the database in bulk or straight into memory.

Rows are made by the functions that publishing uses, so both are what publishing the same organizations one by one gives;
only the way in is shorter: nothing is compared with what is stored, because nothing is.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from random import Random
from uuid import UUID, uuid5

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, select

from app.capacity.lives import DEFAULT_LIFE, end_of_life
from app.curation.publishing import new_service_id, publish, source_uuid
from app.curation.record_rows import (
    Publication,
    Vocabulary,
    add_children,
    organization_row,
    service_row,
)
from app.curation.recording import recorded
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.curation.synthetic_records import synthetic_organizations
from app.directory.announcing import announce
from app.directory.capacity_map import build_capacity
from app.directory.freshness import Figure, public_figure
from app.directory.loading import collector_paused, load_areas
from app.directory.projection import project_organization, project_service
from app.directory.records import ProjectedService, PublicOrganization
from app.directory.snapshot import Directory, build_catalogue
from app.directory.stored import RECORD_TABLES, RowSet, StoredOrganization, assemble
from app.directory.term_links import TermCodes
from app.directory.texts import SharedTexts
from app.errors import Conflict
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.models.capacity import CapacityReport
from app.models.history import Change, Revision
from app.models.organizations import Organization
from app.models.taxonomies import Attribute

__all__ = ["seed_synthetic", "synthetic_directory", "synthetic_organizations"]

SOURCE = "synthetic"
IN_ONE_GO = 200
"""Organizations whose rows are held at a time."""

STATUSES = {"accepting": 22, "limited": 18, "assess_first": 22, "waiting_list": 14, "full": 18, "closed_temporarily": 2, "unknown": 4}  # fmt: skip


@collector_paused()
def seed_synthetic(
    session: Session,
    gazetteer: Gazetteer,
    count: int,
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Fill the directory with `count` invented services and a capacity report for each, in the caller's transaction.

    Run again, it brings the invented ones to `count`, publishing them one by one. `progress` is told (done, total).
    Raises Conflict where there are no areas and no vocabulary yet.
    """
    areas = load_areas(session)
    if not len(areas):
        raise Conflict("There are no areas yet: `directory seed --reference-only` brings them.")
    publication = _publication(areas, gazetteer, Vocabulary.load(session), now=now)
    submissions = synthetic_organizations(count, areas, gazetteer)
    if session.exec(select(Organization.id).where(Organization.source == SOURCE).limit(1)).first():
        publish(session, list(submissions), publication)
        progress(count, count)
        return
    terms = TermCodes.load(session)
    done = 0
    for batch in _in_batches(submissions):
        rows, found = _rows_of(batch, publication, terms, identify=lambda one: new_service_id(one, SOURCE))
        written = [pair for stored in found for pair in recorded(stored, publication, {})]
        for kind in RECORD_TABLES:
            _insert(session, kind, rows.of(kind))
        _insert(session, Revision, [revision for revision, _ in written])
        _insert(session, Change, [change for _, change in written])
        _insert(session, CapacityReport, [one for stored in found for one in _reports(stored, now)])
        done += sum(len(stored.services) for stored in found)
        progress(done, count)
    announce(session, catalogue=True, capacity=True)


@collector_paused()
def synthetic_directory(
    count: int, areas: Areas, gazetteer: Gazetteer, texts: SharedTexts, *, now: datetime
) -> Directory:
    """The Directory that `seed_synthetic` would give, without a database; the same one every time."""
    vocabulary, terms = _terms_of(texts)
    publication = _publication(areas, gazetteer, vocabulary, now=now)
    services: list[ProjectedService] = []
    organizations: list[PublicOrganization] = []
    figures: dict[UUID, tuple[Figure, ...]] = {}
    for batch in _in_batches(synthetic_organizations(count, areas, gazetteer)):
        _, found = _rows_of(
            batch, publication, terms, identify=lambda one: source_uuid(SOURCE, f"service/{one.key}")
        )
        for stored in found:
            organizations.append(project_organization(stored))
            services.extend(project_service(one, stored, areas) for one in stored.services)
            for report in _reports(stored, now, public_only=True):
                figures[report.service_id] = (public_figure(report, counts_public=False),)
    catalogue = build_catalogue(services, organizations, areas=areas, gazetteer=gazetteer, texts=texts)
    return Directory(
        catalogue=catalogue,
        capacity=build_capacity(figures, catalogue.service_ids),
        as_of=now,
        demonstration=True,
        home_area="E23000014",
    )


def _publication(areas: Areas, gazetteer: Gazetteer, vocabulary: Vocabulary, *, now: datetime) -> Publication:
    return Publication(
        source=SOURCE,
        author="seed",
        areas=areas,
        gazetteer=gazetteer,
        vocabulary=vocabulary,
        now=now,
        demonstration=True,
    )


def _in_batches(submissions: Iterator[OrganizationSubmission]) -> Iterator[list[OrganizationSubmission]]:
    batch: list[OrganizationSubmission] = []
    for submission in submissions:
        batch.append(submission)
        if len(batch) == IN_ONE_GO:
            yield batch
            batch = []
    yield batch


def _rows_of(
    submissions: Iterable[OrganizationSubmission],
    publication: Publication,
    terms: TermCodes,
    *,
    identify: Callable[[ServiceSubmission], UUID],
) -> tuple[RowSet, list[StoredOrganization]]:
    rows = RowSet(for_reading=True)
    for submission in submissions:
        organization_id = source_uuid(SOURCE, f"organization/{submission.key}")
        known = {service.key: identify(service) for service in submission.services}
        rows.add(organization_row(submission, organization_id, publication))
        for service in submission.services:
            rows.add(service_row(service, known[service.key], organization_id, publication=publication))
        add_children(submission, organization_id, known, publication, rows=rows)
    return rows, assemble(rows, terms.links_of(rows.of(Attribute)), first_responders=())


def _insert(session: Session, kind: type[SQLModel], rows: Iterable[SQLModel]) -> None:
    values = [row.model_dump() for row in rows]
    if values:
        session.connection().execute(insert(kind), values)


def _reports(
    stored: StoredOrganization, now: datetime, *, public_only: bool = False
) -> Iterator[CapacityReport]:
    """One report for each service, drawn from its key: most in force, some of them past their time."""
    for one in stored.services:
        if public_only and one.service.confidential:
            continue
        chance = Random(one.service.source_id)
        unit = (
            "bed_space"
            if one.service.confidential
            else chance.choice(("bed_space", "caseworker_place", "class_place"))
        )
        status = chance.choices(tuple(STATUSES), tuple(STATUSES.values()))[0]
        maximum = chance.randrange(4, 30)
        available = chance.randrange(1, maximum) if status in ("accepting", "limited") else 0
        observed_at = now - DEFAULT_LIFE[unit] * chance.uniform(0, 1.2)
        valid_until = end_of_life(unit, observed_at, None)
        yield CapacityReport(
            id=uuid5(one.service.id, "capacity"),
            service_id=one.service.id,
            unit=unit,
            applies_to="anyone",
            status=status,
            available=available,
            maximum=maximum,
            observed_at=observed_at,
            valid_until=valid_until,
            recorded_at=now,
            source="import",
        )


def _terms_of(texts: SharedTexts) -> tuple[Vocabulary, TermCodes]:
    """Ids for the terms of a vocabulary that is not in a database."""
    ids: dict[tuple[str, str], UUID] = {
        (taxonomy.code, term.code): source_uuid(SOURCE, f"term/{taxonomy.code}/{term.code}")
        for taxonomy in texts.vocabulary
        for term in taxonomy.terms
    }
    codes = {term_id: code for (_, code), term_id in ids.items()}
    return Vocabulary(ids), TermCodes(codes, {term: place for place, term in enumerate(ids)})
