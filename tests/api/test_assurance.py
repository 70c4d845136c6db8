"""Facts are confirmed with a day to look again; past it the public is told, at midnight in London and by itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.api.checks import assert_private_problem
from tests.curating import Curator, organization_record_of, record_of, seen
from tests.providing import Provided

SAID = {"fact": "record", "mark": "confirmed", "source": "A call with the service"}
DUE = "/v1/curation/facts-to-review"


def confirm(by: Curator, service_id: object, **changed: Any) -> Any:
    path = record_of(service_id)  # type: ignore[arg-type]
    return by.on(path, "POST", path + "/confirmations", SAID | changed)


def facts(sides: Provided, service_id: object) -> dict[str, Any]:
    return {one["fact"]: one for one in seen(sides, service_id).json()["assurance"]}  # type: ignore[arg-type]


def test_a_confirmed_fact_says_who_looked_when_and_until_when_it_holds(one: Curator) -> None:
    sides = one.sides
    today: date = sides.clock.now.date()
    assert confirm(one, sides.a.open, fact="phones").status_code == 200
    found = facts(sides, sides.a.open)["phones"]
    assert (found["state"], found["mark"], found["confirmed_on"]) == (
        "curator_checked",
        "confirmed",
        today.isoformat(),
    )
    assert found["review_by"] == (today + timedelta(days=90)).isoformat()
    confirm(one, sides.a.open)
    whole = facts(sides, sides.a.open)["record"]
    assert whole["review_by"] == (today + timedelta(days=180)).isoformat()
    chosen = (today + timedelta(days=10)).isoformat()
    confirm(one, sides.a.open, review_by=chosen)
    assert facts(sides, sides.a.open)["record"]["review_by"] == chosen


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/fact", {"fact": "beds"}),
        ("/fact", {"fact": "assurance"}),
        ("/fact", {"fact": "key"}),
        ("/review_by", {"review_by": "2020-01-01"}),
        ("/review_by", {"review_by": "2999-01-01"}),
        ("/mark", {"mark": "invented"}),
        ("/source", {"source": ""}),
        ("/source_url", {"source_url": "http://127.0.0.1/"}),
    ],
)
def test_what_is_no_confirmation_is_refused(one: Curator, pointer: str, changed: dict[str, str]) -> None:
    before = one.sides.stored()
    problem = assert_private_problem(
        one.sides.client.app, confirm(one, one.sides.a.open, **changed), 422, "validation"
    )
    assert [error.pointer for error in problem.errors] == [pointer]
    assert one.sides.stored() == before


def test_an_organizations_own_facts_are_confirmed_too(one: Curator) -> None:
    sides = one.sides
    path = organization_record_of(sides.a.organization_id)
    assert one.on(path, "POST", path + "/confirmations", SAID | {"fact": "website"}).status_code == 200
    sides.refresh()
    found = sides.client.get(f"/v1/organizations/{sides.a.organization_id}").json()["assurance"]
    assert "website" in [row["fact"] for row in found]


def test_the_public_is_told_from_the_midnight_after_the_day(one: Curator) -> None:
    sides = one.sides
    confirm(one, sides.a.open, review_by="2026-12-01")
    # In winter London keeps UTC.
    for moment, overdue in (
        (datetime(2026, 12, 1, 23, 59, 30, tzinfo=UTC), []),
        (datetime(2026, 12, 2, 0, 0, 0, tzinfo=UTC), ["record"]),
    ):
        sides.clock.now = moment
        answer = seen(sides, sides.a.open)
        assert answer.json()["overdue"] == overdue
        age = answer.headers["cache-control"].partition("max-age=")[2]
        # Kept no longer than until the bytes change by themselves.
        assert int(age) == (30 if not overdue else 60)


def test_midnight_is_londons_in_summer(one: Curator) -> None:
    sides = one.sides
    confirm(one, sides.a.open, review_by="2027-06-01")
    sides.clock.now = datetime(2027, 6, 1, 22, 59, tzinfo=UTC)
    assert seen(sides, sides.a.open).json()["overdue"] == []
    sides.clock.now = datetime(2027, 6, 1, 23, 0, tzinfo=UTC)
    assert seen(sides, sides.a.open).json()["overdue"] == ["record"]


def test_what_is_overdue_or_soon_due_is_listed_the_longest_first(one: Curator) -> None:
    sides = one.sides
    today: date = sides.clock.now.date()
    for days, service_id in ((20, sides.a.open), (5, sides.b.open), (9, sides.b.refuge)):
        confirm(one, service_id, review_by=(today + timedelta(days=days)).isoformat())
    sides.clock.now += timedelta(days=7)
    found = one.get(DUE)
    mine = [str(one) for one in (sides.a.open, sides.b.open, sides.b.refuge)]
    listed = [(row["service_id"], row["overdue"]) for row in found["results"] if row["service_id"] in mine]
    assert listed == [(mine[1], True), (mine[2], False), (mine[0], False)]
    due_now = one.get(f"{DUE}?within_days=0")["results"]
    assert [row["service_id"] for row in due_now if row["service_id"] in mine] == [mine[1]]


def test_pages_of_facts(one: Curator) -> None:
    for side in (one.sides.a, one.sides.b):
        for service_id in (side.open, side.refuge):
            confirm(one, service_id)
            confirm(one, service_id, fact="phones")
    whole = one.get(f"{DUE}?within_days=365")
    found: list[Any] = []
    cursor = ""
    while True:
        page = one.get(f"{DUE}?within_days=365&limit=2{cursor}")
        found += page["results"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole["results"]
    # Two of each of four services, and what is said of the two organizations themselves.
    assert len(found) == whole["total"] == 8 + 2


def test_a_provider_confirms_nothing_here(sides: Provided) -> None:
    answer = sides.ask("POST", record_of(sides.a.open, "/confirmations"), SAID, If_Match='"x"')
    assert_private_problem(sides.client.app, answer, 403, "forbidden")
    assert_private_problem(sides.client.app, sides.ask("GET", DUE), 403, "forbidden")
