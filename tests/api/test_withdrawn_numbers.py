"""A number that is taken down is in no text that anybody is shown, however it is written there, in any output."""

from typing import Any
from uuid import UUID

import pytest

from app.directory.withdrawn import WITHDRAWN
from app.geo.gazetteer import Gazetteer
from tests.api.addresses import FIXED, OF_A_SERVICE
from tests.curating import TAKEDOWNS, Curator, record_of, seen
from tests.factories import INVENTED, SANDWELL, make_organization, make_service
from tests.officers import device, officer_key, published
from tests.providing import Provided

NUMBER, DIALLED = "0121 496 0178", "+441214960178"
WRITINGS = (
    "0121 496 0178", "+44 121 496 0178", "(0121) 4960178", "0121-496-0178", "0121.496.0178",
    "0121\u00a0496\u00a00178", "0121\u2011496\u20110178", "01214960178", "+44 (0)121 496 0178",
)  # fmt: skip
LEFT = ("4960178", "496 0178", "496-0178", "496.0178", "496\u00a00178", "496\u20110178")
"""What every one of them would leave."""
SOURCE = INVENTED | {"source": "A call on 0121 496 0178"}


def _everywhere(**changed: Any) -> Any:
    """A service with a writing of the number in every text that it can have."""
    text = [f"Ring {one} now." for one in WRITINGS]
    route = {
        "channel": "phone", "phone": "0306 999 0102", "referrers": ["police"], "stages": ["any"],
        "information_needed": text[2], "notes": f"{text[3]} {text[4]}",
    }  # fmt: skip
    known: dict[str, Any] = {
        "name": f"Example line {WRITINGS[7]}",
        "description": "\n".join(text),
        "application_process": text[0],
        "fees_description": text[1],
        "url": "https://example.org/call/01214960178",
        "privacy_url": "https://example.org/privacy/+441214960178",
        "email": "desk-01214960178@example.org",
        "eligibility": {"description": text[5]},
        "phones": [
            {"number": NUMBER},
            {"number": "0306 999 0102", "description": text[6]},
            {"number": "0306 999 0103", "description": text[7], "visibility": "professional"},
        ],
        "contacts": [
            {"role": f"Desk {WRITINGS[0]}", "email": "a01214960178@example.org"},
            {"role": f"Duty {WRITINGS[1]}", "email": "b01214960178@example.org", "visibility": "professional"},
        ],
        "routes": [
            {"key": "public", "name": f"Line {WRITINGS[0]}", **route},
            {"key": "form", "name": "Form", "channel": "web_form", "form_url": "https://example.org/f?n=01214960178"},
            {"key": "staff", "name": f"Staff {WRITINGS[8]}", "visibility": "professional", **route},
        ],
        "reach": "site",
        "locations": [{"key": "desk", "name": f"Example desk {WRITINGS[0]}", "postal_code": "B69 3DE"}],
        "assurance": [SOURCE],
    }  # fmt: skip
    return make_service("everywhere", **known | changed)


def publish_everywhere(sides: Provided, gazetteer: Gazetteer, **changed: Any) -> UUID:
    # Another service of the organization has the number in a text alone.
    organization = make_organization(
        _everywhere(**changed),
        make_service("beside", description=f"Or ring {WRITINGS[1]}."),
        key="organization-everywhere",
        name=f"Example owner {WRITINGS[0]}",
        description=f"Ring {WRITINGS[2]}.",
        phones=[{"number": "0306 999 0104", "description": f"not {WRITINGS[0]}", "visibility": "professional"}],
        assurance=[SOURCE],
    )  # fmt: skip
    return published(sides, gazetteer, organization, key="everywhere")


def everything_shown(sides: Provided, service_id: UUID, officers: tuple[str, ...]) -> dict[str, str]:
    """Every output for the public and for officers that can say something of the service, by its address."""
    sides.refresh()
    client = sides.client
    organization_id = client.get(f"/v1/services/{service_id}").json()["organization"]["id"]
    said = {
        path: client.get(path).text
        for path in (
            *FIXED,
            *(f"/v1/services/{service_id}{rest}" for rest in OF_A_SERVICE),
            f"/v1/organizations/{organization_id}",
            f"/oruk/services/{service_id}",
            f"/oruk/organizations/{organization_id}?full_service=true",
            *(f"/oruk/{name}?full=true" for name in ("services", "service_at_locations", "organizations")),
            "/oruk/services?format=ndjson&full=true",
            f"/find/services/{service_id}",
            "/officer/",
            "/officer/offline",
        )
    }
    question = {"area": SANDWELL, "limit": 50}
    near = {"area": SANDWELL, "referrer": "self", "stage": "recovery_period", "limit": 50}
    for body in (question, near):
        said[f"search {body}"] = client.post("/v1/services/search", json=body).text
        for token in officers:
            answer = sides.ask("POST", "/v1/officer/services/search", body, token=token)
            said[f"officers' search {token[:3]} {body}"] = answer.text
    for token in officers:
        answer = sides.ask("GET", f"/v1/officer/services/{service_id}", token=token)
        said[f"officers' record {token[:3]}"] = answer.text
    page = {"area": SANDWELL, "age_group": "adult"}
    said["find page"] = client.post("/find", data=page).text
    said["officer page"] = client.post("/officer/", data=page).text
    cookie = {"cookie": f"__Host-device={officers[0]}"}
    said["officer page, enrolled"] = client.post("/officer/", data=page, headers=cookie).text
    return said


def test_it_is_in_no_text_of_any_output(one: Curator, two: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id = publish_everywhere(sides, gazetteer)
    officers = (device(sides), officer_key(sides))
    before = everything_shown(sides, service_id, officers)
    assert sum(any(end in text for end in LEFT) for text in before.values()) > 15

    taken = one.take_down(service_id, "wrong_contact", phone=DIALLED)
    assert taken.status_code == 200, taken.text

    shown = everything_shown(sides, service_id, officers)
    found = {at: [end for end in LEFT if end in text] for at, text in shown.items()}
    assert {at: ends for at, ends in found.items() if ends} == {}
    record = seen(sides, service_id).json()
    assert record["name"] == f"Example line {WITHDRAWN}"
    assert record["description"] == "\n".join([f"Ring {WITHDRAWN} now."] * len(WRITINGS))
    assert (record["url"], record["email"], record["privacy_url"]) == (None, None, None)
    assert [route["contact"] for route in record["referral_routes"]] == ["0306 999 0102", None]
    assert record["locations"][0]["name"] == f"Example desk {WITHDRAWN}"
    assert WITHDRAWN in shown["officer page, enrolled"]
    # The other numbers stand where they stood.
    assert "0306 999 0103" in shown[f"officers' record {officers[0][:3]}"]

    one.put_back(taken.json()["id"])
    two.put_back(taken.json()["id"])
    assert seen(sides, service_id).json()["description"].startswith("Ring 0121 496 0178 now.")


def test_who_takes_it_down_is_told_which_texts_to_reword(one: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id = publish_everywhere(sides, gazetteer)
    taken = one.take_down(service_id, "wrong_contact", phone=DIALLED).json()
    of_service = {text["pointer"] for text in taken["texts"] if text["service_id"] == str(service_id)}
    assert of_service == {
        "/name", "/description", "/application_process", "/fees_description", "/url", "/privacy_url", "/email",
        "/eligibility/description", "/phones/1/description", "/phones/2/description", "/contacts/0/role",
        "/contacts/0/email", "/contacts/1/role", "/contacts/1/email", "/routes/0/name", "/routes/0/information_needed",
        "/routes/0/notes", "/routes/1/form_url", "/routes/2/name", "/routes/2/information_needed", "/routes/2/notes",
        "/locations/0/name", "/assurance/0/source",
    }  # fmt: skip
    others = [text for text in taken["texts"] if text["service_id"] != str(service_id)]
    assert [(text["service_id"] is None, text["pointer"]) for text in others if text["service_id"] is None] == [
        (True, "/name"), (True, "/description"), (True, "/phones/0/description"), (True, "/assurance/0/source"),
    ]  # fmt: skip
    assert [text["pointer"] for text in others if text["service_id"] is not None] == ["/description"]
    # The list says what is still to do.
    (listed,) = one.get(TAKEDOWNS)["results"]
    assert listed["texts"] == taken["texts"]
    one.edit(service_id, name="Example line")
    (listed,) = one.get(TAKEDOWNS)["results"]
    assert "/name" not in {
        text["pointer"] for text in listed["texts"] if text["service_id"] == str(service_id)
    }
    # Curators read what is stored.
    assert NUMBER in one.get(record_of(service_id))["record"]["description"]


def test_a_number_that_stands_in_a_text_alone_can_be_taken_down(one: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id = publish_everywhere(sides, gazetteer, phones=[])
    assert one.take_down(service_id, phone="0121 496 0178").status_code == 422
    assert one.take_down(service_id, phone="+441214960179").status_code == 422
    assert one.take_down(service_id, phone=DIALLED).status_code == 200
    assert not any(end in seen(sides, service_id).text for end in LEFT)


def test_going_back_writes_no_withdrawn_words_into_the_record(one: Curator, gazetteer: Gazetteer) -> None:
    sides = one.sides
    service_id = publish_everywhere(sides, gazetteer)
    one.take_down(service_id, phone=DIALLED)
    one.edit(service_id, fees_description="None.", anonymous_contact=True)
    path = record_of(service_id)
    stored = one.get(path)["record"]
    for version in (2, 1):
        answer = one.on(path, "POST", f"{path}/revisions/{version}/roll-back")
        assert answer.status_code in {200, 202, 409}, answer.text
        now = one.get(path)["record"]
        assert WITHDRAWN not in str(now)
        assert now["description"] == stored["description"]
        assert (now["url"], now["email"]) == (stored["url"], stored["email"])
    assert not any(end in seen(sides, service_id).text for end in LEFT)


@pytest.mark.parametrize("number", ["999", "101"])
def test_a_text_goes_on_saying_999(one: Curator, gazetteer: Gazetteer, number: str) -> None:
    sides = one.sides
    service_id = publish_everywhere(
        sides, gazetteer, description=f"In danger ring {number}.", phones=[{"number": number}]
    )
    assert one.take_down(service_id, phone=number).status_code == 200
    assert seen(sides, service_id).json()["description"] == f"In danger ring {number}."
