"""Nobody can learn who searched for what: not from the output of the server, not from a file it keeps, not from spans."""

import json
import random
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from app.geo.gazetteer_layout import (
    INWARD_CODES,
    NO_AUTHORITY,
    SUM_BYTES,
    parse_header,
    read_header,
    sum_of,
)
from tests.api.addresses import POSTED, readable
from tests.api.served import Client, Server, copied_folder, running_server

REQUESTS = 600
ONE_LINE = {"event", "level", "method", "ms", "request_id", "route", "status", "ts"}
CANARY_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def lines_of(text: str) -> list[dict[str, object]]:
    """Every line of JSON in an output; the start also greets whoever runs it in a terminal."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.fixture
def logged_client(client: Client, capsys: pytest.CaptureFixture[str]) -> Client:
    capsys.readouterr()
    return client


def test_every_request_has_one_line_with_the_template_of_its_route(
    logged_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = readable(logged_client)
    capsys.readouterr()
    ids = [logged_client.get(path).headers["x-request-id"] for path in paths]
    ids += [logged_client.head(path).headers["x-request-id"] for path in paths]
    ids += [logged_client.post(path, json=body).headers["x-request-id"] for path, body in POSTED.items()]
    ids += [
        logged_client.get(path).headers["x-request-id"]
        for path in ("/v1/canary", "/v1/services/x", "/v1/areas?a=b")
    ]
    ids += [
        logged_client.options("/v1/place", headers={"access-control-request-method": "POST"}).headers[
            "x-request-id"
        ]
    ]
    logged = [line for line in lines_of(capsys.readouterr().out) if line["event"] == "request"]
    assert [line["request_id"] for line in logged] == ids
    assert all(set(line) == ONE_LINE for line in logged)
    declared = {
        *logged_client.app.openapi()["paths"],
        "none",
        "/find",
        "/find/know",
        "/find/safety",
        "/find/privacy",
        "/find/accessibility",
        "/demo",
        "/widget",
        "/widget/{name}",
        "/widget/v1/messages/{language}",
        "/",
        "/static/{name}",
        "/openapi.json",
        "/oruk/openapi.json",
        "/docs",
        "/redoc",
    }
    assert {str(line["route"]) for line in logged} <= {*declared, "/problems/{slug}"}
    assert {str(line["method"]) for line in logged} == {"GET", "HEAD", "POST", "OPTIONS"}


class Canaries:
    """Values that stand in no file and no answer but by being searched for; each request gets its own."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.sent: set[str] = set()

    def _kept(self, value: str, *forms: str) -> str:
        self.sent.update((value, quote(value), *forms))
        return value

    def word(self) -> str:
        return self._kept("canary" + "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz", k=12)))

    def postcode(self) -> str:
        outward = self._chance.choice(("B69", "CV1", "WV10", "B31", "ZZ99"))
        inward = self._chance.choice("0123456789") + "".join(self._chance.choices(CANARY_LETTERS, k=2))
        return self._kept(f"{outward} {inward}", f"{outward}{inward}", f"{outward}+{inward}")

    def degrees(self) -> tuple[float, float]:
        lat = round(52.4 + self._chance.random() / 5, 9)
        lon = round(-2.1 + self._chance.random() / 5, 9)
        self._kept(str(lat))
        self._kept(str(lon))
        return lat, lon


def asked(canaries: Canaries) -> Iterator[tuple[str, str, str, bytes]]:
    """(method, target, media type, body) of searches that are good, wrong, broken, and lost on the way."""
    json_type, form_type = "application/json", "application/x-www-form-urlencoded"
    while True:
        lat, lon = canaries.degrees()
        word, postcode = canaries.word(), canaries.postcode()
        good = {"postcode": postcode, "text": word, "age": 17, "language": "sqi"}
        yield "POST", "/v1/services/search", json_type, json.dumps(good).encode()
        yield (
            "POST",
            "/v1/services/search",
            json_type,
            json.dumps({"lat": lat, "lon": lon, "need": word}).encode(),
        )
        yield (
            "POST",
            "/v1/services/search",
            json_type,
            json.dumps({"postcode": postcode, word: word}).encode(),
        )
        yield "POST", "/v1/services/search", json_type, f'{{"postcode": "{postcode}", {word}'.encode()
        yield "POST", "/v1/services/search", f"text/{word}", json.dumps(good).encode()
        yield (
            "POST",
            f"/v1/place?{word}={quote(postcode)}",
            json_type,
            json.dumps({"postcode": postcode}).encode(),
        )
        yield "POST", "/v1/place", json_type, json.dumps({"postcode": f"{postcode};{word}"}).encode()
        yield "GET", f"/v1/services?postcode={quote(postcode)}&text={word}", "", b""
        yield "GET", f"/v1/services?lat={lat}&lon={lon}", "", b""
        yield "GET", f"/v1/services?{word}={quote(postcode)}", "", b""
        yield "GET", f"/oruk/service_at_locations?postcode={quote(postcode)}&search={word}", "", b""
        yield "GET", f"/oruk/service_at_locations?postcode={quote(postcode)}&{word}=1", "", b""
        yield (
            "POST",
            "/oruk/service_at_locations",
            json_type,
            json.dumps({"postcode": postcode, "search": word, "proximity": 900}).encode(),
        )
        yield "GET", f"/v1/services?cursor={word}", "", b""
        yield "GET", f"/v1/areas/{word}", "", b""
        yield "GET", f"/{word}/{quote(postcode)}", "", b""
        yield "POST", "/find", form_type, f"postcode={quote(postcode)}&need=casework_advocacy".encode()
        yield "POST", "/find", form_type, f"postcode={quote(postcode)}&need={word}".encode()
        yield "GET", f"/find?postcode={quote(postcode)}", "", b""
        yield word[:7].upper(), f"/v1/{word}", "", b""


def search_with_canaries(server: Server, seed: int) -> tuple[Canaries, list[int]]:
    canaries = Canaries(seed)
    statuses = []
    for number, (method, target, media_type, body) in zip(range(REQUESTS), asked(canaries), strict=False):
        headers = [f"Content-Type: {media_type}"] if media_type else []
        headers += [f"User-Agent: {canaries.word()}", f"Referer: https://{canaries.word()}.example/"]
        if number % 50 == 49:
            # Gone in the middle of the body.
            with server.connect() as link:
                link.sendall(
                    f"POST /v1/place HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{canaries.postcode()}".encode()
                )
                link.shutdown(socket.SHUT_WR)
        statuses.append(server.request(method, target, *headers, body=body).status)
    return canaries, statuses


def kept_bytes(server: Server) -> dict[str, bytes]:
    """Everything the process has written: its output and every file of the data folder."""
    files = [file for file in server.folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return {file.name: file.read_bytes() for file in (server.output, server.errors, *files)}


def assert_none_kept(server: Server, canaries: Canaries) -> None:
    kept = kept_bytes(server)
    assert {"stdout", "stderr", "directory.sqlite"} <= set(kept)
    found = {
        name: [value for value in canaries.sent if value.encode() in content]
        for name, content in kept.items()
    }
    assert {name: values for name, values in found.items() if values} == {}


def test_no_searched_value_is_written_anywhere(seeded: Path, tmp_path: Path) -> None:
    folder = copied_folder(seeded, tmp_path / "var")
    # A variable of the server's own, which platforms set, is no setting of ours: it would not start with this one.
    with running_server(
        folder, tmp_path / "logs", DIRECTORY_LOG_LEVEL="debug", WEB_CONCURRENCY="two"
    ) as server:
        before = len(kept_bytes(server)["stdout"])
        canaries, statuses = search_with_canaries(server, seed=1)
    assert {200, 400, 404, 415, 422} <= set(statuses)
    assert 500 not in statuses
    assert_none_kept(server, canaries)
    requests = [line for line in lines_of(server.output.read_text()) if line["event"] == "request"]
    assert len(requests) >= REQUESTS - statuses.count(400) // 2
    # What was looked through had grown: the output alone, as files of the database go when the server ends.
    assert len(kept_bytes(server)["stdout"]) > before
    assert server.errors.read_text() == ""


def break_look_up(file: Path, whole: Path) -> None:
    """A gazetteer that opens, and in which every postcode points to an authority that is not there."""
    content = bytearray(whole.read_bytes())
    start, length = read_header(bytes(content[:16]))
    header = parse_header(bytes(content[start : start + length]))
    offset, count = header.columns["authority"]
    offset += start + length
    content[offset : offset + 2 * count] = np.full(count, NO_AUTHORITY - 1, np.uint16).tobytes()
    content[-SUM_BYTES:] = sum_of(bytes(content[:-SUM_BYTES])).to_bytes(SUM_BYTES, "little")
    file.unlink()
    file.write_bytes(content)


def test_no_searched_value_is_written_when_the_service_fails(
    seeded: Path, gazetteer_file: Path, tmp_path: Path
) -> None:
    folder = copied_folder(seeded, tmp_path / "var")
    break_look_up(folder / "gazetteer.bin", gazetteer_file)
    with closing(sqlite3.connect(folder / "directory.sqlite")) as link, link:
        # Those of places are looked up when the directory is loaded: it would not be there to be searched.
        link.execute("UPDATE location SET postal_code = NULL")
    with running_server(folder, tmp_path / "logs", DIRECTORY_LOG_LEVEL="debug") as server:
        canaries, statuses = search_with_canaries(server, seed=2)
        failed = server.request(
            "POST", "/v1/place", "Content-Type: application/json", body=b'{"postcode": "B69 3DE"}'
        )
    assert statuses.count(500) >= 20
    assert failed.headers["content-type"] == "application/problem+json"
    assert failed.headers["access-control-allow-origin"] == "*"
    problem = json.loads(failed.body)
    assert problem["type"].endswith("/problems/internal-error")
    assert len(problem["always"]) > 1
    assert b"IndexError" not in failed.body
    (folder / "gazetteer.bin").unlink()
    assert_none_kept(server, canaries)
    lines = lines_of(server.output.read_text())
    [of_it] = [
        line
        for line in lines
        if line["event"] == "request_failed" and line["request_id"] == problem["request_id"]
    ]
    assert of_it["error"] == "IndexError"
    assert any("_row" in str(frame) for frame in of_it["frames"])  # type: ignore[attr-defined]
    assert server.errors.read_text() == ""


def test_the_canaries_would_be_found(server: Server) -> None:
    # What the tests above look for is really in what they look at, once it is written.
    canaries = Canaries(seed=3)
    word = canaries.word()
    leaking = Server(
        server.port, server.folder, server.process, server.folder.parent / "stdout", server.errors
    )
    leaking.output.write_text(f'{{"event": "searched", "text": "{word}"}}\n')
    try:
        with pytest.raises(AssertionError, match=word):
            assert_none_kept(leaking, canaries)
    finally:
        leaking.output.unlink()


def test_inward_canaries_are_possible_postcodes() -> None:
    assert {letter for code in INWARD_CODES for letter in code[1:]} == set(CANARY_LETTERS)
