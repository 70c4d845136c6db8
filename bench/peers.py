"""Naive peers, for scale: the same question over the same SQLite tables, written as one would write it first.

`load_and_loop` reads every service with SQLModel and filters in Python; `covering_sql` lets SQLite find the services that
cover the place. Both leave out opening hours, capacity, reasons, near misses and all that makes the real answer safe.
"""

import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.config import Settings
from app.db import Database
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer, Locality
from app.geo.postcodes import parse_postcode
from app.models.locations import Location, ServiceAtLocation
from app.models.services import Eligibility, Service, ServiceArea
from bench.questions import PATH, home_areas

LIMIT = 10
SHOWN = ("metres", "id", "name", "description", "url")
Found = tuple[float, str, str, str, str | None]
"""A service as the peers show it, in the order of SHOWN."""


class Question(BaseModel):
    """The fields of the main search; those that the peers do not look at are taken and ignored."""

    postcode: str
    sex: str | None = None
    age_group: str | None = None
    referrer: str | None = None
    exploitation: str | None = None


def create_load_and_loop() -> FastAPI:
    """Every service from the database at every question."""
    return _application(load_and_loop)


def create_covering_sql() -> FastAPI:
    """The services that cover the place from the database, ranked by distance in Python."""
    return _application(covering_sql)


def _application(answer: Callable[[Session, Question, Locality, Areas], Iterator[Found]]) -> FastAPI:
    settings = Settings()
    database = Database(settings.resolved_database_url)
    gazetteer = Gazetteer.open(settings.gazetteer_path)
    areas, _ = home_areas()
    app = FastAPI()

    @app.post(PATH)
    def search(question: Question) -> dict[str, Any]:
        place = gazetteer.locate(parse_postcode(question.postcode))
        with database.read() as session:
            nearest = sorted(answer(session, question, place, areas), key=lambda one: one[:2])[:LIMIT]
        return {"results": [dict(zip(SHOWN, one, strict=True)) for one in nearest]}

    @app.get("/health/ready")
    def ready() -> dict[str, int]:
        return {"pid": os.getpid()}

    return app


def load_and_loop(session: Session, question: Question, place: Locality, areas: Areas) -> Iterator[Found]:
    covering = _codes_over(place, areas)
    coverage: dict[UUID, set[str]] = defaultdict(set)
    for area in session.exec(select(ServiceArea)):
        if area.area_code is not None:
            coverage[area.service_id].add(area.area_code)
    eligibility = {one.service_id: one for one in session.exec(select(Eligibility))}
    locations = {one.id: one for one in session.exec(select(Location))}
    places: dict[UUID, list[Location]] = defaultdict(list)
    for link in session.exec(select(ServiceAtLocation)):
        places[link.service_id].append(locations[link.location_id])
    for service in session.exec(select(Service)):
        accepted = eligibility.get(service.id)
        accepts = accepted is None or accepted.sex_accepted in (None, "any", question.sex)
        if accepts and (service.covers_everywhere or covering & coverage[service.id]):
            metres = [_metres(place, one.easting, one.northing) for one in places[service.id]]
            yield min(metres, default=0.0), str(service.id), service.name, service.description, service.url


def covering_sql(session: Session, question: Question, place: Locality, areas: Areas) -> Iterator[Found]:
    listed = select(ServiceArea.service_id).where(col(ServiceArea.area_code).in_(_codes_over(place, areas)))
    rows = session.connection().execute(
        sa.select(
            col(Service.id),
            col(Service.name),
            col(Service.description),
            col(Service.url),
            col(Location.easting),
            col(Location.northing),
        )
        .join(Eligibility, col(Eligibility.service_id) == col(Service.id), isouter=True)
        .join(ServiceAtLocation, col(ServiceAtLocation.service_id) == col(Service.id), isouter=True)
        .join(Location, col(Location.id) == col(ServiceAtLocation.location_id), isouter=True)
        .where(sa.or_(col(Service.covers_everywhere), col(Service.id).in_(listed)))
        .where(
            sa.or_(
                col(Eligibility.sex_accepted).is_(None),
                col(Eligibility.sex_accepted).in_(("any", question.sex)),
            )
        )
    )
    for service_id, name, description, url, easting, northing in rows:
        yield _metres(place, easting, northing), str(service_id), name, description, url


def _codes_over(place: Locality, areas: Areas) -> set[str]:
    codes = {share.code for share in place.authorities}
    return codes.union(*(areas.ancestors(code) for code in codes if code in areas))


def _metres(place: Locality, easting: int | None, northing: int | None) -> float:
    if easting is None or northing is None:
        return 0.0
    return math.hypot(easting - place.position.easting, northing - place.position.northing)
