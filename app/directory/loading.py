"""From the database to a Directory: read, project, index."""

import json
from collections import defaultdict
from uuid import UUID

from sqlmodel import Session, col, select

from app.directory.capacity_map import CapacityMap, build_capacity
from app.directory.freshness import Figure, public_figure
from app.directory.projection import is_public, project_organization, project_service
from app.directory.records import ProjectedService, PublicOrganization
from app.directory.snapshot import AreaShapes, Catalogue, build_catalogue
from app.directory.stored import load_organizations
from app.directory.texts import (
    AlwaysLine,
    ChangeEntry,
    CodeList,
    FirstResponderName,
    GuidanceText,
    SharedTexts,
    Term,
)
from app.geo.areas import Area, Areas
from app.geo.gazetteer import Gazetteer
from app.models.capacity import CapacityReport
from app.models.guidance import Guidance, Helpline
from app.models.history import Change, DirectoryRevision
from app.models.organizations import FirstResponder
from app.models.places import AreaRow, AreaShape
from app.models.services import Service
from app.models.taxonomies import Taxonomy, TaxonomyTerm


def current_revision(session: Session) -> tuple[int, int]:
    """(catalogue, capacity): the counters that every publishing write moves."""
    row = session.exec(select(DirectoryRevision.catalogue, DirectoryRevision.capacity)).one()
    return row[0], row[1]


def load_areas(session: Session) -> Areas:
    return Areas(
        Area(
            code=row.code,
            name=row.name,
            area_type=row.area_type,  # type: ignore[arg-type]
            police_force=row.police_force_code,
            region=row.region_code,
            country=row.country_code,
        )
        for row in session.exec(select(AreaRow).order_by(col(AreaRow.code)))
    )


def load_catalogue(session: Session, gazetteer: Gazetteer) -> Catalogue:
    """Everything published, projected and indexed."""
    areas = load_areas(session)
    services: list[ProjectedService] = []
    organizations: list[PublicOrganization] = []
    for stored in load_organizations(session):
        public = [project_service(one, stored, areas) for one in stored.services if is_public(one)]
        services.extend(public)
        if public:
            organizations.append(project_organization(stored))
    return build_catalogue(
        services,
        organizations,
        areas=areas,
        gazetteer=gazetteer,
        texts=load_texts(session),
        changes=load_changes(session),
        shapes=load_shapes(session),
    )


def load_capacity(session: Session, catalogue: Catalogue) -> CapacityMap:
    """The latest report for each unit and group of every public service that is not confidential."""
    counts_public = dict(
        session.exec(
            select(Service.id, Service.counts_public).where(col(Service.confidential).is_(False))
        ).all()
    )
    figures: dict[UUID, dict[tuple[str, str], Figure]] = defaultdict(dict)
    reports = select(CapacityReport).join(Service, col(CapacityReport.service_id) == col(Service.id))
    reports = reports.where(col(Service.confidential).is_(False)).order_by(col(CapacityReport.observed_at))
    for report in session.exec(reports):
        # In order of observation: the last one stands.
        figures[report.service_id][report.unit, report.applies_to] = public_figure(
            report, counts_public=counts_public[report.service_id]
        )
    by_service = {service_id: tuple(found.values()) for service_id, found in figures.items()}
    return build_capacity(by_service, catalogue.service_ids)


def load_texts(session: Session) -> SharedTexts:
    """Vocabulary, guidance, `always` and First Responders, each in its stored order."""
    terms: dict[UUID, list[TaxonomyTerm]] = defaultdict(list)
    for term in session.exec(
        select(TaxonomyTerm).order_by(col(TaxonomyTerm.position), col(TaxonomyTerm.code))
    ):
        terms[term.taxonomy_id].append(term)
    code_of = {term.id: term.code for found in terms.values() for term in found}
    return SharedTexts(
        vocabulary=tuple(
            CodeList(
                code=row.code,
                name=row.name,
                description=row.description,
                uri=row.uri,
                terms=tuple(
                    Term(
                        code=term.code,
                        name=term.name,
                        description=term.description,
                        parent=code_of[term.parent_id] if term.parent_id else None,
                    )
                    for term in terms[row.id]
                ),
            )
            for row in session.exec(select(Taxonomy).order_by(col(Taxonomy.code)))
        ),
        guidance=tuple(
            GuidanceText(**row.model_dump(exclude={"id", "position"}))
            for row in session.exec(select(Guidance).order_by(col(Guidance.position), col(Guidance.slug)))
        ),
        always=tuple(
            AlwaysLine(name=row.name, phone=row.phone, description=row.description)
            for row in session.exec(select(Helpline).order_by(col(Helpline.position)))
        ),
        first_responders=tuple(
            FirstResponderName(**row.model_dump(exclude={"id"}))
            for row in session.exec(select(FirstResponder).order_by(col(FirstResponder.name)))
        ),
    )


def load_shapes(session: Session) -> AreaShapes:
    return AreaShapes(
        {row.area_code: (json.loads(row.geojson), row.approximate) for row in session.exec(select(AreaShape))}
    )


def load_changes(session: Session) -> list[ChangeEntry]:
    return [ChangeEntry(**row.model_dump()) for row in session.exec(select(Change))]
