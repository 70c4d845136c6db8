"""Leaky variants of the real projection, search and output. Each reads what it leaks from the table of secrets of the
world that is being asked, or lets through what the database really holds, and names the test that catches it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pytest
import shapely
import structlog
from pydantic_core import to_json
from sqlmodel import col, select
from starlette.responses import Response

from app.api import conditional, representations
from app.api.state import Moment
from app.capacity import reporting
from app.directory import loading, projection, snapshot
from app.directory.announcing import announce
from app.directory.boroughs import number_covering
from app.directory.capacity_map import build_capacity
from app.directory.freshness import CapacityView, public_figure
from app.directory.hours import ScheduleRow
from app.directory.levels import Levels
from app.directory.records import CoveredArea, ProjectedService
from app.directory.row_sets import in_order, rows_among
from app.directory.stored import StoredOrganization, StoredService
from app.directory.texts import ChangeEntry
from app.errors import NotFound, PostcodeNotFound
from app.feed import (
    csv_export,
    geojson_export,
    ogc,
    oruk_capacity,
    oruk_feed,
    oruk_places,
    oruk_records,
    oruk_selection,
)
from app.feed.features import Feature, FeatureLayer, Shape, location_layer
from app.geo.areas import Areas
from app.geo.distance import GridPoint, hypotenuse_m
from app.geo.places import Place, place_of_postcode
from app.models.curation import Takedown
from app.models.history import Change
from app.models.imports import ImportRecord
from app.models.services import Phone
from app.search import answer, bundle, candidates, ranking
from app.search.reasons import Standing, reasons_for
from tests.api.served import NOW
from tests.confidentiality import week
from tests.confidentiality.as_imports import WAITING
from tests.confidentiality.over_the_api import PROPOSED
from tests.confidentiality.sheets import House, polygon_around
from tests.confidentiality.worlds import Lens
from tests.factories import real_areas

SEARCHES = "test_searches_tell_nothing_of_secrets"
LISTS = "test_lists_and_their_cursors_tell_nothing_of_secrets"
RECORDS = "test_records_tell_nothing_of_secrets"
SHAPES = "test_coverage_shapes_tell_nothing_of_secrets"
REFERENCE = "test_organizations_changes_and_documents_tell_nothing_of_secrets"
PROBLEMS = "test_problems_tell_nothing_of_secrets"
PLACES = "test_places_tell_nothing_of_secrets"
PAGES = "test_pages_tell_nothing_of_secrets"
EXPORTS = "test_exports_and_maps_tell_nothing_of_secrets"
SNAPSHOT = "test_the_snapshot_tells_nothing_of_secrets"
IN_ADDRESSES = "test_searches_in_addresses_tell_nothing_of_secrets"
FEED = "test_the_feed_tells_nothing_of_secrets"
WEEK = week.TEST

Patch = Callable[[pytest.MonkeyPatch, Lens], None]
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A leak: what it tells, the test that catches it, and how the application is changed to have it."""

    name: str
    tells: str
    caught_by: str
    patch: Patch


MUTANTS: dict[str, Mutant] = {}


def leak(tells: str, caught_by: str) -> Callable[[Patch], Patch]:
    def registered(patch: Patch) -> Patch:
        name = patch.__name__
        MUTANTS[name] = Mutant(name, tells, caught_by, patch)
        return patch

    return registered


def metres(place: Place | None, house: House) -> int | None:
    if place is None or place.position is None:
        return None
    return round(
        float(np.hypot(place.position.easting - house.easting, place.position.northing - house.northing))
    )


def free_beds(lens: Lens, service_id: UUID) -> int:
    reports = lens.world.reports.get(service_id, ())
    return (reports[-1].available or 0) if reports else 0


# Search: distance, radius, order, totals, reasons


def _show_distance(patch: pytest.MonkeyPatch, lens: Lens, shown: Callable[[int], int]) -> None:
    real = answer._result

    def leaky(entry: snapshot.Entry, standing: Standing) -> answer.Result:
        result = real(entry, standing)
        house = lens.world.houses.get(result.entry.record.id)
        distance = metres(standing.place, house) if house else None
        return result if distance is None else replace(result, distance_m=shown(distance))

    patch.setattr(answer, "_result", leaky)


@leak("how far away the house is, to 100 m", SEARCHES)
def true_distance(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _show_distance(patch, lens, lambda distance: distance)


@leak("how far away the house is, to 5 km", SEARCHES)
def rounded_distance(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _show_distance(patch, lens, lambda distance: round(distance / 5000) * 5000)


def _refuse_by_truth(
    patch: pytest.MonkeyPatch, lens: Lens, criterion: str, refuses: Callable[[Any, Place | None, House], bool]
) -> None:
    """A level NO on a criterion that was asked about, where the truth says so."""
    real = candidates.find_candidates

    def leaky(query: Any, place: Place | None, directory: Any, *rest: Any) -> candidates.Candidates:
        found = real(query, place, directory, *rest)
        levels = found.levels.get(criterion)
        if levels is not None:
            refused = rows_among(
                row
                for row, house in _houses(lens, found, directory)
                if house is not None and refuses(query, place, house)
            )
            found.levels[criterion] = Levels.of_sets(ask=levels.ask & ~refused, no=levels.no | refused)
        return found

    patch.setattr(answer, "find_candidates", leaky)


def _houses(
    lens: Lens, found: candidates.Candidates, directory: snapshot.Directory
) -> list[tuple[int, House | None]]:
    """The candidates' rows, each with its house where it has one."""
    entries, houses = directory.catalogue.entries, lens.world.houses
    return [(row, houses.get(entries[row].record.id)) for row in in_order(found.rows)]


@leak("whether the house lies within a radius", SEARCHES)
def radius_on_the_true_point(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _refuse_by_truth(
        patch,
        lens,
        "within_km",
        lambda query, place, house: (metres(place, house) or 0) > query.within_km * 1000,
    )


@leak("whether the house lies in the area to avoid, among the near misses", IN_ADDRESSES)
def near_misses_of_the_true_area(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    areas = real_areas()
    _refuse_by_truth(
        patch,
        lens,
        "avoid_area",
        lambda query, _place, house: house.authority in areas.authorities_in(query.avoid_area),
    )


@leak("which house is nearer, by the order of the results", SEARCHES)
def order_by_true_distance(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _rank_by_truth(patch, lens, lambda place, house, _: metres(place, house))


@leak("which house is nearer, by the order, in steps of a kilometre", SEARCHES)
def order_by_rounded_distance(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def rounded(place: Place | None, house: House, _: float) -> float | None:
        distance = metres(place, house)
        return None if distance is None else round(distance / 1000) * 1000

    _rank_by_truth(patch, lens, rounded)


@leak("which house lies farther north, where all else is equal", SEARCHES)
def tie_break_by_northing(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _rank_by_truth(patch, lens, lambda _, house, ranked_by: ranked_by + house.northing / 10_000_000)


def _rank_by_truth(
    patch: pytest.MonkeyPatch, lens: Lens, measure: Callable[[Place | None, House, float], float | None]
) -> None:
    """Another distance to sort by: `measure` has the place, the house, and what it is ranked by."""
    real = candidates.find_candidates

    def leaky(query: Any, place: Place | None, directory: Any, *rest: Any) -> candidates.Candidates:
        found = real(query, place, directory, *rest)
        by_row: dict[int, Any] = {}
        for row, house in _houses(lens, found, directory):
            ranked_by = 0 if found.metres is None else found.metres(row)
            measured = None if house is None else measure(place, house, ranked_by)
            by_row[row] = ranked_by if measured is None else measured
        found.metres = by_row.__getitem__
        return found

    patch.setattr(answer, "find_candidates", leaky)


@leak("how many beds are free, in the total", SEARCHES)
def total_with_free_beds(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = ranking.rank

    def leaky(*args: Any, **named: Any) -> ranking.Ranked:
        ranked = real(*args, **named)
        free = sum(free_beds(lens, one) for one in lens.world.houses)
        return replace(ranked, total=ranked.total + free)

    patch.setattr(answer, "rank", leaky)


@leak("the borough of the house, among the reasons", PAGES)
def reason_with_the_borough(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = reasons_for

    def leaky(*args: Any, **named: Any) -> list[str]:
        house = lens.world.houses.get(args[0].record.id)
        return [*real(*args, **named), *([f"in {real_areas().name_of(house.authority)}"] if house else [])]

    patch.setattr(answer, "reasons_for", leaky)


@leak("in which borough a house stands, in how many services cover it, on the map", PAGES)
def house_counted_on_the_map(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = number_covering

    def leaky(catalogue: snapshot.Catalogue, authority: str) -> int:
        return real(catalogue, authority) + sum(
            house.authority == authority for house in lens.world.houses.values()
        )

    patch.setattr("app.web.borough_map.number_covering", leaky)


@leak("what the house has reported, as its status", SEARCHES)
def status_as_reported(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = answer._result

    def leaky(entry: snapshot.Entry, standing: Standing) -> answer.Result:
        result = real(entry, standing)
        reports = lens.world.reports.get(result.entry.record.id, ())
        if result.entry.record.id not in lens.world.houses or not reports:
            return result
        status = reports[-1].status
        told = CapacityView(status, b'{"status":' + to_json(status) + b"}", is_reported=False)
        return replace(result, capacity=told)

    patch.setattr(answer, "_result", leaky)


@leak("which houses are full, by leaving them out of has_capacity", SEARCHES)
def full_houses_left_out(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def is_full(_query: Any, _place: Place | None, house: House) -> bool:
        return next(free_beds(lens, one) == 0 for one, true in lens.world.houses.items() if true is house)

    _refuse_by_truth(patch, lens, "has_capacity", is_full)


@leak("the street of the house, to whoever searches for its name", SEARCHES)
def words_with_the_street(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = snapshot._entry

    def leaky(row: int, one: ProjectedService, *rest: Any, **named: Any) -> snapshot.Entry:
        entry = real(row, one, *rest, **named)
        house = lens.world.houses.get(one.record.id)
        return replace(entry, words=f"{entry.words} {house.street.lower()}") if house else entry

    patch.setattr(snapshot, "_entry", leaky)


# Output: bytes, headers, errors, log


@leak("when a house reported, in its entity tag", RECORDS)
def entity_tag_of_reports(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = conditional.cached

    def leaky(request: Any, body: bytes, **named: Any) -> Response:
        response = real(request, body, **named)
        service_id = request.path_params.get("service_id")
        if service_id in lens.world.houses:
            reported = repr(lens.world.reports.get(service_id)).encode()
            response.headers["etag"] = f'"{hashlib.blake2b(body + reported, digest_size=16).hexdigest()}"'
        return response

    patch.setattr("app.api.services.cached", leaky)


@leak("how many beds are free, in the length of the record", RECORDS)
def length_of_free_beds(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = representations.service_json

    def leaky(entry: Any, *rest: Any) -> bytes:
        padding = b" " * free_beds(lens, entry.record.id) if entry.record.confidential else b""
        return real(entry, *rest) + padding

    patch.setattr("app.api.services.service_json", leaky)


@leak("when the figure of a house ends, in max-age", RECORDS)
def max_age_of_the_figure(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = representations.service_changes_at

    def leaky(entry: Any, *rest: Any) -> Any:
        reports = lens.world.reports.get(entry.record.id, ())
        if entry.record.confidential and reports and reports[-1].valid_until > NOW:
            return reports[-1].valid_until
        return real(entry, *rest)

    patch.setattr("app.api.services.service_changes_at", leaky)


@leak("that a draft or paused record has this id, in the text of a problem", PROBLEMS)
def problem_of_a_draft(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = Moment.entry

    def leaky(self: Moment, service_id: UUID) -> snapshot.Entry:
        if service_id in lens.world.unpublished:
            raise NotFound("This service is not published yet.")
        return real(self, service_id)

    patch.setattr(Moment, "entry", leaky)


@leak("that a house has this postcode, in the problem that answers it", PLACES)
def problem_at_the_true_postcode(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    from app.api import search

    real = place_of_postcode

    def leaky(text: str, *rest: Any, **named: Any) -> Place:
        if text in {house.postcode for house in lens.world.houses.values()}:
            raise PostcodeNotFound
        return real(text, *rest, **named)

    patch.setattr(search, "place_of_postcode", leaky)


@leak("how many beds are free, in a log line of a search", SEARCHES)
def log_of_free_beds(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    from app.api import search

    real = answer.answer_json

    def leaky(found: answer.Answer) -> bytes:
        logger.info("searched", count=sum(free_beds(lens, one.entry.record.id) for one in found.results))
        return real(found)

    patch.setattr(search, "answer_json", leaky)


# The bundle for the widget


@leak("what the house has reported, as its status in the snapshot", SNAPSHOT)
def status_in_the_snapshot(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = answer.capacity_of

    def leaky(entry: Any, *rest: Any, **asked: Any) -> CapacityView:
        reports = lens.world.reports.get(entry.record.id, ())
        if entry.record.id in lens.world.houses and reports:
            told = b'{"status":' + to_json(reports[-1].status) + b"}"
            return CapacityView(reports[-1].status, told, is_reported=True)
        return real(entry, *rest, **asked)

    patch.setattr("app.search.bundle.capacity_of", leaky)


@leak("which house has more beds free, by the order of the snapshot", SNAPSHOT)
def order_of_the_snapshot(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = bundle.make_bundle

    def leaky(directory: Any, now: Any, **named: Any) -> bundle.Bundle:
        entries = directory.catalogue.entries

        def by_beds(*args: Any) -> list[int]:
            ids = {row: entries[row].record.id for row in ranking.best_of(*args)}
            return sorted(
                ids, key=lambda row: -free_beds(lens, ids[row]) if ids[row] in lens.world.houses else 0
            )

        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(bundle, "best_of", by_beds)
            return real(directory, now, **named)

    patch.setattr("app.api.snapshot.make_bundle", leaky)


@leak("how many beds are free, in the max-age of the snapshot", SNAPSHOT)
def max_age_of_the_snapshot(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = bundle._changes_at

    def leaky(directory: Any, now: Any, *rest: Any, **named: Any) -> Any:
        free = sum(free_beds(lens, one) for one in lens.world.houses)
        return min(real(directory, now, *rest, **named), now + timedelta(seconds=free))

    patch.setattr(bundle, "_changes_at", leaky)


# Projection: what the record holds


def _project(
    patch: pytest.MonkeyPatch, lens: Lens, leaky: Callable[[ProjectedService, House], ProjectedService]
) -> None:
    real = projection.project_service

    def projected(stored: StoredService, of: StoredOrganization, areas: Areas) -> ProjectedService:
        found = real(stored, of, areas)
        house = lens.world.houses.get(stored.service.id)
        return leaky(found, house) if house is not None else found

    patch.setattr(loading, "project_service", projected)


def _record(one: ProjectedService, **changed: Any) -> ProjectedService:
    return one.model_copy(update={"record": one.record.model_copy(update=changed)})


@leak("the borough of the house, as an area that it covers", RECORDS)
def coverage_with_the_borough(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def leaky(one: ProjectedService, house: House) -> ProjectedService:
        name = real_areas().name_of(house.authority)
        area = CoveredArea(code=house.authority, name=name, area_type="local_authority")
        return _record(one, coverage=one.record.coverage.model_copy(update={"areas": (area,)}))

    _project(patch, lens, leaky)


@leak("a box around the house, as GeoJSON", SHAPES)
def shape_around_the_house(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def leaky(one: ProjectedService, house: House) -> ProjectedService:
        return one.model_copy(update={"polygons": (to_json(polygon_around(house)).decode(),)})

    _project(patch, lens, leaky)


@leak("when a house last reported, as last_modified", RECORDS)
def last_modified_by_reports(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def leaky(one: ProjectedService, _house: House) -> ProjectedService:
        reports = lens.world.reports.get(one.record.id, ())
        return _record(one, last_modified=reports[-1].observed_at) if reports else one

    _project(patch, lens, leaky)


@leak("what a provider has proposed over the API, before a curator has looked at it", RECORDS)
def proposed_words_shown(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _project(patch, lens, lambda one, _house: _record(one, description=PROPOSED[lens.world.world]))


@leak("what an import would write about a house, while nobody has applied it", RECORDS)
def staged_words_shown(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    _project(patch, lens, lambda one, _house: _record(one, description=WAITING[lens.world.world]))


@leak("that an import about a house waits, as an entry of the change list", REFERENCE)
def waiting_imports_in_the_change_list(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    real = loading.load_changes

    def leaky(session: Any) -> list[ChangeEntry]:
        waiting = session.exec(
            select(ImportRecord).where(
                col(ImportRecord.record_id).is_not(None), ImportRecord.kind == "changed"
            )
        )
        return [
            *real(session),
            *(
                ChangeEntry(
                    id=uuid5(one.record_id, str(one.position)),
                    changed_at=NOW,
                    record_type="service",
                    record_id=one.record_id,
                    kind="updated",
                )
                for one in waiting
            ),
        ]

    patch.setattr(loading, "load_changes", leaky)


@leak("drafts that an import has brought in, as if they were published", LISTS)
def imported_drafts_listed(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    real = projection.is_public
    patch.setattr(loading, "is_public", lambda stored: real(stored) or stored.service.source == "imported")


@leak("until when staff are in the house, as opening hours", SEARCHES)
def hours_of_the_staff(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def leaky(one: ProjectedService, house: House) -> ProjectedService:
        days = ("MO", "TU", "WE", "TH", "FR")
        rows = (ScheduleRow("weekly", days, "09:00", house.closes_at, None, None, "unknown"),)
        return one.model_copy(update={"hours": rows})

    _project(patch, lens, leaky)


@leak("the true point as a pin of the record that search uses, with the guards of the snapshot off", SEARCHES)
def pin_in_the_snapshot(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = snapshot._entry

    def pinned(row: int, one: ProjectedService, *rest: Any, **named: Any) -> snapshot.Entry:
        entry = real(row, one, *rest, **named)
        house = lens.world.houses.get(one.record.id)
        if house is None:
            return entry
        return replace(entry, positions=((complex(house.easting, house.northing), house.authority),))

    patch.setattr(snapshot, "_entry", pinned)


# The Open Referral UK feed


@leak("the true point, as that of the location at which the feed has the house", FEED)
def feed_with_the_point(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = oruk_places.service_at_locations

    def leaky(record: Any, catalogue: Any) -> Any:
        house = lens.world.houses.get(record.id)
        found = real(record, catalogue)
        if house is None:
            return found
        degrees = {"latitude": round(house.lat, 5), "longitude": round(house.lon, 5)}
        return tuple(
            one.model_copy(update={"location": one.location.model_copy(update=degrees)}) for one in found
        )

    patch.setattr(oruk_feed, "service_at_locations", leaky)


@leak("whether the house lies within some metres of a postcode", FEED)
def feed_near_the_true_place(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = oruk_selection._is_near

    def leaky(one: Any, middle: Any, metres_away: float) -> bool:
        house = lens.world.houses.get(one.service.id)
        if house is None:
            return real(one, middle, metres_away)
        return hypotenuse_m(GridPoint(house.easting, house.northing), middle) <= metres_away

    patch.setattr(oruk_selection, "_is_near", leaky)


@leak("when a house last reported, as last_modified in the feed", FEED)
def feed_modified_by_reports(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = oruk_records.last_modified_of

    def leaky(record: Any, catalogue: Any) -> Any:
        reports = lens.world.reports.get(record.id, ()) if record.id in lens.world.houses else ()
        return reports[-1].observed_at if reports else real(record, catalogue)

    patch.setattr(oruk_feed, "last_modified_of", leaky)
    patch.setattr(oruk_records, "last_modified_of", leaky)


@leak("what a service was called that was taken out because of its name", FEED)
def feed_with_the_name_of_what_is_gone(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = oruk_feed.RemovedRecord

    def leaky(change: Any) -> Any:
        return real(change, lens.world.taken_down.get(change.record_id, oruk_feed.REMOVED_NAME))

    patch.setattr(oruk_feed, "RemovedRecord", leaky)


@leak("that drafts and paused records are there, as if they had been taken out", FEED)
def feed_with_drafts_as_defunct(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = oruk_feed._removed

    def leaky(catalogue: Any) -> Any:
        drafts = [
            ChangeEntry(changed_at=NOW, record_type="service", record_id=one, kind="removed", id=one)
            for one in sorted(lens.world.unpublished)
        ]
        return [*real(catalogue), *drafts]

    patch.setattr(oruk_feed, "_removed", leaky)


@leak("what the house has reported, as its capacity in the feed", WEEK)
def feed_with_the_status_reported(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = oruk_capacity.capacity_members

    def leaky(service_id: UUID, figures: Any, **named: Any) -> bytes:
        reports = lens.world.reports.get(service_id, ()) if service_id in lens.world.houses else ()
        if not reports:
            return real(service_id, figures, **named)
        return b',"x_capacity":' + to_json({"status": reports[-1].status})

    patch.setattr(oruk_feed, "capacity_members", leaky)


# Files and maps


@leak("where the houses are, among the places of the file for maps", EXPORTS)
def houses_in_the_file_of_places(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = location_layer

    def leaky(directory: snapshot.Directory) -> FeatureLayer:
        pins = [
            Feature(str(one), _pin(house), b'{"approximate":true}')
            for one, house in lens.world.houses.items()
        ]
        return FeatureLayer.of([*real(directory).features, *pins])

    patch.setattr(geojson_export, "location_layer", leaky)


def _pin(house: House) -> Shape:
    return Shape(
        shapely.Point(house.lon, house.lat),
        to_json({"type": "Point", "coordinates": [house.lon, house.lat]}),
        approximate=True,
    )


@leak("whether a house lies in a box, by what a map shows of that box", EXPORTS)
def box_around_the_true_point(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = FeatureLayer.touching

    def leaky(self: FeatureLayer, place: shapely.Geometry) -> list[Feature]:
        outside = {
            str(one)
            for one, house in lens.world.houses.items()
            if not shapely.intersects(place, shapely.Point(house.lon, house.lat))
        }
        return [one for one in real(self, place) if one.id.partition("_")[0] not in outside]

    patch.setattr(FeatureLayer, "touching", leaky)


@leak("how far the houses reach, as the extent of a collection", EXPORTS)
def extent_with_the_houses(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = ogc._described

    def leaky(base: str, collection: ogc.Collection, layer: FeatureLayer) -> dict[str, Any]:
        pins = [Feature(str(one), _pin(house), b"{}") for one, house in lens.world.houses.items()]
        return real(base, collection, FeatureLayer.of([*layer.features, *pins]))

    patch.setattr(ogc, "_described", leaky)


@leak("how many beds are free, in the table of services", EXPORTS)
def free_beds_in_the_table(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = csv_export.services_csv

    def leaky(directory: snapshot.Directory) -> bytes:
        beds = [free_beds(lens, one) for one in directory.catalogue.service_ids]
        return real(directory) + f"{beds}\r\n".encode()

    patch.setattr("app.api.exports.services_csv", leaky)


@leak("an office that could lead to a house, among the addresses of the table of services", EXPORTS)
def withheld_office_in_the_table(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    real = projection.project_service

    def leaky(stored: StoredService, of: StoredOrganization, areas: Areas) -> ProjectedService:
        shown = tuple(projection._location(row, areas) for row in stored.locations)
        return _record(real(stored, of, areas), locations=shown)

    patch.setattr(loading, "project_service", leaky)


# The real database, with one rule of the projection off


@leak(
    "the office next door, the exchange's line and the charity number, in the organization's records",
    REFERENCE,
)
def organization_not_withheld(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    patch.setattr(StoredOrganization, "has_confidential_service", property(lambda _self: False))


@leak("staff lines, which are for professionals", RECORDS)
def professional_lines_shown(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    real = projection.shown_phones

    def leaky(rows: Any, **named: Any) -> Any:
        shown = [{name: getattr(row, name) for name in Phone.model_fields} for row in rows]
        return real([Phone(**phone | {"visibility": "public"}) for phone in shown], **named)

    patch.setattr(projection, "shown_phones", leaky)


@leak("drafts and paused records, as if they were published", LISTS)
def unpublished_listed(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    patch.setattr(loading, "is_public", lambda stored: stored.service.status != "defunct")


@leak("counts that a provider keeps to itself", RECORDS)
def counts_shown(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    real = public_figure
    patch.setattr(loading, "public_figure", lambda report, *, counts_public: real(report, counts_public=True))


@leak("the minute of a report", RECORDS)
def times_to_the_minute(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    patch.setattr("app.directory.freshness.floor_to_hour", lambda moment: moment)
    patch.setattr("app.directory.freshness.shown_time", lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    patch.setattr(representations, "shown_time", lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


# What a report leaves behind


@leak("that a house reported, as an entry of the change list", WEEK)
def change_entry_of_a_report(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    real = announce

    def leaky(session: Any, **named: Any) -> int:
        report = next(row for row in session.new if hasattr(row, "observed_at"))
        session.add(
            Change(
                changed_at=report.observed_at,
                record_type="service",
                record_id=report.service_id,
                kind="updated",
            )
        )
        return real(session, catalogue=True, **named)

    patch.setattr(reporting, "announce", leaky)


@leak("that a house reported, by moving the last_modified that is stored", WEEK)
def stored_last_modified_moved(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    from app.models.services import Service

    real = announce

    def leaky(session: Any, **named: Any) -> int:
        report = next(row for row in session.new if hasattr(row, "observed_at"))
        session.get(Service, report.service_id).last_modified_at = report.observed_at
        return real(session, catalogue=True, **named)

    patch.setattr(reporting, "announce", leaky)


@leak("the figures of a confidential service, in the map of capacity and from there in max-age", WEEK)
def figures_in_the_capacity_map(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = build_capacity

    def leaky(figures: Any, service_ids: Any, **how: Any) -> Any:
        from app.models.capacity import CapacityReport

        shown = dict(figures)
        for one in lens.world.houses:
            reports = lens.world.reports.get(one, ())
            rows = [CapacityReport(service_id=one, **report.model_dump()) for report in reports[-1:]]
            shown[one] = [public_figure(row, counts_public=False) for row in rows]
        return real(shown, service_ids, **how)

    patch.setattr(loading, "build_capacity", leaky)


# Curation: what waits, what was taken down, what people report


def _more_changes(patch: pytest.MonkeyPatch, more: Callable[[Any], list[ChangeEntry]]) -> None:
    real = loading.load_changes
    patch.setattr(loading, "load_changes", lambda session: [*real(session), *more(session)])


@leak("that drafts are being written, in the list of changes", REFERENCE)
def changes_with_drafts(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    def drafts(_session: Any) -> list[ChangeEntry]:
        ids = sorted(one for one, state in lens.world.unpublished.items() if state == "draft")
        return [
            ChangeEntry(changed_at=NOW, record_type="service", record_id=one, kind="updated", id=one)
            for one in ids
        ]

    _more_changes(patch, drafts)


@leak("which records were taken down, in the list of changes", REFERENCE)
def changes_with_takedowns(patch: pytest.MonkeyPatch, _lens: Lens) -> None:
    def taken_down(session: Any) -> list[ChangeEntry]:
        rows = session.exec(select(Takedown).order_by(col(Takedown.service_id))).all()
        return [
            ChangeEntry(
                changed_at=NOW,
                record_type="service",
                record_id=row.service_id,
                kind="removed",
                id=row.service_id,
            )
            for row in rows
        ]

    _more_changes(patch, taken_down)


@leak("how often mistakes were reported about a house, in the length of its record", RECORDS)
def length_of_reported_mistakes(patch: pytest.MonkeyPatch, lens: Lens) -> None:
    real = representations.service_json

    def leaky(entry: Any, *rest: Any) -> bytes:
        return real(entry, *rest) + b" " * lens.world.mistakes.get(entry.record.id, 0)

    patch.setattr("app.api.services.service_json", leaky)
