"""Which records a list gives: every parameter that is there has to hold (HSDS: several together mean AND).

Coverage and distance are decided on public facts alone. A confidential service covers what it says it covers, and has no
distance: with `proximity` it is never there, wherever the postcode lies.
"""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from app.directory.columns import ACCOMMODATION, CHILD_AGES
from app.directory.records import PublicService
from app.directory.row_sets import in_order
from app.directory.snapshot import Catalogue
from app.feed.oruk_feed import (
    FixedRecord,
    ListedService,
    OrganizationRecord,
    OrukFeed,
    ServiceAtLocationRecord,
    ServiceRecord,
)
from app.feed.oruk_hours import LAST_MINUTE, clock
from app.feed.oruk_query import (
    OrganizationQuery,
    PlaceQuery,
    RecordQuery,
    ServiceQuery,
    TaxonomyQuery,
    TermQuery,
)
from app.geo.distance import GridPoint, hypotenuse_m
from app.geo.gazetteer import Locality
from app.geo.postcodes import Precision, parse_postcode

Rule = Callable[[ServiceRecord], bool]


def select_services(feed: OrukFeed, query: ServiceQuery) -> Sequence[ListedService]:
    """Services in order. One that was taken out is there unless something is asked that it cannot answer any more."""
    rules = _rules(query)
    since = query.modified_after
    return [
        one
        for one in feed.services
        if (since is None or one.last_modified >= since)
        and (all(rule(one) for rule in rules) if isinstance(one, ServiceRecord) else not rules)
    ]


def select_at_locations(feed: OrukFeed, query: PlaceQuery) -> Sequence[ServiceAtLocationRecord]:
    """Services at locations in order. Raises PostcodeInvalid, PostcodeNotFound, PostcodeNoLocation."""
    rules, since = _rules(query), query.modified_after
    found = [
        one
        for one in feed.at_locations
        if (since is None or one.service.last_modified >= since) and all(rule(one.service) for rule in rules)
    ]
    if query.postcode is not None:
        place = feed.catalogue.gazetteer.locate(parse_postcode(query.postcode))
        rows = covering_rows(feed.catalogue, place)
        found = [one for one in found if one.service.entry.row in rows]
        if query.proximity is not None:
            found = [one for one in found if _is_near(one, place.position, query.proximity)]
    return found


def covering_rows(catalogue: Catalogue, place: Locality) -> set[int]:
    """Rows of services that cover a place, or a part of it: by code first, then by district and by shape."""
    coverage = catalogue.coverage
    found = coverage.in_district.get(place.outward, 0)
    found |= coverage.with_polygon_around(place.position.easting, place.position.northing)
    for one in place.authorities:
        found |= coverage.of_area(one.code).rows
        if place.precision is not Precision.UNIT:
            # The middle of a district says little of a shape: what may cover a part of it stays in.
            found |= coverage.near_polygon.get(one.code, 0)
    return set(in_order(found))


def _is_near(one: ServiceAtLocationRecord, middle: GridPoint, metres: float) -> bool:
    return one.point is not None and hypotenuse_m(one.point, middle) <= metres


def select_organizations(feed: OrukFeed, query: OrganizationQuery) -> Sequence[OrganizationRecord]:
    """Organizations in order; one has a term when one of its services has it. Where its services stand in it, it was changed
    when one of them was.
    """
    words, since = _words(query.search), query.modified_after
    with_services = query.full or query.full_service
    rules = _term_rules(query)
    return [
        one
        for one in feed.organizations
        if (
            since is None
            or one.last_modified >= since
            or (with_services and any(service.last_modified >= since for service in one.services))
        )
        and _holds(words, one.record.name, one.record.description)
        and all(any(rule(service) for service in one.services) for rule in rules)
    ]


def select_taxonomies(feed: OrukFeed, query: TaxonomyQuery) -> Sequence[FixedRecord]:
    return _worded(feed.taxonomies, query.search)


def select_terms(feed: OrukFeed, query: TermQuery) -> Sequence[FixedRecord]:
    return [
        one
        for one in _worded(feed.terms_listed, query.search)
        if (query.taxonomy_id is None or one.shape.taxonomy_id == query.taxonomy_id)
        and (query.parent_id is None or one.shape.parent_id == query.parent_id)
        and not (query.top_only and one.shape.parent_id is not None)
    ]


def _worded(found: Iterable[FixedRecord], search: str | None) -> list[FixedRecord]:
    words = _words(search)
    return [one for one in found if _holds(words, one.shape.name, one.shape.description)]


def _words(search: str | None) -> list[str]:
    return [] if search is None else search.casefold().split()


def _holds(words: Sequence[str], *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)


def _rules(query: ServiceQuery) -> list[Rule]:
    """What is asked of a service, but for the moment since which it was changed."""
    rules = _term_rules(query)
    words = _words(query.search)
    if words:
        rules.append(lambda one: all(word in one.entry.words for word in words))
    if query.organization_id is not None:
        rules.append(lambda one: one.entry.record.organization.id == query.organization_id)
    rules += _age_rules(query)
    if query.day is not None or query.start_time is not None or query.end_time is not None:
        rules.append(lambda one: _has_schedule(one.entry.record, query))
    return rules


def _term_rules(query: RecordQuery) -> list[Rule]:
    term_id, taxonomy_id = query.taxonomy_term_id, query.taxonomy_id
    rules: list[Rule] = []
    if term_id is not None:
        rules.append(lambda one: _has(term_id, one.term_ids))
    if taxonomy_id is not None:
        rules.append(lambda one: _has(taxonomy_id, one.taxonomy_ids))
    return rules


def _has(wanted: UUID, known: frozenset[UUID]) -> bool:
    return wanted in known


def _age_rules(query: ServiceQuery) -> list[Rule]:
    lowest, highest, age = query.minimum_age, query.maximum_age, query.x_age
    rules: list[Rule] = []
    if lowest is not None:
        rules.append(lambda one: (found := _ages(one)[0]) is not None and found >= lowest)
    if highest is not None:
        rules.append(lambda one: (found := _ages(one)[1]) is not None and found <= highest)
    if age is not None:
        rules.append(lambda one: _takes(age, *_ages(one)))
    if any(asked is not None and asked < CHILD_AGES[1] + 1 for asked in (lowest, highest, age)):
        # Whoever selects by an age under 18 asks for somebody who may be a child, in whatever parameter, and an age that is
        # not known lets a service through: nothing of accommodation is among the answers (docs/search.md, section 2).
        rules.append(_is_no_accommodation)
    return rules


def _is_no_accommodation(one: ServiceRecord) -> bool:
    return ACCOMMODATION.isdisjoint(one.entry.record.needs)


def _takes(age: float, lowest: int | None, highest: int | None) -> bool:
    """Whether somebody of this age may be taken; who is 17 and a half is 17. What is not known keeps a service in."""
    return (lowest is None or lowest <= age) and (highest is None or age < highest + 1)


def _ages(one: ServiceRecord) -> tuple[int | None, int | None]:
    eligibility = one.entry.record.eligibility
    return eligibility.minimum_age, eligibility.maximum_age


def _has_schedule(record: PublicService, query: ServiceQuery) -> bool:
    """One row of hours that fits day and times together, with the times that the feed prints."""
    start, end, day = _whole(query.start_time), _whole(query.end_time), query.weekday
    for row in record.hours.schedules:
        opens_at = clock(row.opens_at)
        closes_at = clock(LAST_MINUTE if row.closes_at == "24:00" else row.closes_at)
        if opens_at is None or closes_at is None:
            continue
        fits_day = day is None or day in row.byday
        if fits_day and (start is None or opens_at >= start) and (end is None or closes_at <= end):
            return True
    return False


def _whole(time: str | None) -> str | None:
    """`09:00` or `09:00:00` as the latter."""
    return f"{time}:00" if time is not None and time.count(":") == 1 else time
