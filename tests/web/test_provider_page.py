"""`/provider/`: who gets in, what a thumb can do there, and that nobody else can do it."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.access.keys import revoke_key
from app.access.page_sessions import LIVES
from app.capacity.reporting import add_reports
from app.models.access import PageSession
from app.models.audit import AuditEvent
from tests.capacity.making import contradiction
from tests.officers import curator_key, device, officer_key
from tests.providing import Provided, act_of_the_host, capacity_of
from tests.web.test_find_page import page

COOKIE = "__Host-provider"
OWN = {"sec-fetch-site": "same-origin"}
A_MICROSECOND = timedelta(microseconds=1)


def sign_in(sides: Provided, key: str | None = None, **headers: str) -> httpx.Response:
    sent = headers or OWN
    return sides.client.post("/provider/sign-in", data={"key": key or sides.a.token}, headers=sent)


def signed_in(sides: Provided, key: str | None = None) -> str:
    answer = sign_in(sides, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/provider/")
    kept = answer.headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(kept.split("; "))
    return kept.split(";")[0].removeprefix(f"{COOKIE}=")


def shown(sides: Provided, session: str | None) -> httpx.Response:
    return sides.client.get("/provider/", headers={"cookie": f"{COOKIE}={session}"} if session else {})


def hidden(answer: httpx.Response, name: str, service_id: UUID | None = None) -> str:
    """A hidden field of the page, of the forms of one service."""
    text = answer.text
    if service_id is not None:
        text = text[text.index(f'id="s-{service_id}"') :]
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None
    return html.unescape(found[1])


def _version(at: httpx.Response, service_id: UUID) -> str:
    """Another organization's service is not on the page: then any version."""
    return hidden(at, "version", service_id) if f'id="s-{service_id}"' in at.text else '"0"'


def send(sides: Provided, session: str, act: str, service_id: UUID, **changed: Any) -> httpx.Response:
    """What a form of the page sends, unless `changed` or `headers` makes it another."""
    at = shown(sides, session)
    fields = {
        "form_token": hidden(at, "form_token"),
        "version": changed.pop("version", None) or _version(at, service_id),
    }
    headers = changed.pop("headers", OWN)
    if act == "report":
        fields |= {
            "unit": "bed_space",
            "applies_to": "anyone",
            "status": "limited",
            "available": "2",
            "maximum": "4",
        }
    return sides.client.post(
        f"/provider/services/{service_id}/{act}",
        data=fields | changed,
        headers=headers | {"cookie": f"{COOKIE}={session}"},
    )


def test_without_a_session_there_is_only_the_way_in(sides: Provided) -> None:
    answer = shown(sides, None)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "Example" not in page(answer).words
    assert sides.client.get("/provider?key=x").headers["location"] == "/provider/"


def test_a_key_opens_the_services_of_its_organization_and_of_no_other(sides: Provided) -> None:
    answer = shown(sides, signed_in(sides))
    assert {
        UUID(one) for one in re.findall(r'<section class="card" id="s-([0-9a-f-]+)"', answer.text)
    } == set(sides.a.services.values())
    limited = sides.key(sides.a, service_ids=frozenset({sides.a.open}))
    assert str(sides.a.refuge) not in shown(sides, signed_in(sides, limited)).text


@pytest.mark.parametrize(
    "kind", ["nothing", "nonsense", "officer", "curator", "device", "revoked", "session"]
)
def test_no_other_key_opens_it(sides: Provided, kind: str) -> None:
    session = signed_in(sides)
    makers: dict[str, Callable[[], str]] = {
        "nothing": str,
        "nonsense": lambda: "x" * 199,
        "officer": lambda: officer_key(sides),
        "curator": lambda: curator_key(sides, "capacity:telephone"),
        "device": lambda: device(sides),
        "session": lambda: session,
        "revoked": lambda: revoked(sides),
    }
    key = makers[kind]()
    answer = sides.client.post("/provider/sign-in", data={"key": key}, headers=OWN)
    assert answer.status_code in (401, 422)
    assert "set-cookie" not in answer.headers
    assert "Sign in again" in page(answer).words
    assert not key or key not in answer.text


def revoked(sides: Provided) -> str:
    key = sides.key(sides.a)
    with sides.database.write() as session:
        revoke_key(session, key.split("_")[3], with_successors=False, act=act_of_the_host(sides.clock.now))
    return key


def test_guesses_at_keys_are_counted_and_the_page_says_so(sides: Provided) -> None:
    answers = [sign_in(sides, f"ssd_test_p_{number:012d}_{'0' * 49}") for number in range(12)]
    assert answers[-1].status_code == 429
    assert "Too many tries" in page(answers[-1]).words
    assert answers[-1].headers["retry-after"]


def test_without_a_script_the_whole_link_is_pasted(sides: Provided) -> None:
    answer = sign_in(sides, f" http://localhost/provider/#{sides.a.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/provider/")


def test_another_sites_form_signs_nobody_in(sides: Provided) -> None:
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.example"},
        {"accept": "*/*"},
    ):
        assert sign_in(sides, **headers).status_code == 403


def test_a_figure_is_saved_shown_and_taken_back(sides: Provided) -> None:
    session = signed_in(sides)
    assert send(sides, session, "report", sides.a.open).headers["location"] == f"/provider/#s-{sides.a.open}"

    own = sides.ask("GET", capacity_of(sides.a.open)).json()
    (figure,) = own["figures"]
    assert (figure["status"], figure["available"], figure["maximum"], figure["source"]) == (
        "limited",
        2,
        4,
        "page",
    )
    assert figure["reported_by"] == f"provider:{sides.a.token.split('_')[3]}"
    saved = page(shown(sides, session)).words
    assert "The public now sees: ◐ few places left" in saved
    assert "Saved" in saved
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.open}/capacity").json()["capacity"]["status"] == "limited"

    assert send(sides, session, "undo", sides.a.open).status_code == 303
    assert sides.ask("GET", capacity_of(sides.a.open)).json()["public"]["status"] == "unknown"
    assert "Saved" not in page(shown(sides, session)).words
    # What says nothing any more is not said again.
    assert "Nothing changed" in saved
    assert "Nothing changed" not in page(shown(sides, session)).words


def test_nothing_changed_makes_a_figure_fresh_again(sides: Provided) -> None:
    session = signed_in(sides)
    send(sides, session, "report", sides.a.open)
    sides.clock.now += timedelta(hours=11)
    assert "11 h ago" in page(shown(sides, session)).words

    assert send(sides, session, "confirm", sides.a.open).status_code == 303

    assert "You last told us this hour" in page(shown(sides, session)).words


def test_a_figure_that_nobody_sees_any_more_is_not_said_to_hold(sides: Provided) -> None:
    session = signed_in(sides)
    send(sides, session, "report", sides.a.open, applies_to="women")
    assert "Holds until Wed 25 Nov, 22:00" in page(shown(sides, session)).words
    sides.clock.now += A_MICROSECOND

    send(sides, session, "report", sides.a.open, status="full", available="0")

    said = page(shown(sides, session)).words
    assert said.count("Holds until") == 1
    assert "Nobody sees this any more: by what you told of anyone, there is no place." in said


def test_who_saw_an_older_state_is_shown_the_newer_one(sides: Provided) -> None:
    session = signed_in(sides)
    old = hidden(shown(sides, session), "version", sides.a.open)
    sides.clock.now += A_MICROSECOND
    assert sides.report(status="full", available=0).status_code == 200
    sides.clock.now += A_MICROSECOND

    for act in ("report", "confirm", "undo"):
        late = send(sides, session, act, sides.a.open, version=old)
        assert late.status_code == 412
        assert "Somebody else saved something meanwhile" in page(late).words
    assert sides.ask("GET", capacity_of(sides.a.open)).json()["public"]["status"] == "full"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", ""), ("status", "canary"), ("available", "-1"), ("available", "²"), ("available", "9"),
        ("maximum", "1_0"), ("unit", "canary"), ("applies_to", "canary"), ("version", " "), ("available", "99999999"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(sides: Provided, field: str, value: str) -> None:
    session = signed_in(sides)
    before = sides.stored()
    answer = send(sides, session, "report", sides.a.open, **{field: value})
    assert answer.status_code in (422, 428)
    assert "canary" not in answer.text
    assert sides.stored() == before


@pytest.mark.parametrize(
    ("status", "available", "field", "said"),
    [
        ("full", "3", "available", "Free now: 0 or nothing, because with this status nobody is taken."),
        ("closed_temporarily", "3", "available", "Free now: 0 or nothing"),
        ("waiting_list", "3", "available", "Free now: 0 or nothing"),
        ("limited", "0", "status", "Status: with none free, choose another"),
        ("limited", "9", "available", "Free now: not more than in the field “Of”"),
        ("", "3", "status", "Status: choose one"),
        ("limited", "-1", "available", "Free now: a whole number up to 10,000, or nothing"),
    ],
)
def test_what_contradicts_itself_is_said_in_the_words_of_the_form_which_keeps_what_was_typed(
    *, sides: Provided, status: str, available: str, field: str, said: str
) -> None:
    session = signed_in(sides)
    send(sides, session, "report", sides.a.open)
    sides.clock.now += A_MICROSECOND
    before = sides.stored()

    answer = send(sides, session, "report", sides.a.open, status=status, available=available)

    assert answer.status_code == 422
    found = page(answer)
    assert f"Not saved. What you typed stands below: put it right and save it again. {said}" in found.words
    of_form = f"f1-{sides.a.open}"
    assert f'<a href="#{of_form}-{field}">' in answer.text
    tags = {tag["id"]: tag for kind in ("input", "fieldset") for tag in found.all(kind) if tag.get("id")}
    assert tags[f"{of_form}-{field}"]["aria-describedby"] == "errors"
    assert tags[f"{of_form}-available"]["value"] == available
    (form,) = re.findall(rf'{of_form}-status".*?</fieldset>', answer.text, re.S)
    assert re.findall(r'value="(\w+)"[^>]* checked', form) == ([status] if status else [])
    assert sides.stored() == before


def test_what_was_typed_about_another_figure_stands_in_its_form_again(sides: Provided) -> None:
    session = signed_in(sides)
    answer = send(sides, session, "report", sides.a.open, unit="class_place", applies_to="men", status="full")
    assert f'<a href="#n-{sides.a.open}-available">' in answer.text
    section = answer.text.split(f'id="n-{sides.a.open}-unit"')[1]
    assert re.findall(r'<option value="(\w+)" selected', section)[:2] == ["class_place", "men"]


def test_a_number_that_contradicted_its_status_is_not_offered_again(sides: Provided) -> None:
    with sides.database.write() as link:
        add_reports(link, [contradiction(sides.a.open, now=sides.clock.now)])
    tags = page(shown(sides, signed_in(sides))).all("input")
    assert [tag["value"] for tag in tags if tag.get("id") == f"f1-{sides.a.open}-available"] == [""]


def test_the_refuge_shows_what_the_public_is_told_of_it(sides: Provided) -> None:
    session = signed_in(sides)
    assert send(sides, session, "report", sides.a.refuge, status="full", available="0").status_code == 303
    section = shown(sides, session).text.split(f'id="s-{sides.a.refuge}"')[1]
    assert "ring to ask about places" in section
    assert "always, because it is confidential" in section


def test_nothing_of_b_can_be_touched_with_a_session_of_a(sides: Provided) -> None:
    session = signed_in(sides)
    before = sides.stored()
    for act in ("report", "confirm", "undo"):
        for service_id in (sides.b.open, sides.b.refuge, UUID(int=3)):
            answer = send(sides, session, act, service_id)
            assert answer.status_code == 404
    assert sides.stored() == before


@pytest.mark.parametrize("act", ["report", "confirm", "undo"])
def test_a_form_needs_its_token_its_session_and_our_page(sides: Provided, act: str) -> None:
    session, other = signed_in(sides), signed_in(sides, sides.b.token)
    send(sides, session, "report", sides.a.open)
    sides.clock.now += A_MICROSECOND
    before = sides.stored()
    foreign = hidden(shown(sides, other), "form_token")
    assert send(sides, session, act, sides.a.open, form_token="").status_code == 403
    assert send(sides, session, act, sides.a.open, form_token=foreign).status_code == 403
    assert send(sides, session, act, sides.a.open, headers={"sec-fetch-site": "same-site"}).status_code == 403
    assert send(sides, session, act, sides.a.open, headers={}).status_code == 403
    nobody = sides.client.post(
        f"/provider/services/{sides.a.open}/{act}",
        data={"version": '"1"', "unit": "bed_space", "status": "full"}
        if act == "report"
        else {"version": '"1"'},
        headers=OWN,
    )
    assert nobody.status_code == 401
    assert sides.stored() == before


def test_a_key_that_may_not_report_shows_no_forms(sides: Provided) -> None:
    session = signed_in(sides, sides.key(sides.a, scopes=frozenset({"service:propose"})))
    answer = shown(sides, session)
    assert "Nothing changed" not in answer.text
    assert send(sides, session, "report", sides.a.open, version='"1"').status_code == 403


@pytest.mark.parametrize("how", ["key revoked", "signed out", "idle", "over", "forged"])
def test_a_session_ends(sides: Provided, how: str) -> None:
    key = sides.key(sides.a)
    session = signed_in(sides, key)
    assert "Your services" in page(shown(sides, session)).words
    if how == "key revoked":
        with sides.database.write() as link:
            revoke_key(link, key.split("_")[3], with_successors=False, act=act_of_the_host(sides.clock.now))
    elif how == "signed out":
        token = hidden(shown(sides, session), "form_token")
        left = sides.client.post(
            "/provider/sign-out", data={"form_token": token}, headers=OWN | {"cookie": f"{COOKIE}={session}"}
        )
        assert (left.status_code, left.headers["location"]) == (303, "/provider/")
    elif how == "idle":
        sides.clock.now += LIVES["provider"].idle
    elif how == "over":
        for _ in range(3):
            sides.clock.now += LIVES["provider"].idle - timedelta(hours=1)
            shown(sides, session)
            sides.client.app.state.last_used.flush()
    else:
        session = session[:-1] + ("0" if session[-1] != "0" else "1")
    answer = shown(sides, session)
    assert answer.status_code == 401
    assert "Sign in again" in page(answer).words
    assert "Your services" not in page(answer).words


def test_what_is_stored_of_a_session_signs_nobody_in_and_what_it_did_is_written_down(sides: Provided) -> None:
    session = signed_in(sides)
    send(sides, session, "report", sides.a.open)
    with sides.database.read() as link:
        (row,) = link.exec(select(PageSession))
        assert session not in repr(row.model_dump())
        assert row.key_id == sides.a.token.split("_")[3]
        done = link.exec(select(AuditEvent.action, AuditEvent.actor_id).order_by(AuditEvent.seq)).all()  # type: ignore[arg-type]
    assert done[-2:] == [("signed_in", row.key_id), ("capacity_reported", row.key_id)]


def test_signing_in_again_ends_what_this_browser_held_and_nothing_elsewhere(sides: Provided) -> None:
    key, others_key = sides.key(sides.a), sides.key(sides.b)
    elsewhere, here = signed_in(sides, key), signed_in(sides, key)

    again = sign_in(sides, others_key, **OWN, cookie=f"{COOKIE}={here}")

    assert again.status_code == 303
    assert shown(sides, here).status_code == 401
    assert shown(sides, elsewhere).status_code == 200
    now_held = again.headers["set-cookie"].partition(";")[0].removeprefix(f"{COOKIE}=")
    assert shown(sides, now_held).status_code == 200
    with sides.database.read() as link:
        events = link.exec(select(AuditEvent).order_by(col(AuditEvent.seq))).all()
    ended, made = events[-2:]
    assert (ended.action, ended.entity_id) == ("signed_out", here.split("_")[3])
    assert (made.action, made.entity_id) == ("signed_in", now_held.split("_")[3])
    # Whoever signed in did both.
    assert ended.actor_id == made.actor_id == others_key.split("_")[3]


def test_a_sign_in_that_is_refused_ends_nothing(sides: Provided) -> None:
    here = signed_in(sides)
    assert sign_in(sides, "nonsense", **OWN, cookie=f"{COOKIE}={here}").status_code == 401
    assert shown(sides, here).status_code == 200


@pytest.mark.parametrize("held", ["forged", "nonsense", "a key", "over"])
def test_what_is_no_session_in_the_cookie_does_not_keep_anybody_out(sides: Provided, held: str) -> None:
    here = signed_in(sides)
    cookies = {
        "forged": here[:-1] + ("0" if here[-1] != "0" else "1"),
        "nonsense": "x" * 4000,
        "a key": sides.b.token,
        "over": here,
    }
    if held == "over":
        send(sides, here, "confirm", sides.a.open)
        token = hidden(shown(sides, here), "form_token")
        sides.client.post(
            "/provider/sign-out", data={"form_token": token}, headers=OWN | {"cookie": f"{COOKIE}={here}"}
        )
    assert sign_in(sides, **OWN, cookie=f"{COOKIE}={cookies[held]}").status_code == 303
    if held == "forged":
        assert shown(sides, here).status_code == 200
    with sides.database.read() as link:
        actions = link.exec(select(AuditEvent.action)).all()
    assert actions.count("signed_out") == (1 if held == "over" else 0)


def test_sessions_at_the_curators_desk_are_short() -> None:
    assert LIVES["curator"].idle <= timedelta(minutes=30)
    assert LIVES["curator"].longest <= timedelta(hours=8)


@pytest.mark.parametrize("act", ["report", "confirm", "undo"])
def test_whoever_comes_back_to_an_old_page_reads_that_nothing_was_saved(sides: Provided, act: str) -> None:
    session = signed_in(sides)
    at = shown(sides, session)
    fields = {"form_token": hidden(at, "form_token"), "version": hidden(at, "version", sides.a.open)}
    if act == "report":
        fields |= {"unit": "bed_space", "status": "limited"}
    sides.clock.now += LIVES["provider"].idle + timedelta(hours=1)
    before = sides.stored()

    sent = OWN | {"cookie": f"{COOKIE}={session}"}
    answer = sides.client.post(f"/provider/services/{sides.a.open}/{act}", data=fields, headers=sent)

    assert answer.status_code == 401
    words = page(answer).words
    assert "Nothing was saved. Sign in again." in words
    assert "Your key, or your link" in words
    left = sides.client.post("/provider/sign-out", data={"form_token": fields["form_token"]}, headers=sent)
    assert left.status_code == 401
    assert "Sign in again." in page(left).words
    assert sides.stored() == before


def test_a_cookie_of_another_room_is_no_session_that_is_over(sides: Provided) -> None:
    answer = sides.client.get("/provider/", headers={"cookie": "__Host-device=ssd_test_d_nonsense"})
    assert answer.status_code == 200
    assert "Sign in again" not in page(answer).words
