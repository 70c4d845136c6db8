"""`/curator/imports/{id}`: whoever applies or approves an import can look at the whole of what it does."""

import re
from typing import Any

import pytest

from app.access.scopes import CURATOR_SCOPES
from tests.factories import make_organization, make_service
from tests.importing.test_routes import as_sent, ask, send
from tests.officers import curator_key
from tests.providing import Provided
from tests.web.test_curator_desk import Desk
from tests.web.test_find_page import page

IMPORTS = "/v1/curation/imports"


@pytest.fixture
def first(sides: Provided) -> Desk:
    return Desk(sides.client, curator_key(sides, *sorted(CURATOR_SCOPES)))


@pytest.fixture
def second(sides: Provided) -> Desk:
    return Desk(sides.client, curator_key(sides, "import:run"))


def parties(number: int, **service: Any) -> list[dict[str, Any]]:
    return as_sent(
        *(
            make_organization(
                make_service(f"s{n:03}", **service), key=f"o{n:03}", name=f"Example party {n:03}"
            )
            for n in range(number)
        )
    )


def names_on(text: str) -> list[str]:
    return re.findall(r"<summary>[A-Za-z]+: ([^<(]+?)(?: <strong|</summary>)", text)


def test_every_difference_of_a_long_import_can_be_looked_at(sides: Provided, first: Desk) -> None:
    made = send(sides, parties(115)).json()
    at = f"/curator/imports/{made['id']}"
    seen: list[str] = []
    told: list[str] = []
    path: str | None = at
    while path is not None:
        shown = first.get(path)
        seen += names_on(shown.text)
        told += re.findall(r"\d+ to \d+ of \d+", page(shown).words)[:1]
        later = next((one for one in page(shown).all("a") if one.get("rel") == "next"), None)
        path = later["href"] if later else None
        assert "on all 3 pages" in page(shown).words
    assert told == ["1 to 100 of 230", "101 to 200 of 230", "201 to 230 of 230"]
    listed = [one["name"] for cursor in (None, 1, 2) for one in _diff_page(sides, made["id"], cursor)]
    assert seen == listed
    assert len(set(seen)) == 230


def _diff_page(sides: Provided, import_id: str, number: int | None) -> list[dict[str, Any]]:
    """The page of that number over the API, by its cursors."""
    cursor = ""
    page_of: dict[str, Any] = {}
    for _ in range((number or 0) + 1):
        page_of = ask(sides, "GET", f"{IMPORTS}/{import_id}/diff?limit=100{cursor}").json()
        cursor = f"&cursor={page_of['next']}"
    results: list[dict[str, Any]] = page_of["results"]
    return results


FIRST, LAST = "1 to 100 of 120", "101 to 120 of 120"
ASKED = {
    "page=2": LAST,
    "page=99": LAST,
    "page=0": FIRST,
    "page=-1": FIRST,
    "page=two&utm_source=x": FIRST,
    "page=99999999999999999999": FIRST,
}


def test_a_page_that_is_none_is_one_that_is(sides: Provided, first: Desk) -> None:
    made = send(sides, parties(60)).json()
    for asked, told in ASKED.items():
        shown = first.get(f"/curator/imports/{made['id']}?{asked}")
        assert (shown.status_code, told in page(shown).words) == (200, True), asked


def test_every_fault_can_be_looked_at(sides: Provided, first: Desk) -> None:
    head = "Organisation,Organization description,Service,What it does,Needs,Reach,Covers"
    row = "Example Advice,An invented charity.,Example {},Somebody who listens.,no such need,outreach_area,Sandwell"
    sheet = "\n".join([head, *(row.format(n) for n in range(130))])
    made = send(sides, sheet.encode(), media="text/csv").json()
    at = f"/curator/imports/{made['id']}"
    rows = [
        number
        for which in (1, 2, 3)
        for number in re.findall(r"row (\d+)", first.get(f"{at}?faults={which}").text)
    ]
    assert {int(number) for number in rows} >= set(range(2, 132))


def test_a_short_import_says_nothing_of_pages(sides: Provided, first: Desk) -> None:
    made = send(sides, parties(2)).json()
    shown = first.get(f"/curator/imports/{made['id']}")
    assert "page 1 of" not in page(shown).words
    assert "Apply what is ticked" in page(shown).words


def test_the_second_person_sees_what_the_first_one_asked_for(
    sides: Provided, first: Desk, second: Desk
) -> None:
    made = send(sides, parties(2, phones=[{"number": "0121 496 0001"}]), new="published").json()
    assert made["selected"] is None
    records = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff").json()["results"]
    assert {one["selected"] for one in records} == {None}
    ticked = [one["id"] for one in records if one["organization_key"] == "o000"]

    waiting = ask(
        sides, "POST", f"{IMPORTS}/{made['id']}/apply", {"digest": made["digest"], "only": ticked}
    ).json()
    assert (waiting["state"], waiting["selected"]) == ("awaiting_second_person", 2)
    records = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff").json()["results"]
    assert {one["id"] for one in records if one["selected"]} == set(ticked)
    sheet = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff.csv").text.splitlines()
    assert sorted(line.rsplit(",", 1)[1] for line in sheet) == sorted(
        ['"asked for"', '"yes"', '"yes"', '"no"', '"no"']
    )

    at = f"/curator/imports/{made['id']}"
    shown = second.get(at)
    assert "2 of 4 records asked for by" in page(shown).words
    assert re.findall(r"<strong[^>]*>(asked for|left out)</strong>", shown.text) == [
        "asked for", "asked for", "left out", "left out",
    ]  # fmt: skip
    assert second.send(f"{at}/approve", at=at).status_code == 303
    assert "2 of 4 records asked for" not in page(second.get(at)).words
    done = ask(sides, "GET", f"{IMPORTS}/{made['id']}").json()
    assert (done["state"], done["selected"], done["counts"]["applied"]) == ("applied", 2, 2)


def test_a_form_without_a_tick_applies_nothing(sides: Provided, first: Desk) -> None:
    made = send(sides, parties(1)).json()
    at = f"/curator/imports/{made['id']}"
    refused = first.send(f"{at}/apply", at=at, which="ticked")
    assert refused.status_code == 422
    assert "Tick at least one." in page(refused).words
    answer = ask(sides, "POST", f"{IMPORTS}/{made['id']}/apply", {"digest": made["digest"], "only": []})
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, ["/only"])
    assert ask(sides, "GET", f"{IMPORTS}/{made['id']}").json()["state"] == "checked"
