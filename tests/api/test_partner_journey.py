"""A developer of another system, from the document to a copy that stays in step: each address is found in the one before."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from tests.api.served import Client
from tests.factories import SANDWELL, make_organization, make_service
from tests.feed.harvesting import listed
from tests.officers import published
from tests.providing import Provided

OVERLAP = timedelta(minutes=10)
MOVES_BY_ITSELF = ("capacity", "open", "overdue", "x_capacity")


def test_from_the_document_to_a_copy_in_step(sides: Provided, gazetteer: Any) -> None:
    client = sides.client
    document = client.get("/openapi.json").json()
    search = document["paths"]["/v1/services/search"]["post"]
    assert search["summary"] or search["description"]
    question = {"area": SANDWELL, "age_group": "adult", "referrer": "council"}
    answer = client.post("/v1/services/search", json=question)
    assert answer.headers["cache-control"] == "no-store", "an answer to a question is nobody's to keep"
    first = answer.json()["results"][0]["service"]
    # Whatever was asked, the national numbers are in the answer.
    assert answer.json()["always"]

    # One record, and again for nothing while it is the same.
    address = f"/v1/services/{first['id']}"
    record = client.get(address)
    tag = {"if-none-match": record.headers["etag"]}
    assert client.get(address, headers=tag).status_code == 304

    # What changed since, as a copy asks for it; then the record is there anew, under the same id.
    since = client.get("/v1/changes").json()
    known = {one["id"] for one in everything(client)}
    new_id = published(
        sides,
        gazetteer,
        make_organization(
            make_service("arrived", phones=[{"number": "0121 496 0077"}]), key="organization-arrived"
        ),
        key="arrived",
    )
    moved = [one for one in everything(client) if one["id"] not in known]
    assert [one["id"] for one in moved] == [str(new_id)]
    changed = client.get("/v1/changes").json()
    assert len(changed["results"]) > len(since["results"])
    assert str(new_id) in str(changed["results"])

    # The file has the same number as the record, under the licence that the document names.
    file = client.get("/v1/exports/services.csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))}
    (phone,) = client.get(f"/v1/services/{new_id}").json()["phones"]
    assert phone["number"] in str(rows[str(new_id)])
    assert document["info"]["license"]["identifier"].startswith("OGL-UK-3.0")


def everything(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = client.get(
            "/v1/services", params={"limit": 50} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += page["results"]
        cursor = page["next"]
        if cursor is None:
            return found


def test_a_record_that_is_taken_down_is_a_gravestone_and_no_number(sides: Provided) -> None:
    """A copy that asks for changes learns that it must not show the record any more."""
    client, service_id = sides.client, str(sides.a.open)
    number = client.get(f"/v1/services/{service_id}").headers["etag"]
    sides.clock.now += timedelta(minutes=1)
    taken = sides.ask(
        "POST", f"/v1/curation/services/{service_id}/take-down", {"reason": "unsafe"}, token=sides.curator
    )
    assert taken.status_code in (200, 201), taken.text
    sides.refresh()
    gone = client.get(f"/v1/services/{service_id}", headers={"if-none-match": number})
    assert gone.status_code == 404
    entries = [one for one in client.get("/v1/changes").json()["results"] if one["record_id"] == service_id]
    assert [one["kind"] for one in entries] == ["published", "removed"]
    assert service_id not in str(client.get("/v1/exports/services.csv").content)


def still(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what is of the moment of the answer, and is in nobody's copy."""
    kept = {name: value for name, value in record.items() if name not in MOVES_BY_ITSELF}
    if "services" in kept:
        kept["services"] = [still(one) for one in kept["services"]]
    return kept


class Copies:
    """What three partners keep: by the change list, by the services of the feed, and by its organizations with all in them."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen: set[str] = set()
        self.records: dict[str, Any] = {}
        self.services: dict[str, Any] = {}
        self.organizations: dict[str, Any] = {}
        self.last = datetime.fromisoformat("2020-01-01T00:00:00Z")
        self.follow()

    def follow(self) -> None:
        """As docs/exports.md and docs/oruk.md say: from ten minutes before the last that was seen."""
        since = (self.last - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
        for entry in self.client.get("/v1/changes", params={"since": since, "limit": 100}).json()["results"]:
            if entry["id"] not in self.seen:
                self.seen.add(entry["id"])
                self.last = max(self.last, datetime.fromisoformat(entry["changed_at"]))
                answer = self.client.get(f"/v1/{entry['record_type']}s/{entry['record_id']}")
                self.records[entry["record_id"]] = still(answer.json()) if answer.is_success else None
        for one in listed(self.client, "services", full="true", modified_after=since):
            self.services[one["id"]] = still(one)
        for one in listed(self.client, "organizations", full_service="true", modified_after=since):
            self.organizations[one["id"]] = still(one)
        # An organization is public by its services alone: without one in the copy it goes.
        used = {one.get("organization_id") for one in self.services.values()}
        self.organizations = {key: one for key, one in self.organizations.items() if key in used}

    def are_as_fresh(self) -> None:
        fresh = Copies(self.client)
        known = {key: one for key, one in self.records.items() if one is not None}
        assert known == {key: one for key, one in fresh.records.items() if one is not None}
        assert (self.services, self.organizations) == (fresh.services, fresh.organizations)


def test_copies_that_follow_the_changes_are_what_a_fresh_download_is(sides: Provided, gazetteer: Any) -> None:
    """Also of what stands in one record and is changed in another: a way in through a line of somebody else."""
    via = {"key": "via", "name": "Through the line", "channel": "via_service", "via_service": "line"}
    led = make_organization(make_service("led", routes=[via]), key="organization-led")

    def line(number: str = "0121 496 0078", **changed: Any) -> Any:
        service = make_service("line", phones=[{"number": number}], **changed)
        return make_organization(service, key="organization-line")

    line_id = published(sides, gazetteer, line(), key="line")
    led_id = published(sides, gazetteer, led, key="led")
    copies = Copies(sides.client)
    assert copies.records[str(led_id)]["referral_routes"]

    taken_down = f"/v1/curation/services/{line_id}/take-down"
    steps = (
        ("closed for now", line(status="temporarily closed")),
        ("runs again", line()),
        ("called otherwise", line(name="Another line")),
        ("under another number", line("0121 496 0079")),
        ("its number is taken down", {"reason": "wrong_contact", "phone": "+441214960079"}),
        ("it has ended", line(status="defunct")),
        ("begun again", line("0121 496 0080")),
        ("taken down", {"reason": "unsafe"}),
    )
    for what, step in steps:
        # At last a clock that ran ahead until now is put right.
        sides.clock.now += timedelta(days=-3 if what == "taken down" else 1)
        if isinstance(step, dict):
            assert sides.ask("POST", taken_down, step, token=sides.curator).is_success, what
            sides.refresh()
        else:
            published(sides, gazetteer, step, key="line")
        copies.follow()
        copies.are_as_fresh()
    assert "0121 496" not in str((copies.records[str(led_id)], copies.services[str(led_id)]))
