"""The parameters of the lists: which values of the feed to ask with, and which records must come back.

A judgement is three-valued. True: this record must be in the answer. False: it must not. None: the standard leaves it
open, or the sample does not tell, and then nothing is asked of the feed.
"""

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

import shapely

from app.errors import Problem
from app.feed_check.endpoints import SERVICE_AT_LOCATIONS, SERVICES, Endpoint
from app.feed_check.evidence import UNKNOWN_ID, number_of, objects_of, text_of
from app.feed_check.fetching import Record
from app.feed_check.fields import TIMESPAN, parts_of
from app.geo.distance import geodesic_km
from app.geo.postcodes import Precision, parse_postcode

DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}

PROXIMITY_M = 2000
FAR_KM = 10
"""Beyond this a place is surely not within PROXIMITY_M of a postcode's centroid; rural postcodes are some kilometres wide."""

EDGE_DEGREES = 0.03
"""Shapes of areas are generalised: within about 3 km of an edge nobody can say on which side a postcode is."""


@dataclass(frozen=True)
class Known:
    """What the whole records say that were read."""

    services: Mapping[str, Record]
    parents: Mapping[str, str]
    """Of taxonomy terms."""

    @cached_property
    def postcodes(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude by postcode, of places that have both."""
        found = {}
        for service in self.services.values():
            for part in parts_of("service", service):
                point = _point(part.fields) if part.kind == "location" else None
                for address in objects_of(part.fields, "addresses") if point else ():
                    postcode = text_of(address, "postal_code")
                    if point and _is_whole_postcode(postcode):
                        found[postcode] = point
        return found


@dataclass(frozen=True, slots=True)
class Subject:
    """A record of a list, with the whole service that it is or belongs to."""

    service: Record
    at_location: Record | None = None

    def schedules(self) -> tuple[list[Record], list[Record]]:
        """Those that surely count for this record, and all that might."""
        own = objects_of(self.service, "schedules")
        every = [p.fields for p in parts_of("service", self.service) if p.kind == "schedule"]
        if self.at_location is not None:
            every += [
                p.fields for p in parts_of("service_at_location", self.at_location) if p.kind == "schedule"
            ]
            # Whether a filter of places looks at the service's hours, the place's or both is not said.
            return (own if len(own) == len(every) else []), every
        return own, every


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as a rule. `spellings` are the ways a value may have to be written; one that works is enough."""

    name: str
    endpoints: tuple[Endpoint, ...]
    candidates: Callable[[Known], Iterable[str]]
    judge: Callable[[Subject, str, Known], bool | None]
    nonsense: Callable[[Known], str | None] = field(default=lambda _: None)
    """A value that nothing has: an answer that does not change ignores the parameter."""
    is_of_profile: bool = True
    finds_removed: bool = False
    """Whether a service that was taken out, and has nothing left to be found by, is in the answers all the same."""
    spellings: Callable[[str], tuple[str, ...]] = field(default=lambda value: (value,))
    beside: Callable[[str], Mapping[str, str]] = field(default=lambda _: {})
    """Further parameters that this one needs. Its own answer is compared with theirs alone."""


def _words(known: Known) -> Iterator[str]:
    for service in known.services.values():
        yield from (word for word in re.findall(r"[A-Za-z]{5,30}", text_of(service, "name")))


def _has_word(subject: Subject, word: str, _: Known) -> bool | None:
    return True if word in re.findall(r"[A-Za-z]+", text_of(subject.service, "name")) else None


def _attributes(subject: Subject) -> Iterator[Record]:
    yield from (part.fields for part in parts_of("service", subject.service) if part.kind == "attribute")
    if subject.at_location is not None:
        found = parts_of("service_at_location", subject.at_location)
        yield from (part.fields for part in found if part.kind == "attribute")


def _own_terms(known: Known) -> Iterator[str]:
    for service in known.services.values():
        yield from (text_of(one, "taxonomy_term_id") for one in objects_of(service, "attributes"))


def _has_term(subject: Subject, term: str, known: Known) -> bool | None:
    if any(text_of(one, "taxonomy_term_id") == term for one in objects_of(subject.service, "attributes")):
        return True
    # A feed may count narrower terms as well, and terms of the parts of a service.
    return None if any(term in _with_ancestors(one, known) for one in _attributes(subject)) else False


def _with_ancestors(attribute: Record, known: Known) -> set[str]:
    inner = attribute.get("taxonomy_term")
    term = text_of(attribute, "taxonomy_term_id") or (text_of(inner, "id") if isinstance(inner, dict) else "")
    found: set[str] = set()
    while term and term not in found:
        found.add(term)
        term = known.parents.get(term, "")
    return found


def _taxonomy_of(attribute: Record) -> str:
    inner = attribute.get("taxonomy_term")
    return text_of(inner, "taxonomy_id") if isinstance(inner, dict) else ""


def _own_taxonomies(known: Known) -> Iterator[str]:
    for service in known.services.values():
        yield from map(_taxonomy_of, objects_of(service, "attributes"))


def _has_taxonomy(subject: Subject, taxonomy: str, _: Known) -> bool | None:
    if any(_taxonomy_of(one) == taxonomy for one in objects_of(subject.service, "attributes")):
        return True
    found = [_taxonomy_of(one) for one in _attributes(subject)]
    return None if taxonomy in found or "" in found else False


def _ages(name: str) -> Callable[[Known], Iterator[str]]:
    def candidates(known: Known) -> Iterator[str]:
        ages = (number_of(service, name) for service in known.services.values())
        return (f"{age:g}" for age in ages if age is not None)

    return candidates


def _has_age(
    name: str, allowed: Callable[[float, float], bool]
) -> Callable[[Subject, str, Known], bool | None]:
    def judge(subject: Subject, value: str, _: Known) -> bool | None:
        age = number_of(subject.service, name)
        return None if age is None else allowed(age, float(value))

    return judge


def _times(name: str) -> Callable[[Known], Iterator[str]]:
    def candidates(known: Known) -> Iterator[str]:
        for service in known.services.values():
            for schedule in objects_of(service, "schedules"):
                if TIMESPAN.fullmatch(text_of(schedule, name)):
                    yield text_of(schedule, name)

    return candidates


def _has_time(name: str, allowed: Callable[[str, str], bool]) -> Callable[[Subject, str, Known], bool | None]:
    def judge(subject: Subject, value: str, _: Known) -> bool | None:
        sure, possible = subject.schedules()
        times = [_padded(text_of(one, name)) for one in possible]
        if any(
            allowed(time, _padded(value)) for time in (_padded(text_of(one, name)) for one in sure) if time
        ):
            return True
        return False if all(times) and times and not any(allowed(t, _padded(value)) for t in times) else None

    return judge


def _padded(time: str) -> str:
    """HH:MM:SS, so that times compare as texts; empty for what is none."""
    if not TIMESPAN.fullmatch(time):
        return ""
    hours, minutes, *seconds = time.split(":")
    return f"{hours:0>2}:{minutes:0>2}:{(seconds or ['00'])[0]:0>2}"


def _has_day(subject: Subject, day: str, _: Known) -> bool | None:
    sure, possible = subject.schedules()
    if any(day in _days(one) for one in sure):
        return True
    named = [_days(one) for one in possible]
    return False if named and all(named) and not any(day in days for days in named) else None


def _days(schedule: Record) -> list[str]:
    return re.findall("MO|TU|WE|TH|FR|SA|SU", text_of(schedule, "byday"))


def _has_organization(subject: Subject, organization: str, _: Known) -> bool | None:
    return text_of(subject.service, "organization_id") == organization


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _changes(known: Known) -> Iterator[str]:
    return (text for one in known.services.values() if _moment(text := text_of(one, "last_modified")))


def _is_modified_after(subject: Subject, value: str, _: Known) -> bool | None:
    modified, since = _moment(text_of(subject.service, "last_modified")), _moment(value)
    return None if modified is None or since is None else modified >= since


def _is_whole_postcode(text: str) -> bool:
    try:
        return parse_postcode(text).precision is Precision.UNIT
    except Problem:
        return False


def _point(location: Record) -> tuple[float, float] | None:
    lat, lon = number_of(location, "latitude"), number_of(location, "longitude")
    return (lat, lon) if lat is not None and lon is not None and abs(lat) <= 90 and abs(lon) <= 180 else None


def _location(subject: Subject) -> Record:
    inner = (subject.at_location or {}).get("location")
    return inner if isinstance(inner, dict) else {}


def _areas(subject: Subject) -> list[Record]:
    return [
        *objects_of(subject.service, "service_areas"),
        *objects_of(subject.at_location or {}, "service_areas"),
    ]


def _covers(subject: Subject, postcode: str, known: Known) -> bool | None:
    """By shapes alone, and only well inside or outside of them."""
    lat, lon = known.postcodes[postcode]
    point = shapely.Point(lon, lat)
    shapes = [shape_of(text_of(area, "extent")) for area in _areas(subject)]
    if any(shape is not None and _is_well_inside(point, shape) for shape in shapes):
        return True
    all_known = bool(shapes) and all(shape is not None for shape in shapes)
    is_outside = all(
        shape is None or float(shapely.distance(shape, point)) > EDGE_DEGREES for shape in shapes
    )
    return False if all_known and is_outside else None


def _is_well_inside(point: shapely.Point, shape: shapely.Geometry) -> bool:
    return (
        bool(shapely.contains(shape, point))
        and float(shapely.distance(shapely.boundary(shape), point)) > EDGE_DEGREES
    )


@lru_cache(maxsize=256)
def shape_of(extent: str) -> shapely.Geometry | None:
    """The surface in an extent of GeoJSON text, where it is one."""
    if not extent.lstrip().startswith("{"):
        return None
    try:
        json.loads(extent)
        shape = shapely.from_geojson(extent)
    except (ValueError, RecursionError, shapely.errors.ShapelyError):
        return None
    is_surface = not shape.is_empty and shape.geom_type in {"Polygon", "MultiPolygon"}
    return shape if is_surface and shape.is_valid else None


def _is_near(subject: Subject, postcode: str, known: Known) -> bool | None:
    point = _point(_location(subject))
    if point is None:
        return None
    return False if geodesic_km(point, known.postcodes[postcode]) > FAR_KM else None


BOTH = (SERVICES, SERVICE_AT_LOCATIONS)

PARAMETERS = (
    Parameter("search", BOTH, _words, _has_word, lambda _: "qzxvkjwpf"),
    Parameter("taxonomy_term_id", BOTH, _own_terms, _has_term, lambda _: UNKNOWN_ID),
    Parameter("taxonomy_id", BOTH, _own_taxonomies, _has_taxonomy, lambda _: UNKNOWN_ID),
    Parameter("minimum_age", BOTH, _ages("minimum_age"), _has_age("minimum_age", operator.ge), lambda _: "999"),
    Parameter("maximum_age", BOTH, _ages("maximum_age"), _has_age("maximum_age", operator.le), lambda _: "0"),
    Parameter("start_time", BOTH, _times("opens_at"), _has_time("opens_at", operator.ge), lambda _: "23:59:59",
              spellings=lambda value: (value, value[:5])),
    Parameter("end_time", BOTH, _times("closes_at"), _has_time("closes_at", operator.le), lambda _: "00:00:00",
              spellings=lambda value: (value, value[:5])),
    # The standard does not say how a day is written.
    Parameter("day", BOTH, lambda _: DAYS, _has_day, spellings=lambda day: (day, DAYS[day], DAYS[day].lower(), day.lower())),
    Parameter("postcode", (SERVICE_AT_LOCATIONS,), lambda known: known.postcodes, _covers,
              lambda known: "ZZ99 9ZZ" if any(objects_of(one, "service_areas") for one in known.services.values()) else None),
    Parameter("proximity", (SERVICE_AT_LOCATIONS,), lambda known: known.postcodes, _is_near,
              spellings=lambda _: (str(PROXIMITY_M),), beside=lambda postcode: {"postcode": postcode}),
    Parameter("organization_id", (SERVICES,), lambda known: [text_of(one, "organization_id") for one in known.services.values()],
              _has_organization, lambda _: UNKNOWN_ID, is_of_profile=False),
    Parameter("modified_after", (SERVICES,), _changes, _is_modified_after, lambda _: "2999-01-01T00:00:00.000Z",
              is_of_profile=False, finds_removed=True),
)  # fmt: skip
