"""Keys over HTTP: every row of the abuse matrix about keys, on both engines."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.access.keys import KeyType, MadeKey, revoke_key
from app.access.people import suspend_organization
from app.api.problems import ProblemShape
from app.db import Database
from app.models.access import ApiKey
from tests.access.office import ENROL, KEYS, OWN_ROTATION, PEOPLE, Office, bearer
from tests.api.checks import assert_declared
from tests.factories import contents, make_organization, make_service
from tests.statements import counted_statements

CURATORS = (KEYS, PEOPLE)


def refused(office: Office, response: httpx.Response, status: int, slug: str) -> ProblemShape:
    """A problem that tells nothing, is kept by nobody, and is declared."""
    assert response.status_code == status, response.text[:300]
    problem = ProblemShape.model_validate_json(response.content)
    assert problem.type.endswith(f"/problems/{slug}")
    assert "999" in [line.phone for line in problem.always]
    assert "ssd_" not in response.text.replace("ssd_<", "")
    if response.request.url.path.startswith(("/v1/curation/", "/v1/provider/", "/v1/officer/")):
        assert response.headers["cache-control"] == "private, no-store"
        assert "access-control-allow-origin" not in response.headers
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert_declared(office.client.app, response.request, status, slug)
    return problem


def owned(office: Office) -> Database:
    """The application's database, not the tests' own."""
    found: Database = office.client.app.state.database
    return found


# 182


def test_no_key_or_another_scheme_is_401(office: Office) -> None:
    token = office.token("curator")
    for header in (
        None,
        "",
        "Bearer",
        "Basic dXNlcjpwYXNz",
        token,
        f"Token {token}",
        "Bearer ",
        f"Bearer{token}",
    ):
        headers = {} if header is None else {"authorization": header}
        for path in CURATORS:
            refused(office, office.client.get(path, headers=headers), 401, "unauthenticated")


def test_the_scheme_is_read_in_any_case(office: Office) -> None:
    token = office.token("curator")
    for scheme in ("Bearer", "bearer", "BEARER", "bEaReR"):
        assert office.client.get(KEYS, headers={"authorization": f"{scheme} {token}"}).status_code == 200


def test_two_authorization_headers_are_400(office: Office) -> None:
    line = ("authorization", f"Bearer {office.token('curator')}")
    refused(office, office.client.get(KEYS, headers=[line, line]), 400, "malformed")


# 183


ADDRESSES = ["/v1/services", "/health/live", KEYS, "/v1/nothing", "/find"]


NAMES = ("api_key", "apikey", "api-key", "access_token", "API_KEY", "x-api-key")


def test_a_key_in_the_query_is_never_taken(office: Office) -> None:
    token = office.token("curator")
    for number, (path, name) in enumerate(product(ADDRESSES, NAMES)):
        # From an address each: this is not about how many.
        here = {"address": f"203.0.113.{number}"}
        for value in (token, "somebody-elses"):
            response = office.get(path, token, params={name: value}, extensions=here)
            refused(office, response, 401, "key-in-url")


def test_a_key_under_any_name_or_in_the_path_is_never_taken(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    made = office.make("curator")
    token = made.token.text
    escaped = token.replace("_", "%5F")
    capsys.readouterr()
    for target in (
        f"/v1/services?text={token}",
        f"/v1/services?{token}",
        f"/v1/{token}",
        f"/{token}/x",
        f"/find?a={escaped}",
        f"/v1/{escaped}",
    ):
        response = office.client.get("/", extensions={"target": target.encode()})
        assert response.status_code == 401, target
        assert response.json()["type"].endswith("/problems/key-in-url")
    logged = capsys.readouterr().out
    assert made.token.public_id in logged
    assert token not in logged
    assert token[24:67] not in logged
    assert {line["event"] for line in map(json.loads, logged.splitlines())} == {"key_misplaced", "request"}


def test_a_real_key_in_an_address_is_marked_and_a_made_up_one_is_not(office: Office) -> None:
    made, untouched = office.make(), office.make()
    office.client.get("/v1/services", params={"api_key": made.token.text})
    # Right in form and checksum, with the id of another key: anybody can make that.
    forged = office.secrets.again("provider", untouched.token.public_id)
    office.client.get("/v1/services", params={"api_key": forged.text})
    keys = {one["id"]: one for one in office.get(KEYS, office.token("curator")).json()["results"]}
    assert keys[made.token.public_id]["exposed_at"] is not None
    assert keys[untouched.token.public_id]["exposed_at"] is None
    assert office.post(OWN_ROTATION, made.token.text).status_code == 201, "it lives until it is rotated"


def test_a_key_in_a_body_is_never_taken(office: Office) -> None:
    curator = office.token("curator")
    for path in (KEYS, "/v1/services/search", "/v1/place", ENROL):
        made = office.make()
        response = office.post(path, curator, {"label": f"my key: {made.token.text}"})
        refused(office, response, 401, "key-in-url")
        with office.database.read() as session:
            assert session.get_one(ApiKey, made.token.public_id).exposed_at is not None


# 184


def test_what_has_not_the_form_of_a_key_never_reaches_the_database(office: Office) -> None:
    token = office.token("curator")
    wrong = [
        token[:-1], token + "0", token[:-1] + ("0" if token[-1] != "0" else "1"), token.replace("ssd_", "sdd_"),
        token.replace("_test_", "_live_"), token.replace("_c_", "_p_"), "x", "a" * 9000, "ssd_test_c__", "ключ",
    ]  # fmt: skip
    database = owned(office)
    with counted_statements(database._reader, database._writer) as statements:
        for text in wrong:
            response = office.client.get(KEYS, headers={b"authorization": b"Bearer " + text.encode()})
            assert response.status_code in (401, 429)
        assert statements == []
        # The control: one of the right form is looked up.
        unknown = office.secrets.new("curator").text
        assert office.get(KEYS, unknown).status_code in (401, 429)
        assert len([one for one in statements if "api_key" in one]) == 1


# 186, 192


def test_every_key_that_is_not_in_force_gets_the_very_same_answer(office: Office) -> None:
    revoked, short, of_clinic = (
        office.make(),
        office.make(lifetime=timedelta(days=1)),
        office.make(organization_id=office.clinic),
    )
    for made in (revoked, short, of_clinic):
        assert office.post(OWN_ROTATION, made.token.text, {"overlap_days": 99}).status_code == 422
    with office.database.write() as session:
        revoke_key(session, revoked.token.public_id, with_successors=False, act=office.act())
        suspend_organization(session, office.clinic, office.act())
    office.later(days=1)
    tokens = {
        "revoked": revoked.token.text,
        "expired": short.token.text,
        "suspended": of_clinic.token.text,
        "unknown": office.secrets.new("provider").text,
        "no key": "x",
        "link": office.secrets.new("link").text,
    }
    answers = {}
    for name, token in tokens.items():
        response = office.post(OWN_ROTATION, token)
        refused(office, response, 401, "unauthenticated")
        body = response.json()
        del body["request_id"]
        answers[name] = (body, set(response.headers))
    assert all(answer == answers["unknown"] for answer in answers.values())


def test_a_key_that_ends_while_the_body_is_coming_does_nothing_and_reads_nothing(office: Office) -> None:
    wanted = {"key_type": "provider", "label": "Example", "organization_id": str(office.shelter)}
    bodies: dict[str, tuple[KeyType, Any]] = {
        KEYS: ("curator", wanted),
        "/v1/officer/services/search": ("officer", {"postcode": "B69 3DE"}),
        "/v1/curation/imports?source=test": (
            "curator",
            [make_organization(make_service("one")).model_dump(mode="json", exclude_unset=True)],
        ),
    }
    for path, (kind, body) in bodies.items():

        def slowly(made: MadeKey, text: bytes) -> Iterator[bytes]:
            yield text[:9]
            with office.database.write() as session:
                revoke_key(session, made.token.public_id, with_successors=False, act=office.act())
            yield text[9:]

        for is_slow in (False, True):
            made, text = office.make(kind), json.dumps(body).encode()
            headers = bearer(made.token.text) | {"Content-Type": "application/json"}
            answer = office.client.post(
                path, headers=headers, content=slowly(made, text) if is_slow else text
            )
            if is_slow:
                refused(office, answer, 401, "unauthenticated")
            else:
                assert answer.is_success


def test_a_key_without_the_scope_is_403(office: Office) -> None:
    for kind in ("provider", "officer"):
        refused(office, office.get(KEYS, office.token(kind)), 403, "forbidden")
    lesser = office.token("curator", scopes=frozenset({"officer:read", "audit:read"}))
    refused(office, office.get(KEYS, lesser), 403, "forbidden")
    refused(office, office.post(OWN_ROTATION, office.token("curator")), 403, "forbidden")


# 188


def test_two_who_rotate_the_same_key_at_once_get_one_successor(office: Office) -> None:
    made = office.make()
    by = [office.token("curator"), office.token("curator", person_id=office.person("Example Colleague"))]
    path = f"{KEYS}/{made.token.public_id}/rotate"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: office.post(path, by[number % 2]), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    for answer in answers:
        if answer.status_code == 409:
            refused(office, answer, 409, "conflict")


# 189


def test_a_key_with_a_scope_above_ones_own_is_403(office: Office) -> None:
    lesser = office.token("curator", scopes=frozenset({"keys:admin"}))
    wanted = {"key_type": "provider", "label": "Example", "organization_id": str(office.shelter)}
    refused(office, office.post(KEYS, lesser, wanted | {"scopes": ["directory:publish"]}), 403, "forbidden")
    refused(office, office.post(KEYS, office.token(), wanted), 403, "forbidden")
    full = office.token("curator")
    curator = {"key_type": "curator", "label": "Example", "person_id": str(office.curator)}
    refused(office, office.post(KEYS, full, curator), 403, "forbidden")
    problem = refused(office, office.post(KEYS, full, wanted | {"scopes": ["audit:read"]}), 422, "validation")
    assert [error.pointer for error in problem.errors] == ["/scopes"]


# 191


def test_bad_keys_are_throttled_and_good_ones_are_not(office: Office) -> None:
    good = office.token("curator")
    here, there = {"address": "198.51.100.7"}, {"address": "203.0.113.9"}
    statuses = [office.get(KEYS, "x", extensions=here).status_code for _ in range(30)]
    assert statuses == [401] * 10 + [429] * 20
    problem = office.get(KEYS, office.secrets.new("curator").text, extensions=here)
    refused(office, problem, 429, "too-many-requests")
    assert 1 <= int(problem.headers["retry-after"]) <= 60
    assert office.get(KEYS, "x", extensions=there).status_code == 401
    assert office.get(KEYS, good, extensions=there).status_code == 200
    # A whole force sits behind one address: somebody's broken script locks nobody out.
    assert office.get(KEYS, good, extensions=here).status_code == 200


# Making, listing, revoking


def test_a_new_key_works_at_once_and_is_shown_once(office: Office) -> None:
    curator = office.token("curator")
    wanted = {
        "key_type": "provider",
        "label": "Example system",
        "organization_id": str(office.shelter),
        "service_ids": [str(office.services[office.shelter][0])],
        "scopes": ["capacity:write"],
        "lifetime_days": 30,
    }
    response = office.post(KEYS, curator, wanted)
    assert response.status_code == 201
    assert response.headers["cache-control"] == "private, no-store"
    made = response.json()
    assert made["expires_at"] == "2026-12-25T10:20:30Z"
    listed = office.get(KEYS, curator)
    [row] = [one for one in listed.json()["results"] if one["id"] == made["id"]]
    assert {name: row[name] for name in wanted if name != "lifetime_days"} == {
        name: value for name, value in wanted.items() if name != "lifetime_days"
    }
    assert (row["state"], row["owner"], row["created_by"][:8]) == ("active", "Example shelter", "curator:")
    assert made["token"] not in listed.text
    assert office.post(OWN_ROTATION, made["token"]).status_code == 201


def test_a_provider_rotates_its_own_key(office: Office) -> None:
    old = office.make()
    made = office.post(OWN_ROTATION, old.token.text, {"overlap_days": 14}).json()
    assert made["rotated_from"] == old.token.public_id
    assert made["old_key_expires_at"] == "2026-12-09T10:20:30Z"
    refused(office, office.post(OWN_ROTATION, old.token.text), 409, "conflict")
    assert office.post(OWN_ROTATION, made["token"], {"overlap_days": 0}).status_code == 201
    refused(office, office.post(OWN_ROTATION, made["token"]), 401, "unauthenticated")


def test_revoking_over_http(office: Office) -> None:
    curator, made = office.token("curator"), office.make()
    path = f"{KEYS}/{made.token.public_id}/revoke"
    assert office.post(path, curator).json() == {"revoked": [made.token.public_id]}
    assert office.post(path, curator).json() == {"revoked": []}
    refused(office, office.post(OWN_ROTATION, made.token.text), 401, "unauthenticated")
    for unknown in ("0" * 12, "x", str(uuid4())):
        refused(office, office.post(f"{KEYS}/{unknown}/revoke", curator), 404, "not-found")
        refused(office, office.post(f"{KEYS}/{unknown}/rotate", curator), 404, "not-found")


def test_a_bootstrap_key_makes_the_first_curator_key_and_nothing_else(office: Office) -> None:
    bootstrap = office.token("bootstrap")
    mine = {"key_type": "curator", "label": "Example", "person_id": str(office.curator)}
    somebody = mine | {"person_id": str(office.person("Example Colleague"))}
    provider = {"key_type": "provider", "label": "Example", "organization_id": str(office.shelter)}
    for wanted in (somebody, provider):
        refused(office, office.post(KEYS, bootstrap, wanted), 403, "forbidden")
    ended = f"{KEYS}/{office.make().token.public_id}/revoke"
    refused(office, office.post(ended, bootstrap), 403, "forbidden")
    made = office.post(KEYS, bootstrap, mine)
    assert made.status_code == 201
    assert office.get(KEYS, made.json()["token"]).status_code == 200
    refused(office, office.post(KEYS, bootstrap, mine), 401, "unauthenticated")


def test_a_bootstrap_key_works_once_however_many_try(office: Office) -> None:
    bootstrap = office.token("bootstrap")
    mine = {"key_type": "curator", "label": "Example", "person_id": str(office.curator)}
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: office.post(KEYS, bootstrap, mine).status_code, range(6)))
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 401, 409}


def test_a_bootstrap_key_is_refused_once_a_curator_can_act(office: Office) -> None:
    bootstrap = office.token("bootstrap")
    office.make("curator", person_id=office.person("Example Colleague"))
    mine = {"key_type": "curator", "label": "Example", "person_id": str(office.curator)}
    refused(office, office.post(KEYS, bootstrap, mine), 409, "conflict")


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"label": "\u202etxt"}, "validation"),
    ({"label": ""}, "validation"),
    ({"label": "a" * 201}, "validation"),
    ({"lifetime_days": True}, "validation"),
    ({"lifetime_days": "5"}, "validation"),
    ({"lifetime_days": 366}, "validation"),
    ({"lifetime_days": 0}, "validation"),
    ({"organization_id": "x"}, "validation"),
    ({"organization_id": None}, "validation"),
    ({"scopes": ["root"]}, "validation"),
    ({"scopes": []}, "validation"),
    ({"service_ids": [str(uuid4())] * 201}, "validation"),
    ({"created_by": "host"}, "unknown-member"),
    ({"expires_at": "2099-01-01T00:00:00Z"}, "unknown-member"),
]


def test_a_wrong_body_is_told_by_field_and_changes_nothing(office: Office) -> None:
    curator = office.token("curator")
    good = {"key_type": "provider", "label": "Example", "organization_id": str(office.shelter)}
    before = contents(office.database)["api_key_scope"]
    for changed, slug in BAD_BODIES:
        refused(office, office.post(KEYS, curator, good | changed), 422, slug)
    assert contents(office.database)["api_key_scope"] == before
    assert office.post(KEYS, curator, good).status_code == 201


def test_addresses_take_no_parameters(office: Office) -> None:
    curator = office.token("curator")
    for path in CURATORS:
        refused(office, office.get(path, curator, params={"limit": 5}), 422, "unknown-parameter")
    refused(office, office.post(f"{KEYS}?a=b", curator, {"key_type": "provider"}), 422, "unknown-parameter")


def test_a_body_is_looked_at_only_after_the_key(office: Office) -> None:
    headers = {"content-type": "application/json"}
    refused(office, office.client.post(KEYS, content=b"{", headers=headers), 401, "unauthenticated")
    response = office.client.post(KEYS, content=b"{", headers=headers | bearer(office.token("curator")))
    refused(office, response, 400, "malformed")


def test_people_are_listed_and_added_only_on_the_host(office: Office) -> None:
    curator = office.token("curator")
    [person] = office.get(PEOPLE, curator).json()["results"]
    assert (person["id"], person["name"], person["disabled_at"]) == (
        str(office.curator),
        "Example Curator",
        None,
    )
    assert office.post(PEOPLE, curator, {"name": "Example Colleague"}).status_code == 405
