"""Generated scenes: directories, questions and moments, with ties everywhere, so that order is decided late.

A world's services are variations of a few kinds. What `projection` guarantees is kept: a confidential service has no
polygon and no figures. It may have positions here all the same, for nothing may come of them.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from app.directory.freshness import Figure
from app.directory.hours import ScheduleRow
from app.search.query import SearchQuery
from tests.search.making import (
    EXPLOITATION,
    LANGUAGE_NAMES,
    MICROSECOND,
    NEEDS,
    REFERRERS,
    STAGES,
    WORKING_DAYS,
    Facets,
    Route,
    Scene,
    on_dates,
    weekly,
)
from tests.search.small_country import (
    AREA_CODES,
    BIRMINGHAM,
    DISTRICTS,
    ENGLAND,
    GWENT_POLICE,
    LICHFIELD,
    LOCATIONS,
    NEWPORT,
    POLYGONS,
    POSTCODES,
    SANDWELL,
    SECTORS,
    STAFFORDSHIRE_POLICE,
    STANDPOINTS,
    TAMWORTH,
    WALES,
    WALSALL,
    WEST_MIDLANDS,
    WEST_MIDLANDS_POLICE,
)

HOURS: tuple[tuple[ScheduleRow, ...], ...] = (
    (),
    (weekly("00:00", "24:00"),),
    (weekly("09:00", "17:00", WORKING_DAYS, bank_holidays="closed"),),
    (weekly("09:00", "17:00", WORKING_DAYS, bank_holidays="unknown"),),
    (weekly("20:00", "06:00"),),
    (weekly("20:00", "06:00", bank_holidays="closed"),),
    (weekly("20:00", "06:00", ("FR", "SA"), bank_holidays="unknown"),),
    (weekly("01:15", "01:45"), weekly("12:00", "14:00", ("MO", "WE"), bank_holidays="closed")),
    (weekly("00:30", "02:30", ("SU",)),),
    (
        weekly("09:00", "17:00", bank_holidays="closed"),
        on_dates("closed", None, None, first=date(2026, 3, 28), last=date(2026, 4, 2)),
        on_dates("extra", "10:00", "02:00", first=date(2026, 10, 24), last=date(2026, 10, 25)),
    ),
    (weekly("08:00", "20:00", first=date(2026, 4, 1), last=date(2026, 10, 24)),),
    (weekly("00:00", "24:00", last=date(2028, 6, 30)),),
)

MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-07-15T11:30:00+00:00",  # a Wednesday noon in London
        "2026-07-15T16:00:00+00:00",  # the minute offices close
        "2026-07-15T15:59:59.999999+00:00",
        "2026-07-17T22:30:00+00:00",  # a Friday night
        "2026-07-19T02:00:00+00:00",
        "2026-03-29T00:59:59.999999+00:00",  # the clock goes forward
        "2026-03-29T01:00:00+00:00",
        "2026-03-28T20:30:00+00:00",
        "2026-10-25T00:20:00+00:00",  # 01:20 for the first time, and again
        "2026-10-25T01:20:00+00:00",
        "2026-10-25T01:59:59.999999+00:00",
        "2026-12-25T12:00:00+00:00",
        "2026-12-26T03:00:00+00:00",  # Boxing Day, a Saturday
        "2026-12-28T10:00:00+00:00",  # its substitute
        "2026-05-04T10:00:00+00:00",
        "2026-05-03T23:30:00+00:00",
    )
)  # fmt: skip
FAR_MOMENTS = (datetime(2028, 6, 28, 12, tzinfo=UTC), datetime(2031, 6, 11, 12, tzinfo=UTC))
"""Years ahead, where what is said now has run out."""

COVERAGES = (
    {"everywhere": True},
    {"areas": (ENGLAND,)},
    {"areas": (WALES, GWENT_POLICE)},
    {"areas": (WEST_MIDLANDS,)},
    {"areas": (WEST_MIDLANDS_POLICE,)},
    {"areas": (WEST_MIDLANDS_POLICE, STAFFORDSHIRE_POLICE)},
    {"areas": (STAFFORDSHIRE_POLICE,)},
    {"areas": (BIRMINGHAM,)},
    {"areas": (SANDWELL, WALSALL)},
    {"areas": (TAMWORTH, WEST_MIDLANDS_POLICE)},
    {"areas": (NEWPORT, LICHFIELD)},
    {"areas": ()},
)

WORDS = ("Haven", "Bridge", "Straßenhilfe")
DESCRIPTIONS = ("A place to talk.", "Talk, rest and safe passage.", "")
TEXT_QUERIES = (
    "talk",
    "haven TALK",
    "safe house",
    "worker",
    "example two",
    "bridge rest",
    "a",
    "nothing here",
)


def some_of(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


def placed() -> st.SearchStrategy[Facets]:
    """Where people are met and what is covered; mostly by code, sometimes by district or polygon as well."""
    by_code = st.sampled_from(COVERAGES)
    districts = st.one_of(st.just(()), some_of(*DISTRICTS))
    polygons = st.one_of(st.just(()), some_of(*POLYGONS))
    positions = st.one_of(
        st.just(()), st.lists(st.sampled_from(LOCATIONS), min_size=1, max_size=3).map(tuple)
    )
    return st.builds(
        lambda coverage, districts, polygons, positions, reach, confidential: {
            **coverage,
            "districts": districts,
            "polygons": polygons,
            "positions": positions,
            "reach": reach,
            "confidential": confidential,
        },
        by_code,
        districts,
        polygons,
        positions,
        st.sampled_from(("site", "site", "outreach_area", "remote", "national")),
        st.sampled_from((False, False, False, True)),
    )


def accepting() -> st.SearchStrategy[Facets]:
    """Whom the service is for."""
    ages = st.sampled_from(((None, None), (18, None), (None, 17), (16, 25), (18, 120), (0, None), (25, 59)))
    answers = st.sampled_from(("yes", "no", "ask"))
    return st.builds(
        lambda sex, trans, ages, children, kinds, languages, interpreter, needs, role: {
            "sex_accepted": sex,
            "trans_inclusive": trans,
            "minimum_age": ages[0],
            "maximum_age": ages[1],
            "with_children": children,
            "exploitation": kinds,
            "languages": languages,
            "interpreter": interpreter,
            "needs": needs,
            "child_card_role": role,
        },
        st.sampled_from(("women", "men", "any", None)),
        answers,
        ages,
        answers,
        some_of(*EXPLOITATION),
        some_of(*LANGUAGE_NAMES),
        answers,
        st.lists(st.sampled_from(tuple(NEEDS)), min_size=1, max_size=3, unique=True).map(tuple),
        st.sampled_from((None, None, "childrens_services", "guardianship")),
    )


def referring() -> st.SearchStrategy[Facets]:
    """Routes; one may lead through a service that is there, or through one that is not."""
    routes = st.builds(
        Route,
        some_of(*REFERRERS),
        some_of(*STAGES),
        age_group=st.sampled_from((None, None, "adult", "child")),
        via=st.sampled_from((None, None, None, 0, 77)),
        hours=st.sampled_from(((), *HOURS)),
        channel=st.sampled_from(("phone", "phone", "walk_in")),
        has_contact=st.sampled_from((True, True, True, False)),
    )
    return st.lists(routes, max_size=2).map(lambda found: {"routes": tuple(found)})


def spoken_of() -> st.SearchStrategy[Facets]:
    return st.builds(
        lambda name, status, description, organization, hours, numbers: {
            "status": status,
            "name": name,
            "description": description,
            "organization": organization,
            "hours": hours,
            "numbers": numbers,
        },
        st.sampled_from(WORDS),
        st.sampled_from((*["active"] * 6, "inactive", "temporarily closed")),
        st.sampled_from(DESCRIPTIONS),
        st.integers(1, 3),
        st.sampled_from(HOURS),
        st.sampled_from((("voice",), ("voice",), (), (), ("text",), ("text", "voice"))),
    )


def reported(now: datetime) -> st.SearchStrategy[Facets]:
    """Figures of one or more units and groups that expire around now, to the microsecond."""
    lives = (
        timedelta(days=3),
        MICROSECOND,
        timedelta(0),
        -MICROSECOND,
        timedelta(hours=-5),
        timedelta(seconds=1),
    )
    figures = st.builds(
        lambda unit, group, status, life, later: Figure(
            unit,
            group,
            status=status,
            confirmed_at=now - timedelta(days=4),
            valid_until=now + life,
            ageing_at=now - timedelta(days=1),
            seen_at=now - timedelta(days=4) + later,
        ),
        st.sampled_from(("bed_space", "caseworker_place")),
        st.sampled_from(("anyone", "women", "men", "families", "children")),
        st.sampled_from(
            ("accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown")
        ),
        st.sampled_from(lives),
        st.sampled_from((timedelta(0), MICROSECOND, timedelta(hours=2))),
    )
    several = st.lists(figures, max_size=3, unique_by=lambda one: (one.unit, one.applies_to))
    return several.map(lambda found: {"figures": tuple(found)})


def kinds_of_service(now: datetime) -> st.SearchStrategy[Facets]:
    """Everything that a service says, at once."""
    return st.builds(lambda *parts: _merged(parts), *_facets(now))


def _facets(now: datetime) -> tuple[st.SearchStrategy[Facets], ...]:
    return placed(), accepting(), referring(), spoken_of(), reported(now)


@st.composite
def worlds(draw: st.DrawFn, now: datetime) -> dict[int, Facets]:
    """Up to 25 services: each of one of a few kinds, most of them with one thing changed."""
    kinds = draw(st.lists(kinds_of_service(now), min_size=1, max_size=4), label="kinds")
    changed = st.one_of(st.just({}), *_facets(now))
    count = draw(st.integers(0, 25))
    chosen: dict[int, Facets] = {}
    for number in draw(st.permutations(range(count))):
        chosen[number] = draw(st.sampled_from(kinds)) | draw(changed)
    return chosen


def _merged(parts: tuple[Facets, ...]) -> Facets:
    merged: Facets = {}
    for part in parts:
        merged |= part
    return merged


def origins() -> st.SearchStrategy[Facets]:
    units = st.sampled_from(tuple(row.text for row in POSTCODES))
    postcodes = st.one_of(st.just("B1 1AA"), units, st.sampled_from(SECTORS), st.sampled_from(DISTRICTS))
    return st.one_of(
        postcodes.map(lambda text: {"postcode": text}),
        postcodes.map(lambda text: {"postcode": text}),
        st.sampled_from(STANDPOINTS).map(lambda pair: {"lat": pair[0], "lon": pair[1]}),
        st.sampled_from(AREA_CODES).map(lambda code: {"area": code}),
        st.just({}),
    )


DISTANCES_KM = (5.0, 4.9999, 5.0005, 5.001, 0.001, 0.0004, 2.0, 25.0, 200.0)

ASKED: dict[str, st.SearchStrategy[Any]] = {
    "need": st.sampled_from(tuple(NEEDS)),
    "exploitation": st.sampled_from(tuple(EXPLOITATION)),
    "sex": st.sampled_from(("women", "men", "other", "unknown")),
    "age": st.sampled_from((0, 16, 17, 18, 24, 40, 120)),
    "age_group": st.sampled_from(("adult", "child", "unsure")),
    "with_children": st.booleans(),
    "language": st.sampled_from(("sqi", "vie", "pol", "eng")),
    "referrer": st.sampled_from(tuple(REFERRERS)),
    "stage": st.sampled_from(tuple(STAGES)),
    "reach": st.sampled_from(("site", "outreach_area", "remote", "national")),
    "has_capacity": st.booleans(),
    "open_at": st.sampled_from(MOMENTS + FAR_MOMENTS),
    "within_km": st.sampled_from(DISTANCES_KM),
    "avoid_area": st.sampled_from(AREA_CODES),
    "text": st.sampled_from(TEXT_QUERIES),
    "limit": st.sampled_from((1, 2, 5, 50)),
}
"""Every field of a question but its origin. All of them are here: a test compares with SearchQuery."""


@st.composite
def queries(draw: st.DrawFn) -> SearchQuery:
    """An origin and a few other fields: with many at once hardly a service is left."""
    asked = draw(origins())
    for name in sorted(draw(st.sets(st.sampled_from(tuple(ASKED)), max_size=5))):
        asked[name] = draw(ASKED[name])
    if "age" in asked and asked.get("age_group") == ("adult" if asked["age"] < 18 else "child"):
        # They contradict each other, and are refused.
        del asked["age"]
    if asked.get("stage") == "child_route" and asked.get("age_group") == "adult":
        del asked["stage"]
    if "postcode" not in asked and "lat" not in asked:
        asked.pop("within_km", None)
    return SearchQuery.model_validate({"limit": 50} | asked)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    now = draw(st.sampled_from(MOMENTS))
    return Scene(draw(worlds(now)), tuple(draw(st.lists(queries(), min_size=1, max_size=3))), now)
