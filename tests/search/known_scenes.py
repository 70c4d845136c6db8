"""Small worlds made by hand, one for each rule that a hurried change would break, each with its questions."""

from datetime import datetime, timedelta
from typing import Any

from app.directory.freshness import Figure
from app.search.query import SearchQuery
from tests.search.making import MICROSECOND, WORKING_DAYS, Facets, Route, Scene, weekly
from tests.search.small_country import (
    BIRMINGHAM,
    BORDER,
    HOOK,
    LOCATIONS,
    RING_ROAD,
    SANDWELL,
    STAFFORDSHIRE_POLICE,
    STANDPOINTS,
    WALSALL,
    WEST_MIDLANDS_POLICE,
)
from tests.search.worlds import MOMENTS

NOON = MOMENTS[0]
FRIDAY_NIGHT = MOMENTS[3]
TWENTY_PAST_ONE_AGAIN = MOMENTS[9]
AT_B1, FIVE_KM_NORTH_EAST, FIVE_KM_WEST = LOCATIONS[0], LOCATIONS[2], LOCATIONS[3]
A_METRE_MORE, IN_WALSALL = LOCATIONS[6], LOCATIONS[9]
NEAR_B1 = {"postcode": "B1 1AA"}


def scene(services: list[Facets], *questions: dict[str, Any], now: datetime = NOON) -> Scene:
    """Services are numbered from 1."""
    return Scene(
        dict(enumerate(services, start=1)),
        tuple(SearchQuery.model_validate({"limit": 50} | one) for one in questions),
        now,
    )


def reported(
    status: str,
    life: timedelta = timedelta(days=3),
    group: str = "anyone",
    *,
    now: datetime = NOON,
    unit: str = "bed_space",
    later: timedelta = timedelta(0),
) -> Figure:
    """A figure that is good for `life` from now; `later` than others it was seen."""
    confirmed_at = now - timedelta(days=4)
    return Figure(
        unit, group, status, confirmed_at, now + life, now - timedelta(days=1), seen_at=confirmed_at + later
    )


def site(*positions: Any, **facets: Any) -> Facets:
    return {"reach": "site", "positions": positions, **facets}


DAY_AND_NIGHT = (weekly("00:00", "24:00"),)
NIGHTS = (weekly("20:00", "06:00"),)
OFFICE_HOURS = (weekly("09:00", "17:00", WORKING_DAYS),)

KNOWN_SCENES: dict[str, Scene] = {
    "what does not run": scene(
        [
            {"status": "temporarily closed", "hours": DAY_AND_NIGHT},
            {"status": "inactive"},
            {"routes": (Route(("police",), via=1), Route(("self",)))},
        ],
        NEAR_B1,
        NEAR_B1 | {"referrer": "police"},
    ),
    "routes for adults and for children": scene(
        [
            {"routes": (Route(("police",), age_group="adult"),)},
            {"routes": (Route(("police",), age_group="adult"), Route((), age_group="child"), Route(()))},
            {"routes": (Route(("police",), age_group="child"), Route(("police",)))},
        ],
        *(
            NEAR_B1 | {"referrer": "police"} | who
            for who in ({"age": 14}, {"age_group": "unsure"}, {"age_group": "adult"}, {}, {"stage": "in_nrm"})
        ),
    ),
    "a way in that is closed": scene(
        [
            {"hours": DAY_AND_NIGHT, "routes": (Route(("police",), hours=NIGHTS), Route(("police",)))},
            {"hours": DAY_AND_NIGHT, "routes": (Route(("police",), hours=NIGHTS),)},
            {"hours": OFFICE_HOURS, "routes": (Route(("police",), via=4), Route(("police",), hours=NIGHTS))},
            {"hours": DAY_AND_NIGHT},
        ],
        NEAR_B1 | {"referrer": "police"},
        NEAR_B1,
    ),
    "who answers at noon": scene(
        [
            # Of the first, the line for the police is open; of the second, one that is nobody's; of the third, none.
            {"hours": NIGHTS, "routes": (Route(("police",), hours=DAY_AND_NIGHT), Route(("self",)))},
            {"hours": NIGHTS, "routes": (Route((), hours=OFFICE_HOURS), Route(("self",), hours=NIGHTS))},
            {"hours": NIGHTS, "routes": (Route(("police",), hours=DAY_AND_NIGHT, has_contact=False),)},
            # Open, but nobody is there who could be rung: the number is that of a line that opens at night.
            {"hours": DAY_AND_NIGHT, "numbers": (), "routes": (Route(("police",), hours=NIGHTS),)},
            {"hours": DAY_AND_NIGHT, "numbers": (), "routes": (Route(("police",)),)},
            {"numbers": (), "routes": (Route(("police",), via=2), Route(("police",), via=7))},
            {"hours": DAY_AND_NIGHT, "numbers": ("text",)},
            {"numbers": (), "routes": (Route((), hours=DAY_AND_NIGHT, age_group="child"),)},
        ],
        *(
            NEAR_B1 | asked | {"referrer": referrer}
            for referrer in ("police", "self")
            for asked in ({}, {"age_group": "adult"}, {"age": 12}, {"open_at": NOON + timedelta(hours=12)})
        ),
        NEAR_B1,
    ),
    "beds and places in a class": scene(
        [
            {"figures": (reported("full"), reported("accepting", unit="class_place"))},
            {"figures": (reported("accepting"), reported("full", unit="class_place"))},
            {"figures": (reported("accepting", unit="class_place"),)},
        ],
        NEAR_B1,
        NEAR_B1 | {"has_capacity": True},
        NEAR_B1 | {"need": "casework_advocacy"},
    ),
    "what is free next week": scene(
        [{"figures": (reported("accepting"),)}, {"figures": (reported("accepting", timedelta(days=9)),)}],
        NEAR_B1 | {"open_at": NOON + timedelta(days=7)},
        NEAR_B1 | {"open_at": NOON - timedelta(days=7)},
        NEAR_B1,
    ),
    "three alike": scene([{}, {}, {}], NEAR_B1, {}),
    "by reach and by words": scene(
        [{"reach": "remote"}, {"name": "Bridge"}, site(AT_B1)],
        NEAR_B1 | {"reach": "site"},
        {"text": "bridge"},
    ),
    "figures that expire at this moment": scene(
        [
            {"figures": (reported("accepting", timedelta(0)),)},
            {"figures": (reported("limited", MICROSECOND),)},
            {"figures": (reported("full", timedelta(0)),)},
            {"figures": (reported("waiting_list", MICROSECOND),)},
        ],
        NEAR_B1,
        {"has_capacity": True},
    ),
    "figures for this person and for others": scene(
        [
            {"figures": (reported("full", group="women"), reported("accepting", group="men"))},
            {"figures": (reported("limited", group="women"),)},
            {"figures": (reported("accepting"), reported("full", group="women"))},
            {"figures": (reported("accepting", group="children"), reported("full", group="families"))},
        ],
        {"sex": "women"},
        {"sex": "women", "has_capacity": True},
        {"age": 12},
        {"with_children": True},
    ),
    "full for anyone, and a place for women": scene(
        [
            {"figures": (reported("full", later=MICROSECOND), reported("limited", group="women"))},
            {"figures": (reported("full"), reported("limited", group="women"))},
            {"figures": (reported("full"), reported("limited", timedelta(0), "women", later=MICROSECOND))},
            {"figures": (reported("accepting", later=MICROSECOND), reported("full", group="women"))},
            {"figures": (reported("full", timedelta(0), later=MICROSECOND), reported("limited", group="women"))},
        ],
        {"sex": "women"},
        {"sex": "women", "has_capacity": True},
        {},
    ),
    "an adult of whom no more is known": scene(
        [
            {"figures": (reported("full"), reported("accepting", group="children"))},
            {"figures": (reported("accepting", group="families"),)},
            {"figures": (reported("limited", group="women"), reported("full", group="men"))},
            {"figures": (reported("accepting"),)},
        ],
        {"age": 40, "has_capacity": True},
        {"age_group": "adult", "sex": "unknown"},
        {"age": 40, "sex": "other"},
        {"sex": "unknown"},
    ),
    "five kilometres and a metre more": scene(
        [site(A_METRE_MORE), site(FIVE_KM_NORTH_EAST), site(), {"positions": (IN_WALSALL,)}],
        NEAR_B1 | {"within_km": 5.0},
        NEAR_B1 | {"within_km": 5.001},
    ),
    "seventeen and eighteen": scene(
        [{"minimum_age": 18}, {"maximum_age": 17}, {"minimum_age": 0, "maximum_age": 18}, {}],
        {"age": 18},
        {"age": 17},
        {"age_group": "child"},
        {"age_group": "adult"},
    ),
    "who says nineteen and may be younger": scene(
        [{"minimum_age": 18}, {"maximum_age": 17}, {"minimum_age": 16, "maximum_age": 25}, {}],
        {"age": 19, "age_group": "unsure"},
        {"age": 16, "age_group": "unsure"},
    ),
    "whom to ring first for a child, and who rings": scene(
        [
            {
                "needs": ("child_young_person",),
                "child_card_role": "guardianship",
                "routes": (Route(("police",), ("in_nrm",)),),
            },
            {"needs": ("child_young_person",), "routes": (Route(("police",), ("in_nrm",)),)},
        ],
        {"age": 16, "referrer": "health"},
        {"age": 16, "referrer": "police", "stage": "pre_nrm"},
        {"age": 30, "referrer": "health"},
    ),
    "a safe house and a child": scene(
        [
            {"needs": ("safe_house",), "maximum_age": 17, "sex_accepted": "women"},
            {"needs": ("casework_advocacy", "move_on_housing")},
            {"needs": ("casework_advocacy",), "sex_accepted": "women"},
        ],
        {"age": 15},
        {"age_group": "unsure", "sex": "men"},
        {"age_group": "child", "open_at": FRIDAY_NIGHT},
    ),
    "children's services at the border": scene(
        [
            {"needs": ("child_young_person",), "child_card_role": "guardianship"},
            {"needs": ("child_young_person",), "child_card_role": "childrens_services", "areas": (BIRMINGHAM,)},
            {"needs": ("child_young_person",), "child_card_role": "childrens_services", "areas": (WALSALL,)},
            {"needs": ("child_young_person",)},
        ],
        {"postcode": "B69"},
        {"postcode": "WS1 1AA", "age_group": "child"},
        {"age": 30},
    ),
    "an area to avoid": scene(
        [
            site(FIVE_KM_WEST),
            site(FIVE_KM_WEST, IN_WALSALL),
            {"positions": (FIVE_KM_WEST,)},
            site(),
            site(confidential=True),
            {},
            {"reach": "remote", "needs": ("emergency_accommodation",)},
            {"reach": "remote", "needs": ("safe_house",), "confidential": True},
        ],
        NEAR_B1 | {"avoid_area": SANDWELL},
        NEAR_B1 | {"avoid_area": SANDWELL, "within_km": 6.0},
        NEAR_B1 | {"avoid_area": BIRMINGHAM},
    ),
    "a district of two authorities": scene(
        [{"areas": (BIRMINGHAM,)}, {"areas": (BIRMINGHAM, SANDWELL)}, {"areas": (SANDWELL,)}, {}],
        {"postcode": "B69"},
        {"postcode": "B69 4"},
        {"postcode": "B69 4AB"},
        {"area": WEST_MIDLANDS_POLICE},
    ),
    "the area of a force": scene(
        [{"areas": (WEST_MIDLANDS_POLICE,)}, {"areas": (STAFFORDSHIRE_POLICE,)}],
        {"postcode": "B77 1AG"},
        {"postcode": "WS9"},
    ),
    "districts and polygons": scene(
        [
            {"areas": (), "districts": ("B69",)},
            {"areas": (), "polygons": (BORDER,)},
            {"areas": (SANDWELL,), "districts": ("B2",)},
            {"areas": (), "polygons": (HOOK,)},
        ],
        {"postcode": "B69 4AB"},
        {"postcode": "B70 6AA"},
        {"postcode": "WS9 8"},
        {"area": WALSALL},
        {"lat": STANDPOINTS[3][0], "lon": STANDPOINTS[3][1]},
    ),
    "the hole in a polygon": scene(
        [{"areas": (), "polygons": (RING_ROAD,)}, {"areas": (), "polygons": (HOOK,)}],
        NEAR_B1,
        {"postcode": "B1 2AA"},
        {"postcode": "WS9 8AB"},
    ),
    "open, closed and nobody knows": scene(
        [{"hours": NIGHTS}, {}, {"hours": DAY_AND_NIGHT}, {"hours": OFFICE_HOURS}],
        NEAR_B1,
        {"open_at": FRIDAY_NIGHT},
        {"open_at": NOON},
    ),
    "the hour that comes twice": scene(
        [{"hours": (weekly("01:15", "01:45"),)}, {"hours": (weekly("00:30", "02:30"),)}],
        {},
        now=TWENTY_PAST_ONE_AGAIN,
    ),
    "a confidential service with a position": scene(
        [
            site(AT_B1, confidential=True),
            site(FIVE_KM_NORTH_EAST),
            site(FIVE_KM_WEST, confidential=True),
            {"positions": (AT_B1,), "confidential": True},
        ],
        NEAR_B1,
        NEAR_B1 | {"within_km": 2.0},
        NEAR_B1 | {"avoid_area": SANDWELL},
    ),
    "routes for this one and that stage": scene(
        [
            {"routes": (Route(("police",), ("pre_nrm",)), Route(("self",), ("in_nrm",)))},
            {"routes": (Route(("police",), ("in_nrm",)),)},
            {"routes": (Route((), ()),)},
            {"routes": (Route(("self",), ("any",)), Route((), ("pre_nrm",)))},
            {"routes": (Route(("police",), ("pre_nrm",)), Route((), ("in_nrm",)))},
            {"routes": (Route(("health",), ("in_nrm",), via=99), Route(("police",), ("in_nrm",)))},
            {},
        ],
        {"referrer": "police", "stage": "in_nrm"},
        {"referrer": "health"},
        {"referrer": "health", "stage": "in_nrm"},
        {"stage": "any"},
    ),
    "a doubt about the person and one about the referrer": scene(
        [{"sex_accepted": None, "routes": (Route(("police",)),)}, {}, {"routes": (Route(("police",)),)}],
        {"sex": "women", "referrer": "police"},
    ),
    "more near misses than are shown": scene(
        [{"sex_accepted": "women"}] * 5 + [{"sex_accepted": "women", "minimum_age": 18}],
        {"sex": "men"},
        {"sex": "men", "age": 16},
    ),
    "who comes to the person and who does not": scene(
        [{"positions": (IN_WALSALL,)}, site(AT_B1), site(FIVE_KM_WEST), {"reach": "remote"}, site()],
        NEAR_B1,
        {"area": BIRMINGHAM},
    ),
    "languages, children and exploitation": scene(
        [
            {"languages": ("sqi",), "interpreter": "no", "with_children": "yes", "exploitation": ("labour",)},
            {"interpreter": "yes", "exploitation": ("unknown_or_mixed",)},
            {"interpreter": "no", "with_children": "no", "exploitation": ("sexual",)},
        ],
        {"language": "sqi"},
        {"language": "eng"},
        {"with_children": True},
        {"exploitation": "labour"},
        {"exploitation": "unknown_or_mixed"},
    ),
    "kinds of exploitation": scene(
        [
            {"exploitation": ("labour",)},
            {"exploitation": ("debt_bondage",)},
            {"exploitation": ("bonded_to_a_ship", "sexual")},
            {"exploitation": ("sexual",)},
        ],
        *({"exploitation": kind} for kind in ("labour", "debt_bondage", "bonded_to_a_ship", "sexual")),
    ),
    "a child by the stage alone": scene(
        [
            {"needs": ("safe_house",)},
            {"minimum_age": 18},
            {"maximum_age": 17, "routes": (Route(("police",), ("child_route",), age_group="child"),)},
            {"routes": (Route(("police",), ("pre_nrm",)), Route(("police",), ("child_route",)))},
            {"routes": (Route(("police",), ("in_nrm",)),), "child_card_role": "childrens_services"},
        ],
        {"stage": "child_route", "referrer": "police"},
        {"stage": "child_route", "age": 19},
        {"stage": "pre_nrm", "age": 15, "referrer": "police"},
        {"stage": "in_nrm", "age_group": "unsure"},
        {"stage": "in_nrm", "age_group": "adult"},
    ),
    "a number that is for others": scene(
        [
            {"numbers": (), "routes": (Route(("self",)), Route(("police",), has_contact=False))},
            {"numbers": (), "routes": (Route(("police",), age_group="child"), Route((), has_contact=False))},
            {"numbers": (), "routes": (Route(("police",), via=4), Route(("self",), has_contact=False))},
            {"numbers": ("text",)},
            {"numbers": (), "routes": (Route(("police",), has_contact=False), Route(("self",), age_group="adult"))},
            {"numbers": (), "routes": (Route(()),)},
        ],
        *(
            NEAR_B1 | who | asked
            for who in ({"referrer": "police"}, {"referrer": "self"}, {})
            for asked in ({"age_group": "adult"}, {"age": 12})
        ),
    ),
    "who takes them and who can be reached": scene(
        [
            {"numbers": (), "sex_accepted": "men"},
            {"sex_accepted": None},
            {"numbers": (), "sex_accepted": None, "routes": (Route(("police",), channel="walk_in"),), "positions": (AT_B1,)},
            {"numbers": (), "routes": (Route(("police",), channel="walk_in"),)},
            {"numbers": (), "sex_accepted": "men", "routes": (Route(("self",)),)},
        ],
        NEAR_B1 | {"sex": "men"},
        NEAR_B1 | {"sex": "men", "referrer": "police"},
        NEAR_B1 | {"sex": "men", "referrer": "self"},
        NEAR_B1,
    ),
    "a way in that has lost its number": scene(
        [
            {"routes": (Route(("police",), has_contact=False), Route(("police",)))},
            {"routes": (Route(("police",), hours=DAY_AND_NIGHT, has_contact=False), Route(("police",), hours=NIGHTS))},
            {"routes": (Route(("police",), channel="walk_in"), Route(("police",))), "positions": (AT_B1,)},
            {"routes": (Route(("police",), channel="walk_in"), Route(("police",)))},
            {"routes": (Route(("police",), ("in_nrm",), has_contact=False), Route(("police",), ("pre_nrm",)))},
            {"numbers": (), "routes": (Route(("police",), via=7), Route(("police",)))},
            {"numbers": (), "routes": (Route(("police",), has_contact=False), Route(()))},
        ],
        NEAR_B1 | {"referrer": "police"},
        NEAR_B1 | {"referrer": "police", "stage": "in_nrm"},
        NEAR_B1 | {"referrer": "police", "age": 30},
        NEAR_B1,
    ),
    "one sex": scene(
        [
            {"sex_accepted": "women", "trans_inclusive": "no"},
            {"sex_accepted": "men", "trans_inclusive": "yes"},
            {"sex_accepted": None},
            {},
        ],
        {"sex": "women"},
        {"sex": "other"},
        {"sex": "unknown"},
    ),
}  # fmt: skip
