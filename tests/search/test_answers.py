"""What an answer tells an officer, on small directories made by hand: words, children, confidential places, capacity."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.api.shapes import SearchAnswer
from app.directory.freshness import Figure
from app.errors import PostcodeInvalid, PostcodeNotFound, UnknownArea, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.search.answer import answer_json, search
from app.search.bundle import make_bundle
from app.search.query import SearchQuery
from tests.search.known_scenes import (
    AT_B1,
    DAY_AND_NIGHT,
    FIVE_KM_WEST,
    IN_WALSALL,
    KNOWN_SCENES,
    NIGHTS,
    NOON,
    OFFICE_HOURS,
    reported,
    site,
)
from tests.search.making import MICROSECOND, Facets, Route, build_directory, build_world, service_id, weekly
from tests.search.small_country import BIRMINGHAM, RING_ROAD, SANDWELL, STANDPOINTS, WEST_MIDLANDS_POLICE


class Asking:
    """The directory of some services, numbered from 1, and its answers as JSON."""

    def __init__(self, gazetteer: Gazetteer, *services: Facets) -> None:
        world = build_world(dict(enumerate(services, start=1)))
        self.directory = build_directory(world, gazetteer, as_of=NOON)

    def answer(self, now: datetime = NOON, **asked: Any) -> dict[str, Any]:
        answer = search(SearchQuery(**asked), self.directory, now)
        found: dict[str, Any] = json.loads(answer_json(answer))
        return found

    def reasons(self, now: datetime = NOON, **asked: Any) -> list[str]:
        """Of the only result."""
        (result,) = self.answer(now, **asked)["results"]
        reasons: list[str] = result["reasons"]
        return reasons

    def refusal(self, **asked: Any) -> str:
        """The one reason of the only near miss."""
        answer = self.answer(**asked)
        assert answer["results"] == []
        (miss,) = answer["near_misses"]
        (reason,) = miss["why_not"]
        return str(reason)


def numbers(listed: list[dict[str, Any]]) -> list[str]:
    return [one.get("service", one)["id"] for one in listed]


def ids(*wanted: int) -> list[str]:
    return [str(service_id(number)) for number in wanted]


# Words


def test_the_reasons_tell_the_steps_of_the_ranking_in_their_order(gazetteer: Gazetteer) -> None:
    asking = Asking(
        gazetteer,
        site(
            AT_B1,
            areas=(BIRMINGHAM,),
            sex_accepted="women",
            minimum_age=18,
            with_children="yes",
            exploitation=("sexual",),
            languages=("sqi",),
            routes=(Route(("police",), ("any",)),),
            hours=OFFICE_HOURS,
            figures=(reported("limited"),),
        ),
    )
    assert asking.reasons(
        postcode="B1 2AA",
        exploitation="sexual",
        sex="women",
        age=30,
        with_children=True,
        language="sqi",
        referrer="police",
        stage="pre_nrm",
    ) == [
        "covers Birmingham",
        "works with: sexual exploitation",
        "accepts women only",
        "accepts people aged 18 and over",
        "children can come along",
        "staff speak Albanian",
        "police may refer",
        "open until 17:00",
        "few places left",
        "5.0 km away",
    ]


@pytest.mark.parametrize(
    ("says", "asked", "told"),
    [
        ({"sex_accepted": "women", "minimum_age": 18}, {}, ["women only", "people aged 18 and over only"]),
        ({"sex_accepted": "men", "maximum_age": 25}, {}, ["men only", "people aged up to 25 only"]),
        ({"sex_accepted": "women"}, {"age": 30}, ["women only", "ask: ages not stated"]),
        ({"minimum_age": 18}, {"sex": "men"}, ["accepts women and men", "people aged 18 and over only"]),
        ({"maximum_age": 17}, {}, ["ask: accepts people aged up to 17"]),
        ({"minimum_age": 0}, {}, []),
        ({"sex_accepted": None}, {}, []),
    ],
)
def test_whom_a_service_is_for_is_said_though_nobody_asked(
    gazetteer: Gazetteer, says: Facets, asked: dict[str, Any], told: list[str]
) -> None:
    reasons = Asking(gazetteer, says).reasons(postcode="B1 1AA", **asked)
    assert reasons == ["covers Birmingham", *told, "opening hours not known", "ask about places"]


def test_what_nobody_has_said_is_a_question_to_ask(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, site(sex_accepted=None))
    assert asking.reasons(
        postcode="B1 1AA",
        exploitation="labour",
        sex="men",
        age_group="adult",
        with_children=True,
        language="sqi",
        referrer="police",
        stage="pre_nrm",
        avoid_area=SANDWELL,
    ) == [
        "covers Birmingham",
        "ask: kinds of exploitation not stated",
        "ask whom it accepts: women, men or both not stated",
        "ask: ages not stated",
        "ask whether children can come along",
        "ask about an interpreter",
        "ask whether police may refer",
        "ask about this stage of the referral process",
        "ask where it is: location not public, or in the area to avoid",
        "opening hours not known",
        "ask about places",
    ]


@pytest.mark.parametrize(
    ("listed", "asked", "reason"),
    [
        (("labour",), "debt_bondage", "works with: labour exploitation"),
        (("labour",), "bonded_to_a_ship", "works with: labour exploitation"),
        (("debt_bondage", "labour"), "bonded_to_a_ship", "works with: debt bondage"),
        (("debt_bondage", "bonded_to_a_ship"), "labour", "ask: works with debt bondage and bonded to a ship"),
        (("sexual", "unknown_or_mixed"), "debt_bondage", "ask: kinds of exploitation not stated"),
    ],
)
def test_a_kind_of_exploitation_is_not_another_one(
    gazetteer: Gazetteer, listed: tuple[str, ...], asked: str, reason: str
) -> None:
    assert reason in Asking(gazetteer, {"exploitation": listed}).reasons(exploitation=asked)


@pytest.mark.parametrize(
    ("asked", "coverage", "reason"),
    [
        ({"postcode": "B69"}, {"areas": (BIRMINGHAM, SANDWELL)}, "covers Birmingham and Sandwell"),
        (
            {"postcode": "B69"},
            {"areas": (SANDWELL,)},
            "may cover the place: covers Sandwell, ask about the exact address",
        ),
        ({"postcode": "B69"}, {"areas": (), "everywhere": True}, "covers the whole country"),
        (
            {"area": BIRMINGHAM},
            {"areas": (SANDWELL,), "districts": ("B1",), "polygons": (RING_ROAD,)},
            "may cover the place: covers Sandwell; postcodes B1; an area of its own, ask about the exact address",
        ),
        (
            {"area": WEST_MIDLANDS_POLICE},
            {"areas": (WEST_MIDLANDS_POLICE,)},
            "covers West Midlands Police (police area)",
        ),
    ],
)
def test_coverage_is_said_in_the_names_of_areas(
    gazetteer: Gazetteer, asked: dict[str, Any], coverage: Facets, reason: str
) -> None:
    # The shares of the two authorities are equal or nearly so: only their names matter here.
    told = Asking(gazetteer, coverage).reasons(**asked)[0]
    assert sorted(told.replace(" and ", " ").split()) == sorted(reason.replace(" and ", " ").split())


@pytest.mark.parametrize(
    ("says", "asked", "refusal"),
    [
        ({"sex_accepted": "women"}, {"sex": "men"}, "women only"),
        ({"sex_accepted": "men", "trans_inclusive": "no"}, {"sex": "other"}, "men only"),
        ({"minimum_age": 18}, {"age": 17}, "people aged 18 and over only"),
        ({"maximum_age": 17}, {"age_group": "adult"}, "people aged up to 17 only"),
        ({"minimum_age": 16, "maximum_age": 25}, {"age": 26}, "people aged 16 to 25 only"),
        ({"with_children": "no"}, {"with_children": True}, "children cannot come along"),
        ({"interpreter": "no"}, {"language": "sqi"}, "no interpreter, and staff do not speak the language"),
        ({"exploitation": ("labour",)}, {"exploitation": "sexual"}, "works with other kinds of exploitation"),
        ({"routes": (Route(("self",)),)}, {"referrer": "police"}, "not open to referral by police"),
        (
            {"routes": (Route((), ("in_nrm",)),)},
            {"stage": "pre_nrm"},
            "for another stage of the referral process",
        ),
        ({"figures": (reported("full"),)}, {"has_capacity": True}, "no places now"),
        ({"hours": NIGHTS}, {"open_at": NOON}, "closed at that time"),
        (site(IN_WALSALL), {"postcode": "B1 1AA", "within_km": 5.0}, "farther away than asked"),
        (site(FIVE_KM_WEST), {"postcode": "B1 1AA", "avoid_area": SANDWELL}, "in the area to avoid"),
    ],
)
def test_a_near_miss_says_the_one_thing_that_is_in_the_way(
    gazetteer: Gazetteer, says: Facets, asked: dict[str, Any], refusal: str
) -> None:
    assert Asking(gazetteer, says).refusal(**asked) == refusal


def test_a_number_that_is_for_others_is_none(gazetteer: Gazetteer) -> None:
    for_others = {"numbers": (), "routes": (Route(("self",)), Route(("police",), has_contact=False))}
    asking = Asking(gazetteer, {"numbers": (), "routes": (Route(("police",)),)}, for_others)
    found = asking.answer(referrer="police")["results"]
    assert [one["service"]["id"] for one in found] == ids(1, 2)
    assert found[1]["reasons"][-1] == "no number or form known here for this referral"
    assert "ask about places" not in found[1]["reasons"]
    (theirs,) = asking.answer(referrer="self")["results"]
    assert "no number" not in str(theirs["reasons"])


def test_english_is_spoken_everywhere(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"interpreter": "no", "languages": ("sqi",)})
    assert not any("interpreter" in reason for reason in asking.reasons(language="eng"))


def test_what_fails_twice_is_not_shown_at_all(gazetteer: Gazetteer) -> None:
    answer = Asking(gazetteer, {"sex_accepted": "women", "minimum_age": 18}).answer(sex="men", age=17)
    assert (answer["results"], answer["near_misses"], answer["total"]) == ([], [], 0)


def test_hours_are_said_in_the_time_of_london(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"hours": OFFICE_HOURS})
    assert "open until 17:00" in asking.reasons(NOON)
    assert "closed until Thursday 09:00" in asking.reasons(NOON + timedelta(hours=6))
    assert "closed until Monday 09:00" in asking.reasons(NOON + timedelta(days=3))
    assert "open day and night" in Asking(gazetteer, {"hours": DAY_AND_NIGHT}).reasons(NOON)
    until_midnight = Asking(gazetteer, {"hours": (weekly("09:00", "24:00"),)})
    assert "open until midnight" in until_midnight.reasons(NOON)
    assert "open until midnight" in until_midnight.reasons(NOON.replace(hour=22, minute=59, second=59))
    assert "closed until 09:00" in until_midnight.reasons(NOON.replace(hour=23, minute=0))
    two_days = Asking(gazetteer, {"hours": (weekly("00:00", "24:00", ("WE", "TH")),)})
    assert "open until Friday 00:00" in two_days.reasons(NOON)


# Capacity


def test_capacity_is_unknown_from_the_very_moment_it_expires(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"figures": (reported("accepting", timedelta(hours=2)),)})
    expiry = NOON + timedelta(hours=2)

    def shown(now: datetime) -> tuple[str, str | None, str]:
        (result,) = asking.answer(now)["results"]
        capacity = result["capacity"]
        return capacity["status"], capacity["valid_until"], capacity["freshness"]

    assert shown(expiry - MICROSECOND) == ("accepting", "2026-07-15T13:00:00Z", "ageing")
    assert shown(expiry) == ("unknown", None, "unknown")
    assert "ask about places" in asking.reasons(expiry)


def test_a_full_service_comes_back_when_nobody_knows_any_more(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"figures": (reported("full", MICROSECOND),)})
    assert asking.answer(has_capacity=True)["total"] == 0
    assert asking.answer(NOON + MICROSECOND, has_capacity=True)["total"] == 1


def test_times_of_reports_are_never_finer_than_an_hour(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"figures": (reported("accepting", timedelta(minutes=75)),)})
    (result,) = asking.answer()["results"]
    assert result["capacity"]["valid_until"] == "2026-07-15T12:00:00Z"


# Children


@pytest.mark.parametrize("asked", [{"age": 0}, {"age": 17}, {"age_group": "child"}, {"age_group": "unsure"}])
def test_no_accommodation_anywhere_in_the_answer_for_a_child(
    gazetteer: Gazetteer, asked: dict[str, Any]
) -> None:
    asking = Asking(
        gazetteer,
        {"needs": ("emergency_accommodation", "child_young_person"), "child_card_role": "guardianship"},
        {"needs": ("safe_house",), "sex_accepted": "women"},
        {"needs": ("move_on_housing",), "hours": NIGHTS},
        {"needs": ("casework_advocacy",)},
    )
    answer = asking.answer(postcode="B1 1AA", sex="men", open_at=NOON, **asked)
    assert numbers(answer["results"]) == ids(4)
    assert answer["near_misses"] == []
    assert answer["children"]["services"] == []


def test_children_s_services_come_first_for_a_child_and_then_the_guardianship_service(
    gazetteer: Gazetteer,
) -> None:
    free = (reported("accepting"),)
    asking = Asking(
        gazetteer,
        {"figures": free, "hours": DAY_AND_NIGHT},
        {"needs": ("child_young_person",), "child_card_role": "guardianship"},
        {"needs": ("child_young_person",), "child_card_role": "childrens_services", "hours": NIGHTS},
    )
    for_a_child = asking.answer(postcode="B1 1AA", age=15)
    assert numbers(for_a_child["results"]) == ids(3, 2, 1)
    assert for_a_child["results"][0]["reasons"][0] == (
        "children's services: the first call for anyone under 18"
    )
    assert numbers(asking.answer(postcode="B1 1AA", age=18)["results"])[0] == ids(1)[0]


def test_the_child_card_stands_beside_the_results_unless_the_person_is_an_adult(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"needs": ("child_young_person",), "child_card_role": "childrens_services"})
    for asked in ({}, {"age_group": "unsure"}, {"age": 17}, {"age": 30, "age_group": "unsure"}):
        card = asking.answer(postcode="B1 1AA", **asked)["children"]
        assert numbers(card["services"]) == ids(1)
        assert "999" in card["message"]
    for asked in ({"age": 18}, {"age_group": "adult"}):
        assert asking.answer(postcode="B1 1AA", **asked)["children"] is None


def test_without_a_place_the_child_card_names_no_council(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"needs": ("child_young_person",), "child_card_role": "childrens_services"})
    card = asking.answer(age=15)["children"]
    assert card["services"] == []
    assert "children's services" in card["message"]
    assert card["missing"] is None


# Confidential services


def test_a_confidential_service_has_no_distance_and_nothing_but_a_constant_as_capacity(
    gazetteer: Gazetteer,
) -> None:
    confidential = site(AT_B1, confidential=True, areas=(BIRMINGHAM,))
    (result,) = Asking(gazetteer, confidential).answer(postcode="B1 2AA")["results"]
    assert result["distance_km"] is None
    assert result["distance_basis"] is None
    assert result["capacity"] == {"status": "assess_first"}
    assert result["reasons"] == [
        "covers Birmingham",
        "opening hours not known",
        "ring to ask about places",
    ]


def test_a_confidential_service_is_kept_by_distance_and_warns_of_an_area_to_avoid(
    gazetteer: Gazetteer,
) -> None:
    asking = Asking(gazetteer, site(FIVE_KM_WEST, confidential=True))
    reasons = asking.reasons(postcode="B1 1AA", within_km=0.1, avoid_area=SANDWELL, has_capacity=True)
    assert "location withheld: say which area to avoid when you ring" in reasons


def test_order_does_not_depend_on_where_a_confidential_service_is(gazetteer: Gazetteer) -> None:
    orders = {
        tuple(
            numbers(
                Asking(gazetteer, site(AT_B1), hidden, site(FIVE_KM_WEST)).answer(postcode="B1 1AA")[
                    "results"
                ]
            )
        )
        for hidden in (
            site(confidential=True),
            site(AT_B1, confidential=True),
            site(IN_WALSALL, confidential=True),
        )
    }
    assert len(orders) == 1


# The whole


def test_every_answer_has_the_shape_that_the_api_declares(gazetteer: Gazetteer) -> None:
    for scene in KNOWN_SCENES.values():
        directory = build_directory(scene.world, gazetteer, as_of=scene.now)
        for query in scene.queries:
            body = answer_json(search(query, directory, scene.now))
            answer = SearchAnswer.model_validate_json(body)
            assert [line.phone for line in answer.always] == ["999"]
            assert answer.demonstration


def test_the_answer_never_repeats_what_was_typed(gazetteer: Gazetteer) -> None:
    lat, lon = STANDPOINTS[0]
    asking = Asking(gazetteer, {}, {"sex_accepted": "women"})
    for asked in (
        {"postcode": "B1 1AA"},
        {"postcode": "b11aa"},
        {"postcode": "B1 1"},
        {"lat": lat, "lon": lon},
    ):
        body = json.dumps(asking.answer(text="haven", sex="men", **asked)).lower()
        for typed in ("b1 1", "b11", str(lat), str(lon)[1:], str(round(lat, 3)), "outward", "easting"):
            assert typed not in body


def test_a_place_is_told_by_its_authorities(gazetteer: Gazetteer) -> None:
    place = Asking(gazetteer).answer(postcode="WS9")["place"]
    assert place["precision"] == "district"
    assert place["in_area"] == "partly"
    assert {(one["name"], one["share"]) for one in place["local_authorities"]} == {
        ("Walsall", 0.5),
        ("Lichfield", 0.5),
    }
    assert {one["name"] for one in place["police_forces"]} == {
        "West Midlands Police",
        "Staffordshire Police",
    }
    assert Asking(gazetteer).answer(postcode="B79 7AA")["place"]["postcode_status"] == "terminated"
    assert Asking(gazetteer).answer()["place"] is None


def test_an_empty_directory_still_answers_with_what_stands_in_every_answer(gazetteer: Gazetteer) -> None:
    answer = Asking(gazetteer).answer(postcode="B1 1AA", need="casework_advocacy", avoid_area=SANDWELL)
    assert (answer["results"], answer["near_misses"], answer["total"]) == ([], [], 0)
    assert answer["always"][0]["phone"] == "999"
    assert answer["children"]["services"] == []


def test_codes_that_nobody_knows_are_named(gazetteer: Gazetteer) -> None:
    query = SearchQuery(
        need="castle", exploitation="piracy", referrer="wizard", stage="third", avoid_area="E99999998"
    )
    with pytest.raises(ValidationFailed) as refused:
        search(query, Asking(gazetteer).directory, NOON)
    pointers = {error.pointer for error in refused.value.errors}
    assert pointers == {"/need", "/exploitation", "/referrer", "/stage", "/avoid_area"}
    for value in ("castle", "piracy", "wizard", "third", "E99999998"):
        assert value not in repr(refused.value.errors)


def test_a_place_that_nobody_knows_is_a_problem_of_its_own(gazetteer: Gazetteer) -> None:
    directory = Asking(gazetteer).directory
    for asked, problem in (
        ({"postcode": "B1 1ZZ"}, PostcodeNotFound),
        ({"postcode": "nowhere"}, PostcodeInvalid),
        ({"area": "E99999998"}, UnknownArea),
    ):
        with pytest.raises(problem):
            search(SearchQuery.model_validate(asked), directory, NOON)


def test_a_way_in_that_is_closed_is_said_where_the_service_is_open(gazetteer: Gazetteer) -> None:
    closed = Route(("police",), hours=NIGHTS)
    asking = Asking(gazetteer, {"hours": DAY_AND_NIGHT, "routes": (closed,)})
    assert asking.reasons(referrer="police")[-3:-1] == ["open day and night", "to refer: closed until 20:00"]
    (result,) = asking.answer(referrer="police")["results"]
    assert result["open"]["now"] is True
    assert result["referral_route"]["open"] == {"now": False, "until": "2026-07-15T19:00:00Z"}
    at_night = asking.answer(referrer="police", open_at=NOON + timedelta(hours=11))["results"][0]
    assert at_night["referral_route"]["open"]["now"] is True
    assert not any(reason.startswith("to refer") for reason in at_night["reasons"])


def test_a_route_without_hours_has_those_of_the_service_that_it_leads_through(gazetteer: Gazetteer) -> None:
    asking = Asking(
        gazetteer,
        {"name": "Bridge", "hours": DAY_AND_NIGHT, "routes": (Route(("police",), via=2),)},
        {"hours": NIGHTS},
        {"name": "Bridge", "routes": (Route(("police",)),)},
    )
    through, unknown = asking.answer(referrer="police", text="bridge")["results"]
    assert through["referral_route"]["open"] == {"now": False, "until": "2026-07-15T19:00:00Z"}
    assert unknown["referral_route"]["open"] is None


def test_a_child_is_not_referred_by_a_way_for_adults(gazetteer: Gazetteer) -> None:
    for_adults = Asking(gazetteer, {"routes": (Route(("police",), age_group="adult"),)})
    assert (
        for_adults.refusal(referrer="police", age_group="unsure")
        == "not open to referral of a child by police"
    )
    both = (Route(("police",), age_group="adult"), Route(("police",), age_group="child"))
    asking = Asking(gazetteer, {"routes": both})
    shown = {
        age: asking.answer(referrer="police", age=age)["results"][0]["referral_route"]["age_group"]
        for age in (17, 18)
    }
    assert shown == {17: "child", 18: "adult"}


def test_the_stage_of_a_child_alone_is_a_search_for_a_child(gazetteer: Gazetteer) -> None:
    asking = Asking(
        gazetteer,
        {"needs": ("emergency_accommodation",)},
        {},
        {"child_card_role": "childrens_services", "needs": ("child_young_person",), "maximum_age": 17},
    )
    answer = asking.answer(postcode="B1 1AA", stage="child_route")
    assert [one["service"]["id"] for one in answer["results"]] == ids(3, 2)
    assert answer["near_misses"] == []


def test_the_stage_of_a_child_is_none_of_an_adult() -> None:
    with pytest.raises(ValidationError):
        SearchQuery(stage="child_route", age_group="adult")


def test_an_age_and_an_age_group_that_contradict_each_other_are_refused() -> None:
    for age, age_group in ((17, "adult"), (18, "child")):
        with pytest.raises(ValidationError):
            SearchQuery.model_validate({"age": age, "age_group": age_group})
    for age, age_group in ((17, "child"), (18, "adult"), (17, "unsure"), (18, "unsure")):
        SearchQuery.model_validate({"age": age, "age_group": age_group})


def test_full_beds_are_full_whatever_places_there_are_in_a_class(gazetteer: Gazetteer) -> None:
    figures = (reported("full"), reported("accepting", unit="class_place"))
    asking = Asking(
        gazetteer, {"figures": figures, "needs": ("casework_advocacy", "emergency_accommodation")}
    )
    statuses = {
        need: asking.answer(need=need)["results"][0]["capacity"]["status"]
        for need in ("emergency_accommodation", "casework_advocacy")
    }
    assert statuses == {"emergency_accommodation": "full", "casework_advocacy": "accepting"}
    assert asking.answer()["results"][0]["capacity"]["status"] == "full"


def test_the_widget_says_to_ask_where_full_is_not_so_for_everybody(gazetteer: Gazetteer) -> None:
    def shown(*figures: Figure, **facets: Any) -> str:
        directory = Asking(gazetteer, {"figures": figures, **facets}).directory
        (one,) = json.loads(make_bundle(directory, NOON, attribution="").body)["services"]
        return str(one["capacity"]["status"])

    full, later = reported("full"), timedelta(hours=1)
    assert shown(full, reported("limited", group="women", later=later)) == "unknown"
    assert shown(reported("accepting"), reported("waiting_list", group="men")) == "unknown"
    assert shown(full, reported("limited", group="women", later=later), sex_accepted="women") == "limited"
    # What "full" has ended, what is over, and what is no bed say nothing against it.
    assert shown(full, reported("limited", group="women", later=-later)) == "full"
    assert shown(full, reported("limited", -MICROSECOND, group="women", later=later)) == "full"
    assert shown(full, reported("accepting", unit="class_place")) == "full"


def test_nobody_knows_what_is_free_next_week(gazetteer: Gazetteer) -> None:
    asking = Asking(gazetteer, {"figures": (reported("accepting"),), "hours": DAY_AND_NIGHT})
    statuses = [
        asking.answer(open_at=NOON + timedelta(days=days))["results"][0]["capacity"]["status"]
        for days in (-7, 0, 2, 7)
    ]
    assert statuses == ["accepting", "accepting", "accepting", "unknown"]


def test_a_way_in_says_at_which_stages_it_is(gazetteer: Gazetteer) -> None:
    routes = (Route(("police",), ("in_nrm", "child_route")), Route((), ()))
    asking = Asking(gazetteer, {"routes": routes}, {"routes": routes[1:]})
    # That it names the police weighs more than its stages: whoever reads the answer has to be told of them.
    shown = [
        one["referral_route"]["stages"]
        for one in asking.answer(referrer="police", stage="pre_nrm")["results"]
    ]
    assert sorted(shown) == [[], ["in_nrm", "child_route"]]
