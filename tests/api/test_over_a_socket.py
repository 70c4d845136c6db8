"""What only a socket shows: the server as `directory serve` starts it, spoken to byte by byte."""

import json
import socket

import pytest

from tests.api.served import RawAnswer, Server, read_answer

GOOD = b'{"postcode": "B69 3DE"}'
JSON = "Content-Type: application/json"
LIMIT = 64 * 1024


def slug(answer: RawAnswer) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(json.loads(answer.body)["type"].rpartition("/")[2])


def test_a_search_is_answered(server: Server) -> None:
    answer = server.request("POST", "/v1/services/search", JSON, body=GOOD)
    assert answer.status == 200
    assert json.loads(answer.body)["place"]["local_authorities"][0]["name"] == "Sandwell"
    assert "server" not in answer.headers


def test_head_has_the_length_of_get_and_the_connection_goes_on(server: Server) -> None:
    line = b"HEAD /v1/areas HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with server.connect() as link:
        lengths = []
        for _ in range(3):
            link.sendall(line)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += link.recv(1)
            assert head.startswith(b"HTTP/1.1 200")
            lengths.append(
                next(part for part in head.lower().split(b"\r\n") if part.startswith(b"content-length"))
            )
    assert set(lengths) == {
        f"content-length: {server.request('GET', '/v1/areas').headers['content-length']}".encode()
    }


@pytest.mark.parametrize("path", ["/v1/services/search", "/v1/place", "/find"])
def test_a_large_body_is_refused_before_it_arrives_and_the_connection_ends(server: Server, path: str) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded" if path == "/find" else JSON
    answer = server.request("POST", path, kind, "Content-Length: 10485760")
    assert (answer.status, answer.closed) == (413, True)
    if path != "/find":
        assert slug(answer) == "body-too-large"


@pytest.mark.parametrize("path", ["/v1/services/search", "/v1/place"])
def test_a_dripped_body_is_refused_where_it_passes_the_limit(server: Server, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with server.connect() as link:
        link.sendall(head.encode())
        piece = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
        for _ in range(LIMIT // 0x1000):
            link.sendall(piece)
        # To here every byte is allowed; the next piece is one too many.
        link.sendall(piece)
        answer = read_answer(link)
    assert (answer.status, slug(answer), answer.closed) == (413, "body-too-large", True)


def test_a_chunked_body_within_the_limit_is_read(server: Server) -> None:
    chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in GOOD) + b"0\r\n\r\n"
    head = f"POST /v1/place HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert server.send(head.encode() + chunks).status == 200


def test_a_client_that_leaves_in_the_middle_harms_nobody(server: Server) -> None:
    head = f"POST /v1/place HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: 500\r\n\r\n"
    for _ in range(20):
        with server.connect() as link:
            link.sendall(head.encode() + b'{"postcode": "B6')
    assert server.request("GET", "/health/live").status == 200
    assert "request_failed" not in server.output.read_text()


@pytest.mark.parametrize(
    "hosts",
    [b"", b"Host: localhost\r\nHost: evil.example\r\n", b"Host: evil.example\r\nHost: localhost\r\n", b"Host: localhost\r\nhost: localhost\r\n"],
    ids=["none", "second evil", "first evil", "twice"],
)  # fmt: skip
def test_not_exactly_one_host_is_malformed(server: Server, hosts: bytes) -> None:
    answer = server.send(b"GET /v1/areas HTTP/1.1\r\n" + hosts + b"\r\n")
    assert (answer.status, slug(answer)) == (400, "malformed")


@pytest.mark.parametrize(
    "path", [b"/v1/areas", b"/v1/areas/", b"/v1/services?postcode=B69+3DE", b"//evil.example/"]
)
def test_an_evil_host_is_sent_nowhere(server: Server, path: bytes) -> None:
    answer = server.send(b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert (answer.status, slug(answer)) == (421, "misdirected")
    assert "location" not in answer.headers
    assert b"evil.example" not in answer.body


def test_an_absolute_address_never_comes_back(server: Server) -> None:
    # The server takes the path of it; nothing in an answer is made from what a client calls us.
    answer = server.send(b"GET http://evil.example/v1/areas/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.status in (400, 404, 421)
    assert b"evil.example" not in answer.body
    assert "location" not in answer.headers


SMUGGLED = {
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "negative length": b"Content-Length: -1\r\n\r\n",
    "length of words": b"Content-Length: five\r\n\r\nhello",
    "overflowing length": b"Content-Length: 99999999999999999999999999\r\n\r\n",
    "bad chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "folded header": b"X-Folded: one\r\n two\r\nContent-Length: 0\r\n\r\n",
    "blank before colon": b"Content-Length : 0\r\n\r\n",
    "bare line feeds": b"X-One: 1\nX-Two: 2\n\n",
    "NUL in a header": b"X-One: a\x00b\r\n\r\n",
    "no colon": b"canary\r\n\r\n",
}


@pytest.mark.parametrize("framing", SMUGGLED.values(), ids=SMUGGLED)
def test_ambiguous_framing_is_refused_and_the_connection_ends(server: Server, framing: bytes) -> None:
    request = b"POST /v1/place HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + framing
    with server.connect() as link:
        link.sendall(request + b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        link.shutdown(socket.SHUT_WR)
        received = b""
        while piece := link.recv(65536):
            received += piece
    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))
    assert b'"live"' not in received, "what follows must not be taken for a request of its own"


@pytest.mark.parametrize(
    "line",
    [b"GET", b"GET / HTTP/9.9", b"FOO /v1/areas HTTP/1.1", b"get /v1/areas HTTP/1.1", b"GET /v1/areas\xff HTTP/1.1",
     b"GET /v1/\xc3\xa9 HTTP/1.1", b"\x16\x03\x01\x02\x00\x01", b"CONNECT evil.example:443 HTTP/1.1",
     b"PRI * HTTP/2.0", b"OPTIONS * HTTP/1.1", b"TRACE / HTTP/1.1", b"PROPFIND / HTTP/1.1"],
)  # fmt: skip
def test_an_odd_request_line_is_refused(server: Server, line: bytes) -> None:
    with server.connect() as link:
        link.sendall(line + b"\r\nHost: localhost\r\n\r\n")
        link.shutdown(socket.SHUT_WR)
        received = b""
        while piece := link.recv(65536):
            received += piece
    status = received[9:12]
    assert received == b"" or status in (b"400", b"404", b"405", b"505")
    assert b"evil.example" not in received
    assert server.request("GET", "/health/live").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/areas/%zz",
        "/v1/areas/%",
        "/v1/areas/%ff",
        "/v1/areas/%c0%ae%c0%ae/",
        "/v1/services/..%2f..%2fetc/passwd",
        "/%00",
    ],
)
def test_odd_escapes_in_a_path_are_not_found(server: Server, path: str) -> None:
    answer = server.request("GET", path)
    assert (answer.status, slug(answer)) == (404, "not-found")


@pytest.mark.parametrize("query", ["limit=%ff", "limit=%zz", "limit=%c0%ae", "limit=\xff"])
def test_a_query_of_other_bytes_is_refused(server: Server, query: str) -> None:
    answer = server.request("GET", f"/v1/areas?{query}")
    assert answer.status in (400, 422)
    if answer.status == 422:
        assert slug(answer) == "validation"


def test_a_long_address_is_too_long(server: Server) -> None:
    answer = server.request("GET", "/v1/areas?" + "x" * 20_000)
    assert (answer.status, slug(answer)) == (414, "uri-too-long")


def test_an_address_that_the_parser_does_not_take_is_refused_without_an_echo(server: Server) -> None:
    # Beyond 64 kB the parser answers itself, in plain text; a proxy in front would say 414.
    answer = server.request("GET", "/v1/areas?" + "canary" * 12_000)
    assert answer.status in (400, 414)
    assert b"canary" not in answer.body


def test_large_headers_are_refused(server: Server) -> None:
    for headers in (["X-Large: " + "x" * 64_000], [f"X-{number}: 1" for number in range(2000)]):
        answer = server.request("GET", "/v1/areas", *headers)
        assert (answer.status, slug(answer)) == (431, "headers-too-large")


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    paths = ["/health/live", "/v1/areas/E08000028", "/v1/nothing"] * 10
    lines = [f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths]
    last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with server.connect() as link:
        link.sendall("".join([*lines, last]).encode())
        received = b""
        while piece := link.recv(65536):
            received += piece
    statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 200, 404] * 10 + [200]


def test_forwarded_addresses_of_strangers_change_nothing(server: Server) -> None:
    answer = server.request(
        "GET",
        "/v1/nothing",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        "Forwarded: host=evil.example",
    )
    assert answer.status == 404
    assert json.loads(answer.body)["type"] == f"http://127.0.0.1:{server.port}/problems/not-found"
