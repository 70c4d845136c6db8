"""The Directory: everything the public side reads, immutable, in memory, made after projection.

It has a catalogue, rebuilt when something is published, and a capacity map, replaced when a report arrives. Because
only public records go in, what is built from it (search, pages, feeds) cannot hold a secret.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic_core import to_json

from app.directory.answering import AnsweringHours, ByReadiness, OwnLine, Whom
from app.directory.area_shapes import AreaShapes
from app.directory.capacity_map import CapacityMap
from app.directory.columns import Columns, build_columns
from app.directory.covering import CoverageIndex, build_coverage
from app.directory.hours import Hours
from app.directory.openings import HoursPatterns, Opening
from app.directory.records import (
    Position,
    ProjectedService,
    PublicOrganization,
    PublicRoute,
    PublicService,
    is_written_to,
)
from app.directory.routes import EntryRoute, Routes
from app.directory.schedules import ScheduleRow
from app.directory.summaries import summary_of
from app.directory.texts import EMERGENCY, ChangeEntry, SharedTexts
from app.directory.wording import Wording, conditions_of
from app.errors import InvalidInput
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import parse_postcode

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Entry:
    """One service in the snapshot: its record, its hours, and what search answers hold of it, pre-encoded."""

    row: int
    record: PublicService
    confidential: bool
    """The record's. It stands here because every search looks at it."""
    hours: Hours
    hours_pattern: int
    routes: Routes
    summary: bytes
    wording: Wording
    area_codes: frozenset[str]
    """Of the areas that it lists as covered."""
    polygons: tuple[dict[str, Any], ...]
    positions: tuple[tuple[complex, str | None], ...]
    """Of its public locations, easting + northing·i, each with its authority, None where that is not known for certain; none of a
    confidential service.
    """
    is_gone_to: bool
    """Whether people are sent to a place of its own. It stands here because a search looks at it in a loop."""
    words: str
    """Name, organization, description and needs in one lower-case text, for the `text` filter."""


@dataclass(frozen=True, slots=True)
class OpenStates:
    """Every pattern of hours (by number) and all services by readiness, from one moment until the next change of any of them."""

    since: datetime
    until: datetime
    openings: tuple[Opening, ...]
    answering: Mapping[Whom, ByReadiness]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Public records in the order of their ids, with the indexes over them."""

    entries: tuple[Entry, ...]
    row_of: Mapping[UUID, int]
    organizations: Mapping[UUID, PublicOrganization]
    areas: Areas
    gazetteer: Gazetteer
    texts: SharedTexts
    changes: tuple[ChangeEntry, ...]
    columns: Columns
    hours: HoursPatterns
    answering: AnsweringHours
    coverage: CoverageIndex
    term_names: Mapping[str, Mapping[str, str]]
    wider_kinds: Mapping[str, tuple[str, ...]]
    """Of each form of exploitation, the wider ones that it is a kind of, nearest first."""
    always_json: bytes
    shapes: AreaShapes
    _open: list[OpenStates] = field(default_factory=list)

    @property
    def service_ids(self) -> list[UUID]:
        return [entry.record.id for entry in self.entries]

    def service_through(self, route: PublicRoute | None) -> PublicService | None:
        """The service that a route leads through, if it leads through one."""
        if route is None or route.via_service_id is None:
            return None
        return self.entries[self.row_of[route.via_service_id]].record

    def conditions_of(self, route: PublicRoute | None) -> list[str]:
        """What has to be so before a way in is used, and how soon an answer comes, in words; nothing of none."""
        return [] if route is None else conditions_of(route, self.term_names.get("stage", {}))

    def open_states(self, at: datetime, *, is_present: bool = True, whom: Whom = (None, None)) -> OpenStates:
        """What is open at `at`, with who answers to `whom`. That of the present is kept, for everybody, as it holds for every
        search until some service opens or closes; a moment that somebody asked about is not: it would be a record of the
        question.
        """
        known = self._open[0] if self._open else None
        if known is not None and known.since <= at < known.until:
            return known
        openings, until = self.hours.at(at)
        fresh = OpenStates(at, until, openings, self.answering.at(openings, None if is_present else whom))
        if is_present:
            self._open[:1] = [fresh]
        return fresh


@dataclass(frozen=True, slots=True)
class Directory:
    """One consistent state of the public side. `as_of`: when it was last known to be what the database holds."""

    catalogue: Catalogue
    capacity: CapacityMap
    as_of: datetime
    demonstration: bool
    home_area: str
    as_of_text: str = field(init=False)
    """As every answer shows it (RFC 3339, UTC)."""

    def __post_init__(self) -> None:
        text = self.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        object.__setattr__(self, "as_of_text", text)


def build_catalogue(
    services: Sequence[ProjectedService],
    organizations: Sequence[PublicOrganization],
    *,
    areas: Areas,
    gazetteer: Gazetteer,
    texts: SharedTexts,
    changes: Sequence[ChangeEntry] = (),
    shapes: AreaShapes | None = None,
) -> Catalogue:
    """The catalogue of public records, in any order; an organization without a public service is left out."""
    running = {one.record.id for one in services if one.record.is_running}
    ordered = [_with_public_routes(one, running) for one in sorted(services, key=lambda one: one.record.id)]
    vocabulary = {one.code: texts.codes(one.code) for one in texts.vocabulary}
    wider_kinds = texts.wider("exploitation")
    columns = build_columns(ordered, vocabulary=vocabulary, wider_kinds=wider_kinds)
    hours = HoursPatterns.of(ordered)
    need_names = texts.names("need")
    by_id = {one.record.id: one for one in ordered}
    entries = tuple(
        _entry(row, one, need_names, by_id, hours=hours, gazetteer=gazetteer)
        for row, one in enumerate(ordered)
    )
    return Catalogue(
        entries=entries,
        row_of={one.record.id: row for row, one in enumerate(ordered)},
        organizations={one.id: one for one in sorted(organizations, key=lambda one: one.id) if one.services},
        areas=areas,
        gazetteer=gazetteer,
        texts=texts,
        changes=tuple(sorted(changes, key=lambda one: (one.changed_at, one.id))),
        columns=columns,
        hours=hours,
        answering=AnsweringHours.of(
            [OwnLine(one.hours_pattern, bool(one.record.phones), one.routes) for one in entries],
            referrers=vocabulary.get("referrer", ()),
        ),
        coverage=build_coverage(ordered, areas, gazetteer),
        term_names={one.code: texts.names(one.code) for one in texts.vocabulary},
        wider_kinds=wider_kinds,
        always_json=to_json(texts.always or (EMERGENCY,)),
        shapes=shapes or AreaShapes({}),
    )


def _with_public_routes(one: ProjectedService, known: set[UUID]) -> ProjectedService:
    """Without routes through a service that is not known, which nobody may see, or that does not run: nobody answers."""
    routes = one.record.referral_routes
    kept = [
        (route, hours)
        for route, hours in zip(routes, one.route_hours, strict=True)
        if route.via_service_id is None or route.via_service_id in known
    ]
    if len(kept) == len(routes):
        return one
    record = one.record.model_copy(update={"referral_routes": tuple(route for route, _ in kept)})
    return one.model_copy(update={"record": record, "route_hours": tuple(hours for _, hours in kept)})


def _entry_route(
    route: PublicRoute,
    rows: tuple[ScheduleRow, ...],
    known: Mapping[UUID, ProjectedService],
    hours: HoursPatterns,
    *,
    has_place: bool,
) -> EntryRoute:
    through = None if route.via_service_id is None else known[route.via_service_id]
    if not rows and through is not None:
        rows = through.hours
    via = None if through is None else through.record
    rung = [] if via is None else [one.number for one in via.phones if not is_written_to(one.phone_type)]
    contact = route.contact if via is None else next(iter(rung), None)
    json = _route_json(route, via, contact)
    walked_into = route.channel == "walk_in" and has_place
    is_usable = contact is not None or walked_into or (via is not None and bool(via.phones))
    return EntryRoute(route, hours.number[rows], bool(rows), json, route.age_group, contact, is_usable)


def _route_json(route: PublicRoute, via: PublicService | None, contact: str | None) -> bytes:
    """A chosen route as search answers show it, up to whether it is open. One that leads through another service has that
    service's name and number.
    """
    return (
        to_json(
            {
                "name": route.name,
                "channel": route.channel,
                "contact": contact,
                "via_service_id": route.via_service_id,
                "via_service_name": None if via is None else via.name,
                "consent": route.consent,
                "stages": route.stages,
                "response_time": route.response_time,
                "age_group": route.age_group,
            }
        )[:-1]
        + b',"open":'
    )


def _entry(
    row: int,
    one: ProjectedService,
    need_names: Mapping[str, str],
    known: Mapping[UUID, ProjectedService],
    *,
    hours: HoursPatterns,
    gazetteer: Gazetteer,
) -> Entry:
    record = one.record
    routes = Routes.of(
        [
            _entry_route(route, rows, known, hours, has_place=bool(record.locations))
            for route, rows in zip(record.referral_routes, one.route_hours, strict=True)
        ]
    )
    words = (
        record.name,
        record.organization.name,
        record.description,
        *(need_names.get(n, n) for n in record.needs),
    )
    return Entry(
        row=row,
        record=record,
        confidential=record.confidential,
        hours=Hours.of(one.hours),
        hours_pattern=hours.number[one.hours],
        routes=routes,
        summary=summary_of(record).model_dump_json().encode(),
        wording=Wording.of(
            record,
            reachable=bool(record.phones) or any(route.is_usable for route in routes.all),
            through_a_form=any(
                way_in.contact is not None
                for route in record.referral_routes
                if route.via_service_id is not None
                for way_in in known[route.via_service_id].record.referral_routes
            ),
        ),
        area_codes=frozenset(area.code for area in record.coverage.areas),
        # A confidential record has no positions. Had one slipped in, no distance may come of it.
        positions=() if record.confidential else _positions(one, gazetteer),
        is_gone_to=record.reach == "site",
        polygons=tuple(json.loads(text) for text in one.polygons),
        words=" ".join(words).casefold(),
    )


def _positions(one: ProjectedService, gazetteer: Gazetteer) -> tuple[tuple[complex, str | None], ...]:
    """Where its locations are, each with its authority where the postcode file in use says the same as the one that it was stored by.

    Councils are merged and borders moved. By the old code a place would be said to be elsewhere to whoever has to keep away from
    the new council, and by the new one to whoever asks by the old: until it is stored anew it is in neither for certain.
    """
    return tuple((complex(at.easting, at.northing), _authority_still(at, gazetteer)) for at in one.positions)


def _authority_still(at: Position, gazetteer: Gazetteer) -> str | None:
    if at.postal_code is None:
        return at.authority_code
    try:
        now = gazetteer.locate(parse_postcode(at.postal_code)).authorities[0].code
    except InvalidInput:
        # The postcode has ended, and is not listed any more: its council may have ended too.
        return at.authority_code if at.authority_code in gazetteer.authority_codes else None
    return at.authority_code if at.authority_code == now else None


class DirectoryHolder:
    """The current Directory of a process: one reference, replaced whole, read without a lock."""

    def __init__(self) -> None:
        self._current: Directory | None = None
        self._made: dict[Callable[[Catalogue], Any], tuple[Catalogue, Any]] = {}

    @property
    def current(self) -> Directory | None:
        return self._current

    def replace(self, directory: Directory) -> None:
        before = self._current
        self._current = directory
        if before is not None and before.catalogue is not directory.catalogue:
            self._made = {}

    def made_of(self, catalogue: Catalogue, make: Callable[[Catalogue], Made]) -> Made:
        """`make(catalogue)`, kept while the catalogue is the current one.

        It goes when the catalogue goes, not with the next request: it holds what a takedown may have to end.
        """
        kept = self._made
        known = kept.get(make)
        if known is not None and known[0] is catalogue:
            found: Made = known[1]
            return found
        made = make(catalogue)
        current = self._current
        if current is not None and current.catalogue is catalogue:
            # Into what was there before the catalogue was looked at: a replacement meanwhile has put another in its place.
            kept[make] = catalogue, made
        return made
