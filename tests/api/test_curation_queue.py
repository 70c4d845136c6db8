"""What needs a curator now, from everywhere, the longest waiting first, page by page."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import col, update

from app.models.history import Assurance
from tests.api.checks import assert_private_problem
from tests.curating import QUEUE, Curator, propose, record_of
from tests.factories import make_organization, make_service
from tests.officers import TO_LOOK_AT, enrolled, officer_key, searched, tap
from tests.providing import Provided, capacity_of


def overdue(sides: Provided, **days: int) -> None:
    """Bring the review of a service's facts to so many days ago."""
    with sides.database.write() as session:
        for side, ago in days.items():
            service_id = getattr(sides, side).open
            due = sides.clock.now.date() - timedelta(days=ago)
            of_it = update(Assurance).where(col(Assurance.service_id) == service_id)
            session.exec(of_it.values(review_by=due))


def filled(one: Curator) -> None:
    """One thing of every kind, a quarter of an hour apart."""
    sides = one.sides
    officer = enrolled(sides)["token"]
    overdue(sides, a=3)
    sides.report(valid_until=(sides.clock.now + timedelta(hours=2)).isoformat())
    propose(sides, interpreter="yes")
    sides.clock.now += timedelta(minutes=15)
    tap(sides, officer, sides.b.open, "wrong_number")
    sides.clock.now += timedelta(hours=3)
    sides.client.post(f"/v1/services/{sides.b.open}/mistakes", json={"category": "unsafe"})
    sides.clock.now += timedelta(minutes=15)
    one.take_down(sides.b.refuge)
    one.step(sides.a.refuge, "archive")
    one.step(sides.a.refuge, "restore")
    sides.clock.now += timedelta(minutes=15)
    one.step(sides.a.refuge, "send_for_approval")


def test_everything_that_waits_is_there_the_longest_first(one: Curator) -> None:
    filled(one)
    found = one.get(QUEUE)
    assert [(row["kind"], row["about"]) for row in found["results"]] == [
        ("overdue", None),
        ("calls", "wrong_number"),
        ("proposal", "waiting"),
        ("capacity", None),
        ("mistake", "unsafe"),
        ("takedown", "unsafe"),
        ("approval", None),
    ]
    kinds = ("proposal", "approval", "mistake", "calls", "takedown", "capacity", "overdue")
    assert found["counts"] == dict.fromkeys(kinds, 1) | {"import": 0}
    assert found["total"] == 7
    since = [row["since"] for row in found["results"]]
    assert since == sorted(since)


def test_pages_of_the_queue_have_everything_once(one: Curator) -> None:
    filled(one)
    overdue(one.sides, a=3, b=3)
    whole = one.get(QUEUE)["results"]
    for limit in (1, 2, 3):
        found: list[Any] = []
        cursor = ""
        while True:
            page = one.get(f"{QUEUE}?limit={limit}{cursor}")
            assert page["total"] == len(whole) == 8
            found += page["results"]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert found == whole
    of_kind = one.get(f"{QUEUE}?kind=overdue&limit=1")
    assert (of_kind["total"], of_kind["counts"]) == (2, {"overdue": 2})
    other = one.ask("GET", f"{QUEUE}?cursor={of_kind['next']}")
    assert_private_problem(one.sides.client.app, other, 400, "cursor-invalid")


def test_an_organizations_own_facts_are_overdue_too(one: Curator) -> None:
    """Its numbers and its name stand beside every service of it. Of one that runs nothing now nobody reads them."""
    sides = one.sides
    with sides.database.write() as session:
        for number, side in enumerate((sides.a, sides.b)):
            of_it = update(Assurance).where(col(Assurance.organization_id) == side.organization_id)
            done = session.exec(of_it.values(review_by=sides.clock.now.date() - timedelta(days=9 - number)))
            assert done.rowcount == 1
    found = one.get(QUEUE)["results"]
    assert [(row["kind"], row["id"], row["organization_id"], row["service_id"]) for row in found] == [
        ("overdue", str(side.organization_id), str(side.organization_id), None) for side in (sides.a, sides.b)
    ]
    first = one.get(f"{QUEUE}?limit=1")
    assert first["results"] == found[:1]
    assert one.get(f"{QUEUE}?limit=1&cursor={first['next']}")["results"] == found[1:]
    for service_id in (sides.b.open, sides.b.refuge):
        one.step(service_id, "archive")
    assert one.get(QUEUE)["results"] == found[:1]


def test_nothing_waits_in_a_directory_that_is_looked_after(one: Curator) -> None:
    found = one.get(QUEUE)
    assert (found["results"], found["total"], found["next"]) == ([], 0, None)
    assert set(found["counts"].values()) == {0}
    # A figure that was taken back says nothing, however long it would hold.
    sides = one.sides
    sides.report()
    assert one.get(QUEUE)["total"] == 0
    sides.clock.now += timedelta(minutes=5)
    assert sides.ask("POST", f"{capacity_of(sides.a.open)}/undo").status_code == 200
    (row,) = one.get(QUEUE)["results"]
    assert (row["kind"], datetime.fromisoformat(row["since"])) == ("capacity", sides.clock.now)


def test_calls_that_were_dealt_with_are_put_aside_and_officers_are_still_told(one: Curator) -> None:
    sides = one.sides
    officer = officer_key(sides)
    tap(sides, enrolled(sides)["token"], sides.a.open, "wrong_number")
    assert one.get(TO_LOOK_AT)["total"] == one.get(f"{QUEUE}?kind=calls")["total"] == 1

    answer = one.ask("POST", record_of(sides.a.open, "/dismiss"), {"of": "calls"})

    assert answer.json()["dismissed"] == 1
    assert one.get(TO_LOOK_AT)["total"] == one.get(f"{QUEUE}?kind=calls")["total"] == 0
    assert "one officer found the number wrong this hour" in searched(sides, officer).text
    assert sum("calls_dismissed" in row for row in sides.stored()["audit_event"]) == 1
    # A later call is news, also within the hour.
    tap(sides, enrolled(sides)["token"], sides.a.open, "wrong_number")
    assert one.get(f"{QUEUE}?kind=calls")["total"] == 1


def test_an_import_that_waits_for_a_second_person_is_there(one: Curator) -> None:
    service = make_service("a-open", phones=[{"number": "0808 157 0042"}])
    sheet = make_organization(service, key="organization-a").model_dump(mode="json", exclude_unset=True)
    made = one.ask("POST", "/v1/curation/imports?source=test", [sheet]).json()
    assert one.get(f"{QUEUE}?kind=import")["total"] == 0
    one.ask("POST", f"/v1/curation/imports/{made['id']}/apply", {"digest": made["digest"]})
    (entry,) = one.get(f"{QUEUE}?kind=import")["results"]
    assert (entry["id"], entry["name"], entry["organization_id"]) == (made["id"], "test", None)


def test_a_provider_has_no_queue(sides: Provided) -> None:
    assert_private_problem(sides.client.app, sides.ask("GET", QUEUE), 403, "forbidden")
    answer = sides.ask("POST", record_of(sides.a.open, "/dismiss"), {"of": "calls"})
    assert_private_problem(sides.client.app, answer, 403, "forbidden")


def test_overdue_waits_since_the_midnight_after_its_day(one: Curator) -> None:
    overdue(one.sides, a=1)
    (row,) = one.get(QUEUE)["results"]
    today: date = one.sides.clock.now.date()
    assert datetime.fromisoformat(row["since"]) == datetime(today.year, today.month, today.day, tzinfo=UTC)
