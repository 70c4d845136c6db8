"""From the database to a Directory: read, project, index."""

import gc
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, distinct, func, inspect, true
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.directory.area_shapes import AreaShapes
from app.directory.capacity_map import NONE_AHEAD, CapacityMap, build_capacity
from app.directory.freshness import Figure, public_figure
from app.directory.projection import is_public, project_organization, project_service
from app.directory.records import ProjectedService, PublicOrganization
from app.directory.snapshot import Catalogue, build_catalogue
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
    held = revision_held(session)
    return held.catalogue[0], held.capacity[0]


class Revision(NamedTuple):
    """What the database says it holds, each by counter and token."""

    catalogue: tuple[int, str]
    capacity: tuple[int, str]


def revision_held(session: Session) -> Revision:
    row = session.exec(select(DirectoryRevision)).one()
    return Revision((row.catalogue, row.catalogue_token), (row.capacity, row.capacity_token))


def newest_report(session: Session) -> UUID | None:
    """The id of the one that was announced last; of several that were announced together, always the same."""
    row = CapacityReport
    return session.exec(select(row.id).order_by(col(row.sequence).desc(), col(row.id)).limit(1)).first()


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


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for unreachable cycles meanwhile: none are made, and looking through all that is made takes half the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@collector_paused()
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
        texts=_without_hidden(load_texts(session), organizations),
        changes=load_changes(session),
        shapes=load_shapes(session),
    )


def _without_hidden(texts: SharedTexts, organizations: list[PublicOrganization]) -> SharedTexts:
    """A First Responder without a public service is named, but not by the id of a record that nobody may see."""
    public = {one.id for one in organizations}
    return texts.model_copy(
        update={
            "first_responders": tuple(
                one if one.organization_id in public else one.model_copy(update={"organization_id": None})
                for one in texts.first_responders
            )
        }
    )


def load_capacity(session: Session, catalogue: Catalogue, *, now: datetime = NONE_AHEAD) -> CapacityMap:
    """The latest report for each unit and group of every public service that runs and is not confidential, as `replaced`."""
    return build_capacity(_figures(session, true()), catalogue.service_ids, now=now)


def take_up_reports(
    session: Session,
    capacity: CapacityMap,
    catalogue: Catalogue,
    *,
    seen: int,
    until: int,
    newest: UUID | None,
    now: datetime,
) -> CapacityMap:
    """The map after the reports with which the capacity counter went from `seen` to `until`, of the same catalogue. `newest` was
    the newest report then.

    `announce` gives each number to one transaction, and commits them in their order. A number that no report bears was
    given to something else, such as a deletion, or the counter went back, as a restored backup does: then everything is
    read again. So it is where `newest` is not there: a standby that took over can have come to the same numbers by another way.
    Where only confidential services were reported on, the map is the same one.
    """
    sequence = col(CapacityReport.sequence)
    is_new = sequence > seen
    numbers = session.exec(select(func.count(distinct(sequence))).where(is_new)).one()
    goes_on = newest is None or session.get(CapacityReport, newest) is not None
    if not goes_on or until < seen or numbers != until - seen:
        whole = load_capacity(session, catalogue, now=now)
        return capacity if whole.figures == capacity.figures else whole
    figures = _figures(
        session, col(CapacityReport.service_id).in_(select(CapacityReport.service_id).where(is_new))
    )
    return capacity.replaced(figures, catalogue.row_of, now=now) if figures else capacity


def _figures(session: Session, of_these: ColumnElement[bool]) -> dict[UUID, list[Figure]]:
    """The latest figure for each unit and group, by service; of none that is confidential or does not run."""
    row = CapacityReport
    of_figure = (col(row.service_id), col(row.unit), col(row.applies_to))
    newest = func.max(row.observed_at).label("observed_at")
    latest = select(*of_figure, newest).where(of_these).group_by(*of_figure).subquery()
    reports = (
        # Columns, not entities, which take several times as long to make.
        select_columns(*inspect(row).columns, col(Service.counts_public))
        .join(Service, col(row.service_id) == col(Service.id))
        .join(latest, and_(*(col(getattr(row, column.key)) == column for column in latest.c)))
        .where(col(Service.confidential).is_(False), col(Service.status) == "active")
        .order_by(col(row.unit), col(row.applies_to))
    )
    figures: dict[UUID, list[Figure]] = defaultdict(list)
    for stored in session.connection().execute(reports):
        report = cast(CapacityReport, stored)
        figures[report.service_id].append(public_figure(report, counts_public=stored.counts_public))
    return figures


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
