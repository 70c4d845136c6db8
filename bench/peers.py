"""Naive peers, for scale: the same question over the same SQLite tables, written as one would write it first.

`load_and_loop` reads every service with SQLModel and filters in Python; `covering_sql` lets SQLite find the services that
cover the place. Both leave out opening hours, capacity, reasons, near misses and all that makes the real answer safe.
"""

import math
import os
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from sqlmodel import Session, col, or_, select

from app.config import Settings
from app.db import Database
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer, Locality
from app.geo.postcodes import parse_postcode
from app.models.locations import Location, ServiceAtLocation
from app.models.services import Eligibility, Service, ServiceArea
from bench.questions import PATH, home_areas

LIMIT = 10


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


def _application(answer: Any) -> FastAPI:
    settings = Settings()
    database = Database(settings.resolved_database_url)
    gazetteer = Gazetteer.open(settings.gazetteer_path)
    areas, _ = home_areas()
    app = FastAPI()

    @app.post(PATH)
    def search(question: Question) -> dict[str, Any]:
        place = gazetteer.locate(parse_postcode(question.postcode))
        with database.read() as session:
            return {"results": answer(session, question, place, areas)[:LIMIT]}

    @app.get("/health/ready")
    def ready() -> dict[str, int]:
        return {"pid": os.getpid()}

    return app


def load_and_loop(
    session: Session, question: Question, place: Locality, areas: Areas
) -> list[dict[str, Any]]:
    covering = _codes_over(place, areas)
    coverage: dict[Any, set[str]] = {}
    for area in session.exec(select(ServiceArea)):
        if area.area_code is not None:
            coverage.setdefault(area.service_id, set()).add(area.area_code)
    eligibility = {one.service_id: one for one in session.exec(select(Eligibility))}
    locations = {one.id: one for one in session.exec(select(Location))}
    places: dict[Any, list[Location]] = {}
    for link in session.exec(select(ServiceAtLocation)):
        places.setdefault(link.service_id, []).append(locations[link.location_id])
    found = []
    for service in session.exec(select(Service)):
        if not (service.covers_everywhere or covering & coverage.get(service.id, set())):
            continue
        accepted = eligibility.get(service.id)
        if accepted is not None and accepted.sex_accepted not in (None, "any", question.sex):
            continue
        found.append(_shown(service, _nearest_m(place, places.get(service.id, []))))
    return sorted(found, key=_by_distance)


def covering_sql(session: Session, question: Question, place: Locality, areas: Areas) -> list[dict[str, Any]]:
    listed = select(ServiceArea.service_id).where(col(ServiceArea.area_code).in_(_codes_over(place, areas)))
    rows = session.exec(
        select(Service, Location)
        .join(Eligibility, col(Eligibility.service_id) == col(Service.id), isouter=True)
        .join(ServiceAtLocation, col(ServiceAtLocation.service_id) == col(Service.id), isouter=True)
        .join(Location, col(Location.id) == col(ServiceAtLocation.location_id), isouter=True)
        .where(or_(col(Service.covers_everywhere), col(Service.id).in_(listed)))
        .where(
            or_(
                col(Eligibility.sex_accepted).is_(None),
                col(Eligibility.sex_accepted).in_(("any", question.sex)),
            )
        )
    )
    places: dict[Any, tuple[Service, list[Location]]] = {}
    for service, location in rows:
        known = places.setdefault(service.id, (service, []))[1]
        if location is not None:
            known.append(location)
    return sorted(
        (_shown(service, _nearest_m(place, known)) for service, known in places.values()), key=_by_distance
    )


def _codes_over(place: Locality, areas: Areas) -> set[str]:
    codes = {share.code for share in place.authorities}
    return codes.union(*(areas.ancestors(code) for code in codes if code in areas))


def _nearest_m(place: Locality, locations: list[Location]) -> float | None:
    return min(
        (
            math.hypot(one.easting - place.position.easting, one.northing - place.position.northing)
            for one in locations
            if one.easting is not None and one.northing is not None
        ),
        default=None,
    )


def _shown(service: Service, metres: float | None) -> dict[str, Any]:
    return {
        "service": service.model_dump(mode="json"),
        "distance_km": None if metres is None else metres / 1000,
    }


def _by_distance(one: dict[str, Any]) -> tuple[float, str]:
    return (one["distance_km"] or 0.0, one["service"]["id"])
