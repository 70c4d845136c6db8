"""What is open to officers by a route for professionals alone is told to them, and to nobody else."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from app.api.officer_routes import ASK_ABOUT_IT, PROFESSIONAL_ROUTE
from app.geo.gazetteer import Gazetteer
from tests.factories import SANDWELL, make_organization, make_service
from tests.officers import device, officer_key, published, searched
from tests.providing import Provided

NUMBER = "0306 999 0199"
FOR_THEMSELVES = {
    "key": "self", "name": "Ring yourself", "channel": "phone", "phone": "0306 999 0198", "referrers": ["self"],
    "stages": ["recovery_period"],
}  # fmt: skip
FOR_POLICE = {
    "key": "police", "name": "Police line", "channel": "phone", "phone": NUMBER, "referrers": ["police"], "stages": ["any"],
    "visibility": "professional",
}  # fmt: skip
ASKED = {"referrer": "police", "age_group": "adult"}


def publish_both(sides: Provided, gazetteer: Gazetteer, *routes: dict[str, Any], **changed: Any) -> UUID:
    organization = make_organization(
        make_service("both", routes=list(routes or (FOR_THEMSELVES, FOR_POLICE)), **changed),
        key="owner-of-both",
    )
    return published(sides, gazetteer, organization, key="both")


def missed(answer: httpx.Response, service_id: UUID) -> dict[str, Any] | None:
    assert answer.status_code == 200, answer.text
    assert str(service_id) not in [one["service"]["id"] for one in answer.json()["results"]]
    found = [one for one in answer.json()["near_misses"] if one["service"]["id"] == str(service_id)]
    assert len(found) < 2
    return found[0] if found else None


@pytest.mark.parametrize(
    "question", [ASKED, ASKED | {"stage": "recovery_period"}, ASKED | {"stage": "pre_nrm_deciding"}]
)
def test_a_route_for_professionals_is_told_with_its_number(
    sides: Provided, gazetteer: Gazetteer, question: dict[str, Any]
) -> None:
    service_id = publish_both(sides, gazetteer)
    for token in (device(sides), officer_key(sides)):
        miss = missed(searched(sides, token, **question), service_id)
        assert miss is not None
        assert miss["why_not"] == [PROFESSIONAL_ROUTE]
        (route,) = miss["officer"]["referral_routes"]
        assert (route["contact"], route["referrers"]) == (NUMBER, ["police"])
    public = searched(sides, None, **question)
    assert NUMBER not in public.text
    assert PROFESSIONAL_ROUTE not in public.text
    near = missed(public, service_id)
    assert near is None or near["why_not"] == ["not open to referral by police"]


def test_the_public_answer_is_the_same_with_and_without_such_a_route(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    publish_both(sides, gazetteer, FOR_THEMSELVES)
    before = searched(sides, None, **ASKED).json()
    publish_both(sides, gazetteer)
    after = searched(sides, None, **ASKED).json()
    for answer in (before, after):
        answer.pop("data_as_of")
    assert before == after


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"referrers": []}, ASK_ABOUT_IT),
        ({"stages": []}, PROFESSIONAL_ROUTE),
        ({"referrers": ["nhs"]}, "not open to referral by police"),
        ({"age_group": "child"}, "not open to referral by police"),
        ({"age_group": "adult"}, PROFESSIONAL_ROUTE),
    ],
)
def test_a_route_for_others_changes_nothing_and_one_of_which_little_is_known_is_asked_about(
    sides: Provided, gazetteer: Gazetteer, changed: dict[str, Any], words: str
) -> None:
    service_id = publish_both(sides, gazetteer, FOR_THEMSELVES, FOR_POLICE | changed)
    miss = missed(searched(sides, device(sides), **ASKED), service_id)
    assert miss is not None
    assert miss["why_not"] == [words]
    assert miss["officer"] is not None


def test_another_criterion_that_fails_still_fails(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id = publish_both(sides, gazetteer, eligibility={"sex_accepted": "women"})
    assert missed(searched(sides, device(sides), sex="men", **ASKED), service_id) is None
    miss = missed(searched(sides, device(sides), sex="men", age_group="adult"), service_id)
    assert miss is not None
    assert PROFESSIONAL_ROUTE not in miss["why_not"]


@pytest.mark.parametrize("age_group", ["child", "unsure"])
def test_who_may_be_a_child_is_given_no_bed_by_any_route(
    sides: Provided, gazetteer: Gazetteer, age_group: str
) -> None:
    service_id = publish_both(sides, gazetteer, needs=["safe_house"])
    answer = searched(sides, device(sides), referrer="police", age_group=age_group)
    assert str(service_id) not in answer.text


def test_a_number_that_is_taken_down_is_not_told_as_a_way_in(sides: Provided, gazetteer: Gazetteer) -> None:
    service_id = publish_both(sides, gazetteer)
    path = f"/v1/curation/services/{service_id}/take-down"
    body = {"reason": "wrong_contact", "phone": "+443069990199"}
    assert sides.ask("POST", path, body, token=sides.curator).status_code == 200
    answer = searched(sides, device(sides), **ASKED)
    assert NUMBER not in answer.text
    miss = missed(answer, service_id)
    assert miss is not None
    assert miss["why_not"] == [ASK_ABOUT_IT]


def test_the_screen_of_an_enrolled_phone_shows_it_and_no_other_screen_does(
    sides: Provided, gazetteer: Gazetteer
) -> None:
    publish_both(sides, gazetteer)
    sides.refresh()
    fields = {"area": SANDWELL, "age_group": "adult"}
    cookie = {"cookie": f"__Host-device={device(sides)}"}
    enrolled = sides.client.post("/officer/", data=fields, headers=cookie).text
    assert PROFESSIONAL_ROUTE in enrolled
    assert 'href="tel:+443069990199"' in enrolled or 'href="tel:03069990199"' in enrolled
    anybody = sides.client.post("/officer/", data=fields).text
    assert NUMBER not in anybody
    assert PROFESSIONAL_ROUTE not in anybody
