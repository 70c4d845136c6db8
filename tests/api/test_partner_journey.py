"""A developer of another system, from the document to a copy that stays in step: each address is found in the one before."""

import csv
import io
from datetime import timedelta
from typing import Any

from tests.api.served import Client
from tests.factories import SANDWELL, make_organization, make_service
from tests.officers import published
from tests.providing import Provided


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
