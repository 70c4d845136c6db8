"""Imports over the API: who may, what is answered, and that it happens once."""

import io
import threading
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic_core import to_json
from sqlmodel import select

from app.access.audit import newest_events
from app.access.keys import WantedKey, make_key
from app.access.people import add_person
from app.api.imports import ONE_ORGANIZATION
from app.api.uploads import WORKBOOK
from app.curation.submissions import OrganizationSubmission
from app.models.services import Service
from tests.api.checks import assert_declared
from tests.factories import contents, count, make_organization, make_refuge, make_service
from tests.providing import Provided, act_of_the_host, new_key, token_secrets

IMPORTS = "/v1/curation/imports"
JSON = "application/json"


def assert_refused(app: Any, answer: httpx.Response, status: int, slug: str) -> None:
    """A private problem that is declared. (Words of a whole file also stand in problems, so they are not compared.)"""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.text
    )
    assert answer.json()["type"].endswith(f"/problems/{slug}")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert_declared(app, answer.request, status, slug)


def second_curator(sides: Provided, name: str = "Another Curator") -> str:
    with sides.database.write() as session:
        act = act_of_the_host(sides.clock.now)
        somebody = add_person(session, name, act)
        wanted = WantedKey(key_type="curator", label="Example", person_id=somebody.id)
        return make_key(session, token_secrets(), wanted, act).token.text


def send(
    sides: Provided, content: bytes | Any, *, source: str = "Example sheet", media: str = JSON, **query: str
) -> httpx.Response:
    body = content if isinstance(content, bytes) else to_json(content)
    return sides.client.post(
        IMPORTS,
        content=body,
        params={"source": source, **query},
        headers={"Authorization": f"Bearer {sides.curator}", "Content-Type": media},
    )


def ask(
    sides: Provided, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
) -> httpx.Response:
    return sides.ask(method, path, body, token=token or sides.curator, **headers)


def apply(sides: Provided, made: dict[str, Any], **more: Any) -> httpx.Response:
    return ask(sides, "POST", f"{IMPORTS}/{made['id']}/apply", {"digest": made["digest"], **more})


def as_sent(*submissions: OrganizationSubmission) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json", exclude_unset=True) for one in submissions]


def test_a_file_is_checked_looked_at_applied_and_undone(sides: Provided) -> None:
    sent = send(sides, ONE_ORGANIZATION)
    assert sent.status_code == 201, sent.text
    made = sent.json()
    assert made["state"] == "checked"
    assert (made["counts"]["added"], made["rows"]) == (2, 1)
    assert sent.headers["cache-control"] == "private, no-store"

    shown = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff").json()
    assert [one["kind"] for one in shown["results"]] == ["added", "added"]
    assert shown["total"] == 2

    done = apply(sides, made)
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    with sides.database.read() as session:
        found = session.exec(select(Service).where(Service.source_id == "example-advice-outreach")).one()
        assert found.record_state == "draft"

    undone = ask(sides, "POST", f"{IMPORTS}/{made['id']}/undo", {})
    assert undone.json()["state"] == "undone"
    with sides.database.read() as session:
        events = [one.action for one in newest_events(session, 3)]
    assert events == ["import_undone", "import_applied", "import_checked"]


def test_the_same_file_twice_is_the_same_import(sides: Provided) -> None:
    first, again = send(sides, ONE_ORGANIZATION), send(sides, ONE_ORGANIZATION)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert count(sides.database, "import_batch") == 1
    apply(sides, first.json())
    before = sides.stored()
    assert send(sides, ONE_ORGANIZATION).json()["id"] == first.json()["id"]
    assert apply(sides, first.json()).json()["state"] == "applied"
    assert {n: r for n, r in sides.stored().items() if n != "audit_event"} == {
        n: r for n, r in before.items() if n != "audit_event"
    }


def test_a_contact_needs_the_approval_of_another_person(sides: Provided) -> None:
    changed = as_sent(
        make_organization(make_service("a-open", phones=[{"number": "0808 157 0042"}]), key="organization-a")
    )
    made = send(sides, changed, source="test").json()
    waiting = apply(sides, made)
    assert (waiting.status_code, waiting.json()["state"]) == (202, "awaiting_second_person")
    assert {one["code"] for one in waiting.json()["needs_second_person"]} == {"contact"}
    before = count(sides.database, "phone")

    approve = f"{IMPORTS}/{made['id']}/approve"
    body = {"selection_digest": waiting.json()["selection_digest"]}
    assert_refused(sides.client.app, ask(sides, "POST", approve, body), 409, "conflict")
    second = second_curator(sides)
    wrong = ask(sides, "POST", approve, {"selection_digest": made["digest"]}, token=second)
    assert_refused(sides.client.app, wrong, 412, "precondition-failed")
    assert count(sides.database, "phone") == before
    assert ask(sides, "POST", approve, body, token=second).json()["state"] == "applied"
    assert count(sides.database, "phone") == before + 1
    sides.refresh()
    public = sides.client.get(f"/v1/services/{sides.a.open}").json()
    assert [one["number"] for one in public["phones"]] == ["0808 157 0042"]


def test_somebody_elses_ids_refuse_the_whole_file(sides: Provided) -> None:
    before = sides.stored()
    stolen = as_sent(make_organization(make_service(str(sides.a.open)), make_service("own"), key="b"))
    made = send(sides, stolen, source="Organization B").json()
    assert (made["state"], made["counts"]["problems"]) == ("refused", 1)
    told = ask(sides, "GET", f"{IMPORTS}/{made['id']}/problems").json()["results"]
    assert [(one["code"], one["pointer"]) for one in told] == [("of-another-source", "/0/services/0/key")]
    assert_refused(sides.client.app, apply(sides, made), 409, "conflict")
    changed = {name for name, rows in sides.stored().items() if rows != before[name]}
    assert changed == {"import_batch", "import_problem", "audit_event"}


@pytest.mark.parametrize("content", [b"[]", b"", b"   "])
def test_an_empty_file_is_refused(sides: Provided, content: bytes) -> None:
    before = sides.stored()
    assert_refused(sides.client.app, send(sides, content), 422, "empty-import")
    assert sides.stored() == before


def test_what_is_no_file_is_refused(sides: Provided) -> None:
    app = sides.client.app
    assert_refused(app, send(sides, ONE_ORGANIZATION, media="text/plain"), 415, "unsupported-media-type")
    assert_refused(app, send(sides, b"x" * 20_000_001, media="text/csv"), 413, "body-too-large")
    assert_refused(app, send(sides, ONE_ORGANIZATION, colour="red"), 422, "unknown-parameter")
    assert_refused(app, send(sides, ONE_ORGANIZATION, mapping="none such"), 422, "validation")
    without = sides.client.post(
        IMPORTS, content=b"[]", headers={"Authorization": f"Bearer {sides.curator}", "Content-Type": JSON}
    )
    assert_refused(app, without, 422, "validation")


def test_nobody_but_an_importer_gets_that_far(sides: Provided) -> None:
    for token in (sides.a.token, None):
        headers = {"Content-Type": JSON} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = sides.client.post(
            IMPORTS, content=to_json(ONE_ORGANIZATION), params={"source": "x"}, headers=headers
        )
        assert answer.status_code == (403 if token else 401)


def test_one_file_at_a_time(sides: Provided) -> None:
    with sides.client.app.state.import_reader.held():
        busy = send(sides, ONE_ORGANIZATION)
    assert_refused(sides.client.app, busy, 503, "import-busy")
    assert busy.headers["retry-after"]
    assert send(sides, ONE_ORGANIZATION).status_code == 201


def test_two_clicks_at_once_are_one_import(sides: Provided) -> None:
    answers: list[httpx.Response] = []

    def click() -> None:
        answers.append(send(sides, ONE_ORGANIZATION))

    clicks = [threading.Thread(target=click) for _ in range(3)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert {answer.status_code for answer in answers} <= {200, 201, 503}
    assert len({answer.json()["id"] for answer in answers if answer.status_code < 300}) == 1
    assert count(sides.database, "import_batch") == 1


def test_a_retry_with_the_same_key_is_answered_alike(sides: Provided) -> None:
    made = send(sides, ONE_ORGANIZATION).json()
    key = new_key()
    body = {"digest": made["digest"]}
    first = ask(sides, "POST", f"{IMPORTS}/{made['id']}/apply", body, Idempotency_Key=key)
    again = ask(sides, "POST", f"{IMPORTS}/{made['id']}/apply", body, Idempotency_Key=key)
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")


def test_lists_are_paged(sides: Provided) -> None:
    parties = as_sent(
        *(make_organization(make_service(f"s{n}"), key=f"o{n}", name=f"Example {n}") for n in range(3))
    )
    made = send(sides, parties).json()
    # Of two at one instant nobody is the newer one.
    sides.clock.now += timedelta(seconds=1)
    send(sides, ONE_ORGANIZATION)
    seen: list[str] = []
    cursor = ""
    page: dict[str, Any] = {}
    for _ in range(3):
        page = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff?limit=2{cursor}").json()
        seen += [one["key"] for one in page["results"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == ["o0", "s0", "o1", "s1", "o2", "s2"]
    first = ask(sides, "GET", f"{IMPORTS}?limit=1").json()
    assert first["total"] == 2
    assert (
        ask(sides, "GET", f"{IMPORTS}?limit=1&cursor={first['next']}").json()["results"][0]["id"]
        == made["id"]
    )
    wrong = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff?cursor={first['next']}")
    assert_refused(sides.client.app, wrong, 400, "cursor-invalid")


def test_the_difference_is_a_sheet_too(sides: Provided) -> None:
    made = send(sides, as_sent(make_organization(make_service("s", name="=1+1"), key="o"))).json()
    sheet = ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff.csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert '"\'=1+1"' in sheet.text
    assert sheet.text.startswith('"what","kind"')


def test_an_alias_says_what_a_key_is(sides: Provided) -> None:
    renamed = as_sent(make_organization(make_service("new-key", name="Example a-open"), key="organization-a"))
    made = send(sides, renamed, source="test").json()
    found = [
        one
        for one in ask(sides, "GET", f"{IMPORTS}/{made['id']}/diff").json()["results"]
        if one["kind"] == "added"
    ]
    assert [one["suggestion"] for one in found] == [str(sides.a.open)]
    alias = {"source": "test", "record_type": "service", "key": "new-key", "record_id": str(sides.a.open)}
    wrong = ask(sides, "POST", "/v1/curation/import-aliases", alias | {"source": "somebody else"})
    assert_refused(sides.client.app, wrong, 422, "validation")
    assert ask(sides, "POST", "/v1/curation/import-aliases", alias).status_code == 200
    again = send(sides, renamed, source="test").json()
    assert again["id"] != made["id"]
    assert again["counts"]["added"] == 0


def test_a_failing_disk_leaves_the_old_contents(sides: Provided) -> None:
    made = send(sides, ONE_ORGANIZATION).json()
    nothing = ask(sides, "POST", f"{IMPORTS}/{uuid4()}/apply", {"digest": made["digest"]})
    assert_refused(sides.client.app, nothing, 404, "not-found")


def test_refusing_is_the_end(sides: Provided) -> None:
    made = send(sides, ONE_ORGANIZATION).json()
    assert ask(sides, "POST", f"{IMPORTS}/{made['id']}/refuse", {}).json()["state"] == "refused"
    assert_refused(sides.client.app, apply(sides, made), 409, "conflict")


SHEET = """Organisation,Organization description,Service,What it does,Needs,Reach,Covers,Phone
Example Advice,An invented charity.,Example outreach,Somebody who listens.,casework_advocacy,outreach_area,Sandwell,0121 496 0007
Example Advice,,Example broken,Somebody who listens.,no such need,outreach_area,Sandwell,12
"""


def test_a_sheet_with_faults_tells_each_with_its_cell(sides: Provided) -> None:
    made = send(sides, SHEET.encode(), media="text/csv").json()
    assert made["state"] == "refused"
    told = ask(sides, "GET", f"{IMPORTS}/{made['id']}/problems").json()["results"]
    assert {(one["row"], one["column"]) for one in told if one["severity"] == "problem"} >= {
        (3, "Needs"),
        (3, "Phone"),
    }
    assert not [one for one in told if "no such need" in str(one)]


def test_a_review_later_than_a_year_is_a_fault_of_its_cell(sides: Provided) -> None:
    head, row, _ = SHEET.splitlines()
    sheet = f"{head},Source,Source 1 mark,Review by\n{row},Own page,confirmed,2093-11-30\n"
    made = send(sides, sheet.encode(), media="text/csv").json()
    assert made["state"] == "refused"
    told = ask(sides, "GET", f"{IMPORTS}/{made['id']}/problems")
    wrong = [one for one in told.json()["results"] if one["severity"] == "problem"]
    assert [(one["row"], one["column"]) for one in wrong] == [(2, "Review by")]
    assert "2093" not in told.text


def test_the_sheet_comes_back_with_notes_and_nothing_is_kept(sides: Provided) -> None:
    before = sides.stored()
    copy = sides.client.post(
        f"{IMPORTS}/notes", content=SHEET.encode(), params={"source": "x"},
        headers={"Authorization": f"Bearer {sides.curator}", "Content-Type": "text/csv"},
    )  # fmt: skip
    assert copy.status_code == 200, copy.text
    lines = copy.content.decode("utf-8-sig").splitlines()
    assert "Phone" in lines[2] or "Needs" in "".join(lines)
    assert sides.stored() == before


def test_columns_are_guessed_confirmed_and_saved(sides: Provided) -> None:
    guess = sides.client.post(
        "/v1/curation/import-mappings/guess", content=SHEET.encode(),
        headers={"Authorization": f"Bearer {sides.curator}", "Content-Type": "text/csv"},
    )  # fmt: skip
    assert guess.status_code == 200, guess.text
    saved = ask(sides, "POST", "/v1/curation/import-mappings", {"name": "Example", "mapping": guess.json()})
    assert saved.status_code == 200, saved.text
    assert ask(sides, "GET", "/v1/curation/import-mappings").json()["results"] == [saved.json()]
    good = "\n".join(SHEET.splitlines()[:2])
    assert send(sides, good.encode(), media="text/csv", mapping="Example").json()["state"] == "checked"


def test_the_template_is_handed_out_and_taken_back(sides: Provided) -> None:
    template = ask(sides, "GET", f"{IMPORTS}/template")
    assert template.status_code == 200
    made = send(sides, template.content, media=template.headers["content-type"])
    assert made.json()["state"] == "checked", made.text


@pytest.mark.parametrize("where", ["of the refuge", "of a way in that leads through it"])
def test_a_service_of_a_refuge_is_told_without_its_words(sides: Provided, where: str) -> None:
    text = "Behind 14 Hawthorn Road."
    through = {"key": "via", "name": "Via", "channel": "via_service", "via_service": "house", "notes": text}
    services = {
        "of the refuge": (make_refuge(description=text), make_service("house")),
        "of a way in that leads through it": (make_service(routes=[through]), make_refuge("house")),
    }[where]
    careless = as_sent(*(make_organization(one, key=f"of-{one.key}") for one in services))
    answer = send(sides, careless)
    told = ask(sides, "GET", f"{IMPORTS}/{answer.json()['id']}/problems")
    assert {one["code"] for one in told.json()["results"]} == {"confidential-fact"}
    assert "Hawthorn" not in told.text + answer.text
    assert not [row for rows in contents(sides.database).values() for row in rows if "Hawthorn" in row]


def test_searches_are_answered_while_a_file_is_read_and_compared(refusing: Provided) -> None:
    row = SHEET.splitlines()[1]
    rows = [
        row.replace("Example Advice", f"Example {n}").replace("outreach", f"outreach {n}")
        for n in range(4000)
    ]
    content = "\n".join([SHEET.splitlines()[0], *rows]).encode()
    sent: list[httpx.Response] = []
    sender = threading.Thread(target=lambda: sent.append(send(refusing, content, media="text/csv")))
    reader = refusing.client.app.state.import_reader
    sender.start()
    answered = 0
    while sender.is_alive():
        searched = refusing.client.post("/v1/services/search", json={"area": "E08000028"})
        assert searched.status_code == 200
        answered += reader.is_held
    sender.join()
    assert sent[0].status_code == 201, sent[0].text
    assert answered > 3


def test_a_workbook_that_would_fill_the_memory_is_refused_and_the_next_file_is_read(
    refusing: Provided,
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(150_000_000))
    refused = send(refusing, made.getvalue(), media=WORKBOOK)
    assert_refused(refusing.client.app, refused, 422, "archive-too-large")
    assert send(refusing, ONE_ORGANIZATION, source="after it").status_code == 201
