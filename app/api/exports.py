"""The whole directory as files: CSV for spreadsheets, GeoJSON for maps.

There is no capacity in any of them: a file is kept, and a bed is gone in minutes. So they change only when something is
published, and are made once for each publication.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from app.api.conditional import cached
from app.api.documented import Responses, inline_schema, ok_as, problems
from app.api.ogc_shapes import OgcFeature
from app.api.state import moment_of
from app.api.strict import refuse_parameters
from app.directory.snapshot import Directory
from app.errors import ConditionInvalid, Problem, Unavailable, UnknownParameter
from app.feed.csv_export import CSV, organizations_csv, services_csv
from app.feed.encoded import EncodedOnce
from app.feed.geojson_export import MEDIA_TYPE as GEOJSON
from app.feed.geojson_export import coverage_geojson, locations_geojson
from app.geo.attribution import LICENCE_URL

router = APIRouter(tags=["exports"])

PROBLEMS: tuple[type[Problem], ...] = (UnknownParameter, ConditionInvalid, Unavailable)


class ExportedFeatures(BaseModel):
    """A GeoJSON feature collection (RFC 7946) with its licence and source."""

    model_config = ConfigDict(extra="forbid")

    type: str
    licence: str
    attribution: str
    demonstration: bool
    features: list[OgcFeature]


def _file(media_type: str, schema: dict[str, Any], description: str) -> Responses:
    return ok_as(media_type, schema, description, cached=True) | problems(*PROBLEMS)


TABLE = {"type": "string"}


@router.get(
    "/v1/exports/services.csv",
    responses=_file(CSV, TABLE, "A row for each service; UTF-8, every cell quoted."),
)
def export_services(request: Request) -> Response:
    """Every public service as a table for spreadsheets. A cell that could be taken for a formula is led by an apostrophe."""
    return _answer(request, services_csv, f"{CSV}; charset=utf-8", name="services.csv")


@router.get(
    "/v1/exports/organizations.csv",
    responses=_file(CSV, TABLE, "A row for each organization; UTF-8, every cell quoted."),
)
def export_organizations(request: Request) -> Response:
    """Every organization with a public service, as a table for spreadsheets."""
    return _answer(request, organizations_csv, f"{CSV}; charset=utf-8", name="organizations.csv")


@router.get(
    "/v1/exports/coverage.geojson",
    responses=_file(GEOJSON, inline_schema(ExportedFeatures), "A feature for each service and covered area."),
)
def export_coverage(request: Request) -> Response:
    """What every service covers. An area without a stored shape has a null geometry: its GSS code decides."""
    return _answer(request, coverage_geojson, GEOJSON, name="coverage.geojson")


@router.get(
    "/v1/exports/locations.geojson",
    responses=_file(
        GEOJSON, inline_schema(ExportedFeatures), "A feature for each service and public location."
    ),
)
def export_locations(request: Request) -> Response:
    """Where services meet people, at the positions of their postcodes. Confidential services have no place in it."""
    return _answer(request, locations_geojson, GEOJSON, name="locations.geojson")


def _answer(request: Request, make: Callable[[Directory], bytes], media_type: str, *, name: str) -> Response:
    """The file under its fixed name: nothing that anybody wrote comes into a header."""
    refuse_parameters(request)
    moment = moment_of(request)
    kept: EncodedOnce = request.app.state.encoded
    body = kept.of(moment.directory, make)
    response = cached(request, body, media_type=media_type, now=moment.now, changes_at=None)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Link"] = f'<{LICENCE_URL}>; rel="license"'
    return response
