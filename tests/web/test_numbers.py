"""Which number stands on a page, and how: the one for the night, the one of the referral, and never a call to a line for texts."""

import re
from typing import Any

import pytest

from app.geo.gazetteer import Gazetteer
from tests.api.addresses import service_ids
from tests.api.served import Client
from tests.factories import SANDWELL, make_organization, make_service
from tests.officers import published
from tests.providing import Provided
from tests.web.test_find_page import page

BOROUGHS = tuple(f"E080000{number}" for number in range(25, 32))
ASKED: dict[str, str] = {"area": SANDWELL}


def used(html: str) -> list[str]:
    """What is rung or written to on a page, in its order."""
    return re.findall(r'href="((?:tel|sms):[^"]*)"', html)


def everywhere(sides: Provided, service_id: Any, **asked: str) -> dict[str, str]:
    """Every page on which a service stands."""
    client, fields = sides.client, ASKED | asked
    return {
        "find": client.post("/find", data=fields).text,
        "service": client.get(f"/find/services/{service_id}").text,
        "officer": client.post("/officer/", data=fields).text,
        "saved list": client.get("/officer/offline").text,
    }


def test_a_line_for_texts_is_nowhere_one_to_ring(client: Client) -> None:
    records = [client.get(f"/v1/services/{one}").json() for one in service_ids(client)]
    phones = [phone for one in records for phone in one["phones"]]
    rung = {one["e164"] for one in phones if one["phone_type"] == "voice"}
    written = {one["e164"] for one in phones if one["phone_type"] in ("sms", "text")} - rung
    assert written
    pages = [client.post("/find", data={"area": code}).text for code in BOROUGHS]
    pages += [client.post("/officer/", data={"area": code, "sex": "women"}).text for code in BOROUGHS]
    pages += [client.get("/officer/offline").text]
    pages += [client.get(f"/find/services/{one['id']}").text for one in records]
    found = {one for text in pages for one in used(text)}
    assert {f"sms:{number}" for number in written} <= found
    assert not {f"tel:{number}" for number in written} & found


def test_who_asks_over_the_api_is_told_what_a_number_is_for(client: Client) -> None:
    results = client.post("/v1/services/search", json={"area": "E08000028", "limit": 50}).json()["results"]
    kinds = [[phone["phone_type"] for phone in one["service"]["phones"]] for one in results]
    assert {"voice", "sms"} <= {kind for of_service in kinds for kind in of_service}
    # The first is the one to ring, where there is one.
    assert all("voice" not in of_service[1:] or of_service[0] == "voice" for of_service in kinds)


def test_what_is_rung_stands_before_what_is_written_to(sides: Provided, gazetteer: Gazetteer) -> None:
    phones = [
        {"number": "07700 900461", "phone_type": "sms", "description": "Text"},
        {"number": "07700 900461", "phone_type": "whatsapp", "description": "WhatsApp"},
        {"number": "0306 999 0803", "description": "Duty worker"},
    ]
    service_id = published(
        sides,
        gazetteer,
        make_organization(make_service("both", phones=phones), key="organization-both"),
        key="both",
    )
    for name, html in everywhere(sides, service_id).items():
        own = [one for one in used(html) if one.endswith(("900461", "0803"))]
        assert own == ["tel:+443069990803", "sms:+447700900461"], name
        assert "WhatsApp, for writing: 07700 900461" in page_words(html), name


def page_words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.mark.parametrize("age_group", ["child", "unsure"])
def test_for_a_child_every_number_of_the_council_is_there_and_says_when(
    sides: Provided, gazetteer: Gazetteer, age_group: str
) -> None:
    phones = [
        {"number": "0306 999 0804", "description": "By day"},
        {"number": "0306 999 0805", "description": "At night"},
    ]
    child = make_service(
        "young",
        child_card_role="childrens_services",
        needs=["child_young_person"],
        eligibility={"sex_accepted": "any", "maximum_age": 17},
        phones=phones,
    )
    service_id = published(sides, gazetteer, make_organization(child, key="organization-young"), key="young")
    for name, html in everywhere(sides, service_id, age_group=age_group).items():
        assert {"tel:+443069990804", "tel:+443069990805"} <= set(used(html)), name
        assert "at night" in page_words(html).lower()
    officer = everywhere(sides, service_id, age_group=age_group)["officer"]
    assert used(officer)[:3] == ["tel:999", "tel:+443069990804", "tel:+443069990805"]


@pytest.mark.parametrize("phones", [[], [{"number": "0306 999 0806"}]], ids=["no other", "another"])
def test_the_number_of_a_referral_is_not_lost(
    sides: Provided, gazetteer: Gazetteer, phones: list[dict[str, str]]
) -> None:
    route = {
        "key": "duty", "name": "Duty line", "channel": "phone", "phone": "0306 999 0807",
        "referrers": ["police", "self"], "stages": ["any"],
    }  # fmt: skip
    service = make_service("routed", phones=phones, routes=[route])
    service_id = published(
        sides, gazetteer, make_organization(service, key="organization-routed"), key="routed"
    )
    for name, html in everywhere(sides, service_id).items():
        assert "tel:03069990807" in used(html), name
        assert "Example routed" in html
        if name == "officer":
            card = html[html.index("Example routed") :]
            assert "No number known" not in card[: card.index("</li>")]


def test_the_saved_list_has_the_number_that_leads_to_a_house(client: Client) -> None:
    listed = page(client.get("/officer/offline"))
    assert "Example House for women" in listed.words
    html = client.get("/officer/offline").text
    card = html[html.index("<h2>Example House for women</h2>") :]
    card = card[: card.index("</li>")]
    assert "From the police or a council (for adults only), through Example Night Line" in card
    night_line = next(
        record
        for record in (client.get(f"/v1/services/{one}").json() for one in service_ids(client))
        if record["name"] == "Example Night Line"
    )
    assert used(card) == [f"tel:{one['e164']}" for one in night_line["phones"]]


@pytest.mark.parametrize("can_be_rung", [True, False])
def test_the_number_that_leads_to_another_service_is_one_to_ring(
    sides: Provided, gazetteer: Gazetteer, *, can_be_rung: bool
) -> None:
    text = {"number": "07700 900462", "phone_type": "sms"}
    voice = {"number": "0306 999 0808", "description": "At night"}
    between = make_service("between", phones=[text, voice] if can_be_rung else [text])
    route = {
        "key": "on", "name": "Through the line", "channel": "via_service", "via_service": "between",
        "referrers": ["police", "self"], "stages": ["any"],
    }  # fmt: skip
    behind = make_service("behind", routes=[route])
    service_id = published(
        sides, gazetteer, make_organization(between, behind, key="organization-behind"), key="behind"
    )
    results = sides.client.post("/v1/services/search", json=ASKED | {"limit": 50}).json()["results"]
    shown = next(one["referral_route"] for one in results if one["service"]["id"] == str(service_id))
    assert shown["contact"] == ("0306 999 0808" if can_be_rung else None)
    pages = everywhere(sides, service_id)
    words = page_words(pages.pop("service"))
    assert ("Call 0306 999 0808 At night" in words) is can_be_rung
    whose = (
        "Call 0306 999 0808 Example between: At night" if can_be_rung else "Text 07700 900462 Example between"
    )
    for name, html in pages.items():
        assert whose in page_words(html), name
