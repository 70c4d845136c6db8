"""The surface of HTTP: parameters, methods, hosts, sizes, headers and the permission to be read by any page."""

import re

import pytest

from app.api.edge import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES
from tests.api.addresses import FIXED, OGC, POSTED, readable, service_ids
from tests.api.checks import assert_problem, everything_said
from tests.api.served import Client

LISTS = ["/v1/services", "/v1/organizations", "/v1/areas", "/v1/changes"]
STRICT = [*(path for path in FIXED if path.startswith(("/v1/", "/health/", "/openapi.json", "/problems/")))]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("path", STRICT)
@pytest.mark.parametrize(
    "query",
    ["callback=canary_function", "q=canary", "needs=canary", "Postcode=B1+1BB", "limit[]=5", "limit%5B%5D=5",
     "a%5Bb%5D=canary", "=canary", "canary", "page=1", "_=1764064800", "limit%00=5", "%E2%80%AElimit=5", "&&canary=1"],
)  # fmt: skip
def test_an_unknown_parameter_is_refused(client: Client, path: str, query: str) -> None:
    assert_problem(client.app, client.get(f"{path}?{query}"), 422, "unknown-parameter")


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("query", ["postcode=B1+1BB", "callback=canary", "key=canary", "x"])
def test_a_post_takes_no_parameters(client: Client, path: str, query: str) -> None:
    assert_problem(client.app, client.post(f"{path}?{query}", json=POSTED[path]), 422, "unknown-parameter")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("values", [("5", "6"), ("5", "5"), ("5", ""), ("canary", "canary")])
def test_a_parameter_that_is_sent_twice_is_refused(
    client: Client, path: str, values: tuple[str, str]
) -> None:
    query = "&".join(f"limit={value}" for value in values)
    problem = assert_problem(client.app, client.get(f"{path}?{query}"), 422, "duplicate-parameter")
    assert [error.pointer for error in problem.errors] == ["/limit"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("separated", ["limit=5;cursor=canary", "limit=5,6", "limit=5%266"])
def test_other_separators_are_not_read(client: Client, path: str, separated: str) -> None:
    assert_problem(client.app, client.get(f"{path}?{separated}"), 422, "validation")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "-1",
        "101",
        "100000",
        "1_0",
        "5.0",
        "1e1",
        "",
        "five",
        "0x5",
        "5%0A",
        "%D9%A5",
        "+5",
        "true",
        "9" * 40,
    ],
)
def test_a_limit_is_not_clamped(client: Client, path: str, limit: str) -> None:
    problem = assert_problem(client.app, client.get(f"{path}?limit={limit}"), 422, "validation")
    assert [error.pointer for error in problem.errors] == ["/limit"]


@pytest.mark.parametrize("path", LISTS)
def test_a_hundred_parameters_are_too_many(client: Client, path: str) -> None:
    assert_problem(
        client.app, client.get(f"{path}?" + "&".join(f"p{n}=1" for n in range(100))), 422, "unknown-parameter"
    )


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "broken",
    [
        "limit=%zz",
        "limit=%",
        "limit=%5",
        "%zz=1",
        "limit=5%",
        "limit=%ff",
        "limit=%c0%ae",
        "limit=%ed%a0%80",
        "limit=%80",
    ],
)
def test_a_query_that_is_no_utf_8_is_refused(client: Client, path: str, broken: str) -> None:
    response = client.get("http://localhost/", extensions={"target": f"{path}?{broken}".encode()})
    assert_problem(client.app, response, 422, "validation")


METHODS = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "FOO",
    "QUERY",
]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_is_not_offered_is_told_which_are(client: Client, method: str) -> None:
    offered = {path: {"GET", "HEAD"} for path in readable(client)} | {path: {"POST"} for path in POSTED}
    for path in ("/find", "/oruk/services", "/oruk/service_at_locations"):
        offered[path] = {"GET", "HEAD", "POST"}
    for path, allowed in offered.items():
        if method not in allowed:
            response = client.request(method, path)
            assert_problem(client.app, response, 405, "method-not-allowed")
            assert set(re.split(r",\s*", response.headers["allow"])) == allowed


def test_head_gives_the_headers_of_get_and_no_body(client: Client) -> None:
    for path in readable(client):
        got, headed = client.get(path), client.head(path)
        assert (got.status_code, headed.status_code) == (200, 200)
        assert headed.content == b""
        changing = {"x-request-id", "date"}
        assert {n: v for n, v in headed.headers.items() if n not in changing} == {
            n: v for n, v in got.headers.items() if n not in changing
        }


def test_head_of_a_problem_gives_its_headers_and_no_body(client: Client) -> None:
    for path in ("/v1/nothing", "/v1/services?canary=1", "/v1/areas/E00000000", "/v1/services/search"):
        got, headed = client.get(path), client.head(path)
        assert got.status_code == headed.status_code >= 400
        assert headed.content == b""
        assert headed.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    "path",
    [*(f"{path}/" for path in [*FIXED, *POSTED] if path != "/" and "assets" not in path and path not in OGC), "//", "//evil.example", "/v1", "/v1/", "/V1/services", "/v1/service",
     "/v1//services", "/./v1/services", "/v1/services/../areas", "/v1/services/..%2f..%2fetc/passwd", "/v1/areas/..%2f",
     "/static/..%2fpages.py", "/static/%2e%2e/pages.py", "/static/pages.css%00", "/docs/assets/..%2f..%2f__init__.py",
     "/docs/assets/../../pyproject.toml", "/docs/assets/", "/docs/assets/swagger", "/problems/..%2f", "/problems/nothing",      "/v1/areas/E0800002%35%36", "/v1/areas/E08000028%00", "/v1/areas/e08000028", "/v1/areas/%FF", "/v1/areas/%c0%ae", "/metrics",
     "/health", "/health/detail", "/admin", "/.env", "/.git/config", "/v1/services/canary-id", "/v1/services/00000000-0000-0000-0000-000000000000",
     "/v1/services/%7B00000000-0000-0000-0000-000000000000%7D", "/v1/services/00000000-0000-0000-0000-000000000000/capacity",
     "/v1/organizations/00000000-0000-0000-0000-000000000000", "/v1/organizations/x", "/v1/services/00000000-0000-0000-0000-000000000000/canary"],
)  # fmt: skip
def test_what_is_not_there_is_not_found_and_nobody_is_sent_elsewhere(client: Client, path: str) -> None:
    response = client.get("http://localhost/", extensions={"target": path.encode()})
    assert_problem(client.app, response, 404, "not-found")
    assert "location" not in response.headers


HOSTS = ["evil.example", "localhost.evil.example", "localhost:8000@evil.example", "evil.example:8000", "", " ", "localhost:", "localhost:x", "127.0.0.1.", "[::1", "0", "127.1", "localhost, evil.example", "локалхост".encode().decode("latin-1")]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/v1/services", "/v1/services/", "/v1/nothing", "/find", "/health/live"])
def test_another_host_is_not_answered_for(client: Client, host: str, path: str) -> None:
    response = client.get(path, headers=[(b"host", host.encode("latin-1"))])
    assert_problem(client.app, response, 421, "misdirected")
    assert "location" not in response.headers
    if host.strip():
        assert "evil" not in everything_said(response)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:8000"]
)
def test_its_own_hosts_are_answered_for(client: Client, host: str) -> None:
    assert client.get("/health/live", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "hosts", [("localhost", "evil.example"), ("evil.example", "localhost"), ("localhost", "localhost")]
)
def test_two_hosts_are_one_too_many(client: Client, hosts: tuple[str, str]) -> None:
    response = client.get("/v1/services", headers=[("host", host) for host in hosts])
    assert_problem(client.app, response, 400, "malformed")


def test_the_address_may_be_8_kib_and_no_longer(client: Client) -> None:
    path = "/v1/areas"
    room = MAX_TARGET_BYTES - len(path)
    assert_problem(client.app, client.get(f"{path}?{'x' * room}"), 422, "unknown-parameter")
    assert_problem(client.app, client.get(f"{path}?{'x' * (room + 1)}"), 414, "uri-too-long")
    assert_problem(client.app, client.get(f"/{'x' * MAX_TARGET_BYTES}"), 414, "uri-too-long")


def test_headers_have_a_number_and_a_size(client: Client) -> None:
    few = len(client.build_request("GET", "/v1/areas").headers)
    many = {f"x-{number}": "canary" for number in range(MAX_HEADERS - few)}
    assert client.get("/v1/areas", headers=many).status_code == 200
    assert_problem(
        client.app, client.get("/v1/areas", headers=many | {"x-more": "1"}), 431, "headers-too-large"
    )
    large = {"x-large": "c" * MAX_HEADER_BYTES}
    assert_problem(client.app, client.get("/v1/areas", headers=large), 431, "headers-too-large")


@pytest.mark.parametrize(
    "span", ["bytes=0-10", "bytes=-1", "bytes=999999999-", "items=0-5", "bytes=0-0,5-6", "canary"]
)
def test_a_range_of_json_is_the_whole(client: Client, span: str) -> None:
    whole = client.get("/v1/areas")
    response = client.get("/v1/areas", headers={"range": span})
    assert (response.status_code, response.content) == (200, whole.content)
    assert "content-range" not in response.headers


@pytest.mark.parametrize(
    "accept", ["application/xml", "text/html", "image/*;q=0", "*/*", "", "canary", "application/json;q=0"]
)
def test_the_answer_is_json_whatever_is_accepted(client: Client, accept: str) -> None:
    # RFC 9110, section 12.5.1 leaves the choice between 406 and this; an answer helps more.
    response = client.get("/v1/areas", headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")


def test_a_get_with_a_body_is_answered_as_one_without(client: Client) -> None:
    plain = client.get("/v1/areas")
    for body in (b'{"postcode": "B69 3DE"}', b"x" * 100_000):
        assert client.request("GET", "/v1/areas", content=body).content == plain.content


ORIGINS = [
    "https://council.example",
    "null",
    "https://localhost.evil.example",
    "http://localhost",
    "https://evil.example\u00e9",
]


@pytest.mark.parametrize("origin", ORIGINS)
def test_any_page_may_read_but_without_credentials(client: Client, origin: str) -> None:
    headers = {"origin": origin.encode("latin-1"), "cookie": "canary=1", "authorization": "Bearer canary"}
    for path in [*readable(client), "/v1/nothing", "/v1/services?x=1"]:
        response = client.get(path, headers=headers)  # type: ignore[arg-type]
        assert response.headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-credentials" not in response.headers
        assert "set-cookie" not in response.headers


PREFLIGHT = {"origin": "https://council.example", "access-control-request-method": "POST"}


@pytest.mark.parametrize("path", ["/v1/services/search", "/v1/place", "/v1/services", "/v1/nothing"])
def test_a_preflight_allows_a_search_and_no_authorization(client: Client, path: str) -> None:
    asked = {"access-control-request-headers": "authorization, content-type, x-canary"}
    response = client.options(path, headers=PREFLIGHT | asked)
    assert (response.status_code, response.content) == (204, b"")
    # A second value would make a browser refuse the answer.
    assert response.headers.get_list("access-control-allow-origin") == ["*"]
    assert response.headers["access-control-allow-headers"] == "content-type, if-none-match"
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, POST"
    assert response.headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in response.headers
    # RFC 9110, section 8.6: a 204 has no Content-Length.
    assert "content-length" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/v1/officer/search", "/v1/provider/services", "/v1/curation/proposals", "/officer", "/officer/", "/provider/",
        "/curator", "/curator/", "/curator/services",
    ],
)  # fmt: skip
def test_nothing_private_is_open_to_other_pages(client: Client, path: str) -> None:
    for response in (
        client.options(path, headers=PREFLIGHT),
        client.get(path, headers={"origin": "https://x.example"}),
    ):
        # The pages are there for everybody, but no page of others may read them.
        expected = (401, 404, 405) if path.startswith("/v1/") else (200, 303, 308, 405)
        assert response.status_code in expected
        assert [name for name in response.headers if name.startswith("access-control-")] == []
        assert response.headers["cache-control"] == "private, no-store"
        assert response.headers["cross-origin-resource-policy"] == "same-origin"


def test_every_answer_has_the_headers_of_the_house(client: Client) -> None:
    for path in [*readable(client), "/v1/nothing"]:
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
        assert "cache-control" in headers
        assert "server" not in headers
        assert len(headers.multi_items()) == len(set(headers)), "each header once"


def test_request_ids_differ_and_are_never_taken_from_outside(client: Client) -> None:
    mine = "canary-request-id"
    ids = {
        client.get("/v1/nothing", headers={"x-request-id": mine}).headers["x-request-id"] for _ in range(20)
    }
    assert len(ids) == 20
    assert mine not in ids


@pytest.mark.parametrize("method", ["post", "get"])
def test_a_search_answer_is_kept_nowhere(client: Client, method: str) -> None:
    response = (
        client.post("/v1/services/search", json={"postcode": "B1 1BB"})
        if method == "post"
        else client.get("/v1/services", params={"postcode": "B1 1BB"})
    )
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    "params", [{"need": "safe_house"}, {"sex": "women"}, {"text": "refuge"}, {"language": "sqi"}]
)
def test_a_filtered_list_says_what_somebody_looks_for_and_is_kept_nowhere(
    client: Client, params: dict[str, str]
) -> None:
    response = client.get("/v1/services", params=params)
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


CONDITIONS_MALFORMED = ["", "abc", "W/abc", '"abc', 'abc"', '"a" "b"', '"a""b"', "*, *", '*, "a"', '"a"; "b"', "'a'", 'w/"a"', '"a",b', '"a b"', ",", ", ,", '"a"' + " " * 4000 + "x", '"' + "a" * 4096 + '"']  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS_MALFORMED, ids=range(len(CONDITIONS_MALFORMED)))
@pytest.mark.parametrize("path", ["/v1/areas", "/v1/services", "/v1/vocabulary"])
def test_a_condition_that_cannot_be_read_is_refused(client: Client, path: str, condition: str) -> None:
    response = client.get(path, headers={"if-none-match": condition})
    assert_problem(client.app, response, 400, "condition-invalid")


def test_a_condition_may_be_4_kb(client: Client) -> None:
    tag = client.get("/v1/areas").headers["etag"]
    listed = ", ".join(['"' + "x" * 60 + '"'] * 60 + [tag])
    assert len(listed) < 4096
    assert client.get("/v1/areas", headers={"if-none-match": listed}).status_code == 304
    assert_problem(
        client.app,
        client.get("/v1/areas", headers={"if-none-match": f"{listed}, {listed}"}),
        400,
        "condition-invalid",
    )


def test_condition_forms_are_compared_weakly(client: Client) -> None:
    tag = client.get("/v1/areas").headers["etag"]
    forms = [
        tag,
        f"W/{tag}",
        "*",
        f'"other", {tag}',
        f'{tag},"other"',
        f",, {tag} ,,",
        f"\t{tag}\t",
        f'W/"", {tag}',
    ]
    for form in forms:
        assert client.get("/v1/areas", headers={"if-none-match": form}).status_code == 304
    two = [("if-none-match", '"other"'), ("if-none-match", tag)]
    assert client.get("/v1/areas", headers=two).status_code == 304
    for other in ['"other"', 'W/"other"', '""', tag[:-2] + '"', tag.upper().replace('"', '"', 1) + ', "x"']:
        if tag not in other:
            assert client.get("/v1/areas", headers={"if-none-match": other}).status_code == 200


def test_every_service_can_be_read_in_every_way(client: Client) -> None:
    for one in service_ids(client):
        for rest in ("", "/referral-routes", "/coverage", "/capacity"):
            assert client.get(f"/v1/services/{one}{rest}").status_code == 200
