"""`/curator/`: a curator signs in, sees what waits, and does there what the API does, with the same two persons."""

import html
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select, update
from starlette.formparsers import MultiPartParser

from app.access.page_sessions import LIVES
from app.access.scopes import CURATOR_SCOPES
from app.curation.field_words import words_of
from app.geo.gazetteer import Gazetteer
from app.models.access import ApiKey
from app.models.audit import AuditEvent
from app.models.services import Service
from tests.api.checks import assert_private_problem
from tests.api.served import Client
from tests.curating import Curators
from tests.factories import SANDWELL, make_organization, make_service
from tests.officers import curator_key, published
from tests.providing import Provided
from tests.web.test_borough_map import plain
from tests.web.test_find_page import page
from tests.web.test_provider_page import OWN, hidden

COOKIE = "__Host-curator"


class Desk:
    """One curator's browser: it keeps the cookie, and sends forms as a page of ours does."""

    def __init__(self, client: Client, key: str) -> None:
        self.client = client
        answer = client.post("/curator/sign-in", data={"key": key}, headers=OWN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/curator/")
        self.session = answer.headers["set-cookie"].split(";")[0]

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers={"cookie": self.session})

    def send(self, path: str, *, at: str, **fields: str) -> httpx.Response:
        """The form at `path` of the page `at`, with what is hidden in it."""
        shown = self.get(at)
        form = re.search(rf'<form[^>]* action="{re.escape(path)}"[^>]*>(.*?)</form>', shown.text, re.DOTALL)
        known = {"form_token": hidden(shown, "form_token")}
        if form is not None:
            given = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form[1])
            known |= {name: html.unescape(value) for name, value in given}
        return self.client.post(path, data=known | fields, headers=OWN | {"cookie": self.session})


@pytest.fixture
def first(sides: Provided) -> Desk:
    return Desk(sides.client, curator_key(sides, *sorted(CURATOR_SCOPES)))


@pytest.fixture
def second(sides: Provided) -> Desk:
    return Desk(sides.client, curator_key(sides, *sorted(CURATOR_SCOPES - {"import:run"})))


def test_the_desk_says_which_texts_still_name_a_number_that_is_down(
    first: Desk, sides: Provided, gazetteer: Gazetteer
) -> None:
    service_id = published(
        sides,
        gazetteer,
        make_organization(make_service("named", description="Ring 0121 496 0178.")),
        key="named",
    )
    key = curator_key(sides, "directory:publish")
    body = {"reason": "wrong_contact", "phone": "+441214960178"}
    answer = sides.ask("POST", f"/v1/curation/services/{service_id}/take-down", body, token=key)
    assert answer.status_code == 200
    shown = first.get("/curator/takedowns").text
    assert f'<a href="/curator/services/{service_id}">/description</a>' in shown


def record(sides: Provided) -> str:
    return f"/curator/services/{sides.a.open}"


PAGES = [
    "/curator/",
    f"/curator/counted?need=safe_house&area={SANDWELL}",
    "/curator/proposals",
    "/curator/services",
    "/curator/takedowns",
    "/curator/keys",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_closed_without_a_session_and_kept_by_nobody(sides: Provided, path: str) -> None:
    answer = sides.client.get(path)
    assert answer.status_code == (200 if path == "/curator/" else 303)
    assert "Your key" in answer.text or answer.headers["location"] == "/curator/"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole(first: Desk, path: str) -> None:
    answer = first.get(path)
    assert answer.status_code == 200
    shown = page(answer)
    assert [tag for tag, _ in shown.tags].count("h1") == 1
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"


def test_keys_of_others_open_nothing(sides: Provided) -> None:
    for key in (sides.a.token, "", "nonsense"):
        answer = sides.client.post("/curator/sign-in", data={"key": key}, headers=OWN)
        assert answer.status_code in (401, 422)
        assert "set-cookie" not in answer.headers
    cross = sides.client.post(
        "/curator/sign-in", data={"key": sides.curator}, headers={"sec-fetch-site": "cross-site"}
    )
    assert cross.status_code == 403


def test_a_curator_sees_and_does_what_the_key_may(sides: Provided) -> None:
    narrow = Desk(sides.client, curator_key(sides, "proposals:review"))
    assert narrow.get("/curator/keys").status_code == 200
    assert "Make a key" not in narrow.get("/curator/keys").text
    before = sides.stored()
    refused = narrow.send(f"{record(sides)}/take-down", at=record(sides), reason="unsafe")
    assert refused.status_code == 403
    assert {name: rows for name, rows in sides.stored().items() if name != "page_session"} == {
        name: rows for name, rows in before.items() if name != "page_session"
    }


@pytest.mark.parametrize("spoilt", ["token", "page", "cookie"])
def test_a_form_is_taken_from_our_page_and_this_session_alone(
    sides: Provided, first: Desk, spoilt: str
) -> None:
    token = hidden(first.get(record(sides)), "form_token")
    headers = OWN | {"cookie": first.session}
    fields = {"form_token": token, "reason": "unsafe"}
    if spoilt == "token":
        fields["form_token"] = "0" * 64
    elif spoilt == "page":
        headers["sec-fetch-site"] = "cross-site"
    else:
        del headers["cookie"]
    answer = sides.client.post(f"{record(sides)}/take-down", data=fields, headers=headers)
    assert answer.status_code in (401, 403)
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 200


def test_one_action_takes_a_service_down_and_two_persons_put_it_back(
    sides: Provided, first: Desk, second: Desk
) -> None:
    assert first.send(f"{record(sides)}/take-down", at=record(sides), reason="unsafe").status_code == 303
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 404
    assert "Taken down" in page(first.get(record(sides))).words
    put_back = re.search(
        r'action="(/curator/takedowns/[0-9a-f-]+/put-back)"', first.get("/curator/takedowns").text
    )
    assert put_back is not None

    assert first.send(put_back[1], at="/curator/takedowns").status_code == 303
    again = first.send(put_back[1], at="/curator/takedowns")
    assert again.status_code == 403
    assert "Another person" in page(again).words
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 404

    assert second.send(put_back[1], at="/curator/takedowns").status_code == 303
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 200


def test_a_proposed_word_is_shown_beside_the_old_one_and_approved(sides: Provided, first: Desk) -> None:
    made = sides.ask(
        "POST",
        f"/v1/provider/services/{sides.a.open}/proposals",
        {"changes": {"description": "Other words."}},
    )
    at = f"/curator/proposals/{made.json()['id']}"
    assert at in first.get("/curator/").text
    assert "Other words." in page(first.get(at)).words

    assert first.send(f"{at}/approve", at=at).status_code == 303

    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").json()["description"] == "Other words."
    assert "approved" in page(first.get(at)).words
    history = page(first.get(record(sides))).words
    assert "Version 2" in history
    assert "Other words." in history


def test_a_number_takes_a_call_and_another_person(sides: Provided, first: Desk, second: Desk) -> None:
    before = sides.client.get(f"/v1/services/{sides.a.open}").json()["phones"]
    made = sides.ask(
        "POST",
        f"/v1/provider/services/{sides.a.open}/proposals",
        {"changes": {"phones": [{"number": "0808 157 0155"}]}},
    )
    at = f"/curator/proposals/{made.json()['id']}"
    number = re.search(r'<select id="number".*?<option value="([^"]*)"', first.get(at).text, re.S)
    called: dict[str, Any] = {
        "called_on": sides.clock.now.strftime("%Y-%m-%d"),
        "outcome": "confirmed",
        "number": number[1] if number else "",
    }
    early = first.send(f"{at}/approve", at=at)
    assert early.status_code in (403, 409)
    assert first.send(f"{at}/call-back", at=at, **called).status_code == 303
    own = first.send(f"{at}/approve", at=at)
    assert own.status_code == 403
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").json()["phones"] == before

    assert second.send(f"{at}/approve", at=at).status_code == 303

    sides.refresh()
    [phone] = sides.client.get(f"/v1/services/{sides.a.open}").json()["phones"]
    assert phone["number"] == "0808 157 0155"


def test_the_desk_shows_what_becomes_public_of_an_organization(sides: Provided, first: Desk) -> None:
    """Whoever presses the button has read the number that comes with it, and only then."""
    by = Curators(sides).named("Example Drafter")
    source = [{"mark": "confirmed", "source": "A call", "review_by": "2027-05-01"}]
    draft = make_service("example-drop-in").model_dump(mode="json", exclude_defaults=True)
    body = {"key": "example-charity", "name": "Example charity", "description": "Invented.", "assurance": source,
            "phones": [{"number": "0121 496 0178"}], "services": [draft | {"assurance": source}]}  # fmt: skip
    made = by.ask("POST", "/v1/curation/organizations", body)
    (service_id,) = made.json()["service_ids"]
    by.step(service_id, "send_for_approval")
    record = f"/curator/services/{service_id}"
    shown = plain(first.get(record).text)
    assert "Approving makes Example charity public as well" in shown
    assert "0121 496 0178" in shown
    assert first.send(f"{record}/step", at=record, step="approve").status_code == 303
    assert "public as well" not in plain(first.get(record).text)


def test_who_saw_an_older_version_is_told_and_nothing_is_done(sides: Provided, first: Desk) -> None:
    answer = first.send(f"{record(sides)}/step", at=record(sides), step="pause", version='"0"')
    assert answer.status_code == 412
    assert page(answer).all("div")
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 200


def test_a_key_is_shown_in_the_answer_to_its_form_and_nowhere_else(sides: Provided, first: Desk) -> None:
    made = first.send(
        "/curator/keys",
        at="/curator/keys",
        label="Example desk",
        organization_id=str(sides.a.organization_id),
        days="2",
    )
    assert made.status_code == 200
    [token] = set(re.findall(r"<code>(ssd_test_p_[0-9A-Za-z_]+)</code>", made.text))
    assert f"/provider/#{token}" in made.text
    assert "data:image/svg+xml" in made.text
    assert token not in first.get("/curator/keys").text
    assert sides.ask("GET", "/v1/provider/me", token=token).status_code == 200

    # Loaded again, the page makes no second one.
    asked = {"label": "Example desk", "organization_id": str(sides.a.organization_id)}
    again = first.send("/curator/keys", at="/curator/keys", **asked)
    assert again.status_code == 409
    assert "One with this name is in force" in page(again).words
    assert "ssd_test_p_" not in again.text
    asked["organization_id"] = str(sides.b.organization_id)
    assert first.send("/curator/keys", at="/curator/keys", **asked).status_code == 200

    key_id = token.split("_")[3]
    assert first.send(f"/curator/keys/{key_id}/revoke", at="/curator/keys").status_code == 303
    assert sides.ask("GET", "/v1/provider/me", token=token).status_code == 401


def test_a_phone_is_enrolled_by_a_link_from_the_desk_and_ended_there(sides: Provided, first: Desk) -> None:
    made = first.send("/curator/devices", at="/curator/keys", label="Example phone 3")
    link = re.search(r"/officer/enrol#(ssd_test_l_[0-9A-Za-z_]+)", made.text)
    assert link is not None
    assert first.send("/curator/devices", at="/curator/keys", label="Example phone 3").status_code == 409
    token = sides.client.post("/v1/officer/devices/enrol", json={"code": link[1]}).json()["token"]
    search = {"area": "E08000028"}
    assert sides.ask("POST", "/v1/officer/services/search", search, token=token).status_code == 200
    device = token.split("_")[3]
    assert first.send(f"/curator/devices/{device}/revoke", at="/curator/keys").status_code == 303
    assert sides.ask("POST", "/v1/officer/services/search", search, token=token).status_code == 401
    assert first.send("/curator/devices", at="/curator/keys", label="Example phone 3").status_code == 200


def test_half_an_hour_without_a_request_ends_the_session(sides: Provided, first: Desk) -> None:
    sides.clock.now += LIVES["curator"].idle
    answer = first.get("/curator/")
    assert answer.status_code == 401
    assert "Sign in again" in page(answer).words


def test_signing_out_is_for_good(sides: Provided, first: Desk) -> None:
    assert first.send("/curator/sign-out", at="/curator/").status_code == 303
    assert first.get("/curator/").status_code == 401


def test_what_is_done_at_the_desk_is_in_the_audit_log(sides: Provided, first: Desk) -> None:
    first.send(f"{record(sides)}/take-down", at=record(sides), reason="unsafe")
    with sides.database.read() as session:
        done = session.exec(select(AuditEvent.action).order_by(AuditEvent.seq)).all()  # type: ignore[arg-type]
    assert done[-2:] == ["signed_in", "taken_down"]


def test_words_of_others_are_text_and_nothing_more(sides: Provided, first: Desk) -> None:
    hostile = "<img src=x onerror=alert(1)> {{ 7 * 7 }}"
    made = sides.ask(
        "POST", f"/v1/provider/services/{sides.a.open}/proposals", {"changes": {"description": hostile}}
    )
    answer = first.get(f"/curator/proposals/{made.json()['id']}")
    assert "<img src=x" not in answer.text
    assert hostile in page(answer).text


def test_the_map_of_the_board_says_what_its_cells_say(sides: Provided, first: Desk) -> None:
    sides.report(sides.a.open, status="limited", available=1)
    sides.refresh()
    board = sides.ask("GET", "/v1/curation/insight", token=sides.curator).json()
    for need in ("casework_advocacy", "safe_house", "helpline"):
        [row] = [row for row in board["board"] if row["need"] == need]
        answer = first.get(f"/curator/?need={need}")
        assert [one["value"] for one in page(answer).all("option") if "selected" in one] == [need]
        rows = [
            f"{name['name']} {cell['text']}"
            for name, cell in zip(board["boroughs"], row["cells"], strict=True)
        ]
        assert " ".join(rows) in plain(answer.text)


def test_without_a_need_the_map_says_how_many_are_missing(sides: Provided, first: Desk) -> None:
    board = sides.ask("GET", "/v1/curation/insight", token=sides.curator).json()
    sandwell = next(n for n, one in enumerate(board["boroughs"]) if one["code"] == SANDWELL)
    marks = [row["cells"][sandwell]["mark"] for row in board["board"]]
    for path in ("/curator/", "/curator/?need=canary", "/curator/?need="):
        answer = first.get(path)
        said = f"Sandwell {marks.count('!!')} without a service !!, {marks.count('!')} with none free !"
        assert said in plain(answer.text)
        assert "canary" not in answer.text


def test_every_cell_of_the_board_leads_to_what_it_counts(sides: Provided, first: Desk) -> None:
    sides.report(sides.a.open, status="limited", available=1)
    sides.refresh()
    board = sides.ask("GET", "/v1/curation/insight", token=sides.curator).json()
    shown = first.get("/curator/").text
    names = {one["code"]: one["name"] for one in board["boroughs"]}
    cells = [(row, cell) for row in board["board"] for cell in row["cells"]]
    links = {html.unescape(one) for one in re.findall(r'href="(/curator/counted[^"]*)"', shown)}
    assert links == {
        f"/curator/counted?need={row['need']}&area={cell['area_code']}"
        for row, cell in cells
        if cell["services"]
    }
    assert {cell["services"] for _, cell in cells} > {0}, "some have nothing to lead to"
    for row, cell in cells:
        if cell["area_code"] != SANDWELL:
            continue
        path = f"/curator/counted?need={row['need']}&area={SANDWELL}"
        answer = first.get(path)
        told = f"{row['name']} in {names[SANDWELL]}: {cell['free']} free of {cell['services']}"
        assert told in page(answer).words
        assert len(re.findall(r'href="/curator/services/[0-9a-f-]{36}"', answer.text)) == cell["services"]
        if cell["services"]:
            assert (
                f"{cell['text']} {row['name']} in {names[SANDWELL]}: list of services"
                in page(first.get("/curator/")).words
            )


def test_the_list_behind_a_cell_says_of_a_refuge_what_the_public_sees(sides: Provided, first: Desk) -> None:
    sides.report(sides.a.refuge, status="limited", available=1)
    sides.refresh()
    words = page(first.get(f"/curator/counted?need=safe_house&area={SANDWELL}")).words
    assert "ring to ask about places (always, because it is confidential)" in words
    assert "few places left" not in words


@pytest.mark.parametrize(
    "query", ["", "need=canary&area=E08000028", "need=safe_house&area=canary", "area=E08000028"]
)
def test_there_is_no_list_of_what_the_board_does_not_count(sides: Provided, first: Desk, query: str) -> None:
    answer = first.get(f"/curator/counted?{query}")
    assert answer.status_code == 404
    assert "canary" not in answer.text
    assert sides.client.get(f"/curator/counted?{query}").headers["location"] == "/curator/"


def test_a_long_session_ends(sides: Provided, first: Desk) -> None:
    steps = 0
    while first.get("/curator/").status_code == 200:
        sides.clock.now += LIVES["curator"].idle - timedelta(minutes=1)
        sides.client.app.state.last_used.flush()
        steps += 1
        assert steps < 40
    assert steps > 1


@pytest.mark.parametrize("cookie", [None, "nonsense", "ssd_test_s_000000000000_" + "0" * 49])
def test_nothing_of_a_file_is_read_for_a_stranger(
    sides: Provided, monkeypatch: pytest.MonkeyPatch, cookie: str | None
) -> None:
    read = []
    monkeypatch.setattr(MultiPartParser, "parse", lambda _: read.append("a file"))
    headers = OWN | ({"cookie": f"{COOKIE}={cookie}"} if cookie else {})
    answer = sides.client.post("/curator/imports", files={"file": b"x"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/curator/")
    assert read == []


@pytest.mark.parametrize(
    "body", [f"digest={'0' * 65}", "&".join(f"a{number}=1" for number in range(2001)), "only=" + "0" * 37]
)
def test_a_form_of_an_import_that_is_none_is_refused(first: Desk, body: str) -> None:
    headers = OWN | {"cookie": first.session, "content-type": "application/x-www-form-urlencoded"}
    path = "/curator/imports/00000000-0000-4000-8000-000000000000/apply"
    assert first.client.post(path, content=body, headers=headers).status_code == 422


def test_a_key_that_opens_the_page_is_in_use(sides: Provided, first: Desk) -> None:
    first.get("/curator/")
    sides.client.app.state.last_used.flush()
    with sides.database.read() as session:
        used = session.exec(select(ApiKey.last_used_at).where(ApiKey.key_type == "curator")).all()
    assert sides.clock.now in used


def test_whoever_comes_too_late_reads_that_nothing_was_done(sides: Provided, first: Desk) -> None:
    shown = first.get(record(sides))
    token = hidden(shown, "form_token")
    sides.clock.now += LIVES["curator"].idle + timedelta(minutes=11)
    headers = OWN | {"cookie": first.session}
    fields = {"form_token": token, "reason": "unsafe"}
    answer = sides.client.post(f"{record(sides)}/take-down", data=fields, headers=headers)
    assert answer.status_code == 401
    assert "Nothing was done. Sign in again." in page(answer).words


@pytest.mark.parametrize("days", ["1e1", "-5", "0"])
def test_a_key_never_lives_longer_than_was_asked(sides: Provided, first: Desk, days: str) -> None:
    asked = {"label": "Example", "organization_id": str(sides.a.organization_id), "days": days}
    answer = first.send("/curator/keys", at="/curator/keys", **asked)
    assert answer.status_code == 422


def test_a_record_that_was_spoilt_in_the_database_is_told_by_its_fields(sides: Provided, first: Desk) -> None:
    with sides.database.write() as session:
        spoilt = {"url": "canary:nothing", "email": "canary"}
        session.exec(update(Service).where(col(Service.id) == sides.a.open).values(**spoilt))
    answer = first.get(record(sides))
    assert answer.status_code == 409
    words = page(answer).words
    assert "This record cannot be shown" in words
    assert {f"{words_of(name)}: not valid" in words for name in ("url", "email")} == {True}
    told = sides.ask("GET", f"/v1/curation/services/{sides.a.open}", token=sides.curator)
    assert_private_problem(sides.client.app, told, 409, "stored-record-invalid")
    assert {one["pointer"] for one in told.json()["errors"]} == {"/url", "/email"}
    assert "canary" not in answer.text + told.text


def test_one_number_is_taken_down_at_the_desk(sides: Provided, first: Desk, gazetteer: Gazetteer) -> None:
    organization = make_organization(
        make_service(
            "numbers",
            description="Ring 0121 496 0188.",
            phones=[{"number": "0121 496 0188"}, {"number": "0121 496 0189"}],
        ),
        key="organization-numbers",
    )
    service_id = published(sides, gazetteer, organization, key="numbers")
    theirs = make_organization(
        make_service("theirs", phones=[{"number": "0121 496 0188"}]), key="organization-theirs"
    )
    other_id = published(sides, gazetteer, theirs, key="theirs")
    at = f"/curator/services/{service_id}"
    offered = re.findall(r'<option value="(phone [^"]+)"', first.get(at).text)
    assert offered == ["phone +441214960188", "phone +441214960189"]
    sent = first.send(f"{at}/take-down", at=at, reason="wrong_contact", part=offered[0])
    assert sent.status_code == 303
    sides.refresh()
    told = sides.client.get(f"/v1/services/{service_id}").json()
    assert [one["number"] for one in told["phones"]] == ["0121 496 0189"]
    assert "0188" not in told["description"]
    listed = first.get("/curator/takedowns").text
    assert "/description" in listed
    assert "Other organizations still have it." in listed
    assert f'<a href="/curator/services/{other_id}">phones 0</a>' in listed
    for wrong in ("phone +441214960190", "nothing", "note x"):
        refused = first.send(f"{at}/take-down", at=at, reason="wrong_contact", part=wrong)
        assert refused.status_code in (400, 422), wrong


def test_a_record_that_was_spoilt_can_be_taken_down(sides: Provided, first: Desk) -> None:
    with sides.database.write() as session:
        spoilt = {"email": "canary", "fees_description": ""}
        session.exec(update(Service).where(col(Service.id) == sides.a.open).values(**spoilt))
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 200
    sent = first.send(f"{record(sides)}/take-down", at=record(sides), reason="unsafe")
    assert sent.status_code == 303
    assert "canary" not in sent.text
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}").status_code == 404
