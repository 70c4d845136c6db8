"""Officers' devices: a link works once and for minutes, a session until it is idle, old or revoked, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.access.devices import SESSION_IDLE, SESSION_LIVES, authenticate_device
from app.access.keys import revoke_key
from app.access.left_in_force import left_in_force
from app.access.principals import Principal
from app.errors import Unauthenticated
from tests.access.office import DEVICES, ENROL, KEYS, OWN_ROTATION, Office
from tests.access.test_key_routes import refused
from tests.factories import contents


def link(office: Office, **wanted: object) -> dict[str, str]:
    response = office.post(DEVICES, office.token("curator"), {"label": "Example phone"} | wanted)
    assert response.status_code == 201
    made: dict[str, str] = response.json()
    return made


def session_of(office: Office, code: str) -> str:
    response = office.post(ENROL, None, {"code": code})
    assert response.status_code == 201
    token: str = response.json()["token"]
    return token


def is_taken(office: Office, token: str) -> bool:
    try:
        with office.database.read() as session:
            authenticate_device(session, office.secrets, office.secrets.read(token), now=office.clock.now)
    except Unauthenticated:
        return False
    return True


def test_a_link_makes_a_session_that_may_read_as_an_officer(office: Office) -> None:
    made = link(office)
    assert made["link"].endswith(f"/officer/enrol#{made['code']}"), "behind # it is sent to nobody"
    token = session_of(office, made["code"])
    with office.database.read() as session:
        holder = authenticate_device(
            session, office.secrets, office.secrets.read(token), now=office.clock.now
        )
    assert holder == Principal(kind="device", id=made["id"], scopes=frozenset({"officer:read"}))
    # It is taken as a key is, and may do no more than it may.
    refused(office, office.get(KEYS, token), 403, "forbidden")


def test_a_link_works_once(office: Office) -> None:
    made = link(office)
    token = session_of(office, made["code"])
    refused(office, office.post(ENROL, None, {"code": made["code"]}), 401, "unauthenticated")
    assert is_taken(office, token), "who came second ends nobody's session"


def test_a_link_ends_with_the_key_that_made_it_and_what_went_before_is_told(office: Office) -> None:
    curator = office.make("curator")
    by = curator.token.text
    first, second = (office.post(DEVICES, by, {"label": label}).json() for label in ("in use", "in waiting"))
    phone = session_of(office, first["code"])
    wanted = {"key_type": "provider", "label": "Example", "organization_id": str(office.shelter)}
    made = office.post(KEYS, by, wanted).json()
    office.later(minutes=1)
    rotated = office.post(OWN_ROTATION, made["token"], {"overlap_days": 0}).json()
    office.token("provider")
    with office.database.write() as session:
        revoke_key(session, curator.token.public_id, with_successors=False, act=office.act())

    refused(office, office.post(ENROL, None, {"code": second["code"]}), 401, "unauthenticated")

    assert is_taken(office, phone)
    with office.database.read() as session:
        left = left_in_force(session, office.curator, now=office.clock.now)
    assert [(key.public_id, owner) for key, owner in left.keys] == [(rotated["id"], "Example shelter")]
    assert [one.public_id for one in left.devices] == [first["id"]]


def test_of_many_who_come_with_one_link_one_is_enrolled(office: Office) -> None:
    made = link(office)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: office.post(ENROL, None, {"code": made["code"]}), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 5


def test_a_link_ends_after_its_minutes(office: Office) -> None:
    short, long = link(office, link_minutes=1), link(office)
    office.later(minutes=1)
    refused(office, office.post(ENROL, None, {"code": short["code"]}), 401, "unauthenticated")
    session_of(office, long["code"])


def test_every_code_that_is_none_gets_the_very_same_answer(office: Office) -> None:
    revoked = link(office)
    office.post(f"{DEVICES}/{revoked['id']}/revoke", office.token("curator"), None)
    token = session_of(office, link(office)["code"])
    answers = []
    for code in (
        revoked["code"],
        office.secrets.new("link").text,
        "x",
        office.secrets.new("link").text[:-1] + "_",
    ):
        problem = refused(office, office.post(ENROL, None, {"code": code}), 401, "unauthenticated")
        answers.append(problem.model_dump(exclude={"request_id"}))
    assert all(answer == answers[0] for answer in answers)
    # A session or a key is no link, and a body is no place for it.
    refused(office, office.post(ENROL, None, {"code": token}), 401, "key-in-url")


def test_guessed_codes_are_throttled_with_bad_keys(office: Office) -> None:
    here = {"address": "198.51.100.7"}
    codes = [office.secrets.new("link").text for _ in range(6)]
    statuses = [office.post(ENROL, None, {"code": code}, extensions=here).status_code for code in codes]
    statuses += [office.get(KEYS, "x", extensions=here).status_code for _ in range(6)]
    assert statuses == [401] * 10 + [429] * 2
    made = link(office)
    assert office.post(ENROL, None, {"code": made["code"]}, extensions=here).status_code == 201


def test_a_code_is_no_key(office: Office) -> None:
    refused(office, office.get(KEYS, link(office)["code"]), 401, "unauthenticated")


def test_a_session_ends_when_it_is_idle(office: Office) -> None:
    token = session_of(office, link(office)["code"])
    office.clock.now += SESSION_IDLE - timedelta(microseconds=1)
    assert is_taken(office, token)
    office.later(microseconds=1)
    assert not is_taken(office, token)


def test_a_session_that_is_used_ends_with_its_time(office: Office) -> None:
    token = session_of(office, link(office)["code"])
    ends_at = office.clock.now + SESSION_LIVES
    while office.clock.now + timedelta(days=13) < ends_at:
        office.later(days=13)
        assert office.get(KEYS, token).status_code == 403
        office.client.app.state.last_used.flush()
    office.clock.now = ends_at - timedelta(microseconds=1)
    assert is_taken(office, token)
    office.later(microseconds=1)
    assert not is_taken(office, token)


def test_a_revoked_device_is_refused_at_once(office: Office) -> None:
    curator = office.token("curator")
    made = link(office)
    token = session_of(office, made["code"])
    for _ in range(2):
        answer = office.client.post(
            f"{DEVICES}/{made['id']}/revoke", headers={"authorization": f"Bearer {curator}"}
        )
        assert answer.json()["state"] == "revoked"
    refused(office, office.get(KEYS, token), 401, "unauthenticated")
    refused(office, office.client.post(f"{DEVICES}/{'0' * 12}/revoke", headers={"authorization": f"Bearer {curator}"}), 404, "not-found")  # fmt: skip


def test_devices_are_listed_without_what_they_hold(office: Office) -> None:
    curator = office.token("curator")
    waiting, enrolled = link(office), link(office, label="Example tablet")
    token = session_of(office, enrolled["code"])
    listed = office.get(DEVICES, curator)
    states = {one["label"]: (one["id"], one["state"]) for one in listed.json()["results"]}
    assert states == {
        "Example phone": (waiting["id"], "waiting"),
        "Example tablet": (enrolled["id"], "active"),
    }
    office.later(minutes=15)
    assert {one["state"] for one in office.get(DEVICES, curator).json()["results"]} == {
        "link_expired",
        "active",
    }
    stored = str(contents(office.database))
    for secret in (token, waiting["code"], enrolled["code"]):
        assert secret not in listed.text
        assert secret[24:67] not in stored


def test_only_who_may_enrol_makes_links(office: Office) -> None:
    for token in (
        office.token(),
        office.token("officer"),
        office.token("curator", scopes=frozenset({"keys:admin"})),
    ):
        refused(office, office.post(DEVICES, token, {"label": "Example phone"}), 403, "forbidden")
        refused(office, office.get(DEVICES, token), 403, "forbidden")
    refused(office, office.post(DEVICES, None, {"label": "Example phone"}), 401, "unauthenticated")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE officer_device SET session_mac = NULL WHERE session_mac IS NOT NULL",
        "UPDATE officer_device SET session_expires_at = enrolled_at WHERE session_mac IS NOT NULL",
        "UPDATE officer_device SET link_expires_at = created_at",
        "UPDATE officer_device SET enrolled_at = session_expires_at WHERE session_mac IS NOT NULL",
        "UPDATE officer_device SET link_mac = ''",
    ],
)
def test_the_database_refuses_half_a_session(office: Office, statement: str) -> None:
    session_of(office, link(office)["code"])
    with pytest.raises(IntegrityError), office.database.write() as session:
        session.connection().execute(text(statement))
