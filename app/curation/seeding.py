"""Loading the seed data: areas, shapes, vocabulary, texts, organizations, and invented capacity of the examples.

Everything has an id derived from its own key, so loading twice changes nothing. What people have changed since is theirs: a
server seeds whenever it starts, and must not bring back a number that two of them have put right, or a service that they took out.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.capacity.reporting import CapacitySubmission, record_capacity
from app.curation.first_responders import store_first_responders
from app.curation.publishing import publish, source_uuid
from app.curation.record_rows import Publication, Vocabulary
from app.curation.recording import record_publication
from app.curation.row_changes import keep_rows
from app.curation.seed_files import (
    SOURCE,
    ExampleCapacity,
    read_first_responders,
    read_guidance,
    read_helplines,
    read_seed,
    read_vocabulary,
)
from app.directory.announcing import announce
from app.directory.loading import load_areas
from app.geo.areas import Areas, read_areas
from app.geo.gazetteer import Gazetteer
from app.models.audit import AuditEvent
from app.models.capacity import CapacityReport
from app.models.guidance import Guidance, Helpline
from app.models.history import DirectoryRevision
from app.models.imports import ImportRecord
from app.models.organizations import Organization
from app.models.places import AreaRow, AreaShape
from app.models.services import Service
from app.models.taxonomies import Taxonomy, TaxonomyTerm

EXAMPLES = "examples"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What is new or changed."""

    services: int
    organizations: int
    reports: int
    left: int
    """Organizations of the files that somebody has changed here, and that are as they were left."""


def seed_reference(
    session: Session, folder: Path, gazetteer: Gazetteer | None = None, *, now: datetime | None = None
) -> Areas:
    """Areas, shapes, vocabulary, guidance and numbers: what a production directory needs as well."""
    areas = Areas(read_areas(folder / "areas" / "areas.csv"))
    rows = [
        AreaRow(
            code=area.code,
            name=area.name,
            area_type=area.area_type,
            police_force_code=area.police_force,
            region_code=area.region,
            country_code=area.country,
        )
        for area in areas
    ]
    changed = keep_rows(session, rows)
    shapes = json.loads((folder / "areas" / "boroughs.geojson").read_text(encoding="utf-8"))
    stored = session.exec(select(AreaShape.area_code)).all()
    if not stored:
        changed |= bool(store_shapes(session, shapes, source="derived from the gazetteer", approximate=True))
    taxonomies, terms = _vocabulary_rows(folder)
    changed |= keep_rows(session, taxonomies)
    changed |= keep_rows(session, terms)
    for kind, submissions, key in (
        (Guidance, read_guidance(folder / "guidance.yaml"), "slug"),
        (Helpline, read_helplines(folder / "helplines.yaml"), "name"),
    ):
        wanted = [
            kind(id=source_uuid(SOURCE, f"{kind.__tablename__}/{getattr(one, key)}"), **one.model_dump())
            for one in submissions
        ]
        # Nobody else writes these two: a number that was taken out of its file, or stands under another name, is gone.
        for old in session.exec(select(kind).where(col(kind.id).not_in([row.id for row in wanted]))).all():
            session.delete(old)
            changed = True
        session.flush()
        changed |= keep_rows(session, wanted)
    left = store_first_responders(session, read_first_responders(folder / "first_responders.yaml"))
    if changed:
        announce(session, catalogue=True)
    areas = load_areas(session)
    if left and gazetteer is not None:
        # Whoever keeps a copy is told that they refer no more.
        publication = Publication(
            source=SOURCE,
            author="seed",
            areas=areas,
            gazetteer=gazetteer,
            vocabulary=Vocabulary.load(session),
            now=now or datetime.now(UTC),
        )
        record_publication(session, sorted(left), publication)
    return areas


def seed_demonstration(session: Session, folder: Path, gazetteer: Gazetteer, *, now: datetime) -> Seeded:
    """The whole demonstration. Real organizations have no capacity; only the examples have, and it is invented."""
    if session.get(DirectoryRevision, 1) is None:
        raise RuntimeError("directory_revision has no row: the database is not migrated")
    # Read whole first: what one file says of another is checked before anything is written.
    seed = read_seed(folder)
    areas = seed_reference(session, folder, gazetteer, now=now)
    vocabulary = Vocabulary.load(session)
    responders = seed.first_responders
    services = organizations = left = 0
    real, invented = seed.organizations, seed.examples
    for source, submissions, demonstration in ((SOURCE, real, False), (EXAMPLES, invented, True)):
        publication = Publication(
            source=source,
            author="seed",
            areas=areas,
            gazetteer=gazetteer,
            vocabulary=vocabulary,
            now=now,
            demonstration=demonstration,
        )
        theirs = _changed_by_people(session, source)
        ours = [one for one in submissions if one.key not in theirs]
        left += len(submissions) - len(ours)
        published = publish(
            session,
            ours,
            publication,
            before_recording=lambda: store_first_responders(session, responders),
        )
        services += published.services
        organizations += published.organizations
    reports = _record_examples(
        session, seed.example_capacity, left=_changed_by_people(session, EXAMPLES), now=now
    )
    return Seeded(services, organizations, reports, left)


def _changed_by_people(session: Session, source: str) -> set[str]:
    """Keys of organizations about which, or about a service of which, somebody has decided anything but a figure."""
    row, event, imported = Organization, AuditEvent, ImportRecord
    decided = select(event.organization_id).where(
        col(event.actor_type).in_(("curator", "command_line")),
        col(event.entity_type).in_(("organization", "service")),
        ~col(event.action).startswith("capacity_"),
    )
    brought_in = select(imported.organization_id).where(col(imported.after_digest).is_not(None))
    of_people = or_(col(row.id).in_(decided), col(row.id).in_(brought_in))
    return set(session.exec(select(row.source_id).where(row.source == source, of_people)))


def store_shapes(session: Session, shapes: dict[str, Any], *, source: str, approximate: bool) -> int:
    """Keep the geometry of each feature whose `code` is a known area; the number of those."""
    known = set(session.exec(select(AreaRow.code)))
    rows = [
        AreaShape(
            area_code=feature["properties"]["code"],
            geojson=json.dumps(feature["geometry"], separators=(",", ":")),
            source=source,
            approximate=approximate,
        )
        for feature in shapes["features"]
        if feature["properties"]["code"] in known
    ]
    if keep_rows(session, rows):
        announce(session, catalogue=True)
    return len(rows)


def _vocabulary_rows(folder: Path) -> tuple[list[Taxonomy], list[TaxonomyTerm]]:
    taxonomies: list[Taxonomy] = []
    terms: list[TaxonomyTerm] = []
    for taxonomy in read_vocabulary(folder / "vocabulary.yaml"):
        taxonomy_id = source_uuid(SOURCE, f"taxonomy/{taxonomy.code}")
        taxonomies.append(Taxonomy(id=taxonomy_id, **taxonomy.model_dump(exclude={"terms"})))
        for position, term in enumerate(taxonomy.terms):
            parent = source_uuid(SOURCE, f"term/{taxonomy.code}/{term.parent}") if term.parent else None
            terms.append(
                TaxonomyTerm(
                    id=source_uuid(SOURCE, f"term/{taxonomy.code}/{term.code}"),
                    taxonomy_id=taxonomy_id,
                    parent_id=parent,
                    position=position,
                    code=term.code,
                    name=term.name,
                    description=term.description,
                )
            )
    return taxonomies, terms


def _record_examples(
    session: Session, examples: Iterable[ExampleCapacity], *, left: Collection[str], now: datetime
) -> int:
    """Report invented figures for the examples that have none in force, so that a demonstration is never all stale.

    `left` are keys of organizations that are people's by now.
    """
    services = select(Service.source_id, Service.id).join(
        Organization, col(Service.organization_id) == col(Organization.id)
    )
    of_ours = services.where(Service.source == EXAMPLES, col(Organization.source_id).not_in(left))
    ids = dict(session.exec(of_ours).all())
    recorded = 0
    for example in examples:
        service_id = ids.get(example.service)
        if service_id is None:
            continue
        latest = session.exec(
            select(CapacityReport)
            .where(
                CapacityReport.service_id == service_id,
                CapacityReport.unit == example.unit,
                CapacityReport.applies_to == example.applies_to,
            )
            .order_by(col(CapacityReport.observed_at).desc())
            .limit(1)
        ).first()
        observed_at = now - timedelta(hours=example.observed_hours_ago)
        life = timedelta(hours=example.valid_for_hours)
        meant_to_be_expired = example.valid_for_hours <= example.observed_hours_ago
        # Who has told of a service goes on telling: nothing is invented in their place.
        is_told = latest is not None and latest.reported_by is not None
        if latest is not None and (is_told or meant_to_be_expired or latest.valid_until > now):
            continue
        report = CapacitySubmission(
            observed_at=observed_at,
            valid_until=observed_at + life,
            **example.model_dump(exclude={"service", "observed_hours_ago", "valid_for_hours"}),
        )
        record_capacity(session, service_id, report, now=now)
        recorded += 1
    return recorded
